"""Maximum likelihood of open-population models, by a Newton method that keeps to the parameters' bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import saturated_loglikelihood
from smuggling_analysis.methods.multiple_systems.open.capture_paths import Floats, Integers, Paths
from smuggling_analysis.methods.multiple_systems.open.period_blocks import Block

_MOST_STEPS = 400
_LONGEST_STEP = 3.0
_SETTLED = 1e-9
# Below this share of the largest, a direction of the information is taken to be empty.
_FLAT = 1e-11


@dataclass(frozen=True, eq=False)
class OpenModel:
    """A log-linear model of histories over periods.

    The parameters are the intercept and the 2 (periods - 1) terms of the first and the last capture, then each
    block's, then those of a trap effect.

    Parameters
    ----------
    paths : Paths
    blocks : tuple of Block
        One per period.
    places : tuple of (block parameters,) arrays of int
        Where each block's parameters stand among all; two blocks may share one.
    trap : (periods, trap parameters) array
        Which parameter a capture in the period has when it follows one in the period before.
    names : tuple of str
    lower, upper : (parameters,) arrays
    """

    paths: Paths
    blocks: tuple[Block, ...]
    places: tuple[Integers, ...]
    trap: Floats
    names: tuple[str, ...]
    lower: Floats
    upper: Floats

    @cached_property
    def edges(self) -> Floats:
        """What the edges show, but for the captures: (edges, parameters) array."""
        shown = np.zeros((len(self.paths.begin), len(self.names)))
        shown[:, :self.paths.ends.shape[1]] = self.paths.ends
        if self.trap.shape[1]:
            shown[:, -self.trap.shape[1]:] = self.paths.adjacent @ self.trap
        return shown

    def log_weight(self, theta: NDArray) -> NDArray:
        """Return the logarithm of the edges' factors, real or complex as the parameters are: (edges,)."""
        odds = [np.log(block.odds(theta[place])) for block, place in zip(self.blocks, self.places, strict=True)]
        return self.edges @ theta + self.paths.captured @ np.array(odds)

    @property
    def saturated(self) -> int:
        """Parameters of the blocks without a model that are not among the names."""
        return sum(block.saturated for block in self.blocks)


@dataclass(frozen=True, eq=False)
class Cells:
    """The histories people have, as states per period.

    Parameters
    ----------
    states : (cells, periods) array of int
        0 not seen, else 1 + the place of the state in the block.
    counts : (cells,) array
    """

    states: Integers
    counts: Floats

    def rows(self, model: OpenModel) -> tuple[Floats, Floats]:
        """Return the cells' rows of the design, (cells, parameters), and the logarithm of their weight."""
        seen = self.states > 0
        rows = np.zeros((len(self.states), len(model.names)))
        offset = np.zeros(len(self.states))
        patterns, where = np.unique(seen, axis=0, return_inverse=True)
        ends = [model.paths.taken(history[None], np.ones(1)) @ model.edges for history in patterns]
        rows += np.array(ends).reshape(len(ends), rows.shape[1])[where.ravel()]
        for period, (block, place) in enumerate(zip(model.blocks, model.places, strict=True)):
            on = np.flatnonzero(seen[:, period])
            state = self.states[on, period] - 1
            for column, target in enumerate(place):
                rows[on, target] += block.columns[state, column]
            with np.errstate(divide="ignore"):
                offset[on] += np.log(block.weight[state])
        return rows, offset


