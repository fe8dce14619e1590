"""The gate for encounters at a border: each rule on counts that break it, and on counts that do not."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.reliability import RULES_OF, EncounterFacts, judge
from smuggling_analysis.methods.repeated_trials import (
    StatedShare,
    flow,
    interdiction_effectiveness,
    persons_attempting,
    successful_entries,
)

COUNTS = {"apprehended": 10_000, "repeats": 2_000, "returned": 10_000, "turned_back": 500, "got_away": 1_000}
SURVEY = StatedShare.beta(450, 550, reason="1,000 people asked after their return")
TESTED = StatedShare.beta(95, 5, reason="100 people taken twice on purpose")


def counted(**counts):
    return Encounters.from_table(pd.DataFrame({"place": ["border"], "period": ["2016"],
                                               **{name: [number] for name, number in counts.items()}}))


PLENTY = counted(**COUNTS)


def printed(**changed):
    """A number as another programme prints it."""
    plain = {"value": 25_000.0, "lower": 22_000.0, "upper": 28_000.0, "unit": "persons", "method": "another programme",
             "se": 1_500.0}
    return Estimate(**{**plain, **changed})


def rules_of(judgement):
    return {finding.rule: finding.consequence for finding in judgement.findings}


def sound(encounters=PLENTY, **options):
    stated = {"deterrence": SURVEY, "recognition": TESTED, "giving_up": 0.3, "rng": 1, **options}
    return persons_attempting(encounters, **stated)


def test_a_border_with_plenty_and_every_share_stated_passes():
    judgement = judge(sound(), PLENTY)
    assert judgement.verdict == "passed"
    assert not judgement.findings


def test_a_number_printed_elsewhere_is_judged_by_the_counts_alone():
    assert judge(printed(), PLENTY).verdict == "passed"
    few = counted(apprehended=400, repeats=6)
    assert rules_of(judge(printed(), few)) == {
        "repeat-apprehensions": "refused", "seldom-again": "caution", "multiple-of-apprehended": "refused"}


@pytest.mark.parametrize(("repeats", "consequence"), [(6, "refused"), (7, "caution"), (29, "caution"), (30, None)])
def test_few_repeats(repeats, consequence):
    few = counted(apprehended=200, repeats=repeats, turned_back=0)
    found = judge(printed(value=900.0, lower=800.0, upper=1_000.0, se=50.0), few)
    assert rules_of(found).get("repeat-apprehensions") == consequence
    if consequence:
        assert f"{repeats} apprehensions are repeats, fewer than" in found.findings[0].said


@pytest.mark.parametrize(("counts", "rule", "consequence"), [
    ({"repeats": 19}, "seldom-again", "refused"), ({"repeats": 199}, "seldom-again", "caution"),
    ({"repeats": 5_100}, "mostly-again", "caution"), ({"repeats": 9_100}, "mostly-again", "refused"),
    # Of those who came back, not of all apprehended.
    ({"repeats": 1_000, "returned": 1_500}, "mostly-again", "caution")])
def test_a_share_apprehended_again_that_is_not_plausible(counts, rule, consequence):
    judgement = judge(printed(), counted(**{**COUNTS, **counts}))
    assert rules_of(judgement)[rule] == consequence


def test_people_not_recognised_are_asked_for():
    found = judge(persons_attempting(PLENTY, deterrence=SURVEY, giving_up=0.3, rng=1), PLENTY)
    assert rules_of(found) == {"recognition-unstated": "caution"}
    assert "nobody stated how many of those apprehended again are recognised" in found.result.cautions[-1]


def test_people_turned_back_are_asked_for_where_they_matter():
    without = counted(**{name: number for name, number in COUNTS.items() if name != "turned_back"})
    both = flow(without, deterrence=SURVEY, recognition=TESTED, rng=1)
    assert rules_of(judge(both.entries, without)) == {"turning-back-missing": "caution"}
    assert rules_of(judge(both.apprehension, without)) == {"turning-back-missing": "caution"}
    # Whoever is turned back and tries again is the same person.
    assert judge(both.persons, without).verdict == "passed"


def test_shares_that_the_counts_contradict_are_refused():
    # With 45 % apprehended again no more than 55 % can have been deterred.
    high = StatedShare.uniform(0.35, 0.95, reason="r")
    often = counted(apprehended=10_000, repeats=4_500, turned_back=0)
    found = judge(sound(often, deterrence=high, recognition=1.0), often)
    assert rules_of(found)["shares-contradicted"] == "refused"
    assert "contradict the counts, more than 50 %" in found.result.reason


@pytest.mark.parametrize(("ends", "consequence"), [((0.4, 0.5), None), ((0.2, 0.75), "caution"),
                                                   ((0.05, 0.85), "refused")])
def test_a_prior_that_decides_is_refused(ends, consequence):
    # Persons are proportional to the share that tries again: the factor is that of its ends.
    wide = StatedShare.uniform(*ends, reason="r")
    seldom = counted(**{**COUNTS, "repeats": 1_000})
    found = judge(sound(seldom, deterrence=wide, recognition=1.0), seldom)
    assert rules_of(found).get("stated-shares") == consequence
    if consequence:
        finding = next(one for one in found.findings if one.rule == "stated-shares")
        inner = [ends[0] + share * (ends[1] - ends[0]) for share in (0.025, 0.975)]
        assert finding.measured == pytest.approx((1 - inner[0]) / (1 - inner[1]), rel=0.02)
        assert finding.said.startswith("the prior decides" if consequence == "refused" else "the prior has a say")
        assert "a survey of people returned" in finding.helps


def test_the_prior_that_decides_does_so_however_many_are_counted():
    wide = StatedShare.uniform(0.05, 0.85, reason="r")
    many = counted(**{name: 1_000 * number for name, number in {**COUNTS, "repeats": 1_000}.items()})
    assert rules_of(judge(sound(many, deterrence=wide), many))["stated-shares"] == "refused"


def test_persons_unlike_one_another_are_refused():
    # Of 3,000 persons 500 come again, and these 500 are apprehended 1,000 times more: 17 % against 67 %.
    unlike = counted(apprehended=4_500, repeats=1_500, recidivists=500, turned_back=0)
    found = judge(sound(unlike), unlike)
    assert rules_of(found)["persons-differ"] == "refused"
    assert "by a factor of 4" in found.result.reason
    alike = counted(apprehended=4_500, repeats=1_500, recidivists=1_000, turned_back=0)
    assert "persons-differ" not in rules_of(judge(sound(alike), alike))


@pytest.mark.parametrize(("unit", "lower", "below"), [
    ("persons", 7_900.0, 100.0), ("entries", 990.0, 10.0), ("attempts", 11_000.0, 500.0)])
def test_an_interval_below_what_was_counted_is_refused(unit, lower, below):
    found = judge(printed(unit=unit, lower=lower, upper=26_000.0), PLENTY)
    finding = next(one for one in found.findings if one.rule == "below-counted")
    assert finding.measured == below
    assert found.verdict == "refused"
    assert "below-counted" not in rules_of(judge(printed(unit=unit, lower=lower + below, upper=26_000.0), PLENTY))


def test_first_apprehensions_of_people_not_recognised_are_no_floor():
    # 8,000 first apprehensions, of which half are of people not recognised.
    low = printed(value=6_000.0, lower=5_000.0, upper=7_000.0, diagnostics={"unstated": (), "share_again": 0.2})
    assert "below-counted" not in rules_of(judge(low, PLENTY))


@pytest.mark.parametrize(("value", "consequence"), [(90_000.0, None), (110_000.0, "caution"), (510_000.0, "refused")])
def test_far_more_than_were_apprehended(value, consequence):
    found = judge(printed(value=value, lower=value / 1.2, upper=1.2 * value), PLENTY)
    assert rules_of(found).get("multiple-of-apprehended") == consequence


def test_the_marks_of_any_estimate_hold_here_too():
    assert rules_of(judge(printed(lower=9_000.0, upper=95_000.0), PLENTY)) == {"width": "refused"}
    assert rules_of(judge(printed(se=26_000.0), PLENTY)) == {"relative-error": "refused"}
    assert rules_of(judge(printed(diagnostics={"mean": 60_000.0}), PLENTY)) == {"heavy-tail": "refused"}


def test_a_little_more_deterrence_that_moves_the_number_far_is_refused():
    for other, consequence in ((30_000.0, None), (40_000.0, "caution"), (80_000.0, "refused"), (math.nan, None)):
        facts = EncounterFacts(deterrence={0.35: other})
        assert rules_of(judge(printed(), PLENTY, facts)).get("deterrence-moves") == consequence


def test_readings_that_differ_give_no_headline():
    apart = EncounterFacts(families={"together": (20_000.0, 18_000.0, 22_000.0),
                                     "place by place": (42_000.0, 39_000.0, 45_000.0)})
    assert rules_of(judge(printed(), PLENTY, apart)) == {"readings-differ": "refused"}


def test_shares_of_the_attempts_seen_do_not_rest_on_repeats():
    few = counted(apprehended=400, repeats=2, turned_back=100, got_away=90)
    assert judge(interdiction_effectiveness(few, rng=1), few).verdict == "passed"
    assert rules_of(judge(successful_entries(few, deterrence=0.2, rng=1), few))["repeat-apprehensions"] == "refused"


def test_what_a_method_refused_stays_refused():
    assert rules_of(judge(NoEstimate("reason", "data"), PLENTY)) == {"method": "refused"}


numbers = st.integers(0, 10**7)


@settings(max_examples=80, deadline=None)
@given(numbers, st.floats(0.0, 1.0), numbers, st.floats(1.0, 1e9), st.floats(0.0, 1.0), st.floats(1.0, 50.0),
       st.sampled_from(["persons", "entries", "attempts"]))
def test_whatever_is_counted_there_is_a_verdict_and_no_crash(apprehended, again, turned, value, low, high, unit):
    seen = counted(apprehended=apprehended + 1, repeats=int(again * apprehended), turned_back=turned)
    found = judge(printed(value=value, lower=low * value, upper=high * value, unit=unit), seen)
    assert found.verdict in ("passed", "caution", "refused")
    assert isinstance(found.result, NoEstimate) == (found.verdict == "refused")


def test_every_rule_has_a_source_and_says_what_would_help():
    rules = RULES_OF["Encounters"]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.source.text and rule.helps and rule.why for rule in rules)
