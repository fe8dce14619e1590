"""The average over every decomposable graph: which graphs matter, and how far the numbers of hidden people go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.blocks import (
    Floats,
    Whole,
    dyadic_blocks,
    points_of,
)
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.graphs import (
    NUMBER_OF_GRAPHS,
    decomposable_graphs_of,
)
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.posterior import GraphicalPosterior
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.summation import Summed, even_blocks, summed
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.weights import (
    Prior,
    SetCounts,
    Weights,
    log_prior_of,
)

MOST_LISTS = max(NUMBER_OF_GRAPHS)
MOST_NUMBERS_GIVEN = 2_000_000
"""How many numbers of hidden people a prior that is given as a function or an array may have."""
NEGLIGIBLE = 1e-9
"""The share of the posterior that may lie beyond the numbers of hidden people that are kept."""
_MOST_ENDLESS = 1e-6
# Beyond this a whole number of people no longer fits the arithmetic.
_FURTHEST = 1 << 61
_GRID = 384
_NUMBERS_AT_ONCE = 16_384
# Where there are more graphs than this, the lightest are left out as long as they hold less than 1e-11 together; those
# with less than exp(-41) of the heaviest one's weight on the grid are not looked at again.
_ALL_KEPT = 1000
_LEFT_OUT = 1e-11
_LEAST = 41.0
_FINE_ENOUGH = 2.0
_RANGE = math.log(64.0)
_NEEDED = ("people found on several lists: with few of them only a prior that is known to hold, or most_hidden, a "
           "limit that is known, can decide")


def bayesian_graphical_posterior(histories: CaptureHistories, *, delta: float | None = None, prior: Prior = "inverse",
                                 least_hidden: int = 0, most_hidden: int | None = None) -> GraphicalPosterior:
    """Return the posterior of the population over every decomposable graph of dependence between lists.

    Every one of the graphs is visited: 8, 61, 822, 18,154 and 617,675 on three to seven lists. For every number of
    hidden people a graph's weight has a closed form under the hyper-Dirichlet prior (Dawid and Lauritzen 1993), and
    the numbers are added up without visiting each one, by Gauss rules for discrete sums, to about 12 digits.

    Parameters
    ----------
    histories : CaptureHistories
        Three to seven lists; strata are added together.
    delta : float, optional
        The prior count of each of the 2**lists histories; by default one spread over all, 2**-lists.
    prior : {"inverse", "uniform"}, function or array
        Prior on the population N: proportional to 1/N, the same for every N, or the log prior as a function of
        an array of N, or as an array for `least_hidden` hidden people and on.
    least_hidden : int
        The fewest hidden people considered.
    most_hidden : int, optional
        The most considered. By default as many as it takes for all but a 1e-9 part of the posterior; needed where
        the prior is a function.

    Returns
    -------
    GraphicalPosterior
        With `.frame`, the graphs; `.quantile`, `.interval`, `.mean`, `.sd`, `.mode`; `.mass_at(sizes)`.

    Raises
    ------
    ValueError
        If there are fewer than three or more than seven lists, or an option cannot be used.
    NoEstimate
        If the posterior does not fall with the number of hidden people, so that it has no total.

    References
    ----------
    Madigan, D. and York, J. C. (1997). Bayesian methods for estimation of the size of a closed population.
    Biometrika 84(1), 19-31.

    Dawid, A. P. and Lauritzen, S. L. (1993). Hyper Markov laws in the statistical analysis of decomposable
    graphical models. Annals of Statistics 21(3), 1272-1317. doi:10.1214/aos/1176349260

    Examples
    --------
    Children with spina bifida in upstate New York, 1969 to 1974, by the files of medical rehabilitation, death
    certificates and birth certificates (Madigan and York 1997).

    >>> children = CaptureHistories.from_counts(
    ...     {"clinic": 60, "death": 49, ("clinic", "death"): 4, "birth": 247, ("clinic", "birth"): 112,
    ...      ("death", "birth"): 142, ("clinic", "death", "birth"): 12}, lists=["clinic", "death", "birth"])
    >>> posterior = bayesian_graphical_posterior(children, delta=1)
    >>> posterior.quantile(0.5), posterior.interval(0.95)
    (732, (681, 800))
    >>> posterior.frame.head(3).round(3)
         model  probability     mean  informing
    0   [12,3]        0.370  731.905        266
    1  [12,23]        0.311  758.100        112
    2  [12,13]        0.279  712.423        142
    """
    return _Average.asked(histories, delta, prior, least_hidden, most_hidden).posterior()


@dataclass(frozen=True, eq=False)
class _Average:
    """One call: the table with its lists in order of their names, and what was asked."""

    given: CaptureHistories
    delta: float
    prior: str
    weights: Weights
    least_hidden: int
    most_hidden: int | None

    @classmethod
    def asked(cls, histories: CaptureHistories, delta: float | None, prior: Prior, least_hidden: int,
              most_hidden: int | None) -> _Average:
        delta = 2.0**-histories.n_lists if delta is None else float(delta)
        _check(histories, delta, least_hidden, most_hidden)
        power, log_prior = log_prior_of(prior, histories.n_observed, least_hidden)
        if not isinstance(prior, str) and not callable(prior):
            held = least_hidden + np.size(np.asarray(prior)) - 1
            most_hidden = held if most_hidden is None else min(held, most_hidden)
        if log_prior is not None and (most_hidden is None or most_hidden - least_hidden >= MOST_NUMBERS_GIVEN):
            raise ValueError(f"a prior given as a function needs most_hidden, at most {MOST_NUMBERS_GIVEN:,} more than "
                             "least_hidden: each number of hidden people is visited")
        # In the order of the lists' names, so that the last digits do not depend on the order they came in.
        counts = SetCounts.of(histories.select(sorted(histories.lists)), delta)
        weights = Weights(counts, decomposable_graphs_of(histories.n_lists), power, log_prior)
        return cls(histories, delta, prior if isinstance(prior, str) else "given", weights, least_hidden, most_hidden)

    def posterior(self) -> GraphicalPosterior:
        if self.most_hidden is None and (slow := float(self.weights.decline.min())) <= 1.0:
            raise NoEstimate(
                f"with delta {self.delta:g} and this prior on the population the posterior falls only as "
                f"1/N^{slow:.3g}, so it has no total: the data set no limit to the people hidden", _NEEDED)
        if self.weights.log_prior is not None:
            return self._each_number()
        high = _FURTHEST if self.most_hidden is None else self.most_hidden + 1
        tops = _Tops.of(self.weights, self.least_hidden, high - 1)
        weights = self.weights.some(tops.places)
        blocks = even_blocks(weights, self.least_hidden, high, tops.found, tops.totals)
        found = summed(weights, *blocks, float(tops.totals.max()))
        tails = self._tails(weights, found)
        return self._made(weights, found, tails, tops.left_out)

    def _each_number(self) -> GraphicalPosterior:
        """Visit each number: nothing is known of the course of a prior that is given."""
        assert self.most_hidden is not None
        start, width = dyadic_blocks(self.least_hidden, self.most_hidden + 1)
        while (wide := width > 16).any():
            half = width[wide] // 2
            start = np.concatenate([start[~wide], start[wide], start[wide] + half])
            width = np.concatenate([width[~wide], half, half])
        order = np.argsort(start)
        start, width = start[order], width[order]
        found = summed(self.weights, start, width, self._highest(start, width))
        return self._made(self.weights, found, np.zeros(len(self.weights.graphs)), 0.0)

    def _highest(self, start: Whole, width: Whole) -> float:
        """Return the largest of all log-weights."""
        from smuggling_analysis.kernels.graphical import highest_points

        numbers = points_of(start, width)[0]
        graphs = self.weights.graphs
        parts = np.array_split(numbers, max(1, numbers.size // _NUMBERS_AT_ONCE))
        highest = max(float(highest_points(graphs.closed, graphs.opened, self.weights.of_sets(part))[1].max())
                      for part in parts)
        if highest == -math.inf:
            raise ValueError("the prior leaves no number of hidden people possible")
        return highest

    def _tails(self, weights: Weights, found: Summed) -> Floats:
        """Return each graph's sum beyond the furthest block, on the scale of `found`; 0 where a limit was set."""
        if self.most_hidden is not None:
            return np.zeros(len(weights.graphs))
        last = float(_FURTHEST)
        return np.asarray(np.exp(weights(np.array([last]))[:, 0] - found.log_scale) * last / (weights.decline - 1.0))

    def _made(self, weights: Weights, found: Summed, tails: Floats, left_out: float) -> GraphicalPosterior:
        total = float(found.mass.sum() + tails.sum())
        endless = float(tails.sum()) / total
        if endless > _MOST_ENDLESS:
            raise NoEstimate(f"the posterior falls so slowly with the number of hidden people that {endless:.2g} of it "
                             f"lies beyond {float(_FURTHEST):.1g} of them", _NEEDED)
        kept = slice(0, self._reach(found.mass / total, endless))
        end = int(found.start[kept][-1] + found.width[kept][-1] - 1)
        beyond = max(0.0, 1.0 - float(found.mass[kept].sum()) / total) if self.most_hidden is None else 0.0
        of_graphs = np.exp(found.of_graphs - found.log_scale) + tails
        means = self.given.n_observed + found.means
        no_mean = np.full(means.size, self.most_hidden is None) & (weights.decline <= 2.0)
        moments = np.stack([found.first, found.second])[:, kept] / total
        return GraphicalPosterior(
            lists=self.given.lists, observed=self.given.n_observed, delta=self.delta, prior=self.prior,
            least_hidden=self.least_hidden, most_hidden=end, beyond=beyond, weights=weights,
            probability=of_graphs / of_graphs.sum(),
            means=np.where(no_mean, math.nan, means), start=found.start[kept], width=found.width[kept],
            mass=found.mass[kept] / total, moments=moments, log_total=found.log_scale + math.log(total),
            visited=len(self.weights.graphs), left_out=left_out, fingerprint=self.given.fingerprint,
            simulated=self.given.simulated)

    def _reach(self, mass: Floats, beyond: float) -> int:
        """Return how many blocks hold all but a negligible share of the posterior."""
        if self.most_hidden is not None:
            return mass.size
        enough = np.cumsum(mass[::-1])[::-1] - mass + beyond < NEGLIGIBLE
        return int(np.argmax(enough)) + 1 if enough.any() else mass.size


