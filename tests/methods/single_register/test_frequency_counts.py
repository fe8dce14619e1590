"""Held to: closed forms worked by hand, what the estimators must do with doubled counts, and refusals in words."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.single_register import (
    abundance_coverage,
    chao,
    chao_bunge,
    jackknife,
    mixture_likelihood,
    truncated_count,
)
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import Frequencies
from smuggling_analysis.methods.single_register.frequency_counts.jackknife import weight
from smuggling_analysis.methods.single_register.frequency_counts.mixture_path import Path
from smuggling_analysis.simulate.registers import register

ESTIMATORS = (jackknife, abundance_coverage, chao_bunge, mixture_likelihood)
EVERY = pytest.mark.parametrize("method", ESTIMATORS, ids=lambda method: method.__name__)
COUNTS = RepeatCounts.from_frequencies({1: 40, 2: 20, 3: 10, 4: 5, 12: 2})
DUTCH = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})


def told(estimate, words):
    return any(words in caution for caution in estimate.cautions)


@pytest.mark.parametrize(("order", "size"), [(1, 77 + 40), (2, 77 + 2 * 40 - 20), (3, 77 + 3 * 40 - 3 * 20 + 10)])
def test_the_jackknife_by_hand(order, size):
    estimate = jackknife(COUNTS, order=order)
    assert estimate.value == size
    weights = {1: [2, 1, 1], 2: [3, 0, 1], 3: [4, -2, 2]}[order]
    seen = [40, 20, 10]
    assert estimate.se**2 == pytest.approx(np.dot(np.square(weights), seen) + 7 - size, rel=1e-13)


@pytest.mark.parametrize("occasions", [5, 18, 1000])
def test_the_jackknife_on_some_occasions(occasions):
    """Burnham and Overton 1978: the first two orders in t occasions, and the third in their limit."""
    t = occasions
    assert weight(1, 1, t) == pytest.approx(1 + (t - 1) / t, rel=1e-14)
    assert weight(1, 2, t) == pytest.approx(1 + (2 * t - 3) / t, rel=1e-14)
    assert weight(2, 2, t) == pytest.approx(1 - (t - 2) ** 2 / (t * (t - 1)), rel=1e-13, abs=1e-14)
    assert weight(3, 3, 10**7) == pytest.approx(weight(3, 3, None), rel=1e-5)


def test_the_interpolated_jackknife_lies_between_two_orders():
    chosen, between = jackknife(COUNTS), jackknife(COUNTS, interpolated=True)
    sizes, p_values = chosen.diagnostics["estimates"], chosen.diagnostics["p_values"]
    order = chosen.diagnostics["order"]
    share = (0.05 - p_values[order - 1]) / (p_values[order] - p_values[order - 1])
    assert 0 < share < 1
    assert between.value == pytest.approx(share * sizes[order] + (1 - share) * sizes[order - 1], rel=1e-13)


def test_a_jackknife_that_has_not_settled_says_so_and_that_chao_is_higher():
    estimate = jackknife(DUTCH)
    assert told(estimate, "the next order still differs from order 5")
    assert told(estimate, "lies below Chao's lower bound of 9,274")
    assert told(estimate, "chosen by a test")
    assert not told(jackknife(COUNTS, order=2), "chosen by a test")


def test_abundance_coverage_by_hand():
    # Rarely seen: 75 people seen 40 + 40 + 30 + 20 = 130 times, of them 40 once: coverage 9 / 13.
    estimate = abundance_coverage(COUNTS)
    pairs = (2 * 20 + 6 * 10 + 12 * 5) / (130 * 129)
    base = 75 * 13 / 9
    variation = base * pairs - 1
    assert estimate.diagnostics["sample_coverage"] == pytest.approx(9 / 13, rel=1e-14)
    assert estimate.diagnostics["seen_more_often"] == 2
    assert estimate.diagnostics["cv"] == pytest.approx(math.sqrt(variation), rel=1e-12)
    assert estimate.value == pytest.approx(2 + base + 40 * 13 / 9 * variation, rel=1e-13)
    with_all = abundance_coverage(COUNTS, cutoff=None)
    coverage = 1 - 40 / 154
    pairs = (160 + 2 * 132) / (154 * 153)
    variation = 77 / coverage * pairs - 1
    assert with_all.value == pytest.approx(77 / coverage + 40 / coverage * variation, rel=1e-13)


def test_the_standard_error_is_that_of_the_formula_for_a_homogeneous_population():
    """n / C: derivatives by hand. With C = 1 - f1 / X, N = n X / (X - f1)."""
    counts = RepeatCounts.from_frequencies({1: 40, 2: 20, 3: 10})
    times, people = np.array([1, 2, 3]), np.array([40, 20, 10])
    n, events, once = 70, 110, 40
    slopes = events / (events - once) + n * times / (events - once) - n * events * (times - (times == 1)) / (
        events - once) ** 2
    size = n * events / (events - once)
    variance = slopes**2 @ people - (slopes @ people) ** 2 / size
    assert abundance_coverage(counts, estimator="homogeneous").se == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_chao_and_bunge_by_hand():
    estimate = chao_bunge(COUNTS)
    share = 1 - 40 * (40 + 80 + 90 + 80) / 130**2
    assert estimate.value == pytest.approx(2 + 35 / share, rel=1e-13)
    assert estimate.diagnostics["share_seen_again"] == pytest.approx(share, rel=1e-13)


def test_chao_and_bunge_is_exact_for_a_gamma_distribution_of_rates():
    """What is expected of 2^40 people and a geometric distribution, but for the tail beyond 40 times: 1e-9 of it."""
    counts = RepeatCounts.from_frequencies({k: 2 ** (39 - k) for k in range(1, 40)})
    assert chao_bunge(counts, cutoff=None).value == pytest.approx(2**40, rel=1e-8)


def test_one_rate_for_all_gives_the_zero_truncated_poisson():
    """Counts of one Poisson distribution: the mixture has a single rate, and N is that of the Poisson fit."""
    chances = np.array([math.exp(-1.5) * 1.5**k / math.factorial(k) for k in range(1, 12)])
    counts = RepeatCounts.from_frequencies({k: int(1e6 * chance) for k, chance in enumerate(chances, 1)
                                            if int(1e6 * chance)})
    found = mixture_likelihood(counts, likelihood="conditional", cutoff=None)
    if found.diagnostics["support_points"] == 1:
        assert found.value == pytest.approx(truncated_count(counts).value, rel=1e-9)
    assert found.value == pytest.approx(1e6, rel=0.01)


def test_a_rate_next_to_zero_raises_the_number_and_not_the_likelihood():
    """Why there is no upper limit: a person of rate e in a million is seen once, and costs the likelihood nothing."""
    path = Path(Frequencies.of(COUNTS, 15))
    end = path.end.mixture
    rates, people = np.append(1e-9, end.rates), np.append(1e6, end.people)
    more = type(end)(rates, people, 0.0)
    assert more.missed > end.missed + 9e5
    assert more.log_likelihood(path.frequencies) == pytest.approx(end.log_likelihood(path.frequencies), abs=1e-3)


def test_the_lower_limit_falls_with_the_level_and_has_no_partner():
    limits = [mixture_likelihood(DUTCH, confidence_level=level) for level in (0.5, 0.8, 0.95, 0.99)]
    assert all(left.lower > right.lower for left, right in pairwise(limits))
    assert all(math.isinf(each.upper) and each.unbounded for each in limits)
    assert limits[-1].lower > DUTCH.n_observed


def test_a_bootstrap_draws_the_same_with_the_same_seed_and_warns():
    one, two, other = (mixture_likelihood(COUNTS, interval="bootstrap", replicates=40, rng=seed) for seed in (1, 1, 2))
    assert (one.lower, one.upper, one.se) == (two.lower, two.upper, two.se)
    assert one.lower != other.lower
    assert one.lower >= COUNTS.n_observed
    assert told(one, "have no upper limit")


def test_a_likelihood_that_runs_off_is_refused_with_its_lower_limit():
    counts = RepeatCounts.from_frequencies({1: 200, 3: 30, 5: 20})
    with pytest.raises(NoEstimate, match=r"endlessly many people: .* at least [\d,]+"):
        mixture_likelihood(counts, likelihood="conditional")


def test_where_the_penalty_alone_says_how_many_it_is_told():
    counts = RepeatCounts.from_frequencies({1: 20, 2: 20, 3: 60})
    estimate = mixture_likelihood(counts)
    if estimate.diagnostics["at_chao"]:
        assert estimate.value == pytest.approx(chao(counts).value, rel=1e-12)
        assert told(estimate, "the penalty decides")


@EVERY
@pytest.mark.parametrize(("frequencies", "words"), [
    ({1: 50}, "all 50 people were seen once"), ({2: 5, 3: 1}, "nobody was seen exactly once")])
def test_refuses_those_seen_once_only_and_nobody_seen_once(method, frequencies, words):
    with pytest.raises(NoEstimate, match=words):
        method(RepeatCounts.from_frequencies(frequencies))


@pytest.mark.parametrize(("method", "words"), [(abundance_coverage, "coverage is zero"),
                                               (chao_bunge, "nobody was seen more than once and no more than 10")])
def test_refuses_where_all_who_were_seen_again_were_seen_often(method, words):
    with pytest.raises(NoEstimate, match=words):
        method(RepeatCounts.from_frequencies({1: 50, 20: 30}))


def test_a_jackknife_below_the_number_seen_is_refused():
    with pytest.raises(NoEstimate, match="below the 1,001 observed"):
        jackknife(RepeatCounts.from_frequencies({1: 1, 2: 1000}), order=3)


def test_the_penalty_needs_people_seen_twice():
    counts = RepeatCounts.from_frequencies({1: 50, 3: 20, 4: 3})
    with pytest.raises(NoEstimate, match="nobody was seen exactly twice"):
        mixture_likelihood(counts)


@pytest.mark.parametrize(("method", "options", "words"), [
    (jackknife, {"order": 11}, "order is a whole number from 1 to 10"),
    (jackknife, {"order": 2, "interpolated": True}, "leave order out"),
    (jackknife, {"occasions": 9}, "seen 12 times on 9 occasions"),
    (jackknife, {"occasions": 5}, "above the largest order"),
    (abundance_coverage, {"estimator": "ACE-2"}, "estimator is one of"),
    (abundance_coverage, {"cutoff": 1}, "cutoff is a whole number"),
    (chao_bunge, {"interval": "exact"}, "interval is one of"),
    (mixture_likelihood, {"likelihood": "marginal"}, "likelihood is one of"),
    (mixture_likelihood, {"interval": "normal"}, "interval is one of"),
    (mixture_likelihood, {"interval": "bootstrap", "replicates": 1}, "replicates must be 2 or more"),
    (mixture_likelihood, {"confidence_level": 1.0}, "a share between 0 and 1")])
def test_wrong_options_are_named(method, options, words):
    with pytest.raises(ValueError, match=words):
        method(COUNTS, **options)


@EVERY
def test_covariates_are_added_together(method):
    rows = [("f", 1, 25), ("f", 2, 5), ("f", 3, 10), ("m", 1, 15), ("m", 2, 15), ("m", 4, 5), ("m", 12, 2)]
    counts = RepeatCounts.from_table(pd.DataFrame(rows, columns=["gender", "times_caught", "n_persons"]),
                                     covariates=["gender"])
    assert method(counts).value == method(COUNTS).value


@pytest.mark.parametrize("name", [method.__name__ for method in ESTIMATORS])
def test_the_row_says_what_is_lacking(name):
    assert METHODS[name].lacks(RepeatCounts.from_frequencies({1: 9})) == "nobody was seen more than once"
    assert METHODS[name].lacks(RepeatCounts.from_frequencies({2: 9})) == "nobody was seen exactly once"
    assert not METHODS[name].lacks(COUNTS)


REPLICATES = 300
SPREAD = 4 * np.sqrt(0.9 * 0.1 / REPLICATES)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "options", "heterogeneity"), [
    (abundance_coverage, {}, 0.0), (chao_bunge, {}, 0.0), (chao_bunge, {"cutoff": None}, 1.0),
    (mixture_likelihood, {}, 0.0), (mixture_likelihood, {}, 1.0)])
def test_intervals_cover_as_often_as_they_say(method, options, heterogeneity):
    """1,000 people seen 1.2 times on average, alike or as different as a geometric distribution has them. A limit
    without a partner may cover more often than it says: the most likely mixture is one of many that fit as well."""
    estimates = [method(register({"a": 1000}, {"a": 1.2}, heterogeneity=heterogeneity, rng=rng), confidence_level=0.9,
                        **options) for rng in np.random.default_rng(11).spawn(REPLICATES)]
    covered = np.mean([each.lower <= 1000 <= each.upper for each in estimates])
    assert covered >= 0.9 - SPREAD
    if method is not mixture_likelihood:
        assert covered <= 0.9 + SPREAD
        values = np.array([each.value for each in estimates])
        assert np.mean([each.se for each in estimates]) == pytest.approx(values.std(ddof=1), rel=0.2)


@pytest.mark.slow
def test_the_jackknife_covers_less_than_it_says_where_most_are_seen_once():
    """Why it is told that the order was chosen by a test, and that Chao's bound is higher."""
    registers = [register({"a": 3000}, {"a": 0.4}, heterogeneity=1.0, rng=rng)
                 for rng in np.random.default_rng(12).spawn(100)]
    estimates = [jackknife(counts) for counts in registers]
    assert np.mean([each.lower <= 3000 <= each.upper for each in estimates]) < 0.5
    assert np.mean([each.value for each in estimates]) < 3000
