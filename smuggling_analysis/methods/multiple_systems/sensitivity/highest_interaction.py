"""The interaction of all lists at once, which no data can show: what an estimate becomes if it is not none."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import MOST_DENSE_LISTS, CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members
from smuggling_analysis.methods.multiple_systems.sensitivity.adjusted_tables import Limits
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

_LARGEST_EXPONENT = 600.0


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class AssumedAway(Sensitivity):
    """An estimate as a function of the interaction of all lists, which has to be taken as known.

    Parameters
    ----------
    frame : DataFrame
        One row for each odds ratio: `odds_ratio, value, lower, upper, refusal`.
    n_lists : int
        Number of lists.
    yardstick : DataFrame
        The interactions that the counts do show, the largest first: `lists, odds_ratio, lower, upper`.
    measured : str
        Where the yardstick was read.
    tips : Tips
        Where the conclusion turns.
    """

    n_lists: int
    yardstick: pd.DataFrame
    measured: str
    tips: Tips

    @property
    def tipping_point(self) -> float | None:
        """The odds ratio nearest to 1 at which the conclusion turns; None if it does not within the range."""
        return self.tips.nearest

    @property
    def plausible(self) -> float:
        """The odds ratio in the middle of the interactions that the counts show, all taken upwards; 2 without any."""
        if self.yardstick.empty:
            return MODERATE
        return float(np.exp(np.abs(np.log(self.yardstick["odds_ratio"])).median()))

    @property
    def span(self) -> tuple[float, float]:
        """The least and the largest estimate if the interaction is as strong as those that the counts show."""
        return self._at(1 / self.plausible), self._at(self.plausible)

    @property
    def sentence(self) -> str:
        """What to print."""
        low, high = self.span
        where = self.tips.said(self.conclusion, list(self.frame["odds_ratio"]))
        strong = f"an odds ratio of {spoken(self.plausible)}, either way"
        if not self.yardstick.empty:
            first = self.yardstick.iloc[0]
            strong += (f" (the middle of those the counts show; the strongest is {spoken(first['odds_ratio'])}, of "
                       f"{first['lists']})")
        whole = "both lists" if self.n_lists == 2 else f"all {self.n_lists} lists at once"
        number, low_end, high_end = (numerals.number(one, digits=3) for one in (self.original.value, low, high))
        return (f"The interaction of {whole} cannot be seen in any data. With {strong}, the estimate of {number} would "
                f"lie between {low_end} and {high_end}; {where}")

    def _at(self, factor: float) -> float:
        observed = self.original.observed or 0.0
        return observed + (self.original.value - observed) * factor


def assumed_away(histories: CaptureHistories, *, odds_ratios: Iterable[float] = ODDS_RATIOS, method: str = "loglinear",
                 against: float | None = None, original: Estimate | None = None, **options: Any) -> AssumedAway:
    """Show what an estimate becomes if the interaction of all lists is not what the method takes it to be.

    The people on no list can be inferred only if one number about all lists at once is taken as known, most often that
    they have no interaction beyond those of fewer lists (Fienberg 1972; Bishop, Fienberg and Holland 1975). Any other
    value fits what was observed equally well: an odds ratio theta in its place leaves the expected number with every
    observed history as it is and multiplies the people on no list by theta for an even number of lists and divides them
    by it for an odd one. That holds for every method. How large an interaction is plausible is read off those that can
    be seen: the largest terms of the log-linear model (the one that was fitted, else the one BIC chooses), or where
    that has none, each pair's own, added to the independent lists.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    odds_ratios : iterable of float
        Above 0, up to a thousand million; 1 is always added. By default 21 from a tenth to ten.
    method : str
        A name in METHODS.
    against : float, optional
        A number of people to hold the estimate against, instead of its own interval.
    original : Estimate, optional
        What the method gives with these options, if it was made before; it is not made again then.
    **options
        Options of the method; where chance plays a part and no `rng` is among them, its seed is 0.

    Returns
    -------
    AssumedAway
        `frame`, `tips`, `tipping_point`, `yardstick` and a sentence.

    Raises
    ------
    ValueError
        If the method or an odds ratio makes no sense.
    NoEstimate
        If the method refuses the table.

    References
    ----------
    Fienberg, S. E. (1972). The multiple recapture census for closed populations and incomplete 2^k contingency
    tables. Biometrika 59(3), 591-603. doi:10.1093/biomet/59.3.591

    Bishop, Y. M. M., Fienberg, S. E. and Holland, P. W. (1975). Discrete Multivariate Analysis: Theory and Practice.
    Cambridge, Massachusetts: MIT Press. Chapter 6.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> found = assumed_away(histories, odds_ratios=[0.5, 2], model="[12,3]")
    >>> found.frame["value"].round(1).tolist(), round(found.tipping_point, 3)
    ([554.3, 356.6, 257.8], 0.533)
    """
    asked = Asked.of(method, options)
    ratios = along(odds_ratios)
    original = asked.original(histories, original)
    conclusion = Conclusion.of(original, against)
    observed, sign = histories.n_observed, 1 if histories.n_lists % 2 == 0 else -1
    unseen = Limits.of(original, observed)
    rows = []
    for ratio in ratios:
        if ratio == 1.0:
            rows.append((ratio, original.value, original.lower, original.upper, ""))
        else:
            there = unseen.scaled(ratio**sign)
            rows.append((ratio, observed + there.value, observed + there.lower, observed + there.upper, ""))
    frame = pd.DataFrame(rows, columns=["odds_ratio", "value", "lower", "upper", "refusal"])
    turned = tips(ratios, list(frame["value"]), conclusion, observed, lambda x: observed + unseen.value * x**sign)
    yardstick, measured = _yardstick(asked, histories, original)
    return AssumedAway(original=original, frame=frame, what="interaction of all lists, as strong as those seen",
                       conclusion=conclusion, n_lists=histories.n_lists, yardstick=yardstick, measured=measured,
                       tips=turned)


def _yardstick(asked: Asked, histories: CaptureHistories, original: Estimate) -> tuple[pd.DataFrame, str]:
    """Return the interactions that the counts show, and where they were read."""
    nothing = pd.DataFrame({"lists": [], "odds_ratio": [], "lower": [], "upper": []})
    if not 2 < histories.n_lists <= MOST_DENSE_LISTS:
        return nothing, "two lists show none"
    model = Dependent(asked, histories, original).model or _chosen(histories)
    level = original.confidence_level
    if model is not None and model.order > 1:
        largest = [term for term in model.terms if term.bit_count() == model.order]
        rows = _interactions(histories, [(model, term) for term in largest], level)
        if rows:
            return _sorted(rows, nothing), f"the terms of {model.order} lists in the model {model.notation}"
    pairs = [(1 << one) | (1 << other) for one, other in combinations(range(histories.n_lists), 2)]
    rows = _interactions(histories, [(Model(histories.n_lists, (pair,)), pair) for pair in pairs], level)
    return _sorted(rows, nothing), "each pair's own term, added to the independent lists"


def _chosen(histories: CaptureHistories) -> Model | None:
    for selection in ("bic", "stepwise"):
        try:
            found = Asked.of("loglinear", {"selection": selection, "interval": "log-normal"})(histories)
        except (NoEstimate, ValueError):
            continue
        return Model.parse(found.diagnostics["model"], histories.lists)
    return None


def _interactions(histories: CaptureHistories, asked: list[tuple[Model, int]],
                  level: float) -> list[tuple[str, float, float, float]]:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    cells, rows = histories.dense().astype(float), []
    for model, term in asked:
        fits = fit(cells, [model])
        place = model.terms.index(term)
        middle, half = float(fits.theta[0, place]), z * float(fits.error[0, place])
        if fits.estimable[0] and abs(middle) + half < _LARGEST_EXPONENT:
            name = " and ".join(sorted(histories.lists[one] for one in members(term)))
            rows.append((name, math.exp(middle), math.exp(middle - half), math.exp(middle + half)))
    return rows


def _sorted(rows: list[tuple[str, float, float, float]], empty: pd.DataFrame) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda row: (-round(abs(math.log(row[1])), 9), row[0]))
    return pd.DataFrame(ordered, columns=empty.columns) if ordered else empty
