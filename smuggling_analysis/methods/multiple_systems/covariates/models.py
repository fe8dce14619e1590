"""Log-linear models of lists x covariates: the population, its strata and their margins from one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import cross_table
from smuggling_analysis.methods.multiple_systems.covariates.em import highest_summit, observable, recording_deviance
from smuggling_analysis.methods.multiple_systems.covariates.results import (
    Asked,
    Described,
    check_options,
    coefficient_table,
    fitted_table,
    strata_estimates,
)
from smuggling_analysis.methods.multiple_systems.covariates.selection import TableChoice, table_chooser
from smuggling_analysis.methods.multiple_systems.covariates.strata_totals import strata_totals
from smuggling_analysis.methods.multiple_systems.covariates.table_existence import require_estimate
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model


@dataclass(frozen=True, eq=False, repr=False)
class CovariateModel:
    """A fitted log-linear model of lists x covariates.

    Parameters
    ----------
    model : str
        The model's terms in words: "police x ngo, police x sex".
    covariates : tuple of str
    total : Estimate
        The population, in persons.
    strata : mapping of tuple of str to Estimate
        People in every combination of the covariates' levels, by their labels, sorted. The values add up to the
        total's.
    margins : mapping of str to mapping of str to Estimate
        People at every level of each covariate.
    coefficients : DataFrame
        Columns `term`, `value`, `se`: logarithms of the expected counts' ratios, against the most frequent
        level. A value of minus infinity lies on the boundary.
    fitted : DataFrame
        One row per history and stratum, those on no list included: a column of 0 and 1 for each list, the
        covariates, and `fitted`, the expected number of people.
    """

    model: str
    covariates: tuple[str, ...]
    total: Estimate
    strata: Mapping[tuple[str, ...], Estimate]
    margins: Mapping[str, Mapping[str, Estimate]]
    coefficients: pd.DataFrame
    fitted: pd.DataFrame

    def margin(self, covariate: str) -> Mapping[str, Estimate]:
        """Return the people at every level of one covariate.

        Raises
        ------
        ValueError
            If it is none of the covariates.
        """
        if covariate not in self.margins:
            raise ValueError(f"{covariate!r} is none of the covariates: {', '.join(self.covariates)}")
        return self.margins[covariate]

    def frame(self) -> pd.DataFrame:
        """Return one row per stratum: the covariates, `observed`, `value`, `lower`, `upper`, `se`."""
        rows = [(*label, one.observed, one.value, one.lower, one.upper, one.se) for label, one in self.strata.items()]
        return pd.DataFrame(rows, columns=[*self.covariates, "observed", "value", "lower", "upper", "se"])

    def __repr__(self) -> str:
        return f"CovariateModel({self.model}; {len(self.strata)} strata; {self.total!r})"


def covariate_model(histories: CaptureHistories, *, covariates: Sequence[str] | None = None,
                    model: str | Iterable[str | Sequence[str]] | Model | None = None,
                    selection: str | None = "bic", max_order: int | None = None, interval: str = "log-normal",
                    resampling: str = "non-parametric", replicates: int = 1000, n_jobs: int = 1,
                    confidence_level: float = 0.95, rng: int | np.random.Generator | None = None) -> CovariateModel:
    """Estimate a population and its strata by one log-linear model of lists x covariates.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more; the variables that make the strata are the covariates.
    covariates : sequence of str, optional
        Those to use, by default all; strata made by others are added together.
    model : str, or generators, optional
        Terms between lists, between lists and covariates, and between covariates, of any order, such as
        `[("police", "ngo"), ("police", "sex"), ("sex", "age")]`, or in numbers, lists first: "[12,14,45]".
        Smaller terms within them, and every list and covariate alone, are always in. A model given is fitted
        as it is.
    selection : {"bic", "aic", "stepwise", None}
        How the model is chosen when none is given. "bic" and "aic" visit every hierarchical model of up to five
        lists and covariates together (four, with terms of three); with more they step forward and backward,
        one term at a time, from independence and from all two-way terms, as "stepwise" always does by BIC. The
        diagnostics say how many models were visited. None takes lists and covariates as independent.
    max_order : int, optional
        The most lists and covariates in one term, 2 unless given.
    interval : {"log-normal", "wald", "bootstrap"}
        Log-normal in those not known to be there (delta method); symmetric; percentiles of a bootstrap that
        repeats the selection among the 100 best models, or by steps from the model chosen.
    resampling, replicates, n_jobs, confidence_level, rng
        As for `loglinear`.

    Returns
    -------
    CovariateModel

    Raises
    ------
    ValueError
        If an option is unknown or a name is neither a list nor a covariate.
    NoEstimate
        If there is one list only, the model has no maximum likelihood estimate on this table, or more than one,
        or fewer than half of the bootstrap replicates have an estimate.

    Notes
    -----
    A covariate that was not recorded for everybody is completed by EM: the value is taken as missing at random
    given the lists and what was recorded. Terms between a list and a covariate that only people on that list
    have recorded cannot be identified and are refused.

    References
    ----------
    Zwane, E. and van der Heijden, P. G. M. (2007). Analysing capture-recapture data when some variables of
    heterogeneous catchability are not collected or asked in all registrations. Statistics in Medicine 26,
    1069-1089.

    van der Heijden, P. G. M., Whittaker, J., Cruyff, M., Bakker, B. and van der Vliet, R. (2012). People born in
    the Middle East but residing in the Netherlands: invariant population size estimates and the role of active
    and passive covariates. Annals of Applied Statistics 6(3), 831-852. doi:10.1214/12-AOAS536

    van der Heijden, P. G. M., Smith, P. A., Cruyff, M. and Bakker, B. (2018). An overview of population size
    estimation where linking registers results in incomplete covariates, with an application to mode of transport
    of serious road casualties. Journal of Official Statistics 34(1), 239-263. doi:10.1515/jos-2018-0011

    Examples
    --------
    >>> table = pd.DataFrame({"police": [1, 1, 0, 1, 1, 0], "ngo": [1, 0, 1, 1, 0, 1],
    ...                       "sex": ["f", "f", "f", "m", "m", "m"], "count": [10, 40, 30, 20, 100, 60]})
    >>> found = covariate_model(CaptureHistories.from_table(table, strata=["sex"]),
    ...                         model=[("police", "sex"), ("ngo", "sex")])
    >>> found.total
    Estimate(680 persons, 95% interval 527.5 to 919.5; loglinear police x sex, ngo x sex; 2 cautions)
    >>> {label: round(one.value) for label, one in found.strata.items()}
    {('f',): 200, ('m',): 480}
    """
    asked = _asked(histories, covariates, interval, resampling, replicates, n_jobs, confidence_level, rng)
    table = cross_table(asked.histories)
    rule = table_chooser(table, model, selection, max_order)
    choice = rule.choose(table)
    require_estimate(choice.fits)
    summit, others = highest_summit(choice.fits)
    choice = TableChoice(summit, choice.visited, choice.estimable, choice.near, choice.ranked)
    described = Described.of(asked, choice, rule, strata_totals(choice.fits), other_summits=others,
                             observable=observable(table), floor=recording_deviance(table))
    total, strata, margins = strata_estimates(asked, choice, rule, described)
    return CovariateModel(described.named, table.covariates, total, strata, margins,
                          coefficient_table(choice.fits, described.totals), fitted_table(choice.fits))


def _asked(histories: CaptureHistories, covariates: Sequence[str] | None, interval: str, resampling: str,
           replicates: int, n_jobs: int, confidence_level: float,
           rng: int | np.random.Generator | None) -> Asked:
    check_options(interval, resampling, replicates, confidence_level)
    if isinstance(covariates, str):
        raise ValueError(f"covariates is a sequence of names, such as [{covariates!r}]")
    used = tuple(histories.stratified_by if covariates is None else covariates)
    if not used:
        raise ValueError("there is no covariate: name the columns that make the strata when the histories are read")
    if histories.n_lists < 2:
        raise NoEstimate(f"there is one list ({histories.lists[0]}), and one list cannot tell whom it misses",
                         "a second list of the same population whose records can be linked")
    left_out = tuple(name for name in histories.stratified_by if name not in used)
    return Asked(histories.restratified(used), histories.fingerprint, left_out, interval, resampling, replicates,
                 n_jobs, confidence_level, np.random.default_rng(rng))
