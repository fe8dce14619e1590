"""Log-linear models of counts of which some are known only to lie in a range.

Cells and terms are numbered as in `kernels.loglinear`. The likelihood of a count between `low` and `high` is
the Poisson chance of that range; its logarithm is concave in the logarithm of the mean, because a count that
is known to lie in a range varies less than one that is not. So Newton's method climbs to the one maximum.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from smuggling_analysis.kernels.cholesky import cholesky, solve
from smuggling_analysis.kernels.loglinear import sum_over_subsets, sum_over_supersets

_MOST_STEPS, _MOST_HALVINGS = 200, 40
_SETTLED = 1e-8
# A direction in which empty cells fall for ever moves them by about -1 a step and leaves the others in place.
_RECEDES, _STAYS = -0.3, 1e-6
# A pivot this small beside what it was before elimination is rounding: the terms are not independent.
_PIVOT = 1e-10
_TOO_LARGE = 1e200


@njit(cache=True, nogil=True)
def log_chance_of_count(count, mean):
    """Return the logarithm of the Poisson chance of a count, without the cancellation of large numbers."""
    if mean <= 0.0:
        return 0.0 if count == 0.0 else -np.inf
    if count < 30.0:
        return count * math.log(mean) - mean - math.lgamma(count + 1.0)
    gap = (mean - count) / count
    inverse = 1.0 / count
    remainder = (0.5 * math.log(2.0 * math.pi * count)
                 + inverse * (1 / 12 - inverse**2 * (1 / 360 - inverse**2 * (1 / 1260 - inverse**2 / 1680))))
    return -count * (gap - math.log1p(gap)) - remainder


@njit(cache=True, nogil=True)
def range_moments(low, high, mean):
    """Return log-chance of a range, mean and variance of a Poisson count known to lie in it."""
    base = log_chance_of_count(float(low), mean)
    if low == high or mean <= 0.0:
        return base, float(low), 0.0
    term, total, first, second, scale = 1.0, 1.0, 0.0, 0.0, 0.0
    for step in range(1, high - low + 1):
        term *= mean / (low + step)
        total += term
        first += step * term
        second += step * step * term
        if total > _TOO_LARGE:
            term, total = term / _TOO_LARGE, total / _TOO_LARGE
            first, second, scale = first / _TOO_LARGE, second / _TOO_LARGE, scale + math.log(_TOO_LARGE)
    centre = first / total
    return base + math.log(total) + scale, low + centre, max(second / total - centre * centre, 0.0)


@njit(cache=True, nogil=True)
def _fill(weights, terms, size, sums, matrix):
    """Fill the lower triangle of X'WX from the cells' weights."""
    sums[:] = weights
    sum_over_supersets(sums)
    for row in range(size):
        for column in range(row + 1):
            matrix[row, column] = sums[terms[row] | terms[column]]


@njit(cache=True, nogil=True)
def _expect(low, high, alive, eta, mean, excess, weight, spread):
    """Fill means, expected counts less means, weights and variances; return the log-likelihood."""
    total = 0.0
    for cell in range(low.size):
        mean[cell] = excess[cell] = weight[cell] = spread[cell] = 0.0
        if alive[cell]:
            mean[cell] = math.exp(eta[cell])
            chance, centre, variance = range_moments(low[cell], high[cell], mean[cell])
            total += chance
            excess[cell] = centre - mean[cell]
            weight[cell] = mean[cell] - variance
            spread[cell] = variance
    return total


@njit(cache=True, nogil=True)
def fit_ranges(low, high, terms):
    """Fit models to one table of ranges by maximum likelihood.

    Parameters
    ----------
    low, high : (cells,) int arrays
        The least and the largest count of each history; cell 0, on no list, is not counted.
    terms : (models, most terms) int array
        Each model's terms, the intercept (0) first, unused places -1.

    Returns
    -------
    log_likelihood : (models,) float array
        Constants included; NaN where there is no single estimate.
    unseen : (models,) float array
        Estimated people on no list.
    expected : (models,) float array
        Expected people on any list, given the ranges.
    """
    models, most = terms.shape
    cells = low.size
    likelihood, unseen, expected = np.full(models, np.nan), np.full(models, np.nan), np.full(models, np.nan)
    most_seen = high.astype(np.float64)
    most_seen[0] = 0.0
    sum_over_supersets(most_seen)
    alive, used = np.empty(cells, np.bool_), np.empty(most, np.int64)
    eta, mean, excess, weight = np.empty(cells), np.empty(cells), np.empty(cells), np.empty(cells)
    spread, sums, move, kept = np.empty(cells), np.empty(cells), np.empty(cells), np.empty(cells)
    matrix, step = np.empty((most, most)), np.empty(most)
    for model in range(models):
        alive[:] = True
        alive[0] = False
        size, largest_term = 0, 0
        for place in range(most):
            term = terms[model, place]
            if term < 0:
                break
            if most_seen[term] > 0.0:
                used[size] = term
                size += 1
                largest_term = max(largest_term, term)
            else:
                for cell in range(cells):
                    if cell & term == term:
                        alive[cell] = False
        # A first guess by weighted least squares on the middles of the ranges.
        for cell in range(cells):
            middle = 0.5 * (low[cell] + high[cell]) + 0.5
            weight[cell] = middle if alive[cell] else 0.0
            move[cell] = middle * math.log(middle) if alive[cell] else 0.0
        _fill(weight, used, size, sums, matrix)
        if not cholesky(matrix, size, _PIVOT):
            continue
        sum_over_supersets(move)
        for place in range(size):
            step[place] = move[used[place]]
        solve(matrix, size, step)
        eta[:] = 0.0
        for place in range(size):
            eta[used[place]] = step[place]
        sum_over_subsets(eta)
        height = _expect(low, high, alive, eta, mean, excess, weight, spread)
        reached = False
        for turn in range(_MOST_STEPS):
            _fill(weight, used, size, sums, matrix)
            sharp = cholesky(matrix, size, _PIVOT)
            if not sharp:
                _fill(mean, used, size, sums, matrix)
                if not cholesky(matrix, size, _PIVOT):
                    break
            sums[:] = excess
            sum_over_supersets(sums)
            for place in range(size):
                step[place] = sums[used[place]]
            solve(matrix, size, step)
            move[:] = 0.0
            for place in range(size):
                move[used[place]] = step[place]
            sum_over_subsets(move)
            largest, steady, receding = 0.0, 0.0, False
            for cell in range(cells):
                if alive[cell]:
                    largest = max(largest, abs(move[cell]))
                    if low[cell] == 0 and move[cell] < _RECEDES:
                        receding = True
                    else:
                        steady = max(steady, abs(move[cell]))
            if not np.isfinite(largest) or (receding and steady < _STAYS and turn > 2):
                break
            share = 1.0
            kept[:] = eta
            gained = -np.inf
            for _ in range(_MOST_HALVINGS):
                for cell in range(cells):
                    eta[cell] = kept[cell] + share * move[cell]
                gained = _expect(low, high, alive, eta, mean, excess, weight, spread)
                if gained >= height - 1e-9 * (1.0 + abs(height)):
                    break
                share *= 0.5
            if not gained >= height - 1e-9 * (1.0 + abs(height)):
                break
            height = gained
            if largest < _SETTLED:
                reached = sharp
                break
        if reached:
            likelihood[model] = height
            unseen[model] = math.exp(min(eta[0], 700.0))
            expected[model] = excess.sum() + mean.sum()
    return likelihood, unseen, expected


@njit(cache=True, nogil=True)
def over_completions(chance, cell_starts, source, target, place, edge_starts, state_starts, last):
    """Add up over all ways to complete the suppressed counts, by forward and backward sums.

    Completions are paths through layers of states, one layer a suppressed cell; a state holds the sums that
    the known totals need.

    Parameters
    ----------
    chance : (possible counts,) float array
        Each possible count's chance, cell after cell.
    cell_starts : (cells + 1,) int array
        Where each cell's chances begin.
    source, target : (edges,) int arrays
        States that each edge joins, layer after layer.
    place : (edges,) int array
        Which of the cell's possible counts the edge takes, from 0.
    edge_starts, state_starts : (cells + 1,), (cells + 2,) int arrays
        Where each layer's edges and states begin.
    last : (final states,) float array
        A weight for each final state.

    Returns
    -------
    log_total : float
        Logarithm of the sum of the weighted chances of all completions; minus infinity if there is none.
    shares : (possible counts,) float array
        Each possible count's chance, given the totals and weights.
    final : (final states,) float array
        Each final state's chance.
    """
    cells, states = cell_starts.size - 1, state_starts[-1]
    ahead, back = np.zeros(states), np.zeros(states)
    shares, final = np.zeros(chance.size), np.zeros(last.size)
    ahead[0] = 1.0
    log_total = 0.0
    for cell in range(cells):
        for edge in range(edge_starts[cell], edge_starts[cell + 1]):
            ahead[target[edge]] += ahead[source[edge]] * chance[cell_starts[cell] + place[edge]]
        size = ahead[state_starts[cell + 1]:state_starts[cell + 2]].sum()
        if not size > 0.0:
            return -np.inf, shares, final
        ahead[state_starts[cell + 1]:state_starts[cell + 2]] /= size
        log_total += math.log(size)
    whole = 0.0
    for number in range(last.size):
        final[number] = ahead[state_starts[cells] + number] * last[number]
        whole += final[number]
        back[state_starts[cells] + number] = last[number]
    if not whole > 0.0:
        return -np.inf, shares, final
    final /= whole
    for cell in range(cells - 1, -1, -1):
        size = 0.0
        for edge in range(edge_starts[cell], edge_starts[cell + 1]):
            weight = chance[cell_starts[cell] + place[edge]] * back[target[edge]]
            back[source[edge]] += weight
            weight *= ahead[source[edge]]
            shares[cell_starts[cell] + place[edge]] += weight
            size += weight
        for count in range(cell_starts[cell], cell_starts[cell + 1]):
            shares[count] /= size
        highest = back[state_starts[cell]:state_starts[cell + 1]].max()
        back[state_starts[cell]:state_starts[cell + 1]] /= highest
    return log_total + math.log(whole), shares, final
