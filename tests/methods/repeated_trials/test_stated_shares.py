"""Shares nobody counted: what they say, what they make of the interval, and what contradicts the counts."""

import re

import numpy as np
import pandas as pd
import pytest
from border_counts import counted

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.market import expert_range
from smuggling_analysis.methods.repeated_trials import (
    StatedShare,
    apprehension_probability,
    flow,
    interdiction_effectiveness,
    interdiction_rate,
    model_interdiction_rate,
    partial_apprehension,
    successful_entries,
)

COUNTS = {"apprehended": 10_000, "repeats": 2_000, "returned": 10_000}


def refused(make):
    with pytest.raises(NoEstimate) as found:
        make()
    return str(found.value)


def told(estimate, words):
    return [caution for caution in estimate.cautions if words in caution]


def test_shares_are_the_distributions_they_say():
    middle = np.array([0.25, 0.5, 0.75])
    assert StatedShare.uniform(0.2, 0.6, reason="r").quantile(middle).tolist() == pytest.approx([0.3, 0.4, 0.5])
    beta = StatedShare.beta(2, 2, reason="r")
    assert beta.median == pytest.approx(0.5)
    # The distribution function of a beta with 2 and 2 is 3 x^2 - 2 x^3.
    assert [3 * x**2 - 2 * x**3 for x in beta.quantile(middle)] == pytest.approx(middle.tolist())
    judged = expert_range(0.4, 0.5, 0.7, unit="share", population="deterred", reason="asked twelve officers")
    taken = StatedShare.of_estimate(judged)
    assert taken.reason == "asked twelve officers"
    assert taken.quantile(np.array([0.025, 0.975])) == pytest.approx([judged.lower, judged.upper], abs=1e-3)


@pytest.mark.parametrize(("make", "said"), [
    (lambda: StatedShare.uniform(0.5, 0.7, reason=" "), "needs its reason"),
    (lambda: StatedShare.uniform(0.7, 0.5, reason="r"), "the lower end lies below the upper"),
    (lambda: StatedShare.uniform(-0.1, 0.5, reason="r"), "the lower end lies between 0 and 1, got -0.1"),
    (lambda: StatedShare.fixed(float("nan"), reason="r"), "lies between 0 and 1, got nan"),
    (lambda: StatedShare.beta(0, 1, reason="r"), "two numbers above 0"),
    (lambda: StatedShare.of_estimate(Estimate(value=5, lower=4, upper=6, unit="persons", method="m")), "in persons"),
    (lambda: flow(counted(**COUNTS), deterrence=1.2), "deterrence lies between 0 and 1, got 1.2"),
    (lambda: flow(counted(**COUNTS), deterrence="half"), "deterrence is a share"),
    (lambda: flow(counted(**COUNTS), deterrence=0.5, draws=10), "draws is a whole number from 100"),
    (lambda: flow(counted(**COUNTS), deterrence=0.5, confidence_level=95), "confidence_level is a share"),
    (lambda: interdiction_rate(counted(apprehended=9, got_away=3), detection=0.0), "nothing may have been seen"),
])
def test_what_is_no_share_is_refused_in_words(make, said):
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize(("counts", "options", "said"), [
    ({"apprehended": 100}, {"deterrence": 0.5}, "it is not recorded who had been apprehended before"),
    ({"apprehended": 100, "repeats": 0}, {"deterrence": 0.5}, "of 100 apprehensions none is a repeat"),
    ({"apprehended": 100, "repeats": 100}, {"deterrence": 0.0}, "nobody was apprehended for the first time"),
    ({"apprehended": 0, "repeats": 0, "got_away": 3}, {"deterrence": 0.0}, "nobody was apprehended. Needed"),
    ({"apprehended": 100, "repeats": 30, "returned": 20}, {"deterrence": 0.0},
     "30 repeat apprehensions, but only 20 could have been (returned)"),
    ({"apprehended": 100, "repeats": 30}, {}, "not stated which share of those returned does not try again"),
    ({"apprehended": 100, "repeats": 60}, {"deterrence": 0.5},
     "the chance of an apprehension would be 1.2, above 1: 60 % of the 100 apprehended were apprehended again, so that "
     "no more than 40 % can have been deterred"),
    ({"apprehended": 100, "repeats": 30}, {"deterrence": 1.0}, "if nobody tries again"),
    ({"apprehended": 100, "repeats": 30}, {"deterrence": 0.0, "recognition": 0.0}, "or nobody is recognised"),
    ({"apprehended": 100, "repeats": 50, "got_away": 300}, {"deterrence": 0.0},
     "the model implies 100 entries, fewer than the 300 that were seen"),
    ({"apprehended": 100, "repeats": 80, "turned_back": 90}, {"deterrence": 0.0, "giving_up": 1.0},
     "the model implies -65 entries, fewer than 0"),
])
def test_counts_that_cannot_be_are_refused_in_words(counts, options, said):
    assert said in refused(lambda: flow(counted(**counts), rng=1, **options))


