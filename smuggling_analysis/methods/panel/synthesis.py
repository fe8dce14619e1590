"""What the families of methods say together: weights, spread, and one number or the refusal of one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.panel.fitted import Fitted
from smuggling_analysis.methods.reliability import REFUSED, Judgement, Rule, judge
from smuggling_analysis.methods.reliability.gate import each_once

_FAR = 10.0
"""Methods that are so many times apart are of different magnitudes."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How one number is chosen from a panel.

    Parameters
    ----------
    recommended : sequence of str
        Keys of variants; the first that passes is recommended.
    rules : sequence of Rule
        What the number recommended is put to, beside the other families.
    told : mapping of str to str
        What a reader who is given no number is told side by side, by the variant's key, where it was estimated.
    needed : str
        The data that would help where no variant recommended applies.
    """

    recommended: Sequence[str]
    rules: Sequence[Rule]
    told: Mapping[str, str]
    needed: str


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


def with_headline(fitted: Sequence[Fitted], evidence: Any, choice: Choice, facts: Any, *,
                  whom: str = "") -> tuple[tuple[Fitted, ...], Judgement]:
    """Choose the variant to recommend and judge it against what all families say.

    Parameters
    ----------
    fitted : sequence of Fitted
        Judged and weighed.
    evidence
        What they were applied to.
    choice : Choice
        How one is chosen.
    facts : Facts or RegisterFacts or another kind's
        What is known beside it, with `families`.
    whom : str
        Whom a refusal is about.

    Returns
    -------
    The variants, of which at most one is the headline, and the verdict: its result is the estimate recommended,
    or the refusal of any.
    """
    passing = {one.key: one for one in fitted if one.passed}
    chosen = next((passing[key] for key in choice.recommended if key in passing), None)
    if chosen is None or not isinstance(chosen.result, Estimate):
        return tuple(fitted), Judgement(_refusal(fitted, _none_passed(fitted, choice), whom, choice.told), REFUSED)
    verdict = judge(chosen.result, evidence, facts, rules=choice.rules)
    if isinstance(verdict.result, NoEstimate):
        return tuple(fitted), replace(verdict, result=_refusal(fitted, verdict.result, whom, choice.told))
    best = verdict.result
    return tuple(replace(one, headline=True, result=best) if one is chosen else one for one in fitted), verdict


def _counts(one: Fitted) -> bool:
    return one.passed and not one.variant.aside and bool(one.variant.family)


def _none_passed(fitted: Sequence[Fitted], choice: Choice) -> NoEstimate:
    tried = [one for one in fitted if one.key in choice.recommended and isinstance(one.result, NoEstimate)]
    if not tried:
        return NoEstimate("no method that could be recommended applies", choice.needed)
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


def _refusal(fitted: Sequence[Fitted], because: NoEstimate, whom: str, beside_each: Mapping[str, str]) -> NoEstimate:
    """Refuse a headline in words that carry what the methods say side by side."""
    said = f"no single number is given{f' of {whom}' if whom else ''}: {because.reason}"
    given = {one.key: one.given for one in fitted if one.given is not None}
    if not given:
        return NoEstimate(said, because.needed)
    values = [one.value for one in given.values()]
    told = [f"{words} {_number(given[key].value)}" for key, words in beside_each.items() if key in given]
    beside = f" ({', '.join(told)})" if len(told) > 1 else ""
    return NoEstimate(f"{said}. {_span(min(values), max(values))}{beside}", because.needed)


def _span(least: float, most: float) -> str:
    """Say how far apart the methods are; by which factor, where that is what a reader must know."""
    low, high = _number(least), _number(most)
    if low == high:
        return f"What they say is {low}"
    apart = f", a factor of {numerals.number(most / least, digits=2)}" if _FAR * least <= most < math.inf else ""
    return f"Side by side the methods, refused ones too, say from {low} to {high}{apart}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "no limit"
