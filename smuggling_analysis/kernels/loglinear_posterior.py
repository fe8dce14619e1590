"""The posterior of one log-linear model of lists x covariates under a normal prior: its mode, and Laplace's integral.

Cells and parameters are numbers in a mixed radix, as in `table_algebra`: lists first, then covariates. The intercept
has a flat prior. The other coefficients, in contrasts that sum to zero, have the normal prior with mean 0 and
covariance `variance * cells * inverse(X'X)`, over all cells of the table, the uncounted ones included. Its exponent
is the variance over the cells of the linear predictor, whatever the coding, so the parameters here are those of 0/1
columns, and every sum runs over what contains what.

A tuple `table` holds: counts (cells,), kinds (cells,) of COUNTED, UNSEEN and CENSORED, strides and sizes (variables,).
A tuple `terms` holds: the cell of every parameter (parameters,), the interaction it belongs to (-1 for none), the
cell that two parameters make together or -1 (parameters, parameters), each parameter's share of the cells, and the
logarithm of the change of variables for what is always in and for each interaction (1 + interactions,).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from smuggling_analysis.kernels.censored_counts import at_most
from smuggling_analysis.kernels.cholesky import cholesky, solve
from smuggling_analysis.kernels.table_algebra import spread_levels, sum_levels

COUNTED, UNSEEN, CENSORED = 0, 1, 2

_MOST_STEPS, _MOST_HALVINGS = 200, 40
# The mode is the centre of proposals: half a thousandth of a standard deviation is near enough.
_SETTLED = 5e-4
_MOST_PREDICTED = 600.0


@njit
def members(mask, terms, inside):
    """Fill `inside` with the parameters of a model, given as the bits of its interactions; return how many."""
    size = 0
    for parameter in range(terms[1].size):
        owner = terms[1][parameter]
        if owner < 0 or mask >> owner & 1:
            inside[size] = parameter
            size += 1
    return size


@njit
def change_of_variables(mask, terms):
    """Return the logarithm of the density in 0/1 columns over that in orthonormal contrasts."""
    total = terms[4][0]
    for interaction in range(terms[4].size - 1):
        if mask >> interaction & 1:
            total += terms[4][interaction + 1]
    return total


@njit
def copy(source, size, target):
    """Copy the first numbers of one array to another: a loop compiles in a tenth of the time of a slice."""
    for place in range(size):
        target[place] = source[place]


@njit
def mean_of(values):
    """Return the mean of an array."""
    total = 0.0
    for place in range(values.size):
        total += values[place]
    return total / values.size


@njit
def predict(inside, size, theta, table, terms, eta):
    """Fill the linear predictor; return its variance over the cells."""
    for cell in range(eta.size):
        eta[cell] = 0.0
    for place in range(size):
        eta[terms[0][inside[place]]] = theta[place]
    spread_levels(eta, table[2], table[3])
    middle, total = mean_of(eta), 0.0
    for cell in range(eta.size):
        total += (eta[cell] - middle) ** 2
    return total / eta.size


@njit
def log_likelihood(table, eta, score, weight):
    """Return the log-likelihood less that of counts that are their own means; fill its slope and its weights."""
    counts, kinds = table[0], table[1]
    total = 0.0
    for cell in range(counts.size):
        score[cell] = weight[cell] = 0.0
        if kinds[cell] == UNSEEN:
            continue
        reached = min(eta[cell], _MOST_PREDICTED)
        if kinds[cell] == CENSORED:
            chance, slope, curvature = at_most(counts[cell], reached)
            total += chance
            score[cell], weight[cell] = -slope, curvature
            continue
        mean = math.exp(reached)
        if counts[cell] > 0.0:
            above = reached - math.log(counts[cell])
            total += counts[cell] * (above - math.expm1(above))
        else:
            total -= mean
        score[cell], weight[cell] = counts[cell] - mean, mean
    return total


@njit
def curve(inside, size, variance, table, terms, eta, score, weight, slope, factor):
    """Fill the slope of the log posterior and the factor of its curvature; say whether there is one."""
    middle = mean_of(eta)
    for cell in range(eta.size):
        score[cell] -= (eta[cell] - middle) / (eta.size * variance)
        weight[cell] += 1.0 / (eta.size * variance)
    sum_levels(score, table[2], table[3])
    sum_levels(weight, table[2], table[3])
    cells, joined, share = terms[0], terms[2], terms[3]
    for row in range(size):
        one = inside[row]
        slope[row] = score[cells[one]]
        for column in range(row + 1):
            other = inside[column]
            both = joined[one, other]
            factor[row, column] = (weight[both] if both >= 0 else 0.0) - share[one] * share[other] / variance
    return cholesky(factor, size, 0.0)


@njit
def start(inside, size, variance, table, terms, theta, eta, score, weight, slope, factor):
    """Fill `theta` by one weighted least squares fit to the logarithms of the counts plus a half, shrunk."""
    counts, kinds = table[0], table[1]
    for cell in range(counts.size):
        near = counts[cell] + 0.5 if kinds[cell] == COUNTED else 0.0
        weight[cell] = near
        score[cell] = near * math.log(near) - 0.5 if near > 0.0 else 0.0
        eta[cell] = 0.0
    found = curve(inside, size, variance, table, terms, eta, score, weight, slope, factor)
    if found:
        solve(factor, size, slope)
    for place in range(size):
        theta[place] = slope[place] if found else 0.0


@njit
def climb(inside, size, variance, table, terms, theta, work):
    """Climb to the posterior mode from `theta`; leave the mode there and the curvature's factor in the work space.

    Returns the logarithm of the integral over the parameters by Laplace's method, in the measure of orthonormal
    contrasts and without the change of variables; minus infinity where no mode was reached.
    """
    eta, score, weight, slope, tried, factor = work
    spread = predict(inside, size, theta, table, terms, eta)
    height = log_likelihood(table, eta, score, weight) - 0.5 * spread / variance
    for _ in range(_MOST_STEPS):
        if not curve(inside, size, variance, table, terms, eta, score, weight, slope, factor):
            return -np.inf
        copy(slope, size, tried)
        solve(factor, size, slope)
        rise = 0.0
        for place in range(size):
            rise += tried[place] * slope[place]
        if not math.isfinite(rise):
            return -np.inf
        if rise < _SETTLED * _SETTLED:
            return height + integral(size, variance, factor)
        share, reached = 1.0, -np.inf
        for _ in range(_MOST_HALVINGS):
            for place in range(size):
                tried[place] = theta[place] + share * slope[place]
            spread = predict(inside, size, tried, table, terms, eta)
            reached = log_likelihood(table, eta, score, weight) - 0.5 * spread / variance
            if reached >= height - 1e-12 * abs(height):
                break
            share *= 0.5
        copy(tried, size, theta)
        # What rounding leaves of a rise this small says nothing of the next.
        if rise < 1e-18 * abs(height):
            height = reached
            return (height + integral(size, variance, factor)
                    if curve(inside, size, variance, table, terms, eta, score, weight, slope, factor) else -np.inf)
        height = reached
    return -np.inf


@njit(inline="always")
def integral(size, variance, factor):
    """Return what Laplace's method and the normal prior add to the height of the mode."""
    total = 0.5 * math.log(2.0 * math.pi) - 0.5 * (size - 1) * math.log(variance)
    for place in range(size):
        total -= math.log(factor[place, place])
    return total


@njit(inline="always")
def factor_at(inside, size, variance, table, terms, theta, work):
    """Fill the curvature's factor at `theta`; say whether there is one."""
    eta, score, weight, slope, _, factor = work
    predict(inside, size, theta, table, terms, eta)
    log_likelihood(table, eta, score, weight)
    return curve(inside, size, variance, table, terms, eta, score, weight, slope, factor)
