"""The same model fitted four ways: how far they disagree says how little the counts decide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.reference_population.criteria import CRITERIA
from smuggling_analysis.methods.reference_population.fits import fit
from smuggling_analysis.methods.reference_population.populations import hidden_population
from smuggling_analysis.methods.reference_population.totals import sums_of

FAR_APART = 3.0


@dataclass(frozen=True, eq=False)
class MethodComparison:
    """One model, fitted by several methods.

    Parameters
    ----------
    frame : DataFrame
        One row for each method: `method, title, value, lower, upper, plain, gamma, theta, aic, refusal`. `plain` is the
        sum without bias correction, there also where the estimate is refused for lying below those apprehended.
    observed : int
        People apprehended.
    simulated : bool
    """

    frame: pd.DataFrame
    observed: int
    simulated: bool

    @property
    def factor(self) -> float:
        """The largest sum over the smallest; not a number where fewer than two methods have one."""
        known = self.frame["plain"].dropna()
        return float(known.max() / known.min()) if len(known) > 1 else math.nan

    @property
    def cautions(self) -> tuple[str, ...]:
        """What to say beside an estimate by any one of them."""
        if not self.factor > FAR_APART:
            return ()
        known = self.frame.dropna(subset=["plain"]).sort_values("plain")
        least, most = known.iloc[0], known.iloc[-1]
        return (f"the methods differ by a factor of {numerals.number(self.factor, digits=2)}: from "
                f"{numerals.number(least['plain'], digits=2)} ({least['title']}) to "
                f"{numerals.number(most['plain'], digits=2)} ({most['title']})",)

    @property
    def sentence(self) -> str:
        """What to print."""
        if self.cautions:
            return f"Of one model and one set of counts, {self.cautions[0]}"
        if math.isnan(self.factor):
            return "Fewer than two methods have an estimate"
        return f"The methods agree within a factor of {self.factor:.2g}"


def compare_methods(counts: ReferenceCounts, *, methods: Iterable[str] = tuple(CRITERIA),
                    where: Mapping[str, Any] | None = None, confidence_level: float = 0.95,
                    **options: Any) -> MethodComparison:
    """Fit the same model by every method and lay the hidden populations side by side.

    Parameters
    ----------
    counts : ReferenceCounts
    methods : iterable of str
        Rows of `CRITERIA`.
    where : mapping, optional
        Values of covariates: only these rows are added up.
    confidence_level : float
    **options
        As of `fit`, but for the method.

    Examples
    --------
    >>> from smuggling_analysis.simulate import reference_counts
    >>> found = compare_methods(reference_counts(rng=1), methods=["poisson", "negative-binomial"])
    >>> found.sentence
    'The methods agree within a factor of 1'
    """
    members = np.ones(len(counts.countries), dtype=bool) if not where else counts.where(**where)
    rows = [_row(counts, method, members, where, confidence_level, options) for method in methods]
    return MethodComparison(pd.DataFrame(rows), int(counts.observed[members].sum()), counts.simulated)


def _row(counts: ReferenceCounts, method: str, members: np.ndarray, where: Mapping[str, Any] | None,
         confidence_level: float, options: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"method": method, "title": CRITERIA[method].title if method in CRITERIA else method,
                           "value": math.nan, "lower": math.nan, "upper": math.nan, "plain": math.nan,
                           "gamma": math.nan, "theta": math.nan, "aic": math.nan, "refusal": ""}
    try:
        fitted = fit(counts, method=method, **options)
        row |= {"plain": float(sums_of(fitted, members[np.newaxis]).plain[0]), "gamma": fitted.gamma,
                "theta": fitted.theta or math.nan, "aic": fitted.aic}
        found = hidden_population(fitted, where=where, confidence_level=confidence_level)
    except NoEstimate as refusal:
        return row | {"refusal": refusal.reason}
    return row | {"value": found.value, "lower": found.lower, "upper": found.upper}
