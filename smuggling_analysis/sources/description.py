"""The description of a source, source.toml, read strictly: every key, every kind, every problem at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smuggling_analysis.evidence.period import Period
from smuggling_analysis.evidence.source_register import LINKABLE
from smuggling_analysis.problems import BadInput, Problem, raise_any, shorten
from smuggling_analysis.sources.checksum import FORM, sha256_of
from smuggling_analysis.sources.external import faults_of_external
from smuggling_analysis.sources.project import RAW, find_root, inside, shown
from smuggling_analysis.sources.reading import read_bytes
from smuggling_analysis.sources.source import Capacity, Source, SourceFile

LARGEST_TOML = 2**20

# Every key of source.toml: what it holds, and whether it is needed.
_KEYS: dict[str, tuple[str, bool]] = {
    "title": ("text", True),
    "producer": ("text", True),
    "citation": ("text", True),
    "doi": ("text", False),
    "licence": ("text", True),
    "unit_of_count": ("text", True),
    "place": ("text", True),
    "period": ("text", True),
    "retrieved": ("date", True),
    "simulated": ("truth", True),
    "purpose": ("text", False),
    "transcribed_from": ("text", False),
    "notes": ("text", False),
    "lists": ("table", False),
    "aggregates": ("table", False),
    "capacity": ("table", True),
    "files": ("table", True),
}
_CAPACITY_KEYS: dict[str, tuple[str, bool]] = {
    "person_level": ("truth", True), "linkable": ("text", True), "overlaps": ("texts", False),
    "disaggregated_by": ("texts", False), "frequency": ("text", True), "questions": ("texts", False),
}
_FILE_KEYS: dict[str, tuple[str, bool]] = {
    "sha256": ("text", True),
    "description": ("text", True),
    "reader": ("text", True),
    "options": ("table", False),
    "external": ("text", False),
    "obtain": ("text", False),
}
_AGGREGATE_KEYS: dict[str, tuple[str, bool]] = {"name": ("text", True), "members": ("texts", False)}
_QUESTIONS = frozenset([*(f"Q{number}" for number in range(1, 11)), *(f"O{number}" for number in range(1, 8))])
_IN_WORDS = {
    "text": "a text in quotation marks",
    "date": "a date such as 2026-11-23",
    "truth": "true or false",
    "texts": "a list of texts",
    "table": "a table",
}


def load_source(folder: str, root: str | Path | None = None) -> Source:
    """Read what is known of a source; its data files are not opened.

    Parameters
    ----------
    folder : str
        The source's folder below data/raw.
    root : path, optional
        The project's folder; by default the one the current folder is in.

    Raises
    ------
    BadInput
        If there is no such source (near names are suggested), or with every problem of its source.toml.

    Examples
    --------
    >>> load_source("uk-2013").capacity.linkable  # doctest: +SKIP
    'only by the producer'
    """
    root = find_root() if root is None else Path(root)
    place = inside(root, folder)
    known = sorted(path.parent.name for path in (root / RAW).glob("*/source.toml"))
    if folder not in known:
        remedy = f"{_did_you_mean(folder, known)}the sources are {', '.join(known) or 'none'}"
        fact = "has no source.toml" if place.is_dir() else "does not exist"
        raise BadInput([Problem(f"the source {shorten(folder)} {fact}", remedy, f"{RAW}/{folder}")])
    toml = inside(root, f"{folder}/source.toml")
    file = shown(toml, root)
    table = _parse(read_bytes(toml, file, LARGEST_TOML), file)
    problems = _Faults(file)
    source = _source(folder, table, problems, root)
    for name in table.get("files", {}) if source else ():
        try:
            inside(root, f"{folder}/{name}")
        except BadInput as error:
            problems.found += [Problem(problem.fact, problem.remedy, file) for problem in error.problems]
    raise_any(problems.found)
    assert source is not None
    return source


def _parse(data: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            [Problem(f"the byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8", file, row)]
        ) from None
    except ValueError as error:  # TOML's own, or Python's for a number of thousands of digits
        line = re.search(r"at line (\d+)", str(error))
        fact = f"not valid TOML: {shorten_text(str(error))}"
        raise BadInput([Problem(fact, "correct the line", file, int(line[1]) if line else None)]) from None
    except RecursionError:
        raise BadInput(
            [Problem("not valid TOML: tables within tables without end", "remove them", file)]
        ) from None


def shorten_text(text: str, limit: int = 120) -> str:
    """Show a parser's own words, cut and without control characters."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


class _Faults:
    """Collects what is wrong with one source.toml."""

    def __init__(self, file: str):
        self.file, self.found = file, list[Problem]()

    def add(self, fact: str, remedy: str) -> None:
        self.found.append(Problem(fact, remedy, self.file))

    def keys(self, table: Mapping[str, Any], allowed: Mapping[str, tuple[str, bool]], where: str) -> bool:
        """Check a table's keys and their types; say whether all that is needed is there."""
        before = len(self.found)
        for name in table:
            if name not in allowed:
                self.add(f"unknown key {shorten(name)}{where}",
                         f"{_did_you_mean(name, allowed)}the keys are {', '.join(allowed)}")
        for name, (kind, needed) in allowed.items():
            if name not in table and needed:
                self.add(f"the key {name} is missing{where}", f"add it: {_IN_WORDS[kind]}")
            elif name in table and not _is(table[name], kind):
                self.add(
                    f"{name}{where} is {shorten(table[name])}, allowed is {_IN_WORDS[kind]}", "correct it"
                )
            elif name in table and kind == "text" and needed and not table[name].strip():
                self.add(f"{name}{where} is empty", "fill it")
        return len(self.found) == before


