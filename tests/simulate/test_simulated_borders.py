"""Simulated borders, held to the moments of the process they simulate."""

import math

import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.simulate import border


def near(count, expected, errors=5.0):
    return abs(count - expected) <= errors * math.sqrt(expected) + 1e-9


def test_persons_and_attempts_end_as_they_must():
    made = border({"men": 40_000, "women": 10_000}, {"men": 0.4, "women": 0.2}, turned_back=0.1, deterrence=0.3,
                  giving_up=0.2, returned=0.8, rng=1)
    seen = made.encounters
    assert seen.simulated
    assert made.attempts == seen.total("apprehended") + seen.total("turned_back") + made.entries
    assert made.persons == made.entries + made.deterred + made.gave_up == 50_000
    assert made.apprehended_persons == seen.total("first_time")
    assert seen.total("recidivists") <= seen.total("repeats")
    assert seen.total("got_away") <= made.entries


def test_everybody_enters_in_the_end_where_nobody_is_deterred():
    made = border({"all": 50_000}, {"all": 0.35}, rng=2)
    assert made.entries == 50_000 and made.deterred == made.gave_up == 0
    # Attempts until the first entry are geometric: their mean is 1 / 0.65.
    assert near(made.attempts, 50_000 / 0.65)
    assert near(made.encounters.total("repeats"), 0.35 * made.encounters.total("apprehended"))
    assert near(made.encounters.total("recidivists"), 0.35 * made.apprehended_persons)


def test_every_share_is_what_was_asked():
    made = border({"all": 200_000}, {"all": 0.3}, turned_back=0.2, deterrence=0.4, giving_up=0.5, returned=0.7,
                  recognition=0.8, detection=0.25, followed_up=True, rng=3)
    seen = made.encounters
    assert near(seen.total("apprehended"), 0.3 * made.attempts)
    assert near(seen.total("turned_back"), 0.2 * made.attempts)
    assert near(seen.total("returned"), 0.7 * seen.total("apprehended"))
    assert near(seen.total("retried"), 0.6 * seen.total("returned"))
    assert near(made.gave_up, 0.5 * seen.total("turned_back"))
    assert near(seen.total("got_away"), 0.25 * made.entries)
    repeats = seen.total("apprehended") - made.apprehended_persons
    assert near(seen.total("repeats"), 0.8 * repeats)
    assert seen.recidivists is None  # Not known where not everybody is recognised.


def test_the_same_seed_is_the_same_border():
    def one(seed):
        return border({"all": 5000}, {"all": 0.3}, deterrence=0.2, rng=seed)

    assert one(1).encounters == one(1).encounters != one(2).encounters
    assert one(1).entries == one(1).entries


def test_a_border_of_a_thousand_million_takes_no_longer():
    assert border({"all": 10**9}, {"all": 0.3}, deterrence=0.3, rng=1).persons == 10**9


def test_contradictory_options_are_refused():
    for options, said in (({"deterrence": 1.5}, "deterrence: a share lies between"),
                          ({"turned_back": 0.8}, "together 1 at most")):
        with pytest.raises(ValueError, match=said):
            border({"all": 10}, {"all": 0.5}, **options)
    with pytest.raises(ValueError, match="name the same groups in both"):
        border({"a": 10}, {"b": 0.5})
    with pytest.raises(ValueError, match="whole numbers of people, not so: a"):
        border({"a": 2.5}, {"a": 0.5})
    with pytest.raises(ValueError, match="try for ever"):
        border({"a": 10}, {"a": 1.0})
    with pytest.raises(BadInput, match="nobody was apprehended"):
        border({"a": 0}, {"a": 0.5}, rng=1)
