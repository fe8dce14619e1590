"""Second derivatives by the predictors of patterns, turned into those by coefficients, at many points at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smuggling_analysis.methods.single_register.jets import Array

_KEPT = 1 << 22
"""Largest table of products of design columns that is kept."""


class ColumnProducts(dict[tuple[int, int], Array]):
    """Products of the columns of two designs, (patterns, left x right), made when first asked for.

    Parameters
    ----------
    designs : sequence of (patterns, coefficients) arrays
        One for each predictor; their coefficients follow one another.

    Examples
    --------
    >>> products = ColumnProducts([np.array([[1.0, 2.0], [1.0, 3.0]])])
    >>> products.weighed([[np.array([[1.0, 10.0]])]])
    array([[[11., 32.],
            [32., 94.]]])
    """

    def __init__(self, designs: Sequence[Array]):
        super().__init__()
        self._designs = designs
        self._ends = np.cumsum([design.shape[1] for design in designs]).tolist()

    def __missing__(self, key: tuple[int, int]) -> Array:
        left, right = (self._designs[place] for place in key)
        made = (left[:, :, np.newaxis] * right[:, np.newaxis, :]).reshape(len(left), -1)
        self[key] = made
        return made

    def weighed(self, lower: Sequence[Sequence[Array]]) -> Array:
        """Add the products up over patterns, weighed: (points, coefficients, coefficients).

        Parameters
        ----------
        lower : lists of (points, patterns) arrays
            The lower triangle of the weights: row by row, up to the diagonal.
        """
        starts, size = [0, *self._ends[:-1]], self._ends[-1]
        whole = np.empty((len(lower[0][0]), size, size))
        for row, (top, bottom) in enumerate(zip(starts, self._ends, strict=True)):
            for column in range(row + 1):
                left, right = starts[column], self._ends[column]
                block = self._block(row, column, lower[row][column])
                whole[:, top:bottom, left:right] = block
                whole[:, left:right, top:bottom] = block.transpose(0, 2, 1)
        return whole

    def _block(self, row: int, column: int, weights: Array) -> Array:
        left, right = self._designs[row], self._designs[column]
        if left.size * right.shape[1] <= _KEPT:
            return (weights @ self[row, column]).reshape(len(weights), left.shape[1], right.shape[1])
        return np.stack([(left.T * one) @ right for one in weights])
