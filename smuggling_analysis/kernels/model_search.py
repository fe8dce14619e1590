"""Branch and bound over hierarchical models: which of them can be good, without fitting each one.

A branch is a set of terms that are in, a set that are out, and the rest, still free. Every model of the
branch lies between the terms in and the terms allowed (in or free), so its deviance is at least that of all
the terms allowed and its price at least that of the terms in. A branch whose sum of the two exceeds the
cutoff holds no model worth a visit.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.deviance_bounds import FREE, IN, OUT, least_deviance

# With at least so many terms still affordable every absence is priced anew before a branch is split.
_PRICED_ANEW = 6.0


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
                bound = max(bound, least_deviance(observed, seen, always, candidates, here,
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
                lost = max(bound, least_deviance(observed, seen, always, candidates, without,
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
            status[n_open], floor[n_open], means[n_open] = without, cost, mu_without
            lower[n_open] = cost[term]
            here[term] = IN
            status[n_open + 1], floor[n_open + 1], means[n_open + 1] = here, cost, mu
            lower[n_open + 1] = bound
            n_open += 2
            break
    return n_open, n_found, n_fits, n_closed, work[0]


@njit(cache=True, nogil=True)
def following_families(family, below, block):
    """Fill `block` with the closed families after one, in lexicographic order; return their number.

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
