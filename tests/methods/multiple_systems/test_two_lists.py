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


def test_chapman_and_the_log_normal_interval_are_those_of_care1(figures):
    # 13 pairs of lists: hepatitis A in Taiwan and congenital anomalies; written with 15 digits.
    pairs = figures("CARE1", "pairs.csv")
    assert len(pairs) == 13
    for row in pairs.itertuples():
        lists = two(row.first - row.both, row.second - row.both, row.both)
        ours = chapman(lists)
        assert lincoln_petersen(lists).value == pytest.approx(row.petersen, rel=1e-12)
        assert [ours.value, ours.se, ours.lower, ours.upper] == pytest.approx(
            [row.chapman, row.se, row.lower, row.upper], rel=1e-12)


def exact_profile(row):
    """The profile log-likelihood in closed form: each list's chance at its best for that population."""
    from scipy.special import gammaln, xlogy

    def height(size):
        missed = [size - row.first, size - row.second]
        chances = xlogy(missed, missed).sum() - 2 * xlogy(size, size)
        unseen = size - row.first - row.second + row.both
        return gammaln(size + 1) - gammaln(unseen + 1) + chances

    return height


def test_profile_limits_are_those_of_the_closed_form_and_of_rcapture(figures):
    # The same 13 pairs. Ours hold the closed form to its rounding; the reference's lie up to 5e-5 below, and
    # its top is lower on the closed form than ours.
    pairs = figures("CARE1", "pairs.csv")
    rcapture = figures("Rcapture", "pairs__closedpCI_t_Mt.csv").set_index(["dataset", "one", "other"])
    for row in pairs.itertuples():
        lists = two(row.first - row.both, row.second - row.both, row.both)
        ours = lincoln_petersen(lists, interval="profile")
        theirs, height, top = (rcapture.loc[(row.dataset, row.one, row.other)], exact_profile(row),
                               ours.diagnostics["multinomial_value"])
        for limit in (ours.lower, ours.upper):
            assert height(top) - height(limit) == pytest.approx(1.959963984540054**2 / 2, rel=1e-8)
        np.testing.assert_allclose([top, ours.lower, ours.upper], theirs, rtol=5e-5)
        assert height(top) >= height(theirs["value"]) - 1e-10


def test_the_standard_error_of_recaprs_documentation():
    # 100 and 150 people, 20 on both: Chapman 725.2381, variance 16348.22 (recapr 0.4.4, vignette 1).
    ours = chapman(two(80, 130, 20))
    assert (round(ours.value, 4), round(ours.se**2, 2)) == (725.2381, 16348.22)


@pytest.mark.parametrize("method", [chapman, lincoln_petersen])
def test_bootstrap_replicates_spread_as_the_formula_says(method):
    # With many on both the estimator is nearly normal: 20,000 replicates fix its SD to 0.5 %, limits to 2 %.
    lists = two(1500, 2500, 500)
    found = method(lists, interval="bootstrap", replicates=20_000, rng=1)
    assert found.draws.values.std() == pytest.approx(found.se, rel=0.05)
    closed = method(lists, interval="log-normal")
    assert [found.lower, found.upper] == pytest.approx([closed.lower, closed.upper], rel=0.02)
    again = method(lists.select(["b", "a"]), interval="bootstrap", replicates=20_000, rng=1)
    assert (again.lower, again.upper) == (found.lower, found.upper)


def test_bootstrap_replicates_without_overlap_are_counted():
    few = lincoln_petersen(two(40, 40, 3), interval="bootstrap", rng=1)
    assert few.diagnostics["failed_replicates"] > 0
    assert any("had nobody on both lists and are left out" in caution for caution in few.cautions)
    with pytest.raises(NoEstimate, match="too large to be drawn"):
        lincoln_petersen(two(10**12, 10**12, 1), interval="bootstrap", rng=1)
    with pytest.raises(ValueError, match="2 replicates or more"):
        chapman(two(40, 40, 3), interval="bootstrap", replicates=1)


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
       st.sampled_from(["log-normal", "logit", "wald", "profile", "bootstrap"]))
