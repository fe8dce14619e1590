"""Sample coverage: held to CARE1 1.1.0, to tables of every kind, and to populations of known size."""

import math
import re
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.kernels.sample_coverage import coverage_estimates
from smuggling_analysis.methods.multiple_systems import sample_coverage
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits
from smuggling_analysis.simulate import dependent_lists, heterogeneous_lists, independent_lists

TABLES = ["HAV", "Congenital"]
OURS = {"Indep": "independent", "HSC": "high", "LSC": "one-step"}


def three(*cells):
    names = [("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")]
    return CaptureHistories.from_counts(dict(zip(names, cells, strict=True)), lists=["a", "b", "c"])


@pytest.mark.parametrize("name", TABLES)
def test_points_coverage_and_pairs_are_care1s(name, capture_table, figures):
    theirs = figures("CARE1", f"{name}__sample_coverage.json")
    told = sample_coverage(capture_table(name), rng=1).diagnostics
    for method, own in OURS.items():
        assert told["estimates"][own] == pytest.approx(theirs[f"{method}_point"][0][0], rel=1e-12)
    observed, _, coverage = theirs["stat"][0]
    assert capture_table(name).n_observed == observed
    assert round(told["sample_coverage"], 3) == coverage
    # D over the coverage is the estimate under independence.
    assert told["estimates"]["independent"] * told["sample_coverage"] == pytest.approx(theirs["stat"][0][1],
                                                                                       abs=6e-4)
    pairs = {pair["lists"]: pair for pair in told["pairs"]}
    names = capture_table(name).lists
    by_number = [(names[one], names[other]) for one, other in combinations(range(len(names)), 2)]
    for (one, other), row in zip(by_number, theirs["pair"], strict=True):
        pair = pairs[" and ".join(sorted((one, other)))]
        np.testing.assert_allclose([pair[key] for key in ("petersen", "chapman", "se", "lower", "upper")], row,
                                   rtol=1e-10)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("method", OURS)
def test_limits_given_the_standard_error_are_care1s(name, method, capture_table, figures):
    value, se, lower, upper = figures("CARE1", f"{name}__sample_coverage.json")[method][0]
    ours = log_normal_limits(value, se, capture_table(name).n_observed, 0.95)
    np.testing.assert_allclose(ours, [lower, upper], rtol=1e-12)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("method", OURS)
def test_standard_errors_agree_within_monte_carlo_error(name, method, capture_table, figures):
    theirs = figures("CARE1", f"{name}__sample_coverage.json")[method][0][1]
    if (name, method) == ("HAV", "HSC"):
        with pytest.raises(NoEstimate, match="high estimate of 971 has a bootstrap standard error") as refused:
            sample_coverage(capture_table(name), estimator="high", rng=3)
        assert "one-step" in refused.value.needed
        return
    made = sample_coverage(capture_table(name), estimator=OURS[method], replicates=20_000, interval="bootstrap",
                           rng=3)
    deviations = (made.draws.values - made.draws.values.mean()) / made.draws.values.std()
    # The relative standard error of a standard deviation from 1,000 replicates, by their kurtosis.
    error = math.sqrt((np.mean(deviations**4) - 1) / (4 * 1000))
    assert made.se == pytest.approx(theirs, rel=4 * error)


@pytest.mark.parametrize("name", TABLES)
def test_covariation_is_care1s(name, capture_table, figures):
    text = figures("CARE1", f"{name}__sample_coverage.json")["text"]
    heads = [line for line in text if re.search(r"r\d\d", line) and ":" not in line and "," not in line]
    rows = {"independent": "Nhat-0", "high": "Nhat", "one-step": "Nhat-1"}
    told = sample_coverage(capture_table(name), rng=1).diagnostics
    names = capture_table(name).lists
    start = text.index("Parameter estimates: ")
    for own, label in rows.items():
        printed = [number for line in text[start:] if line.split(" ")[0] == label for number in line.split()[1:]]
        columns = " ".join(heads).split()
        found = dict(zip(columns, map(float, printed), strict=True))
        value = told["estimates"][own]
        shared = capture_table(name).overlaps().to_numpy()
        for column, number in found.items():
            if column.startswith("r"):
                one, other = int(column[1]) - 1, int(column[2]) - 1
                pair = " and ".join(sorted((names[one], names[other])))
                ccv = value * shared[one, other] / (shared[one, one] * shared[other, other]) - 1
                assert ccv == pytest.approx(number, abs=0.00501)
                if own == told["estimator"]:
                    assert told["ccv"][pair] == pytest.approx(ccv, rel=1e-12)


