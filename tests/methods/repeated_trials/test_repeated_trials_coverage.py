"""Intervals of repeated trials, held to simulated borders of known flow: they cover as often as they say."""

import math

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials import StatedShare, flow, interdiction_rate, successful_entries
from smuggling_analysis.simulate import border

LEVEL = 0.9
BORDERS = {
    "plain": {},
    "deterrence": {"deterrence": 0.45},
    "turned back": {"deterrence": 0.3, "turned_back": 0.2, "giving_up": 0.4},
    "in part": {"deterrence": 0.3, "turned_back": 0.1, "giving_up": 0.2, "returned": 0.7, "recognition": 0.8,
                "detection": 0.5},
}


def covered(options, size, replicates, seed, *, deterred=None, level=LEVEL):
    """Return how often the intervals of entries, attempts, persons and the probability held the truth, and answers."""
    rng = np.random.default_rng(seed)
    hits, answers = np.zeros(4), 0
    for _ in range(replicates):
        if deterred is not None:
            options = {**options, "deterrence": float(deterred.quantile(rng.random(1))[0])}
        made = border({"all": size}, {"all": 0.35}, rng=rng, **options)
        try:
            found = flow(made.encounters, deterrence=options.get("deterrence", 0.0) if deterred is None else deterred,
                         giving_up=options.get("giving_up", 0.0), recognition=options.get("recognition", 1.0),
                         draws=1000, rng=rng, confidence_level=level)
        except NoEstimate:
            continue
        answers += 1
        truths = ((found.entries, made.entries), (found.attempts, made.attempts), (found.persons, made.persons),
                  (found.apprehension, 0.35))
        hits += [made_of.lower <= truth <= made_of.upper for made_of, truth in truths]
    return hits / answers, answers


def within(shares, answers, level=LEVEL, errors=3.5):
    # The ends of 1,000 draws' intervals scatter: that is worth about half a percentage point of coverage.
    return (np.abs(shares - level) <= errors * math.sqrt(level * (1 - level) / answers) + 0.005).all()


@pytest.mark.parametrize("name", ["deterrence", "in part"])
def test_intervals_cover_the_flow_of_a_simulated_border(name):
    shares, answers = covered(BORDERS[name], 3000, 150, 1)
    assert answers == 150
    assert within(shares, answers), shares


def test_with_deterrence_drawn_from_its_prior_they_cover_as_well():
    prior = StatedShare.uniform(0.2, 0.5, reason="the truth is drawn from it")
    shares, answers = covered({}, 5000, 120, 2, deterred=prior)
    assert within(shares, answers), shares


@pytest.mark.slow
@pytest.mark.parametrize("size", [300, 3000, 100_000])
@pytest.mark.parametrize("name", BORDERS)
def test_intervals_cover_the_flow_at_every_size(name, size):
    shares, answers = covered(BORDERS[name], size, 1000, 3)
    assert answers >= 990
    assert within(shares, answers), shares


@pytest.mark.slow
def test_intervals_cover_where_deterrence_and_detection_are_drawn_from_their_priors():
    prior = StatedShare.uniform(0.2, 0.6, reason="the truth is drawn from it")
    shares, answers = covered({"turned_back": 0.1, "giving_up": 0.3}, 20_000, 1000, 4, deterred=prior)
    assert within(shares, answers), shares
    rng, hits = np.random.default_rng(5), 0
    for _ in range(1000):
        seen = float(prior.quantile(rng.random(1))[0])
        made = border({"all": 5000}, {"all": 0.35}, turned_back=0.2, detection=seen, rng=rng)
        found = interdiction_rate(made.encounters, detection=prior, draws=1000, rng=rng, confidence_level=LEVEL)
        hits += found.lower <= 1 - made.entries / made.attempts <= found.upper
    assert within(np.array([hits / 1000]), 1000)


def test_a_border_where_some_are_easier_to_apprehend_is_told_of_and_its_flow_is_too_low():
    made = border({"alone": 30_000, "in groups": 10_000}, {"alone": 0.15, "in groups": 0.7}, deterrence=0.3,
                  detection=0.2, rng=1)
    found = successful_entries(made.encounters, deterrence=0.3, rng=1)
    assert found.upper < made.entries
    assert any("more people passed unseen" in caution for caution in found.cautions)
    # Where more of the entries are seen, they contradict the model.
    seen = border({"alone": 30_000, "in groups": 10_000}, {"alone": 0.15, "in groups": 0.7}, deterrence=0.3,
                  detection=0.7, rng=1)
    with pytest.raises(NoEstimate, match="entries, fewer than the"):
        successful_entries(seen.encounters, deterrence=0.3, rng=1)


def test_where_every_entry_is_seen_the_interval_begins_there():
    for seed in range(20):
        made = border({"all": 5000}, {"all": 0.35}, deterrence=0.3, detection=1.0, rng=seed)
        try:
            found = successful_entries(made.encounters, deterrence=0.3, rng=seed)
        except NoEstimate:
            continue
        assert found.value >= found.lower >= made.entries
        assert found.lower <= 1.05 * made.entries


def test_turning_back_left_out_of_the_counts_makes_no_more_entries():
    # Who was turned back tries again: repeats tell of the chance to be apprehended in the end, not at one attempt.
    made = border({"all": 200_000}, {"all": 0.3}, turned_back=0.3, giving_up=0.5, deterrence=0.4, rng=2)
    found = flow(made.encounters, deterrence=0.4, giving_up=0.5, rng=1)
    assert found.apprehension.value == pytest.approx(0.3, abs=0.01)
    assert found.interdiction.value == pytest.approx(1 - made.entries / made.attempts, abs=0.02)
    assert found.persons.value == pytest.approx(made.persons, rel=0.02)


def test_places_that_differ_are_missed_together_and_found_one_by_one():
    made = [border({"all": 40_000}, {"all": chance}, deterrence=0.3, detection=0.0, place=place, rng=4)
            for place, chance in (("hills", 0.1), ("road", 0.6))]
    both = Encounters.from_table(pd.concat([one.encounters.frame() for one in made]), simulated=True)
    together = successful_entries(both, deterrence=0.3, rng=1)
    apart = successful_entries(both, deterrence=0.3, by_place=True, rng=1)
    truth = sum(one.entries for one in made)
    assert together.upper < 0.7 * truth
    assert apart.lower <= truth <= apart.upper
    assert any("by_place" in caution for caution in together.cautions)
    assert not any("by_place" in caution for caution in apart.cautions)
