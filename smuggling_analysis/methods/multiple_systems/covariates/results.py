"""Estimates of the total, the strata and their margins from a fitted model of lists x covariates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.covariates.bootstrap import TableReplicates, replicate_tables
from smuggling_analysis.methods.multiple_systems.covariates.cautions import covariate_cautions
from smuggling_analysis.methods.multiple_systems.covariates.selection import TableChoice, TableChooser
from smuggling_analysis.methods.multiple_systems.covariates.strata_totals import StrataTotals
from smuggling_analysis.methods.multiple_systems.covariates.table_fits import TableFits
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import RESAMPLINGS, percentile_limits
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.log_linear.intervals import bootstrap_cautions
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits

INTERVALS = ("log-normal", "wald", "bootstrap")


@dataclass(frozen=True, eq=False)
class Asked:
    """What the caller wants, of which histories; `fingerprint` is that of the histories as they came."""

    histories: CaptureHistories
    fingerprint: str
    left_out: tuple[str, ...]
    interval: str
    resampling: str
    replicates: int
    n_jobs: int
    confidence_level: float
    rng: np.random.Generator


@dataclass(frozen=True, eq=False)
class Described:
    """The chosen model in words, its totals, and what there is to say of them."""

    named: str
    method: str
    totals: StrataTotals
    diagnostics: dict[str, Any]
    cautions: tuple[str, ...]

    @classmethod
    def of(cls, asked: Asked, choice: TableChoice, rule: TableChooser, totals: StrataTotals, *, other_summits: int,
           observable: int, floor: float) -> Described:
        """Describe the model chosen, its fit and how it was found."""
        fits = choice.fits
        named = choice.model.named(fits.table.variables)
        chosen = f", chosen by {rule.criterion.upper()}" if rule.criterion else ""
        told: dict[str, Any] = {
            "model": choice.model.notation, "model_in_words": named,
            "selection": rule.criterion or "given", "search": rule.search, "models_visited": choice.visited,
            "models_with_estimate": choice.estimable,
            "deviance": max(0.0, float(fits.deviance[0]) - floor), "df": observable - int(fits.parameters[0]),
            "aic": float(fits.aic[0]) - floor, "bic": float(fits.bic[0]) - floor, "unseen": float(totals.unseen.sum()),
            "covariates": list(fits.table.covariates), "strata": len(totals.sizes)}
        if choice.near:
            told |= {"models_near_best": len(choice.near), "least_near_best": min(choice.near),
                     "largest_near_best": max(choice.near)}
        if fits.table.count.any():
            told |= {"not_recorded": int(fits.table.count.sum()), "share_of_information_lost": totals.lost,
                     "other_summits": other_summits}
        cautions = covariate_cautions(asked.histories, choice, rule, totals, told, asked.left_out)
        return cls(named, f"loglinear {named}{chosen}", totals, told, tuple(cautions))


def check_options(interval: str, resampling: str, replicates: int, confidence_level: float) -> None:
    """Refuse options that make no sense."""
    if interval not in INTERVALS:
        raise ValueError(f"with covariates, interval is one of {', '.join(INTERVALS)}, got {interval!r}")
    if resampling not in RESAMPLINGS:
        raise ValueError(f"resampling is one of {', '.join(RESAMPLINGS)}, got {resampling!r}")
    if not isinstance(replicates, (int, np.integer)) or replicates < 2:
        raise ValueError(f"a bootstrap needs 2 replicates or more, better 1,000; got {replicates}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


@dataclass(frozen=True, eq=False)
class _Sums:
    """Makes the estimate of any sum of strata."""

    asked: Asked
    described: Described
    found: TableReplicates | None
    joint: str

    def estimate(self, chosen: Floats, floor: float, whom: str) -> Estimate:
        totals, level = self.described.totals, self.asked.confidence_level
        value, se = max(float(chosen @ totals.sizes), floor), totals.se(chosen)
        draws, cautions = None, self.described.cautions
        if self.found is not None:
            people = self.found.sizes @ chosen
            draws = Draws.of(people, self.joint)
            lower, upper = percentile_limits(people, level)
            lower, upper = max(lower, floor), max(upper, floor)
            how = (f"percentile {self.asked.resampling} bootstrap, {self.asked.replicates:,} replicates, never below "
                   "those recorded")
        elif self.asked.interval == "wald":
            half = NormalDist().inv_cdf(0.5 + level / 2) * se
            lower, upper, how = value - half, value + half, "Wald"
        else:
            lower, upper = log_normal_limits(value, se, floor, level)
            how = "log-normal in those not known to be there"
        if se > 0.5 * value:
            cautions = (*cautions, "the standard error is more than half of the estimate")
        if value <= floor and se <= 0.0:
            cautions = (*cautions, "on the boundary: the model takes it that nobody here was missed")
        return Estimate(
            value=value, lower=lower, upper=upper, unit="persons", method=self.described.method,
            confidence_level=level, population=whom, observed=floor, se=se, interval=how, draws=draws,
            diagnostics=self.described.diagnostics, cautions=cautions, fingerprint=self.asked.fingerprint,
            unbounded=math.isinf(upper), simulated=self.asked.histories.simulated)


Strata = Mapping[tuple[str, ...], Estimate]
MarginsOf = Mapping[str, Mapping[str, Estimate]]


def strata_estimates(asked: Asked, choice: TableChoice, rule: TableChooser,
                     described: Described) -> tuple[Estimate, Strata, MarginsOf]:
    """Return the estimates of the total, of every stratum and of every level of each covariate."""
    table = choice.fits.table
    sums = _sums(asked, choice, rule, described)
    total = sums.estimate(np.ones(len(table.strata)), table.observed, "")
    known = {label: float(own.n_observed) for label, own in asked.histories.by_stratum()}
    strata = {}
    for label in sorted(table.strata):
        chosen = np.array([float(label == one) for one in table.strata])
        strata[label] = sums.estimate(chosen, known.get(label, 0.0), _whom(table.covariates, label))
    margins: dict[str, dict[str, Estimate]] = {}
    for place, name in enumerate(table.covariates):
        recorded = {own[0]: float(one.n_observed) for own, one in asked.histories.restratified([name]).by_stratum()}
        margins[name] = {}
        for level in sorted(table.levels[place]):
            chosen = np.array([float(one[place] == level) for one in table.strata])
            margins[name][level] = sums.estimate(chosen, recorded.get(level, 0.0), f"{name} {level}")
    return total, strata, margins


def _sums(asked: Asked, choice: TableChoice, rule: TableChooser, described: Described) -> _Sums:
    if asked.interval != "bootstrap":
        return _Sums(asked, described, None, "")
    # The stream's own number goes into the draws' name: draws of one seed are one joint distribution.
    stream = int(asked.rng.integers(2**63))
    narrow = rule.narrowed(choice)
    found = replicate_tables(choice, narrow, replicates=asked.replicates, resampling=asked.resampling,
                             n_jobs=asked.n_jobs, rng=np.random.default_rng(stream))
    told = described.diagnostics | {
        "replicates": asked.replicates, "failed_replicates": found.failed, "resampling": asked.resampling,
        "same_model_share": found.models[choice.model.notation] / asked.replicates,
        "models_chosen": dict(found.models.most_common(10))}
    cautions = (*described.cautions, *bootstrap_cautions(len(found.sizes), found.failed, asked.confidence_level))
    joint = digest(asked.fingerprint, "covariates", choice.fits.table.covariates, rule.criterion, rule.max_order,
                   choice.model.notation, asked.resampling, asked.replicates, stream)
    return _Sums(asked, Described(described.named, described.method, described.totals, told, cautions), found, joint)


def coefficient_table(fits: TableFits, totals: StrataTotals) -> pd.DataFrame:
    """Return the model's parameters: columns `term`, `value`, `se`."""
    table = fits.table
    used = fits.terms[0] >= 0
    finite = np.isfinite(fits.theta[0][used])
    se = np.full(int(used.sum()), np.nan)
    se[finite] = np.sqrt(np.diag(totals.parameters))
    names = [" x ".join(_factor(fits, place, level) for place, level in enumerate(own) if level) or "intercept"
             for own in table.digits(fits.terms[0][used]).tolist()]
    return pd.DataFrame({"term": names, "value": fits.theta[0][used], "se": se})


def fitted_table(fits: TableFits) -> pd.DataFrame:
    """Return the expected number of people in every cell, those on no list included."""
    table = fits.table
    digits = table.digits(np.arange(table.cells.size))
    frame = pd.DataFrame(digits[:, : len(table.lists)], columns=list(table.lists))
    for place, (name, levels) in enumerate(zip(table.covariates, table.levels, strict=True)):
        frame[name] = [levels[level] for level in digits[:, len(table.lists) + place].tolist()]
    return frame.assign(fitted=fits.means)


def _factor(fits: TableFits, variable: int, level: int) -> str:
    covariate = variable - len(fits.table.lists)
    if covariate < 0:
        return fits.table.lists[variable]
    return f"{fits.table.covariates[covariate]}={fits.table.levels[covariate][level]}"


def _whom(covariates: tuple[str, ...], label: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(covariates, label, strict=True))