def test_any_counts_give_an_estimate_that_makes_sense(only_a, only_b, both, interval):
    histories = two(only_a, only_b, both)
    if interval == "bootstrap" and both < 20:  # drawn again, most tables may have nobody on both
        return
    estimate = lincoln_petersen(histories, interval=interval, rng=1)
    assert isinstance(estimate, Estimate)
    assert estimate.lower <= estimate.value <= estimate.upper
    if interval not in ("wald", "bootstrap"):
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


@pytest.mark.parametrize("method", [chapman, lincoln_petersen])
def test_a_list_inside_the_other_is_not_taken_for_certainty(method):
    for interval in ("log-normal", "logit", "wald", "bootstrap"):
        estimate = method(two(30, 0, 20), interval=interval)
        assert (estimate.value, estimate.lower) == (50, 50)
        assert estimate.upper > 58
        assert any("does not mean certainty" in caution for caution in estimate.cautions)
        assert estimate.draws is None


@pytest.mark.parametrize(("inner", "outer"), [(20, 50), (5, 6), (1, 1), (3, 400)])
def test_the_exact_limit_is_the_hypergeometrics(inner, outer):
    from scipy.stats import hypergeom

    upper = chapman(two(outer - inner, 0, inner)).upper
    below, above = math.floor(upper), math.floor(upper) + 1
    # At a whole number of people at or below the limit the chance is 0.025 or more, above it is less.
    assert hypergeom.pmf(inner, max(below, outer), outer, inner) >= 0.025 * (1 - 1e-9)
    assert hypergeom.pmf(inner, above, outer, inner) < 0.025 * (1 + 1e-9)


def test_identical_lists_have_an_interval_at_any_size():
    for people in (1, 50, 10**9):
        for interval in ("log-normal", "logit"):
            estimate = lincoln_petersen(two(0, 0, people), interval=interval)
            assert estimate.lower == people < estimate.upper < 50 * people
            assert any("exact hypergeometric one is given instead" in said for said in estimate.cautions)


def test_the_exact_interval_covers_where_the_profile_likelihoods_does_not():
    # A list of 18 or so inside one of 57 of 60 people: of the tables in which that happens the exact interval
    # holds the truth in all, the profile likelihood's in fewer than two of three.
    rng, held, tables = np.random.default_rng(1), {"log-normal": 0, "profile": 0}, 0
    for _ in range(300):
        lists = independent_lists(60, {"a": 0.95, "b": 0.3}, rng=rng)
        if lists.dense()[2] == 0:
            tables += 1
            for interval in held:
                estimate = lincoln_petersen(lists, interval=interval)
                held[interval] += estimate.lower - 1e-6 <= 60 <= estimate.upper
    assert tables > 80
    assert held["log-normal"] == tables
    assert held["profile"] < 2 / 3 * tables
    said = lincoln_petersen(two(30, 0, 20), interval="profile").cautions
    assert any("profile likelihood's interval is too short" in caution for caution in said)


def test_few_on_both_and_dependence_are_said():
    said = " ".join(lincoln_petersen(two(30, 20, 3)).cautions)
    assert "only 3 on both" in said
    assert "changes the chance of being on" in said
    assert "fewer than 5 people are on one list" in " ".join(lincoln_petersen(two(30, 4, 20)).cautions)


@pytest.mark.parametrize("options", [{"interval": "exact"}, {"confidence_level": 95}])
def test_unknown_options_are_refused(options):
    with pytest.raises(ValueError, match=r"intervals|share between 0 and 1"):
        chapman(two(30, 20, 10), **options)


@pytest.mark.parametrize(("method", "interval"), [
    (chapman, "log-normal"), (chapman, "logit"), (chapman, "bootstrap"), (lincoln_petersen, "log-normal"),
    (lincoln_petersen, "profile"), (lincoln_petersen, "bootstrap")])
def test_intervals_cover_as_often_as_they_say(method, interval):
    size, trials = 2000, 400
    rng = np.random.default_rng(20)
    covered = 0
    for _ in range(trials):
        lists = independent_lists(size, {"a": 0.2, "b": 0.15}, rng=rng)
        estimate = method(lists, interval=interval, rng=rng)
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
