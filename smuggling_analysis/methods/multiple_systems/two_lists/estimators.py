"""Two lists: the Lincoln-Petersen and Chapman estimators."""

from __future__ import annotations

import math

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import unseen_dependence
from smuggling_analysis.methods.multiple_systems.two_lists.intervals import (
    INTERVALS,
    Asked,
    TwoListCounts,
    interval_of,
)

# With 7 or more people on both lists the bias of Chapman's estimator is negligible (Robson and Regier 1964).
ENOUGH_ON_BOTH = 7
# With fewer on one list alone the intervals cover less often than they say (simulated in the tests).
ENOUGH_ON_ONE = 5
_LINKABLE = "records of both lists that can be linked, kept for long enough that some people are on both"


@takes_linked_versions
def lincoln_petersen(histories: CaptureHistories, *, interval: str = "log-normal", replicates: int = 1000,
                     confidence_level: float = 0.95,
                     rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from two lists: the product of their sizes over the people on both.

    Parameters
    ----------
    histories : CaptureHistories
        Exactly two lists; strata are added together.
    interval : {"log-normal", "logit", "wald", "profile", "bootstrap"}
        Symmetric on the logarithm of the people not seen (Chao 1987); transformed logit (Sadinle 2009);
        symmetric; multinomial profile likelihood (Cormack 1992); percentiles of populations drawn from the
        estimate. Where everyone on one list is also on the other the standard error is zero: the exact
        hypergeometric interval (Chapman 1951) then stands in for those that rest on it, and the estimate
        says so.
    replicates : int
        Bootstrap replicates, 2 or more.
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Randomness of the bootstrap.

    Returns
    -------
    Estimate
        In persons, with the standard error of Sekar and Deming (1949). A bootstrap gives draws.

    Raises
    ------
    ValueError
        If there are not exactly two lists, or the interval is unknown.
    NoEstimate
        If nobody is on both lists, or so few that most bootstrap replicates have nobody there.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    where the lists are independent, and misses it where one list leads to the other. Nothing in two lists
    can show that: see `dependence_band`.

    References
    ----------
    Sekar, C. C. and Deming, W. E. (1949). On a method of estimating birth and death rates and the extent of
    registration. Journal of the American Statistical Association 44(245), 101-115.

    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal catchability.
    Biometrics 43(4), 783-791. doi:10.2307/2531532

    Sadinle, M. (2009). Transformed logit confidence intervals for small populations in single
    capture-recapture estimation. Communications in Statistics - Simulation and Computation 38(9), 1909-1924.
    doi:10.1080/03610910903168595

    Cormack, R. M. (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics
    48(2), 567-576.

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
    variance = counts.first * counts.second * counts.only_first * counts.only_second / counts.both**3
    asked = Asked(counts, "lincoln_petersen", lambda first, second, both: first * second / both,
                  counts.only_first * counts.only_second / counts.both, variance, confidence_level,
                  replicates, np.random.default_rng(rng), histories.fingerprint)
    return _estimate(histories, asked, interval, tuple(INTERVALS))


@takes_linked_versions
def chapman(histories: CaptureHistories, *, interval: str = "log-normal", replicates: int = 1000,
            confidence_level: float = 0.95, rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from two lists with Chapman's correction for small samples.

    Parameters
    ----------
    histories : CaptureHistories
        Exactly two lists; strata are added together.
    interval : {"log-normal", "logit", "wald", "bootstrap"}
        As in `lincoln_petersen`; the profile likelihood has another middle than this estimator.
    replicates : int
        Bootstrap replicates, 2 or more.
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Randomness of the bootstrap.

    Returns
    -------
    Estimate
        In persons, with the standard error of Seber (1982). Where nobody is on both lists the number still
        exists, with a caution: it then measures the lists' sizes, not their overlap.

    Raises
    ------
    ValueError
        If there are not exactly two lists, or the interval is unknown.
    NoEstimate
        If a list holds nobody.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    where the lists are independent, and misses it where one list leads to the other. Nothing in two lists
    can show that: see `dependence_band`.

    References
    ----------
    Chapman, D. G. (1951). Some properties of the hypergeometric distribution with applications to zoological
    sample censuses. University of California Publications in Statistics 1(7), 131-160.

    Seber, G. A. F. (1982). The Estimation of Animal Abundance, second edition, 59-60. London: Griffin.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> chapman(histories).value
    296.61538461538464
    """
    counts = _counts(histories, "chapman")
    variance = ((counts.first + 1) * (counts.second + 1) * counts.only_first * counts.only_second
                / ((counts.both + 1) ** 2 * (counts.both + 2)))
    asked = Asked(counts, "chapman", lambda first, second, both: (first + 1) * (second + 1) / (both + 1) - 1,
                  counts.only_first * counts.only_second / (counts.both + 1), variance, confidence_level,
                  replicates, np.random.default_rng(rng), histories.fingerprint)
    return _estimate(histories, asked, interval, tuple(kind for kind in INTERVALS if kind != "profile"))


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


def _estimate(histories: CaptureHistories, asked: Asked, interval: str, offered: tuple[str, ...]) -> Estimate:
    if interval not in offered:
        raise ValueError(f"{asked.method} has the intervals {', '.join(offered)}, not {interval!r}")
    if not 0 < asked.confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {asked.confidence_level}")
    if not isinstance(asked.replicates, (int, np.integer)) or asked.replicates < 2:
        raise ValueError(f"a bootstrap needs 2 replicates or more, better 1,000; got {asked.replicates}")
    counts = asked.counts
    found = interval_of(asked, interval)
    return Estimate(
        value=asked.value, lower=found.lower, upper=found.upper, unit="persons", method=asked.method,
        confidence_level=asked.confidence_level, observed=counts.observed, se=math.sqrt(asked.variance),
        interval=found.described, draws=found.draws,
        cautions=(*_cautions(histories, counts), *found.cautions),
        diagnostics={"on_first": counts.first, "on_second": counts.second, "on_both": counts.both,
                     **found.diagnostics},
        fingerprint=histories.fingerprint, unbounded=math.isinf(found.upper), simulated=histories.simulated)


def _cautions(histories: CaptureHistories, counts: TwoListCounts) -> tuple[str, ...]:
    first, second = counts.names
    found = [unseen_dependence(first, second)]
    if counts.both == 0:
        found.append(f"nobody is on both {first} and {second}: the estimate rests on the correction alone "
                     "and is little more than a lower bound")
    elif counts.both < ENOUGH_ON_BOTH:
        found.append(f"only {counts.both} on both {first} and {second}: below {ENOUGH_ON_BOTH} the estimate "
                     "is biased and one record more or less changes it much")
    if counts.nested:
        found.append("everyone on one list is also on the other, so the formula sees nobody missing; its "
                     "standard error of zero does not mean certainty")
    elif min(counts.only_first, counts.only_second) < ENOUGH_ON_ONE:
        found.append(f"fewer than {ENOUGH_ON_ONE} people are on one list and not on the other: the interval "
                     "is likely too short; interval='logit' holds best there")
    if histories.stratified_by:
        found.append(f"the strata ({', '.join(histories.stratified_by)}) were added together: if the lists "
                     "reach them differently the estimate is biased")
    return tuple(found)
