"""A chain over hierarchical log-linear models and their parameters.

The people on no list are predicted: given the parameters their number is a Poisson count and nothing else, so the
chain need not hold it, and moves on the counted cells alone. Each turn makes two moves.

*Far*: the model walks some steps on Laplace's approximation of the models' posterior probabilities, which is
remembered for every model met; parameters are drawn from the normal approximation at the new model's mode; the whole
is accepted or not by the ratio of posterior to approximation (a surrogate transition, Liu 2001). Models and
parameters are new together.

*Near*: within the model the parameters move a part of the way towards another draw of the normal approximation, and
then along single directions, which frees the chain from where the approximation is too thin.

A prior whose variance is unknown is a mixture of normals. The approximation takes the variance from a grid of nodes;
the target holds its integral in closed form, and the node as an auxiliary variable whose chance is given by the
parameters, so that the grid decides how well the chain moves and not where to. The walk over models is made at one
node, the middle of those met in the first half of the burn-in.

References
----------
Liu, J. S. (2001). Monte Carlo Strategies in Scientific Computing. Springer. Section 9.4.3, surrogate transitions.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from smuggling_analysis.kernels.censored_counts import draw_at_most, draw_count
from smuggling_analysis.kernels.loglinear_posterior import (
    CENSORED,
    UNSEEN,
    change_of_variables,
    copy,
    factor_at,
    log_likelihood,
    members,
    predict,
)
from smuggling_analysis.kernels.model_memory import draw_node, new_memory, remember, spread

_KEPT = 0.8
_SINGLE, _STRIDE = 8, 2.0
_MOST_REMEMBERED = 3_000_000
_SWAPS = 0.5


@njit
def log_prior(coefficients, squares, prior):
    """Return the log density of coefficients in orthonormal contrasts, from their number and sum of squares."""
    _, _, shape, scale = prior
    density = -0.5 * coefficients * math.log(2.0 * math.pi)
    if shape <= 0.0:
        return density - 0.5 * squares
    posterior = shape + 0.5 * coefficients
    return (density + math.lgamma(posterior) - math.lgamma(shape) + shape * math.log(scale)
            - posterior * math.log(scale + 0.5 * squares))


@njit
def log_node(node, first, number, coefficients, squares, prior):
    """Return the log probability of a node among a model's, given the coefficients."""
    variances, chances = prior[0], prior[1]
    most, own, total = -np.inf, 0.0, 0.0
    for turn in range(2):
        for place in range(first, first + number):
            value = chances[place] - 0.5 * coefficients * math.log(variances[place]) - 0.5 * squares / variances[place]
            if turn == 0:
                most = max(most, value)
            else:
                total += math.exp(value - most)
            if place == node:
                own = value
    return own - most - math.log(total)


@njit
def is_hierarchical(mask, needs):
    """Say whether every interaction of a model has those it needs."""
    lacking = False
    for interaction in range(needs.size):
        lacking = lacking or (mask >> interaction & 1 and needs[interaction] & ~mask != 0)
    return not lacking


@njit(inline="always")
def _weight(inside, size, theta, node, span, constant, table, terms, prior, work):
    """Return log posterior and node given the parameters, and fill the linear predictor."""
    eta, score, weight = work[0], work[1], work[2]
    squares = predict(inside, size, theta, table, terms, eta)
    return (log_likelihood(table, eta, score, weight) + log_prior(size - 1, squares, prior) + constant
            + log_node(node, span[0], span[1], size - 1, squares, prior)), squares


@njit
def _drawn(mode, factor, size, kept, theta, rng, other):
    """Fill `other` with a draw that keeps a part of `theta`'s way from the mode; return its log density if none."""
    fresh, density = math.sqrt(1.0 - kept * kept), -0.5 * size * math.log(2.0 * math.pi)
    for place in range(size):
        other[place] = rng.standard_normal()
        density += math.log(factor[place, place]) - 0.5 * other[place] ** 2
    for place in range(size - 1, -1, -1):
        total = other[place]
        for k in range(place + 1, size):
            total -= factor[k, place] * other[k]
        other[place] = total / factor[place, place]
    for place in range(size):
        other[place] = mode[place] + fresh * other[place] + (kept * (theta[place] - mode[place]) if kept else 0.0)
    return density


