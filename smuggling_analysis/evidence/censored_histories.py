"""Capture histories of which small counts were suppressed: a least and a largest count for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.capture_histories import MOST_DENSE_LISTS, CaptureHistories
from smuggling_analysis.evidence.checks import (
    indicators_of,
    repeats_of,
    require_columns,
    sound_rows,
    whole_numbers,
)
from smuggling_analysis.evidence.history_rows import check_names
from smuggling_analysis.evidence.published_totals import EVERYBODY, check_totals, counted_by
from smuggling_analysis.evidence.suppressed_counts import WIDEST, Range, bounds_of, check_ranges
from smuggling_analysis.problems import BadInput, Problem, raise_any


@dataclass(frozen=True, eq=False)
class CensoredHistories:
    """Capture histories whose small counts are known only to lie in a range.

    Make one with `from_table`, or from whole counts with `suppress`. Histories that are not among the
    patterns count nobody.

    Parameters
    ----------
    lists : tuple of str
        The lists' names.
    patterns : (histories, lists) array of bool
        Which lists each history is on; distinct rows, at least one list each, in descending binary order.
    lower, upper : (histories,) arrays of int
        The least and the largest number of people with each history; equal where the count was published.
    totals : tuple of (str, int)
        Totals published whole: people on a list, by its name, or on any list, by the name "everybody".
    simulated : bool
        Whether the counts come from simulated people.

    Examples
    --------
    >>> table = pd.DataFrame({"police": [1, 0, 1], "ngo": [0, 1, 1], "count": [60, 40, "<5"]})
    >>> censored = CensoredHistories.from_table(table, may_be_zero=False)
    >>> censored
    CensoredHistories(101 to 104 people on 2 lists: police, ngo; 1 of 3 counts suppressed)
    """

    lists: tuple[str, ...]
    patterns: NDArray[np.bool_]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    totals: tuple[tuple[str, int], ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        _check_names(self.lists)
        patterns = np.asarray(self.patterns, dtype=bool).reshape(-1, len(self.lists))
        lower, upper = whole_numbers(self.lower), whole_numbers(self.upper)
        if lower.shape != (len(patterns),) or upper.shape != lower.shape or not patterns.any(axis=1).all():
            raise ValueError("there is one least and one largest count per history, and every history is on at "
                             "least one list")
        if (lower < 0).any() or (upper < lower).any() or (upper - lower > WIDEST).any():
            raise ValueError("a suppressed count lies between a least count of 0 or more and a largest one not "
                             f"below it, at most {WIDEST:,} apart")
        if not upper.any():
            raise BadInput([Problem("nobody can be on any list",
                                    "check that the counts were read from the right column")])
        order = np.lexsort(patterns.T[::-1])[::-1]
        order = order[upper[order] > 0]
        patterns, lower, upper = patterns[order], lower[order], upper[order]
        if len(np.unique(patterns, axis=0)) < len(patterns):
            raise ValueError("every history has one row")
        for array in (patterns, lower, upper):
            array.flags.writeable = False
        for name, value in (("patterns", patterns), ("lower", lower), ("upper", upper)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "totals", check_totals(self.totals, self.lists, patterns, lower, upper))

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, lists: Sequence[str] | None = None, count: str = "count",
                   may_be_zero: bool | None = None, marker: Mapping[str, Range] | None = None,
                   left_out: Range = (0, 0), totals: Mapping[str, int] | None = None,
                   origin: str = "", simulated: bool = False) -> CensoredHistories:
        """Take a published table in which small counts were suppressed.

        Parameters
        ----------
        table : DataFrame
            One row per history, one 0/1 column per list and a column of counts: whole numbers, or ranges
            written "<5", "≤4", "1-4", or a sign such as "*" declared in `marker`.
        lists : sequence of str, optional
            The list columns; by default every column but `count`.
        count : str
            The column of counts.
        may_be_zero : bool, optional
            Whether "<5" may stand for nobody. It must be said where the table holds such a cell, unless it
            also prints a plain 0.
        marker : mapping, optional
            Signs and the range each stands for, both ends included: `{"*": (1, 4)}`.
        left_out : (int, int)
            The range of histories the table has no row for: by default they count nobody.
        totals : mapping, optional
            Totals published whole, by list, and under "everybody" for all people on any list.
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the counts come from simulated people.

        Raises
        ------
        BadInput
            Naming row and column: a value that is no count and no range, "<5" without word on whether it may
            be nobody, a history on no list or given twice, totals that the ranges cannot reach.

        Examples
        --------
        >>> table = pd.DataFrame({"a": [1, 0, 1], "b": [0, 1, 1], "count": [60, 40, "*"]})
        >>> CensoredHistories.from_table(table, marker={"*": (1, 4)}, totals={"a": 62}).bounds()
               a      b  lower  upper
        0   True   True      1      4
        1   True  False     60     60
        2  False   True     40     40
        """
        if lists is None:
            lists = [str(name) for name in table.columns if name != count]
        _check_names(lists)
        check_ranges({**(marker or {}), "histories left out": left_out})
        require_columns(table, [*lists, count], origin)
        on, problems = indicators_of(table, lists, origin)
        low, high, wrong = bounds_of(table, count, may_be_zero=may_be_zero, marker=marker or {},
                                     origin=origin)
        problems += wrong
        problems += [Problem("a history on no list: people on no list cannot have been counted",
                             "remove the row, or correct the lists", origin, row)
                     for row in table.index[sound_rows(table, problems) & ~on.any(axis=1)]]
        problems += repeats_of(table, map(tuple, on.tolist()), problems, "history",
                               "add the two counts, or remove one row", origin)
        raise_any(problems)
        if left_out[1] > 0:
            on, low, high = _with_left_out(on, low, high, left_out)
        return cls(tuple(lists), on, low, high, tuple((totals or {}).items()), simulated)

    @classmethod
    def suppress(cls, histories: CaptureHistories, *, below: int = 5, may_be_zero: bool = False,
                 totals: bool = False) -> CensoredHistories:
        """Suppress the small counts of a whole table, as an agency would; strata are added together.

        Parameters
        ----------
        histories : CaptureHistories
            The whole table.
        below : int
            Counts below this are suppressed.
        may_be_zero : bool
            Whether histories that nobody has are suppressed too; otherwise they are known to be empty.
        totals : bool
            Whether the lists' totals and the number of everybody are kept.

        Examples
        --------
        >>> whole = CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 3}, lists=["a", "b"])
        >>> CensoredHistories.suppress(whole).upper.tolist()
        [4, 60, 40]
        """
        cells = histories.dense()
        every = np.arange(1, cells.size)
        counts = cells[1:]
        small = (counts < below) & ((counts > 0) | may_be_zero)
        lower = np.where(small, 0 if may_be_zero else 1, counts)
        kept: dict[str, int] = {}
        if totals:
            sizes = np.diag(histories.overlaps().to_numpy()).tolist()
            kept = {**dict(zip(histories.lists, sizes, strict=True)), EVERYBODY: histories.n_observed}
        on = (every[:, None] >> np.arange(histories.n_lists) & 1).astype(bool)
        return cls(histories.lists, on, lower, np.where(small, below - 1, counts), tuple(kept.items()),
                   histories.simulated)

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return len(self.lists)

    @property
    def suppressed(self) -> NDArray[np.bool_]:
        """Which histories' counts were suppressed: (histories,) array."""
        return self.upper > self.lower

    @property
    def zero_in_range(self) -> bool:
        """Whether a suppressed count may stand for nobody."""
        return bool((self.suppressed & (self.lower == 0)).any())

    @property
    def observed_bounds(self) -> tuple[int, int]:
        """The least and the largest number of people on any list."""
        known = dict(self.totals).get(EVERYBODY)
        return (int(self.lower.sum()), int(self.upper.sum())) if known is None else (known, known)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of lists, histories, ranges and totals, and of whether they are simulated."""
        return digest("CensoredHistories", self.lists, self.patterns.astype(int).tolist(),
                      self.lower.tolist(), self.upper.tolist(), self.totals, self.simulated)

    def bounds(self) -> pd.DataFrame:
        """Return one row per history: its lists, the least and the largest count."""
        frame = pd.DataFrame(self.patterns, columns=list(self.lists))
        return frame.assign(lower=self.lower, upper=self.upper)

    def dense(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the least and the largest count of every possible history: two (2**lists,) arrays.

        Cells are numbered as in `CaptureHistories.dense`; cell 0, the people on no list, is 0.
        """
        if self.n_lists > MOST_DENSE_LISTS:
            raise ValueError(f"{self.n_lists} lists have {2**self.n_lists:,} histories; select lists down to "
                             f"{MOST_DENSE_LISTS}")
        cells = self.patterns @ (1 << np.arange(self.n_lists))
        low, high = np.zeros(1 << self.n_lists, dtype=np.int64), np.zeros(1 << self.n_lists, dtype=np.int64)
        low[cells], high[cells] = self.lower, self.upper
        return low, high

    def complete_at(self, where: str) -> CaptureHistories:
        """Return the table with every suppressed count at its least, largest or middle value.

        Parameters
        ----------
        where : {"low", "high", "mid"}
            "mid" is the middle of the range, rounded down. Known totals are not used.
        """
        if where not in ("low", "high", "mid"):
            raise ValueError(f"a table is completed at 'low', 'high' or 'mid', got {where!r}")
        counts = {"low": self.lower, "high": self.upper, "mid": (self.lower + self.upper) // 2}[where]
        return CaptureHistories(self.lists, self.patterns, counts[None, :], simulated=self.simulated)

    def select_order(self, lists: Sequence[str]) -> CensoredHistories:
        """Return the same table with the lists in another order."""
        if sorted(lists) != sorted(self.lists):
            raise ValueError(f"give all of the lists {', '.join(self.lists)} in their new order")
        columns = [self.lists.index(name) for name in lists]
        return CensoredHistories(tuple(lists), self.patterns[:, columns], self.lower, self.upper, self.totals,
                                 self.simulated)

    def of_total(self, name: str) -> NDArray[np.bool_]:
        """Say which histories a known total counts: (histories,) array."""
        return counted_by(name, self.lists, self.patterns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CensoredHistories) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        low, high = self.observed_bounds
        people = f"{low:,} to {high:,}" if low < high else f"{low:,}"
        return (f"CensoredHistories({people} people on {self.n_lists} lists: {', '.join(self.lists)}; "
                f"{int(self.suppressed.sum())} of {len(self.patterns)} counts suppressed)")


def _check_names(lists: Sequence[str]) -> None:
    check_names(lists)
    if EVERYBODY in lists:
        raise BadInput([Problem(f"a list is named {EVERYBODY!r}, which names the total", "give it another name")])


def _with_left_out(on: NDArray[np.bool_], low: NDArray[np.int64], high: NDArray[np.int64],
                   left_out: Range) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    n_lists = on.shape[1]
    if n_lists > MOST_DENSE_LISTS:
        raise ValueError(f"{n_lists} lists have too many histories to give each one left out a range; select "
                         f"{MOST_DENSE_LISTS} or fewer")
    absent = np.setdiff1d(np.arange(1, 1 << n_lists), on @ (1 << np.arange(n_lists)))
    more = (absent[:, None] >> np.arange(n_lists) & 1).astype(bool)
    filled = np.full(len(absent), 1, dtype=np.int64)
    return (np.vstack([on, more]), np.concatenate([low, left_out[0] * filled]),
            np.concatenate([high, left_out[1] * filled]))
