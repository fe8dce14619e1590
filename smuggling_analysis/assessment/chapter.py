"""The object a chapter's notebook works with: evidence in; results, figures, tables and words out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

import numpy as np

from smuggling_analysis.assessment import show
from smuggling_analysis.assessment.chapters import ChapterRow, find_chapter, needed_for
from smuggling_analysis.assessment.definition import Definition, EvidenceFile, Judgement, read_definition
from smuggling_analysis.assessment.results import Recorded, Result, marked
from smuggling_analysis.assessment.workspace import Workspace
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator

if TYPE_CHECKING:
    import pandas as pd

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SomeResult = TypeVar("_SomeResult", bound=Result)


def open_chapter(name: str, *, assessment: str, year: int, seed: int = 1,
                 root: Path | None = None) -> Chapter:
    """Open a chapter of an assessment: the first line of its notebook.

    Parameters
    ----------
    name : str
        The chapter's name: "extent".
    assessment : str
        The assessment's name: "south-east-asia".
    year : int
        Assessment year.
    seed : int
        Seed of every random number; each chapter draws from its own stream.
    root : Path, optional
        The project's folder; found from the working folder where it is not given.

    Raises
    ------
    BadInput
        If the assessment's definition cannot be used.
    ValueError
        If there is no such chapter, or the assessment is not defined for the year.

    Examples
    --------
    >>> chapter = open_chapter("extent", assessment="netherlands", year=2015)  # doctest: +SKIP
    >>> chapter.place  # doctest: +SKIP
    'Netherlands'
    """
    from smuggling_analysis.sources.project import find_root

    folder = find_root() if root is None else Path(root)
    row, definition = find_chapter(name), read_definition(assessment, folder)
    if year not in definition.years:
        known = ", ".join(map(str, definition.years))
        raise ValueError(f"{assessment} is not defined for {year}: its years are {known}")
    return Chapter(row, definition.in_year(int(year)), int(year), int(seed), folder, Workspace.of_run())


class Chapter:
    """One chapter at work.

    In a run everything recorded and shown is also written to the run's workspace. Opened by hand (in
    JupyterLab) it only shows. Once a chapter has used simulated evidence, all it shows and records
    afterwards is watermarked: figures, tables, results and words.

    Attributes
    ----------
    name, number, title : str
        The chapter's row in the table of chapters.
    definition : Definition
        The assessment's definition.
    place : str
    year : int
    rng : numpy Generator
        The chapter's own stream of random numbers.
    simulated : bool
        Whether simulated evidence has been used so far.
    """

    def __init__(self, row: ChapterRow, definition: Definition, year: int, seed: int, root: Path,
                 workspace: Workspace | None = None):
        self.name, self.number, self.title = row.name, row.number, row.title
        self.definition, self.place, self.year, self.seed = definition, definition.place, year, seed
        self.rng = np.random.default_rng(np.random.SeedSequence([seed, crc32(row.name.encode())]))
        self.simulated = False
        self._root, self._workspace = root, workspace
        self._recorded: dict[str, Recorded] = {}
        self._named: dict[str, list[str]] = {"Figure": [], "Table": []}
        self._keep()

    def evidence(self, role: str) -> Any:
        """Return the evidence that plays this role, or None where the assessment has none."""
        row = self._file(role)
        if row is None:
            return None
        from smuggling_analysis.sources.load import load

        found = load(row.file, root=self._root, where=dict(row.where))
        self.source(role)  # marks the chapter where the source is simulated
        self.simulated = self.simulated or _simulated(found)
        return found

    def source(self, role: str) -> Any:
        """Return what is known of the source that plays this role, or None where the assessment has none."""
        row = self._file(role)
        if row is None:
            return None
        from smuggling_analysis.sources.load import load_source

        found = load_source(row.file.split("/")[0], self._root)
        self.simulated = self.simulated or found.simulated
        return found

    def of_persons(self, role: str) -> bool:
        """Say whether what plays this role is kept outside the project, as records of persons are."""
        row = self._file(role)
        if row is None:
            return False
        from smuggling_analysis.sources.load import load_source

        folder, _, name = row.file.partition("/")
        return bool(load_source(folder, self._root).files[name].external)

    def stand_in(self, role: str) -> str:
        """Say in one line that another file plays a role because the one named is not at hand; empty if it is."""
        row, used = self.definition.evidence.get(role), self._file(role)
        if row is None or used is None or used is row:
            return ""
        from smuggling_analysis.sources.load import load_source

        folder, _, name = row.file.partition("/")
        return (f"The file {load_source(folder, self._root).files[name].external}, kept outside this project, was not "
                f"at hand: {used.note or 'what is published of it is used instead.'}")

    @property
    def sources(self) -> Mapping[str, Any]:
        """Every source of the assessment once, by folder; the chapter is marked where one is simulated."""
        found = {used.folder: self.source(role) for role in self.definition.evidence
                 if (used := self._file(role)) is not None}
        return MappingProxyType(found)

    @property
    def words(self) -> str:
        """What the definition has this chapter say first, as paragraphs of Markdown; empty where it says nothing."""
        given = self.definition.texts.get(self.name, "")
        return "\n\n".join(show.literal(paragraph) for paragraph in given.split("\n\n") if paragraph.strip())

    def judgement(self, key: str) -> Judgement:
        """Return a judgement of the assessment's definition: value, reason, source.

        Raises
        ------
        KeyError
            If the definition has no such judgement.
        """
        if key not in self.definition.judgement:
            known = ", ".join(self.definition.judgement) or "none"
            raise KeyError(f"the assessment {self.definition.name} holds no judgement {key}; "
                           f"it holds: {known}")
        return self.definition.judgement[key]

    @property
    def judgements(self) -> Mapping[str, Judgement]:
        """Every judgement of the definition, by key."""
        return MappingProxyType(dict(self.definition.judgement))

    def record(self, key: str, result: _SomeResult, question: str = "",
               headline: bool = False) -> _SomeResult:
        """Record a result for estimates.csv and for the chapters that come after; return it.

        Parameters
        ----------
        key : str
            Names the result within the chapter: small letters, digits and hyphens.
        result : Estimate, Indicator or NoEstimate
        question : str
            The question it answers: "Q8".
        headline : bool
            Whether it belongs among the key findings.

        Raises
        ------
        ValueError
            If the key is used twice or is no key.
        TypeError
            If the result is of another type.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"the key of a result is small letters, digits and hyphens, got {key!r}")
        if key in self._recorded:
            raise ValueError(f"the key {key} is used twice in the chapter {self.name}: "
                             "give every result its own")
        if not isinstance(result, (Estimate, Indicator, NoEstimate)):
            raise TypeError(f"{key}: a result is an Estimate, an Indicator or a NoEstimate, "
                            f"got {type(result).__name__}")
        simulated = self.simulated or getattr(result, "simulated", False)
        kept: Any = marked(result) if simulated else result
        self._recorded[key] = Recorded(self.name, key, question, headline, kept, simulated)
        self._keep()
        return kept

    def recorded(self) -> list[Recorded]:
        """Return what the chapters before this one recorded, in the order of the report.

        By hand, outside a run, these are the results of the last published report; none if there is none.
        """
        published = self._root / "reports" / self.definition.name / str(self.year)
        workspace = self._workspace or Workspace(published)
        earlier = [row.name for row in needed_for(self.name) if row.name != self.name]
        found = workspace.read_results(earlier)
        self.simulated = self.simulated or any(one.simulated for one in found)
        return found

    def figure(self, name: str, drawn: Any, caption: str, alt: str) -> None:
        """Show a figure with its number and caption, and write it as SVG.

        Parameters
        ----------
        name : str
            Names the figure's file within the chapter.
        drawn : matplotlib Figure or Axes
        caption : str
            What the figure shows and what to conclude from it.
        alt : str
            The figure in words, for those who cannot see it.
        """
        from smuggling_analysis.plots.svg import svg_of

        label = self._label("Figure", name)
        if not alt.strip() or not caption.strip():
            raise ValueError(f"{label} ({name}) needs a caption, and its content in words (alt)")
        svg = svg_of(drawn, f"{self.name}-{name}", watermark=show.SIMULATED if self.simulated else "")
        if self._workspace:
            self._workspace.write_figure(f"{self.name}-{name}", svg)
        self._show(show.figure_html(svg, label, caption, alt, simulated=self.simulated))

    def table(self, name: str, frame: pd.DataFrame, caption: str, **formatting: Any) -> None:
        """Show a table with its number and caption, and write it as CSV.

        Parameters
        ----------
        name : str
            Names the table's file within the chapter.
        frame : DataFrame
            The table; its index is left out.
        caption : str
            What the table shows.
        **formatting
            As `smuggling_analysis.tables.html` takes it. Its `note` and `source` stand below the table,
            outside the box that scrolls.
        """
        from smuggling_analysis import tables

        label = self._label("Table", name)
        if not caption.strip():
            raise ValueError(f"{label} ({name}) needs a caption")
        if self._workspace:
            self._workspace.write_table(f"{self.name}-{name}", frame, simulated=self.simulated)
        note, source = formatting.pop("note", ()), formatting.pop("source", "")
        below = [*([note] if isinstance(note, str) else note), *([f"Source: {source}"] if source else [])]
        shown = tables.html(frame, **formatting)
        self._show(show.table_html(shown, label, caption, below, simulated=self.simulated))

    def text(self, markdown: str) -> None:
        """Show Markdown, watermarked as figures are; mathematics goes between dollar signs."""
        from IPython.display import Markdown, display

        display(Markdown(show.marked_markdown(markdown) if self.simulated else markdown))

    def refusal(self, question: str, no_estimate: NoEstimate, *, key: str = "",
                headline: bool = False) -> NoEstimate:
        """Record that there is no estimate; show why, and the data that would make one possible."""
        base = key or f"no-estimate-{re.sub(r'[^a-z0-9]+', '-', question.lower()).strip('-')}".rstrip("-")
        free = base
        while not key and free in self._recorded:
            free = f"{base}-{sum(one.startswith(base) for one in self._recorded) + 1}"
        kept = self.record(free, no_estimate, question, headline)
        self._show(show.refusal_html(question, kept.reason, kept.needed))
        return kept

    def no_evidence(self, line: str) -> None:
        """Say in one line that the chapter, or a part of it, has no evidence."""
        self._show(show.line_html(line))

    def _label(self, kind: str, name: str) -> str:
        if not _KEY.fullmatch(name):
            raise ValueError(f"the name of a {kind.lower()} is small letters, digits and hyphens, "
                             f"got {name!r}")
        if name in self._named[kind]:
            raise ValueError(f"two {kind.lower()}s of the chapter {self.name} are named {name}")
        self._named[kind].append(name)
        return f"{kind} {self.number}.{len(self._named[kind])}"

    def _file(self, role: str) -> EvidenceFile | None:
        """Return the file that plays a role, and is at hand; None where the assessment has none."""
        from smuggling_analysis.assessment.definition import ROLES

        if role not in ROLES:
            raise ValueError(f"there is no role {role!r}: the roles are {', '.join(ROLES)}")
        row = self.definition.evidence.get(role)
        return None if row is None else row.at_hand(self._root)

    def _show(self, html: str) -> None:
        from IPython.display import HTML, display

        display(HTML(html))

    def _keep(self) -> None:
        if self._workspace:
            self._workspace.write_results(self.name, list(self._recorded.values()))


def _simulated(evidence: Any) -> bool:
    if isinstance(evidence, Sequence) and not isinstance(evidence, str):
        return any(_simulated(one) for one in evidence)
    return bool(getattr(evidence, "simulated", False))
