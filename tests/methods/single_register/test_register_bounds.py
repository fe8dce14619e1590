"""Held to: the closed forms of Chao 1987 and Zelterman 1988, worked by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import chao, zelterman

COUNTS = RepeatCounts.from_frequencies({1: 40, 2: 10, 3: 4, 7: 1})
BOUNDS = pytest.mark.parametrize("method", [chao, zelterman])


def by_gender(frequencies: dict[str, dict[int, int]]) -> RepeatCounts:
    rows = [(gender, times, persons) for gender, counts in frequencies.items()
            for times, persons in counts.items()]
    return RepeatCounts.from_table(pd.DataFrame(rows, columns=["gender", "times_caught", "n_persons"]),
                                   covariates=["gender"])


def test_chao_is_n_plus_f1_squared_over_twice_f2():
    estimate = chao(COUNTS)
    assert estimate.value == pytest.approx(55 + 40**2 / 20, rel=1e-13)
    assert estimate.observed == 55
    assert estimate.unit == "persons"


def test_chaos_own_variance_stands_beside_and_is_a_hair_smaller():
    # Chao 1987: f2 (r^4 / 4 + r^3 + r^2 / 2) with r = f1 / f2 = 4: 10 x (64 + 64 + 8) = 1,360.
    estimate = chao(COUNTS)
    assert estimate.diagnostics["se_chao_1987"] == pytest.approx(math.sqrt(1360), rel=1e-13)
    # Ours differs by (1 - r) r for each of N people, r the chance of being seen three times or more.
    rate = 2 * 10 / 40
    seen_three = 1 - math.exp(-rate) * (1 + rate + rate**2 / 2)
    people = 50 / (math.exp(-rate) * (rate + rate**2 / 2))
    assert estimate.se**2 == pytest.approx(1360 + people * seen_three * (1 - seen_three), rel=1e-12)


def test_bias_corrected_chao():
    assert chao(COUNTS).diagnostics["bias_corrected"] == pytest.approx(55 + 40 * 39 / 22, rel=1e-13)


def test_zelterman_is_n_over_the_chance_of_being_seen():
    assert zelterman(COUNTS).value == pytest.approx(55 / (1 - math.exp(-0.5)), rel=1e-13)


def test_log_normal_interval_by_hand():
    estimate = chao(COUNTS, confidence_level=0.9)
    factor = math.exp(1.6448536269514722 * math.sqrt(math.log(1 + (estimate.se / 80) ** 2)))
    assert (estimate.lower, estimate.upper) == pytest.approx((55 + 80 / factor, 55 + 80 * factor), rel=1e-12)


@BOUNDS
def test_a_saturated_formula_is_the_sum_of_the_strata(method):
    both = {"f": {1: 30, 2: 5, 3: 2}, "m": {1: 80, 2: 22, 4: 3}}
    together = method(by_gender(both), formula="gender").value
    apart = sum(method(RepeatCounts.from_frequencies(counts)).value for counts in both.values())
    assert together == pytest.approx(apart, rel=1e-12)


@BOUNDS
@pytest.mark.parametrize(("frequencies", "word"), [({2: 5, 3: 1}, "once"), ({1: 5, 3: 1}, "twice")])
def test_refuses_without_ones_or_twos(method, frequencies, word):
    with pytest.raises(NoEstimate, match=f"nobody was seen exactly {word}"):
        method(RepeatCounts.from_frequencies(frequencies))


@BOUNDS
@pytest.mark.parametrize(("women", "fate"), [({1: 9}, r"9 seen once\) falls to zero"),
                                             ({2: 9}, r"9 seen twice\) grows without end")])
def test_refuses_a_separated_level_by_name(method, women, fate):
    with pytest.raises(NoEstimate, match=f"gender = f \\({fate}"):
        method(by_gender({"f": women, "m": {1: 80, 2: 22}}), formula="gender")


def test_those_seen_often_only_need_no_rate_for_chao_and_stop_zelterman():
    counts = by_gender({"f": {3: 9}, "m": {1: 80, 2: 22}})
    assert chao(counts, formula="gender").value == pytest.approx(111 + 80**2 / 44, rel=1e-12)
    with pytest.raises(NoEstimate, match=r"gender = f .* is not determined"):
        zelterman(counts, formula="gender")


def test_a_covariate_that_separates_perfectly():
    people = pd.DataFrame({"captures": [1] * 8 + [2] * 4, "age": range(12)})
    with pytest.raises(NoEstimate, match="by age those seen once are told from the others"):
        chao(RepeatCounts.from_records(people, covariates=["age"]), formula="age")
