"""A throw-away project: one source, one definition, a tiny notebook for every chapter."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat

from smuggling_analysis.assessment.chapters import CHAPTERS

TABLE = "police,ngo,court,count\n1,0,0,60\n0,1,0,40\n0,0,1,25\n1,1,0,12\n1,0,1,9\n0,1,1,5\n1,1,1,2\n"

SOURCE = """\
title = "Three lists"
producer = "A test"
citation = "Nobody (2020). Three lists."
licence = "CC0-1.0"
unit_of_count = "persons"
place = "Testland"
period = "2020"
retrieved = 2026-01-01
simulated = {simulated}

[capacity]
person_level = false
linkable = "yes"
frequency = "once"

[files."lists.csv"]
sha256 = "{sha256}"
description = "one row per capture history"
reader = "capture_histories"

[files."lists.csv".options]
lists = ["police", "ngo", "court"]
count = "count"
"""

DEFINITION = """\
title = "Smuggling in Testland"
place = "Testland"
years = [2020]
summary = "A small assessment <of> nothing."
population = "people smuggled into Testland"

[evidence.lists]
file = "three-lists/lists.csv"

[judgement.volume]
value = 1200
reason = "for the test"
"""

PARAMETERS = (
    'assessment: str = "testland"  # name\nyear: int = 2020  # assessment year\nseed: int = 1  # seed'
)
OPEN = (
    "import numpy as np\nimport smuggling_analysis as sa\n"
    'chapter = sa.open_chapter("{name}", assessment=assessment, year=year, seed=seed)'
)
RECORD = """\
draws = chapter.rng.normal(1000, 50, 400)
estimate = chapter.record("people-{name}", sa.Estimate.from_draws(
    draws, joint="{name}", unit="persons", method="a draw", population="people", place=chapter.place),
    question="Q8", headline=True)"""


def notebook(
    name: str, *cells: str, markdown: str = "", parameters: str = PARAMETERS, opening: str = OPEN
) -> nbformat.NotebookNode:
    """Return a chapter's notebook: title, parameters, opening, then the cells."""
    new = nbformat.v4
    made = new.new_notebook(
        cells=[
            new.new_markdown_cell(f"# {name}\n\n## What this shows\n\n{markdown}"),
            new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            new.new_code_cell(opening.format(name=name)),
            *(new.new_code_cell(cell) for cell in cells),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"
    return made


class Project:
    """A project in a folder; its parts can be written anew."""

    def __init__(self, root: Path):
        self.root = root
        self.definition_file = root / "notebooks/assessments/testland.toml"
        self.definition_file.parent.mkdir(parents=True)
        self.definition_file.write_text(DEFINITION)
        self.source()
        for row in CHAPTERS:
            self.notebook(row.name, RECORD.format(name=row.name))

    def source(self, table: str = TABLE, *, simulated: bool = False) -> None:
        folder = self.root / "data/raw/three-lists"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lists.csv").write_text(table)
        (folder / "source.toml").write_text(
            SOURCE.format(sha256=hashlib.sha256(table.encode()).hexdigest(), simulated=str(simulated).lower())
        )

    def define(self, old: str, new: str) -> None:
        text = self.definition_file.read_text()
        assert old in text
        self.definition_file.write_text(text.replace(old, new))

    def notebook(self, name: str, *cells: str, **parts: str) -> None:
        row = next(row for row in CHAPTERS if row.name == name)
        nbformat.write(notebook(name, *cells, **parts), self.root / "notebooks" / row.notebook)

    def bare(self, name: str, *cells: str) -> None:
        """Write a notebook that opens no chapter: it starts in a moment."""
        self.notebook(name, *cells, opening="print('opened')")
