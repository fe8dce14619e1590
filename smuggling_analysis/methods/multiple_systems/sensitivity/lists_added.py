"""An estimate as lists are added, one after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked
from smuggling_analysis.methods.multiple_systems.sensitivity.left_out import estimate_of
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity

_COLUMNS = ["n_lists", "added", "observed", "value", "lower", "upper", "lowest", "highest", "choices", "refused",
            "refusal"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Trajectory(Sensitivity):
    """An estimate from two lists, three, and so on to all.

    Parameters
    ----------
    frame : DataFrame
        One row for each number of lists: `n_lists, added` (the list that came last; both first ones in the first row),
        `observed, value, lower, upper`, and over all choices of as many lists `lowest` and `highest` estimate, the
        number of `choices` and how many of them are `refused` (NaN and 0 where they were not asked for); `refusal`.
    order : tuple of str
        The lists in the order in which they were added.
    """

    order: tuple[str, ...]

    @property
    def tipping_point(self) -> int | None:
        """The number of lists from which on the conclusion is that of all of them; None if it never was another."""
        settled = None
        for number, value in zip(self.frame["n_lists"], self.frame["value"], strict=True):
            if math.isnan(value) or self.conclusion.turned(value):
                settled = int(number) + 1
        return settled

    @property
    def sentence(self) -> str:
        """What to print."""
        path = " -> ".join(numerals.number(value, digits=3) if not math.isnan(value) else "refused"
                           for value in self.frame["value"])
        last = len(self.order)
        if self.tipping_point is None:
            judged = f"it {self.conclusion.kept} all the way"
        elif self.tipping_point >= last:
            judged = "only the last list brings it to where it is: one more might move it as far"
        else:
            judged = f"from {self.tipping_point} lists on it {self.conclusion.kept}"
        return (f"As lists are added ({', '.join(self.order)}) the estimate goes {path}; {judged}")


def trajectory(histories: CaptureHistories, *, order: Sequence[str] | None = None, every_choice: bool = False,
               method: str = "loglinear", against: float | None = None, original: Estimate | None = None,
               **options: Any) -> Trajectory:
    """Estimate from two lists, three, and so on: where a number has settled, one list more changes little.

    A method that visits models visits terms of no more lists than on the whole table; of a model that was given, what
    concerns the lists at hand is taken.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    order : sequence of str, optional
        All lists in the order in which they are added; by default the largest first, by name where they are as large.
    every_choice : bool
        Whether all choices of as many lists are estimated, too, for their least and largest estimate: 2^lists tables.
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
    Trajectory
        Refusals are rows of `frame`, too.

    Raises
    ------
    ValueError
        If the order does not hold every list once, or the method is unknown.
    NoEstimate
        If the method refuses the whole table.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> trajectory(histories).frame["value"].round(1).tolist()
    [336.0, 347.7]
    """
    asked = Asked.of(method, options)
    original = asked.original(histories, original)
    added = _ordered(histories, order)
    held = asked.held_to(histories)
    rows = []
    for number in range(2, histories.n_lists + 1):
        found, observed = ((original, histories.n_observed) if number == histories.n_lists else
                           _from(histories, held, added[:number]))
        across = _across(histories, held, number, original) if every_choice else (math.nan, math.nan, 0, 0)
        named = " and ".join(added[:2]) if number == 2 else added[number - 1]
        refused = isinstance(found, NoEstimate)
        numbers = (math.nan,) * 3 if isinstance(found, NoEstimate) else (found.value, found.lower, found.upper)
        rows.append((number, named, observed, *numbers, *across, str(found) if refused else ""))
    return Trajectory(original=original, frame=pd.DataFrame(rows, columns=_COLUMNS), what="lists added one by one",
                      conclusion=Conclusion.of(original, against), order=added)


def _ordered(histories: CaptureHistories, order: Sequence[str] | None) -> tuple[str, ...]:
    if order is None:
        size = dict(zip(histories.lists, (histories.totals @ histories.patterns).tolist(), strict=True))
        return tuple(sorted(histories.lists, key=lambda name: (-size[name], name)))
    if len(order) != histories.n_lists or set(order) != set(histories.lists):
        raise ValueError(f"order holds each of the lists {', '.join(histories.lists)} once, got "
                         f"{', '.join(map(str, order))}")
    return tuple(order)


def _from(histories: CaptureHistories, asked: Asked, lists: Sequence[str]) -> tuple[Estimate | NoEstimate, int]:
    # In the order of the whole table, so that a model that was given is numbered as it was.
    found, table = estimate_of(histories, asked, [(name,) for name in histories.lists if name in lists])
    return found, 0 if table is None else table.n_observed


def _across(histories: CaptureHistories, asked: Asked, number: int,
            original: Estimate) -> tuple[float, float, int, int]:
    if number == histories.n_lists:
        return original.value, original.value, 1, 0
    found = [_from(histories, asked, lists)[0] for lists in combinations(histories.lists, number)]
    values = [one.value for one in found if isinstance(one, Estimate)]
    refused = len(found) - len(values)
    return (min(values), max(values), len(found), refused) if values else (math.nan, math.nan, len(found), refused)
