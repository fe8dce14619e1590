"""Limits of sums of hidden populations: by the delta method, or from a bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import Draws, equal_tailed
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit
from smuggling_analysis.methods.reference_population.totals import Sums, sums_of
from smuggling_analysis.methods.reference_population.weighted_bootstrap import Replicates, replicate

INTERVALS = ("delta", "bootstrap")


@dataclass(frozen=True, eq=False)
class Limits:
    """The uncertainty of one sum.

    Parameters
    ----------
    se, lower, upper : float
    draws : Draws or None
        The bootstrap's.
    named : str
        How it was made.
    """

    se: float
    lower: float
    upper: float
    draws: Draws | None
    named: str


def limits_of(fitted: ReferenceFit, members: NDArray[np.bool_], interval: str, replicates: int,
              confidence_level: float, bias_corrected: bool, rng: int | np.random.Generator | None
              ) -> Callable[[int], Limits]:
    """Return what gives the limits of each group, members (groups, rows), by its place.

    Raises
    ------
    ValueError
        If the interval is unknown or the level is no share.
    """
    if interval not in INTERVALS:
        raise ValueError(f"interval is one of {', '.join(INTERVALS)}, got {interval!r}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    if interval == "bootstrap":
        drawn = replicate(fitted, replicates=replicates, rng=rng)
        return _by_bootstrap(drawn, drawn.sums(members), confidence_level)
    return _by_delta(sums_of(fitted, members), confidence_level, bias_corrected, fitted.covariance_kind)


def _by_delta(sums: Sums, confidence_level: float, bias_corrected: bool, kind: str) -> Callable[[int], Limits]:
    values = sums.values(bias_corrected=bias_corrected)
    errors = np.sqrt(np.diag(sums.covariance_of(bias_corrected=bias_corrected)))
    reach = NormalDist().inv_cdf(0.5 + confidence_level / 2)

    def of(group: int) -> Limits:
        value, se = float(values[group]), float(errors[group])
        factor = math.exp(min(reach * se / value, 700.0)) if value > 0 else math.inf
        return Limits(se, value / factor, value * factor, None, f"log-normal, delta method, {kind} covariance")
    return of


def _by_bootstrap(drawn: Replicates, sums: NDArray[np.float64], confidence_level: float) -> Callable[[int], Limits]:
    named = f"percentiles of {len(sums):,} bootstrap replicates by random weights of the countries"
    if drawn.failed:
        named += f"; {drawn.failed:,} more had no maximum"

    def of(group: int) -> Limits:
        own = sums[:, group]
        lower, upper = equal_tailed(own, confidence_level)
        return Limits(float(own.std(ddof=1)), lower, upper, Draws.of(own, drawn.joint), named)
    return of
