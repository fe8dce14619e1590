"""Encounters at a border: who was apprehended, who of them again, who was returned, turned back or seen to get away."""

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
    periods_of,
    repeats_of,
    require_columns,
    sound_rows,
    texts_of,
    whole_numbers,
)
from smuggling_analysis.evidence.period import Period
from smuggling_analysis.problems import BadInput, Problem, raise_any

COUNTS = ("repeats", "returned", "retried", "recidivists", "turned_back", "got_away")
"""What may be known beside the apprehensions."""

_ABOVE = (
    ("repeats", "apprehended", "more repeat apprehensions than apprehensions"),
    ("returned", "apprehended", "more people returned than apprehended"),
    ("retried", "returned", "more returned people tried again than were returned"),
    ("recidivists", "repeats", "more people apprehended more than once than repeat apprehensions"),
)
"""Counts of which the first is part of the second, and what to say where it is larger."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Encounters:
    """What a border guard counted, by place and period: events, not persons, unless said otherwise.

    Make one with `from_table`. A count is known at every place and period, or it is None.

    Parameters
    ----------
    places : tuple of str
        The place (sector, station) of each row.
    periods : tuple of Period
        The period of each row; the rows are sorted by place and period, each pair once.
    apprehended : (rows,) array of int
        Apprehensions: a person apprehended three times counts three times.
    repeats : (rows,) array of int, optional
        Those of them at which the person was recognised as apprehended before; the others are first apprehensions.
    returned : (rows,) array of int, optional
        Apprehensions after which the person was put back across the border, free to try again.
    retried : (rows,) array of int, optional
        Returns after which the person is known to have tried again, as from a survey of those returned.
    recidivists : (rows,) array of int, optional
        Persons apprehended more than once.
    turned_back : (rows,) array of int, optional
        Attempts seen to end in going back without an apprehension; nobody knows whose they were.
    got_away : (rows,) array of int, optional
        Entries that were seen and not prevented: known got-aways.
    simulated : bool
        Whether the border is simulated.

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["East", "West"], "period": ["2016", "2016"],
    ...                       "apprehended": [300, 108], "repeats": [40, 9]})
    >>> counted = Encounters.from_table(table)
    >>> counted.total("apprehended"), counted.total("repeats"), counted.total("turned_back")
    (408, 49, None)
    """

    places: tuple[str, ...]
    periods: tuple[Period, ...]
    apprehended: NDArray[np.int64]
    repeats: NDArray[np.int64] | None = None
    returned: NDArray[np.int64] | None = None
    retried: NDArray[np.int64] | None = None
    recidivists: NDArray[np.int64] | None = None
    turned_back: NDArray[np.int64] | None = None
    got_away: NDArray[np.int64] | None = None
    simulated: bool = False

    def __post_init__(self) -> None:
        rows = list(zip(self.places, self.periods, strict=True))
        given = {name: whole_numbers(column) for name in ("apprehended", *COUNTS)
                 if (column := getattr(self, name)) is not None}
        if not rows or any(column.shape != (len(rows),) for column in given.values()):
            raise ValueError("encounters need one number of each count for each of their places and periods")
        if len(set(rows)) < len(rows) or not all(self.places):
            raise ValueError("every row has a place, and no place and period twice: add the two counts")
        if any((column < 0).any() for column in given.values()):
            raise ValueError("counts of encounters must not be negative")
        for part, whole, said in _ABOVE:
            if part in given and whole in given and (given[part] > given[whole]).any():
                raise ValueError(f"{said}: {part} is part of {whole}")
        order = sorted(range(len(rows)), key=rows.__getitem__)
        object.__setattr__(self, "places", tuple(self.places[row] for row in order))
        object.__setattr__(self, "periods", tuple(self.periods[row] for row in order))
        for name, column in given.items():
            column = column[order]
            column.flags.writeable = False
            object.__setattr__(self, name, column)

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, columns: Mapping[str, str] | None = None, origin: str = "",
                   simulated: bool = False) -> Encounters:
        """Take a table with one row per place and period.

        Parameters
        ----------
        table : DataFrame
            Columns `place`, `period`, `apprehended` and any of `repeats`, `first_time`, `returned`, `retried`,
            `recidivists`, `turned_back`, `got_away`. Of `repeats` and `first_time` one is enough: together they
            are the apprehensions.
        columns : mapping of str to str, optional
            What the table calls them, where it differs.
        origin : str
            The file the table was read from, for messages.
        simulated : bool
            Whether the border is simulated.

        Raises
        ------
        BadInput
            Naming row and column: a missing column, a negative or fractional count, a part larger than its whole
            (more repeat apprehensions than apprehensions), first and repeat apprehensions that do not add up, a
            place and period given twice, or nobody apprehended, turned back or seen to get away at all.

        Examples
        --------
        >>> Encounters.from_table(pd.DataFrame(
        ...     {"place": ["East"], "period": ["2016"], "apprehended": [5], "repeats": [6]}))
        Traceback (most recent call last):
        ...
        smuggling_analysis.problems.BadInput: row 0, column "repeats": more repeat apprehensions than apprehensions, \
