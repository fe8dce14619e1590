"""Held to other implementations of its parts: statsmodels' linear models and robust covariances, and scipy."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.stats import nbinom

from smuggling_analysis.methods.reference_population import fit
from smuggling_analysis.methods.reference_population.criteria import CRITERIA, logged, rising
from smuggling_analysis.methods.reference_population.links import LINKS
from smuggling_analysis.methods.reference_population.model import Model, prepared
from smuggling_analysis.simulate import reference_counts

GAMMA = 0.01
COUNTS = reference_counts(countries=80, periods=2, dispersion=2.0, frailty=0.3, rng=3)
REGISTERED = np.log(COUNTS.reference.astype(float))
RATE = np.log(GAMMA + COUNTS.auxiliary / COUNTS.reference)
PERIOD = np.array([float(one == "period 2") for one in COUNTS.column("period")])
COLUMNS = np.column_stack([REGISTERED, PERIOD * REGISTERED, RATE])


def ours(method, covariance="model"):
    fitted = fit(COUNTS, method=method, alpha="period", gamma=GAMMA, covariance=covariance)
    return np.array(list(fitted.coefficients.values()))[:3], fitted.covariance[:3, :3], fitted


def test_poisson_is_statsmodels_poisson():
    found = sm.GLM(COUNTS.observed, COLUMNS, family=sm.families.Poisson()).fit(tol=1e-14)
    at, covariance, fitted = ours("poisson")
    assert at == pytest.approx(found.params, rel=1e-9)
    assert covariance == pytest.approx(found.cov_params(), rel=1e-7)
    assert fitted.log_likelihood == pytest.approx(found.llf, rel=1e-12)
    assert fitted.deviance == pytest.approx(found.deviance, rel=1e-9)
    robust = sm.GLM(COUNTS.observed, COLUMNS, family=sm.families.Poisson()).fit(tol=1e-14, cov_type="HC0")
    assert ours("poisson", "HC0")[1] == pytest.approx(robust.cov_params(), rel=1e-7)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_least_squares_of_logarithms_have_statsmodels_covariances(kind):
    found = sm.OLS(logged(COUNTS.observed.astype(float)), COLUMNS).fit(cov_type=kind)
    at, covariance, _ = ours("ols", kind)
    assert at == pytest.approx(found.params, rel=1e-10)
    assert covariance == pytest.approx(found.cov_params(), rel=1e-8)


def test_a_country_left_out_is_the_clustered_covariance():
    """The jackknife by refitting statsmodels without each country; for least squares the first order is all of it."""
    countries = np.array(COUNTS.countries)
    response = logged(COUNTS.observed.astype(float))
    whole = sm.OLS(response, COLUMNS).fit().params
    moved = np.array([sm.OLS(response[countries != one], COLUMNS[countries != one]).fit().params - whole
                      for one in np.unique(countries)])
    assert ours("ols", "clustered")[1] == pytest.approx(moved.T @ moved * (len(moved) - 1) / len(moved), rel=1e-7)


def test_the_negative_binomial_is_scipys_distribution_at_its_maximum():
    def negative(at):
        mean, theta = np.exp(COLUMNS @ at[:3]), np.exp(at[3])
        return -nbinom.logpmf(COUNTS.observed, theta, theta / (theta + mean)).sum()

    at, _, fitted = ours("negative-binomial")
    assert fitted.log_likelihood == pytest.approx(-negative([*at, np.log(fitted.theta)]), rel=1e-12)
    found = minimize(negative, [*at, np.log(fitted.theta)], method="Nelder-Mead",
                     options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000})
    assert fitted.log_likelihood >= -found.fun - 1e-9


@pytest.mark.parametrize("method", CRITERIA)
@pytest.mark.parametrize("link", LINKS)
def test_scores_and_information_are_derivatives(method, link):
    """By central differences, at a point that is no maximum."""
    objective = prepared(COUNTS, Model(method=method, alpha="period", link=link)).objective
    at = np.array([0.6, 0.05, 0.5, -4.0, *([0.3] if method == "negative-binomial" else [])])
    first = np.zeros(1, dtype=np.int64)

    def score(point):
        return objective.score(objective.rows(point[np.newaxis], first))[0]

    def height(point):
        return objective.rows(point[np.newaxis], first).height[0]

    steps = 1e-5 * np.eye(len(at))
    slopes = np.array([(height(at + step) - height(at - step)) / 2e-5 for step in steps])
    assert score(at) == pytest.approx(slopes, rel=1e-5, abs=1e-4 * np.abs(slopes).max())
    bends = -np.array([(score(at + step) - score(at - step)) / 2e-5 for step in steps])
    found = objective.information(objective.rows(at[np.newaxis], first), expected=False)[0]
    assert found == pytest.approx(bends, rel=1e-5, abs=1e-6 * np.abs(bends).max())


@pytest.mark.parametrize("large", [90.0, 101.0, 1e3, 1e6])
def test_a_large_dispersion_loses_no_digits(large):
    getcontext().prec = 60
    counts = np.array([0.0, 1.0, 7.0, 300.0])
    rise, first, second = rising(counts, np.array([[large]]))
    for place, count in enumerate(counts):
        terms = [Decimal(large) + step for step in range(int(count))]
        exact = sum((term / Decimal(large)).ln() for term in terms)
        assert rise[0, place] == pytest.approx(float(exact), rel=1e-11, abs=1e-12)
        assert first[0, place] == pytest.approx(float(sum(1 / term for term in terms)), rel=1e-11, abs=1e-14)
        assert second[0, place] == pytest.approx(float(-sum(1 / term**2 for term in terms)), rel=1e-10, abs=1e-16)
