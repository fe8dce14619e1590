"""What suppression costs: the estimate's range over the extreme completions of a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit, fitted_means
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.suppressed.em import SuppressedFit, SuppressedTable

# Up to this many suppressed counts every table with each at one end of its range is fitted.
MOST_EXHAUSTED = 10
_MOST_ROUNDS = 40


@dataclass(frozen=True)
class Extremes:
    """The least and the largest estimate over the extreme completions, under one model.

    Parameters
    ----------
    least, largest : float
        Estimated populations, over the completions that have an estimate.
    fitted : int
        Completions fitted.
    without : int
        Completions on which the model has no estimate.
    all_visited : bool
        Whether every completion with each count at an end of its range was fitted.
    """

    least: float
    largest: float
    fitted: int
    without: int
    all_visited: bool


def extremes(found: SuppressedFit, *, tied: bool) -> Extremes:
    """Find the least and the largest estimate over the extreme completions.

    All of them are fitted where they are few and no totals tie them. Otherwise the search goes from the fit
    and from either end, each time to the completion that the estimate's slope points to.

    Parameters
    ----------
    found : SuppressedFit
        The fit, whose model is used throughout.
    tied : bool
        Whether totals tie the suppressed counts together.
    """
    table, model = found.table, found.model
    ends = table.completions
    if ends.low.size <= MOST_EXHAUSTED and not tied:
        tables = [np.array(each) for each in product(*zip(ends.low, ends.high, strict=True))]
        sizes = np.array([_size(table, model, counts) for counts in tables])
    else:
        sizes = np.array([size for sign in (-1.0, 1.0) for size in _search(found, sign)])
    known = sizes[np.isfinite(sizes)]
    without = int(sizes.size - known.size)
    return Extremes(float(known.min(initial=found.value)), float(known.max(initial=found.value)), sizes.size,
                    without, ends.low.size <= MOST_EXHAUSTED and not tied)


def _search(found: SuppressedFit, sign: float) -> list[float]:
    table, ends = found.table, found.table.completions
    sizes: list[float] = []
    for start in (found.table.start(), ends.best(-np.ones(ends.low.size)).astype(float),
                  ends.best(np.ones(ends.low.size)).astype(float)):
        counts, height = start, -math.inf
        for _ in range(_MOST_ROUNDS):
            slope = _slope(table, found.model, counts)
            if slope is None:
                break
            counts = ends.best(sign * slope).astype(float)
            size = _size(table, found.model, counts)
            sizes.append(size)
            if not sign * size > height:
                break
            height = sign * size
    return sizes


def _size(table: SuppressedTable, model: Model, counts: Floats) -> float:
    fits = fit(table.completed(counts), [model])
    return float(fits.value[0]) if fits.estimable[0] else math.nan


def _slope(table: SuppressedTable, model: Model, counts: Floats) -> Floats | None:
    """Return how the estimate moves with each suppressed count: (suppressed,) array."""
    fits = fit(table.completed(counts), [model])
    if not fits.estimable[0]:
        return None
    means = fitted_means(fits.theta[0], fits.terms[0], table.low.size)
    terms = fits.terms[0][np.isfinite(fits.theta[0])]
    design = ((np.arange(means.size)[:, None] & terms) == terms).astype(float)
    information = design[1:].T @ (means[1:, None] * design[1:])
    first = np.linalg.solve(information, np.eye(len(terms))[:, 0])
    return 1.0 + float(fits.unseen[0]) * np.where(means[table.cells] > 0, design[table.cells] @ first, 0.0)
