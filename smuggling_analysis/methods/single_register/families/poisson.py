"""The Poisson distribution: p(y) = rate^y exp(-rate) / y!."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln

from smuggling_analysis.methods.single_register.families.distribution import Chances, Distribution
from smuggling_analysis.methods.single_register.families.links import Positive
from smuggling_analysis.methods.single_register.families.surplus import surplus
from smuggling_analysis.methods.single_register.jets import Array, Jet, Number, exp

# Below this rate the closed forms lose digits to cancellation, and their series do not.
_SMALL = 1e-2


def log_growth(log_rate: Number) -> Number:
    """Return log[{exp(rate) - 1} / rate]: less it, the log-probability of one given at least one."""
    if not isinstance(log_rate, Jet):
        return _log_growth(np.exp(log_rate))
    rate = np.exp(log_rate.value)
    beyond_one, variance = _given_seen(rate)
    return log_rate.through(_log_growth(rate), beyond_one, variance)


def _log_growth(rate: Array) -> Array:
    return np.where(rate < _SMALL, rate * (1 / 2 + rate * (1 / 24 - rate**2 / 2880)),
                    rate + np.log(-np.expm1(-rate) / rate))


def _given_seen(rate: Array) -> tuple[Array, Array]:
    """Return mean, less one, and variance of the number of times among those seen at least once."""
    series = rate * (1 / 2 + rate * (1 / 12 - rate**2 / 720))
    beyond_one = np.where(rate < _SMALL, series, rate / -np.expm1(-rate) - 1)
    small = (1 + series) * rate * (1 / 2 - rate * (1 / 12 - rate**2 / 720))
    return beyond_one, np.where(rate < _SMALL, small, (1 + beyond_one) * (rate - beyond_one))


def _chances(parameters: Sequence[Positive]) -> Chances:
    log_rate = parameters[0].log

    def above(times: Array, least: int) -> Jet | Array:
        return log_rate * (times - least) - (gammaln(times + 1) - gammaln(least + 1))

    return Chances(-exp(log_rate), -log_growth(log_rate), above)


def _spared(times: Array, log_share: Jet | Array, parameters: Sequence[Positive]) -> Jet | Array:
    log_rate = parameters[0].log
    return exp(log_rate) - exp(log_rate + log_share)


def _guesses(times: Array, persons: Array, least: int) -> tuple[tuple[float, ...], ...]:
    """Guess from the mean, which is least + rate / (least + 1) where rates are small, and rate where large."""
    beyond = surplus(times, persons, least)
    return ((max((least + 1) * beyond / (1 + beyond), beyond),),)


POISSON = Distribution(title="Poisson", parameters=("rate",), chances=_chances, spared=_spared,
                       guesses=_guesses)
