"""Histories over periods as paths: from the first capture to the last, one edge to each capture in between.

Every open-population model gives a history a product of factors: one for when it starts, one for each capture,
one for when it ends. Summing over all 2^periods - 1 histories is then summing over the paths of a small graph,
so that thirty periods cost no more than a few hundred edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Paths:
    """The graph of the histories over some periods: a node per period, one before them and one after.

    Parameters
    ----------
    periods : int
        How many.
    begin, end : (edges,) arrays of int
        Nodes: 0 before the first capture, 1 ... periods, periods + 1 after the last capture.
    ends : (edges, 2 periods - 1) array
        One; whether nobody was seen in periods 1 to i (i = 1 ... periods - 1); whether nobody was seen in
        the last i periods. Only first and last edges show it.
    captured : (edges, periods) array
        The period in which the edge ends with a capture.
    adjacent : (edges, periods) array
        The same where the capture follows one in the period before.
    """

    periods: int
    begin: Integers
    end: Integers
    ends: Floats
    captured: Floats
    adjacent: Floats

    def sums(self, log_weight: NDArray) -> NDArray:
        """Return the summed weight of all paths between any two nodes: (nodes, nodes) array."""
        weights = np.zeros((self.periods + 2, self.periods + 2), dtype=log_weight.dtype)
        weights[self.begin, self.end] = np.exp(log_weight)
        return np.linalg.inv(np.eye(self.periods + 2) - weights)

    def total(self, log_weight: NDArray) -> NDArray:
        """Return the summed weight of all histories with a capture; real or complex as `log_weight` is."""
        return self.sums(log_weight)[0, -1]

    def moments(self, log_weight: Floats) -> tuple[Floats, Floats]:
        """Return each edge's summed weight over the histories it is in, and each pair's.

        Returns
        -------
        (edges,) array, (edges, edges) array
        """
        reach = self.sums(log_weight)
        weight = np.exp(log_weight)
        single = reach[0, self.begin] * weight * reach[self.end, -1]
        before = (reach[0, self.begin] * weight)[:, None]
        pair = before * reach[np.ix_(self.end, self.begin)] * (weight * reach[self.end, -1])
        return single, pair + pair.T + np.diag(single)

    def taken(self, seen: NDArray[np.bool_], counts: Floats) -> Floats:
        """Return how many people's histories took each edge: (edges,) array.

        Parameters
        ----------
        seen : (histories, periods) array of bool
        counts : (histories,) array
        """
        tally = np.zeros((self.periods + 2, self.periods + 2))
        for history, number in zip(seen, counts, strict=True):
            nodes = np.concatenate([[0], np.flatnonzero(history) + 1, [self.periods + 1]])
            tally[nodes[:-1], nodes[1:]] += number
        return tally[self.begin, self.end]


@cache
def paths(periods: int) -> Paths:
    """Make the graph of the histories over so many periods.

    Examples
    --------
    >>> graph = paths(3)
    >>> float(round(graph.total(np.zeros(len(graph.begin))), 9))  # each of the seven histories weighs one
    7.0
    """
    begin, end = np.triu_indices(periods + 2, 1)
    kept = (begin > 0) | (end <= periods)
    begin, end = begin[kept], end[kept]
    steps = np.arange(1, periods)
    first = (begin[:, None] == 0) & (end[:, None] > steps)
    last = (end[:, None] == periods + 1) & (begin[:, None] <= periods - steps)
    captured = end[:, None] == np.arange(1, periods + 1)
    adjacent = captured & (begin[:, None] == end[:, None] - 1) & (begin[:, None] > 0)
    ends = np.hstack([(begin == 0)[:, None], first, last])
    return Paths(periods, begin, end, ends.astype(float), captured.astype(float), adjacent.astype(float))
