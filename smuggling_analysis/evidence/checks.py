"""Checks that the evidence types share: columns that must exist, values that must be counts or 0/1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.problems import BadInput, Problem, shorten

LARGEST_COUNT = 10**12


def require_columns(frame: pd.DataFrame, columns: Sequence[str], origin: str = "") -> None:
    """Refuse a frame that lacks a column or has no rows."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns)) or "none"
        raise BadInput([Problem(f"the column is missing; the columns found are {found}",
                                "add it, or name the column that holds it", origin, column=name) for name in missing])
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
        numbers = pd.to_numeric(frame[name].astype(object), errors="coerce").to_numpy(dtype=float)
        wrong = ~np.isin(numbers, (0.0, 1.0))
        values[:, place] = numbers == 1.0
        problems += [Problem(f"found {shorten(frame[name].loc[row])}, allowed are 0 and 1",
                             "write 1 where the person is on the list, 0 where not", origin, row, name)
                     for row in frame.index[wrong]]
    return values, problems


def counts_of(frame: pd.DataFrame, column: str, origin: str = "", *,
              least: int = 0) -> tuple[NDArray[np.int64], list[Problem]]:
    """Read a column of whole numbers from `least` upwards.

    Returns
    -------
    (rows,) array of int (0 where a value is wrong), and the problems found
    """
    numbers = pd.to_numeric(frame[column].astype(object), errors="coerce").to_numpy(dtype=float)
    problems = []
    for row, found, number in zip(frame.index, frame[column], numbers, strict=True):
        if not np.isfinite(number):
            fact = f"found {shorten(found)}, which is not a number"
        elif number != np.floor(number):
            fact = f"found {shorten(found)}, a fraction of a person"
        elif number < least:
            fact = f"found {shorten(found)}, the smallest count allowed is {least}"
        elif number > LARGEST_COUNT:
            fact = f"found {shorten(found)}, more than {LARGEST_COUNT:,} people"
        else:
            continue
        problems.append(Problem(fact, f"give a whole number of {least} or more", origin, row, column))
    bad = ~(np.isfinite(numbers) & (numbers == np.floor(numbers)) & (np.abs(numbers) <= LARGEST_COUNT))
    return np.where(bad, 0, numbers).astype(np.int64), problems
