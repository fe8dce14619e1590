"""Chao's lower bound, one-inflated or not, and Zelterman's estimator: N from those seen once, twice, three times."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.families.family import Family
from smuggling_analysis.methods.single_register.families.ones_and_twos import (
    CHAO,
    ONE_INFLATED_CHAO,
    ZELTERMAN,
)
from smuggling_analysis.methods.single_register.fitting import Model
from smuggling_analysis.methods.single_register.goodness import in_words
from smuggling_analysis.methods.single_register.population import estimate_population


def chao(counts: RepeatCounts, *, formula: str | None = None, exposure: str | None = None,
         covariance: str = "observed", interval: str = "log-normal", resampling: str = "parametric",
         replicates: int = 1000, confidence_level: float = 0.95,
         rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from below: Chao's lower bound, with covariates where a formula is given.

    Without covariates N = n + f1^2 / (2 f2), with f1 people seen once and f2 twice. With covariates the rate
    of each pattern comes from a logistic regression of "twice" against "once", and the bound is the sharper.

    On populations of known size (`smuggling_analysis.published_validation`) it holds the truth where
    everybody is alike, is the lower bound it claims to be where people differ, and is no bound at all, but far too
    high, where some can be seen only once: those who hide, are expelled, or are visitors.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ..., per covariate pattern.
    formula : str, optional
        Covariates of log(rate / 2): "gender + age". Text is compared with its first level in sorted order.
    exposure : str, optional
        A covariate that says how long each person could be seen, in any unit: rates are per unit of it.
    covariance : {"observed", "expected", "sandwich", "HC0"}
        Of the coefficients, as in `truncated_count`.
    interval : {"log-normal", "normal", "bootstrap", "bca"}
        As Chao 1987, or symmetric: both are in `diagnostics["intervals"]`. Or of a bootstrap, as in
        `truncated_count`.
    resampling, replicates, rng
        As in `truncated_count`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Persons. The variance is the delta method's plus (1 - p1 - p2) (1 + missed)^2 for each person seen
        once or twice. Without covariates `diagnostics` also has `se_chao_1987`, from Chao's own variance
        (smaller by a hair), and `bias_corrected`, the estimate n + f1 (f1 - 1) / {2 (f2 + 1)}.

    Raises
    ------
    NoEstimate
        If nobody was seen exactly once or exactly twice, in all or at some covariate level: it is named.
    ValueError
        If the formula or an option is unknown.

    References
    ----------
    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal catchability.
    Biometrics 43, 783-791. doi:10.2307/2531532

    Böhning, D., Vidal-Diez, A., Lerdsuwansri, R., Viwatwongkasem, C. & Arnold, M. (2013). A generalization of
    Chao's estimator for covariate information. Biometrics 69, 1033-1042. doi:10.1111/biom.12082

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> round(chao(counts).value, 4)
    9273.5109
    """
    estimate = _bound(counts, CHAO, formula, exposure, covariance=covariance, interval=interval,
                      resampling=resampling, replicates=replicates, confidence_level=confidence_level, rng=rng)
    if formula is not None or exposure is not None:
        return estimate
    once, twice = int(counts.seen(1).sum()), int(counts.seen(2).sum())
    ratio = once / twice
    closed = {"se_chao_1987": math.sqrt(twice * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)),
              "bias_corrected": counts.n_observed + once * (once - 1) / (2 * (twice + 1))}
    return replace(estimate, diagnostics={**estimate.diagnostics, **closed})


