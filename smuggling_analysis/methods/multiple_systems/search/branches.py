"""The open branches of a search: what is in, out and free in each, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.search.term_space import Rows, TermSpace

# A round's branches are dealt into as many parts on any number of workers, so that the answer is the same.
_PARTS = 8
_MOST_FOUND_PER_PART = 4096


@dataclass(frozen=True, eq=False)
class Branches:
    """Open branches.

    Parameters
    ----------
    status : (branches, candidates) array of int8
        0 free, 1 in, 2 out.
    floor : (branches, candidates) array
        What the deviance is at least where the term is out.
    lower : (branches,) array
        What the deviance is at least.
    means : (branches, cells) array
        Fitted means to start from.
    """

    status: Rows
    floor: Floats
    lower: Floats
    means: Floats

    def __len__(self) -> int:
        return len(self.lower)

    @classmethod
    def root(cls, cells: Floats, space: TermSpace) -> Branches:
        """Return the one branch that holds every model."""
        return cls(np.zeros((1, space.size), np.int8), np.zeros((1, space.size)), np.zeros(1),
                   cells[None, :] + 0.5)

    def bounds(self, price: float) -> Floats:
        """Return what deviance and price of the terms come to at least: (branches,) array."""
        return self.lower + price * (self.status == 1).sum(axis=1)

    def take(self, places: slice | NDArray[np.int64]) -> Branches:
        """Return some of the branches."""
        return Branches(self.status[places], self.floor[places], self.lower[places],
                        self.means[places])

    @staticmethod
    def joined(parts: Sequence[Branches]) -> Branches:
        """Return the branches of all parts, those with the most terms free first."""
        both = Branches(*(np.concatenate([getattr(part, name) for part in parts])
                          for name in ("status", "floor", "lower", "means")))
        return both.take(np.argsort(-(both.status == 0).sum(axis=1), kind="stable"))


@dataclass(frozen=True, eq=False)
class Advance:
    """What working on some branches gave."""

    left: Branches
    found: Rows
    fits: int
    closed: int
    work: float


def advance(branches: Branches, cells: Floats, space: TermSpace, price: float, cutoff: float, most_work: float,
            n_jobs: int) -> Advance:
    """Work on the branches for a while, in parallel.

    Parameters
    ----------
    branches : Branches
        One or more.
    cells : (2**lists,) array
        The table.
    space : TermSpace
        The terms.
    price, cutoff : float
        What a term costs; the most that deviance and price of the candidate terms may come to.
    most_work : float
        Additions, over all parts.
    n_jobs : int
        Workers; the result does not depend on it.
    """
    from joblib import Parallel, delayed

    parts = [branches.take(slice(first, None, _PARTS)) for first in range(min(_PARTS, len(branches)))]
    share = most_work / len(parts)
    done = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_advance_one)(part, cells, space, price, cutoff, share) for part in parts)
    return Advance(Branches.joined([one.left for one in done]), np.concatenate([one.found for one in done]),
                   sum(one.fits for one in done), sum(one.closed for one in done),
                   sum(one.work for one in done))


def _advance_one(part: Branches, cells: Floats, space: TermSpace, price: float, cutoff: float,
                 most_work: float) -> Advance:
    from smuggling_analysis.kernels.loglinear import sum_over_supersets
    from smuggling_analysis.kernels.model_search import explore

    seen = cells.copy()
    sum_over_supersets(seen)
    # One branch gives two, at most once per term on the way down.
    room = len(part) + space.size + 2
    stack = Branches(np.zeros((room, space.size), np.int8), np.zeros((room, space.size)), np.zeros(room),
                     np.zeros((room, cells.size)))
    for name in ("status", "floor", "lower", "means"):
        getattr(stack, name)[: len(part)] = getattr(part, name)
    found = np.zeros((_MOST_FOUND_PER_PART, space.size), np.int8)
    n_open, n_found, fits, closed, work = explore(
        cells, seen, space.always, space.candidates, space.below, price, cutoff, stack.status, stack.floor,
        stack.lower, stack.means, len(part), found, most_work)
    return Advance(stack.take(slice(0, n_open)), (found[:n_found] == 1).astype(np.int8), fits, closed, work)
