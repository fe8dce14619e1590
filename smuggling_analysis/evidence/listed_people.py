"""Listed people: who is on which lists, person by person, with what is known of each.

The one evidence that holds persons. It belongs where the records are kept: it prints no row, cannot be
pickled, and the estimates made of it hold sums alone. Its problems name rows by number and show no cell, since a
name or a date of birth in the wrong column is still a person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.cells import as_text
from smuggling_analysis.evidence.checks import indicators_of, numbered, require_columns, sound_rows
from smuggling_analysis.problems import BadInput, Problem, raise_any

Column = NDArray[Any]
_FINE_STRATA = 10


@dataclass(frozen=True, eq=False, repr=False)
class ListedPeople:
    """Who is on which lists, with each person's covariates.

    Make one with `from_records`. Methods that count people take `histories()` of it. The order of people
    does not matter to the evidence or its fingerprint.

    Parameters
    ----------
    lists : tuple of str
        The lists' names.
    on : (people, lists) array of bool
        Which lists each person is on; at least one.
    covariates : tuple of str
        The covariates' names; empty when nothing else is known.
    values : tuple of (people,) arrays
        Each covariate's values: finite numbers, or text for categories.
    simulated : bool
        Whether the people are simulated.

    Examples
    --------
    >>> frame = pd.DataFrame({"police": [1, 1, 0], "ngo": [0, 1, 1], "age": [19, 34, 27]})
    >>> ListedPeople.from_records(frame, lists=["police", "ngo"], covariates=["age"])
    ListedPeople(3 people on 2 lists: police, ngo; with age)
    """

    lists: tuple[str, ...]
    on: NDArray[np.bool_]
    covariates: tuple[str, ...] = ()
    values: tuple[Column, ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        names = (*self.lists, *self.covariates)
        if len(set(names)) < len(names) or not self.lists:
            raise BadInput([Problem(f"the lists and covariates are named {', '.join(names) or 'nothing'}",
                                    "name at least one list, and every list and covariate once")])
        given = np.asarray(self.on)
        if given.size and (given.dtype.kind not in "biuf" or not np.isin(given, (0, 1)).all()):
            raise ValueError("who is on which list is said by 0 and 1, or by False and True, alone")
        on = np.array(given, dtype=bool).reshape(-1, len(self.lists))
        values = tuple(_column(column) for column in self.values)
        if len(values) != len(self.covariates) or any(column.shape != (len(on),) for column in values):
            raise ValueError(f"each of the {len(self.covariates)} covariates needs {len(on):,} values, "
                             "one a person")
        if not len(on) or not on.any(axis=1).all():
            raise BadInput([Problem("nobody is on any list" if not on.any() else "a person is on no list",
                                    "keep people who are on a list")])
        if any(column.dtype.kind == "f" and not np.isfinite(column).all() for column in values):
            raise ValueError("covariates that are numbers must be finite")
        for column in (on, *values):
            column.flags.writeable = False
        object.__setattr__(self, "on", on)
        object.__setattr__(self, "values", values)

    @classmethod
    def from_records(cls, people: pd.DataFrame, *, lists: Sequence[str], covariates: Sequence[str] = (),
                     origin: str = "", simulated: bool = False) -> ListedPeople:
        """Take records: one row per person, one 0/1 column per list, one column per covariate.

        Parameters
        ----------
        people : DataFrame
            One row per person; 0 and 1 (or False and True) in the columns named by `lists`.
        lists : sequence of str
            The list columns.
        covariates : sequence of str
            Columns to keep: columns of numbers stay numbers, every other becomes a category.
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the people are simulated.

        Raises
        ------
        BadInput
            Naming row and column, never what the cell holds: a missing column, anything but 0 and 1 on a list, a
            person on no list, a covariate that is missing or not finite. Rows are named by the frame's index
            where that is of whole numbers, else counted from 1: an index of names or documents is not shown.

        Examples
        --------
        >>> frame = pd.DataFrame({"police": [1, 1, 0], "ngo": [0, 1, 1], "sex": ["f", "m", "f"]})
        >>> ListedPeople.from_records(frame, lists=["police", "ngo"], covariates=["sex"]).n_observed
        3
        """
        lists, covariates = tuple(lists), tuple(covariates)
        require_columns(people, [*lists, *covariates], origin)
        people = numbered(people)
        on, problems = indicators_of(people, lists, origin, persons=True)
        values = []
        for name in covariates:
            column, wrong = _covariate(people[name])
            values.append(column)
            problems += [Problem(f"the covariate is {fault}", "give its value, or leave the person out and say so",
                                 origin, row, name) for row, fault in wrong]
        sound = sound_rows(people, problems)
        problems += [Problem("a person on no list: people on no list cannot have been counted",
                             "remove the row, or correct the lists", origin, row)
                     for row in people.index[sound & ~on.any(axis=1)]]
        raise_any(problems)
        return cls(lists, on, covariates, tuple(values), simulated)

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return len(self.lists)

    @property
    def n_observed(self) -> int:
        """Number of people on at least one list."""
        return len(self.on)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Places of the people sorted by what is known of them: what is drawn along it depends on no row order.

        Returns
        -------
        (people,) array
            People who agree in everything keep no order among themselves, which nothing can show.
        """
        columns = [self.values[place] for place in np.argsort(self.covariates)]
        keys = [self.on[:, place] for place in np.argsort(self.lists)]
        return np.lexsort([*reversed([*keys, *columns])])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of lists, covariates and all people, and of whether they are simulated.

        It names nobody. It does let somebody who guesses the whole table confirm the guess: with a handful of people
        and coarse covariates keep it with the records.
        """
        return digest("ListedPeople", self.lists, self.on[self.order].tobytes(), self.covariates,
                      [_bytes(column[self.order]) for column in self.values], self.simulated)

    def values_of(self, covariate: str) -> Column:
        """Return one covariate: (people,) array of numbers or text."""
        if covariate not in self.covariates:
            raise ValueError(f"the covariates are {', '.join(self.covariates) or 'none'}; "
                             f"not among them: {covariate}")
        return self.values[self.covariates.index(covariate)]

    def histories(self, *, strata: Sequence[str] = ()) -> CaptureHistories:
        """Count the people by history, and by the values of covariates where they are named.

        The counts may be printed and kept, as any capture histories: name no stratum so fine that it tells a person.

        Raises
        ------
        ValueError
            If a covariate is not among those known, or the strata are so fine that few hold a second person.

        Examples
        --------
        >>> frame = pd.DataFrame({"police": [1, 1, 0], "ngo": [0, 1, 1], "sex": ["f", "m", "f"]})
        >>> people = ListedPeople.from_records(frame, lists=["police", "ngo"], covariates=["sex"])
        >>> people.histories(strata=["sex"])
        CaptureHistories(3 people on 2 lists: police, ngo, 2 strata)
        """
        frame = pd.DataFrame(self.on, columns=list(self.lists))
        for name in strata:
            frame[name] = [as_text(value) for value in self.values_of(name).tolist()]
        if strata and (made := len(frame.groupby(list(strata)))) > max(_FINE_STRATA, self.n_observed / 2):
            raise ValueError(f"{made:,} strata of {self.n_observed:,} people would list persons, not count them: "
                             "put ages into classes, places into regions")
        return CaptureHistories.from_records(frame, lists=self.lists, strata=strata, simulated=self.simulated)

    def by(self, covariate: str) -> Iterator[tuple[str | float, ListedPeople]]:
        """Yield each value of a covariate and the people who have it, without that covariate."""
        values = self.values_of(covariate)
        kept = [place for place, name in enumerate(self.covariates) if name != covariate]
        for label in np.unique(values).tolist():
            rows = values == label
            yield label, ListedPeople(self.lists, self.on[rows], tuple(self.covariates[place] for place in kept),
                                      tuple(self.values[place][rows] for place in kept), self.simulated)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ListedPeople) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        told = f"; with {', '.join(self.covariates)}" if self.covariates else ""
        return f"ListedPeople({self.n_observed:,} people on {self.n_lists} lists: {', '.join(self.lists)}{told})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("records of persons are not pickled or copied: they stay where they are kept; keep their "
                        "counts instead, from histories()")


def _column(values: Column) -> Column:
    given = np.array(values)
    return given.astype(float) if given.dtype.kind in "biuf" else given.astype(str)


def _bytes(column: Column) -> bytes:
    return column.tobytes() if column.dtype.kind == "f" else repr(column.tolist()).encode()


def _covariate(column: pd.Series) -> tuple[Column, list[tuple[object, str]]]:
    """Read one covariate; return its values, and the rows and faults of those that cannot be used."""
    missing = column.isna().to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        faults = np.where(missing, "missing", np.where(np.isfinite(numbers), "", "not finite"))
        return np.where(faults == "", numbers, 0.0), _named(column, faults)
    texts = np.array([as_text(value) for value in column], dtype=str)
    return texts, _named(column, np.where(texts == "", "missing", ""))


def _named(column: pd.Series, faults: NDArray[Any]) -> list[tuple[object, str]]:
    labels = column.index.tolist()
    return [(labels[place], str(faults[place])) for place in np.flatnonzero(faults != "")]
