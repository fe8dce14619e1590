"""A Markov chain for latent classes of people, each with its own chance to be on each list.

Hamiltonian trajectories (Neal 2011) run along the ridges of the posterior, whose hidden people are integrated out.
Copies of the chain under the likelihood raised to lower powers cross from one mode to another and change places with
it (Geyer 1991); classes get new labels in size-biased order, which the stick-breaking prior leaves nearly as likely;
the concentration and the sticks behind some class move together, as independent exponentials divided by it.

The moves are inlined: numba would compile what they call once in each and again in the chain.

References
----------
Neal, R. M. (2011). MCMC using Hamiltonian dynamics. In Handbook of Markov Chain Monte Carlo. Chapman and Hall.

Geyer, C. J. (1991). Markov chain Monte Carlo maximum likelihood. Computing Science and Statistics 23, 156-163.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from smuggling_analysis.kernels.latent_class_moves import (
    copy,
    divide,
    draw_chance,
    draw_concentration,
    draw_stick,
    refresh,
    relabel,
)
from smuggling_analysis.kernels.latent_class_posterior import FURTHEST, Table, empty_room, log_weights, posterior

_ACCEPTED = 0.8
_FIRST_STEP = 1.0
_HOPELESS = 1000.0
_SETTLING = 50
_DIVISIONS = 4


@njit(inline="always")
def _trajectory(rng, table, power, alpha, place, new, momentum, room, step, leaps):
    """Follow one Hamiltonian trajectory; return log likelihood, chance of being seen and acceptance."""
    likelihood, prior, seen = posterior(table, power, alpha, place, room)
    start = power * likelihood + prior
    for i in range(place.size):
        new[i] = place[i]
        momentum[i] = rng.standard_normal()
        start -= 0.5 * momentum[i] * momentum[i]
    proposed, unlikely, shown = likelihood, prior, seen
    for _ in range(leaps):
        furthest = 0.0
        for i in range(place.size):
            momentum[i] += 0.5 * step * room.slope[i]
            new[i] += step * momentum[i]
            if i >= table.classes - 1:
                furthest = max(furthest, abs(new[i]))
        if furthest > FURTHEST:
            return likelihood, seen, 0.0
        proposed, unlikely, shown = posterior(table, power, alpha, new, room)
        if not power * proposed + unlikely > start - _HOPELESS:
            return likelihood, seen, 0.0
        for i in range(place.size):
            momentum[i] += 0.5 * step * room.slope[i]
    end = power * proposed + unlikely
    for i in range(place.size):
        end -= 0.5 * momentum[i] * momentum[i]
    accepted = math.exp(min(end - start, 0.0))
    if rng.random() < accepted:
        copy(new, place)
        return proposed, shown, accepted
    return likelihood, seen, accepted


@njit(inline="always")
def _settle(table, place, room):
    """Climb by expectation and maximisation, so that the burn-in starts near a mode."""
    last = table.classes - 1
    for _ in range(_SETTLING):
        if posterior(table, 1.0, 1.0, place, room)[0] == -np.inf:
            break
        behind = room.inside[last]
        for k in range(last - 1, -1, -1):
            place[k] = math.log((room.inside[k] + 1.0) / (behind + 1.0))
            behind += room.inside[k]
        for j in range(table.lists):
            for k in range(last + 1):
                off = max(room.inside[k] - room.on[j, k], 0.0)
                logit = math.log((room.on[j, k] + 1.0) / (off + 1.0))
                place[last + j * (last + 1) + k] = min(max(logit, -FURTHEST), FURTHEST)


@njit(inline="always")
def _in_use(table, place, logs, people, seen):
    """Count the classes in which one of the people seen or more is expected; return it and the largest's share."""
    log_weights(place, 1.0, logs)
    found, largest = 0, 0.0
    for k in range(logs.size):
        met = 0.0
        for j in range(table.lists):
            met += (1.0 - met) / (1.0 + math.exp(-place[logs.size - 1 + j * logs.size + k]))
        share = math.exp(logs[k]) * met / seen
        found += people * share >= 1.0
        largest = max(largest, share)
    return found, largest


