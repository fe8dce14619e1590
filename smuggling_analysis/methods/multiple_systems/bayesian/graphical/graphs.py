"""The decomposable graphs on a few lists, with their cliques and separators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

Sets = NDArray[np.uint8]

NUMBER_OF_GRAPHS = {3: 8, 4: 61, 5: 822, 6: 18_154, 7: 617_675}
"""How many decomposable graphs there are, by the number of lists."""


@dataclass(frozen=True, eq=False)
class Graphs:
    """Decomposable graphs: an edge joins two lists that depend on each other given the others.

    Parameters
    ----------
    closed, opened : (graphs, lists) arrays of uint8
        Sets of lists, as numbers whose bits are lists, whose likelihoods multiply and divide to the graph's; 0 for
        none. A separator that parts more than two pieces is there more than once.

    Examples
    --------
    >>> three = decomposable_graphs_of(3)
    >>> len(three), three.model(7).notation
    (8, '[123]')
    """

    closed: Sets
    opened: Sets

    def __len__(self) -> int:
        return len(self.closed)

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return int(self.closed.shape[1])

    def summed(self, of_sets: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up a number of each set, (2**lists,) with nothing in place 0, over cliques less separators."""
        return np.asarray(of_sets[self.closed].sum(axis=1) - of_sets[self.opened].sum(axis=1))

    def some(self, places: NDArray[np.intp] | slice) -> Graphs:
        """Return the graphs in these places."""
        return Graphs(self.closed[places], self.opened[places])

    def model(self, place: int, order: Sequence[int] | None = None) -> Model:
        """Return a graph as the log-linear model of its cliques; list `i` is called `order[i]` if that is given."""
        order = range(self.n_lists) if order is None else order
        cliques = [int(found) for found in self.closed[place] if found]
        return Model(self.n_lists, tuple(sum(1 << order[i] for i in range(self.n_lists) if clique >> i & 1)
                                         for clique in cliques))


@cache
def decomposable_graphs_of(n_lists: int) -> Graphs:
    """Return every decomposable graph on 3 to 7 lists, the fewest edges first, the complete graph last."""
    from smuggling_analysis.kernels.graphical import decomposable_graphs

    closed, opened = decomposable_graphs(n_lists, NUMBER_OF_GRAPHS[n_lists])
    for sets in (closed, opened):
        sets.flags.writeable = False
    return Graphs(closed, opened)
