"""The log-linear kernel: held to sums and fits written out with a design matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis.kernels.loglinear import (
    DECIDED,
    EXISTS,
    IDENTIFIED,
    fit_models,
    sum_over_subsets,
    sum_over_supersets,
)

cells = st.integers(1, 6).flatmap(lambda n: st.lists(st.floats(0, 1e6), min_size=2**n, max_size=2**n))


@settings(deadline=None, derandomize=True)
@given(cells)
def test_sums_over_supersets_and_subsets(values):
    every = np.arange(len(values))
    within = (every[:, None] & every) == every  # [cell, term]: the cell contains the term
    up, down = np.array(values), np.array(values)
    sum_over_supersets(up)
    sum_over_subsets(down)
    np.testing.assert_allclose(up, np.array(values) @ within, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(down, within @ np.array(values), rtol=1e-12, atol=1e-9)


def test_the_maximum_solves_the_likelihood_equations_and_the_errors_are_the_informations():
    rng = np.random.default_rng(1)
    for lists in (2, 3, 4, 5):
        every = np.arange(1, 2**lists)
        counts = np.concatenate([[0.0], rng.integers(1, 300, 2**lists - 1)])
        pairs = [1 << one | 1 << other for one in range(lists) for other in range(one)][: lists - 1]
        terms = np.array([[0, *(1 << place for place in range(lists)), *(pairs if lists > 2 else [])]])
        theta, error, deviance, state = fit_models(counts, terms, False)
        assert state[0] == EXISTS | IDENTIFIED | DECIDED
        design = ((every[:, None] & terms[0]) == terms[0]).astype(float)
        mu = np.exp(design @ theta[0])
        np.testing.assert_allclose(design.T @ mu, design.T @ counts[1:], rtol=1e-12)
        covariance = np.linalg.inv(design.T @ (mu[:, None] * design))
        np.testing.assert_allclose(error[0], np.sqrt(np.diag(covariance)), rtol=1e-6)
        assert deviance[0] == pytest.approx(2 * (counts[1:] * np.log(counts[1:] / mu)).sum(), abs=1e-8)


def test_a_completed_table_counts_the_people_on_no_list():
    # Independence on a full 2 x 2 table has the product of the margins as its means.
    theta, _, _, _ = fit_models(np.array([50.0, 30.0, 20.0, 10.0]), np.array([[0, 1, 2]]), True)
    assert np.exp(theta[0, 0]) == pytest.approx(70 * 80 / 110, rel=1e-12)


def test_models_do_not_disturb_one_another():
    counts = np.array([0.0, 40, 30, 6, 20, 0, 0, 0])
    terms = np.array([[0, 1, 2, 4, 3], [0, 1, 2, 4, -1], [0, 1, 2, 4, 5]])
    together = fit_models(counts, terms, False)
    for row in range(3):
        alone = fit_models(counts, terms[row: row + 1], False)
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_array_equal(many[row], one[0])


def test_input_is_left_as_it_was():
    counts = np.array([7.0, 40, 30, 6])
    fit_models(counts, np.array([[0, 1, 2]]), False)
    assert counts.tolist() == [7.0, 40, 30, 6]
