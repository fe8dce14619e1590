"""Totals that were published whole beside suppressed counts: the people on a list, or on any list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.problems import Problem, raise_any

EVERYBODY = "everybody"
"""The name under which the published number of all people on any list is given as a known total."""


def counted_by(name: str, lists: Sequence[str], patterns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which histories a total counts: (histories,) array."""
    everyone = np.ones(len(patterns), dtype=bool)
    return everyone if name == EVERYBODY else patterns[:, list(lists).index(name)]


def check_totals(totals: Sequence[tuple[str, Any]], lists: Sequence[str], patterns: NDArray[np.bool_],
                 lower: NDArray[np.int64], upper: NDArray[np.int64]) -> tuple[tuple[str, int], ...]:
    """Return the totals sorted, or refuse those that cannot be.

    Raises
    ------
    BadInput
        If a total is no whole number, names no list, is given twice or lies outside what the ranges add up to.

    Examples
    --------
    >>> on = np.array([[True, True], [True, False]])
    >>> check_totals([("a", 62)], ["a", "b"], on, np.array([1, 60]), np.array([4, 60]))
    (('a', 62),)
    """
    raise_any(list(_faults(totals, lists, patterns, lower, upper)))
    return tuple(sorted((str(name), int(total)) for name, total in totals))


def _faults(totals: Sequence[tuple[str, Any]], lists: Sequence[str], patterns: NDArray[np.bool_],
            lower: NDArray[np.int64], upper: NDArray[np.int64]) -> Iterator[Problem]:
    names = [name for name, _ in totals]
    for name in sorted({str(name) for name in names if names.count(name) > 1}):
        yield Problem(f"the total of {name} is given twice", "give it once")
    for name, total in totals:
        if name != EVERYBODY and name not in lists:
            yield Problem(f"a total is given for {name}, which is not among the lists {', '.join(lists)}",
                          f"name a list, or {EVERYBODY!r}")
        elif not isinstance(total, (int, np.integer)) or isinstance(total, bool):
            yield Problem(f"the total of {name} is {total!r}", "give a whole number")
        else:
            counted = counted_by(name, lists, patterns)
            low, high = int(lower[counted].sum()), int(upper[counted].sum())
            if not low <= total <= high:
                yield Problem(f"the total of {name} is {total:,}, but its histories add up to {low:,} to {high:,}",
                              "correct the total or the counts")