def _is(value: object, kind: str) -> bool:
    if kind == "date":
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind == "texts":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, {"text": str, "truth": bool, "table": dict}[kind])


def _source(folder: str, table: dict[str, Any], faults: _Faults, root: str | Path) -> Source | None:
    sound = faults.keys(table, _KEYS, "")
    capacity = table.get("capacity", {})
    if isinstance(capacity, dict) and "capacity" in table:
        sound &= faults.keys(capacity, _CAPACITY_KEYS, " in [capacity]")
        if isinstance(capacity.get("linkable"), str) and capacity["linkable"] not in LINKABLE:
            faults.add(
                f"linkable in [capacity] is {shorten(capacity['linkable'])}",
                f"allowed are {', '.join(LINKABLE)}",
            )
            sound = False
        questions = capacity.get("questions")
        if isinstance(questions, list) and (wrong := [one for one in questions if one not in _QUESTIONS]):
            faults.add(f"questions in [capacity] are {shorten(wrong)}", "allowed are Q1 to Q10 and O1 to O7")
    _check_period(table, faults)
    files = _files(table.get("files", {}), faults, Path(root) / RAW / folder)
    aggregates = _aggregates(table.get("aggregates", {}), faults)
    lists = table.get("lists", {})
    if isinstance(lists, dict) and (wrong := [name for name in lists if not isinstance(lists[name], str)]):
        faults.add(
            f"[lists] gives {', '.join(wrong)} no name", "write the list's full name in quotation marks"
        )
    if not sound or faults.found:
        return None
    plain = {
        name: value
        for name, value in table.items()
        if name not in ("capacity", "files", "aggregates", "lists")
    }
    own: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in capacity.items()
    }
    return Source(folder=folder, capacity=Capacity(**own), files=MappingProxyType(files),
                  aggregates=MappingProxyType(aggregates), lists=MappingProxyType(dict(lists)), **plain)


def _check_period(table: Mapping[str, Any], faults: _Faults) -> None:
    if not isinstance(table.get("period"), str):
        return
    try:
        period = Period.parse(table["period"])
    except ValueError as error:
        faults.add(f"period: {error}", "correct it")
        return
    retrieved = table.get("retrieved")
    if isinstance(retrieved, date) and _is(retrieved, "date") and period.start > retrieved:
        faults.add(f"the period {table['period']} begins after {retrieved}, when the source was retrieved",
                   "correct the period, or the day of retrieval")


def _files(table: object, faults: _Faults, folder: Path) -> dict[str, SourceFile]:
    from smuggling_analysis.sources.readers import READERS

    files: dict[str, SourceFile] = {}
    if not isinstance(table, dict):
        return files
    if not table:
        faults.add("[files] names no file", "describe every file of the folder")
    for name, row in table.items():
        where = f' in [files."{shorten_text(name, 60)}"]'
        if not isinstance(row, dict):
            faults.add(f"the entry{where} is {shorten(row)}, allowed is a table", "describe the file")
            continue
        if not faults.keys(row, _FILE_KEYS, where):
            continue
        if not FORM.fullmatch(row["sha256"]):
            faults.add(
                f"sha256{where} is {shorten(row['sha256'])}, allowed are 64 of the letters 0-9 and a-f",
                _checksum_there(folder, name),
            )
        if row["reader"] not in READERS:
            faults.add(f"there is no reader {shorten(row['reader'])}{where}",
                       f"{_did_you_mean(row['reader'], READERS)}the readers are {', '.join(READERS)}")
        for wrong in faults_of_external(row):
            faults.add(f"{wrong.fact}{where}", wrong.remedy)
        files[name] = SourceFile(name=name, **{**row, "options": MappingProxyType(row.get("options", {}))})
    return files


def _checksum_there(folder: Path, name: str) -> str:
    """Advise which checksum to write: that of the file there, where it can be read."""
    try:
        there = inside(folder, name, ".")
        found = sha256_of(read_bytes(there, name))
    except (BadInput, OSError):
        return "run sha256sum on the file as received"
    return f"if the file there is as received, write {found}"


def _aggregates(table: object, faults: _Faults) -> dict[str, str]:
    names: dict[str, str] = {}
    for code, row in table.items() if isinstance(table, dict) else ():
        where = f" in [aggregates.{shorten_text(code, 60)}]"
        if not isinstance(row, dict):
            faults.add(
                f"the entry{where} is {shorten(row)}, allowed is a table with name and members", "correct it"
            )
        elif faults.keys(row, _AGGREGATE_KEYS, where):
            names[code] = row["name"]
    return names


def _did_you_mean(name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}? " if near else ""
