"""Departures by sea and what became of those who departed, read from published figures."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import chain, count

import pandas as pd

from smuggling_analysis.evidence.period import Period, spoken
from smuggling_analysis.evidence.voyages import Voyages
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.problems import BadInput, Problem

DEPARTURES, DEATHS, LANDED, UNKNOWN, BOATS = (
    "departures", "dead_or_missing", "disembarked", "status_unknown", "boats")
_DAYS_OF_A_YEAR = 365
# One number and no range: "20 to 30 boats" and "20-30 boats" name no number of boats.
_BOATS = re.compile(r"(?<![\d.,\-\u2013])(?<! to )(?<! and )(?<! or )(\d{1,3}(?:,\d{3})+|\d+) boats\b")


@dataclass(frozen=True, kw_only=True)
class Fates:
    """What became of those who departed: landed, dead or missing, not known.

    Parameters
    ----------
    place, period : str
        The route and the period.
    departures, landed, deaths, unknown : float
        Persons, as published; one source for all of them.
    source : str
        Who published them.

    Examples
    --------
    >>> fates = Fates(place="Sea", period="2022-2023", departures=7117, landed=5817, deaths=573, unknown=727,
    ...               source="UNHCR")
    >>> [round(1000 * share) for share in fates.death_bounds]
    [81, 183]
    """

    place: str
    period: str
    departures: float
    landed: float
    deaths: float
    unknown: float
    source: str

    def __post_init__(self) -> None:
        if self.departures <= 0 or min(self.landed, self.deaths, self.unknown) < 0:
            raise ValueError(f"{self.place}, {self.period}: departures must be above 0, no number negative")

    @property
    def unaccounted(self) -> float:
        """Departures that are in no other number; negative if the others add up to more."""
        return self.departures - self.landed - self.deaths - self.unknown

    @property
    def death_bounds(self) -> tuple[float, float]:
        """The lowest and highest death rate the figures allow: none or all of the unknown died.

        References
        ----------
        Manski CF (1990). Nonparametric bounds on treatment effects. American Economic Review 80(2), 319-323.
        """
        open_fates = self.unknown + max(0.0, self.unaccounted)
        return self.deaths / self.departures, min(1.0, (self.deaths + open_fates) / self.departures)

    def frame(self) -> pd.DataFrame:
        """Return one row per fate: `fate, persons, share`."""
        rows = {"departed": self.departures, "landed": self.landed, "dead or missing": self.deaths,
                "fate not known": self.unknown, "in no other number": self.unaccounted}
        return pd.DataFrame([{"fate": fate, "persons": number, "share": number / self.departures}
                             for fate, number in rows.items()])


def voyages(indicators: Iterable[Indicator]) -> dict[str, Voyages]:
    """Pair departures with deaths of the same place and period of a year or more.

    Where a period has several figures of deaths, each gives a pair of its own, so that nothing is chosen.
    Boats are taken from a row of their own, or from the words beside the departures ("39 boats").

    Parameters
    ----------
    indicators : iterable of Indicator
        With `what` "departures", "dead_or_missing" and, where known, "boats".

    Returns
    -------
    dict of str to Voyages
        By period, in order of time; a second figure is named with its qualifier, its place or its source,
        whichever tells it apart.

    Raises
    ------
    BadInput
        If a figure is not a whole number, or more died than departed.

    Examples
    --------
    >>> rows = [Indicator(value=n, unit="persons", what=w, place="Sea", period="2022", source="UNHCR",
    ...                   kind="recorded", qualifier=q)
    ...         for w, n, q in [("departures", 3500, "more than; 39 boats"), ("dead_or_missing", 348, "")]]
    >>> voyages(rows)
    {'2022': Voyages(348 deaths among 3,500 departures in 39 boats; Sea, 2022)}
    """
    rows = [row for row in indicators if row.value is not None]
    pairs: dict[str, Voyages] = {}
    left = [row for row in rows if row.what == DEPARTURES]
    for departed in sorted(left, key=lambda row: Period.parse(row.period)):
        period = Period.parse(departed.period)
        if period.days < _DAYS_OF_A_YEAR:
            continue
        same = [row for row in rows if row.place == departed.place and Period.parse(row.period) == period]
        boats = _boats(departed, same)
        for died in (row for row in same if row.what == DEATHS):
            pairs[_name_of(departed, died, pairs)] = Voyages(
                deaths=_whole(died), departures=_whole(departed), boats=boats, place=departed.place,
                period=departed.period, source=died.source,
                simulated=departed.simulated or died.simulated)
    return pairs


def fates(indicators: Iterable[Indicator]) -> tuple[Fates, ...]:
    """Find the periods for which one source publishes departures, landings, deaths and unknown fates, once each.

    Figures of different sources are never put into one account.
    """
    rows = [row for row in indicators if row.value is not None]
    found = []
    for departed in (row for row in rows if row.what == DEPARTURES):
        same = [row for row in rows if row.what in (LANDED, DEATHS, UNKNOWN) and (
            row.place, row.period, row.source) == (departed.place, departed.period, departed.source)]
        told = {row.what: row.value or 0.0 for row in same}
        if len(told) == len(same) == 3:
            found.append(Fates(place=departed.place, period=departed.period, departures=departed.value or 0.0,
                               landed=told[LANDED], deaths=told[DEATHS], unknown=told[UNKNOWN],
                               source=departed.source))
    return tuple(found)


def _name_of(departed: Indicator, died: Indicator, taken: Container[str]) -> str:
    words = (died.qualifier, died.place, died.source, f"{departed.source} and {died.source}")
    period = spoken(departed.period)
    names = [period, *(f"{period}, {word}" for word in words if word)]
    numbered = (f"{period}, pair {number}" for number in count(2))
    return next(name for name in chain(names, numbered) if name not in taken)


def _whole(row: Indicator) -> int:
    number = row.value or 0.0
    if not number.is_integer():
        raise BadInput([Problem(f"found {number:g} {row.what} in {row.period}, a fraction of a person",
                                "correct the figure", row.source)])
    return int(number)


def _boats(departed: Indicator, same: list[Indicator]) -> int | None:
    counted = [row.value for row in same if row.what == BOATS and row.value]
    if counted:
        return int(counted[0])
    words = _BOATS.search(departed.qualifier)
    return int(words[1].replace(",", "")) if words else None
