"""Poisson rates, and what a person seen at least once at such a rate stands for.

Horvitz and Thompson weigh each person seen by one over the chance of having been seen: N is the sum of
1 / (1 - exp(-rate)), and its binomial variance is estimated by the sum of p0 / (1 - p0)^2 over those seen,
with p0 = exp(-rate) (van der Heijden et al. 2003).
"""

from __future__ import annotations

import numpy as np

from smuggling_analysis.methods.single_register.families.family import Array


def rate_of(log_rate: Array) -> Array:
    """Return the rate: exp, kept inside the range where sums of it stay finite."""
    return np.exp(np.clip(log_rate, -300.0, 30.0))


def stands_for(rate: Array) -> Array:
    """Return the people a person seen stands for: one over the chance of being seen."""
    return -1.0 / np.expm1(-rate)


def stands_for_by_log_rate(rate: Array) -> Array:
    """Return the derivative of `stands_for` by the logarithm of the rate."""
    return -rate * np.exp(-rate) * stands_for(rate) ** 2


def binomial_variance(rate: Array) -> Array:
    """Return a seen person's share in the binomial variance."""
    return np.exp(-rate) * stands_for(rate) ** 2
