"""Lists left out, merged, dropped, held out and added: held to the method itself asked of each table by hand."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import (
    assumed_away,
    dependence_band,
    dropped_lists,
    erroneous_enumerations,
    held_out_lists,
    leave_one_list_out,
    linkage_sensitivity,
    linked_versions,
    loglinear,
    merged_lists,
    trajectory,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion
from smuggling_analysis.simulate import dependent_lists, independent_lists

TABLES = Path(__file__).parents[2] / "published" / "capture_tables"
BY_LISTS = (leave_one_list_out, merged_lists, dropped_lists, held_out_lists, trajectory)
EVERY = (*BY_LISTS, dependence_band, assumed_away)


def table(name):
    return CaptureHistories.from_table(pd.read_csv(TABLES / f"{name}.csv"))


@pytest.fixture(scope="module")
def uk():
    """The six lists of the United Kingdom, and the estimate from all of them, made once."""
    histories = table("UKdat")
    return histories, loglinear(histories)


def four(seed=3, size=3000):
    return dependent_lists(size, {"a": 0.3, "b": 0.2, "c": 0.15, "d": 0.05}, {("a", "b"): 2.0}, rng=seed)


PLAIN = (four(size=1500), four(size=1500).select(["a", "b"]))  # four lists, and two


def numbers(estimate):
    return (estimate.value, estimate.lower, estimate.upper)


def row_of(result, key):
    frame = result.frame
    return frame[frame.iloc[:, 0] == key].iloc[0]


# Left out, merged, dropped


@pytest.mark.parametrize("name", ["UKdat_5", "Kosovo"])
def test_each_list_left_out_is_the_method_on_the_other_lists(name):
    histories = table(name)
    found = leave_one_list_out(histories)
    order = max(1, histories.n_lists - 1)
    for left in histories.lists:
        expected = loglinear(histories.drop(left), max_order=order)
        assert tuple(row_of(found, f"without {left}")[["value", "lower", "upper"]]) == numbers(expected)


def test_with_six_lists_fewer_lists_do_not_bring_larger_terms(uk):
    histories, original = uk
    found = leave_one_list_out(histories, original=original)
    expected = loglinear(histories.drop("LA"), max_order=2)
    assert row_of(found, "without LA")["value"] == expected.value
    told = leave_one_list_out(histories.drop("LA"), max_order=3)
    assert row_of(told, "without NG")["value"] == loglinear(histories.drop("LA", "NG"), max_order=3).value


def test_a_model_that_was_given_is_carried_over():
    histories = four()
    without = leave_one_list_out(histories, model="[12,34]")
    assert row_of(without, "without a")["value"] == loglinear(histories.drop("a"), model="[23,1]").value
    merged = merged_lists(histories, model=[("a", "b"), ("c", "d")])
    expected = loglinear(histories.merge(["c", "d"], "x"), model="[12,3]")
    assert row_of(merged, "c and d merged")["value"] == expected.value
    assert row_of(merged, "b and c merged")["value"] == loglinear(
        histories.merge(["b", "c"], "x"), model="[12,23]").value


def test_each_pair_merged_is_the_method_on_the_merged_table():
    histories = four()
    found = merged_lists(histories)
    assert len(found.frame) == 6
    for one, other in itertools.combinations(histories.lists, 2):
        expected = loglinear(histories.merge([one, other], "merged"), max_order=3)
        row = row_of(found, f"{one} and {other} merged")
        assert (row["value"], row["observed"]) == (expected.value, histories.n_observed)


def test_rare_lists_are_dropped_from_the_smallest_up_and_two_are_left(uk):
    histories, original = uk
    found = dropped_lists(histories, rare=1.0, original=original)
    assert found.frame["variant"].tolist() == [
        "without LA", "without LA, NCA", "without LA, NCA, GP", "without LA, NCA, GP, NG"]
    assert dropped_lists(histories, original=original).frame["variant"].tolist() == ["without LA", "without LA, NCA"]
    assert found.frame["value"].iloc[-1] == loglinear(histories.select(["PF", "GO"])).value


def test_where_no_list_is_rare_there_is_nothing_to_drop():
    found = dropped_lists(four(), rare=0.01)
    assert found.frame.empty
    assert (found.largest, found.tipping_point, found.span) == (None, None, (found.original.value,) * 2)
    assert "no other choice of lists" in str(found)


def test_what_moves_the_estimate_most_is_named_and_what_turns_it(uk):
    histories, original = uk
    found = leave_one_list_out(histories, original=original)
    changes = found.frame.set_index("variant")["change"]
    assert found.largest == np.abs(np.log(changes)).idxmax() == found.tipping_point == "without NG"
    inside = found.frame[found.frame["inside"]]["variant"].tolist()
    assert inside == ["without GP"]
    assert "5 of 6 cases" in str(found)
    assert leave_one_list_out(histories, against=30_000.0, original=original).tipping_point is None


def test_independent_lists_of_many_people_give_the_same_whichever_is_left_out():
    histories = independent_lists(400_000, {"a": 0.3, "b": 0.25, "c": 0.2, "d": 0.2}, rng=4)
    for function in (leave_one_list_out, merged_lists):
        assert function(histories, selection=None).frame["change"].to_numpy() == pytest.approx(1.0, abs=0.02)


def test_refusals_are_rows():
    histories = four().select(["a", "b"])
    found = leave_one_list_out(histories)
    assert found.frame["value"].isna().all()
    assert found.frame["refusal"].str.contains("one list").all()
    assert "refuses every table" in str(found)
    empty = CaptureHistories.from_counts({"a": 40, ("a", "b"): 12, ("a", "c"): 9, ("a", "b", "c"): 4, "b": 20},
                                         lists=["a", "b", "c"])
    assert row_of(leave_one_list_out(empty), "without a")["observed"] == 45


# Held out


def test_held_out_lists_are_the_method_on_the_people_of_each_list():
    histories = table("UKdat_5")
    found = held_out_lists(histories)
    sizes = np.diag(histories.overlaps())
    assert found.frame["truth"].tolist() == sizes.tolist()
    for place, name in enumerate(histories.lists):
        own = histories.table()[histories.table()[name]].drop(columns=name)
        own = own[own.drop(columns="count").any(axis=1)]
        among = CaptureHistories.from_table(own)
        row = found.frame.iloc[place]
        assert row["observed"] == among.n_observed
        try:
            expected = loglinear(among, max_order=4)
        except NoEstimate:
            assert math.isnan(row["value"])
            continue
        assert row["value"] == expected.value
        assert row["covered"] == (expected.lower <= sizes[place] <= expected.upper)
        assert row["ratio"] == pytest.approx(expected.value / sizes[place])


def test_independent_lists_are_told_and_covered_as_often_as_the_interval_says():
    covered, tried, off = 0, 0, []
    for seed in range(15):
        found = held_out_lists(independent_lists(5000, dict.fromkeys("abcd", 0.3), rng=seed), selection=None)
        covered, tried = covered + int(found.frame["covered"].sum()), tried + found.estimated
        off.append(found.mean_log_ratio)
    assert tried == 60
    assert binom.ppf(0.0005, tried, 0.95) <= covered
    assert np.mean(off) < 0.05


def test_a_method_that_is_wrong_of_lists_that_depend_is_caught():
    pairs = {("a", "b"): 6.0}
    histories = dependent_lists(200_000, dict.fromkeys("abc", 0.2), pairs, rng=1)
    found = held_out_lists(histories, selection=None)
    assert found.tipping_point == "c"
    assert row_of(found, "c")["ratio"] < 0.7
    assert found.share_covered < 1
    assert "furthest off, outside of its interval, is c" in str(found)


def test_two_lists_hold_nothing_out():
    found = held_out_lists(four().select(["a", "b"]))
    assert found.estimated == 0
    assert math.isnan(found.share_covered)
    assert math.isnan(found.mean_log_ratio)
    assert found.tipping_point is None
    assert found.frame["refusal"].str.contains("one other list").all()


# Lists added


def test_a_trajectory_is_the_method_on_more_and_more_lists_and_ends_at_the_original(uk):
    histories, original = uk
    found = trajectory(histories, original=original)
    assert found.order == ("PF", "GO", "NG", "GP", "NCA", "LA")
    for row in found.frame.to_dict("records")[:-1]:
        lists = [name for name in histories.lists if name in found.order[: row["n_lists"]]]
        assert row["value"] == loglinear(histories.select(lists), max_order=2).value
    assert found.frame["value"].iloc[-1] == original.value
    assert found.frame["observed"].is_monotonic_increasing


def test_every_choice_of_as_many_lists_is_spanned():
    histories = four()
    found = trajectory(histories, every_choice=True, order=["d", "c", "b", "a"])
    assert found.frame["choices"].tolist() == [6, 4, 1]
    values = [loglinear(histories.select(list(lists)), max_order=3).value
              for lists in itertools.combinations(histories.lists, 3)]
    assert (found.frame["lowest"].iloc[1], found.frame["highest"].iloc[1]) == (min(values), max(values))
    assert ((found.frame["lowest"] <= found.frame["value"]) & (found.frame["value"] <= found.frame["highest"])).all()
    assert found.frame["added"].tolist() == ["d and c", "b", "a"]


def test_the_trajectory_says_from_when_on_the_number_has_settled(uk):
    found = trajectory(uk[0], original=uk[1])
    assert found.tipping_point == 6
    assert "only the last list" in str(found)
    settled = trajectory(independent_lists(100_000, dict.fromkeys("abcd", 0.3), rng=1), selection=None,
                         against=200_000.0)
    assert settled.tipping_point is None
    assert "does not cross 200,000 all the way" in str(settled)


def test_an_order_holds_every_list_once():
    with pytest.raises(ValueError, match="once"):
        trajectory(four(), order=["a", "b"])


# All of them


@pytest.mark.parametrize("function", EVERY)
def test_the_order_of_lists_does_not_matter(function):
    histories = four()
    one = function(histories)
    for order in (["d", "b", "a", "c"], ["c", "d", "b", "a"]):
        other = function(histories.select(order))
        mine, theirs = (sorted(found.frame["value"].dropna().round(6)) for found in (one, other))
        assert theirs == pytest.approx(mine, rel=1e-7)


@pytest.mark.parametrize("function", EVERY)
def test_an_original_made_before_changes_nothing_and_anothers_is_refused(function):
    histories = four()
    original = loglinear(histories)
    pd.testing.assert_frame_equal(function(histories, original=original).frame, function(histories).frame)
    with pytest.raises(ValueError, match="another table"):
        function(histories, original=loglinear(four(4)))


@pytest.mark.parametrize("function", EVERY)
def test_results_are_frozen_printable_and_know_that_data_are_simulated(function):
    found = function(four())
    assert found.simulated
    assert isinstance(found.original, Estimate)
    assert str(found) == found.sentence
    assert not str(found).endswith(".")
    assert type(found).__name__ in repr(found)
    with pytest.raises(AttributeError):
        found.original = None


@pytest.mark.parametrize("function", EVERY)
def test_the_same_question_has_the_same_answer_where_chance_plays_a_part(function):
    one, other = (function(four(), interval="bootstrap", replicates=20) for _ in range(2))
    pd.testing.assert_frame_equal(one.frame, other.frame)


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize(("method", "options"), [
    ("chapman", {}), ("sample_coverage", {"replicates": 10}), ("closed_population", {}), ("model_average", {}),
    ("loglinear", {"selection": "stepwise"}), ("stratified", {"selection": "stepwise"})])
def test_every_list_method_can_be_asked(method, options, function):
    histories = four()
    if method == "chapman":
        histories = histories.select(["a", "b"])
    if method == "stratified":
        rows = [four(seed).table().assign(sex=sex) for seed, sex in ((1, "f"), (2, "m"))]
        histories = CaptureHistories.from_table(pd.concat(rows), strata=["sex"])
    asked = {"odds_ratios": [2.0], "pair": ("a", "b")} if function is dependence_band else {}
    found = function(histories, method=method, **asked, **options)
    values = found.frame[found.frame["refusal"] == ""]
    assert values["value"].notna().all()
    assert (values["lower"] <= values["value"]).all()
    assert (values["value"] <= values["upper"]).all()
    assert found.frame[found.frame["refusal"] != ""]["value"].isna().all()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, row in METHODS.items()
                                  if not all(row.lacks(table) for table in PLAIN)])
def test_every_row_of_the_table_of_methods_gives_numbers_or_refusals(name):
    histories = next(table for table in PLAIN if not METHODS[name].lacks(table))
    options = {"replicates": 10} if "replicates" in METHODS[name].options else {}
    for function in EVERY:
        asked = {"odds_ratios": [2.0], "pair": ("a", "b")} if function is dependence_band else {}
        found = function(histories, method=name, **asked, **options)
        assert (found.frame["value"].isna() == (found.frame["refusal"] != "")).all()


@pytest.mark.parametrize("function", EVERY)
def test_a_method_that_refuses_the_whole_table_is_refused(function):
    apart = CaptureHistories.from_counts({"a": 20, "b": 30, "c": 10}, lists=["a", "b", "c"])
    with pytest.raises(NoEstimate):
        function(apart)
    with pytest.raises(ValueError, match="takes capture histories"):
        function(apart, method="chao")


def odd_tables():
    lists = ["a", "b", "c", "d"]
    yield CaptureHistories.from_counts({("a", "b"): 20, "a": 40, "c": 30, ("a", "c"): 5, ("a", "b", "c"): 3},
                                       lists=lists)
    yield CaptureHistories.from_counts({("a", "b"): 20, ("a", "b", "c"): 8, "c": 30, ("c", "d"): 3}, lists=lists)
    yield CaptureHistories.from_counts({"a": 10**9, "b": 10**9, "c": 2, "d": 5, ("a", "b"): 10**8, ("a", "c"): 1,
                                        ("b", "c"): 1, ("a", "d"): 2}, lists=lists)
    yield CaptureHistories.from_counts({("a", "b", "c", "d"): 50, "a": 3}, lists=lists)
    yield CaptureHistories.from_counts({"a": 1, "b": 1, "c": 1, "d": 1, ("a", "b"): 1, ("c", "d"): 1, ("a", "d"): 1},
                                       lists=lists)


@pytest.mark.parametrize("function", EVERY)
def test_odd_tables_give_numbers_or_refusals_in_words(function):
    answered = 0
    for histories in odd_tables():
        try:
            found = function(histories, selection="stepwise")
        except NoEstimate:
            continue
        answered += 1
        assert str(found)
        assert (found.frame["value"].isna() == (found.frame["refusal"] != "")).all()
        if function in (leave_one_list_out, merged_lists, trajectory, held_out_lists):
            known = found.frame.dropna(subset=["value"])
            assert (known["value"] >= known["observed"] - 1e-6).all()
    assert answered > 1


def test_a_conclusion_is_an_interval_or_a_side():
    found = Estimate(value=300.0, lower=200.0, upper=500.0, unit="persons", method="demo")
    turned = [Conclusion.of(found).turned(value) for value in (199.0, 200.0, 501.0, math.nan)]
    assert turned == [True, False, True, False]
    above = Conclusion.of(found, against=250.0)
    assert [above.turned(value) for value in (249.0, 251.0)] == [True, False]
    with pytest.raises(ValueError, match="number of people"):
        Conclusion.of(found, against=math.nan)


@pytest.mark.parametrize("analysis", [assumed_away, dependence_band, dropped_lists, held_out_lists, leave_one_list_out,
                                      merged_lists, trajectory, linkage_sensitivity, erroneous_enumerations])
def test_linked_versions_are_refused_in_words(analysis):
    histories = CaptureHistories.from_counts(
        {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5}, lists=["a", "b", "c"])
    with pytest.raises(ValueError, match="one of `versions` at a time"):
        analysis(linked_versions(histories, rng=1))


def test_an_order_that_does_not_name_lists_is_refused_in_words():
    histories = CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 12}, lists=["a", "b"])
    for order in (["a"], ["a", "a"], ["a", 1]):
        with pytest.raises(ValueError, match="order holds each of the lists a, b once"):
            trajectory(histories, order=order)
