"""The command: publishes the study whole or not at all, and goes on after an interruption."""

import sys
from pathlib import Path

import numpy as np
import pytest

from smuggling_analysis import cli, published_validation
from smuggling_analysis.sources.validation_study import STUDY
from smuggling_analysis.validation import CALIBRATED, Calibration, Candidate, harness, study


@pytest.fixture
def project(tmp_path, monkeypatch):
    for folder in ("data/raw", "notebooks/assessments"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    chapman = Candidate(method="chapman", key="chapman", label="Chapman")
    monkeypatch.setattr(harness, "candidates", lambda: {"chapman": chapman})
    monkeypatch.setattr(study, "CALIBRATED", {})
    return tmp_path


def run(monkeypatch, *arguments):
    asked = ["validate", "--replicates", "40", "--jobs", "1", *arguments]
    monkeypatch.setattr(sys, "argv", ["smuggling-analysis", *asked])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def left(project):
    return sorted(path.name for path in (project / "data/processed").iterdir() if not path.name.endswith(".lock"))


def test_the_study_is_published_and_nothing_else_is_left(project, monkeypatch, capsys):
    assert run(monkeypatch) == 0
    assert left(project) == ["validation"]
    assert published_validation(project).coverage["drawn"].tolist() == [40, 40]
    out = capsys.readouterr().out
    assert "80 fits of 1 ways to estimate on 2 populations" in out
    assert "data/processed/validation/coverage.csv" in out


def test_an_interruption_leaves_the_last_study_and_the_journal(project, monkeypatch, capsys):
    assert run(monkeypatch) == 0
    before = (project / STUDY / "coverage.csv").read_bytes()
    with monkeypatch.context() as patch:
        def stopped(folder, **options):
            Path(options["journal"]).write_text("kept")
            raise KeyboardInterrupt

        patch.setattr(study, "make_study", stopped)
        assert run(patch, "--seed", "2") == 130
    assert (project / STUDY / "coverage.csv").read_bytes() == before
    assert left(project) == [".validation.journal", "validation"]
    assert "goes on from here" in capsys.readouterr().err


def test_calibrations_are_kept_and_not_done_again(tmp_path, monkeypatch):
    done = []

    def toy(one, **asked):
        done.append(one.method)
        return Calibration(method=one.method, prior=one.prior, ranks=np.arange(asked["studies"]), draws=99)

    monkeypatch.setattr(study, "calibration", toy)
    only = Candidate(method="chapman", key="chapman", label="Chapman")
    monkeypatch.setattr(harness, "candidates", lambda: {"chapman": only})
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        study.make_study(tmp_path / folder, replicates=20, n_jobs=1, journal=tmp_path / "journal")
    assert done == list(CALIBRATED)
    texts = [(tmp_path / folder / "calibration.csv").read_bytes() for folder in ("one", "two")]
    assert texts[0] == texts[1]


def test_a_failed_fit_fails_the_command_and_publishes_nothing(project, monkeypatch, capsys):
    broken = Candidate(method="chapman", key="broken", label="Broken", options={"interval": "nonsense"})
    monkeypatch.setattr(harness, "candidates", lambda: {"broken": broken})
    assert run(monkeypatch) == 1
    assert not (project / STUDY).exists()
    err = capsys.readouterr().err
    assert "80 of the fits failed" in err
    assert "replicate 0: ValueError" in err
    assert "Traceback" not in err


def test_a_described_method_says_how_it_was_validated(project, monkeypatch, capsys):
    assert run(monkeypatch) == 0
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["smuggling-analysis", "methods", "chapman"])
    with pytest.raises(SystemExit):
        cli.main()
    out = capsys.readouterr().out
    assert "Validated on simulated populations" in out
    assert "Fails under positive dependence" in out
