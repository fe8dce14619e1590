"""Newton's method for many replicates at once, damped where a full step does not raise the likelihood.

Every replicate goes its own way and stops by itself: still, on a plateau, stuck, or out of iterations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.likelihood import Curve, Likelihood, Which

_SWEEPS = 300
_HALVINGS = 40
_PLATEAU = 1e-5
"""The smallest change of a predictor that shows a plateau when the likelihood does not rise with it."""
_STILL = 1e-8
"""The largest change of a predictor at which a full Newton step is the last: the next would be its square."""
_FARTHEST = 5.0
"""The largest change of a predictor in one step."""
_STRIDE = 0.5
"""The smallest change of a predictor in a step that tells where a plateau leads."""
_CLIMBING, _AT_REST, _STRANDED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Climb:
    """Where Newton's method ended from each of its starts.

    Parameters
    ----------
    coefficients : (starts, coefficients) array
        The last coefficients.
    curve : Curve
        The log-likelihood and its derivatives there.
    step : (starts, coefficients) array
        The last Newton step: next to nothing at a maximum. Far out on a plateau, where the last is rounding, the
        last that led there.
    iterations : (starts,) array of int
        Newton steps taken.
    still : (starts,) array of bool
        Whether the last step was next to nothing.
    """

    coefficients: Array
    curve: Curve
    step: Array
    iterations: NDArray[np.int64]
    still: NDArray[np.bool_]


def climb(likelihood: Likelihood, starts: Array, which: Which) -> Climb:
    """Climb from `starts`, (starts, coefficients), each in its replicate `which`, (starts,)."""
    at = starts.copy()
    curve = likelihood(at, which)
    state = np.where(np.isfinite(curve.height), _CLIMBING, _STRANDED)
    step, full, moved = np.zeros_like(at), np.zeros(len(at), dtype=bool), np.zeros(len(at))
    length, iterations = np.ones(len(at)), np.zeros(len(at), dtype=np.int64)
    before, stride = np.zeros(len(at)), np.zeros_like(at)
    turning = np.flatnonzero(state == _CLIMBING)
    for _ in range(_SWEEPS):
        if turning.size:
            before[turning] = moved[turning]
            step[turning], full[turning], moved[turning] = _steps(likelihood, curve.at(turning))
            long = turning[moved[turning] > _STRIDE]
            stride[long] = step[long]
            length[turning] = 1.0
            iterations[turning] += 1
        going = np.flatnonzero(state == _CLIMBING)
        if not going.size:
            break
        tried = at[going] + length[going, np.newaxis] * step[going]
        found = likelihood(tried, which[going])
        gain = found.height - curve.height[going]
        slack = rounding(curve.height[going])
        taken = gain >= -slack
        last = (full[going] & ~taken & (moved[going] < _PLATEAU / 10)) | (moved[going] < _STILL)
        level = taken & ~last & (moved[going] * length[going] > _PLATEAU) & (gain <= slack)
        # At the top of a flat ridge steps shrink fast, and one more is taken; on a plateau they do not.
        level &= moved[going] > before[going] / 2
        length[going[~taken]] /= 2
        spent = ~taken & (length[going] < 0.5**_HALVINGS)
        state[going[last]] = _AT_REST
        state[going[(level | spent) & ~last]] = _STRANDED
        rows = going[taken]
        at[rows] = tried[taken]
        curve.height[rows], curve.score[rows] = found.height[taken], found.score[taken]
        curve.information[rows] = found.information[taken]
        turning = going[taken & ~last & ~level]
    lost = (state != _AT_REST) & (moved < _STRIDE) & stride.any(axis=1)
    return Climb(at, curve, np.where(lost[:, np.newaxis], stride, step), iterations, state == _AT_REST)


def rounding(height: Array) -> Array:
    """Return the changes of a log-likelihood of this height that are rounding."""
    return np.asarray(1e-13 * (1 + np.abs(height)))


def _steps(likelihood: Likelihood, curve: Curve) -> tuple[Array, NDArray[np.bool_], Array]:
    """Return the Newton steps, whether each is undamped, and how far the predictors move with it.

    Where the likelihood does not curve downwards in every direction, the curvatures are taken without their
    sign: the step climbs away from a saddle.
    """
    size = scale_of(curve.information)
    scaled = curve.information / (size[:, :, np.newaxis] * size[:, np.newaxis, :])
    score = curve.score / size
    try:
        np.linalg.cholesky(scaled)
        step = np.linalg.solve(scaled, score[:, :, np.newaxis])[:, :, 0] / size
        full = np.ones(len(score), dtype=bool)
    except np.linalg.LinAlgError:
        curvature, directions = np.linalg.eigh(scaled)
        full = curvature[:, 0] > 1e-13
        floor = 1e-6 * np.abs(curvature).max(axis=1, keepdims=True)
        used = np.where(full[:, np.newaxis], curvature, np.maximum(np.abs(curvature), np.maximum(floor, 1e-12)))
        along = (directions.transpose(0, 2, 1) @ score[:, :, np.newaxis])[:, :, 0] / used
        step = (directions @ along[:, :, np.newaxis])[:, :, 0] / size
    moved = np.abs(likelihood.moves(step)).max(axis=(0, 2))
    capped = moved > _FARTHEST
    shorter = np.where(capped, _FARTHEST / np.maximum(moved, _FARTHEST), 1.0)
    return step * shorter[:, np.newaxis], full & ~capped, np.minimum(moved, _FARTHEST)


def scale_of(information: Array) -> Array:
    """Return what each coefficient is measured in: (points, coefficients), never zero."""
    diagonal = np.diagonal(information, axis1=1, axis2=2)
    return np.asarray(np.sqrt(np.maximum(np.abs(diagonal), 1e-300)))