@njit(cache=True, nogil=True)
def latent_class_chain(rng, members, first, counts, lists, classes, shape, rate, powers, leaps, climbed, burn_in,
                       draws):
    """Run one chain, with its tempered copies.

    Parameters
    ----------
    rng : Generator
    members, first : int arrays
        History c is on the lists `members[first[c]:first[c + 1]]`; history 0 is on none.
    counts : (histories,) float array
        People with each history; that of history 0 is not read.
    lists, classes : int
        At least one list and one class.
    shape, rate : float
        Of the Gamma prior of the concentration.
    powers : (copies,) float array
        What the likelihood of each copy is raised to, falling from 1.
    leaps : (copies,) int array
        Mean length of the trajectories.
    climbed : bool
        Whether to start at a mode, climbed to from the prior; else half the burn-in cools the prior down to the
        posterior. The two ways end in different modes where there are several, and show that there are.
    burn_in, draws : int
        Iterations dropped, and kept.

    Returns
    -------
    (draws, 4) array
        Chance of being seen, concentration, classes in use, share of the people seen in the largest class.
    """
    table = Table(members, first, counts, lists, classes)
    people, copies, room = counts[1:].sum(), powers.size, empty_room(table)
    places, new, momentum = np.empty((copies, room.slope.size)), np.empty_like(room.slope), np.empty_like(room.slope)
    likelihood, seen, alphas, steps = np.empty(copies), np.empty(copies), np.ones(copies), np.empty(copies)
    who, order, kept = np.arange(copies), np.empty(classes, np.int64), np.empty((draws, 4))
    for level in range(copies):
        for i in range(momentum.size):
            places[level, i] = draw_stick(rng, 1.0) if i < classes - 1 else draw_chance(rng)
        if climbed:
            _settle(table, places[level], room)
        likelihood[level] = posterior(table, 1.0, 1.0, places[level], room)[0]
        steps[level] = _FIRST_STEP
    for sweep in range(burn_in + draws):
        cold = 1.0 if climbed or 2 * sweep >= burn_in else people ** (2.0 * sweep / burn_in - 1.0)
        for level in range(copies):
            one, power = who[level], powers[level] * cold
            place, alpha = places[one], draw_concentration(rng, places[one], classes - 1, shape, rate)
            relabel(rng, table, alpha, place, new, room.logs, order)
            here = likelihood[one]
            for _ in range(_DIVISIONS):
                here = divide(rng, table, power, alpha, place, new, room, here)
            alpha = refresh(rng, table, shape, rate, power, alpha, place, new, room, here)[0]
            step = steps[level] * (0.6 + 0.8 * rng.random()) / math.sqrt(1.0 + power * people)
            long = 1 + int(rng.random() * (2 * leaps[level] - 1))
            likelihood[one], seen[one], accepted = _trajectory(rng, table, power, alpha, place, new, momentum, room,
                                                               step, long)
            alphas[one] = alpha
            if sweep < burn_in:
                steps[level] *= math.exp(2.0 * (accepted - _ACCEPTED) / (10.0 + sweep) ** 0.6)
        for level in range(sweep % 2, copies - 1, 2):
            gap = likelihood[who[level + 1]] - likelihood[who[level]]
            if math.log(rng.random()) < cold * (powers[level] - powers[level + 1]) * gap:
                who[level], who[level + 1] = who[level + 1], who[level]
        if sweep >= burn_in:
            one, row = who[0], sweep - burn_in
            kept[row, 0], kept[row, 1] = seen[one], alphas[one]
            kept[row, 2], kept[row, 3] = _in_use(table, places[one], room.logs, people, seen[one])
    return kept