@dataclass(frozen=True, eq=False)
class OpenFit:
    """A maximum likelihood fit.

    Parameters
    ----------
    model : OpenModel
    theta : (parameters,) array
    free : (parameters,) array of bool
        Which lie within their bounds; the others are held there and count as known.
    loose : (parameters, directions) array
        Directions along which the fit runs to infinity without moving the likelihood, and flat ones: a number
        that changes along one of them was not estimated.
    covariance : (parameters, parameters) array
        Of the free ones, zero elsewhere; by generalised inverse where nothing is known of a direction.
    flat : (parameters, directions) array
        Directions along which no history that can be seen changes its chance: nothing can be told of them.
    deviance : float
    df : int
        Residual degrees of freedom over all histories that can be seen.
    aic : float
    converged : bool
    cells, excluded : Cells
        What was fitted, and what was left out of the fit.
    mean : (cells,) array
        Expected people in the cells that were fitted.
    """

    model: OpenModel
    theta: Floats
    free: NDArray[np.bool_]
    loose: Floats
    covariance: Floats
    flat: Floats
    deviance: float
    df: int
    aic: float
    converged: bool
    cells: Cells
    excluded: Cells
    mean: Floats

    @property
    def at_zero(self) -> NDArray[np.bool_]:
        """Which parameters are held at zero because less would mean a negative number of people."""
        return ~self.free & (self.model.lower == 0)


class _Likelihood:
    """The Poisson log-likelihood of the cells that are fitted, with its slope and curvature."""

    def __init__(self, model: OpenModel, cells: Cells, excluded: Cells):
        self.model, self.counts = model, cells.counts
        self.rows, self.offset = cells.rows(model)
        self.left_out, self.left_offset = excluded.rows(model)
        self.seen = self.rows.T @ cells.counts

    def value(self, theta: Floats) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            total = float(self.model.paths.total(self.model.log_weight(theta))) - self.left(theta).sum()
        value = float(self.seen @ theta) - total
        return value if np.isfinite(value) else -np.inf

    def left(self, theta: Floats) -> Floats:
        return np.exp(self.left_out @ theta + self.left_offset)

    def slope(self, theta: Floats) -> tuple[Floats, Floats]:
        model, paths = self.model, self.model.paths
        moments = [block.moments(theta[place]) for block, place in zip(model.blocks, model.places, strict=True)]
        log_odds = np.array([odds for odds, _, _ in moments])
        shown = model.edges.copy()
        for period, (place, (_, mean, _)) in enumerate(zip(model.places, moments, strict=True)):
            for target, average in zip(place, mean, strict=True):
                shown[:, target] += average * paths.captured[:, period]
        single, pair = paths.moments(model.edges @ theta + paths.captured @ log_odds)
        information = shown.T @ pair @ shown
        captures = single @ paths.captured
        for period, (place, (_, _, spread)) in enumerate(zip(model.places, moments, strict=True)):
            information[np.ix_(place, place)] += captures[period] * spread
        left = self.left(theta)
        gradient = self.seen - single @ shown + left @ self.left_out
        fitted = information - self.left_out.T @ (left[:, None] * self.left_out)
        # A parameter that only the cells left out show keeps nothing but rounding: that is no information.
        none = np.diag(fitted) <= _FLAT * np.diag(information)
        fitted[none, :] = fitted[:, none] = 0.0
        return gradient, fitted


def maximise(model: OpenModel, cells: Cells, excluded: Cells) -> OpenFit:
    """Fit a model to cells, leaving others out.

    Parameters
    ----------
    model : OpenModel
    cells, excluded : Cells
        People whose histories are fitted, and histories that are left out of the fit.
    """
    likelihood = _Likelihood(model, cells, excluded)
    theta = _start(model, cells)
    # A log-linear model's flat directions are the same everywhere, so they are taken where no mean is near
    # zero.
    flat = _flat_directions(likelihood.slope(theta)[1])
    converged = False
    for _ in range(_MOST_STEPS):
        gradient, information = likelihood.slope(theta)
        held = (theta <= model.lower) & (gradient <= 0) | (theta >= model.upper) & (gradient >= 0)
        step = np.zeros_like(theta)
        step[~held] = _solved(information[np.ix_(~held, ~held)], gradient[~held])
        if not np.isfinite(step).all():
            break
        step *= min(1.0, _LONGEST_STEP / max(np.abs(step).max(), 1e-300))
        moved = _searched(likelihood, theta, step, float(gradient @ step))
        change = np.abs(moved - theta).max()
        theta = moved
        if change < _SETTLED:
            converged = True
            break
    return _finished(likelihood, theta, flat, cells, excluded, converged)


