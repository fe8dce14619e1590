"""Many models fitted to many tables that resemble one another: what a bootstrap of a choice repeats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, best_of, fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, Models, term_table

Places = NDArray[np.int64]
# Fitted first in every table: among so many of the best of the middle table is mostly the best of this one.
_LEADERS = 16
_MOST_ABOVE = 10
# Criteria closer than this are equal.
_EQUAL = 1e-7


@dataclass(frozen=True, eq=False)
class NearBest:
    """The models near the best of each of many tables.

    Parameters
    ----------
    unseen : (tables, models) array
        Estimated people on no list; NaN where the model has no estimate or is further off than asked.
    score : (tables, models) array
        The criterion, up to a constant of the table; infinite there.
    observed : (tables,) array
        People on at least one list.
    """

    unseen: Floats
    score: Floats
    observed: Floats

    @property
    def best(self) -> Places:
        """Place of the best model of each table, -1 where no model has an estimate: (tables,) array."""
        return best_of(self.score, self.unseen)

    @property
    def chosen(self) -> Floats:
        """Population by the best model of each table, NaN where there is none: (tables,) array."""
        return self.observed + self.unseen[np.arange(len(self.score)), self.best]

    @property
    def weight(self) -> Floats:
        """Weights of the models in each table, adding up to 1 where any has an estimate: like `score`."""
        least = self.score.min(axis=1, keepdims=True)
        weight = np.exp(-0.5 * (self.score - np.where(np.isfinite(least), least, 0.0)))
        total = weight.sum(axis=1, keepdims=True)
        return np.asarray(weight / np.where(total > 0.0, total, 1.0))

    @property
    def averaged(self) -> Floats:
        """Population by the weighted mean of all models, NaN where there is none: (tables,) array."""
        mean = (self.weight * np.where(np.isfinite(self.score), self.unseen, 0.0)).sum(axis=1)
        return np.where(np.isfinite(self.score.min(axis=1)), self.observed + mean, np.nan)


def near_best(tables: Floats, models: tuple[Model, ...] | Models, criterion: str, reach: float) -> NearBest:
    """Fit the models near the best one to each of many tables.

    Which models those are is certain: one is passed over only where a larger model shows that its deviance is
    too high.

    Parameters
    ----------
    tables : (tables, 2**lists) array
        Tables that resemble one another, as replicates do.
    models : tuple of Model, or Models
        The models.
    criterion : {"bic", "aic"}
        What judges them.
    reach : float
        How far above the best, in points of the criterion.
    """
    from smuggling_analysis.kernels.replicates import fit_near_best

    tables = np.ascontiguousarray(tables, dtype=np.float64)
    terms, above = term_table(models), _larger_models(models)
    observed = tables[:, 1:].sum(axis=1)
    prices = np.full(len(tables), 2.0) if criterion == "aic" else np.log(np.maximum(observed, 1.0))
    middle = fit_terms(np.concatenate([[0.0], tables[:, 1:].mean(axis=0)]), terms)
    score = np.where(middle.estimable, middle.deviance + prices.mean() * middle.parameters, np.inf)
    leaders = np.argsort(score, kind="stable")[:_LEADERS]
    rest = np.argsort(-middle.parameters, kind="stable")
    order = np.concatenate([leaders, rest[~np.isin(rest, leaders)]])
    log_unseen, found = fit_near_best(tables, terms, middle.theta, order, leaders.size, above, prices, reach)
    found[observed < 1.0] = np.inf
    # A model fitted before the best was known may lie further off than asked.
    near = np.isfinite(found) & (found <= found.min(axis=1, keepdims=True) + reach + _EQUAL)
    unseen = np.where(near, np.exp(np.minimum(log_unseen, 700.0)), np.nan)
    return NearBest(unseen, np.where(near, found, np.inf), observed)


@lru_cache(maxsize=8)
def _larger_models(models: tuple[Model, ...] | Models) -> Places:
    """Return for each model the places of a few models that contain it, the smallest: unused places -1."""
    column = {term: place for place, term in enumerate(sorted({term for model in models for term in model.terms}))}
    holds = np.zeros((len(models), len(column)), dtype=np.float32)
    for row, model in enumerate(models):
        holds[row, [column[term] for term in model.terms]] = 1.0
    sizes = holds.sum(axis=1)
    above = np.full((len(models), _MOST_ABOVE), -1, dtype=np.int64)
    for row, mine in enumerate(holds):
        larger = np.flatnonzero((holds @ mine == sizes[row]) & (sizes > sizes[row]))
        larger = larger[np.argsort(sizes[larger], kind="stable")][:_MOST_ABOVE]
        above[row, : larger.size] = larger
    return above
