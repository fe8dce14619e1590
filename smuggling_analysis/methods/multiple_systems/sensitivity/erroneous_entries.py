"""Entries of a list that are no people of the population: wrongly included, or one person under two identities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.sensitivity.error_rates import (
    ErrorSensitivity,
    error_row,
    rates_in,
    require_lists,
    tip,
    tipping_frame,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.expected_tables import (
    Answering,
    Change,
    answering,
    one_after_other,
    without_entries,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion
from smuggling_analysis.numerals import number, percent

SHARES = (0.0, 0.02, 0.05, 0.1, 0.2)
MATCHED = ("never", "at random")
ALL_LISTS, TOGETHER = "all lists", "these lists together"
Shares = float | Sequence[float] | Mapping[str, float | Sequence[float]]


def erroneous_enumerations(histories: CaptureHistories, *, shares: Shares = SHARES, matched: str = "never",
                           method: str = "loglinear", against: float | None = None, original: Estimate | None = None,
                           **options: Any) -> ErrorSensitivity:
    """Estimate the population as if a share of each list's entries were no people of it.

    Entries of people outside the population, or of one person under a second identity, cannot be matched to anybody
    else's, so by default they are taken from the people on that list alone. With two lists the Lincoln-Petersen
    estimate then falls by the very share: N(e) = (1 - e) n1 n2 / m, the dual-system estimate of a census less its
    erroneous enumerations. If instead false entries match other lists as often as true ones do, a share of the list's
    entries is taken from every history, and the person stays on the other lists: an estimator that takes the lists to
    be independent then hardly moves.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    shares : float, sequence of float, or mapping from lists to either
        The shares of a list's entries that are supposed to be wrong; for every list unless lists are named. For all
        lists at once each list has the share, or, where lists are named, its own largest.
    matched : {"never", "at random"}
        Whether wrong entries match entries of other lists.
    method : str
        A method of METHODS that takes capture histories.
    against : float, optional
        A size: the conclusion is then that the population lies on the original estimate's side of it; by default that
        it lies in the original's interval.
    original : Estimate, optional
        The method's answer to the table as it was counted, where it is at hand: it is not asked again.
    **options
        Options of the method. Log-linear models and two lists take fractions of people as they are; any other method
        is given whole numbers of people, so many on so many lists right to within a person.

    Returns
    -------
    ErrorSensitivity
        Rows for each list and for all lists at once, with the number of entries taken out in `entries`. Limits are the
        method's own for the table so changed.

    Raises
    ------
    ValueError
        If a share, list, method or option makes no sense.
    NoEstimate
        If the method refuses the table as it was counted. A share it refuses is a row with the reason.

    References
    ----------
    Hogan, H. (1993). The 1990 Post-Enumeration Survey: operations and results. Journal of the American Statistical
    Association 88(423), 1047-1060.

    Zhang, L.-C. (2015). On modelling register coverage errors. Journal of Official Statistics 31(3), 381-396.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> found = erroneous_enumerations(histories, shares=[0, 0.1, 0.5], method="lincoln_petersen")
    >>> found.frame.loc[found.frame["of"] == "police", ["rate", "value"]].round(1).values.tolist()
    [[0.0, 312.0], [0.1, 280.8], [0.5, 156.0]]
    >>> round(found.tipping_point, 2)
    0.17
    """
    if matched not in MATCHED:
        raise ValueError(f"matched is one of {', '.join(map(repr, MATCHED))}, got {matched!r}")
    suppositions = _suppositions(histories, shares)
    asked = answering(histories, method, options, original)
    conclusion = Conclusion.of(asked.original, against)
    rows, tips = [], []
    for of, (wrong, rates) in suppositions.items():
        supposed = _Supposed(asked, wrong, matched)
        path = [(rate, supposed(rate)) for rate in rates]
        rows += [error_row(of, rate, answer, asked.original, conclusion, entries=supposed.entries(rate))
                 for rate, answer in path]
        tips.append(tip(of, path, asked.original, conclusion, supposed if asked.exact else None))
    return ErrorSensitivity(original=asked.original, frame=pd.DataFrame(rows), what="erroneous entries of the lists",
                            conclusion=conclusion, tipping=tipping_frame(tips))


@dataclass(frozen=True, eq=False)
class _Supposed:
    """Wrong entries of some lists: `wrong` says how many times the rate each list's share is."""

    asked: Answering
    wrong: Mapping[str, float]
    matched: str

    def __call__(self, rate: float) -> Estimate | NoEstimate:
        histories = self.asked.histories
        if self.matched == "never":
            try:
                return self.asked.after(_from_that_list_alone(histories, self._shares(rate)))
            except NoEstimate as refusal:
                return refusal
        return self.asked.after(one_after_other(
            [without_entries(histories.n_lists, histories.lists.index(name), share)
             for name, share in self._shares(rate).items()]))

    def entries(self, rate: float) -> float:
        """How many entries are wrong."""
        histories = self.asked.histories
        sizes = histories.patterns.T.astype(float) @ histories.totals
        return float(sum(sizes[histories.lists.index(name)] * share for name, share in self._shares(rate).items()))

    def _shares(self, rate: float) -> dict[str, float]:
        return {name: rate * times for name, times in self.wrong.items()}


def _suppositions(histories: CaptureHistories, shares: Shares) -> dict[str, tuple[dict[str, float], tuple[float, ...]]]:
    """Return for each row's name the lists in error, with their part of the rate, and the rates."""
    if not isinstance(shares, Mapping):
        rates = rates_in(shares, "shares")
        single = {name: ({name: 1.0}, rates) for name in histories.lists}
        return {**single, ALL_LISTS: (dict.fromkeys(histories.lists, 1.0), rates)}
    require_lists(shares, histories.lists)
    given = {name: rates_in(shares[name], f"the share of {name}") for name in histories.lists if name in shares}
    named = {name: ({name: 1.0}, rates) for name, rates in given.items()}
    most = max(max(rates) for rates in given.values())
    if len(given) == 1 or not most:
        return named
    together = {name: max(rates) / most for name, rates in given.items()}
    return {**named, ALL_LISTS if len(given) == histories.n_lists else TOGETHER: (together, (0.0, most))}


def _from_that_list_alone(histories: CaptureHistories, shares: Mapping[str, float]) -> Change:
    """Return the change that takes shares of the lists' entries from the people on that list alone."""
    left = np.ones(1 << histories.n_lists)
    cells = histories.dense().astype(float)
    for name, share in shares.items():
        place = histories.lists.index(name)
        wrong = share * float(cells[(np.arange(cells.size) >> place & 1).astype(bool)].sum())
        alone = float(cells[1 << place])
        if wrong > alone * (1.0 + 1e-12):
            raise NoEstimate(f"{percent(share)} of the entries of {name} are {number(wrong)}, more than the "
                             f"{number(alone)} people on that list alone",
                             "smaller shares, or matched='at random'")
        if alone:
            left[1 << place] = max(1.0 - wrong / alone, 0.0)
    return lambda cells: cells * left
