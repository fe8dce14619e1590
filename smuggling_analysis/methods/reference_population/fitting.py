"""Where the maximum is: gamma on a grid first, then every coefficient at once."""

from __future__ import annotations

import numpy as np

from smuggling_analysis.methods.reference_population.criteria import CRITERIA
from smuggling_analysis.methods.reference_population.model import GAMMA_BOUNDS, THETA_BOUNDS, Prepared
from smuggling_analysis.methods.reference_population.newton import MAXIMUM, Climb, climb
from smuggling_analysis.methods.reference_population.objective import Array, Objective, Which

_GRID = 12
_BEST = 4
_POISSON = CRITERIA["poisson"]
_SAME = 1e-9


def maximise(data: Prepared) -> Climb:
    """Find the highest maximum of the criterion: one point.

    With gamma estimated, the criterion is maximised at gammas of a grid (where it is well behaved), and with all
    coefficients from the best of them: the likelihood in gamma can have two summits.
    """
    if not data.model.estimates_gamma:
        return at_gammas(data, np.asarray(data.objective.log_gamma))
    grid = np.linspace(np.log(max(GAMMA_BOUNDS[0], _least_rate(data) / 100)), np.log(GAMMA_BOUNDS[1]), _GRID)
    held = at_gammas(data, grid)
    best = np.argsort(-np.nan_to_num(held.height, nan=-np.inf), kind="stable")[:_BEST]
    place = data.objective.mean_size - 1
    starts = np.insert(held.at[best], place, grid[best], axis=1)
    found = climb(data.objective, starts, np.zeros(len(best), dtype=np.int64), data.bounds)
    return found.only(_highest(found))


def refit(data: Prepared, objective: Objective, start: Array) -> Climb:
    """Maximise every replicate of `objective` from one start, (coefficients,)."""
    replicates = max(len(objective.weights), len(objective.offset),
                     1 if objective.log_gamma is None else len(objective.log_gamma))
    return climb(objective, np.tile(start, (replicates, 1)), np.arange(replicates), data.bounds)


def at_gammas(data: Prepared, log_gammas: Array) -> Climb:
    """Maximise at each of these gammas, (gammas,): coefficients without that of gamma."""
    objective = data.objective.having(log_gamma=log_gammas)
    which = np.arange(len(log_gammas))
    bounds = _without_gamma(data, objective)
    poisson = objective.under(_POISSON)
    size = poisson.size
    mean = climb(poisson, _first_guess(poisson, which), which, (bounds[0][:size], bounds[1][:size]))
    if objective.criterion is _POISSON:
        return mean
    starts = mean.at
    if objective.criterion.dispersed:
        starts = np.column_stack([starts, np.log(_dispersion(poisson, starts, which))])
    return climb(objective, starts, which, bounds)


def without(start: Array, place: int | None) -> Array:
    """Leave the coefficient of gamma out of a start, where it is there."""
    return start if place is None else np.delete(start, place)


def _without_gamma(data: Prepared, objective: Objective) -> tuple[Array, Array]:
    low, high = data.bounds
    place = data.objective.gamma_place
    return without(low, place), without(high, place)


def _least_rate(data: Prepared) -> float:
    rates = data.objective.rates[data.objective.rates > 0]
    return float(rates.min()) if rates.size else 1e-6


def _first_guess(objective: Objective, which: Which) -> Array:
    """Return weighted least squares of log counts, under detection by a power: (points, coefficients)."""
    weight = objective.counts + 0.5
    guess = np.zeros((len(which), objective.size))
    for place, replicate in enumerate(which):
        rows = objective.rows(guess[place:place + 1], np.array([replicate]))
        # At coefficients of 0 the power's derivatives in beta are the logarithms of the rates.
        log_rates = rows.by_beta[0] / _slope_at_zero(objective)
        columns = np.concatenate([objective.alpha[objective.pattern] * objective.log_reference[:, np.newaxis],
                                  objective.beta[objective.pattern] * log_rates[:, np.newaxis]], axis=1)
        with np.errstate(all="ignore"):
            aim = np.where(np.isfinite(columns).all(axis=1), np.log(weight), 0.0)
        columns = np.nan_to_num(columns, posinf=0.0, neginf=0.0)
        root = np.sqrt(weight)
        guess[place] = np.linalg.lstsq(columns * root[:, np.newaxis], aim * root, rcond=1e-10)[0]
    return guess


def _slope_at_zero(objective: Objective) -> float:
    return float(objective.link.log_chance(np.zeros(1))[1][0])


def _dispersion(poisson: Objective, at: Array, which: Which) -> Array:
    """Return the dispersion by moments: (points,)."""
    with np.errstate(all="ignore"):
        mean = np.exp(poisson.rows(at, which).logs)
        beyond = ((poisson.counts - mean) ** 2 - mean).sum(axis=1)
        theta = (mean**2).sum(axis=1) / beyond
    return np.clip(np.where(beyond > 0, np.nan_to_num(theta, nan=1.0), 1e3), 0.05, THETA_BOUNDS[1] / 10)


def _highest(found: Climb) -> Which:
    """Return the highest point; among equals, one that is a maximum, and the first."""
    top = found.height.max()
    level = found.height >= top - _SAME * (1.0 + abs(top))
    rank = np.where(level & (found.verdicts == MAXIMUM), 2, np.where(level, 1, 0))
    return np.array([int(np.argmax(rank))])
