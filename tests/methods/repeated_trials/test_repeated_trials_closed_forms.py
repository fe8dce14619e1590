"""Repeated trials, held to closed forms, to identities of the model and to published figures."""

from pathlib import Path

import pandas as pd
import pytest
from border_counts import counted
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials import (
    StatedShare,
    apprehension_probability,
    flow,
    interdiction_effectiveness,
    interdiction_rate,
    partial_apprehension,
    successful_entries,
)
from smuggling_analysis.methods.repeated_trials.counted import Counted
from smuggling_analysis.methods.repeated_trials.trials import Shares, solve

PUBLISHED = pd.read_csv(Path(__file__).parents[2] / "published/border_encounters/figures.csv", index_col="id")
EXACT = {"rel": 1e-12}


def value(name):
    return float(PUBLISHED.loc[name, "value"])


def between(name):
    return float(PUBLISHED.loc[name, "lower"]), float(PUBLISHED.loc[name, "upper"])


def test_the_probability_of_massey_and_singer_is_the_share_of_repeats():
    found = apprehension_probability(counted(apprehended=1_000_000, repeats=350_000), deterrence=0.0, rng=1)
    assert found.value == pytest.approx(value("massey-probability"), **EXACT)
    assert found.unit == "share"


def test_the_flow_of_espenshade_is_the_apprehensions_over_their_odds():
    # Entries are 2.2 times the apprehensions where the odds are 1 to 2.2: a probability of 0.3125.
    encounters = counted(apprehended=1_600_000, repeats=500_000)
    found = flow(encounters, deterrence=0.0, rng=1)
    chance = found.apprehension.value
    assert found.entries.value / 1_600_000 == pytest.approx(value("espenshade-flow"), **EXACT)
    assert 1_600_000 / found.entries.value == pytest.approx(chance / (1 - chance), **EXACT)
    assert found.entries.value == pytest.approx(found.persons.value, **EXACT)  # With nobody deterred everybody enters.


def test_the_entries_that_dhs_quotes_imply_interdiction_within_the_range_it_quotes():
    for year, apprehended in (("2016", value("dhs-apprehended-2016")), ("2000", value("dhs-apprehended-2000"))):
        entries = value(f"dhs-entries-{year}")
        low, high = between("dhs-interdiction-2016" if year == "2016" else "dhs-interdiction-2006")
        assert low <= apprehended / (apprehended + entries) <= high
    encounters = counted(apprehended=408_000, got_away=106_000)
    low, high = between("dhs-interdiction-2016")
    seen = interdiction_effectiveness(encounters, rng=1)
    assert seen.value == pytest.approx(408 / 514, **EXACT)
    # The got-aways are a part of the entries that were estimated without them.
    detection = value("dhs-got-away-2016") / value("dhs-entries-2016")
    all_of_them = interdiction_rate(encounters, detection=detection, rng=1)
    assert all_of_them.value == pytest.approx(408 / 578, **EXACT)
    assert low <= all_of_them.value < seen.value <= high


def test_re_apprehensions_and_the_deterrence_dhs_quotes_give_the_probability_that_migrants_report():
    # Three sources that know nothing of one another: fingerprints, records of returns, and a survey of migrants.
    low, high = between("dhs-deterred-before")
    share = StatedShare.uniform(low, high, reason="DHS (2017)")
    found = apprehension_probability(counted(apprehended=100_000, repeats=round(100_000 * value("cds-again"))),
                                     deterrence=share, rng=1)
    ends = (value("cds-again") / (1 - low), value("cds-again") / (1 - high))
    assert ends[0] <= found.lower < found.upper <= ends[1] + 0.005
    surveyed = between("mmp-probability")
    assert found.lower < surveyed[1] and surveyed[0] < found.upper
    assert found.lower < value("massey-probability") < found.upper


def test_the_model_inverts_the_deterrence_and_the_entries_that_dhs_quotes():
    # Of 408,000 apprehended, 24.7 % are apprehended again if 65 % are deterred and 170,000 enter.
    chance = value("dhs-apprehended-2016") / (value("dhs-apprehended-2016") + value("dhs-entries-2016"))
    repeats = round(408_000 * chance * 0.35)
    found = flow(counted(apprehended=408_000, repeats=repeats, got_away=106_000), deterrence=0.65, rng=1)
    assert found.entries.value == pytest.approx(value("dhs-entries-2016"), rel=1e-5)
    wide = successful_entries(counted(apprehended=408_000, repeats=repeats, got_away=106_000), rng=1,
                              deterrence=StatedShare.uniform(*between("dhs-deterred-2016"), reason="DHS (2017)"))
    assert wide.lower < value("dhs-entries-2016") < wide.upper
    assert wide.lower >= 106_000
    assert any("the prior makes most of the interval" in caution for caution in wide.cautions)


shares = st.floats(0.0, 0.9)


@settings(max_examples=200, deadline=None)
@given(st.integers(10, 10**9), st.floats(0.01, 0.9), st.floats(0.3, 1.0), shares, st.floats(0.3, 1.0), shares,
       st.floats(0.0, 1.0))
