"""Simulated lists: held to the shares and odds ratios they were asked for."""

import numpy as np
import pytest

from smuggling_analysis import BadInput
from smuggling_analysis.simulate import dependent_lists, heterogeneous_lists, independent_lists

SIZE = 2_000_000
CHANCES = {"a": 0.3, "b": 0.1, "c": 0.2}


@pytest.mark.parametrize("make", [
    lambda: independent_lists(SIZE, CHANCES, rng=1),
    lambda: dependent_lists(SIZE, CHANCES, {("a", "b"): 4.0, ("b", "c"): 0.5}, rng=1),
    lambda: heterogeneous_lists(SIZE, CHANCES, spread=0.0, rng=1),
])
def test_each_list_holds_its_share(make):
    sizes = np.diag(make().overlaps().to_numpy())
    # Five binomial standard errors of a share of 0.3 in two million.
    np.testing.assert_allclose(sizes / SIZE, list(CHANCES.values()), atol=5 * np.sqrt(0.21 / SIZE))


def test_dependent_lists_have_the_odds_ratio_asked_for():
    cells = dependent_lists(SIZE, CHANCES, {("a", "b"): 4.0}, rng=2).dense().astype(float)
    cells[0] = SIZE - cells.sum()
    for third in (0, 4):
        ratio = cells[third + 3] * cells[third] / (cells[third + 1] * cells[third + 2])
        assert np.log(ratio) == pytest.approx(np.log(4), abs=5 * np.sqrt((1 / cells[third: third + 4]).sum()))


def test_people_who_differ_overlap_more_than_chance():
    shared = heterogeneous_lists(SIZE, CHANCES, spread=1.0, rng=3).overlaps().to_numpy()
    assert shared[0, 1] * SIZE > 1.2 * shared[0, 0] * shared[1, 1]


def test_same_seed_same_lists_and_they_say_they_are_simulated():
    once, again = (independent_lists(500, CHANCES, rng=4) for _ in range(2))
    assert once == again
    assert once.simulated
    assert once != independent_lists(500, CHANCES, rng=5)


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        independent_lists(10, {"a": 1.2})
    with pytest.raises(ValueError, match="name lists among a, b"):
        dependent_lists(10, {"a": 0.2, "b": 0.2}, {("a", "z"): 2.0})
    with pytest.raises(ValueError, match="0 or more"):
        heterogeneous_lists(10, {"a": 0.2}, spread=-1)
    with pytest.raises(BadInput, match="nobody was seen"):
        independent_lists(0, {"a": 0.2})
    for size in (-5, 10.5):
        with pytest.raises(ValueError, match="size is a whole number of people"):
            independent_lists(size, {"a": 0.2})
