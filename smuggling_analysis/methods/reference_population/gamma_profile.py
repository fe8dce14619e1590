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
_NEAR = 6.0


@dataclass(frozen=True, eq=False)
class GammaProfile:
    """What the counts say of gamma, every other coefficient at its best.

    Parameters
    ----------
    frame : DataFrame
        `gamma, log_likelihood, drop, total`: twice the log-likelihood lost, divided by the dispersion where counts
        vary more than the criterion has them, and the sum of the hidden populations.
    confidence_level : float
    lower, upper : float
        The gammas within which the drop stays below the chi-square quantile; a bound where it never reaches it.
    least, most : float
        The smallest and the largest total within them.
    """

    frame: pd.DataFrame
    confidence_level: float
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
    inside = frame[frame["drop"] <= limit]
    return GammaProfile(frame.reset_index(drop=True), confidence_level, float(inside["gamma"].min()),
                        float(inside["gamma"].max()), float(inside["total"].min()), float(inside["total"].max()))
