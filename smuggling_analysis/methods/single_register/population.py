"""From counts and a family to an estimate of the population: what every method of this package does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.cautions import MOST_TIMES, cautions_on
from smuggling_analysis.methods.single_register.design import Design, design_of
from smuggling_analysis.methods.single_register.families.family import Array, Family
from smuggling_analysis.methods.single_register.goodness import Fitted, marginal_fit
from smuggling_analysis.methods.single_register.intervals import INTERVALS, check_options
from smuggling_analysis.methods.single_register.likelihood import Fit, Likelihood, maximise, rises_for_ever
from smuggling_analysis.methods.single_register.naming import in_words, levels_within


@dataclass(frozen=True, eq=False)
class Fitting:
    """A family fitted to counts.

    Parameters
    ----------
    counts : RepeatCounts
        The evidence.
    design : Design
        The rate's design matrix.
    likelihood : Likelihood
        What was maximised.
    fit : Fit
        Where, in the design's basis.
    covariance : (coefficients, coefficients) array
        Covariance of the basis's coefficients.
    """

    counts: RepeatCounts
    design: Design
    likelihood: Likelihood
    fit: Fit
    covariance: Array

    @property
    def predictors(self) -> Array:
        """The fitted linear predictors: (predictors, patterns, 1)."""
        return self.likelihood.predictors(self.fit.coefficients)

    @property
    def coefficients(self) -> dict[str, float]:
        """The coefficients by name."""
        values = np.linalg.solve(self.design.triangle, self.fit.coefficients)
        return dict(zip(self.design.names, values.tolist(), strict=True))

    @property
    def coefficient_se(self) -> dict[str, float]:
        """The coefficients' standard errors by name."""
        half = np.linalg.solve(self.design.triangle, np.linalg.cholesky(self.covariance))
        return dict(zip(self.design.names, np.sqrt((half**2).sum(axis=1)).tolist(), strict=True))


