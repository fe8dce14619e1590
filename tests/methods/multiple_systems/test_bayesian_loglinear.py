"""Averaging over hierarchical log-linear models: against other ways to the same posterior, and what it refuses."""

import math
import pickle
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from importance_sampling import averaged
from scipy.special import gammaincc
from scipy.stats import poisson

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.kernels.censored_counts import at_most, draw_at_most
from smuggling_analysis.methods.multiple_systems import (
    bayesian_loglinear,
    bayesian_loglinear_chains,
    bayesian_thresholding,
    drawn_from_prior,
)
from smuggling_analysis.simulate import dependent_lists, independent_lists

PRIORS = ["unit_information", "shrinkage"]
HAV_LISTS = ["P", "Q", "E"]


def probabilities(made, interactions):
    """The chains' model probabilities by which of the interactions are in, and the errors of Monte Carlo."""
    return {tuple(int(name in row.model.split(", ")) for name in interactions): (row.probability, row.mcse)
            for row in made.models.itertuples()}


def require_same(exact, error, made, interactions):
    """Model probabilities of both sides within four Monte Carlo standard errors."""
    ours = probabilities(made, interactions)
    for picked, chance in exact.items():
        own, mcse = ours.get(picked, (0.0, 1e-3))
        assert abs(own - chance) < 4 * math.hypot(max(mcse, 1e-3), 2 * error * chance), picked


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("table", ["HAV", "diabetes"])
def test_three_lists_have_the_models_that_importance_sampling_finds(capture_table, table, prior):
    histories = capture_table(table)
    histories = histories.select(sorted(histories.lists)[:3])
    known = np.array(["unseen"] + ["counted"] * 7)
    pairs = list(combinations(range(3), 2))
    exact, error, people = averaged(histories.dense().astype(float), known, [2] * 3, [(0,), (1,), (2,)], pairs, prior)
    made = bayesian_loglinear_chains(histories, prior=prior, draws=5000, rng=1)
    require_same(exact, error, made, [" x ".join(histories.lists[place] for place in pair) for pair in pairs])
    unseen = made.values - histories.n_observed
    assert unseen.mean() == pytest.approx(people, abs=4 * made.frame()["mcse_mean"][0] + 8 * error * people)


@pytest.mark.parametrize("prior", PRIORS)
def test_a_covariate_of_three_levels_has_the_models_that_importance_sampling_finds(prior):
    rng = np.random.default_rng(4)
    rows = [(*on, level, count) for level, size in [("x", 900), ("y", 500), ("z", 300)]
            for on, count in zip([(1, 0), (0, 1), (1, 1)],
                                 rng.multinomial(size, [0.25, 0.1, 0.03, 0.62])[:3], strict=True)]
    rows[0] = (*rows[0][:3], rows[0][3] + 100)
    table = pd.DataFrame(rows, columns=["a", "b", "c", "count"])
    histories = CaptureHistories.from_table(table, lists=["a", "b"], strata=["c"])
    counts = np.array([[0, *(table.query(f"c == '{level}' and a == {a} and b == {b}")["count"].item()
                             for a, b in [(1, 0), (0, 1), (1, 1)])] for level in "xyz"], dtype=float).ravel()
    known = np.array(["unseen", "counted", "counted", "counted"] * 3)
    exact, error, people = averaged(counts, known, [2, 2, 3], [(0,), (1,), (2,)], [(0, 2), (1, 2)], prior)
    made = bayesian_loglinear_chains(histories, prior=prior, covariates=["c"], draws=5000, rng=1)
    require_same(exact, error, made, ["a x c", "b x c"])
    unseen = made.values - histories.n_observed
    assert unseen.mean() == pytest.approx(people, abs=4 * made.frame()["mcse_mean"][0] + 8 * error * people)
    assert np.array_equal(sum(made.strata.values()), made.values)


