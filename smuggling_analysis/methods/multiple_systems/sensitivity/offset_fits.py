"""A log-linear model whose dependence between lists is known beforehand: fits with an offset, and their limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.careful_fits import careful_fit
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, stirling_remainder
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile

_FURTHEST = 700.0
_BEYOND_REACH = -1e100


@dataclass(frozen=True)
class OffsetFit:
    """One fit: the people on no list, the standard error of their logarithm, and the deviance."""

    unseen: float
    error: float
    deviance: float


@dataclass(frozen=True, eq=False)
class OffsetModel:
    """A log-linear model with a known offset that grows with the logarithm of an odds ratio.

    Parameters
    ----------
    cells : (2**lists,) array
        The table; cell 0 is not counted.
    model : Model
        One that has an estimate on the table.
    exponent : (2**lists,) array of int
        How often the odds ratio multiplies each history's mean: 1 for people on both lists of a pair.
    """

    cells: Floats
    model: Model
    exponent: NDArray[np.int64]

    @cached_property
    def terms(self) -> NDArray[np.int64]:
        """The model's terms, the intercept first."""
        return np.array(self.model.terms, dtype=np.int64)

    def offset(self, odds_ratio: float) -> Floats:
        """Return what the odds ratio adds to each history's linear predictor: (2**lists,) array."""
        return np.asarray(self.exponent * math.log(odds_ratio))

    def fit(self, odds_ratio: float) -> OffsetFit:
        """Fit by maximum likelihood.

        Raises
        ------
        NoEstimate
            If the maximum cannot be reached in double precision.
        """
        from smuggling_analysis.kernels.known_factors import fit_with_factors

        offset = self.offset(odds_ratio)
        if np.abs(offset).max() > _FURTHEST:
            raise _unreached()
        found = fit_with_factors(self.cells, self.terms, np.exp(offset)[None, :], False)
        if found[3][0]:
            intercept, error, deviance = (float(part[0]) for part in found[:3])
        else:
            careful = careful_fit(self.cells, self.terms, offset=offset)
            if careful is None:
                raise _unreached()
            intercept, error, deviance = float(careful.theta[0]), float(careful.error[0]), careful.deviance
        if not intercept < _FURTHEST:
            raise _unreached()
        return OffsetFit(math.exp(intercept), error, deviance)

    def limits(self, odds_ratio: float, fit: OffsetFit, original: Estimate, interval: str) -> tuple[float, float]:
        """Return the limits of the population, made in the way the original's were.

        Parameters
        ----------
        odds_ratio : float
        fit : OffsetFit
            The fit there.
        original : Estimate
            The estimate without the offset.
        interval : str
            How its interval was made, as `loglinear` names it; a bootstrap's limits are carried over, so that the
            unseen have the relative limits they had.
        """
        observed = float(self.cells[1:].sum())
        if interval == "profile":
            profile = OffsetProfile(self.cells, self.model, self.offset(odds_ratio))
            found = profile.interval(fit.unseen, original.confidence_level)
            return found.lower, found.upper
        if interval in _ANALYTIC:
            return _ANALYTIC[interval](fit, observed, NormalDist().inv_cdf(0.5 + original.confidence_level / 2))
        return carried_limits(fit.unseen, original, observed)


def _unreached() -> NoEstimate:
    return NoEstimate("the fit with this odds ratio could not be computed, because the counts differ too much in size",
                      "odds ratios nearer to 1")


def _wald(fit: OffsetFit, observed: float, z: float) -> tuple[float, float]:
    half = z * math.sqrt(fit.unseen + (fit.unseen * fit.error) ** 2)
    return observed + fit.unseen - half, observed + fit.unseen + half


def _log_normal(fit: OffsetFit, observed: float, z: float) -> tuple[float, float]:
    by = math.exp(min(z * fit.error, _FURTHEST))
    return observed + fit.unseen / by, observed + fit.unseen * by


_ANALYTIC: dict[str, Callable[[OffsetFit, float, float], tuple[float, float]]] = {
    "wald": _wald, "log-normal": _log_normal}


def carried_limits(unseen: float, original: Estimate, observed: float) -> tuple[float, float]:
    """Return limits in which the unseen have the relative limits that they have in the original."""
    first = original.value - observed
    if first <= 0.0:
        return observed + unseen, max(original.upper, observed + unseen)
    return (observed + max(original.lower - observed, 0.0) * unseen / first,
            observed + (original.upper - observed) * unseen / first)


@dataclass(frozen=True, eq=False)
class OffsetProfile(Profile):
    """The profile log-likelihood of the population's size under a model with an offset.

    Parameters
    ----------
    known : (2**lists,) array
        The offset; nothing for the people on no list.
    """

    known: Floats = field(default_factory=lambda: np.zeros(0))

    def _at(self, log_unseen: float) -> float:
        from smuggling_analysis.kernels.known_factors import fit_with_factors

        unseen = math.exp(log_unseen)
        completed = self.cells.astype(np.float64)
        completed[0] = unseen
        deviance = float(fit_with_factors(completed, self.terms[0], np.exp(self.known)[None, :], True)[2][0])
        if math.isnan(deviance):
            found = careful_fit(completed, self.terms[0], complete=True, offset=self.known)
            if found is None:
                return _BEYOND_REACH
            deviance = found.deviance
        return -0.5 * deviance + stirling_remainder(self.observed + unseen) - stirling_remainder(unseen)
