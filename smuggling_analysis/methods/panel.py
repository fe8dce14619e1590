"""The panel: every method the evidence allows, each in the variants a methodologist asks to see.

A method that refuses is part of the panel: its refusal stands in the place of the number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import data_for

REPLICATES = 1000
# Beyond this factor between the lowest and the highest estimate, the headline carries the whole range.
DISAGREE = 1.5
# The first of these that gave an estimate is the headline: an interval that repeats the choice of model comes
# before one that does not, and limits that cannot lie below the people seen before those that can.
_HEADLINES = ("loglinear-bic-bootstrap", "loglinear-stepwise-bootstrap", "chapman",
              "truncated-count-covariates-log-normal", "chao")


@dataclass(frozen=True)
class Variant:
    """One way to use a method.

    Parameters
    ----------
    method : str
        The method's name in METHODS.
    key : str
        Names the result; begins with the method's name.
    label : str
        What a table calls it.
    options : mapping
        The method's options.
    """

    method: str
    key: str
    label: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Fitted:
    """What a variant gave: an estimate, or its refusal; and whether it is the panel's headline."""

    variant: Variant
    result: Estimate | NoEstimate
    headline: bool = False

    @property
    def key(self) -> str:
        """Names the result."""
        return self.variant.key

    @property
    def label(self) -> str:
        """What a table calls it."""
        return self.variant.label


def lists_panel(histories: Any, *, max_order: int | None = None, replicates: int = REPLICATES,
                rng: int | np.random.Generator | None = None, **described: str) -> tuple[Fitted, ...]:
    """Estimate from lists by every method that applies.

    Two lists: Lincoln-Petersen and Chapman. Three or more: log-linear models chosen by BIC, by AIC and by
    steps, the average of all of them, the model of independent lists, the choice by BIC with a bootstrap that
    repeats the choice, a model in which people differ, and sample coverage; with strata their sum, too. Where
    there are too many models to visit each one they are searched; beyond twelve lists BIC and AIC are refused
    and the bootstrap repeats the choice by steps.

    Parameters
    ----------
    histories : CaptureHistories
        The lists.
    max_order : int, optional
        The most lists in one interaction; by default all.
    replicates : int
        Bootstrap replicates.
    rng : int, Generator or None
        For the bootstrap.
    **described
        `population`, `place` and `period` of the estimates.
    """
    independent = "[" + ",".join(map(str, range(1, histories.n_lists + 1))) + "]"
    searched = {"max_order": max_order} if max_order else {}
    bootstrap = {"interval": "bca", "replicates": replicates, "rng": rng}
    refused = _too_many_models(histories.n_lists, max_order)
    variants = [
        Variant("lincoln_petersen", "lincoln-petersen", "Lincoln-Petersen, two lists", {}),
        Variant("chapman", "chapman", "Chapman, two lists", {}),
        Variant("loglinear", "loglinear-bic", "Log-linear, lowest BIC", {"selection": "bic", **searched}),
        Variant("loglinear", "loglinear-aic", "Log-linear, lowest AIC", {"selection": "aic", **searched}),
        Variant("loglinear", "loglinear-stepwise", "Log-linear, chosen by steps",
                {"selection": "stepwise"}),
        Variant("model_average", "model-average", "Average of all log-linear models, by BIC",
                {"criterion": "bic", **searched}),
        Variant("loglinear", "loglinear-independent", "Log-linear, lists independent",
                {"model": independent}),
        Variant("loglinear", "loglinear-bic-bootstrap",
                "Log-linear, lowest BIC, choice repeated in a bootstrap",
                {"selection": "bic", **bootstrap, **searched}) if refused is None else
        Variant("loglinear", "loglinear-stepwise-bootstrap",
                "Log-linear, chosen by steps, choice repeated in a bootstrap",
                {"selection": "stepwise", **bootstrap}),
        Variant("closed_population", "closed-population", "Lists and people differ, Chao's lower bound",
                {"model": "Mth", "heterogeneity": "chao"}),
        Variant("sample_coverage", "sample-coverage", "Sample coverage", {"rng": rng}),
    ]
    if histories.stratified_by:
        variants.append(Variant("stratified", "stratified", "Sum over strata, each chosen by steps",
                                {"selection": "stepwise"}))
    # With two lists every log-linear model but independence is saturated, and that one is Lincoln-Petersen.
    return _fit(variants[:2] if histories.n_lists == 2 else variants[2:], histories, described, refused)


