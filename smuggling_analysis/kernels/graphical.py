"""Decomposable graphs: which there are, and how likely each makes every number of hidden people.

Lists are the bits of a number, so a set of lists is a number from 0 to 2**lists - 1. A graph whose every cycle has
a chord falls apart list by list: each list with its neighbours among those left (closed) and these neighbours alone
(open). Its log-likelihood is the sum over the closed sets less that over the open ones; where both hold the same
set it cancels, and what is left are the graph's cliques and separators.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# From here on Stirling's series to four terms is exact to the last digit.
_STIRLING_FROM = 50.0
_GOLDEN = 0.6180339887498949
_STEPS = 36
_CURVE_STEP = 1e-3
# exp(-46) is 1e-20: no digit of a sum.
_NOTHING = 46.0


@njit(cache=True, nogil=True)
def decomposable_graphs(n_lists, most):
    """Find every decomposable graph on some lists.

    Parameters
    ----------
    n_lists : int
    most : int
        How many to make room for.

    Returns
    -------
    closed, opened : (graphs, lists) arrays of uint8
        The sets whose likelihoods are multiplied and divided by, as numbers whose bits are lists; 0 for none.
    """
    closed = np.zeros((most, n_lists), np.uint8)
    opened = np.zeros((most, n_lists), np.uint8)
    beside = np.empty(n_lists, np.int64)
    found = 0
    for edges in range(1 << (n_lists * (n_lists - 1) // 2)):
        for one in range(n_lists):
            beside[one] = 0
        bit = 0
        for one in range(n_lists):
            for other in range(one):
                if edges >> bit & 1:
                    beside[one] |= 1 << other
                    beside[other] |= 1 << one
                bit += 1
        if _fall_apart(beside, closed[found], opened[found]):
            _cancel(closed[found], opened[found])
            found += 1
            if found == most:
                break
    return closed[:found], opened[:found]


@njit(cache=True, nogil=True)
def _fall_apart(beside, closed, opened):
    """Take lists away whose neighbours all know one another; say whether none was left."""
    left = (1 << beside.size) - 1
    for step in range(beside.size):
        taken = -1
        for one in range(beside.size):
            if left >> one & 1:
                near = beside[one] & left
                known = True
                for other in range(beside.size):
                    if near >> other & 1 and near & ~(beside[other] | 1 << other):
                        known = False
                        break
                if known:
                    taken = one
                    opened[step] = near
                    closed[step] = near | 1 << one
                    break
        if taken < 0:
            return False
        left &= ~(1 << taken)
    return True


@njit(cache=True, nogil=True)
def _cancel(closed, opened):
    for one in range(opened.size):
        for other in range(closed.size):
            if opened[one] and closed[other] == opened[one]:
                closed[other] = 0
                opened[one] = 0


@njit(cache=True, nogil=True)
def _series(z):
    square = 1.0 / (z * z)
    return (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / z


@njit(cache=True, nogil=True)
def _log_ratio(x, b):
    """Logarithm of gamma(x + b) over gamma(x + 1), without the loss of digits when x is large."""
    if x + 1.0 < _STIRLING_FROM:
        return math.lgamma(x + b) - math.lgamma(x + 1.0)
    y = x + 1.0
    z = x + b
    return (z - 0.5) * math.log1p((b - 1.0) / y) + (b - 1.0) * (math.log(y) - 1.0) + _series(z) - _series(y)


@njit(cache=True, nogil=True)
def set_weights(hidden, added, constant, observed, power):
    """Log-likelihood of every set of lists for some numbers of hidden people, and what all graphs share.

    Parameters
    ----------
    hidden : (points,) array of float
        Numbers of people on no list; fractions are allowed.
    added : (2**lists,) array of float
        What is added to them: the people on none of the set's lists and the prior count of that cell; in place 0 the
        people observed and all prior counts.
    constant : (2**lists,) array of float
        The part of each set's log-likelihood that does not depend on them.
    observed : float
        People observed.
    power : float
        The prior on the population N is N to minus this power.

    Returns
    -------
    weights : (2**lists, points) array
        In place 0 what all graphs share: the number of ways to be hidden, and the prior.
    """
    weights = np.empty((added.size, hidden.size))
    for point in range(hidden.size):
        whole = _log_ratio(hidden[point], added[0])
        weights[0, point] = (_log_ratio(hidden[point], observed + 1.0)
                             - power * math.log(hidden[point] + observed))
        for part in range(1, added.size):
            weights[part, point] = constant[part] + _log_ratio(hidden[point], added[part]) - whole
    return weights


@njit(cache=True, nogil=True)
def _add_sets(row, closed, opened, weights):
    # Loops over numbers compile in a fraction of the time that sums of arrays take.
    for point in range(row.size):
        row[point] = weights[0, point]
    for one in range(closed.size):
        if closed[one]:
            for point in range(row.size):
                row[point] += weights[closed[one], point]
        if opened[one]:
            for point in range(row.size):
                row[point] -= weights[opened[one], point]


@njit(cache=True, nogil=True)
def log_weights(closed, opened, weights):
    """Add up each graph's log-weight at some points.

    Parameters
    ----------
    closed, opened : (graphs, lists) arrays of uint8
        As from `decomposable_graphs`.
    weights : (2**lists, points) array
        As from `set_weights`.

    Returns
    -------
    (graphs, points) array
    """
    found = np.empty((closed.shape[0], weights.shape[1]))
    for graph in range(closed.shape[0]):
        _add_sets(found[graph], closed[graph], opened[graph], weights)
    return found


@njit(cache=True, nogil=True)
def add_up(closed, opened, weights, rule, beyond, scale, least):
    """Add up each graph's weight over points, and each point's over graphs.

    Parameters
    ----------
    closed, opened, weights
        As in `log_weights`.
    rule : (points,) array
        How often each point's weight counts.
    beyond : (points,) array
        Hidden people at each point, for the graphs' means.
    scale : float
        Logarithm of what the points' weights are divided by.
    least : float
        Log-weights below this count as nothing.

    Returns
    -------
    of_graphs : (graphs,) array
        Logarithm of each graph's sum; minus infinity where there is none.
    means : (graphs,) array
        Mean hidden people under each graph.
    of_points : (points,) array
        Each point's weight, all graphs together, times its rule.
    """
    graphs, points = closed.shape[0], rule.size
    of_graphs, means, of_points = np.empty(graphs), np.zeros(graphs), np.zeros(points)
    row = np.empty(points)
    for graph in range(graphs):
        _add_sets(row, closed[graph], opened[graph], weights)
        top = -np.inf
        for point in range(points):
            top = max(top, row[point])
        if top <= least:
            of_graphs[graph] = -np.inf
            continue
        share = math.exp(top - scale)
        total, moment, cut = 0.0, 0.0, max(top - _NOTHING, least)
        for point in range(points):
            if row[point] > cut:
                weight = math.exp(row[point] - top) * rule[point]
                total += weight
                moment += weight * beyond[point]
                of_points[point] += weight * share
        of_graphs[graph] = top + math.log(total)
        means[graph] = moment / total
    return of_graphs, means, of_points


@njit(cache=True, nogil=True)
def uneven_blocks(closed, opened, left, right, span, tops, totals, negligible, even):
    """Say within which blocks of numbers a graph's log-weight rises or falls too far for one rule.

    Parameters
    ----------
    closed, opened : (graphs, lists) arrays of uint8
        As from `decomposable_graphs`.
    left, right : (2**lists, blocks) arrays
        As from `set_weights`, at the first and last number of each block, in place 0 with the logarithm of 1 + hidden
        people added.
    span : (2, blocks) array
        Those logarithms.
    tops : (graphs, 2) array
        The logarithm of 1 + hidden people where each graph is highest, and its height, with that logarithm added.
    totals : (graphs,) array
        Logarithm of each graph's sum.
    negligible : float
        A block matters to a graph if its weight there, on the logarithmic scale, may exceed exp(-negligible) of its
        sum.
    even : float
        By how much a log-weight may change within a block.

    Returns
    -------
    (blocks,) array of bool
    """
    blocks = span.shape[1]
    uneven = np.zeros(blocks, np.bool_)
    first, last, wide = np.empty(blocks), np.empty(blocks), span[1] - span[0]
    for graph in range(closed.shape[0]):
        _add_sets(first, closed[graph], opened[graph], left)
        _add_sets(last, closed[graph], opened[graph], right)
        for block in range(blocks):
            if uneven[block]:
                continue
            highest, lowest = max(first[block], last[block]), min(first[block], last[block])
            if span[0, block] <= tops[graph, 0] <= span[1, block]:
                highest = max(highest, tops[graph, 1])
            if highest - lowest + wide[block] > even and highest > totals[graph] - negligible:
                uneven[block] = True
    return uneven


@njit(cache=True, nogil=True)
def highest_points(closed, opened, weights):
    """Find for every graph the point of an even grid where its weight is largest.

    Parameters
    ----------
    closed, opened, weights
        As in `log_weights`.

    Returns
    -------
    place : (graphs,) array of int
        The point.
    height, bent : (graphs,) arrays
        The log-weight there, and its second difference; 0 at an end of the grid.
    """
    graphs, last = closed.shape[0], weights.shape[1] - 1
    place = np.empty(graphs, np.int64)
    height, bent = np.empty(graphs), np.zeros(graphs)
    row = np.empty(weights.shape[1])
    for graph in range(graphs):
        _add_sets(row, closed[graph], opened[graph], weights)
        top = np.argmax(row)
        place[graph] = top
        height[graph] = row[top]
        if 0 < top < last:
            bent[graph] = row[top - 1] + row[top + 1] - 2.0 * row[top]
    return place, height, bent


@njit(cache=True, nogil=True)
def _log_weight(scaled, closed, opened, added, constant, observed, power):
    """One graph's log-weight on the logarithmic scale: at exp(scaled) - 1 hidden people, times those and one."""
    x = math.expm1(scaled)
    whole = _log_ratio(x, added[0])
    total = scaled + _log_ratio(x, observed + 1.0) - power * math.log(x + observed)
    for one in range(closed.size):
        if closed[one]:
            total += constant[closed[one]] + _log_ratio(x, added[closed[one]]) - whole
        if opened[one]:
            total -= constant[opened[one]] + _log_ratio(x, added[opened[one]]) - whole
    return total


