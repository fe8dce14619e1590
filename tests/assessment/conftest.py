"""Every test here may have a throw-away project."""

from __future__ import annotations

from pathlib import Path

import pytest
from throwaway import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")
