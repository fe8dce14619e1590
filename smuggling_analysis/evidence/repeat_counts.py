"""Repeat counts: how many people were seen once, twice, ... in one register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.checks import (
    counts_of,
    repeats_of,
    require_columns,
    whole_numbers,
)
from smuggling_analysis.problems import BadInput, Problem, raise_any


@dataclass(frozen=True, eq=False)
class RepeatCounts:
    """How many people were seen once, twice, ... in one register, per covariate pattern.

    Make one with `from_records`, `from_table` or `from_frequencies`. Methods fit covariate patterns, not
    persons, so a register of a million people costs no more than its patterns.

    Parameters
    ----------
    covariates : tuple of str
        The covariates' names; empty when nothing but the counts is known.
    patterns : tuple of tuple of str or float
        The distinct covariate patterns, sorted; `((),)` when there are no covariates.
    times : (columns,) array of int
        The numbers of times seen that occur, ascending, 1 or more.
    persons : (patterns, columns) array of int
        People of each pattern seen that many times.
    simulated : bool
        Whether the people are simulated.

    Examples
    --------
    >>> RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}).n_observed
    1880
    """

    covariates: tuple[str, ...]
    patterns: tuple[tuple[str | float, ...], ...]
    times: NDArray[np.int64]
    persons: NDArray[np.int64]
    simulated: bool = False

    def __post_init__(self) -> None:
        times, persons = whole_numbers(self.times), whole_numbers(self.persons)
        if persons.shape != (len(self.patterns), len(times)):
            raise ValueError(
                f"persons must have one row per pattern and one column per number of times seen, "
                f"({len(self.patterns)}, {len(times)}), got {persons.shape}"
            )
        if list(self.patterns) != sorted(set(self.patterns)):
            raise ValueError(
                "the covariate patterns must be distinct and sorted, each with its own row of persons"
            )
        if (times < 1).any() or (np.diff(times) <= 0).any() or (persons < 0).any():
            raise ValueError("times must ascend from 1 upwards and persons must not be negative")
        if persons.sum() == 0:
            raise BadInput(
                [Problem("nobody was seen", "check that the counts were read from the right column")]
            )
        persons = persons[:, occurring := persons.any(axis=0)]
        times = times[occurring]
        persons.flags.writeable = times.flags.writeable = False
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "persons", persons)

    @classmethod
    def from_records(cls, people: pd.DataFrame, *, count: str = "captures", covariates: Sequence[str] = (),
                     origin: str = "", simulated: bool = False) -> RepeatCounts:
        """Count people by covariate pattern and times seen: one row per person.

        Parameters
        ----------
        people : DataFrame
            One row per person.
        count : str
            The column that says how many times the person was seen: whole numbers from 1.
        covariates : sequence of str
            Columns to keep; numbers stay numbers, everything else becomes a category.
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the people are simulated.

        Raises
        ------
        BadInput
            Naming row and column: missing column, a count below 1 or not whole, a missing covariate.

        Examples
        --------
        >>> people = pd.DataFrame({"captures": [1, 1, 2], "gender": ["female", "male", "male"]})
        >>> RepeatCounts.from_records(people, covariates=["gender"]).n_observed
        3
        """
        return cls._count(people, count, None, covariates, origin, simulated)

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, times: str = "times_caught", persons: str = "n_persons",
                   covariates: Sequence[str] = (), origin: str = "", simulated: bool = False) -> RepeatCounts:
        """Take a published table: one row per covariate pattern and times seen, with the number of people.

        Parameters
        ----------
        table : DataFrame
            One row per pattern and times seen; rows left out count nobody.
        times, persons : str
            The columns of times seen (from 1) and of people (from 0).
        covariates, origin, simulated
            As in `from_records`.

        Raises
        ------
        BadInput
            As `from_records`; also a pattern given twice.

        Examples
        --------
        >>> table = pd.DataFrame({"times_caught": [1, 2], "n_persons": [1645, 183]})
        >>> RepeatCounts.from_table(table).frequencies()
        {1: 1645, 2: 183}
        """
        return cls._count(table, times, persons, covariates, origin, simulated)

    @classmethod
    def from_frequencies(cls, frequencies: Mapping[int, int], *, simulated: bool = False) -> RepeatCounts:
        """Take the numbers of people seen once, twice, ...

        Parameters
        ----------
        frequencies : mapping
            `{1: people seen once, 2: people seen twice, ...}`.
        simulated : bool
            Whether the people are simulated.

        Examples
        --------
        >>> RepeatCounts.from_frequencies({1: 10, 2: 3}).n_events
        16
        """
        table = pd.DataFrame(
            {"times_caught": list(frequencies), "n_persons": list(frequencies.values())}, dtype=object
        )
        return cls.from_table(table, simulated=simulated)

    @classmethod
    def _count(
        cls,
        frame: pd.DataFrame,
        times: str,
        persons: str | None,
        covariates: Sequence[str],
        origin: str,
        simulated: bool,
    ) -> RepeatCounts:
        names = tuple(covariates)
        require_columns(frame, [times, *([persons] if persons else []), *names], origin)
        seen, problems = counts_of(frame, times, origin, least=1)
        number = np.ones(len(frame), dtype=np.int64)
        if persons:
            number, wrong = counts_of(frame, persons, origin)
            problems += wrong
        for name in names:
            problems += [
                Problem(
                    "the covariate is missing",
                    "give its value, or leave the person out and say so",
                    origin,
                    row,
                    name,
                )
                for row in frame.index[frame[name].isna()]
            ]
        columns = [_values(frame[name]) for name in names]
        rows = list(zip(*columns, strict=True)) if names else [()] * len(frame)
        if persons:
            problems += repeats_of(frame, zip(rows, seen.tolist(), strict=True), problems,
                                   "pattern and times seen", "add the two counts, or remove one row", origin)
        raise_any(problems)
        patterns = tuple(sorted(set(rows)))
        times_seen = np.unique(seen)
        table = np.zeros((len(patterns), len(times_seen)), dtype=np.int64)
        place = {pattern: row for row, pattern in enumerate(patterns)}
        np.add.at(table, (np.array([place[row] for row in rows]), np.searchsorted(times_seen, seen)), number)
        kept = np.asarray(table.any(axis=1))
        if not kept.any():
            raise BadInput([Problem("nobody was seen", "check the column of people", origin)])
        distinct = tuple(pattern for pattern, keep in zip(patterns, kept, strict=True) if keep)
        return cls(names, distinct, times_seen, table[kept], simulated)

    @property
    def n_observed(self) -> int:
        """Number of people seen at least once."""
        return int(self.persons.sum())

    @property
    def n_events(self) -> int:
        """Number of times anyone was seen."""
        return int((self.persons * self.times).sum())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of covariates, patterns and counts, and of whether they are simulated."""
        return digest(
            "RepeatCounts",
            self.covariates,
            self.patterns,
            self.times.tolist(),
            self.persons.tolist(),
            self.simulated,
        )

    def frequencies(self) -> dict[int, int]:
        """Return the number of people seen once, twice, ..., over all patterns."""
        return {int(k): int(n) for k, n in zip(self.times, self.persons.sum(axis=0), strict=True)}

    def seen(self, times: int) -> NDArray[np.int64]:
        """Return how many people of each pattern were seen exactly so many times: (patterns,) array."""
        return self.persons[:, self.times == times].sum(axis=1)

    def pattern_frame(self) -> pd.DataFrame:
        """Return the covariate patterns, one row each, for building design matrices from formulas."""
        return self._pattern_frame.copy()

    @cached_property
    def _pattern_frame(self) -> pd.DataFrame:
        columns = {name: [pattern[place] for pattern in self.patterns] for place, name in enumerate(self.covariates)}
        return pd.DataFrame(columns, index=range(len(self.patterns)))

    def table(self) -> pd.DataFrame:
        """Return one row per pattern and times seen, with the number of people; empty cells left out."""
        rows = [
            (*pattern, int(k), int(n))
            for pattern, counts in zip(self.patterns, self.persons, strict=True)
            for k, n in zip(self.times, counts, strict=True)
            if n
        ]
        return pd.DataFrame(rows, columns=[*self.covariates, "times_caught", "n_persons"])

    def keeping(self, covariates: Sequence[str]) -> RepeatCounts:
        """Keep these covariates and sum over the others."""
        unknown = [name for name in covariates if name not in self.covariates]
        if unknown:
            raise ValueError(f"the covariates are {', '.join(self.covariates) or 'none'}; "
                             f"not among them: {', '.join(unknown)}")
        summed = self.table().groupby([*covariates, "times_caught"])["n_persons"].sum().reset_index()
        return RepeatCounts.from_table(summed, covariates=covariates, simulated=self.simulated)

    def by(self, *covariates: str) -> Iterator[tuple[tuple[str | float, ...], RepeatCounts]]:
        """Yield each stratum's values of these covariates, and its counts with all covariates kept."""
        columns = [self.covariates.index(name) for name in covariates]
        labels = [tuple(pattern[column] for column in columns) for pattern in self.patterns]
        for label in sorted(set(labels)):
            rows = [row for row, own in enumerate(labels) if own == label]
            yield label, RepeatCounts(self.covariates, tuple(self.patterns[row] for row in rows), self.times,
                                      self.persons[rows], self.simulated)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RepeatCounts) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        by = f" by {', '.join(self.covariates)}" if self.covariates else ""
        return f"RepeatCounts({self.n_observed:,} people seen {self.n_events:,} times{by})"


def _values(column: pd.Series) -> list[str | float]:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return [float(value) for value in column]
    return [str(value) for value in column]

