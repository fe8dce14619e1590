"""From an estimator's number and its standard error to an estimate: what these estimators share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.cautions import cautions_on
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import Array, Frequencies
from smuggling_analysis.methods.single_register.intervals import INTERVALS

_LARGEST = 1e15
_STEP = 1e-30
# This package's mark of an unsteady estimate, as for the sample coverage of lists.
_STEADY = 1 / 3


def estimate_of(counts: RepeatCounts, value: float, se: float, *, method: str, interval: str, confidence_level: float,
                diagnostics: Mapping[str, Any], cautions: Iterable[str]) -> Estimate:
    """Return the estimate with both its intervals, or refuse one that says nothing.

    Raises
    ------
    NoEstimate
        If the estimate lies below the number observed, or is too large to mean anything.
    """
    observed = counts.n_observed
    if not value < _LARGEST or not np.isfinite(se):
        raise NoEstimate(f"{method} has no answer of any use: so few people were seen again that any number unseen "
                         "fits the counts", "more people seen more than once")
    if value < observed * (1 - 1e-12):
        raise NoEstimate(f"{method} gives {value:,.0f}, below the {observed:,} observed: people were seen again more "
                         "evenly than it can carry", "another estimator, such as a distribution fitted to all counts")
    limits = {name: limits_of(value, se, observed, confidence_level) for name, limits_of in INTERVALS.items()}
    lower, upper = limits[interval]
    said = [*cautions_on(counts, (), (), value, None), *_unsteady(value, se), *cautions]
    return Estimate(value=max(value, float(observed)), lower=lower, upper=upper, unit="persons", method=method,
                    confidence_level=confidence_level, observed=observed, se=se, interval=interval,
                    diagnostics={**diagnostics, "intervals": limits}, cautions=tuple(said),
                    fingerprint=counts.fingerprint, simulated=counts.simulated)


def delta_method(size: Callable[[Array, Any], Any], frequencies: Frequencies) -> float:
    """Return the standard error of a size computed from the frequencies of those rarely seen.

    The frequencies, with those never seen, are a multinomial sample of the estimated population. Derivatives are
    taken by a step along the imaginary axis, which no rounding harms.

    Parameters
    ----------
    size : function of times, (columns,) array, and people, (..., columns) array, to sizes, (...,) array
        The estimator; it must take complex numbers.
    frequencies : Frequencies
        The evidence.
    """
    times, people = frequencies.times, frequencies.people
    scale = np.maximum(people, 1.0)
    steps = people + 1j * _STEP * np.diag(scale)
    with np.errstate(all="ignore"):
        slopes = np.imag(size(times, steps)) / (_STEP * scale)
    variance = slopes**2 @ people - (slopes @ people) ** 2 / float(np.real(size(times, people + 0j)))
    return float(np.sqrt(max(variance, 0.0)))


def below_chao(counts: RepeatCounts, value: float) -> list[str]:
    """Warn of an estimate below Chao's lower bound, which needs no assumption about how people differ."""
    once, twice = float(counts.seen(1).sum()), float(counts.seen(2).sum())
    bound = counts.n_observed + (once**2 / (2 * twice) if twice else once * (once - 1) / 2)
    if value >= bound * (1 - 1e-9):
        return []
    return [f"lies below Chao's lower bound of {bound:,.0f}: too low, unless being seen changes the chance of being "
            "seen again"]


def _unsteady(value: float, se: float) -> list[str]:
    if se < _STEADY * value:
        return []
    return ["the standard error is a third of the estimate or more, this package's mark of an unsteady estimate"]
