"""The panel of several lists: what it holds beside what every panel holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.panel.result import Panel

if TYPE_CHECKING:
    import pandas as pd

    from smuggling_analysis.chains import Chains
    from smuggling_analysis.evidence.capture_histories import CaptureHistories


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ListPanel(Panel):
    """Every admissible method of several lists.

    Parameters
    ----------
    evidence, fitted, verdict, published
        As in `Panel`; the evidence are CaptureHistories.
    models : ModelTable or NoEstimate, optional
        Every log-linear model, of three lists or more.
    replicates : Estimate, optional
        The bootstrap of the log-linear model of lowest BIC, its replicates where they fell.
    chains : mapping of str to Chains
        The draws of every sampler, by the variant's key.
    priors : mapping of str to DataFrame
        Each Bayesian method's estimate under several priors, by the variant's key.
    prior_tables : mapping of str to object
        The methods' own tables of priors, where they have one: `multiple_systems.prior_table` and
        `latent_class_prior_table`.
    leave_one_out, merged, dropped, dependence, assumed_away, link_errors, held_out, trajectory
        What the estimate of lowest BIC (Chapman's, with two lists) rests on without the data showing it: see
        `leave_one_list_out`, `merged_lists`, `dropped_lists`, `dependence_band`, `assumed_away`,
        `linkage_sensitivity`, `held_out_lists` and `trajectory` of `multiple_systems`.
    """

    models: Any = None
    replicates: Estimate | None = None
    chains: Mapping[str, Chains] = field(default_factory=dict)
    priors: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    prior_tables: Mapping[str, Any] = field(default_factory=dict)
    leave_one_out: Any = None
    merged: Any = None
    dropped: Any = None
    dependence: Any = None
    assumed_away: Any = None
    link_errors: Any = None
    held_out: Any = None
    trajectory: Any = None

    @property
    def histories(self) -> CaptureHistories:
        """The evidence."""
        found: CaptureHistories = self.evidence
        return found

    @property
    def overlaps(self) -> pd.DataFrame:
        """How many people each pair of lists shares; the diagonal holds the lists' sizes."""
        return self.histories.overlaps()
