"""Does the likelihood rise for ever? It is walked, not judged by its gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.likelihood import Likelihood, Which

_DISTANCES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


def rises_for_ever(likelihood: Likelihood, coefficients: Array, height: Array, steps: Array,
                   which: Which) -> NDArray[np.bool_]:
    """Walk along the rays of the last steps: does the likelihood ever fall?

    A gradient next to nothing does not tell a maximum from a plateau that rises for ever: this does, by
    looking 30 units of the predictor ahead (a factor of ten million million in a rate).

    Parameters
    ----------
    likelihood : Likelihood
        What was maximised.
    coefficients, steps : (points, coefficients) arrays
        Where each maximisation ended, and its last step.
    height : (points,) array
        The log-likelihood there.
    which : (points,) array of int
        The replicate of each.

    Returns
    -------
    (points,) array of bool
    """
    fastest = np.abs(likelihood.moves(steps)).max(axis=(0, 2))
    endless = np.isfinite(fastest) & (fastest > 1e-6) & np.isfinite(height)
    rays = steps / np.where(endless, fastest, 1.0)[:, np.newaxis]
    slack = 1e-9 * (1 + np.abs(height))
    before = height
    for distance in _DISTANCES:
        rows = np.flatnonzero(endless)
        if not rows.size:
            break
        after = likelihood(coefficients[rows] + distance * rays[rows], which[rows]).height
        endless[rows] = after >= before[rows] - slack[rows]
        before = before.copy()
        before[rows] = after
    return np.asarray(endless)


def directions(likelihood: Likelihood, step: Array) -> Array:
    """Return how far each predictor moves along a ray, the fastest by 1: (predictors, patterns)."""
    moves = likelihood.moves(step)
    return np.asarray(moves / max(float(np.abs(moves).max()), 1e-300))
