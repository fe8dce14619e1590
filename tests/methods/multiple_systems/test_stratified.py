"""Sums over strata: held to sums by hand, to separate calls, to visible refusals, to populations of known size."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import (
    chapman,
    lincoln_petersen,
    stratified,
    stratified_estimates,
)
from smuggling_analysis.methods.multiple_systems.strata.total import sum_of
from smuggling_analysis.simulate import independent_lists

TWO = ["police", "ngo"]


def table_of(parts, names, lists):
    """Put strata's histories, by label, into one table."""
    frames = [part.table().astype(dict.fromkeys(lists, int)).assign(**dict(zip(names, label, strict=True)))
              for label, part in parts.items()]
    return CaptureHistories.from_table(pd.concat(frames), lists=lists, strata=names)


def two_lists(first, second, both):
    return CaptureHistories.from_counts({"police": first, "ngo": second, ("police", "ngo"): both}, lists=TWO)


SEXES = {("f",): two_lists(30, 40, 12), ("m",): two_lists(200, 20, 10)}
BOTH = table_of(SEXES, ["sex"], TWO)


def test_the_sum_is_the_sum_of_separate_calls():
    found = stratified_estimates(BOTH, method="chapman")
    own = {label: chapman(part) for label, part in SEXES.items()}
    for label, result in found.estimates.items():
        assert (result.value, result.lower, result.upper) == (own[label].value, own[label].lower, own[label].upper)
    assert found.sum.value == pytest.approx(sum(result.value for result in own.values()))
    assert found.sum.se == pytest.approx(np.hypot(*(result.se for result in own.values())))
    assert found.pooled.value == chapman(BOTH.pooled()).value
    assert found.sum.observed == BOTH.n_observed
    assert found.sum.fingerprint == BOTH.fingerprint


def test_the_interval_of_a_sum_of_independent_normals_is_theirs():
    # With large counts intervals are normal; the sum's is the root of the sum of squares.
    large = {label: part.with_counts(part.counts * 100) for label, part in SEXES.items()}
    found = stratified_estimates(table_of(large, ["sex"], TWO), method="lincoln_petersen", interval="wald")
    halves = [1.96 * lincoln_petersen(part, interval="wald").se for part in large.values()]
    assert found.sum.upper - found.sum.value == pytest.approx(np.hypot(*halves), rel=0.03)
    assert found.sum.value - found.sum.lower == pytest.approx(np.hypot(*halves), rel=0.03)


def test_strata_with_equal_counts_are_still_independent():
    twins = table_of({("f",): SEXES[("f",)], ("m",): SEXES[("f",)]}, ["sex"], TWO)
    found = stratified_estimates(twins, method="lincoln_petersen", interval="wald")
    one = lincoln_petersen(SEXES[("f",)], interval="wald")
    assert found.sum.upper - found.sum.value == pytest.approx(np.sqrt(2) * (one.upper - one.value), rel=0.03)


def test_a_stratum_without_an_estimate_is_left_out_and_said_to_be():
    histories = table_of({**SEXES, ("x",): two_lists(5, 3, 0)}, ["sex"], TWO)
    found = stratified_estimates(histories, method="lincoln_petersen")
    assert isinstance(found.estimates[("x",)], NoEstimate)
    whole = stratified_estimates(BOTH, method="lincoln_petersen")
    assert found.sum.value == pytest.approx(whole.sum.value + 8)
    assert any("leaves out 1 of 3 strata" in caution and "too low" in caution for caution in found.cautions)
    frame = found.frame()
    assert frame["sex"].tolist() == ["f", "m", "x", "sum", "added together"]
    assert "nobody is" in frame["refused"][2] and np.isnan(frame["value"][2])
    assert found.sum.diagnostics["refused_strata"].keys() == {"x"}


def test_no_stratum_with_an_estimate_is_a_refusal():
    histories = table_of({("f",): two_lists(5, 3, 0), ("m",): two_lists(4, 3, 0)}, ["sex"], TWO)
    with pytest.raises(NoEstimate, match="no stratum has an estimate"):
        stratified(histories, method="lincoln_petersen")


def test_a_stratum_that_nobody_is_in_is_named():
    table = BOTH.table().astype(dict.fromkeys(TWO, int))
    empty = pd.DataFrame({"police": [1], "ngo": [0], "sex": ["x"], "count": [0]})
    histories = CaptureHistories.from_table(pd.concat([table, empty]), lists=TWO, strata=["sex"])
    found = stratified_estimates(histories, method="lincoln_petersen")
    assert found.estimates[("x",)].reason == "nobody was observed in x"


def test_sum_and_whole_that_differ_beyond_their_intervals_are_cautioned():
    # The police reach men, the ngo women: together they look as if they avoided one another.
    apart = table_of({("f",): two_lists(100, 900, 100), ("m",): two_lists(900, 100, 100)}, ["sex"], TWO)
    found = stratified_estimates(apart, method="lincoln_petersen")
    assert found.sum.value == pytest.approx(4000)
    assert found.pooled.value == pytest.approx(7200)
    assert any("outside each other's interval" in caution for caution in found.cautions)
    assert not any("outside each other" in caution for caution in stratified(
        table_of({("f",): two_lists(90, 90, 10), ("m",): two_lists(90, 90, 10)}, ["sex"], TWO),
        method="lincoln_petersen").cautions)


