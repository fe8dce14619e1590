"""Rows of a table or of records, read and counted as capture histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.evidence.cells import is_missing
from smuggling_analysis.evidence.checks import (
    counts_of,
    indicators_of,
    numbered,
    repeats_of,
    require_columns,
    sound_rows,
    texts_of,
)
from smuggling_analysis.problems import BadInput, Problem, raise_any

NOT_RECORDED = "not recorded"
"""The value of a stratum variable that was not recorded for these people."""
TAKEN = ("count", "observed", "fitted", "value", "lower", "upper", "se", "borrowed", "refused")
"""Columns that tables of histories and of their estimates have besides lists and strata."""


def count_rows(frame: pd.DataFrame, *, count: str | None, lists: Sequence[str], strata: Sequence[str],
               partly_recorded: Sequence[str], origin: str) -> dict[str, Any]:
    """Count histories by stratum.

    Parameters
    ----------
    frame : DataFrame
        One row per person, or with `count` one row per history and stratum.
    count : str or None
        The column of counts.
    lists, strata : sequence of str
        Columns of 0 and 1, and columns whose values make strata.
    partly_recorded : sequence of str
        Those of the strata columns in which cells may be empty.
    origin : str
        The file the frame was read from, for messages.

    Returns
    -------
    dict
        The fields `lists`, `patterns`, `counts`, `stratified_by`, `strata` and `partly_recorded` of
        `CaptureHistories`.

    Raises
    ------
    BadInput
        Naming row and column of everything that is wrong.
    """
    lists, strata, partly_recorded = tuple(lists), tuple(strata), tuple(partly_recorded)
    check_names(lists, strata, partly_recorded)
    require_columns(frame, [*lists, *strata, *([count] if count else [])], origin)
    if count is None:
        frame = numbered(frame)
    on, problems = indicators_of(frame, lists, origin, persons=count is None)
    number = np.ones(len(frame), dtype=np.int64)
    if count:
        number, wrong = counts_of(frame, count, origin)
        problems += wrong
    columns = []
    for name in strata:
        values, wrong = _levels_of(frame, name, name in partly_recorded, origin)
        columns.append(values)
        problems += wrong
    labels: list[tuple[str, ...]] = list(zip(*columns, strict=True)) if strata else [()] * len(frame)
    sound = sound_rows(frame, problems)
    problems += [Problem("a history on no list: people on no list cannot have been counted",
                         "remove the row, or correct the lists", origin, row)
                 for row in frame.index[sound & ~on.any(axis=1)]]
    if count:
        keys = zip(map(tuple, on.tolist()), labels, strict=True)
        problems += repeats_of(frame, keys, problems, "history", "add the two counts, or remove one row", origin)
    raise_any(problems)
    names = tuple(sorted(set(labels))) or ((),)
    patterns, inverse = np.unique(on, axis=0, return_inverse=True)
    counts = np.zeros((len(names), len(patterns)), dtype=np.int64)
    place = {name: row for row, name in enumerate(names)}
    np.add.at(counts, (np.array([place[label] for label in labels]), inverse.ravel()), number)
    return {"lists": lists, "patterns": patterns, "counts": counts, "stratified_by": strata, "strata": names,
            "partly_recorded": partly_recorded}


def rows_of_counts(counts: Mapping[tuple[str, ...] | str, int], lists: Sequence[str]) -> pd.DataFrame:
    """Lay out counts by history, each history named by the lists it is on, as a table with a column "count".

    Raises
    ------
    BadInput
        If a history names what is no list.
    """
    rows = []
    for history, number in counts.items():
        on = {history} if isinstance(history, str) else set(history)
        if unknown := on - set(lists):
            raise BadInput([Problem(f"the history {history!r} names {', '.join(sorted(map(str, unknown)))}, "
                                    f"which is not among the lists {', '.join(lists)}", "correct the name")])
        rows.append([int(name in on) for name in lists] + [number])
    return pd.DataFrame(rows, columns=[*lists, "count"], dtype=object)


def check_names(lists: Sequence[str], strata: Sequence[str] = (), partly_recorded: Sequence[str] = ()) -> None:
    """Refuse no list at all, names given twice or to both a list and a stratum variable, and names that say nothing.

    Raises
    ------
    BadInput
        With every name that is wrong.
    """
    names = (*lists, *strata)
    problems = [Problem(f"the list {name} is named twice", "give every list its own name") for name in _twice(lists)]
    problems += [Problem(f"{name} is named twice among the strata", "name it once") for name in _twice(strata)]
    problems += [Problem(f"{name} names a list and a variable that makes strata", "give one of them another name")
                 for name in sorted(set(lists) & set(strata))]
    if not lists:
        problems.append(Problem("no list is named", "name the columns that say who is on which list"))
    if any(not str(name).strip() for name in names):
        problems.append(Problem("a list or a variable that makes strata has an empty name", "give it a name"))
    problems += [Problem(f"a list or a variable that makes strata is named {name}, as a column of the tables made of "
                         "them is", "give it another name") for name in TAKEN if name in names]
    problems += [Problem(f"{name} is said to be recorded for some people only, but makes no strata",
                         "name it among the strata, too") for name in partly_recorded if name not in strata]
    if problems:
        raise BadInput(problems)


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if list(names).count(name) > 1})


def _levels_of(frame: pd.DataFrame, name: str, partly: bool, origin: str) -> tuple[list[str], list[Problem]]:
    values, empty = texts_of(frame, name, origin)
    if partly:
        return [value or NOT_RECORDED for value in values], []
    unsaid = "fill the cell, or name the column as partly recorded"
    problems = [Problem(problem.fact, unsaid, origin, problem.row, name) for problem in empty]
    problems += [Problem(f"found {NOT_RECORDED!r} in a column that is not named as partly recorded",
                         "name the column as partly recorded, or give these people a level of their own",
                         origin, row, name)
                 for row, value, found in zip(frame.index, values, frame[name], strict=True)
                 if value == NOT_RECORDED and not is_missing(found)]
    return values, problems
