"""Two neighbouring counts alone: Chao's and Zelterman's estimators, and Chao's where ones are inflated.

Of two people seen once or twice, the second is one seen twice with probability (rate / 2) / (1 + rate / 2): a
logistic regression with predictor log(rate / 2). Those seen more often stay out of the likelihood, which is
what makes the two estimators robust (Böhning & van der Heijden 2009, Annals of Applied Statistics 3, 595-610,
doi:10.1214/08-AOAS214; Böhning et al. 2013, Biometrics 69, 1033-1042, doi:10.1111/biom.12082). Where too many
were seen once, the same is done with those seen twice and three times, predictor log(rate / 3)
(Böhning, Kaskasamkul & van der Heijden 2019, Metrika 82, 361-384, doi:10.1007/s00184-018-0689-5).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Family, Parameters
from smuggling_analysis.methods.single_register.families.links import LINKS
from smuggling_analysis.methods.single_register.families.poisson import POISSON
from smuggling_analysis.methods.single_register.jets import Array, Jet, exp, log_sum_exp, softplus, value_of, where


def _neighbours(fewer: int) -> Callable[[Array], NDArray[np.bool_]]:
    return lambda times: (times == fewer) | (times == fewer + 1)


def _law(fewer: int) -> Callable[[Array, Parameters], Jet | Array]:
    def law(times: Array, parameters: Parameters) -> Jet | Array:
        log_odds = parameters[0].log - math.log(fewer + 1)
        return log_odds * (times == fewer + 1) - softplus(log_odds)

    return law


def _log_chance(fewer: int, parameters: Parameters) -> Jet | Array:
    """Return the log of the two counts' probability over that of zero."""
    log_rate = parameters[0].log
    return log_sum_exp(log_rate * fewer - math.lgamma(fewer + 1), log_rate * (fewer + 1) - math.lgamma(fewer + 2))


def _standing(fewer: int) -> Callable[[Array, Parameters], Jet | Array]:
    def standing(times: Array, parameters: Parameters) -> Jet | Array:
        return where(_neighbours(fewer)(times), 1.0 + exp(-_log_chance(fewer, parameters)), 1.0)

    return standing


def _variance(fewer: int) -> Callable[[Array, Parameters], Array]:
    """Return each person's share, (1 - p) (1 + missed)^2 with p the chance of one of the two counts.

    This is the form in use for the covariate estimator. It counts those of the two counts only, and so
    exceeds Chao's own variance of 1987 by (1 - r) r for each person, r the chance of being seen more often: a
    hair too wide.
    """
    def variance(times: Array, parameters: Parameters) -> Array:
        log_chance = value_of(_log_chance(fewer, parameters))
        chance = np.exp(log_chance - np.exp(parameters[0].log))
        return _neighbours(fewer)(times) * (1 - chance) * (1 + np.exp(-log_chance)) ** 2

    return variance


def _guesses(fewer: int) -> Callable[[Array, Array], tuple[tuple[float, ...], ...]]:
    def guesses(times: Array, persons: Array) -> tuple[tuple[float, ...], ...]:
        low, high = persons[times == fewer].sum(), persons[times == fewer + 1].sum()
        return (((fewer + 1) * (float(high) + 0.5) / (float(low) + 0.5),),)

    return guesses


def _population(times: Array, parameters: Parameters) -> Array:
    return value_of(POISSON.chances(parameters).of(times))


CHAO = Family(
    title="Chao's lower bound", predictors=("rate",), links=(LINKS["log half"],), used=_neighbours(1),
    law=_law(1), standing=_standing(1), variance=_variance(1), population=_population, claims_all=False,
    guesses=_guesses(1),
)

ONE_INFLATED_CHAO = replace(
    CHAO, title="one-inflated Chao's lower bound", links=(LINKS["log third"],), used=_neighbours(2),
    law=_law(2), standing=_standing(2), variance=_variance(2), guesses=_guesses(2),
)

ZELTERMAN = replace(
    CHAO, title="Zelterman",
    standing=lambda times, parameters: exp(-POISSON.chances(parameters).ever),
    variance=lambda times, parameters: _binomial(parameters),
)


def _binomial(parameters: Parameters) -> Array:
    chances = POISSON.chances(parameters)
    return np.exp(value_of(chances.never) - 2 * value_of(chances.ever))
