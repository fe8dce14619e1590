"""Limits on the logarithm of the people not seen, from an estimate and its standard error."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray


def log_normal_limits(value: float, se: float, observed: float, confidence_level: float) -> tuple[float, float]:
    """Return limits that are symmetric on the logarithm of the people not seen (Chao 1987).

    Examples
    --------
    >>> [round(limit, 4) for limit in log_normal_limits(407.003789673141, 27.3010786009233, 271, 0.95)]
    [363.1229, 471.7865]
    """
    unseen = value - observed
    if unseen <= 0:
        return value, value
    factor = float(log_normal_factor(se / unseen, confidence_level))
    return observed + unseen / factor, observed + unseen * factor


def log_normal_factor(ratio: ArrayLike, confidence_level: float) -> NDArray[np.float64]:
    """Return by what the unseen are multiplied and divided, given their standard error as a share of them.

    Examples
    --------
    >>> float(log_normal_factor(0.0, 0.95)), round(float(log_normal_factor(0.5, 0.95)), 4)
    (1.0, 2.524)
    """
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    with np.errstate(divide="ignore"):
        # log(1 + ratio^2), also where the square of the ratio is too large for a number.
        variance = np.logaddexp(0.0, 2.0 * np.log(ratio))
    return np.asarray(np.exp(np.minimum(z * np.sqrt(variance), 700.0)))
