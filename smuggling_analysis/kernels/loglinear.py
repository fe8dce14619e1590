"""Poisson log-linear models of capture histories, many at a time.

A cell is a history written as a number: bit `i` says that the person is on list `i`. A term is a set of lists
written the same way. Cell `c` contains term `s` when `c & s == s`, so that with 0/1 design columns

- the linear predictor is a sum over subsets: `eta[c]` = sum of `theta[s]` over `s` within `c`;
- the score and the information are sums over supersets: `(X'W X)[s, t]` = sum of `mu[c]` over `c` containing
  `s | t`.

Both sums are made for all cells at once in `lists * cells / 2` additions, so no design matrix is ever formed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.cholesky import cholesky, solve

# What a fit says of itself, as bits of `state`.
EXISTS, IDENTIFIED, DECIDED = 1, 2, 4

_MOST_STEPS = 120
_MOST_HALVINGS = 30
# Newton's step is quadratic: once no linear predictor moves by more than this, the last step leaves an error
# of its square.
_SETTLED = 1e-7
# A direction of recession moves the cells on the way to zero by about -1 a step and leaves the others where
# they are.
_RECEDES, _STAYS = -0.3, 1e-6
_RANK = 1e-9
# Rounding of one number, and how far above it a pivot must be for a parameter to have six figures.
_ROUNDING, _ABOVE = 2.2e-16, 1e6


@njit(cache=True, nogil=True)
def sum_over_supersets(values):
    """Replace each cell's value by the sum over all cells that contain it, in place: (cells,) array."""
    bit = 1
    while bit < values.size:
        for cell in range(values.size):
            if not cell & bit:
                values[cell] += values[cell | bit]
        bit <<= 1


@njit(cache=True, nogil=True)
def sum_over_subsets(values):
    """Replace each cell's value by the sum over all cells within it, in place: (cells,) array."""
    bit = 1
    while bit < values.size:
        for cell in range(values.size):
            if cell & bit:
                values[cell] += values[cell ^ bit]
        bit <<= 1


@njit(cache=True, nogil=True)
def information(sums, terms, size, matrix):
    """Fill the lower triangle of X'WX, (size, size), from the weights' superset sums."""
    for row in range(size):
        for column in range(row + 1):
            matrix[row, column] = sums[terms[row] | terms[column]]


@njit(cache=True, nogil=True)
def independent_terms(terms, size, alive, sums, factor):
    """Move the linearly independent terms to the front, keeping their order; return how many there are.

    Gaussian elimination of X'X over the cells that are left; its entries are small whole numbers.
    """
    sums[:] = alive
    sum_over_supersets(sums)
    kept = 0
    for place in range(size):
        term = terms[place]
        for k in range(kept):
            total = sums[term | terms[k]]
            for j in range(k):
                total -= factor[kept, j] * factor[k, j]
            factor[kept, k] = total / factor[k, k]
        total = sums[term]
        for k in range(kept):
            total -= factor[kept, k] ** 2
        if total > _RANK * max(1.0, sums[term]):
            factor[kept, kept] = np.sqrt(total)
            terms[kept] = term
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def predict(terms, theta, size, alive, eta, mu):
    """Fill the linear predictor and the means of the cells that are left.

    `alive` is 0 where a cell is left out, 1 where it is not, or the known factor of its mean.
    """
    eta[:] = 0.0
    for place in range(size):
        eta[terms[place]] = theta[place]
    sum_over_subsets(eta)
    for cell in range(mu.size):
        mu[cell] = alive[cell] * np.exp(eta[cell]) if alive[cell] > 0.0 else 0.0


@njit(cache=True, nogil=True)
def starting_values(counts, alive, terms, size, theta, mu, sums, factor):
    """Fill `theta` by one weighted least squares fit to the logarithm of the counts plus a half."""
    for cell in range(mu.size):
        mu[cell] = counts[cell] + 0.5 if alive[cell] > 0.0 else 0.0
    sums[:] = mu
    sum_over_supersets(sums)
    information(sums, terms, size, factor)
    for cell in range(mu.size):
        sums[cell] = mu[cell] * np.log(mu[cell]) - 0.5 if alive[cell] > 0.0 else 0.0
    sum_over_supersets(sums)
    for place in range(size):
        theta[place] = sums[terms[place]]
    if cholesky(factor, size, 0.0):
        solve(factor, size, theta)
    else:
        theta[:size] = 0.0


@njit(cache=True, nogil=True)
def is_precise(factor, sums, terms, size):
    """Say whether the information's factor is more than the rounding of far larger sums.

    Where a pivot is a small difference of large numbers its rounding is carried into all that follow.
    """
    carried = _ROUNDING
    for place in range(size):
        left = factor[place, place] ** 2 / sums[terms[place]]
        if left < _ABOVE * carried:
            return False
        carried = max(carried, _ROUNDING / left)
    return True


