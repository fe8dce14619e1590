"""Held to arithmetic: what comes back from the workspace computes as if it had never left memory."""

from __future__ import annotations

import numpy as np
import pytest

from smuggling_analysis.assessment.results import Recorded, marked
from smuggling_analysis.assessment.workspace import Workspace, cell, write_csv
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator

RNG = np.random.default_rng(7)
PEOPLE = Estimate.from_draws(
    RNG.normal(900, 90, 500),
    joint="fit",
    unit="persons",
    method="m",
    observed=100,
    diagnostics={"replicates": np.arange(3), "best": np.float64(2.5)},
    cautions=("careful",),
)
MEN = Estimate.from_draws(RNG.normal(500, 50, 500), joint="fit", unit="persons", method="m")
OPEN = Estimate(value=10, lower=3, upper=float("inf"), unbounded=True, unit="persons", method="bound")
DEAD = Indicator(
    value=569, unit="persons", what="dead", place="sea", period="2023", source="UNHCR", kind="recorded"
)
REFUSED = NoEstimate("nobody is on both lists", "a shared identifier")


@pytest.fixture
def returned(tmp_path):
    workspace = Workspace(tmp_path)
    results = {"people": PEOPLE, "file": MEN, "open": OPEN, "dead": DEAD, "refused": REFUSED}
    workspace.write_results(
        "extent", [Recorded("extent", key, "Q8", key == "people", result) for key, result in results.items()]
    )
    return {one.key: one for one in workspace.read_results(["extent", "absent"])}


def test_estimates_come_back_whole(returned):
    back = returned["people"].result
    assert (back.value, back.lower, back.upper, back.se) == (
        PEOPLE.value,
        PEOPLE.lower,
        PEOPLE.upper,
        PEOPLE.se,
    )
    assert back.draws.joint == PEOPLE.draws.joint
    np.testing.assert_array_equal(back.draws.values, PEOPLE.draws.values)
    assert back.cautions == ("careful",)
    assert back.diagnostics["replicates"] == [0, 1, 2]
    assert returned["people"].headline


def test_draws_of_one_joint_distribution_stay_aligned(returned):
    there, here = returned["people"].result - returned["file"].result, PEOPLE - MEN
    assert (there.value, there.lower, there.upper) == (here.value, here.lower, here.upper)
    assert not any("independent" in caution for caution in there.cautions)


def test_unbounded_limits_indicators_and_refusals_come_back(returned):
    assert returned["open"].result.upper == float("inf")
    assert returned["dead"].result == DEAD
    refused = returned["refused"].result
    assert (refused.reason, refused.needed) == (REFUSED.reason, REFUSED.needed)


def test_simulated_results_are_marked():
    assert marked(PEOPLE).simulated
    assert marked(DEAD).simulated
    assert marked(REFUSED) is REFUSED


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        (-1, "-1"),
        (-1.5, "-1.5"),
        (1e-17, "1e-17"),
        (np.int64(-3), "-3"),
        (np.float64("nan"), ""),
        (True, "true"),
        ("plain", "plain"),
        (("a", "b"), "a; b"),
        (("=a",), "'=a"),
    ],
)
def test_cells_are_safe_in_a_spreadsheet_and_floats_exact(value, text):
    assert cell(value) == text


def test_the_header_is_neutralised_too(tmp_path):
    write_csv(tmp_path / "t.csv", ["=x", "n"], [["a,b", 1]])
    assert (tmp_path / "t.csv").read_bytes() == b'\'=x,n\n"a,b",1\n'
