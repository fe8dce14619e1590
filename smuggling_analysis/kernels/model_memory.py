"""What a chain over models remembers of each: its posterior probability and modes, approximated by Laplace's method.

A memory is a tuple: keys and rows by hash; by row the first node, the number of nodes (0 until they are asked for) and
where they are, and the log integral at the walk's node; by node the log share and the mode; and how many models and
nodes are held, and of how many models no mode was reached.

Numba compiles what a function calls once more inside it, and whole tuples with every call: what is called in one or
two places is inlined instead, and only `run_chain` is kept on disk.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from smuggling_analysis.kernels.loglinear_posterior import change_of_variables, climb, copy, members, start

# Nodes whose log integral lies this far below a model's best are left to the near moves.
_NEGLIGIBLE = 5.0


@njit(inline="always")
def _no_keys(size):
    keys = np.empty(size, np.int64)
    for place in range(size):
        keys[place] = -1
    return keys


@njit(inline="always")
def new_memory(parameters):
    """Return an empty memory of models with so many parameters at most."""
    return (_no_keys(256), np.zeros(256, np.int64), np.zeros((128, 3), np.int64), np.zeros(128),
            np.zeros(128), np.zeros((128, parameters)), np.zeros(3, np.int64))


@njit
def _place_of(keys, mask):
    mixed = mask * np.int64(0x9E3779B97F4A7C1)
    place = (mixed ^ (mixed >> 29)) & (keys.size - 1)
    while keys[place] >= 0 and keys[place] != mask:
        place = (place + 1) & (keys.size - 1)
    return place


@njit
def _longer(values, size):
    longer = np.zeros(size, values.dtype)
    copy(values, values.size, longer)
    return longer


@njit
def _taller(values, rows):
    taller = np.zeros((rows, values.shape[1]), values.dtype)
    for row in range(values.shape[0]):
        copy(values[row], values.shape[1], taller[row])
    return taller


@njit
def _more_room(memory, nodes):
    """Return the memory with room for one more model of so many nodes."""
    keys, rows, spans, totals, integrals, modes, used = memory
    if 2 * (used[0] + 1) > keys.size:
        held, at = keys, rows
        keys, rows = _no_keys(4 * held.size), np.zeros(4 * held.size, np.int64)
        for old in range(held.size):
            if held[old] >= 0:
                place = _place_of(keys, held[old])
                keys[place], rows[place] = held[old], at[old]
    if used[0] + 1 > totals.size:
        spans, totals = _taller(spans, 2 * totals.size), _longer(totals, 2 * totals.size)
    while used[1] + nodes > integrals.size:
        integrals, modes = _longer(integrals, 2 * integrals.size), _taller(modes, 2 * integrals.size)
    return keys, rows, spans, totals, integrals, modes, used


@njit(inline="always")
def _climbed(mask, node, table, terms, prior, inside, theta, work):
    """Return a model's log integral at a node; leave the mode in `theta`, climbed to from what is there."""
    size = members(mask, terms, inside)
    return (climb(inside, size, prior[0][node], table, terms, theta, work) + change_of_variables(mask, terms)
            + prior[1][node])


@njit(inline="always")
def _climbed_anew(mask, node, table, terms, prior, inside, theta, work):
    """Return the same, climbed to from a first fit."""
    eta, score, weight, slope, _, factor = work
    size = members(mask, terms, inside)
    start(inside, size, prior[0][node], table, terms, theta, eta, score, weight, slope, factor)
    return _climbed(mask, node, table, terms, prior, inside, theta, work)


@njit(inline="always")
def remember(mask, memory, table, terms, prior, star, inside, theta, work):
    """Return the memory with this model in it, and the model's row there."""
    place = _place_of(memory[0], mask)
    if memory[0][place] == mask:
        return memory, memory[1][place]
    value = _climbed_anew(mask, star, table, terms, prior, inside, theta, work)
    # A prior with one node needs no other: the model is spread over the nodes already.
    nodes = 1 if prior[0].size == 1 else 0
    memory = _more_room(memory, nodes)
    place, row, at = _place_of(memory[0], mask), memory[6][0], memory[6][1]
    memory[0][place], memory[1][place] = mask, row
    memory[2][row, 0], memory[2][row, 1], memory[2][row, 2] = star, nodes, at
    if nodes:
        memory[4][at] = 0.0
        copy(theta, theta.size, memory[5][at])
    memory[6][1] += nodes
    memory[3][row] = value
    memory[6][0] += 1
    memory[6][2] += value == -np.inf
    return memory, row


@njit(inline="always")
def spread(mask, row, memory, table, terms, prior, star, inside, theta, work, values, found):
    """Return the memory with a model's shares of the nodes and its modes there, from the walk's node outwards."""
    if memory[2][row, 1]:
        return memory
    size = found.shape[1]
    ends = np.empty(2, np.int64)
    values[star] = _climbed_anew(mask, star, table, terms, prior, inside, theta, work)
    copy(theta, size, found[star])
    best = values[star]
    for side in range(2):
        ends[side], node = star, star
        copy(found[star], size, theta)
        while True:
            node += 2 * side - 1
            if node < 0 or node >= values.size:
                break
            values[node] = _climbed(mask, node, table, terms, prior, inside, theta, work)
            copy(theta, size, found[node])
            best = max(best, values[node])
            if not values[node] > best - _NEGLIGIBLE:
                break
            ends[side] = node
    nodes, total = ends[1] - ends[0] + 1, 0.0
    memory = _more_room(memory, nodes)
    at = memory[6][1]
    memory[2][row, 0], memory[2][row, 1], memory[2][row, 2] = ends[0], nodes, at
    for node in range(ends[0], ends[1] + 1):
        total += math.exp(values[node] - best)
    for node in range(nodes):
        memory[4][at + node] = values[ends[0] + node] - best - math.log(total)
        copy(found[ends[0] + node], size, memory[5][at + node])
    memory[6][1] += nodes
    return memory


@njit(inline="always")
def draw_node(row, memory, rng):
    """Draw one of a model's nodes by its share; return the node and its place in the memory."""
    first, nodes, at = memory[2][row, 0], memory[2][row, 1], memory[2][row, 2]
    left = rng.random()
    for place in range(nodes):
        left -= math.exp(memory[4][at + place])
        if left < 0.0:
            break
    return first + place, at + place
