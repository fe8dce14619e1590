"""Log-linear models fitted to a table of lists x covariates: what was estimated, and what could not be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable, Integers
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, saturated_loglikelihood
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

# People left in a part of a margin by the E-steps below which the part is taken as empty.
_DRAINED = 1e-5
_MOST_DRAINS = 25


@dataclass(frozen=True, eq=False)
class TableFits:
    """Maximum likelihood fits of several models to one table.

    Parameters
    ----------
    table : CrossTable
    models : tuple of Model
    terms : (models, most terms) array of int
        Each model's parameters, unused places -1.
    theta : (models, most terms) array
        Minus infinity where a parameter is on the boundary.
    sizes : (models, strata) array
        Estimated people in every stratum; NaN where there is no estimate.
    deviance : (models,) array
    exists, identified : (models,) arrays of bool
    means : (cells,) array
        The fitted means of the last model, history 0 (the unseen) included.
    """

    table: CrossTable
    models: tuple[Model, ...]
    terms: Integers
    theta: Floats
    sizes: Floats
    deviance: Floats
    exists: NDArray[np.bool_]
    identified: NDArray[np.bool_]
    means: Floats

    @property
    def estimable(self) -> NDArray[np.bool_]:
        """Which models have one estimate: (models,) array."""
        return self.exists & self.identified & np.isfinite(self.sizes).all(axis=1) & np.isfinite(self.deviance)

    @property
    def value(self) -> Floats:
        """Estimated population: (models,) array."""
        return np.where(self.estimable, np.maximum(self.sizes.sum(axis=1), self.table.observed), np.nan)

    @property
    def parameters(self) -> Integers:
        """Number of parameters, those on the boundary included: (models,) array."""
        return np.asarray((self.terms >= 0).sum(axis=1))

    @cached_property
    def _constant(self) -> float:
        return 2.0 * saturated_loglikelihood(np.concatenate([self.table.cells, self.table.count]))

    @property
    def aic(self) -> Floats:
        """Akaike's criterion, constants included: (models,) array."""
        return self.deviance - self._constant + 2.0 * self.parameters

    @property
    def bic(self) -> Floats:
        """Schwarz's criterion, log of the people observed, constants included: (models,) array."""
        return self.deviance - self._constant + math.log(self.table.observed) * self.parameters

    def score(self, criterion: str) -> Floats:
        """Return "aic" or "bic", infinite where there is no estimate: (models,) array."""
        return np.where(self.estimable, self.aic if criterion == "aic" else self.bic, np.inf)


@dataclass(frozen=True, eq=False)
class Margins:
    """The sets of variables whose margins models may fit, and which parts of those nobody is in.

    Parameters
    ----------
    sets : mapping of int to int
        The place of each set of variables.
    empty : (sets, cells) array of bool
    """

    sets: dict[int, int]
    empty: NDArray[np.bool_]

    @classmethod
    def of(cls, table: CrossTable, models: Sequence[Model]) -> Margins:
        """Find the empty parts of every margin that one of the models fits."""
        sets = sorted({term for model in models for term in model.terms if term})
        return cls({term: place for place, term in enumerate(sets)}, table.emptied(sets))

    def fitted(self, models: Sequence[Model]) -> NDArray[np.bool_]:
        """Return which margins each model fits: (models, sets) array."""
        found = np.zeros((len(models), len(self.sets)), dtype=bool)
        for row, model in enumerate(models):
            found[row, [self.sets[term] for term in model.terms if term]] = True
        return found


def fit_models(table: CrossTable, models: Sequence[Model], margins: Margins | None = None) -> TableFits:
    """Fit models.

    Parameters
    ----------
    table : CrossTable
    models : sequence of Model
        On the table's lists and covariates, numbered in that order.
    margins : Margins, optional
        Of this table, if they were found before.
    """
    margins = margins or Margins.of(table, models)
    fits = _fit(table, models, margins.fitted(models), margins.empty)
    if table.count.size:
        for place in np.flatnonzero(fits.identified & ~fits.exists).tolist():
            fits = _with_one(fits, place, _fit_drained(table, models[place], margins))
    return fits


def refit(fits: TableFits, start: Floats) -> TableFits:
    """Fit the one model of `fits` again from other parameters: (terms,) array."""
    margins = Margins.of(fits.table, fits.models)
    return _fit_drained(fits.table, fits.models[0], margins, start)


def _fit(table: CrossTable, models: Sequence[Model], fitted: NDArray[np.bool_], empty: NDArray[np.bool_],
         start: Floats | None = None) -> TableFits:
    from smuggling_analysis.kernels.poisson_tables import EXISTS, IDENTIFIED, fit_tables

    lists = [table.terms(model) for model in models]
    terms = np.full((len(models), max(map(len, lists))), -1, dtype=np.int64)
    for row, own in enumerate(lists):
        terms[row, : len(own)] = own
    given = np.empty(0) if start is None else start
    theta, sizes, means, deviance, state = fit_tables(
        table.cells, table.recorded, table.count, table.start, table.cell, table.n_histories, table.strides,
        table.sizes, terms, fitted, empty, given)
    return TableFits(table, tuple(models), terms, theta, sizes, deviance, (state & EXISTS) > 0,
                     (state & IDENTIFIED) > 0, means)


def _fit_drained(table: CrossTable, model: Model, margins: Margins, start: Floats | None = None) -> TableFits:
    """Fit with groups: parts of a margin that the E-steps drain of everybody are emptied one after another."""
    sets = [term for term in model.terms if term]
    empty = margins.empty[[margins.sets[term] for term in sets]]
    every = np.ones((1, len(sets)), dtype=bool)
    fits = _fit(table, [model], every, empty, start)
    for _ in range(_MOST_DRAINS):
        if fits.exists[0] or not fits.identified[0] or not np.isfinite(fits.means).all():
            break
        seen = fits.means.copy()
        seen[:: table.n_histories] = 0.0
        more = empty | table.emptied(sets, seen, _DRAINED)
        if (more == empty).all():
            break
        empty = more
        fits = _fit(table, [model], every, empty)
    return fits


def _with_one(fits: TableFits, place: int, other: TableFits) -> TableFits:
    """Return the fits with that of one model in its place; `other` holds that one model."""
    theta, sizes = fits.theta.copy(), fits.sizes.copy()
    deviance, exists = fits.deviance.copy(), fits.exists.copy()
    theta[place, : other.theta.shape[1]] = other.theta[0]
    sizes[place], deviance[place], exists[place] = other.sizes[0], other.deviance[0], other.exists[0]
    means = other.means if place == len(fits.models) - 1 else fits.means
    return replace(fits, theta=theta, sizes=sizes, deviance=deviance, exists=exists, means=means)