def test_a_prior_of_which_most_contradicts_the_counts_is_refused_and_of_which_little_does_is_cut():
    high = StatedShare.uniform(0.52, 0.95, reason="r")
    said = refused(lambda: flow(counted(apprehended=1000, repeats=450), deterrence=high, rng=1))
    assert "no more than 55 % can have been deterred" in said
    some = StatedShare.uniform(0.3, 0.7, reason="r")
    found = successful_entries(counted(apprehended=1000, repeats=400), deterrence=some, rng=1)
    assert told(found, "contradict the counts and are left out")
    assert found.diagnostics["impossible"] == pytest.approx(0.25, abs=0.05)
    assert found.lower >= 0


def test_known_got_aways_bound_the_deterrence_that_can_be():
    wide = StatedShare.uniform(0.1, 0.75, reason="r")
    without = successful_entries(counted(**COUNTS), deterrence=wide, rng=1)
    with_them = successful_entries(counted(**COUNTS, got_away=15_000), deterrence=wide, rng=1)
    assert without.lower < 15_000 <= with_them.lower
    assert with_them.observed == 15_000


def test_the_share_of_the_width_is_that_of_the_prior_where_counts_are_many_and_of_the_counts_where_they_are_few():
    wide = StatedShare.uniform(0.3, 0.6, reason="r")
    many = successful_entries(counted(apprehended=10**7, repeats=2 * 10**6), deterrence=wide, rng=1)
    few = successful_entries(counted(apprehended=40, repeats=8),
                             deterrence=StatedShare.uniform(0.39, 0.41, reason="r"), rng=1)
    assert many.diagnostics["width_shares"]["deterrence"] > 0.95 > 0.05 > many.diagnostics["width_shares"]["counts"]
    assert few.diagnostics["width_shares"]["counts"] > 0.9 > 0.1 > few.diagnostics["width_shares"]["deterrence"]
    assert not told(few, "the prior makes most of the interval")
    (caution,) = told(many, "the prior makes most of the interval")
    # The closed form at the prior's ends: entries are A ((1 - d) / 0.2 - 1).
    ends = [float(number) * 1e6 for number in re.findall(r"([\d.]+) million entries", caution)]
    assert ends == pytest.approx([1e7 * ((1 - share) / 0.2 - 1) for share in (0.3075, 0.5925)], rel=0.02)
    assert many.upper - many.lower == pytest.approx(1e7 * 0.3 * 0.95 / 0.2, rel=0.02)


def test_each_unknown_share_has_its_own_part():
    found = flow(counted(**COUNTS, turned_back=6_000), rng=1, deterrence=StatedShare.uniform(0.45, 0.5, reason="r"),
                 recognition=StatedShare.uniform(0.9, 1.0, reason="r"))
    widths = found.entries.diagnostics["width_shares"]
    assert set(widths) == {"deterrence", "recognition", "giving_up", "counts"}
    # Nobody said how many of those turned back give up: it counts for entries, and not for persons.
    assert widths["giving_up"] > 0.4
    assert found.persons.diagnostics["width_shares"]["giving_up"] < 0.05
    assert found.entries.diagnostics["reasons"]["giving_up"].startswith("nobody knows")


