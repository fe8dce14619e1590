"""The result of an open-population model: who was there, came and stayed, period by period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_factor
from smuggling_analysis.methods.multiple_systems.open.capture_paths import Floats
from smuggling_analysis.methods.multiple_systems.open.parameters import Demography


@dataclass(frozen=True, eq=False)
class OpenPopulation:
    """A population that people join and leave, period by period.

    Each of the four tables has a row per period, or per step from one period to the next, and the columns
    `estimate`, `se`, `lower` and `upper`. What the counts cannot tell is missing (`pd.NA`), never guessed; so
    are the standard error and the limits of a number held on the bound of what is possible.

    Parameters
    ----------
    total : Estimate
        Everybody who was ever in the population, in persons; where the share seen in the first or the last
        period cannot be told, without those who were there in that period only and not seen.
    abundance : DataFrame
        People present in each period.
    survival : DataFrame
        The share of those present in one period who were still there in the next.
    arrivals : DataFrame
        People who came between two periods and were there in the second.
    capture : DataFrame
        The share of those present in a period who were seen in it.
    fit : DataFrame
        One row per model: the one the tables rest on and the ones it was tested against, with `deviance`,
        `df`, `aic`, and of a test `statistic`, `freedom` and `p_value` (likelihood ratio against the first).
    effects : DataFrame
        The parameters of the models tested against: `estimate` and `se` on the log-odds scale.
    parameters : DataFrame
        The log-linear parameters, `estimate` and `se`; `se` is missing where a parameter lies on a bound.
    covariance : DataFrame
        Covariance of the numbers in the tables, when the population's own size is a Poisson variable.
    residuals : DataFrame
        Each history people have: the period, `count`, `expected` and the `pearson` residual.
    models : mapping of str to str
        The model within each period.
    """

    total: Estimate
    abundance: pd.DataFrame
    survival: pd.DataFrame
    arrivals: pd.DataFrame
    capture: pd.DataFrame
    fit: pd.DataFrame
    effects: pd.DataFrame
    parameters: pd.DataFrame
    covariance: pd.DataFrame
    residuals: pd.DataFrame
    models: dict[str, str]

    @property
    def cautions(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the numbers."""
        return self.total.cautions


def table(index: Sequence[str], name: str, estimate: Floats, se: Floats, lower: Floats, upper: Floats,
          told: NDArray[np.bool_], measured: NDArray[np.bool_]) -> pd.DataFrame:
    """Make a table of estimates, missing where the counts cannot tell: four (rows,) arrays and two masks.

    `told` says which numbers are known, `measured` which have a standard error that means something.
    """
    columns = {}
    for column, numbers in (("estimate", estimate), ("se", se), ("lower", lower), ("upper", upper)):
        known = told & np.isfinite(numbers) & (measured | (column == "estimate"))
        columns[column] = pd.array([float(number) if good else pd.NA
                                    for number, good in zip(numbers, known, strict=True)], dtype="Float64")
    return pd.DataFrame(columns, index=pd.Index(index, name=name))


def tables(found: Demography, labels: Sequence[str], seen: Floats, confidence_level: float
           ) -> dict[str, pd.DataFrame]:
    """Make the four tables; `seen` is the number of people fitted that were seen in each period, (periods,)."""
    steps = [f"{one} to {other}" for one, other in pairwise(labels)]
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    made = {}
    for name, where, index, axis in (("abundance", found.abundance, labels, "period"),
                                     ("survival", found.survival, steps, "step"),
                                     ("arrivals", found.arrivals, steps, "step"),
                                     ("capture", found.capture, labels, "period")):
        value, se = found.value[where], found.se[where]
        if name == "abundance":
            value = np.maximum(value, seen)
            lower, upper = log_normal(seen, value - seen, se, confidence_level)
        elif name == "arrivals":
            value = np.where(value > _ROUNDING * np.nanmax(np.abs(found.value)), value, 0.0)
            lower, upper = np.maximum(value - z * se, 0.0), value + z * se
        else:
            value = np.where(1 - value > _ROUNDING, np.maximum(value, 0.0), 1.0)
            lower, upper = _logit(value, se, z)
        measured = (se > _CERTAIN * value) & (value > 0)
        made[name] = table(index, axis, value, se, lower, upper, found.told[where], measured)
    return made


# Held on the bound of what is possible, a number has a standard error of zero: that is no certainty.
_CERTAIN = 1e-6
_ROUNDING = 1e-12


def log_normal(seen: Floats, unseen: Floats, se: Floats, confidence_level: float) -> tuple[Floats, Floats]:
    """Return limits that are symmetric on the logarithm of the unseen (Chao 1987), never below the seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = log_normal_factor(se / unseen, confidence_level)
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    few = (unseen <= 1e-6 * np.maximum(seen, 1.0)) | ~np.isfinite(spread)
    return (np.where(few, seen, seen + unseen / np.where(few, 1.0, spread)),
            np.where(few, seen + unseen + z * se, seen + unseen * np.where(few, 1.0, spread)))


def _logit(value: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    inner = (value > _CERTAIN) & (value < 1 - _CERTAIN)
    slope = np.where(inner, value * (1 - value), 1.0)
    centre = np.log(np.where(inner, value / np.where(inner, 1 - value, 1.0), 1.0))
    half = np.minimum(z * se / slope, 600.0)
    lower, upper = 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))
    return np.where(inner, lower, math.nan), np.where(inner, upper, math.nan)
