"""Straight lines for the logarithms of how many people were seen once more, of those seen so often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array

_AWAY = 1e30
"""Variance of a ratio that cannot be formed."""


@dataclass(frozen=True, kw_only=True)
class RatioModel:
    """How log((x + 1) f(x + 1) / f(x)), with f(x) people seen x times, depends on x.

    Parameters
    ----------
    name : str
        As in `RATIO_MODELS`.
    terms : function of x
        The columns of the design matrix: (ratios,) to (ratios, coefficients).
    names : tuple of str
        The coefficients' names.
    offset : function of x
        What is known of the logarithm.
    ones_apart : bool
        Whether the ratio at x = 1 has a coefficient of its own, because too many were seen just once.
    """

    name: str
    terms: Callable[[Array], Array]
    names: tuple[str, ...]
    offset: Callable[[Array], Array] = np.zeros_like
    ones_apart: bool = False

    def design(self, x: Array) -> Array:
        """Return the design matrix, (ratios, coefficients), with the column of ones apart where there is one."""
        columns = self.terms(x)
        return np.column_stack([columns, x == 1]) if self.ones_apart else columns

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The names of all coefficients."""
        return (*self.names, "seen once") if self.ones_apart else self.names

    def log_ratios(self, x: Array, beta: Array) -> Array:
        """Return the fitted logarithms of f(x + 1) / f(x), ones not apart: (replicates, ratios)."""
        line = self.terms(x) @ beta[:, : len(self.names), np.newaxis]
        return np.asarray(line[:, :, 0] + self.offset(x) - np.log1p(x))


def _constant(x: Array) -> Array:
    return np.ones((len(x), 1))


_SHAPES = (
    RatioModel(name="poisson", terms=_constant, names=("Intercept",)),
    RatioModel(name="geometric", terms=_constant, names=("Intercept",), offset=np.log1p),
    RatioModel(name="log", terms=lambda x: np.column_stack([np.ones_like(x), np.log1p(x)]),
               names=("Intercept", "log(x + 1)")),
    RatioModel(name="linear", terms=lambda x: np.column_stack([np.ones_like(x), x]), names=("Intercept", "x")),
)

RATIO_MODELS: dict[str, RatioModel] = {
    model.name: model for shape in _SHAPES for model in (
        shape,
        RatioModel(name=f"{shape.name}, ones apart", terms=shape.terms, names=shape.names, offset=shape.offset,
                   ones_apart=True))
}
"""The models, plainest first: "poisson" and "geometric" are what those distributions give, "log" has both between."""


@dataclass(frozen=True, eq=False)
class RatioFits:
    """A model fitted to the frequencies of one or many replicates.

    Parameters
    ----------
    beta : (replicates, coefficients) array
        The coefficients; not a number where the ratios do not determine them.
    slopes : (1, coefficients, columns) array or None
        Their derivatives by the frequencies, on which the weights depend, too; of several replicates there are none.
    covariance : (replicates, coefficients, coefficients) array
        Their covariance, the frequencies' chance alone.
    chi_square : (replicates,) array
        Squared distances of the log-ratios from the line, by their covariance.
    ratios : (replicates,) array of int
        How many ratios there are.
    """

    beta: Array
    slopes: Array | None
    covariance: Array
    chi_square: Array
    ratios: Array


def fit_ratios(model: RatioModel, frequencies: Array, *, neighbours: bool) -> RatioFits:
    """Fit a line to the log-ratios by generalised least squares.

    Parameters
    ----------
    model : RatioModel
        The line.
    frequencies : (replicates, columns) array
        People seen once, twice, ...
    neighbours : bool
        Whether weights heed that neighbouring ratios share a frequency (their covariance is -1 / f), or only the
        ratios' own variances 1 / f(x) + 1 / f(x + 1).
    """
    # Where somebody was seen 10,000 times thousands of ratios have nobody above or below: they say nothing.
    kept = np.union1d([0], np.flatnonzero(((frequencies[:, :-1] > 0) & (frequencies[:, 1:] > 0)).any(axis=0)))
    x = kept + 1.0
    below, above = frequencies[:, kept], frequencies[:, kept + 1]
    whole = (below > 0) & (above > 0)
    # In another replicate it stays, with a row of zeros and no share in the weights.
    low, high = np.where(whole, below, 1.0), np.where(whole, above, 1.0)
    y = np.where(whole, np.log(high / low) + np.log1p(x) - model.offset(x), 0.0)
    design = np.where(whole[:, :, np.newaxis], model.design(x), 0.0)
    spread = _spread(x, whole, low, high)
    known = spread if neighbours else spread * np.eye(len(x))
    weighted = np.linalg.solve(known, design)  # (replicates, ratios, coefficients)
    information = design.transpose(0, 2, 1) @ weighted
    good = np.linalg.cond(information) < 1e12
    information = np.where(good[:, np.newaxis, np.newaxis], information, np.eye(information.shape[-1]))
    projection = np.linalg.solve(information, weighted.transpose(0, 2, 1))
    projection = np.where(good[:, np.newaxis, np.newaxis], projection, np.nan)
    beta = (projection @ y[:, :, np.newaxis])[:, :, 0]
    rest = y - (design @ beta[:, :, np.newaxis])[:, :, 0]
    pull = np.linalg.solve(known, rest[:, :, np.newaxis])[:, :, 0]
    one = len(frequencies) == 1
    slopes = projection @ _by_frequency(kept, whole, frequencies, pull, neighbours) if one else None
    return RatioFits(beta, slopes, projection @ spread @ projection.transpose(0, 2, 1), (rest * pull).sum(axis=1),
                     whole.sum(axis=1))


def _by_frequency(kept: NDArray[np.int64], whole: NDArray[np.bool_], frequencies: Array, pull: Array,
                  neighbours: bool) -> Array:
    """Return what the coefficients' projection turns into their derivatives: (replicates, ratios, columns).

    A frequency moves the log-ratios above and below it, and the weights: d beta = P (dy - dV V^-1 rest), with V the
    ratios' covariance and `pull` V^-1 rest.
    """
    replicates, count = whole.shape
    signs = np.zeros((replicates, count, frequencies.shape[1]))
    place = np.arange(count)
    signs[:, place, kept], signs[:, place, kept + 1] = np.where(whole, -1.0, 0.0), np.where(whole, 1.0, 0.0)
    inverse = np.where(frequencies > 0, 1.0 / np.where(frequencies > 0, frequencies, 1.0), 0.0)[:, np.newaxis]
    if neighbours:
        return signs * inverse * (1.0 + inverse * (pull[:, np.newaxis] @ signs))
    return signs * inverse + signs**2 * inverse**2 * pull[:, :, np.newaxis]


def _spread(x: Array, whole: NDArray[np.bool_], low: Array, high: Array) -> Array:
    """Return the covariance of the log-ratios by the delta method: (replicates, ratios, ratios)."""
    count = whole.shape[1]
    spread = np.zeros((len(whole), count, count))
    place = np.arange(count)
    spread[:, place, place] = np.where(whole, 1 / low + 1 / high, _AWAY)
    shared = np.where(whole[:, :-1] & whole[:, 1:] & (np.diff(x) == 1), -1 / high[:, :-1], 0.0)
    spread[:, place[:-1], place[1:]] = spread[:, place[1:], place[:-1]] = shared
    return spread
