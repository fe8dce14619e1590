"""Intervals for a population, and those that a bootstrap makes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from smuggling_analysis.draws import Draws
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import (
    RESAMPLINGS,
    Rule,
    acceleration,
    bca_draws,
    bca_limits,
    percentile_limits,
    replicate,
)
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

BOOTSTRAPS = {"bootstrap": "percentile", "bca": "BCa"}
# Beyond this share of replicates without an estimate the interval understates the upper end.
_MANY_FAILED = 0.05
# The fewest replicates beyond either limit that fix its place.
_FEWEST_BEYOND = 5


@dataclass(frozen=True, eq=False)
class Interval:
    """An interval, how it was made, and what there is to say of it."""

    lower: float
    upper: float
    described: str
    draws: Draws | None = None
    diagnostics: dict[str, Any] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()


def check_interval(interval: str, known: tuple[str, ...], resampling: str, replicates: int,
                   confidence_level: float) -> None:
    """Refuse options that make no sense.

    Raises
    ------
    ValueError
        Saying which.
    """
    if interval not in known:
        raise ValueError(f"interval is one of {', '.join(known)}, got {interval!r}")
    if resampling not in RESAMPLINGS:
        raise ValueError(f"resampling is one of {', '.join(RESAMPLINGS)}, got {resampling!r}")
    if not isinstance(replicates, (int, np.integer)) or replicates < 2:
        raise ValueError(f"a bootstrap needs 2 replicates or more, better 1,000; got {replicates}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def bootstrap_interval(cells: Floats, tables: Floats, rule: Rule, *, value: float, model: str, kind: str,
                       resampling: str, confidence_level: float, n_jobs: int, joint: str) -> Interval:
    """Repeat a rule over drawn tables and read the interval off its estimates.

    Parameters
    ----------
    cells : (2**lists,) array
        The table itself.
    tables : (replicates, 2**lists) array
        The tables drawn.
    rule : Rule
        What is repeated.
    value : float
        The estimate from the table itself.
    model : str
        The model that leads on the table itself.
    kind : {"bootstrap", "bca"}
        Percentiles, or bias-corrected and accelerated.
    resampling : str
        How the tables were drawn, for the description.
    confidence_level : float
        The level.
    n_jobs : int
        Workers.
    joint : str
        The name of the draws' joint distribution.
    """
    found = replicate(tables, rule, n_jobs)
    told: dict[str, Any] = {
        "replicates": len(tables), "failed_replicates": found.failed, "resampling": resampling,
        "same_model_share": found.models[model] / len(tables), "bootstrap_sd": _standard_deviation(found.sizes),
        "models_chosen": dict(found.models.most_common(10))}
    draws = Draws.of(found.sizes, joint)
    if kind == "bca":
        pull = acceleration(cells, rule)
        lower, upper, bias = bca_limits(found.sizes, value, pull, confidence_level)
        # The order of a joint distribution's draws is its own; BCa moves each to another quantile in its place.
        moved = bca_draws(draws.values, bias, pull)
        moved.flags.writeable = False
        draws = Draws(moved, draws.joint)
        told |= {"acceleration": pull, "bias_correction": bias}
    else:
        lower, upper = percentile_limits(found.sizes, confidence_level)
    described = f"{BOOTSTRAPS[kind]} {resampling} bootstrap, {len(tables):,} replicates"
    return Interval(lower, upper, described, draws, told,
                    tuple(bootstrap_cautions(found.sizes.size, found.failed, confidence_level)))


def bootstrap_cautions(estimated: int, failed: int, confidence_level: float) -> Iterator[str]:
    """Say how many replicates have no estimate, and whether those that have one are enough for the level."""
    replicates = estimated + failed
    if failed:
        yield f"{failed:,} of {replicates:,} bootstrap replicates had no estimate and are left out"
    if failed > _MANY_FAILED * replicates:
        yield ("where a replicate has no estimate the population mostly has no upper limit: the interval leaves "
               "those out and reaches too little upwards")
    # Rounded, because (1 - 0.9) / 2 is a hair below 0.05.
    enough = math.ceil(round(2 * _FEWEST_BEYOND / (1 - confidence_level), 6))
    if estimated < enough:
        yield (f"{estimated:,} bootstrap replicates are too few for an interval of "
               f"{100 * confidence_level:g} %: take {enough:,} or more")


def _standard_deviation(sizes: Floats) -> float:
    # Divided first: the square of a replicate without a near upper limit may be too large for a number.
    scale = float(np.abs(sizes).max())
    return scale * float((sizes / scale).std(ddof=1))