@njit
def _along(factor, size, direction, stride, theta, other):
    """Fill `other` with a step by one parameter, in which those before it give way and those after it stay."""
    for place in range(size):
        other[place] = 0.0
    other[direction] = stride / factor[direction, direction]
    for place in range(direction - 1, -1, -1):
        total = 0.0
        for k in range(place + 1, direction + 1):
            total -= factor[k, place] * other[k]
        other[place] = total / factor[place, place]
    for place in range(size):
        other[place] += theta[place]


@njit
def log_density(mode, factor, size, theta):
    """Return the log density of the normal approximation."""
    density = -0.5 * size * math.log(2.0 * math.pi)
    for column in range(size):
        total = 0.0
        for row in range(column, size):
            total += factor[row, column] * (theta[row] - mode[row])
        density += math.log(factor[column, column]) - 0.5 * total * total
    return density


@njit(inline="always")
def _flipped(mask, interactions, rng):
    flipped = mask ^ (np.int64(1) << np.int64(rng.random() * interactions))
    if rng.random() < _SWAPS:
        flipped ^= np.int64(1) << np.int64(rng.random() * interactions)
    return flipped


@njit(inline="always")
def _people(eta, table, strata, rng, out):
    """Fill the people of every stratum who are not certain to be counted; return those of the censored who belong."""
    counts, kinds, belong = table[0], table[1], 0.0
    histories = eta.size // strata
    for stratum in range(strata):
        out[stratum] = 0.0
    for cell in range(eta.size):
        if kinds[cell] == UNSEEN:
            out[cell // histories] += draw_count(math.exp(min(eta[cell], 700.0)), rng)
        elif kinds[cell] == CENSORED and counts[cell] > 0.0:
            count = draw_at_most(counts[cell], min(eta[cell], 700.0), rng)
            out[cell // histories] += count
            belong += count
    return belong


@njit(cache=True, nogil=True)
def run_chain(table, terms, needs, prior, middle, strata, steps, burn_in, draws, rng):
    """Run one chain from a model drawn from their prior.

    Parameters
    ----------
    table, terms
        As in `loglinear_posterior`.
    needs : (interactions,) int array
        The interactions that each needs beside it, as bits.
    prior : tuple
        Variances of the nodes and their log chances, (nodes,) arrays; the shape and scale of the variance's inverse
        gamma prior, the shape 0 where the variance is 1.
    middle : int
        The node at which every model's integral over the variance begins.
    strata : int
        Number of strata; the cells of each are together.
    steps : int
        Steps of the walk over models in each turn.
    burn_in, draws : int
    rng : Generator

    Returns
    -------
    people : (draws, strata) array
        People who are not certain to be counted.
    belong : (draws,) array
        Those of the censored who belong to the population.
    masks : (draws,) int array
        The model's interactions, as bits.
    prior_of : (draws, 2) array
        Number of coefficients without the intercept, and the sum of their squares in orthonormal contrasts.
    sums : (parameters, 3) array
        Of every parameter over the draws that hold it: their number, and the sums of it and of its square.
    told : (4,) array
        Share of far and of near moves accepted, models remembered, and models of which no mode was reached.
    """
    parameters, interactions = terms[0].size, needs.size
    cells = table[0].size
    work = (np.empty(cells), np.empty(cells), np.empty(cells), np.empty(parameters), np.empty(parameters),
            np.empty((parameters, parameters)))
    values, found = np.empty(prior[0].size), np.empty((prior[0].size, parameters))
    inside, held_inside = np.empty(parameters, np.int64), np.empty(parameters, np.int64)
    memory = new_memory(parameters)
    people, belong, masks = np.empty((draws, strata)), np.empty(draws), np.empty(draws, np.int64)
    prior_of, sums, told = np.empty((draws, 2)), np.zeros((parameters, 3)), np.zeros(4)
    mask = np.int64(0)
    for _ in range(20 * interactions):
        other = _flipped(mask, interactions, rng)
        mask = other if is_hierarchical(other, needs) else mask
    theta, held, mode = np.zeros(parameters), np.zeros(parameters), np.zeros(parameters)
    factor, eta = np.zeros((parameters, parameters)), np.zeros(cells)
    span, star, node, met, size, constant = np.zeros(2, np.int64), middle, middle, 0, 0, 0.0
    posterior, weight, squares = -np.inf, -np.inf, 0.0
    for turn in range(burn_in + draws):
        # Far.
        if turn == burn_in // 2:
            # The walk's node moves to the middle of those met, once; what was remembered is of the old one.
            star, weight = round(met / turn) if turn else middle, -np.inf
        if turn == burn_in // 2 or max(memory[6][0], memory[6][1]) * parameters > _MOST_REMEMBERED:
            told[3] += memory[6][2]
            memory = new_memory(parameters)
        proposed, row, total = mask, 0, -np.inf
        for step in range(-1, steps if interactions else 0):
            other = mask if step < 0 else _flipped(proposed, interactions, rng)
            if step >= 0 and (other == proposed or not is_hierarchical(other, needs)):
                continue
            memory, other_row = remember(other, memory, table, terms, prior, star, inside, held, work)
            if step < 0 or math.log(1.0 - rng.random()) < memory[3][other_row] - total:
                proposed, row, total = other, other_row, memory[3][other_row]
        memory = spread(proposed, row, memory, table, terms, prior, star, inside, held, work, values, found)
        other_node, at = draw_node(row, memory, rng)
        other_size = members(proposed, terms, inside)
        other_constant = change_of_variables(proposed, terms)
        if factor_at(inside, other_size, prior[0][other_node], table, terms, memory[5][at], work):
            other_span = memory[2][row]
            density = _drawn(memory[5][at], work[5], other_size, 0.0, held, rng, held)
            other_posterior, other_squares = _weight(inside, other_size, held, other_node, other_span, other_constant,
                                                     table, terms, prior, work)
            other_weight = other_posterior - density - memory[4][at] - total
            if math.log(1.0 - rng.random()) < other_weight - weight:
                told[0] += 1.0
                mask, node, size, constant = proposed, other_node, other_size, other_constant
                span[0], span[1] = other_span[0], other_span[1]
                copy(memory[5][at], size, mode)
                copy(held, size, theta)
                copy(work[0], cells, eta)
                copy(inside, size, held_inside)
                for place in range(size):
                    copy(work[5][place], size, factor[place])
                posterior, weight, squares = other_posterior, other_weight, other_squares
        # Near: once in all directions, then in single ones.
        for move in range(1 + _SINGLE if size else 0):
            if move == 0:
                _drawn(mode, factor, size, _KEPT, theta, rng, held)
            else:
                _along(factor, size, np.int64(rng.random() * size), _STRIDE * rng.standard_normal(), theta, held)
            other_posterior, other_squares = _weight(held_inside, size, held, node, span, constant, table, terms,
                                                     prior, work)
            change = log_density(mode, factor, size, theta) - log_density(mode, factor, size, held)
            ratio = other_posterior - posterior + (change if move == 0 else 0.0)
            if math.log(1.0 - rng.random()) < ratio:
                told[1] += move == 0
                weight += other_posterior - posterior + change
                copy(held, size, theta)
                copy(work[0], cells, eta)
                posterior, squares = other_posterior, other_squares
        met += node
        if turn >= burn_in:
            draw = turn - burn_in
            belong[draw] = _people(eta, table, strata, rng, people[draw])
            masks[draw], prior_of[draw, 0], prior_of[draw, 1] = mask, size - 1, squares
            for place in range(size):
                parameter = held_inside[place]
                sums[parameter, 0] += 1.0
                sums[parameter, 1] += theta[place]
                sums[parameter, 2] += theta[place] ** 2
    told[0], told[1] = told[0] / (burn_in + draws), told[1] / (burn_in + draws)
    told[2], told[3] = memory[6][0], told[3] + memory[6][2]
    return people, belong, masks, prior_of, sums, told
