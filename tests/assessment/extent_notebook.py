"""This project's own extent chapter, run on a throw-away project whose evidence a test makes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from throwaway import Project

matplotlib.use("Agg")
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03-extent.ipynb"
SOURCE = """\
title = "What was counted"
producer = "An agency"
citation = "Nobody (2020). What was counted."
licence = "CC0-1.0"
unit_of_count = "persons"
place = "Testland"
period = "2020"
retrieved = 2026-01-01
simulated = {simulated}

[capacity]
person_level = false
linkable = "no"
frequency = "yearly"

[files."table.csv"]
sha256 = "{sha256}"
description = "a table"
reader = "{reader}"
{kept}
[files."table.csv".options]
{options}
"""
OUTSIDE = 'external = "table.csv"\nobtain = "Ask the agency."'


def put(project: Project, role: str, table: pd.DataFrame, options: str, *judgements: str, reader: str,
        simulated: bool = True, outside: Path | None = None) -> None:
    """Put a table into the project, or a folder outside it, in the role given and in place of its lists."""
    content = table.to_csv(index=False)
    folder = project.root / "data/raw/counted"
    folder.mkdir(parents=True)
    ((outside or folder) / "table.csv").write_text(content)
    (folder / "source.toml").write_text(SOURCE.format(
        sha256=hashlib.sha256(content.encode()).hexdigest(), simulated=str(simulated).lower(), reader=reader,
        kept=OUTSIDE if outside else "", options=options))
    project.define('[evidence.lists]\nfile = "three-lists/lists.csv"',
                   f'[evidence.{role}]\nfile = "counted/table.csv"\n' + "\n".join(judgements))


def run(project: Project, monkeypatch: Any) -> None:
    """Run the chapter's cells."""
    monkeypatch.chdir(project.root)
    names: dict[str, Any] = {"assessment": "testland", "year": 2020, "seed": 1}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", ()):
            exec("".join(cell["source"]), names)
