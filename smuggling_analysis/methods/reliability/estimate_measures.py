"""What the gate measures of any estimate, and of what families of methods say together."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from smuggling_analysis.methods.reliability.rules import Case

_ROUNDING = 1e-9


def people_below_the_observed(case: Case) -> float | None:
    """Return how many people fewer than were observed the interval, or the estimate, allows for."""
    if (observed := case.observed) is None:
        return None
    missing = observed - min(case.result.lower, case.result.value)
    return missing if missing > _ROUNDING * observed else 0.0


def relative_error(case: Case) -> float | None:
    """Return the standard error as a share of the estimate."""
    return None if case.result.se is None else case.result.se / case.result.value


def multiple_of_the_observed(case: Case) -> float | None:
    """Return how many people are estimated for each one observed."""
    return case.result.value / case.observed if case.observed else None


def without_upper_limit(case: Case) -> float:
    """Return 1 where the interval has no upper limit, else 0."""
    return float(math.isinf(case.result.upper))


def mean_over_median(case: Case) -> float | None:
    """Return the factor by which the distribution's mean lies above its middle."""
    if (mean := case.told("mean")) is not None:
        return mean / case.result.value
    draws = case.result.draws
    if draws is None:
        return None
    return float(draws.values.mean() / np.median(draws.values))


def width(case: Case) -> float | None:
    """Return the factor between the upper and the lower limit."""
    lower, upper = case.result.lower, case.result.upper
    return None if math.isinf(upper) or lower <= 0 else upper / lower


def spread_over_families(case: Case) -> float | None:
    """Return the factor between the largest and the least of what the families say."""
    values = [value for value, _, _ in _families(case)]
    return max(values) / min(values) if len(values) > 1 else None


def spread_of_families_apart(case: Case) -> float | None:
    """Return the largest factor between two families whose intervals have nothing in common."""
    apart = [max(one[0], other[0]) / min(one[0], other[0]) for one, other in combinations(_families(case), 2)
             if one[1] > other[2] or other[1] > one[2]]
    return max(apart, default=None)


def _families(case: Case) -> list[tuple[float, float, float]]:
    return list((case.facts.families or {}).values())