def test_cautions_say_what_a_reader_must_know():
    plain = successful_entries(counted(apprehended=100, repeats=5), deterrence=0.5, rng=1)
    assert told(plain, "rests on 5 repeat apprehensions")
    assert told(plain, "how many were returned is not recorded")
    assert told(plain, "the share deterred is taken to be exactly 50 %")
    sound = successful_entries(counted(**COUNTS), deterrence=StatedShare.beta(500, 500, reason="asked"), rng=1)
    assert not told(sound, "rests on") and not told(sound, "not recorded") and not told(sound, "exactly")


def test_rows_that_differ_are_told_of():
    table = pd.DataFrame({"place": ["East", "West"], "period": ["2016"] * 2, "apprehended": [5000, 5000],
                          "repeats": [500, 1500]})
    assert told(apprehension_probability(Encounters.from_table(table), deterrence=0.5, rng=1), "differs between")
    alike = table.assign(repeats=[1000, 1010])
    assert not told(apprehension_probability(Encounters.from_table(alike), deterrence=0.5, rng=1), "differs between")


def test_persons_that_differ_are_told_of():
    # 600 persons once, 150 twice, 50 five times: those apprehended twice are apprehended again more often than others.
    unlike = counted(apprehended=600 + 300 + 250, repeats=150 + 200, recidivists=200)
    assert told(successful_entries(unlike, deterrence=0.2, rng=1), "more people passed unseen")
    wary = counted(apprehended=1000, repeats=405, recidivists=400)
    assert told(successful_entries(wary, deterrence=0.2, rng=1), "every further apprehension deters more")


def test_interdiction_as_seen_is_the_most_it_can_be():
    counts = {"apprehended": 300, "turned_back": 100, "got_away": 100}
    seen = interdiction_effectiveness(counted(**counts), rng=1)
    assert seen.value == 0.8
    assert told(seen, "the most it can be")
    for detection in (0.9, 0.5, StatedShare.uniform(0.3, 0.9, reason="r")):
        assert interdiction_rate(counted(**counts), detection=detection, rng=1).value < seen.value
    assert interdiction_rate(counted(**counts), detection=1.0, rng=1).value == 0.8
    wide = interdiction_rate(counted(apprehended=30_000, turned_back=10_000, got_away=10_000), rng=1,
                             detection=StatedShare.uniform(0.3, 0.9, reason="r"))
    assert told(wide, "the prior makes most of the interval")
    assert wide.diagnostics["width_shares"]["detection"] > 0.9
    without = interdiction_effectiveness(counted(apprehended=300, got_away=100), rng=1)
    assert told(without, "people turned back are not recorded")
    assert "not recorded" in refused(lambda: interdiction_effectiveness(counted(apprehended=5)))
    assert "which share of the entries was seen" in refused(lambda: interdiction_rate(counted(**counts)))
    assert "nobody was apprehended or turned back" in refused(
        lambda: interdiction_rate(counted(apprehended=0, got_away=4), detection=0.5))


def test_the_same_seed_is_the_same_estimate_and_another_is_not():
    prior = StatedShare.uniform(0.3, 0.6, reason="r")
    encounters = counted(**COUNTS, turned_back=500, got_away=600)
    for make in (lambda rng: flow(encounters, deterrence=prior, rng=rng).entries,
                 lambda rng: partial_apprehension(encounters, deterrence=prior, rng=rng),
                 lambda rng: model_interdiction_rate(encounters, deterrence=prior, rng=rng),
                 lambda rng: interdiction_rate(encounters, detection=prior, rng=rng),
                 lambda rng: interdiction_effectiveness(encounters, rng=rng)):
        one, same, other = make(1), make(np.random.default_rng(1)), make(2)
        assert (one.value, one.lower, one.upper) == (same.value, same.lower, same.upper)
        assert one.draws.joint == same.draws.joint != other.draws.joint
        assert one.lower != other.lower
