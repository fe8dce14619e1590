"""Intervals for a population of which part was seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import NormalDist

Limits = tuple[float, float]


def normal(value: float, se: float, observed: float, confidence_level: float) -> Limits:
    """Return value plus and minus normal quantiles of the error; the lower can lie below `observed`."""
    reach = _quantile(confidence_level) * se
    return value - reach, value + reach


def log_normal(value: float, se: float, observed: float, confidence_level: float) -> Limits:
    """Return limits from a log-normal distribution of the number missed, `value - observed`.

    The lower limit never lies below `observed` (Chao 1987, Biometrics 43, 783-791, doi:10.2307/2531532).

    Examples
    --------
    >>> lower, upper = log_normal(9273.5109, 662.6008, 1880, 0.95)
    >>> round(lower, 1), round(upper, 1)
    (8084.7, 10690.1)
    """
    missed = value - observed
    if missed <= 0:
        return value, value
    factor = math.exp(_quantile(confidence_level) * math.sqrt(math.log1p((se / missed) ** 2)))
    return observed + missed / factor, observed + missed * factor


INTERVALS: dict[str, Callable[[float, float, float, float], Limits]] = {
    "normal": normal,
    "log-normal": log_normal,
}


def check_options(interval: str, confidence_level: float, known: Iterable[str] = INTERVALS) -> None:
    """Refuse an interval that is not among the `known`, and a level that is no share."""
    names = tuple(known)
    if interval not in names:
        raise ValueError(f"interval is one of {', '.join(names)}, got {interval!r}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def _quantile(confidence_level: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_level / 2)
