"""What else the counts of one register allow, beside the distribution that fits best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.panel.fitted import Fitted, guarded
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.methods.single_register.wider_family import WiderFamilyTest

_OF_SOME = {name for name, family in FAMILIES.items() if not family.used(np.array([1.0]))[0]}
"""Distributions of some of the people seen only: their likelihoods do not compare."""
ALIKE = 2.0
"""Distributions within so many BIC points are not told apart (Kass & Raftery 1995: worth a bare mention)."""


def bic_of(one: Fitted) -> float:
    """Return the BIC of a distribution of everybody seen; not a number for those of others, which compare with none."""
    if one.given is None or one.variant.method != "truncated_count" or one.variant.options["family"] in _OF_SOME:
        return math.nan
    return float(one.given.diagnostics["bic"])


def beyond_the_interval(best: Fitted, others: Sequence[Fitted], wider: Mapping[str, WiderFamilyTest]) -> float | None:
    """Return how far outside the interval of the best distribution others lie that the counts do not tell from it.

    These are the negative binomial one that contains it, however much worse its BIC: that people differ as much as the
    narrower one says, and no more, is assumed, not seen. And those that fit as well.

    Returns
    -------
    float or None
        The largest factor between an estimate and the nearer end of the interval, below 1 for those within; None where
        there are no others.
    """
    if not isinstance(best.result, Estimate):
        return None
    lower, upper = best.result.lower, best.result.upper
    factors = [max(value / upper, lower / value) for value in _rivals(best, others, wider) if value > 0]
    return max(factors, default=None)


def if_time_ended_when_seen(best: Fitted, counts: RepeatCounts) -> float | None:
    """Return the factor by which the number differs if people's time at risk ended by being seen, where none says so.

    The counts do not tell the two apart. None where no time at risk is taken into account, or the answer was given.
    """
    from smuggling_analysis.methods.single_register import truncated_count

    options = best.variant.options
    if "exposure" not in options or "ends_when_seen" in options or FAMILIES[options["family"]].departing is None:
        return None
    other = guarded(best.variant.label, lambda: truncated_count(counts, **{**options, "ends_when_seen": True}))
    if isinstance(other, NoEstimate) or not isinstance(best.result, Estimate):
        return None
    return max(other.value, best.result.value) / min(other.value, best.result.value)


def _rivals(best: Fitted, others: Sequence[Fitted], wider: Mapping[str, WiderFamilyTest]) -> Iterator[float]:
    contained = {**best.variant.options, "family": wider[best.key].wider} if best.key in wider else None
    for one in others:
        if one.key == best.key or one.given is None or one.variant.method != best.variant.method:
            continue
        alike = one.passed and abs(bic_of(one) - bic_of(best)) <= ALIKE
        if alike or dict(one.variant.options) == contained:
            yield one.given.value
