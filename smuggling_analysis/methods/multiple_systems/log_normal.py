"""Limits on the logarithm of the people not seen, from an estimate and its standard error."""

from __future__ import annotations

import math
from statistics import NormalDist


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
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    spread = math.exp(z * math.sqrt(math.log1p((se / unseen) ** 2)))
    return observed + unseen / spread, observed + unseen * spread
