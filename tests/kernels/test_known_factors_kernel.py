"""Log-linear fits with known factors: held to statsmodels' generalised linear models with an offset, to 1e-8."""

import numpy as np
import pytest
import statsmodels.api as sm

from smuggling_analysis.kernels.known_factors import fit_with_factors
from smuggling_analysis.kernels.loglinear import fit_models
from smuggling_analysis.methods.multiple_systems.log_linear.careful_fits import careful_fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table

# Saturated models leave statsmodels no degree of freedom for its scale, which nothing here reads.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels", "ignore:Perfect separation")


def drawn(n_lists, seed, mean=40.0):
    return np.random.default_rng(seed).poisson(mean, 1 << n_lists).astype(float)


def reference(counts, terms, offset, complete):
    every = np.arange(counts.size)
    kept = every >= (0 if complete else 1)
    design = ((every[:, None] & terms) == terms).astype(float)[kept]
    model = sm.GLM(counts[kept], design, family=sm.families.Poisson(), offset=offset[kept])
    return model.fit(tol=1e-14, maxiter=200)


@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize(("n_lists", "notation"), [(2, "[1,2]"), (3, "[12,3]"), (4, "[123,34]"), (5, "[12,34,5]")])
def test_fits_are_those_of_statsmodels_with_an_offset(n_lists, notation, complete):
    counts, terms = drawn(n_lists, n_lists), np.array(Model.parse(notation, list("abcdefg")[:n_lists]).terms)
    offsets = np.random.default_rng(9).normal(0.0, 1.0, (4, counts.size))
    intercept, error, deviance, settled = fit_with_factors(counts, terms, np.exp(offsets), complete)
    assert settled.all()
    for place, offset in enumerate(offsets):
        found = reference(counts, terms, offset, complete)
        assert intercept[place] == pytest.approx(found.params[0], abs=1e-8)
        assert error[place] == pytest.approx(found.bse[0], rel=1e-8)
        assert deviance[place] == pytest.approx(found.deviance, abs=1e-8)


def test_factors_of_one_change_nothing_to_the_last_bit():
    counts, model = drawn(4, 1), Model.parse("[12,34]", list("abcd"))
    theta, error, deviance, _ = fit_models(counts, term_table([model]), False)
    found = fit_with_factors(counts, np.array(model.terms), np.ones((1, 16)), False)
    assert (found[0][0], found[1][0], found[2][0]) == (theta[0, 0], error[0, 0], deviance[0])


def test_a_term_nobody_shows_is_left_out_with_its_histories():
    counts, model = drawn(3, 2), Model.parse("[12,3]", list("abc"))
    counts[[3, 7]] = 0.0
    offset = np.log(2.0) * np.array([0, 0, 0, 0, 0, 1, 0, 1.0])
    found = fit_with_factors(counts, np.array(model.terms), np.exp(offset)[None], False)
    left = np.array([1, 2, 4, 5, 6])
    design = np.column_stack([np.ones(5), *((left >> place) & 1 for place in range(3))]).astype(float)
    other = sm.GLM(counts[left], design, family=sm.families.Poisson(), offset=offset[left]).fit(tol=1e-14)
    assert found[0][0] == pytest.approx(other.params[0], abs=1e-8)


@pytest.mark.parametrize("complete", [False, True])
def test_the_careful_fit_takes_the_same_offset(complete):
    counts, terms = drawn(3, 5), np.array(Model.parse("[12,3]", list("abc")).terms)
    offset = np.random.default_rng(3).normal(0.0, 1.0, 8)
    fast = fit_with_factors(counts, terms, np.exp(offset)[None], complete)
    careful = careful_fit(counts, terms, complete=complete, offset=offset)
    assert careful.theta[0] == pytest.approx(fast[0][0], abs=1e-10)
    assert careful.deviance == pytest.approx(fast[2][0], abs=1e-9)
