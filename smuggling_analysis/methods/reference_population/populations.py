"""The hidden population of a fitted model: a total, or one for each group, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import Draws
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.reference_population.cautions import cautions_on
from smuggling_analysis.methods.reference_population.fits import fit_of
from smuggling_analysis.methods.reference_population.limits import Limits, limits_of
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit
from smuggling_analysis.methods.reference_population.totals import Sums, members_by, sums_of

_LARGEST = 1e15


@dataclass(frozen=True, eq=False)
class HiddenPopulations:
    """Hidden populations of groups of rows.

    Parameters
    ----------
    fitted : ReferenceFit
    by : tuple of str
        What the groups are made by.
    labels : tuple of tuple
        Each group's values.
    sums : Sums
        The groups' sums and their covariance.
    estimates : tuple of Estimate or NoEstimate
        The groups' estimates, or why there is none.
    """

    fitted: ReferenceFit
    by: tuple[str, ...]
    labels: tuple[tuple[str | float, ...], ...]
    sums: Sums
    estimates: tuple[Estimate | NoEstimate, ...]

    def __getitem__(self, label: Any) -> Estimate:
        """Return the estimate of a group: `found["2024"]`, `found["2024", "Male"]`.

        Raises
        ------
        KeyError
            If there is no such group.
        NoEstimate
            If the group has no estimate.
        """
        key = label if isinstance(label, tuple) else (label,)
        if key not in self.labels:
            raise KeyError(f"the groups are {', '.join(' '.join(map(str, one)) for one in self.labels[:20])}")
        found = self.estimates[self.labels.index(key)]
        if isinstance(found, NoEstimate):
            raise found
        return found

    def frame(self) -> pd.DataFrame:
        """Return one row for each group.

        Columns are `<by>, observed, plain, value, se, lower, upper, refusal`: `plain` is the sum without bias
        correction, and where there is an estimate `value` is what was asked for.
        """
        _, members = members_by(self.fitted, self.by)
        frame = pd.DataFrame(self.labels, columns=list(self.by)).assign(
            observed=members @ self.fitted.counts.observed, plain=self.sums.plain)
        for name in ("value", "se", "lower", "upper"):
            frame[name] = [math.nan if isinstance(one, NoEstimate) else getattr(one, name) for one in self.estimates]
        return frame.assign(refusal=[str(one) if isinstance(one, NoEstimate) else "" for one in self.estimates])


def hidden_population(evidence: ReferenceCounts | ReferenceFit, *, where: Mapping[str, Any] | None = None,
                      bias_corrected: bool = True, interval: str = "delta", replicates: int = 499,
                      confidence_level: float = 0.95, rng: int | np.random.Generator | None = None,
                      **options: Any) -> Estimate:
    r"""Estimate how many people stay unseen from people apprehended, otherwise recorded and registered, by country.

    The model is :math:`E(m) = N^\alpha (\gamma + n / N)^\beta`, and the estimate :math:`\sum N^\alpha`: see `fit`.

    Parameters
    ----------
    evidence : ReferenceCounts or ReferenceFit
        Counts to be fitted with `options`, or what `fit` made of them.
    where : mapping, optional
        Values of covariates: only these rows are added up, `{"year": "2024"}`; the model is of all rows.
    bias_corrected : bool
        Whether to take off the bias of N to the power of an uncertain exponent.
    interval : {"delta", "bootstrap"}
        Log-normal limits by the delta method, or percentiles of a bootstrap by random weights of the countries.
    replicates : int
        Bootstrap replicates.
    confidence_level : float
        Between 0 and 1.
    rng : int, Generator or None
        Seed or source of randomness.
    **options
        As of `fit`: `method, alpha, beta, gamma, link, covariance`.

    Returns
    -------
    Estimate
        Persons. `diagnostics` holds coefficients and standard errors, gamma, theta, log-likelihood, AIC, BIC,
        deviance, dispersion, the estimate without bias correction, and the range of the total over the gammas that fit
        as well.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the number is far too high where people
    easily found by the second source are easily apprehended beyond what n / N says, and far too low by least squares of
    logarithms; intervals are too short where countries differ in a way that nothing recorded says.

    Raises
    ------
    NoEstimate
        As of `fit`; where the number falls below the people apprehended; where the interval has no end.
    ValueError
        If an option is wrong, or no row has the values of `where`.

    References
    ----------
    Zhang, L.-C. (2008). Developing methods for determining the number of unauthorized foreigners in Norway. Documents
    2008/11, Statistics Norway.

    Beręsewicz, M. & Pawlukiewicz, K. (2020). Estimation of the number of irregular foreigners in Poland using
    non-linear count regression models. arXiv:2008.09407.

    Xu, L., Gotwalt, C., Hong, Y., King, C. B. & Meeker, W. Q. (2020). Applications of the fractional-random-weight
    bootstrap. The American Statistician 74, 345-358. doi:10.1080/00031305.2020.1731599

    Examples
    --------
    >>> from smuggling_analysis.simulate import reference_counts, reference_population
    >>> estimate = hidden_population(reference_counts(alpha=0.7, beta=0.6, gamma=0.005, rng=1))
    >>> estimate.lower < reference_population(alpha=0.7) < estimate.upper
    True
    """
    fitted = fit_of(evidence, **options)
    members = np.ones(len(fitted.logs), dtype=bool) if not where else fitted.counts.where(**where)
    limits = limits_of(fitted, members[np.newaxis], interval, replicates, confidence_level, bias_corrected, rng)
    found = _estimate(fitted, members, limits(0), confidence_level, bias_corrected)
    if isinstance(found, NoEstimate):
        raise found
    return found


def hidden_population_by(evidence: ReferenceCounts | ReferenceFit, by: Sequence[str], *,
                         bias_corrected: bool = True, interval: str = "delta", replicates: int = 499,
                         confidence_level: float = 0.95, rng: int | np.random.Generator | None = None,
                         **options: Any) -> HiddenPopulations:
    """Estimate the hidden population of every group: the same model, added up by covariates or country.

    Parameters
    ----------
    evidence, bias_corrected, interval, replicates, confidence_level, rng, **options
        As of `hidden_population`.
    by : sequence of str
        Covariates or "country": `["year"]`, `["year", "sex"]`.

    Examples
    --------
    >>> from smuggling_analysis.simulate import reference_counts
    >>> counts = reference_counts(alpha=0.7, beta=0.6, gamma=0.005, periods=2, rng=1)
    >>> found = hidden_population_by(counts, ["period"])
    >>> found.frame().columns.tolist()
    ['period', 'observed', 'plain', 'value', 'se', 'lower', 'upper', 'refusal']
    """
    if isinstance(by, str) or not by:
        raise ValueError(f"by is a list of covariates, such as ['year'], got {by!r}")
    fitted = fit_of(evidence, **options)
    labels, members = members_by(fitted, tuple(by))
    limits = limits_of(fitted, members, interval, replicates, confidence_level, bias_corrected, rng)
    estimates = tuple(_estimate(fitted, own, limits(place), confidence_level, bias_corrected)
                      for place, own in enumerate(members))
    return HiddenPopulations(fitted, tuple(by), tuple(labels), sums_of(fitted, members), estimates)


def _estimate(fitted: ReferenceFit, members: NDArray[np.bool_], limits: Limits, confidence_level: float,
              bias_corrected: bool) -> Estimate | NoEstimate:
    sums = sums_of(fitted, members[np.newaxis])
    value = float(sums.values(bias_corrected=bias_corrected)[0])
    observed = int(fitted.counts.observed[members].sum())
    if value < observed:
        return NoEstimate(f"the model has {value:,.0f} people hidden, and {observed:,} of them were apprehended: it "
                          "does not describe these counts", 'method="poisson", covariates, or another gamma')
    if not limits.upper < _LARGEST or not math.isfinite(limits.se):
        return NoEstimate("the counts do not determine the number: its interval has no end",
                          "fewer covariates, or more countries")
    return Estimate(
        value=value, lower=limits.lower, upper=limits.upper, unit="persons", method=fitted.model.described,
        observed=observed, se=limits.se, confidence_level=confidence_level, interval=limits.named, draws=limits.draws,
        diagnostics=_diagnostics(fitted, sums, limits.draws),
        cautions=tuple(cautions_on(fitted, members, (limits.lower, limits.upper))),
        fingerprint=fitted.counts.fingerprint, simulated=fitted.counts.simulated)


def _diagnostics(fitted: ReferenceFit, sums: Sums, draws: Draws | None) -> dict[str, Any]:
    described: dict[str, Any] = {
        "coefficients": fitted.coefficients, "coefficient_se": fitted.coefficient_se, "gamma": fitted.gamma,
        "theta": fitted.theta, "log_likelihood": fitted.log_likelihood, "aic": fitted.aic, "bic": fitted.bic,
        "deviance": fitted.deviance, "dispersion": fitted.dispersion, "plain": float(sums.plain[0]),
        "bias_corrected": float(sums.corrected[0])}
    if fitted.model.estimates_gamma:
        profile = fitted.gamma_profile
        described |= {"gamma_interval": (profile.lower, profile.upper),
                      "totals_over_gamma": (profile.least, profile.most)}
    if draws is not None:
        described["bootstrap_median"] = float(np.median(draws.values))
    return described
