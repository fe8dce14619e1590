"""Voyages: how many departed on a route in a period, in how many boats, and how many of them died."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.checks import LARGEST_COUNT
from smuggling_analysis.problems import Problem, raise_any


@dataclass(frozen=True, kw_only=True)
class Voyages:
    """Departures on a route in a period, and the deaths among those who departed.

    Parameters
    ----------
    deaths : int
        People dead or missing, as recorded.
    departures : int
        People who departed.
    boats : int, optional
        Boats (trucks, groups) they travelled in, where known.
    place, period : str
        The route and the period.
    source : str
        Who recorded deaths and departures.
    simulated : bool
        Whether the numbers are simulated.

    Raises
    ------
    BadInput
        If a number is negative or not whole, deaths exceed departures, or boats exceed departures.

    Examples
    --------
    >>> Voyages(deaths=348, departures=3500, boats=39, place="Andaman Sea", period="2022")
    Voyages(348 deaths among 3,500 departures in 39 boats; Andaman Sea, 2022)
    """

    deaths: int
    departures: int
    boats: int | None = None
    place: str = ""
    period: str = ""
    source: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        least = {"deaths": 0, "departures": 1, "boats": 1}
        raise_any(problem for name, smallest in least.items()
                  if (problem := _wrong(name, getattr(self, name), smallest, self.source)) is not None)
        for name in least:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, int(getattr(self, name)))
        raise_any(self._contradictions())

    def _contradictions(self) -> list[Problem]:
        found = []
        if self.deaths > self.departures:
            found.append(Problem(f"{self.deaths:,} deaths among {self.departures:,} departures",
                                 "check that both cover the same route and period", self.source,
                                 column="deaths"))
        if self.boats is not None and self.boats > self.departures:
            found.append(Problem(f"{self.boats:,} boats for {self.departures:,} departures",
                                 "check that departures counts people", self.source, column="boats"))
        return found

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the numbers, the place and the period."""
        return digest("Voyages", self.deaths, self.departures, self.boats, self.place, self.period)

    def __repr__(self) -> str:
        boats = "" if self.boats is None else f" in {self.boats:,} boat{'s' * (self.boats != 1)}"
        where = ", ".join(part for part in (self.place, self.period) if part)
        return (f"Voyages({self.deaths:,} deaths among {self.departures:,} departures{boats}"
                f"{'; ' + where if where else ''})")


def _wrong(name: str, value: object, least: int, source: str) -> Problem | None:
    if value is None and name == "boats":
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return Problem(f"found {value!r}, which is not a number", "give a whole number", source, column=name)
    if not least <= number <= LARGEST_COUNT or number != int(number):
        return Problem(f"found {value!r}, allowed are whole numbers from {least} to {LARGEST_COUNT:,}",
                       "correct the number", source, column=name)
    return None
