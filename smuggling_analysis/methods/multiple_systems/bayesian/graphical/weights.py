"""How likely each graph makes every number of hidden people, up to one constant for all of them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.graphs import Graphs

Floats = NDArray[np.float64]
Prior = str | Callable[[Floats], ArrayLike] | ArrayLike

POWERS = {"inverse": 1.0, "uniform": 0.0}
"""Priors on the population N that are a power of it, N to minus this."""


_PART = 50_000


@dataclass(frozen=True, eq=False)
class SetCounts:
    """What the histories say of every set of lists, as a number whose bits are lists.

    Parameters
    ----------
    observed : int
        People observed.
    seen : (2**lists,) array
        People on at least one of the set's lists.
    prior : (2**lists,) array
        The prior count of the cell of people on none of the set's lists; in place 0 of the whole table.
    constant : (2**lists,) array
        The part of the set's log-likelihood that does not depend on the people hidden; 0 for no list.
    """

    observed: int
    seen: Floats
    prior: Floats
    constant: Floats

    @classmethod
    def of(cls, histories: CaptureHistories, delta: float) -> SetCounts:
        """Count every margin of the table, with `delta` prior counts for each of its histories."""
        from scipy.special import gammaln

        cells = histories.dense().astype(float)
        every = np.arange(cells.size)
        prior = delta * cells.size * 0.5 ** np.array([part.bit_count() for part in every.tolist()])
        seen, constant = np.zeros(cells.size), np.zeros(cells.size)
        for part in range(1, cells.size):
            margin = np.bincount(every & part, weights=cells, minlength=cells.size)
            inside = np.flatnonzero((every & part) == every)[1:]
            seen[part] = margin[inside].sum()
            constant[part] = ((gammaln(margin[inside] + prior[part]) - gammaln(prior[part])).sum()
                              - gammaln(prior[part]) + gammaln(prior[0]))
        return cls(histories.n_observed, seen, prior, constant)

    @property
    def added(self) -> Floats:
        """What is added to the people hidden in each set's empty cell, in place 0 in the whole table: (2**lists,)."""
        return np.asarray((self.observed - self.seen) + self.prior)

    @property
    def missing_prior(self) -> Floats:
        """The prior counts of all cells but each set's empty one; 0 for no list: (2**lists,)."""
        return np.asarray(self.prior[0] - self.prior)


@dataclass(frozen=True, eq=False)
class Weights:
    """Log-weights of graphs and numbers of hidden people.

    Parameters
    ----------
    counts : SetCounts
        The margins.
    graphs : Graphs
        The graphs.
    power : float
        The prior on the population is N to minus this power; 0 where `log_prior` is given.
    log_prior : callable, optional
        Log prior of populations N, array to array; whole numbers only.
    """

    counts: SetCounts
    graphs: Graphs
    power: float
    log_prior: Callable[[Floats], Floats] | None = None

    def of_sets(self, hidden: Floats) -> Floats:
        """Return what each set of lists makes of some numbers of hidden people: (2**lists, points)."""
        from smuggling_analysis.kernels.graphical import set_weights

        found = set_weights(hidden, self.counts.added, self.counts.constant, float(self.counts.observed), self.power)
        if self.log_prior is not None:
            found[0] += self.log_prior(self.counts.observed + hidden)
        return np.asarray(found)

    def __call__(self, hidden: Floats) -> Floats:
        """Return the log-weight of every graph with some numbers of hidden people: (graphs, points)."""
        from smuggling_analysis.kernels.graphical import log_weights

        return np.asarray(log_weights(self.graphs.closed, self.graphs.opened, self.of_sets(hidden)))

    def add_up(self, hidden: Floats, rule: Floats, log_scale: float,
               least: float = -math.inf) -> tuple[Floats, Floats, Floats]:
        """Return graphs' log-sums and means over points, and the points' weights over exp(log_scale), all graphs'.

        Log-weights below `least` count as nothing.
        """
        from smuggling_analysis.kernels.graphical import add_up

        of_sets = self.of_sets(hidden)
        found = self.in_parts(lambda graphs, _: add_up(graphs.closed, graphs.opened, of_sets, rule, hidden, log_scale,
                                                       least))
        sums, means, weights = zip(*found, strict=True)
        return np.concatenate(sums), np.concatenate(means), np.sum(weights, axis=0)

    def in_parts(self, work: Callable[[Graphs, slice], Any]) -> list[Any]:
        """Do the same to every part of the graphs, side by side; the parts do not depend on how many processors."""
        parts = [slice(first, first + _PART) for first in range(0, len(self.graphs), _PART)]
        if len(parts) == 1:
            return [work(self.graphs, parts[0])]
        return side_by_side(lambda part: work(self.graphs.some(part), part), parts)

    def some(self, places: NDArray[np.intp] | slice) -> Weights:
        """Return the weights of some graphs."""
        return Weights(self.counts, self.graphs.some(places), self.power, self.log_prior)

    @property
    def informing(self) -> Floats:
        """How many people inform each graph about those hidden, (graphs,).

        Those on at least one list of each clique, counted once a clique, less the same for the separators and less
        everybody observed: with two independent lists, the people on both. Where it is 0 the prior alone decides.
        """
        return np.asarray(self.graphs.summed(self.counts.seen) - self.counts.observed)

    @property
    def decline(self) -> Floats:
        """The power of the hidden people by which each graph's weight falls where they are many: (graphs,)."""
        return np.asarray(self.informing + self.graphs.summed(self.counts.missing_prior) + self.power)

    @property
    def bend(self) -> Floats:
        """A bound on the second derivative of each log-weight by the logarithm of the hidden people: (graphs,)."""
        terms = np.maximum(self.counts.added, 1.0) + self.counts.added[0]
        terms[0] = 0.0
        graphs = self.graphs
        return np.asarray(0.25 * (terms[graphs.closed].sum(axis=1) + terms[graphs.opened].sum(axis=1)
                                  + self.counts.observed + 2.0) + 1.0)


def side_by_side(work: Callable[[Any], Any], parts: Sequence[Any]) -> list[Any]:
    """Do the same to several parts on all processors; the answers come in the order of the parts."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, parts))


def log_prior_of(prior: Prior, observed: int, least_hidden: int) -> tuple[float, Callable[[Floats], Floats] | None]:
    """Return a prior on N as the power of 1/N it is, or as a function; an array starts at the least population."""
    if isinstance(prior, str):
        if prior not in POWERS:
            raise ValueError(f"prior is one of {', '.join(POWERS)}, a function of N or an array, not {prior!r}")
        return POWERS[prior], None
    if callable(prior):
        return 0.0, lambda sizes: _checked(np.broadcast_to(prior(sizes), sizes.shape))
    held = _checked(np.array(prior, dtype=float))
    if held.ndim != 1 or held.size < 2:
        raise ValueError("an array of log prior probabilities needs one for each number of hidden people, two or more")
    first = observed + least_hidden
    return 0.0, lambda sizes: held[np.rint(sizes - first).astype(np.intp)]


def _checked(logs: NDArray[np.float64]) -> Floats:
    logs = np.asarray(logs, dtype=float)
    if np.isnan(logs).any() or (logs == math.inf).any():
        raise ValueError("a log prior must be a number, or minus infinity for what cannot be; some of it is neither")
    return logs
