"""Truncated count regression: the size of a population from how often its members were seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.methods.single_register.fitting import Model
from smuggling_analysis.methods.single_register.population import estimate_population


def truncated_count(counts: RepeatCounts, *, formula: str | None = None, family: str = "poisson",
                    dispersion: str | None = None, inflation: str | None = None, hurdle: str | None = None,
                    links: Mapping[str, str] | None = None, exposure: str | None = None,
                    ends_when_seen: bool = False, covariance: str = "observed", interval: str = "log-normal",
                    resampling: str = "parametric", replicates: int = 1000, confidence_level: float = 0.95,
                    rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from one register by a truncated count regression.

    A distribution whose zero is missing is fitted to how often people were seen; each person seen then stands
    for one over the chance of being seen. The standard error adds the variance of the coefficients (delta
    method) and that of who happened to be seen.

    On populations of known size (`smuggling_analysis.published_validation`) each family holds the truth
    where it is the family the register was drawn from, and hardly anywhere else: without dispersion it is too low
    where people differ, without a way to set ones apart far too high where some can be seen only once, and without
    the time at risk where people are expelled. Negative binomials that set those seen once apart, or leave them out,
    are on average too high even then. The gate of `smuggling_analysis.panel` stops most of these, and not all.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ..., per covariate pattern.
    formula : str, optional
        Covariates of the logarithm of the rate: "gender + age + nation". Text is compared with its first
        level in sorted order, numbers enter as they are. Without one, everybody has the same rate.
    family : str
        A row of `FAMILIES`: "poisson" is the zero-truncated Poisson distribution, "one-inflated geometric" a
        geometric one in which too many are seen once.
    dispersion, inflation, hurdle : str, optional
        Covariates of the family's other parameters, where it has them.
    links : mapping, optional
        Other links than the usual, by parameter: `{"inflation": "cloglog"}`.
    exposure : str, optional
        A covariate that says how long each person could be seen, in any unit: rates are per unit of it.
    ends_when_seen : bool
        Whether that time ends by being seen, as by expulsion or arrest. People are then taken to be at risk from the
        start, and those never seen all the time, the longest that occurs: nobody leaves unseen. Otherwise each
        person's time is taken to be set beforehand, and people never seen to have times like those seen. Taking the
        one for the other can more than double the estimate.
    covariance : {"observed", "expected", "sandwich", "HC0"}
        Covariance of the coefficients: inverse of the observed or the expected information, or a sandwich of
        both sides that holds where the distribution is wrong (HC1, or HC0 without its factor).
    interval : {"log-normal", "normal", "bootstrap", "bca"}
        Limits from a log-normal distribution of the number missed, which never lie below the number seen
        (Chao 1987), or symmetric ones (van der Heijden et al. 2003): both are in `diagnostics["intervals"]`.
        Percentiles of a bootstrap, or the same bias-corrected and accelerated (Efron 1987).
    resampling : {"parametric", "semi-parametric", "non-parametric"}
        Bootstrap registers from populations drawn from the fit; from the people seen, as many as a draw from
        the estimated population says; or from the people seen, as many as they are, which is too narrow.
    replicates : int
        Bootstrap registers, 2 or more.
    confidence_level : float
        Between 0 and 1.
    rng : int, Generator or None
        Randomness of the bootstrap.

    Returns
    -------
    Estimate
        Persons. `diagnostics` holds coefficients, their standard errors, log-likelihood, AIC, BIC (log n, n
        the number observed), both intervals, fitted frequencies and their chi-square. A bootstrap gives draws,
        and tells how many replicates have no estimate and in how many a parameter ran to the end of its range.

    Raises
    ------
    NoEstimate
        If nobody was seen more than once, or the likelihood has no finite maximum: the covariate level or
        the parameter that runs off is named; or fewer than half of the bootstrap replicates have an estimate.
    BadInput
        If a time at risk is no number above zero.
    ValueError
        If the formula, the family or another option is unknown.

    References
    ----------
    van der Heijden, P. G. M., Bustami, R., Cruyff, M. J. L. F., Engbersen, G. & van Houwelingen, H. C.
    (2003). Point and interval estimation of the population size using the truncated Poisson regression model.
    Statistical Modelling 3, 305-322. doi:10.1191/1471082X03st057oa

    Examples
    --------
    People staying in four Dutch cities without a permit, by the times the police apprehended them in 1995:

    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> estimate = truncated_count(counts)
    >>> round(estimate.value), round(estimate.lower), round(estimate.upper)
    (7080, 6411, 7848)
    >>> drawn = truncated_count(counts, interval="bootstrap", replicates=400, rng=1)
    >>> drawn.interval, drawn.draws.values.size
    ('percentile parametric bootstrap, 400 replicates', 400)
    """
    if family not in FAMILIES:
        raise ValueError(f"family is one of {', '.join(FAMILIES)}, got {family!r}")
    if counts.times.max() == 1:
        raise NoEstimate(f"all {counts.n_observed:,} people were seen once: nothing tells how many were not",
                         "a longer period, or a register that recognises those it has seen before")
    formulas = {"rate": formula, "dispersion": dispersion, "inflation": inflation, "hurdle": hurdle}
    model = Model.of(FAMILIES[family], formulas, links=links, exposure=exposure, ends_when_seen=ends_when_seen)
    estimate = estimate_population(counts, model, covariance=covariance, interval=interval, resampling=resampling,
                                   replicates=replicates, confidence_level=confidence_level, rng=rng)
    return estimate.described(cautions=(*estimate.cautions, *_of_the_family(model, estimate)))


def _of_the_family(model: Model, estimate: Estimate) -> Iterator[str]:
    """Yield what a family takes for granted, and that the counts hardly determine what it says."""
    if estimate.se is not None and estimate.se > estimate.value:
        yield (f"the counts hardly determine it: the standard error ({estimate.se:,.0f}) exceeds the estimate itself, "
               "because the likelihood is all but flat")
    if model.exposure is not None:
        yield ("people are taken to be at risk from the start until they leave when seen, and nobody to leave unseen"
               if model.ends_when_seen else
               f"{model.exposure} is taken to be set beforehand: where it ends by being seen, as by expulsion, the "
               "estimate is too high, and ends_when_seen=True is right")
    if "dispersion" not in model.family.predictors:
        beyond = " beyond what the covariates say" if any(model.formulas.values()) else ""
        yield f"a lower bound if people differ in how often they are seen{beyond}"
    if "inflation" in model.family.predictors or "hurdle" in model.family.predictors:
        yield "those seen once are set apart: right only if something keeps people from being seen again"
