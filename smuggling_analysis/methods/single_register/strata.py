"""Parts of a population by covariates, from one fit to all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.intervals import INTERVALS, check_options
from smuggling_analysis.methods.single_register.population import population_of, sizes

Label = tuple[str | float, ...]


@dataclass(frozen=True, eq=False)
class Strata:
    """A population by strata.

    Parameters
    ----------
    by : tuple of str
        The covariates that make the strata.
    estimates : dict
        An estimate for each stratum: `{("female", "<40yrs"): Estimate, ...}`.
    covariance : (strata, strata) array
        Covariances of the strata's estimates, which share their coefficients: the sum of all of it is the
        variance of the total. Strata's standard errors do not add up as those of independent numbers would.
    total : float
        The strata's sum: the estimate of the whole population.
    """

    by: tuple[str, ...]
    estimates: dict[Label, Estimate]
    covariance: Array
    total: float

    @property
    def total_se(self) -> float:
        """Standard error of the total."""
        return float(np.sqrt(self.covariance.sum()))

    @property
    def frame(self) -> pd.DataFrame:
        """One row per stratum: seen, estimated, share seen, standard error and both intervals."""
        rows = []
        for label, one in self.estimates.items():
            limits = one.diagnostics["intervals"]
            seen = float(one.observed or 0)
            rows.append((*label, int(seen), one.value, seen / one.value, one.se, *limits["normal"],
                         *limits["log-normal"]))
        columns = ["observed", "estimated", "share_seen", "se", "normal_lower", "normal_upper",
                   "log_normal_lower", "log_normal_upper"]
        return pd.DataFrame(rows, columns=[*self.by, *columns])


def by_stratum(fitting: Fitting, by: str | Sequence[str], *, interval: str = "log-normal",
               confidence_level: float = 0.95) -> Strata:
    """Split an estimated population by any covariates of its register, from the one fit to all of it.

    Every stratum's variance has the two parts of the total's: that of the coefficients, which the strata share,
    and that of who happened to be seen. The covariates need not be in the formulas; where they are not, people
    of one pattern count alike in every stratum.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`.
    by : str, or sequence of str
        A covariate, or several to be crossed.
    interval : {"log-normal", "normal"}
        Of each estimate; both are in the frame.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Strata

    Raises
    ------
    ValueError
        If a covariate or an option is unknown.

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register.any_fit import fit_register
    >>> table = pd.DataFrame({"sex": ["f", "f", "m", "m"], "times_caught": [1, 2, 1, 2],
    ...                       "n_persons": [300, 60, 500, 50]})
    >>> strata = by_stratum(fit_register(RepeatCounts.from_table(table, covariates=["sex"]), formula="sex"), "sex")
    >>> strata.frame[["sex", "observed", "estimated"]].round(1).to_numpy().tolist()
    [['f', 360, 1326.4], ['m', 550, 3397.1]]
    """
    check_options(interval, confidence_level)
    names = (by,) if isinstance(by, str) else tuple(by)
    labels, persons = _split(fitting, names)
    found = population_of(fitting)
    likelihood = fitting.likelihood.with_persons(persons)
    coefficients = np.repeat(fitting.fits.coefficients, len(labels), axis=0)
    values = sizes(likelihood, coefficients, np.arange(len(labels)))
    gradients, sampling = _slopes(fitting, persons)
    covariance = gradients @ fitting.covariance @ gradients.T + np.diag(sampling)
    estimates = {label: _estimate(fitting, names, label, float(values[row]), float(covariance[row, row]),
                                  float(persons[row].sum()), interval, confidence_level)
                 for row, label in enumerate(labels)}
    return Strata(names, estimates, covariance, found.size)


def _split(fitting: Fitting, names: tuple[str, ...]) -> tuple[list[Label], Array]:
    """Return the strata's labels and people: (strata, merged patterns, columns)."""
    counts = fitting.counts
    if not names or (unknown := [name for name in names if name not in counts.covariates]):
        raise ValueError(f"the covariates of this register are {', '.join(counts.covariates) or 'none'}, "
                         f"got {', '.join(unknown) if names else 'none'}")
    columns = [counts.covariates.index(name) for name in names]
    own = [tuple(pattern[column] for column in columns) for pattern in counts.patterns]
    labels = sorted(set(own))
    place = {label: row for row, label in enumerate(labels)}
    kinds = fitting.likelihood.persons.shape[1]
    persons = np.zeros((len(labels), kinds, len(counts.times)))
    rows = np.array([place[label] for label in own])
    np.add.at(persons, (rows, fitting.kind), counts.persons)
    return labels, persons


def _slopes(fitting: Fitting, persons: Array) -> tuple[Array, Array]:
    """Return each stratum's derivatives by the coefficients, and its variance that comes from sampling."""
    likelihood, at = fitting.likelihood, fitting.predictors
    with np.errstate(all="ignore"):
        jet = likelihood.family.stands_for(likelihood.times, at)
        shares = likelihood.family.sampling_variance(likelihood.times, at)
    cells = persons.shape[1:]
    by_predictor = [_sum_over_times(persons, np.broadcast_to(one, cells))
                    for one in np.broadcast_to(jet.gradient, (len(at), *cells))]
    return likelihood.gradient(by_predictor), _sum_over_times(persons, np.broadcast_to(shares, cells)).sum(axis=1)


def _sum_over_times(persons: Array, each: Array) -> Array:
    # Nobody in a cell without a finite value is no contradiction.
    return np.asarray(np.where(persons > 0, persons * each, 0.0).sum(axis=-1))


def _estimate(fitting: Fitting, names: tuple[str, ...], label: Label, value: float, variance: float,
              observed: float, interval: str, confidence_level: float) -> Estimate:
    counts, se = fitting.counts, float(np.sqrt(variance))
    limits = {name: limits_of(value, se, observed, confidence_level) for name, limits_of in INTERVALS.items()}
    lower, upper = limits[interval]
    return Estimate(
        value=max(value, observed), lower=lower, upper=upper, unit="persons",
        method=fitting.model.described(fitting.designs), confidence_level=confidence_level,
        population=" and ".join(f"{name} = {one}" for name, one in zip(names, label, strict=True)),
        observed=observed, se=se, interval=interval, diagnostics={"intervals": limits},
        fingerprint=counts.fingerprint, simulated=counts.simulated)
