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
    table = np.concatenate(columns, axis=1) + 0.0
    # Equal rows have equal sums; should different ones, too, the rows themselves are told apart.
    weights = np.sqrt(np.arange(2.0, 2.0 + table.shape[1]))
    _, first, kind = np.unique((table * weights).sum(axis=1), return_index=True, return_inverse=True)
    if not (table[first[kind]] == table).all():
        _, first, kind = np.unique(table, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[kind.ravel()]


def summed(kind: NDArray[np.int64], kinds: int, persons: Array) -> Array:
    """Sum people, (..., patterns, columns), over the patterns of each kind: (..., kinds, columns)."""
    if kinds == len(kind):
        return np.asarray(persons, dtype=float)
    total = np.zeros((kinds, *persons.shape[:-2], persons.shape[-1]))
    np.add.at(total, kind, np.moveaxis(persons, -2, 0))
    return np.moveaxis(total, 0, -2)
