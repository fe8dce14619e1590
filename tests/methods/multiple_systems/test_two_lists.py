"""Two lists: held to published examples, to closed forms, and to populations of known size."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems import chapman, lincoln_petersen, loglinear
from smuggling_analysis.simulate import dependent_lists, independent_lists


def two(only_a, only_b, both):
    return CaptureHistories.from_counts({"a": only_a, "b": only_b, ("a", "b"): both}, lists=["a", "b"])


def test_the_textbook_example():
    # 10 turtles marked, 15 caught later, 5 of them marked: Lincoln-Petersen 30, Chapman 28.33, logit limits
    # 22 and 65 (Wikipedia, Mark and recapture, after Sadinle 2009).
    turtles = two(5, 10, 5)
    assert lincoln_petersen(turtles).value == 30
    assert chapman(turtles).value == pytest.approx(11 * 16 / 6 - 1)
    limits = chapman(turtles, interval="logit")
    assert (round(limits.lower), round(limits.upper)) == (22, 65)


def test_seber_example_has_rcaptures_profile(figures):
    # Two samples of 948 and 421, 167 in both (Seber 1982, p. 107).
    row = figures("Rcapture", "seber__closedpCI_t.csv").set_index("m").loc["Mt"]
    table = figures("capture_tables", "seber.csv")
    ours = lincoln_petersen(CaptureHistories.from_table(table), interval="profile")
    assert ours.value == pytest.approx(row["N_glm"], rel=1e-8)
    # The reference's root search stops at about 1e-5.
    np.testing.assert_allclose([ours.lower, ours.upper], row[["ci_lo", "ci_hi"]].astype(float), rtol=1e-4)


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_lincoln_petersen_is_the_independence_model(only_a, only_b, both):
    histories = two(only_a, only_b, both)
    model = loglinear(histories, selection=None, interval="wald")
    assert lincoln_petersen(histories).value == pytest.approx(model.value, rel=1e-9)
    # Sekar and Deming's variance is that of the model without the Poisson variation of the people observed.
    unseen = only_a * only_b / both
    assert lincoln_petersen(histories).se == pytest.approx(
        unseen * math.sqrt(1 / only_a + 1 / only_b + 1 / both + both / (only_a * only_b)), rel=1e-9)


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**9),
       st.sampled_from(["log-normal", "logit", "wald", "profile"]))
def test_any_counts_give_an_estimate_that_makes_sense(only_a, only_b, both, interval):
    histories = two(only_a, only_b, both)
    estimate = lincoln_petersen(histories, interval=interval)
    assert isinstance(estimate, Estimate)
    assert estimate.lower <= estimate.value <= estimate.upper
    if interval != "wald":
        assert estimate.lower >= histories.n_observed
    if interval == "log-normal":  # symmetric on the logarithm of the unseen
        numbers = (estimate.lower, estimate.value, estimate.upper)
        lower, unseen, upper = (number - histories.n_observed for number in numbers)
        assert lower * upper == pytest.approx(unseen**2, rel=1e-3, abs=1e-3)


def test_three_lists_are_refused_with_the_remedy():
    three = CaptureHistories.from_counts({"a": 5, "b": 4, "c": 3}, lists=["a", "b", "c"])
    for method in (lincoln_petersen, chapman):
        with pytest.raises(ValueError, match=r"exactly 2 lists, got 3 \(a, b, c\): choose two .* loglinear"):
            method(three)


def test_without_overlap_lincoln_petersen_refuses_and_chapman_cautions():
    with pytest.raises(NoEstimate, match="nobody is on both a and b") as refusal:
        lincoln_petersen(two(30, 20, 0))
    assert "linked" in refusal.value.needed
    estimate = chapman(two(30, 20, 0))
    assert estimate.value == 31 * 21 - 1
    assert any("nobody is on both a and b" in caution for caution in estimate.cautions)


def test_an_empty_list_is_refused_by_name():
    for method in (lincoln_petersen, chapman):
        with pytest.raises(NoEstimate, match="the list b holds nobody"):
            method(two(30, 0, 0))


def test_a_list_inside_the_other_is_not_taken_for_certainty():
    for interval in ("log-normal", "logit", "wald", "profile"):
        estimate = lincoln_petersen(two(30, 0, 20), interval=interval)
        assert estimate.value == 50
        assert any("does not mean certainty" in caution for caution in estimate.cautions)


def test_few_on_both_and_dependence_are_said():
    said = " ".join(lincoln_petersen(two(30, 20, 3)).cautions)
    assert "only 3 on both" in said
    assert "changes the chance of being on" in said


@pytest.mark.parametrize("options", [{"interval": "exact"}, {"confidence_level": 95}])
def test_unknown_options_are_refused(options):
    with pytest.raises(ValueError, match=r"intervals|share between 0 and 1"):
        chapman(two(30, 20, 10), **options)


@pytest.mark.parametrize(("method", "interval"), [
    (chapman, "log-normal"), (chapman, "logit"), (lincoln_petersen, "log-normal"),
    (lincoln_petersen, "profile")])
def test_intervals_cover_as_often_as_they_say(method, interval):
    size, trials = 2000, 400
    rng = np.random.default_rng(20)
    covered = 0
    for _ in range(trials):
        estimate = method(independent_lists(size, {"a": 0.2, "b": 0.15}, rng=rng), interval=interval)
        covered += estimate.lower <= size <= estimate.upper
    # 95 % of 400, give or take 4 standard errors of a binomial share (0.011 each).
    assert abs(covered / trials - 0.95) < 0.044


def test_dependence_moves_the_estimate_as_the_caution_says():
    rng = np.random.default_rng(4)
    chances = {"a": 0.2, "b": 0.2}
    leading = [chapman(dependent_lists(5000, chances, {("a", "b"): 3.0}, rng=rng)).value for _ in range(50)]
    avoiding = [chapman(dependent_lists(5000, chances, {("a", "b"): 0.4}, rng=rng)).value for _ in range(50)]
    assert np.mean(leading) < 4500
    assert np.mean(avoiding) > 5500
