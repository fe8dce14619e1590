"""How much strata borrow from one another, estimated from the data, and what that leaves uncertain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.cells import number_in
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.strata.partial_pooling import (
    GRID,
    MOST_PARAMETERS,
    NOTHING,
    PooledFit,
    StrataTable,
)

POOLINGS = ("strata", "neighbours")
_MOST_ROUNDS = 60


@dataclass(frozen=True, eq=False)
class Pooled:
    """Strata estimated together.

    Parameters
    ----------
    fit : PooledFit
        The fit at the most likely pooling sds, or those given.
    draws : (draws, strata) array
        Populations drawn from what is known of them, row by row together.
    given : bool
        Whether the pooling sds were given.
    range_of_sds : tuple of (float, float)
        For the lists' terms and for the dependences, where the middle 95 % of the sds' likelihood lies.
    """

    fit: PooledFit
    draws: Floats
    given: bool
    range_of_sds: tuple[tuple[float, float], ...]


def links_of(labels: Sequence[tuple[str, ...]], by: Sequence[str], pooling: str,
             order: Sequence[str] | None) -> Floats:
    """Say how strongly strata are held together: (strata, strata) array.

    With "strata" all are held to their mean. With "neighbours" each is held to the next along the ordered
    variable, within equal values of the other variables, the less the further apart they are.

    Raises
    ------
    ValueError
        If it is not known which variable is ordered, or how.
    """
    number = len(labels)
    if pooling == "strata":
        return (np.ones((number, number)) - np.eye(number)) / number
    place, position = _positions(labels, by, order)
    links = np.zeros((number, number))
    rests = [label[:place] + label[place + 1:] for label in labels]
    for rest in dict.fromkeys(rests):
        chain = sorted((row for row in range(number) if rests[row] == rest), key=position.__getitem__)
        for one, other in pairwise(chain):
            links[one, other] = links[other, one] = 1.0 / (position[other] - position[one])
    return links


def _positions(labels: Sequence[tuple[str, ...]], by: Sequence[str],
               order: Sequence[str] | None) -> tuple[int, list[float]]:
    """Find the one ordered variable, and every stratum's position along it."""
    found = []
    for place in range(len(by)):
        values = [label[place] for label in labels]
        if order is not None and set(values) <= set(order):
            found.append((place, [float(list(order).index(value)) for value in values]))
        numbers = [number_in(value) for value in values]
        if order is None and np.isfinite(numbers).all():
            found.append((place, numbers))
    if not found:
        raise ValueError(f"pooling='neighbours' needs an ordered variable, and none of {', '.join(by)} has numbers for "
                         "values" + ("" if order is None else " all named in order")
                         + ": give order=[...] with its values from first to last, or use pooling='strata'")
    if len(found) > 1:
        raise ValueError(f"pooling='neighbours' follows one variable, and {' and '.join(by[one] for one, _ in found)} "
                         "may each be meant: give order=[...] with the values of one of them from first to last")
    place, position = found[0]
    if len(set(position)) < len({label[place] for label in labels}):
        raise ValueError(f"two values of {by[place]} are the same number: give order=[...] with its values from first "
                         "to last")
    return place, position


def pool(table: StrataTable, pooling_sd: float | tuple[float, float] | None, draws: int,
         rng: np.random.Generator) -> Pooled:
    """Estimate the pooling sds, fit, and draw populations with the uncertainty about the sds.

    Parameters
    ----------
    table : StrataTable
        The strata and the model.
    pooling_sd : float or (float, float), optional
        Fixes the sds of the lists' terms and of the dependences; None estimates them.
    draws : int
        How many draws.
    rng : Generator
        The stream.

    Raises
    ------
    ValueError
        If the sds are negative or not finite, or there are too many parameters.
    NoEstimate
        If the strata fitted together have no estimate.
    """
    if len(table.cells) * table.terms.size > MOST_PARAMETERS:
        raise ValueError(f"{len(table.cells)} strata with {table.terms.size} terms each are too many to fit "
                         "together: use fewer strata, or a model with fewer terms")
    if pooling_sd is not None:
        fit = table.fit(_given(pooling_sd))
        return Pooled(fit, _draws(table, [fit], np.ones(1), draws, rng), True, ())
    grid = _grid(table)
    weights, sds = _weights(grid), np.array([fit.sds for fit in grid])
    kinds = range(1 + bool((table.kinds == 2).any()))
    spans = tuple(_middle(sds[:, kind], weights) for kind in kinds)
    best = _refined(table, grid[int(np.argmax([fit.log_marginal for fit in grid]))])
    return Pooled(best, _draws(table, grid, weights, draws, rng), False, spans)


def _given(pooling_sd: float | tuple[float, float]) -> tuple[float, float]:
    sds = np.atleast_1d(np.asarray(pooling_sd, dtype=float))
    if sds.shape not in ((1,), (2,)) or not (np.isfinite(sds).all() and (sds >= 0).all()):
        raise ValueError(f"pooling_sd is a number of 0 or more, or two (lists, dependences), got {pooling_sd!r}; "
                         "for no pooling at all leave out pooling=")
    return float(sds[0]), float(sds[-1])


