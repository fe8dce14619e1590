"""Reference counts: people apprehended, otherwise recorded and registered, by country of origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.cells import as_text
from smuggling_analysis.evidence.checks import counts_of, repeats_of, require_columns, whole_numbers
from smuggling_analysis.problems import BadInput, Problem, raise_any

COUNTRY = "country"
PERIODS = ("period", "year", "half", "quarter", "month")
"""Covariates of these names say when people were counted: the same people may be counted in two of them."""


@dataclass(frozen=True, eq=False)
class ReferenceCounts:
    """Three counts per country of origin and covariates, from sources that need not be linked.

    Make one with `from_table`. Rows are kept in the order of country and covariates, whatever the table's.

    Parameters
    ----------
    countries : tuple of str
        The country of origin of each row.
    covariates : tuple of str
        The covariates' names: ("sex", "year").
    values : tuple of tuple of str or float
        Each row's covariates.
    observed : (rows,) array of int
        People of the hidden population who were apprehended.
    auxiliary : (rows,) array of int
        People recorded by a second source, such as foreigners identified by the police.
    reference : (rows,) array of int
        People registered, 1 or more.
    simulated : bool
        Whether the people are simulated.

    Examples
    --------
    >>> table = pd.DataFrame({"country": ["Georgia", "Nepal"], "m": [70, 3], "n": [22, 0], "N": [1837, 368]})
    >>> ReferenceCounts.from_table(table, observed="m", auxiliary="n", reference="N")
    ReferenceCounts(73 people observed in 2 rows of 2 countries)
    """

    countries: tuple[str, ...]
    covariates: tuple[str, ...]
    values: tuple[tuple[str | float, ...], ...]
    observed: NDArray[np.int64]
    auxiliary: NDArray[np.int64]
    reference: NDArray[np.int64]
    simulated: bool = False

    def __post_init__(self) -> None:
        for name in ("observed", "auxiliary", "reference"):
            counts = whole_numbers(getattr(self, name))
            if counts.shape != (len(self.countries),):
                raise ValueError(f"{name} must hold one count per row, ({len(self.countries)},), got {counts.shape}")
            if (counts < (name == "reference")).any():
                raise ValueError(f"{name} must not lie below {int(name == 'reference')}")
            counts.flags.writeable = False
            object.__setattr__(self, name, counts)
        rows = list(zip(self.countries, self.values, strict=True))
        if rows != sorted(set(rows)):
            raise ValueError("the rows must be distinct in country and covariates, and sorted by them")
        if self.observed.sum() == 0:
            raise BadInput([Problem("nobody was observed",
                                    "check that the counts were read from the right column")])

    @classmethod
    def from_table(cls, frame: pd.DataFrame, *, observed: str = "observed", auxiliary: str = "auxiliary",
                   reference: str = "reference", country: str = COUNTRY, covariates: Sequence[str] = (),
                   origin: str = "", simulated: bool = False) -> ReferenceCounts:
        """Take a table with one row per country and covariates.

        Parameters
        ----------
        frame : DataFrame
            One row per country of origin and combination of covariates.
        observed, auxiliary, reference, country : str
            The columns of people apprehended, recorded by the second source (from 0), registered (from 1),
            and of the country of origin.
        covariates : sequence of str
            Columns to keep; numbers stay numbers, everything else becomes a category. Write years as text to
            have a level for each. A covariate named period, year, half, quarter or month says when.
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the people are simulated.

        Raises
        ------
        BadInput
            Naming row and column: missing column, what is no count, nobody registered, a missing covariate,
            a country and covariates given twice.
        """
        names = tuple(covariates)
        if COUNTRY in names or len(set(names)) < len(names):
            raise ValueError(f"covariates are named once each and none is called {COUNTRY!r}, got {', '.join(names)}")
        require_columns(frame, [country, observed, auxiliary, reference, *names], origin)
        counted = [counts_of(frame, observed, origin), counts_of(frame, auxiliary, origin),
                   counts_of(frame, reference, origin, least=1)]
        problems = [problem for _, wrong in counted for problem in wrong]
        problems += [Problem("the country or covariate is missing", "give its value, or 'unknown'", origin, row, name)
                     for name in (country, *names) for row in frame.index[frame[name].isna()]]
        countries = [as_text(value) for value in frame[country]]
        values = list(zip(*(_values(frame[name]) for name in names), strict=True)) if names else [()] * len(frame)
        keys = list(zip(countries, values, strict=True))
        problems += repeats_of(frame, keys, problems, "country and covariates",
                               "name the column that tells the two apart as a covariate, or add them up", origin)
        raise_any(problems)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        seen, recorded, registered = (counts[order] for counts, _ in counted)
        return cls(countries=tuple(countries[row] for row in order), covariates=names,
                   values=tuple(values[row] for row in order), observed=seen, auxiliary=recorded,
                   reference=registered, simulated=simulated)

    @property
    def n_observed(self) -> int:
        """Number of people apprehended, over all rows."""
        return int(self.observed.sum())

    @property
    def periods(self) -> tuple[str, ...]:
        """The covariates that say when."""
        return tuple(name for name in self.covariates if name.lower() in PERIODS)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of countries, covariates and counts, and of whether they are simulated."""
        return digest("ReferenceCounts", self.countries, self.covariates, self.values, self.observed.tolist(),
                      self.auxiliary.tolist(), self.reference.tolist(), self.simulated)

    def column(self, name: str) -> list[str | float]:
        """Return a covariate, or the country, of every row.

        Raises
        ------
        ValueError
            If there is no covariate of this name.
        """
        if name == COUNTRY:
            return list(self.countries)
        if name not in self.covariates:
            raise ValueError(f"the covariates are {', '.join((COUNTRY, *self.covariates))}; not among them: {name}")
        place = self.covariates.index(name)
        return [row[place] for row in self.values]

    def table(self) -> pd.DataFrame:
        """Return one row per country and covariates: `country, <covariates>, observed, auxiliary, reference`."""
        frame = pd.DataFrame({COUNTRY: self.countries, **{name: self.column(name) for name in self.covariates}})
        return frame.assign(observed=self.observed, auxiliary=self.auxiliary, reference=self.reference)

    def where(self, **levels: str | float | Sequence[str | float]) -> NDArray[np.bool_]:
        """Say which rows have these values: (rows,) array of bool.

        Raises
        ------
        ValueError
            If there is no such covariate, or no row of a value.
        """
        chosen = np.ones(len(self.countries), dtype=bool)
        for name, wanted in levels.items():
            own = self.column(name)
            asked = [wanted] if isinstance(wanted, (str, int, float)) else list(wanted)
            if absent := [value for value in asked if value not in set(own)]:
                raise ValueError(f"no row has {name} = {', '.join(map(str, absent))}; found are "
                                 f"{', '.join(map(str, sorted(set(own))[:20]))}")
            chosen &= np.array([value in set(asked) for value in own])
        return chosen

    def select(self, **levels: str | float | Sequence[str | float]) -> ReferenceCounts:
        """Keep the rows with these values: `counts.select(year="2024", sex=["Female", "Male"])`."""
        return self.keeping_rows(self.where(**levels))

    def keeping_rows(self, chosen: NDArray[np.bool_]) -> ReferenceCounts:
        """Keep the rows chosen: (rows,) array of bool."""
        rows = np.flatnonzero(chosen).tolist()
        if not rows:
            raise ValueError("no row is left: choose values that occur together")
        return ReferenceCounts(countries=tuple(self.countries[row] for row in rows), covariates=self.covariates,
                               values=tuple(self.values[row] for row in rows), observed=self.observed[rows],
                               auxiliary=self.auxiliary[rows], reference=self.reference[rows],
                               simulated=self.simulated)

    def by(self, *covariates: str) -> Iterator[tuple[tuple[str | float, ...], ReferenceCounts]]:
        """Yield each stratum's values of these covariates, and its counts with all covariates kept.

        A stratum in which nobody was observed is left out.
        """
        labels = self.labels(*covariates)
        for label in sorted(set(labels)):
            rows = np.array([own == label for own in labels])
            if self.observed[rows].any():
                yield label, self.keeping_rows(rows)

    def labels(self, *covariates: str) -> list[tuple[str | float, ...]]:
        """Return the values of these covariates, or of the country, of every row."""
        columns = [self.column(name) for name in covariates]
        return list(zip(*columns, strict=True)) if columns else [()] * len(self.countries)

    def keeping(self, covariates: Sequence[str]) -> ReferenceCounts:
        """Keep these covariates and add up the counts over the others."""
        for name in covariates:
            self.column(name)
        return self._summed(self.table(), covariates)

    def regroup(self, name: str, groups: Mapping[str | float, str]) -> ReferenceCounts:
        """Put values of a covariate, or countries, into groups and add up the counts within them.

        Parameters
        ----------
        name : str
            The covariate, or "country".
        groups : mapping
            Value to group; values not named stay as they are.

        Examples
        --------
        >>> table = pd.DataFrame({"country": ["Laos", "Nepal"], "m": [7, 3], "n": [2, 0], "N": [37, 368]})
        >>> counts = ReferenceCounts.from_table(table, observed="m", auxiliary="n", reference="N")
        >>> counts.regroup("country", {"Laos": "Asia", "Nepal": "Asia"}).reference
        array([405])
        """
        own = self.column(name)
        if unknown := [value for value in groups if value not in set(own)]:
            raise ValueError(f"no row has {name} = {', '.join(map(str, unknown))}")
        table = self.table()
        table[name] = [groups.get(value, value) for value in own]
        return self._summed(table, self.covariates)

    def marking(self, name: str, countries: Sequence[str]) -> ReferenceCounts:
        """Add a covariate that is 1 for these countries and 0 for all others, for use in a formula.

        Raises
        ------
        ValueError
            If a covariate of this name exists, or a country does not.

        Examples
        --------
        >>> table = pd.DataFrame({"country": ["Laos", "Nepal"], "m": [7, 3], "n": [2, 0], "N": [37, 368]})
        >>> counts = ReferenceCounts.from_table(table, observed="m", auxiliary="n", reference="N")
        >>> counts.marking("lao", ["Laos"]).column("lao")
        [1.0, 0.0]
        """
        if name in (COUNTRY, *self.covariates):
            raise ValueError(f"there is a column {name} already: choose another name for the mark")
        if unknown := [country for country in countries if country not in set(self.countries)]:
            raise ValueError(f"no row is of {', '.join(map(str, unknown))}")
        marks = [float(country in set(countries)) for country in self.countries]
        values = tuple((*row, mark) for row, mark in zip(self.values, marks, strict=True))
        return replace(self, covariates=(*self.covariates, name), values=values)

    def _summed(self, table: pd.DataFrame, covariates: Sequence[str]) -> ReferenceCounts:
        counts = ["observed", "auxiliary", "reference"]
        summed = table.groupby([COUNTRY, *covariates], sort=False)[counts].sum().reset_index()
        return ReferenceCounts.from_table(summed, covariates=covariates, simulated=self.simulated)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReferenceCounts) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return (f"ReferenceCounts({self.n_observed:,} people observed in {len(self.countries):,} rows of "
                f"{len(set(self.countries)):,} countries)")


def _values(column: pd.Series) -> list[str | float]:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return [float(value) for value in column]
    return [str(value) for value in column]
