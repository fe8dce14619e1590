"""From counts and a model to an estimate of the population: what every fitted method of this package does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.bootstrap import BOOTSTRAPS, Bootstrap, bootstrapped
from smuggling_analysis.methods.single_register.cautions import MOST_TIMES, cautions_on
from smuggling_analysis.methods.single_register.covariance import COVARIANCES
from smuggling_analysis.methods.single_register.fitting import Fitting, Model
from smuggling_analysis.methods.single_register.goodness import Fitted, marginal_fit
from smuggling_analysis.methods.single_register.intervals import INTERVALS, check_options
from smuggling_analysis.methods.single_register.kept_fits import fit
from smuggling_analysis.methods.single_register.refusals import refuse_unreached
from smuggling_analysis.methods.single_register.sizes import LARGEST, over_people, sizes


@dataclass(frozen=True, eq=False)
class Population:
    """An estimated number of people and the two parts of its variance.

    Parameters
    ----------
    size : float
        Estimated number of people, seen or not.
    from_coefficients : float
        Variance that comes from the coefficients' uncertainty, by the delta method.
    from_sampling : float
        Variance that comes from who happened to be seen.
    """

    size: float
    from_coefficients: float
    from_sampling: float

    @property
    def se(self) -> float:
        """Standard error; not a number where rounding has made the variance negative."""
        with np.errstate(invalid="ignore"):
            return float(np.sqrt(self.from_coefficients + self.from_sampling))


def estimate_population(counts: RepeatCounts, model: Model, *, interval: str, confidence_level: float,
                        covariance: str = "observed", resampling: str = "parametric", replicates: int = 1000,
                        rng: int | np.random.Generator | None = None) -> Estimate:
    """Fit a model to the counts and estimate how many people there are.

    Raises
    ------
    NoEstimate
        If the likelihood has no finite maximum, does not converge or is flat, with the covariate level or
        the parameter named; or if fewer than half of the bootstrap replicates have an estimate.
    ValueError
        If an option or a formula is wrong.
    """
    check_options(interval, confidence_level, (*INTERVALS, *BOOTSTRAPS))
    if covariance not in COVARIANCES:
        raise ValueError(f"covariance is one of {', '.join(COVARIANCES)}, got {covariance!r}")
    if interval in INTERVALS:
        return estimate_of(fit(counts, model, covariance=covariance), interval=interval,
                           confidence_level=confidence_level)
    # The stream's own number goes into the draws' name: draws of one seed are one joint distribution.
    asked = Bootstrap(interval=interval, resampling=resampling, replicates=replicates,
                      stream=int(np.random.default_rng(rng).integers(2**63)))
    fitting = fit(counts, model, covariance=covariance)
    return bootstrapped(estimate_of(fitting, interval="log-normal", confidence_level=confidence_level), fitting, asked)


def estimate_of(fitting: Fitting, *, interval: str, confidence_level: float) -> Estimate:
    """Estimate the population from a fitted model."""
    found = population_of(fitting)
    counts, observed = fitting.counts, fitting.counts.n_observed
    if np.isfinite(found.size) and np.isnan(found.se):
        raise NoEstimate("the likelihood is too flat for its curvature to be told from rounding, so that there is no "
                         "standard error", "fewer covariates, a plainer family, or more people seen more than once")
    if not found.size < LARGEST or not np.isfinite(found.se):
        raise NoEstimate("the fitted chance of being seen is next to nothing, so that any number of people "
                         "unseen fits the counts", "more people seen more than once")
    limits = {name: limits_of(found.size, found.se, observed, confidence_level)
              for name, limits_of in INTERVALS.items()}
    fitted = fitted_frequencies(fitting)
    return Estimate(
        value=max(found.size, float(observed)), lower=limits[interval][0], upper=limits[interval][1],
        unit="persons", method=fitting.model.described(fitting.designs), confidence_level=confidence_level,
        observed=observed, se=found.se, interval=interval,
        diagnostics={**_diagnostics(fitting, found, fitted), "intervals": limits},
        cautions=(*cautions_on(counts, fitting.covariates, fitting.left_out, found.size, fitted,
                               least=least_used(fitting)), *_rival(fitting, found.size)),
        fingerprint=counts.fingerprint, simulated=counts.simulated,
    )


def population_of(fitting: Fitting) -> Population:
    """Sum what each person seen stands for; variance by the delta method and the sampling of persons.

    Source: van der Heijden et al. 2003, Statistical Modelling 3, 305-322, doi:10.1191/1471082X03st057oa.
    """
    likelihood, at, only = fitting.likelihood, fitting.predictors, np.zeros(1, dtype=np.int64)
    with np.errstate(all="ignore"):
        standing = likelihood.family.stands_for(likelihood.times, at)
        by_predictor = over_people(likelihood, standing.gradient[:, np.newaxis], only)
        share = over_people(likelihood, likelihood.family.sampling_variance(likelihood.times, at), only)
    refuse_unreached(fitting.counts, fitting.designs, (by_predictor[:, 0] != 0)[:, fitting.kind])
    gradient = likelihood.gradient(list(by_predictor))[0]
    return Population(size=float(sizes(likelihood, fitting.fits.coefficients)[0]),
                      from_coefficients=float(gradient @ fitting.covariance @ gradient),
                      from_sampling=float(share.sum()))


def fitted_frequencies(fitting: Fitting) -> Fitted | None:
    """Compare the numbers seen once, twice, ... with those expected, summed over patterns."""
    if fitting.counts.times.max() > MOST_TIMES or not fitting.model.family.claims_all:
        return None
    times = np.arange(1.0, fitting.counts.times.max() + 1)
    frequencies = fitting.counts.frequencies()
    seen = np.array([float(frequencies.get(int(number), 0)) for number in times])
    return marginal_fit(times, seen, fitting.expected(times))


def least_used(fitting: Fitting) -> int:
    """Return the number of times seen above which people tell of the rate: 1, or 2 where ones are set apart."""
    family = fitting.model.family
    apart = {"inflation", "hurdle"} & set(family.predictors) or not family.used(np.array([1.0]))[0]
    return 2 if apart else 1


def _rival(fitting: Fitting, size: float) -> Iterator[str]:
    """Warn of a second maximum nearly as high that says something else."""
    below = fitting.log_likelihood - float(fitting.fits.rival_log_likelihood[0])
    if below > 2.0:
        return
    other = float(sizes(fitting.likelihood, fitting.fits.rivals)[0])
    if np.isfinite(other) and abs(other - size) > 0.05 * size:
        yield (f"the likelihood has a second maximum, lower by {below:.2g}, at which there are {other:,.0f} people: "
               "the counts hardly tell the two apart")


def _diagnostics(fitting: Fitting, found: Population, fitted: Fitted | None) -> Mapping[str, object]:
    observed, parameters = fitting.counts.n_observed, fitting.likelihood.size
    described: dict[str, object] = {
        "coefficients": fitting.coefficients,
        "coefficient_se": fitting.coefficient_se,
        "left_out": fitting.left_out,
        "log_likelihood": fitting.log_likelihood,
        "aic": 2 * parameters - 2 * fitting.log_likelihood,
        "bic": float(np.log(observed)) * parameters - 2 * fitting.log_likelihood,
        "df_residual": observed - parameters,
        "iterations": int(fitting.fits.iterations[0]),
        "variance_from_coefficients": found.from_coefficients,
        "variance_from_sampling": found.from_sampling,
    }
    if fitted is not None:
        described |= {"fitted_frequencies": fitted.expected, "fit_chi_square": fitted.chi_square,
                      "fit_cells": len(fitted.cells), "fit_p_value": fitted.p_value}
    return described
