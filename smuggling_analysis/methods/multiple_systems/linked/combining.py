"""One estimate of several, each made from another linked version of the same lists (Rubin's rules, and mixtures).

Everything is added up on the logarithm of the people beyond the fewest that any version observed: the scale on which
population sizes are skewed, with one floor for all versions, since linking two records makes one observed person of
two. A version says nothing surer of how many were observed than of how many were not, so that only the fewest stand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import equal_tailed
from smuggling_analysis.estimate import Estimate

Floats = NDArray[np.float64]

# Nobody beyond the floor has no logarithm: half a person has.
_LEAST_BEYOND = 0.5
_MIXED_DRAWS = 20_000
_MOST_LOG = 700.0


@dataclass(frozen=True, eq=False)
class Combined:
    """Several estimates as one.

    Parameters
    ----------
    value, lower, upper : float
    se : float or None
        In persons; None where a version has none.
    floor : float
        The fewest people that any version observed.
    within, between : float
        Variances of the logarithm of the people beyond the floor: the mean of the versions' own, and of their values
        around their mean.
    total : float
        within + between * (1 + 1 / versions).
    draws : (draws,) array or None
        The mixture of the versions' draws, where all have some.
    """

    value: float
    lower: float
    upper: float
    se: float | None
    floor: float
    within: float
    between: float
    total: float
    draws: Floats | None

    @property
    def due_to_linkage(self) -> float:
        """The share of the total variance that lies between versions; 0 where that within is endless."""
        return 1.0 - self.within / self.total if 0.0 < self.total < math.inf else 0.0


def combined(estimates: Sequence[Estimate], weights: Floats, number: float) -> Combined:
    """Combine estimates of the same population.

    Parameters
    ----------
    estimates : sequence of Estimate
        Two or more, with one confidence level.
    weights : (estimates,) array
        Adding up to 1.
    number : float
        How many equally weighted versions they are worth.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley, New York.
    """
    floor = min(0.0 if each.observed is None else each.observed for each in estimates)
    level = estimates[0].confidence_level
    z = NormalDist().inv_cdf(0.5 + level / 2)
    place = _log_beyond([each.value for each in estimates], floor)
    below = np.maximum(place - _log_beyond([each.lower for each in estimates], floor), 0.0) / z
    above = np.maximum(_log_beyond([each.upper for each in estimates], floor) - place, 0.0) / z
    middle = float(weights @ place)
    between = spread_between(place, weights, number)
    sides = [float(weights @ side**2) for side in (below, above)]
    reach = [_limit(within, between, number, z, level) for within in sides]
    lower, value, upper = (floor + _people(each) for each in (middle - reach[0], middle, middle + reach[1]))
    draws = _mixture(estimates, weights)
    if draws is not None:
        lower, upper = equal_tailed(draws, level)
        value = float(np.median(draws)) if all(map(_is_median, estimates)) else value
    within = math.inf if math.isinf(sides[1]) else float(np.mean(sides))
    return Combined(value, lower, upper, _standard_error(estimates, weights, number, draws), floor, within, between,
                    total_variance(within, between, number), draws)


def spread_between(values: Floats, weights: Floats, number: float) -> float:
    """Return the variance between versions: for equal weights the sample variance.

    Examples
    --------
    >>> spread_between(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 2.0)
    2.0
    """
    around = float(weights @ (values - weights @ values) ** 2)
    return around / (1.0 - 1.0 / number) if number > 1.0 else 0.0


def total_variance(within: float, between: float, number: float) -> float:
    """Return Rubin's total: the variance within, and that between with a version's more for their small number."""
    return within + between * (1.0 + 1.0 / number)


def _limit(within: float, between: float, number: float, z: float, level: float) -> float:
    """Return how far a limit is: Student's t where the variance between rests on few versions."""
    total = total_variance(within, between, number)
    if between == 0.0 or math.isinf(total):
        return z * math.sqrt(total)
    from scipy.special import stdtrit

    freedom = (number - 1.0) * (total / (total - within)) ** 2
    return max(z, float(stdtrit(min(freedom, 1e9), 0.5 + level / 2))) * math.sqrt(total)


def _log_beyond(numbers: Sequence[float], floor: float) -> Floats:
    return np.log(np.maximum(np.array(numbers) - floor, _LEAST_BEYOND))


def _people(logarithm: float) -> float:
    """Return the people beyond the floor; what stood in for nobody is nobody again."""
    if logarithm <= math.log(_LEAST_BEYOND):
        return 0.0
    return math.exp(logarithm) if logarithm < _MOST_LOG else math.inf


def _mixture(estimates: Sequence[Estimate], weights: Floats) -> Floats | None:
    """Return draws of each version in proportion to its weight, evenly taken; None where one has none."""
    sources = [each.draws.values for each in estimates if each.draws is not None]
    if len(sources) < len(estimates):
        return None
    ends = np.round(np.cumsum(weights) * max(_MIXED_DRAWS, *(source.size for source in sources))).astype(int)
    parts = [np.quantile(source, (np.arange(many) + 0.5) / many, method="inverted_cdf")
             for source, many in zip(sources, np.diff(ends, prepend=0).tolist(), strict=True) if many]
    return np.concatenate(parts)


def _is_median(estimate: Estimate) -> bool:
    return estimate.draws is not None and math.isclose(estimate.value, float(np.median(estimate.draws.values)),
                                                       rel_tol=1e-9)


def _standard_error(estimates: Sequence[Estimate], weights: Floats, number: float,
                    draws: Floats | None) -> float | None:
    if draws is not None:
        return float(draws.std(ddof=1))
    errors = [each.se for each in estimates if each.se is not None]
    if len(errors) < len(estimates):
        return None
    values = np.array([each.value for each in estimates])
    within = float(weights @ np.array(errors) ** 2)
    return math.sqrt(total_variance(within, spread_between(values, weights, number), number))
