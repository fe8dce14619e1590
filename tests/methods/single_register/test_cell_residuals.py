"""Residuals and what a person weighs: held to definitions, identities and statsmodels."""

import numpy as np
import pytest
from register_figures import register
from scipy.stats import nbinom, poisson

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import FAMILIES, fit_register, residuals
from smuggling_analysis.methods.single_register.cell_residuals import deviance_of, highest_of
from smuggling_analysis.methods.single_register.moments import moments_of

ILL = register("ill")
# Those with a maximum on these counts.
FITTED = [name for name in (*FAMILIES, "chao", "zelterman", "one-inflated chao")
          if name not in ("negative-binomial", "one-inflated truncated negative-binomial",
                          "hurdle truncated negative-binomial")]


@pytest.mark.parametrize("family", FITTED)
def test_leverages_add_up_to_the_coefficients_and_scores_to_nothing(family):
    fit = fit_register(ILL, family=family)
    frame = residuals(fit).dropna(subset=["response"])
    assert (frame["leverage"] * frame["n_persons"]).sum() == pytest.approx(fit.likelihood.size, rel=1e-8)
    working = [name for name in frame if str(name).startswith("working")]
    information = moments_of(fit.likelihood, fit.at).information[0]
    scores = frame[working].to_numpy() @ information
    assert (scores * frame[["n_persons"]].to_numpy()).sum(axis=0) == pytest.approx(0, abs=1e-6)
    assert (frame["deviance"]**2 * frame["n_persons"]).sum() == pytest.approx(deviance_of(fit), rel=1e-9)


@pytest.mark.parametrize(("family", "law"), [("poisson", lambda rate: poisson(rate)),
                                             ("geometric", lambda rate: nbinom(1, 1 / (1 + rate)))])
def test_moments_are_those_of_the_truncated_distribution(family, law):
    fit = fit_register(ILL, family=family)
    rate = np.exp(fit.coefficients["Intercept"])
    whole, seen = law(rate), 1 - law(rate).pmf(0)
    found = moments_of(fit.likelihood, fit.at)
    assert found.of_all[0] == pytest.approx(rate, rel=1e-10)
    assert found.mean[0] == pytest.approx(rate / seen, rel=1e-10)
    assert found.variance[0] == pytest.approx(whole.moment(2) / seen - (rate / seen) ** 2, rel=1e-9)


def test_residuals_of_a_logistic_regression_are_those_of_statsmodels():
    """Chao's fit is a logistic regression of twice against once, with predictor log(rate / 2)."""
    import statsmodels.api as sm

    table = register("netherlands_1995").keeping(["gender", "age"])
    fit = fit_register(table, family="chao", formula="gender + age")
    frame = residuals(fit).dropna(subset=["response"])
    people = frame.loc[frame.index.repeat(frame["n_persons"])].reset_index(drop=True)
    design = np.column_stack([np.ones(len(people)), people["gender"] == "male", people["age"] == ">40yrs"])
    theirs = sm.GLM(people["times_caught"] == 2, design.astype(float), family=sm.families.Binomial()).fit(tol=1e-14)
    influence = theirs.get_influence()
    for ours, mine in (("pearson", theirs.resid_pearson), ("deviance", theirs.resid_deviance),
                       ("response", theirs.resid_response), ("leverage", influence.hat_matrix_diag),
                       ("cooks_distance", influence.cooks_distance[0]), ("standardised", influence.resid_studentized)):
        assert people[ours].to_numpy() == pytest.approx(np.asarray(mine), rel=1e-6, abs=1e-12), ours
    assert people[[f"dfbeta: {name}" for name in fit.names]].to_numpy() == pytest.approx(influence.d_params, rel=1e-6,
                                                                                      abs=1e-12)


def test_dfbeta_is_the_first_step_of_leaving_the_person_out():
    """To second order in a weight of one person among 1,880, for a family with two predictors."""
    fit = fit_register(register("netherlands_1995"), family="hurdle poisson", formula="gender", hurdle="gender")
    cell = residuals(fit).query("times_caught == 3 and gender == 'male'").iloc[0]
    without = register("netherlands_1995").table().copy()
    row = without.query("times_caught == 3 and gender == 'male'").index[0]
    without.loc[row, "n_persons"] -= 1
    less = fit_register(RepeatCounts.from_table(without, covariates=fit.counts.covariates), family="hurdle poisson",
                        formula="gender", hurdle="gender")
    moved = np.array(list(fit.coefficients.values())) - np.array(list(less.coefficients.values()))
    stepped = cell[[f"dfbeta: {name}" for name in fit.names]].to_numpy(float)
    assert np.abs(stepped - moved).max() < 0.1 * np.abs(moved).max()


def test_people_outside_the_likelihood_have_no_residual():
    frame = residuals(fit_register(ILL, family="zero-one-truncated geometric"))
    assert frame.set_index("times_caught")["pearson"].isna().to_dict() == {1: True, 2: False, 3: False, 4: False,
                                                                           5: False, 6: False}


def test_merged_patterns_have_the_residuals_of_their_own_counts():
    """Covariates that no formula names change nothing but the rows."""
    apart = residuals(fit_register(register("netherlands_1995"), formula="gender"))
    together = residuals(fit_register(register("netherlands_1995").keeping(["gender"]), formula="gender"))
    joined = apart.merge(together, on=["gender", "times_caught"], suffixes=("", "_own"))
    assert joined["pearson"].to_numpy() == pytest.approx(joined["pearson_own"].to_numpy(), rel=1e-9)
    assert apart["n_persons"].sum() == together["n_persons"].sum() == 1880


def test_the_best_that_can_be_said_of_being_seen_once_is_certainty():
    for family in ("poisson", "geometric", "one-inflated poisson", "hurdle geometric"):
        assert highest_of(FAMILIES[family], np.array([1.0]))[0] == pytest.approx(0, abs=1e-9)
    assert highest_of(FAMILIES["geometric"], np.array([3.0]))[0] == pytest.approx(np.log(4 / 27), rel=1e-10)
