"""Periods: the years, half-years, quarters, months, days and spans that sources count over."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date

from smuggling_analysis.problems import shorten

EARLIEST, LATEST = 1900, 2100
FORMS = "2015, 2015-06, 2015-06-30, 2015-Q1, 2015-H1, 2012-2017 or 2014-10/2015-03"
_YEARS = re.compile(r"([0-9]{4})-([0-9]{4})")
_POINT = re.compile(r"([0-9]{4})(?:-(?:Q([0-9]{1,2})|H([0-9]{1,2})|([0-9]{1,2})(?:-([0-9]{1,2}))?))?")


@dataclass(frozen=True, order=True)
class Period:
    """A span of days, written as the source wrote it.

    Make one with `parse`. Periods are equal when they cover the same days, and come in order of their start.

    Parameters
    ----------
    start, end : date
        The first and the last day.
    text : str
        The period as written.

    Examples
    --------
    >>> Period.parse("2015-Q1").end
    datetime.date(2015, 3, 31)
    >>> Period.parse("2015") == Period.parse("2015-01/2015-12")
    True
    """

    start: date
    end: date
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"found {shorten(self.text or self.start)}, a period that ends before it starts")
        if not self.text:
            object.__setattr__(self, "text", f"{self.start}/{self.end}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period: a year, month, day, quarter, half-year, or a span between two of them.

        Parameters
        ----------
        text : str
            "2015", "2015-06", "2015-06-30", "2015-Q1", "2015-H1", "2012-2017" or "2014-10/2015-03".

        Raises
        ------
        ValueError
            Saying what was found and what is allowed: another form, a month 13, a year before 1900, an end
            before its start.

        Examples
        --------
        >>> Period.parse("2014-10/2015-03").days
        182
        >>> Period.parse("2015-13")
        Traceback (most recent call last):
        ...
        ValueError: found '2015-13', a month is 01 to 12
        """
        plain = text.strip()
        if years := _YEARS.fullmatch(plain):
            first, last = years.groups()
        else:
            first, slash, last = plain.partition("/")
            last = last if slash else first
        return cls(_span(first, plain)[0], _span(last, plain)[1], plain)

    @property
    def days(self) -> int:
        """Number of days, first and last included."""
        return (self.end - self.start).days + 1

    @property
    def year(self) -> int | None:
        """The year the period lies in; None where it reaches over several."""
        return self.start.year if self.start.year == self.end.year else None

    def overlaps(self, other: Period) -> bool:
        """Say whether the two share a day."""
        return self.start <= other.end and other.start <= self.end

    def within(self, other: Period) -> bool:
        """Say whether every day of this period lies in the other."""
        return other.start <= self.start and self.end <= other.end

    def __str__(self) -> str:
        return self.text


def spoken(period: str) -> str:
    """Write a period as a sentence does.

    Examples
    --------
    >>> spoken("2022-01/2023-12"), spoken("2023")
    ('2022-01 to 2023-12', '2023')
    """
    return " to ".join(part.strip() for part in period.split("/"))


def _span(point: str, whole: str) -> tuple[date, date]:
    found = _POINT.fullmatch(point.strip())
    if not found:
        raise ValueError(f"found {shorten(whole)}, allowed is a period written as {FORMS}")
    year = int(found[1])
    if not EARLIEST <= year <= LATEST:
        raise ValueError(f"found {shorten(whole)}, allowed is a year from {EARLIEST} to {LATEST}")
    if found[2] or found[3]:
        return _part_of_year(year, int(found[2] or found[3]), "quarter" if found[2] else "half-year", whole)
    if not found[4]:
        return date(year, 1, 1), date(year, 12, 31)
    month = int(found[4])
    if not 1 <= month <= 12:
        raise ValueError(f"found {shorten(whole)}, a month is 01 to 12")
    last = calendar.monthrange(year, month)[1]
    if not found[5]:
        return date(year, month, 1), date(year, month, last)
    day = int(found[5])
    if not 1 <= day <= last:
        raise ValueError(f"found {shorten(whole)}, that month has {last} days")
    return date(year, month, day), date(year, month, day)


def _part_of_year(year: int, part: int, name: str, whole: str) -> tuple[date, date]:
    parts = 4 if name == "quarter" else 2
    if not 1 <= part <= parts:
        raise ValueError(f"found {shorten(whole)}, a {name} is 1 to {parts}")
    months = 12 // parts
    last = part * months
    return date(year, last - months + 1, 1), date(year, last, calendar.monthrange(year, last)[1])
