"""The kernel of lists x covariates: held to design matrices written out, and to sums by hand."""

import numpy as np

from smuggling_analysis.kernels.table_algebra import join, spread_levels, sum_levels

STRIDES, SIZES = np.array([1, 2, 4]), np.array([2, 2, 3])


def test_sums_over_levels_are_those_of_the_table():
    values = np.random.default_rng(1).normal(size=12)
    table = values.reshape(3, 2, 2)
    sum_levels(values, STRIDES, SIZES)
    sums = values.reshape(3, 2, 2)
    table = np.random.default_rng(1).normal(size=12).reshape(3, 2, 2)
    assert np.isclose(sums[0, 0, 0], table.sum())
    assert np.isclose(sums[2, 0, 1], table[2, :, 1].sum())
    assert np.isclose(sums[1, 1, 1], table[1, 1, 1])


def test_spreading_is_the_design_times_the_parameters():
    theta = np.random.default_rng(2).normal(size=12)
    cells = np.arange(12)[:, None] // STRIDES % SIZES
    design = np.array([[all(t in (0, c) for t, c in zip(term, cell, strict=True)) for term in cells]
                       for cell in cells], dtype=float)
    expected = design @ theta
    spread_levels(theta, STRIDES, SIZES)
    assert np.allclose(theta, expected)


def test_terms_join_where_a_cell_can_hold_both():
    assert join(1, 4, STRIDES, SIZES) == 5
    assert join(4, 8, STRIDES, SIZES) == -1
    assert join(5, 4, STRIDES, SIZES) == 5
