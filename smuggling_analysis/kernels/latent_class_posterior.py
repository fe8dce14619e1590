"""The posterior of latent classes of people, each with its own chance to be on each list, and its slopes.

The people on no list are integrated out: with the prior 1/N they leave the factor one over the chance of being seen,
once for each person seen. The cost is that of the histories that occur, whatever the number of people.

A place is a flat array of logits: first those of the classes' sticks but the last, (classes - 1,), then those of the
chances to be on each list, (lists, classes).
"""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np
from numba import njit

FURTHEST = 34.0
"""The largest logit of a chance, either way: beyond it lies 1e-15 of the uniform prior."""

Table = namedtuple("Table", "members first counts lists classes")
"""What was seen: history c is on the lists members[first[c]:first[c + 1]], by counts[c] people; history 0 is unseen."""
Room = namedtuple("Room", "logs odds cells inside on slope")
"""Work space of `posterior`: odds and on are (lists, classes), cells (histories, classes), slope like a place."""


@njit(inline="always")
def empty_room(table):
    """Return work space for a table."""
    shape = (table.lists, table.classes)
    return Room(np.empty(table.classes), np.empty(shape), np.empty((table.first.size - 1, table.classes)),
                np.empty(table.classes), np.empty(shape), np.empty(table.classes - 1 + table.lists * table.classes))


@njit(cache=True, nogil=True)
def log_weights(place, alpha, logs):
    """Write the logarithms of the classes' weights into `logs`, (classes,); return the log prior of the sticks.

    The prior's density is that of a logit.
    """
    left = prior = 0.0
    last = logs.size - 1
    for k in range(last):
        lost = math.log1p(math.exp(-abs(place[k])))
        taken = -lost if place[k] > 0.0 else place[k] - lost
        logs[k] = left + taken
        left += taken - place[k]
        prior += taken + alpha * (taken - place[k])
    logs[last] = left
    return prior


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def posterior(table, power, alpha, place, room):
    """Log likelihood, log prior and chance of being seen; the slope of the tempered posterior goes into `room`.

    Parameters
    ----------
    table : Table
    power : float
        What the likelihood is raised to.
    alpha : float
        Concentration of the stick-breaking prior.
    place : (classes - 1 + lists * classes,) array
    room : Room
        Afterwards `slope` holds the derivatives of power times log likelihood plus log prior, `inside` and `on`
        the people expected in each class, and those of them on each list.
    """
    prior, seen = _prepare(table, alpha, place, room)
    likelihood = people = 0.0
    cells, inside, on = room.cells, room.inside, room.on
    for c in range(1, table.first.size - 1):
        for k in range(table.classes):
            cells[c, k] = cells[0, k]
        for entry in range(table.first[c], table.first[c + 1]):
            j = table.members[entry]
            for k in range(table.classes):
                cells[c, k] *= room.odds[j, k]
        chance = 0.0
        for k in range(table.classes):
            chance += cells[c, k]
        if not chance > 0.0:
            return -np.inf, prior, seen
        likelihood += table.counts[c] * math.log(chance)
        people += table.counts[c]
        for k in range(table.classes):
            cells[c, k] *= table.counts[c] / chance
            inside[k] += cells[c, k]
        for entry in range(table.first[c], table.first[c + 1]):
            j = table.members[entry]
            for k in range(table.classes):
                on[j, k] += cells[c, k]
    for k in range(table.classes):
        inside[k] += people / seen * cells[0, k]
    _slopes(table, power, alpha, place, room)
    return likelihood - people * math.log(seen), prior, seen


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _prepare(table, alpha, place, room):
    """Make the odds and the unseen cell, and clear the sums; return the log prior and the chance of being seen."""
    classes, lists = table.classes, table.lists
    prior = log_weights(place, alpha, room.logs)
    seen = 0.0
    for k in range(classes):
        weight = math.exp(room.logs[k])
        missed, met, spread = 1.0, 0.0, 1.0
        for j in range(lists):
            odds = math.exp(place[classes - 1 + j * classes + k])
            rest = 1.0 / (1.0 + odds)
            room.odds[j, k] = odds
            room.on[j, k] = 0.0
            missed *= rest
            met += (1.0 - met) * odds * rest
            spread *= odds * rest * rest
        seen += weight * met
        room.cells[0, k] = weight * missed
        room.inside[k] = 0.0
        prior += math.log(spread)
    return prior, seen


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _slopes(table, power, alpha, place, room):
    classes, inside, slope = table.classes, room.inside, room.slope
    for j in range(table.lists):
        for k in range(classes):
            chance = room.odds[j, k] / (1.0 + room.odds[j, k])
            slope[classes - 1 + j * classes + k] = power * (room.on[j, k] - inside[k] * chance) + 1.0 - 2.0 * chance
    behind = inside[classes - 1]
    for k in range(classes - 2, -1, -1):
        stick = 1.0 / (1.0 + math.exp(-place[k]))
        slope[k] = power * (inside[k] * (1.0 - stick) - behind * stick) + 1.0 - stick - alpha * stick
        behind += inside[k]
