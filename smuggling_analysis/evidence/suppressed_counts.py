"""Counts as agencies publish them when they are small: "<5", "1-4", or a sign that stands for a range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.evidence.cells import as_text, fault_of_number, is_missing, number_in, show
from smuggling_analysis.evidence.checks import LARGEST_COUNT
from smuggling_analysis.problems import Problem, raise_any

_BELOW = re.compile(r"(?:<|less than|fewer than|under|below)\s*([0-9]{1,12})", re.IGNORECASE)
_UP_TO = re.compile(r"(?:<=|=<|≤|⩽|up to|at most)\s*([0-9]{1,12})", re.IGNORECASE)
_RANGE = re.compile(r"([0-9]{1,12})\s*(?:-|–|—|\.\.|to)\s*([0-9]{1,12})", re.IGNORECASE)
Range = tuple[int, int]
WIDEST = 10_000
"""The furthest apart that the ends of one range may lie: wider ones say nothing."""
_REMEDY = ("give a whole number, a range such as \"1-4\", \"<5\", or a sign declared with "
           "marker={\"*\": (1, 4)}")


def bounds_of(frame: pd.DataFrame, column: str, *, may_be_zero: bool | None, marker: Mapping[str, Range],
              origin: str = "") -> tuple[NDArray[np.int64], NDArray[np.int64], list[Problem]]:
    """Read a column of counts, some of them suppressed.

    Parameters
    ----------
    frame : DataFrame
        The table.
    column : str
        The column of counts.
    may_be_zero : bool, optional
        Whether "<5" may stand for nobody. Not needed where the table itself prints a plain 0 (then it does
        not) or holds no such cell.
    marker : mapping
        Signs and the range each stands for, both ends included.
    origin : str
        The file, for messages.

    Returns
    -------
    (rows,) arrays of the least and the largest count, 0 where a cell is wrong, and the problems found

    Examples
    --------
    >>> table = pd.DataFrame({"count": [12, "<5", "1-4", "*"]})
    >>> low, high, problems = bounds_of(table, "count", may_be_zero=False, marker={"*": (0, 9)})
    >>> low.tolist(), high.tolist(), problems
    ([12, 1, 1, 0], [12, 4, 4, 9], [])
    """
    low, high = np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame), dtype=np.int64)
    found = list(zip(frame.index.tolist(), frame[column], strict=True))
    zero_printed = any(number_in(value) == 0 for _, value in found)
    if may_be_zero is None and zero_printed:
        may_be_zero = False
    problems = []
    for place, (row, value) in enumerate(found):
        read = _range_of(value, may_be_zero, marker)
        if isinstance(read, str):
            fact, _, remedy = read.partition("; ")
            problems.append(Problem(f"found {show(value)}, {fact}", remedy or _REMEDY, origin, row, column))
        else:
            low[place], high[place] = read
    return low, high, problems


def _range_of(value: Any, may_be_zero: bool | None, marker: Mapping[str, Range]) -> Range | str:
    """Return both ends of one cell's range, or what is wrong with it."""
    text = as_text(value)
    if text in marker:
        return marker[text]
    read = _written(text, value, may_be_zero)
    if not isinstance(read, str) and read[1] - read[0] > WIDEST:
        return f"a range of more than {WIDEST:,} counts"
    return read


def _written(text: str, value: Any, may_be_zero: bool | None) -> Range | str:
    """Return both ends of a range or a number as it is written, or what is wrong with it."""
    number = number_in(value)
    if np.isfinite(number):
        return _whole(number)
    if is_missing(value):
        return "a count is needed; " + _REMEDY
    if between := _RANGE.fullmatch(text):
        low, high = int(between[1]), int(between[2])
        return (low, high) if low <= high else "a range whose lower end lies above its upper end"
    below, up_to = _BELOW.fullmatch(text), _UP_TO.fullmatch(text)
    if not below and not up_to:
        return fault_of_number(value)
    high = int(below[1]) - 1 if below else int(up_to[1]) if up_to else 0
    if may_be_zero is None:
        return ("which may or may not stand for nobody; say may_be_zero=True if a history that nobody has is "
                "printed so too, may_be_zero=False if it is printed as 0 or left out")
    least = 0 if may_be_zero else 1
    return (least, high) if high >= least else "a range that holds no count"


def _whole(number: float) -> Range | str:
    if number < 0:
        return "a count cannot be negative"
    if number != np.floor(number):
        return "a fraction of a person"
    if number > LARGEST_COUNT:
        return f"the largest count allowed is {LARGEST_COUNT:,}"
    return int(number), int(number)


def check_ranges(ranges: Mapping[str, Range]) -> None:
    """Refuse declared ranges that are no two whole numbers in order, or too wide."""
    raise_any(Problem(f"the range of {name} is {given!r}", "give two whole numbers, the lower one first, at most "
                      f"{WIDEST:,} apart, for example (1, 4)")
              for name, given in ranges.items() if not _is_range(given))


def _is_range(given: ArrayLike) -> bool:
    found = np.asarray(given)
    return found.shape == (2,) and found.dtype.kind in "iu" and 0 <= found[0] <= found[1] <= found[0] + WIDEST