def test_the_closed_form_is_the_model(apprehended, again, returned, deterred, recognised, giving_up, turned):
    """Attempts add up, persons add up, and the counts that the solution implies are the counts there were."""
    trials = max(2, int(apprehended * returned))
    repeats = max(1, min(int(trials * again), apprehended - 1))
    back = int(turned * apprehended)
    given_counts = Counted(apprehended, repeats, trials, "returned", back, None)
    found = solve(given_counts, Shares(deterred, recognised, giving_up))
    assume(found.chance <= 1.0)
    tolerance = {"rel": 1e-9, "abs": 1e-6 * found.attempts}
    assert found.attempts == pytest.approx(apprehended + back + found.entries, **tolerance)
    gave_up = apprehended - trials * (1 - deterred) + giving_up * back
    assert found.persons == pytest.approx(found.entries + gave_up, **tolerance)
    assert found.apprehension * found.attempts == pytest.approx(apprehended, **EXACT)
    # Expected repeats: those returned who try, are apprehended before they enter or give up, and are recognised.
    per_attempt, per_turn = apprehended / found.attempts, back / found.attempts
    before_the_end = per_attempt / (1 - per_turn * (1 - giving_up))
    assert trials * (1 - deterred) * before_the_end * recognised == pytest.approx(repeats, rel=1e-9)


@pytest.mark.parametrize("factor", [2, 10, 1000])
def test_numbers_scale_with_the_counts_and_shares_stay(factor):
    counts = {"apprehended": 5000, "repeats": 900, "returned": 4500, "turned_back": 800, "got_away": 1200}
    once = flow(counted(**counts), deterrence=0.4, giving_up=0.2, recognition=0.95, rng=1)
    more = flow(counted(**{name: factor * number for name, number in counts.items()}), deterrence=0.4, giving_up=0.2,
                recognition=0.95, rng=1)
    for name in ("attempts", "entries", "persons"):
        assert getattr(more, name).value == pytest.approx(factor * getattr(once, name).value, **EXACT)
        assert getattr(more, name).se / getattr(more, name).value < getattr(once, name).se / getattr(once, name).value
    assert more.apprehension.value == pytest.approx(once.apprehension.value, **EXACT)
    assert more.interdiction.value == pytest.approx(once.interdiction.value, **EXACT)


def test_the_partial_rate_is_of_those_known_to_have_tried_again():
    counts = {"apprehended": 500, "returned": 400, "retried": 160, "repeats": 72}
    known = partial_apprehension(counted(**counts), recognition=0.9, rng=1)
    assert known.value == pytest.approx(0.5, **EXACT)
    stated = partial_apprehension(counted(**counts), deterrence=0.6, recognition=0.9, rng=1)
    assert stated.value == pytest.approx(0.5, **EXACT)
    assert any("nothing is said of people who try for the first time" in caution for caution in known.cautions)
    # Turning back and got-aways may be anybody's: they do not enter it.
    assert partial_apprehension(counted(**counts, turned_back=300, got_away=10**6), recognition=0.9,
                                rng=1).value == known.value


def test_units_tell_attempts_entries_and_persons_apart():
    found = flow(counted(apprehended=1000, repeats=200), deterrence=0.3, rng=1)
    assert (found.attempts.unit, found.entries.unit, found.persons.unit) == ("attempts", "entries", "persons")
    with pytest.raises(ValueError, match="cannot compute attempts - entries"):
        found.attempts - found.entries
    assert (found.entries / found.persons).unit == "entries per person"
    # All of one flow are drawn together: their quotient is narrower than if they were not.
    quotient = found.entries / found.attempts
    assert quotient.unit == "entries per attempt"
    assert not any("independent" in caution for caution in quotient.cautions)


def by_place(**columns):
    places = [f"place {number}" for number in range(len(columns["apprehended"]))]
    return Encounters.from_table(pd.DataFrame({"place": places, "period": "2016", **columns}))


def test_place_by_place_is_the_sum_of_the_places():
    counts = {"apprehended": [5000, 3000], "repeats": [500, 900], "turned_back": [400, 0], "got_away": [0, 100]}
    stated = {"deterrence": 0.5, "giving_up": 0.25}
    whole = flow(by_place(**counts), by_place=True, rng=1, **stated)
    alone = [flow(counted(**{name: column[place] for name, column in counts.items()}), rng=1, **stated)
             for place in (0, 1)]
    for name in ("attempts", "entries", "persons"):
        assert getattr(whole, name).value == pytest.approx(sum(getattr(one, name).value for one in alone), **EXACT)
    attempts = sum(one.attempts.value for one in alone)
    assert whole.apprehension.value == pytest.approx(8000 / attempts, **EXACT)
    assert whole.interdiction.value == pytest.approx(8400 / attempts, **EXACT)
    assert whole.entries.method.startswith("repeated trials, place by place, deterrence")


def test_the_shares_are_the_same_in_every_place():
    # Were they drawn anew in each place, the interval of a sum would be narrower than the sum of the intervals.
    wide = StatedShare.uniform(0.3, 0.6, reason="r")
    counts = {"apprehended": [10**7] * 4, "repeats": [2 * 10**6] * 4}
    whole = flow(by_place(**counts), by_place=True, deterrence=wide, rng=1).entries
    assert whole.upper - whole.lower == pytest.approx(4e7 * 0.3 * 0.95 / 0.2, rel=0.02)


def test_a_place_of_its_own_without_repeats_is_named():
    with pytest.raises(NoEstimate, match="place 1: of 40 apprehensions none is a repeat"):
        flow(by_place(apprehended=[100, 40], repeats=[20, 0]), by_place=True, deterrence=0.2)