def zelterman(counts: RepeatCounts, *, formula: str | None = None, exposure: str | None = None,
              covariance: str = "observed", interval: str = "log-normal", resampling: str = "parametric",
              replicates: int = 1000, confidence_level: float = 0.95,
              rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population by Zelterman's estimator, with covariates where a formula is given.

    The rate comes from those seen once and twice alone (without covariates 2 f2 / f1), who are most like
    those never seen; each person seen then stands for 1 / (1 - exp(-rate)) people.

    On populations of known size (`smuggling_analysis.published_validation`) it does as Chao's bound
    does, a little higher: right where everybody is alike, too low where people differ, far too high where some can
    be seen only once.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ..., per covariate pattern.
    formula : str, optional
        Covariates of log(rate / 2): "gender + age". Text is compared with its first level in sorted order.
    exposure : str, optional
        A covariate that says how long each person could be seen, in any unit: rates are per unit of it.
    covariance : {"observed", "expected", "sandwich", "HC0"}
        Of the coefficients, as in `truncated_count`.
    interval : {"log-normal", "normal", "bootstrap", "bca"}
        Log-normal in the number missed, or symmetric: both are in `diagnostics["intervals"]`. Or of a
        bootstrap, as in `truncated_count`.
    resampling, replicates, rng
        As in `truncated_count`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Persons.

    Raises
    ------
    NoEstimate
        If nobody was seen exactly once or exactly twice, in all or at some covariate level: it is named.
    ValueError
        If the formula or an option is unknown.

    References
    ----------
    Zelterman, D. (1988). Robust estimation in truncated discrete distributions with application to
    capture-recapture experiments. Journal of Statistical Planning and Inference 18, 225-237.
    doi:10.1016/0378-3758(88)90007-9

    Böhning, D. & van der Heijden, P. G. M. (2009). A covariate adjustment for zero-truncated approaches to
    estimating the size of hidden and elusive populations. Annals of Applied Statistics 3, 595-610.
    doi:10.1214/08-AOAS214

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> round(zelterman(counts).value, 3)
    9424.555
    """
    return _bound(counts, ZELTERMAN, formula, exposure, covariance=covariance, interval=interval,
                  resampling=resampling, replicates=replicates, confidence_level=confidence_level, rng=rng)


def one_inflated_chao(counts: RepeatCounts, *, formula: str | None = None, exposure: str | None = None,
                      covariance: str = "observed", interval: str = "log-normal", resampling: str = "parametric",
                      replicates: int = 1000, confidence_level: float = 0.95,
                      rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from below where too many were seen just once: Chao's bound from twos and threes.

    Where people are expelled, learn to hide or are misspelt the second time, those seen once are too many for
    any distribution. They are counted as they are; the rate comes from those seen twice and three times:
    N = n + (2 / 9) f2^3 / f3^2 without covariates.

    On populations of known size (`smuggling_analysis.published_validation`) it is a lower bound, and a
    low one, where some can be seen only once and where people differ; its interval often lies below the truth. Where
    people are expelled when they are seen it is no bound, but far too high.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ..., per covariate pattern.
    formula : str, optional
        Covariates of log(rate / 3): "gender + age". Text is compared with its first level in sorted order.
    exposure : str, optional
        A covariate that says how long each person could be seen, in any unit: rates are per unit of it.
    covariance : {"observed", "expected", "sandwich", "HC0"}
        Of the coefficients, as in `truncated_count`.
    interval : {"log-normal", "normal", "bootstrap", "bca"}
        Log-normal in the number missed, or symmetric: both are in `diagnostics["intervals"]`. Or of a
        bootstrap, as in `truncated_count`.
    resampling, replicates, rng
        As in `truncated_count`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Persons.

    Raises
    ------
    NoEstimate
        If nobody was seen exactly twice or exactly three times, in all or at some covariate level: it is named.
    ValueError
        If the formula or an option is unknown.

    References
    ----------
    Böhning, D., Kaskasamkul, P. & van der Heijden, P. G. M. (2019). A modification of Chao's lower bound
    estimator in the case of one-inflation. Metrika 82, 361-384. doi:10.1007/s00184-018-0689-5

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> round(one_inflated_chao(counts).value, 4)
    2874.8035
    """
    return _bound(counts, ONE_INFLATED_CHAO, formula, exposure, covariance=covariance, interval=interval,
                  resampling=resampling, replicates=replicates, confidence_level=confidence_level, rng=rng)


def _bound(counts: RepeatCounts, family: Family, formula: str | None, exposure: str | None,
           **options: Any) -> Estimate:
    fewer, more = (2, 3) if family is ONE_INFLATED_CHAO else (1, 2)
    for times in (fewer, more):
        if not counts.seen(times).sum():
            raise NoEstimate(f"nobody was seen exactly {in_words(times)}: {family.title} needs some of both kinds",
                             f"people seen {in_words(fewer)} and people seen {in_words(more)}, "
                             "or a method that uses all counts")
    return estimate_population(counts, Model(family=family, formulas={"rate": formula}, exposure=exposure), **options)
