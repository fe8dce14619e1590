"""A project of its own for every test: folders, and a function that puts a source into it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

HISTORIES = b"police,ngo,count\n1,0,60\n0,1,40\n1,1,12\n"


def toml_value(value: object) -> str:
    """Write a value as TOML does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = {toml_value(item)}' for name, item in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


class Project:
    """A project on disk that a test fills."""

    def __init__(self, root: Path):
        self.root = root
        (root / "data/raw").mkdir(parents=True)
        (root / "notebooks/assessments").mkdir(parents=True)

    def add(self, content: bytes = HISTORIES, *, reader: str = "capture_histories", folder: str = "police",
            file: str = "table.csv", sha256: str | None = None, more: str = "", simulated: bool = False,
            options: dict[str, Any] | None = None, toml: str | None = None) -> str:
        """Write a source of one file; return the path by which `load` knows it."""
        place = self.root / "data/raw" / folder
        place.mkdir(exist_ok=True)
        (place / file).write_bytes(content)
        if options is None:
            options = {"lists": ["police", "ngo"], "count": "count"} if reader == "capture_histories" else {}
        told = "\n".join(f"{name} = {toml_value(value)}" for name, value in options.items())
        text = toml if toml is not None else f"""
title = "Police records"
producer = "Police"
citation = "Police (2023), Yearbook."
licence = "Public domain"
unit_of_count = "persons"
place = "Norway"
period = "2013"
retrieved = 2024-06-30
simulated = {str(simulated).lower()}
{more}
[capacity]
person_level = true
linkable = "yes"
frequency = "yearly"
questions = ["Q8"]
[files."{file}"]
sha256 = "{hashlib.sha256(content).hexdigest() if sha256 is None else sha256}"
description = "One row per history."
reader = "{reader}"
[files."{file}".options]
{told}
"""
        (place / "source.toml").write_text(text, encoding="utf-8")
        return f"{folder}/{file}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project."""
    return Project(tmp_path / "project")
