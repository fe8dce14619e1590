"""The sum of log(1 + dispersion j): the negative binomial's ratio of gamma functions, without cancellation."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln, zeta

from smuggling_analysis.methods.single_register.jets import Array, Jet, Number

Derivatives = tuple[Array, Array, Array]
"""A function of the log-dispersion with its first two derivatives, (..., patterns, columns)."""

_SUMMED = 128
"""Up to so many times seen the logarithms are summed one by one; beyond, gamma functions are faster."""
_STIRLING = 30.0
"""From this argument on Stirling's series for the gamma function is exact to rounding with four terms."""


def log_rising(times: Array, least: int, log_dispersion: Number) -> Number:
    """Return the sum of log(1 + dispersion j) over j = least, ..., times - 1.

    Parameters
    ----------
    times : (columns,) array
        Whole numbers.
    least : int
        Where the sum begins.
    log_dispersion : jet or array, (..., patterns, 1)
        Logarithm of the dispersion.

    Examples
    --------
    >>> log_rising(np.array([1.0, 2.0, 3.0]), 1, np.zeros((1, 1))).round(4)
    array([[0.    , 0.6931, 1.7918]])
    """
    if times.max(initial=0.0) > _SUMMED:
        total, first, second = (one - other for one, other in zip(
            _by_gamma(times, log_dispersion), _by_gamma(np.array([float(least)]), log_dispersion), strict=True))
    else:
        total, first, second = _one_by_one(times, least, log_dispersion)
    return log_dispersion.through(total, first, second) if isinstance(log_dispersion, Jet) else total


def _one_by_one(times: Array, least: int, log_dispersion: Jet | Array) -> Derivatives:
    steps = np.arange(max(times.max(initial=0.0), float(least)))
    among = (steps[:, np.newaxis] < times) - (steps < least)[:, np.newaxis].astype(float)
    if not isinstance(log_dispersion, Jet):
        total = np.log1p(np.exp(log_dispersion) * steps) @ among
        return total, total, total
    product = np.exp(log_dispersion.value) * steps
    rest = 1.0 / (1.0 + product)
    share = product * rest
    return np.log1p(product) @ among, share @ among, (share * rest) @ among


def _by_gamma(times: Array, log_dispersion: Jet | Array) -> Derivatives:
    """Sum from zero: log G(r + times) - log G(r) - times log r, with r = 1 / dispersion and G the gamma function."""
    plain = log_dispersion.value if isinstance(log_dispersion, Jet) else log_dispersion
    size = np.exp(-plain)
    large = size >= _STIRLING
    if large.all():
        return _stirling(times, size)
    small = _direct(times, np.minimum(size, _STIRLING))
    if not large.any():
        return small
    big = _stirling(times, np.maximum(size, _STIRLING))
    return tuple(np.where(large, one, other) for one, other in zip(big, small, strict=True))  # type: ignore[return-value]


def _direct(times: Array, size: Array) -> Derivatives:
    end = size + times
    slope = size * (digamma(end) - digamma(size)) - times
    bend = size**2 * (zeta(2.0, end) - zeta(2.0, size)) + times  # zeta(2, x) is the trigamma function
    return gammaln(end) - gammaln(size) - times * np.log(size), -slope, slope + bend


def _stirling(times: Array, size: Array) -> Derivatives:
    end, growth = size + times, np.log1p(times / size)
    part = size / end
    total = (end - 0.5) * growth - times + _remainder(end) - _remainder(size)
    slope = size * growth - times - 0.5 * (part - 1.0) + size * (_slope(end) - _slope(size))
    bend = times * (1.0 - part) + 0.5 * (part**2 - 1.0) + size**2 * (_bend(end) - _bend(size))
    return total, -slope, slope + bend


def _remainder(x: Array) -> Array:
    """Return log G(x) less Stirling's (x - 1/2) log x - x + log(2 pi) / 2."""
    square = 1.0 / x**2
    return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x


def _slope(x: Array) -> Array:
    """Return its derivative, the digamma function less log x - 1 / (2 x)."""
    square = 1.0 / x**2
    return -square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))


def _bend(x: Array) -> Array:
    """Return its second derivative, the trigamma function less 1 / x + 1 / (2 x^2)."""
    square = 1.0 / x**2
    return square / x * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
