"""People of whom it is known only that they are in one of several cells of a table: groups.

`groups` is the triple (count, start, cell) that `poisson_tables.fit_tables` takes: so many people, each in one of
the cells `cell[start[group]:start[group + 1]]`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smuggling_analysis.kernels.table_algebra import join


@njit(cache=True, nogil=True)
def add_groups(completed, means, terms, size, groups, matrix, strides, sizes):
    """Add z z' / total for every group, z its cells' columns weighted by `completed` (by `means` where empty).

    With the completed counts this is what knowing a group's total tells; with means of 1 per group, its row
    of the design.
    """
    count, start, cell = groups
    vector = np.empty(size)
    for group in range(count.size):
        total = 0.0
        vector[:] = 0.0
        for place in range(start[group], start[group + 1]):
            weight = means[cell[place]] if completed.size == 0 else completed[place]
            total += weight
            if weight > 0.0:
                for k in range(size):
                    if join(terms[k], cell[place], strides, sizes) == cell[place]:
                        vector[k] += weight
        if total > 0.0:
            share = total if completed.size else total * total
            for row in range(size):
                for column in range(size):
                    matrix[row, column] += vector[row] * vector[column] / share


@njit(cache=True, nogil=True)
def complete(counts, means, groups, filled, completed):
    """E-step: fill the completed counts and each group's shares; return the groups' log-likelihood."""
    count, start, cell = groups
    filled[:] = counts
    found = 0.0
    for group in range(count.size):
        if count[group] == 0.0:
            completed[start[group]:start[group + 1]] = 0.0
            continue
        total = 0.0
        for place in range(start[group], start[group + 1]):
            total += means[cell[place]]
        if total <= 0.0:
            return -np.inf
        found += count[group] * np.log(total)
        for place in range(start[group], start[group + 1]):
            completed[place] = count[group] * means[cell[place]] / total
            filled[cell[place]] += completed[place]
    return found


@njit(cache=True, nogil=True)
def deviance_of(counts, means, groups, filled, completed, histories):
    """Return twice what the log-likelihood lacks to that of cells and groups that are their own means."""
    count, start, cell = groups
    total = 0.0
    complete(counts, means, groups, filled, completed)
    for place in range(counts.size):
        if place % histories:
            total += means[place] - filled[place]
            if counts[place] > 0.0:
                total += counts[place] * np.log(counts[place] / means[place])
    for group in range(count.size):
        if count[group] > 0.0:
            expected = 0.0
            for place in range(start[group], start[group + 1]):
                expected += means[cell[place]]
            total += count[group] * np.log(count[group] / expected)
    return 2.0 * total
