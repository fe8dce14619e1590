"""The same models fitted to many tables that resemble one another, as a bootstrap does.

Two things are saved. A fit starts from the parameters of a table in the middle of them. And a model is passed
over where a larger one already shows that it cannot come near the best: a model within another never has the
lower deviance.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.loglinear import (
    deviance_of,
    independent_terms,
    newton,
    starting_values,
    sum_over_supersets,
)

# Two deviances that are equal differ by less than this in rounding, and this for every person.
_SLACK, _SLACK_EACH = 1e-6, 1e-14


@njit(cache=True, nogil=True)
def _empty_terms_left_out(terms, seen, start, used, theta, alive):
    """Take the terms that people show, with their starting values; say how many there are.

    Also says whether existence and identification are in doubt, and whether every start is a number.
    """
    size, doubtful, warm = 0, False, True
    for place in range(terms.size):
        term = terms[place]
        if term < 0:
            break
        doubtful = doubtful or term == alive.size - 1
        if seen[term] > 0.0:
            used[size], theta[size] = term, start[place]
            warm = warm and np.isfinite(start[place])
            size += 1
        else:
            doubtful = True
            for cell in range(alive.size):
                if cell & term == term:
                    alive[cell] = 0.0
    return size, doubtful, warm


@njit(cache=True, nogil=True)
def fit_near_best(tables, terms, start, order, leaders, above, prices, reach):
    """Fit to each table every model whose criterion can lie within `reach` of the best.

    Parameters
    ----------
    tables : (tables, cells) float array
        Counts of each history; cell 0 is not counted.
    terms : (models, most terms) int array
        As for `fit_models`.
    start : (models, most terms) float array
        Parameters of a similar table; where one is not finite, or leads nowhere, the fit starts afresh.
    order : (models,) int array
        The order in which to visit them: first `leaders` models that are fitted whatever they promise, then
        larger models before smaller ones.
    leaders : int
        How many are fitted without being asked.
    above : (models, most above) int array
        For each model some models that contain it; unused places -1.
    prices : (tables,) float array
        What a parameter costs: 2 in AIC, the log of the people observed in BIC.
    reach : float
        How far above the best a criterion may lie.

    Returns
    -------
    log_unseen : (tables, models) float array
        Logarithm of the estimated people on no list; NaN where there is no estimate or the model was passed
        over.
    score : (tables, models) float array
        Deviance plus price times parameters; infinite there.
    """
    models, most = terms.shape
    cells = tables.shape[1]
    log_unseen, score = np.full((len(tables), models), np.nan), np.full((len(tables), models), np.inf)
    counts, seen = np.empty(cells), np.empty(cells)
    alive, eta, mu = np.empty(cells), np.empty(cells), np.empty(cells)
    sums, move, least = np.empty(cells), np.empty(cells), np.empty(models)
    theta, step, used = np.empty(most), np.empty(most), np.empty(most, np.int64)
    factor = np.empty((most, most))
    parameters = (terms >= 0).sum(axis=1)
    for row in range(len(tables)):
        counts[:] = tables[row]
        counts[0] = 0.0
        seen[:] = counts
        sum_over_supersets(seen)
        best, slack = np.inf, _SLACK + _SLACK_EACH * seen[0]
        least[:] = 0.0
        for visit in range(models):
            model = order[visit]
            for place in range(above.shape[1]):
                if above[model, place] < 0:
                    break
                least[model] = max(least[model], least[above[model, place]])
            cost = prices[row] * parameters[model]
            if visit >= leaders and least[model] + cost > best + reach + slack:
                continue
            alive[:] = 1.0
            alive[0] = 0.0
            size, doubtful, warm = _empty_terms_left_out(terms[model], seen, start[model], used, theta, alive)
            if doubtful and independent_terms(used, size, alive, sums, factor) < size:
                continue
            reached = -1
            if warm:
                reached = newton(counts, seen, alive, used, size, theta, eta, mu, sums, step, move, factor)
            if reached == -1:
                starting_values(counts, alive, used, size, theta, mu, sums, factor)
                reached = newton(counts, seen, alive, used, size, theta, eta, mu, sums, step, move, factor)
            if reached < 1:
                continue
            deviance = deviance_of(counts, alive, eta, mu)
            least[model] = max(least[model], deviance)
            log_unseen[row, model], score[row, model] = theta[0], deviance + cost
            best = min(best, score[row, model])
    return log_unseen, score
