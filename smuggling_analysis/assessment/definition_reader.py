"""Reading an assessment's definition strictly: every key, every kind, every problem at once."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smuggling_analysis.assessment.chapters import CHAPTERS
from smuggling_analysis.assessment.definition import ROLES, Definition, EvidenceFile, Judgement
from smuggling_analysis.assessment.judgements import allowed_instead
from smuggling_analysis.problems import BadInput, Problem, shorten
from smuggling_analysis.sources.description import load_source
from smuggling_analysis.sources.project import RAW, inside
from smuggling_analysis.sources.reading import read_bytes

LARGEST_BYTES = 1_000_000
# A control character, or one that turns the direction of the text after it.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_KEY = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
_LISTED = 10
# What a year may say in its own words.
_OF_A_YEAR = ("title", "summary", "population")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def parse(path: Path, origin: str) -> dict[str, Any]:
    """Read a definition's file as TOML."""
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


class Reader:
    """Reads one definition and collects what is wrong with it."""

    def __init__(self, origin: str, root: Path):
        self.origin, self.root, self.problems = origin, root, list[Problem]()

    def wrong(self, key: str, fact: str, remedy: str) -> None:
        """Note a problem of a key."""
        self.problems.append(Problem(fact, remedy, self.origin, column=key))

    def definition(self, name: str, table: dict[str, Any]) -> Definition:
        """Return the definition of a table."""
        self.only(table, "", ("title", "place", "years", "summary", "population", "base_year", "evidence",
                              "judgement", "text", "year"))
        made = Definition(
            name, title=self.text(table, "", "title"), place=self.text(table, "", "place"),
            years=self.years(table), summary=self.text(table, "", "summary"),
            population=self.text(table, "", "population"),
            base_year=self.year(table["base_year"], "base_year") if "base_year" in table else None,
            **self.parts(table, ""))
        own = self.tables(table, "year", lambda year, inner, prefix: self.of_year(made, year, inner, prefix))
        return replace(made, by_year=MappingProxyType({int(year): one for year, one in own.items()
                                                       if one is not None}))

    def parts(self, table: dict[str, Any], prefix: str) -> dict[str, Any]:
        """Return evidence, judgements and texts."""
        evidence = self.tables(table, "evidence", self.evidence, prefix)
        return {"evidence": MappingProxyType({role: row for role, row in evidence.items() if row.file}),
                "judgement": MappingProxyType(self.tables(table, "judgement", self.judgement, prefix)),
                "texts": MappingProxyType(self.chapter_texts(table, prefix))}

    def of_year(self, whole: Definition, year: str, table: dict[str, Any], prefix: str) -> Definition | None:
        """Return the definition with what a year says of its own in the place of what holds for every year."""
        if year not in [str(one) for one in whole.years]:
            known = ", ".join(map(str, whole.years)) or "missing"
            self.wrong(prefix[:-1], f"{shorten(year)} is none of the assessment's years",
                       f"the years are {known}: add it there, or remove it here")
            return None
        self.only(table, prefix, (*_OF_A_YEAR, "evidence", "judgement", "text"))
        own: dict[str, Any] = {key: self.text(table, prefix, key) for key in _OF_A_YEAR if key in table}
        for key, found in self.parts(table, prefix).items():
            own[key] = MappingProxyType({**getattr(whole, key), **found})
        return replace(whole, **own)

    def chapter_texts(self, table: dict[str, Any], prefix: str) -> dict[str, str]:
        """Return what chapters say first, by chapter."""
        found = table.get("text", {})
        if not isinstance(found, dict):
            self.wrong(f"{prefix}text", f"found {shorten(found)}", f"write one [{prefix}text] table, a text a chapter")
            return {}
        self.only(found, f"{prefix}text.", tuple(row.name for row in CHAPTERS))
        return {name: self.text(found, f"{prefix}text.", name) for name in found}

    def only(self, table: dict[str, Any], prefix: str, allowed: tuple[str, ...]) -> None:
        """Note every key that is not allowed."""
        for key in table:
            if key not in allowed:
                near = get_close_matches(key, allowed, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                self.wrong(prefix + key, "this key is unknown",
                           f"{hint}the keys allowed here are {', '.join(allowed)}")

    def text(self, table: dict[str, Any], prefix: str, key: str, *, required: bool = True) -> str:
        """Return a text that can be printed."""
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
        """Return the years, each once."""
        found = table.get("years")
        if not isinstance(found, list) or not found:
            self.wrong("years", "the key is missing" if found is None else f"found {shorten(found)}",
                       "list the years the assessment can be made for, for example years = [2023]")
            return ()
        return tuple(dict.fromkeys(self.year(year, "years") for year in found))

    def year(self, found: Any, key: str) -> int:
        """Return a year."""
        if isinstance(found, bool) or not isinstance(found, int) or not _FIRST_YEAR <= found <= _LAST_YEAR:
            self.wrong(key, f"found {shorten(found)}, which is not a year",
                       f"write a whole number from {_FIRST_YEAR} to {_LAST_YEAR}")
            return 0
        return found

    def tables(self, table: dict[str, Any], group: str, read: Any, prefix: str = "") -> dict[str, Any]:
        """Return what is read of each table of a group."""
        found, named = table.get(group, {}), f"{prefix}{group}"
        if not isinstance(found, dict):
            self.wrong(named, f"found {shorten(found)}", f"write one [{named}.NAME] table for each")
            return {}
        made = {}
        for key, inner in found.items():
            if isinstance(inner, dict):
                made[key] = read(key, inner, f"{named}.{key}.")
            else:
                self.wrong(f"{named}.{key}", f"found {shorten(inner)}",
                           f"write it as a table: [{named}.{key}]")
        return made

    def evidence(self, role: str, table: dict[str, Any], prefix: str) -> EvidenceFile:
        """Return which file plays a role, and what plays it where that file is not at hand."""
        if role not in ROLES:
            near = get_close_matches(role, ROLES, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            self.wrong(prefix[:-1], "this role is unknown", f"{hint}the roles are {', '.join(ROLES)}")
        self.only(table, prefix, ("file", "where", "note", "otherwise"))
        made, otherwise = self.named(role, table, prefix), None
        if isinstance(table.get("otherwise"), dict):
            inner = table["otherwise"]
            self.only(inner, f"{prefix}otherwise.", ("file", "where", "note"))
            otherwise = self.named(role, inner, f"{prefix}otherwise.")
        elif "otherwise" in table:
            self.wrong(f"{prefix}otherwise", f"found {shorten(table['otherwise'])}",
                       f"write it as a table: [{prefix}otherwise]")
        return replace(made, otherwise=otherwise if otherwise and otherwise.file else None)

    def named(self, role: str, table: dict[str, Any], prefix: str) -> EvidenceFile:
        """Return the file named and its rows."""
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
        if file.count("/") == 1 and (path.is_file() or self.outside(file)):
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

    def outside(self, file: str) -> bool:
        """Say whether a source describes the file as one that is kept outside the project."""
        folder, _, name = file.partition("/")
        try:
            described = load_source(folder, self.root).files
        except BadInput:  # what is wrong with the source is said where its files are checked
            return False
        return name in described and bool(described[name].external)

    def where(self, found: Any, prefix: str) -> dict[str, Any]:
        """Return which rows of a file are kept."""
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
        """Return a judgement."""
        if not _KEY.fullmatch(key):
            self.wrong(prefix[:-1], "this is not the name of a judgement",
                       "use small letters, digits, _ and -")
        self.only(table, prefix, ("value", "low", "high", "unit", "reason", "source"))
        if "value" not in table:
            self.wrong(prefix + "value", "the key is missing", "give the value that was judged")
        elif isinstance(table["value"], dict):
            self.wrong(prefix + "value", "found a table", "give one value; each judgement has a table of its own")
        for name in ("value", "low", "high"):
            given = table.get(name)
            if given is not None and not isinstance(given, dict) and (allowed := allowed_instead(key, given)):
                self.wrong(prefix + name, f"found {shorten(given)}, allowed is {allowed}", "correct the value")
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
        """Return the lower and the upper end of a judgement."""
        if "low" not in table and "high" not in table:
            return None, None
        ends = [table.get(name) for name in ("low", "value", "high")]
        numbers = [end for end in ends if isinstance(end, (int, float)) and not isinstance(end, bool)]
        if len(numbers) < 3 or numbers != sorted(numbers):
            self.wrong(prefix + "low", f"found low, value and high of {shorten(ends)}",
                       "give three numbers, the lowest first, or neither low nor high")
            return None, None
        return float(table["low"]), float(table["high"])