@njit(cache=True, nogil=True)
def peaks(closed, opened, low, high, added, constant, observed, power):
    """Climb every graph's log-weight on the logarithmic scale, by golden sections.

    Parameters
    ----------
    closed, opened : (graphs, lists) arrays of uint8
        As from `decomposable_graphs`.
    low, high : (graphs,) arrays
        Between which logarithms of 1 + hidden people the top lies.
    added, constant, observed, power
        As in `set_weights`.

    Returns
    -------
    (graphs, 3) array
        Logarithm of 1 + the hidden people at the top, the height, and the top's width (one standard deviation of
        the normal density that is as curved).
    """
    found = np.empty((closed.shape[0], 3))
    for graph in range(closed.shape[0]):
        start, end = low[graph], high[graph]
        ins, outs = closed[graph], opened[graph]
        first, second = end - _GOLDEN * (end - start), start + _GOLDEN * (end - start)
        left = _log_weight(first, ins, outs, added, constant, observed, power)
        right = _log_weight(second, ins, outs, added, constant, observed, power)
        for _ in range(_STEPS):
            if left < right:
                start, first, left = first, second, right
                second = start + _GOLDEN * (end - start)
                right = _log_weight(second, ins, outs, added, constant, observed, power)
            else:
                end, second, right = second, first, left
                first = end - _GOLDEN * (end - start)
                left = _log_weight(first, ins, outs, added, constant, observed, power)
        top = 0.5 * (start + end)
        height = max(left, right)
        found[graph, 0] = top
        found[graph, 1] = height
        found[graph, 2] = 1.0
        if top > _CURVE_STEP:
            bent = (_log_weight(top - _CURVE_STEP, ins, outs, added, constant, observed, power)
                    + _log_weight(top + _CURVE_STEP, ins, outs, added, constant, observed, power) - 2.0 * height)
            if bent < -_CURVE_STEP * _CURVE_STEP:
                found[graph, 2] = _CURVE_STEP / math.sqrt(-bent)
    return found