@dataclass(frozen=True)
class Population:
    """The estimated size and the two parts of its variance.

    Parameters
    ----------
    size : float
        People, seen and unseen.
    from_coefficients : float
        Variance that comes from the coefficients (delta method).
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


def estimate_population(counts: RepeatCounts, family: Family, *, formula: str | None, interval: str,
                        confidence_level: float, method: str) -> Estimate:
    """Fit `family` to the counts and estimate how many people there are.

    Raises
    ------
    NoEstimate
        If the likelihood has no finite maximum, does not converge or is flat, with the covariate level named.
    ValueError
        If an option or the formula is wrong.
    """
    check_options(interval, confidence_level)
    fitting = fit_family(counts, family, formula)
    found = population_of(fitting)
    observed = counts.n_observed
    limits = {name: limits_of(found.size, found.se, observed, confidence_level)
              for name, limits_of in INTERVALS.items()}
    fitted = fitted_frequencies(fitting)
    return Estimate(
        value=found.size, lower=limits[interval][0], upper=limits[interval][1], unit="persons",
        method=f"{method} ({formula})" if fitting.design.covariates else method,
        confidence_level=confidence_level, observed=observed, se=found.se, interval=interval,
        diagnostics={**_diagnostics(fitting, found, fitted), "intervals": limits},
        cautions=tuple(cautions_on(counts, fitting.design, found.size, fitted)),
        fingerprint=counts.fingerprint, simulated=counts.simulated,
    )


def fit_family(counts: RepeatCounts, family: Family, formula: str | None) -> Fitting:
    """Fit a family by maximum likelihood, or refuse.

    Raises
    ------
    NoEstimate
        If the likelihood has no finite maximum, does not converge or is flat.
    """
    times, persons = counts.times.astype(float), counts.persons.astype(float)
    used = persons[:, family.used(times)].sum(axis=1) > 0
    design = design_of(counts, formula, used)
    likelihood = Likelihood(family, [design.basis], times, persons)
    fit = maximise(likelihood)
    if (moves := rises_for_ever(likelihood, fit)) is not None:
        raise _runs_off(counts, design, moves[0])
    if fit.covariance is None or not fit.converged:
        reason = "the likelihood is flat" if fit.covariance is None else "the fit did not converge"
        raise NoEstimate(f"{reason}: the counts do not determine the coefficients {', '.join(design.names)}",
                         "fewer covariates, or more people seen more than once")
    return Fitting(counts, design, likelihood, fit, fit.covariance)


def population_of(fitting: Fitting) -> Population:
    """Sum what each person seen stands for; variance by the delta method and the sampling of persons.

    Source: van der Heijden et al. 2003, Statistical Modelling 3, 305-322, doi:10.1191/1471082X03st057oa.
    """
    family, times, persons = fitting.likelihood.family, fitting.likelihood.times, fitting.likelihood.persons
    at = fitting.predictors
    by_predictor = persons * family.stands_for_gradient(times, at)
    _refuse_unreached(fitting, by_predictor)
    gradient = fitting.likelihood.gradient(by_predictor)
    return Population(size=float((persons * family.stands_for(times, at)).sum()),
                      from_coefficients=float(gradient @ fitting.covariance @ gradient),
                      from_sampling=float((persons * family.stands_for_variance(times, at)).sum()))


def fitted_frequencies(fitting: Fitting) -> Fitted | None:
    """Compare the numbers seen once, twice, ... with those expected, summed over patterns."""
    family = fitting.likelihood.family
    if family.probability is None:
        return None
    if fitting.likelihood.times.max() > MOST_TIMES:
        return None
    times = np.arange(1.0, fitting.likelihood.times.max() + 1)
    people = fitting.likelihood.persons.sum(axis=1)
    chances = np.broadcast_to(family.probability(times, fitting.predictors), (len(people), len(times)))
    frequencies = fitting.counts.frequencies()
    return marginal_fit(times, np.array([float(frequencies.get(int(k), 0)) for k in times]), people @ chances)


def _runs_off(counts: RepeatCounts, design: Design, moves: Array) -> NoEstimate:
    moving = np.abs(moves) > 1e-3
    if (moves > 1e-3).any() and (moves < -1e-3).any():
        fact = f"by {', '.join(design.covariates)} those seen once are told from the others without exception"
    else:
        whither = "grows without end" if moves[moving].mean() > 0 else "falls to zero"
        names = in_words(levels_within(counts, design.covariates, moving))
        fact = f"it rises for ever as the rate of being seen of {names} {whither}"
    return NoEstimate(f"the likelihood has no finite maximum: {fact}",
                      "people of this kind seen once and more often, or a grouping that joins them to others")


def _refuse_unreached(fitting: Fitting, by_predictor: Array) -> None:
    """Refuse where N depends on the rate of people about whom the likelihood says nothing."""
    lost = ~fitting.design.reached & (np.abs(by_predictor).sum(axis=(0, 2)) > 0)
    if lost.any():
        names = in_words(levels_within(fitting.counts, fitting.design.covariates, lost))
        raise NoEstimate(f"the rate of {names} is not determined: nobody of this kind enters the likelihood",
                         "people of this kind seen once or twice, or a coarser grouping")


def _diagnostics(fitting: Fitting, found: Population, fitted: Fitted | None) -> dict[str, object]:
    fit = fitting.fit
    observed, parameters = fitting.counts.n_observed, len(fit.coefficients)
    described: dict[str, object] = {
        "coefficients": fitting.coefficients,
        "coefficient_se": fitting.coefficient_se,
        "left_out": fitting.design.left_out,
        "log_likelihood": fit.log_likelihood,
        "aic": 2 * parameters - 2 * fit.log_likelihood,
        "bic": float(np.log(observed)) * parameters - 2 * fit.log_likelihood,
        "df_residual": observed - parameters,
        "iterations": fit.iterations,
        "variance_from_coefficients": found.from_coefficients,
        "variance_from_sampling": found.from_sampling,
    }
    if fitted is not None:
        described |= {"fitted_frequencies": fitted.expected, "fit_chi_square": fitted.chi_square,
                      "fit_cells": len(fitted.cells), "fit_p_value": fitted.p_value}
    return described
