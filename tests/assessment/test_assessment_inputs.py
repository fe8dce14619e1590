"""Held to the issue: all problems of definition, sources and notebooks are said at once, nothing is run."""

from __future__ import annotations

import pytest

from smuggling_analysis.assessment import inputs
from smuggling_analysis.assessment.inputs import check_inputs
from smuggling_analysis.problems import BadInput


def said(project, **options) -> str:
    with pytest.raises(BadInput) as refused:
        check_inputs("testland", project.root, **options)
    return str(refused.value)


def test_good_inputs_are_fingerprinted(project):
    checked = check_inputs("testland", project.root, year=2020)
    assert "data/raw/three-lists/lists.csv" in checked.checksums
    assert "data/raw/three-lists/source.toml" in checked.checksums
    assert len(checked.checksums) == 3 + 8


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


def test_a_file_that_cannot_play_its_role_is_refused_before_a_chapter_meets_it(project):
    project.define("[evidence.lists]", "[evidence.fees]")
    assert said(project) == (
        'notebooks/assessments/testland.toml, key "evidence.fees.file": the file is read as capture_histories, '
        "which cannot play the role fees; name a file whose reader is fee_quotes, or name this one under its own role"
    )


def test_one_problem_does_not_bring_others_that_are_none(project):
    project.define("years = [2020]\n", "")
    project.define("[evidence.lists]", "[evidence.lists]\nwhere = { count = [] }")
    message = said(project, year=2020)
    assert message.startswith("2 problems:")
    assert 'key "years": the key is missing' in message
    assert 'key "evidence.lists.where.count": found []' in message


def test_simulated_inputs_are_known_before_the_run(project):
    assert not check_inputs("testland", project.root).simulated
    project.source(simulated=True)
    assert check_inputs("testland", project.root).simulated


def test_a_notebook_that_may_not_be_read_is_said_to_be_that(project, monkeypatch):
    def refused(*arguments):
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr(inputs, "undeclared", refused)
    message = said(project)
    assert "notebooks/05-market.ipynb: the file cannot be read: Permission denied; check its permis" in message
    assert "/somewhere" not in message
