"""The chapters: thin, stripped, and running for every assessment of the project."""

import ast
import json
from pathlib import Path

import pytest

from smuggling_analysis.assessment.chapters import CHAPTERS
from smuggling_analysis.assessment.definition import names
from smuggling_analysis.assessment.workspace import VARIABLE, Workspace
from smuggling_analysis.estimate import Estimate

ROOT = Path(__file__).parents[2]
ASSESSMENTS = {"south-east-asia": 2023, "netherlands": 2015, "united-kingdom": 2013}


def cells(row):
    return json.loads((ROOT / "notebooks" / row.notebook).read_text(encoding="utf-8"))["cells"]


def code(row):
    return ["".join(cell["source"]) for cell in cells(row) if cell["cell_type"] == "code"]


@pytest.mark.parametrize("row", CHAPTERS, ids=lambda row: row.name)
def test_a_chapter_loads_estimates_and_shows(row):
    for source in code(row):
        tree = ast.parse(source)
        made = [type(node).__name__ for node in ast.walk(tree)
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.While, ast.Try))]
        assert not made, f"{row.notebook} makes {made}: it belongs in the package"
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)
                  and isinstance(node.func, ast.Name)}
        assert not called & {"open", "exec", "eval", "print"}


@pytest.mark.parametrize("row", CHAPTERS, ids=lambda row: row.name)
def test_a_chapter_declares_its_parameters_and_opens_itself(row):
    tagged = [cell for cell in cells(row) if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    names_ = [node.target.id for node in ast.parse("".join(tagged[0]["source"])).body]
    assert names_ == ["assessment", "year", "seed"]
    assert any(f'open_chapter("{row.name}"' in source for source in code(row))


def test_every_assessment_of_the_project_is_run_here():
    assert set(names(ROOT)) == set(ASSESSMENTS)


@pytest.fixture(scope="module", params=ASSESSMENTS)
def results(request, tmp_path_factory):
    """Run the eight chapters of an assessment in this process; return what they recorded."""
    folder = tmp_path_factory.mktemp(request.param)
    in_order = [row for row in CHAPTERS if not row.after] + [row for row in CHAPTERS if row.after]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        patch.chdir(ROOT)
        for row in in_order:
            space: dict[str, object] = {}
            for source in code(row):
                exec(source, space)
                if source.startswith("assessment: str"):
                    space.update(assessment=request.param, year=ASSESSMENTS[request.param], seed=1)
    return request.param, Workspace(folder).read_results([row.name for row in CHAPTERS])


def test_the_chapters_run_and_record(results):
    name, recorded = results
    by_key = {one.key: one.result for one in recorded}
    headlines = [one for one in recorded if one.headline]
    assert headlines
    if name == "netherlands":
        # van der Heijden et al. 2003: 12,690 (7,186 to 18,194).
        found = by_key["truncated-count-covariates"]
        assert [round(number) for number in (found.value, found.lower, found.upper)] == [12690, 7186, 18194]
    if name == "south-east-asia":
        assert "no-estimate" in by_key
        assert "death-rate-07" in by_key
        assert by_key["revenue-cambodia-to-thailand"].unit == "USD"
    if name == "united-kingdom":
        assert by_key["loglinear-bic-bootstrap"].observed == 2744


def test_every_estimate_says_what_it_counts_and_carries_its_evidence(results):
    for one in results[1]:
        if isinstance(one.result, Estimate):
            assert all((one.result.population, one.result.place, one.result.period)), one.key
            assert one.result.fingerprint, one.key


def test_every_result_answers_a_question(results):
    assert all(one.question for one in results[1] if one.headline)