@dataclass(frozen=True, eq=False)
class _Tops:
    """Where the weights of the graphs that matter are largest.

    Parameters
    ----------
    places : (kept,) array
        The graphs that matter, the heaviest first.
    found : (kept, 2) array
        The logarithm of 1 + the hidden people where the weight on that scale is largest, and its height.
    totals : (kept,) array
        Estimates of the logarithm of each graph's sum, from below.
    left_out : float
        What the others hold of the posterior, at most.
    """

    places: NDArray[np.intp]
    found: Floats
    totals: Floats
    left_out: float

    @classmethod
    def of(cls, weights: Weights, low: int, high: int) -> _Tops:
        """Look at every graph on a grid, climb to the tops where the grid is too coarse, and leave out the lightest."""
        from smuggling_analysis.kernels.graphical import highest_points

        scaled = np.linspace(math.log1p(low), math.log1p(high), _GRID)
        step = scaled[1] - scaled[0]
        grid = weights.of_sets(np.expm1(scaled))
        grid[0] += scaled
        place, height, bent = highest_points(weights.graphs.closed, weights.graphs.opened, grid)
        # Between two points of the grid a log-weight rises by no more than its bend allows.
        bend = weights.bend
        above = height + 0.125 * bend * step**2
        kept = np.arange(place.size)
        if place.size > _ALL_KEPT:
            kept = np.flatnonzero(above > (height - 0.5 * np.log(bend)).max() - _LEAST)
        found = np.stack([scaled[place[kept]], above[kept], step / np.sqrt(np.maximum(-bent[kept], step**2))], axis=1)
        reached = height[kept]
        if (above - height)[kept].max() > _FINE_ENOUGH:
            found = _climbed(weights.some(kept), scaled[np.maximum(place[kept] - 1, 0)],
                             scaled[np.minimum(place[kept] + 1, _GRID - 1)])
            reached = found[:, 1]
        first = weights.some(kept)(np.array([float(low)]))[:, 0]
        totals = np.maximum(reached + np.minimum(np.log(found[:, 2]), 0.0) - 1.0, first)
        most = above
        most[kept] = np.maximum(found[:, 1], first)
        return cls._heaviest(kept, found[:, :2], totals, most + _RANGE)

    @classmethod
    def _heaviest(cls, kept: NDArray[np.intp], found: Floats, totals: Floats, most: Floats) -> _Tops:
        """Leave out graphs, the lightest first, as long as all of them together are negligible."""
        highest = totals.max()
        held = np.exp(totals - highest).sum()
        shares = np.exp(np.minimum(most - highest, 0.0)) / held
        never = shares.sum() - shares[kept].sum()
        order = np.argsort(-totals, kind="stable")
        if most.size > _ALL_KEPT:
            left = np.cumsum(shares[kept][order][::-1])[::-1]
            order = order[left > _LEFT_OUT]
        dropped = np.setdiff1d(kept, kept[order], assume_unique=True)
        return cls(kept[order], found[order], totals[order], float(max(never, 0.0) + shares[dropped].sum()))


def _climbed(weights: Weights, low: Floats, high: Floats) -> Floats:
    from smuggling_analysis.kernels.graphical import peaks

    counts = weights.counts
    return np.asarray(peaks(weights.graphs.closed, weights.graphs.opened, low, high, counts.added, counts.constant,
                            float(counts.observed), weights.power))


def _check(histories: CaptureHistories, delta: float, least_hidden: int, most_hidden: int | None) -> None:
    if histories.n_lists not in NUMBER_OF_GRAPHS:
        raise ValueError(f"bayesian_graphical needs 3 to {MOST_LISTS} lists, got {histories.n_lists} "
                         f"({', '.join(histories.lists[:MOST_LISTS + 1])}): use chapman for two, merge or select "
                         "lists where there are more")
    if not (math.isfinite(delta) and delta > 0):
        raise ValueError(f"delta is a prior count, finite and above 0, got {delta}")
    if least_hidden < 0 or int(least_hidden) != least_hidden:
        raise ValueError(f"least_hidden is a number of people, 0 or more, got {least_hidden}")
    if most_hidden is not None and not least_hidden < most_hidden < _FURTHEST:
        raise ValueError(f"most_hidden is a number of people above least_hidden ({least_hidden}), got {most_hidden}")
