"""The extent chapter of a register whose people leave when they are seen, and of one that lacks what was asked of it.

Held to: a simulated register of known size, expelled as they are seen.
"""

from __future__ import annotations

import pandas as pd
import pytest
from extent_notebook import put, run

from smuggling_analysis.simulate import register, register_with_departures
from smuggling_analysis.sources.external import REFERENCE_DATA

TIMES = 'times = "times_caught"\npersons = "n_persons"\ncovariates = ["group"]'
JUDGED = "\n[judgement.repeats-{}]\nvalue = {}\nreason = \"known to the test\"\n"
EXPELLED = (JUDGED.format("formula", '"group"'), JUDGED.format("exposure", '"time_at_risk"'),
            JUDGED.format("exposure-ends-when-seen", "true"))


def test_people_who_leave_when_they_are_seen_have_a_chapter_without_residuals(project, monkeypatch, shown, workspace,
                                                                             results):
    """Nothing is expected of a person whose time ends by being seen: the chapter says so, and goes on."""
    counts = register_with_departures({"a": 4_000, "b": 4_000}, {"a": 0.5, "b": 1.0}, departs=0.4, parts=52, rng=1)
    put(project, "repeats", counts.table(), TIMES + '\nnumbers = ["time_at_risk"]', *EXPELLED, reader="repeat_counts")
    run(project, monkeypatch)
    page = "\n".join(shown)
    assert "No residuals: people leave when they are seen" in page
    figures = {path.stem for path in workspace.folder.rglob("*.svg")}
    assert "extent-register-bootstrap" in figures and "extent-register-residuals" not in figures
    found = results()["truncated-count-poisson-time-at-risk"].result
    assert found.lower <= 8_000 <= found.upper


def test_what_a_register_does_not_record_is_left_out_and_said(project, monkeypatch, shown, results):
    counts = register({"a": 5_000}, {"a": 1.0}, rng=1)
    put(project, "repeats", counts.table(), TIMES, JUDGED.format("formula", '"age"'), *EXPELLED[1:],
        reader="repeat_counts")
    run(project, monkeypatch)
    page = "\n".join(shown)
    assert "The formula age that was asked for is left out: this register does not record it." in page
    assert "The exposure time_at_risk that was asked for is left out" in page
    assert not [key for key in results() if key.endswith(("-covariates", "-time-at-risk"))]


@pytest.mark.parametrize("outside", [False, True], ids=["kept in the project", "kept outside"])
def test_few_people_of_a_register_kept_outside_the_project_are_not_told_of(outside, project, monkeypatch, shown,
                                                                           workspace, tmp_path):
    if outside:
        monkeypatch.setenv(REFERENCE_DATA, str(tmp_path))
    counts = register({"many": 6_000, "some": 1_500, "few": 20}, {"many": 0.4, "some": 1.2, "few": 0.5}, rng=1)
    put(project, "repeats", counts.table(), TIMES, EXPELLED[0], reader="repeat_counts",
        outside=tmp_path if outside else None)
    run(project, monkeypatch)
    tables = {path.stem: pd.read_csv(path, comment="#") for path in workspace.folder.rglob("*.csv")}
    assert ("extent-register-influence-table" in tables) != outside
    hidden = {"many", "some", "few"} - set(tables["extent-strata-group"]["group"])
    assert hidden == ({"few", "some"} if outside else set())
    assert ("fewer than 11 people alike are neither named nor listed" in "\n".join(shown)) == outside
    drawn = "\n".join(path.read_text(encoding="utf-8") for path in workspace.folder.rglob("*.svg"))
    assert ("few, seen" in drawn) != outside
