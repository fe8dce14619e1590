"""The table that would have been counted had an odds ratio between lists been 1, for methods without a likelihood.

Where the odds of being on both lists of a pair are multiplied by an odds ratio, every history on both holds that many
times the people it would hold otherwise, next to the people on no list. Divided by it, the table is the one of the same
population with lists that are free of this dependence, and a method that takes them to be so may be asked of it. The
people on no list are in neither history, so their number carries over as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked
from smuggling_analysis.problems import BadInput

Floats = NDArray[np.float64]
_LEAST = 1e-12


@dataclass(frozen=True)
class Limits:
    """An estimate of the people on no list, with its interval."""

    value: float
    lower: float
    upper: float

    @classmethod
    def of(cls, found: Estimate, observed: float) -> Limits:
        """Take the observed off an estimate of everybody."""
        return cls(*(max(number - observed, 0.0) for number in (found.value, found.lower, found.upper)))

    def scaled(self, factor: float) -> Limits:
        """Return so many times the people."""
        return Limits(self.value * factor, self.lower * factor, self.upper * factor)

    def between(self, other: Limits, share: float) -> Limits:
        """Return the point at a share of the way to another, on the scale of logarithms."""
        return Limits(*(_between(one, two, share) for one, two in
                        ((self.value, other.value), (self.lower, other.lower), (self.upper, other.upper))))

    def at_least_as_wide(self, other: Limits) -> Limits:
        """Return limits no nearer to the estimate, as a share of it, than another's are."""
        if not self.value or not other.value:
            return self
        scale = self.value / other.value
        return replace(self, lower=min(self.lower, other.lower * scale), upper=max(self.upper, other.upper * scale))


def unseen_without(asked: Asked, histories: CaptureHistories, exponent: NDArray[np.int64], odds_ratio: float,
                   original: Estimate) -> Limits:
    """Estimate the people on no list from the table without a dependence.

    Counts are whole: each is rounded so that the people taken together are rounded once, down and up, and the two
    estimates are joined in proportion. For odds ratios below 1 the table is fuller than what was counted; the interval
    is then kept as wide, in proportion to the unseen, as the original's.

    Parameters
    ----------
    asked : Asked
        The method.
    histories : CaptureHistories
        What was counted.
    exponent : (histories,) array of int
        How often the odds ratio multiplies each of the histories stored.
    odds_ratio : float
        The odds ratio.
    original : Estimate
        The estimate from `histories`.

    Raises
    ------
    NoEstimate
        If the method refuses the adjusted table.
    """
    first = Limits.of(original, histories.n_observed)
    if histories.n_lists == 2:
        return first.scaled(odds_ratio ** int(exponent.max(initial=0)))
    with np.errstate(over="ignore"):
        whole = histories.counts * np.exp(-exponent * math.log(odds_ratio))
    if not whole.sum() < 2.0**62:
        raise NoEstimate("the table adjusted for this odds ratio has more people than can be counted",
                         "odds ratios nearer to 1")
    share = float(whole.sum() - math.floor(whole.sum() + _LEAST))
    ends = [_asked_of(asked, histories, whole, up) for up in ((False, True) if share > _LEAST else (False,))]
    found = [end for end in ends if isinstance(end, Limits)]
    if not found:
        refusal = next(end for end in ends if isinstance(end, NoEstimate))
        raise NoEstimate(f"on the table adjusted for this odds ratio: {refusal.reason}", refusal.needed)
    joined = found[0].between(found[1], share) if len(found) == 2 else found[0]
    return joined.at_least_as_wide(first) if odds_ratio < 1.0 else joined


def _asked_of(asked: Asked, histories: CaptureHistories, whole: Floats, up: bool) -> Limits | NoEstimate:
    try:
        table = histories.with_counts(rounded(whole, histories, up=up))
    except BadInput:
        return NoEstimate("nobody is left on any list", "odds ratios nearer to 1")
    found = asked.attempt(table)
    return Limits.of(found, table.n_observed) if isinstance(found, Estimate) else found


def rounded(whole: Floats, histories: CaptureHistories, *, up: bool) -> NDArray[np.int64]:
    """Round counts so that their sum is the sum rounded down or up: the largest fractions go up.

    Equal fractions go by the names of the lists, so that the order of lists does not matter.

    Parameters
    ----------
    whole : (strata, histories) array
        The counts to round.
    histories : CaptureHistories
        The table they are of.
    up : bool
        Whether the sum is rounded up.

    Examples
    --------
    >>> table = CaptureHistories.from_counts({"a": 5, "b": 4, ("a", "b"): 1}, lists=["a", "b"])
    >>> rounded(np.array([[0.5, 4.6, 3.6]]), table, up=False).tolist()
    [[0, 5, 3]]
    """
    floors = np.floor(whole + _LEAST)
    total = math.floor(whole.sum() + _LEAST) + int(up)
    fractions = np.round(whole - floors, 9)
    named = [sorted(name for name, on in zip(histories.lists, pattern, strict=True) if on)
             for pattern in histories.patterns]
    by_name = sorted(range(len(named)), key=lambda place: named[place])
    rank = np.empty(len(named))
    rank[by_name] = np.arange(len(named))
    keys = [(-fractions[row, column], row, rank[column]) for row in range(whole.shape[0])
            for column in range(whole.shape[1])]
    order = sorted(range(whole.size), key=lambda place: keys[place])
    counts = floors.ravel()
    counts[order[: max(0, int(total - floors.sum()))]] += 1
    return np.asarray(counts.reshape(whole.shape).astype(np.int64))


def _between(one: float, two: float, share: float) -> float:
    if one <= 0.0 or two <= 0.0 or math.isinf(one) or math.isinf(two):
        return one + share * (two - one) if math.isfinite(one) and math.isfinite(two) else max(one, two)
    return math.exp((1.0 - share) * math.log(one) + share * math.log(two))