@pytest.mark.parametrize("prior", PRIORS)
def test_an_over_covering_list_has_the_models_that_importance_sampling_finds(prior):
    histories = dependent_lists(2000, {"a": 0.3, "b": 0.2, "c": 0.25}, {("a", "b"): 3.0}, rng=1)
    counts = histories.dense().astype(float)
    counts[4] += 150  # on c alone, and not of the population
    over = histories.with_counts([counts[histories.patterns @ (1 << np.arange(3))]])
    known = np.array(["unseen", "counted", "counted", "counted", "censored", "counted", "counted", "counted"])
    exact, error, people = averaged(counts, known, [2] * 3, [(0,), (1,), (2,)], [(0, 1), (0, 2), (1, 2)], prior,
                                    draws=30_000)
    assert error < 0.06
    made = bayesian_loglinear_chains(over, prior=prior, over_covering=["c"], draws=5000, rng=1)
    require_same(exact, error, made, ["a x b", "a x c", "b x c"])
    uncertain = made.values - (over.n_observed - counts[4])
    assert uncertain.mean() == pytest.approx(people, abs=4 * made.frame()["mcse_mean"][0] + 8 * error * people)


def test_an_over_covering_list_counts_nobody_for_certain():
    histories = dependent_lists(2000, {"a": 0.3, "b": 0.2, "c": 0.25}, {("a", "b"): 3.0}, rng=1)
    on_c_alone = int(histories.dense()[4])
    found = bayesian_loglinear(histories, over_covering=("c",), rng=1)
    assert found.observed == histories.n_observed - on_c_alone
    assert any("also hold people outside the population" in caution for caution in found.cautions)
    belong = bayesian_loglinear_chains(histories, over_covering=("c",), rng=1).others[
        "of the population, on over-covering lists alone"]
    assert belong.min() >= 0
    assert belong.max() <= on_c_alone


@pytest.mark.parametrize("most", [1, 5, 100, 1000, 1001, 10**5, 10**9])
@pytest.mark.parametrize("share", [1e-3, 0.3, 0.49, 0.51, 0.99, 1.0, 1.02, 3.0, 100.0])
def test_the_chance_of_a_censored_count_is_that_of_scipy(most, share):
    ours, slope, curvature = at_most(float(most), math.log(most * share))
    upper = gammaincc(most + 1, most * share)
    if upper > 1e-290:
        theirs = math.log(upper) if upper < 0.9 else poisson.logcdf(most, most * share)
        assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-12)
    step = 1e-4 / math.sqrt(most)
    above, below = (at_most(float(most), math.log(most * share) + side * step) for side in (1, -1))
    assert slope == pytest.approx((below[0] - above[0]) / (2 * step), rel=1e-2, abs=1e-4)
    assert curvature >= 0


@pytest.mark.parametrize(("most", "mean"), [(50, 80.0), (50, 40.0), (2000, 2300.0), (3, 1e6)])
def test_draws_of_a_censored_count_follow_the_cut_poisson_distribution(most, mean):
    rng = np.random.default_rng(1)
    drawn = np.array([draw_at_most(float(most), math.log(mean), rng) for _ in range(4000)])
    every = np.arange(most + 1)
    logs = poisson.logpmf(every, mean)
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    expected = chances @ every
    sd = math.sqrt(chances @ (every - expected) ** 2)
    assert drawn.max() <= most
    assert abs(drawn.mean() - expected) < 4 * sd / math.sqrt(4000) + 1e-9


def test_orders_above_two_keep_the_hierarchy(capture_table):
    made = bayesian_loglinear_chains(capture_table("HAV"), max_order=9, rng=1)
    assert len(made.interactions) == 3  # what all three lists share is in no model
    four = independent_lists(4000, {"a": 0.3, "b": 0.3, "c": 0.2, "d": 0.2}, rng=1)
    made = bayesian_loglinear_chains(four, max_order=3, draws=1000, rng=1)
    inside = dict(zip(made.interactions["interaction"], made.interactions["probability"], strict=True))
    assert len(inside) == 10
    assert all(inside[triple] <= min(inside[" x ".join(pair)] for pair in combinations(triple.split(" x "), 2)) + 1e-12
               for triple in inside if triple.count(" x ") == 2)


@pytest.mark.parametrize("prior", PRIORS)
def test_five_lists_mix(capture_table, prior):
    made = bayesian_loglinear_chains(capture_table("UKdat_5"), prior=prior, rng=3)
    assert made.rhat < 1.01
    assert min(made.ess_bulk, made.ess_tail) > 400


def test_the_estimate_holds_models_interactions_and_other_priors(capture_table):
    found = bayesian_loglinear(capture_table("UKdat_5"), rng=1)
    told = found.diagnostics
    assert {"mean", "sd", "rhat", "ess_bulk", "ess_tail", "mcse_mean", "chains", "draws_per_chain"} <= set(told)
    assert told["models"][0]["probability"] >= told["models"][1]["probability"] > told["models"][1]["mcse"] > 0
    assert [row["interaction"] for row in told["interactions"]][:2] == ["GO x GP", "GO x LA"]
    assert any("the prior matters" in caution for caution in found.cautions)
    assert found.lower < told["under_a_wider_prior"] < found.value < told["under_a_narrower_prior"] < found.upper


