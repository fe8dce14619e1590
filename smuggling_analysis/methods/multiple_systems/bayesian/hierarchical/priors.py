"""Priors of the coefficients of a log-linear model: normal, with a variance that is known or has a prior itself.

The intercept's prior is flat. The other coefficients, in contrasts that sum to zero, are normal with mean 0 and
covariance `variance * cells * inverse(X'X)`, where X is the design of all cells of the table, those nobody counted
included. With two levels a variable, this is a variance of 1 for every coefficient under the unit-information prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST, _MOST, _STEP = -11.0, 20.0, 0.5


@dataclass(frozen=True)
class Prior:
    """A prior of the coefficients' variance.

    Parameters
    ----------
    title : str
    shape, scale : float
        Of the variance's inverse gamma distribution; both 0 where the variance is 1.
    """

    title: str
    shape: float = 0.0
    scale: float = 0.0

    def nodes(self) -> tuple[Floats, Floats, float, float]:
        """Return the variances that stand for all, their log chances, shape and scale, as the kernel takes them."""
        if not self.shape:
            return np.ones(1), np.zeros(1), 0.0, 0.0
        logs = np.arange(_LEAST, _MOST + _STEP / 2, _STEP)
        chances = (-self.shape * logs - self.scale * np.exp(-logs) + self.shape * math.log(self.scale)
                   - math.lgamma(self.shape) + math.log(_STEP))
        return np.exp(logs), chances, self.shape, self.scale

    def log_ratios(self, coefficients: Floats, squares: Floats) -> tuple[Floats, Floats]:
        """Return the log of a narrower and of a wider prior's density over this one's.

        A known variance is halved and doubled. A prior of the variance is divided and multiplied by the variance,
        as if one observation more spoke for a small one, or for a large one.

        Parameters
        ----------
        coefficients, squares : (...) arrays
            Number of coefficients and the sum of their squares, in orthonormal contrasts.
        """
        if not self.shape:
            half = 0.5 * math.log(2.0) * coefficients
            return half - 0.5 * squares, 0.25 * squares - half
        precision = np.log((self.shape + 0.5 * coefficients) / (self.scale + 0.5 * squares))
        return precision, -precision

    def draw_variance(self, rng: np.random.Generator) -> float:
        """Draw the coefficients' variance."""
        return self.scale / float(rng.gamma(self.shape)) if self.shape else 1.0


PRIORS = MappingProxyType({
    "unit_information": Prior("unit-information prior"),
    # Shape and scale of Overstall and King (2014), a / 2 and b / 2 with a = b = 0.001.
    "shrinkage": Prior("shrinkage prior", shape=0.0005, scale=0.0005),
})
"""The priors by name; another whose variance is inverse gamma is one more row."""
