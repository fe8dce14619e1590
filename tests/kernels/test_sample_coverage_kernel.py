"""The sample coverage kernel, held to the formulae of Chao and Tsay (1998) written out by hand and person by person."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from smuggling_analysis.kernels.sample_coverage import coverage_estimates, coverage_sums

PATTERNS = np.array([[0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=bool)
RNG = np.random.default_rng(5)


def by_hand(z):
    """The estimators for three lists, as printed: Z100 is on the first list alone."""
    z001, z010, z011, z100, z101, z110, z111 = z
    n1, n2, n3 = z100 + z101 + z110 + z111, z010 + z011 + z110 + z111, z001 + z011 + z101 + z111
    m = sum(z)
    c = 1 - (z100 / n1 + z010 / n2 + z001 / n3) / 3
    d = ((m - z100) + (m - z010) + (m - z001)) / 3
    a = {"12": (z100 + z110) + (z010 + z110), "13": (z100 + z101) + (z001 + z101),
         "23": (z010 + z011) + (z001 + z011)}
    r = {"12": (z110 + z111) / (n1 * n2), "13": (z101 + z111) / (n1 * n3), "23": (z011 + z111) / (n2 * n3)}
    shared = (z110 + z111) + (z101 + z111) + (z011 + z111)
    high = shared / (3 * c) / (1 - sum(a[pair] * r[pair] for pair in a) / (3 * c))

    def step(size):
        return d / c + sum(a[pair] * (size * r[pair] - 1) for pair in a) / (3 * c)
    return [c, d / c, high, step(step(d / c))]


def test_three_lists_are_the_printed_formulae():
    tables = RNG.integers(1, 400, (50, 7)).astype(float)
    expected = np.array([by_hand(table) for table in tables])
    made = coverage_estimates(PATTERNS, tables)
    answered = np.isfinite(made[:, 2])
    assert answered.sum() > 10
    np.testing.assert_allclose(made[:, [0, 1, 3]], expected[:, [0, 1, 3]], rtol=1e-12)
    np.testing.assert_allclose(made[answered, 2], expected[answered, 2], rtol=1e-9)
    # Where the denominator is not positive the printed formula is no population.
    assert (expected[~answered, 2] <= 0).all()


def by_people(people, number):
    """The estimators for any number of lists, counted person by person in whole fractions.

    The coverage is one less the mean share of a list's people that no other list found. D is the people that remain
    when one list is left out, averaged over the lists. Two lists' dependence counts those on one of the two and on no
    third, once for each of the two they are on.
    """
    everyone = range(number)
    on = {place: [person for person in people if place in person] for place in everyone}
    alone = {place: sum(person == {place} for person in people) for place in everyone}
    coverage = 1 - sum(Fraction(alone[place], len(on[place])) for place in everyone) / number
    left = Fraction(sum(sum(bool(person - {place}) for person in people) for place in everyone), number)
    pairs = []
    for one, other in combinations(everyone, 2):
        near = sum(len(person) for person in people if person <= {one, other})
        pairs.append((near, Fraction(sum({one, other} <= person for person in people), len(on[one]) * len(on[other]))))

    def step(size):
        return (left + sum(near * (size * ratio - 1) for near, ratio in pairs) / number) / coverage
    # The population for high coverage is what a step leaves as it is; a step is a straight line.
    slope = step(Fraction(1)) - step(Fraction(0))
    return [coverage, left / coverage, step(Fraction(0)) / (1 - slope), step(step(left / coverage))]


@pytest.mark.parametrize("number", range(3, 11))
def test_any_number_of_lists_is_the_count_person_by_person(number):
    rng = np.random.default_rng(number)
    for chance in (0.25, 0.5):
        on = rng.random((300, number)) < chance * rng.uniform(0.5, 1.2, number)
        on = on[on.any(axis=1)]
        patterns, counts = np.unique(on, axis=0, return_counts=True)
        expected = by_people([set(np.flatnonzero(row).tolist()) for row in on], number)
        made = coverage_estimates(patterns, counts[None, :].astype(float))[0]
        np.testing.assert_allclose(made, [float(value) for value in expected], rtol=1e-10)
        # Whatever the order of the lists.
        turned = coverage_estimates(patterns[:, ::-1], counts[None, :].astype(float))[0]
        np.testing.assert_allclose(turned, made, rtol=1e-12)


def test_sums_by_hand():
    sums = coverage_sums(PATTERNS, np.array([[1.0, 2, 3, 4, 5, 6, 7]]))
    assert sums.observed.tolist() == [28]
    assert sums.sizes.tolist() == [[22, 18, 16]]
    assert sums.only.tolist() == [[4, 2, 1]]
    assert sums.both.tolist() == [[13, 12, 10]]
    assert sums.near.tolist() == [[4 + 2 + 12, 4 + 1 + 10, 2 + 1 + 6]]


def test_a_list_that_splits_nothing_off_leaves_independence_exact():
    # Cells of a population of 1,000 in which three lists are independent with chances 0.5, 0.4 and 0.3.
    chances = np.array([0.5, 0.4, 0.3])
    cells = 1000 * np.where(PATTERNS, chances, 1 - chances).prod(axis=1)
    coverage, plain, high, one_step = coverage_estimates(PATTERNS, cells[None, :])[0]
    assert 0 < coverage < 1
    np.testing.assert_allclose([plain, high, one_step], 1000, rtol=1e-10)


def test_no_overlap_and_empty_lists_have_no_answer():
    tables = np.array([[5.0, 6, 0, 7, 0, 0, 0], [0, 6, 0, 7, 0, 3, 0]])
    assert np.isnan(coverage_estimates(PATTERNS, tables)).all()
