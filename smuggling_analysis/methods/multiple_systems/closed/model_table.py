"""Every closed-population model of one table, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems.closed.fit_by_name import fit_closed
from smuggling_analysis.methods.multiple_systems.closed.fitted_model import ClosedFit
from smuggling_analysis.methods.multiple_systems.closed.models import all_cautions, evidence_cautions
from smuggling_analysis.methods.multiple_systems.log_linear.model_table import require_lists
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import BIC_REACH

FORMS_SHOWN = ("chao", "poisson", "darroch", "gamma", "normal")
WIDE_SPREAD = 1.5
COLUMNS = ["model", "value", "se", "deviance", "df", "aic", "bic", "status", "cautions"]


@dataclass(frozen=True, eq=False)
class ClosedModels:
    """The closed-population models of one table.

    Parameters
    ----------
    fits : tuple of ClosedFit
        Those that have an estimate.
    refused : mapping of str to str
        The others, with the reason.
    cautions : tuple of str
        What a reader must know of the table.
    observed : int
        People caught.
    fingerprint : str
        Fingerprint of the evidence.
    simulated : bool
        Whether the people are simulated.
    """

    fits: tuple[ClosedFit, ...]
    refused: dict[str, str]
    cautions: tuple[str, ...]
    observed: int
    fingerprint: str
    simulated: bool = False

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per model: model, value, se, deviance, df, aic, bic, status, cautions.

        Best BIC first, models of equal BIC by name. BIC counts the people observed (log n). `status` is
        "estimated", or the reason why there is no estimate: such models come last, without figures.
        `cautions` holds what to know of the fit, separated by semicolons.
        """
        # The deviance of a bias-corrected fit and the like is NaN; here every fit is a likelihood's maximum.
        rows = [[fit.model, fit.value, fit.se, fit.deviance, fit.df, fit.aic, fit.bic, "estimated",
                 "; ".join(all_cautions(fit))]
                for fit in sorted(self.fits, key=lambda fit: (round(fit.bic, 9), fit.model))]
        rows += [[model, *[np.nan] * 6, reason, ""] for model, reason in sorted(self.refused.items())]
        return pd.DataFrame(rows, columns=COLUMNS)

    def __getitem__(self, model: str) -> ClosedFit:
        """Return the fit of a model by its name, as in `frame`."""
        for fit in self.fits:
            if fit.model == model:
                return fit
        raise KeyError(f"no estimate of {model}; there are {', '.join(fit.model for fit in self.fits)}")

    def __len__(self) -> int:
        return len(self.fits) + len(self.refused)

    def __repr__(self) -> str:
        return f"ClosedModels({len(self.fits)} of {len(self)} models have an estimate)"


def closed_population_models(evidence: CaptureHistories | RepeatCounts, *, occasions: float | None = None,
                             up_to: int | None = None,
                             heterogeneity: Sequence[str] = FORMS_SHOWN) -> ClosedModels:
    """Fit every closed-population model: M0, Mt, Mh and Mth in every form, Mb, Mbh, Mtb.

    Parameters
    ----------
    evidence : CaptureHistories or RepeatCounts
        Histories of two lists or more, or how many people were caught once, twice, ... (M0 and Mh only).
    occasions : float, optional
        Of `RepeatCounts`: on how many occasions people could be caught; infinite unless given.
    up_to : int, optional
        Of `RepeatCounts`: fit only the numbers caught up to so many times.
    heterogeneity : sequence of str
        The forms tried.

    Returns
    -------
    ClosedModels
        With `.frame`, best BIC first. A model without an estimate has its reason there, never a number.

    Raises
    ------
    ValueError
        If an option is unknown or does not go with the evidence.
    NoEstimate
        If there is one list only.

    References
    ----------
    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal
    of Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> table = closed_population_models(histories)
    >>> table
    ClosedModels(15 of 15 models have an estimate)
    >>> table.frame[["model", "value", "bic"]].head(2).round(1)
      model  value   bic
    0    Mb  199.2  48.7
    1    Mt  347.7  52.6
    """
    if isinstance(evidence, CaptureHistories):
        if up_to is not None:
            raise ValueError("up_to belongs to numbers of people caught once, twice, ..., not to histories")
        require_lists(evidence)
        asked = [("M0", None), ("Mt", None), *(("Mh", form) for form in heterogeneity),
                 *(("Mth", form) for form in heterogeneity), ("Mb", None), ("Mbh", None), ("Mtb", None)]
    else:
        asked = [("M0", None), *(("Mh", form) for form in heterogeneity)]
    fits, refused = [], {}
    for model, form in asked:
        try:
            fit = fit_closed(evidence, model, form, None, occasions=occasions, up_to=up_to)
            if not (math.isfinite(fit.value) and math.isfinite(fit.se)):
                raise NoEstimate("the population is too large for a number", "another model")
            fits.append(fit)
        except NoEstimate as refusal:
            refused[f"{model} {form}" if form else model] = refusal.reason
    cautions = (*evidence_cautions(evidence), *_divergence(fits))
    return ClosedModels(tuple(fits), refused, cautions, evidence.n_observed, evidence.fingerprint,
                        evidence.simulated)


def _divergence(fits: Sequence[ClosedFit]) -> list[str]:
    """Say how far models of nearly equal merit differ, if they differ much."""
    best = min((fit.bic for fit in fits), default=math.nan)
    near = [fit.value for fit in fits if fit.bic <= best + BIC_REACH]
    if len(near) < 2 or max(near) < WIDE_SPREAD * min(near):
        return []
    return [f"the choice of model decides much: {len(near)} models within {BIC_REACH:g} BIC points of the "
            f"best range from {min(near):,.0f} to {max(near):,.0f}"]
