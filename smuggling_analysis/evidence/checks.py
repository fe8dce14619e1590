"""Checks that the evidence types share: columns that must exist, cells that must be counts, numbers or dates.

Every check reads a whole column and returns what it read beside every problem it found, so that one reading
of a table tells a clerk all that is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.evidence.cells import as_text, fault_of_number, is_missing, number_in, show, show_name
from smuggling_analysis.evidence.period import EARLIEST, LATEST, Period
from smuggling_analysis.problems import BadInput, Problem

LARGEST_COUNT = 10**12
NO_PERIOD = Period(date(EARLIEST, 1, 1), date(EARLIEST, 1, 1), "no period")
_NAMES_SHOWN = 20


def require_columns(frame: pd.DataFrame, columns: Sequence[str], origin: str = "") -> None:
    """Refuse a frame that lacks a column, has two of one name, or has no rows."""
    names = list(frame.columns)
    missing = [name for name in columns if name not in names]
    if missing:
        found = ", ".join(show_name(name) for name in names[:_NAMES_SHOWN]) or "none"
        found += f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        raise BadInput([Problem(f"the column is missing; the columns found are {found}",
                                "add it, or name the column that holds it", origin, column=name)
                        for name in missing])
    if twice := [name for name in dict.fromkeys(columns) if names.count(name) > 1]:
        raise BadInput([Problem("two columns have this name", "give every column its own name", origin,
                                column=name) for name in twice])
    if frame.empty:
        raise BadInput([Problem("there is no row of data", "send the table with its rows", origin)])


def numbered(people: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of persons with rows that are named by number, never by a name or a document."""
    if pd.api.types.is_integer_dtype(people.index.dtype):
        return people
    return people.set_axis(pd.RangeIndex(1, len(people) + 1))


def indicators_of(frame: pd.DataFrame, columns: Sequence[str], origin: str = "", *,
                  persons: bool = False) -> tuple[NDArray[np.bool_], list[Problem]]:
    """Read 0/1 columns; where rows are `persons` the messages do not repeat what a cell holds.

    Returns
    -------
    (rows, columns) array of bool, and the problems found
    """
    values = np.zeros((len(frame), len(columns)), dtype=bool)
    problems = []
    for place, name in enumerate(columns):
        numbers = _floats(frame[name], truths=True)
        values[:, place] = numbers == 1.0
        problems += [Problem("found neither 0 nor 1" if persons else f"found {show(found)}, allowed are 0 and 1",
                             "write 1 where the person is on the list, 0 where not", origin, row, name)
                     for row, found, _ in _cells(frame, name, numbers, ~np.isin(numbers, (0.0, 1.0)))]
    return values, problems


def counts_of(frame: pd.DataFrame, column: str, origin: str = "", *, least: int = 0,
              of: str = "a person") -> tuple[NDArray[np.int64], list[Problem]]:
    """Read a column of whole numbers from `least` upwards; `of` says what one of them is.

    Returns
    -------
    (rows,) array of int (0 where a value is wrong), and the problems found
    """
    numbers = _floats(frame[column])
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers))
    good = whole & (numbers >= least) & (numbers <= LARGEST_COUNT)
    problems = []
    for row, found, number in _cells(frame, column, numbers, ~good):
        if not np.isfinite(number):
            fact = f"found {show(found)}, {fault_of_number(found)}"
        elif number < least:
            fact = f"found {show(found)}, the smallest count allowed is {least}"
        elif number > LARGEST_COUNT:
            fact = f"found {show(found)}, the largest count allowed is {LARGEST_COUNT:,}"
        else:
            fact = f"found {show(found)}, a fraction of {of}"
        problems.append(Problem(fact, f"give a whole number of {least} or more", origin, row, column))
    return np.where(good, numbers, 0).astype(np.int64), problems


def numbers_of(frame: pd.DataFrame, column: str, origin: str = "", *, least: float = -math.inf,
               most: float = math.inf, optional: bool = False) -> tuple[NDArray[np.float64], list[Problem]]:
    """Read a column of numbers between `least` and `most`.

    Returns
    -------
    (rows,) array of float (NaN where a cell is empty or wrong), and the problems found
    """
    numbers = _floats(frame[column])
    allowed = _range_in_words(least, most)
    problems = []
    good = np.isfinite(numbers) & (numbers >= least) & (numbers <= most)
    for row, found, number in _cells(frame, column, numbers, ~good):
        if is_missing(found) and optional:
            continue
        if np.isfinite(number):
            fact = f"found {show(found)}, allowed is {allowed}"
        else:
            fact = f"found {show(found)}, {fault_of_number(found)}"
        empty = ", or leave the cell empty where none was published" if optional else ""
        problems.append(Problem(fact, f"give {allowed}{empty}", origin, row, column))
    return np.where(good, numbers, np.nan), problems


def years_of(frame: pd.DataFrame, column: str, origin: str = "") -> tuple[NDArray[np.int64], list[Problem]]:
    """Read a column of years: (rows,) array of int, 0 where a value is wrong, and the problems found."""
    numbers = _floats(frame[column])
    good = (numbers >= EARLIEST) & (numbers <= LATEST) & (numbers == np.floor(numbers))
    problems = [Problem(f"found {show(found)}, allowed is a year from {EARLIEST} to {LATEST}",
                        "write the year in four digits", origin, row, column)
                for row, found, _ in _cells(frame, column, numbers, ~good)]
    return np.where(good, numbers, 0).astype(np.int64), problems