def repeats_panel(counts: Any, *, formula: str | None = None, **described: str) -> tuple[Fitted, ...]:
    """Estimate from one register by every method that applies, without and with covariates.

    Parameters
    ----------
    counts : RepeatCounts
        The register.
    formula : str, optional
        Covariates: "gender + age + nation".
    **described
        `population`, `place` and `period` of the estimates.
    """
    variants = [
        Variant("chao", "chao", "Chao's lower bound", {}),
        Variant("zelterman", "zelterman", "Zelterman", {}),
        Variant("truncated_count", "truncated-count", "Zero-truncated Poisson, no covariates", {}),
    ]
    if formula:
        variants += [
            Variant("zelterman", "zelterman-covariates", "Zelterman, with covariates", {"formula": formula}),
            Variant("truncated_count", "truncated-count-covariates", "Zero-truncated Poisson, with covariates",
                    {"formula": formula, "interval": "normal"}),
            Variant("truncated_count", "truncated-count-covariates-log-normal",
                    "Zero-truncated Poisson, with covariates, log-normal limits", {"formula": formula}),
        ]
    return _fit(variants, counts, described)


def replicates_behind(fitted: Fitted, evidence: Any) -> Estimate | None:
    """Return a BCa variant's estimate with its replicates where they fell, None for any other variant.

    The draws of a BCa interval are moved to where the interval puts them: right to compute with, but not to look at.

    Parameters
    ----------
    fitted : Fitted
        One of a panel.
    evidence : CaptureHistories
        What the panel was made of.
    """
    if fitted.variant.options.get("interval") != "bca":
        return None
    try:
        found = METHODS[fitted.variant.method](evidence, **{**fitted.variant.options, "interval": "bootstrap"})
    except NoEstimate:
        return None
    return found if isinstance(found, Estimate) else None


def estimates_of(panel: Iterable[Fitted]) -> dict[str, Estimate]:
    """Return the panel's estimates by label."""
    return {fitted.label: fitted.result for fitted in panel if isinstance(fitted.result, Estimate)}


def refusals_of(panel: Iterable[Fitted]) -> dict[str, NoEstimate]:
    """Return the panel's refusals by label."""
    return {fitted.label: fitted.result for fitted in panel if isinstance(fitted.result, NoEstimate)}


def spread(panel: Iterable[Fitted]) -> tuple[float, float]:
    """Return the lowest and the highest estimate of a panel."""
    values = [one.value for one in estimates_of(panel).values()]
    if not values:
        raise NoEstimate("no method of the panel gave an estimate", "see each method's refusal")
    return min(values), max(values)


def _with_headline(panel: Sequence[Fitted]) -> tuple[Fitted, ...]:
    """Mark the panel's headline, and caution it where the methods disagree."""
    by_key = {fitted.key: fitted for fitted in panel if isinstance(fitted.result, Estimate)}
    if not by_key:
        return (replace(panel[0], headline=True), *panel[1:])
    chosen = next((by_key[key] for key in _HEADLINES if key in by_key), next(iter(by_key.values())))
    return tuple(replace(fitted, headline=True, result=_cautioned(fitted.result, *spread(panel)))
                 if fitted is chosen else fitted for fitted in panel)


def _cautioned(result: Estimate | NoEstimate, lowest: float, highest: float) -> Estimate | NoEstimate:
    if isinstance(result, NoEstimate) or highest < DISAGREE * lowest:
        return result
    return result.described(cautions=(
        *result.cautions,
        f"the methods disagree by a factor of {highest / lowest:.1f}, from {lowest:,.0f} to "
        f"{highest:,.0f}: do not quote this number without that range"))


def _too_many_models(n_lists: int, max_order: int | None) -> NoEstimate | None:
    from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import resolve_order

    try:
        resolve_order(n_lists, max_order)
    except ValueError as fault:
        return NoEstimate(str(fault).partition(": ")[0], "fewer lists, some of them merged into one")
    return None


def _fit(variants: Iterable[Variant], evidence: Any, described: Mapping[str, str],
         refused: NoEstimate | None = None) -> tuple[Fitted, ...]:
    """Apply each variant; `refused` stands in the place of every choice among all models."""
    panel = []
    for variant in variants:
        method = METHODS[variant.method]
        if lacking := method.lacks(evidence):
            result: Estimate | NoEstimate = NoEstimate(f"{method.title} cannot be used: {lacking}",
                                                       data_for(method.evidence))
        elif refused is not None and {"bic", "aic"} & {variant.options.get(by) for by in ("selection", "criterion")}:
            result = refused
        else:
            try:
                result = method(evidence, **variant.options).described(**described)
            except NoEstimate as refusal:
                result = refusal
        panel.append(Fitted(variant, result))
    return _with_headline(panel)
