"""data/raw/README.md followed to the letter. Held to: what it tells a newcomer to copy passes `check`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from smuggling_analysis.assessment.inputs import check_inputs
from smuggling_analysis.problems import BadInput

PROJECT = Path(__file__).parents[2]


def block_after(words: str) -> str:
    """Return the indented block that follows these words."""
    text = (PROJECT / "data/raw/README.md").read_text(encoding="utf-8")
    found = re.search(r"\n\n((?: {4}.*\n|\n)+)", text[text.index(words):])
    assert found
    return dedent(found[1]).strip() + "\n"


def test_the_example_needs_nothing_but_the_checksum_that_the_first_check_tells(tmp_path):
    folder = tmp_path / block_after("**1. Make a folder.**").strip()
    folder.mkdir(parents=True)
    (folder / "lists.csv").write_text(block_after("**2. Put the file in it.**"))
    (folder / "source.toml").write_text(block_after("**4. Write `source.toml`"))
    shutil.copytree(PROJECT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (tmp_path / "notebooks/assessments/cambodia.toml").write_text(block_after("**5. Name it"))

    with pytest.raises(BadInput) as refused:
        check_inputs("cambodia", tmp_path, year=2024)
    told = re.search(r"if the file there is as received, write ([0-9a-f]{64})$", str(refused.value))
    assert told
    description = folder / "source.toml"
    description.write_text(description.read_text().replace("the checksum of step 3", told[1]))
    assert check_inputs("cambodia", tmp_path, year=2024).definition.place == "Cambodia"
