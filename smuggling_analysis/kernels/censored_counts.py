"""A Poisson count of which only the most it can be is known: its chance, that chance's slope, and draws of it.

The chance that a count of mean `x` is at most `c` is the regularised upper incomplete gamma function Q(c + 1, x).
Small limits are summed from the likeliest end; large ones follow Temme's uniform expansion (Temme 1979, SIAM Journal
on Mathematical Analysis 10(4), 757-766).
"""

from __future__ import annotations

import math

from numba import njit

_SUMMED = 1000
_ROUNDING = 1e-17


@njit(cache=True, nogil=True)
def _scaled_erfc(z):
    """Return exp(z * z) erfc(z) for z of 0 or more."""
    if z < 20.0:
        return math.exp(z * z) * math.erfc(z)
    inverse = 1.0 / (z * z)
    return (1.0 - 0.5 * inverse * (1.0 - 1.5 * inverse * (1.0 - 2.5 * inverse))) / (z * math.sqrt(math.pi))


@njit(cache=True, nogil=True)
def _of_large(shape, mean):
    """Return log Q(shape, mean) and its slope's size in the logarithm of the mean, for a large shape."""
    excess = mean / shape - 1.0
    if abs(excess) < 1e-3:
        eta = excess * (1.0 - excess / 3.0 + 7.0 * excess * excess / 36.0)
        first, second = -1.0 / 3.0 + eta / 12.0 - 2.0 * eta * eta / 135.0, -1.0 / 540.0 - eta / 288.0
    else:
        eta = math.copysign(math.sqrt(2.0 * (excess - math.log1p(excess))), excess)
        first = 1.0 / excess - 1.0 / eta
        second = 1.0 / eta**3 - 1.0 / excess**3 - 1.0 / excess**2 - 1.0 / (12.0 * excess)
    z = eta * math.sqrt(0.5 * shape)
    rest = (first + second / shape) / math.sqrt(2.0 * math.pi * shape)
    height = math.sqrt(shape / (2.0 * math.pi)) / (1.0 + 1.0 / (12.0 * shape))
    if z >= 0.0:
        scaled = max(0.5 * _scaled_erfc(z) + rest, 1e-300)
        return math.log(scaled) - z * z, height / scaled
    chance = 0.5 * math.erfc(z) + rest * math.exp(-z * z)
    return math.log(chance), height * math.exp(-z * z) / chance


@njit(cache=True, nogil=True)
def _of_small(most, mean):
    """Return the same by sums, from the limit downwards or, where the mean is far below it, upwards."""
    if mean < 0.5 * most:
        term, tail, count = 1.0, 0.0, most + 1.0
        while term > _ROUNDING:
            tail += term
            count += 1.0
            term *= mean / count
        first = math.exp((most + 1.0) * math.log(mean) - mean - math.lgamma(most + 2.0))
        below = 1.0 - first * tail
        return math.log(below), (most + 1.0) * first / below
    term, total, count = 1.0, 0.0, most
    while term > _ROUNDING * total:
        total += term
        term *= count / mean
        count -= 1.0
    return most * math.log(mean) - mean - math.lgamma(most + 1.0) + math.log(total), mean / total


@njit(cache=True, nogil=True)
def at_most(most, log_mean):
    """Return log P(count <= most), minus its slope and minus its curvature in the logarithm of the mean."""
    mean = math.exp(log_mean)
    if most == 0.0:
        return -mean, mean, mean
    if mean < 1e-12:
        return 0.0, 0.0, 0.0
    chance, slope = _of_small(most, mean) if most <= _SUMMED else _of_large(most + 1.0, mean)
    return chance, slope, max(slope * (1.0 + most - mean + slope), 0.0)


@njit(cache=True, nogil=True)
def draw_count(mean, rng):
    """Draw a Poisson count; beyond what a whole number holds, from the normal distribution it tends to."""
    if mean < 1e12:
        return float(rng.poisson(mean))
    return mean + math.sqrt(mean) * rng.standard_normal()


@njit(cache=True, nogil=True)
def draw_at_most(most, log_mean, rng):
    """Draw a Poisson count that is at most `most`."""
    chance = at_most(most, log_mean)[0]
    mean = math.exp(log_mean)
    if chance > -2.0:
        while True:
            count = draw_count(mean, rng)
            if count <= most:
                return count
    # From the limit downwards, where nearly all of the chance lies.
    left = rng.random() * math.exp(min(chance - (most * log_mean - mean - math.lgamma(most + 1.0)), 700.0))
    count, term = most, 1.0
    while count > 0.0:
        left -= term
        if left <= 0.0:
            break
        term *= count / mean
        count -= 1.0
    return count
