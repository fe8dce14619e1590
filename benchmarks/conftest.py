"""Figures that are not times of pytest-benchmark's own: printed as tables at the end, and kept as JSON."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

import pytest

KEPT = Path(".benchmarks") / "figures.json"
_FIGURES: dict[str, list[dict[str, object]]] = {}


@pytest.fixture
def keep(benchmark):
    """Keep a row of a table, `keep("memory", what=..., seconds=...)`, and note it with the benchmark."""
    def kept(title: str, **row: object) -> None:
        _FIGURES.setdefault(title, []).append(row)
        benchmark.extra_info.setdefault(title, []).append(row)
    return kept


def machine() -> str:
    """The processor, as far as the system tells, and its cores."""
    told = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in told.read_text().splitlines()
             if line.startswith("model name")] if told.exists() else []
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def pytest_terminal_summary(terminalreporter) -> None:
    if not _FIGURES:
        return
    terminalreporter.section(machine())
    for title, rows in _FIGURES.items():
        terminalreporter.write_line(f"\n{title}")
        columns = list(dict.fromkeys(name for row in rows for name in row))
        texts = [columns, *([_shown(row.get(name, "")) for name in columns] for row in rows)]
        widths = [max(len(line[place]) for line in texts) for place in range(len(columns))]
        for line in texts:
            padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            terminalreporter.write_line("  ".join(padded).rstrip())
    KEPT.parent.mkdir(exist_ok=True)
    told = {"machine": machine(), "python": platform.python_version(), **_FIGURES}
    KEPT.write_text(json.dumps(told, indent=1))
    terminalreporter.write_line(f"\nkept in {KEPT}")


def _shown(item: object) -> str:
    return f"{item:,.4g}" if isinstance(item, float) and item < 1000 else f"{item:,}" if isinstance(
        item, (int, float)) and not isinstance(item, bool) else str(item)
