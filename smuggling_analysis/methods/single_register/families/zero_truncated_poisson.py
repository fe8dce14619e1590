"""The zero-truncated Poisson distribution, log link.

P(y) = rate^y exp(-rate) / {y! (1 - exp(-rate))} for y = 1, 2, ...
The logarithm of the rate is its natural parameter, so observed and expected information are one and the same
(van der Heijden et al. 2003, Statistical Modelling 3, 305-322, doi:10.1191/1471082X03st057oa).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families import horvitz_thompson as seen
from smuggling_analysis.methods.single_register.families.family import Array, Family


def _every(times: Array) -> NDArray[np.bool_]:
    return times >= 1


def _start(times: Array, persons: Array) -> Array:
    """Start from Zelterman's rate, 2 f2 / f1, or half the surplus of the mean where one of them is empty."""
    once, twice = persons[times == 1].sum(), persons[times == 2].sum()
    surplus = (times * persons).sum() / persons.sum() - 1
    return np.log([2 * twice / once if once and twice else max(surplus / 2, 1e-6)])


def log_probability(times: Array, predictors: Array) -> Array:
    """Return the log-probability of so many times, given seen at all."""
    rate = seen.rate_of(predictors[0])
    factorial = np.array([math.lgamma(number + 1) for number in times])
    return (times - 1) * np.log(rate) - _log_ratio(rate) - factorial


def _score(times: Array, predictors: Array) -> Array:
    return (times - 1 - _mean_beyond_one(seen.rate_of(predictors[0])))[np.newaxis]


def _information(times: Array, predictors: Array) -> Array:
    rate = seen.rate_of(predictors[0])
    mean = 1 + _mean_beyond_one(rate)
    variance = np.broadcast_to(mean * (1 + rate - mean), (*rate.shape[:-1], len(times)))
    small = mean * (rate / 2 - rate**2 / 12 + rate**4 / 720)
    return np.where(rate < _SMALL, small, variance)[np.newaxis, np.newaxis]


# In registers rates are often so small that closed forms lose digits to cancellation; their series do not.
_SMALL = 1e-2


def _log_ratio(rate: Array) -> Array:
    """Return log{(exp(rate) - 1) / rate}."""
    return np.where(rate < _SMALL, rate / 2 + rate**2 / 24 - rate**4 / 2880,
                    rate + np.log(-np.expm1(-rate)) - np.log(rate))


def _mean_beyond_one(rate: Array) -> Array:
    """Return the mean number of times among those seen, less one."""
    series = rate / 2 + rate**2 / 12 - rate**4 / 720
    return np.where(rate < _SMALL, series, rate * seen.stands_for(rate) - 1)


def _stands_for(times: Array, predictors: Array) -> Array:
    return seen.stands_for(seen.rate_of(predictors[0]))


def _stands_for_gradient(times: Array, predictors: Array) -> Array:
    return seen.stands_for_by_log_rate(seen.rate_of(predictors[0]))[np.newaxis]


def _stands_for_variance(times: Array, predictors: Array) -> Array:
    return seen.binomial_variance(seen.rate_of(predictors[0]))


ZERO_TRUNCATED_POISSON = Family(
    title="zero-truncated Poisson",
    predictors=("rate",),
    used=_every,
    start=_start,
    log_likelihood=log_probability,
    score=_score,
    information=_information,
    probability=lambda times, predictors: np.exp(log_probability(times, predictors)),
    stands_for=_stands_for,
    stands_for_gradient=_stands_for_gradient,
    stands_for_variance=_stands_for_variance,
)
