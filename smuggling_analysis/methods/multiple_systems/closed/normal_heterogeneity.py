"""Log-odds of being caught that are normal in the whole population (Rivest 2011).

Given a person's own level z, which is standard normal, the histories follow the log-linear model with
`sigma * z` added to every list's own term; the means are integrals over z. The integral is a sum over evenly
spaced points, whose error falls exponentially with their number for integrands like these; Gauss-Hermite
quadrature of a few points is off by as much as a third of the population where sigma is large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.closed.climbing import Summit, climb
from smuggling_analysis.methods.multiple_systems.closed.design_fits import DesignFit
from smuggling_analysis.methods.multiple_systems.closed.designs import Design
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

_STARTS = (1.0, 0.4, 2.0)
_MOST_SPREAD = 8.0
# A fall of the deviance by less than this is no evidence at the 95 % level.
_HARDLY = 3.841459
# With many occasions a person's level shows closely, and the points must stand closer than that; then there
# is one cell a number of captures. Few lists told apart have many cells, and need fewer points.
_POINTS, _POINTS_APART = 1025, 257
_NEEDED = "more occasions, or a bound such as heterogeneity='chao'"


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Points and weights that stand for a standard normal variable.

    Parameters
    ----------
    points, weights : (points,) arrays
        The weights add up to 1.
    """

    points: Floats
    weights: Floats

    @classmethod
    def even(cls, number: int = 257, furthest: float = 9.0) -> Quadrature:
        """Return evenly spaced points out to so many standard deviations."""
        points = np.linspace(-furthest, furthest, number)
        weights = np.exp(-0.5 * points**2)
        return cls(points, weights / weights.sum())


@dataclass(frozen=True, eq=False)
class NormalFit:
    """A fit with normal heterogeneity.

    Parameters
    ----------
    unseen, error : float
        Estimated people never caught, and the standard error of its logarithm.
    sigma : float
        Standard deviation of the log-odds; 0 where people do not differ.
    theta : (parameters,) array
        Logarithm of the population, terms of the log-linear model, sigma.
    deviance : float
        Over all histories.
    unlimited : bool
        Whether people who differ very much more (sigma 8) fit nearly as well, so that the counts set no upper
        limit to the population.
    """

    unseen: float
    error: float
    sigma: float
    theta: Floats
    deviance: float
    unlimited: bool = False


