"""How low a model's deviance can be: a bound that holds whether or not an estimate exists.

The bound is exact, not a stopped iteration: Newton's step moves the means `mu` to `mu (1 + m)`,
which reproduce the margins exactly; where none is negative they are a feasible point of the dual problem, and
the least deviance lies within twice the sum of `mu ((1 + m) log(1 + m) - m)` below the present one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.cholesky import cholesky, solve
from smuggling_analysis.kernels.loglinear import (
    deviance_of,
    independent_terms,
    information,
    predict,
    sum_over_subsets,
    sum_over_supersets,
)

FREE, IN, OUT = 0, 1, 2

_MOST_STEPS = 60
_MOST_HALVINGS = 30
# How closely the least deviance is enclosed, absolute and as a share of it.
_ENCLOSED, _ENCLOSED_SHARE = 1e-3, 1e-10
# Cells on the way to zero move by -1 or less a step, the others hardly.
_RECEDES, _NEARLY_ZERO, _STAYS = -0.3, 0.05, 0.05
# Additions a cell costs in one step, for the account of work: exponentials, logarithms, sums.
_CELL_WORK = 60.0
# Means lent to cells that come back to life when an empty term leaves.
_LEAST_MEAN = 1e-2


@njit(cache=True, nogil=True)
def _restart(observed, alive, terms, size, theta, mu, sums, factor):
    """Fill `theta` by one weighted least squares step from the means given; say whether it could be made."""
    for cell in range(mu.size):
        mu[cell] = max(mu[cell], _LEAST_MEAN) if alive[cell] > 0.0 else 0.0
    sums[:] = mu
    sum_over_supersets(sums)
    information(sums, terms, size, factor)
    for cell in range(mu.size):
        sums[cell] = mu[cell] * (np.log(mu[cell]) - 1.0) + observed[cell] if alive[cell] > 0.0 else 0.0
    sum_over_supersets(sums)
    for place in range(size):
        theta[place] = sums[terms[place]]
    if not cholesky(factor, size, 0.0):
        return False
    solve(factor, size, theta)
    return True


@njit(cache=True, nogil=True)
def _taken_out(observed, mu, move, alive):
    """Take empty cells on the way to zero out of those alive if all others stay; say whether there were any.

    Means without them that reproduce the margins are means with them at zero: the bound holds whichever
    empty cells are taken out, and is tight where the likelihood does push them to zero.
    """
    receding = False
    for cell in range(mu.size):
        if alive[cell] > 0.0:
            if observed[cell] == 0.0 and move[cell] < _RECEDES and mu[cell] < _NEARLY_ZERO:
                receding = True
            elif abs(move[cell]) > _STAYS:
                return False
    if receding:
        for cell in range(mu.size):
            if alive[cell] > 0.0 and observed[cell] == 0.0 and move[cell] < _RECEDES:
                alive[cell] = 0.0
    return receding


@njit(cache=True, nogil=True)
def _enclose(observed, seen, alive, terms, size, enough, mu, work):
    """Return a lower bound of the least deviance; stop as soon as it exceeds `enough`.

    `mu` holds means to start from and receives the fitted ones. The terms are linearly independent on the
    cells alive. Returns 0, which always holds, where the iteration breaks down; and whether empty cells that
    the likelihood pushes to zero for ever were taken out of `alive`, so that the bound is not tight yet.
    `work` counts arithmetic.
    """
    cells = mu.size
    theta, step, factor = np.zeros(size), np.empty(size), np.empty((size, size))
    eta, sums, move = np.empty(cells), np.empty(cells), np.empty(cells)
    bound = 0.0
    if not _restart(observed, alive, terms, size, theta, mu, sums, factor):
        return bound, False
    predict(terms, theta, size, alive, eta, mu)
    a_step = _CELL_WORK * cells + size**3 / 3.0
    work[0] += 2.0 * a_step
    for _ in range(_MOST_STEPS):
        work[0] += a_step
        sums[:] = mu
        sum_over_supersets(sums)
        information(sums, terms, size, factor)
        if not cholesky(factor, size, 0.0):
            return bound, False
        for place in range(size):
            step[place] = seen[terms[place]] - sums[terms[place]]
        solve(factor, size, step)
        gain = 0.0
        move[:] = 0.0
        for place in range(size):
            gain += step[place] * (seen[terms[place]] - sums[terms[place]])
            move[terms[place]] = step[place]
        sum_over_subsets(move)
        gap, feasible = 0.0, True
        for cell in range(cells):
            if alive[cell] > 0.0:
                if not move[cell] > -1.0 - 1e-9:
                    feasible = False
                    break
                held = 1.0 + move[cell]
                gap += mu[cell] * ((held * np.log(held) if held > 0.0 else 0.0) - move[cell])
        if feasible:
            deviance = deviance_of(observed, alive, eta, mu)
            bound = max(bound, deviance - 2.0 * gap)
            if bound > enough or 2.0 * gap < _ENCLOSED + _ENCLOSED_SHARE * abs(deviance):
                return bound, False
        elif not np.isfinite(gain):
            return bound, False
        if _taken_out(observed, mu, move, alive):
            return bound, True
        share = 1.0
        for _ in range(_MOST_HALVINGS):
            change = 0.0
            for cell in range(cells):
                if alive[cell] > 0.0:
                    change += observed[cell] * share * move[cell] - mu[cell] * np.expm1(share * move[cell])
            if change >= 0.0 or gain < 1e-9:
                break
            share *= 0.5
        for place in range(size):
            theta[place] += share * step[place]
        predict(terms, theta, size, alive, eta, mu)
    return bound, False


@njit(cache=True, nogil=True)
def least_deviance(observed, seen, always, candidates, status, enough, mu, work):
    """Return a lower bound of the deviance of the model of all terms allowed, tight unless above `enough`.

    Parameters
    ----------
    observed, seen : (cells,) float arrays
        Counts (cell 0 is 0), their sums over supersets.
    always : (n_always,) int array
        Terms in every model: the intercept (0) and each list.
    candidates : (candidates,) int array
        The other terms, smaller before larger.
    status : (candidates,) int array
        FREE, IN or OUT.
    enough : float
        The bound need not be tight beyond this.
    mu : (cells,) float array
        Means to start from; receives the fitted means.
    work : (1,) float array
        Additions made so far.
    """
    cells = observed.size
    dead = np.zeros(cells)
    terms = np.empty(always.size + candidates.size, np.int64)
    size, doubtful = 0, False
    for place in range(always.size + candidates.size):
        if place < always.size:
            term = always[place]
        else:
            if status[place - always.size] == OUT:
                continue
            term = candidates[place - always.size]
        if seen[term] > 0.0:
            terms[size] = term
            size += 1
            doubtful = doubtful or term == cells - 1
        else:
            dead[term] = 1.0
            doubtful = True
    sum_over_subsets(dead)
    alive = np.empty(cells)
    for cell in range(cells):
        alive[cell] = 1.0 if cell > 0 and dead[cell] == 0.0 else 0.0
    sums, factor = np.empty(cells), np.empty((size, size))
    bound, again = 0.0, True
    while again:
        if doubtful:
            size = independent_terms(terms, size, alive, sums, factor)
        tighter, again = _enclose(observed, seen, alive, terms, size, enough, mu, work)
        bound = max(bound, tighter)
        doubtful = True
    return bound
