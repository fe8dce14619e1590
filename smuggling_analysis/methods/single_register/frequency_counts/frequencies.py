"""The numbers of people seen once, twice, ..., parted into those who are rarely seen and the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts

Array = NDArray[np.float64]

MOST_CUTOFF = 1000
_AGAIN = "a longer period, or a register that recognises those it has seen before"


@dataclass(frozen=True, eq=False)
class Frequencies:
    """People by how often they were seen; those seen more often than the cutoff tell nothing of those never seen.

    Parameters
    ----------
    times : (columns,) array
        The numbers of times seen, up to the cutoff, that occur.
    people : (columns,) array
        How many people were seen so often.
    often : int
        People seen more often than the cutoff: they are added to every estimate as they are.
    """

    times: Array
    people: Array
    often: int = 0

    @classmethod
    def of(cls, counts: RepeatCounts, cutoff: int | None) -> Frequencies:
        """Sum over covariate patterns and set those seen more than `cutoff` times apart.

        Raises
        ------
        ValueError
            If the cutoff is no whole number from 2 to 1,000.
        NoEstimate
            If nobody was seen as rarely as that.
        """
        most = check_cutoff(cutoff)
        totals = counts.persons.sum(axis=0)
        rare = counts.times <= most
        if not totals[rare].sum():
            raise NoEstimate(f"everybody was seen more than {most} times: nobody tells of those who are rarely seen",
                             "a larger cutoff, or a register of people who are not seen so often")
        return cls(counts.times[rare].astype(float), totals[rare].astype(float), int(totals[~rare].sum()))

    @cached_property
    def rare(self) -> float:
        """People seen no more often than the cutoff."""
        return float(self.people.sum())

    @property
    def observed(self) -> float:
        """Everybody seen."""
        return self.rare + self.often

    def seen(self, times: int) -> float:
        """Return how many people were seen exactly so often."""
        return float(self.people[self.times == times].sum())


def check_cutoff(cutoff: int | None) -> int:
    """Return the cutoff, the largest allowed in place of None, or say what is wrong with it."""
    if cutoff is None:
        return MOST_CUTOFF
    if isinstance(cutoff, bool) or cutoff != int(cutoff) or not 2 <= cutoff <= MOST_CUTOFF:
        raise ValueError(f"cutoff is a whole number of times seen from 2 to {MOST_CUTOFF:,}, or None for all, "
                         f"got {cutoff}")
    return int(cutoff)


def refuse_without_repeats(counts: RepeatCounts, frequencies: Frequencies) -> None:
    """Refuse a register that knows only people seen once, or nobody seen once."""
    if counts.times.max() == 1:
        raise NoEstimate(f"all {counts.n_observed:,} people were seen once: nothing tells how many were not", _AGAIN)
    if not frequencies.seen(1):
        raise NoEstimate("nobody was seen exactly once: such a register looks as if it knew everybody, and cannot "
                         "tell how near to that it is", "people seen once, or a distribution fitted to all counts")
