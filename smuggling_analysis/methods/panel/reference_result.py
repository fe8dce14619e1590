"""The panel of reference counts: what it holds beside what every panel holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.panel.result import Panel

if TYPE_CHECKING:
    import pandas as pd

    from smuggling_analysis.evidence.reference_counts import ReferenceCounts


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ReferencePanel(Panel):
    """Every admissible variant of the reference-population model.

    Parameters
    ----------
    evidence, fitted, verdict, published
        As in `Panel`; the evidence are ReferenceCounts.
    where : mapping
        The values of covariates whose rows are added up; the models are fitted to all rows.
    best : str
        Key of the variant that what follows looks at: the Poisson pseudo-likelihood with all covariates, or without
        them where that has no estimate. Empty where neither has.
    fits : mapping of str to ReferenceFit
        What was fitted, by the variant's key.
    replicates : Estimate or NoEstimate, optional
        The best variant's bootstrap by random weights of the countries.
    countries : CountriesLeftOut or NoEstimate, optional
        How leaving out each country moves it.
    dependence, frailty : object or NoEstimate, optional
        What becomes of it if the two sources depend on one another, or people differ unseen.
    by_period : HiddenPopulations or NoEstimate, optional
        The best variant's number for every value of the evidence's first period.
    """

    where: Mapping[str, Any] = field(default_factory=dict)
    best: str = ""
    fits: Mapping[str, Any] = field(default_factory=dict)
    replicates: Any = None
    countries: Any = None
    dependence: Any = None
    frailty: Any = None
    by_period: Any = None

    @property
    def counts(self) -> ReferenceCounts:
        """The evidence."""
        found: ReferenceCounts = self.evidence
        return found

    @property
    def observed(self) -> float | None:
        """People apprehended in the rows that are added up."""
        rows = self.counts.where(**self.where) if self.where else slice(None)
        return float(self.counts.observed[rows].sum())

    @property
    def periods(self) -> pd.DataFrame | NoEstimate | None:
        """How the number of each period compares with the one before it: see `reference_population.changes`."""
        from smuggling_analysis.methods.reference_population.changes import changes

        if self.by_period is None or isinstance(self.by_period, NoEstimate):
            found: NoEstimate | None = self.by_period
            return found
        return changes(self.by_period)