def _grid(table: StrataTable) -> list[PooledFit]:
    """Fit at every pair of pooling sds tried; those that do not settle are left out."""
    second = GRID if (table.kinds == 2).any() else GRID[:1]
    fits: list[PooledFit] = []
    refused: NoEstimate | None = None
    for sds in product(GRID.tolist(), second.tolist()):
        try:
            fits.append(table.fit(sds, fits[-1].theta if fits else None))
        except NoEstimate as refusal:
            refused = refusal
    if not fits:
        assert refused is not None
        raise refused
    return fits


def _weights(fits: Sequence[PooledFit]) -> Floats:
    """Weigh the sds tried by their likelihood, flat on the sd itself."""
    width = np.gradient(np.concatenate([[0.0], GRID]))[1:]
    width_of = dict(zip(GRID.tolist(), width.tolist(), strict=True))
    height = np.array([fit.log_marginal for fit in fits])
    free = [len({fit.sds[kind] for fit in fits}) > 1 for kind in (0, 1)]
    weight = np.exp(height - height.max())
    for place, fit in enumerate(fits):
        for kind in (0, 1):
            weight[place] *= width_of[fit.sds[kind]] if free[kind] else 1.0
    return np.asarray(weight / weight.sum())


def _refined(table: StrataTable, best: PooledFit) -> PooledFit:
    """Climb from the best sds tried to the most likely ones; those next to nothing are nothing."""
    from scipy.optimize import minimize

    free = 1 + bool((table.kinds == 2).any())

    def loss(logs: NDArray[np.float64]) -> float:
        try:
            return -table.fit(_pair(logs), best.theta).log_marginal
        except NoEstimate:
            return math.inf

    lowest, highest = math.log(NOTHING), math.log(GRID[-1])
    found = minimize(loss, np.log(best.sds[:free]), method="Nelder-Mead", bounds=[(lowest, highest)] * free,
                     options={"maxfev": _MOST_ROUNDS, "xatol": 1e-3, "fatol": 1e-6})
    sds = tuple(0.0 if sd < 2 * NOTHING else sd for sd in _pair(found.x))
    return table.fit((sds[0], sds[1]), best.theta)


def _pair(logs: NDArray[np.float64]) -> tuple[float, float]:
    return float(np.exp(logs[0])), float(np.exp(logs[-1]))


def _middle(sds: Floats, weights: Floats) -> tuple[float, float]:
    order = np.argsort(sds, kind="stable")
    share = np.cumsum(weights[order])
    low, high = (sds[order][min(int(np.searchsorted(share, tail)), sds.size - 1)] for tail in (0.025, 0.975))
    return float(low), float(high)


def _draws(table: StrataTable, fits: Sequence[PooledFit], weights: Floats, draws: int,
           rng: np.random.Generator) -> Floats:
    """Draw the strata's populations together: sds by their weights, then parameters, then people.

    Everything depends smoothly on the fits, so that rounding (the lists in another order) moves no draw far.
    """
    parts = []
    ends = np.floor(np.cumsum(weights) * draws + 0.5).astype(int)
    for fit, number in zip(fits, np.diff(ends, prepend=0).tolist(), strict=True):
        logs = fit.theta[:, 0] + rng.standard_normal((number, len(fit.theta))) @ _root(fit).T
        parts.append(np.exp(np.minimum(logs, 60.0)))
    unseen = np.concatenate(parts)
    # The square root of a Poisson count varies by a half, whatever its mean.
    people = np.maximum(np.sqrt(unseen) + 0.5 * rng.standard_normal(unseen.shape), 0.0) ** 2
    return np.asarray(table.cells.sum(axis=1) + people)


def _root(fit: PooledFit) -> Floats:
    """Return a square root of the covariance of the strata's log-unseen: (strata, strata) array."""
    spread = fit.covariance[:, 0, :, 0]
    spread = 0.5 * (spread + spread.T)
    return np.asarray(np.linalg.cholesky(spread + 1e-12 * np.diag(np.diag(spread))))


def told_of(pooled: Pooled, pooling: str) -> dict[str, Any]:
    """Return what the pooling says of itself, for diagnostics."""
    told: dict[str, Any] = {"pooling": pooling, "pooling_sd": pooled.fit.sds[0],
                            "pooling_sd_dependence": pooled.fit.sds[1],
                            "pooling_sd_given": pooled.given, "log_marginal": pooled.fit.log_marginal}
    names = ("pooling_sd_range", "pooling_sd_dependence_range")
    if not pooled.given and len(pooled.range_of_sds) == 1:
        del told["pooling_sd_dependence"]
    return told | dict(zip(names, pooled.range_of_sds, strict=False))
