"""The method chooser, held to the assessment's table: lists, two lists, one register, nothing."""

import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import DESIGNS, choose

REPEATS = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37})
TWO = CaptureHistories.from_counts({"a": 5, "b": 4, ("a", "b"): 2}, lists=["a", "b"])
THREE = CaptureHistories.from_counts({"a": 5, "b": 4, "c": 3, ("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1},
                                     lists=["a", "b", "c"])


@pytest.mark.parametrize(("evidence", "allowed", "barred"), [
    (TWO, {"chapman", "lincoln_petersen"}, set()), (THREE, {"loglinear"}, {"chapman", "lincoln_petersen"}),
    (REPEATS, {"chao", "zelterman", "truncated_count"}, {"loglinear"})])
def test_evidence_opens_its_own_methods(evidence, allowed, barred):
    found = set(choose({"role": evidence}).methods_for("role"))
    assert allowed <= found
    assert not barred & found


def test_without_evidence_the_answer_is_a_refusal_that_names_data_for_every_design_there_is_a_method_for():
    refusal = choose({"lists": None, "flows": object()}).refusal()
    assert isinstance(refusal, NoEstimate)
    offered = [design for design in DESIGNS
               if any(row.evidence == design.evidence for row in METHODS.values())]
    assert len(offered) >= 2
    assert all(design.data in refusal.needed for design in offered)
    assert not any(design.data in refusal.needed for design in DESIGNS if design not in offered)


def test_a_single_list_is_refused_with_what_it_lacks():
    alone = CaptureHistories.from_counts({"a": 5}, lists=["a"])
    choice = choose({"lists": alone})
    assert "there is one" in choice.refusal().reason


def test_every_method_for_a_hidden_population_has_a_verdict():
    designs = {design.evidence for design in DESIGNS}
    rows = choose({"lists": THREE, "repeats": REPEATS}).frame()
    assert set(rows["method"]) == {name for name, row in METHODS.items() if row.evidence in designs}
    assert (rows["applies"] == (rows["why_not"] == "")).all()


def test_the_paragraph_says_what_the_evidence_allows_or_what_would():
    assert "which allow multiple systems estimation" in choose({"lists": THREE}).paragraph()
    assert choose({}).paragraph().startswith("**No estimate is possible")
