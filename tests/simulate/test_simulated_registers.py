"""Held to: the moments of the distributions that are simulated."""

from __future__ import annotations

import numpy as np
import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.simulate.registers import register


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
