"""Held to: the moments of the distributions that are simulated."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.simulate.registers import (
    ONES,
    register,
    register_with_departures,
    register_with_ones,
)


def test_the_register_keeps_those_seen_and_says_it_is_simulated():
    counts = register({"a": 40_000, "b": 10_000}, {"a": 0.5, "b": 2.0}, rng=1)
    assert counts.simulated
    expected = 40_000 * (1 - np.exp(-0.5)) + 10_000 * (1 - np.exp(-2.0))
    assert counts.n_observed == pytest.approx(expected, abs=5 * np.sqrt(expected))
    assert counts.n_events == pytest.approx(40_000, abs=5 * np.sqrt(40_000))


def test_gamma_rates_give_the_negative_binomial_share_of_people_missed():
    counts = register({"a": 50_000}, {"a": 0.8}, heterogeneity=0.5, rng=2)
    missed = 50_000 * (1 + 0.8 * 0.5) ** (-1 / 0.5)
    assert 50_000 - counts.n_observed == pytest.approx(missed, abs=5 * np.sqrt(missed))


def test_those_deterred_are_seen_once_at_most():
    counts = register({"a": 20_000}, {"a": 1.5}, deterred=1.0, rng=3)
    assert counts.times.tolist() == [1]


def test_the_same_seed_gives_the_same_register():
    assert register({"a": 500}, {"a": 0.5}, rng=4) == register({"a": 500}, {"a": 0.5}, rng=4)
    assert register({"a": 500}, {"a": 0.5}, rng=4) != register({"a": 500}, {"a": 0.5}, rng=5)


def test_contradictory_groups_and_options_are_refused():
    with pytest.raises(ValueError, match="name the same groups in both"):
        register({"a": 10}, {"b": 0.5})
    with pytest.raises(ValueError, match="deterred a share"):
        register({"a": 10}, {"a": 0.5}, deterred=1.5)
    with pytest.raises(BadInput):
        register({"a": 1}, {"a": 0.0}, rng=1)
    for size, rate in ((-1, 0.5), (2.5, 0.5), (10, -1.0), (10, np.inf)):
        with pytest.raises(ValueError, match="not so: a"):
            register({"a": size}, {"a": rate})


SHARE, RATE, PEOPLE = 0.3, 0.7, 60_000


def expected_shares(ones: str) -> np.ndarray:
    """Chances of 0, 1, 2 and 3 times, written out from the definitions in the literature of each model."""
    zero, one, two, three = (math.exp(-RATE) * RATE**k / math.factorial(k) for k in range(4))
    return np.array({
        "one-inflated": [(1 - SHARE) * zero, (1 - SHARE) * one + SHARE, (1 - SHARE) * two, (1 - SHARE) * three],
        "truncated one-inflated": [zero, (1 - SHARE) * one + SHARE * (1 - zero), (1 - SHARE) * two,
                                   (1 - SHARE) * three],
        "hurdle": [(1 - SHARE) * zero / (1 - one), SHARE, (1 - SHARE) * two / (1 - one),
                   (1 - SHARE) * three / (1 - one)],
        "hurdle truncated": [zero / (1 - one), SHARE * (1 - zero / (1 - one)), (1 - SHARE) * two / (1 - one),
                             (1 - SHARE) * three / (1 - one)],
    }[ones])


@pytest.mark.parametrize("ones", list(ONES))
def test_each_law_of_the_ones_has_its_chances(ones):
    counts = register_with_ones({"a": PEOPLE}, {"a": RATE}, ones=ones, share=SHARE, rng=6)
    seen = counts.frequencies()
    found = np.array([PEOPLE - counts.n_observed, seen[1], seen[2], seen[3]])
    wanted = PEOPLE * expected_shares(ones)
    assert found == pytest.approx(wanted, abs=5 * np.sqrt(wanted.max()))


def test_deterrence_is_the_truncated_one_inflation():
    deterred = register({"a": PEOPLE}, {"a": RATE}, deterred=SHARE, rng=7).frequencies()
    inflated = register_with_ones({"a": PEOPLE}, {"a": RATE}, ones="truncated one-inflated", share=SHARE,
                                  rng=8).frequencies()
    for times in (1, 2, 3):
        assert deterred[times] == pytest.approx(inflated[times], abs=7 * np.sqrt(inflated[times]))


def test_the_share_of_ones_can_differ_between_groups():
    counts = register_with_ones({"a": 5000, "b": 5000}, {"a": 0.5, "b": 0.5}, ones="hurdle",
                                share={"a": 0.0, "b": 1.0}, rng=9)
    assert counts.persons[0, counts.times == 1].sum() == 0
    assert counts.persons[1].sum() == counts.persons[1, 0] == 5000


def test_one_gamma_rate_gives_the_geometric_distribution():
    counts = register_with_ones({"a": PEOPLE}, {"a": RATE}, ones="one-inflated", share=0.0, heterogeneity=1.0,
                                rng=10)
    again = RATE / (1 + RATE)
    for times in (1, 2, 3):
        wanted = PEOPLE * (1 - again) * again**times
        assert counts.frequencies()[times] == pytest.approx(wanted, abs=5 * np.sqrt(wanted))


def test_those_expelled_are_seen_a_geometric_number_of_times_and_their_time_is_shortened():
    departs = 0.4
    counts = register_with_departures({"a": PEOPLE}, {"a": RATE}, departs=departs, parts=1000, rng=11)
    assert counts.simulated and counts.covariates == ("group", "time_at_risk")
    # Nobody leaves before being seen, so as many are seen as if nobody left.
    wanted = PEOPLE * (1 - math.exp(-RATE))
    assert counts.n_observed == pytest.approx(wanted, abs=5 * np.sqrt(wanted))
    time = counts.pattern_frame()["time_at_risk"].to_numpy()
    assert time.min() > 0 and time.max() == 1
    # Sightings of those still there come at the rate all the while: events over time at risk is the rate,
    # those never seen counted with a whole period each.
    at_risk = (counts.persons.sum(axis=1) * time).sum() + PEOPLE - counts.n_observed
    assert counts.n_events / at_risk == pytest.approx(RATE, rel=5 / np.sqrt(counts.n_events))


def test_without_departures_everybody_is_at_risk_all_the_time():
    counts = register_with_departures({"a": 3000}, {"a": RATE}, departs=0.0, rng=12)
    assert set(counts.pattern_frame()["time_at_risk"]) == {1.0}


def test_groups_of_several_covariates():
    sizes = {("women", "young"): 3000, ("men", "young"): 4000, ("men", "old"): 500}
    rates = dict.fromkeys(sizes, 0.5)
    for counts in (register(sizes, rates, covariate=["sex", "age"], rng=13),
                   register_with_ones(sizes, rates, covariate=["sex", "age"], ones="hurdle", share=0.1, rng=13)):
        assert counts.covariates == ("sex", "age")
        assert counts.patterns == tuple(sorted(sizes))
    departing = register_with_departures(sizes, rates, covariate=["sex", "age"], departs=0.5, rng=13)
    assert departing.covariates == ("sex", "age", "time_at_risk")


def test_contradictory_laws_are_refused():
    one = {"a": 10}, {"a": 0.5}
    with pytest.raises(ValueError, match="ones is one of one-inflated"):
        register_with_ones(*one, ones="twos", share=0.1)
    for share in (-0.1, 1.1, {"b": 0.5}):
        with pytest.raises(ValueError, match="share is a number between 0 and 1"):
            register_with_ones(*one, ones="hurdle", share=share)
    for options in ({"departs": 1.5}, {"departs": 0.5, "parts": 0}):
        with pytest.raises(ValueError, match="departs is a share"):
            register_with_departures(*one, **options)
    with pytest.raises(ValueError, match="no covariate can be called time_at_risk"):
        register_with_departures(*one, departs=0.5, covariate="time_at_risk")
    with pytest.raises(ValueError, match="one label for each covariate"):
        register(*one, covariate=["sex", "age"])


@pytest.mark.parametrize("ones", list(ONES))
@pytest.mark.parametrize("rate", [0.0, 1e-200, 1e3])
def test_rates_at_the_ends_give_a_register_or_nobody(ones, rate):
    try:
        counts = register_with_ones({"a": 100}, {"a": rate}, ones=ones, share=0.5, rng=14)
    except BadInput:
        assert rate < 1
    else:
        assert 0 < counts.n_observed <= 100
