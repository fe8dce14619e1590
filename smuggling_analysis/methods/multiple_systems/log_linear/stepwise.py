"""Forward stepwise choice of two-list terms for sparse tables (Chan, Silverman and Vincent 2021).

From the lists' own terms upwards, each pair not yet in the model is judged by the number of people on both
its lists: under the current model that number is Poisson with the fitted mean, and its one-sided p-value (the
smaller tail) is the pair's. The pair with the least p-value enters if it is below the threshold and the
larger model has one estimate. A pair that nobody shares is judged in the same way and enters with parameter
minus infinity.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits, Floats, fit, fitted_means
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

THRESHOLD = 0.02
_LEAST_TAIL = 1e-290


def stepwise(cells: Floats, n_lists: int, *, threshold: float = THRESHOLD) -> tuple[Model, Fits, list[int]]:
    """Choose two-list terms one by one.

    Parameters
    ----------
    cells : (2**lists,) array
        The table; cell 0 is not counted.
    n_lists : int
        Number of lists.
    threshold : float
        A pair enters while its one-sided Poisson p-value is below this.

    Returns
    -------
    Model, its Fits (one model), and the pairs in the order in which they entered

    Examples
    --------
    >>> model, fits, entered = stepwise(np.array([0.0, 40, 30, 6, 20, 0, 0, 0]), 3)
    >>> model, round(float(fits.value[0]), 2)
    (Model('[1,2,3]'), 539.09)
    """
    shared, most = _superset_sums(cells), math.log(threshold) if threshold > 0 else -math.inf
    left = [1 << one | 1 << other for one, other in combinations(range(n_lists), 2)]
    entered: list[int] = []
    model = Model(n_lists, ())
    fits = fit(cells, [model])
    while left and fits.estimable[0]:
        expected = _superset_sums(fitted_means(fits.theta[0], fits.terms[0], len(cells)))
        chance = _least_tail(shared[left], expected[left])
        for place in np.argsort(chance, kind="stable"):
            if chance[place] >= most:
                return model, fits, entered
            larger = Model(n_lists, (*entered, left[place]))
            tried = fit(cells, [larger])
            if tried.estimable[0]:
                break
        else:
            break
        model, fits = larger, tried
        entered.append(left.pop(int(place)))
    return model, fits, entered


def _least_tail(found: Floats, expected: Floats) -> Floats:
    """Return the logarithm of the smaller Poisson tail."""
    from scipy.special import gammaln, pdtr, pdtrc

    lower = pdtr(found, expected)
    upper = np.where(found > 0, pdtrc(np.maximum(found - 1.0, 0.0), expected), 1.0)
    tail = np.minimum(lower, upper)
    # A tail too small for a number is told by its largest term and the geometric series that it begins.
    mean = np.maximum(expected, np.finfo(float).tiny)
    ratio = np.minimum(found / mean, mean / (found + 1.0))
    far = found * np.log(mean) - mean - gammaln(found + 1.0) - np.log1p(-np.minimum(ratio, 0.999))
    with np.errstate(divide="ignore"):
        return np.where(tail > _LEAST_TAIL, np.log(tail), np.minimum(far, math.log(_LEAST_TAIL)))


def _superset_sums(cells: Floats) -> Floats:
    from smuggling_analysis.kernels.loglinear import sum_over_supersets

    sums = cells.astype(np.float64)
    sums[0] = 0.0
    sum_over_supersets(sums)
    return sums