def test_weighting_by_another_prior_agrees_with_running_under_it(capture_table, monkeypatch):
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical import averaging
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import PRIORS as table
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import Prior

    histories = capture_table("HAV")
    told = bayesian_loglinear(histories, prior="shrinkage", draws=5000, rng=1).diagnostics
    # One observation more that the variance is small is a shape larger by one.
    monkeypatch.setattr(averaging, "PRIORS", {**table, "narrower": Prior("narrower", shape=1.0005, scale=0.0005)})
    narrower = bayesian_loglinear(histories, prior="narrower", draws=5000, rng=2)
    assert told["under_a_narrower_prior"] == pytest.approx(narrower.value, rel=0.05)


def test_covariates_give_strata_that_add_up_to_the_population(covariate_table):
    histories = CaptureHistories.from_table(covariate_table("ScotPWID"), lists=["S1", "S2", "S3", "S4"],
                                            strata=["region", "sex", "age"])
    found = bayesian_loglinear(histories, covariates=["sex", "region"], draws=500, rng=1)
    strata = found.diagnostics["strata"]
    assert len(strata) == 4
    assert sum(one["value"] for one in strata.values()) == pytest.approx(found.value, rel=0.05)
    assert any("age were added together" in caution for caution in found.cautions)


def test_the_chains_survive_a_pickle(capture_table):
    made = bayesian_loglinear_chains(capture_table("HAV"), draws=200, rng=1)
    again = pickle.loads(pickle.dumps(made))
    assert np.array_equal(made.values, again.values)
    assert made.models.equals(again.models)
    with pytest.raises(ValueError, match="read-only"):
        made.visited[0, 0] = 1


def test_the_thresholding_prior_is_the_other_estimator(capture_table):
    options = {"draws": 300, "burn_in": 200, "rng": 1}
    try:
        other = bayesian_thresholding(capture_table("UKdat_5"), **options)
    except NoEstimate as refused:
        with pytest.raises(NoEstimate, match=refused.reason[:20]):
            bayesian_loglinear(capture_table("UKdat_5"), prior="thresholding", **options)
    else:
        assert bayesian_loglinear(capture_table("UKdat_5"), prior="thresholding", **options).value == other.value
    with pytest.raises(ValueError, match="max_order=2"):
        bayesian_loglinear(capture_table("UKdat_5"), prior="thresholding", max_order=3)


def test_a_prior_that_decides_is_refused(capture_table):
    with pytest.raises(NoEstimate, match="the prior decides"):
        bayesian_loglinear(capture_table("Ned_5"), rng=1)


def test_weights_that_leave_hardly_a_draw_give_no_figure_under_that_prior():
    """One draw holds nearly all the weight under the wider prior: its population is chance, and must not refuse."""
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.prior_dominance import dominance
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import PRIORS as table
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.sampling import Sampled

    squares = np.ones((1, 1000))
    squares[0, 7] = 200.0
    totals = np.full((1, 1000, 1), 500.0)
    totals[0, 7, 0] = 9000.0
    sampled = Sampled(totals, totals[..., 0], squares.astype(int), np.full((1, 1000), 3.0), squares, squares, squares,
                      0.0)
    found = dominance(sampled, table["unit_information"])
    assert (found.narrower, found.wider) == (500.0, None)
    found.require_data()
    assert found.cautions() == ("what a wider prior would do cannot be told from these draws: it would lead to models "
                                "and coefficients that they hardly hold",)


def test_lists_that_share_nobody_are_refused():
    apart = CaptureHistories.from_counts({"a": 100, "b": 80, "c": 60}, lists=["a", "b", "c"])
    with pytest.raises(NoEstimate, match="nobody is on two lists"):
        bayesian_loglinear(apart)
    alone = CaptureHistories.from_counts({"a": 100}, lists=["a", "b"])
    with pytest.raises(NoEstimate, match="takes two lists"):
        bayesian_loglinear(alone)


def test_an_improper_posterior_is_refused():
    histories = CaptureHistories.from_counts({"b": 80, "c": 60, ("b", "c"): 5, "a": 0}, lists=["a", "b", "c"])
    with pytest.raises(NoEstimate, match="improper"):
        bayesian_loglinear(histories, over_covering=["b", "c"])


