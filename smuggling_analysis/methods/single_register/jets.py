"""Second-order Taylor arithmetic: write a formula once and have its exact first and second derivatives.

A `Jet` carries a value, its gradient and its Hessian by the q variables of `variables`, each over an array of
cells. Jets are added, multiplied and put through functions by the rules of calculus (forward-mode
differentiation), not by differences: nothing is lost but rounding. The functions of this module also take plain
arrays, and then return plain arrays, so that one formula serves where only values are wanted.

References
----------
Griewank, A. & Walther, A. (2008). Evaluating Derivatives: Principles and Techniques of Algorithmic
Differentiation, 2nd edition. SIAM. doi:10.1137/1.9780898717761
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Jet:
    """A value with its first and second derivatives.

    Parameters
    ----------
    value : (...) array
        The value in each cell.
    gradient : (q, ...) array
        First derivatives by the q variables; broadcasts to the cells.
    hessian : (q, q, ...) array
        Second derivatives; broadcasts to the cells.
    linear : bool
        Whether all second derivatives are zero, which saves arithmetic.

    Examples
    --------
    >>> x, y = variables(np.array([[2.0], [3.0]]))
    >>> product = x * y * y
    >>> product.value, product.gradient.ravel(), product.hessian.ravel()
    (array([18.]), array([ 9., 12.]), array([0., 6., 6., 4.]))
    """

    value: Array
    gradient: Array
    hessian: Array
    linear: bool = False

    __array_ufunc__ = None  # numpy arrays on the left leave the arithmetic to us

    def __neg__(self) -> Jet:
        return Jet(-self.value, -self.gradient, self.hessian if self.linear else -self.hessian, self.linear)

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.gradient, self.hessian, self.linear)
        return Jet(self.value + other.value, self.gradient + other.gradient,
                   other.hessian if self.linear else self.hessian if other.linear
                   else self.hessian + other.hessian, self.linear and other.linear)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value - other, self.gradient, self.hessian, self.linear)
        return Jet(self.value - other.value, self.gradient - other.gradient,
                   self.hessian if other.linear else -other.hessian if self.linear
                   else self.hessian - other.hessian, self.linear and other.linear)

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, self.gradient * other,
                       self.hessian if self.linear else self.hessian * other, self.linear)
        crossed = self.gradient[:, np.newaxis] * other.gradient
        hessian = crossed + np.swapaxes(crossed, 0, 1)
        if not other.linear:
            hessian = hessian + self.value * other.hessian
        if not self.linear:
            hessian = hessian + other.value * self.hessian
        return Jet(self.value * other.value,
                   self.value * other.gradient + other.value * self.gradient, hessian)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return self * (1.0 / np.asarray(other))
        one = 1.0 / other.value
        return self * other.through(one, -one * one, 2.0 * one**3)

    def __rtruediv__(self, other: Any) -> Jet:
        one = 1.0 / self.value
        return self.through(one, -one * one, 2.0 * one**3) * other

    def through(self, value: Array, first: Array | float, second: Array | float) -> Jet:
        """Put the jet through a function, given its value and its first and second derivative at this one."""
        gradient = first * self.gradient
        hessian = second * (self.gradient[:, np.newaxis] * self.gradient)
        if not self.linear:
            hessian = hessian + first * self.hessian
        return Jet(value, gradient, hessian)


Number: TypeAlias = "Jet | Array"
"""Formulas take either: jets give jets, plain arrays give plain arrays."""


@lru_cache(maxsize=64)
def _constants(q: int, ndim: int) -> tuple[Array, Array]:
    """Return the unit gradients, (q, q, 1, ...), and the zero Hessian, (q, q, 1, ...)."""
    unit, zero = np.eye(q).reshape(q, q, *[1] * ndim), np.zeros((q, q, *[1] * ndim))
    unit.flags.writeable = zero.flags.writeable = False
    return unit, zero


def variables(values: Array) -> tuple[Jet, ...]:
    """Make the independent variables.

    Parameters
    ----------
    values : (q, ...) array
        Their values.

    Returns
    -------
    tuple of q jets
        Each with the unit gradient of its own place and no curvature.
    """
    unit, zero = _constants(len(values), values.ndim - 1)
    return tuple(Jet(value, unit[place], zero, True) for place, value in enumerate(values))


def value_of(number: Jet | Array) -> Array:
    """Return the value of a jet, or the array itself."""
    return number.value if isinstance(number, Jet) else number


def full_of(number: Number, q: int) -> Jet:
    """Return a jet; a plain array becomes one that no variable moves."""
    if isinstance(number, Jet):
        return number
    plain = np.asarray(number, dtype=float)
    zero = _constants(q, plain.ndim)[1]
    return Jet(plain, zero[0], zero, True)


def exp(number: Number) -> Number:
    """Return e to the power of the number."""
    if not isinstance(number, Jet):
        return np.exp(number)
    value = np.exp(number.value)
    return number.through(value, value, value)


def log(number: Number) -> Number:
    """Return the natural logarithm."""
    if not isinstance(number, Jet):
        return np.log(number)
    one = 1.0 / number.value
    return number.through(np.log(number.value), one, -one * one)


def log1p(number: Number) -> Number:
    """Return log(1 + number)."""
    if not isinstance(number, Jet):
        return np.log1p(number)
    one = 1.0 / (1.0 + number.value)
    return number.through(np.log1p(number.value), one, -one * one)


def expm1(number: Number) -> Number:
    """Return exp(number) - 1."""
    if not isinstance(number, Jet):
        return np.expm1(number)
    value = np.exp(number.value)
    return number.through(np.expm1(number.value), value, value)


def softplus(number: Number) -> Number:
    """Return log(1 + exp(number)), exact to rounding at both ends."""
    if not isinstance(number, Jet):
        return np.logaddexp(0.0, number)
    value = np.logaddexp(0.0, number.value)
    share = np.exp(number.value - value)
    return number.through(value, share, share * np.exp(-value))


def log1mexp(number: Number) -> Number:
    """Return log(1 - exp(-number)) for a number above zero, exact to rounding at both ends."""
    if not isinstance(number, Jet):
        return _log1mexp(number)
    odds = np.exp(-number.value) / -np.expm1(-number.value)
    return number.through(_log1mexp(number.value), odds, -odds * (1.0 + odds))


def _log1mexp(number: Array) -> Array:
    # Mächler 2012, "Accurately computing log(1 - exp(-|a|))": each form where it keeps its digits.
    near = np.log(-np.expm1(-number))
    return np.where(number < np.log(2.0), near, np.log1p(-np.exp(-number)))


def log_normal_chance(number: Number) -> Number:
    """Return the logarithm of the standard normal distribution function."""
    if not isinstance(number, Jet):
        return log_ndtr(number)
    value = log_ndtr(number.value)
    ratio = np.exp(-0.5 * number.value**2 - 0.5 * np.log(2 * np.pi) - value)
    return number.through(value, ratio, -ratio * (number.value + ratio))


def log_sum_exp(one: Number, other: Number) -> Number:
    """Return log(exp(one) + exp(other))."""
    return other + softplus(one - other)


def where(chosen: NDArray[np.bool_], one: Any, other: Any) -> Any:
    """Take each cell from `one` where `chosen` and from `other` elsewhere: jets, arrays or numbers."""
    jets = [number for number in (one, other) if isinstance(number, Jet)]
    if not jets:
        return np.where(chosen, one, other)
    one, other = _beside(one, jets[0]), _beside(other, jets[0])
    linear = one.linear and other.linear
    return Jet(np.where(chosen, one.value, other.value), np.where(chosen, one.gradient, other.gradient),
               one.hessian if linear else np.where(chosen, one.hessian, other.hessian), linear)


def _beside(number: Any, jet: Jet) -> Jet:
    """Return a jet with as many axes as `jet`: with fewer, a plain number's derivatives would be taken for cells."""
    if isinstance(number, Jet):
        return number
    plain = np.asarray(number, dtype=float)
    return full_of(plain.reshape((1,) * (jet.value.ndim - plain.ndim) + plain.shape), len(jet.gradient))
