"""The dependence between lists that the data cannot rule out, as a band of odds ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked
from smuggling_analysis.methods.multiple_systems.sensitivity.dependent_fits import Dependent
from smuggling_analysis.methods.multiple_systems.sensitivity.odds_ratios import (
    MODERATE,
    ODDS_RATIOS,
    Tips,
    along,
    spoken,
    tips,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity

ALL_PAIRS = "all pairs"
# A pair whose odds ratio changes the unseen by less than this share does not move them.
_STILL = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DependenceBand(Sensitivity):
    """An estimate as a function of the dependence between lists that its method does not account for.

    Parameters
    ----------
    frame : DataFrame
        One row for each odds ratio of each group of lists: `lists, odds_ratio, value, lower, upper, deviance, refusal`.
        The deviance is of the log-linear model with that odds ratio (NaN for other methods): the less, the better it
        agrees with the counts.
    lists : str
        The group that the band is about, as `frame` and `tips` name it: "police and ngo" or "all pairs".
    pairs : DataFrame
        One row for each pair: `lists, in_model, at_lowest, at_highest, moved, allowed_lower, allowed_upper, refusal`.
        `in_model` says whether the model estimates the pair's dependence itself, so that no odds ratio moves it;
        `moved` is the largest factor by which the unseen change; the odds ratios allowed are those the counts agree
        with if nothing else is missing from the log-linear model (NaN where they say nothing).
    tips : mapping of str to Tips
        Where the conclusion turns, for each group.
    """

    lists: str
    pairs: pd.DataFrame
    tips: Mapping[str, Tips]

    @property
    def band(self) -> pd.DataFrame:
        """The rows of `frame` of the group that the band is about."""
        return self.frame[self.frame["lists"] == self.lists].reset_index(drop=True)

    @property
    def tipping_point(self) -> float | None:
        """The odds ratio nearest to 1 at which the conclusion turns; None if it does not within the range."""
        return self.tips[self.lists].nearest

    @property
    def span(self) -> tuple[float, float]:
        """The least and the largest estimate between half and twice the odds."""
        return _moderate(self.band, self.original.value)

    @property
    def sentence(self) -> str:
        """What to print."""
        band = self.band
        if band["value"].notna().sum() < 2:
            return (f"No other odds ratio of {self.lists} has an estimate to hold against {self._number}: "
                    f"{band['refusal'].max()}")
        told = [f"{numerals.number(row['value'], digits=3)} with an odds ratio of {spoken(row['odds_ratio'])}"
                for row in (band.iloc[0], band.iloc[-1]) if row["odds_ratio"] != 1.0 and not row["refusal"]]
        numbers = f" would be {' and '.join(told)};" if told else " is refused at both ends;"
        if (abs(band["value"].dropna() / self.original.value - 1) < _STILL).all():
            why = ("the method takes it that everybody was seen, and any multiple of nobody is nobody"
                   if self.original.value <= (self.original.observed or 0.0) else
                   "the method estimates that dependence itself from the counts, and takes the interaction of all "
                   "lists for granted instead")
            return f"No odds ratio of {self.lists} moves the estimate of {self._number}: {why}"
        where = self.tips[self.lists].said(self.conclusion, list(band["odds_ratio"]))
        return (f"If {self.lists} depend on one another beyond what the method takes into account, the estimate of "
                f"{self._number}{numbers} {where}{self._allowed()}")

    @property
    def _number(self) -> str:
        return numerals.number(self.original.value, digits=3)

    def _allowed(self) -> str:
        own = self.pairs[self.pairs["lists"] == self.lists]
        if own.empty or own[["allowed_lower", "allowed_upper"]].isna().any(axis=None):
            return ""
        limits = numerals.span(*own[["allowed_lower", "allowed_upper"]].iloc[0], digits=2)
        return f". If nothing else is missing from the model, the counts agree with odds ratios of {limits}"


def dependence_band(histories: CaptureHistories, *, pair: tuple[str, str] | str | None = None,
                    odds_ratios: Iterable[float] = ODDS_RATIOS, method: str = "loglinear",
                    against: float | None = None, original: Estimate | None = None,
                    **options: Any) -> DependenceBand:
    """Show what an estimate becomes if two lists depend on one another more, or less, than its method knows.

    Whatever a method makes of the dependence between two lists, there may be more of it: the odds of being on one list
    are so many times higher for those on the other, among people alike in all other lists. That odds ratio is fixed at
    one value after another (Gerritse, van der Heijden and Bakker 2015; Zhang and Small 2020).

    - A log-linear model (`method="loglinear"`): its logarithm is an offset of the histories on both lists, in the
      model that was chosen without it; the choice is not repeated, because a model with the pair's own term undoes any
      offset. A pair that is in the model is not moved: the counts decide there. The interval is made in the same way as
      the original's; that of a bootstrap is carried over, in proportion to the unseen. With covariates the model is
      held as well, and fitted to the adjusted table below.
    - Two lists, any method: the unseen and their limits are multiplied by the odds ratio, which is the same.
    - Any other method is asked of the table that would have been counted without the dependence: histories on both
      lists hold as many people, divided by the odds ratio. Where a method takes the lists to be free of it, that is the
      same adjustment as the offset, but for the weight that each count has in the fit; methods that find a dependence
      by themselves find it in the adjusted table, too, and are moved less. Limits below an odds ratio of 1 are at least
      as wide, in proportion to the unseen, as the original's.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    pair : (str, str) or "all pairs", optional
        The lists. By default the pair that moves the estimate most, and beside it all pairs at once, each with the same
        odds ratio.
    odds_ratios : iterable of float
        Above 0, up to a thousand million; 1 is always added. By default 21 from a tenth to ten.
    method : str
        A name in METHODS.
    against : float, optional
        A number of people, such as one that was published: the conclusion then is on which side of it the estimate
        lies. By default it is the interval of the original.
    original : Estimate, optional
        What the method gives with these options, if it was made before; it is not made again then.
    **options
        Options of the method; where chance plays a part and no `rng` is among them, its seed is 0.

    Returns
    -------
    DependenceBand
        `frame`, `tips`, `tipping_point`, `pairs` and a sentence.

    Raises
    ------
    ValueError
        If the pair, the method or an odds ratio makes no sense.
    NoEstimate
        If the method refuses the table as it is.

    References
    ----------
    Gerritse, S. C., van der Heijden, P. G. M. and Bakker, B. F. M. (2015). Sensitivity of population size estimation
    for violating parametric assumptions in log-linear models. Journal of Official Statistics 31(3), 357-379.

    Zhang, B. and Small, D. S. (2020). Number of healthcare workers who have died of COVID-19. Epidemiology 31(6), e46.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> band = dependence_band(histories, odds_ratios=[0.5, 2], against=400)
    >>> band.frame["value"].round(6).tolist(), round(band.tipping_point, 6)
    ([212.0, 312.0, 512.0], 1.44)
    """
    asked = Asked.of(method, options)
    ratios = along(odds_ratios)
    asked_pair = _checked(pair, histories)
    original = asked.original(histories, original)
    conclusion = Conclusion.of(original, against)
    maker = Dependent(asked, histories, original)
    pairs = _pairs(maker, [asked_pair] if isinstance(asked_pair, tuple) else _every_pair(histories), ratios)
    groups = _groups(asked_pair, histories, pairs)
    frames, turned = [], {}
    for name, lists in groups.items():
        curve = _curve(maker, name, lists, ratios)
        frames.append(curve)
        turned[name] = tips(ratios, list(curve["value"]), conclusion, histories.n_observed, maker.exactly(lists))
    first = next(iter(groups))
    return DependenceBand(original=original, frame=pd.concat(frames, ignore_index=True),
                          what=f"dependence of {first}, odds ratio 1/{MODERATE:g} to {MODERATE:g}",
                          conclusion=conclusion, lists=first, pairs=pairs, tips=turned)


def _checked(pair: tuple[str, str] | str | None, histories: CaptureHistories) -> tuple[str, str] | str | None:
    if pair is None or pair == ALL_PAIRS:
        return pair
    names = list(pair) if isinstance(pair, (tuple, list)) else []
    if len(names) != 2 or names[0] == names[1] or not all(name in histories.lists for name in names):
        raise ValueError(f"pair is two of the lists {', '.join(histories.lists)}, or {ALL_PAIRS!r}, got {pair!r}")
    return (names[0], names[1])


def _every_pair(histories: CaptureHistories) -> list[tuple[str, str]]:
    return list(combinations(histories.lists, 2))


def _groups(pair: tuple[str, str] | str | None, histories: CaptureHistories,
            pairs: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Return the groups of pairs to draw a line for, the one the band is about first."""
    everyone = {ALL_PAIRS: _every_pair(histories)}
    if isinstance(pair, tuple):
        return {_named(pair): [pair]}
    if pair == ALL_PAIRS:
        return everyone
    by_name = {_named(one): [one] for one in _every_pair(histories)}
    # Equally moving pairs go by name, so that the order of lists does not matter.
    ranked = sorted(zip(-pairs["moved"].fillna(1.0).round(9), pairs["lists"], strict=True),
                    key=lambda one: (one[0], sorted(one[1].split(" and "))))
    chosen = {ranked[0][1]: by_name[ranked[0][1]]}
    return chosen if histories.n_lists == 2 else {**chosen, **everyone}


