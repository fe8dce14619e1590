"""Corrected tables in whole people: sparse ones, those of strata, and methods in which chance plays a part."""

import math

import numpy as np
import pytest

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods.multiple_systems import link_errors
from smuggling_analysis.methods.multiple_systems.sensitivity.expected_tables import answering, in_whole_people
from smuggling_analysis.simulate import badly_linked, independent_lists

CHANCES = {"police": 0.3, "ngo": 0.25, "court": 0.2}


def test_a_sparse_table_rounded_to_people_moves_as_far_as_its_fractions(capture_table):
    # Mt is the model of independent lists; most of the histories on several lists hold one person or two.
    histories = capture_table("NewOrl_5")
    for rates in ({"missed": 0.1}, {"missed": 0.2}, {"false": 0.1}):
        exact = link_errors(histories, **rates, selection=None)
        people = link_errors(histories, **rates, method="closed_population", model="Mt")
        ratios = [found.value / found.diagnostics["uncorrected"] for found in (exact, people)]
        assert abs(math.log(ratios[0])) > 0.05
        assert ratios[1] == pytest.approx(ratios[0], rel=0.05)


def test_rounded_people_are_as_many_on_so_many_lists_in_any_order():
    lists, rng = ("a", "b", "c", "d"), np.random.default_rng(1)
    table = rng.gamma(0.7, 3.0, size=(2, 16))
    table[:, [0, 5, 9]] = 0.0
    whole = in_whole_people(table, lists)
    sizes = np.array([cell.bit_count() for cell in range(16)])
    assert (whole == whole.round()).all()
    assert (np.abs(whole - table) < 1).all()
    assert (whole[:, [0, 5, 9]] == 0).all()
    for size in range(1, 5):
        assert (np.abs((whole - table)[:, sizes == size].sum(axis=1)) <= 1).all()
    order = [2, 0, 3, 1]
    turned = [sum(1 << order.index(place) for place in range(4) if cell >> place & 1) for cell in range(16)]
    other = np.empty_like(table)
    other[:, turned] = table
    assert (in_whole_people(other, [lists[place] for place in order])[:, turned] == whole).all()


def in_two_strata(histories):
    return CaptureHistories(histories.lists, histories.patterns, np.array([histories.totals, histories.totals]),
                            ("sex",), (("f",), ("m",)), simulated=True)


@pytest.mark.parametrize(("method", "options"), [
    ("sample_coverage", {"interval": "log-normal"}), ("closed_population", {"model": "Mt"}),
    ("stratified", {})])
def test_the_bootstrap_counts_the_people_of_strata_once(method, options):
    """Both halves are alike: limits lie around twice the half's estimate, not around four times."""
    half = badly_linked(independent_lists(2000, CHANCES, rng=2), missed=0.1, rng=2)
    corrected = {"missed": 0.1, "method": method, "rng": 1}
    found = link_errors(in_two_strata(half), **corrected, correction_interval="bootstrap", replicates=20, **options)
    assert found.lower <= found.value <= found.upper
    assert found.draws.values.mean() == pytest.approx(found.value, rel=0.1)


def test_a_table_of_two_lists_drawn_from_strata_is_asked_of_once():
    inside = CaptureHistories.from_counts({"police": 60, ("police", "ngo"): 12}, lists=["police", "ngo"])
    asked = answering(in_two_strata(inside), "chapman", {})
    assert asked.parts.tolist() == [[0, 120, 0, 24]]
    assert asked.sizes(np.array([[[0.0, 130, 0, 24]], [[0.0, 110, 9, 25]]])) == pytest.approx(
        [154, 136 * 35 / 26 - 1], rel=1e-12)


def test_chance_in_the_method_is_seeded_with_the_bootstraps():
    observed = badly_linked(independent_lists(2000, CHANCES, rng=2), missed=0.1, rng=2)
    one, again, other, chance, more = (
        link_errors(observed, missed=0.1, method="sample_coverage", rng=seed).upper for seed in (1, 1, 2, None, None))
    assert one == again
    assert len({one, other, chance, more}) == 4
