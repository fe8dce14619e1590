"""The panel of one register: every method for people seen more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.panel.fitted import Fitted, attempt, spread
from smuggling_analysis.methods.panel.variants import Variant

# Beyond this factor between the lowest and the highest estimate, the headline carries the whole range.
DISAGREE = 1.5
# The first of these that gave an estimate is the headline: limits that cannot lie below the people seen first.
_HEADLINES = ("truncated-count-covariates-log-normal", "chao")


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
        Variant("chao", "chao", "Chao's lower bound"),
        Variant("zelterman", "zelterman", "Zelterman"),
        Variant("truncated_count", "truncated-count", "Zero-truncated Poisson, no covariates"),
    ]
    if formula:
        variants += [
            Variant("zelterman", "zelterman-covariates", "Zelterman, with covariates", {"formula": formula}),
            Variant("truncated_count", "truncated-count-covariates", "Zero-truncated Poisson, with covariates",
                    {"formula": formula, "interval": "normal"}),
            Variant("truncated_count", "truncated-count-covariates-log-normal",
                    "Zero-truncated Poisson, with covariates, log-normal limits", {"formula": formula}),
        ]
    return _with_headline([Fitted(variant, attempt(variant, counts, described)) for variant in variants])


def _with_headline(panel: Sequence[Fitted]) -> tuple[Fitted, ...]:
    """Mark the panel's headline, and caution it where the methods disagree."""
    by_key = {fitted.key: fitted for fitted in panel if isinstance(fitted.result, Estimate)}
    if not by_key:
        return (replace(panel[0], headline=True), *panel[1:])
    chosen = next((by_key[key] for key in _HEADLINES if key in by_key), next(iter(by_key.values())))
    return tuple(replace(fitted, headline=True, result=cautioned(fitted.result, *spread(panel)))
                 if fitted is chosen else fitted for fitted in panel)


def cautioned(result: Estimate | NoEstimate, lowest: float, highest: float) -> Estimate | NoEstimate:
    """Caution an estimate where the methods disagree."""
    if isinstance(result, NoEstimate) or highest < DISAGREE * lowest:
        return result
    return result.described(cautions=(
        *result.cautions,
        f"the methods disagree by a factor of {highest / lowest:.1f}, from {lowest:,.0f} to "
        f"{highest:,.0f}: do not quote this number without that range"))
