"""Rates of missed and false links, and a table of histories freed of these errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.sensitivity.error_rates import require_lists
from smuggling_analysis.methods.multiple_systems.sensitivity.link_matrices import (
    MOST_LISTS,
    people_in_links,
    pieces_of_people,
    without_missed_links,
)

MOST_MISSED, MOST_FALSE = 0.95, 0.95
# Chances of as large a disagreement between counts and rates, below which it is said, and below which refused.
DOUBTFUL, CONTRADICTED = 0.05, 0.001

Missed = float | Mapping[tuple[str, str], float]


@dataclass(frozen=True, eq=False)
class LinkRates:
    """Rates of error, ready to be undone.

    Parameters
    ----------
    missed : (lists, lists) tuple of tuples
        The chance that the link between a person's records on two lists is missed; symmetric.
    false : float
        The share of links that join different people.
    """

    missed: tuple[tuple[float, ...], ...]
    false: float

    @property
    def any(self) -> bool:
        """Whether there is any error."""
        return self.false > 0 or self.largest_missed > 0

    @property
    def largest_missed(self) -> float:
        """The largest rate of missed links."""
        return max(max(row) for row in self.missed)

    def undone(self, cells: Floats) -> Floats:
        """Return a table without the errors; refuse where rates and counts contradict one another."""
        if not self.any:
            return cells
        corrected = CorrectedTable.of(cells, self)
        if corrected.chance < CONTRADICTED:
            raise NoEstimate("the rates contradict the counts: with so many links missed, more people would be on "
                             "several lists than there are to be found on single ones",
                             "lower rates of missed links, or rates for each pair of lists")
        return corrected.cells

    def undone_each(self, tables: Floats) -> Floats:
        """Return many tables, (tables, parts, 2**lists), without the errors: those of which all parts settle."""
        single = tables.reshape(-1, tables.shape[2]) @ people_in_links(len(self.missed), self.false).T
        found = without_missed_links(single, pieces_of_people(self.missed))
        return found.tables.reshape(tables.shape)[found.settled.reshape(tables.shape[:2]).all(axis=1)]


@dataclass(frozen=True, eq=False)
class CorrectedTable:
    """A corrected table, and how far it could not be made to fit.

    Parameters
    ----------
    cells : (2**lists,) array
        The people, in expectation.
    deviance : float
        Of the people seen from those expected of the table.
    negative : int
        For how many histories the equations alone would give a negative count.
    """

    cells: Floats
    deviance: float
    negative: int

    @property
    def people(self) -> float:
        """How many people are on the lists."""
        return float(self.cells[1:].sum())

    @classmethod
    def of(cls, cells: Floats, rates: LinkRates) -> CorrectedTable:
        """Undo errors in a table; refuse where that does not settle."""
        single = cells[None, :] @ people_in_links(len(rates.missed), rates.false).T
        found = without_missed_links(single, pieces_of_people(rates.missed))
        if not found.settled[0]:
            raise NoEstimate("the correction for missed links did not settle on one table",
                             "lower rates of missed links, or fewer lists")
        return cls(found.tables[0], float(found.deviance[0]), int(found.negative[0]))

    @property
    def chance(self) -> float:
        """The chance of as large a deviance, where each history held at nobody gives it a degree of freedom."""
        from scipy.special import chdtrc

        return float(chdtrc(self.negative, self.deviance)) if self.negative else 1.0


def link_rates(histories: CaptureHistories, missed: Missed, false: float) -> LinkRates:
    """Check rates of error for these lists.

    Raises
    ------
    ValueError
        If a rate or a pair makes no sense, or the lists are too few or too many.

    Examples
    --------
    >>> lists = CaptureHistories.from_counts({"a": 5, ("a", "b"): 2, "c": 1}, lists=["a", "b", "c"])
    >>> link_rates(lists, {("b", "a"): 0.1}, 0.0).missed
    ((0.0, 0.1, 0.0), (0.1, 0.0, 0.0), (0.0, 0.0, 0.0))
    """
    n_lists, lists = histories.n_lists, histories.lists
    if not 2 <= n_lists <= MOST_LISTS:
        raise ValueError(f"links are corrected for 2 to {MOST_LISTS} lists, got {n_lists}: "
                         f"{'there is nothing to link' if n_lists < 2 else 'merge or select lists'}")
    rates = np.zeros((n_lists, n_lists))
    if isinstance(missed, Mapping):
        for pair, rate in missed.items():
            if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
                raise ValueError(f"missed names pairs of lists such as ({lists[0]!r}, {lists[1]!r}), got {pair!r}")
            require_lists(pair, lists)
            one, other = lists.index(pair[0]), lists.index(pair[1])
            rates[one, other] = rates[other, one] = _share(rate, f"missed of {' and '.join(pair)}", MOST_MISSED)
    else:
        rates[:] = _share(missed, "missed", MOST_MISSED)
        np.fill_diagonal(rates, 0.0)
    return LinkRates(tuple(map(tuple, rates.tolist())), _share(false, "false", MOST_FALSE))


def _share(given: float, name: str, most: float) -> float:
    if not isinstance(given, (int, float, np.number)) or not 0 <= given <= most:
        raise ValueError(f"{name} is a share from 0 to {most:g}, got {given!r}")
    return float(given)
