"""Simulated people on lists: held to the chances they were asked for."""

import numpy as np
import pytest

from smuggling_analysis import BadInput
from smuggling_analysis.simulate import listed_people

SIZE = 400_000


def test_each_list_holds_its_share():
    made = listed_people(SIZE, {"a": -0.7, "b": -1.2}, {"a": 0.5, "b": 0.0}, rng=1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    for place, (level, slope) in enumerate([(-0.7, 0.5), (-1.2, 0.0)]):
        chance = np.mean([weights @ (1 / (1 + np.exp(-(level + slope * nodes + shift)))) / weights.sum()
                          for shift in (0.0, 0.5)])
        # Five binomial standard errors.
        assert made.on[:, place].sum() / SIZE == pytest.approx(chance, abs=5 * np.sqrt(0.25 / SIZE))


def test_given_the_covariate_the_lists_take_no_notice_of_one_another_and_without_it_they_do():
    made = listed_people(SIZE, {"a": -0.7, "b": -0.7}, {"a": 1.0, "b": 1.0}, rng=2)
    assert made.on.all(axis=1).sum() * SIZE > 1.2 * made.on[:, 0].sum() * made.on[:, 1].sum()
    # Among those on b, the share on a is a's chance: logistic in the covariate.
    age, men, on_b = made.values_of("age"), made.values_of("sex") == "m", made.on[:, 1]
    for low in (-1.0, 0.0, 1.0):
        among = on_b & (age > low) & (age < low + 0.5)
        chance = 1 / (1 + np.exp(-(-0.7 + age[among] + 0.5 * men[among])))
        assert made.on[among, 0].mean() == pytest.approx(chance.mean(), abs=5 * np.sqrt(0.25 / among.sum()))


def test_a_bend_leaves_straight_lines():
    straight, bent = (listed_people(SIZE, {"a": -1.0}, {"a": 0.0}, bend=bend, rng=3) for bend in (0.0, 0.5))
    assert np.abs(straight.values_of("age")).mean() < 0.82 < 1.0 < np.abs(bent.values_of("age")).mean()


def test_same_seed_same_people_and_they_say_they_are_simulated():
    once, again = (listed_people(500, {"a": -1.0}, {"a": 1.0}, rng=4) for _ in range(2))
    assert once == again and once.simulated
    assert once != listed_people(500, {"a": -1.0}, {"a": 1.0}, rng=5)


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(ValueError, match="name the same lists"):
        listed_people(10, {"a": 0.0}, {"b": 0.0})
    for size in (10.5, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="whole number of people"):
            listed_people(size, {"a": 0.0}, {"a": 0.0})
    with pytest.raises(ValueError, match="finite numbers"):
        listed_people(10, {"a": np.nan}, {"a": 0.0})
    with pytest.raises(BadInput, match="nobody was seen"):
        listed_people(0, {"a": 0.0}, {"a": 0.0})
