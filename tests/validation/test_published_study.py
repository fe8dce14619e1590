"""The published study: written whole, read back as written, refused when it is not, told in words."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import BadInput, published_validation, tables
from smuggling_analysis.plots import calibration_ranks, validation_coverage
from smuggling_analysis.sources.validation_study import STUDY
from smuggling_analysis.validation import Calibration, validate
from smuggling_analysis.validation.publication import write_study


@pytest.fixture(scope="module")
def table():
    return validate(["loglinear-independent", "chapman"], ["independence", "positive dependence"], replicates=40, rng=1,
                    n_jobs=1)


@pytest.fixture
def root(tmp_path, table):
    folder = tmp_path / STUDY
    folder.mkdir(parents=True)
    ranks = Calibration(method="latent_class", prior="a prior", ranks=np.repeat(np.arange(20), 5), draws=19)
    write_study(folder, table, [ranks], seconds=12.3, day=date(2026, 11, 24))
    return tmp_path


def test_what_is_written_is_read(root, table):
    study = published_validation(root)
    assert study.date == "2026-11-24"
    assert study.made_by.startswith("smuggling-analysis ")
    assert (study.replicates, study.seed) == (40, 1)
    pd.testing.assert_frame_equal(study.coverage, table.frame, rtol=1e-5, check_dtype=False)
    assert study.calibration["ranks"].tolist() == [" ".join(["5"] * 20)]
    assert set(study.structures) == {"independence", "positive dependence"}


def test_the_same_study_is_the_same_bytes_save_its_seconds(tmp_path, table):
    again = validate(["loglinear-independent", "chapman"], ["independence", "positive dependence"], replicates=40,
                     rng=1, n_jobs=1)
    texts = []
    for name, one in (("one", table), ("two", again)):
        (tmp_path / name).mkdir()
        object.__setattr__(one, "frame", one.frame.assign(seconds=0.0))
        write_study(tmp_path / name, one, [], seconds=1, day=date(2026, 11, 24))
        texts.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert texts[0] == texts[1]


def test_no_path_of_the_machine_is_written(root):
    text = (root / STUDY / "provenance.json").read_text()
    assert "/" not in json.dumps(json.loads(text)["machine"])
    assert str(root) not in text


def test_no_study_is_none(tmp_path):
    assert published_validation(tmp_path) is None


@pytest.mark.parametrize(("file", "change", "words"), [
    ("coverage.csv", lambda text: text.replace("0.", "1.", 1), "not the one its record was written with"),
    ("provenance.json", lambda text: text[:50], "damaged"),
    ("provenance.json", lambda text: text.replace('"replicates"', '"repeats"'), "damaged"),
    ("calibration.csv", None, "cannot be read"),
])
def test_a_study_that_is_not_whole_is_refused(root, file, change, words):
    path = root / STUDY / file
    if change is None:
        path.unlink()
    else:
        path.write_text(change(path.read_text()))
    with pytest.raises(BadInput, match=words) as refused:
        published_validation(root)
    assert f"{STUDY}/{file}" in str(refused.value)
    assert "make validate" in str(refused.value)


def test_where_a_method_fails_is_said_in_words(root):
    study = published_validation(root)
    words = tables.validation_words(study, "loglinear")
    assert "2026-11-24" in words
    assert "Fails under positive dependence, 2 lists of 1,000, 20 % overlap (0%, typically 5" in words
    assert "too low)" in words
    assert "fails under independence" not in words.lower()
    assert tables.validation_words(study, "stratified") == ""
    assert "right on average over its own prior" in tables.validation_words(study, "latent_class")
    about = tables.validation_study(study)
    assert "8 kinds of simulated populations" in about
    assert "odds ratio 4" in about


def test_a_table_shows_each_kind_of_population_once(root):
    rows = tables.validation_rows(published_validation(root), "loglinear")
    assert rows["population"].tolist() == ["independence", "positive dependence"]
    assert rows.loc[1, "coverage"].startswith("0%")
    assert rows.loc[1, "error"].startswith("−")
    assert tables.validation_rows(published_validation(root), "stratified").empty


def test_the_figures_show_what_the_study_holds(root):
    study = published_validation(root)
    ax = validation_coverage(study.coverage, source="the study")
    cells = [text.get_text() for text in ax.texts]
    assert len(cells) == len(study.coverage)
    assert cells.count("0") >= 2
    assert {tick.get_text() for tick in ax.get_yticklabels()} == set(study.coverage["label"])
    assert "the study" in ax.figure.get_supxlabel()
    ranks = calibration_ranks(study.calibration)
    assert [tick.get_text() for tick in ranks.get_yticklabels()] == ["latent class"]
    for each in (ax, ranks):
        each.figure.draw_without_rendering()
    with pytest.raises(ValueError, match="no methods of RepeatCounts; it holds those of CaptureHistories"):
        validation_coverage(study.coverage, evidence="RepeatCounts")
    with pytest.raises(ValueError, match="nothing to draw"):
        calibration_ranks(study.calibration.iloc[:0])


def test_each_kind_of_evidence_has_a_figure_with_what_is_taken_into_account_beside_it():
    both = validate(["truncated-count-poisson", "truncated-count-poisson-covariates", "chapman"],
                    ["groups, 3,000 people, 0.8 times each", "independence, 2 lists of 1,000, 10 % overlap"],
                    replicates=25, rng=1, n_jobs=1).frame
    with pytest.raises(ValueError, match="methods of RepeatCounts, CaptureHistories: name one as evidence"):
        validation_coverage(both)
    ax = validation_coverage(both, evidence="RepeatCounts")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Zero-truncated Poisson"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [
        "groups, 3,000 people, 0.8 times each", "groups, 3,000 people, 0.8 times each, with covariates"]
    assert len(ax.texts) == 2
