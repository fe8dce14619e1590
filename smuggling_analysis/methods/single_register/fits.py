"""Maximum likelihood of one register or of many replicates of it: where the maximum is, or why there is none.

Newton's method from every starting value; a general optimiser for what it leaves; and the likelihood along
the ray of the last step, which tells a maximum from a plateau that rises for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.covariance import bends_upwards, inverse_of
from smuggling_analysis.methods.single_register.divergence import rises_for_ever
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.likelihood import Likelihood, Which
from smuggling_analysis.methods.single_register.newton import Climb, climb

MAXIMUM, RUNS_OFF, FLAT, NOT_CONVERGED = "maximum", "runs off", "flat", "not converged"
_SAME = 1e-9
"""Log-likelihoods no farther apart, for each unit of their size, are one height."""


@dataclass(frozen=True, eq=False)
class Fits:
    """What maximisation found in each replicate.

    Parameters
    ----------
    verdicts : (replicates,) array of str
        "maximum", or why there is no fit: "runs off" (the likelihood rises for ever along `steps`), "flat",
        "not converged".
    coefficients : (replicates, coefficients) array
        Where it ended.
    log_likelihood : (replicates,) array
        The log-likelihood there.
    covariance : (replicates, coefficients, coefficients) array
        Inverse of the observed information; not a number where there is no maximum.
    steps : (replicates, coefficients) array
        The last Newton step: next to nothing at a maximum, else the ray.
    iterations : (replicates,) array of int
        Newton steps taken.
    rivals : (replicates, coefficients) array
        The highest other maximum that a start led to; not a number where there is none.
    rival_log_likelihood : (replicates,) array
        Its log-likelihood; minus infinity where there is none.
    """

    verdicts: NDArray[np.str_]
    coefficients: Array
    log_likelihood: Array
    covariance: Array
    steps: Array
    iterations: NDArray[np.int64]
    rivals: Array
    rival_log_likelihood: Array

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which replicates have a maximum: (replicates,)."""
        return np.asarray(self.verdicts == MAXIMUM)


def maximise(likelihood: Likelihood, starts: Array | None = None) -> Fits:
    """Maximise the likelihood of every replicate.

    Parameters
    ----------
    likelihood : Likelihood
        Of one or many replicates.
    starts : (starts, coefficients) array, optional
        Where every replicate starts, for example at the fit of the data they were drawn from; the family's
        own starting values unless given.
    """
    points = _starting_points(likelihood) if starts is None else np.repeat(
        np.atleast_2d(starts)[np.newaxis], likelihood.replicates, axis=0)
    each = points.shape[1]
    which = np.repeat(np.arange(likelihood.replicates), each)
    found = climb(likelihood, points.reshape(-1, likelihood.size), which)
    best = _highest(found, each)
    covariance = inverse_of(found.curve.information)
    fits = _judged(likelihood, found, covariance, best, each)
    left = np.flatnonzero(fits.verdicts == NOT_CONVERGED)
    return _by_optimiser(likelihood, fits, left) if left.size else fits


def _starting_points(likelihood: Likelihood) -> Array:
    """Return the coefficients nearest to the family's starting values: (replicates, starts, coefficients)."""
    values = [likelihood.family.starts(likelihood.times, people) for people in likelihood.persons.sum(axis=1)]
    points = likelihood.nearest(np.concatenate(values))
    return points.reshape(likelihood.replicates, -1, likelihood.size)


def _highest(found: Climb, each: int) -> NDArray[np.int64]:
    """Return the highest end of each replicate; among equals, one at rest."""
    height = found.curve.height.reshape(-1, each)
    top = height.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        level = height >= top - _SAME * (1 + np.abs(top))
    resting = found.still.reshape(-1, each)
    rank = np.where(level & resting, 2, np.where(level, 1, 0))
    # Of ends alike the first: the answer must not hang on the last bits of their heights.
    return np.asarray(np.argmax(rank, axis=1) + each * np.arange(len(rank)))