@dataclass(frozen=True, eq=False)
class _Mixture:
    """The log-linear model given z, for the cells and, in the first row, for the people never caught."""

    columns: Floats
    offset: Floats
    captures: Floats
    occasions: float
    apart: bool
    quadrature: Quadrature

    def predict(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return log means, (1 + cells,), and their derivatives, (1 + cells, parameters)."""
        terms, sigma, points = theta[1:-1], theta[-1], self.quadrature.points
        shift = sigma * points
        raw = (self.columns @ terms + self.offset)[:, None] + self.captures[:, None] * shift
        total, columns, captures = self._given(terms, shift, raw)
        logs = raw - total + np.log(self.quadrature.weights)
        top = logs.max(axis=1)
        share = np.exp(logs - top[:, None])
        mean = share.sum(axis=1)
        share /= mean[:, None]
        by_sigma = self.captures * (share @ points) - share @ (points * captures)
        slopes = np.column_stack([np.ones(len(mean)), self.columns - share @ columns, by_sigma])
        return theta[0] + top + np.log(mean), slopes

    def _given(self, terms: Floats, shift: Floats, raw: Floats) -> tuple[Floats, Floats, Floats]:
        """Return, given z, the log of the sum over all histories, expected columns and captures."""
        if self.apart:
            top = raw.max(axis=0)
            share = np.exp(raw - top)
            total = share.sum(axis=0)
            share /= total
            return top + np.log(total), share.T @ self.columns, share.T @ self.captures
        odds = terms[0] + shift
        if math.isinf(self.occasions):
            rate = np.exp(np.minimum(odds, 600.0))
            return rate, rate[:, None], rate
        captures = self.occasions / (1 + np.exp(-odds))
        return self.occasions * np.logaddexp(0, odds), captures[:, None], captures


def fit_normal(design: Design, without: DesignFit, *, occasions: float, apart: bool,
               quadrature: Quadrature | None = None) -> NormalFit:
    """Fit a log-linear model with normal heterogeneity by maximum likelihood.

    Parameters
    ----------
    design : Design
        The log-linear part, without a column for heterogeneity.
    without : DesignFit
        Its fit: what is left when sigma is 0.
    occasions : float
        Number of occasions, possibly infinite.
    apart : bool
        Whether the design has one cell per history.
    quadrature : Quadrature, optional
        How the integral is made.

    Raises
    ------
    NoEstimate
        If there are too few cells, or the likelihood has no maximum.
    """
    if design.counts.size < len(design.names) + 1:
        raise NoEstimate("normal heterogeneity needs more occasions than these", _NEEDED)
    columns = np.vstack([design.unseen, design.columns])[:, 1:]
    mixture = _Mixture(columns, np.r_[0.0, design.offset], np.r_[0.0, design.captures], occasions, apart,
                       quadrature or Quadrature.even(_POINTS_APART if apart else _POINTS))
    found = [summit for sigma in _STARTS if (summit := _climb(mixture, design, without, sigma)) is not None]
    best = min(found, key=lambda summit: _deviance(design.counts, summit.eta), default=None)
    if best is None or abs(best.theta[-1]) < 1e-3 or _reaches(best, design, without):
        if best is None and not _falls_from_nought(mixture, design, without):
            raise NoEstimate("the likelihood of normal heterogeneity has no maximum that could be found",
                             _NEEDED)
        return NormalFit(without.unseen, without.error, 0.0, np.empty(0), without.deviance)
    if abs(best.theta[-1]) > _MOST_SPREAD:
        raise NoEstimate("the likelihood keeps rising as people differ more and more without limit", _NEEDED)
    eta, slopes = mixture.predict(best.theta)
    theta = np.r_[best.theta[:-1], abs(best.theta[-1])]
    return NormalFit(float(np.exp(eta[0])), best.error(slopes[0]), float(theta[-1]), theta,
                     _deviance(design.counts, best.eta) + design.within,
                     _hardly_falls(mixture, design, best))


def _hardly_falls(mixture: _Mixture, design: Design, best: Summit) -> bool:
    """Whether the likelihood with the largest spread, everything else at its best, is nearly as high."""
    def predict(theta: Floats) -> tuple[Floats, Floats]:
        eta, slopes = mixture.predict(np.r_[theta, _MOST_SPREAD])
        return eta[1:], slopes[1:, :-1]

    found = climb(predict, best.theta[:-1], design.counts)
    return found is not None and (_deviance(design.counts, found.eta)
                                  < _deviance(design.counts, best.eta) + _HARDLY)


def _climb(mixture: _Mixture, design: Design, without: DesignFit, sigma: float) -> Summit | None:
    start = np.r_[math.log(design.counts.sum() + 2.0 * without.unseen), without.theta[1:], sigma]
    if not np.isfinite(start).all():
        return None

    def predict(theta: Floats) -> tuple[Floats, Floats]:
        eta, slopes = mixture.predict(theta)
        return eta[1:], slopes[1:]

    return climb(predict, start, design.counts)


def _reaches(summit: Summit, design: Design, without: DesignFit) -> bool:
    """Whether people who do not differ explain the counts as well."""
    return without.deviance - design.within <= _deviance(design.counts, summit.eta) + 1e-9


def _falls_from_nought(mixture: _Mixture, design: Design, without: DesignFit) -> bool:
    """Whether the likelihood falls as sigma leaves 0, everything else at its best without it."""
    size = math.log(design.observed + without.unseen)
    before, _ = mixture.predict(np.r_[size, without.theta[1:], 0.0])
    after, _ = mixture.predict(np.r_[size, without.theta[1:], 0.05])
    return _deviance(design.counts, after[1:]) >= _deviance(design.counts, before[1:])


def _deviance(counts: Floats, eta: Floats) -> float:
    held = counts > 0.0
    gap = (counts[held] * (np.log(counts[held]) - eta[held])).sum()
    return 2.0 * float(gap - counts.sum() + np.exp(eta).sum())
