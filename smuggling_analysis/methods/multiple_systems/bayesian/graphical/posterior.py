"""The posterior of a population and of the graphs: how likely each size is, and each form of dependence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from smuggling_analysis.draws import IMPLIED_DRAWS, Draws, digest
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.blocks import EACH, Floats, Whole
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.summation import summed
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.weights import Weights, side_by_side

# Graphs of less than this share are left out where the chance of one size is asked for.
_LEAST_SHARE = 1e-16
# So is a graph with a size that have less than exp(-55), 1e-24, of it together.
_NOTHING = 55.0
_AT_ONCE = 8_192


@dataclass(frozen=True, eq=False)
class GraphicalPosterior:
    """The posterior over population sizes and decomposable graphs.

    Parameters
    ----------
    lists : tuple of str
        The lists' names, in the order in which graphs number them.
    observed : int
        People observed.
    delta : float
        Prior count of each history.
    prior : str
        The prior on the population: "inverse", "uniform" or "given".
    least_hidden, most_hidden : int
        The numbers of hidden people that were added up, from and to.
    beyond : float
        Share of the posterior above `most_hidden`, at most; 0 where the caller set that limit.
    weights : Weights
        The log-weights of the graphs kept, the lists in order of their names.
    probability : (graphs,) array
        The graphs' posterior probabilities.
    means : (graphs,) array
        The mean population under each graph, up to `most_hidden`; NaN where a graph has no mean.
    start, width : (blocks,) arrays of int
        Blocks of numbers of hidden people, in order.
    mass, moments : (blocks,) and (2, blocks) arrays
        Each block's probability; the same times the hidden people beyond its start, and times their square.
    log_total : float
        Logarithm of the sum of all weights.
    visited : int
        How many graphs were visited.
    left_out : float
        What the graphs that were not kept hold of the posterior, at most.
    fingerprint : str
        Fingerprint of the histories.
    simulated : bool
        Whether the people are simulated.
    """

    lists: tuple[str, ...]
    observed: int
    delta: float
    prior: str
    least_hidden: int
    most_hidden: int
    beyond: float
    weights: Weights
    probability: Floats
    means: Floats
    start: Whole
    width: Whole
    mass: Floats
    moments: Floats
    log_total: float
    visited: int
    left_out: float
    fingerprint: str
    simulated: bool = False

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per graph, most probable first: `model, probability, mean, informing`.

        `model` names the cliques, lists numbered from 1; `informing` counts the people who tell that graph about
        those hidden: with none the prior alone decides its mean. `mean` is NaN where a graph's posterior falls so
        slowly that it has none. Of more than 10,000 graphs those are listed.
        """
        return self.leading(_MOST_LISTED)

    def leading(self, most: int) -> pd.DataFrame:
        """Return the first rows of `frame`."""
        order = np.argsort(-self.probability, kind="stable")[:most]
        return pd.DataFrame({
            "model": self._notation(order), "probability": self.probability[order], "mean": self.means[order],
            "informing": self.weights.informing[order].astype(np.int64)})

    def _notation(self, order: Sequence[int] | np.ndarray) -> list[str]:
        place = [self.lists.index(name) for name in sorted(self.lists)]
        return [self.weights.graphs.model(int(graph), place).notation for graph in order]

    @property
    def uninformed(self) -> float:
        """Share of the posterior in graphs that nobody informs about the hidden: there the prior alone decides N."""
        return float(self.probability[self.weights.informing <= 0].sum())

    @cached_property
    def mean(self) -> float | None:
        """The posterior mean of the population; None where its far tail alone decides it."""
        mean = float(self._middle_of_blocks @ self.mass)
        far = self._held > 1.0 - _FAR
        return None if (self._middle_of_blocks * self.mass)[far].sum() > _MOST_FAR * mean else self.observed + mean

    @cached_property
    def sd(self) -> float | None:
        """The posterior standard deviation; None where the far tail alone decides it."""
        if self.mean is None:
            return None
        away = self.start - (self.mean - self.observed)
        square = self.mass * away**2 + 2.0 * away * self.moments[0] + self.moments[1]
        far = self._held > 1.0 - _FAR
        whole = float(square.sum())
        return None if square[far].sum() > _MOST_FAR * whole else math.sqrt(max(whole, 0.0))

    @cached_property
    def _held(self) -> Floats:
        """Probability below each block, (blocks,)."""
        return np.asarray(np.cumsum(self.mass) - self.mass)

    @cached_property
    def _middle_of_blocks(self) -> Floats:
        """Mean number of hidden people within each block."""
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = np.where(self.mass > 0, self.moments[0] / self.mass, 0.0)
        return np.asarray(self.start + beyond)

    @cached_property
    def _told(self) -> Weights:
        return self.weights.some(np.flatnonzero(self.probability > _LEAST_SHARE))

    def mass_at(self, sizes: ArrayLike) -> Floats:
        """Return the posterior probability of each population size, whole numbers: array of the same length."""
        hidden = np.atleast_1d(np.asarray(sizes, dtype=float)) - self.observed
        inside = (hidden >= self.least_hidden) & (hidden <= self.most_hidden)
        found = np.zeros(hidden.size)
        parts = np.array_split(hidden[inside], int(inside.sum()) // _AT_ONCE + 1)
        told = self._told
        found[inside] = np.concatenate(side_by_side(
            lambda part: told.add_up(part, np.ones(part.size), self.log_total, self.log_total - _NOTHING)[2], parts))
        return found

    def mass_by_graph(self, sizes: ArrayLike, most: int) -> Floats:
        """Return the part of each size's probability that the `most` leading graphs hold: (graphs, sizes)."""
        hidden = np.atleast_1d(np.asarray(sizes, dtype=float)) - self.observed
        order = np.argsort(-self.probability, kind="stable")[:most]
        return np.asarray(np.exp(self.weights.some(order)(hidden) - self.log_total))

    def quantile(self, share: float) -> int:
        """Return the least population that the posterior does not exceed with this probability."""
        wanted = share * float(self.mass.sum())
        place = min(int(np.searchsorted(np.cumsum(self.mass), wanted)), self.start.size - 1)
        below, start, width = float(self._held[place]), int(self.start[place]), int(self.width[place])
        while width > EACH:
            half = width // 2
            held = float(summed(self._told, np.array([start]), np.array([half]), self.log_total).mass[0])
            if below + held < wanted:
                below, start = below + held, start + half
            width = half
        each = below + np.cumsum(self.mass_at(self.observed + start + np.arange(width)))
        return self.observed + start + min(int(np.searchsorted(each, wanted)), width - 1)

    def interval(self, confidence_level: float) -> tuple[int, int]:
        """Return the limits with the same probability beyond either."""
        tail = (1.0 - confidence_level) / 2.0
        return self.quantile(tail), self.quantile(1.0 - tail)

    @cached_property
    def mode(self) -> int:
        """The most probable population; the least of several."""
        place = int(np.argmax(self.mass / self.width))
        near = slice(max(place - 1, 0), place + 2)
        low, high = int(self.start[near][0]), int((self.start + self.width)[near][-1]) - 1
        while high - low > _CLOSE_LOOK:
            at = np.unique(np.linspace(low, high, _CLOSE_LOOK).round().astype(np.int64))
            best = int(np.argmax(self.mass_at(self.observed + at)))
            low, high = int(at[max(best - 1, 0)]), int(at[min(best + 1, at.size - 1)])
        at = np.arange(low, high + 1)
        return self.observed + low + int(np.argmax(self.mass_at(self.observed + at)))

    def draws(self) -> Draws:
        """Return evenly spaced quantiles as draws; within a block they follow the straight line with its mean."""
        total = float(self.mass.sum())
        held = np.append(self._held, total) / total
        shares = (np.arange(IMPLIED_DRAWS) + 0.5) / IMPLIED_DRAWS
        place = np.clip(np.searchsorted(held, shares, side="right") - 1, 0, self.start.size - 1)
        within = (shares - held[place]) * total / self.mass[place]
        # The density 1 + slope (t - 1/2) on 0 to 1 has the mean 1/2 + slope/12.
        mean = (self._middle_of_blocks - self.start + 0.5) / self.width
        slope = np.clip(12.0 * (mean - 0.5), -2.0, 2.0)[place]
        rise = 1.0 - 0.5 * slope
        root = np.sqrt(np.maximum(rise**2 + 2.0 * slope * within, 0.0))
        along = np.clip(2.0 * within / np.maximum(rise + root, 1e-300), 0.0, 1.0)
        sizes = self.start[place] + np.minimum(np.floor(along * self.width[place]), self.width[place] - 1)
        name = digest(self.fingerprint, "bayesian_graphical", self.delta, self.prior, self.least_hidden,
                      self.most_hidden)
        return Draws.of(self.observed + sizes, name)

    def told(self, most: int = 10) -> Mapping[str, dict[str, float]]:
        """Return the probabilities and the means of the leading graphs, by their notation."""
        first = self.leading(most)
        return {"probabilities": dict(zip(first["model"], first["probability"].tolist(), strict=True)),
                "means": {model: mean for model, mean in zip(first["model"], first["mean"].tolist(), strict=True)
                          if math.isfinite(mean)}}

    def __repr__(self) -> str:
        low, high = self.interval(0.95)
        return (f"GraphicalPosterior(median {self.quantile(0.5):,}, 95% interval {low:,} to {high:,}; "
                f"{len(self.probability):,} of {self.visited:,} graphs, delta {self.delta:g}, prior {self.prior})")


# A moment is the far tail's where more than this part of it comes from beyond this last share of the posterior.
_FAR, _MOST_FAR = 1e-4, 0.05
_CLOSE_LOOK = 64
_MOST_LISTED = 10_000
