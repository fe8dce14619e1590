"""Log-linear models fitted to one table of capture histories: what was estimated, and what could not be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table

Floats = NDArray[np.float64]
CRITERIA = ("aic", "bic")
# Criteria and populations closer than this, in points and as a share, are equal.
_EQUAL = 1e-7


@dataclass(frozen=True, eq=False)
class Fits:
    """Maximum likelihood fits of several models to one table.

    Terms that nobody shares have parameter minus infinity (extended maximum likelihood; Chan, Silverman and
    Vincent 2021). They count as parameters in AIC, BIC and the degrees of freedom.

    Parameters
    ----------
    cells : (2**lists,) array
        The table: cell `c` counts people on exactly the lists whose bits are set in `c`. Cell 0 is not
        counted.
    terms : (models, most terms) array of int
        The models' terms, the intercept first, unused places -1.
    theta, error : (models, most terms) arrays
        Parameters and standard errors; NaN where there is no estimate.
    deviance : (models,) array
        NaN where there is no estimate.
    exists, identified : (models,) arrays of bool
        Whether a maximum likelihood estimate exists, and whether it is the only one.
    """

    cells: Floats
    terms: NDArray[np.int64]
    theta: Floats
    error: Floats
    deviance: Floats
    exists: NDArray[np.bool_]
    identified: NDArray[np.bool_]

    @property
    def observed(self) -> float:
        """People on at least one list."""
        return float(self.cells[1:].sum())

    @property
    def estimable(self) -> NDArray[np.bool_]:
        """Which models have one estimate: (models,) array."""
        return self.exists & self.identified & np.isfinite(self.deviance)

    @cached_property
    def unseen(self) -> Floats:
        """Estimated people on no list, NaN where there is no estimate: (models,) array."""
        return np.where(self.estimable, np.exp(np.minimum(self.theta[:, 0], 700.0)), np.nan)

    @property
    def value(self) -> Floats:
        """Estimated population: (models,) array."""
        return self.observed + self.unseen

    @property
    def se(self) -> Floats:
        """Standard error of the population: Poisson variation of the unseen, and that of the fit."""
        return np.sqrt(self.unseen + (self.unseen * self.error[:, 0]) ** 2)

    @property
    def parameters(self) -> NDArray[np.int64]:
        """Number of parameters, those at minus infinity included: (models,) array."""
        return (self.terms >= 0).sum(axis=1)

    @property
    def df(self) -> NDArray[np.int64]:
        """Residual degrees of freedom over all histories that can be observed: (models,) array."""
        return self.cells.size - 1 - self.parameters

    @property
    def aic(self) -> Floats:
        """Akaike's criterion, constants included: (models,) array."""
        return self._criterion(2.0)

    @property
    def bic(self) -> Floats:
        """Schwarz's criterion, log of the people observed, constants included: (models,) array."""
        return self._criterion(math.log(self.observed))

    def _criterion(self, price: float) -> Floats:
        return self.deviance - 2.0 * saturated_loglikelihood(self.cells[1:]) + price * self.parameters

    @property
    def weight(self) -> Floats:
        """BIC weights over the models that have an estimate: (models,) array, zero elsewhere."""
        if not self.estimable.any():
            return np.zeros(len(self.terms))
        bic = np.where(self.estimable, self.bic, np.inf)
        weight = np.exp(-0.5 * (bic - bic.min()))
        return np.asarray(weight / weight.sum())

    def best(self, criterion: str) -> int:
        """Return the place of the model with the least "aic" or "bic"; -1 if none has an estimate.

        Of models that are equally good the one with the least population is taken, and of these the first.
        """
        score = np.where(self.estimable, getattr(self, criterion), np.inf)
        return int(best_of(score[None, :], self.unseen[None, :])[0])

    def __len__(self) -> int:
        return len(self.terms)


