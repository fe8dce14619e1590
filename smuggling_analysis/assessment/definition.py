"""What an assessment is: its place, its years, its evidence, its judgements, read strictly from TOML."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smuggling_analysis.assessment.judgements import allowed_instead
from smuggling_analysis.problems import BadInput, Problem, raise_any, shorten
from smuggling_analysis.sources.project import ASSESSMENTS, RAW, inside
from smuggling_analysis.sources.reading import read_bytes

LARGEST_BYTES = 1_000_000

# Every role evidence can play, and the type of evidence that plays it, as in sources.readers.
ROLES: dict[str, str] = {
    "lists": "CaptureHistories", "repeats": "RepeatCounts", "flows": "Journeys",
    "detections": "EventSeries", "published": "Indicator", "deaths": "EventSeries", "sea": "Indicator",
    "fees": "FeeQuotes", "exchange_rates": "AnnualRates", "price_index": "AnnualRates",
    "market_values": "Indicator", "survey": "Indicator",
}
# A control character, or one that turns the direction of the text after it.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEY = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
_LISTED = 10
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class EvidenceFile:
    """Which file plays a role in an assessment, and which of its rows."""

    role: str
    file: str
    where: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Judgement:
    """A human judgement: the value, the reason for it, its range, unit and source where there are any."""

    key: str
    value: Any
    reason: str
    source: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Definition:
    """An assessment's definition, validated.

    Parameters
    ----------
    name : str
        The file's name without `.toml`.
    title, place, summary, population : str
        What the report calls itself, where, what it says in a paragraph, who the hidden population is.
    years : tuple of int
        The years it can be made for.
    base_year : int, optional
        The year whose US dollars money is given in.
    evidence : mapping of role to EvidenceFile
        A role that is absent has no evidence.
    judgement : mapping of key to Judgement
        Every human judgement, with its reason.
    """

    name: str
    title: str
    place: str
    years: tuple[int, ...]
    summary: str
    population: str
    base_year: int | None = None
    evidence: Mapping[str, EvidenceFile] = field(default_factory=dict)
    judgement: Mapping[str, Judgement] = field(default_factory=dict)


def definition_path(name: str, root: Path) -> Path:
    """Return where the definition of this name is.

    Raises
    ------
    BadInput
        If the name is no name, or there is no such file; near names are suggested.
    """
    known = names(root)
    listed = f"there are: {', '.join(known) or 'none'}"
    if not _NAME.fullmatch(name):
        raise BadInput([Problem(f"found {shorten(name)}, which is not the name of an assessment",
                                f"use small letters, digits and hyphens; {listed}")])
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise BadInput([Problem(f"there is no assessment {name}", hint + listed,
                                f"{ASSESSMENTS}/{name}.toml")])
    return root / ASSESSMENTS / f"{name}.toml"


def names(root: Path) -> list[str]:
    """Return the names of the assessments defined in a project, sorted."""
    return sorted(path.stem for path in (root / ASSESSMENTS).glob("*.toml"))


def read_definition(name: str, root: Path) -> Definition:
    """Read and validate an assessment's definition.

    Raises
    ------
    BadInput
        With every problem of the definition.
    """
    made, problems = examine_definition(name, root)
    raise_any(problems)
    assert made is not None
    return made


def examine_definition(name: str, root: Path) -> tuple[Definition | None, list[Problem]]:
    """Return as much of a definition as can be read, without evidence at fault, and every problem of it."""
    path, origin = definition_path(name, root), f"{ASSESSMENTS}/{name}.toml"
    reader = _Reader(origin, root)
    try:
        made = reader.definition(name, _parse(path, origin))
    except BadInput as error:
        return None, list(error.problems)
    return made, reader.problems


def _parse(path: Path, origin: str) -> dict[str, Any]:
    data = read_bytes(path, origin, LARGEST_BYTES)
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise BadInput([Problem(f"the byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8",
                                origin, row)]) from None
    except (ValueError, RecursionError) as error:  # TOML's own, or Python's for a number without end
        fact = f"the file is not valid TOML: {error}"
        raise BadInput([Problem(fact, "correct the line", origin)]) from None


class _Reader:
    """Reads one definition and collects what is wrong with it."""

    def __init__(self, origin: str, root: Path):
        self.origin, self.root, self.problems = origin, root, list[Problem]()

    def wrong(self, key: str, fact: str, remedy: str) -> None:
        self.problems.append(Problem(fact, remedy, self.origin, column=key))

    def definition(self, name: str, table: dict[str, Any]) -> Definition:
        self.only(table, "", ("title", "place", "years", "summary", "population", "base_year", "evidence",
                              "judgement"))
        return Definition(
            name, title=self.text(table, "", "title"), place=self.text(table, "", "place"),
            years=self.years(table), summary=self.text(table, "", "summary"),
            population=self.text(table, "", "population"),
            base_year=self.year(table["base_year"], "base_year") if "base_year" in table else None,
            evidence=MappingProxyType({role: row for role, row in
                                       self.tables(table, "evidence", self.evidence).items() if row.file}),
            judgement=MappingProxyType(self.tables(table, "judgement", self.judgement)))

    def only(self, table: dict[str, Any], prefix: str, allowed: tuple[str, ...]) -> None:
        for key in table:
            if key not in allowed:
                near = get_close_matches(key, allowed, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                self.wrong(prefix + key, "this key is unknown",
                           f"{hint}the keys allowed here are {', '.join(allowed)}")

    def text(self, table: dict[str, Any], prefix: str, key: str, *, required: bool = True) -> str:
        if key not in table:
            if required:
                self.wrong(prefix + key, "the key is missing", "add it, as a text in quotes")
            return ""
        found = table[key]
        if not isinstance(found, str) or not found.strip():
            self.wrong(prefix + key, f"found {shorten(found)}, not a text", "write a text in quotes")
            return ""
        if wrong := _UNPRINTABLE.search(found):
            self.wrong(prefix + key, f"found the character U+{ord(wrong[0]):04X}, which cannot be printed",
                       "remove it")
            return ""
        return found.strip()

    def years(self, table: dict[str, Any]) -> tuple[int, ...]:
        found = table.get("years")
        if not isinstance(found, list) or not found:
            self.wrong("years", "the key is missing" if found is None else f"found {shorten(found)}",
                       "list the years the assessment can be made for, for example years = [2023]")
            return ()
        return tuple(self.year(year, "years") for year in found)

    def year(self, found: Any, key: str) -> int:
        if isinstance(found, bool) or not isinstance(found, int) or not _FIRST_YEAR <= found <= _LAST_YEAR:
            self.wrong(key, f"found {shorten(found)}, which is not a year",
                       f"write a whole number from {_FIRST_YEAR} to {_LAST_YEAR}")
            return 0
        return found

    def tables(self, table: dict[str, Any], group: str, read: Any) -> dict[str, Any]:
        found = table.get(group, {})
        if not isinstance(found, dict):
            self.wrong(group, f"found {shorten(found)}", f"write one [{group}.NAME] table for each")
            return {}
        made = {}
        for key, inner in found.items():
            if isinstance(inner, dict):
                made[key] = read(key, inner, f"{group}.{key}.")
            else:
                self.wrong(f"{group}.{key}", f"found {shorten(inner)}",
                           f"write it as a table: [{group}.{key}]")
        return made

    def evidence(self, role: str, table: dict[str, Any], prefix: str) -> EvidenceFile:
        if role not in ROLES:
            near = get_close_matches(role, ROLES, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            self.wrong(prefix[:-1], "this role is unknown", f"{hint}the roles are {', '.join(ROLES)}")
        self.only(table, prefix, ("file", "where", "note"))
        file = self.text(table, prefix, "file")
        return EvidenceFile(role, self.file(file, prefix + "file") if file else "",
                            MappingProxyType(self.where(table.get("where", {}), prefix)),
                            self.text(table, prefix, "note", required=False))

    def file(self, file: str, key: str) -> str:
        """Return the file if it is one of a source's; note what is wrong and return nothing if not."""
        try:
            path = inside(self.root, file)
        except BadInput as error:
            for problem in error.problems:
                self.wrong(key, problem.fact, problem.remedy)
            return ""
        if file.count("/") == 1 and path.is_file():
            return file
        if path.exists() and not path.is_file():
            self.wrong(key, f"{shorten(file)} is not an ordinary file", "put the table there as a CSV file")
            return ""
        known = sorted(f"{one.parent.name}/{one.name}" for one in (self.root / RAW).glob("*/*.csv"))
        near = get_close_matches(file, known, n=3, cutoff=0.5)
        listed = ", ".join(known[:_LISTED]) or "none"
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {listed}"
        self.wrong(key, f"there is no source {shorten(file)} below {RAW}", hint)
        return ""

    def where(self, found: Any, prefix: str) -> dict[str, Any]:
        if not isinstance(found, dict):
            self.wrong(prefix + "where", f"found {shorten(found)}", 'write it as { column = "value" }')
            return {}
        sound = {}
        for column, value in found.items():
            several = value if isinstance(value, list) else [value]
            if several and all(isinstance(one, (str, int, float)) for one in several):
                sound[column] = value
            else:
                self.wrong(f"{prefix}where.{column}", f"found {shorten(value)}",
                           "give a value, or a list of values")
        return sound

    def judgement(self, key: str, table: dict[str, Any], prefix: str) -> Judgement:
        if not _KEY.fullmatch(key):
            self.wrong(prefix[:-1], "this is not the name of a judgement",
                       "use small letters, digits, _ and -")
        self.only(table, prefix, ("value", "low", "high", "unit", "reason", "source"))
        if "value" not in table:
            self.wrong(prefix + "value", "the key is missing", "give the value that was judged")
        elif isinstance(table["value"], dict):
            self.wrong(prefix + "value", "found a table", "give one value; each judgement has a table of its own")
        elif allowed := allowed_instead(key, table["value"]):
            self.wrong(prefix + "value", f"found {shorten(table['value'])}, allowed is {allowed}",
                       "correct the value")
        for name in ("value", "low", "high"):
            if isinstance(table.get(name), float) and not math.isfinite(table[name]):
                self.wrong(prefix + name, f"found {table[name]}, which is not a finite number",
                           "give the number that was judged")
        reason = ""
        if str(table.get("reason", "")).strip():
            reason = self.text(table, prefix, "reason")
        else:
            self.wrong(prefix + "reason", "a judgement without a reason", "say why this value, in a sentence")
        low, high = self.range(table, prefix)
        source = self.text(table, prefix, "source", required=False)
        unit = self.text(table, prefix, "unit", required=low is not None)
        return Judgement(key, table.get("value"), reason, source, low, high, unit)

    def range(self, table: dict[str, Any], prefix: str) -> tuple[float | None, float | None]:
        if "low" not in table and "high" not in table:
            return None, None
        ends = [table.get(name) for name in ("low", "value", "high")]
        numbers = [end for end in ends if isinstance(end, (int, float)) and not isinstance(end, bool)]
        if len(numbers) < 3 or numbers != sorted(numbers):
            self.wrong(prefix + "low", f"found low, value and high of {shorten(ends)}",
                       "give three numbers, the lowest first, or neither low nor high")
            return None, None
        return float(table["low"]), float(table["high"])