def periods_of(frame: pd.DataFrame, column: str, origin: str = "") -> tuple[list[Period], list[Problem]]:
    """Read a column of periods ("2015", "2015-06", "2015-Q1").

    Returns
    -------
    list of Period (`NO_PERIOD` where a value is wrong), and the problems found
    """
    periods = []
    problems = []
    for row, found in zip(frame.index, frame[column], strict=True):
        period = NO_PERIOD
        try:
            period = Period.parse(as_text(found))
        except ValueError as fault:
            fact = "found nothing, a period is needed" if is_missing(found) else str(fault)
            problems.append(
                Problem(fact, "correct the period, or describe it in the notes", origin, row, column)
            )
        periods.append(period)
    return periods, problems


def texts_of(frame: pd.DataFrame, column: str, origin: str = "", *,
             optional: bool = False) -> tuple[list[str], list[Problem]]:
    """Read a column of words: "" where a cell is empty, and the problems found."""
    texts = [as_text(found) for found in frame[column]]
    problems = [] if optional else [
        Problem("found nothing, a text is needed", "fill the cell", origin, row, column)
        for row, text in zip(frame.index, texts, strict=True) if not text]
    return texts, problems


def figures_of(frame: pd.DataFrame, columns: Sequence[str], origin: str = "", *,
               least: float = -math.inf) -> tuple[dict[str, list[float | None]], list[Problem]]:
    """Read a published figure and its range: those of value, low and high that the table has.

    Returns
    -------
    The figures of each column (None where none was published), and the problems found: what is no number,
    rows without any figure, figures out of their order.
    """
    figures: dict[str, list[float | None]] = {}
    problems: list[Problem] = []
    for name in columns:
        numbers, wrong = numbers_of(frame, name, origin, least=least, optional=True)
        figures[name] = [None if math.isnan(number) else number for number in numbers.tolist()]
        problems += wrong
    named = {problem.row for problem in problems}
    none: list[float | None] = [None] * len(frame)
    ranges = zip(*(figures.get(name, none) for name in ("low", "value", "high")), strict=True)
    problems += [Problem(fact, remedy, origin, row, column)
                 for row, (low, value, high) in zip(frame.index, ranges, strict=True) if row not in named
                 for column, fact, remedy in _disorder(low, value, high, columns)]
    return figures, problems


def _disorder(low: float | None, value: float | None, high: float | None,
              columns: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield column, fact and remedy of figures that are missing or out of order."""
    if low is None and value is None and high is None:
        column = "value" if "value" in columns else "high"
        yield column, "found no figure", "give one, or remove the row"
    elif low is not None and high is not None and low > high:
        yield ("low", f"the lower figure {low:g} lies above the upper {high:g}",
               "exchange the two, or correct them")
    elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        yield ("value", f"the figure {value:g} lies outside its range {_span(low, high)}",
               "correct the figure or the range")


def repeats_of(frame: pd.DataFrame, keys: Iterable[Hashable], known: Iterable[Problem], what: str,
               remedy: str, origin: str = "") -> list[Problem]:
    """Find rows whose key an earlier row has ("the same history as row 4"), not those of known problems."""
    named = {problem.row for problem in known}
    first: dict[Hashable, object] = {}
    problems = []
    for row, key in zip(frame.index, keys, strict=True):
        if row in named:
            continue
        if key in first:
            problems.append(Problem(f"the same {what} as row {first[key]}", remedy, origin, row))
        first.setdefault(key, row)
    return problems


def whole_numbers(values: ArrayLike) -> NDArray[np.int64]:
    """Return a fresh array of whole numbers; fractions are refused, never cut off.

    Examples
    --------
    >>> whole_numbers([3.0, 4])
    array([3, 4])
    >>> whole_numbers([2.5])
    Traceback (most recent call last):
    ...
    ValueError: counts are whole numbers, got 2.5
    """
    given = np.asarray(values)
    if given.dtype.kind == "f" and (wrong := given[~(np.isfinite(given) & (given == np.floor(given)))]).size:
        raise ValueError(f"counts are whole numbers, got {wrong.flat[0]:g}")
    return np.array(given, dtype=np.int64)


def sound_rows(frame: pd.DataFrame, problems: Iterable[Problem]) -> NDArray[np.bool_]:
    """Say which rows no problem names, so that rules about whole rows are held to those: (rows,) array."""
    wrong = {problem.row for problem in problems}
    return np.array([row not in wrong for row in frame.index], dtype=bool)


def _cells(frame: pd.DataFrame, column: str, numbers: NDArray[np.float64],
           wanted: NDArray[np.bool_]) -> Iterator[tuple[object, Any, float]]:
    """Yield row label, value as found and number of the wanted rows of a column."""
    found, labels = frame[column], frame.index.tolist()
    for place in np.flatnonzero(wanted).tolist():
        yield labels[place], found.iloc[place], float(numbers[place])


def _span(bottom: float | None, top: float | None) -> str:
    if bottom is None:
        return f"up to {top:g}"
    return f"from {bottom:g}" if top is None else f"{bottom:g} to {top:g}"


def _range_in_words(least: float, most: float) -> str:
    if math.isinf(least) and math.isinf(most):
        return "a number"
    if math.isinf(most):
        return f"a number of {least:g} or more"
    return f"a number from {least:g} to {most:g}"


def _floats(column: pd.Series, *, truths: bool = False) -> NDArray[np.float64]:
    """Read numbers, NaN where there is none: text by the rules of a published table, not of Python."""
    if pd.api.types.is_numeric_dtype(column) and (truths or not pd.api.types.is_bool_dtype(column)):
        return column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    return np.array([number_in(value, truths=truths) for value in column], dtype=float)
