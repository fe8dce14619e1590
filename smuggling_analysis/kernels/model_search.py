"""Branch and bound over hierarchical models: which of them can be good, without fitting each one.

A branch is a set of terms that are in, a set that are out, and the rest, still free. Every model of the
branch lies between the terms in and the terms allowed (in or free), so its deviance is at least that of all
the terms allowed and its price at least that of the terms in. A branch whose sum of the two exceeds the
cutoff holds no model worth a visit.

The deviance's bound is exact, not a stopped iteration: Newton's step moves the means `mu` to `mu (1 + m)`,
which reproduce the margins exactly; where none is negative they are a feasible point of the dual problem, and
the least deviance lies within twice the sum of `mu ((1 + m) log(1 + m) - m)` below the present one. It holds
whether or not a maximum likelihood estimate exists.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.loglinear import (
    _cholesky,
    _independent,
    _information,
    _predict,
    _solve,
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
# With at least so many terms still affordable every absence is priced anew before a branch is split.
_PRICED_ANEW = 6.0
# Means lent to cells that come back to life when an empty term leaves.
_LEAST_MEAN = 1e-2


@njit(cache=True, nogil=True)
def _deviance(observed, logs, alive, eta, mu):
    total = 0.0
    for cell in range(mu.size):
        if alive[cell] > 0.0:
            total += mu[cell] - observed[cell]
            if observed[cell] > 0.0:
                total += observed[cell] * (logs[cell] - eta[cell])
    return 2.0 * total


@njit(cache=True, nogil=True)
def _restart(observed, alive, terms, size, theta, mu, sums, factor):
    """Fill `theta` by one weighted least squares step from the means given; say whether it could be made."""
    for cell in range(mu.size):
        mu[cell] = max(mu[cell], _LEAST_MEAN) if alive[cell] > 0.0 else 0.0
    sums[:] = mu
    sum_over_supersets(sums)
    _information(sums, terms, size, factor)
    for cell in range(mu.size):
        sums[cell] = mu[cell] * (np.log(mu[cell]) - 1.0) + observed[cell] if alive[cell] > 0.0 else 0.0
    sum_over_supersets(sums)
    for place in range(size):
        theta[place] = sums[terms[place]]
    if not _cholesky(factor, size):
        return False
    _solve(factor, size, theta)
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
def _enclose(observed, logs, seen, alive, terms, size, enough, mu, work):
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
    _predict(terms, theta, size, alive, eta, mu)
    a_step = _CELL_WORK * cells + size**3 / 3.0
    work[0] += 2.0 * a_step
    for _ in range(_MOST_STEPS):
        work[0] += a_step
        sums[:] = mu
        sum_over_supersets(sums)
        _information(sums, terms, size, factor)
        if not _cholesky(factor, size):
            return bound, False
        for place in range(size):
            step[place] = seen[terms[place]] - sums[terms[place]]
        _solve(factor, size, step)
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
            deviance = _deviance(observed, logs, alive, eta, mu)
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
        _predict(terms, theta, size, alive, eta, mu)
    return bound, False


@njit(cache=True, nogil=True)
def least_deviance(observed, logs, seen, always, candidates, status, enough, mu, work):
    """Return a lower bound of the deviance of the model of all terms allowed, tight unless above `enough`.

    Parameters
    ----------
    observed, logs, seen : (cells,) float arrays
        Counts (cell 0 is 0), their logarithms (0 where there is nobody), their sums over supersets.
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
            size = _independent(terms, size, alive, sums, factor)
        tighter, again = _enclose(observed, logs, seen, alive, terms, size, enough, mu, work)
        bound = max(bound, tighter)
        doubtful = True
    return bound


@njit(cache=True, nogil=True)
def _settle(status, floor, below, lower, price, cutoff):
    """Take in and leave out what the cutoff decides; return the number of terms in and what was left out.

    A free term whose price, with that of its parts, exceeds what is left can be in no good model; one whose
    absence costs more than is left is in all of them.
    """
    candidates = status.size
    left_out = 0
    again = True
    n_in = 0
    while again:
        again = False
        n_in = 0
        for term in range(candidates):
            n_in += status[term] == IN
        if lower + price * n_in > cutoff:
            return n_in, left_out
        for term in range(candidates):
            if status[term] != FREE:
                continue
            if floor[term] + price * n_in > cutoff:
                for part in range(term + 1):
                    if below[term, part] and status[part] == FREE:
                        status[part] = IN
                        n_in += 1
                again = True
                continue
            needed = 0
            for part in range(term + 1):
                needed += below[term, part] and status[part] == FREE
            if lower + price * (n_in + needed) > cutoff:
                for whole in range(term, candidates):
                    if below[whole, term] and status[whole] == FREE:
                        status[whole] = OUT
                        left_out += 1
    return n_in, left_out


@njit(cache=True, nogil=True)
def _fits(term, family, below):
    """Say whether all parts of a term are in."""
    missing = 0
    for part in range(term):
        missing += below[term, part] and family[part] != IN
    return missing == 0


