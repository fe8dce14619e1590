"""Event series: dated events with their counts, such as detections, deaths or departures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.cells import is_missing, show
from smuggling_analysis.evidence.checks import (
    counts_of,
    numbers_of,
    periods_of,
    repeats_of,
    require_columns,
    texts_of,
    whole_numbers,
)
from smuggling_analysis.evidence.period import Period
from smuggling_analysis.problems import Problem, raise_any

_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, eq=False, kw_only=True)
class EventSeries:
    """Counts of events by place and period, with what is known of their quality.

    Make one with `from_table`. What is counted is what an observer recorded: a minimum of what happened.

    Parameters
    ----------
    places : tuple of str
        The place of each point.
    periods : tuple of Period
        The period of each point; the points are sorted by place and period, each pair once.
    counts : (points,) array of int
        What was counted, in `unit`.
    unit : str
        "deaths", "detections", "persons" ...
    what : str
        What was counted, in the source's sense: "dead and missing migrants".
    incidents : (points,) array of int, optional
        Number of events the counts come from.
    quality : (points,) array of float, optional
        The source's own quality score; NaN where none was given.
    complete : (points,) array of bool
        Whether the period was reported to its end.
    definition : str
        The version of the definition counted by.
    simulated : bool
        Whether the events are simulated.

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["Sea", "Sea"], "period": ["2022", "2023"], "count": [348, 569]})
    >>> EventSeries.from_table(table, unit="deaths", what="dead or missing").total
    917
    """

    places: tuple[str, ...]
    periods: tuple[Period, ...]
    counts: NDArray[np.int64]
    unit: str
    what: str
    complete: NDArray[np.bool_]
    incidents: NDArray[np.int64] | None = None
    quality: NDArray[np.float64] | None = None
    definition: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        columns = {"counts": whole_numbers(self.counts), "complete": np.array(self.complete, dtype=bool)}
        if self.incidents is not None:
            columns["incidents"] = whole_numbers(self.incidents)
        if self.quality is not None:
            columns["quality"] = np.array(self.quality, dtype=float)
        points = list(zip(self.places, self.periods, strict=True))
        if not points or any(column.shape != (len(points),) for column in columns.values()):
            raise ValueError(
                "an event series needs one count, and one of everything else, for each of its points"
            )
        if len(set(points)) < len(points):
            raise ValueError("a place and period is given twice: add the counts, or keep one")
        if not self.unit or not self.what or not all(self.places):
            raise ValueError("an event series says what is counted where, and in which unit")
        if any((columns[name] < 0).any() for name in ("counts", "incidents") if name in columns):
            raise ValueError("counts and incidents must not be negative")
        order = sorted(range(len(points)), key=points.__getitem__)
        object.__setattr__(self, "places", tuple(self.places[point] for point in order))
        object.__setattr__(self, "periods", tuple(self.periods[point] for point in order))
        for name, column in columns.items():
            column = column[order]
            column.flags.writeable = False
            object.__setattr__(self, name, column)

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        *,
        unit: str,
        what: str,
        place: str = "place",
        period: str = "period",
        count: str = "count",
        incidents: str | None = None,
        quality: str | None = None,
        complete: str | None = None,
        definition: str = "",
        origin: str = "",
        simulated: bool = False,
    ) -> EventSeries:
        """Take a table with one row per place and period.

        Parameters
        ----------
        table : DataFrame
            One row per place and period; periods left out were not reported.
        unit, what, definition, simulated
            As in `EventSeries`.
        place, period, count : str
            The columns of places, periods ("2015", "2015-06", "2015-Q1") and counts (whole, not negative).
        incidents, quality, complete : str, optional
            The columns of numbers of events, of quality scores and of yes or no; without `complete` every
            period is taken as reported to its end.
        origin : str
            The file the frame was read from, for messages.

        Raises
        ------
        BadInput
            Naming row and column: a missing column, a negative or fractional count, a period of another
            form or before 1900, a place and period given twice.

        Examples
        --------
        >>> table = pd.DataFrame({"region": ["Asia"], "year": [2023], "dead": [90], "full": ["yes"]})
        >>> EventSeries.from_table(table, unit="deaths", what="dead", place="region", period="year",
        ...                        count="dead", complete="full").frame()
          place period  count  complete
        0  Asia   2023     90      True
        """
        optional = [name for name in (incidents, quality, complete) if name]
        require_columns(table, [place, period, count, *optional], origin)
        places, problems = texts_of(table, place, origin)
        periods, wrong = periods_of(table, period, origin)
        counts, wrong_counts = counts_of(table, count, origin, of="an event")
        problems += wrong + wrong_counts
        columns: dict[str, NDArray] = {}
        if incidents:
            columns["incidents"], wrong = counts_of(table, incidents, origin, of="an incident")
            problems += wrong
        if quality:
            columns["quality"], wrong = numbers_of(table, quality, origin, optional=True)
            problems += wrong
        columns["complete"], wrong = _truths(table, complete, origin)
        problems += wrong
        problems += repeats_of(table, zip(places, periods, strict=True), problems, "place and period",
                               "add the two counts, or remove one row", origin)
        raise_any(problems)
        return cls(places=tuple(places), periods=tuple(periods), counts=counts, unit=unit, what=what,
                   definition=definition, simulated=simulated, **columns)

    @property
    def total(self) -> int:
        """Sum of the counts.

        Raises
        ------
        ValueError
            If two periods of one place overlap: their events would be counted twice.
        """
        for (place, first), (other, second) in pairwise(zip(self.places, self.periods, strict=True)):
            if place == other and first.overlaps(second):
                raise ValueError(
                    f"{place}: the periods {first} and {second} overlap, so their counts cannot be "
                    "added: select periods that do not"
                )
        return int(self.counts.sum())

    def select(self, *, place: str | Sequence[str] | None = None,
               period: str | Period | None = None) -> EventSeries:
        """Keep the points of some places, and those whose period lies within another.

        Raises
        ------
        ValueError
            If nothing is left, saying which places there are.
        """
        kept = np.ones(len(self.places), dtype=bool)
        if place is not None:
            wanted = {place} if isinstance(place, str) else set(place)
            if unknown := wanted - set(self.places):
                raise ValueError(f"no events of {', '.join(sorted(unknown))}; "
                                 f"the places are {', '.join(dict.fromkeys(self.places))}")
            kept &= np.array([own in wanted for own in self.places])
        if period is not None:
            around = Period.parse(period) if isinstance(period, str) else period
            kept &= np.array([own.within(around) for own in self.periods])
        if not kept.any():
            raise ValueError(f"no events in {period}; the periods reach from {min(self.periods)} "
                             f"to {max(self.periods)}")
        return self._keeping(kept)

    def reported(self) -> EventSeries:
        """Keep the points that were reported to the end of their period."""
        if not self.complete.any():
            raise ValueError("no period was reported to its end")
        return self._keeping(self.complete)

    def _keeping(self, kept: NDArray[np.bool_]) -> EventSeries:
        def some(column: NDArray | None) -> NDArray | None:
            return None if column is None else column[kept]

        return EventSeries(
            places=tuple(np.array(self.places, dtype=object)[kept]),
            periods=tuple(own for own, keep in zip(self.periods, kept, strict=True) if keep),
            counts=self.counts[kept],
            unit=self.unit,
            what=self.what,
            complete=self.complete[kept],
            incidents=some(self.incidents),
            quality=some(self.quality),
            definition=self.definition,
            simulated=self.simulated,
        )

    def frame(self) -> pd.DataFrame:
        """Return one row per point: place, period, count, and incidents, quality and complete where known."""
        frame = pd.DataFrame({"place": self.places, "period": [str(period) for period in self.periods],
                              "count": self.counts})
        for name in ("incidents", "quality"):
            if (column := getattr(self, name)) is not None:
                frame[name] = column
        return frame.assign(complete=self.complete)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every point, of unit, definition and of whether the events are simulated."""
        columns = [None if column is None else column.tolist()
                   for column in (self.counts, self.incidents, self.quality, self.complete)]
        return digest("EventSeries", self.places, [(str(own.start), str(own.end)) for own in self.periods],
                      columns, self.unit, self.what, self.definition, self.simulated)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventSeries) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return (
            f"EventSeries({self.what}: {int(self.counts.sum()):,} {self.unit} in {len(self.counts)} points "
            f"of {len(set(self.places))} places)"
        )


def _truths(table: pd.DataFrame, column: str | None, origin: str) -> tuple[NDArray[np.bool_], list[Problem]]:
    if column is None:
        return np.ones(len(table), dtype=bool), []
    read = [None if is_missing(found) else _TRUTHS.get(str(found).strip().lower()) for found in table[column]]
    problems = [
        Problem(
            f"found {show(found)}, allowed are yes and no",
            "say whether the period was reported to its end",
            origin,
            row,
            column,
        )
        for row, found, value in zip(table.index, table[column], read, strict=True)
        if value is None
    ]
    return np.array([bool(value) for value in read], dtype=bool), problems
