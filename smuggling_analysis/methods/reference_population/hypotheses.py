"""Hypotheses about hidden populations: above a number, equal to a number, equal to each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.reference_population.populations import HiddenPopulations

ALTERNATIVES = ("two-sided", "greater", "less")


@dataclass(frozen=True)
class WaldTest:
    """A difference held against 0.

    Parameters
    ----------
    null : str
        The hypothesis that is tested, as a sentence.
    alternative : str
        "two-sided", "greater" or "less".
    difference, se : float
    confidence_level : float
    """

    null: str
    alternative: str
    difference: float
    se: float
    confidence_level: float

    @property
    def statistic(self) -> float:
        """The difference in standard errors."""
        return self.difference / self.se

    @property
    def p_value(self) -> float:
        """The chance of so much, or more, if the hypothesis holds."""
        above = 0.5 * math.erfc(self.statistic / math.sqrt(2.0))
        return {"greater": above, "less": 1.0 - above, "two-sided": 2.0 * min(above, 1.0 - above)}[self.alternative]

    @property
    def limits(self) -> tuple[float, float]:
        """The interval of the difference."""
        reach = NormalDist().inv_cdf(0.5 + self.confidence_level / 2) * self.se
        return self.difference - reach, self.difference + reach


def exceedance(estimate: Estimate, value: float) -> float:
    """Return the chance that a hidden population exceeds a number: the share of bootstrap draws above it.

    Without draws it is that of the log-normal distribution whose interval the estimate has.

    Examples
    --------
    >>> found = Estimate(value=100.0, lower=50.0, upper=200.0, unit="persons", method="demonstration")
    >>> exceedance(found, 100.0), round(exceedance(found, 200.0), 3)
    (0.5, 0.025)
    """
    if not 0 < value < math.inf:
        raise ValueError(f"value is a number of people, got {value}")
    if estimate.draws is not None:
        return float(np.mean(estimate.draws.values > value))
    reach = NormalDist().inv_cdf(0.5 + estimate.confidence_level / 2)
    spread = math.log(estimate.upper / estimate.lower) / (2.0 * reach)
    return 0.5 * math.erfc(math.log(value / estimate.value) / spread / math.sqrt(2.0))


def wald_total(found: HiddenPopulations, label: Any, value: float, *, alternative: str = "two-sided",
               bias_corrected: bool = True, confidence_level: float = 0.95) -> WaldTest:
    """Test whether the hidden population of a group is a number.

    Parameters
    ----------
    found : HiddenPopulations
    label : str, float or tuple
        The group's value, or values: "2024", ("2024", "Male").
    value : float
        The number.
    alternative : {"two-sided", "greater", "less"}
        What is said against the hypothesis: "greater" tests "it is at most the number".
    bias_corrected : bool
    confidence_level : float

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import hidden_population_by
    >>> from smuggling_analysis.simulate import reference_counts, reference_population
    >>> found = hidden_population_by(reference_counts(periods=2, rng=1), ["period"])
    >>> wald_total(found, "period 1", reference_population()).p_value > 0.05
    True
    """
    weights = _weights(found, label)
    said = {"two-sided": "is", "greater": "is at most", "less": "is at least"}[_known(alternative)]
    return _tested(found, weights, value, f"the hidden population of {_named(label)} {said} {numerals.number(value)}",
                   alternative, bias_corrected, confidence_level)


def wald_difference(found: HiddenPopulations, first: Any, second: Any, *, alternative: str = "two-sided",
                    bias_corrected: bool = True, confidence_level: float = 0.95) -> WaldTest:
    """Test whether the hidden populations of two groups of one model are equal; their covariance is taken into account.

    Parameters
    ----------
    found : HiddenPopulations
    first, second : str, float or tuple
        The groups' values; the difference is the first less the second.
    alternative, bias_corrected, confidence_level
        As of `wald_total`.
    """
    said = {"two-sided": "equal to", "greater": "at most", "less": "at least"}[_known(alternative)]
    return _tested(found, _weights(found, first) - _weights(found, second), 0.0,
                   f"the hidden population of {_named(first)} is {said} that of {_named(second)}", alternative,
                   bias_corrected, confidence_level)


def _known(alternative: str) -> str:
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative is one of {', '.join(ALTERNATIVES)}, got {alternative!r}")
    return alternative


def _named(label: Any) -> str:
    return " ".join(map(str, label if isinstance(label, tuple) else (label,)))


def _weights(found: HiddenPopulations, label: Any) -> np.ndarray:
    key = label if isinstance(label, tuple) else (label,)
    if key not in found.labels:
        raise ValueError(f"there is no group {_named(label)}; the groups are "
                         f"{', '.join(_named(one) for one in found.labels[:20])}")
    return np.array([float(one == key) for one in found.labels])


def _tested(found: HiddenPopulations, weights: np.ndarray, value: float, null: str, alternative: str,
            bias_corrected: bool, confidence_level: float) -> WaldTest:
    difference = float(weights @ found.sums.values(bias_corrected=bias_corrected)) - value
    variance = float(weights @ found.sums.covariance_of(bias_corrected=bias_corrected) @ weights)
    if not variance > 0:
        raise ValueError(f"the standard error is 0, so that nothing can be tested: {null}")
    return WaldTest(null, alternative, difference, math.sqrt(variance), confidence_level)
