"""Deaths per departure, with intervals that know that people in one boat live or die together."""

from __future__ import annotations

import math

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.voyages import Voyages

Limits = tuple[float, float]


def death_rate(voyages: Voyages, *, per: int = 1000, within_boat_correlation: float = 1.0,
               confidence_level: float = 0.95) -> Estimate:
    """Estimate the rate of death among those who departed.

    If deaths were independent, the limits would be those of Clopper and Pearson. At sea they come by the
    boatload. Where the number of boats is known, deaths and departures are divided by the design effect
    1 + (people per boat - 1) x correlation before the limits are taken, as Korn and Graubard do for clustered
    surveys; a correlation of 1 treats every boat as wholly lost or wholly safe. Boats are taken to be of
    similar size: where a few carry most of the people, the interval is still too narrow.

    Parameters
    ----------
    voyages : Voyages
        Deaths, departures and, where known, boats.
    per : int
        Deaths per so many departures. With 1 the unit is "deaths per departure", which multiplies with
        departures.
    within_boat_correlation : float
        Correlation of the fates of two people in one boat, from 0 (independent) to 1 (the same fate).
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Deaths per `per` departures. `diagnostics` holds both intervals ("deaths independent" and "by boat"),
        the design effect and the effective numbers of departures and deaths.

    Raises
    ------
    ValueError
        If an option is out of range.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case
    of the binomial. Biometrika 26, 404-413. doi:10.1093/biomet/26.4.404

    Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data. Survey Methodology 24, 193-201.

    Examples
    --------
    >>> rate = death_rate(Voyages(deaths=348, departures=3500, boats=39, place="Andaman Sea", period="2022"))
    >>> round(rate.value, 1), round(rate.lower, 1), round(rate.upper, 1), rate.unit
    (99.4, 27.0, 238.2, 'deaths per 1,000 departures')
    """
    _check(per, within_boat_correlation, confidence_level)
    rate = voyages.deaths / voyages.departures
    effect = _design_effect(voyages, within_boat_correlation)
    departures, deaths = voyages.departures / effect, voyages.deaths / effect
    limits = {"deaths independent": clopper_pearson(voyages.deaths, voyages.departures, confidence_level)}
    if voyages.boats is not None:
        limits["by boat"] = clopper_pearson(deaths, departures, confidence_level)
    lower, upper = limits.get("by boat", limits["deaths independent"])
    return Estimate(
        value=per * rate, lower=per * lower, upper=per * upper, confidence_level=confidence_level,
        unit="deaths per departure" if per == 1 else f"deaths per {per:,} departures",
        method="recorded death rate", population="people who departed",
        place=voyages.place, period=voyages.period,
        se=per * math.sqrt(rate * (1 - rate) / departures),
        interval=_interval(voyages, within_boat_correlation),
        diagnostics={"intervals": {name: (per * low, per * high) for name, (low, high) in limits.items()},
                     "design_effect": effect, "effective_departures": departures, "effective_deaths": deaths},
        cautions=tuple(_cautions(voyages)), fingerprint=voyages.fingerprint, simulated=voyages.simulated,
    )


def clopper_pearson(events: float, trials: float, confidence_level: float) -> Limits:
    """Return Clopper and Pearson's limits of a probability; the numbers may be effective ones, not whole.

    Examples
    --------
    >>> [round(limit, 4) for limit in clopper_pearson(0, 20, 0.95)]
    [0.0, 0.1684]
    """
    from scipy.special import betaincinv

    tail = (1 - confidence_level) / 2
    lower = float(betaincinv(events, trials - events + 1, tail)) if events > 0 else 0.0
    upper = float(betaincinv(events + 1, trials - events, 1 - tail)) if events < trials else 1.0
    return lower, upper


def _check(per: int, correlation: float, confidence_level: float) -> None:
    if per < 1:
        raise ValueError(f"per is a number of departures, 1 or more, got {per}")
    if not 0 <= correlation <= 1:
        raise ValueError(f"within_boat_correlation lies between 0 and 1, got {correlation}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def _design_effect(voyages: Voyages, correlation: float) -> float:
    if voyages.boats is None:
        return 1.0
    return 1 + (voyages.departures / voyages.boats - 1) * correlation


def _interval(voyages: Voyages, correlation: float) -> str:
    if voyages.boats is None:
        return "Clopper-Pearson, deaths independent"
    return f"Clopper-Pearson, correlation of {correlation:g} within boats"


def _cautions(voyages: Voyages) -> list[str]:
    found = ["recorded deaths are a minimum: boats lost without a trace are in neither number"]
    if voyages.boats is None:
        found.append("the interval is too narrow: deaths come by the boatload, "
                     "and the number of boats is not known")
    elif voyages.boats < 10:
        found.append(f"rests on {voyages.boats} boat{'s' * (voyages.boats != 1)}: one boat more or less "
                     "changes the rate much")
    return found