6 of 5; check that both columns count the same place and period
        """
        named = dict(columns or {})
        if unknown := set(named) - {"place", "period", "apprehended", "first_time", *COUNTS}:
            raise ValueError(f"encounters have no {', '.join(sorted(unknown))}")
        needed = {name: named.get(name, name) for name in ("place", "period", "apprehended")}
        further = {name: named.get(name, name) for name in ("first_time", *COUNTS)
                   if name in named or name in table.columns}
        require_columns(table, [*needed.values(), *further.values()], origin)
        places, problems = texts_of(table, needed["place"], origin)
        periods, wrong = periods_of(table, needed["period"], origin)
        problems += wrong
        counts = {}
        for name, column in {"apprehended": needed["apprehended"], **further}.items():
            counts[name], wrong = counts_of(table, column, origin, of="an encounter")
            problems += wrong
        problems += repeats_of(table, zip(places, periods, strict=True), problems, "place and period",
                               "add the two counts, or remove one row", origin)
        problems += _contradictions(table, counts, {**needed, **further}, problems, origin)
        raise_any(problems)
        first = counts.pop("first_time", None)
        if first is not None:
            counts.setdefault("repeats", counts["apprehended"] - first)
        if not any(counts[name].any() for name in ("apprehended", "turned_back", "got_away") if name in counts):
            raise BadInput([Problem("nobody was apprehended, turned back or seen to get away",
                                    "check the columns of counts", origin, column=needed["apprehended"])])
        return cls(places=tuple(places), periods=tuple(periods), simulated=simulated, **counts)

    @property
    def first_time(self) -> NDArray[np.int64] | None:
        """First apprehensions of a person, as far as persons were recognised: (rows,) array."""
        return None if self.repeats is None else self.apprehended - self.repeats

    def total(self, name: str) -> int | None:
        """Return the sum of a count over all rows; None where it is not known.

        Raises
        ------
        ValueError
            If there is no such count, or two periods of one place overlap: they would count twice.
        """
        if name not in ("apprehended", "first_time", *COUNTS):
            raise ValueError(f"encounters count {', '.join(('apprehended', 'first_time', *COUNTS))}, not {name}")
        self._require_no_overlap()
        column = getattr(self, name)
        return None if column is None else int(column.sum())

    def _require_no_overlap(self) -> None:
        by_place: dict[str, list[Period]] = {}
        for place, period in zip(self.places, self.periods, strict=True):
            by_place.setdefault(place, []).append(period)
        for place, periods in by_place.items():
            last = periods[0]
            for period in periods[1:]:
                if last.overlaps(period):
                    raise ValueError(f"{place}: the periods {last} and {period} overlap, so their counts cannot "
                                     "be added: select periods that do not")
                last = max(last, period, key=lambda own: own.end)

    def select(self, *, place: str | Sequence[str] | None = None, period: str | Period | None = None) -> Encounters:
        """Keep some places, and the periods that lie within another.

        Raises
        ------
        ValueError
            If nothing is left, saying what there is.
        """
        kept = np.ones(len(self.places), dtype=bool)
        if place is not None:
            wanted = {place} if isinstance(place, str) else set(place)
            if unknown := wanted - set(self.places):
                raise ValueError(f"no encounters at {', '.join(sorted(unknown))}; "
                                 f"the places are {', '.join(dict.fromkeys(self.places))}")
            kept &= np.array([own in wanted for own in self.places])
        if period is not None:
            around = Period.parse(period) if isinstance(period, str) else period
            kept &= np.array([own.within(around) for own in self.periods])
        if not kept.any():
            raise ValueError(f"no encounters in {period}; the periods reach from {min(self.periods)} to "
                             f"{max(self.periods)}")
        return self._keeping(np.flatnonzero(kept))

    def by_place(self) -> Iterator[tuple[str, Encounters]]:
        """Yield each place and its encounters."""
        for place in dict.fromkeys(self.places):
            yield place, self.select(place=place)

    def by_period(self) -> Iterator[tuple[Period, Encounters]]:
        """Yield each period, as it was written, and the encounters at all places in it."""
        for period in sorted(set(self.periods)):
            yield period, self._keeping(np.array([row for row, own in enumerate(self.periods) if own == period]))

    def _keeping(self, rows: NDArray[np.int64]) -> Encounters:
        counts = {name: column[rows] for name in ("apprehended", *COUNTS)
                  if (column := getattr(self, name)) is not None}
        return Encounters(places=tuple(self.places[row] for row in rows),
                          periods=tuple(self.periods[row] for row in rows), simulated=self.simulated, **counts)

    def frame(self) -> pd.DataFrame:
        """Return one row per place and period, with the counts that are known."""
        frame = pd.DataFrame({"place": self.places, "period": [str(period) for period in self.periods]})
        for name in ("apprehended", *COUNTS):
            if (column := getattr(self, name)) is not None:
                frame[name] = column
        return frame

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every count, its place and period, and of whether the border is simulated."""
        columns = [None if (column := getattr(self, name)) is None else column.tolist()
                   for name in ("apprehended", *COUNTS)]
        return digest("Encounters", self.places, [(str(own.start), str(own.end)) for own in self.periods], columns,
                      self.simulated)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encounters) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        again = "" if self.repeats is None else f", {int(self.repeats.sum()):,} of them repeats"
        rows = f"{len(self.places)} place{'s' * (len(self.places) > 1)} and periods"
        return f"Encounters({int(self.apprehended.sum()):,} apprehensions{again}; {rows})"


