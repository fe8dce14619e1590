"""Executed notebooks to one page that needs nothing else: no script, no font, no address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from smuggling_analysis import __version__
from smuggling_analysis.assessment.chapters import ChapterRow
from smuggling_analysis.assessment.definition import Definition
from smuggling_analysis.assessment.mathematics import draw, markdown_html
from smuggling_analysis.assessment.sanitise import clean
from smuggling_analysis.assessment.show import SIMULATED

HIDDEN = frozenset({"parameters", "injected-parameters", "hide"})
_SIMULATED_COVER = (f'<p class="warning"><b>{SIMULATED}</b> <span>The report rests on simulated data, in whole '
                    "or in part. What does is marked so, describes nobody, and must not be cited.</span></p>\n")
_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
_SHORT = 600
_CHECKSUM = re.compile(r"\b[0-9a-f]{64}\b")
_MARKUP = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Section:
    """A chapter as HTML, with the headings below its own: (anchor, text) each."""

    anchor: str
    heading: str
    html: str
    parts: tuple[tuple[str, str], ...] = ()


def render_page(definition: Definition, year: int, sections: Sequence[Section], *,
                simulated: bool = False) -> str:
    """Return the whole page.

    Parameters
    ----------
    definition : Definition
    year : int
    sections : sequence of Section
        In the order of the report.
    simulated : bool
        Whether any source is simulated, which the cover and every printed page then say.
    """
    texts = {"title": definition.title, "year": str(year), "summary": definition.summary,
             "place": definition.place, "population": definition.population, "version": __version__}
    body = "\n".join(f'<section class="{_kind(one)}" id="{one.anchor}">\n<h2>{one.heading}</h2>\n'
                     f"{one.html}\n</section>" for one in sections)
    return Template(_part("page.html")).substitute(
        {name: escape(text) for name, text in texts.items()}, contents=_contents(sections), body=body,
        simulated=_SIMULATED_COVER if simulated else "",
        screen=_part("screen.css"), print=_part("print.css"))


def chapter_section(row: ChapterRow, executed: Path) -> Section:
    """Return an executed chapter: code hidden, headings numbered, mathematics drawn, everything sanitised."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.read(executed, as_version=4)
    notebook.cells = [_shown(cell) for cell in notebook.cells
                      if not HIDDEN & set(cell.metadata.get("tags", []))]
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_output_prompt=True)
    exporter.register_filter("markdown2html", markdown_html)
    body, _ = exporter.from_notebook_node(notebook)
    html, parts = number_headings(_CHECKSUM.sub(_breakable, clean(body)), row)
    return Section(row.name, escape(row.heading), draw(html), parts)


def number_headings(html: str, row: ChapterRow) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Shift a chapter's headings below its own, number the first level and anchor them all.

    The notebook's title goes: the chapter's heading comes from the table of chapters.

    Returns
    -------
    str, and (anchor, text) of each numbered heading

    Examples
    --------
    >>> row = ChapterRow("extent", "03-extent.ipynb", "Extent", "3")
    >>> number_headings("<h1>Extent</h1><h2>Overlap</h2>", row)
    ('<h3 id="extent-overlap">3.1 Overlap</h3>', (('extent-overlap', '3.1 Overlap'),))
    """
    parts: list[tuple[str, str]] = []
    taken: dict[str, int] = {}

    def shifted(found: re.Match[str]) -> str:
        level, text = int(found[1]), found[2].strip()
        if level == 1:
            return ""
        slug = re.sub(r"[^a-z0-9]+", "-", unescape(_MARKUP.sub("", text)).lower()).strip("-") or "part"
        taken[slug] = taken.get(slug, 0) + 1
        anchor = f"{row.name}-{slug}" + (f"-{taken[slug]}" if taken[slug] > 1 else "")
        if level == 2:
            if row.number != "0":
                text = f"{row.number}.{len(parts) + 1} {text}"
            parts.append((anchor, _MARKUP.sub("", text)))
        lower = min(level + 1, 6)
        return f'<h{lower} id="{anchor}">{text}</h{lower}>'

    return _HEADING.sub(shifted, html), tuple(parts)


def provenance_section(definition: Definition, year: int, seed: int, inputs: Mapping[str, str]) -> Section:
    """Return the last section: how the report was made, from which files."""
    rows = [("Assessment", definition.name), ("Assessment year", str(year)),
            ("Seed of the random numbers", str(seed)), ("Made by", f"smuggling-analysis {__version__}")]
    made = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
                   for name, value in rows)
    read = "".join(f'<tr><td>{escape(name)}</td><td class="fingerprint">{checksum[:16]}</td></tr>'
                   for name, checksum in inputs.items() if not name.startswith("notebooks/"))
    return Section("how-this-report-was-made", "How this report was made",
                   Template(_part("provenance.html")).substitute(made=made, read=read))


def _breakable(checksum: re.Match[str]) -> str:
    """Let a checksum break, so that no table is as wide as one."""
    text = checksum[0]
    return "<wbr>".join(text[start:start + 8] for start in range(0, len(text), 8))


def _shown(cell: Any) -> Any:
    """Keep of a code cell's outputs what the chapter means to show: no warnings, no bare values."""
    if cell.cell_type == "code":
        cell.outputs = [output for output in cell.outputs if not (
            (output.output_type == "stream" and output.name == "stderr")
            or (output.output_type == "execute_result" and set(output.data) <= {"text/plain"}))]
    return cell


def _kind(section: Section) -> str:
    """Tell the chapters of a line or two, which need no page of their own in print."""
    short = len(_MARKUP.sub("", section.html)) < _SHORT and "<figure" not in section.html
    return "chapter short" if short else "chapter"


def _contents(sections: Sequence[Section]) -> str:
    lines = []
    for one in sections:
        inner = "".join(f'<li><a href="#{anchor}">{text}</a></li>' for anchor, text in one.parts)
        nested = f"<ol>{inner}</ol>" if inner else ""
        lines.append(f'<li><a href="#{one.anchor}">{one.heading}</a>{nested}</li>')
    return f"<ol>{''.join(lines)}</ol>"


def _part(name: str) -> str:
    return files("smuggling_analysis.assessment").joinpath("page", name).read_text(encoding="utf-8")
