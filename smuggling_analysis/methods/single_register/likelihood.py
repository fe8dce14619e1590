"""Maximum likelihood over covariate patterns, for any family.

Newton's method, damped where a full step does not raise the likelihood. It ends in one of three ways: at a
maximum, running off along a ray on which the likelihood never falls, or stuck. Only the first is a fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array, Family

_ITERATIONS = 100
_PLATEAU = 1e-5
"""The smallest change of a predictor that shows a plateau when the likelihood does not rise with it."""
_STILL = 1e-8
"""The largest change of a predictor at which a full Newton step is the last: the next would be its square."""


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood of coefficients, given the counts.

    Parameters
    ----------
    family : Family
        The distribution.
    designs : sequence of (patterns, coefficients) arrays
        One design matrix for each predictor of the family.
    times : (columns,) array
        Numbers of times seen.
    persons : (patterns, columns) array
        People of each pattern seen that often.
    """

    family: Family
    designs: Sequence[Array]
    times: Array
    persons: Array

    @property
    def weights(self) -> Array:
        """People who enter the likelihood: (patterns, columns)."""
        return np.where(self.family.used(self.times), self.persons, 0.0)

    def predictors(self, coefficients: Array) -> Array:
        """Return the linear predictors: (predictors, patterns, 1)."""
        ends = np.cumsum([design.shape[1] for design in self.designs])[:-1]
        parts = np.split(coefficients, ends)
        each = [design @ part for design, part in zip(self.designs, parts, strict=True)]
        return np.stack(each)[:, :, np.newaxis]

    def __call__(self, coefficients: Array) -> float:
        """Return the log-likelihood."""
        cells = self.family.log_likelihood(self.times, self.predictors(coefficients))
        return float((self.weights * cells).sum())

    def score(self, coefficients: Array) -> Array:
        """Return the derivatives by the coefficients: (coefficients,)."""
        return self.gradient(self.weights * self.family.score(self.times, self.predictors(coefficients)))

    def gradient(self, by_predictor: Array) -> Array:
        """Turn derivatives by the predictors, (predictors, patterns, columns), into those by coefficients."""
        return np.concatenate([design.T @ part.sum(axis=1)
                               for design, part in zip(self.designs, by_predictor, strict=True)])

    def information(self, coefficients: Array) -> Array:
        """Return the observed information: (coefficients, coefficients)."""
        each = self.family.information(self.times, self.predictors(coefficients))
        cells = (self.weights * each).sum(axis=-1)
        return np.block([[(left.T * cells[row, column]) @ right for column, right in enumerate(self.designs)]
                         for row, left in enumerate(self.designs)])

    def start(self) -> Array:
        """Return the coefficients nearest to the family's starting values."""
        values = self.family.start(self.times, self.persons.sum(axis=0))
        return np.concatenate([np.linalg.lstsq(design, np.full(len(design), value), rcond=None)[0]
                               for design, value in zip(self.designs, values, strict=True)])


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the maximisation ended.

    Parameters
    ----------
    coefficients : (coefficients,) array
        The last coefficients.
    log_likelihood : float
        Their log-likelihood.
    covariance : (coefficients, coefficients) array or None
        Inverse of the observed information; None where it has none.
    step : (coefficients,) array
        The last Newton step: next to nothing at a maximum.
    iterations : int
        Newton steps taken.
    converged : bool
        Whether the last full step was next to nothing and the likelihood curves downwards in every direction.
    """

    coefficients: Array
    log_likelihood: float
    covariance: Array | None
    step: Array
    iterations: int
    converged: bool


def maximise(likelihood: Likelihood) -> Fit:
    """Maximise the likelihood by damped Newton steps from the family's starting values."""
    coefficients = likelihood.start()
    height = likelihood(coefficients)
    still = False
    iterations, step = 0, np.full(len(coefficients), np.inf)
    while iterations < _ITERATIONS and not still:
        iterations += 1
        step, full = _newton_step(likelihood.score(coefficients), likelihood.information(coefficients))
        moved = float(np.abs(likelihood.predictors(step)).max())
        still = full and moved < _STILL
        coefficients, reached = _climb(likelihood, coefficients, step, height)
        if moved > _PLATEAU and reached <= height + _rounding(height):
            break
        height = reached
    covariance = _inverse(likelihood.information(coefficients))
    converged = still and covariance is not None
    return Fit(coefficients, likelihood(coefficients), covariance, step, iterations, converged)


def _newton_step(score: Array, information: Array) -> tuple[Array, bool]:
    """Return the Newton step, and whether it is undamped.

    Where the likelihood does not curve downwards in every direction, curvature is added until it does.
    """
    size = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    scaled = information / np.outer(size, size)
    added = 0.0
    for _ in range(60):
        try:
            factor = np.linalg.cholesky(scaled + added * np.eye(len(score)))
        except np.linalg.LinAlgError:
            added = max(10 * added, 1e-10)
            continue
        step = np.linalg.solve(factor.T, np.linalg.solve(factor, score / size)) / size
        return step, added == 0.0
    return np.zeros_like(score), False


def _rounding(height: float) -> float:
    return 1e-13 * (1 + abs(height))


def _climb(likelihood: Likelihood, coefficients: Array, step: Array, height: float) -> tuple[Array, float]:
    """Halve the step until the likelihood does not fall (beyond rounding); stay where it always does."""
    length = 1.0
    for _ in range(40):
        tried = coefficients + length * step
        reached = likelihood(tried)
        if reached >= height - _rounding(height):
            return tried, reached
        length /= 2
    return coefficients, height


def _inverse(information: Array) -> Array | None:
    size = np.sqrt(np.diag(information)) if (np.diag(information) > 0).all() else None
    if size is None:
        return None
    scaled = information / np.outer(size, size)
    try:
        np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        return None
    if np.linalg.cond(scaled) > 1e12:
        return None
    return np.linalg.inv(scaled) / np.outer(size, size)


def rises_for_ever(likelihood: Likelihood, fit: Fit) -> NDArray[np.float64] | None:
    """Walk along the ray of the last step: does the likelihood ever fall?

    A gradient next to nothing does not tell a maximum from a plateau that rises for ever: this does, by
    looking 30 units of the predictor ahead (a factor of ten million million in a rate).

    Returns
    -------
    (predictors, patterns) array or None
        How far each predictor moves for a unit of the ray, scaled so that the fastest moves by 1; None where
        the likelihood falls, as beyond a maximum.
    """
    moves = likelihood.predictors(fit.step)[:, :, 0]
    fastest = np.abs(moves).max()
    if not np.isfinite(fastest) or fastest < 1e-6:
        return None
    ray = fit.step / fastest
    heights = [likelihood(fit.coefficients + distance * ray) for distance in (1, 2, 4, 8, 15, 30)]
    before = [fit.log_likelihood, *heights[:-1]]
    slack = 1e-9 * (1 + abs(fit.log_likelihood))
    if any(after < earlier - slack for earlier, after in zip(before, heights, strict=True)):
        return None
    return moves / fastest