def _start(model: OpenModel, cells: Cells) -> Floats:
    theta = np.zeros(len(model.names))
    theta[1:model.paths.ends.shape[1]] = 0.5
    for block, place in zip(model.blocks, model.places, strict=True):
        named = [name.startswith("beta") for name in block.names]
        theta[place[named]] = 0.0 if block.states == 1 else -0.5
    theta = np.clip(theta, model.lower, model.upper)
    theta[0] = np.log(cells.counts.sum()) - np.log(float(model.paths.total(model.log_weight(theta))))
    return theta


def _flat_directions(information: Floats) -> Floats:
    values, vectors, scale = _spectrum(information)
    return (vectors * np.where(scale > 0, scale, 1.0)[:, None])[:, values <= _FLAT]


def _solved(information: Floats, gradient: Floats) -> Floats:
    values, vectors, scale = _spectrum(information)
    kept = values > _FLAT
    along = vectors.T @ (gradient * scale)
    along[kept] /= values[kept]
    along[~kept] = 0.0
    return (vectors @ along) * scale


def _spectrum(information: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the eigenvalues and vectors of the information scaled to a unit diagonal, and the scale."""
    diagonal = np.diag(information)
    scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 0.0)
    values, vectors = np.linalg.eigh(information * scale * scale[:, None])
    return values, vectors, scale


def _searched(likelihood: _Likelihood, theta: Floats, step: Floats, gain: float) -> Floats:
    """Go along the step, within the bounds, as far as the likelihood rises."""
    model, here, share = likelihood.model, likelihood.value(theta), 1.0
    # Where little is to be gained the difference of two likelihoods is lost in rounding.
    noise = 1e-12 * max(1.0, abs(here))
    for _ in range(40):
        moved = np.clip(theta + share * step, model.lower, model.upper)
        if likelihood.value(moved) >= here - noise:
            return moved
        share *= 0.5
    return theta


def _finished(likelihood: _Likelihood, theta: Floats, flat: Floats, cells: Cells, excluded: Cells,
              converged: bool) -> OpenFit:
    model = likelihood.model
    gradient, information = likelihood.slope(theta)
    held = (theta <= model.lower) & (gradient <= 0) | (theta >= model.upper) & (gradient >= 0)
    values, vectors, scale = _spectrum(information[np.ix_(~held, ~held)])
    kept = values > _FLAT
    covariance = np.zeros_like(information)
    half = vectors[:, kept] * scale[:, None] / np.sqrt(values[kept])
    covariance[np.ix_(~held, ~held)] = half @ half.T
    adrift = np.zeros((len(theta), int((~kept).sum())))
    adrift[~held] = vectors[:, ~kept] * np.where(scale > 0, scale, 1.0)[:, None]
    # Where a parameter was stopped short of infinity, the others would have gone along with it.
    stopped = np.eye(len(theta))[:, held & (model.lower != 0)]
    loose = np.hstack([adrift, stopped - covariance @ information @ stopped, flat])
    loose /= np.maximum(np.abs(loose).max(axis=0, initial=0.0), 1e-300)
    log_mean = likelihood.rows @ theta + likelihood.offset
    total = float(model.paths.total(model.log_weight(theta))) - float(likelihood.left(theta).sum())
    deviance = 2 * float(cells.counts @ (np.log(cells.counts) - log_mean) - cells.counts.sum() + total)
    possible = np.prod([block.states + 1.0 for block in model.blocks]) - 1 - len(excluded.counts)
    # A parameter that runs to infinity was estimated; one held at zero is left out of the model.
    zero = held & (model.lower == 0)
    parameters = int((~zero).sum()) - flat.shape[1] + model.saturated
    return OpenFit(model, theta, ~held, loose, covariance, flat, max(deviance, 0.0), int(possible) - parameters,
                   deviance - 2 * saturated_loglikelihood(cells.counts) + 2 * parameters, converged, cells,
                   excluded, np.exp(log_mean))
