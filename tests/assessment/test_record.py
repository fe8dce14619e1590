"""Held to the record's promises: exact numbers, kinds never mixed in one column, every file accounted for."""

from __future__ import annotations

import csv
import hashlib
import json
import math

from smuggling_analysis.assessment.chapters import find_chapter
from smuggling_analysis.assessment.record import write_estimates, write_run
from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.assessment.run import Outcome
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator

RECORDED = [
    Recorded(
        "extent",
        "people",
        "Q8",
        True,
        Estimate(
            value=0.1 + 0.2,
            lower=0.1,
            upper=math.inf,
            unbounded=True,
            unit="persons",
            method="=m",
            cautions=("one", "two"),
            diagnostics={"worst": float("nan")},
        ),
    ),
    Recorded(
        "deaths",
        "dead",
        "Q10",
        False,
        Indicator(
            low=3,
            high=5,
            unit="deaths",
            what="dead",
            place="sea",
            period="2020",
            source="-x",
            kind="recorded",
        ),
    ),
    Recorded("market", "revenue", "Q7", False, NoEstimate("no fees", "fees")),
]


def read(tmp_path):
    write_estimates(tmp_path, RECORDED)
    with (tmp_path / "estimates.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_numbers_are_exact_and_kinds_have_their_own_columns(tmp_path):
    people, dead, revenue = read(tmp_path)
    assert float(people["estimate"]) == 0.1 + 0.2
    assert people["upper"] == "inf"
    assert people["cautions"] == "one; two"
    assert (dead["estimate"], dead["indicator_low"], dead["indicator_high"]) == ("", "3.0", "5.0")
    assert (people["indicator"], revenue["estimate"], revenue["reason"]) == ("", "", "no fees")


def test_texts_that_a_spreadsheet_would_compute_are_neutralised(tmp_path):
    people, dead, _ = read(tmp_path)
    assert people["method"] == "'=m"
    assert dead["source"] == "'-x"


def test_the_json_is_strict_and_holds_the_same_results(tmp_path):
    read(tmp_path)

    def refuse(constant):
        raise AssertionError(constant)

    rows = json.loads((tmp_path / "estimates.json").read_text(), parse_constant=refuse)
    assert [row["key"] for row in rows] == ["people", "dead", "revenue"]
    assert rows[0]["result"]["value"] == 0.1 + 0.2


def test_the_same_results_make_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_estimates(tmp_path / name, RECORDED)
    for file in ("estimates.csv", "estimates.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_run_json_accounts_for_every_file(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.svg").write_bytes(b"<svg/>")
    outcome = Outcome(find_chapter("extent"), "done", 1.25)
    write_run(
        tmp_path,
        name="testland",
        year=2020,
        seed=7,
        root=tmp_path,
        inputs={"data/raw/x": "ab"},
        outcomes={"extent": outcome},
        seconds=3.5,
    )
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["outputs"] == {"figures/a.svg": hashlib.sha256(b"<svg/>").hexdigest()}
    assert (run["seed"], run["inputs"], run["commit"]) == (7, {"data/raw/x": "ab"}, None)
    assert run["chapters"]["extent"] == {"status": "done", "seconds": 1.25}
    assert "pandas" in run["packages"]
