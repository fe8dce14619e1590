"""Every test here may have a throw-away project, and this project's own reports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from throwaway import Project

from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.assessment.workspace import VARIABLE, Workspace
from smuggling_analysis.sources.load import is_at_hand

ROOT = Path(__file__).parents[2]
YEARS = {"south-east-asia": 2023, "netherlands": 2015, "united-kingdom": 2013, "poland": 2024}
"""The year of each assessment where a test names none."""
OUTSIDE = {("poland", 2024): "poland-2019-2024/irregular_migration.csv"}
"""Files that are kept outside the project, without which there is no report."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what a chapter displays."""
    pieces: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda piece: pieces.append(piece.data))
    return pieces


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Have what a chapter shows and records written, as in a run."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "workspace"))
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def results(workspace: Workspace) -> Callable[[], dict[str, Recorded]]:
    """Return what the extent chapter has recorded, by key, once it has run."""
    return lambda: {one.key: one for one in workspace.read_results(["extent"])}


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Publish an assessment of this project by the command, once for all workers; return the report's folder."""
    base = tmp_path_factory.getbasetemp()
    output = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "reports"
    output.mkdir(exist_ok=True)

    @cache
    def publish(name: str, year: int = 0, *, only: str = "", reference_data: str = "") -> Path:
        year = year or YEARS[name]
        require(name, year)
        place = output / (f"from-{Path(reference_data).name}" if reference_data else "")
        report = place / name / (f"{year}.only-{only}" if only else str(year))
        command = [sys.executable, "-m", "smuggling_analysis", "assess", name, "--year", str(year), "--output",
                   str(place), *(["--only", only] if only else []),
                   *(["--reference-data", reference_data] if reference_data else [])]
        with one_at_a_time(output / f"{place.name}-{report.name}-{name}.busy"):
            if not report.is_dir():
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr
        return report

    return publish


@contextmanager
def one_at_a_time(busy: Path) -> Iterator[None]:
    """Let one worker in while the others wait."""
    while True:
        try:
            busy.mkdir()
            break
        except FileExistsError:
            time.sleep(0.2)
    try:
        yield
    finally:
        busy.rmdir()


def require(name: str, year: int) -> None:
    """Skip a test of a report whose data are kept outside the project and are not at hand."""
    file = OUTSIDE.get((name, year), "")
    if file and not is_at_hand(file, ROOT):
        pytest.skip(f"{file} is not in the reference data: its source.toml says how to get it")
