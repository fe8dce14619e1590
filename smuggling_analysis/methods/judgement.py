"""Judgement as an estimate: a judged range that computes like everything else, and says what it is."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import IMPLIED_DRAWS, digest, normal_scores
from smuggling_analysis.estimate import Estimate

Distribution = Literal["log-normal", "PERT"]


def expert_range(low: float, value: float, high: float, *, unit: str, population: str, reason: str,
                 distribution: Distribution | None = None, place: str = "", period: str = "",
                 confidence_level: float = 0.95) -> Estimate:
    """Make an estimate of a judged range, so that judgement computes like everything else and stays visible.

    The draws are the distribution's quantiles at evenly spaced probabilities, in an order that depends on the
    judgement alone (a Latin hypercube sample), so that the same judgement always gives the same draws.

    Parameters
    ----------
    low, value, high : float
        The lowest, best and highest number the judge holds plausible, in `unit`.
    unit, population, place, period
        As in `Estimate`.
    reason : str
        Why this range, and whose judgement it is; printed as a caution.
    distribution : {"log-normal", "PERT"}, optional
        By default PERT for shares and log-normal for everything else. "log-normal": half of the mass on
        either side of `value`, `low` and `high` the limits of the interval at `confidence_level` (two-piece
        log-normal; all three above 0). "PERT": a beta distribution between
        `low` and `high`, never outside them, with its mode at `value`; the one for shares.
    confidence_level : float
        Level of the interval.

    Returns
    -------
    Estimate
        With draws, and with the caution that it is a judgement.

    Raises
    ------
    ValueError
        If the three are not in ascending order, or do not suit the distribution.

    References
    ----------
    McKay MD, Beckman RJ & Conover WJ (1979). A comparison of three methods for selecting values of input
    variables in the analysis of output from a computer code. Technometrics 21(2), 239-245.

    Wallis KF (2014). The two-piece normal, binormal, or double Gaussian distribution: its origin and
    rediscoveries. Statistical Science 29(1), 106-112. doi:10.1214/13-STS417

    Examples
    --------
    >>> fee = expert_range(100, 150, 250, unit="USD per person", population="fee, Cambodia to Thailand",
    ...                    reason="one quote of 2019, halved and raised by the range seen on other routes")
    >>> fee.value, round(fee.lower), round(fee.upper), len(fee.cautions)
    (150.0, 100, 250, 1)
    """
    distribution = distribution or ("PERT" if unit == "share" else "log-normal")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    _check_range(low, value, high, unit, distribution)
    if not reason.strip():
        raise ValueError(f"{population}: a judgement needs its reason")
    values = _QUANTILES[distribution](low, value, high, confidence_level)
    joint = digest("expert range", low, value, high, unit, population, place, period, distribution,
                   confidence_level)
    made = Estimate.from_draws(
        values, joint=joint, unit=unit, method=f"judged range ({distribution})", value=float(value),
        confidence_level=confidence_level, population=population, place=place, period=period,
        interval=f"judged, {distribution}",
        diagnostics={"judgement": True, "distribution": distribution, "reason": reason},
        cautions=(f"{population} is a judgement, not a measurement: {reason}",), fingerprint=joint)
    return replace(made, lower=float(low), upper=float(high)) if distribution == "log-normal" else made


def _check_range(low: float, value: float, high: float, unit: str, distribution: str) -> None:
    if distribution not in _QUANTILES:
        raise ValueError(f"distribution is one of {', '.join(_QUANTILES)}, got {distribution!r}")
    if not (all(map(math.isfinite, (low, value, high))) and low <= value <= high and low < high):
        raise ValueError("a judged range is low <= value <= high with low < high, "
                         f"got {low:g}, {value:g}, {high:g}")
    if distribution == "log-normal" and not 0 < low < value < high:
        raise ValueError("a log-normal range needs 0 < low < value < high, "
                         f"got {low:g}, {value:g}, {high:g}; use distribution='PERT'")
    if unit == "share" and (low < 0 or high > 1 or distribution != "PERT"):
        raise ValueError("a judged share lies between 0 and 1 and takes distribution='PERT', "
                         f"got {low:g} to {high:g} with {distribution!r}")


def _log_normal_quantiles(low: float, value: float, high: float, confidence_level: float) -> NDArray[np.float64]:
    scores = normal_scores() / NormalDist().inv_cdf(0.5 + confidence_level / 2)
    return value * np.exp(scores * np.where(scores < 0, math.log(value / low), math.log(high / value)))


def _pert_quantiles(low: float, value: float, high: float, confidence_level: float) -> NDArray[np.float64]:
    from scipy.special import betaincinv

    probabilities = (np.arange(IMPLIED_DRAWS) + 0.5) / IMPLIED_DRAWS
    mode = (value - low) / (high - low)
    return low + (high - low) * betaincinv(1 + 4 * mode, 5 - 4 * mode, probabilities)


_QUANTILES = {"log-normal": _log_normal_quantiles, "PERT": _pert_quantiles}
