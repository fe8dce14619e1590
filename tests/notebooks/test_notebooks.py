"""The chapters: thin, stripped, and running for every assessment of the project."""

import ast
import json
import shutil
from pathlib import Path

import pytest

from smuggling_analysis.assessment.chapters import CHAPTERS
from smuggling_analysis.assessment.definition import names
from smuggling_analysis.assessment.workspace import VARIABLE, Workspace
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.sources.load import is_at_hand
from smuggling_analysis.sources.project import ASSESSMENTS as DEFINITIONS

ROOT = Path(__file__).parents[2]
ASSESSMENTS = {"south-east-asia": 2023, "netherlands": 1995, "united-kingdom": 2013, "poland": 2024}
POLISH = "poland-2019-2024/irregular_migration.csv"


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
    if request.param == "poland" and not is_at_hand(POLISH, ROOT):
        pytest.skip(f"{POLISH} is not in the reference data: its source.toml says how to get it")
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
        # van der Heijden et al. 2003: 12,690, of which the gate has too poor a fit.
        assert "so poor a fit has a chance of 8e-11" in by_key["truncated-count-poisson-covariates"].reason
        assert (by_key["published-01"].value, by_key["published-01"].low) == (12_690.35, 7_186.449)
    if name == "poland":
        # R package uncounted 2.1.0 on the same data: 95,935.
        assert "with covariates 95,881" in by_key["reference-headline"].reason
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


DEFINITION = """\
title = "T"
place = "Testland"
years = [2023]
summary = "$x$ <b>S</b>"
population = "# people"

[evidence.{role}]
file = "{file}"
"""


def shown(tmp_path, monkeypatch, chapter, role, file, edit=None, *, year=2023, cells_=None):
    """Run a chapter of an assessment with one role played by one of the project's files; return what it shows."""
    folder = file.split("/")[0]
    shutil.copytree(ROOT / "data/raw" / folder, tmp_path / "data/raw" / folder)
    about = tmp_path / "data/raw" / folder / "source.toml"
    about.write_text((edit or str)(about.read_text(encoding="utf-8")), encoding="utf-8")
    (tmp_path / DEFINITIONS).mkdir(parents=True)
    given = DEFINITION.format(role=role, file=file).replace("[2023]", f"[{year}]")
    (tmp_path / DEFINITIONS / "testland.toml").write_text(given)
    pieces: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda piece: pieces.append(piece.data))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    row = next(row for row in CHAPTERS if row.name == chapter)
    space: dict[str, object] = {}
    for source in code(row)[:cells_]:
        exec(source, space)
        if source.startswith("assessment: str"):
            space.update(assessment="testland", year=year, seed=1)
    return "\n".join(pieces)


DEATHS = "missing-migrants-regions/deaths_by_region_year.csv"
UK = "uk-2013/capture_histories.csv"


def test_deaths_without_the_assessment_year_are_said_in_a_line_and_shown(tmp_path, monkeypatch):
    page = shown(tmp_path, monkeypatch, "deaths", "deaths", DEATHS, year=2013)
    assert "The series of recorded deaths has no events for 2013: it reaches from 2014 to 2025." in page
    assert "Table 4.1." in page


def test_a_sea_file_under_other_names_is_said_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setattr("smuggling_analysis.methods.sea_movements.DEATHS", "deaths_of_another_name")
    page = shown(tmp_path, monkeypatch, "deaths", "sea", "unhcr-andaman-sea/movements.csv")
    assert "under the names expected (departures, dead_or_missing)" in page
    assert "Abandoned, or fate unknown" in page


def test_lists_without_descriptions_go_by_their_columns(tmp_path, monkeypatch):
    def without(text):
        before, _, rest = text.partition("[lists]")
        return before + "[capacity]" + rest.partition("[capacity]")[2]

    page = shown(tmp_path, monkeypatch, "extent", "lists", UK, without, cells_=4)
    assert "The lists: LA, NG, PF, GO, GP, NCA. People" in page


def test_one_source_is_spoken_of_as_one_and_nothing_empty_is_shown(tmp_path, monkeypatch):
    page = shown(tmp_path, monkeypatch, "sources", "deaths", DEATHS)
    assert "1 source. It holds no records of single persons." in page
    assert "What to keep in mind" not in page
    assert "imulated" not in page


@pytest.mark.parametrize("chapter", ["sources", "data"])
def test_simulated_sources_are_marked_and_told_in_a_column(tmp_path, monkeypatch, chapter):
    page = shown(tmp_path, monkeypatch, chapter, "lists", UK,
                 lambda text: text.replace("simulated = false", "simulated = true"))
    assert "SIMULATED DATA" in page
    assert ">Simulated</th>" in page


def test_a_summary_is_shown_as_written(tmp_path, monkeypatch):
    assert "&#36;x&#36; &#60;b&#62;S" in shown(tmp_path, monkeypatch, "key-findings", "deaths", DEATHS)
