"""The folder a run's chapters write into: results, figures and tables.

In a run its place comes by the environment, so that no path of a machine lands in an executed notebook.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.assessment.results import Recorded, from_plain, to_plain

VARIABLE = "SMUGGLING_ANALYSIS_WORKSPACE"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Workspace:
    """A folder with `results/`, `figures/` and `tables/`: a run's scratch folder, or a published report."""

    folder: Path

    @classmethod
    def of_run(cls) -> Workspace | None:
        """Return the workspace of the run this process belongs to; None outside a run."""
        place = os.environ.get(VARIABLE)
        return cls(Path(place)) if place else None

    def write_results(self, chapter: str, recorded: Sequence[Recorded]) -> None:
        """Write a chapter's results: rows as JSON, draws as NumPy arrays."""
        rows, draws = to_plain(recorded)
        place = self._made("results")
        (place / f"{chapter}.json").write_text(json.dumps(rows, indent=1, default=str), encoding="utf-8")
        arrays: dict[str, Any] = {f"draws-{key}": values for key, values in draws.items()}
        np.savez(place / f"{chapter}.npz", **arrays)

    def read_results(self, chapters: Iterable[str]) -> list[Recorded]:
        """Return what these chapters recorded, in their order; a chapter without results adds none."""
        found: list[Recorded] = []
        for chapter in chapters:
            rows = self.folder / "results" / f"{chapter}.json"
            if rows.is_file():
                with np.load(rows.with_suffix(".npz"), allow_pickle=False) as arrays:
                    draws = {key.removeprefix("draws-"): arrays[key] for key in arrays.files}
                found += from_plain(json.loads(rows.read_text(encoding="utf-8")), draws)
        return found

    def write_figure(self, name: str, svg: bytes) -> None:
        """Write a figure as `figures/NAME.svg`."""
        (self._made("figures") / f"{name}.svg").write_bytes(svg)

    def write_table(self, name: str, frame: pd.DataFrame, *, simulated: bool = False) -> None:
        """Write a table as `tables/NAME.csv`, safe to open in a spreadsheet; every row says if it is simulated."""
        if simulated:
            frame = frame.assign(simulated=True)
        write_csv(self._made("tables") / f"{name}.csv", list(frame.columns), frame.itertuples(index=False))

    def _made(self, part: str) -> Path:
        place = self.folder / part
        place.mkdir(parents=True, exist_ok=True)
        return place


def cell(value: Any) -> str:
    """Return a CSV cell's text: floats by repr, nothing where missing, text that no spreadsheet computes.

    Examples
    --------
    >>> cell(0.1 + 0.2), cell(None), cell("=1+1"), cell(-3)
    ('0.30000000000000004', '', "'=1+1", '-3')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "" if value != value else repr(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    text = "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_csv(path: Path, header: Sequence[Any], rows: Iterable[Iterable[Any]]) -> None:
    """Write a CSV file: UTF-8, comma, LF, every cell by `cell`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([cell(name) for name in header])
        writer.writerows([cell(value) for value in row] for row in rows)