def test_the_estimator_recommended(capture_table):
    low, high = (sample_coverage(capture_table(name), rng=1) for name in TABLES)
    assert low.diagnostics["estimator"] == "one-step"
    assert "below 55 %" in low.diagnostics["why"]
    assert any("lower bound, because the lists depend positively" in caution for caution in low.cautions)
    assert high.diagnostics["estimator"] == "high"
    # Coverage of 55 % and more, but a standard error of more than a third of the estimate.
    unsteady = sample_coverage(three(8, 2, 2, 2, 2, 3, 4), rng=1)
    assert unsteady.diagnostics["sample_coverage"] > 0.55
    assert unsteady.diagnostics["estimator"] == "one-step"
    assert "a third" in unsteady.diagnostics["why"] or "no answer" in unsteady.diagnostics["why"]


def test_neither_order_nor_call_changes_the_answer(capture_table):
    histories = capture_table("HAV")
    for interval in ("log-normal", "bootstrap"):
        first = sample_coverage(histories, interval=interval, rng=7)
        for order in permutations(histories.lists):
            other = sample_coverage(histories.select(order), interval=interval, rng=7)
            assert (other.value, other.lower, other.upper, other.se) == (first.value, first.lower, first.upper,
                                                                         first.se)
    assert sample_coverage(histories, rng=7).se != sample_coverage(histories, rng=8).se


def test_refusals_name_the_reason():
    for histories, said in [(three(5, 6, 7, 0, 0, 0, 0), "nobody is on two lists"),
                            (three(5, 6, 0, 3, 0, 0, 0), "the list c holds nobody")]:
        with pytest.raises(NoEstimate, match=said):
            sample_coverage(histories)
    # Fewer on two lists than chance would have there: what the lists tell falls below those observed.
    for estimator in ("high", "one-step"):
        with pytest.raises(NoEstimate, match="below the 262 observed: the lists avoid one another"):
            sample_coverage(three(1, 60, 20, 60, 60, 60, 1), estimator=estimator)


@pytest.mark.parametrize(("options", "said"), [
    ({"estimator": "low"}, "estimator is one of"), ({"interval": "wald"}, "interval is one of"),
    ({"replicates": 1}, "replicates must be 2"), ({"confidence_level": 95}, "share between 0 and 1")])
def test_unknown_options_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        sample_coverage(three(9, 8, 7, 6, 5, 4, 3), **options)
    with pytest.raises(ValueError, match="needs 3 lists or more, got 2"):
        sample_coverage(CaptureHistories.from_counts({"a": 1, "b": 2}, lists=["a", "b"]))


def test_identical_lists_are_not_taken_for_certainty():
    made = sample_coverage(three(0, 0, 0, 0, 0, 0, 50), rng=1)
    assert made.value == 50
    assert any("does not mean certainty" in caution for caution in made.cautions)


@pytest.mark.parametrize("estimator", [None, "independent", "high", "one-step"])
def test_nested_lists_are_not_taken_for_certainty_by_a_rounding_error(estimator):
    # Each list inside the next: 180 are seen and the formula gives 180 but for its last digit.
    made = sample_coverage(three(0, 0, 50, 0, 0, 60, 70), estimator=estimator, rng=1)
    assert made.value == pytest.approx(180, rel=1e-12)
    assert any("does not mean certainty" in caution for caution in made.cautions)


def test_a_handful_of_shared_people_is_refused_not_answered_in_billions():
    with pytest.raises(NoEstimate, match="more than 5 % of the bootstrap replicates have no one-step estimate"):
        sample_coverage(three(10**6, 10**6, 10**6, 0, 0, 0, 1), rng=1)
    for estimator in ("independent", "one-step"):
        with pytest.raises(NoEstimate, match=f"that the {estimator} estimate has no answer of any use"):
            sample_coverage(three(10**9, 10**9, 10**9, 1, 0, 0, 0), estimator=estimator, rng=1)


