"""Newton's method within bounds, for many replicates at once: each goes its own way and stops by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.reference_population.objective import Array, Objective, Rows, Which

MAXIMUM, RUNS_OFF, FLAT, NOT_CONVERGED = "maximum", "runs off", "flat", "not converged"
_SWEEPS = 150
_HALVINGS = 30
_STILL = 1e-7
"""The largest change of a logarithm of an expected count at which a step is the last: the next would be its square."""
_STUCK = 1e-4
_GAIN = 1e-12
"""A gain, for each unit of height, that is none: a predictor that still moves with it runs off."""
_RUNNING = 1e-2
_LEVEL = 1e-13
"""Heights no farther apart, for each unit of them, are one but for rounding."""
_FARTHEST = 4.0
_ILL = 1e13


@dataclass(frozen=True, eq=False)
class Climb:
    """Where each replicate ended.

    Parameters
    ----------
    verdicts : (points,) array of str
        "maximum", or why there is none.
    at, step : (points, coefficients) arrays
        The coefficients, and the last step: next to nothing at a maximum.
    height : (points,) array
        The criterion.
    held : (points, coefficients) array of bool
        Coefficients that lie on a bound and would leave it.
    """

    verdicts: NDArray[np.str_]
    at: Array
    step: Array
    height: Array
    held: NDArray[np.bool_]

    def only(self, rows: Which) -> Climb:
        """Keep these points."""
        return Climb(self.verdicts[rows], self.at[rows], self.step[rows], self.height[rows], self.held[rows])


def climb(objective: Objective, starts: Array, which: Which, bounds: tuple[Array, Array]) -> Climb:
    """Climb from `starts`, (points, coefficients), each in its replicate, within bounds, (coefficients,) each."""
    at = np.clip(starts, *bounds)
    height = objective.rows(at, which).height
    steps, held = np.zeros_like(at), np.zeros(at.shape, dtype=bool)
    pinned = np.zeros(at.shape, dtype=bool)
    verdicts = np.where(np.isfinite(height), "", NOT_CONVERGED).astype("<U13")
    for _ in range(_SWEEPS):
        going = np.flatnonzero(verdicts == "")
        if not going.size:
            break
        rows = objective.rows(at[going], which[going])
        step, held[going], flat = _steps(objective, rows, at[going], bounds, pinned[going])
        steps[going] = step
        (by_mean, moved), gain = objective.moves(rows, step), (objective.score(rows) * step).sum(axis=1)
        level = gain < _GAIN * (1.0 + np.abs(height[going]))
        if (aside := level & (moved > _RUNNING) & (by_mean <= _RUNNING)).any():
            _pin(at, pinned, going[aside], step[aside], bounds)
        length = np.minimum(1.0, _FARTHEST / np.maximum(moved, 1e-300))
        length[aside] = 0.0
        ended, reached = _along(objective, at[going], step, length, height[going], which[going], bounds)
        taken = (reached >= height[going]) | aside
        at[going[taken]], height[going[taken]] = ended[taken], reached[taken]
        still = (moved < _STILL) & ~aside
        stuck = ~taken & ~still
        running = level & (by_mean > _RUNNING)
        verdicts[going[running]] = RUNS_OFF
        verdicts[going[stuck & ~running]] = np.where(moved < _STUCK, MAXIMUM, NOT_CONVERGED)[stuck & ~running]
        verdicts[going[still]] = np.where(flat, FLAT, MAXIMUM)[still]
    verdicts[verdicts == ""] = NOT_CONVERGED
    return Climb(verdicts, at, steps, height, held)


def _pin(at: Array, pinned: NDArray[np.bool_], which: Which, step: Array,
         bounds: tuple[Array, Array]) -> None:
    """Put gamma or theta that runs off, with nothing gained by it, on the bound it runs to, for good."""
    low, high = bounds
    bounded = np.isfinite(low) & np.isfinite(high)
    runs = bounded & (np.abs(step) > _RUNNING)
    at[which] = np.where(runs, np.where(step > 0, high, low), at[which])
    pinned[which] |= runs


def _steps(objective: Objective, rows: Rows, at: Array, bounds: tuple[Array, Array], pinned: NDArray[np.bool_]
           ) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return Newton steps, which coefficients their bounds hold, and where the criterion is flat in some direction."""
    score = objective.score(rows)
    information = objective.information(rows, expected=False)
    held = pinned | ((at <= bounds[0]) & (score < 0)) | ((at >= bounds[1]) & (score > 0))
    least, most = _ends(_without(information, held))
    upwards = least < 1e-13 * np.maximum(most, 1e-300)
    if upwards.any():
        safe = objective.information(rows, expected=True)
        information = np.where(upwards[:, np.newaxis, np.newaxis], safe, information)
    kept = _without(information, held)
    size = scale_of(kept)
    scaled = kept / (size[:, :, np.newaxis] * size[:, np.newaxis, :])
    scaled = np.nan_to_num(scaled) + 1e-13 * np.eye(at.shape[1])
    step = np.linalg.solve(scaled, (np.where(held, 0.0, score) / size)[:, :, np.newaxis])[:, :, 0] / size
    return np.nan_to_num(step), held, upwards


def _along(objective: Objective, at: Array, step: Array, length: Array, height: Array, which: Which,
           bounds: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return the first point along each step, halved as need be, that is as high as the start."""
    ended = np.clip(at + length[:, np.newaxis] * step, *bounds)
    reached = objective.rows(ended, which).height
    for _ in range(_HALVINGS):
        low = np.flatnonzero(reached < height - _LEVEL * (1.0 + np.abs(height)))
        if not low.size:
            break
        length = length.copy()
        length[low] /= 2.0
        ended[low] = np.clip(at[low] + length[low, np.newaxis] * step[low], *bounds)
        reached[low] = objective.rows(ended[low], which[low]).height
    level = np.abs(reached - height) <= _LEVEL * (1.0 + np.abs(height))
    return ended, np.where(level, np.maximum(reached, height), reached)


def _without(information: Array, held: NDArray[np.bool_]) -> Array:
    """Set the coefficients that are held apart from the others."""
    free = ~held
    kept = np.where(free[:, :, np.newaxis] & free[:, np.newaxis, :], information, 0.0)
    places = np.arange(information.shape[1])
    kept[:, places, places] = np.where(held, 1.0, kept[:, places, places])
    return kept


def _ends(information: Array) -> tuple[Array, Array]:
    size = scale_of(information)
    scaled = np.nan_to_num(information / (size[:, :, np.newaxis] * size[:, np.newaxis, :]))
    curved = np.linalg.eigvalsh(scaled)
    return np.asarray(curved[:, 0]), np.asarray(curved[:, -1])


def scale_of(information: Array) -> Array:
    """Return what the coefficients are measured in, to invert without losing digits: (points, coefficients)."""
    diagonal = np.diagonal(information, axis1=1, axis2=2)
    return np.asarray(np.sqrt(np.maximum(np.nan_to_num(np.abs(diagonal)), 1e-300)))


def inverse_of(information: Array, held: NDArray[np.bool_]) -> Array:
    """Invert one information, 0 for coefficients that are held; not a number where it has no inverse."""
    kept = _without(information[np.newaxis], held[np.newaxis])
    size = scale_of(kept)[0]
    least, most = _ends(kept)
    if not least[0] * _ILL > most[0]:
        return np.full(information.shape, np.nan)
    inverse = np.linalg.inv(kept[0] / np.outer(size, size)) / np.outer(size, size)
    free = ~held
    return np.where(np.outer(free, free), inverse, 0.0)
