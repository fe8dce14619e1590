"""Counts of one beside counts of a thousand million: held to the linear programme, and to any order of lists."""

from itertools import permutations

import numpy as np
import pytest

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods.multiple_systems import existence, loglinear, model_average
from smuggling_analysis.methods.multiple_systems.log_linear import undecided_fits
from smuggling_analysis.methods.multiple_systems.log_linear.careful_fits import careful_fit
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit, fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import direction_of_recession
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile


def table(n_lists, counts):
    on = np.array(list(counts))[:, None] >> np.arange(n_lists) & 1
    return CaptureHistories(tuple(f"list {place}" for place in range(n_lists)), on.astype(bool),
                            np.array(list(counts.values()))[None, :])


def extreme_cells(seed, n_lists=4, most=9):
    """A few histories, some of one or two people and some of up to a thousand million."""
    rng = np.random.default_rng(seed)
    cells, number = np.zeros(2**n_lists), int(rng.integers(2, most))
    held = rng.choice(np.arange(1, 2**n_lists), number, replace=False)
    cells[held] = np.where(rng.random(number) < 0.5, rng.integers(1, 3, number), rng.integers(1, 10**9, number))
    return cells


def exists_by_programme(cells, terms):
    return not direction_of_recession(cells, terms[terms >= 0]).any()


@pytest.mark.parametrize("seed", range(10))
def test_every_verdict_is_the_linear_programmes_however_full_the_cells(seed):
    cells, terms = extreme_cells(seed), term_table(hierarchical_models(4))
    fits = fit_terms(cells, terms)
    asked = np.flatnonzero(fits.identified)
    assert fits.exists[asked].tolist() == [exists_by_programme(cells, terms[place]) for place in asked]
    assert not fits.estimable[~fits.exists].any()


def test_rounding_is_not_taken_for_convergence():
    # Nobody is on a or b alone, nor on both alone: their means and the unseen sink below rounding beside list d.
    histories = table(4, {6: 2, 7: 2, 8: 498_155_549, 9: 2, 10: 1, 11: 2, 15: 2})
    assert not existence(histories, "[12,34]").exists


@pytest.mark.parametrize("seed", range(20))
def test_a_model_without_an_estimate_leaves_none_to_a_larger_one(seed):
    rng = np.random.default_rng(seed)
    held, most = rng.random(16) < rng.uniform(0.1, 0.9), rng.choice([3, 50, 10**6])
    cells = np.where(held, rng.integers(1, most, 16), 0).astype(float)
    cells[0] = 0
    models = hierarchical_models(4)
    fits = fit(cells, models)
    good = fits.exists & fits.identified
    for place in np.flatnonzero(~good):
        within = set(models[place].terms)
        assert not any(good[other] for other in range(len(models)) if within <= set(models[other].terms))


def test_thousands_of_undecided_models_take_a_few_linear_programmes(monkeypatch):
    asked = []

    def counted(cells, terms):
        asked.append(terms)
        return direction_of_recession(cells, terms)

    monkeypatch.setattr(undecided_fits, "direction_of_recession", counted)
    cells = np.zeros(64)
    cells[[3, 12, 17, 21, 34, 40, 43, 55, 60, 62]] = [1, 78_168_743, 2, 1, 45_000_000, 2, 1, 60_000_000, 1, 9_000_000]
    fits = fit_terms(cells, term_table(hierarchical_models(6)))
    assert 0 < len(asked) < 60
    some = np.random.default_rng(1).choice(np.flatnonzero(fits.identified), 40, replace=False)
    assert fits.exists[some].tolist() == [exists_by_programme(cells, fits.terms[place]) for place in some]


@pytest.mark.parametrize(("counts", "lower"), [
    ({0b1001: 1, 0b0110: 37_549_151, 0b0100: 1}, 37_549_153), ({15: 104_658_017, 9: 1, 2: 1, 4: 1}, 104_661_206.2276)])
def test_every_order_of_lists_gives_the_same_answer(counts, lower):
    histories = table(4, counts)
    found = [loglinear(histories.select(order)) for order in permutations(histories.lists)]
    limits = np.array([(one.value, one.lower, one.upper) for one in found])
    np.testing.assert_allclose(limits, np.broadcast_to(limits[0], limits.shape), rtol=1e-9)
    assert limits[0, 1] == pytest.approx(lower, rel=1e-9)


def test_a_profile_limit_is_where_the_likelihood_has_fallen_far_enough():
    histories = table(4, {15: 104_658_017, 9: 1, 2: 1, 4: 1})
    found = loglinear(histories)
    profile = Profile(histories.dense().astype(float), Model.parse(found.diagnostics["model"], histories.lists))
    top = profile(found.diagnostics["multinomial_value"])
    for limit in (found.lower, found.upper):
        assert top - profile(limit) == pytest.approx(0.5 * 1.959963984540054**2, abs=1e-6)


def test_an_average_holds_the_same_models_in_every_order_of_lists():
    # One model's means go down to 5e-10 beside a hundred million: reached to five figures, in every order.
    histories = table(4, {12: 2082, 15: 13239, 11: 106_616_997, 1: 388_474, 6: 88_873_447, 10: 3})
    found = [model_average(histories.select(order)) for order in permutations(histories.lists)]
    assert {one.diagnostics["models_averaged"] for one in found} == {5}
    np.testing.assert_allclose([one.value for one in found], found[0].value, rtol=1e-6)


@pytest.mark.parametrize(("counts", "order"), [
    ({2: 2_876_618, 5: 2_345_202, 4: 9_878_000, 7: 5, 3: 45_363_729}, [0, 2, 1]),
    ({7: 11, 8: 323, 14: 6, 11: 38245, 12: 89919, 6: 5780, 1: 16594, 15: 45, 5: 3}, [1, 0, 2, 3])])
def test_steps_tell_chances_too_small_for_a_number_apart(counts, order):
    histories = table(len(order), counts)
    one, other = (loglinear(each, selection="stepwise", interval="wald")
                  for each in (histories, histories.select([histories.lists[place] for place in order])))
    assert one.value == pytest.approx(other.value, rel=1e-9)


def test_of_equally_good_models_the_least_population_is_taken():
    histories = table(3, {4: 3, 1: 10, 3: 2983, 2: 69339, 5: 2})
    found = {round(loglinear(histories.select(order), selection="aic").value, 4)
             for order in permutations(histories.lists)}
    assert found == {72352.0}


@pytest.mark.parametrize("seed", range(3))
def test_the_careful_fit_is_the_kernels_on_ordinary_tables(seed):
    cells = np.random.default_rng(seed).poisson(20, 16).astype(float)
    cells[0] = 0
    fits = fit(cells, hierarchical_models(4))
    for place in range(0, len(fits), 7):
        terms = fits.terms[place][fits.terms[place] >= 0]
        careful = careful_fit(cells, terms)
        np.testing.assert_allclose(careful.theta, fits.theta[place, : terms.size], rtol=1e-8, atol=1e-9)
        # Both take the information one step before the last, where means are off by less than 1e-7.
        np.testing.assert_allclose(careful.error, fits.error[place, : terms.size], rtol=1e-6)
        assert careful.deviance == pytest.approx(fits.deviance[place], abs=1e-9)
