"""What is maximised: the four ways to hold expected against observed counts, as records of functions.

The engine knows of none of them: it is given heights, slopes and bends in the logarithm of the expected count, row by
row. Adding a criterion is one row of `CRITERIA`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_LARGE = 100.0


@dataclass(frozen=True, eq=False)
class RowCurve:
    """A criterion row by row, and its derivatives in the logarithm of the expected count.

    Parameters
    ----------
    height, slope, bend, expected : (replicates, rows) arrays
        The criterion, its first derivative, minus its second, and the mean of that over the counts.
    log_theta : tuple of three (replicates, rows) arrays, optional
        First derivative in the logarithm of the dispersion, minus the mixed one, and minus the second.
    """

    height: Array
    slope: Array
    bend: Array
    expected: Array
    log_theta: tuple[Array, Array, Array] | None = None


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One way to fit the model.

    Parameters
    ----------
    name, title : str
        As in the options, and in words.
    curve : callable
        Of counts (rows,), logarithms of expected counts (replicates, rows) and of the dispersion (replicates, 1).
    log_likelihood : callable
        Of counts (rows,), logarithms of expected counts (rows,) and the dispersion.
    deviance : callable
        Of the same.
    dispersed : bool
        Whether it has a dispersion parameter, theta.
    least_squares : bool
        Whether the variance is a parameter besides, counted in AIC and BIC.
    """

    name: str
    title: str
    curve: Callable[[Array, Array, Array], RowCurve]
    log_likelihood: Callable[[Array, Array, float], float]
    deviance: Callable[[Array, Array, float], float]
    dispersed: bool = False
    least_squares: bool = False


def _poisson(counts: Array, logs: Array, log_theta: Array) -> RowCurve:
    mean = np.exp(logs)
    return RowCurve(counts * logs - mean, counts - mean, mean, mean)


def _poisson_height(counts: Array, logs: Array, theta: float) -> float:
    from scipy.special import gammaln

    return float((counts * logs - np.exp(logs) - gammaln(counts + 1.0)).sum())


def _surprise(counts: Array, logs: Array) -> Array:
    """Return m log(m / mean), 0 where m is."""
    seen = np.where(counts > 0, counts, 1.0)
    return np.where(counts > 0, counts * (np.log(seen) - logs), 0.0)


def _poisson_deviance(counts: Array, logs: Array, theta: float) -> float:
    return float(2.0 * (_surprise(counts, logs) - (counts - np.exp(logs))).sum())


def _negative_binomial(counts: Array, logs: Array, log_theta: Array) -> RowCurve:
    from scipy.special import gammaln

    mean, theta = np.exp(logs), np.exp(log_theta)
    both = theta + mean
    grown = np.log1p(mean / theta)
    rise, by_theta, twice = rising(counts, theta)
    height = rise - gammaln(counts + 1.0) - (theta + counts) * grown + counts * logs
    rest = (mean - counts) / both
    slope_theta = theta * (by_theta - grown + rest)
    bend_theta = -slope_theta - theta**2 * (twice + mean / (theta * both) - rest / both)
    crossed = -theta * mean * (counts - mean) / both**2
    return RowCurve(height, theta * (counts - mean) / both, theta * mean * (theta + counts) / both**2,
                    theta * mean / both, (slope_theta, crossed, bend_theta))


def rising(counts: Array, theta: Array) -> tuple[Array, Array, Array]:
    """Return log Gamma(theta + m) - log Gamma(theta) - m log theta, and what its derivatives in theta are made of.

    They are the differences of digamma, less 0, and of trigamma, at theta + m and theta; where theta is large all
    digits of differences would be lost, and Stirling's series has them.
    """
    large = theta[:, 0] > _LARGE
    if large.all():
        return _by_series(counts, theta)
    if not large.any():
        return _by_functions(counts, theta)
    one, other = _by_functions(counts, theta), _by_series(counts, theta)
    first, second, third = (np.where(large[:, np.newaxis], ours, theirs)
                            for ours, theirs in zip(other, one, strict=True))
    return first, second, third


