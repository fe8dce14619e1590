"""The Poisson distribution cut down to those seen once or twice: Chao's and Zelterman's estimators with
covariates.

Of two people seen once or twice, the second is one seen twice with probability (rate / 2) / (1 + rate / 2): a
logistic regression with predictor log(rate / 2). Those seen more often stay out of the likelihood, which is
what makes the two estimators robust (Böhning & van der Heijden 2009, Annals of Applied Statistics 3, 595-610,
doi:10.1214/08-AOAS214; Böhning et al. 2013, Biometrics 69, 1033-1042, doi:10.1111/biom.12082).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families import horvitz_thompson as seen
from smuggling_analysis.methods.single_register.families.family import Array, Family


def _once_or_twice(times: Array) -> NDArray[np.bool_]:
    return times <= 2


def _start(times: Array, persons: Array) -> Array:
    return np.log([persons[times == 2].sum() / persons[times == 1].sum()])


def _share_twice(log_odds: Array) -> Array:
    odds = seen.rate_of(log_odds)
    return odds / (1 + odds)


def _log_likelihood(times: Array, predictors: Array) -> Array:
    log_odds = predictors[0]
    return np.where(times == 2, log_odds, 0.0) - np.logaddexp(0.0, log_odds)


def _score(times: Array, predictors: Array) -> Array:
    return ((times == 2) - _share_twice(predictors[0]))[np.newaxis]


def _information(times: Array, predictors: Array) -> Array:
    share = _share_twice(predictors[0])
    return np.broadcast_to(share * (1 - share), (*share.shape[:-1], len(times)))[np.newaxis, np.newaxis]


def _rate(predictors: Array) -> Array:
    return 2 * seen.rate_of(predictors[0])


def _missed(predictors: Array) -> Array:
    """Return the people missed for each person seen once or twice: p0 / (p1 + p2)."""
    rate = _rate(predictors)
    return 1 / (rate + rate**2 / 2)


def _chao_stands_for(times: Array, predictors: Array) -> Array:
    return 1 + _once_or_twice(times) * _missed(predictors)


def _chao_gradient(times: Array, predictors: Array) -> Array:
    return (_once_or_twice(times) * -_missed(predictors) * (1 + _share_twice(predictors[0])))[np.newaxis]


def _chao_variance(times: Array, predictors: Array) -> Array:
    """Return each person's share, (1 - p1 - p2) (1 + missed)^2, counting those seen once or twice only.

    This is the form in use for the covariate estimator. It leaves out those seen three times or more, and so
    exceeds Chao's own variance of 1987 by (1 - r) r for each person, r their probability: a hair too wide.
    """
    missed = _missed(predictors)
    chance = np.exp(-_rate(predictors)) / missed
    return _once_or_twice(times) * (1 - chance) * (1 + missed) ** 2


CHAO = Family(
    title="Chao's lower bound",
    predictors=("log(rate / 2)",),
    used=_once_or_twice,
    start=_start,
    log_likelihood=_log_likelihood,
    score=_score,
    information=_information,
    probability=None,
    stands_for=_chao_stands_for,
    stands_for_gradient=_chao_gradient,
    stands_for_variance=_chao_variance,
)

ZELTERMAN = replace(
    CHAO,
    title="Zelterman",
    stands_for=lambda times, predictors: seen.stands_for(_rate(predictors)),
    stands_for_gradient=lambda times, predictors: seen.stands_for_by_log_rate(_rate(predictors))[np.newaxis],
    stands_for_variance=lambda times, predictors: seen.binomial_variance(_rate(predictors)),
)
