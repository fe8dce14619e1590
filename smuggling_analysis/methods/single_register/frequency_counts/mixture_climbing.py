"""Newton steps of a mixture's rates and people together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from smuggling_analysis.estimate import NoEstimate

Array = NDArray[np.float64]

_STEPS, _LAST_STEPS = 600, 20
_LONGEST = 2.0
_NEAR, _NOTHING = 1e-11, 1e-22
_LOWEST_RATE = 1e-10


def climb(times: Array, seen: Array, price: float, rates: Array, people: Array) -> tuple[Array, Array]:
    """Maximise the likelihood of `fit_mixture` over the logarithms of rates and of people, from where they are.

    Parameters
    ----------
    times, seen : (columns,) arrays
        Numbers of times seen, and people seen so often.
    price : float
        Of a person never seen.
    rates, people : (points,) arrays
        Where to start.

    Returns
    -------
    rates, people : (points,) arrays
        A maximum near by, or the last point before a rate falls to zero.

    Raises
    ------
    NoEstimate
        If it is not reached.
    """
    keep = people > 0
    at = np.log(np.concatenate([rates[keep], people[keep]]))
    surface = _Surface(times, seen, price)
    value, near = surface.value(at), 0
    for _ in range(_STEPS):
        gradient, hessian = surface.derivatives(at)
        step = _uphill(gradient, hessian)
        gain = float(gradient @ step)
        if gain <= _NOTHING * seen.sum() or near == _LAST_STEPS:
            return _read(at)
        if gain <= _NEAR * seen.sum():
            # Here rounding hides whether the likelihood rises, and Newton's steps need no such proof.
            at, value, near = at + step, -np.inf, near + 1
            continue
        at, risen = surface.farther(at, step, value)
        if risen <= value or at[: len(at) // 2].min() < np.log(_LOWEST_RATE):
            return _read(at)
        value = risen
    raise NoEstimate("the likelihood of a mixture of rates is too flat for its maximum to be found",
                     "more people seen again, or a parametric family")


def _read(at: Array) -> tuple[Array, Array]:
    points = len(at) // 2
    return np.exp(at[:points]), np.exp(at[points:])


class _Surface:
    """The log-likelihood as a function of log rates and log people, in one vector."""

    def __init__(self, times: Array, seen: Array, price: float):
        self.times, self.seen, self.price, self.log_factorials = times, seen, price, gammaln(times + 1)

    def _read(self, at: Array) -> tuple[Array, Array, Array]:
        points = len(at) // 2
        logs, rates = at[:points], np.exp(at[:points])
        made = np.exp(self.times[:, None] * logs - rates - self.log_factorials[:, None] + at[points:])
        return rates, np.exp(at[points:]), made

    def value(self, at: Array) -> float:
        with np.errstate(all="ignore"):
            rates, people, made = self._read(at)
            cost = people @ (-np.expm1(-rates) + self.price * np.exp(-rates))
            found = float(self.seen @ np.log(made.sum(axis=1)) - cost)
        return found if np.isfinite(found) else -np.inf

    def derivatives(self, at: Array) -> tuple[Array, Array]:
        rates, people, made = self._read(at)
        away, points = self.times[:, None] - rates, len(rates)
        expected = made.sum(axis=1)
        weight = self.seen / expected
        lost = np.exp(-rates)
        by_rate = weight @ (made * away) - people * (1 - self.price) * rates * lost
        by_people = weight @ made - people * (1 - (1 - self.price) * lost)
        twice = weight @ (made * (away**2 - rates)) - people * (1 - self.price) * (rates - rates**2) * lost
        root = np.sqrt(self.seen) / expected
        slopes = root[:, None] * np.concatenate([made * away, made], axis=1)
        hessian = -slopes.T @ slopes
        one, two = np.arange(points), np.arange(points, 2 * points)
        hessian[one, one] += twice
        hessian[two, two] += by_people
        hessian[one, two] += by_rate
        hessian[two, one] += by_rate
        return np.concatenate([by_rate, by_people]), hessian

    def farther(self, at: Array, step: Array, value: float) -> tuple[Array, float]:
        """Go along the step as far as the likelihood rises: at most all of it."""
        share = 1.0
        while share > 1e-8:
            there = at + share * step
            risen = self.value(there)
            if risen > value:
                return there, risen
            share /= 2
        return at, value


def _uphill(gradient: Array, hessian: Array) -> Array:
    """Return Newton's step, turned uphill where the surface is not concave and cut where it is too long."""
    scales, axes = np.linalg.eigh(hessian)
    floor = 1e-12 * max(float(np.abs(scales).max()), 1e-300)
    step = axes @ ((axes.T @ gradient) / np.maximum(np.abs(scales), floor))
    longest = float(np.abs(step).max())
    return np.asarray(step * min(1.0, _LONGEST / longest) if longest > 0 else step)
