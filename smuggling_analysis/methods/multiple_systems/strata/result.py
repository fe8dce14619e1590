"""Estimates stratum by stratum, their sum, and the strata added together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.strata.total import Label, disagreement, spoken


@dataclass(frozen=True, eq=False)
class Stratified:
    """Estimates stratum by stratum, their sum, and the strata added together.

    Parameters
    ----------
    by : tuple of str
        The variables that make the strata.
    observed : mapping of label to int
        People observed in each stratum; a label holds the values of `by`.
    estimates : mapping of label to Estimate or NoEstimate
        Each stratum's answer.
    sum : Estimate
        The strata's sum. A stratum without an estimate enters with the people observed alone, and a caution
        says so.
    pooled : Estimate or NoEstimate
        The same method on the strata added together.
    """

    by: tuple[str, ...]
    observed: Mapping[Label, int]
    estimates: Mapping[Label, Estimate | NoEstimate]
    sum: Estimate
    pooled: Estimate | NoEstimate

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know of the sum."""
        return self.sum.cautions

    def frame(self) -> pd.DataFrame:
        """Return one row per stratum, then the sum and the strata added together.

        Columns: the variables of `by`, `observed, value, lower, upper, se, borrowed, refused`. `borrowed` is
        the share taken from other strata, empty without pooling; `refused` says why there is no estimate.
        """
        rows = [{**dict(zip(self.by, label, strict=True)), **_row(self.observed[label], result)}
                for label, result in self.estimates.items()]
        people = sum(self.observed.values())
        rows += [{**dict.fromkeys(self.by, name), **_row(people, result)}
                 for name, result in (("sum", self.sum), ("added together", self.pooled))]
        return pd.DataFrame(rows, columns=[*self.by, "observed", "value", "lower", "upper", "se", "borrowed",
                                           "refused"])

    def __repr__(self) -> str:
        return f"Stratified({len(self.estimates)} strata by {', '.join(self.by)}; sum {self.sum!r})"


def observed_in(strata: CaptureHistories) -> dict[Label, int]:
    """Return the people observed in each stratum."""
    return dict(zip(strata.strata, strata.counts.sum(axis=1).tolist(), strict=True))


def nobody_in(label: Label) -> NoEstimate:
    """Refuse a stratum that nobody is in."""
    return NoEstimate(f"nobody was observed in {spoken(label)}", "people of that stratum on the lists")


def whole_of(strata: CaptureHistories, results: Mapping[Label, Estimate | NoEstimate], total: Estimate,
           pooled: Estimate | NoEstimate) -> Stratified:
    """Put the answers together, with a caution where sum and whole disagree."""
    total = total.described(cautions=(*total.cautions, *disagreement(total, pooled)))
    return Stratified(strata.stratified_by, MappingProxyType(observed_in(strata)),
                      MappingProxyType(dict(results)), total, pooled)


def _row(observed: int, result: Estimate | NoEstimate) -> dict[str, Any]:
    if isinstance(result, NoEstimate):
        return {"observed": observed, "refused": result.reason}
    borrowed = result.diagnostics.get("borrowed")
    return {"observed": observed, "value": result.value, "lower": result.lower, "upper": result.upper,
            "se": result.se, "borrowed": borrowed if isinstance(borrowed, float) else None, "refused": ""}
