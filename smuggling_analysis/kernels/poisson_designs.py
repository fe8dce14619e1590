"""Poisson regression on any design matrix with offsets: the models that are not sums over sets of lists.

Newton's method climbs the log-likelihood, which is concave. Give columns that are orthonormal (a QR
decomposition's Q): powers of the number of captures would spoil the arithmetic otherwise.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.cholesky import cholesky, solve

_MOST_STEPS = 80
_MOST_HALVINGS = 30
# Newton's step is quadratic: once no linear predictor moves by more than this, the error left is its square.
_SETTLED = 1e-7


@njit(cache=True, nogil=True)
def _normal_equations(columns, weights, response, matrix, vector):
    """Fill the lower triangle of X'WX and X'r."""
    cells, size = columns.shape
    matrix[:] = 0.0
    vector[:] = 0.0
    for cell in range(cells):
        for row in range(size):
            here = columns[cell, row]
            vector[row] += here * response[cell]
            here *= weights[cell]
            for column in range(row + 1):
                matrix[row, column] += here * columns[cell, column]


@njit(cache=True, nogil=True)
def orthonormal_columns(columns, least):
    """Make columns orthonormal by Gram-Schmidt, twice over; leave out those that depend on earlier ones.

    Parameters
    ----------
    columns : (cells, parameters) float array
    least : float
        A column depends on earlier ones if less than this share of its length is its own.

    Returns
    -------
    basis : (cells, parameters) float array
        The first `rank` columns are orthonormal.
    triangle : (parameters, parameters) float array
        `columns[:, j]` is the sum of `triangle[i, j] * basis[:, i]`.
    kept : (rank,) int array
        The columns that the basis was made of.
    """
    cells, size = columns.shape
    basis, triangle = np.zeros((cells, size)), np.zeros((size, size))
    kept, rank = np.empty(size, np.int64), 0
    for column in range(size):
        own = columns[:, column].copy()
        length = np.sqrt((own * own).sum())
        for _ in range(2):
            for place in range(rank):
                share = 0.0
                for cell in range(cells):
                    share += basis[cell, place] * own[cell]
                triangle[place, column] += share
                for cell in range(cells):
                    own[cell] -= share * basis[cell, place]
        left = np.sqrt((own * own).sum())
        if left > least * length:
            triangle[rank, column] = left
            for cell in range(cells):
                basis[cell, rank] = own[cell] / left
            kept[rank] = column
            rank += 1
    return basis, triangle, kept[:rank]


@njit(cache=True, nogil=True)
def fit_poisson(columns, offset, counts):
    """Fit one Poisson regression with logarithmic link by maximum likelihood.

    Parameters
    ----------
    columns : (cells, parameters) float array
        Linearly independent columns.
    offset : (cells,) float array
        Known part of the linear predictor.
    counts : (cells,) float array
        What was counted; need not be whole.

    Returns
    -------
    theta : (parameters,) float array
    factor : (parameters, parameters) float array
        Lower Cholesky factor of the information there.
    eta : (cells,) float array
        Linear predictors.
    settled : bool
        Whether the maximum was reached: false where the likelihood has none, or lies too far away.
    """
    cells, size = columns.shape
    theta, eta, factor = np.zeros(size), np.empty(cells), np.empty((size, size))
    mu, rest = np.empty(cells), np.empty(cells)
    # One weighted least squares fit to the logarithm of the counts plus a half.
    for cell in range(cells):
        mu[cell] = counts[cell] + 0.5
        rest[cell] = mu[cell] * (np.log(mu[cell]) - offset[cell]) - 0.5
    _normal_equations(columns, mu, rest, factor, theta)
    if not cholesky(factor, size, 0.0):
        return theta, factor, eta, False
    solve(factor, size, theta)
    if _climb(columns, offset, counts, theta, factor, eta):
        return theta, factor, eta, True
    # A count far from all others pulls that start out of reach of the maximum.
    theta[:] = 0.0
    return theta, factor, eta, _climb(columns, offset, counts, theta, factor, eta)


@njit(cache=True, nogil=True)
def _climb(columns, offset, counts, theta, factor, eta):
    """Climb from `theta` by Newton's method, in place; say whether the maximum was reached."""
    cells, size = columns.shape
    mu, rest, move, step = np.empty(cells), np.empty(cells), np.empty(cells), np.empty(size)
    for _ in range(_MOST_STEPS):
        for cell in range(cells):
            eta[cell] = offset[cell]
            for place in range(size):
                eta[cell] += columns[cell, place] * theta[place]
            mu[cell] = np.exp(eta[cell])
            rest[cell] = counts[cell] - mu[cell]
        _normal_equations(columns, mu, rest, factor, step)
        if not cholesky(factor, size, 0.0):
            return False
        solve(factor, size, step)
        largest = 0.0
        for cell in range(cells):
            move[cell] = 0.0
            for place in range(size):
                move[cell] += columns[cell, place] * step[place]
            largest = max(largest, abs(move[cell]))
        if not np.isfinite(largest):
            return False
        share = 1.0
        for _ in range(_MOST_HALVINGS):
            # The change of the log-likelihood along the step, free of the cancellation between two of them.
            change = 0.0
            for cell in range(cells):
                change += counts[cell] * share * move[cell] - mu[cell] * np.expm1(share * move[cell])
            if change >= 0.0 or largest < 1e-5:
                break
            share *= 0.5
        for place in range(size):
            theta[place] += share * step[place]
        if largest < _SETTLED:
            for cell in range(cells):
                eta[cell] += share * move[cell]
            return True
    return False
