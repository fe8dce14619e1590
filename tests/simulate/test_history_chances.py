"""Chances of histories: held to sums and shares known exactly, and to what was drawn before they had a module."""

from functools import partial

import numpy as np
import pytest

from smuggling_analysis.simulate import (
    HistoryChances,
    chances_at_overlap,
    dependent_chances,
    heterogeneous_chances,
    independent_chances,
    latent_class_chances,
    latent_class_lists,
)

LISTS = dict(zip("abcdefgh", [0.3, 0.1, 0.2, 0.05, 0.15, 0.02, 0.1, 0.25], strict=True))
MODELS = {
    "independent": independent_chances,
    "positive": partial(dependent_chances, odds_ratios={("a", "b"): 5.0}),
    "positive and negative": partial(dependent_chances, odds_ratios={("a", "b"): 5.0, ("b", "c"): 0.2}),
    "heterogeneous": partial(heterogeneous_chances, spread=1.0),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("n_lists", [3, 5, 8])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.3])
def test_lists_of_three_to_eight_have_the_overlap_share_asked_for(model, n_lists, share):
    chances = chances_at_overlap(model, dict(list(LISTS.items())[:n_lists]), share)
    on = np.array([cell.bit_count() for cell in range(1 << n_lists)])
    seen, twice = chances.probability[on > 0].sum(), chances.probability[on > 1].sum()
    assert twice / seen == pytest.approx(share, abs=1e-9)
    assert chances.overlap_share == pytest.approx(share, abs=1e-9)


def test_the_overlap_share_changes_no_odds_ratio_between_lists():
    ratio = {("a", "b"): 5.0, ("b", "c"): 0.2}
    found = chances_at_overlap(partial(dependent_chances, odds_ratios=ratio), {"a": 0.3, "b": 0.2, "c": 0.1}, 0.1)
    cells = found.probability
    for third in (0, 4):
        assert cells[third + 3] * cells[third] / (cells[third + 1] * cells[third + 2]) == pytest.approx(5.0, rel=1e-6)
    assert cells[6] * cells[0] / (cells[2] * cells[4]) == pytest.approx(0.2, rel=1e-6)


def test_lists_that_never_overlap_so_much_are_refused():
    with pytest.raises(ValueError, match="no length of these lists"):
        chances_at_overlap(independent_chances, {"a": 0.2}, 0.3)


def test_latent_classes_are_the_mixture_of_independent_lists():
    kinds = {"a": [0.1, 0.6], "b": [0.2, 0.5], "c": [0.3, 0.1]}
    mixed = latent_class_chances(kinds, [0.7, 0.3]).probability
    parts = [independent_chances({name: each[kind] for name, each in kinds.items()}).probability for kind in (0, 1)]
    np.testing.assert_allclose(mixed, 0.7 * parts[0] + 0.3 * parts[1], rtol=1e-12)
    assert latent_class_chances(kinds, [1.0, 0.0]).probability == pytest.approx(parts[0], rel=1e-12)


def test_latent_class_lists_are_drawn_as_their_chances_say():
    kinds, size = {"a": [0.1, 0.6], "b": [0.2, 0.5], "c": [0.3, 0.1]}, 1_000_000
    expected = latent_class_chances(kinds, [0.7, 0.3]).expected(size)[1:]
    drawn = latent_class_lists(size, kinds, [0.7, 0.3], rng=1).dense()[1:]
    # Chi-square on 7 degrees of freedom; 24.3 is its 0.999 point.
    assert ((drawn - expected) ** 2 / expected).sum() < 24.3


@pytest.mark.parametrize(("make", "words"), [
    (lambda: latent_class_chances({"a": [0.1, 0.2]}, [0.5, 0.6]), "sum to 1"),
    (lambda: latent_class_chances({"a": [0.1, 0.2]}, [1.0]), "a chance for each of the 1 kinds"),
    (lambda: latent_class_chances({"a": [0.1, 1.2]}, [0.5, 0.5]), "between 0 and 1"),
    (lambda: HistoryChances(("a",), np.array([0.5, 0.2, 0.3])), "2 histories"),
    (lambda: HistoryChances(("a",), np.array([1.5, -0.5])), "0 or more"),
])
def test_what_is_no_chance_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
