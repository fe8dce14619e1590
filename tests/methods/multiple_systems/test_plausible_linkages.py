"""Linkages drawn around the one that was made: chances counted out by hand, and tables that come back on average."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import linked_versions
from smuggling_analysis.methods.multiple_systems.linked.pieces import (
    fallen,
    split,
    with_false_links_cut,
    with_links_missed,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.link_matrices import people_in_links, pieces_of_people
from smuggling_analysis.simulate import independent_lists
from smuggling_analysis.simulate.linkage import badly_linked

NODES = 4


def blocks_of(links):
    """The blocks that links leave of four records, as sorted masks."""
    part = [1 << node for node in range(NODES)]
    for one, other in links:
        together = part[one] | part[other]
        part = [together if mask & together else mask for mask in part]
    return tuple(sorted(set(part)))


def chances_with_missed_links(missed):
    """Every graph on four records, with its chance."""
    pairs, found = list(combinations(range(NODES), 2)), Counter()
    for made in product([False, True], repeat=len(pairs)):
        links = [pair for pair, kept in zip(pairs, made, strict=True) if kept]
        found[blocks_of(links)] += missed ** (len(pairs) - len(links)) * (1 - missed) ** len(links)
    return found


def chances_with_false_links(false):
    """Every tree on four records, and every set of its links that are false."""
    trees = [links for links in combinations(combinations(range(NODES), 2), NODES - 1) if len(blocks_of(links)) == 1]
    assert len(trees) == NODES ** (NODES - 2)
    found = Counter()
    for links in trees:
        for sound in product([False, True], repeat=NODES - 1):
            kept = [link for link, good in zip(links, sound, strict=True) if good]
            found[blocks_of(kept)] += (1 - false) ** sum(sound) * false ** (NODES - 1 - sum(sound)) / len(trees)
    return found


@pytest.mark.parametrize(("exact", "law"), [
    (chances_with_missed_links(0.3), with_links_missed(0.3)),
    (chances_with_false_links(0.3), with_false_links_cut(0.3, NODES)),
], ids=["missed", "false"])
def test_people_fall_apart_as_often_as_every_graph_counted_out_says(exact, law):
    people = 1_000_000
    drawn = Counter()
    for blocks, number in fallen(0b1111, people, law, np.random.default_rng(1)).items():
        drawn[tuple(sorted(blocks))] += number
    assert sum(drawn.values()) == people
    for blocks, chance in exact.items():
        assert drawn[blocks] == pytest.approx(people * chance, abs=5 * np.sqrt(people * chance) + 1)


def test_people_known_to_have_fallen_apart_are_never_whole():
    drawn = split(0b1011, 10_000, with_links_missed(0.05), np.random.default_rng(1))
    assert sum(drawn.values()) == 10_000
    assert all(len(blocks) > 1 and sum(blocks) == 0b1011 for blocks in drawn)


@pytest.mark.parametrize(("missed", "false"), [(0.1, 0.0), (0.0, 0.1), (0.15, 0.05)])
def test_on_average_the_versions_are_the_table_without_the_expected_errors(missed, false):
    histories = badly_linked(independent_lists(20_000, {"a": 0.4, "b": 0.35, "c": 0.3}, rng=1), missed=missed,
                             false=false, rng=2)
    mean = np.mean([version.dense() for version in
                    linked_versions(histories, missed=missed, false=false, versions=40, rng=3).versions], axis=0)
    rates = tuple(tuple(0.0 if one == other else missed for other in range(3)) for one in range(3))
    apart = people_in_links(3, false) @ histories.dense()
    expected = np.linalg.solve(pieces_of_people(rates), apart)
    assert mean[1:] == pytest.approx(expected[1:], rel=0.02)


def test_the_truth_lies_among_the_versions():
    truth = independent_lists(20_000, {"a": 0.4, "b": 0.35, "c": 0.3}, rng=1)
    observed = badly_linked(truth, missed=0.1, false=0.03, rng=2)
    tables = np.array([version.dense() for version in
                       linked_versions(observed, missed=0.1, false=0.03, versions=60, rng=3).versions])
    beyond = (truth.dense() - tables.mean(axis=0))[1:] / tables.std(axis=0)[1:]
    assert np.abs(beyond).max() < 4
    # The linkage as made is not among them.
    assert np.abs((observed.dense() - tables.mean(axis=0))[1:] / tables.std(axis=0)[1:]).max() > 4


def test_every_list_keeps_its_size_in_every_stratum():
    table = pd.DataFrame({"a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2, "sex": list("fffmmm"),
                          "count": [300, 200, 50, 100, 80, 400]})
    histories = CaptureHistories.from_table(table, strata=["sex"])
    for version in linked_versions(histories, missed=0.2, false=0.1, rng=1).versions:
        assert version.stratified_by == ("sex",)
        for (_, ours), (_, theirs) in zip(version.by_stratum(), histories.by_stratum(), strict=True):
            assert (ours.overlaps().to_numpy().diagonal() == theirs.overlaps().to_numpy().diagonal()).all()


def test_links_without_errors_are_one_version():
    histories = independent_lists(3000, {"a": 0.4, "b": 0.35, "c": 0.3}, rng=1)
    drawn = linked_versions(histories, missed=0.0, false=0.0, versions=5, rng=1)
    assert drawn.versions == (histories,)
    assert drawn.number == 5


def test_the_same_seed_draws_the_same_versions():
    histories = independent_lists(3000, {"a": 0.4, "b": 0.35, "c": 0.3}, rng=1)
    assert linked_versions(histories, rng=7) == linked_versions(histories, rng=7)
    assert linked_versions(histories, rng=7) != linked_versions(histories, rng=8)


def test_a_thousand_million_people_and_ten_lists_take_no_longer():
    lists = [f"list {place}" for place in range(10)]
    histories = CaptureHistories.from_counts(
        {tuple(lists): 10**9, tuple(lists[:2]): 10**9, lists[0]: 10**9, lists[1]: 10**9}, lists=lists)
    drawn = linked_versions(histories, missed=0.01, false=0.01, versions=2, rng=1)
    assert all((version.overlaps().to_numpy().diagonal() == histories.overlaps().to_numpy().diagonal()).all()
               for version in drawn.versions)


@pytest.mark.parametrize("wrong", [{"missed": -0.1}, {"missed": 0.99}, {"false": 1.0}])
def test_rates_that_make_no_sense_are_errors(wrong):
    histories = independent_lists(300, {"a": 0.4, "b": 0.35}, rng=1)
    with pytest.raises(ValueError, match=r"missed is a share from 0 to 0\.95 and false one below 1"):
        linked_versions(histories, **wrong)


def test_one_version_and_one_list_say_nothing_about_links():
    histories = independent_lists(300, {"a": 0.4, "b": 0.35}, rng=1)
    with pytest.raises(ValueError, match="two versions or more"):
        linked_versions(histories, versions=1)
    with pytest.raises(NoEstimate, match="links are between 2 to 10 lists"):
        linked_versions(histories.select(["a"]))
