"""Sample coverage of many tables at once, by matrix products over the histories that occur.

Nothing here is compiled: all tables go through a handful of products, a millisecond for a thousand of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CoverageSums:
    """What the estimators need of each table; `pairs` are in the order of `itertools.combinations`.

    Parameters
    ----------
    observed : (tables,) array
        People on any list.
    sizes, only : (tables, lists) arrays
        People on each list, and on that list alone.
    both, near : (tables, pairs) arrays
        People on both lists; and people on one list of a pair and on no list outside the pair, those on both
        counted twice.
    """

    observed: Floats
    sizes: Floats
    only: Floats
    both: Floats
    near: Floats


def coverage_sums(patterns: NDArray[np.bool_], tables: Floats) -> CoverageSums:
    """Sum tables by list and by pair of lists.

    Parameters
    ----------
    patterns : (histories, lists) array of bool
        Which lists each history is on.
    tables : (tables, histories) array
        People with each history.
    """
    on = patterns.astype(float)
    number = on.sum(axis=1)
    alone = on * (number == 1)[:, None]
    pairs = list(combinations(range(patterns.shape[1]), 2))
    together = np.column_stack([on[:, one] * on[:, other] for one, other in pairs])
    near = np.column_stack([alone[:, one] + alone[:, other] for one, other in pairs])
    near = near + 2 * together * (number == 2)[:, None]
    return CoverageSums(tables.sum(axis=1), tables @ on, tables @ alone, tables @ together, tables @ near)


def coverage_estimates(patterns: NDArray[np.bool_], tables: Floats) -> Floats:
    """Estimate the sample coverage and the population of many tables (Chao and Tsay 1998).

    Parameters
    ----------
    patterns : (histories, lists) array of bool
        Which lists each history is on; three lists or more.
    tables : (tables, histories) array
        People with each history.

    Returns
    -------
    (tables, 4) array
        Sample coverage; population as if the lists were independent; population for high coverage; one-step
        population for low coverage. NaN where a list holds nobody or no list overlaps another, and for high
        coverage where its denominator is not positive.
    """
    sums = coverage_sums(patterns, tables)
    lists = patterns.shape[1]
    first, second = (np.array(side) for side in zip(*combinations(range(lists), 2), strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = 1 - (sums.only / sums.sizes).mean(axis=1)
        coverage = np.where((sums.sizes > 0).all(axis=1) & (coverage > 1e-12), coverage, np.nan)
        plain = (sums.observed - sums.only.mean(axis=1)) / coverage
        # A population of N has the covariance N * ratio - 1 between the two lists of a pair.
        ratio = sums.both / (sums.sizes[:, first] * sums.sizes[:, second])
        slope = (sums.near * ratio).sum(axis=1) / (lists * coverage)
        base = plain - sums.near.sum(axis=1) / (lists * coverage)
        high = np.where(slope < 1, base / (1 - slope), np.nan)
    return np.column_stack([coverage, plain, high, base + slope * (base + slope * plain)])
