"""What the posterior would be under another prior: the draws weighted anew, no further chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.chains import Chains
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import ClassPrior
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import CONCENTRATION

FLAT = "every N as likely"
_OTHERS = ((1.0, 1.0), (0.05, 0.05))
_LEAST_WEIGHT = 50.0


def medians_under_other_priors(drawn: Chains, prior: ClassPrior) -> dict[str, float]:
    """Return the median population under two other priors of the concentration, and with every N as likely.

    A prior under which the weighted draws are worth fewer than 50 is left out.
    """
    return {name: median for name, weights in _other_weights(drawn, prior)
            if (median := weighted_median(drawn.values.ravel(), weights)) is not None}


def _other_weights(drawn: Chains, prior: ClassPrior) -> Iterator[tuple[str, NDArray[np.float64]]]:
    concentration = drawn.others[CONCENTRATION].ravel()
    for shape, rate in _OTHERS:
        if (shape, rate) != (prior.shape, prior.rate):
            gain = replace(prior, shape=shape, rate=rate).log_density(concentration) - prior.log_density(concentration)
            yield f"concentration Gamma({shape:g}, {rate:g})", np.exp(gain - gain.max())
    yield FLAT, drawn.values.ravel()


def weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    """Return the median of weighted draws; None if their weights make them worth fewer than 50."""
    if weights.sum() ** 2 < _LEAST_WEIGHT * (weights**2).sum():
        return None
    order = np.argsort(values)
    mass = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(mass, 0.5 * mass[-1])])