def _pairs(maker: Dependent, pairs: Sequence[tuple[str, str]], ratios: Sequence[float]) -> pd.DataFrame:
    rows = []
    first = maker.original.value - maker.histories.n_observed
    for pair in pairs:
        row: dict[str, Any] = {"lists": _named(pair), "in_model": maker.holds(pair), "at_lowest": math.nan,
                               "at_highest": math.nan, "moved": math.nan, "refusal": ""}
        for column, ratio in (("at_lowest", ratios[0]), ("at_highest", ratios[-1])):
            try:
                row[column] = maker.value([pair], ratio)
            except NoEstimate as refusal:
                row["refusal"] = str(refusal)
        unseen = [row[column] - maker.histories.n_observed for column in ("at_lowest", "at_highest")
                  if not math.isnan(row[column])]
        if first > 0.0 and all(number > 0.0 for number in unseen) and unseen:
            row["moved"] = max(max(number / first, first / number) for number in unseen)
        row["allowed_lower"], row["allowed_upper"] = maker.allowed(pair)
        rows.append(row)
    columns = ["lists", "in_model", "at_lowest", "at_highest", "moved", "allowed_lower", "allowed_upper", "refusal"]
    return pd.DataFrame(rows, columns=columns)


def _curve(maker: Dependent, name: str, lists: Sequence[tuple[str, str]], ratios: Sequence[float]) -> pd.DataFrame:
    rows = []
    for ratio in ratios:
        try:
            found = maker.estimate(lists, ratio)
            rows.append((name, ratio, *found, ""))
        except NoEstimate as refusal:
            rows.append((name, ratio, *(math.nan,) * 4, str(refusal)))
    return pd.DataFrame(rows, columns=["lists", "odds_ratio", "value", "lower", "upper", "deviance", "refusal"])


def _moderate(band: pd.DataFrame, value: float) -> tuple[float, float]:
    near = band[np.abs(np.log(band["odds_ratio"])) <= math.log(MODERATE) * (1 + 1e-9)]["value"].dropna()
    return float(min(value, near.min())), float(max(value, near.max()))


def _named(pair: tuple[str, str]) -> str:
    return " and ".join(pair)
