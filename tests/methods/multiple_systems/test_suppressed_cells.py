"""Estimates from suppressed counts: held to loglinear, to scipy, to enumeration, to the truth of simulations."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import poisson

from smuggling_analysis import CaptureHistories, CensoredHistories, Estimate, NoEstimate
from smuggling_analysis.kernels.suppressed import fit_ranges, range_moments
from smuggling_analysis.methods.chooser import choose
from smuggling_analysis.methods.multiple_systems import loglinear, loglinear_suppressed
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table
from smuggling_analysis.methods.multiple_systems.suppressed.em import SuppressedTable, fit_suppressed
from smuggling_analysis.methods.multiple_systems.suppressed.profile import SuppressedProfile, _log_chances
from smuggling_analysis.simulate import dependent_lists

ROOT = Path(__file__).parents[3]
SMALL = {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 4, ("b", "c"): 3, ("a", "b", "c"): 2}


def small(**options):
    return CensoredHistories.suppress(CaptureHistories.from_counts(SMALL, lists=["a", "b", "c"]), **options)


def raw(name):
    return CaptureHistories.from_table(pd.read_csv(ROOT / "data" / "raw" / name / "capture_histories.csv"))


def design(model, cells):
    terms = np.array(model.terms)
    return ((np.arange(cells)[:, None] & terms) == terms).astype(float)


@pytest.mark.parametrize(("options", "name"), [
    ({"model": "[123,14,34]"}, "Kosovo"), ({"selection": "bic"}, "Kosovo"), ({"selection": "aic"}, "Ned_5"),
    ({"selection": "stepwise"}, "UKdat_5"), ({"selection": None, "confidence_level": 0.8}, "UKdat"),
    ({"model": "[12,14,23,24,34]", "interval": "log-normal"}, "lesbian"),
    ({"model": "[12,14,23,24,34]", "interval": "wald"}, "lesbian")])
def test_with_no_count_suppressed_it_is_loglinear(options, name, capture_table):
    whole = loglinear(capture_table(name), **options)
    found = loglinear_suppressed(CensoredHistories.suppress(capture_table(name), below=0), **options)
    assert found.diagnostics["model"] == whole.diagnostics["model"]
    for field in ("value", "se", "lower", "upper", "observed"):
        assert getattr(found, field) == pytest.approx(getattr(whole, field), rel=1e-8)
    for field in ("aic", "bic", "unseen"):
        assert found.diagnostics[field] == pytest.approx(whole.diagnostics[field], rel=1e-8)
    assert found.diagnostics["information_lost"] == pytest.approx(0, abs=1e-10)
    assert not any("suppressed" in caution for caution in found.cautions)


def test_without_suppression_imputation_is_loglinear_too():
    made = small(below=0)
    found = loglinear_suppressed(made, model="[12,3]", approach="imputation", imputations=5, rng=1)
    whole = loglinear(made.complete_at("low"), model="[12,3]", interval="log-normal")
    assert (found.value, found.lower, found.upper) == pytest.approx((whole.value, whole.lower, whole.upper), rel=1e-5)
    assert found.diagnostics["missing_information"] == 0


def test_moments_of_a_range_are_those_of_the_poisson():
    for low, high, mean in [(1, 4, 2.3), (0, 9, 0.01), (3, 300, 120.0), (0, 5000, 3000.0)]:
        counts = np.arange(low, high + 1)
        chance = poisson.pmf(counts, mean)
        centre = (counts * chance).sum() / chance.sum()
        expected = (np.log(chance.sum()), centre, ((counts - centre) ** 2 * chance).sum() / chance.sum())
        assert range_moments(low, high, mean) == pytest.approx(expected, rel=1e-8, abs=1e-12)


def direct(made, model):
    """Maximise the likelihood of the ranges by scipy: log-likelihood and unseen."""
    low, high = made.dense()
    columns = design(model, low.size)[1:]

    def loss(theta):
        means = np.exp(columns @ theta)
        chance = poisson.cdf(high[1:], means) - np.where(low[1:] > 0, poisson.cdf(low[1:] - 1, means), 0)
        return -np.log(np.where(high[1:] == low[1:], poisson.pmf(low[1:], means), chance)).sum()

    start = np.linalg.lstsq(columns, np.log(0.5 * (low + high)[1:] + 0.5), rcond=None)[0]
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-9})
    found = minimize(loss, found.x, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-12, "maxfev": 5000})
    return -found.fun, np.exp(found.x[0])


@pytest.mark.parametrize(("notation", "may_be_zero"), [
    ("[1,2,3]", False), ("[12,3]", False), ("[12,13]", False), ("[1,2,3]", True), ("[12,3]", True)])
def test_em_climbs_at_every_step_to_the_maximum_scipy_finds(notation, may_be_zero):
    whole = CaptureHistories.from_counts({**SMALL, ("a", "c"): 8}, lists=["a", "b", "c"])
    made, model = CensoredHistories.suppress(whole, may_be_zero=may_be_zero), Model.parse(notation, whole.lists)
    table = SuppressedTable.of(made)
    found = fit_suppressed(made, model, table)
    assert found.converged
    assert (np.diff(found.climb) >= -1e-12).all()
    assert len(found.climb) > 3
    height, unseen = direct(made, model)
    assert found.log_likelihood == pytest.approx(height, rel=1e-6)
    assert found.log_likelihood >= height - 1e-9
    assert found.unseen == pytest.approx(unseen, rel=1e-4)
    # The kernel that compares all models climbs by Newton's method, to the same top.
    likelihood, kernel_unseen, seen = fit_ranges(table.low, table.high, term_table([model]))
    assert (likelihood[0], kernel_unseen[0]) == pytest.approx((found.log_likelihood, found.unseen), rel=1e-7)
    assert seen[0] == pytest.approx(found.expected, rel=1e-7)


def test_information_is_the_curvature_of_the_likelihood():
    made, model = small(), Model.parse("[12,3]", ["a", "b", "c"])
    table = SuppressedTable.of(made)
    found = fit_suppressed(made, model, table)
    theta, size = found.fits.theta[0], found.information.shape[0]

    def height(moved):
        return table.log_likelihood(np.exp(found.design @ moved))

    steps = 1e-4 * np.eye(size)
    curve = [[height(theta + i + j) - height(theta + i - j) - height(theta - i + j) + height(theta - i - j)
              for j in steps] for i in steps]
    np.testing.assert_allclose(found.information, -np.array(curve) / 4e-8, rtol=1e-3, atol=0.02)


def completions(made):
    low, high = made.dense()
    for counts in product(*(range(a, b + 1) for a, b in zip(low, high, strict=True))):
        cells = np.array(counts)
        sums = {name: cells[1:][[bool(c >> i & 1) for c in range(1, cells.size)]].sum()
                for i, name in enumerate(made.lists)} | {"everybody": cells.sum()}
        if all(sums[name] == total for name, total in made.totals):
            yield cells


@pytest.mark.parametrize("totals", [False, True])
def test_totals_and_profile_are_sums_over_every_completion(totals):
    made, model = small(totals=totals), Model.parse("[12,3]", ["a", "b", "c"])
    tables = list(completions(made))
    found = fit_suppressed(made, model, SuppressedTable.of(made))
    chance = np.array([poisson.pmf(cells[1:], found.means[1:]).prod() for cells in tables])
    assert found.log_likelihood == pytest.approx(np.log(chance.sum()), rel=1e-9)
    expected = chance @ np.array(tables) / chance.sum()
    np.testing.assert_allclose(found.fits.cells[1:], expected[1:], rtol=1e-7)
    rest = np.array(tables)[:, found.table.cells] - expected[found.table.cells]
    np.testing.assert_allclose(found.covariance, (rest * chance[:, None]).T @ rest / chance.sum(), atol=1e-7)
    # The multinomial likelihood of a size, by enumeration and scipy, against the profile by EM.
    profile = SuppressedProfile(SuppressedTable.of(made, sums=True), model, made.observed_bounds[0])
    columns = design(model, 8)

    def loss(theta, size):
        shares = np.exp(columns @ np.concatenate([[0.0], theta]))
        logs = np.log(shares / shares.sum())
        ways = [poisson.logpmf(cells[1:], 1).sum() + cells[1:] @ logs[1:] + (size - cells.sum()) * logs[0]
                + poisson.logpmf(size - cells.sum(), 1) for cells in tables if cells.sum() <= size]
        return -np.logaddexp.reduce(ways) + poisson.logpmf(size, 1)

    by_hand = [-minimize(loss, found.fits.theta[0][1:], args=(size,), method="BFGS").fun for size in (300, 500)]
    ours = [profile(np.log(size - made.observed_bounds[0])) for size in (300, 500)]
    np.testing.assert_allclose(np.diff(ours), np.diff(by_hand), atol=1e-6)


def test_with_every_list_total_published_independent_lists_lose_nothing(capture_table):
    whole = loglinear(capture_table("UKdat"), selection=None)
    found = loglinear_suppressed(CensoredHistories.suppress(capture_table("UKdat"), totals=True), selection=None)
    assert (found.value, found.se, found.lower, found.upper) == pytest.approx(
        (whole.value, whole.se, whole.lower, whole.upper), rel=1e-6)
    assert found.value == pytest.approx(12_213.99512, rel=1e-8)


@pytest.mark.parametrize(("name", "whole", "selection"), [
    ("uk-2013", 12_213.99512, None), ("netherlands-2010-2015", 52_823.46393, None),
    ("uk-2013", 11_417.99109, "stepwise"), ("netherlands-2010-2015", 111_139.37123, "stepwise")])
def test_the_published_tables_below_five_suppressed(name, whole, selection):
    histories = raw(name)
    assert loglinear(histories, selection=selection, interval="wald").value == pytest.approx(whole, rel=1e-7)
    found = loglinear_suppressed(CensoredHistories.suppress(histories), selection=selection)
    assert found.value == pytest.approx(whole, rel=0.02)
    told = found.diagnostics
    assert told["suppressed"] == 10
    assert told["all_extreme_completions"] and told["completions_fitted"] == 1024
    assert told["least_completion"] < whole < told["largest_completion"]
    assert 0 < told["information_lost"] < 0.1 and 1 < told["se_ratio"] < 1.05
    assert any("counts were suppressed: under this model that costs" in caution for caution in found.cautions)
    with_totals = loglinear_suppressed(CensoredHistories.suppress(histories, totals=True), selection=selection)
    assert with_totals.diagnostics["se_ratio"] < told["se_ratio"]


def test_suppression_can_change_the_choice_of_model_and_says_how_far_models_differ():
    found = loglinear_suppressed(CensoredHistories.suppress(raw("uk-2013")), selection="bic", interval="log-normal")
    whole = loglinear(raw("uk-2013"), selection="bic", interval="log-normal")
    assert whole.value == pytest.approx(12_349.58695, rel=1e-8)
    assert found.diagnostics["models_visited"] == 32_768
    assert found.diagnostics["least_near_best"] < whole.value < found.diagnostics["largest_near_best"]
    assert any("the choice of model decides much" in caution for caution in found.cautions)
    # Twice the answer from the counts themselves: a clerk must read so before anything else.
    assert found.value > 1.9 * whole.value
    assert "the suppressed counts decide which model is chosen" in found.cautions[0]
    assert "13,055 with them filled in as low as they can be, 11,598 with" in found.cautions[0]
    with_totals = loglinear_suppressed(CensoredHistories.suppress(raw("uk-2013"), totals=True), interval="wald")
    assert with_totals.value == pytest.approx(whole.value, rel=0.01)
    assert not any("decide which model" in caution for caution in with_totals.cautions)


def test_what_the_choice_would_have_been_is_that_of_loglinear_on_the_completed_tables():
    made = CensoredHistories.suppress(raw("netherlands-2010-2015"))
    for selection in ("bic", "stepwise"):
        found = loglinear_suppressed(made, selection=selection, interval="wald")
        for where, (model, value) in found.diagnostics["completed_choices"].items():
            whole = loglinear(made.complete_at(where), selection=selection, interval="wald")
            assert (whole.diagnostics["model"], whole.value) == (model, pytest.approx(value))


def at(counts, n_lists):
    """Whole counts by cell number."""
    on = np.array(list(counts))[:, None] >> np.arange(n_lists) & 1
    return CaptureHistories(tuple(f"list {place}" for place in range(n_lists)), on.astype(bool),
                            np.array(list(counts.values()))[None, :])


# Found by fuzzing: hardly any list overlaps as the model has it, and some completions' chances are no numbers.
CONTRADICTORY = [
    ({60: 1753, 154: 900573944, 208: 3, 101: 3, 242: 3, 110: 21, 234: 1}, 8, {"below": 10, "totals": True},
     {"selection": None}),
    ({182: 990985129, 19: 3, 226: 334096810, 191: 1, 48: 1075, 252: 685058020, 29: 759769327}, 8,
     {"below": 2, "totals": True}, {"selection": "stepwise"}),
    ({37: 941851655, 14: 968409139, 51: 19677, 63: 3, 13: 19, 32: 3}, 6, {"below": 100, "totals": True},
     {"selection": None, "approach": "imputation", "imputations": 10, "rng": 1}),
    ({117: 20997, 62: 3, 56: 1, 89: 3, 14: 3, 47: 3}, 7, {"below": 2},
     {"selection": "stepwise", "interval": "log-normal"}),
    ({1 | 2 | 4 | 32 | 512: 21031, 64: 1}, 10, {}, {"selection": "stepwise"})]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(("counts", "n_lists", "how", "options"), CONTRADICTORY)
def test_tables_that_contradict_the_model_are_computed_with_or_refused(counts, n_lists, how, options):
    try:
        found = loglinear_suppressed(CensoredHistories.suppress(at(counts, n_lists), **how), **options)
    except NoEstimate:
        return
    assert np.isfinite([found.value, found.se]).all()
    assert found.lower <= found.value <= found.upper


def test_totals_that_the_model_all_but_rules_out_are_refused():
    # Independence expects twelve million people where 1 to 99 are; the estimate lay below the people observed once.
    counts = {326: 434, 89: 3, 52: 27, 93: 141177146, 56: 3, 106: 2198, 259: 1, 159: 737462023, 104: 488404864,
              489: 10072, 298: 3}
    made = CensoredHistories.suppress(at(counts, 9), below=100, totals=True)
    with pytest.raises(NoEstimate, match="the model contradicts the counts"):
        loglinear_suppressed(made, selection=None, interval="log-normal")


def test_chances_of_counts_are_numbers_however_far_from_the_mean():
    for mean in (0.0, 5e-324, 1e-300, 1e-9, 1.0, 1e9, 1e300):
        for count in (0.0, 5e-324, 1e-6, 0.5, 4.0, 21_031.0, 1e12):
            chance = _log_chances(np.array([count]), mean)[0]
            assert chance <= 0 or chance == pytest.approx(0, abs=0.2)
            assert not np.isnan(chance)


def test_imputation_and_em_agree(capture_table):
    made = CensoredHistories.suppress(capture_table("UKdat_5"))
    em = loglinear_suppressed(made, model="[12,13,25,34,35]")
    imputed = loglinear_suppressed(made, model="[12,13,25,34,35]", approach="imputation", imputations=400, rng=1)
    assert imputed.value == pytest.approx(em.value, rel=0.01)
    assert (imputed.lower, imputed.upper) == pytest.approx((em.lower, em.upper), rel=0.03)
    assert imputed.diagnostics["missing_information"] == pytest.approx(em.diagnostics["information_lost"], abs=0.02)
    again = loglinear_suppressed(made, model="[12,13,25,34,35]", approach="imputation", imputations=400, rng=1)
    assert (again.value, again.lower, again.upper) == (imputed.value, imputed.lower, imputed.upper)


@pytest.mark.parametrize("selection", ["bic", "stepwise"])
def test_the_order_of_lists_changes_nothing(selection, capture_table):
    made = CensoredHistories.suppress(capture_table("Kosovo"), below=25)
    one, other = (loglinear_suppressed(each, selection=selection)
                  for each in (made, made.select_order(made.lists[::-1])))
    assert (one.value, one.lower, one.upper, one.se) == pytest.approx(
        (other.value, other.lower, other.upper, other.se), rel=1e-6)


ends = st.lists(st.tuples(st.sampled_from([0, 0, 1, 3, 20, 10**9]), st.sampled_from([0, 0, 0, 3, 4, 40])),
                min_size=7, max_size=7).filter(lambda rows: any(low + width for low, width in rows))


@settings(deadline=None, derandomize=True, max_examples=20)
@given(ends, st.sampled_from(["bic", "stepwise", None]), st.sampled_from(["profile", "imputation"]))
def test_any_table_gives_a_finite_estimate_or_a_reason(rows, selection, how):
    on = (np.arange(1, 8)[:, None] >> np.arange(3) & 1).astype(bool)
    made = CensoredHistories(("a", "b", "c"), on, np.array([low for low, _ in rows]),
                             np.array([low + width for low, width in rows]))
    try:
        found = loglinear_suppressed(made, selection=selection, imputations=10, rng=1,
                                     approach="imputation" if how == "imputation" else "em")
    except NoEstimate:
        return
    assert isinstance(found, Estimate)
    assert found.observed <= found.value < np.inf
    assert found.lower <= found.value * (1 + 1e-6)


def test_what_suppressed_counts_leave_open_is_refused_or_passed_over():
    # Nobody may be on both lists, or four people: there is no upper limit worth the name.
    frame = pd.DataFrame({"a": [1, 0, 1], "b": [0, 1, 1], "count": [60, 40, "0-4"]})
    made = CensoredHistories.from_table(frame)
    with pytest.raises(NoEstimate, match="undetermined"):
        loglinear_suppressed(made, model="[1,2]")
    with pytest.raises(NoEstimate, match="none of the 1 models"):
        loglinear_suppressed(made)
    wide = CensoredHistories.suppress(raw("uk-2013"), may_be_zero=True)
    with pytest.raises(NoEstimate, match="undetermined"):
        loglinear_suppressed(wide, model="[12,13,24,25,35,36,45]")
    models = hierarchical_models(3)
    low, high = small(may_be_zero=True).dense()
    assert np.isfinite(fit_ranges(low, high, term_table(models))[0]).sum() < len(models)


def test_refusals_and_options():
    alone = CensoredHistories.from_table(pd.DataFrame({"a": [1], "count": ["1-4"]}))
    with pytest.raises(NoEstimate, match="one list cannot tell"):
        loglinear_suppressed(alone)
    for options in ({"approach": "guess"}, {"interval": "bca"}, {"selection": "best"}, {"imputations": 1},
                    {"confidence_level": 1.0}, {"threshold": 2}, {"selection": "stepwise", "max_order": 3}):
        with pytest.raises(ValueError, match=next(iter(options))[:10]):
            loglinear_suppressed(small(), **{"approach": "em", **options})


def test_totals_that_leave_too_many_ways_are_refused_with_a_remedy():
    wide = CensoredHistories.suppress(raw("uk-2013"), may_be_zero=True, totals=True)
    with pytest.raises(NoEstimate, match=r"too many ways to complete.*fewer totals"):
        loglinear_suppressed(wide, selection=None)


def test_the_chooser_offers_it():
    choice = choose({"lists": small()})
    assert choice.methods_for("lists") == ("loglinear_suppressed",)
    assert "multiple systems estimation from ranges" in choice.paragraph()


@pytest.mark.slow
@pytest.mark.parametrize("may_be_zero", [False, True])
def test_intervals_cover_as_often_as_they_say(may_be_zero):
    rng, covered, asked = np.random.default_rng(1), 0, 0
    for _ in range(200):
        whole = dependent_lists(2000, {"a": 0.15, "b": 0.1, "c": 0.08, "d": 0.05}, {("a", "b"): 2.0}, rng=rng)
        try:
            found = loglinear_suppressed(CensoredHistories.suppress(whole, below=10, may_be_zero=may_be_zero),
                                         model="[12,3,4]", confidence_level=0.9)
        except NoEstimate:
            continue
        asked += 1
        covered += found.lower <= 2000 <= found.upper
    assert asked > 190
    assert covered / asked == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / asked))
