"""Draws from the posterior of a Poisson log-linear model with normal or flat priors.

The posterior is log-concave, so that it has one mode and a chain that starts near it forgets where it started.
Parameters are measured from the mode, in units that make the posterior's curvature there the identity; the energy
is written as the change from the mode, so that a thousand million people cost it no digits.

A cell is a history, a term a set of lists, both written as numbers whose bits are lists (see `loglinear`).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.loglinear import sum_over_subsets, sum_over_supersets

# Trajectories of about a quarter turn are nearly independent draws where the posterior is nearly normal.
_QUARTER_TURN = np.pi / 2
_AIM, _MOST_STEPS = 0.85, 60
_MOST_MOVE = 500.0


@njit(cache=True, nogil=True)
def _slope(place, means, terms, root, precision, left, cells, move, slope):
    """Fill the energy's slope at `place`; return the energy above that of the mode.

    Parameters
    ----------
    place : (terms,) array, in units of the curvature
    means : (cells,) array
        Expected counts at the mode; 0 where a cell is not counted.
    root : (terms, terms) array
        Turns `place` into parameters, measured from the mode.
    precision, left : (terms,) arrays
        Of the prior; and the slope that the mode's search left.
    cells, move, slope : work space, (cells,), (terms,), (terms,); `slope` is the answer
    """
    size = terms.size
    cells[:] = 0.0
    energy = 0.0
    for row in range(size):
        total = 0.0
        for column in range(size):
            total += root[row, column] * place[column]
        move[row] = total
        energy += total * (0.5 * precision[row] * total + left[row])
        cells[terms[row]] = total
    sum_over_subsets(cells)
    for cell in range(cells.size):
        if means[cell] == 0.0:
            cells[cell] = 0.0
        elif cells[cell] > _MOST_MOVE:
            return np.inf
        else:
            change = np.expm1(cells[cell])
            energy += means[cell] * (change - cells[cell])
            cells[cell] = means[cell] * change
    sum_over_supersets(cells)
    for row in range(size):
        move[row] = cells[terms[row]] + precision[row] * move[row] + left[row]
    for column in range(size):
        total = 0.0
        for row in range(size):
            total += root[row, column] * move[row]
        slope[column] = total
    return energy


@njit(cache=True, nogil=True)
def posterior_chain(means, terms, root, precision, left, burn_in, draws, rng):
    """Run one chain of Hamiltonian Monte Carlo, its step tuned while it burns in.

    Parameters
    ----------
    means : (cells,) array
        Expected counts at the posterior mode; 0 where a cell is not counted.
    terms : (terms,) array of int
    root : (terms, terms) array
        A root of the posterior's covariance at the mode.
    precision : (terms,) array
        The normal priors' precisions; 0 is a flat prior.
    left : (terms,) array
        The slope of the energy that the mode's search left, nearly 0.
    burn_in, draws : int
    rng : Generator

    Returns
    -------
    (draws, terms) array, share accepted
        Parameters, measured from the mode.
    """
    size = terms.size
    cells, move = np.empty(means.size), np.empty(size)
    place = 1.5 * rng.standard_normal(size)
    slope, tried_slope = np.empty(size), np.empty(size)
    energy = _slope(place, means, terms, root, precision, left, cells, move, slope)
    while not np.isfinite(energy):
        place *= 0.5
        energy = _slope(place, means, terms, root, precision, left, cells, move, slope)
    kept = np.empty((draws, size))
    log_step, accepted = np.log(0.9 * size**-0.25), 0
    for turn in range(burn_in + draws):
        length = _QUARTER_TURN * (0.6 + 0.8 * rng.random())
        steps = max(1, min(_MOST_STEPS, int(np.ceil(length / np.exp(log_step)))))
        step = min(length / steps, np.exp(log_step))
        push = rng.standard_normal(size)
        before = energy + 0.5 * (push**2).sum()
        tried = place.copy()
        tried_slope[:] = slope
        after = energy
        for _ in range(steps):
            push -= 0.5 * step * tried_slope
            tried += step * push
            after = _slope(tried, means, terms, root, precision, left, cells, move, tried_slope)
            if not np.isfinite(after):
                break
            push -= 0.5 * step * tried_slope
        chance = np.exp(min(0.0, before - after - 0.5 * (push**2).sum())) if np.isfinite(after) else 0.0
        if rng.random() < chance:
            place[:] = tried
            slope[:] = tried_slope
            energy = after
            accepted += turn >= burn_in
        if turn < burn_in:
            log_step = min(log_step + (chance - _AIM) / (turn + 10.0) ** 0.6, np.log(_QUARTER_TURN))
        else:
            kept[turn - burn_in] = root @ place
    return kept, accepted / draws
