"""Sums over the levels of a table's variables, products of their terms, and which terms are independent.

A cell is a number whose digits in a mixed radix are levels: `cell = sum of level * stride`. A term is a cell in
which the variables that do not belong to it are at level 0; see `poisson_tables`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_RANK = 1e-9


@njit(cache=True, nogil=True)
def sum_levels(values, strides, sizes):
    """Put at level 0 of every variable the sum over its levels, in place: (cells,) array."""
    for variable in range(strides.size):
        stride, size = strides[variable], sizes[variable]
        for start in range(0, values.size, stride * size):
            for place in range(start, start + stride):
                for level in range(1, size):
                    values[place] += values[place + level * stride]


@njit(cache=True, nogil=True)
def spread_levels(values, strides, sizes):
    """Add level 0 of every variable to its other levels, in place: (cells,) array."""
    for variable in range(strides.size):
        stride, size = strides[variable], sizes[variable]
        for start in range(0, values.size, stride * size):
            for place in range(start, start + stride):
                for level in range(1, size):
                    values[place + level * stride] += values[place]


@njit(cache=True, nogil=True)
def join(one, other, strides, sizes):
    """Return the term that two terms make together, -1 if no cell contains both."""
    joined = 0
    for variable in range(strides.size):
        first = one // strides[variable] % sizes[variable]
        second = other // strides[variable] % sizes[variable]
        if first and second and first != second:
            return -1
        joined += max(first, second) * strides[variable]
    return joined


@njit(cache=True, nogil=True)
def independent(gram, size, kept, factor):
    """Fill `kept` with the places of linearly independent columns, in order; return how many there are."""
    rank = 0
    for place in range(size):
        for k in range(rank):
            total = gram[place, kept[k]]
            for j in range(k):
                total -= factor[rank, j] * factor[k, j]
            factor[rank, k] = total / factor[k, k]
        total = gram[place, place]
        for k in range(rank):
            total -= factor[rank, k] ** 2
        if total > _RANK * max(1.0, gram[place, place]):
            factor[rank, rank] = np.sqrt(total)
            kept[rank] = place
            rank += 1
    return rank


@njit(cache=True, nogil=True)
def add_products(weights, joined, size, sign, matrix, strides, sizes):
    """Add `sign` X'WX to `matrix`, (size, size); the weights become their own sums."""
    sum_levels(weights, strides, sizes)
    for row in range(size):
        for column in range(size):
            if joined[row, column] >= 0:
                matrix[row, column] += sign * weights[joined[row, column]]
