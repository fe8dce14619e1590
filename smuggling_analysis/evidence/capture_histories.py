"""Capture histories: how many people were seen on exactly which lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.checks import whole_numbers
from smuggling_analysis.evidence.history_rows import NOT_RECORDED, check_names, count_rows, rows_of_counts
from smuggling_analysis.evidence.regrouped_histories import Regrouping, canonical
from smuggling_analysis.problems import BadInput, Problem

MOST_DENSE_LISTS = 20


@dataclass(frozen=True, eq=False)
class CaptureHistories(Regrouping):
    """How many people were seen on exactly which lists, per stratum if any.

    Make one with `from_records`, `from_table` or `from_counts`. Histories nobody has are not stored; the
    order of rows and of strata does not matter to the evidence or its fingerprint.

    Parameters
    ----------
    lists : tuple of str
        The lists' names. Model strings number them from 1 in this order.
    patterns : (histories, lists) array of bool
        Which lists each history is on; distinct rows, at least one list each, in descending binary order.
    counts : (strata, histories) array of int
        People with each history, in each stratum.
    stratified_by : tuple of str
        The variables that make the strata; empty when there is one stratum.
    strata : tuple of tuple of str
        The strata's values of those variables, sorted; `((),)` when there is one stratum.
    simulated : bool
        Whether the counts come from simulated people.
    partly_recorded : tuple of str
        Those of the variables that were not recorded for everybody: some strata have the value "not recorded".
    stratum : tuple of (str, str)
        The variables and values of the one stratum these people are of, where they were taken from others.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {("police",): 60, ("ngo",): 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> histories.n_observed
    112
    """

    lists: tuple[str, ...]
    patterns: NDArray[np.bool_]
    counts: NDArray[np.int64]
    stratified_by: tuple[str, ...] = ()
    strata: tuple[tuple[str, ...], ...] = ((),)
    simulated: bool = False
    partly_recorded: tuple[str, ...] = ()
    stratum: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        check_names(self.lists, self.stratified_by, self.partly_recorded)
        patterns = np.asarray(self.patterns, dtype=bool).reshape(-1, len(self.lists))
        counts = whole_numbers(self.counts)
        if (
            counts.shape != (len(self.strata), len(patterns))
            or (counts < 0).any()
            or not patterns.any(axis=1).all()
        ):
            raise ValueError("counts must be non-negative, one per stratum and history, "
                             "and every history on at least one list")
        if counts.sum() == 0:
            raise BadInput(
                [Problem("nobody is on any list", "check that the counts were read from the right column")]
            )
        patterns, counts = canonical(patterns, counts)
        if list(self.strata) != sorted(set(self.strata)):
            raise ValueError("the strata must be distinct and sorted, each with its own row of counts")
        if any(len(label) != len(self.stratified_by) for label in self.strata):
            raise ValueError("every stratum needs one value for each variable that makes the strata")
        patterns.flags.writeable = counts.flags.writeable = False
        object.__setattr__(self, "patterns", patterns)
        object.__setattr__(self, "counts", counts)

    @classmethod
    def from_records(cls, people: pd.DataFrame, *, lists: Sequence[str], strata: Sequence[str] = (),
                     partly_recorded: Sequence[str] = (), origin: str = "",
                     simulated: bool = False) -> CaptureHistories:
        """Count people's capture histories: one row per person, one 0/1 column per list.

        Parameters
        ----------
        people : DataFrame
            One row per person; 0 and 1 (or False and True) in the columns named by `lists`.
        lists : sequence of str
            The list columns.
        strata : sequence of str
            Columns whose values make strata, for example `["sex", "year"]`.
        partly_recorded : sequence of str
            Those of them that were not recorded for everybody, because only some lists record them or some
            people did not say: an empty cell there is read as "not recorded".
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the people are simulated.

        Raises
        ------
        BadInput
            If a column is missing, holds anything but 0 and 1, or a person is on no list.

        Examples
        --------
        >>> people = pd.DataFrame({"police": [1, 1, 0], "ngo": [0, 1, 1]})
        >>> CaptureHistories.from_records(people, lists=["police", "ngo"]).overlaps().loc["police", "ngo"]
        np.int64(1)
        """
        counted = count_rows(people, count=None, lists=lists, strata=strata, partly_recorded=partly_recorded,
                             origin=origin)
        return cls(**counted, simulated=simulated)

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, lists: Sequence[str] | None = None, count: str = "count",
                   strata: Sequence[str] = (), partly_recorded: Sequence[str] = (), origin: str = "",
                   simulated: bool = False) -> CaptureHistories:
        """Take a published table: one row per history, one 0/1 column per list and a column of counts.

        Parameters
        ----------
        table : DataFrame
            One row per history (and stratum); histories left out count nobody.
        lists : sequence of str, optional
            The list columns; by default every column but `count` and `strata`.
        count : str
            The column of counts: whole numbers, not negative.
        strata, partly_recorded, origin, simulated
            As in `from_records`.

        Raises
        ------
        BadInput
            Naming row and column: a missing column, a value that is not 0 or 1, a negative or fractional
            count, a history on no list, a history given twice.

        Examples
        --------
        >>> table = pd.DataFrame({"police": [1, 0, 1], "ngo": [0, 1, 1], "count": [60, 40, 12]})
        >>> CaptureHistories.from_table(table).n_observed
        112

        The police do not record the age:

        >>> table = pd.DataFrame({"police": [1, 0, 0, 1], "ngo": [0, 1, 1, 1], "age": [None, "old", "young", "old"],
        ...                       "count": [60, 30, 10, 12]})
        >>> CaptureHistories.from_table(table, strata=["age"], partly_recorded=["age"]).strata
        (('not recorded',), ('old',), ('young',))
        """
        if lists is None:
            lists = [str(name) for name in table.columns if name != count and name not in strata]
        counted = count_rows(table, count=count, lists=lists, strata=strata, partly_recorded=partly_recorded,
                             origin=origin)
        return cls(**counted, simulated=simulated)

    @classmethod
    def from_counts(cls, counts: Mapping[tuple[str, ...] | str, int], *, lists: Sequence[str],
                    simulated: bool = False) -> CaptureHistories:
        """Take counts by history, each history named by the lists it is on.

        Parameters
        ----------
        counts : mapping
            `{("police", "ngo"): 12, "police": 60, ...}`; histories left out count nobody.
        lists : sequence of str
            All lists, in the order in which models number them.
        simulated : bool
            Whether the counts come from simulated people.

        Examples
        --------
        >>> CaptureHistories.from_counts({"a": 5, ("a", "b"): 2}, lists=["a", "b"]).table()
              a      b  count
        0  True   True      2
        1  True  False      5
        """
        table = rows_of_counts(counts, lists)
        return cls.from_table(table, lists=lists, simulated=simulated)

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return len(self.lists)

    @property
    def n_observed(self) -> int:
        """Number of people on at least one list."""
        return int(self.counts.sum())

    @property
    def totals(self) -> NDArray[np.int64]:
        """People with each stored history, over all strata: (histories,) array."""
        return self.counts.sum(axis=0)

    @property
    def n_not_recorded(self) -> int:
        """Number of people of whom one of the variables that make the strata was not recorded."""
        places = [self.stratified_by.index(name) for name in self.partly_recorded]
        return int(sum(counts.sum() for label, counts in zip(self.strata, self.counts, strict=True)
                       if any(label[place] == NOT_RECORDED for place in places)))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of lists, histories, counts and strata, of which stratum they are, and whether simulated."""
        told: list[object] = ["CaptureHistories", self.lists, self.patterns.astype(int).tolist(),
                              self.counts.tolist(), self.stratified_by, self.strata, self.simulated]
        told += [("partly recorded", self.partly_recorded)] if self.partly_recorded else []
        told += [("stratum", self.stratum)] if self.stratum else []
        return digest(*told)

    def dense(self) -> NDArray[np.int64]:
        """Return the count of every possible history, over all strata.

        Returns
        -------
        (2**lists,) array
            Cell `c` counts people on exactly the lists whose bit is set in `c` (bit 0 is the first list).
            Cell 0, the people on no list, is 0: it was not observed.
        """
        if self.n_lists > MOST_DENSE_LISTS:
            raise ValueError(f"{self.n_lists} lists have {2**self.n_lists:,} histories; "
                             f"merge or select lists down to {MOST_DENSE_LISTS}")
        cells = np.zeros(1 << self.n_lists, dtype=np.int64)
        cells[self.patterns @ (1 << np.arange(self.n_lists))] = self.totals
        return cells

    def table(self) -> pd.DataFrame:
        """Return the histories that occur, one row per history and stratum, with their counts."""
        frames = []
        for label, counts in zip(self.strata, self.counts, strict=True):
            frame = pd.DataFrame(self.patterns, columns=list(self.lists))
            for name, value in zip(self.stratified_by, label, strict=True):
                frame[name] = value
            frames.append(frame.assign(count=counts)[counts > 0])
        return pd.concat(frames, ignore_index=True)

    def overlaps(self) -> pd.DataFrame:
        """Return how many people each pair of lists shares; the diagonal holds the lists' sizes."""
        on = self.patterns.astype(np.int64)
        shared = on.T @ (on * self.totals[:, None])
        return pd.DataFrame(shared, index=list(self.lists), columns=list(self.lists))

    def empty_overlaps(self) -> list[tuple[str, str]]:
        """Return the pairs of lists that nobody is on together."""
        shared = self.overlaps().to_numpy()
        return [
            (self.lists[i], self.lists[j])
            for i, j in combinations(range(self.n_lists), 2)
            if shared[i, j] == 0
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CaptureHistories) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        strata = f", {len(self.strata)} strata" if self.stratified_by else ""
        of = "".join(f", {name} {value}" for name, value in self.stratum)
        lists = ", ".join(self.lists)
        return f"CaptureHistories({self.n_observed:,} people on {self.n_lists} lists: {lists}{strata}{of})"
