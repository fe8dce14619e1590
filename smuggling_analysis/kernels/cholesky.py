"""The little linear algebra that every fit needs: the Cholesky factor of an information matrix, and solving with it."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def cholesky(matrix, size, least):
    """Factor the lower triangle in place; say whether every pivot is above `least` of its own diagonal."""
    for row in range(size):
        whole = matrix[row, row]
        for column in range(row + 1):
            total = matrix[row, column]
            for k in range(column):
                total -= matrix[row, k] * matrix[column, k]
            if row == column:
                if not total > least * max(whole, 1e-300):
                    return False
                matrix[row, row] = np.sqrt(total)
            else:
                matrix[row, column] = total / matrix[column, column]
    return True


@njit(cache=True, nogil=True)
def solve(factor, size, vector):
    """Solve L L' x = vector in place."""
    for row in range(size):
        total = vector[row]
        for k in range(row):
            total -= factor[row, k] * vector[k]
        vector[row] = total / factor[row, row]
    for row in range(size - 1, -1, -1):
        total = vector[row]
        for k in range(row + 1, size):
            total -= factor[k, row] * vector[k]
        vector[row] = total / factor[row, row]
