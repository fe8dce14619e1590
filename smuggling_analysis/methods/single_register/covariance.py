"""Covariance of the coefficients: observed or expected information, or the sandwich of both sides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.likelihood import Likelihood
from smuggling_analysis.methods.single_register.newton import scale_of

_MOST_TIMES = 20_000
_TAIL = 1e-11
_CELLS = 1 << 20
_ILL = 1e12


def inverse_of(information: Array) -> Array:
    """Invert informations, (points, coefficients, coefficients); not a number where one has no inverse.

    One has none where the likelihood does not curve downwards in every direction, or not enough for its
    digits to be told from rounding.
    """
    size = scale_of(information)
    outer = size[:, :, np.newaxis] * size[:, np.newaxis, :]
    scaled = information / outer
    good = np.asarray(np.isfinite(scaled).all(axis=(1, 2)))
    good &= (np.diagonal(information, axis1=1, axis2=2) > 0).all(axis=1)
    scaled = np.where(good[:, np.newaxis, np.newaxis], scaled, np.eye(information.shape[-1]))
    curvature = np.linalg.eigvalsh(scaled)
    good &= curvature[:, 0] * _ILL > curvature[:, -1]
    scaled = np.where(good[:, np.newaxis, np.newaxis], scaled, np.eye(information.shape[-1]))
    return np.where(good[:, np.newaxis, np.newaxis], np.linalg.inv(scaled) / outer, np.nan)


def bends_upwards(information: Array) -> NDArray[np.bool_]:
    """Tell where the likelihood curves upwards in some direction, as at a saddle: (points,)."""
    size = scale_of(information)
    scaled = np.nan_to_num(information / (size[:, :, np.newaxis] * size[:, np.newaxis, :]))
    return np.asarray(np.linalg.eigvalsh(scaled)[:, 0] < -1e-8)


def observed(likelihood: Likelihood, coefficients: Array) -> Array:
    """Inverse of the observed information."""
    return inverse_of(likelihood(coefficients[np.newaxis]).information)[0]


def expected(likelihood: Likelihood, coefficients: Array) -> Array:
    """Inverse of the expected information: curvatures averaged over the counts that the fit expects.

    Raises
    ------
    NoEstimate
        If some people are expected to be seen so often that the average cannot be taken.
    """
    at = likelihood.predictors(coefficients)
    people = likelihood.weights[0].sum(axis=-1)
    count = range(len(likelihood.designs))
    lower = [[np.zeros((1, len(people))) for _ in range(row + 1)] for row in count]
    unseen, first, width = np.ones(len(people)), 1, 64
    while (unseen[people > 0] > _TAIL).any():
        if first > _MOST_TIMES:
            raise NoEstimate(f"people are expected to be seen more than {_MOST_TIMES:,} times, so the expected "
                             "information cannot be summed", 'covariance="observed"')
        times = np.arange(float(first), float(first + min(width, max(1, _CELLS // len(people)))))
        first, width = first + len(times), 2 * width
        used = times[likelihood.family.used(times)]
        if not used.size:
            break
        with np.errstate(all="ignore"):
            jet = likelihood.family.log_likelihood(used, at)
            chance = np.broadcast_to(np.exp(jet.value), (len(people), len(used)))
            for row in count:
                for column in range(row + 1):
                    lower[row][column][0] -= people * np.nansum(chance * jet.hessian[row, column], axis=-1)
        unseen = unseen - chance.sum(axis=-1)
    return inverse_of(likelihood.products(lower))[0]


def sandwich(likelihood: Likelihood, coefficients: Array) -> Array:
    """Covariance that holds where the distribution is wrong: HC1, with n / (n - coefficients).

    The observed information on either side of the squares of each person's score (White 1982, Econometrica
    50, 1-25, doi:10.2307/1912526).
    """
    people = float(likelihood.weights.sum())
    return without_correction(likelihood, coefficients) * people / max(people - likelihood.size, 1.0)


def without_correction(likelihood: Likelihood, coefficients: Array) -> Array:
    """Sandwich covariance without the small-sample factor: HC0."""
    which = np.zeros(1, dtype=np.int64)
    with np.errstate(all="ignore"):
        jet = likelihood.family.log_likelihood(likelihood.times[likelihood.columns],
                                               likelihood.predictors(coefficients[np.newaxis]))
    squares = [[likelihood.over_times(jet.gradient[row] * jet.gradient[column], which)
                for column in range(row + 1)] for row in range(len(likelihood.designs))]
    bread = observed(likelihood, coefficients)
    return np.asarray(bread @ likelihood.products(squares)[0] @ bread)


COVARIANCES: dict[str, Callable[[Likelihood, Array], Array]] = {
    "observed": observed,
    "expected": expected,
    "sandwich": sandwich,
    "HC0": without_correction,
}
