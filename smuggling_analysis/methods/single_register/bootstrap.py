"""Bootstrap intervals of any model fitted to one register: percentiles, or bias-corrected and accelerated.

The registers of all replicates are drawn from one stream and fitted together, over merged covariate patterns; the
same seed gives the same interval to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import bca_draws, bca_limits, percentile_limits
from smuggling_analysis.methods.multiple_systems.log_linear.intervals import bootstrap_cautions
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fits import RUNS_OFF
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.refits import refits
from smuggling_analysis.methods.single_register.resampling import RESAMPLINGS
from smuggling_analysis.methods.single_register.sizes import slopes
from smuggling_analysis.progress import followed

BOOTSTRAPS = {"bootstrap": "percentile", "bca": "BCa"}
_TOGETHER = 1 << 21
"""Cells of the registers that are drawn and fitted together: 16 megabytes."""
_MANY = 0.05
"""Beyond this share replicates at the edge are mentioned, and those without an estimate rule BCa out."""


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """The bootstrap asked for.

    Parameters
    ----------
    interval : str
        A row of `BOOTSTRAPS`.
    resampling : str
        A row of `RESAMPLINGS`.
    replicates : int
        How many registers are drawn.
    stream : int
        Seed of the draws.

    Raises
    ------
    ValueError
        If an option makes no sense.
    """

    interval: str
    resampling: str
    replicates: int
    stream: int

    def __post_init__(self) -> None:
        if self.resampling not in RESAMPLINGS:
            raise ValueError(f"resampling is one of {', '.join(RESAMPLINGS)}, got {self.resampling!r}")
        if not isinstance(self.replicates, (int, np.integer)) or self.replicates < 2:
            raise ValueError(f"a bootstrap needs 2 replicates or more, better 1,000; got {self.replicates}")


@dataclass(frozen=True, eq=False)
class Replicates:
    """The populations of all replicates.

    Parameters
    ----------
    sizes : (estimated,) array
        Of the replicates that have an estimate, in the order drawn.
    endless : int
        Replicates without an estimate because the likelihood rises for ever, and the population with it.
    failed : int
        All replicates without an estimate.
    at_the_edge : int
        Replicates whose population is a limit, as a parameter runs to the end of its range.
    """

    sizes: Array
    endless: int
    failed: int
    at_the_edge: int


def bootstrapped(estimate: Estimate, fitting: Fitting, asked: Bootstrap) -> Estimate:
    """Give an estimate the interval and the draws of a bootstrap of its fit.

    Raises
    ------
    NoEstimate
        If fewer than half of the replicates have an estimate, or too few for BCa.
    """
    found = replicates_of(fitting, asked)
    links = tuple(link.name for link in fitting.model.family.links)
    name = digest(estimate.fingerprint, estimate.method, links, asked.resampling, asked.replicates, asked.stream)
    draws = Draws.of(found.sizes, name)
    told: dict[str, Any] = {
        "replicates": asked.replicates, "resampling": asked.resampling, "failed_replicates": found.failed,
        "endless_replicates": found.endless, "replicates_at_the_edge": found.at_the_edge,
        "bootstrap_mean": float(found.sizes.mean()), "bootstrap_sd": float(found.sizes.std(ddof=1))}
    level = estimate.confidence_level
    if asked.interval == "bca":
        _refuse_without_many(found, asked)
        pull = acceleration(fitting)
        lower, upper, bias = bca_limits(found.sizes, estimate.value, pull, level)
        # The order of a joint distribution's draws is its own; BCa moves each to another quantile in its place.
        moved = bca_draws(draws.values, bias, pull)
        moved.flags.writeable = False
        draws = Draws(moved, draws.joint)
        told |= {"acceleration": pull, "bias_correction": bias}
    else:
        lower, upper = percentile_limits(found.sizes, level)
    described = f"{BOOTSTRAPS[asked.interval]} {asked.resampling} bootstrap, {asked.replicates:,} replicates"
    return replace(estimate, lower=lower, upper=upper, interval=described, draws=draws, identity="",
                   diagnostics={**estimate.diagnostics, **told},
                   cautions=(*estimate.cautions, *_cautions(found, asked, level)))


def replicates_of(fitting: Fitting, asked: Bootstrap) -> Replicates:
    """Draw registers and fit the model to each.

    Raises
    ------
    NoEstimate
        If fewer than half of the replicates have an estimate, or the registers cannot be drawn.
    ValueError
        If people leave when they are seen, and the bootstrap would have to know when.
    """
    if fitting.model.ends_when_seen and asked.resampling != "non-parametric":
        raise ValueError(f"a {asked.resampling} bootstrap cannot draw when people leave: "
                         'use resampling="non-parametric" where the time at risk ends by being seen')
    rng = np.random.default_rng(asked.stream)
    scheme = RESAMPLINGS[asked.resampling](fitting, asked.replicates, rng)
    together = max(1, _TOGETHER // scheme.chances.size)
    parts = [slice(first, first + together) for first in range(0, asked.replicates, together)]
    done = [refits(fitting, scheme.times, scheme.drawn(part, rng))
            for part in followed(parts, len(parts), f"{asked.replicates:,} bootstrap replicates")]
    sizes = np.concatenate([part.sizes for part in done])
    verdicts = np.concatenate([part.verdicts for part in done])
    kept = np.isfinite(sizes)
    if kept.sum() < max(2, asked.replicates / 2):
        raise NoEstimate(f"only {kept.sum():,} of {asked.replicates:,} bootstrap replicates have an estimate: drawn "
                         "anew, these counts mostly set no limit to the population",
                         "more people seen more than once, at every level of the covariates")
    return Replicates(sizes[kept], int((~kept & (verdicts == RUNS_OFF)).sum()), int((~kept).sum()),
                      int(sum(part.at_the_edge.sum() for part in done)))


def acceleration(fitting: Fitting) -> float:
    """Return the acceleration of BCa from the influence of each person on the population.

    The influence is the derivative by a person's weight (the infinitesimal jackknife, Efron 1987): what the
    person stands for, and what the coefficients' change with it does to the others. Leaving people out one by
    one has no answer where the estimate hangs on one of them.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82,
    171-185. doi:10.1080/01621459.1987.10478410
    """
    people = fitting.likelihood.persons[0]
    influence = influences(fitting)[people > 0]
    people = people[people > 0]
    gap = influence - np.average(influence, weights=people)
    squares = float((people * gap**2).sum())
    # Where nobody matters more than another there is nothing to accelerate.
    if squares <= people.sum() * (1e-12 * float(np.abs(influence).max())) ** 2:
        return 0.0
    return float((people * gap**3).sum()) / (6 * squares**1.5)


def influences(fitting: Fitting) -> Array:
    """Return the derivative of the population by one more person in each cell: (merged patterns, columns)."""
    likelihood, at = fitting.likelihood, fitting.predictors
    slope = slopes(likelihood, fitting.fits.coefficients, np.zeros(1, dtype=np.int64))
    moves = likelihood.moves(slope @ fitting.fits.covariance[0])[:, 0, :, np.newaxis]
    with np.errstate(all="ignore"):
        standing = likelihood.family.stands_for(likelihood.times, at).value
        score = likelihood.family.log_likelihood(likelihood.times[likelihood.columns], at).gradient
        through = np.zeros(likelihood.persons.shape[1:])
        through[:, likelihood.columns] = (moves * score).sum(axis=0)
    return np.asarray(standing + through)


def _refuse_without_many(found: Replicates, asked: Bootstrap) -> None:
    if found.failed > _MANY * asked.replicates:
        raise NoEstimate(f"{found.failed:,} of {asked.replicates:,} bootstrap replicates have no estimate, and the "
                         "bias of those that have one says nothing of the whole: no BCa interval",
                         'interval="bootstrap" or "log-normal", or more people seen more than once')


def _cautions(found: Replicates, asked: Bootstrap, confidence_level: float) -> Iterator[str]:
    yield from bootstrap_cautions(len(found.sizes), found.failed, confidence_level)
    if found.at_the_edge > _MANY * asked.replicates:
        yield (f"in {found.at_the_edge:,} of {asked.replicates:,} bootstrap replicates a parameter ran to the end of "
               "its range, and the population's limit was taken: the counts hardly tell this family from a "
               "plainer one")
    if asked.resampling == "non-parametric":
        yield ("the bootstrap takes the number of people seen for granted, which makes the interval a little "
               "too narrow")
