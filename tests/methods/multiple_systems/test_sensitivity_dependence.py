"""The dependence band: held to closed forms, to another implementation, and to populations of known size."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom, chi2

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import (
    assumed_away,
    chapman,
    dependence_band,
    lincoln_petersen,
    loglinear,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.adjusted_tables import rounded
from smuggling_analysis.methods.multiple_systems.sensitivity.odds_ratios import ODDS_RATIOS
from smuggling_analysis.simulate import dependent_lists

# Saturated models leave statsmodels no degree of freedom for its scale, which nothing here reads.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels", "ignore:Perfect separation")
TABLES = Path(__file__).parents[2] / "published" / "capture_tables"


def table(name):
    return CaptureHistories.from_table(pd.read_csv(TABLES / f"{name}.csv"))


def two(first=60, second=40, both=12):
    return CaptureHistories.from_counts({"police": first, "ngo": second, ("police", "ngo"): both},
                                        lists=["police", "ngo"])


def three():
    return CaptureHistories.from_counts(
        {"a": 600, "b": 400, "c": 300, ("a", "b"): 120, ("a", "c"): 90, ("b", "c"): 50, ("a", "b", "c"): 30},
        lists=["a", "b", "c"])


# Two lists: the closed form


@pytest.mark.parametrize("ratio", [0.1, 0.7, 2.0, 10.0])
@pytest.mark.parametrize(("method", "unseen"), [
    ("lincoln_petersen", 60 * 40 / 12), ("chapman", 60 * 40 / 13), ("loglinear", 60 * 40 / 12)])
def test_two_lists_have_the_odds_ratio_times_the_unseen(method, unseen, ratio):
    band = dependence_band(two(), method=method, odds_ratios=[ratio]).frame.set_index("odds_ratio")
    assert band.loc[ratio, "value"] == pytest.approx(112 + ratio * unseen, rel=1e-10)


@pytest.mark.parametrize("method", ["lincoln_petersen", "chapman"])
def test_two_lists_have_their_limits_scaled_alike(method):
    original = {"lincoln_petersen": lincoln_petersen, "chapman": chapman}[method](two())
    row = dependence_band(two(), method=method, odds_ratios=[3.0]).frame.iloc[-1]
    assert row["lower"] - 112 == pytest.approx(3 * (original.lower - 112), rel=1e-12)
    assert row["upper"] - 112 == pytest.approx(3 * (original.upper - 112), rel=1e-12)


@pytest.mark.parametrize("method", ["lincoln_petersen", "chapman", "loglinear"])
@pytest.mark.parametrize("against", [150.0, 400.0, 1500.0])
def test_the_tipping_point_of_two_lists_is_where_arithmetic_puts_it(method, against):
    band = dependence_band(two(), method=method, against=against)
    expected = (against - 112) / (band.original.value - 112)
    assert band.tipping_point == pytest.approx(expected, rel=1e-10)
    assert (band.tips["police and ngo"].below is None) == (expected > 1)


def test_without_a_number_to_hold_against_the_interval_is_left_on_both_sides():
    band = dependence_band(two())
    unseen = band.original.value - 112
    tips = band.tips[band.lists]
    assert tips.below == pytest.approx((band.original.lower - 112) / unseen, rel=1e-10)
    assert tips.above == pytest.approx((band.original.upper - 112) / unseen, rel=1e-10)
    assert band.tipping_point == min(tips.below, tips.above, key=lambda tip: abs(math.log(tip)))


def test_a_number_out_of_reach_is_never_crossed_and_the_sentence_says_so():
    band = dependence_band(two(), against=1e6)
    assert band.tipping_point is None
    assert not band.turned
    assert "does not cross 1,000,000 at any odds ratio from 1/10 to 10" in str(band)


# Log-linear models: the offset


@pytest.mark.parametrize("name", ["UKdat_5", "Kosovo", "NewOrl_5"])
def test_every_point_of_the_band_is_statsmodels_fit_with_the_offset(name):
    histories = table(name)
    band = dependence_band(histories, odds_ratios=[0.2, 0.8, 3.0])
    pair, cells = band.lists.split(" and "), histories.dense().astype(float)
    terms = np.array(terms_of(histories, band.original.diagnostics["model"]))
    every = np.arange(cells.size)
    held = (every[:, None] & terms) == terms
    empty = [term for term in terms if not cells[(every & term) == term][(every > 0)[(every & term) == term]].any()]
    kept = (every > 0) & ~np.any([(every & term) == term for term in empty] or [every < 0], axis=0)
    columns = [place for place, term in enumerate(terms) if term not in empty]
    both = np.all([every >> histories.lists.index(one) & 1 for one in pair], axis=0)
    for row in band.band.to_dict("records"):
        offset = math.log(row["odds_ratio"]) * both
        found = sm.GLM(cells[kept], held[np.ix_(kept, columns)].astype(float), family=sm.families.Poisson(),
                       offset=offset[kept]).fit(tol=1e-14, maxiter=300)
        assert row["value"] == pytest.approx(histories.n_observed + math.exp(found.params[0]), rel=1e-8)
        assert row["deviance"] == pytest.approx(found.deviance, abs=1e-7)


def terms_of(histories, notation):
    from smuggling_analysis.methods.multiple_systems import Model

    return Model.parse(notation, histories.lists).terms


def test_the_limits_are_where_the_profile_likelihood_has_fallen_as_far_as_chi_squared_lets_it():
    histories, ratio = three(), 3.0
    row = dependence_band(histories, pair=("a", "b"), odds_ratios=[ratio], model="[1,2,3]").frame.iloc[-1]

    def height(size):
        # Multinomial: the completed table's Poisson fit at its total, with the coefficient of the unseen.
        cells = histories.dense().astype(float)
        cells[0] = size - histories.n_observed
        every = np.arange(8)
        design = np.column_stack([np.ones(8), *((every >> place) & 1 for place in range(3))])
        found = sm.GLM(cells, design, family=sm.families.Poisson(),
                       offset=math.log(ratio) * ((every & 3) == 3)).fit(tol=1e-14)
        chances = found.fittedvalues / size
        return (math.lgamma(size + 1) - math.lgamma(cells[0] + 1) + float((cells * np.log(chances)).sum()))

    sizes = np.linspace(row["value"] * 0.97, row["value"] * 1.03, 121)
    top = max(height(size) for size in sizes)
    for limit in (row["lower"], row["upper"]):
        assert 2 * (top - height(limit)) == pytest.approx(chi2.ppf(0.95, 1), rel=2e-3)


@pytest.mark.parametrize("interval", ["profile", "log-normal", "wald", "bootstrap"])
def test_an_odds_ratio_of_one_is_the_original_exactly(interval):
    options = {"replicates": 50, "rng": 1} if interval == "bootstrap" else {}
    histories = table("Kosovo")
    original = loglinear(histories, interval=interval, **options)
    for given in (None, original):
        band = dependence_band(histories, interval=interval, odds_ratios=[0.5], original=given, **options)
        here = band.band[band.band["odds_ratio"] == 1.0].iloc[0]
        assert (here["value"], here["lower"], here["upper"]) == (original.value, original.lower, original.upper)
        assert band.band["lower"].iloc[0] < band.band["value"].iloc[0] < band.band["upper"].iloc[0]


def test_limits_near_one_are_near_the_originals_whatever_the_interval():
    for interval in ("profile", "log-normal", "wald"):
        band = dependence_band(three(), model="[12,3]", pair=("a", "c"), interval=interval, odds_ratios=[1 + 1e-7])
        for column in ("value", "lower", "upper"):
            assert band.frame[column].iloc[1] == pytest.approx(band.frame[column].iloc[0], rel=1e-5)


def test_a_pair_in_the_model_is_not_moved_and_the_sentence_says_why():
    band = dependence_band(three(), model="[12,3]", pair=("a", "b"))
    assert band.frame["value"].to_numpy() == pytest.approx(band.original.value, rel=1e-9)
    assert band.pairs["in_model"].tolist() == [True]
    assert band.tipping_point is None
    assert "estimates that dependence itself" in str(band)


def test_the_pair_that_moves_most_is_taken_and_all_pairs_stand_beside_it():
    band = dependence_band(table("UKdat_5"))
    assert band.pairs["moved"].max() == band.pairs.set_index("lists").loc[band.lists, "moved"]
    assert list(dict.fromkeys(band.frame["lists"])) == [band.lists, "all pairs"]
    assert set(band.tips) == {band.lists, "all pairs"}
    alone = dependence_band(table("UKdat_5"), pair=tuple(band.lists.split(" and ")))
    assert alone.band.equals(band.band)


def test_the_odds_ratios_allowed_are_the_limits_of_the_pairs_own_term():
    histories = three()
    pairs = dependence_band(histories, model="[1,2,3]").pairs.set_index("lists")
    every = np.arange(1, 8)
    columns = [np.ones(7), *((every >> place) & 1 for place in range(3)), (every & 3) == 3]
    design = np.column_stack(columns).astype(float)
    found = sm.GLM(histories.dense()[1:].astype(float), design, family=sm.families.Poisson()).fit(tol=1e-14)
    low, high = np.exp(found.conf_int()[-1])
    assert pairs.loc["a and b", "allowed_lower"] == pytest.approx(low, rel=1e-7)
    assert pairs.loc["a and b", "allowed_upper"] == pytest.approx(high, rel=1e-7)


def test_the_tipping_point_is_where_the_fit_itself_crosses():
    band = dependence_band(three(), model="[1,2,3]", pair=("a", "b"), against=2500.0)
    there = dependence_band(three(), model="[1,2,3]", pair=("a", "b"), odds_ratios=[band.tipping_point])
    assert there.frame[there.frame["odds_ratio"] != 1.0]["value"].iloc[0] == pytest.approx(2500.0, rel=1e-9)


# Populations of known size


@pytest.mark.parametrize("ratio", [0.4, 3.0])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["loglinear", "lincoln_petersen", "chapman"])
def test_at_the_true_odds_ratio_two_lists_tell_the_truth(method, ratio, seed):
    histories = dependent_lists(2_000_000, {"a": 0.2, "b": 0.15}, {("a", "b"): ratio}, rng=seed)
    band = dependence_band(histories, method=method, odds_ratios=[ratio]).frame.set_index("odds_ratio")
    assert band.loc[ratio, "value"] == pytest.approx(2_000_000, rel=0.01)
    assert abs(band.loc[1.0, "value"] / 2_000_000 - 1) > 0.3


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("method", "options"), [
    ("loglinear", {"model": "[1,2,3]"}), ("closed_population", {"model": "Mt"})])
def test_at_the_true_odds_ratio_of_a_pair_three_lists_tell_the_truth(method, options, seed):
    histories = dependent_lists(2_000_000, {"a": 0.2, "b": 0.15, "c": 0.1}, {("a", "b"): 3.0}, rng=seed)
    band = dependence_band(histories, pair=("a", "b"), method=method, odds_ratios=[3.0], **options).frame
    assert band["value"].iloc[-1] == pytest.approx(2_000_000, rel=0.01)
    assert abs(band["value"].iloc[0] / 2_000_000 - 1) > 0.1


def test_at_the_true_odds_ratio_of_all_pairs_at_once_too():
    pairs = dict.fromkeys(itertools.combinations("abcd", 2), 1.5)
    histories = dependent_lists(3_000_000, dict.fromkeys("abcd", 0.15), pairs, rng=2)
    band = dependence_band(histories, pair="all pairs", odds_ratios=[1.5], model="[1,2,3,4]").frame
    assert band["value"].iloc[-1] == pytest.approx(3_000_000, rel=0.01)


def test_the_band_at_the_true_odds_ratio_covers_as_often_as_it_says():
    held, tried = 0, 60
    for seed in range(tried):
        histories = dependent_lists(4000, {"a": 0.25, "b": 0.2, "c": 0.15}, {("a", "c"): 2.5}, rng=seed)
        row = dependence_band(histories, pair=("a", "c"), odds_ratios=[2.5], model="[1,2,3]").frame.iloc[-1]
        held += row["lower"] <= 4000 <= row["upper"]
    assert held >= binom.ppf(0.001, tried, 0.95)


def test_the_tipping_point_against_the_truth_is_the_true_odds_ratio():
    histories = dependent_lists(2_000_000, {"a": 0.2, "b": 0.15}, {("a", "b"): 3.0}, rng=7)
    assert dependence_band(histories, against=2_000_000.0).tipping_point == pytest.approx(3.0, rel=0.02)


# The interaction of all lists


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("lists", "model"), [("abc", "[12,13,23]"), ("abcd", "[123,124,134,234]")])
def test_at_the_true_interaction_of_all_lists_the_estimate_is_the_truth(lists, model, seed):
    histories = dependent_lists(20_000_000, dict.fromkeys(lists, 0.3), {tuple(lists): 3.0}, rng=seed)
    found = assumed_away(histories, odds_ratios=[3.0], model=model).frame
    assert found["value"].iloc[-1] == pytest.approx(20_000_000, rel=0.02)
    assert abs(found["value"].iloc[0] / 20_000_000 - 1) > 0.1


def test_an_interaction_of_all_lists_leaves_what_was_observed_as_it_is():
    """In a saturated model the offset of the history on all lists does what the closed form says."""
    histories, ratio = three(), 2.5
    every = np.arange(1, 8)
    design = np.column_stack([((every & term) == term) for term in (0, 1, 2, 4, 3, 5, 6)]).astype(float)
    found = sm.GLM(histories.dense()[1:].astype(float), design, family=sm.families.Poisson(),
                   offset=math.log(ratio) * (every == 7)).fit(tol=1e-14)
    row = assumed_away(histories, model="[12,13,23]", odds_ratios=[ratio]).frame.iloc[-1]
    assert found.deviance == pytest.approx(0.0, abs=1e-9)
    assert row["value"] == pytest.approx(histories.n_observed + math.exp(found.params[0]), rel=1e-8)


def test_two_lists_have_one_interaction_and_both_functions_agree():
    one = assumed_away(two(), method="chapman", against=400.0)
    other = dependence_band(two(), method="chapman", against=400.0)
    assert one.frame["value"].to_numpy() == pytest.approx(other.frame["value"].to_numpy(), rel=1e-12)
    assert one.tipping_point == pytest.approx(other.tipping_point, rel=1e-9)


def test_the_yardstick_is_the_models_own_largest_terms():
    found = assumed_away(table("Kosovo"))
    assert found.yardstick["odds_ratio"].notna().all()
    strengths = np.abs(np.log(found.yardstick["odds_ratio"]))
    assert (strengths.diff().dropna() <= 1e-9).all()
    assert found.plausible == pytest.approx(math.exp(strengths.median()))
    assert found.span[0] < found.original.value < found.span[1]
    assert "cannot be seen in any data" in str(found)


def test_a_model_without_interactions_takes_each_pairs_own_for_a_yardstick():
    found = assumed_away(three(), model="[1,2,3]")
    assert len(found.yardstick) == 3
    assert "each pair's own term" in found.measured


def test_an_odd_number_of_lists_has_fewer_unseen_the_larger_the_interaction():
    assert assumed_away(three(), model="[12,3]").frame["value"].is_monotonic_decreasing
    assert assumed_away(two()).frame["value"].is_monotonic_increasing


# Other methods: the table without the dependence


def test_counts_are_rounded_to_their_sum_and_the_order_of_lists_does_not_matter():
    histories = three()
    turned = histories.select(["c", "a", "b"])
    one = rounded(histories.counts / 2.3, histories, up=False)
    other = rounded(turned.counts / 2.3, turned, up=False)
    assert one.sum() == math.floor(histories.n_observed / 2.3)
    assert np.abs(one - histories.counts / 2.3).max() < 1.0
    assert histories.with_counts(one) == turned.with_counts(other).select(["a", "b", "c"])


@pytest.mark.parametrize(("method", "options"), [
    ("sample_coverage", {"interval": "log-normal", "replicates": 20}), ("model_average", {}),
    ("closed_population", {}), ("loglinear", {"selection": "average"})])
def test_other_methods_have_a_band_that_ends_nowhere_below_the_observed(method, options):
    band = dependence_band(three(), pair=("a", "b"), odds_ratios=[0.5, 1.3, 2.0], method=method, **options)
    assert band.frame["refusal"].eq("").all()
    assert (band.frame["lower"] >= three().n_observed).all()
    assert (band.frame["lower"] <= band.frame["value"]).all()
    assert (band.frame["value"] <= band.frame["upper"]).all()
    assert band.frame["deviance"].isna().all()


def test_strata_are_kept_where_the_method_takes_them_and_added_where_it_does_not():
    people = pd.concat([three().table().assign(sex=sex, count=three().table()["count"] * times)
                        for sex, times in (("f", 1), ("m", 2))])
    histories = CaptureHistories.from_table(people, strata=["sex"])
    pooled = dependence_band(histories, model="[1,2,3]", pair=("a", "b"), odds_ratios=[2.0])
    alone = dependence_band(histories.pooled(), model="[1,2,3]", pair=("a", "b"), odds_ratios=[2.0])
    assert pooled.frame["value"].to_numpy() == pytest.approx(alone.frame["value"].to_numpy(), rel=1e-12)
    split = dependence_band(histories, pair=("a", "b"), odds_ratios=[2.0], method="stratified",
                            selection="stepwise")
    assert split.frame["value"].notna().all()


def test_with_covariates_the_model_is_held_and_the_truth_is_found_at_the_true_odds_ratio():
    people = pd.concat([dependent_lists(400_000, {"a": first, "b": 0.2, "c": 0.1}, {("a", "b"): 3.0}, rng=seed).table()
                        .assign(sex=sex) for seed, sex, first in ((1, "f", 0.3), (2, "m", 0.15))])
    histories = CaptureHistories.from_table(people, strata=["sex"])
    band = dependence_band(histories, pair=("a", "b"), odds_ratios=[3.0], covariates=["sex"], model="[14,2,3]").frame
    assert band["value"].iloc[-1] == pytest.approx(800_000, rel=0.01)
    assert abs(band["value"].iloc[0] / 800_000 - 1) > 0.1
    chosen = dependence_band(histories, pair=("a", "c"), odds_ratios=[0.5, 2.0], covariates=["sex"],
                             max_order=2).frame["value"]
    assert chosen.is_monotonic_increasing


# What it refuses, and odd tables


def test_what_makes_no_sense_is_refused_in_words():
    for wrong, match in (({"pair": ("police", "police")}, "two of the lists"), ({"pair": "police"}, "two of the lists"),
                         ({"pair": ("police", "army")}, "two of the lists"), ({"odds_ratios": [1.0]}, "above 0"),
                         ({"odds_ratios": [-1.0]}, "above 0"), ({"odds_ratios": [math.inf]}, "above 0"),
                         ({"method": "chao"}, "takes capture histories"), ({"against": -5.0}, "number of people"),
                         ({"original": chapman(two(70))}, "another table")):
        with pytest.raises(ValueError, match=match):
            dependence_band(two(), **wrong)
    for wrong in ({"pair": 5}, {"pair": ["police", ["ngo"]]}, {"odds_ratios": 2.0}, {"odds_ratios": [1e308]},
                  {"odds_ratios": ["much"]}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            dependence_band(two(), **wrong)


def test_a_line_that_does_not_move_says_the_right_reason():
    """Nobody unseen times any odds ratio is nobody; that is not a method that estimates the dependence."""
    inside = CaptureHistories.from_counts({"police": 60, ("police", "ngo"): 12}, lists=["police", "ngo"])
    for method in ("lincoln_petersen", "chapman"):
        said = str(dependence_band(inside, method=method))
        assert "takes it that everybody was seen" in said
        assert "from the counts" not in said


def test_a_line_without_another_estimate_does_not_claim_to_stand_still():
    few = CaptureHistories.from_counts(
        {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5}, lists=["a", "b", "c"])
    crowd = few.with_counts(few.counts * 10**9)
    band = dependence_band(crowd, pair="all pairs", method="model_average", odds_ratios=[1e-9])
    assert band.frame["refusal"].ne("").sum() == 1
    assert "has an estimate to hold against" in str(band)
    assert "No odds ratio" not in str(band)


def test_one_list_and_lists_that_share_nobody_are_refused():
    with pytest.raises(NoEstimate, match="there is one"):
        dependence_band(two().select(["police"]))
    with pytest.raises(NoEstimate):
        assumed_away(two(both=0))


def odd_tables():
    lists = ["a", "b", "c"]
    yield "a list inside another", CaptureHistories.from_counts(
        {("a", "b"): 20, "a": 40, "c": 30, ("a", "c"): 5, ("a", "b", "c"): 3}, lists=lists)
    yield "identical lists", CaptureHistories.from_counts({("a", "b"): 20, ("a", "b", "c"): 8, "c": 30}, lists=lists)
    yield "an empty list", CaptureHistories.from_counts({"a": 20, "b": 30, ("a", "b"): 8}, lists=lists)
    yield "a thousand million", CaptureHistories.from_counts(
        {"a": 10**9, "b": 10**9, "c": 2, ("a", "b"): 10**8, ("a", "c"): 1, ("b", "c"): 1}, lists=lists)
    yield "one person each", CaptureHistories.from_counts(
        {"a": 1, "b": 1, "c": 1, ("a", "b"): 1, ("a", "c"): 1, ("b", "c"): 1}, lists=lists)
    yield "all on all", CaptureHistories.from_counts({("a", "b", "c"): 50}, lists=lists)


@pytest.mark.parametrize(("name", "histories"), list(odd_tables()), ids=[name for name, _ in odd_tables()])
@pytest.mark.parametrize("method", ["loglinear", "sample_coverage", "model_average"])
def test_odd_tables_give_numbers_or_refusals_in_words(method, name, histories):
    for function in (dependence_band, assumed_away):
        options = {"replicates": 10} if method == "sample_coverage" else {}
        try:
            found = function(histories, method=method, odds_ratios=[0.25, 4.0], **options)
        except NoEstimate:
            continue
        for row in found.frame.to_dict("records"):
            if row["refusal"]:
                assert math.isnan(row["value"])
            else:
                assert histories.n_observed * (1 - 1e-9) <= row["value"] <= row["upper"] * (1 + 1e-9)
                assert row["lower"] <= row["value"] * (1 + 1e-9)
        assert str(found)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_the_order_of_lists_does_not_matter(order):
    histories = three()
    turned = histories.select([histories.lists[place] for place in order])
    one, other = dependence_band(histories), dependence_band(turned)
    assert set(one.lists.split(" and ")) == set(other.lists.split(" and "))
    assert other.frame["value"].to_numpy() == pytest.approx(one.frame["value"].to_numpy(), rel=1e-9)
    assert other.tipping_point == pytest.approx(one.tipping_point, rel=1e-7)
    away, back = assumed_away(histories), assumed_away(turned)
    assert back.yardstick["lists"].tolist() == away.yardstick["lists"].tolist()
    assert back.tipping_point == pytest.approx(away.tipping_point, rel=1e-9)


def test_the_odds_ratios_unless_told_are_the_same_on_both_sides_of_one():
    assert [1 / ratio for ratio in reversed(ODDS_RATIOS)] == pytest.approx(ODDS_RATIOS)