@pytest.mark.parametrize("estimator", OURS.values())
def test_the_bootstrap_is_the_delta_method_where_tables_are_large(estimator):
    # Populations of the estimated size with the observed shares: by the delta method the variance is
    # N (sum of p g^2 - (sum of p g)^2), with g the estimate's gradient by the counts.
    histories = dependent_lists(300_000, {"a": 0.4, "b": 0.35, "c": 0.3, "d": 0.3}, {("a", "b"): 2.0}, rng=4)
    made = sample_coverage(histories, estimator=estimator, replicates=8000, rng=5)
    patterns, cells = histories.patterns, histories.totals.astype(float)
    column = 1 + ["independent", "high", "one-step"].index(estimator)
    moved = np.repeat(cells[None, :], 2 * len(cells), axis=0)
    step = 1e-3 * cells
    moved[np.arange(len(cells)), np.arange(len(cells))] += step
    moved[len(cells) + np.arange(len(cells)), np.arange(len(cells))] -= step
    up, down = np.split(coverage_estimates(patterns, moved)[:, column], 2)
    gradient, shares = (up - down) / (2 * step), cells / made.value
    variance = made.value * (shares @ gradient**2 - (shares @ gradient) ** 2)
    # 8,000 normal replicates: the relative error of a standard deviation is 1 / sqrt(16,000) = 0.008.
    assert made.se == pytest.approx(math.sqrt(variance), rel=4 * 0.008)


counts = st.one_of(st.just(0), st.integers(1, 30), st.integers(1, 10**9))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.integers(3, 6).flatmap(lambda n: st.lists(counts, min_size=2**n - 1, max_size=2**n - 1)),
       st.sampled_from([None, "independent", "high", "one-step"]), st.sampled_from(["log-normal", "bootstrap"]))
def test_any_table_gives_an_estimate_that_makes_sense_or_a_reason(cells, estimator, interval):
    number = (len(cells) + 1).bit_length() - 1
    names = [f"list {place}" for place in range(number)]
    table = {tuple(name for place, name in enumerate(names) if cell >> place & 1): count
             for cell, count in enumerate(cells, start=1)}
    if not any(cells):
        return
    try:
        made = sample_coverage(CaptureHistories.from_counts(table, lists=names), estimator=estimator,
                               interval=interval, replicates=60, rng=1)
    except NoEstimate:
        return
    assert isinstance(made, Estimate)
    assert made.observed <= made.lower <= made.upper < math.inf
    assert made.observed <= made.value < math.inf


def test_ten_lists_need_no_dense_table():
    histories = independent_lists(20_000, {f"list {place}": 0.1 for place in range(10)}, rng=1)
    made = sample_coverage(histories, rng=1)
    assert made.lower < 20_000 < made.upper


def test_dependence_is_followed():
    chances = {"a": 0.35, "b": 0.3, "c": 0.3}
    alike = dependent_lists(10_000, chances, {("a", "b"): 3.0}, rng=2)
    made = sample_coverage(alike, rng=1).diagnostics
    assert made["ccv"]["a and b"] > 0.2 > abs(made["ccv"]["b and c"])
    assert made["estimates"]["independent"] < made["estimates"]["one-step"] < made["estimates"]["high"]


@pytest.mark.slow
def test_intervals_cover_where_coverage_is_high():
    rng = np.random.default_rng(11)
    covered, trials, size = 0, 300, 4000
    for _ in range(trials):
        histories = independent_lists(size, {"a": 0.45, "b": 0.4, "c": 0.45}, rng=rng)
        made = sample_coverage(histories, estimator="high", rng=rng, replicates=400)
        covered += made.lower <= size <= made.upper
    # 95 % of 300, give or take 4 binomial standard errors (0.0126 each).
    assert abs(covered / trials - 0.95) < 4 * 0.0126


@pytest.mark.slow
def test_with_heterogeneity_the_order_of_the_estimators_is_the_papers():
    # Chao and Tsay (1998): independence is too low, one step makes good part of it, high coverage most.
    rng = np.random.default_rng(12)
    values = np.array([list(sample_coverage(
        heterogeneous_lists(4000, {"a": 0.45, "b": 0.4, "c": 0.45}, spread=0.7, rng=rng), replicates=20,
        rng=rng).diagnostics["estimates"].values()) for _ in range(150)]).mean(axis=0)
    independent, high, one_step = values
    assert independent < one_step < high < 4000
    assert 4000 - high < 0.3 * (4000 - independent)