def test_strata_left_out_of_by_are_added_together():
    years = table_of({(sex, year): SEXES[(sex,)] for sex in "fm" for year in ("2019", "2020")}, ["sex", "year"], TWO)
    found = stratified_estimates(years, by="sex", method="lincoln_petersen")
    assert found.observed == {("f",): 164, ("m",): 460}
    assert found.by == ("sex",)
    doubled = two_lists(60, 80, 24)
    assert found.estimates[("f",)].value == lincoln_petersen(doubled).value
    assert len(stratified_estimates(years, method="lincoln_petersen").estimates) == 4


def test_an_unbounded_stratum_leaves_the_sum_without_an_upper_limit():
    one = Estimate(value=400, lower=360, upper=np.inf, unit="persons", method="m", unbounded=True, observed=164)
    other = Estimate(value=200, lower=170, upper=260, unit="persons", method="m", observed=150)
    total = sum_of({("f",): one, ("m",): other}, {("f",): 164, ("m",): 150}, BOTH, "m", 0.95, joint=False)
    assert total.upper == np.inf and total.unbounded
    assert total.lower == pytest.approx(600 - np.hypot(40, 30))


def test_any_method_on_lists_by_name_and_the_row_returns_the_sum():
    histories = table_of({(year,): independent_lists(800, {"a": 0.3, "b": 0.3, "c": 0.2}, rng=int(year))
                          for year in ("2019", "2020")}, ["year"], ["a", "b", "c"])
    found = METHODS["stratified"](histories, method="loglinear", selection="bic", interval="bootstrap",
                                  replicates=200, rng=1)
    assert isinstance(found, Estimate)
    assert found.draws is not None
    assert found.lower <= 1600 <= found.upper
    again = [stratified(histories, selection="bic", interval="bootstrap", replicates=200, rng=1, n_jobs=workers)
             for workers in (1, 2)]
    assert {(each.value, each.lower, each.upper) for each in again} == {(found.value, found.lower, found.upper)}


def test_homogeneous_strata_sum_to_the_whole_within_its_interval():
    rng = np.random.default_rng(5)
    histories = table_of({(str(year),): independent_lists(1500, {"a": 0.2, "b": 0.25, "c": 0.2}, rng=rng)
                          for year in range(4)}, ["year"], ["a", "b", "c"])
    found = stratified_estimates(histories, model="[1,2,3]")
    assert found.pooled.lower < found.sum.value < found.pooled.upper
    assert not any("outside each other" in caution for caution in found.cautions)


@pytest.mark.parametrize(("options", "words"), [
    ({"by": "age"}, "by names some of sex"), ({"by": ()}, "by names some of"), ({"method": "chao"}, "method is one of"),
    ({"method": "stratified"}, "method is one of"), ({"pooling": "all"}, "pooling is None or one of"),
    ({"pooling_sd": 1.0}, "belong to pooling"), ({"pooling": "strata", "method": "chapman"}, "method is "
                                                                                             "'loglinear'"),
    ({"pooling": "neighbours"}, "needs an ordered variable"), ({"pooling": "strata", "draws": 3}, "100 draws or more"),
    ({"pooling": "strata", "pooling_sd": -1.0}, "pooling_sd is a number of 0 or more"),
    ({"pooling": "strata", "interval": "bca"}, "with pooling the options are"),
    ({"pooling": "strata", "confidence_level": 2}, "confidence_level")])
def test_options_that_make_no_sense_are_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        stratified(BOTH, **options)


def test_histories_without_strata_are_refused_by_function_and_row():
    with pytest.raises(ValueError, match="no strata"):
        stratified(BOTH.pooled())
    assert "needs strata" in METHODS["stratified"].lacks(BOTH.pooled())
    assert METHODS["stratified"].lacks(BOTH) == ""


def test_people_of_whom_the_stratum_was_not_recorded_are_no_stratum():
    # The police do not ask the age: sixty people are old or young, and not a third kind of people.
    table = pd.DataFrame({"police": [1, 0, 0, 1, 1], "ngo": [0, 1, 1, 1, 1], "sex": list("fffff"),
                          "age": [None, "old", "young", "old", "young"], "count": [60, 30, 10, 12, 4]})
    histories = CaptureHistories.from_table(table, lists=TWO, strata=["sex", "age"], partly_recorded=["age"])
    for options in ({}, {"by": "age"}, {"pooling": "strata"}):
        with pytest.raises(NoEstimate, match=r"60 of 116 people age was not recorded.*covariate_model"):
            stratified(histories, method="loglinear", **options)
    assert "age" in METHODS["stratified"].lacks(histories.restratified(["age"]))
    assert METHODS["stratified"].lacks(histories) == ""
    assert stratified(histories, by="sex", method="lincoln_petersen").observed == 116


def test_a_variable_that_might_not_have_been_recorded_but_was_makes_strata():
    histories = CaptureHistories.from_table(BOTH.table().astype(dict.fromkeys(TWO, int)), lists=TWO, strata=["sex"],
                                            partly_recorded=["sex"])
    assert stratified(histories, method="chapman").value == stratified(BOTH, method="chapman").value
