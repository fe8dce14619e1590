"""Covariance of the coefficients: as the model has it, or as the rows' own residuals have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.reference_population.model import Prepared
from smuggling_analysis.methods.reference_population.newton import inverse_of
from smuggling_analysis.methods.reference_population.objective import Array, Rows

CLUSTERED, OBSERVED, MODEL = "clustered", "observed", "model"
_EXACT = 1e-10
_NOTHING = 1e-9
"""Information, against the most there is in any direction, that is none."""


def _none(leverage: Array) -> Array:
    return np.ones_like(leverage)


def _small_sample(leverage: Array) -> Array:
    return np.full_like(leverage, len(leverage) / max(len(leverage) - leverage.sum(), 1.0))


def _power(exponent: Callable[[Array], Array | float]) -> Callable[[Array], Array]:
    def factor(leverage: Array) -> Array:
        left = 1.0 - leverage
        # A row of leverage 1 is fitted exactly: its residual is 0, whatever it is divided by.
        return np.where(left > _EXACT, np.maximum(left, _EXACT) ** -exponent(leverage), 0.0)
    return factor


def _relative(leverage: Array) -> Array:
    return leverage / max(float(leverage.mean()), 1e-300)


def _of_hc5(leverage: Array) -> Array:
    most = max(4.0, 0.7 * float(_relative(leverage).max(initial=0.0)))
    return np.minimum(_relative(leverage), most) / 2.0


FACTORS: dict[str, Callable[[Array], Array]] = {
    "HC0": _none, "HC1": _small_sample, "HC2": _power(lambda leverage: 1.0), "HC3": _power(lambda leverage: 2.0),
    "HC4": _power(lambda leverage: np.minimum(_relative(leverage), 4.0)), "HC5": _power(_of_hc5),
}
"""What the squares of the residuals are multiplied with, from the leverages (rows,).

White 1980; MacKinnon and White 1985; Cribari-Neto 2004 (HC4); Cribari-Neto, Souza and Vasconcellos 2007 (HC5).
"""
COVARIANCES = (*FACTORS, CLUSTERED, OBSERVED, MODEL)
"""The covariances, by name."""


@dataclass(frozen=True, eq=False)
class Covariances:
    """Covariance of all coefficients, (coefficients, coefficients): as asked, and as the model has it."""

    asked: Array
    model: Array


def covariances(data: Prepared, at: Array, held: NDArray[np.bool_], kind: str) -> Covariances:
    """Return the covariances at a maximum; coefficients on a bound are held, with variance 0.

    The bread of the sandwich is the expected information, and the observed one of all coefficients, theta included,
    where there is a theta.

    Raises
    ------
    NoEstimate
        If the information has no inverse, or one country is all there is to tell clusters by.
    """
    objective = data.objective
    rows = objective.rows(at[np.newaxis], np.zeros(1, dtype=np.int64))
    of_mean = _of_mean(data, rows, held)
    model = _as_model(data, rows, of_mean, held)
    if kind == MODEL:
        return Covariances(model, model)
    bread = of_mean
    if kind == OBSERVED or objective.criterion.dispersed:
        bread = inverse_of(objective.information(rows, expected=False)[0], held)
    _refuse_flat(data, bread)
    if kind == OBSERVED:
        return Covariances(bread * _variance(data, rows, held), model)
    scores = _scores(data, rows)
    if kind == CLUSTERED:
        moved = _by_country(data, at, scores, held)
        return Covariances(moved.T @ moved, model)
    scores = scores * np.sqrt(_factor(data, rows, of_mean, held, kind))[:, np.newaxis]
    return Covariances(bread @ (scores.T @ scores) @ bread, model)


def _of_mean(data: Prepared, rows: Rows, held: NDArray[np.bool_]) -> Array:
    """Inverse of the expected information of the mean's coefficients; 0 for theta."""
    aside = held.copy()
    aside[data.objective.mean_size:] = True
    inverse = inverse_of(data.objective.information(rows, expected=True)[0], aside)
    _refuse_flat(data, inverse)
    return inverse


def _as_model(data: Prepared, rows: Rows, of_mean: Array, held: NDArray[np.bool_]) -> Array:
    return of_mean * _variance(data, rows, held)


def _variance(data: Prepared, rows: Rows, held: NDArray[np.bool_]) -> float:
    """Return the residual variance of least squares; 1 for the others."""
    objective = data.objective
    if not objective.criterion.least_squares:
        return 1.0
    left = len(objective.counts) - int((~held).sum())
    return objective.criterion.deviance(objective.counts, rows.logs[0], 1.0) / max(left, 1)


def _scores(data: Prepared, rows: Rows) -> Array:
    """Return each row's score: (rows, coefficients)."""
    scores = data.objective.jacobian(rows) * rows.curve.slope[0][:, np.newaxis]
    if rows.curve.log_theta is not None:
        scores = np.column_stack([scores, rows.curve.log_theta[0][0]])
    return scores


def _factor(data: Prepared, rows: Rows, of_mean: Array, held: NDArray[np.bool_], kind: str) -> Array:
    size = data.objective.mean_size
    if kind == "HC1":
        return np.full(len(rows.logs[0]), len(rows.logs[0]) / max(len(rows.logs[0]) - int((~held).sum()), 1))
    jacobian = data.objective.jacobian(rows)
    leverage = rows.curve.expected[0] * np.einsum("ij,jk,ik->i", jacobian, of_mean[:size, :size], jacobian)
    return FACTORS[kind](leverage)


def _by_country(data: Prepared, at: Array, scores: Array, held: NDArray[np.bool_]) -> Array:
    """Return what each country moves the coefficients by: (countries, coefficients).

    The jackknife to first order: the score of a country, times the inverse of the information of all the others, times
    the root of (G - 1) / G for G countries. With one row a country it is HC3 but for that factor. What only one country
    tells, the others' information says nothing of, and is left out (MacKinnon, Nielsen and Webb 2023).
    """
    names, own = np.unique(np.array(data.counts.countries)[data.order], return_inverse=True)
    if len(names) < 2:
        raise NoEstimate("all rows are of one country: nothing tells how countries differ",
                         'more countries, or covariance="HC3"')
    mine = (np.arange(len(names))[:, np.newaxis] == own).astype(float)
    others = data.objective.having(weights=1.0 - mine)
    every = np.arange(len(names))
    information = others.information(others.rows(np.tile(at, (len(names), 1)), every),
                                     expected=not data.objective.criterion.dispersed)
    free = np.flatnonzero(~held)
    moved = np.zeros((len(names), len(at)))
    moved[:, free] = _solved(information[:, free[:, np.newaxis], free], (mine @ scores)[:, free])
    return moved * np.sqrt((len(names) - 1) / len(names))


def _solved(information: Array, scores: Array) -> Array:
    """Return the scores, (countries, coefficients), through the inverses of positive parts of the information."""
    size = np.sqrt(np.maximum(np.abs(np.diagonal(information, axis1=1, axis2=2)).max(axis=0), 1e-300))
    curved, directions = np.linalg.eigh(information / np.outer(size, size))
    known = curved > _NOTHING * curved[:, -1:]
    along = np.einsum("gij,gi->gj", directions, scores / size)
    along = np.where(known, along / np.where(known, curved, 1.0), 0.0)
    return np.asarray(np.einsum("gij,gj->gi", directions, along) / size)


def _refuse_flat(data: Prepared, inverse: Array) -> None:
    if not np.isfinite(inverse).all():
        raise NoEstimate(f"the criterion is flat: the counts do not determine {', '.join(data.names)} all at once",
                         "fewer covariates, a given gamma, or rows in which n / N and N differ more")
