"""What is known of a source and of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from smuggling_analysis.evidence.source_register import RegisteredSource


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file of a source.

    Parameters
    ----------
    name : str
        Its name within the source's folder.
    sha256 : str
        The SHA-256 of the file as received, in hexadecimal.
    description : str
        What a row is.
    reader : str
        The reader that makes evidence of it (see `sources.readers.READERS`).
    options : mapping
        What the reader is told: which columns hold what, and the words that no column holds.
    external : str
        The file's name in the reference-data folder, where it is kept outside the project; empty where it is
        in the source's own folder.
    obtain : str
        How to get a file that is kept outside the project.
    """

    name: str
    sha256: str
    description: str
    reader: str
    options: Mapping[str, Any] = field(default_factory=dict)
    external: str = ""
    obtain: str = ""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What a source could answer: see `RegisteredSource`."""

    person_level: bool
    linkable: str
    frequency: str
    overlaps: tuple[str, ...] = ()
    disaggregated_by: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source and its files, as its source.toml describes them.

    Parameters
    ----------
    folder : str
        Its folder below data/raw.
    title, producer, citation, doi, licence : str
        The source, who made the numbers, the original publication, its DOI if any, and what may be
        done with it.
    unit_of_count, place, period : str
        What is counted, where and when.
    retrieved : date
        When the files were received or transcribed; nothing in them may be later.
    simulated : bool
        Whether the numbers are simulated: evidence made from them says so.
    purpose, transcribed_from, notes : str
        What it is used for, how the figures reached us, and what a reader must know.
    capacity : Capacity
        What it could answer.
    files : mapping of name to SourceFile
        Its files.
    lists : mapping of str to str
        The full names of the lists in a table of capture histories.
    aggregates : mapping of str to str
        Codes that stand for several countries, and their names.
    """

    folder: str
    title: str
    producer: str
    citation: str
    licence: str
    unit_of_count: str
    place: str
    period: str
    retrieved: date
    simulated: bool
    capacity: Capacity
    files: Mapping[str, SourceFile]
    doi: str = ""
    purpose: str = ""
    transcribed_from: str = ""
    notes: str = ""
    lists: Mapping[str, str] = field(default_factory=dict)
    aggregates: Mapping[str, str] = field(default_factory=dict)

    def entry(self) -> RegisteredSource:
        """Return the source's entry in a register of sources."""
        own = self.capacity
        return RegisteredSource(
            title=self.title,
            producer=self.producer,
            unit=self.unit_of_count,
            place=self.place,
            period=self.period,
            person_level=own.person_level,
            linkable=own.linkable,
            overlaps=own.overlaps,
            frequency=own.frequency,
            disaggregated_by=own.disaggregated_by,
            licence=self.licence,
            questions=own.questions,
            simulated=self.simulated,
        )