@njit(cache=True, nogil=True)
def newton(counts, seen, alive, terms, size, theta, eta, mu, sums, step, move, factor):
    """Climb to the maximum; leave `theta`, `mu` and the information's factor there.

    Returns 1 if the maximum was reached, 2 if it seems so but rounding may hide that there is none, 0 if a direction
    of recession shows that there is none, -1 if nothing could be told.
    """
    predict(terms, theta, size, alive, eta, mu)
    for turn in range(_MOST_STEPS):
        sums[:] = mu
        sum_over_supersets(sums)
        information(sums, terms, size, factor)
        if not cholesky(factor, size, 0.0):
            return -1
        gain = 0.0
        for place in range(size):
            step[place] = seen[terms[place]] - sums[terms[place]]
        solve(factor, size, step)
        for place in range(size):
            gain += step[place] * (seen[terms[place]] - sums[terms[place]])
        move[:] = 0.0
        for place in range(size):
            move[terms[place]] = step[place]
        sum_over_subsets(move)
        largest, steady, receding = 0.0, 0.0, False
        for cell in range(mu.size):
            if alive[cell] > 0.0:
                largest = max(largest, abs(move[cell]))
                if counts[cell] == 0.0 and move[cell] < _RECEDES:
                    receding = True
                else:
                    steady = max(steady, abs(move[cell]))
        if not np.isfinite(largest):
            return -1
        if receding and steady < _STAYS and turn > 2:
            return 0
        share = 1.0
        for _ in range(_MOST_HALVINGS):
            # The change of the log-likelihood along the step, free of the cancellation between two
            # likelihoods.
            change = 0.0
            for cell in range(mu.size):
                if alive[cell] > 0.0:
                    change += counts[cell] * share * move[cell] - mu[cell] * np.expm1(share * move[cell])
            if change >= 0.0 or gain < 1e-9:
                break
            share *= 0.5
        for place in range(size):
            theta[place] += share * step[place]
        predict(terms, theta, size, alive, eta, mu)
        if largest < _SETTLED:
            return 1 if is_precise(factor, sums, terms, size) else 2
    return -1


@njit(cache=True, nogil=True)
def deviance_of(counts, alive, eta, mu):
    """Return twice the log-likelihood ratio of the saturated model and this one, over the cells that are left.

    Close fits are compared by what they miss, so that large counts do not cancel each other.
    """
    total = 0.0
    for cell in range(counts.size):
        if alive[cell] > 0.0:
            missed = mu[cell] - counts[cell]
            total += missed
            if abs(missed) < 0.5 * counts[cell]:
                total -= counts[cell] * np.log1p(missed / counts[cell])
            elif counts[cell] > 0.0:
                total += counts[cell] * (np.log(counts[cell]) - eta[cell])
    return 2.0 * total


@njit(cache=True, nogil=True)
def variances(factor, size, inverse, variance):
    """Fill the diagonal of (L L')^-1: (size,) array."""
    variance[:size] = 0.0
    for column in range(size):
        inverse[column] = 1.0 / factor[column, column]
        variance[column] += inverse[column] ** 2
        for row in range(column + 1, size):
            total = 0.0
            for k in range(column, row):
                total -= factor[row, k] * inverse[k]
            inverse[row] = total / factor[row, row]
            variance[column] += inverse[row] ** 2


@njit(cache=True, nogil=True)
def fit_models(counts, terms, complete):
    """Fit every model to one table by extended maximum likelihood.

    A term that nobody shows has parameter minus infinity, and the cells that contain it hold nobody (Chan,
    Silverman and Vincent 2021); what is left is fitted by Newton's method.

    Parameters
    ----------
    counts : (cells,) float array
        People with each history; cell 0, on no list, counts only where `complete`.
    terms : (models, most terms) int array
        Each model's terms, the intercept (0) first, unused places -1. A model holds every term within its
        terms.
    complete : bool
        Whether cell 0 was counted too, as in a profile over the population's size.

    Returns
    -------
    theta : (models, most terms) float array
        Parameters, minus infinity where nobody shows the term, NaN where undetermined or unused.
    error : (models, most terms) float array
        Their standard errors, NaN where `theta` is not finite.
    deviance : (models,) float array
    state : (models,) int array
        Bits EXISTS, IDENTIFIED and DECIDED (whether existence could be told for certain).
    """
    models, most = terms.shape
    cells = counts.size
    theta_out, error_out = np.full((models, most), np.nan), np.full((models, most), np.nan)
    deviance_out, state_out = np.full(models, np.nan), np.zeros(models, np.int64)
    seen = counts.copy()
    if not complete:
        seen[0] = 0.0
    observed = seen.copy()
    sum_over_supersets(seen)
    alive, eta, mu = np.empty(cells), np.empty(cells), np.empty(cells)
    sums, move = np.empty(cells), np.empty(cells)
    theta, step, used = np.empty(most), np.empty(most), np.empty(most, np.int64)
    factor, variance = np.empty((most, most)), np.empty(most)
    for model in range(models):
        alive[:] = 1.0
        if not complete:
            alive[0] = 0.0
        size, doubtful = 0, False
        for place in range(most):
            term = terms[model, place]
            if term < 0:
                break
            doubtful = doubtful or (term == cells - 1 and not complete)
            if seen[term] > 0.0:
                used[size] = term
                size += 1
            else:
                theta_out[model, place] = -np.inf
                doubtful = True
                for cell in range(cells):
                    if cell & term == term:
                        alive[cell] = 0.0
        rank = independent_terms(used, size, alive, sums, factor) if doubtful else size
        starting_values(observed, alive, used, rank, theta, mu, sums, factor)
        reached = newton(observed, seen, alive, used, rank, theta, eta, mu, sums, step, move, factor)
        state_out[model] = (EXISTS * (reached > 0) + IDENTIFIED * (rank == size)
                            + DECIDED * (reached == 0 or reached == 1))
        if reached < 1 or rank != size:
            continue
        variances(factor, rank, step, variance)
        size = 0
        for place in range(most):
            if terms[model, place] < 0:
                break
            if theta_out[model, place] != -np.inf:
                theta_out[model, place], error_out[model, place] = theta[size], np.sqrt(variance[size])
                size += 1
        deviance_out[model] = deviance_of(observed, alive, eta, mu)
    return theta_out, error_out, deviance_out, state_out
