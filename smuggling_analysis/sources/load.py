"""Loading: one file of one source, checked in every respect, made into evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.evidence.cells import is_missing
from smuggling_analysis.evidence.checks import require_columns, sound_rows
from smuggling_analysis.evidence.source_register import SourceRegister
from smuggling_analysis.problems import BadInput, Problem, raise_any, shorten
from smuggling_analysis.sources.checksum import changed
from smuggling_analysis.sources.description import load_source
from smuggling_analysis.sources.external import at_hand, place_of, require_at_hand, shown_as
from smuggling_analysis.sources.project import RAW, find_root, inside, shown
from smuggling_analysis.sources.readers import READERS, arrange
from smuggling_analysis.sources.reading import read_bytes, read_csv
from smuggling_analysis.sources.source import Source, SourceFile

__all__ = ["check", "check_source", "is_at_hand", "load", "load_register", "load_source"]

_BESIDE = {"source.toml", "README.md"}
_VALUES_SHOWN = 10


def load(path: str, *, root: str | Path | None = None, where: Mapping[str, Any] | None = None) -> Any:
    """Read a file of a source and return the evidence in it.

    Parameters
    ----------
    path : str
        The file below data/raw: "uk-2013/capture_histories.csv".
    root : path, optional
        The project's folder; by default the one the current folder is in.
    where : mapping, optional
        Which rows to keep: a column (as the file or the reader names it) and its value, or a list of values.

    Returns
    -------
    The evidence that the file's reader makes: CaptureHistories, CensoredHistories, RepeatCounts,
    ReferenceCounts, Encounters, EventSeries, Journeys, FeeQuotes, AnnualRates or a tuple of Indicator;
    simulated if the source is.

    Raises
    ------
    BadInput
        With every problem of the file: file, row, column, what was found, what is allowed and what to do.

    Examples
    --------
    >>> load("uk-2013/capture_histories.csv").n_observed  # doctest: +SKIP
    2744
    """
    root = find_root() if root is None else Path(root)
    source, row = _described(path, root)
    if row.external:
        data, problems, file = _read_outside(row, root), list[Problem](), shown_as(row)
    else:
        place = inside(root, path)
        file = shown(place, root)
        _require_file(place, file)
        data = read_bytes(place, file)
        problems = changed(data, row.sha256, file)
    try:
        return _evidence(read_csv(data, file), source, row, file, where or {}, problems)
    except BadInput as error:
        raise BadInput(_in_order([*problems, *error.problems])) from None


def is_at_hand(path: str, root: str | Path | None = None) -> bool:
    """Say whether a file is there: one that is kept outside the project may not be.

    Raises
    ------
    BadInput
        If no source describes the file.
    """
    root = find_root() if root is None else Path(root)
    return at_hand(_described(path, root)[1], root)


def check(path: str, root: str | Path | None = None, where: Mapping[str, Any] | None = None) -> list[Problem]:
    """Return every problem that keeps a file from being loaded, without raising."""
    try:
        load(path, root=root, where=where)
    except BadInput as error:
        return list(error.problems)
    return []


def check_source(folder: str, root: str | Path | None = None) -> list[Problem]:
    """Return every problem of a source: its source.toml, each file, and files it does not describe.

    A file that is kept outside the project and is not at hand is no problem.
    """
    root = find_root() if root is None else Path(root)
    try:
        source = load_source(folder, root)
    except BadInput as error:
        return list(error.problems)
    problems = [problem for name, row in source.files.items() if at_hand(row, root)
                for problem in check(f"{folder}/{name}", root)]
    place = inside(root, folder)
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if (
            not path.is_dir()
            and name not in source.files
            and name not in _BESIDE
            and not path.name.startswith(".")
        ):
            problems.append(Problem("source.toml does not describe this file",
                                    f'add a table [files."{name}"], or remove the file',
                                    f"{RAW}/{folder}/{name}"))
    return problems


def load_register(folders: Iterable[str], root: str | Path | None = None) -> SourceRegister:
    """Return the register of several sources, each named once, in the order given.

    Raises
    ------
    BadInput
        With the problems of every source that cannot be read.
    """
    sources = []
    problems: list[Problem] = []
    for folder in dict.fromkeys(folders):
        try:
            sources.append(load_source(folder, root))
        except BadInput as error:
            problems += error.problems
    raise_any(problems)
    return SourceRegister(tuple(source.entry() for source in sources))


def _described(path: str, root: Path) -> tuple[Source, SourceFile]:
    """Find the source and the description of a file."""
    inside(root, path)
    folder, slash, name = path.partition("/")
    source = load_source(folder, root)
    if not slash or name not in source.files:
        near = get_close_matches(name, list(source.files), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise BadInput([Problem(f"the source {folder} describes no file {shorten(name)}",
                                f"{hint}its files are {', '.join(source.files)}",
                                f"{RAW}/{folder}/source.toml")])
    return source, source.files[name]


def _read_outside(row: SourceFile, root: Path) -> bytes:
    """Return a file that is kept outside the project; of one that is not the one described nothing is said."""
    require_at_hand(row, root)
    data = read_bytes(place_of(row, root), shown_as(row))
    if found := changed(data, row.sha256, shown_as(row)):
        remedy = f"get the file as it was described: {row.obtain}"
        raise BadInput([replace(problem, remedy=remedy) for problem in found])
    return data


def _require_file(place: Path, file: str) -> None:
    if not place.exists():
        there = sorted(path.name for path in place.parent.glob("*.csv")) if place.parent.is_dir() else []
        found = f"the folder holds {', '.join(there)}" if there else "the folder holds no CSV file"
        raise BadInput(
            [Problem("source.toml describes the file, but it is not there", f"put it there; {found}", file)]
        )


def _evidence(native: pd.DataFrame, source: Source, row: SourceFile, file: str, where: Mapping[str, Any],
              known: list[Problem]) -> Any:
    reader = READERS[row.reader]
    table, named = arrange(native, reader, row, file)
    problems: list[Problem] = []
    if reader.contract:
        from smuggling_analysis.sources.contracts import breaches

        problems = [_renamed(problem, named, file) for problem in breaches(table, reader.contract, source, file)]
    kept = _kept(native, named, where, file)
    sound = sound_rows(table, problems)
    made = None
    if (kept & sound).any():
        try:
            made = reader.make(table[kept & sound].copy(), dict(row.options), source, file)
        except BadInput as error:
            # Rows at fault were left out, so only what is said of a row, a column or all rows holds.
            problems += [_renamed(problem, named, file) for problem in error.problems
                         if problem.row is not None or sound.all()]
    raise_any(_in_order([*known, *problems]))
    return made


def _kept(native: pd.DataFrame, named: Mapping[str, str], where: Mapping[str, Any],
          file: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say which rows a filter keeps."""
    kept = np.ones(len(native), dtype=bool)
    for column, wanted in where.items():
        name = column if column in native.columns else named.get(column, column)
        require_columns(native, [name], file)
        values = {_text(value) for value in (wanted if isinstance(wanted, (list, tuple)) else [wanted])}
        there = list(dict.fromkeys("" if is_missing(value) else value for value in native[name]))
        if absent := sorted(values - set(there)):
            near = get_close_matches(absent[0], there, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            listed = ", ".join(shorten(value) for value in there[:_VALUES_SHOWN])
            more = f" and {len(there) - _VALUES_SHOWN} more" if len(there) > _VALUES_SHOWN else ""
            raise BadInput(
                [
                    Problem(
                        f"no row has {', '.join(map(shorten, absent))}, which the definition asks for",
                        f"{hint}the values there are {listed}{more}",
                        file,
                        column=name,
                    )
                ]
            )
        kept &= np.array([("" if is_missing(value) else value) in values for value in native[name]])
    if not kept.any():
        raise BadInput(
            [
                Problem(
                    f"no row is left of {len(native)} by the definition's filter on {', '.join(where)}",
                    "widen the filter",
                    file,
                )
            ]
        )
    return kept


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _renamed(problem: Problem, named: Mapping[str, str], file: str) -> Problem:
    """Name the column as the file does, and the file where the evidence could not."""
    return replace(problem, column=named.get(problem.column, problem.column), file=problem.file or file)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by row, what concerns the whole file first; a problem said twice is said once."""
    return sorted(
        dict.fromkeys(problems), key=lambda problem: problem.row if isinstance(problem.row, int) else 0
    )
