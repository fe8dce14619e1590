"""Every test here may have a throw-away project, and this project's own reports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from throwaway import Project

from smuggling_analysis.assessment.workspace import VARIABLE, Workspace

ROOT = Path(__file__).parents[2]
YEARS = {"south-east-asia": 2023, "netherlands": 2015, "united-kingdom": 2013}


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


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Publish an assessment of this project by the command, once a session; return the report's folder."""
    output = tmp_path_factory.mktemp("reports")

    @cache
    def publish(name: str) -> Path:
        year = str(YEARS[name])
        command = [sys.executable, "-m", "smuggling_analysis", "assess", name, "--year", year, "--output", str(output)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return output / name / year

    return publish