def fit_terms(cells: ArrayLike, terms: NDArray[np.int64]) -> Fits:
    """Fit models given by their terms.

    Parameters
    ----------
    cells : (2**lists,) array
        The table, as from `CaptureHistories.dense`.
    terms : (models, most terms) array of int
        As from `term_table`.
    """
    from smuggling_analysis.kernels.loglinear import DECIDED, EXISTS, IDENTIFIED, fit_models
    from smuggling_analysis.methods.multiple_systems.log_linear.undecided_fits import decided_carefully

    table = np.array(cells, dtype=np.float64)
    theta, error, deviance, state = fit_models(table, terms, False)
    fits = Fits(table, terms, theta, error, deviance, (state & EXISTS) > 0, (state & IDENTIFIED) > 0)
    undecided = (state & DECIDED) == 0
    return decided_carefully(fits, undecided) if undecided.any() else fits


def fit(cells: ArrayLike, models: Sequence[Model]) -> Fits:
    """Fit models.

    Examples
    --------
    >>> fits = fit([0, 60, 40, 12], [Model(2, (1, 2))])
    >>> fits.value.round(9), fits.df
    (array([312.]), array([0]))
    """
    return fit_terms(cells, term_table(models))


def best_of(score: Floats, unseen: Floats) -> NDArray[np.int64]:
    """Return the place of the best model of each table, -1 where none has an estimate: (tables,) array.

    Models of equal fit differ in the last bits: rounding must not choose among them, nor the order of the lists.

    Parameters
    ----------
    score : (tables, models) array
        The less the better; infinite where there is no estimate.
    unseen : (tables, models) array
        Estimated people on no list.

    Examples
    --------
    >>> best_of(np.array([[5.0, 3.0, 3.0 + 1e-12], [np.inf] * 3]), np.array([[1.0, 9.0, 8.0]] * 2))
    array([ 2, -1])
    """
    least = score.min(axis=1, keepdims=True)
    equal = np.isfinite(score) & (score <= least + _EQUAL)
    size = np.where(equal, unseen, np.inf)
    first = np.argmax(size <= size.min(axis=1, keepdims=True) * (1.0 + _EQUAL), axis=1)
    return np.where(np.isfinite(least[:, 0]), first, -1)


def fitted_means(theta: Floats, terms: NDArray[np.int64], n_cells: int) -> Floats:
    """Return one model's fitted counts, cell 0 (the unseen) included: (cells,) array."""
    from smuggling_analysis.kernels.loglinear import sum_over_subsets

    eta, empty = np.zeros(n_cells), np.zeros(n_cells, dtype=bool)
    every = np.arange(n_cells)
    for parameter, term in zip(theta, terms, strict=True):
        if term >= 0 and np.isneginf(parameter):
            empty |= (every & term) == term
        elif term >= 0:
            eta[term] = parameter
    sum_over_subsets(eta)
    return np.where(empty, 0.0, np.exp(eta))


def price(cells: Floats, criterion: str) -> float:
    """Return what "aic" or "bic" charges a parameter: 2, or the log of the people observed."""
    return 2.0 if criterion == "aic" else math.log(cells[1:].sum())


def saturated_loglikelihood(counts: Floats) -> float:
    """Return the Poisson log-likelihood of counts that are their own means."""
    return float(-sum(stirling_remainder(count) for count in counts.tolist()))


def stirling_remainder(count: float) -> float:
    """Return log(count!) - count log(count) + count, without the cancellation of large numbers.

    Examples
    --------
    >>> stirling_remainder(0.0), round(stirling_remainder(1.0), 12)
    (0.0, 1.0)
    >>> round(stirling_remainder(1e9), 9)
    11.280571452
    """
    if count <= 0.0:
        return 0.0
    if count < 30.0:
        return math.lgamma(count + 1.0) - count * math.log(count) + count
    inverse = 1.0 / count
    return (0.5 * math.log(2.0 * math.pi * count)
            + inverse * (1 / 12 - inverse**2 * (1 / 360 - inverse**2 * (1 / 1260 - inverse**2 / 1680))))
