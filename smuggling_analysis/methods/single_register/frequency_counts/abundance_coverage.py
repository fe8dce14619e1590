"""Abundance coverage: how many people those seen have left to be seen, and how they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import (
    Array,
    Frequencies,
    refuse_without_repeats,
)
from smuggling_analysis.methods.single_register.frequency_counts.outcome import below_chao, delta_method, estimate_of
from smuggling_analysis.methods.single_register.intervals import check_options

# This package's marks.
MUCH_VARIATION = 0.8
ENOUGH_COVERAGE = 0.5


def abundance_coverage(counts: RepeatCounts, *, estimator: str = "ACE", cutoff: int | None = 10,
                       interval: str = "log-normal", confidence_level: float = 0.95) -> Estimate:
    """Estimate a population by the sample coverage of those who are rarely seen (Chao and Lee 1992).

    The sample coverage is the share of all sightings to come that will be of people already seen, and is judged
    from those seen once. The more people differ in how easily they are seen, the more remain: their coefficient of
    variation (CV) is estimated from how often they were seen.

    On populations of known size (`smuggling_analysis.published_validation`) it holds the truth where
    everybody is alike, is too low where people differ, and far too high where some can be seen only once.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ...; covariate patterns are added together.
    estimator : {"ACE", "ACE-1", "homogeneous"}
        "ACE", the abundance-based coverage estimator; "ACE-1", with the CV corrected for its own bias, for people
        who differ much; "homogeneous", as if they did not differ at all.
    cutoff : int, optional
        Those seen more often than this are counted as they are. With None nobody is, which gives the estimators of
        Chao and Lee (1992) as they were.
    interval : {"log-normal", "normal"}
        Log-normal in the number missed, or symmetric. Both are in `diagnostics["intervals"]`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Persons. `diagnostics` holds the coverage, the CV and all three estimates; standard error by the delta
        method.

    Raises
    ------
    NoEstimate
        If everybody was seen once, or nobody was; or nobody was seen again who counts as rarely seen.
    ValueError
        If an option is unknown.

    References
    ----------
    Chao, A. & Lee, S.-M. (1992). Estimating the number of classes via sample coverage. Journal of the American
    Statistical Association 87, 210-217.

    Chao, A., Ma, M.-C. & Yang, M. C. K. (1993). Stopping rules and estimation for recapture debugging with unequal
    failure rates. Biometrika 80, 193-201.

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> round(abundance_coverage(counts).value), round(abundance_coverage(counts, estimator="ACE-1").value)
    (9376, 11334)
    """
    check_options(interval, confidence_level)
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator is one of {', '.join(ESTIMATORS)}, got {estimator!r}")
    frequencies = Frequencies.of(counts, cutoff)
    refuse_without_repeats(counts, frequencies)
    if frequencies.times.max() == 1:
        raise NoEstimate(f"nobody was seen more than once and no more than {cutoff} times: their sample coverage is "
                         "zero", "a larger cutoff, or people seen twice or three times")
    measured = _Coverage.of(frequencies.times, frequencies.people)
    sizes = {name: float(size(frequencies.times, frequencies.people)) + frequencies.often
             for name, size in ESTIMATORS.items()}
    return estimate_of(
        counts, sizes[estimator], delta_method(ESTIMATORS[estimator], frequencies),
        method=f"abundance_coverage, {estimator}", interval=interval, confidence_level=confidence_level,
        diagnostics={"sample_coverage": float(measured.coverage), "cv": float(np.sqrt(measured.variation)),
                     "cv_corrected": float(np.sqrt(measured.corrected)), "estimates": sizes, "cutoff": cutoff,
                     "seen_more_often": frequencies.often},
        cautions=[*_cautions(measured, estimator), *below_chao(counts, sizes[estimator])])


@dataclass(frozen=True, eq=False)
class _Coverage:
    """The sample coverage and the squared CV of frequencies, (...,) arrays, real or complex."""

    once: Any
    people: Any
    coverage: Any
    variation: Any
    corrected: Any

    @classmethod
    def of(cls, times: Array, people: Any) -> _Coverage:
        once = people[..., times == 1].sum(axis=-1)
        number, events = people.sum(axis=-1), people @ times
        pairs = people @ (times * (times - 1)) / (events * (events - 1))
        coverage = 1 - once / events
        variation = _positive(number / coverage * pairs - 1)
        return cls(once, number, coverage, variation, _positive(variation * (1 + once / coverage * pairs)))

    def size(self, variation: Any) -> Any:
        return (self.people + self.once * variation) / self.coverage


def _positive(number: Any) -> Any:
    """Return the number where its real part is positive, else 0."""
    return np.where(np.real(number) > 0, number, 0.0)


def _ace(times: Array, people: Any) -> Any:
    found = _Coverage.of(times, people)
    return found.size(found.variation)


def _ace_1(times: Array, people: Any) -> Any:
    found = _Coverage.of(times, people)
    return found.size(found.corrected)


def _homogeneous(times: Array, people: Any) -> Any:
    return _Coverage.of(times, people).size(0.0)


ESTIMATORS: dict[str, Callable[[Array, Any], Any]] = {"ACE": _ace, "ACE-1": _ace_1, "homogeneous": _homogeneous}
"""From times, (columns,) array, and people, (..., columns) array, to how many rarely seen people there are."""


def _cautions(measured: _Coverage, estimator: str) -> Iterator[str]:
    coverage, cv = float(measured.coverage), float(np.sqrt(measured.variation))
    if coverage < ENOUGH_COVERAGE:
        yield (f"the sample coverage is {100 * coverage:.0f} %: below 50 %, this package's mark, the estimate is "
               "no more than a lower bound")
    if cv > MUCH_VARIATION and estimator != "ACE-1":
        yield (f"people differ much in how easily they are seen (CV {cv:.2f}, above this package's mark of 0.8): "
               "the estimate is too low, ACE-1 less so")
    if estimator == "homogeneous" and cv > 0:
        yield "takes everybody to be seen as easily: a lower bound where they are not"