def _by_functions(counts: Array, theta: Array) -> tuple[Array, Array, Array]:
    from scipy.special import digamma, gammaln, zeta

    # Most counts occur many times, and these functions are slow; trigamma is zeta(2, .).
    values, place = np.unique(counts, return_inverse=True)
    either = theta + values
    rise = gammaln(either) - gammaln(theta) - values * np.log(theta)
    first, second = digamma(either) - digamma(theta), zeta(2.0, either) - zeta(2.0, theta)
    return rise[:, place], first[:, place], second[:, place]


def _by_series(counts: Array, theta: Array) -> tuple[Array, Array, Array]:
    """Stirling's series to the term that is below rounding where theta exceeds `_LARGE`."""
    either, grown = theta + counts, np.log1p(counts / theta)
    rise = ((either - 0.5) * grown - counts + (1.0 / either - 1.0 / theta) / 12.0
            - (either**-3.0 - theta**-3.0) / 360.0)
    first = (grown - (1.0 / either - 1.0 / theta) / 2.0 - (either**-2.0 - theta**-2.0) / 12.0
             + (either**-4.0 - theta**-4.0) / 120.0)
    second = ((1.0 / either - 1.0 / theta) + (either**-2.0 - theta**-2.0) / 2.0 + (either**-3.0 - theta**-3.0) / 6.0
              - (either**-5.0 - theta**-5.0) / 30.0)
    return rise, first, second


def _negative_binomial_height(counts: Array, logs: Array, theta: float) -> float:
    return float(_negative_binomial(counts, logs[np.newaxis], np.array([[np.log(theta)]])).height.sum())


def _negative_binomial_deviance(counts: Array, logs: Array, theta: float) -> float:
    rest = (counts + theta) * np.log((counts + theta) / (np.exp(logs) + theta))
    return float(2.0 * (_surprise(counts, logs) - rest).sum())


def _squares(counts: Array, logs: Array, log_theta: Array) -> RowCurve:
    mean = np.exp(logs)
    rest = counts - mean
    return RowCurve(-0.5 * rest**2, rest * mean, mean**2 - rest * mean, mean**2)


def _squares_deviance(counts: Array, logs: Array, theta: float) -> float:
    return float(((counts - np.exp(logs)) ** 2).sum())


def logged(counts: Array) -> Array:
    """Return the logarithms that ordinary least squares explains: log m, or log(m + 1) where some m is 0."""
    return np.log(counts + float((counts == 0).any()))


def _log_squares(counts: Array, logs: Array, log_theta: Array) -> RowCurve:
    rest = logged(counts) - logs
    return RowCurve(-0.5 * rest**2, rest, np.ones_like(rest), np.ones_like(rest))


def _log_squares_deviance(counts: Array, logs: Array, theta: float) -> float:
    return float(((logged(counts) - logs) ** 2).sum())


def _squares_height(counts: Array, logs: Array, theta: float) -> float:
    return _normal_height(_squares_deviance(counts, logs, theta), len(counts))


def _log_squares_height(counts: Array, logs: Array, theta: float) -> float:
    return _normal_height(_log_squares_deviance(counts, logs, theta), len(counts))


def _normal_height(squares: float, rows: int) -> float:
    """Return the normal log-likelihood of a sum of squares at its best variance."""
    return float(-0.5 * rows * (np.log(2.0 * np.pi * max(squares / rows, 1e-300)) + 1.0))


CRITERIA: dict[str, Criterion] = {row.name: row for row in (
    Criterion(name="poisson", title="Poisson pseudo-likelihood", curve=_poisson, log_likelihood=_poisson_height,
              deviance=_poisson_deviance),
    Criterion(name="negative-binomial", title="negative binomial", curve=_negative_binomial,
              log_likelihood=_negative_binomial_height, deviance=_negative_binomial_deviance, dispersed=True),
    Criterion(name="nls", title="least squares of counts", curve=_squares, log_likelihood=_squares_height,
              deviance=_squares_deviance, least_squares=True),
    Criterion(name="ols", title="least squares of logarithms", curve=_log_squares,
              log_likelihood=_log_squares_height, deviance=_log_squares_deviance, least_squares=True),
)}
"""The ways to fit, by name."""
