"""The methods annex: shows the published study of the methods used, or says in a line that there is none."""

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from smuggling_analysis import BadInput
from smuggling_analysis.assessment.inputs import check_inputs
from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.assessment.workspace import VARIABLE, Workspace
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.sources.validation_study import STUDY
from smuggling_analysis.validation import Calibration, validate
from smuggling_analysis.validation.publication import write_study

ROOT = Path(__file__).parents[2]
CELLS = json.loads((ROOT / "notebooks/A-methods.ipynb").read_text(encoding="utf-8"))["cells"]
DEFINITION = """\
title = "T"
place = "Testland"
years = [2013]
summary = "S"
population = "people"

[evidence.lists]
file = "uk-2013/capture_histories.csv"
"""


@pytest.fixture
def annex(tmp_path, monkeypatch):
    """A function that runs the annex of a report that used log-linear models; returns what it shows."""
    for folder in ("notebooks/assessments", "data/raw"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "data/raw/uk-2013", tmp_path / "data/raw/uk-2013")
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, tmp_path / "notebooks")
    (tmp_path / "notebooks/assessments/testland.toml").write_text(DEFINITION)
    workspace = tmp_path / "workspace"
    found = Estimate(value=5.0, lower=4.0, upper=6.0, unit="persons", method="loglinear")
    Workspace(workspace).write_results("extent", [Recorded("extent", "loglinear-bic", "Q8", True, found)])
    monkeypatch.setenv(VARIABLE, str(workspace))
    monkeypatch.chdir(tmp_path)
    pieces = []
    monkeypatch.setattr("IPython.display.display", lambda piece: pieces.append(str(piece.data)))

    def shown():
        pieces.clear()
        space = {}
        for source in ("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"):
            exec(source, space)
            if source.startswith("assessment: str"):
                space.update(assessment="testland", year=2013, seed=1)
        return "\n".join(pieces)
    return shown


def publish(root):
    table = validate(["loglinear-independent", "chapman"], ["independence", "positive dependence"], replicates=40,
                     rng=1, n_jobs=1)
    ranks = Calibration(method="chapman", prior="a prior", ranks=np.repeat(np.arange(20), 5), draws=19)
    (root / STUDY).mkdir(parents=True)
    write_study(root / STUDY, table, [ranks], seconds=1, day=date(2026, 11, 24))


def test_without_a_study_a_line_says_so(annex):
    page = annex()
    assert "No validation study is published in this project" in page
    assert "Validated on" not in page


def test_the_study_of_the_methods_used_is_shown_with_its_date_and_version(annex, tmp_path):
    publish(tmp_path)
    page = annex()
    assert "Validated on simulated populations (smuggling-analysis 0" in page
    assert "2026-11-24" in page
    assert "Fails under positive dependence, 2 lists of 1,000" in page
    assert "Chapman two-list estimator on simulated populations" not in page
    assert "How often the 95 % intervals of each method held the true size" in page
    assert "SIMULATED DATA" not in page
    assert (tmp_path / "workspace/tables/methods-validation-loglinear.csv").exists()


def test_the_study_is_an_input_of_the_report(annex, tmp_path):
    assert not any(path.startswith(STUDY) for path in check_inputs("testland", tmp_path).checksums)
    publish(tmp_path)
    assert {f"{STUDY}/coverage.csv", f"{STUDY}/provenance.json"} <= set(check_inputs("testland", tmp_path).checksums)
    (tmp_path / STUDY / "coverage.csv").write_text("nonsense")
    with pytest.raises(BadInput, match="not the one its record was written with"):
        check_inputs("testland", tmp_path)
