"""Chao and Bunge's estimator: everybody seen twice or more, over the share of people who are."""

from __future__ import annotations

from collections.abc import Iterator
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

# This package's mark: below this share the estimate is mostly extrapolation.
FEW_DUPLICATES = 0.2
_ROUNDING = 1e-12


def chao_bunge(counts: RepeatCounts, *, cutoff: int | None = 10, interval: str = "log-normal",
               confidence_level: float = 0.95) -> Estimate:
    """Estimate a population by the number seen twice or more and the share of people who are (Chao and Bunge 2002).

    Where people's rates follow a gamma distribution, whatever its shape, the share of all people who are seen twice
    or more can be estimated without fitting it. The number seen twice or more over this share is the population.

    On populations of known size (`smuggling_analysis.published_validation`) it holds the truth where
    rates are alike or gamma-distributed, and is far too high where some can be seen only once.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ...; covariate patterns are added together.
    cutoff : int, optional
        Those seen more often than this are counted as they are; nobody with None.
    interval : {"log-normal", "normal"}
        Log-normal in the number missed, or symmetric. Both are in `diagnostics["intervals"]`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Persons. `diagnostics` holds the share seen twice or more; standard error by the delta method.

    Raises
    ------
    NoEstimate
        If everybody was seen once, or nobody was; or the share seen twice or more comes out at zero or below, which
        it does where people differ more than a gamma distribution of rates allows.
    ValueError
        If an option is unknown.

    Notes
    -----
    Those rarely seen are no gamma distribution's people once the others are set apart: with a cutoff the estimate is
    a few per cent too low where rates differ much, and steadier.

    References
    ----------
    Chao, A. & Bunge, J. (2002). Estimating the number of species in a stochastic abundance model. Biometrics 58,
    531-539.

    Examples
    --------
    >>> rabbits = RepeatCounts.from_frequencies({1: 43, 2: 16, 3: 8, 4: 6, 6: 2, 7: 1})
    >>> round(chao_bunge(rabbits).value)
    212
    """
    check_options(interval, confidence_level)
    frequencies = Frequencies.of(counts, cutoff)
    refuse_without_repeats(counts, frequencies)
    share = float(duplicates_share(frequencies.times, frequencies.people))
    again = frequencies.rare - frequencies.seen(1)
    if not again:
        raise NoEstimate(f"nobody was seen more than once and no more than {cutoff} times",
                         "a larger cutoff, or people seen twice or three times")
    if share <= _ROUNDING:
        raise NoEstimate(
            f"the share of people seen twice or more is estimated at {share:.2g}, not above zero: people differ more "
            "in how often they are seen than a gamma distribution of rates allows, or too few were seen again",
            "more people seen again, or a lower bound such as chao")
    value = again / share + frequencies.often
    return estimate_of(
        counts, value, delta_method(_size, frequencies), method="chao_bunge", interval=interval,
        confidence_level=confidence_level,
        diagnostics={"share_seen_again": share, "seen_again": again, "cutoff": cutoff,
                     "seen_more_often": frequencies.often},
        cautions=[*_cautions(share), *below_chao(counts, value)])


def duplicates_share(times: Array, people: Any) -> Any:
    """Return the estimated share of people seen twice or more: (...,) array, from (..., columns) people.

    It is 1 - f1 sum(k^2 f_k) / (sum(k f_k))^2, whose expectation is exact for a gamma distribution of rates.
    """
    once = people[..., times == 1].sum(axis=-1)
    return 1 - once * (people @ times**2) / (people @ times) ** 2


def _size(times: Array, people: Any) -> Any:
    return people[..., times > 1].sum(axis=-1) / duplicates_share(times, np.asarray(people))


def _cautions(share: float) -> Iterator[str]:
    if share < FEW_DUPLICATES:
        yield (f"the share of people seen twice or more is estimated at {100 * share:.1f} %: near zero the estimate "
               "runs off, and its interval says too little")
