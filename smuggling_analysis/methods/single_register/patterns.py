"""Covariate patterns that no formula tells apart are one pattern: they are fitted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array


def merged(columns: Sequence[Array]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the patterns whose rows are equal in every matrix.

    Parameters
    ----------
    columns : sequence of (patterns, any number of columns) arrays
        All that tells the patterns apart: design matrices and the time at risk.

    Returns
    -------
    first : (merged patterns,) array of int
        A pattern of each kind.
    kind : (patterns,) array of int
        The kind of each pattern.

    Examples
    --------
    >>> merged([np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]])])
    (array([0, 1]), array([0, 1, 0]))
    """
    table = np.ascontiguousarray(np.concatenate(columns, axis=1) + 0.0)
    kinds: dict[bytes, int] = {}
    kind = np.array([kinds.setdefault(row.tobytes(), len(kinds)) for row in table], dtype=np.int64)
    return np.unique(kind, return_index=True)[1], kind


def summed(kind: NDArray[np.int64], kinds: int, persons: Array) -> Array:
    """Sum people, (..., patterns, columns), over the patterns of each kind: (..., kinds, columns)."""
    total = np.zeros((kinds, *persons.shape[:-2], persons.shape[-1]))
    np.add.at(total, kind, np.moveaxis(persons, -2, 0))
    return np.moveaxis(total, 0, -2)
