"""Branch and bound, held to visiting every model; and what a search says of itself."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import (
    loglinear,
    loglinear_models,
    model_average,
    search_models,
)
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import term_table
from smuggling_analysis.methods.multiple_systems.search import model_search
from smuggling_analysis.simulate import independent_lists

# Models of equal fit differ in the last bits, and so may fall on either side of the edge.
EDGE = 1e-7
NEW_ORLEANS = {
    "A": 25, ("A", "C"): 1, ("A", "D"): 2, ("A", "E"): 1, ("A", "C", "G"): 1, ("A", "D", "E"): 1, "B": 5,
    ("B", "F"): 1, "C": 70, ("C", "D"): 1, ("C", "E"): 1, ("C", "G"): 1, "D": 33, ("D", "E"): 2, "E": 6,
    ("E", "H"): 1, "F": 6, "G": 6, "H": 21}


@pytest.fixture(scope="module")
def new_orleans():
    """Bales, Murphy and Silverman (2020): eight lists, 185 people, as in data/raw/new-orleans."""
    return CaptureHistories.from_counts(NEW_ORLEANS, lists=list("ABCDEFGH"))


def every_score(histories, order, criterion):
    models = hierarchical_models(histories.n_lists, order)
    fits = fit_terms(histories.dense(), term_table(models))
    found = np.where(fits.estimable, getattr(fits, criterion), math.inf)
    return {model.notation: score for model, score in zip(models, found.tolist(), strict=True)}


def assert_same_as_visiting_all(histories, order, criterion, reach):
    known = every_score(histories, order, criterion)
    best = min(known.values())
    table = search_models(histories, max_order=order, criterion=criterion, reach=reach)
    if math.isinf(best):
        assert len(table) == 0
        return
    found = dict(zip((model.notation for model in table.models), getattr(table.fits, criterion), strict=True))
    assert table.search.certified
    assert {name for name, score in known.items() if score <= best + reach - EDGE} <= set(found)
    for name, score in found.items():
        assert score == pytest.approx(known[name], rel=1e-9)
        assert score <= best + reach + EDGE


@pytest.mark.parametrize("criterion", ["bic", "aic"])
@pytest.mark.parametrize(("name", "order"), [
    ("UKdat_5", 4), ("UKdat_5", 2), ("Ned_5", 4), ("Ned_5", 2), ("NewOrl_5", 4), ("NewOrl_5", 2), ("Kosovo", 3),
    ("Kosovo", 2), ("lesbian", 3), ("Artificial_3", 2), ("seber", 1), ("UKdat", 2), ("Ned", 2)])
def test_the_search_finds_what_visiting_every_model_finds(name, order, criterion, capture_table):
    reach = {"bic": 10.0, "aic": 6.0}[criterion]
    assert_same_as_visiting_all(capture_table(name), order, criterion, reach)


def random_histories(n_lists, rng):
    """Sparse or full, with dependence, sometimes an empty list, twin lists or a huge count."""
    chances = rng.dirichlet(np.full(2**n_lists, rng.choice([0.03, 0.1, 0.3, 1.0])))
    cells = rng.poisson(10.0 ** rng.uniform(0.5, 3.5) * chances)
    every = np.arange(2**n_lists)
    kind = rng.integers(6)
    if kind == 0:
        cells[(every & 1) > 0] = 0
    if kind == 1:
        cells[(every & 1) != (every >> 1 & 1)] = 0
    if kind == 2:
        cells[rng.integers(1, 2**n_lists)] = 10**9
    cells[1] += cells[1:].sum() == 0
    lists = [f"list {place}" for place in range(n_lists)]
    return CaptureHistories.from_counts(
        {tuple(lists[place] for place in range(n_lists) if cell >> place & 1): int(cells[cell])
         for cell in every[1:] if cells[cell]}, lists=lists)


@pytest.mark.parametrize("seed", range(24))
def test_the_search_finds_what_visiting_every_model_finds_on_random_tables(seed):
    rng = np.random.default_rng(seed)
    n_lists = 5 if seed % 4 == 0 else int(rng.integers(3, 5))
    histories = random_histories(n_lists, rng)
    order = int(rng.integers(2, n_lists))
    criterion = ["bic", "aic"][seed % 2]
    assert_same_as_visiting_all(histories, order, criterion, [0.0, 3.0, 10.0][seed % 3])


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 5, 40, 10**9]), min_size=15, max_size=15))
def test_tables_of_any_kind_are_searched_as_they_are_visited(counts):
    lists = list("abcd")
    held = {tuple(lists[place] for place in range(4) if cell >> place & 1): count
            for cell, count in enumerate(counts, start=1) if count}
    if held:
        assert_same_as_visiting_all(CaptureHistories.from_counts(held, lists=lists), 3, "bic", 10.0)


@pytest.mark.slow
def test_six_lists_of_any_order_searched_as_visited(capture_table):
    """All 7,785,061 models, about three minutes on two cores."""
    histories = capture_table("UKdat")
    every = search_models(histories, exhaustive=True, n_jobs=2)
    found = search_models(histories)
    assert every.search.visited == 7_785_061
    pd.testing.assert_frame_equal(found.frame, every.frame)


def test_exhaustive_visits_every_model(capture_table):
    for name, number in (("UKdat_5", 6893), ("Kosovo", 113)):
        every, found = search_models(capture_table(name), exhaustive=True), search_models(capture_table(name))
        assert every.search.visited == number
        assert found.search.visited < number / 2
        pd.testing.assert_frame_equal(every.frame, found.frame)
    with pytest.raises(ValueError, match="up to 6 lists, there are 8"):
        search_models(independent_lists(400, dict.fromkeys("abcdefgh", 0.2), rng=1), exhaustive=True)


def test_eight_lists_of_new_orleans(new_orleans, figures):
    """Certain among 268,435,456 two-list models; five lists of the eight are the reference's table."""
    five = new_orleans.merge(list("BEFG"), "BEFG").select(["A", "BEFG", "C", "D", "H"])
    reference = figures("SparseMSE", "NewOrl_5__main.json")["estimate"][1]
    assert loglinear(five, selection=None, interval="wald").value == pytest.approx(reference, rel=1e-8)
    table = loglinear_models(new_orleans)
    assert table.search.certified
    assert table.search.visited < 10_000
    frame = table.frame.set_index("model")
    # The model of forward steps is the best of all by BIC, and independence close behind.
    steps = loglinear(new_orleans, selection="stepwise", interval="wald")
    assert table.frame["model"][0] == steps.diagnostics["model"] == "[45,1,2,3,6,7,8]"
    assert frame.loc["[1,2,3,4,5,6,7,8]", "bic"] - frame["bic"].iloc[0] < 10
    assert "decides much" in " ".join(table.cautions)
    # A wider search over all orders holds the narrower one's models.
    wider = search_models(new_orleans)
    assert wider.search.certified and wider.max_order == 7
    assert set(table.frame["model"]) <= set(wider.frame["model"])


