"""What every closed-population model says of a population, and the intervals made of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile

INTERVALS = ("profile", "log-normal", "wald")


@dataclass(frozen=True, eq=False)
class ClosedFit:
    """One closed-population model fitted to one table.

    Parameters
    ----------
    model : str
        "M0", "Mh chao", "Mth poisson 2", "Mb", "[12,3] darroch" ...
    observed : float
        People caught.
    unseen, se : float
        Estimated people never caught, and the standard error of the population.
    deviance : float
        NaN for a bias-corrected estimate, which maximises no likelihood.
    df, parameters : int
        Residual degrees of freedom and parameters.
    loglikelihood : float
        Poisson log-likelihood, constants included.
    told : mapping
        Further figures for the diagnostics.
    cautions : tuple of str
        What a reader must know of this fit.
    height : callable, optional
        Multinomial profile log-likelihood of the number of unseen people, where the model has one.
    profiled : float
        People whose number the profile's likelihood takes; the others were caught more often than the fit
        goes.
    """

    model: str
    observed: float
    unseen: float
    se: float
    deviance: float
    df: int
    parameters: int
    loglikelihood: float
    told: Mapping[str, Any] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    height: Callable[[float], float] | None = None
    profiled: float = 0.0

    @property
    def value(self) -> float:
        """Estimated population."""
        return self.observed + self.unseen

    @property
    def aic(self) -> float:
        """Akaike's criterion, constants included."""
        return -2.0 * self.loglikelihood + 2.0 * self.parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, log of the people observed."""
        return -2.0 * self.loglikelihood + math.log(self.observed) * self.parameters


@dataclass(frozen=True)
class Limits:
    """An interval and how it was made.

    Parameters
    ----------
    lower, upper : float
        `upper` is infinite where the likelihood sets no limit.
    described : str
        For the estimate's `interval`.
    multinomial_value : float, optional
        Where the profile likelihood is largest.
    """

    lower: float
    upper: float
    described: str
    multinomial_value: float | None = None


@dataclass(frozen=True, eq=False)
class HeightProfile(Profile):
    """A profile likelihood given as a function of the number of unseen people.

    Parameters
    ----------
    cells : (2,) array
        0, and the people counted.
    model : Model
        Not used.
    height : callable
        The log-likelihood.
    """

    height: Callable[[float], float] = field(default=lambda unseen: 0.0)

    def _at(self, log_unseen: float) -> float:
        return self.height(math.exp(log_unseen))


def limits(fit: ClosedFit, interval: str, confidence_level: float) -> Limits:
    """Return the interval of a fit.

    Where a model has no profile likelihood (normal heterogeneity, bias-corrected estimates) the log-normal
    interval of Chao (1987) takes its place, and says so.

    Parameters
    ----------
    fit : ClosedFit
        The fit.
    interval : {"profile", "log-normal", "wald"}
        Multinomial profile likelihood; log-normal in the unseen; symmetric.
    confidence_level : float
        The level, between 0 and 1.
    """
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    if interval == "wald":
        return Limits(fit.value - z * fit.se, fit.value + z * fit.se, "Wald")
    if interval == "profile" and fit.height is not None:
        profile = HeightProfile(np.array([0.0, fit.profiled]), Model(2, ()), fit.height)
        found = profile.interval(fit.unseen, confidence_level)
        outside = fit.observed - fit.profiled
        return Limits(found.lower + outside, found.upper + outside, "multinomial profile likelihood",
                      found.value + outside)
    spread = math.exp(min(z * math.sqrt(math.log1p(_squared_share(fit))), 700.0))
    return Limits(fit.observed + fit.unseen / spread, fit.observed + fit.unseen * spread,
                  "log-normal on the unseen")


def _squared_share(fit: ClosedFit) -> float:
    return (fit.se / fit.unseen) ** 2 if fit.unseen > 0.0 else 0.0
