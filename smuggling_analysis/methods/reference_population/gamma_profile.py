"""The likelihood over gamma: how far the counts determine the share detected where the second source has nobody."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from smuggling_analysis.methods.reference_population.fitting import without
from smuggling_analysis.methods.reference_population.model import GAMMA_BOUNDS, Prepared
from smuggling_analysis.methods.reference_population.newton import MAXIMUM, climb
from smuggling_analysis.methods.reference_population.objective import Array

_POINTS = 41
_NEAR = 4.0


@dataclass(frozen=True, eq=False)
class GammaProfile:
    """What the counts say of gamma, every other coefficient at its best.

    Parameters
    ----------
    frame : DataFrame
        `gamma, log_likelihood, drop, total`: twice the log-likelihood lost, divided by the dispersion where counts
        vary more than the criterion has them, and the sum of the hidden populations.
    confidence_level : float
    limit : float
        The chi-square quantile.
    lower, upper : float
        The gammas within which the drop stays below it; a bound where it never reaches it.
    least, most : float
        The smallest and the largest total within them.
    """

    frame: pd.DataFrame
    confidence_level: float
    limit: float
    lower: float
    upper: float
    least: float
    most: float


def profile_gamma(data: Prepared, at: Array, *, dispersion: float = 1.0, confidence_level: float = 0.95
                  ) -> GammaProfile:
    """Maximise the criterion at gammas on a grid between the bounds, closer together near the estimate.

    Raises
    ------
    ValueError
        If gamma was given.
    """
    place = data.objective.gamma_place
    if place is None:
        raise ValueError("gamma was given: there is nothing to profile")
    low, high = np.log(GAMMA_BOUNDS)
    grid = np.unique(np.concatenate([[at[place]], np.linspace(low, high, _POINTS), np.clip(
        np.linspace(at[place] - _NEAR, at[place] + _NEAR, _POINTS), low, high)]))
    objective = data.objective.having(log_gamma=grid)
    bounds = (without(data.bounds[0], place), without(data.bounds[1], place))
    found = climb(objective, np.tile(without(at, place), (len(grid), 1)), np.arange(len(grid)), bounds)
    best = found.height.max()
    drop = 2.0 * (best - found.height)
    if data.objective.criterion.least_squares:
        drop = len(data.objective.counts) * np.log(found.height / best)
    elif not data.objective.criterion.dispersed:
        drop = drop / max(dispersion, 1.0)
    good = found.verdicts == MAXIMUM
    alpha = (found.at[:, :data.objective.alpha.shape[1]] @ data.objective.alpha.T)[:, data.objective.pattern]
    with np.errstate(over="ignore"):
        total = np.exp(alpha * data.objective.log_reference).sum(axis=1)
    frame = pd.DataFrame({"gamma": np.exp(grid), "log_likelihood": found.height, "drop": np.maximum(drop, 0.0),
                          "total": total})[good]
    limit = NormalDist().inv_cdf(0.5 + confidence_level / 2) ** 2
    (lower, least), (upper, most) = _ends(frame, limit)
    totals = [*frame.loc[frame["drop"] <= limit, "total"], least, most]
    return GammaProfile(frame.reset_index(drop=True), confidence_level, limit, lower, upper, min(totals), max(totals))


def _ends(frame: pd.DataFrame, limit: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return gamma and total where the drop reaches the limit, between points of the grid, or at its ends."""
    inside = np.flatnonzero(frame["drop"] <= limit)
    found = []
    for near, far in ((inside[0], inside[0] - 1), (inside[-1], inside[-1] + 1)):
        one = frame.iloc[near]
        if not 0 <= far < len(frame):
            found.append((float(one["gamma"]), float(one["total"])))
            continue
        other = frame.iloc[far]
        share = float((limit - one["drop"]) / (other["drop"] - one["drop"]))
        between = [float(np.exp((1 - share) * np.log(one[name]) + share * np.log(other[name])))
                   for name in ("gamma", "total")]
        found.append((between[0], between[1]))
    return found[0], found[1]
