"""Which lists belong to which period, and in which state of each period every history is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.open.capture_paths import Integers
from smuggling_analysis.methods.multiple_systems.open.fitting import Cells
from smuggling_analysis.methods.multiple_systems.open.period_names import in_time, not_in_time, period_in

SEEN_ONCE = "seen once"


@dataclass(frozen=True, eq=False)
class PeriodLists:
    """Periods in time order and the lists kept in each.

    Parameters
    ----------
    labels : tuple of str
    lists : tuple of tuple of str
        Each period's lists.
    """

    labels: tuple[str, ...]
    lists: tuple[tuple[str, ...], ...]

    def states(self, histories: CaptureHistories, by_captures: bool) -> Integers:
        """Return each history's state in each period, 0 where it was not seen: (histories, periods) array."""
        columns = [[histories.lists.index(name) for name in lists] for lists in self.lists]
        on = [histories.patterns[:, places].astype(np.int64) for places in columns]
        return np.stack([part.sum(axis=1) if by_captures else part @ (1 << np.arange(part.shape[1]))
                         for part in on], axis=1)

    def require_people(self, states: Integers, counts: NDArray) -> None:
        """Refuse where a period shows nobody."""
        seen = counts @ (states > 0)
        if empty := [label for label, number in zip(self.labels, seen, strict=True) if number == 0]:
            raise NoEstimate(f"nobody was seen in {', '.join(empty)}, so nothing can be said of who was "
                             "there", "records of that period, or the same lists without it")

    def excluded(self, wanted: str | Iterable[Sequence[str]] | None) -> Integers:
        """Read histories to leave out, named by their periods: (cells, periods) array of 0 and 1."""
        places = len(self.labels)
        if wanted is None:
            return np.zeros((0, places), dtype=np.int64)
        if isinstance(wanted, str):
            if wanted != SEEN_ONCE:
                raise ValueError(f"excluded is {SEEN_ONCE!r} or histories named by their periods such as "
                                 f"[({self.labels[0]!r}, {self.labels[-1]!r})], got {wanted!r}")
            return np.eye(places, dtype=np.int64)
        rows = []
        for history in wanted:
            named = {history} if isinstance(history, str) else set(history)
            if not named or not named <= set(self.labels):
                raise ValueError(f"the history {history!r} is not made of the periods "
                                 f"{', '.join(self.labels)}")
            rows.append([int(label in named) for label in self.labels])
        return np.unique(np.array(rows, dtype=np.int64).reshape(-1, places), axis=0)


def one_list_each(histories: CaptureHistories, periods: Sequence[str] | None) -> PeriodLists:
    """Take each list as a period: in the order given, or in time order where the names are periods.

    Raises
    ------
    ValueError
        If the names are no periods and no order is given, or the order does not name every list once.
    """
    if periods is None:
        if lacking := not_in_time(histories):
            raise ValueError(f"{lacking}: name the lists so, or give their order, "
                             f"periods=[{histories.lists[0]!r}, ...]")
        order = in_time(histories.lists)
    elif isinstance(periods, str) or sorted(periods) != sorted(histories.lists):
        raise ValueError(f"periods names every list once in time order: the lists are "
                         f"{', '.join(histories.lists)}, got {periods!r}")
    else:
        order = tuple(periods)
    return PeriodLists(order, tuple((name,) for name in order))


def grouped(histories: CaptureHistories, periods: Mapping[str, Sequence[str]] | Sequence[int] | None
            ) -> PeriodLists:
    """Group lists into periods: as a mapping, as numbers of lists in their order, or by their names.

    Raises
    ------
    ValueError
        If a list is in no period or two, or a name holds no period.
    """
    if periods is None:
        found: dict[str, list[str]] = {}
        for name in histories.lists:
            if not (label := period_in(name)):
                raise ValueError(f"the list {name!r} names no period such as 'police 2019': say which lists "
                                 "belong to which period, periods={'2019': ['police', 'ngo'], ...}")
            found.setdefault(label, []).append(name)
        periods = found
    if not isinstance(periods, Mapping):
        sizes = [int(size) for size in periods]
        if sum(sizes) != histories.n_lists or min(sizes, default=0) < 1:
            raise ValueError(f"periods of {sizes} lists do not add up to the {histories.n_lists} there are")
        ends = np.cumsum([0, *sizes])
        periods = {f"period {place + 1}": histories.lists[ends[place]:ends[place + 1]]
                   for place in range(len(sizes))}
    named = [name for lists in periods.values() for name in lists]
    if sorted(named) != sorted(histories.lists) or not all(len(lists) for lists in periods.values()):
        raise ValueError(f"every list belongs to one period: the lists are {', '.join(histories.lists)}, the "
                         f"periods name {', '.join(named)}")
    order = in_time(tuple(str(label) for label in periods))
    by_label = {str(label): tuple(lists) for label, lists in periods.items()}
    return PeriodLists(order, tuple(by_label[label] for label in order))


def collapsed(states: Integers, counts: NDArray) -> Cells:
    """Add up people whose states agree: `states` is (histories, periods), `counts` (histories,)."""
    some = counts > 0
    cells, where = np.unique(states[some], axis=0, return_inverse=True)
    return Cells(cells, np.bincount(where.ravel(), weights=counts[some]).astype(float))