def test_a_search_that_cannot_finish_says_so_and_its_floor_holds(new_orleans):
    whole = search_models(new_orleans, max_order=2, criterion="aic", reach=2.0)
    assert whole.search.certified and whole.search.cautions == ()
    short = search_models(new_orleans, max_order=2, criterion="aic", reach=2.0, budget=0.02)
    assert not short.search.certified
    best = whole.fits.aic.min()
    assert short.search.floor <= best <= short.fits.aic.min()
    (said,) = short.search.cautions
    assert f"the AIC of such a model is at least {short.search.floor:,.1f}" in said
    assert said in short.cautions
    assert "unfinished search" in repr(short)
    # Small steps lead to the best here all the same.
    assert short.fits.aic.min() == pytest.approx(best)


def test_the_answer_depends_neither_on_workers_nor_on_the_order_of_lists(new_orleans):
    one, two = (search_models(new_orleans, n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert one.search == two.search
    turned = search_models(new_orleans.select(list("HCAGDBFE")))
    assert len(turned) == len(one)
    assert turned.search.certified
    np.testing.assert_allclose(np.sort(turned.fits.bic), np.sort(one.fits.bic), rtol=1e-10)
    np.testing.assert_allclose(np.sort(turned.fits.value), np.sort(one.fits.value), rtol=1e-7)


def test_every_order_of_lists_gives_the_same_unfinished_search():
    lists = list("abcd")
    rng = np.random.default_rng(3)
    histories = CaptureHistories.from_counts(
        {tuple(name for place, name in enumerate(lists) if cell >> place & 1): int(rng.integers(1, 60))
         for cell in range(1, 16)}, lists=lists)
    found = set()
    for order in permutations(lists):
        table = search_models(histories.select(order), budget=1e-9)
        assert not table.search.certified
        found.add((table.search.visited, round(float(table.fits.value[0]), 6)))
    assert len(found) == 1


def test_choices_of_loglinear_say_how_they_were_searched(new_orleans):
    estimate = loglinear(new_orleans, interval="log-normal")
    told = estimate.diagnostics
    assert told["search_certified"] and told["models_visited"] < 10_000 < told["branches_closed"]
    assert told["no_unvisited_model_below"] == pytest.approx(told["bic"] + 10)
    assert told["models_near_best"] == len(loglinear_models(new_orleans))
    by_aic = loglinear(new_orleans, selection="aic", interval="log-normal").diagnostics
    assert by_aic["search_certified"] and by_aic["aic"] < told["aic"]


def test_a_bootstrap_repeats_the_choice_among_the_best_and_their_neighbours(new_orleans):
    asked = {"interval": "bca", "replicates": 60, "rng": 4}
    one, two = (loglinear(new_orleans, n_jobs=jobs, **asked) for jobs in (1, 2))
    assert (one.lower, one.upper) == (two.lower, two.upper)
    assert one.diagnostics["models_per_replicate"] == 200
    assert "each choosing among the 200 models best on the table" in one.interval
    assert len(one.diagnostics["models_chosen"]) > 3


def test_six_lists_of_any_order_are_searched_on_request(capture_table):
    table = loglinear_models(capture_table("UKdat"), max_order=5)
    assert table.search.certified
    assert table.frame["model"][0] == "[12,13,25,35,36,45]"
    narrower = loglinear_models(capture_table("UKdat")).frame
    near = narrower[narrower["bic"] <= narrower["bic"][0] + 10 - EDGE].set_index("model")
    searched = table.frame.set_index("model")["value"]
    np.testing.assert_allclose(near["value"], searched.loc[near.index], rtol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_seven_to_ten_lists_of_any_kind_give_an_estimate_or_a_reason(seed, monkeypatch):
    monkeypatch.setattr(model_search, "BUDGET", 0.3)
    rng = np.random.default_rng(100 + seed)
    n_lists = 7 + seed % 4
    cells = rng.poisson(rng.gamma(0.2, 6, size=2**n_lists) * (rng.random(2**n_lists) < 8 / 2**n_lists))
    every = np.arange(2**n_lists)
    if seed % 3 == 0:
        cells[(every & 1) > 0] = 0
    if seed % 3 == 1:
        cells[(every & 1) != (every >> 1 & 1)] = 0
    cells[[1, 3]] += 1 + (10**9 if seed % 4 == 0 else 0)
    lists = [f"l{place}" for place in range(n_lists)]
    histories = CaptureHistories.from_counts(
        {tuple(lists[place] for place in range(n_lists) if cell >> place & 1): int(cells[cell])
         for cell in every[1:] if cells[cell]}, lists=lists)
    try:
        table = search_models(histories, max_order=2, budget=0.3, reach=2.0)
        estimate = loglinear(histories, interval="log-normal")
    except NoEstimate as refusal:
        estimate, needed = None, refusal.needed
    if estimate is None:
        assert needed
    else:
        assert np.isfinite(table.fits.value).all()
        assert (table.fits.value >= histories.n_observed).all()
        assert histories.n_observed <= estimate.lower <= estimate.value <= estimate.upper


def test_lists_that_share_nobody_are_refused_without_a_search():
    apart = CaptureHistories.from_counts(dict.fromkeys("abcdefg", 20), lists=list("abcdefg"))
    for method in (loglinear, model_average):
        with pytest.raises(NoEstimate, match="the independent lists have none"):
            method(apart)
    table = loglinear_models(apart)
    assert len(table) == 0 and table.search.certified and table.search.visited == 1
    assert table.search.cautions == ("no model has a maximum likelihood estimate on this table",)


@pytest.mark.parametrize(("options", "said"), [
    ({"criterion": "hqc"}, "criterion is one of aic, bic"), ({"reach": -1.0}, "0 or more, got -1"),
    ({"reach": math.inf}, "0 or more, got inf"), ({"budget": 0.0}, "above 0"), ({"max_order": 0}, "1 or more")])
def test_options_that_make_no_sense_are_refused(options, said, capture_table):
    with pytest.raises(ValueError, match=said):
        search_models(capture_table("Kosovo"), **options)


def test_one_list_is_refused():
    with pytest.raises(NoEstimate, match="one list"):
        search_models(CaptureHistories.from_counts({"a": 5}, lists=["a"]))