def _judged(likelihood: Likelihood, found: Climb, covariance: Array, best: NDArray[np.int64],
            each: int) -> Fits:
    replicates = np.arange(len(best))
    curved = np.isfinite(covariance[best, 0, 0])
    good = found.still[best] & curved
    level = found.still[best] & ~bends_upwards(found.curve.information[best])
    verdicts = np.where(good, MAXIMUM, np.where(level, FLAT, NOT_CONVERGED)).astype("<U13")
    doubtful = np.flatnonzero(~good)
    if doubtful.size:
        rows = best[doubtful]
        endless = rises_for_ever(likelihood, found.coefficients[rows], found.curve.height[rows],
                                 found.step[rows], replicates[doubtful])
        verdicts[doubtful[endless]] = RUNS_OFF
    covariance = np.where(good[:, np.newaxis, np.newaxis], covariance[best], np.nan)
    rivals, height = _rivals(likelihood, found, best, each)
    return Fits(verdicts, found.coefficients[best], found.curve.height[best], covariance, found.step[best],
                found.iterations[best], rivals, height)


def _rivals(likelihood: Likelihood, found: Climb, best: NDArray[np.int64], each: int) -> tuple[Array, Array]:
    chosen = np.repeat(best, each)
    apart = np.abs(likelihood.moves(found.coefficients - found.coefficients[chosen])).max(axis=(0, 2)) > 1e-3
    height = np.where(found.still & apart, found.curve.height, -np.inf).reshape(-1, each)
    second = np.argmax(height, axis=1)
    rows = second + each * np.arange(len(second))
    highest = height[np.arange(len(second)), second]
    none = np.isneginf(highest)[:, np.newaxis]
    return np.where(none, np.nan, found.coefficients[rows]), highest


def _by_optimiser(likelihood: Likelihood, fits: Fits, left: Which) -> Fits:
    """Hand what Newton left unfinished to a trust-region optimiser, and let Newton polish where that ends."""
    ends = np.stack([_optimised(likelihood, fits.coefficients[row], row) for row in left])
    found = climb(likelihood, ends, left)
    higher = found.curve.height >= fits.log_likelihood[left] - _SAME * (1 + np.abs(fits.log_likelihood[left]))
    # Judge a batch of its own: replicate `left[k]` is its k-th.
    own = likelihood if likelihood.replicates == 1 else likelihood.with_persons(likelihood.persons[left])
    judged = _judged(own, found, inverse_of(found.curve.information), np.arange(len(left)), 1)
    return _replaced(fits, left[higher], judged, np.flatnonzero(higher))


def _replaced(fits: Fits, rows: Which, new: Fits, taken: Which) -> Fits:
    def put(name: str) -> Array:
        whole = np.array(getattr(fits, name))
        whole[rows] = getattr(new, name)[taken]
        return whole

    changed: Sequence[str] = ("verdicts", "coefficients", "log_likelihood", "covariance", "steps")
    parts = {name: put(name) for name in changed}
    return Fits(**parts, iterations=fits.iterations, rivals=fits.rivals,  # type: ignore[arg-type]
                rival_log_likelihood=fits.rival_log_likelihood)


def _optimised(likelihood: Likelihood, start: Array, replicate: int) -> Array:
    from scipy.optimize import minimize

    which = np.array([replicate])
    far = 1e300

    def height(at: Array) -> float:
        value = float(likelihood(at[np.newaxis], which).height[0])
        return -value if np.isfinite(value) else far

    def slope(at: Array) -> Array:
        return np.nan_to_num(-likelihood(at[np.newaxis], which).score[0])

    def curvature(at: Array) -> Array:
        return np.nan_to_num(likelihood(at[np.newaxis], which).information[0])

    if not np.isfinite(height(start)) or height(start) == far:
        return start
    try:
        with np.errstate(all="ignore"):
            ended = minimize(height, start, jac=slope, hess=curvature, method="trust-exact",
                             options={"maxiter": 300, "gtol": 1e-9})
    except (ValueError, np.linalg.LinAlgError):
        # Its own algebra breaks down where curvatures are next to nothing: it has nothing to add.
        return start
    return np.asarray(ended.x if ended.fun <= height(start) else start)
