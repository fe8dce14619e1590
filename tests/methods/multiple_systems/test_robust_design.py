"""The robust design: held to the truth it was simulated with, to invariance, and to refusals in words."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import (
    lincoln_petersen,
    open_population_fit,
    robust_design,
    robust_design_fit,
)
from smuggling_analysis.simulate import open_lists

YEARS = ("2018", "2019", "2020", "2021")
LISTS = {"police": 0.3, "ngo": 0.25, "court": 0.2}
STAYING = [0.8, 0.6, 0.7]
ARRIVALS = [4000, 1000, 1500, 1000]
TABLES = ("abundance", "survival", "arrivals", "capture")


@pytest.fixture(scope="module")
def register():
    return open_lists(ARRIVALS, STAYING, dict.fromkeys(YEARS, LISTS), rng=21)


@pytest.fixture(scope="module")
def found(register):
    return robust_design_fit(register.histories)


def relative_to_se(table, truth):
    return ((table["estimate"] - truth) / table["se"]).abs().astype(float)


def near_truth(found, register):
    assert (relative_to_se(found.abundance, register.present) < 3.5).all()
    assert (relative_to_se(found.survival, register.stayed) < 3.5).all()
    assert (relative_to_se(found.arrivals, register.arrived) < 3.5).all()
    assert abs(found.total.value - register.total) < 3.5 * found.total.se


def test_every_number_of_every_period_is_told_and_near_the_truth(register, found):
    for name in TABLES:
        assert getattr(found, name).notna().all(axis=None)
    near_truth(found, register)
    assert found.cautions == ()
    assert list(found.models.values()) == ["Mt"] * 4


@pytest.fixture(scope="module")
def differing():
    lists = {year: dict.fromkeys("abcde", 0.3) for year in YEARS}
    return open_lists(ARRIVALS, STAYING, lists, spread=1.0, lasting=False, rng=8)


@pytest.mark.parametrize("kind", ["darroch", "poisson", "gamma"])
def test_people_who_differ_need_a_model_that_says_so(differing, kind):
    alike = robust_design_fit(differing.histories, models="M0", response="captures")
    apart = robust_design_fit(differing.histories, models="Mh", heterogeneity=kind, response="captures",
                              theta=3.5 if kind == "gamma" else None)
    assert (alike.abundance["upper"] < differing.present).all()
    assert any("not what its own lists tell" in caution for caution in alike.cautions)
    assert apart.fit.aic["fitted"] < alike.fit.aic["fitted"]
    # Each is one guess at how people differ: nearer to the truth than none, not upon it.
    off = [np.abs(found.abundance["estimate"] - differing.present) for found in (alike, apart)]
    assert (off[1] < off[0]).all()


def test_chaos_model_is_a_lower_bound(differing):
    alike, bound = (robust_design_fit(differing.histories, models=model, response="captures")
                    for model in ("M0", "Mh"))
    assert (bound.abundance["estimate"] > alike.abundance["estimate"]).all()
    assert (bound.abundance["lower"] < differing.present).all()


def test_people_who_stay_easier_to_find_than_others_are_noticed():
    lists = {year: dict.fromkeys("abcde", 0.3) for year in YEARS}
    register = open_lists(ARRIVALS, STAYING, lists, spread=1.0, rng=8)
    found = robust_design_fit(register.histories, models="Mh", heterogeneity="darroch", response="captures")
    assert any("not what its own lists tell" in caution for caution in found.cautions)


def test_numbers_of_captures_tell_as_much_as_histories_where_lists_are_alike(register):
    for model in ("M0", "Mh"):
        one, other = (robust_design_fit(register.histories, models=model, response=response)
                      for response in ("histories", "captures"))
        for name in TABLES:
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), rtol=1e-6)
        assert one.fit.df["fitted"] > other.fit.df["fitted"]


def test_the_method_returns_the_total_of_the_full_result(register, found):
    total = robust_design(register.histories)
    assert (total.value, total.lower, total.upper) == (found.total.value, found.total.lower, found.total.upper)
    assert total.diagnostics["arrivals"]["2018 to 2019"] == found.arrivals.estimate["2018 to 2019"]


def test_no_order_of_lists_changes_anything(register, found):
    lists = list(register.histories.lists)
    np.random.default_rng(4).shuffle(lists)
    again = robust_design_fit(register.histories.select(lists))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name), rtol=1e-8)


def test_periods_are_given_by_name_by_number_or_read_off_the_names(register, found):
    histories = register.histories
    named = {f"wave {year}": [name for name in histories.lists if year in name] for year in YEARS}
    for periods in (named, [3, 3, 3, 3]):
        again = robust_design_fit(histories, periods=periods)
        assert again.total.value == pytest.approx(found.total.value, rel=1e-10)
    assert list(robust_design_fit(histories, periods=named).abundance.index) == list(named)


def test_doubling_every_count_doubles_people_and_leaves_shares(register, found):
    double = robust_design_fit(register.histories.with_counts(2 * register.histories.counts))
    for name, factor in (("abundance", 2), ("arrivals", 2), ("survival", 1), ("capture", 1)):
        np.testing.assert_allclose(getattr(double, name)["estimate"].astype(float),
                                   factor * getattr(found, name)["estimate"].astype(float), rtol=1e-7)


def test_a_closed_population_is_one_where_everybody_stays_and_nobody_comes():
    register = open_lists([3000, 0, 0], [1.0, 1.0], dict.fromkeys(YEARS[:3], LISTS), rng=2)
    found = robust_design_fit(register.histories)
    assert (found.survival["estimate"] > 0.95).all()
    assert (found.arrivals["estimate"] < 150).all()
    np.testing.assert_allclose(found.abundance["estimate"].astype(float), 3000, rtol=0.06)


def test_two_periods_of_two_lists_that_share_nobody_between_them_are_two_populations():
    """Nobody staying: each period is Lincoln-Petersen by itself."""
    counts = {("a 2019",): 60, ("b 2019",): 40, ("a 2019", "b 2019"): 12,
              ("a 2020",): 30, ("b 2020",): 50, ("a 2020", "b 2020"): 20}
    histories = CaptureHistories.from_counts(counts, lists=["a 2019", "b 2019", "a 2020", "b 2020"])
    found = robust_design_fit(histories)
    for year in ("2019", "2020"):
        alone = lincoln_petersen(histories.select([f"a {year}", f"b {year}"]))
        assert found.abundance.estimate[year] == pytest.approx(alone.value, rel=1e-6)
    assert found.survival.estimate["2019 to 2020"] == pytest.approx(0, abs=1e-6)


def test_temporary_emigration_is_found_where_there_is_some_and_not_where_there_is_none(register, found):
    assert (found.fit["p_value"].dropna() > 0.001).all()
    histories = register.histories
    # Half of those seen in 2019 and another year were away in 2019 and not seen there.
    table = histories.table()
    on = table[[name for name in histories.lists if "2019" in name]]
    elsewhere = table[[name for name in histories.lists if "2019" not in name]].any(axis=1)
    moved = table[on.any(axis=1) & elsewhere].copy()
    moved["count"] //= 2
    table.loc[moved.index, "count"] -= moved["count"]
    moved[on.columns] = False
    both = pd.concat([table, moved]).groupby(list(histories.lists), as_index=False)["count"].sum()
    away = robust_design_fit(CaptureHistories.from_table(both))
    assert away.fit.loc["temporary emigration of each period", "p_value"] < 1e-6
    assert away.effects.estimate[("temporary emigration of each period", "2019")] < 0
    assert any("away for a time" in caution for caution in away.cautions)


def test_a_period_of_one_list_has_no_model_and_says_what_cannot_be_told(register):
    histories = register.histories.drop("ngo 2018", "court 2018", "ngo 2020", "court 2020")
    found = robust_design_fit(histories)
    assert found.models == {"2018": "none", "2019": "Mt", "2020": "none", "2021": "Mt"}
    assert found.abundance["estimate"].isna().tolist() == [True, False, False, False]
    assert any("what share was seen in 2018 cannot be told" in caution for caution in found.cautions)
    known = found.abundance["estimate"].notna()
    assert (relative_to_se(found.abundance[known], register.present[known]) < 3.5).all()


def test_no_model_in_a_period_conditions_on_how_those_seen_were_seen(register):
    merged = register.histories
    for year in YEARS:
        merged = merged.merge([f"{name} {year}" for name in LISTS], year)
    plain = open_population_fit(merged)
    none = robust_design_fit(register.histories, models="none")
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(none, name), getattr(plain, name), rtol=1e-8)


def test_models_heterogeneity_and_theta_may_differ_between_periods(register):
    found = robust_design_fit(register.histories, models=dict(zip(YEARS, ["M0", "Mt", "Mh", "Mth"], strict=True)),
                              heterogeneity=dict.fromkeys(YEARS, "gamma"), theta=dict.fromkeys(YEARS, 3.5))
    assert list(found.models.values()) == ["M0", "Mt", "Mh Gamma3.5", "Mth Gamma3.5"]


def test_many_lists_in_many_periods_take_no_table_of_every_history():
    lists = {str(2000 + place): dict.fromkeys("abcdefghij", 0.2) for place in range(8)}
    register = open_lists([500, *[100] * 7], [0.8] * 7, lists, rng=2)
    found = robust_design_fit(register.histories, models="M0", response="captures")
    near_truth(found, register)


WRONG = [({"models": "Mb"}, "is one of none, M0"), ({"heterogeneity": "normal"}, "is one of chao"),
         ({"models": "Mh", "heterogeneity": "gamma", "theta": -1}, "theta of 'gamma'"),
         ({"response": "people"}, "response is one of"),
         ({"response": "captures"}, "tells the lists apart"), ({"models": ["Mt"]}, "1 models are given for 4"),
         ({"models": {"2018": "Mt"}}, "says nothing of the period 2019"), ({"periods": [3, 3]}, "do not add up"),
         ({"periods": {"2018": ["police 2018"]}}, "every list belongs to one period"),
         ({"confidence_level": 0}, "share between 0 and 1")]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=lambda option: str(option)[:30])
def test_options_that_mean_nothing_are_refused(register, options, words):
    with pytest.raises(ValueError, match=words):
        robust_design(register.histories, **options)


def test_lists_that_name_no_period_are_refused_unless_periods_are_given():
    histories = CaptureHistories.from_counts({"a": 5, "b": 4, ("a", "b"): 2}, lists=["a", "b"])
    with pytest.raises(ValueError, match="names no period"):
        robust_design(histories)
    assert "needs several lists" in METHODS["robust_design"].lacks(histories)


def test_one_period_and_a_period_without_a_second_list_of_two_are_refused(register):
    histories = register.histories
    with pytest.raises(NoEstimate, match="one period only"):
        robust_design(histories.select(["police 2018", "ngo 2018"]))
    with pytest.raises(NoEstimate, match="two periods of which one has no model"):
        robust_design(histories.select(["police 2018", "ngo 2018", "police 2019"]))


def test_nobody_on_two_lists_in_a_period_is_said():
    counts = {("a 2019",): 60, ("b 2019",): 40, ("a 2020",): 30, ("b 2020",): 50, ("a 2020", "b 2020"): 20,
              ("a 2019", "a 2020"): 5}
    found = robust_design_fit(CaptureHistories.from_counts(counts, lists=["a 2019", "b 2019", "a 2020", "b 2020"]))
    assert any("nobody is on two lists in 2019" in caution for caution in found.cautions)
    assert any("arrivals there are held at none" in caution for caution in found.cautions)
    assert found.arrivals.loc["2019 to 2020"].isna().tolist() == [False, True, True, True]


def test_nobody_on_two_lists_and_nobody_seen_again_is_refused():
    counts = {("a 2019",): 60, ("b 2019",): 40, ("a 2020",): 30, ("b 2020",): 50, ("a 2020", "b 2020"): 20}
    with pytest.raises(NoEstimate, match=r"2019|never seen"):
        robust_design(CaptureHistories.from_counts(counts, lists=["a 2019", "b 2019", "a 2020", "b 2020"]))


@pytest.mark.parametrize("options", [{"models": "Mt"}, {"models": "M0"}, {"models": "Mth"},
                                     {"models": "Mh", "heterogeneity": "poisson"}], ids=str)
def test_odd_tables_give_sound_numbers_or_a_reason(options):
    rng, answered = np.random.default_rng(5), 0
    lists = ["a 2019", "b 2019", "c 2019", "a 2020", "b 2020"]
    for _ in range(15):
        patterns = np.arange(1, 32)[:, None] >> np.arange(5) & 1 == 1
        patterns[:, 1] = patterns[:, 1] & (patterns[:, 0] | (rng.random() < 0.7))
        counts = rng.poisson(rng.choice([0.5, 5, 500, 1e8]), 31) * (rng.random(31) < 0.6)
        table = pd.DataFrame(patterns.astype(int), columns=lists).assign(count=counts)
        table = table[patterns.any(axis=1)].groupby(lists, as_index=False)["count"].sum()
        histories = CaptureHistories.from_table(table)
        try:
            found = robust_design_fit(histories, **options)
        except NoEstimate:
            continue
        answered += 1
        assert found.total.value >= histories.n_observed - 1e-6
        assert np.isfinite([found.total.lower, found.total.upper, found.total.se]).all()
        assert found.total.value < 1000 * histories.n_observed or found.cautions
        for name in TABLES:
            assert not np.isinf(getattr(found, name).astype(float).to_numpy()).any()
    assert answered >= 2


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """300 populations: 95 % intervals of every kind of number, within what 300 can tell."""
    rng, held = np.random.default_rng(1), {name: [] for name in (*TABLES[:3], "total")}
    for _ in range(300):
        register = open_lists(ARRIVALS, STAYING, dict.fromkeys(YEARS, LISTS), rng=rng)
        found = robust_design_fit(register.histories)
        for name, truth in (("abundance", register.present), ("survival", register.stayed),
                            ("arrivals", register.arrived)):
            table = getattr(found, name).astype(float)
            held[name] += list((table["lower"] <= truth) & (truth <= table["upper"]))
        held["total"].append(found.total.lower <= register.total <= found.total.upper)
    for name, inside in held.items():
        assert 0.92 < np.mean(inside) <= 1.0, (name, np.mean(inside))
