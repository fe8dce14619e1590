"""Fit to the numbers of times seen: held to scipy's tests, identities, and refusals."""

import numpy as np
import pandas as pd
import pytest
from register_figures import FULL, register
from scipy.stats import chi2, power_divergence

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import fit_register, frequency_fit, residuals, truncated_count
from smuggling_analysis.methods.single_register.cell_residuals import deviance_of


def test_statistics_are_those_of_scipy():
    found = frequency_fit(fit_register(register("violence"), family="one-inflated geometric"))
    observed, expected = found.frame["observed"].to_numpy(float), found.frame["expected"].to_numpy()
    scaled = expected * observed.sum() / expected.sum()
    for name, power in (("chi-square", "pearson"), ("likelihood ratio", "log-likelihood")):
        ours = found.test(name, small="keep")
        theirs = power_divergence(observed, scaled, lambda_=power)
        # scipy wants equal sums: the model expects some beyond the largest number of times seen.
        assert ours.statistic == pytest.approx(theirs.statistic, abs=2.5 * (observed.sum() - expected.sum()))
        assert ours.p_value == pytest.approx(chi2.sf(ours.statistic, len(observed) - 1))


def test_small_cells_are_put_together_left_out_or_kept():
    found = frequency_fit(fit_register(register("netherlands_1995"), formula=FULL))
    group, drop, keep = (found.test(small=small) for small in ("group", "drop", "keep"))
    assert (group.cells, drop.cells, keep.cells) == (4, 3, 6)
    seen, expected = found.frame["observed"].to_numpy(float), found.frame["expected"].to_numpy()
    assert drop.statistic == pytest.approx(((seen - expected) ** 2 / expected)[:3].sum())
    joined = (15 - expected[3:].sum()) ** 2 / expected[3:].sum()
    assert group.statistic == pytest.approx(drop.statistic + joined)
    assert group.statistic == pytest.approx(
        truncated_count(register("netherlands_1995"), formula=FULL).diagnostics["fit_chi_square"])


def test_degrees_of_freedom_lie_between_cells_and_cells_less_coefficients():
    table = frequency_fit(fit_register(register("violence"), family="geometric")).tests
    assert len(table) == 6
    assert (table["df_most"] == table["cells"] - 1).all()
    assert (table["df_least"] == table["df_most"] - 1).all()
    assert (table["p_value_least"] <= table["p_value_most"]).all()
    none_left = frequency_fit(fit_register(register("netherlands_1995"), formula=FULL)).tests
    assert (none_left["df_least"] == 0).all()
    assert none_left["p_value_least"].isna().all()


@pytest.mark.parametrize(("family", "times"), [("chao", [1, 2]), ("one-inflated chao", [2, 3]),
                                               ("zero-one-truncated poisson", [2, 3, 4, 5, 6])])
def test_families_that_leave_counts_out_are_held_to_those_they_use(family, times):
    found = frequency_fit(fit_register(register("ill"), family=family))
    assert found.frame["times_caught"].tolist() == times
    assert found.frame["expected"].sum() == pytest.approx(found.frame["observed"].sum(), rel=1e-3)


def test_what_is_missed_is_the_estimate_less_those_seen():
    estimate = truncated_count(register("ill"), family="geometric")
    found = frequency_fit(fit_register(register("ill"), family="geometric"))
    assert found.missed == pytest.approx(estimate.value - 1880)


def test_the_test_holds_its_level_where_the_model_is_right():
    """Of simulated Poisson registers no more than 5 % are rejected, within Monte Carlo error."""
    rng = np.random.default_rng(7)
    rejected = []
    for _ in range(150):
        seen = rng.poisson(0.9, 800)
        times, people = np.unique(seen[seen > 0], return_counts=True)
        counts = RepeatCounts.from_frequencies(dict(zip(times.tolist(), people.tolist(), strict=True)))
        rejected.append(frequency_fit(fit_register(counts)).tests.set_index(["test", "small"]))
    most = np.mean([one.loc[("chi-square", "group"), "p_value_most"] < 0.05 for one in rejected])
    least = np.mean([one.loc[("chi-square", "group"), "p_value_least"] < 0.05 for one in rejected])
    error = 3 * np.sqrt(0.05 * 0.95 / 150)
    assert most <= 0.05 + error
    assert least >= 0.05 - error


def test_unknown_tests_and_treatments_and_dates_for_counts():
    found = frequency_fit(fit_register(register("ill")))
    with pytest.raises(ValueError, match="a test is one of chi-square, likelihood ratio"):
        found.test("z")
    with pytest.raises(ValueError, match="group, drop, keep"):
        found.test(small="merge")
    dates = RepeatCounts.from_frequencies({1: 80, 2: 10, 20_160: 1})
    with pytest.raises(NoEstimate, match="20,160 times"):
        frequency_fit(fit_register(dates, family="chao"))


@pytest.mark.parametrize("look", [frequency_fit, residuals, deviance_of])
def test_times_that_end_by_being_seen_leave_nothing_expected(look):
    """Given the time, the chances of 1, 2, ... do not add up: fitted numbers would be 458 of 207 people."""
    table = pd.DataFrame({"months": [1.0, 1, 1, 6, 6, 6], "times_caught": [1, 2, 3, 1, 2, 3],
                          "n_persons": [90, 14, 2, 60, 32, 9]})
    counts = RepeatCounts.from_table(table, covariates=["months"])
    with pytest.raises(NoEstimate, match="people leave when they are seen"):
        look(fit_register(counts, exposure="months", ends_when_seen=True))
    look(fit_register(counts, exposure="months"))
