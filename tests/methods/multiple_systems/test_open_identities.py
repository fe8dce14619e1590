"""The open-population fit against a Poisson regression on the table written out, and against itself."""

from itertools import product

import numpy as np
import pytest

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems import open_population_fit, robust_design_fit
from smuggling_analysis.methods.multiple_systems.open.fitting import Cells, maximise
from smuggling_analysis.methods.multiple_systems.open.models import assemble
from smuggling_analysis.methods.multiple_systems.open.period_blocks import block
from smuggling_analysis.simulate import open_lists

YEARS = ("2019", "2020", "2021", "2022", "2023")


def dense(fit):
    """Return the design, offset and counts of every history that can be seen."""
    states = np.array(list(product(*(range(block.states + 1) for block in fit.model.blocks))))[1:]
    design, offset = Cells(states, np.zeros(len(states))).rows(fit.model)
    size = np.array([block.states + 1 for block in fit.model.blocks])
    counts = np.zeros(size.prod())
    counts[np.ravel_multi_index(fit.cells.states.T, size)] = fit.cells.counts
    return design, offset, counts[1:]


@pytest.mark.parametrize(("model", "heterogeneity"), [
    ("M0", "chao"), ("Mt", "chao"), ("Mh", "chao"), ("Mth", "poisson"), ("Mth", "darroch"), ("Mh", "gamma"),
    ("none", "chao")])
def test_a_fit_agrees_with_statsmodels_on_the_table_written_out(model, heterogeneity):
    import statsmodels.api as sm

    lists = {year: {"a": 0.5, "b": 0.4, "c": 0.3} for year in YEARS[:3]}
    register = open_lists([1500, 500, 500], [0.7, 0.7], lists, spread=0.8, rng=4)
    people = register.histories.patterns.astype(int).reshape(-1, 3, 3) @ [1, 2, 4]
    cells = Cells(people, register.histories.totals.astype(float))
    blocks = [block("M0" if place != 1 and model == "none" else model, 3,
                    np.bincount(people[:, place], weights=cells.counts, minlength=8)[1:], by_captures=False,
                    heterogeneity=heterogeneity, theta=2.0, outer=place != 1) for place in range(3)]
    fit = maximise(assemble(blocks), cells, Cells(np.zeros((0, 3), dtype=int), np.zeros(0)))
    design, offset, counts = dense(fit)
    free = fit.free
    held = fit.model.lower[~free] == 0
    assert held.all() and fit.converged
    theirs = sm.GLM(counts, design[:, free], family=sm.families.Poisson(), offset=offset).fit(tol=1e-12)
    np.testing.assert_allclose(fit.theta[free], theirs.params, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance))[free], theirs.bse, rtol=1e-6)
    assert fit.deviance == pytest.approx(theirs.deviance, rel=1e-9)
    if model != "none":
        assert fit.aic == pytest.approx(theirs.aic, rel=1e-9)
        assert fit.df == theirs.df_resid


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_parameters_held_at_their_bounds_are_the_bounded_maximum_of_another_optimiser(seed):
    from scipy.optimize import minimize

    years = {year: {"a": 0.4, "b": 0.4} for year in YEARS[:3]}
    register = open_lists([300, 0, 0], [1.0, 1.0], years, rng=seed)
    people = register.histories.patterns.astype(int).reshape(-1, 3, 2) @ [1, 2]
    cells = Cells(people, register.histories.totals.astype(float))
    blocks = [block("Mt", 2, np.zeros(3), by_captures=False, heterogeneity="chao", theta=0.0, outer=place != 1)
              for place in range(3)]
    fit = maximise(assemble(blocks), cells, Cells(np.zeros((0, 3), dtype=int), np.zeros(0)))
    design, _, counts = dense(fit)

    def loss(theta):
        mean = np.exp(design @ theta)
        return mean.sum() - counts @ (design @ theta), design.T @ (mean - counts)

    bounds = list(zip(fit.model.lower, fit.model.upper, strict=True))
    start = np.clip(fit.theta + 0.1, fit.model.lower, fit.model.upper)
    other = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B",
                     options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-9})
    assert fit.at_zero.any()
    assert loss(fit.theta)[0] <= other.fun + 1e-7
    np.testing.assert_allclose(fit.theta, other.x, atol=2e-3)


def test_one_list_a_period_without_a_model_is_the_open_population():
    register = open_lists([800, 200, 200, 200, 300], [0.7] * 4, dict.fromkeys(YEARS, 0.5), rng=2)
    one, other = open_population_fit(register.histories), robust_design_fit(register.histories)
    assert one.total.value == pytest.approx(other.total.value, rel=1e-12)
    np.testing.assert_allclose(one.abundance.astype(float), other.abundance.astype(float), rtol=1e-9)


def test_the_jolly_seber_estimates_of_three_periods_are_closed_forms():
    """With three periods the model has the estimates that Jolly (1965) and Seber (1965) wrote down."""
    counts = {("1",): 60, ("2",): 50, ("3",): 70, ("1", "2"): 20, ("1", "3"): 12, ("2", "3"): 22,
              ("1", "2", "3"): 10}
    histories = CaptureHistories.from_counts(counts, lists=["1", "2", "3"])
    found = open_population_fit(histories, periods=["1", "2", "3"])
    seen, marked, again, missed = 102, 30, 32, 12
    released = seen
    known = marked + missed * released / again
    assert found.capture.estimate["2"] == pytest.approx(marked / known, rel=1e-9)
    assert found.abundance.estimate["2"] == pytest.approx(seen * known / marked, rel=1e-9)
    assert found.survival.estimate["1 to 2"] == pytest.approx(known / 102, rel=1e-9)


@pytest.mark.parametrize("names", [["a{b}", '"q"', "$x^2$", "<b>", "%s"], ["5", "4", "3", "2", "1"]])
def test_names_of_periods_change_nothing_where_their_order_is_given(names):
    register = open_lists([800, 200, 200, 200, 300], [0.7] * 4, dict.fromkeys(YEARS, 0.5), rng=2).histories
    renamed = CaptureHistories.from_counts(
        {tuple(np.array(names)[seen.astype(bool)]): int(number)
         for seen, number in zip(register.patterns, register.totals, strict=True)}, lists=names)
    here, there = open_population_fit(register), open_population_fit(renamed, periods=names)
    assert there.total.value == pytest.approx(here.total.value, rel=1e-12)
    assert there.total.lower == pytest.approx(here.total.lower, rel=1e-9)


@pytest.mark.parametrize("factor", [10**3, 10**6, 10**9])
def test_many_times_the_people_are_many_times_the_population(factor):
    register = open_lists([800, 200, 200, 200, 300], [0.7] * 4, dict.fromkeys(YEARS, 0.5), rng=2).histories
    one = open_population_fit(register).total
    many = open_population_fit(register.with_counts(register.counts * factor)).total
    assert many.value == pytest.approx(factor * one.value, rel=1e-9)
    assert many.se == pytest.approx(factor**0.5 * one.se, rel=1e-6)