def test_chains_that_have_not_mixed_are_refused(capture_table):
    with pytest.raises(NoEstimate, match=r"independent draws|did not agree"):
        bayesian_loglinear(capture_table("NewOrl"), chains=1, draws=100, burn_in=0, rng=1)


def test_a_covariate_that_was_not_recorded_for_everybody_is_refused(covariate_table):
    histories = CaptureHistories.from_table(covariate_table("AII"), lists=["A", "B"], strata=["X1", "X2"],
                                            partly_recorded=["X1", "X2"])
    with pytest.raises(NoEstimate, match="not recorded for everybody"):
        bayesian_loglinear(histories, covariates=["X1"])


@pytest.mark.parametrize(("options", "words"), [
    ({"prior": "flat"}, "prior is one of"), ({"max_order": 0}, "1 or more"), ({"draws": 10}, "100 draws"),
    ({"covariates": ["sex"]}, "not among them: sex"), ({"covariates": "sex"}, "groups of names"),
    ({"over_covering": ["x"]}, "not among them: x"), ({"over_covering": HAV_LISTS}, "every list")])
def test_options_that_make_no_sense_are_refused(capture_table, options, words):
    with pytest.raises(ValueError, match=words):
        bayesian_loglinear(capture_table("HAV"), **options)


def test_too_many_interactions_are_refused():
    many = independent_lists(5000, {f"list {place}": 0.1 for place in range(12)}, rng=1)
    with pytest.raises(ValueError, match="66 interactions"):
        bayesian_loglinear(many)


def test_counts_of_a_billion_beside_counts_of_one_give_numbers():
    uneven = CaptureHistories.from_counts(
        {"a": 10**9, "b": 1, ("a", "b"): 1, "c": 3, ("a", "c"): 10**6, ("b", "c"): 2}, lists=["a", "b", "c"])
    made = bayesian_loglinear_chains(uneven, rng=1)
    assert np.isfinite(made.values).all()
    assert made.values.min() >= uneven.n_observed


def test_the_interval_holds_the_size_of_simulated_populations():
    sizes = []
    for seed in range(8):
        histories = dependent_lists(3000, {"a": 0.3, "b": 0.25, "c": 0.2, "d": 0.2}, {("a", "b"): 3.0}, rng=seed)
        found = bayesian_loglinear(histories, draws=500, burn_in=200, rng=seed)
        sizes.append(found.value)
        assert found.lower * 0.9 < 3000 < found.upper * 1.1
    assert np.mean(sizes) == pytest.approx(3000, rel=0.05)


def ranks(replicates, draws, **options):
    """Ranks of the truth among the draws, as shares, over tables from the prior; refused tables are left out."""
    found = []
    for seed in range(replicates):
        size, histories = drawn_from_prior(400, ["a", "b", "c"], rng=seed, **options)
        try:
            made = bayesian_loglinear_chains(histories, chains=1, draws=draws, burn_in=100, rng=seed, **options)
        except NoEstimate:
            continue
        rng = np.random.default_rng(seed)
        found.append((made.values < size).mean() + rng.random() * (made.values == size).mean())
    return np.array(found)


def uniform(found, bins):
    counts = np.histogram(found, bins=bins, range=(0, 1))[0]
    return ((counts - len(found) / bins) ** 2 / (len(found) / bins)).sum()


def test_the_truth_ranks_anywhere_among_the_draws():
    # The 99.9 % point of chi-square with 4 degrees of freedom is 18.5.
    assert uniform(ranks(150, 200), 5) < 18.5


@pytest.mark.slow
def test_simulation_based_calibration():
    found = ranks(1500, 400)
    # The 99.9 % point of chi-square with 19 degrees of freedom is 43.8.
    assert len(found) > 1000
    assert uniform(found, 20) < 43.8


@pytest.mark.slow
def test_the_interval_covers_as_often_as_it_says():
    inside = []
    for seed in range(200):
        histories = dependent_lists(2000, {"a": 0.3, "b": 0.25, "c": 0.2, "d": 0.2},
                                    {("a", "b"): 3.0, ("c", "d"): 0.5}, rng=seed)
        found = bayesian_loglinear(histories, draws=400, burn_in=100, rng=seed)
        inside.append(found.lower <= 2000 <= found.upper)
    assert np.mean(inside) > 0.9
