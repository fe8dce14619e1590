"""The gate: every rule asked of an estimate, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.reliability.every_rule import NO_FACTS, RULES, RULES_OF
from smuggling_analysis.methods.reliability.rules import CAUTION, PASSED, REFUSED, Case, Finding, Judgement, Rule

if TYPE_CHECKING:
    import pandas as pd


def judge(result: Estimate | NoEstimate, evidence: Any, facts: Any = None, *,
          rules: Iterable[Rule] | None = None) -> Judgement:
    """Judge whether an estimate can be relied on: one from lists, a register, reference counts or encounters.

    Every rule is asked. One that refuses turns the estimate into a `NoEstimate` with its reasons; cautions are
    put on the estimate. A rule that has nothing to look at (no chains, no bootstrap) is passed over.

    Parameters
    ----------
    result : Estimate or NoEstimate
        From this package, or made by hand from another programme's output: `diagnostics` may hold `model`,
        `rhat`, `ess_bulk`, `ess_tail`, `mean`.
    evidence : CaptureHistories, RepeatCounts, ReferenceCounts or Encounters
        What the estimate was made from.
    facts : Facts, RegisterFacts, ReferenceFacts or EncounterFacts, optional
        What else is known: the table of models, a bootstrap's replicates, what other methods say.
    rules : iterable of Rule, optional
        The rules; by default all of RULES_OF for evidence of this type.

    Returns
    -------
    Judgement
        `verdict` is "passed", "caution" or "refused".

    Raises
    ------
    TypeError
        If there are no rules for evidence of this type.

    Examples
    --------
    A number that another programme printed, with chains that did not agree:

    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9, ("ngo", "court"): 8},
    ...     lists=["police", "ngo", "court"])
    >>> printed = Estimate(value=400, lower=300, upper=600, unit="persons", method="latent classes",
    ...                    diagnostics={"rhat": 1.4})
    >>> judgement = judge(printed, histories)
    >>> judgement.verdict
    'refused'
    >>> print(judgement.result.reason)
    R-hat is 1.40, above 1.1: the chains are not about the same number
    """
    kind = type(evidence).__name__
    if kind not in RULES_OF:
        raise TypeError(f"judge takes the evidence of an estimate ({', '.join(RULES_OF)}), got {kind}: of several "
                        "linked versions judge what a method says of each")
    if isinstance(result, NoEstimate):
        itself = Finding("method", REFUSED, math.nan, math.nan, result.reason, result.needed)
        return Judgement(result, REFUSED, (itself,))
    case = Case(result, evidence, NO_FACTS[kind] if facts is None else facts)
    asked = RULES_OF[kind] if rules is None else rules
    found = [finding for rule in asked if (finding := rule.apply(case)) is not None]
    refusals = [finding for finding in found if finding.consequence == REFUSED]
    ordered = (*refusals, *(finding for finding in found if finding.consequence == CAUTION))
    if refusals:
        return Judgement(refusal_of(refusals), REFUSED, ordered)
    if not ordered:
        return Judgement(result, PASSED)
    said = (finding.said for finding in ordered)
    return Judgement(result.described(cautions=(*result.cautions, *said)), CAUTION, ordered)


def refusal_of(findings: Iterable[Finding]) -> NoEstimate:
    """Return the refusal that findings amount to: their reasons, and what would help, each once."""
    given = list(findings)
    return NoEstimate("; ".join(finding.said for finding in given), each_once(finding.helps for finding in given))


def each_once(helps: Iterable[str]) -> str:
    """Return what would help in one sentence; what ends like another one, after an "or", ends there.

    Examples
    --------
    >>> each_once(["longer chains", "a bound, or more lists", "more lists", "more lists"])
    'longer chains; a bound; more lists'
    """
    told = dict.fromkeys(helps)
    for one in list(told):
        told = dict.fromkeys(other.removesuffix(f", or {one}") for other in told)
    return "; ".join(told)


def rules_frame(rules: Iterable[Rule] = RULES) -> pd.DataFrame:
    """Return the gate as a table, one row per rule.

    Returns
    -------
    DataFrame
        `rule, title, looks_at, beyond, caution, refusal, why, helps, own, source`.

    Examples
    --------
    >>> rules_frame().set_index("rule").loc["r-hat", ["caution", "refusal"]].tolist()
    [1.01, 1.1]
    """
    import pandas as pd

    return pd.DataFrame([{
        "rule": rule.name, "title": rule.title, "looks_at": rule.looks_at, "beyond": rule.beyond,
        "caution": rule.caution, "refusal": rule.refusal, "why": rule.why, "helps": rule.helps, "own": rule.own,
        "source": str(rule.source)} for rule in rules])
