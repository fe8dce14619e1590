"""The panel of one register: what it holds beside what every panel holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smuggling_analysis.methods.panel.result import Panel

if TYPE_CHECKING:
    from smuggling_analysis.estimate import Estimate
    from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    from smuggling_analysis.methods.single_register.fitting import Fitting


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RegisterPanel(Panel):
    """Every admissible method of one register.

    Parameters
    ----------
    evidence, fitted, verdict, published
        As in `Panel`; the evidence are RepeatCounts.
    formula, exposure : str, optional
        Covariates of the rate, and the covariate that says how long each person could be seen.
    best : str
        Key of the fitted distribution of lowest BIC among those that pass, or among all where none does; what
        follows looks at it. Empty where no distribution could be fitted.
    frequencies : mapping of str to FrequencyFit
        Observed and expected numbers seen once, twice, ..., by the variant's key, wherever a distribution claims them.
    influence : Influence or NoEstimate, optional
        How leaving out the people of each cell moves the best estimate.
    levels : Influence or NoEstimate, optional
        How leaving out everybody of a covariate's level moves it.
    strata : mapping of str to Strata
        The best estimate by each covariate.
    replicates : Estimate or NoEstimate, optional
        Its bootstrap.
    surplus : mapping of str to OneInflationTest
        The test for a surplus of people seen once, by the key of the variant that knows none.
    wider : mapping of str to WiderFamilyTest
        The test for people who differ more than the distribution allows, by the variant's key.
    """

    formula: str | None = None
    exposure: str | None = None
    best: str = ""
    frequencies: Mapping[str, Any] = field(default_factory=dict)
    influence: Any = None
    levels: Any = None
    strata: Mapping[str, Any] = field(default_factory=dict)
    replicates: Estimate | Any = None
    surplus: Mapping[str, Any] = field(default_factory=dict)
    wider: Mapping[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> RepeatCounts:
        """The evidence."""
        found: RepeatCounts = self.evidence
        return found

    @property
    def best_fit(self) -> Fitting | None:
        """The fit of the best distribution, to be looked at; made anew, since fits are not kept in a panel."""
        from smuggling_analysis.methods.single_register import fit_register

        return fit_register(self.counts, **self[self.best].variant.options) if self.best else None
