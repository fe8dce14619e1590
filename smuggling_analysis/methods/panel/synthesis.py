"""What the families of methods say together: weights, spread, and one number or the refusal of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.panel.fitted import Fitted
from smuggling_analysis.methods.reliability import REFUSED, Facts, Judgement, judge
from smuggling_analysis.methods.reliability.gate import each_once
from smuggling_analysis.methods.reliability.lists_rows import OF_HEADLINES

HEADLINES = ("loglinear-bic-bootstrap", "loglinear-stepwise-bootstrap", "model-average", "chapman")
"""The first of these that passes is recommended: an interval that repeats the choice of the model comes first."""
# What a reader who is given no number is told side by side, where it was estimated.
_TOLD = {"loglinear-independent": "lists independent", "loglinear-bic": "the model of lowest BIC",
         "loglinear-stepwise": "a model chosen by steps", "loglinear-given": "a model given",
         "model-average": "the average of all models", "sample-coverage": "sample coverage",
         "latent-class": "latent classes", "bayesian-graphical": "Bayesian averaging over graphs",
         "chapman": "Chapman"}


def weighed(fitted: Sequence[Fitted]) -> tuple[Fitted, ...]:
    """Give every family that passes the same weight, and every variant of a family the same part of it.

    Families, not variants, are weighed alike: five log-linear variants rest on one assumption and are one voice.
    Variants that are refused, and those set aside because they answer another question, have no weight.
    """
    families = [one.variant.family for one in fitted if _counts(one)]
    alike = len(set(families))
    return tuple(replace(one, weight=1 / (alike * families.count(one.variant.family)) if _counts(one) else 0.0)
                 for one in fitted)


def families_of(fitted: Sequence[Fitted]) -> dict[str, tuple[float, float, float]]:
    """Return what each family says that passes: the middle of its estimates, and the ends of all its intervals."""
    found: dict[str, list[Estimate]] = {}
    for one in fitted:
        if _counts(one) and isinstance(one.result, Estimate):
            found.setdefault(one.variant.family, []).append(one.result)
    return {family: (float(np.median([each.value for each in members])), min(each.lower for each in members),
                     max(each.upper for each in members)) for family, members in found.items()}


def with_headline(fitted: Sequence[Fitted], histories: Any, *, left_out: Sequence[float] = (),
                  varied: float | None = None, whom: str = "") -> tuple[tuple[Fitted, ...], Judgement]:
    """Choose the variant to recommend and judge it against what all families say.

    Parameters
    ----------
    fitted : sequence of Fitted
        Judged and weighed.
    histories : CaptureHistories
        The evidence.
    left_out : sequence of float
        The estimates with each list left out in turn.
    varied : float, optional
        The estimate of all lists by the same method; by default the headline's.
    whom : str
        Whom a refusal is about.

    Returns
    -------
    The variants, of which at most one is the headline, and the verdict: its result is the estimate recommended,
    or the refusal of any.
    """
    passing = {one.key: one for one in fitted if one.passed}
    chosen = next((passing[key] for key in HEADLINES if key in passing), None)
    if chosen is None or not isinstance(chosen.result, Estimate):
        return tuple(fitted), Judgement(_refusal(fitted, _none_passed(fitted), whom), REFUSED)
    facts = Facts(families=families_of(fitted), left_out=tuple(left_out), varied=varied)
    verdict = judge(chosen.result, histories, facts, rules=OF_HEADLINES)
    if isinstance(verdict.result, NoEstimate):
        return tuple(fitted), replace(verdict, result=_refusal(fitted, verdict.result, whom))
    best = verdict.result
    return tuple(replace(one, headline=True, result=best) if one is chosen else one for one in fitted), verdict


def _counts(one: Fitted) -> bool:
    return one.passed and not one.variant.aside and bool(one.variant.family)


def _none_passed(fitted: Sequence[Fitted]) -> NoEstimate:
    tried = [one for one in fitted if one.key in HEADLINES and isinstance(one.result, NoEstimate)]
    if not tried:
        return NoEstimate("no method that could be recommended applies",
                          "three lists or more of the same population whose records can be linked")
    found = [(one.label, reason, helps) for one in tried for reason, helps in _refused(one)]
    labels = {reason: [label for label, other, _ in found if other == reason] for _, reason, _ in found}
    reasons = [reason if len(named) == len(tried) else f"{reason} ({'; '.join(named)})"
               for reason, named in labels.items()]
    return NoEstimate("no method that could be recommended passed the reliability gate: " + "; ".join(reasons),
                      each_once(helps for _, _, helps in found))


def _refused(one: Fitted) -> list[tuple[str, str]]:
    """Return the reasons why there is no estimate, and what would help."""
    if one.judgement is None:
        return [(one.result.reason, one.result.needed)] if isinstance(one.result, NoEstimate) else []
    return [(finding.said, finding.helps) for finding in one.judgement.findings if finding.consequence == REFUSED]


def _refusal(fitted: Sequence[Fitted], because: NoEstimate, whom: str) -> NoEstimate:
    """Refuse a headline in words that carry what the methods say side by side."""
    said = f"no single number is given{f' of {whom}' if whom else ''}: {because.reason}"
    given = {one.key: one.given for one in fitted if one.given is not None}
    if not given:
        return NoEstimate(said, because.needed)
    values = [one.value for one in given.values()]
    told = [f"{words} {_number(given[key].value)}" for key, words in _TOLD.items() if key in given]
    beside = f" ({', '.join(told)})" if len(told) > 1 else ""
    low, high = _number(min(values)), _number(max(values))
    span = (f"Side by side the methods, refused ones too, say from {low} to {high}" if low != high else
            f"What they say is {low}")
    return NoEstimate(f"{said}. {span}{beside}", because.needed)


def _number(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "no limit"
