"""The most likely mixture of Poisson distributions, for people of whom those never seen are not counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import Array, Frequencies
from smuggling_analysis.methods.single_register.frequency_counts.mixture_climbing import climb

# A mixture from which the slope towards every rate is this or less, for each person seen, is taken for the best: where
# the likelihood is flat, a hundred times more can move the people missed by a thousandth. What rounding leaves at
# most is the second figure.
CERTIFIED, LEAST_CERTIFIED = 1e-12, 1e-9
SMALLEST_RATE = 1e-9
_STEPS, _PATIENCE = 30, 15
_EM_STEPS = 15
_SAME = 1e-4
_NOBODY = 1e-8
_LEAST_SHARE = 1e-12


@dataclass(frozen=True, eq=False)
class Mixture:
    """People by their rates of being seen.

    Parameters
    ----------
    rates : (points,) array
        The rates that occur, ascending.
    people : (points,) array
        How many people have each, seen or not.
    slope : float
        The largest slope of the log-likelihood towards any other rate, for each person seen: 0 at the maximum. The
        log-likelihood of the maximum lies above by no more than this times the people seen.
    """

    rates: Array
    people: Array
    slope: float

    @cached_property
    def missed(self) -> float:
        """People never seen."""
        return float(self.people @ np.exp(-self.rates))

    @cached_property
    def seen(self) -> float:
        """People seen."""
        return float(self.people @ -np.expm1(-self.rates))

    @property
    def odds(self) -> float:
        """People never seen for each one seen."""
        return self.missed / self.seen

    def log_likelihood(self, frequencies: Frequencies) -> float:
        """Return the log-likelihood of how often people were seen, given that they were."""
        expected = chances(frequencies.times, self.rates) @ (self.people / self.seen)
        return float(frequencies.people @ np.log(expected))


def chances(times: Array, rates: Array) -> Array:
    """Return the Poisson chances of being seen so often at each rate: (columns, points)."""
    return np.asarray(np.exp(times[:, None] * np.log(rates) - rates - gammaln(times + 1)[:, None]))


def costs(rates: Array, price: float) -> Array:
    """Return what a person of each rate costs the likelihood: the chance of being seen, and the price of not being."""
    return np.asarray(-np.expm1(-rates) + price * np.exp(-rates))


def fit_mixture(frequencies: Frequencies, price: float, start: Mixture | None = None) -> Mixture:
    """Find the mixture that maximises sum f log(expected f) - expected seen - price x expected never seen.

    At price 0 this is the likelihood of those seen given that they were, at 1 the likelihood of a census; in between
    it traces the most likely mixture for every number of people. The problem is concave in the people of each rate,
    and a mixture is the best where the slope is not positive towards any rate (Lindsay 1983): as long as it is, the
    rates at which it is highest are added, and rates and people climb together.

    Parameters
    ----------
    frequencies : Frequencies
        The evidence.
    price : float
        0 or more; at 1 nobody is missed.
    start : Mixture, optional
        A mixture to start from, such as that of a similar price.

    Returns
    -------
    Mixture

    Raises
    ------
    NoEstimate
        If the maximum is not reached, or a rate falls below `SMALLEST_RATE`.

    References
    ----------
    Lindsay, B. G. (1983). The geometry of mixture likelihoods: a general theory. Annals of Statistics 11, 86-94.

    Examples
    --------
    >>> frequencies = Frequencies(np.array([1.0, 2, 3, 4, 6, 7]), np.array([43.0, 16, 8, 6, 2, 1]))
    >>> fit_mixture(frequencies, 0.01).rates.round(2)
    array([0.64, 2.98])
    """
    problem = _Problem(frequencies, price)
    rates, people = (start.rates, start.people) if start else problem.first()
    for step in range(_STEPS):
        rates, people = problem.climbed(rates, people)
        slopes = problem.slopes(rates, people)
        steepest = float(slopes.max())
        if rates[0] < SMALLEST_RATE:
            raise NoEstimate("the most likely rate of being seen is next to zero, with any number of people unseen",
                             "more people seen more than once")
        if steepest <= (CERTIFIED if step < _PATIENCE else LEAST_CERTIFIED):
            return Mixture(rates, people, max(steepest, 0.0))
        rates, people = problem.shifted(rates, people, slopes)
    raise NoEstimate("the most likely mixture of rates was not found", "a smaller cutoff, or a parametric family")


class _Problem:
    """One set of frequencies and a price, with the grid of rates on which slopes are looked at."""

    def __init__(self, frequencies: Frequencies, price: float):
        self.times, self.seen, self.price = frequencies.times, frequencies.people, price
        self.grid = _grid(float(frequencies.times.max()))
        self.on_grid = chances(self.times, self.grid)
        self.costs = costs(self.grid, price)

    def first(self) -> tuple[Array, Array]:
        """Return one rate, that of the mean."""
        mean = float(self.times @ self.seen / self.seen.sum())
        rates = np.array([max(mean - 1.0, 0.1 * mean, 0.1)])
        return rates, self.seen.sum() / costs(rates, self.price)

    def climbed(self, rates: Array, people: Array) -> tuple[Array, Array]:
        """Climb, and again without rates that nobody has and with those that have met put together."""
        while True:
            rates, people = climb(self.times, self.seen, self.price, rates, people)
            fewer, theirs = _put_together(rates, people, self.price)
            if len(fewer) == len(rates):
                return fewer, theirs
            rates, people = fewer, theirs

    def slopes(self, rates: Array, people: Array) -> Array:
        """Return the slope of the likelihood towards every rate of the grid, for each unit of cost: (grid,)."""
        expected = chances(self.times, rates) @ people
        return np.asarray((self.seen / expected) @ self.on_grid / self.costs - 1.0)

    def shifted(self, rates: Array, people: Array, slopes: Array) -> tuple[Array, Array]:
        """Give the rates at which the slope is highest so many people that the likelihood rises, then EM steps."""
        found = self.grid[_peaks(slopes)]
        rates = np.concatenate([rates, found])
        made, cost = chances(self.times, rates), costs(rates, self.price)
        before = np.concatenate([people, np.zeros(len(found))])
        added = np.concatenate([-people, np.full(len(found), self.seen.sum() / len(found))])
        added[len(people):] /= cost[len(people):]
        people = self._risen(made, cost, before, added)
        for _ in range(_EM_STEPS):
            people = people * ((self.seen / (made @ people)) @ made) / cost
        return rates, people

    def _risen(self, made: Array, cost: Array, before: Array, added: Array) -> Array:
        """Go a way, a quarter of it or less, on which the likelihood rises."""
        share, expected = 0.25, made @ before
        while share > _LEAST_SHARE:
            step = share * added
            if self.seen @ np.log1p(made @ step / expected) > cost @ step:
                break
            share /= 2
        return before + share * added


def _put_together(rates: Array, people: Array, price: float) -> tuple[Array, Array]:
    """Drop rates that nobody has and join those that are next to equal."""
    kept = people * costs(rates, price) > _NOBODY
    order = np.argsort(rates[kept])
    rates, people = rates[kept][order], people[kept][order]
    group = np.concatenate([[0], np.cumsum(np.diff(rates) > _SAME * rates[1:])])
    together = np.bincount(group, people).astype(float)
    return np.asarray(np.bincount(group, people * rates) / together), together


def _peaks(slopes: Array) -> NDArray[np.int64]:
    """Return the places of the grid where the slope is positive and higher than beside."""
    padded = np.concatenate([[-np.inf], slopes, [-np.inf]])
    return np.flatnonzero((slopes > 0) & (slopes >= padded[:-2]) & (slopes > padded[2:]))


def _grid(most: float) -> Array:
    """Return rates close enough that no peak of the slope hides between two of them."""
    top = most + 6 * np.sqrt(most) + 6
    roots = np.arange(0.3, np.sqrt(top), 0.05)
    return np.concatenate([np.geomspace(SMALLEST_RATE, 0.09, 120, endpoint=False), roots**2])
