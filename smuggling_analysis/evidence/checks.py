"""Checks that the evidence types share: columns that must exist, cells that must be counts, numbers or dates.

Every check reads a whole column and returns what it read beside every problem it found, so that one reading
of a table tells a clerk all that is wrong with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.evidence.period import EARLIEST, LATEST, Period
from smuggling_analysis.problems import BadInput, Problem, shorten

LARGEST_COUNT = 10**12
NO_PERIOD = Period(date(EARLIEST, 1, 1), date(EARLIEST, 1, 1), "no period")
_NAMES_SHOWN = 20
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MISSING_WORDS = {"nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "..", "...", "?", "unknown"}
_INFINITE_WORDS = {"inf", "infinity", "∞"}


def require_columns(frame: pd.DataFrame, columns: Sequence[str], origin: str = "") -> None:
    """Refuse a frame that lacks a column, has two of one name, or has no rows."""
    names = list(frame.columns)
    missing = [name for name in columns if name not in names]
    if missing:
        found = ", ".join(_cut(name) for name in names[:_NAMES_SHOWN]) or "none"
        found += f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        raise BadInput([Problem(f"the column is missing; the columns found are {found}",
                                "add it, or name the column that holds it", origin, column=name)
                        for name in missing])
    if twice := [name for name in dict.fromkeys(columns) if names.count(name) > 1]:
        raise BadInput([Problem("two columns have this name", "give every column its own name", origin,
                                column=name) for name in twice])
    if frame.empty:
        raise BadInput([Problem("there is no row of data", "send the table with its rows", origin)])


def indicators_of(frame: pd.DataFrame, columns: Sequence[str],
                  origin: str = "") -> tuple[NDArray[np.bool_], list[Problem]]:
    """Read 0/1 columns.

    Returns
    -------
    (rows, columns) array of bool, and the problems found
    """
    values = np.zeros((len(frame), len(columns)), dtype=bool)
    problems = []
    for place, name in enumerate(columns):
        numbers = _floats(frame[name], truths=True)
        values[:, place] = numbers == 1.0
        problems += [Problem(f"found {show(found)}, allowed are 0 and 1",
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
            period = Period.parse(_as_text(found))
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
    texts = [_as_text(found) for found in frame[column]]
    problems = [] if optional else [
        Problem("found nothing, a text is needed", "fill the cell", origin, row, column)
        for row, text in zip(frame.index, texts, strict=True) if not text]
    return texts, problems


def ranges_of(frame: pd.DataFrame, low: Sequence[float | None], high: Sequence[float | None],
              known: Iterable[Problem], origin: str = "", *,
              value: Sequence[float | None] | None = None) -> list[Problem]:
    """Find rows without any figure, and rows whose figures are out of order; rows of `known` problems are left out."""
    named = {problem.row for problem in known}
    middle = value if value is not None else [None] * len(frame)
    problems = []
    for row, bottom, figure, top in zip(frame.index, low, middle, high, strict=True):
        if row in named:
            continue
        if bottom is None and figure is None and top is None:
            column = "high" if value is None else "value"
            problems.append(Problem("found no figure", "give one, or remove the row", origin, row, column))
        elif bottom is not None and top is not None and bottom > top:
            problems.append(Problem(f"the lower figure {bottom:g} lies above the upper {top:g}",
                                    "exchange the two, or correct them", origin, row, "low"))
        elif figure is not None and (
            (bottom is not None and figure < bottom) or (top is not None and figure > top)
        ):
            problems.append(Problem(f"the figure {figure:g} lies outside its range {_span(bottom, top)}",
                                    "correct the figure or the range", origin, row, "value"))
    return problems


def repeats_of(rows: Iterable[object], keys: Iterable[Hashable], what: str, remedy: str,
               origin: str = "") -> list[Problem]:
    """Find the rows whose key an earlier row has: "the same history as row 4"."""
    first: dict[Hashable, object] = {}
    problems = []
    for row, key in zip(rows, keys, strict=True):
        if key in first:
            problems.append(Problem(f"the same {what} as row {first[key]}", remedy, origin, row))
        else:
            first[key] = row
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


def fault_of_number(found: object) -> str:
    """Say what keeps a value from being a number, in words a clerk can act on.

    Examples
    --------
    >>> fault_of_number("1,234")
    'which has thousands separators (write 1234)'
    >>> fault_of_number("1e400")
    'which is too large for a number'
    """
    if is_missing(found):
        return "a number is needed"
    text = _as_text(found)
    if text.lower() in _MISSING_WORDS:
        return "a word for a number that is missing"
    if text.lower().lstrip("+-") in _INFINITE_WORDS:
        return "which is not finite"
    if _NUMBER.fullmatch(text):
        return "which is too large for a number"
    if re.fullmatch(r"[+-]?[0-9]{1,3}([,' \u00a0\u202f][0-9]{3})+(\.[0-9]+)?", text):
        return f"which has thousands separators (write {re.sub(r'[^0-9.+-]', '', text)})"
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return f"which has a decimal comma (write {text.replace(',', '.')})"
    if re.fullmatch(r"[+-]?[0-9.]+ ?%", text):
        return "which is a percentage (write it as a share: 0.12 for 12 %)"
    return "which is not a number"


def is_missing(value: Any) -> bool:
    """Say whether a cell holds nothing: None, NaN or an empty text."""
    if isinstance(value, str):
        return not value.strip()
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def show(value: object) -> str:
    """Show a cell's value in a message."""
    return "nothing" if is_missing(value) else shorten(value)


def _cut(name: object) -> str:
    text = "".join(letter if letter.isprintable() else "?" for letter in str(name))
    return text if len(text) <= 40 else text[:39] + "…"


def _as_text(value: Any) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


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
    return np.array([_float(value, truths) for value in column], dtype=float)


def _float(value: Any, truths: bool) -> float:
    if is_missing(value) or (isinstance(value, (bool, np.bool_)) and not truths):
        return math.nan
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
