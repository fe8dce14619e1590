"""Periods read off the names of lists: "2019", "police 2020", "2021-Q3 court"."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from smuggling_analysis.evidence.period import Period


def period_in(name: str) -> str:
    """Return the period a list's name ends or begins with; an empty text if none.

    Examples
    --------
    >>> period_in("police 2019"), period_in("2019-Q2"), period_in("police")
    ('2019', '2019-Q2', '')
    """
    words = name.split()
    return next((word for word in (*words[-1:], *words[:1]) if _parsed(word) is not None), "")


def in_time(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Sort labels that are all periods by their start; leave others as they are.

    Raises
    ------
    ValueError
        If two periods overlap.

    Examples
    --------
    >>> in_time(("2021", "2019", "2020")), in_time(("wave b", "wave a"))
    (('2019', '2020', '2021'), ('wave b', 'wave a'))
    """
    read = [period for label in labels if (period := _parsed(label)) is not None]
    if len(read) < len(labels):
        return labels
    ordered = sorted(zip(read, labels, strict=True))
    for (one, _), (other, _) in pairwise(ordered):
        if other.start <= one.end:
            raise ValueError(f"the periods {one.text} and {other.text} overlap")
    return tuple(label for _, label in ordered)


def not_in_time(histories: Any) -> str:
    """Say what is missing where the lists' names do not tell their order in time."""
    if all(_parsed(name) is not None for name in histories.lists):
        return ""
    return "needs lists that are periods and named so, such as 2019, 2020, 2021"


def not_by_period(histories: Any) -> str:
    """Say what is missing where the lists' names do not tell which period each belongs to."""
    found = [period_in(name) for name in histories.lists]
    if all(found) and 1 < len(set(found)) < len(found):
        return ""
    return "needs several lists in each of two periods or more, named so: 'police 2019', 'ngo 2019', 'police 2020' ..."


def _parsed(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except ValueError:
        return None
