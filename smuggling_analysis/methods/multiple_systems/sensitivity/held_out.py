"""Internal consistency: the people on one list are a population of known size; do the other lists tell it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked, people_on

_COLUMNS = ["list", "truth", "observed", "value", "lower", "upper", "covered", "ratio", "model", "refusal"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class HeldOut:
    """How well a method tells numbers that are known: of the people on each list, from the other lists.

    Parameters
    ----------
    original : Estimate
        The estimate from all lists.
    frame : DataFrame
        One row for each list: `list, truth` (people on it), `observed` (of them on another list), `value, lower, upper,
        covered` (whether the interval holds the truth), `ratio` (estimate over truth), `model, refusal`.
    """

    original: Estimate
    frame: pd.DataFrame

    @property
    def simulated(self) -> bool:
        """Whether simulated data lies beneath."""
        return self.original.simulated

    @property
    def estimated(self) -> int:
        """How many lists have an estimate."""
        return int(self.frame["value"].notna().sum())

    @property
    def share_covered(self) -> float:
        """The share of the intervals that hold the truth; NaN where there is none."""
        return float(self.frame["covered"].sum() / self.estimated) if self.estimated else math.nan

    @property
    def mean_log_ratio(self) -> float:
        """The mean absolute logarithm of estimate over truth; NaN where there is no estimate."""
        ratios = self.frame["ratio"].dropna()
        return float(np.abs(np.log(ratios)).mean()) if len(ratios) else math.nan

    @property
    def tipping_point(self) -> str | None:
        """Of the lists whose number the interval misses, the one missed by the largest factor; None if none is."""
        missed = self.frame[self.frame["value"].notna() & ~self.frame["covered"].astype(bool)]
        rows = [(-round(abs(math.log(ratio)), 12), name)
                for name, ratio in zip(missed["list"], missed["ratio"], strict=True)]
        return min(rows)[1] if rows else None

    @property
    def sentence(self) -> str:
        """What to print."""
        if not self.estimated:
            return "The people on no list can be estimated from the other lists: the method's consistency is not known"
        covered = int(self.frame["covered"].sum())
        refused = len(self.frame) - self.estimated
        told = (f"Asked for the number of people on each list from the other lists, which is known, the intervals hold "
                f"{covered} of {self.estimated} numbers and the estimates are off by a factor of "
                f"{math.exp(self.mean_log_ratio):.2f} on average")
        if self.tipping_point is not None:
            row = self.frame[self.frame["list"] == self.tipping_point].iloc[0]
            told += (f"; furthest off, outside of its interval, is {self.tipping_point}, "
                     f"{numerals.number(float(row['value']), digits=3)} for {row['truth']:,}")
        return told + (f"; {refused} more {'is' if refused == 1 else 'are'} refused" if refused else "")

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"HeldOut({self.sentence})"


def held_out_lists(histories: CaptureHistories, *, method: str = "loglinear", original: Estimate | None = None,
                   **options: Any) -> HeldOut:
    """Estimate the number of people on each list from the other lists alone, and compare it with the truth.

    The people on one list are a population whose size is known. Of them, those on no other list are hidden from the
    other lists just as those on no list at all are hidden from all: the method is asked how many they are. Cormack,
    Chang and Smith (2000) hold estimates against such a known number, and see most models miss it. It is a test of the
    method on people who are known, and these may differ from those who are not: passing it is no proof.

    A method that visits models visits terms of no more lists than on the whole table; a model that was given is taken
    without the list.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more, so that two remain.
    method : str
        A name in METHODS.
    original : Estimate, optional
        What the method gives with these options, if it was made before; it is not made again then.
    **options
        Options of the method; where chance plays a part and no `rng` is among them, its seed is 0.

    Returns
    -------
    HeldOut
        Refusals are rows of `frame`, too.

    Raises
    ------
    ValueError
        If the method is unknown.
    NoEstimate
        If the method refuses the whole table.

    References
    ----------
    Cormack, R. M., Chang, Y.-F. and Smith, G. S. (2000). Estimating deaths from industrial injury by
    capture-recapture: a cautionary tale. International Journal of Epidemiology 29(6), 1053-1059.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> held_out_lists(histories).frame[["list", "truth", "value", "covered"]].round(1)
         list  truth  value  covered
    0  police     84   60.0     True
    1     ngo     60   40.0     True
    2   court     47   32.0     True
    """
    asked = Asked.of(method, options)
    original = asked.original(histories, original)
    held = asked.held_to(histories)
    on = dict(zip(histories.lists, (histories.totals @ histories.patterns).tolist(), strict=True))
    rows = []
    for name in histories.lists:
        others = [other for other in histories.lists if other != name]
        found: Estimate | NoEstimate
        table = None
        if len(others) < 2:
            found = NoEstimate("there is one other list, and one list cannot tell whom it misses",
                               "three lists or more")
        else:
            table = people_on(histories, others, among=name)
            found = held.regrouped(histories.lists, [(other,) for other in others]).attempt(table)
        rows.append(_row(name, on[name], 0 if table is None else table.n_observed, found))
    return HeldOut(original=original, frame=pd.DataFrame(rows, columns=_COLUMNS))


def _row(name: str, truth: int, observed: int, found: Estimate | NoEstimate) -> tuple[Any, ...]:
    if isinstance(found, NoEstimate):
        return (name, truth, observed, *(math.nan,) * 3, False, math.nan, "", str(found))
    return (name, truth, observed, found.value, found.lower, found.upper, found.lower <= truth <= found.upper,
            found.value / truth, found.method, "")