@njit(cache=True, nogil=True)
def _is_ready(term, status, below):
    """Say whether a term is free and all of its parts are in."""
    return status[term] == FREE and _fits(term, status, below)


@njit(cache=True, nogil=True)
def _to_branch_on(status, floor, below):
    """Return the ready term whose absence is known to cost most; -1 if none is free."""
    best = -1
    for term in range(status.size):
        if _is_ready(term, status, below) and (best < 0 or floor[term] > floor[best]):
            best = term
    return best


@njit(cache=True, nogil=True)
def _leave_out(term, status, below, without):
    """Fill `without` with the status once a term and all that holds it are out."""
    without[:] = status
    for whole in range(term, status.size):
        if below[whole, term]:
            without[whole] = OUT


@njit(cache=True, nogil=True)
def explore(observed, seen, always, candidates, below, price, cutoff, status, floor, lower, means, n_open,
            found, most_work):
    """Work off open branches, the last one first, until none is left or enough work was done.

    Parameters
    ----------
    observed, seen : (cells,) float arrays
        As in `least_deviance`.
    always, candidates : int arrays
        As in `least_deviance`.
    below : (candidates, candidates) bool array
        Whether the column's term lies within the row's; true on the diagonal.
    price, cutoff : float
        What a term costs; the most that deviance and price of a model's candidate terms may sum to.
    status : (room, candidates) int8 array
    floor : (room, candidates) float array
        What the deviance is at least where the term is out.
    lower : (room,) float array
        What the deviance is at least in the branch.
    means : (room, cells) float array
        Fitted means to start from.
    n_open : int
        Open branches: the first rows of the four arrays, changed in place.
    found : (most, candidates) int8 array
        Receives the status of every model that is not excluded.
    most_work : float
        When to stop, in additions.

    Returns
    -------
    n_open, n_found, n_fits (models and bounds fitted), n_closed (branches excluded by their bound), work
    """
    logs = np.zeros(observed.size)
    for cell in range(observed.size):
        if observed[cell] > 0.0:
            logs[cell] = np.log(observed[cell])
    n_found, n_fits, n_closed, work = 0, 0, 0, np.zeros(1)
    here, cost = np.empty_like(status[0]), np.empty_like(floor[0])
    without, mu, mu_without = np.empty_like(status[0]), np.empty_like(observed), np.empty_like(observed)
    while n_open > 0 and work[0] < most_work and n_found < len(found) and n_open + 1 < len(status):
        n_open -= 1
        here[:], cost[:], mu[:] = status[n_open], floor[n_open], means[n_open]
        bound = lower[n_open]
        while True:
            n_in, left_out = _settle(here, cost, below, bound, price, cutoff)
            work[0] += here.size**2
            if bound + price * n_in > cutoff:
                n_closed += 1
                break
            if left_out:
                bound = max(bound, least_deviance(observed, logs, seen, always, candidates, here,
                                                  cutoff - price * n_in, mu, work))
                n_fits += 1
                continue
            term = _to_branch_on(here, cost, below)
            if term < 0:
                found[n_found] = here
                n_found += 1
                break
            first, last = term, term
            if cutoff - bound - price * n_in >= _PRICED_ANEW * price:
                first, last = 0, here.size - 1
            taken_in = False
            for term in range(first, last + 1):
                if not _is_ready(term, here, below):
                    continue
                _leave_out(term, here, below, without)
                mu_without[:] = mu
                lost = max(bound, least_deviance(observed, logs, seen, always, candidates, without,
                                                 cutoff - price * n_in, mu_without, work))
                n_fits += 1
                cost[term] = max(cost[term], lost)
                if lost + price * n_in > cutoff:
                    here[term] = IN
                    n_in += 1
                    taken_in = True
            if taken_in:
                continue
            term = _to_branch_on(here, cost, below)
            _leave_out(term, here, below, without)
            if first != last:
                mu_without[:] = mu
            status[n_open], floor[n_open], means[n_open], lower[n_open] = without, cost, mu_without, cost[term]
            here[term] = IN
            status[n_open + 1], floor[n_open + 1], means[n_open + 1] = here, cost, mu
            lower[n_open + 1] = bound
            n_open += 2
            break
    return n_open, n_found, n_fits, n_closed, work[0]


@njit(cache=True, nogil=True)
def following_families(family, below, block):
    """Fill `block` with the closed families that follow one, in lexicographic order; return how many there are.

    Parameters
    ----------
    family : (candidates,) int8 array
        1 where a term is in; whatever is in holds its parts.
    below : (candidates, candidates) bool array
        As in `explore`.
    block : (most, candidates) int8 array
        Receives the families.
    """
    here = family.copy()
    for row in range(len(block)):
        place = here.size - 1
        while place >= 0 and not (here[place] != IN and _fits(place, here, below)):
            place -= 1
        if place < 0:
            return row
        here[place] = IN
        here[place + 1:] = FREE
        block[row] = here
    return len(block)
