"""Sums over many whole numbers from few points: blocks of 2, 4, 8 ... numbers, each with a Gauss rule of its own.

The rule for a sum over 0, 1, ..., w - 1 is the Gauss quadrature of that discrete measure (its polynomials are
Chebyshev's discrete ones): ten points give the sum of any polynomial up to degree 19 exactly, whatever w is. So the
numbers of hidden people need not be visited one by one, and nothing is approximated by an integral.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

EACH = 16
"""Blocks of up to so many numbers are summed number by number."""
_POINTS = 10


@cache
def discrete_rule(width: int) -> tuple[Floats, Floats]:
    """Return points and weights whose weighted sum is the sum over 0, 1, ..., width - 1.

    References
    ----------
    Golub, G. H. and Welsch, J. H. (1969). Calculation of Gauss quadrature rules. Mathematics of Computation 23,
    221-230.

    Examples
    --------
    >>> points, weights = discrete_rule(1024)
    >>> round(float(weights @ points**3)) == sum(number**3 for number in range(1024))
    True
    """
    if width <= EACH:
        return np.arange(float(width)), np.ones(width)
    step = np.arange(1.0, _POINTS)
    beside = np.sqrt(step**2 * (1.0 - (step / width) ** 2) / (4.0 * (4.0 * step**2 - 1.0)))
    values, vectors = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    return 0.5 * (width - 1.0) + width * values, width * vectors[0] ** 2


def dyadic_blocks(low: int, high: int) -> tuple[Whole, Whole]:
    """Cut the whole numbers from `low` up to but not `high` into blocks whose widths are powers of two.

    Returns
    -------
    start, width : (blocks,) arrays
        Each block starts at a multiple of its width, so that it can be halved again and again, and none is wider
        than its start.

    Examples
    --------
    >>> dyadic_blocks(3, 45)
    (array([ 3,  4,  8, 16, 32, 40, 44]), array([ 1,  4,  8, 16,  8,  4,  1]))
    """
    starts, widths = [], []
    while low < high:
        width = low & -low if low else EACH
        while low + width > high:
            width >>= 1
        starts.append(low)
        widths.append(width)
        low += width
    return np.array(starts, dtype=np.int64), np.array(widths, dtype=np.int64)


def points_of(start: Whole, width: Whole) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return the points of every block, their weights, and where each block's points begin."""
    rules = [discrete_rule(int(one)) for one in width]
    begin = np.concatenate([[0], np.cumsum([points.size for points, _ in rules])[:-1]]).astype(np.intp)
    points = np.concatenate([first + points for first, (points, _) in zip(start.tolist(), rules, strict=True)])
    return points, np.concatenate([weights for _, weights in rules]), begin
