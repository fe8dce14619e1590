"""All ways to complete a table's suppressed counts, added up without listing them.

Without totals each suppressed count stands alone. Totals published whole tie them together: completions are
then paths through the sums that the totals ask for, and forward and backward sums over those paths give exact
expectations, chances and random completions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

Whole = NDArray[np.int64]
Graph = tuple[Whole, Whole, Whole, Whole, Whole, Whole]
# With more edges than this an estimate would take minutes.
MOST_EDGES = 500_000


@dataclass(frozen=True, eq=False)
class Expectation:
    """What a fitted model expects of the suppressed counts.

    Parameters
    ----------
    log_chance : float
        Logarithm of the chance that the suppressed counts lie in their ranges and meet the totals.
    counts : (suppressed,) array
        Their expected values, given that.
    shares : (possible counts,) array
        The chance of each possible count, cell after cell, given that.
    final : (final states,) array
        The chance of each final state.
    """

    log_chance: float
    counts: Floats
    shares: Floats
    final: Floats


@dataclass(frozen=True, eq=False)
class Completions:
    """The completions of a table.

    Parameters
    ----------
    low, high : (suppressed,) arrays of int
        Both ends of each suppressed count's range.
    rules : (rules, suppressed) array of int
        Which suppressed counts each total adds up.
    left : (rules,) array of int
        What they have to add up to; -1 where a sum is only kept, not known.

    Examples
    --------
    >>> two = Completions(np.array([1, 1]), np.array([4, 4]), np.array([[1, 1]]), np.array([3]))
    >>> two.expect(np.array([2.0, 2.0])).counts
    array([1.5, 1.5])
    """

    low: Whole
    high: Whole
    rules: Whole
    left: Whole

    @cached_property
    def cell_starts(self) -> Whole:
        """Where each cell's possible counts begin: (suppressed + 1,) array."""
        return np.concatenate([[0], np.cumsum(self.high - self.low + 1)]).astype(np.int64)

    @cached_property
    def values(self) -> Whole:
        """The possible counts, cell after cell."""
        ends = zip(self.low, self.high, strict=True)
        return np.concatenate([np.arange(low, high + 1) for low, high in ends] or [np.zeros(0, np.int64)])

    @cached_property
    def graph(self) -> Graph:
        """Sources, targets and places of the edges, where layers begin, and the final states' sums.

        Raises
        ------
        NoEstimate
            If no completion meets the totals, or there are too many sums to follow.
        """
        # Without totals one rule that adds up nothing makes one state a layer.
        rules = self.rules if len(self.rules) else np.zeros((1, self.low.size), dtype=np.int64)
        left = self.left if len(self.rules) else np.array([-1])
        least, most = (_still_to_come(rules * end) for end in (self.low, self.high))
        layers, edges = [np.zeros((1, len(rules)), dtype=np.int64)], []
        for cell in range(self.low.size):
            places = np.arange(self.high[cell] - self.low[cell] + 1)
            reached = np.repeat(layers[-1], places.size, axis=0)
            source = np.repeat(np.arange(len(layers[-1])), places.size)
            place = np.tile(places, len(layers[-1]))
            reached += (self.low[cell] + place)[:, None] * rules[:, cell]
            possible = ((reached + least[:, cell] <= left) & (reached + most[:, cell] >= left)
                        | (left < 0)).all(axis=1)
            states, target = np.unique(reached[possible], axis=0, return_inverse=True)
            edges.append((source[possible], np.asarray(target).ravel(), place[possible]))
            layers.append(states)
            if sum(len(each[0]) for each in edges) > MOST_EDGES:
                raise NoEstimate("the published totals leave too many ways to complete the suppressed counts",
                                 "fewer totals, or fewer suppressed counts")
        if not len(layers[-1]):
            raise NoEstimate("no counts within the published ranges add up to the published totals",
                             "the table and its totals checked against each other")
        return _joined(layers, edges)

    def expect(self, means: Floats, last: Floats | None = None) -> Expectation:
        """Expect the suppressed counts under fitted means.

        Parameters
        ----------
        means : (suppressed,) array
        last : (final states,) array, optional
            A weight for each final state; 1 by default.
        """
        from smuggling_analysis.kernels.suppressed import over_completions

        log_chance, chance = self._chances(means)
        source, target, place, edges, states, sums = self.graph
        weights = np.ones(len(sums)) if last is None else last
        tied, shares, final = over_completions(chance, self.cell_starts, source, target, place, edges, states,
                                               weights)
        counts = (np.add.reduceat(shares * self.values, self.cell_starts[:-1]) if self.low.size
                  else np.zeros(0))
        return Expectation(log_chance + tied, counts, shares, final)

    def covariance(self, means: Floats) -> Floats:
        """Return the covariance of the suppressed counts given ranges and totals: (suppressed, suppressed).

        It is the derivative of their expectations by the logarithms of their means.
        """
        if not self.rules.size:
            shares = self.expect(means).shares
            centre = np.add.reduceat(shares * self.values, self.cell_starts[:-1]) if means.size else means
            square = np.add.reduceat(shares * self.values**2, self.cell_starts[:-1]) if means.size else means
            return np.diag(square - centre**2)
        step = 1e-5
        columns = []
        for cell in range(means.size):
            moved = [self.expect(np.where(np.arange(means.size) == cell, means * np.exp(sign * step), means))
                     for sign in (1.0, -1.0)]
            columns.append((moved[0].counts - moved[1].counts) / (2 * step))
        found = np.array(columns).reshape(means.size, means.size)
        return 0.5 * (found + found.T)

    def draw(self, means: Floats, rng: np.random.Generator) -> Whole:
        """Draw one completion from its distribution under fitted means: (suppressed,) array.

        Raises
        ------
        NoEstimate
            If every completion is too unlikely under these means to be computed with.
        """
        _, chance = self._chances(means)
        source, target, place, edges, states, _ = self.graph
        back = np.zeros(int(states[-1]))
        back[states[self.low.size]:] = 1.0
        for cell in range(self.low.size - 1, -1, -1):
            own = slice(edges[cell], edges[cell + 1])
            weight = chance[self.cell_starts[cell] + place[own]] * back[target[own]]
            layer = slice(states[cell], states[cell + 1])
            reached = np.bincount(source[own] - states[cell], weight, states[cell + 1] - states[cell])
            if not reached.max() > 0.0:
                raise NoEstimate("under these means no completion that meets the totals is likely enough to compute "
                                 "with", "totals that agree with the counts, or a model with more terms")
            back[layer] = reached / reached.max()
        found, state = np.zeros(self.low.size, dtype=np.int64), 0
        for cell in range(self.low.size):
            # Edges leave their states in order.
            ends = np.searchsorted(source[edges[cell]:edges[cell + 1]], [state, state + 1]) + edges[cell]
            ways = np.arange(ends[0], ends[1])
            weight = np.cumsum(chance[self.cell_starts[cell] + place[ways]] * back[target[ways]])
            taken = ways[min(int(np.searchsorted(weight, rng.random() * weight[-1])), ways.size - 1)]
            found[cell], state = self.low[cell] + place[taken], int(target[taken])
        return found

    def best(self, gain: Floats) -> Whole:
        """Return the completion with the largest sum of `gain` times count: (suppressed,) array."""
        source, target, place, edges, states, _ = self.graph
        height, chosen = np.full(int(states[-1]), -np.inf), np.full(int(states[-1]), -1)
        height[0] = 0.0
        for cell in range(self.low.size):
            own = np.arange(edges[cell], edges[cell + 1])
            reached = height[source[own]] + gain[cell] * place[own]
            np.maximum.at(height, target[own], reached)
            top = reached == height[target[own]]
            chosen[target[own][top]] = own[top]
        state = int(states[self.low.size] + np.argmax(height[states[self.low.size]:]))
        found = np.zeros(self.low.size, dtype=np.int64)
        for cell in range(self.low.size - 1, -1, -1):
            found[cell], state = self.low[cell] + place[chosen[state]], int(source[chosen[state]])
        return found

    def _chances(self, means: Floats) -> tuple[float, Floats]:
        """Return the log-chance of all ranges, and of each possible count within its own range."""
        if not means.size:
            return 0.0, np.zeros(0)
        log_means = np.log(np.maximum(means, 1e-300))
        weighed = self.values * log_means[self._owner] - self._log_factorials
        highest = np.maximum.reduceat(weighed, self.cell_starts[:-1])
        chance = np.exp(weighed - highest[self._owner])
        whole = np.add.reduceat(chance, self.cell_starts[:-1])
        return float((np.log(whole) + highest - means).sum()), chance / whole[self._owner]

    @cached_property
    def _owner(self) -> Whole:
        return np.repeat(np.arange(self.low.size), self.high - self.low + 1)

    @cached_property
    def _log_factorials(self) -> Floats:
        from scipy.special import gammaln

        return np.asarray(gammaln(self.values + 1.0))


def _still_to_come(parts: Whole) -> Whole:
    """Add up the parts of the cells after each: (rules, suppressed) array."""
    return np.asarray(parts.sum(axis=1, keepdims=True) - np.cumsum(parts, axis=1))


def _joined(layers: list[Whole], edges: list[tuple[Whole, Whole, Whole]]) -> Graph:
    """Number the states and edges of all layers through."""
    states = np.concatenate([[0], np.cumsum([len(layer) for layer in layers])]).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum([len(each[0]) for each in edges])]).astype(np.int64)
    none = np.zeros(0, dtype=np.int64)
    source = np.concatenate([each[0] + states[cell] for cell, each in enumerate(edges)] or [none])
    target = np.concatenate([each[1] + states[cell + 1] for cell, each in enumerate(edges)] or [none])
    place = np.concatenate([each[2] for each in edges] or [none])
    return (source.astype(np.int64), target.astype(np.int64), place.astype(np.int64), starts, states,
            layers[-1])
