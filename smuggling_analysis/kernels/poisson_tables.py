"""Poisson log-linear models of tables of lists x covariates, many at a time.

A cell is a number whose digits, in a mixed radix, are the levels of the variables: `cell = sum of level *
stride`. Lists come first (levels 0 and 1, strides 1, 2, 4 ...), so `cell % histories` is the capture history
and `cell // histories` the stratum. History 0, the people on no list, is counted in no stratum.

A term is written as a cell: variables at level 0 are not in it, the others are at the level given (level 0 is
the reference). Cell `c` contains term `s` when every variable of `s` has the same level in `c`. As with lists
alone, the linear predictor is then a sum over what a cell contains, score and information are sums over the
cells that contain a term, and both are made for all cells at once along the variables, so no design matrix is
formed.

People whose covariates were not all recorded are groups of cells: how many there are, and which cells they
may be in. An E-step spreads them by the fitted means; the steps upwards use the information of the completed
table (EM) and, once near the maximum, that of what was recorded (Louis 1982).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.cholesky import cholesky, solve
from smuggling_analysis.kernels.table_algebra import (
    add_products,
    independent,
    join,
    spread_levels,
    sum_levels,
)
from smuggling_analysis.kernels.table_groups import add_groups, complete, deviance_of

# What a fit says of itself, as bits of `state`.
EXISTS, IDENTIFIED = 1, 2

_MOST_STEPS, _EM_STEPS, _MOST_HALVINGS = 400, 6, 30
_SETTLED = 1e-7
_RECEDES, _STAYS, _EMPTY = -0.3, 1e-6, 1e-6


@njit(cache=True, nogil=True)
def _predict(terms, theta, size, left, eta, means, strides, sizes):
    """Fill the linear predictor and the means of the cells that are left."""
    eta[:] = 0.0
    for place in range(size):
        eta[terms[place]] = theta[place]
    spread_levels(eta, strides, sizes)
    for cell in range(means.size):
        means[cell] = np.exp(eta[cell]) if left[cell] else 0.0


@njit(cache=True, nogil=True)
def _gain(counts, means, move, share, groups, histories):
    """Return the rise of the log-likelihood along a step, free of the cancellation between two of them."""
    count, start, cell = groups
    rise = 0.0
    for place in range(means.size):
        if means[place] > 0.0 and place % histories:
            rise += counts[place] * share * move[place] - means[place] * np.expm1(share * move[place])
    for group in range(count.size):
        if count[group] > 0.0:
            old, new = 0.0, 0.0
            for place in range(start[group], start[group + 1]):
                old += means[cell[place]]
                new += means[cell[place]] * np.exp(share * move[cell[place]])
            rise += count[group] * np.log(new / old) if new > 0.0 else -np.inf
    return rise


@njit(cache=True, nogil=True)
def _start(counts, groups, left, terms, size, joined, histories, matrix, theta, strides, sizes):
    """Fill `theta` by weighted least squares on the logarithm of the counts, groups spread evenly."""
    weight, sums = np.zeros(counts.size), np.zeros(counts.size)
    even = np.where(left, 1.0, 0.0)
    complete(counts, even, groups, weight, np.empty(groups[2].size))
    for cell in range(counts.size):
        weight[cell] = weight[cell] + 0.5 if left[cell] and cell % histories else 0.0
        sums[cell] = weight[cell] * np.log(weight[cell]) - 0.5 if weight[cell] > 0.0 else 0.0
    matrix[:size, :size] = 0.0
    add_products(weight, joined, size, 1.0, matrix, strides, sizes)
    sum_levels(sums, strides, sizes)
    for place in range(size):
        theta[place] = sums[terms[place]]
    if cholesky(matrix, size, 0.0):
        solve(matrix, size, theta)
    else:
        theta[:size] = 0.0


@njit(cache=True, nogil=True)
def _climb(counts, groups, left, terms, size, joined, histories, theta, means, filled, completed, strides, sizes):
    """Climb to the maximum, leaving there `theta`, `means` and the completed counts.

    Says whether the maximum was reached; a direction of recession shows that there is none.
    """
    eta, move = np.empty(counts.size), np.empty(counts.size)
    sums, step = np.empty(counts.size), np.empty(size)
    matrix = np.empty((size, size))
    partial = groups[0].size > 0
    _predict(terms, theta, size, left, eta, means, strides, sizes)
    for turn in range(_MOST_STEPS):
        if not np.isfinite(complete(counts, means, groups, filled, completed)):
            return False
        quadratic = not partial or turn >= _EM_STEPS
        for attempt in range(2):
            matrix[:, :] = 0.0
            for cell in range(counts.size):
                sums[cell] = means[cell] if cell % histories else 0.0
                if partial and quadratic:
                    sums[cell] -= filled[cell] - counts[cell]
            add_products(sums, joined, size, 1.0, matrix, strides, sizes)
            if partial and quadratic:
                add_groups(completed, means, terms, size, groups, matrix, strides, sizes)
            if cholesky(matrix, size, 1e-13 if partial else 0.0):
                break
            if attempt == 1 or not (partial and quadratic):
                return False
            quadratic = False
        for cell in range(counts.size):
            sums[cell] = filled[cell] - means[cell] if cell % histories else 0.0
        sum_levels(sums, strides, sizes)
        slope = 0.0
        for place in range(size):
            step[place] = sums[terms[place]]
        solve(matrix, size, step)
        move[:] = 0.0
        for place in range(size):
            slope += step[place] * sums[terms[place]]
            move[terms[place]] = step[place]
        spread_levels(move, strides, sizes)
        largest, steady, receding = 0.0, 0.0, False
        for cell in range(counts.size):
            if left[cell] and cell % histories:
                largest = max(largest, abs(move[cell]))
                if filled[cell] < _EMPTY and move[cell] < _RECEDES:
                    receding = True
                else:
                    steady = max(steady, abs(move[cell]))
        if not np.isfinite(largest):
            return False
        if receding and steady < _STAYS and turn > 2 and quadratic:
            return False
        share = 1.0
        for _ in range(_MOST_HALVINGS):
            if _gain(counts, means, move, share, groups, histories) >= 0.0 or slope < 1e-9:
                break
            share *= 0.5
        for place in range(size):
            theta[place] += share * step[place]
        _predict(terms, theta, size, left, eta, means, strides, sizes)
        if largest < _SETTLED and quadratic:
            complete(counts, means, groups, filled, completed)
            return True
    return False


@njit(cache=True, nogil=True)
def _ranks(terms, size, joined, left, recorded, groups, histories, kept, strides, sizes):
    """Fill `kept` with the independent terms over the cells left; return their number and what was recorded of them."""
    gram, factor = np.zeros((size, size)), np.zeros((size + 1, size + 1))
    weights = np.where(left, 1.0, 0.0)
    add_products(weights, joined, size, 1.0, gram, strides, sizes)
    rank = independent(gram, size, kept, factor)
    gram[:, :] = 0.0
    for cell in range(left.size):
        weights[cell] = 1.0 if left[cell] and recorded[cell] and cell % histories else 0.0
    add_products(weights, joined, size, 1.0, gram, strides, sizes)
    if groups[0].size:
        # Any point of the model serves: the rank is the same at all but exceptional ones.
        theta, eta, means = np.sin(1.7 * np.arange(size) + 0.3), np.empty(left.size), np.empty(left.size)
        _predict(terms, theta, size, left, eta, means, strides, sizes)
        add_groups(np.empty(0), means, terms, size, groups, gram, strides, sizes)
    for row in range(rank):
        for column in range(rank):
            gram[row, column] = gram[kept[row], kept[column]]
    return rank, independent(gram, rank, np.empty(size, np.int64), factor)


@njit(cache=True, nogil=True)
def fit_tables(counts, recorded, count, start, cell, histories, strides, sizes, terms, margins, empty, given):
    """Fit every model to one table by extended maximum likelihood.

    Parameters
    ----------
    counts : (cells,) float array
        People with each history in each stratum whose covariates were all recorded; history 0 holds nobody.
    recorded : (cells,) bool array
        Where somebody's covariates can have been recorded in full.
    count, start, cell : (groups,), (groups + 1,) and (members,) arrays
        People of each group (float), and the cells it may be in: `cell[start[g]:start[g + 1]]`.
    histories : int
        Number of histories, 2**lists.
    strides, sizes : (variables,) int arrays
    terms : (models, most terms) int array
        Each model's terms, the intercept (0) first, unused places -1.
    margins : (models, sets) bool array
        Which sets of variables each model fits the margin of.
    empty : (sets, cells) bool array
        Cells within a part of that margin that nobody can be in: their means are zero.
    given : (most terms,) float array
        Where to start; empty for a start by least squares.

    Returns
    -------
    theta : (models, most terms) float array
        Parameters; minus infinity where emptied or redundant, NaN where unused or undetermined.
    sizes : (models, strata) float array
        Estimated people in every stratum: recorded, completed and unseen; NaN where there is no estimate.
    means : (cells,) float array
        The last model's means, the unseen included.
    deviance : (models,) float array
        From the counts of cells and groups as their own means; NaN where there is no estimate.
    state : (models,) int array
        Bits EXISTS and IDENTIFIED.
    """
    models, most = terms.shape
    strata = counts.size // histories
    groups = (count, start, cell)
    theta_out, sizes_out = np.full((models, most), np.nan), np.full((models, strata), np.nan)
    deviance, state = np.full(models, np.nan), np.zeros(models, np.int64)
    means, filled, completed = np.zeros(counts.size), np.zeros(counts.size), np.zeros(cell.size)
    left = np.ones(counts.size, np.bool_)
    every = histories - 1
    for model in range(models):
        left[:] = True
        doubtful = count.size > 0
        for one in range(empty.shape[0]):
            if margins[model, one]:
                for place in range(counts.size):
                    if empty[one, place]:
                        left[place] = False
                        doubtful = True
        size = 0
        while size < most and terms[model, size] >= 0:
            doubtful = doubtful or terms[model, size] % histories == every
            size += 1
        used = terms[model, :size].copy()
        joined = np.empty((size, size), np.int64)
        for row in range(size):
            for column in range(size):
                joined[row, column] = join(used[row], used[column], strides, sizes)
        rank, kept = size, np.arange(size)
        if doubtful:
            rank, found = _ranks(used, size, joined, left, recorded, groups, histories, kept, strides, sizes)
            if found < rank:
                continue
            used = used[kept[:rank]]
            joined = joined[kept[:rank]][:, kept[:rank]].copy()
        state[model] |= IDENTIFIED
        theta = np.zeros(rank)
        if given.size:
            theta[:] = given[kept[:rank]]
        else:
            _start(counts, groups, left, used, rank, joined, histories, np.empty((rank, rank)), theta, strides,
                   sizes)
        if not _climb(counts, groups, left, used, rank, joined, histories, theta, means, filled, completed, strides,
                      sizes):
            continue
        state[model] |= EXISTS
        theta_out[model, :size] = -np.inf
        theta_out[model, kept[:rank]] = theta
        deviance[model] = deviance_of(counts, means, groups, filled, completed, histories)
        for stratum in range(strata):
            total = means[stratum * histories]
            for place in range(stratum * histories + 1, (stratum + 1) * histories):
                total += filled[place]
            sizes_out[model, stratum] = total
    return theta_out, sizes_out, means, deviance, state
