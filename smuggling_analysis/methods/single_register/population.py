"""From counts and a model to an estimate of the population: what every fitted method of this package does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.cautions import MOST_TIMES, cautions_on
from smuggling_analysis.methods.single_register.covariance import COVARIANCES
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fitting import Fitting, Model
from smuggling_analysis.methods.single_register.goodness import Fitted, marginal_fit
from smuggling_analysis.methods.single_register.intervals import INTERVALS, check_options
from smuggling_analysis.methods.single_register.kept_fits import fit
from smuggling_analysis.methods.single_register.likelihood import Likelihood, Which
from smuggling_analysis.methods.single_register.refusals import refuse_unreached

_LARGEST = 1e15


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
        """Standard error."""
        return float(np.sqrt(self.from_coefficients + self.from_sampling))


def estimate_population(counts: RepeatCounts, model: Model, *, interval: str, confidence_level: float,
                        covariance: str = "observed") -> Estimate:
    """Fit a model to the counts and estimate how many people there are.

    Raises
    ------
    NoEstimate
        If the likelihood has no finite maximum, does not converge or is flat, with the covariate level or
        the parameter named.
    ValueError
        If an option or a formula is wrong.
    """
    check_options(interval, confidence_level)
    if covariance not in COVARIANCES:
        raise ValueError(f"covariance is one of {', '.join(COVARIANCES)}, got {covariance!r}")
    fitting = fit(counts, model, covariance=covariance)
    return estimate_of(fitting, interval=interval, confidence_level=confidence_level)


def estimate_of(fitting: Fitting, *, interval: str, confidence_level: float) -> Estimate:
    """Estimate the population from a fitted model."""
    found = population_of(fitting)
    counts, observed = fitting.counts, fitting.counts.n_observed
    if not found.size < _LARGEST or not np.isfinite(found.se):
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
    likelihood, at = fitting.likelihood, fitting.predictors
    persons, times = likelihood.persons[0], likelihood.times
    with np.errstate(all="ignore"):
        jet = likelihood.family.stands_for(times, at)
        each = np.broadcast_to(jet.gradient, (len(at), *persons.shape))
        by_predictor = np.where(persons > 0, persons * each, 0.0)
        share = np.where(persons > 0, persons * likelihood.family.sampling_variance(times, at), 0.0)
    matters = np.abs(by_predictor).sum(axis=2) > 0
    refuse_unreached(fitting.counts, fitting.designs, matters[:, fitting.kind])
    gradient = likelihood.gradient(list(by_predictor.sum(axis=2)))
    return Population(size=float(sizes(likelihood, fitting.fits.coefficients)[0]),
                      from_coefficients=float(gradient @ fitting.covariance @ gradient),
                      from_sampling=float(share.sum()))


def sizes(likelihood: Likelihood, coefficients: Array, which: Which | None = None) -> Array:
    """Sum what each person seen stands for, in many replicates at once: (points,).

    Parameters
    ----------
    likelihood : Likelihood
        With the people of every replicate.
    coefficients : (points, coefficients) array
        One row of coefficients for each point.
    which : (points,) array of int, optional
        The replicate of each point; the first unless given.
    """
    which = np.zeros(len(coefficients), dtype=np.int64) if which is None else which
    return np.concatenate([by_pattern(likelihood, coefficients[chunk], which[chunk]).sum(axis=-1)
                           for chunk in likelihood.chunks(len(coefficients))])


def by_pattern(likelihood: Likelihood, coefficients: Array, which: Which) -> Array:
    """Return how many people, seen or not, there are of each merged pattern: (points, patterns)."""
    persons = likelihood.persons[which]
    with np.errstate(all="ignore"):
        each = likelihood.family.stands_for(likelihood.times, likelihood.predictors(coefficients)).value
        return np.where(persons > 0, persons * each, 0.0).sum(axis=-1)


def fitted_frequencies(fitting: Fitting) -> Fitted | None:
    """Compare the numbers seen once, twice, ... with those expected, summed over patterns."""
    likelihood = fitting.likelihood
    if likelihood.times.max() > MOST_TIMES:
        return None
    times = np.arange(1.0, likelihood.times.max() + 1)
    chances = likelihood.family.probability(times, fitting.predictors)
    if chances is None:
        return None
    people = likelihood.persons[0].sum(axis=1)
    expected = people @ np.broadcast_to(chances, (len(people), len(times)))
    frequencies = fitting.counts.frequencies()
    return marginal_fit(times, np.array([float(frequencies.get(int(k), 0)) for k in times]), expected)


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
