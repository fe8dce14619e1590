"""The same estimate from other choices of lists: each left out, each pair merged, the rare ones dropped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked, people_on
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity

RARE = 0.1
_COLUMNS = ["variant", "n_lists", "observed", "value", "lower", "upper", "change", "inside", "holds_original", "model",
            "refusal"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Variants(Sensitivity):
    """An estimate made again from other choices of lists.

    Parameters
    ----------
    frame : DataFrame
        One row for each choice: `variant, n_lists, observed, value, lower, upper, change, inside, holds_original,
        model, refusal`. `change` is the estimate over the original; `inside` says whether it lies within the original's
        interval, `holds_original` whether its interval holds the original; both are false where it is refused.
    done : str
        What was done to the lists, in words that follow "with".
    """

    done: str

    @property
    def largest(self) -> str | None:
        """The variant that moves the estimate most; None where all are refused or there are none."""
        return _furthest(self.frame)

    @property
    def tipping_point(self) -> str | None:
        """Of the variants that turn the conclusion, the one that moves the estimate most; None if none does."""
        turned = [self.conclusion.turned(value) for value in self.frame["value"]]
        return _furthest(self.frame.loc[np.array(turned, dtype=bool)])

    @property
    def refused(self) -> int:
        """How many variants have no estimate."""
        return int(self.frame["value"].isna().sum())

    @property
    def sentence(self) -> str:
        """What to print."""
        number = numerals.number(self.original.value, digits=3)
        if self.frame.empty:
            return f"There is no other choice of lists to make with {self.done}: the estimate stays {number}"
        if self.largest is None:
            return f"With {self.done} the method refuses every table: nothing can be held against its {number}"
        row = self.frame[self.frame["variant"] == self.largest].iloc[0]
        turned = sum(self.conclusion.turned(value) for value in self.frame["value"])
        many = len(self.frame) - self.refused
        judged = (f"it {self.conclusion.told} in {turned} of {many} cases" if turned else
                  f"it {self.conclusion.kept} in all {many} cases")
        refused = f"; {self.refused} more {'is' if self.refused == 1 else 'are'} refused" if self.refused else ""
        furthest = numerals.number(float(row["value"]), digits=3)
        return (f"With {self.done} the estimate of {number} becomes {numerals.span(*self._ends, digits=3)}, furthest "
                f"away {self.largest} ({furthest}); {judged}{refused}")

    @property
    def _ends(self) -> tuple[float, float]:
        return min(self._values), max(self._values)


def leave_one_list_out(histories: CaptureHistories, *, method: str = "loglinear", against: float | None = None,
                       original: Estimate | None = None, **options: Any) -> Variants:
    """Estimate again without each of the lists.

    If every list draws on the same population and the method is right, the population does not change with the lists
    that are asked about it. A method that visits models visits terms of no more lists than on the whole table, and a
    model that was given is taken without the list.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more; with two, each alone is refused.
    method : str
        A name in METHODS.
    against : float, optional
        A number of people to hold the estimates against, instead of the original's interval.
    original : Estimate, optional
        What the method gives with these options, if it was made before; it is not made again then.
    **options
        Options of the method; where chance plays a part and no `rng` is among them, its seed is 0.

    Returns
    -------
    Variants
        Refusals are rows of `frame`, too.

    Raises
    ------
    ValueError
        If the method is unknown.
    NoEstimate
        If the method refuses the whole table.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> leave_one_list_out(histories).frame[["variant", "value", "inside"]].round(0)
              variant  value  inside
    0  without police  353.0    True
    1     without ngo  329.0    True
    2   without court  336.0    True
    """
    kept = [[(name,) for name in histories.lists if name != left] for left in histories.lists]
    named = [f"without {left}" for left in histories.lists]
    return _varied(histories, Asked.of(method, options), zip(named, kept, strict=True), against, original,
                   "each of the lists left out", "leaving a list out")


def merged_lists(histories: CaptureHistories, *, method: str = "loglinear", against: float | None = None,
                 original: Estimate | None = None, **options: Any) -> Variants:
    """Estimate again with each pair of lists merged into one.

    Two lists of which one feeds the other are one source; merged, their dependence cannot mislead the method. Options
    are read as in `leave_one_list_out`; in a model that was given, the merged list takes both lists' places.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more; two merged into one are refused.
    method, against, original, **options
        As in `leave_one_list_out`.

    Returns
    -------
    Variants

    Raises
    ------
    ValueError, NoEstimate
        As in `leave_one_list_out`.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> merged_lists(histories).largest
    'police and court merged'
    """
    choices = []
    for pair in combinations(histories.lists, 2):
        groups = [tuple(pair) if name == pair[0] else (name,) for name in histories.lists if name != pair[1]]
        choices.append((f"{pair[0]} and {pair[1]} merged", groups))
    return _varied(histories, Asked.of(method, options), choices, against, original,
                   "each pair of lists merged into one", "merging two lists")


def dropped_lists(histories: CaptureHistories, *, rare: float = RARE, method: str = "loglinear",
                  against: float | None = None, original: Estimate | None = None, **options: Any) -> Variants:
    """Estimate again without the rare lists: the smallest first, then the two smallest, and so on.

    A list that holds few people adds little that can be known and many models to choose from.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more.
    rare : float
        A list with less than this share of all people observed is rare. Lists of one size go together; two lists
        are always left.
    method, against, original, **options
        As in `leave_one_list_out`.

    Returns
    -------
    Variants
        With an empty `frame` where no list is rare.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1, or the method is unknown.
    NoEstimate
        If the method refuses the whole table.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 5, ("police", "ngo"): 12, ("police", "court"): 3,
    ...      ("ngo", "court"): 2}, lists=["police", "ngo", "court"])
    >>> dropped_lists(histories).frame["variant"].tolist()
    ['without court']
    """
    if not 0 < rare <= 1:
        raise ValueError(f"rare is a share of the people observed, above 0 and up to 1, got {rare}")
    asked = Asked.of(method, options)
    original = asked.original(histories, original)
    on = histories.totals @ histories.patterns
    size = dict(zip(histories.lists, on.tolist(), strict=True))
    choices = []
    for limit in sorted({count for count in size.values() if count < rare * histories.n_observed}):
        kept = [(name,) for name in histories.lists if size[name] > limit]
        left = sorted((name for name in histories.lists if size[name] <= limit), key=lambda name: (size[name], name))
        if len(kept) > 1:
            choices.append((f"without {', '.join(left)}", kept))
    return _varied(histories, asked, choices, against, original,
                   f"lists of fewer than {numerals.percent(rare)} of the people dropped", "dropping rare lists")


def _varied(histories: CaptureHistories, asked: Asked, choices: Iterable[tuple[str, Sequence[Sequence[str]]]],
            against: float | None, made: Estimate | None, done: str, what: str) -> Variants:
    original = asked.original(histories, made)
    held = asked.held_to(histories)
    rows = []
    for name, groups in choices:
        found, table = estimate_of(histories, held, groups)
        rows.append(_row(name, len(groups), table, found, original))
    return Variants(original=original, frame=pd.DataFrame(rows, columns=_COLUMNS), what=what,
                    conclusion=Conclusion.of(original, against), done=done)


def estimate_of(histories: CaptureHistories, asked: Asked, groups: Sequence[Sequence[str]]) -> tuple[
        Estimate | NoEstimate, CaptureHistories | None]:
    """Estimate from some of the lists, some of them merged; return the table, too (None where nobody is on it).

    Parameters
    ----------
    histories : CaptureHistories
    asked : Asked
        The method, as it is asked of the whole table.
    groups : sequence of sequence of str
        Of which lists each new list is made.
    """
    if len(groups) < 2:
        return NoEstimate("one list is left, and one list cannot tell whom it misses", "three lists or more"), None
    table = people_on(histories, [name for group in groups for name in group])
    for group in groups:
        if table is not None and len(group) > 1:
            table = table.merge(group, " + ".join(sorted(group)))
    return asked.regrouped(histories.lists, groups).attempt(table), table


def _row(name: str, n_lists: int, table: CaptureHistories | None, found: Estimate | NoEstimate,
         original: Estimate) -> tuple[Any, ...]:
    observed = 0 if table is None else table.n_observed
    if isinstance(found, NoEstimate):
        return (name, n_lists, observed, *(math.nan,) * 4, False, False, "", str(found))
    return (name, n_lists, observed, found.value, found.lower, found.upper, found.value / original.value,
            original.lower <= found.value <= original.upper, found.lower <= original.value <= found.upper, found.method,
            "")


def _furthest(frame: pd.DataFrame) -> str | None:
    rows = [(round(abs(math.log(change)), 12), variant) for variant, change in
            zip(frame["variant"], frame["change"], strict=True) if not math.isnan(change)]
    return min(rows, key=lambda row: (-row[0], row[1]))[1] if rows else None