def _contradictions(table: pd.DataFrame, counts: Mapping[str, NDArray[np.int64]], columns: Mapping[str, str],
                    known: Sequence[Problem], origin: str) -> list[Problem]:
    """Find parts larger than their wholes, and first and repeat apprehensions that do not add up."""
    sound = sound_rows(table, known)
    problems = []
    for part, whole, said in (*_ABOVE, ("first_time", "apprehended", "more first apprehensions than apprehensions")):
        if part in counts and whole in counts:
            problems += [Problem(f"{said}, {counts[part][row]:,} of {counts[whole][row]:,}",
                                 "check that both columns count the same place and period", origin,
                                 table.index[row], columns[part])
                         for row in np.flatnonzero(sound & (counts[part] > counts[whole])).tolist()]
    if "first_time" in counts and "repeats" in counts:
        sums = counts["first_time"] + counts["repeats"]
        named = {problem.row for problem in problems}
        wrong = sound & (sums != counts["apprehended"]) & np.array([row not in named for row in table.index])
        problems += [Problem(f"{counts['first_time'][row]:,} first and {counts['repeats'][row]:,} repeat apprehensions "
                             f"are {sums[row]:,}, not {counts['apprehended'][row]:,}", "correct one of the three",
                             origin, table.index[row], columns["apprehended"])
                     for row in np.flatnonzero(wrong).tolist()]
    return problems
