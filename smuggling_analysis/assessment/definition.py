"""What an assessment is: its place, its years, its evidence, its judgements, read strictly from TOML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from smuggling_analysis.problems import BadInput, Problem, raise_any, shorten
from smuggling_analysis.sources.project import ASSESSMENTS

# Every role evidence can play, and the type of evidence that plays it, as in sources.readers.
ROLES: dict[str, str] = {
    "lists": "CaptureHistories", "repeats": "RepeatCounts", "reference": "ReferenceCounts",
    "encounters": "Encounters", "flows": "Journeys",
    "detections": "EventSeries", "published": "Indicator", "deaths": "EventSeries", "sea": "Indicator",
    "fees": "FeeQuotes", "exchange_rates": "AnnualRates", "price_index": "AnnualRates",
    "market_values": "Indicator", "survey": "Indicator",
}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class EvidenceFile:
    """Which file plays a role in an assessment, and which of its rows.

    Parameters
    ----------
    role, file : str
        The role, and the file below data/raw.
    where : mapping
        Which of its rows.
    note : str
        What a reader must know of it.
    otherwise : EvidenceFile, optional
        What plays the role where the file is kept outside the project and is not at hand.
    """

    role: str
    file: str
    where: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    otherwise: EvidenceFile | None = None

    @property
    def folder(self) -> str:
        """The source's folder below data/raw."""
        return self.file.partition("/")[0]

    def at_hand(self, root: Path) -> EvidenceFile:
        """Return the file that plays the role in this project: what stands in for it where it is not there.

        Raises
        ------
        BadInput
            If no source describes the file.
        """
        if self.otherwise is None:
            return self
        from smuggling_analysis.sources.load import is_at_hand

        return self if is_at_hand(self.file, root) else self.otherwise


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
    texts : mapping of chapter to str
        What a chapter says first, in paragraphs.
    by_year : mapping of year to Definition
        The definitions of the years that say something of their own; see `in_year`.
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
    texts: Mapping[str, str] = field(default_factory=dict)
    by_year: Mapping[int, Definition] = field(default_factory=dict)

    def in_year(self, year: int) -> Definition:
        """Return the definition as it holds for a year: what that year says of its own goes first."""
        return self.by_year.get(year, self)

    @property
    def files(self) -> tuple[EvidenceFile, ...]:
        """Every file of every year, each once."""
        rows = [row for one in (self, *self.by_year.values()) for row in one.evidence.values()]
        return tuple(row for place, row in enumerate(rows) if row not in rows[:place])


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
    from smuggling_analysis.assessment.definition_reader import Reader, parse

    path, origin = definition_path(name, root), f"{ASSESSMENTS}/{name}.toml"
    reader = Reader(origin, root)
    try:
        made = reader.definition(name, parse(path, origin))
    except BadInput as error:
        return None, list(error.problems)
    return made, reader.problems
