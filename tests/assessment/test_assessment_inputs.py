"""Held to the issue: all problems of definition, sources and notebooks are said at once, nothing is run."""

from __future__ import annotations

import pytest

from smuggling_analysis.assessment.inputs import check_inputs
from smuggling_analysis.problems import BadInput


def said(project, **options) -> str:
    with pytest.raises(BadInput) as refused:
        check_inputs("testland", project.root, **options)
    return str(refused.value)


def test_good_inputs_are_fingerprinted(project):
    inputs = check_inputs("testland", project.root, year=2020)
    assert "data/raw/three-lists/lists.csv" in inputs.checksums
    assert "data/raw/three-lists/source.toml" in inputs.checksums
    assert len(inputs.checksums) == 3 + 8


def test_a_year_that_is_not_defined_is_refused(project):
    assert "not defined for 1999; choose one of 2020" in said(project, year=1999)


def test_a_parameter_that_a_notebook_does_not_declare_is_refused(project):
    project.notebook("market", parameters='assessment: str = "testland"\nyear: int = 2020')
    assert (
        'notebooks/05-market.ipynb: the parameter seed is not declared; add a line "seed = ..." to the code '
        'cell tagged "parameters"'
    ) in said(project)


def test_a_missing_or_broken_notebook_is_refused(project):
    (project.root / "notebooks/05-market.ipynb").unlink()
    (project.root / "notebooks/02-flows.ipynb").write_text("no notebook")
    message = said(project)
    assert "notebooks/05-market.ipynb: the notebook of the chapter market is missing" in message
    assert "notebooks/02-flows.ipynb: the file is not a notebook" in message


def test_a_changed_file_is_refused(project):
    path = project.root / "data/raw/three-lists/lists.csv"
    path.write_text(path.read_text().replace("60", "61"))
    assert "data/raw/three-lists/lists.csv: the file has changed" in said(project)


def test_problems_of_every_kind_are_said_together(project):
    project.source("police,ngo,court,count\n1,0,0,-3\n0,0,0,4\n")
    project.define("[2020]", "2020")
    project.notebook("market", parameters="year: int = 2020")
    message = said(project)
    assert "found -3" in message or "found '-3'" in message
    for words in ('row 2, column "count"', 'key "years"', "the parameter seed is not declared"):
        assert words in message
