"""Two lists: the Lincoln-Petersen and Chapman estimators and their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.overlap_cautions import unseen_dependence

# With 7 or more people on both lists the bias of Chapman's estimator is negligible (Robson and Regier 1964).
ENOUGH_ON_BOTH = 7
_LARGEST_EXPONENT = 600.0
_LINKABLE = "records of both lists that can be linked, kept for long enough that some people are on both"


@dataclass(frozen=True)
class TwoListCounts:
    """What two lists tell: how many people are on each, and on both.

    Parameters
    ----------
    names : (str, str)
        The lists' names.
    first, second : int
        People on each list.
    both : int
        People on both.
    """

    names: tuple[str, str]
    first: int
    second: int
    both: int

    @property
    def observed(self) -> int:
        """People on at least one list."""
        return self.first + self.second - self.both

    @property
    def only_first(self) -> int:
        """People on the first list alone."""
        return self.first - self.both

    @property
    def only_second(self) -> int:
        """People on the second list alone."""
        return self.second - self.both


Limits = tuple[float, float]
Interval = Callable[[TwoListCounts, float, float, float], Limits]


def lincoln_petersen(histories: CaptureHistories, *, interval: str = "log-normal",
                     confidence_level: float = 0.95) -> Estimate:
    """Estimate a population from two lists: the product of their sizes over the people on both.

    Parameters
    ----------
    histories : CaptureHistories
        Exactly two lists; strata are added together.
    interval : str
        "log-normal" (Chao 1987, on the people not seen), "logit" (Sadinle 2009), "wald" (symmetric), or
        "profile" (multinomial profile likelihood; Cormack 1992).
    confidence_level : float
        The interval's level.

    Returns
    -------
    Estimate
        In persons, with the standard error of Sekar and Deming (1949).

    Raises
    ------
    ValueError
        If there are not exactly two lists, or the interval is unknown.
    NoEstimate
        If nobody is on both lists.

    References
    ----------
    Sekar, C. C. and Deming, W. E. (1949). On a method of estimating birth and death rates and the extent of
    registration. Journal of the American Statistical Association 44(245), 101-115.
    doi:10.1080/01621459.1949.10483294

    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal catchability.
    Biometrics 43(4), 783-791. doi:10.2307/2531532

    Sadinle, M. (2009). Transformed logit confidence intervals for small populations in single
    capture-recapture estimation. Communications in Statistics - Simulation and Computation 38(9), 1909-1924.
    doi:10.1080/03610910903168595

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> lincoln_petersen(histories)
    Estimate(312 persons, 95% interval 212.8 to 508.8; lincoln_petersen; 1 caution)
    """
    counts = _counts(histories, "lincoln_petersen")
    if counts.both == 0:
        raise NoEstimate(f"nobody is on both {counts.names[0]} and {counts.names[1]}", _LINKABLE)
    value = counts.first * counts.second / counts.both
    variance = counts.first * counts.second * counts.only_first * counts.only_second / counts.both**3
    intervals = {**_INTERVALS, "profile": _profile}
    return _estimate(histories, counts, "lincoln_petersen", value, variance, interval, intervals,
                     confidence_level)


def chapman(histories: CaptureHistories, *, interval: str = "log-normal",
            confidence_level: float = 0.95) -> Estimate:
    """Estimate a population from two lists with Chapman's correction for small samples.

    Parameters
    ----------
    histories : CaptureHistories
        Exactly two lists; strata are added together.
    interval : str
        "log-normal" (Chao 1987, on the people not seen), "logit" (Sadinle 2009) or "wald" (symmetric).
    confidence_level : float
        The interval's level.

    Returns
    -------
    Estimate
        In persons, with the standard error of Seber (1970). Where nobody is on both lists the number still
        exists, with a caution: it then measures the lists' sizes, not their overlap.

    Raises
    ------
    ValueError
        If there are not exactly two lists, or the interval is unknown.
    NoEstimate
        If a list holds nobody.

    References
    ----------
    Chapman, D. G. (1951). Some properties of the hypergeometric distribution with applications to zoological
    sample censuses. University of California Publications in Statistics 1(7), 131-160.

    Seber, G. A. F. (1970). The effects of trap response on tag recapture estimates. Biometrics 26(1), 13-22.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> chapman(histories).value
    296.61538461538464
    """
    counts = _counts(histories, "chapman")
    value = (counts.first + 1) * (counts.second + 1) / (counts.both + 1) - 1
    variance = ((counts.first + 1) * (counts.second + 1) * counts.only_first * counts.only_second
                / ((counts.both + 1) ** 2 * (counts.both + 2)))
    return _estimate(histories, counts, "chapman", value, variance, interval, _INTERVALS, confidence_level)


def _counts(histories: CaptureHistories, method: str) -> TwoListCounts:
    if histories.n_lists != 2:
        raise ValueError(f"{method} needs exactly 2 lists, got {histories.n_lists} "
                         f"({', '.join(histories.lists)}): choose two with histories.select, or use "
                         "loglinear")
    shared = histories.overlaps().to_numpy()
    for place, name in enumerate(histories.lists):
        if shared[place, place] == 0:
            raise NoEstimate(f"the list {name} holds nobody", f"people on the list {name}")
    return TwoListCounts((histories.lists[0], histories.lists[1]), int(shared[0, 0]), int(shared[1, 1]),
                         int(shared[0, 1]))


def _estimate(histories: CaptureHistories, counts: TwoListCounts, method: str, value: float, variance: float,
              interval: str, intervals: dict[str, Interval], confidence_level: float) -> Estimate:
    if interval not in intervals:
        raise ValueError(f"{method} has the intervals {', '.join(intervals)}, not {interval!r}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    value = max(value, float(counts.observed))
    lower, upper = intervals[interval](counts, value, variance, confidence_level)
    return Estimate(
        value=value, lower=lower, upper=upper, unit="persons", method=method,
        confidence_level=confidence_level, observed=counts.observed, se=math.sqrt(variance),
        interval=_DESCRIBED[interval], cautions=_cautions(histories, counts, unbounded=math.isinf(upper)),
        diagnostics={"on_first": counts.first, "on_second": counts.second, "on_both": counts.both},
        fingerprint=histories.fingerprint, unbounded=math.isinf(upper), simulated=histories.simulated)


def _cautions(histories: CaptureHistories, counts: TwoListCounts, *, unbounded: bool) -> tuple[str, ...]:
    first, second = counts.names
    found = [unseen_dependence(first, second)]
    if counts.both == 0:
        found.append(f"nobody is on both {first} and {second}: the estimate rests on the correction alone "
                     "and is little more than a lower bound")
    elif counts.both < ENOUGH_ON_BOTH:
        found.append(f"only {counts.both} on both {first} and {second}: below {ENOUGH_ON_BOTH} the estimate "
                     "is biased and one record more or less changes it much")
    if not counts.only_first or not counts.only_second:
        found.append("everyone on one list is also on the other, so the formula sees nobody missing; its "
                     "standard error of zero does not mean certainty")
    if unbounded:
        found.append("the interval has no upper limit: almost everyone on one list is on the other, where "
                     "this interval does not work; use interval='profile'")
    if histories.stratified_by:
        found.append(f"the strata ({', '.join(histories.stratified_by)}) were added together: if the lists "
                     "reach them differently the estimate is biased")
    return tuple(found)


def _z(confidence_level: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_level / 2)


def _log_normal(counts: TwoListCounts, value: float, variance: float, confidence_level: float) -> Limits:
    unseen = value - counts.observed
    if unseen <= 0:
        return value, value
    spread = math.exp(_z(confidence_level) * math.sqrt(math.log1p(variance / unseen**2)))
    return counts.observed + unseen / spread, counts.observed + unseen * spread


def _logit(counts: TwoListCounts, value: float, variance: float, confidence_level: float) -> Limits:
    only_first, only_second, both = counts.only_first + 0.5, counts.only_second + 0.5, counts.both + 0.5
    unseen = only_first * only_second / both
    deviation = math.sqrt(1 / both + 1 / only_first + 1 / only_second + both / (only_first * only_second))
    if (exponent := _z(confidence_level) * deviation) > _LARGEST_EXPONENT:
        return float(counts.observed), math.inf
    spread = math.exp(exponent)
    lower = counts.observed - 0.5 + unseen / spread
    return max(lower, float(counts.observed)), counts.observed - 0.5 + unseen * spread


def _wald(counts: TwoListCounts, value: float, variance: float, confidence_level: float) -> Limits:
    half = _z(confidence_level) * math.sqrt(variance)
    return value - half, value + half


def _profile(counts: TwoListCounts, value: float, variance: float, confidence_level: float) -> Limits:
    import numpy as np

    from smuggling_analysis.methods.multiple_systems.models import Model
    from smuggling_analysis.methods.multiple_systems.profile_likelihood import Profile

    cells = np.array([0.0, counts.only_first, counts.only_second, counts.both])
    found = Profile(cells, Model(2, (1, 2))).interval(value - counts.observed, confidence_level)
    return found.lower, found.upper


_INTERVALS: dict[str, Interval] = {"log-normal": _log_normal, "logit": _logit, "wald": _wald}
_DESCRIBED = {"log-normal": "log-normal on the unseen", "logit": "transformed logit", "wald": "Wald",
              "profile": "multinomial profile likelihood"}
