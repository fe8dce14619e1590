"""Reference counts of populations of known size: apprehended, otherwise recorded, registered, by country."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smuggling_analysis.evidence.reference_counts import ReferenceCounts

COUNTRIES = 120
_SPREAD, _MIDDLE = 2.0, 6.0
_RATE, _RATES_SPREAD = 0.03, 1.2


def reference_counts(*, alpha: float = 0.75, beta: float = 0.6, gamma: float = 0.005, countries: int = COUNTRIES,
                     periods: int = 1, rate: float = _RATE, frailty: float = 0.0, dependence: float = 0.0,
                     dispersion: float | None = None,
                     rng: int | np.random.Generator | None = None) -> ReferenceCounts:
    """Simulate what is counted of people of many countries whose hidden population is known.

    The registered are the same in every draw (log-normal quantiles), so that the truth is, too: see
    `reference_population`. The second source records a Poisson number of them, at rates that differ by country.

    Parameters
    ----------
    alpha, beta, gamma : float
        Of the model: N^alpha people are hidden, and (gamma + n / N)^beta of them are apprehended.
    countries, periods : int
        Rows are every country in every period; with more than one there is a covariate `period`.
    rate : float
        The median of n / N.
    frailty : float
        Standard deviation of the logarithm of a factor (mean 1) of a country's hidden people's chance of being
        apprehended, the same in all periods: what no count records.
    dependence : float
        What the logarithm of detection gains for each unit by which the logarithm of a country's n / N is higher
        than usual: above 0 where the second source finds who is easily apprehended anyway.
    dispersion : float, optional
        Theta of a negative binomial distribution of the apprehended; without it they are Poisson.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    ReferenceCounts
        Marked as simulated.

    Raises
    ------
    ValueError
        If an option is out of range.
    BadInput
        If nobody was apprehended.

    Examples
    --------
    >>> reference_counts(countries=40, rng=1).simulated
    True
    """
    if countries < 2 or periods < 1 or not rate > 0 or gamma < 0 or frailty < 0 or (dispersion or 1.0) <= 0:
        raise ValueError("countries is 2 or more, periods 1 or more, rate and dispersion above 0, gamma and frailty 0 "
                         f"or more, got {countries}, {periods}, {rate}, {dispersion}, {gamma}, {frailty}")
    rng = np.random.default_rng(rng)
    registered = np.tile(_registered(countries), (periods, 1))
    usual = _RATES_SPREAD * rng.standard_normal(countries)
    recorded = rng.poisson(registered * rate * np.exp(usual))
    detection = (gamma + recorded / registered) ** beta * np.exp(dependence * usual)
    detection = detection * np.exp(frailty * rng.standard_normal(countries) - frailty**2 / 2)
    mean = registered**alpha * detection
    if dispersion is not None:
        mean = mean * rng.gamma(dispersion, 1.0 / dispersion, mean.shape)
    table = pd.DataFrame({
        "country": np.tile([f"country {place:03d}" for place in range(countries)], periods),
        "period": np.repeat([f"period {place}" for place in range(1, periods + 1)], countries),
        "observed": rng.poisson(mean).ravel(), "auxiliary": recorded.ravel(),
        "reference": registered.ravel().astype(np.int64)})
    return ReferenceCounts.from_table(table, covariates=["period"] if periods > 1 else [], simulated=True)


def reference_population(*, alpha: float = 0.75, countries: int = COUNTRIES) -> float:
    """Return the people hidden in one period of `reference_counts`: the truth to be estimated.

    Examples
    --------
    >>> round(reference_population(alpha=0.0, countries=40))
    40
    """
    return float((_registered(countries) ** alpha).sum())


def _registered(countries: int) -> np.ndarray:
    """Return the registered of each country: (countries,) array of whole numbers."""
    from scipy.special import ndtri

    scores = ndtri((np.arange(countries) + 0.5) / countries)
    return np.ceil(np.exp(_MIDDLE + _SPREAD * scores))
