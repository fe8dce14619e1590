"""Detection links: how the chance of being apprehended follows from the second source's rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FARTHEST = 500.0


@dataclass(frozen=True)
class DetectionLink:
    """How the detection follows from `u = beta log(gamma + n / N)`.

    Parameters
    ----------
    name : str
        As in the options.
    log_chance : callable
        Of `u`: the logarithm of the detection, its first and its second derivative, each of the shape of `u`.
    bounded : bool
        Whether detection stays below 1 whatever the rate.
    """

    name: str
    log_chance: Callable[[Array], tuple[Array, Array, Array]]
    bounded: bool


def _power(u: Array) -> tuple[Array, Array, Array]:
    return u, np.ones_like(u), np.zeros_like(u)


def _cloglog(u: Array) -> tuple[Array, Array, Array]:
    rate = np.exp(np.clip(u, -_FARTHEST, _FARTHEST))
    slope = rate / np.expm1(rate)
    return np.log(-np.expm1(-rate)), slope, slope * (1.0 - slope - rate)


def _logit(u: Array) -> tuple[Array, Array, Array]:
    value = -np.logaddexp(0.0, -u)
    chance = np.exp(value)
    return value, 1.0 - chance, -chance * (1.0 - chance)


def _probit(u: Array) -> tuple[Array, Array, Array]:
    from scipy.special import log_ndtr

    value = np.asarray(log_ndtr(u))
    slope = np.exp(-0.5 * u * u - 0.5 * np.log(2.0 * np.pi) - value)
    return value, slope, -slope * (u + slope)


LINKS: dict[str, DetectionLink] = {row.name: row for row in (
    DetectionLink("power", _power, bounded=False),
    DetectionLink("cloglog", _cloglog, bounded=True),
    DetectionLink("logit", _logit, bounded=True),
    DetectionLink("probit", _probit, bounded=True),
)}
"""The detection links, by name."""
