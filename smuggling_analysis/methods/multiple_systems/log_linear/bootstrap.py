"""Bootstrap intervals that repeat the choice of the model in every replicate.

The tables of all replicates are drawn first, from one stream, so that the same seed gives the same interval
on any number of workers.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, Protocol

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.progress import followed

RESAMPLINGS = ("non-parametric", "parametric")
# Hyndman and Fan's eighth definition of a sample quantile, nearly unbiased whatever the distribution.
QUANTILE: Literal["median_unbiased"] = "median_unbiased"
_NORMAL = NormalDist()
_PARTS = 16


class Rule(Protocol):
    """What is repeated in every replicate."""

    def sizes(self, tables: Floats) -> tuple[Floats, list[str]]:
        """Return each table's population, NaN where there is no estimate, and the model that leads it."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """The estimates of all bootstrap replicates.

    Parameters
    ----------
    sizes : (estimated,) array
        The populations of the replicates that have an estimate.
    failed : int
        Replicates without an estimate.
    models : mapping of str to int
        How often each model was chosen.
    """

    sizes: Floats
    failed: int
    models: Counter[str]


def replicate(tables: Floats, rule: Rule, n_jobs: int) -> Replicates:
    """Estimate the population from each of many tables, by a rule that chooses models anew each time.

    Parameters
    ----------
    tables : (replicates, 2**lists) array
        From `people_drawn_anew` or `populations_drawn`.
    rule : Rule
        A `Chooser`, or whatever else makes estimates of many tables.
    n_jobs : int
        Workers.

    Raises
    ------
    NoEstimate
        If fewer than two replicates have an estimate, or fewer than half of them: what is left says little of
        the population, because those without one are those in which it has no upper limit.
    """
    from joblib import Parallel, delayed

    # As many parts on any number of workers, so that the answer does not depend on it.
    split = np.array_split(tables, min(len(tables), _PARTS))
    work = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(delayed(rule.sizes)(part) for part in split)
    parts = list(followed(work, len(split), f"{len(tables):,} bootstrap replicates"))
    sizes = np.concatenate([part[0] for part in parts])
    models = Counter(name for part in parts for name in part[1] if name)
    estimated = sizes[np.isfinite(sizes)]
    if estimated.size < max(2, len(tables) / 2):
        raise NoEstimate(f"only {estimated.size} of {len(tables)} bootstrap replicates have an estimate",
                         "lists that share more people")
    return Replicates(estimated, len(tables) - estimated.size, models)


def people_drawn_anew(cells: Floats, replicates: int, rng: np.random.Generator) -> Floats:
    """Draw the people observed anew, with replacement: (replicates, 2**lists) array."""
    held = np.flatnonzero(cells)
    observed = round(cells.sum())
    drawn = np.zeros((replicates, cells.size))
    drawn[:, held] = rng.multinomial(observed, cells[held] / observed, size=replicates)
    return drawn


def populations_drawn(means: Floats, replicates: int, rng: np.random.Generator) -> Floats:
    """Draw populations of the fitted size from a fitted model and put aside those on no list.

    Parameters
    ----------
    means : (2**lists,) array
        The model's means, of the people on no list too.
    replicates : int
        How many.
    rng : Generator
        The stream.

    Returns
    -------
    (replicates, 2**lists) array
    """
    drawn = rng.multinomial(round(means.sum()), means / means.sum(), size=replicates).astype(float)
    drawn[:, 0] = 0.0
    return drawn


def percentile_limits(sizes: Floats, confidence_level: float) -> tuple[float, float]:
    """Return the equal-tailed quantiles of the replicates."""
    tail = (1 - confidence_level) / 2
    lower, upper = np.quantile(sizes, [tail, 1 - tail], method=QUANTILE)
    return float(lower), float(upper)


def bca_limits(sizes: Floats, value: float, acceleration: float,
               confidence_level: float) -> tuple[float, float, float]:
    """Return the limits of a bias-corrected and accelerated interval (Efron 1987), and the bias correction.

    Parameters
    ----------
    sizes : (replicates,) array
        The replicates' estimates.
    value : float
        The estimate from the table itself.
    acceleration : float
        From `acceleration`.
    confidence_level : float
        The level, between 0 and 1.

    Examples
    --------
    >>> lower, upper, bias = bca_limits(np.arange(1.0, 1001.0), 500.5, 0.0, 0.9)
    >>> round(lower, 2), round(upper, 2), bias
    (50.35, 950.65, 0.0)
    """
    # With every replicate on one side the correction would be infinite: half a replicate is put on the other.
    share = min(max(float(np.mean(sizes < value)), 0.5 / sizes.size), 1 - 0.5 / sizes.size)
    bias = _NORMAL.inv_cdf(share)
    levels = []
    for tail in ((1 - confidence_level) / 2, (1 + confidence_level) / 2):
        moved = bias + _NORMAL.inv_cdf(tail)
        slope = 1 - acceleration * moved
        levels.append(_NORMAL.cdf(bias + moved / slope) if slope > 0 else float(moved > 0))
    lower, upper = np.quantile(sizes, sorted(levels), method=QUANTILE)
    return float(lower), float(upper), bias


def bca_draws(sizes: Floats, bias: float, acceleration: float) -> Floats:
    """Return draws whose equal-tailed limits are the BCa limits, whatever the level.

    Each replicate moves to the quantile that BCa puts in the place of its own rank (Efron 1987), so that what
    is computed from the draws has the uncertainty that the interval shows.

    Parameters
    ----------
    sizes : (replicates,) array
        The replicates' estimates, in any order.
    bias, acceleration : float
        From `bca_limits` and `acceleration`.

    Examples
    --------
    >>> bca_draws(np.array([3.0, 1.0, 2.0]), 0.0, 0.0)
    array([3., 1., 2.])
    """
    from scipy.special import ndtr, ndtri
    from scipy.stats import rankdata

    # The position of each replicate by the quantiles' own definition.
    moved = bias + ndtri((rankdata(sizes, method="average") - 1 / 3) / (sizes.size + 1 / 3))
    slope = 1 - acceleration * moved
    levels = np.where(slope > 0, ndtr(bias + moved / np.where(slope > 0, slope, 1.0)), moved > 0)
    return np.asarray(np.quantile(sizes, levels, method=QUANTILE))


def acceleration(cells: Floats, rule: Rule) -> float:
    """Return the acceleration of BCa, by leaving out one person at a time and choosing the model anew.

    People with the same history give the same answer, so there is one fit per history, weighted by its people
    (Chan, Silverman and Vincent 2021).

    Parameters
    ----------
    cells : (2**lists,) array
        The table.
    rule : Rule
        What is repeated for each table.
    """
    held = np.flatnonzero(cells)
    tables = np.repeat(cells[None, :], held.size, axis=0)
    tables[np.arange(held.size), held] -= 1
    sizes, _ = rule.sizes(tables)
    usable = np.isfinite(sizes)
    people, sizes = cells[held][usable], sizes[usable]
    if not usable.any():
        return 0.0
    gap = np.average(sizes, weights=people) - sizes
    squares = float((people * gap**2).sum())
    # Where leaving people out changes nothing but rounding there is nothing to accelerate.
    if squares <= people.sum() * (1e-12 * float(sizes.max())) ** 2:
        return 0.0
    return float((people * gap**3).sum()) / (6 * math.pow(squares, 1.5))
