"""The closed-population models of Otis et al. (1978) and their log-linear forms, one at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems.closed.fit_by_name import fit_closed
from smuggling_analysis.methods.multiple_systems.closed.fitted_model import INTERVALS, ClosedFit, limits
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions

_LEAST_FIT = 0.001


@takes_linked_versions
def closed_population(evidence: CaptureHistories | RepeatCounts, *,
                      model: str | Iterable[str | Sequence[str]] | Model = "Mth",
                      heterogeneity: str | None = "chao", theta: float | None = None,
                      bias_corrected: bool = False, occasions: float | None = None,
                      up_to: int | None = None, interval: str = "profile",
                      confidence_level: float = 0.95) -> Estimate:
    """Estimate a closed population by one of the models of Otis et al., or a log-linear model of its lists.

    Parameters
    ----------
    evidence : CaptureHistories or RepeatCounts
        Two lists or more, strata added together; or only how many people were caught once, twice, ...
        (then M0 or Mh).
    model : {"M0", "Mt", "Mh", "Mth", "Mb", "Mbh", "Mtb"}, or a log-linear model
        The same chance for all; by list; by person; by both; changed by the first capture; that and by
        person; by list and changed by the first capture. Or notation such as "[12,3]", to which
        heterogeneity is added. Mb, Mbh and Mtb take the lists in order of time.
    heterogeneity : {"chao", "poisson", "darroch", "gamma", "normal", None}
        How people differ, in Mh, Mth and log-linear models; the other models do not use it. "chao" gives a
        lower bound. None, for a log-linear model only: people are alike.
    theta : float, optional
        Of "poisson" (2 unless given) and "gamma" (3.5).
    bias_corrected : bool
        Correct the estimate's bias in small samples (not for log-linear models, Mtb and "normal").
    occasions : float, optional
        Of `RepeatCounts`: on how many occasions people could be caught; infinite unless given.
    up_to : int, optional
        Of M0 and Mh: fit only the numbers caught up to so many times.
    interval : {"profile", "log-normal", "wald"}
        Multinomial profile likelihood; log-normal in the unseen; symmetric. Models without a profile (normal
        heterogeneity, Mtb, bias-corrected) give the log-normal interval in its place.
    confidence_level : float
        The interval's level.

    Returns
    -------
    Estimate
        In persons. `diagnostics` holds the model, deviance, degrees of freedom, AIC, BIC and parameters.

    Raises
    ------
    ValueError
        If an option is unknown or does not go with the evidence.
    NoEstimate
        If the likelihood has no maximum, the population is not identified, first captures do not decline, or
        there are too few lists.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) Chao's form is the lower
    bound it says it is; Darroch's holds the truth where people differ moderately, and misses it where
    lists depend on one another.

    References
    ----------
    Otis, D. L., Burnham, K. P., White, G. C. and Anderson, D. R. (1978). Statistical inference from capture
    data on closed animal populations. Wildlife Monographs 62, 3-135.

    Rivest, L.-P. and Baillargeon, S. (2007). Applications and extensions of Chao's moment estimator for the
    size of a closed population. Biometrics 63(4), 999-1006.

    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal
    of Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> three = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> closed_population(three, model="Mth", heterogeneity="darroch").method
    'closed population Mth darroch'
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> seen = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> round(closed_population(seen, model="Mh").value, 1)
    9273.5
    """
    if interval not in INTERVALS:
        raise ValueError(f"interval is one of {', '.join(map(repr, INTERVALS))}, got {interval!r}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    fit = fit_closed(evidence, model, heterogeneity, theta, bias_corrected=bias_corrected,
                     occasions=occasions, up_to=up_to)
    return _estimate(evidence, fit, interval, confidence_level)


def _estimate(evidence: CaptureHistories | RepeatCounts, fit: ClosedFit, interval: str,
              confidence_level: float) -> Estimate:
    if not (math.isfinite(fit.value) and math.isfinite(fit.se)):
        raise NoEstimate(f"{fit.model} gives a population too large for a number", "another model")
    found = limits(fit, interval, confidence_level)
    told: dict[str, Any] = {"model": fit.model, "unseen": fit.unseen, **fit.told}
    if not math.isnan(fit.deviance):
        told |= {"deviance": fit.deviance, "df": fit.df, "aic": fit.aic, "bic": fit.bic}
    if found.multinomial_value is not None:
        told["multinomial_value"] = found.multinomial_value
    cautions = [*evidence_cautions(evidence), *all_cautions(fit)]
    if math.isinf(found.upper):
        cautions.append("the likelihood sets no upper limit to the population")
    return Estimate(
        value=fit.value, lower=found.lower, upper=found.upper, unit="persons",
        method=f"closed population {fit.model}", confidence_level=confidence_level, observed=fit.observed,
        se=fit.se, interval=found.described, diagnostics=told, cautions=tuple(cautions),
        fingerprint=evidence.fingerprint, unbounded=math.isinf(found.upper), simulated=evidence.simulated)


def evidence_cautions(evidence: CaptureHistories | RepeatCounts) -> list[str]:
    """Say what a reader must know of the table, whatever the model."""
    if isinstance(evidence, CaptureHistories):
        return table_cautions(evidence)
    if evidence.covariates:
        return [f"the covariates ({', '.join(evidence.covariates)}) were added together"]
    return []


def all_cautions(fit: ClosedFit) -> list[str]:
    """Say what a reader must know of a fit: its own cautions, how well it fits, how sure it is."""
    from scipy.special import chdtrc

    found = list(fit.cautions)
    if not math.isnan(fit.deviance):
        if fit.df == 0:
            found.append("the model has as many parameters as there are histories, so the counts cannot "
                         "contradict it")
        elif chdtrc(fit.df, max(fit.deviance, 0.0)) < _LEAST_FIT:
            found.append(f"the model fits poorly: deviance {fit.deviance:,.1f} on {fit.df:,} degrees of "
                         "freedom")
    if fit.se > 0.5 * fit.value:
        found.append("the standard error is more than half of the estimate")
    return found


