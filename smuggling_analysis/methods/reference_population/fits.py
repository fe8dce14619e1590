"""Fit the model of Zhang: apprehensions against a second source and the registered population."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.reference_population.covariance import COVARIANCES, covariances
from smuggling_analysis.methods.reference_population.fitting import maximise
from smuggling_analysis.methods.reference_population.model import ESTIMATED, Model, Prepared, prepared
from smuggling_analysis.methods.reference_population.newton import MAXIMUM
from smuggling_analysis.methods.reference_population.objective import Array
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit
from smuggling_analysis.methods.reference_population.refusals import refuse_counts, refuse_no_maximum, refuse_size


def fit(counts: ReferenceCounts, *, method: str = "poisson", alpha: str | None = None, beta: str | None = None,
        gamma: str | float | None = ESTIMATED, link: str = "power", covariance: str = "clustered") -> ReferenceFit:
    r"""Fit :math:`E(m) = N^\alpha (\gamma + n / N)^\beta` to people apprehended m, otherwise recorded n, registered N.

    The hidden population of a row is :math:`N^\alpha`; the rest is the chance that one of them is apprehended.

    Parameters
    ----------
    counts : ReferenceCounts
        The evidence.
    method : {"poisson", "negative-binomial", "nls", "ols"}
        Poisson pseudo-likelihood (right whatever the variance of the counts), negative binomial, least squares of
        counts, least squares of their logarithms (of m + 1 where some m is 0).
    alpha, beta : str, optional
        Covariates of the two exponents, as formulas: "year * ukr + sex".
    gamma : "estimated", float or None
        The share detected where the second source has nobody. None and 0 are the model without it (Zhang 2008).
    link : {"power", "cloglog", "logit", "probit"}
        Detection as a power of the rate, or a chance below 1 whatever the rate.
    covariance : str
        "clustered" by country, a jackknife to first order (HC3 where a country has one row), "HC0" to "HC5", "observed"
        for the inverse of the observed information, "model" for that of the expected.

    Returns
    -------
    ReferenceFit

    Raises
    ------
    NoEstimate
        If n / N does not vary, rows without a second source meet a model without gamma, or the criterion has no
        finite maximum: the coefficient that runs off is named.
    ValueError
        If an option or a formula is wrong.

    References
    ----------
    Zhang, L.-C. (2008). Developing methods for determining the number of unauthorized foreigners in Norway. Documents
    2008/11, Statistics Norway.

    Beręsewicz, M. & Pawlukiewicz, K. (2020). Estimation of the number of irregular foreigners in Poland using
    non-linear count regression models. arXiv:2008.09407.

    Santos Silva, J. M. C. & Tenreyro, S. (2006). The log of gravity. Review of Economics and Statistics 88, 641-658.

    Examples
    --------
    >>> from smuggling_analysis.simulate import reference_counts
    >>> fitted = fit(reference_counts(alpha=0.7, beta=0.6, gamma=0.005, rng=1))
    >>> round(fitted.coefficients["alpha: Intercept"], 1)
    0.7
    """
    if covariance not in COVARIANCES:
        raise ValueError(f"covariance is one of {', '.join(COVARIANCES)}, got {covariance!r}")
    model = Model(method=method, alpha=alpha, beta=beta, gamma=gamma, link=link)
    refuse_counts(counts, model)
    data = prepared(counts, model)
    refuse_size(data)
    found = maximise(data)
    if found.verdicts[0] != MAXIMUM:
        refuse_no_maximum(data, found)
    return fit_at(data, found.at[0], found.held[0], covariance)


def fit_of(evidence: ReferenceCounts | ReferenceFit, **options: str | float | None) -> ReferenceFit:
    """Return the fit given, or fit the counts given with these options.

    Raises
    ------
    ValueError
        If a fit is given together with options that only fitting takes.
    """
    if isinstance(evidence, ReferenceFit):
        if options:
            raise ValueError(f"the model is fitted already: {', '.join(options)} can only be given with counts")
        return evidence
    return fit(evidence, **options)  # type: ignore[arg-type]


def fit_at(data: Prepared, at: Array, held: NDArray[np.bool_], covariance: str) -> ReferenceFit:
    """Return the fit at given coefficients, (coefficients,): what it says is of them, be they a maximum or not.

    Parameters
    ----------
    data : Prepared
    at : (coefficients,) array
    held : (coefficients,) array of bool
        Coefficients on a bound.
    covariance : str
        As of `fit`.
    """
    objective = data.objective
    spread = covariances(data, at, held, covariance)
    logs = objective.rows(at[np.newaxis], np.zeros(1, dtype=np.int64)).logs[0]
    theta = float(np.exp(at[-1])) if objective.criterion.dispersed else 0.0
    own = objective.alpha.shape[1]
    alpha = (objective.alpha @ at[:own])[objective.pattern]
    beta = (objective.beta @ at[own:own + objective.beta.shape[1]])[objective.pattern]
    return ReferenceFit(
        data=data, at=at, held=held, covariance=spread.asked, model_covariance=spread.model,
        covariance_kind=covariance,
        log_likelihood=objective.criterion.log_likelihood(objective.counts, logs, theta),
        deviance=objective.criterion.deviance(objective.counts, logs, theta), logs=data.restored(logs),
        alpha=data.restored(alpha), beta=data.restored(beta),
        detection=data.restored(np.exp(logs - alpha * objective.log_reference)))
