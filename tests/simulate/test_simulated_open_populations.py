"""Simulated registers over time, held to the truth they were made with."""

import numpy as np
import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.simulate import open_lists

YEARS = {"2019": 0.5, "2020": 0.4, "2021": 0.3}


def test_people_come_stay_and_are_seen_as_often_as_asked():
    made = open_lists([100_000, 20_000, 30_000], [0.8, 0.5], YEARS, rng=1)
    assert made.total == 150_000
    assert made.histories.n_observed < made.between < made.total
    assert list(made.arrived) == [20_000, 30_000]
    expected = [100_000, 100_000, 80_000]
    np.testing.assert_allclose(made.present, expected, rtol=0.01)
    np.testing.assert_allclose(made.stayed, [0.8, 0.5], atol=0.01)
    seen = made.histories.overlaps().to_numpy().diagonal()
    np.testing.assert_allclose(seen / made.present, list(YEARS.values()), atol=0.01)
    assert made.histories.simulated


def test_being_seen_changes_being_seen_next_by_the_odds_ratio():
    made = open_lists([200_000, 0, 0], [1.0, 1.0], YEARS, trap_odds_ratio=3.0, rng=1)
    on = made.histories
    both, first = (on.totals @ (on.patterns[:, [0, 1]].all(axis=1))), on.totals @ on.patterns[:, 0]
    share = both / first
    assert share / (1 - share) == pytest.approx(3 * 0.4 / 0.6, rel=0.03)


def test_those_who_pass_by_are_there_once():
    made = open_lists([100_000, 0, 0], [1.0, 1.0], YEARS, passing_by=0.4, rng=1)
    np.testing.assert_allclose(made.present, [100_000, 60_000, 60_000], rtol=0.01)


def test_the_same_seed_gives_the_same_register_and_lists_are_named_by_period():
    chances = {year: {"police": 0.2, "ngo": 0.3} for year in YEARS}
    one, other = (open_lists([500, 100, 100], [0.7, 0.7], chances, spread=1.0, rng=9) for _ in range(2))
    assert one.histories == other.histories
    assert one.histories.lists[:2] == ("police 2019", "ngo 2019")


@pytest.mark.parametrize(("arrivals", "staying", "chances", "words"), [
    ([100, 10], [0.5, 0.5], YEARS, "as many arrivals"), ([100, 10, 10], [0.5], YEARS, "one fewer"),
    ([100, -1, 10], [0.5, 0.5], YEARS, "whole numbers"), ([100, 10, 10], [0.5, 1.5], YEARS, "between 0 and 1"),
    ([100, 10, 10], [0.5, 0.5], {**YEARS, "2021": 1.0}, "between 0 and 1")])
def test_nonsense_is_refused(arrivals, staying, chances, words):
    with pytest.raises(ValueError, match=words):
        open_lists(arrivals, staying, chances)


def test_a_population_nobody_was_seen_of_is_refused():
    with pytest.raises(BadInput, match="nobody was seen"):
        open_lists([0, 0, 0], [0.5, 0.5], YEARS, rng=1)
