"""The panel of encounters: every reading beside the others, one number or none, and what it rests on."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import tables
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import choose
from smuggling_analysis.methods.panel import EncounterPanel, panel
from smuggling_analysis.methods.repeated_trials import DeterrenceBand, Flow, StatedShare, flow
from smuggling_analysis.simulate import border

SURVEY = StatedShare.uniform(0.35, 0.45, reason="a survey of people returned")
FEW = {"replicates": 500, "rng": 1}


def places(followed_up=False, chances=(0.35, 0.35), **options):
    made = [border({"all": 10_000}, {"all": chance}, deterrence=0.4, turned_back=0.1, giving_up=0.3,
                   followed_up=followed_up, place=place, rng=place_number, **options)
            for place_number, (place, chance) in enumerate(zip(("East", "West"), chances, strict=True))]
    return (Encounters.from_table(pd.concat([one.encounters.frame() for one in made]), simulated=True),
            sum(one.persons for one in made), sum(one.entries for one in made))


BOTH, PERSONS, ENTRIES = places(followed_up=True)
FULL = panel(BOTH, deterrence=SURVEY, giving_up=0.3, detection=0.5, **FEW)


def test_every_method_that_applies_is_in_the_panel_and_every_reading():
    used = {one.variant.method for one in (*FULL.fitted, *FULL.beside)}
    assert used == set(choose({"role": BOTH}).methods_for("role"))
    assert isinstance(FULL, EncounterPanel)
    assert [one.key.removeprefix("persons-attempting-") for one in FULL.fitted] == [
        "retries-counted", "retries-counted-by-place", "deterrence-stated", "deterrence-stated-by-place",
        "none-deterred"]


def test_keys_are_unique_and_begin_with_the_methods_name():
    every = [*FULL.fitted, *FULL.beside]
    assert len({one.key for one in every}) == len(every)
    assert all(one.key.startswith(one.variant.method.replace("_", "-")) for one in every)


def test_all_numbers_of_the_forest_are_of_one_unit():
    assert {one.result.unit for one in FULL.fitted} == {"persons"}
    assert set(FULL.frame_beside["unit"]) == {"entries", "attempts", "share"}


def test_a_reading_is_the_methods_own_number():
    alone = flow(BOTH, giving_up=0.3, draws=500, rng=FULL.fitted[0].variant.options["rng"])
    assert FULL["persons-attempting-retries-counted"].given.value == alone.persons.value
    assert isinstance(FULL.flow, Flow)
    assert FULL.flow.persons.value == alone.persons.value
    assert FULL.flow.apprehension.value == next(one for one in FULL.beside
                                                if one.key == "apprehension-probability").given.value


def test_the_headline_is_what_is_counted_before_what_is_stated_and_holds_the_truth():
    assert isinstance(FULL.headline, Estimate)
    (best,) = [one for one in FULL.fitted if one.headline]
    assert best.key == "persons-attempting-retries-counted"
    assert FULL.headline.lower <= PERSONS <= FULL.headline.upper
    entries = panel(BOTH, quantity="entries", giving_up=0.3, **FEW)
    assert entries.headline.unit == "entries"
    assert entries.headline.lower <= ENTRIES <= entries.headline.upper


def test_an_upper_bound_has_no_weight_and_lies_above():
    bound = FULL["persons-attempting-none-deterred"]
    assert bound.weight == 0.0
    assert bound.variant.aside == "an upper bound"
    assert bound.result.value > FULL.headline.upper
    assert sum(one.weight for one in FULL.fitted) == pytest.approx(1.0)


def test_deterrence_that_nobody_stated_or_counted_gives_no_headline_and_asks_for_it():
    counted, _, _ = places()
    found = panel(counted, population="migrants", **FEW)
    assert isinstance(found.headline, NoEstimate)
    assert found.headline.reason.startswith("no single number is given of migrants")
    assert "not stated which share of those returned does not try again" in found.headline.reason
    assert "a survey of people returned" in found.headline.needed
    assert isinstance(found.deterrence, NoEstimate)
    assert isinstance(found.flow, NoEstimate)
    assert isinstance(found["persons-attempting-none-deterred"].result, Estimate)


def test_places_that_differ_much_are_told_of_or_give_no_headline():
    counted, _, _ = places(chances=(0.06, 0.6), detection=0.0)
    found = panel(counted, deterrence=SURVEY, giving_up=0.3, **FEW)
    (finding,) = [one for one in found.verdict.findings if one.rule == "readings-differ"]
    together, apart = (found[f"persons-attempting-deterrence-stated{key}"].given.value for key in ("", "-by-place"))
    assert finding.measured == pytest.approx(apart / together)
    assert finding.measured > 1.5


def test_the_deterrence_band_is_the_quantitys_and_can_be_left_out():
    assert isinstance(FULL.deterrence, DeterrenceBand)
    assert FULL.deterrence.quantity == "persons"
    assert FULL.deterrence.original.value == FULL.fitted[0].given.value
    assert panel(BOTH, deterrence=SURVEY, sensitivity=False, **FEW).deterrence is None


def test_ten_points_of_deterrence_are_part_of_the_verdict():
    # Persons are proportional to those who try again: 0.1 against 0.2 of those returned.
    hardly = Encounters.from_table(pd.DataFrame({"place": ["a"], "period": ["2016"], "apprehended": [100_000],
                                                 "repeats": [1_500], "turned_back": [0]}))
    found = panel(hardly, deterrence=0.85, **FEW)
    (finding,) = [one for one in found.verdict.findings if one.rule == "deterrence-moves"]
    assert finding.measured == pytest.approx(15 / 5, rel=1e-6)


def test_what_the_panel_says_of_itself():
    frame = FULL.frame
    assert list(frame["key"]) == [one.key for one in FULL.fitted]
    assert set(frame["verdict"]) <= {"passed", "caution", "refused"}
    assert FULL.observed == BOTH.total("first_time")
    assert "recognition-unstated" in set(FULL.findings["rule"])
    assert "EncounterPanel(5 variants" in repr(FULL)
    assert len(tables.verdicts(FULL).frame) == len(FULL.fitted)
    assert "Recognition unknown" in set(tables.gate_findings(FULL).frame["rule"])
    laid_out = tables.beside(FULL)
    assert len(laid_out.frame) == len(FULL.beside)
    assert "entries (" in laid_out.html()
    assert "Do not try again" in tables.tried(FULL.deterrence, "deterrence").html()
    assert pickle.loads(pickle.dumps(FULL)).frame.equals(frame)


def test_the_same_seed_is_the_same_panel_and_estimates_are_described():
    one, two = (panel(BOTH, deterrence=SURVEY, place="the border", rng=np.random.default_rng(3), replicates=500)
                for _ in range(2))
    assert one.frame.equals(two.frame)
    assert one.headline.place == "the border"


@pytest.mark.parametrize(("options", "said"), [
    ({"quantity": "people"}, "quantity is one of persons, entries, attempts"),
    ({"replicates": 50}, "replicates is a number of draws here, 100 or more"),
    ({"deterrence": 1.4}, "deterrence lies between 0 and 1"), ({"detection": "half"}, "detection is a share")])
def test_options_that_cannot_be_used_are_refused_before_anything_runs(options, said):
    with pytest.raises(ValueError, match=said):
        panel(BOTH, **options)
    with pytest.raises(TypeError, match="no option of this name"):
        panel(BOTH, colour="red")


def test_periods_that_overlap_are_refused():
    twice = Encounters.from_table(pd.DataFrame({"place": ["a", "a"], "period": ["2016", "2016-H1"],
                                                "apprehended": [90, 50], "repeats": [30, 10]}))
    with pytest.raises(ValueError, match="overlap, so their counts cannot be added"):
        panel(twice, deterrence=0.2)


counts = st.one_of(st.integers(0, 20), st.integers(0, 10**6))


@settings(max_examples=60, deadline=None)
@given(counts, st.floats(0.0, 1.0), st.one_of(st.none(), counts), st.one_of(st.none(), counts),
       st.one_of(st.none(), st.sampled_from([0.0, 0.3, 1.0]), st.just(SURVEY)), st.integers(1, 2))
def test_any_border_has_a_panel_finite_or_refused(apprehended, again, turned, got_away, deterrence, rows):
    seen = {"apprehended": apprehended + 1, "repeats": int(again * apprehended), "turned_back": turned,
            "got_away": got_away}
    table = pd.DataFrame({"place": [f"place {row}" for row in range(rows)], "period": "2016",
                          **{name: number for name, number in seen.items() if number is not None}})
    found = panel(Encounters.from_table(table), deterrence=deterrence, replicates=100, rng=1)
    for one in (*found.fitted, *found.beside):
        assert "stopped with an error" not in getattr(one.result, "reason", ""), one.result
        if one.given is not None:
            assert math.isfinite(one.given.value + one.given.lower + one.given.upper)
    assert isinstance(found.headline, (Estimate, NoEstimate))


def test_every_method_of_encounters_has_a_variant():
    methods = {name for name, row in METHODS.items() if row.evidence == "Encounters"}
    assert methods == {one.variant.method for one in (*FULL.fitted, *FULL.beside)}
