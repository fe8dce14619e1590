"""Errors in the links: held to closed forms, to every way links can fail, and to records linked one by one."""

import math
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import (
    corrected_counts,
    lincoln_petersen,
    link_errors,
    linkage_sensitivity,
    loglinear,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.link_matrices import (
    people_in_links,
    pieces_of_people,
    without_missed_links,
)
from smuggling_analysis.simulate import badly_linked, independent_lists

TWO = CaptureHistories.from_counts({"police": 600, "ngo": 400, ("police", "ngo"): 120}, lists=["police", "ngo"])
CHANCES = {"police": 0.3, "ngo": 0.25, "court": 0.2}


def parts(nodes, links):
    """The pieces that nodes fall into when only these links hold, as masks."""
    part = {node: 1 << node for node in nodes}
    for one, other in links:
        together = part[one] | part[other]
        part.update({node: together for node in nodes if together >> node & 1})
    return set(part.values())


def trees(nodes):
    """Every tree on the nodes."""
    pairs = list(combinations(nodes, 2))
    return [chosen for chosen in combinations(pairs, len(nodes) - 1) if len(parts(nodes, chosen)) == 1]


def test_missed_links_split_people_as_the_count_of_every_way_says():
    missed = np.array([[0, 0.1, 0.3, 0.2], [0.1, 0, 0.05, 0.4], [0.3, 0.05, 0, 0.25], [0.2, 0.4, 0.25, 0]])
    ours = pieces_of_people(tuple(map(tuple, missed.tolist())))
    for history in range(1, 16):
        nodes = [place for place in range(4) if history >> place & 1]
        pairs = list(combinations(nodes, 2))
        expected = np.zeros(16)
        for kept in product([True, False], repeat=len(pairs)):
            chance = math.prod(1 - missed[pair] if held else missed[pair]
                               for pair, held in zip(pairs, kept, strict=True))
            for piece in parts(nodes, [pair for pair, held in zip(pairs, kept, strict=True) if held]):
                expected[piece] += chance
        np.testing.assert_allclose(ours[:, history], expected, atol=1e-14)


@pytest.mark.parametrize("false", [0.0, 0.1, 0.6])
def test_false_links_fall_as_the_count_of_every_tree_says(false):
    ours = people_in_links(4, false)
    for history in range(1, 16):
        nodes = [place for place in range(4) if history >> place & 1]
        expected, every = np.zeros(16), trees(nodes)
        for tree in every:
            for kept in product([True, False], repeat=len(tree)):
                chance = math.prod(1 - false if held else false for held in kept) / len(every)
                for piece in parts(nodes, [link for link, held in zip(tree, kept, strict=True) if held]):
                    expected[piece] += chance
        np.testing.assert_allclose(ours[:, history], expected, atol=1e-14)


def test_no_record_is_lost():
    on = np.arange(64)[:, None] >> np.arange(6) & 1
    rates = np.full((6, 6), 0.17)
    np.fill_diagonal(rates, 0.0)
    for matrix in (pieces_of_people(tuple(map(tuple, rates.tolist()))), people_in_links(6, 0.08)):
        np.testing.assert_allclose(on.T @ matrix, on.T, atol=1e-12)


@pytest.mark.parametrize(("missed", "false"), [(0.1, 0.0), (0.0, 0.05), (0.2, 0.03)])
def test_two_lists_have_the_closed_form(missed, false):
    both = 120 * (1 - false) / (1 - missed)
    found = link_errors(TWO, missed=missed, false=false, method="lincoln_petersen")
    assert found.value == pytest.approx(720 * 520 / both, rel=1e-12)
    assert found.observed == pytest.approx(720 + 520 - both, rel=1e-12)
    counted = CaptureHistories.from_counts({"police": 1200, "ngo": 800, ("police", "ngo"): 240}, lists=TWO.lists)
    assert link_errors(counted, missed=missed, false=false, method="chapman").value == pytest.approx(
        1441 * 1041 / (2 * both + 1) - 1, rel=1e-12)
    # The independence model is Lincoln-Petersen's, fitted to the fractions by another route.
    model = link_errors(TWO, missed=missed, false=false, selection=None)
    assert model.value == pytest.approx(found.value, rel=1e-9)


@pytest.mark.parametrize(("alpha", "beta"), [(0.9, 0.0), (0.95, 0.01), (0.8, 0.03)])
def test_two_lists_agree_with_ding_and_fienberg(alpha, beta):
    # Expected links are alpha n11 + beta (n2 - n11): N = n1 n2 (alpha - beta) / (x11 - beta n2).
    theirs = 720 * 520 * (alpha - beta) / (120 - beta * 520)
    truly = (120 - beta * 520) / (alpha - beta)
    ours = link_errors(TWO, missed=1 - alpha, false=beta * (520 - truly) / 120, method="lincoln_petersen")
    assert ours.value == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("missed", [0.05, 0.3])
def test_expected_pieces_lead_back_to_the_people(missed):
    rng = np.random.default_rng(2)
    people = np.append(0.0, rng.uniform(50, 900, size=15))[None, :]
    rates = np.full((4, 4), missed)
    np.fill_diagonal(rates, 0.0)
    matrix = pieces_of_people(tuple(map(tuple, rates.tolist())))
    found = without_missed_links(people @ matrix.T, matrix)
    np.testing.assert_allclose(found.tables, people, rtol=1e-10)
    assert (found.deviance[0], found.negative[0]) == (0, 0)


def test_no_count_is_corrected_below_nobody_and_lists_keep_their_sizes():
    # Nobody on a alone: the equations give -20 / 9; with 20 records on a and 80 on b, at most 20 people are on both.
    matrix = pieces_of_people(((0.0, 0.1), (0.1, 0.0)))
    found = without_missed_links(np.array([[0.0, 0.0, 60.0, 20.0]]), matrix)
    assert found.negative[0] == 1
    np.testing.assert_allclose(found.tables[0], [0, 0, 60, 20], atol=1e-6)
    expected = np.array([2.0, 62.0, 18.0])
    assert found.deviance[0] == pytest.approx(2 * (60 * np.log(60 / 62) + 20 * np.log(20 / 18) + expected.sum() - 80))


def test_a_table_that_binds_in_several_histories_is_at_the_top_of_its_likelihood():
    from scipy.optimize import LinearConstraint, minimize

    seen = np.array([0.0, 3, 60, 25, 4, 12, 9, 7])
    rates = np.full((3, 3), 0.2)
    np.fill_diagonal(rates, 0.0)
    matrix = pieces_of_people(tuple(map(tuple, rates.tolist())))
    undone = without_missed_links(seen[None, :], matrix)
    found = undone.tables
    assert undone.settled[0]
    assert undone.negative[0] >= 1
    on = (np.arange(1, 8)[:, None] >> np.arange(3) & 1).astype(float)

    def height(people):
        expected = matrix[1:, 1:] @ people
        return (expected - seen[1:] * np.log(expected)).sum()

    best = minimize(height, found[0, 1:] + 0.5, method="SLSQP", bounds=[(0, None)] * 7,
                    constraints=[LinearConstraint(on.T, on.T @ seen[1:], on.T @ seen[1:])], options={"ftol": 1e-14,
                                                                                                  "maxiter": 500})
    assert best.success
    np.testing.assert_allclose(found[0, 1:], best.x, atol=2e-3)
    np.testing.assert_allclose(on.T @ found[0, 1:], on.T @ seen[1:], rtol=1e-9)
    assert height(found[0, 1:]) <= best.fun + 1e-9


def test_rates_that_contradict_the_counts_are_refused_and_doubtful_ones_said():
    inside = CaptureHistories.from_counts({"a": 3, "b": 900, ("a", "b"): 400}, lists=["a", "b"])
    with pytest.raises(NoEstimate, match="the rates contradict the counts"):
        link_errors(inside, missed=0.5)
    near = CaptureHistories.from_counts({"a": 15, "b": 900, ("a", "b"): 400}, lists=["a", "b"])
    said = " ".join(link_errors(near, missed=0.07, method="chapman").cautions)
    assert "hardly agree with the counts" in said
    table = linkage_sensitivity(inside, missed=[0.01, 0.5], selection=None).frame
    refused = table[(table["of"] == "missed links") & (table["missed"] == 0.5)].iloc[0]
    assert "contradict" in refused["refusal"]
    assert math.isnan(refused["value"])


# A method that samples answers in seconds, a hundred times over in minutes.
FITTING = [pytest.param(name, marks=[pytest.mark.slow] * ("chains" in row.options)) for name, row in METHODS.items()
           if row.evidence == "CaptureHistories"]


@pytest.mark.parametrize("name", FITTING)
def test_without_errors_every_methods_estimate_is_exactly_the_original(name):
    lists = independent_lists(3000, CHANCES, rng=4)
    strata = CaptureHistories(lists.lists, lists.patterns, np.array([lists.totals // 3, lists.totals -
                              lists.totals // 3]), ("sex",), (("f",), ("m",)), simulated=True)
    shapes = (TWO, lists, strata, CaptureHistories(("2010", "2011", "2012"), lists.patterns, lists.counts),
              independent_lists(3000, {"a 2010": 0.3, "b 2010": 0.25, "a 2011": 0.2, "b 2011": 0.2}, rng=4))
    histories = next(shape for shape in shapes if not METHODS[name].lacks(shape))
    original = linkage_sensitivity(histories, missed=0.1, false=0.0, method=name)
    unchanged = original.frame.iloc[0]
    assert (unchanged["value"], unchanged["lower"], unchanged["upper"]) == (
        original.original.value, original.original.lower, original.original.upper)
    # Where chance plays a part, the seed of the original above is 0.
    found = link_errors(histories, method=name, rng=0)
    assert (found.value, found.lower, found.upper) == (
        original.original.value, original.original.lower, original.original.upper)
    assert found.fingerprint == histories.fingerprint
    assert found.cautions == original.original.cautions


def test_each_pair_of_lists_may_have_its_own_rate():
    histories = independent_lists(4000, CHANCES, rng=6)
    alike = dict.fromkeys(combinations(CHANCES, 2), 0.1)
    assert link_errors(histories, missed=alike, selection=None).value == pytest.approx(
        link_errors(histories, missed=0.1, selection=None).value, rel=1e-12)
    one = corrected_counts(histories, missed={("ngo", "police"): 0.2}).set_index(list(CHANCES))
    kept = one.loc[(False, True, True)]
    assert kept["corrected"] == kept["count"]
    assert one.loc[(True, True, False), "corrected"] > one.loc[(True, True, False), "count"]


def test_the_order_of_lists_changes_nothing():
    histories = badly_linked(independent_lists(3000, CHANCES, rng=6), missed=0.1, rng=1)
    turned = histories.select(["court", "police", "ngo"])
    rates = {"missed": {("police", "ngo"): 0.1, ("ngo", "court"): 0.2}, "false": 0.03}
    assert link_errors(turned, **rates).value == pytest.approx(link_errors(histories, **rates).value, rel=1e-9)
    one, other = (linkage_sensitivity(table).frame["value"] for table in (histories, turned))
    np.testing.assert_allclose(one, other, rtol=1e-7)


def test_the_conclusion_turns_where_algebra_says():
    estimate = lincoln_petersen(TWO)
    found = linkage_sensitivity(TWO, missed=[0.4], false=[0.4], method="lincoln_petersen")
    tips = found.tipping.set_index("of")["rate"]
    assert tips["missed links"] == pytest.approx(1 - estimate.lower / estimate.value, abs=0.4 / 2**12)
    assert tips["false links"] == pytest.approx(1 - estimate.value / estimate.upper, abs=0.4 / 2**12)
    swing = found.swing.set_index("of")
    assert swing.loc["missed links", "lowest"] == pytest.approx(3120 * 0.6, rel=1e-12)
    assert swing.loc["false links", "highest"] == pytest.approx(3120 / 0.6, rel=1e-12)
    assert swing.loc["both", "highest"] == pytest.approx(3120, rel=1e-12)
    held = linkage_sensitivity(TWO, missed=[0.4], false=[0], method="lincoln_petersen", against=2500)
    assert held.tipping_point == pytest.approx(1 - 2500 / 3120, abs=0.4 / 2**12)
    assert "missed links" in held.sentence


def test_corrected_tables_keep_the_lists_sizes():
    histories = badly_linked(independent_lists(5000, {**CHANCES, "asylum": 0.15}, rng=1), missed=0.1, false=0.05, rng=1)
    table = corrected_counts(histories, missed=0.1, false=0.05)
    for name in histories.lists:
        assert table.loc[table[name], "corrected"].sum() == pytest.approx(table.loc[table[name], "count"].sum())
    assert isinstance(table, pd.DataFrame)
    assert (table["corrected"] >= 0).all()


@pytest.mark.parametrize(("options", "said"), [
    ({"missed": 1.0}, "0 to 0.95"), ({"false": -0.1}, "0 to 0.95"), ({"missed": {("police", "x"): 0.1}}, "x"),
    ({"missed": {"police": 0.1}}, "pairs of lists"), ({"missed": {("police", "police"): 0.1}}, "pairs of lists"),
    ({"correction_interval": "exact"}, "correction_interval"), ({"replicates": 1}, "2 replicates"),
    ({"missed": float("nan")}, "0 to 0.95"), ({"missed": [0.1]}, "0 to 0.95"), ({"false": "few"}, "0 to 0.95"),
    ({"method": "none"}, "method is one")])
def test_options_that_make_no_sense_are_refused_in_words(options, said):
    with pytest.raises(ValueError, match=said):
        link_errors(TWO, **options)


def test_eleven_lists_are_too_many():
    many = CaptureHistories.from_counts({str(place): 5 for place in range(11)}, lists=[str(one) for one in range(11)])
    with pytest.raises(ValueError, match="2 to 10 lists, got 11"):
        link_errors(many, missed=0.1)


def test_badly_linked_records_keep_their_lists_and_split_as_expected():
    people = independent_lists(20_000, {**CHANCES, "asylum": 0.3}, rng=3)
    missed = badly_linked(people, missed=0.2, rng=3)
    np.testing.assert_array_equal(np.diag(missed.overlaps()), np.diag(people.overlaps()))
    rates = np.full((4, 4), 0.2)
    np.fill_diagonal(rates, 0.0)
    expected = pieces_of_people(tuple(map(tuple, rates.tolist()))) @ people.dense()
    # Each count is a sum of chances of 1 or less: its variance is below its mean; five standard errors.
    assert (np.abs(missed.dense() - expected) < 5 * np.sqrt(expected + 1)).all()
    false = badly_linked(people, false=0.1, rng=3)
    np.testing.assert_array_equal(np.diag(false.overlaps()), np.diag(people.overlaps()))
    assert false.n_observed < people.n_observed
    assert badly_linked(people).dense().tolist() == people.dense().tolist()
    with pytest.raises(ValueError, match="share"):
        badly_linked(people, false=1.0)


def study(chances, missed, false, tables=40, size=5000, **options):
    rng = np.random.default_rng(7)
    naive, corrected = [], []
    for _ in range(tables):
        observed = badly_linked(independent_lists(size, chances, rng=rng), missed=missed, false=false, rng=rng)
        found = link_errors(observed, missed=missed, false=false, **options)
        naive.append(found.diagnostics["uncorrected"])
        corrected.append(found.value)
    return np.mean(naive), np.mean(corrected), np.std(corrected, ddof=1) / math.sqrt(tables)


@pytest.mark.parametrize(("missed", "false"), [(0.15, 0.0), (0.0, 0.1), (0.15, 0.05)])
def test_the_correction_finds_a_population_of_known_size_from_two_lists(missed, false):
    # Uncorrected the estimate is too large by 1 / (1 - missed) and too small by 1 - false. Chapman has next to no bias.
    naive, corrected, error = study({"police": 0.4, "ngo": 0.3}, missed, false, method="chapman")
    assert abs(naive - 5000 * (1 - false) / (1 - missed)) < 5 * error
    assert abs(corrected - 5000) < 4 * error


@pytest.mark.parametrize(("missed", "false"), [(0.15, 0.0), (0.0, 0.1), (0.1, 0.05)])
def test_the_correction_finds_a_population_of_known_size_from_three_lists(missed, false):
    # What remains of a bias is of second order in the rates: below 1 % here, besides Monte Carlo error.
    naive, corrected, error = study(CHANCES, missed, false, selection=None, interval="wald")
    assert abs(corrected - 5000) < 4 * error + 0.01 * 5000
    assert (naive - 5000) * (missed - false) > 0
    assert abs(naive - 5000) > 3 * abs(corrected - 5000)


def test_the_bootstrap_of_the_correction_is_wider_and_the_same_for_the_same_seed():
    observed = badly_linked(independent_lists(3000, CHANCES, rng=8), missed=0.2, rng=8)
    options = {"missed": 0.2, "selection": None, "interval": "wald"}
    short = link_errors(observed, **options)
    wide = link_errors(observed, **options, correction_interval="bootstrap", replicates=300, rng=1)
    assert wide.value == short.value
    assert wide.se > short.se
    assert wide.draws.values.size == 300
    again = link_errors(observed, **options, correction_interval="bootstrap", replicates=300, rng=1)
    assert (again.lower, again.upper) == (wide.lower, wide.upper)
    assert any("correction_interval='bootstrap'" in caution for caution in short.cautions)
    assert not any("correction_interval='bootstrap'" in caution for caution in wide.cautions)


@pytest.mark.slow
def test_the_bootstrap_of_the_correction_covers_as_often_as_it_says():
    rng, covered, narrow, trials = np.random.default_rng(9), 0, 0, 200
    for _ in range(trials):
        observed = badly_linked(independent_lists(3000, CHANCES, rng=rng), missed=0.2, rng=rng)
        options = {"missed": 0.2, "selection": None, "interval": "log-normal"}
        found = link_errors(observed, **options, correction_interval="bootstrap", replicates=200, rng=rng)
        alone = link_errors(observed, **options)
        covered += found.lower <= 3000 <= found.upper
        narrow += alone.lower <= 3000 <= alone.upper
    # 95 % of 200, give or take four standard errors of a binomial share.
    assert abs(covered / trials - 0.95) < 4 * math.sqrt(0.95 * 0.05 / trials)
    assert narrow <= covered


def test_other_methods_are_given_whole_people():
    observed = badly_linked(independent_lists(5000, CHANCES, rng=2), missed=0.1, rng=2)
    found = link_errors(observed, missed=0.1, method="sample_coverage")
    assert "rounded to whole people" in " ".join(found.cautions)
    assert found.value < found.diagnostics["uncorrected"]
    assert found.observed == int(found.observed)
    strata = CaptureHistories(observed.lists, observed.patterns,
                              np.array([observed.totals // 3, observed.totals - observed.totals // 3]),
                              ("sex",), (("f",), ("m",)), simulated=True)
    assert link_errors(strata, missed=0.1, method="stratified").value < loglinear(observed).value * 1.2
