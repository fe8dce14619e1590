"""One log-linear model fitted with known factors on the means of some histories, many sets of factors at a time.

The logarithm of a factor is an offset of the linear predictor: what is known of a history's mean beforehand, such as
an odds ratio between two lists that the counts are not asked about.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.cholesky import cholesky, solve
from smuggling_analysis.kernels.loglinear import (
    deviance_of,
    independent_terms,
    information,
    newton,
    sum_over_supersets,
    variances,
)


@njit(cache=True, nogil=True)
def _start(counts, alive, terms, size, theta, mu, sums, factor):
    """Fill `theta` by one weighted least squares fit to the logarithm of the counts plus a half, less the offset."""
    for cell in range(mu.size):
        mu[cell] = counts[cell] + 0.5 if alive[cell] > 0.0 else 0.0
    sums[:] = mu
    sum_over_supersets(sums)
    information(sums, terms, size, factor)
    for cell in range(mu.size):
        sums[cell] = mu[cell] * np.log(mu[cell] / alive[cell]) - 0.5 if alive[cell] > 0.0 else 0.0
    sum_over_supersets(sums)
    for place in range(size):
        theta[place] = sums[terms[place]]
    if cholesky(factor, size, 0.0):
        solve(factor, size, theta)
    else:
        theta[:size] = 0.0


@njit(cache=True, nogil=True)
def fit_with_factors(counts, terms, factors, complete):
    """Fit one model, known to have one estimate on this table, under each set of factors.

    Whether there is an estimate depends on which histories hold nobody, not on the factors.

    Parameters
    ----------
    counts : (cells,) float array
        People with each history; cell 0, on no list, counts only where `complete`.
    terms : (terms,) int array
        The model's terms, the intercept (0) first, each with every term within it.
    factors : (sets, cells) float array
        By what the mean of each history is multiplied, above 0.
    complete : bool
        Whether cell 0 was counted too.

    Returns
    -------
    intercept, error : (sets,) float arrays
        Logarithm of the expected number on no list, and its standard error.
    deviance : (sets,) float array
    settled : (sets,) bool array
        Whether the maximum was reached; the others are NaN where it was not.
    """
    cells, most = counts.size, terms.size
    sets = factors.shape[0]
    intercept, error = np.full(sets, np.nan), np.full(sets, np.nan)
    deviance, settled = np.full(sets, np.nan), np.zeros(sets, np.bool_)
    observed = counts.copy()
    left = np.ones(cells)
    if not complete:
        observed[0] = 0.0
        left[0] = 0.0
    seen = observed.copy()
    sum_over_supersets(seen)
    used, size = np.empty(most, np.int64), 0
    for place in range(most):
        if seen[terms[place]] > 0.0:
            used[size] = terms[place]
            size += 1
        else:
            for cell in range(cells):
                if cell & terms[place] == terms[place]:
                    left[cell] = 0.0
    eta, mu, sums, move = np.empty(cells), np.empty(cells), np.empty(cells), np.empty(cells)
    theta, step, variance = np.empty(most), np.empty(most), np.empty(most)
    factor = np.empty((most, most))
    rank = independent_terms(used, size, left, sums, factor)
    for one in range(sets):
        alive = left * factors[one]
        _start(observed, alive, used, rank, theta, mu, sums, factor)
        if newton(observed, seen, alive, used, rank, theta, eta, mu, sums, step, move, factor) < 1:
            continue
        settled[one] = True
        variances(factor, rank, step, variance)
        intercept[one], error[one] = theta[0], np.sqrt(variance[0])
        for cell in range(cells):
            if alive[cell] > 0.0:
                eta[cell] += np.log(alive[cell])
        deviance[one] = deviance_of(observed, alive, eta, mu)
    return intercept, error, deviance, settled
