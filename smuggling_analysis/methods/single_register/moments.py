"""Mean, variance and information of how often the people of a fit are seen, summed over all numbers of times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.likelihood import Likelihood

_TAIL = 1e-13
_MOST_TIMES = 20_000
_CELLS = 1 << 20


@dataclass(frozen=True, eq=False)
class Moments:
    """What a fit expects of the people of each merged pattern.

    Parameters
    ----------
    mean, variance : (patterns,) arrays
        Of the number of times seen, among those who enter the likelihood.
    of_all : (patterns,) array
        Mean number of times in the population, those never seen among them.
    information : (patterns, predictors, predictors) array
        One person's expected information on the linear predictors.
    """

    mean: Array
    variance: Array
    of_all: Array
    information: Array


def moments_of(likelihood: Likelihood, coefficients: Array) -> Moments:
    """Sum over 1, 2, ... times until nobody is left.

    Parameters
    ----------
    likelihood : Likelihood
        What was maximised.
    coefficients : (coefficients,) array
        Where.

    Raises
    ------
    NoEstimate
        If some people are expected to be seen so often that the sums do not end.
    """
    at, family = likelihood.predictors(coefficients), likelihood.family
    patterns, predictors = at.shape[1], len(at)
    sums = np.zeros((3, patterns))
    of_all, information = np.zeros(patterns), np.zeros((patterns, predictors, predictors))
    first, width, unseen = 1, 64, True
    while unseen:
        if first > _MOST_TIMES:
            raise NoEstimate(f"people are expected to be seen more than {_MOST_TIMES:,} times, so what is expected "
                             "of them cannot be summed", "a family whose counts end sooner")
        times = np.arange(float(first), float(first + min(width, max(1, _CELLS // patterns))))
        first, width = first + len(times), 2 * width
        with np.errstate(all="ignore"):
            jet = family.log_likelihood(times, at)
            chance = np.where(family.used(times), np.exp(jet.value), 0.0) * np.ones((patterns, 1))
            whole = family.population_probability(times, at)
        sums += np.stack([(chance * times**power).sum(axis=-1) for power in range(3)])
        of_all += (whole * times).sum(axis=-1)
        information -= _over_times(chance, jet.hessian, (predictors, predictors, *chance.shape))
        unseen = bool((chance[:, -1] * times[-1]**2 > _TAIL).any() or (whole[:, -1] * times[-1] > _TAIL).any())
    mean = sums[1] / sums[0]
    return Moments(mean, sums[2] / sums[0] - mean**2, of_all, information)


def _over_times(chance: Array, hessian: Array, shape: tuple[int, ...]) -> Array:
    """Average second derivatives over times: (patterns, predictors, predictors)."""
    # Where nobody is expected, a second derivative that is no number counts for nothing.
    cells = np.where(chance > 0, chance * np.broadcast_to(hessian, shape), 0.0)
    return np.asarray(np.moveaxis(cells.sum(axis=-1), -1, 0))
