"""The method chooser, held to the assessment's table: lists, two lists, one register, nothing."""

import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.encounters import Encounters
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


ENCOUNTERS = {"place": ["border"], "period": ["2016"], "apprehended": [500], "turned_back": [40], "got_away": [90]}


def encounters(**counts):
    return Encounters.from_table(pd.DataFrame({**ENCOUNTERS, **{name: [number] for name, number in counts.items()}}))


@pytest.mark.parametrize(("evidence", "said"), [
    (TWO, "linked lists of people, which allow Chapman's estimate with a dependence band"),
    (THREE, "which allow multiple systems estimation, every method in one panel"),
    (REPEATS, "registers that show repeats, which allow truncated counts and Chao's lower bound"),
    (encounters(repeats=90), "which allow repeated trials, if it is stated which share of those returned does not"),
    (encounters(repeats=90, retried=200), "people returned and caught again, which allow repeated trials."),
])
def test_the_assessments_table_of_designs(evidence, said):
    assert said in choose({"role": evidence}).paragraph()


def test_every_design_with_a_method_is_offered_and_takes_its_own_evidence_alone():
    offered = {design.evidence for design in DESIGNS} & {row.evidence for row in METHODS.values()}
    assert {"CaptureHistories", "RepeatCounts", "Encounters"} <= offered
    choice = choose({"lists": THREE, "register": REPEATS, "border": encounters(repeats=90)})
    for role, kind in (("lists", "CaptureHistories"), ("register", "RepeatCounts"), ("border", "Encounters")):
        assert {METHODS[name].evidence for name in choice.methods_for(role)} == {kind}
    assert choice.paragraph().count("which allow") == 3


def test_lists_that_share_nobody_allow_no_estimate():
    apart = CaptureHistories.from_counts({"a": 50, "b": 40, "c": 30}, lists=["a", "b", "c"])
    choice = choose({"lists": apart})
    assert not choice.methods_for("lists")
    assert "nobody is on more than one of the lists" in choice.refusal().reason


def test_shares_of_the_attempts_seen_are_no_size():
    choice = choose({"border": encounters()})
    assert METHODS["interdiction_effectiveness"].lacks(encounters()) == ""
    assert not choice.applicable
    assert "it is not recorded who had been apprehended before" in choice.refusal().reason
    assert "how many of them were caught again" in choice.refusal().needed
