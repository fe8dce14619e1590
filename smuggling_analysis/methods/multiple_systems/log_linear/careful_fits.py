"""A log-linear fit for tables whose counts differ so much in size that the fast kernel loses the small ones.

The kernel adds counts up over many histories, so that beside a thousand million people the rounding of their sum
hides what one person says. Here the design matrix is kept and factored by Householder's method with its rows in
order of size, which keeps small rows beside large ones. Slower, and asked only where the kernel gives up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_STEPS, _MOST_HALVINGS = 200, 40
# Steps that small end the climb; below the other, the likelihood's change is only rounding, and after so many of
# them double precision gives no more.
_SETTLED, _NEAR, _MOST_NEAR = 1e-7, 1e-4, 20


@dataclass(frozen=True, eq=False)
class CarefulFit:
    """One model's fit.

    Parameters
    ----------
    theta, error : (terms,) arrays
        Parameters, minus infinity where nobody shows the term, and standard errors, NaN there.
    deviance : float
    """

    theta: Floats
    error: Floats
    deviance: float


def careful_fit(cells: Floats, terms: NDArray[np.int64], *, complete: bool = False,
                offset: Floats | None = None) -> CarefulFit | None:
    """Fit one model known to have one estimate; None if it cannot be reached in double precision all the same.

    Parameters
    ----------
    cells : (2**lists,) array
        The table; cell 0 counts only where `complete`.
    terms : (terms,) array of int
        The model's terms, the intercept first.
    complete : bool
        Whether the people on no list were counted too.
    offset : (2**lists,) array, optional
        What is known of the linear predictor beforehand.

    Examples
    --------
    >>> fit = careful_fit(np.array([0.0, 60, 40, 12]), np.array([0, 1, 2]))
    >>> round(float(np.exp(fit.theta[0])), 9), round(fit.deviance, 9)
    (200.0, 0.0)
    """
    every = np.arange(cells.size)
    inside = (every[:, None] & terms) == terms
    counted = every >= (0 if complete else 1)
    empty = np.array([not cells[counted & held].any() for held in inside.T])
    alive = counted & ~inside[:, empty].any(axis=1)
    design, counts = inside[np.ix_(alive, ~empty)].astype(float), cells[alive]
    known = np.zeros(counts.size) if offset is None else offset[alive]
    reached = _climbed(design, counts, known)
    if reached is None:
        return None
    own, root = reached
    theta, error = np.where(empty, -np.inf, np.nan), np.full(terms.size, np.nan)
    theta[~empty], error[~empty] = own, np.sqrt((np.linalg.inv(root) ** 2).sum(axis=1))
    return CarefulFit(theta, error, _deviance(counts, design @ own + known))


def _climbed(design: Floats, counts: Floats, known: Floats) -> tuple[Floats, Floats] | None:
    """Return the parameters at the maximum and a root of their information; None if it is not reached."""
    start = counts + 0.5
    theta, root = _least_squares(design, start, (np.log(start) - known) * start)
    near = 0
    for _ in range(_MOST_STEPS):
        eta = design @ theta + known
        means = np.exp(np.minimum(eta, 600.0))
        if not means.all():
            return None
        step, root = _least_squares(design, means, counts - means)
        move = design @ step
        if not np.isfinite(move).all():
            return None
        largest = float(np.abs(move).max())
        theta = theta + _share(counts, means, move) * step if largest > _NEAR else theta + step
        near += largest <= _NEAR
        if largest < _SETTLED or near > _MOST_NEAR:
            return theta, root
    return None


def _share(counts: Floats, means: Floats, move: Floats) -> float:
    """Return the share of a step at which the likelihood has not fallen."""
    for halvings in range(_MOST_HALVINGS):
        part = move / 2**halvings
        if (counts * part - means * np.expm1(np.minimum(part, 600.0))).sum() >= 0.0:
            break
    return 0.5**halvings


def _least_squares(design: Floats, weight: Floats, weighted: Floats) -> tuple[Floats, Floats]:
    """Solve for `design @ x = weighted / weight` by weight; also return R of the weighted design, columns as given."""
    from scipy.linalg import qr, solve_triangular

    order = np.argsort(-weight, kind="stable")
    root = np.sqrt(weight[order])
    rotated, upper, pivots = qr(design[order] * root[:, None], mode="economic", pivoting=True)
    found = np.empty(design.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        found[pivots] = solve_triangular(upper, rotated.T @ (weighted[order] / root), check_finite=False)
    unpivoted = np.empty_like(upper)
    unpivoted[:, pivots] = upper
    return found, unpivoted


def _deviance(counts: Floats, eta: Floats) -> float:
    means = np.exp(eta)
    missed, held = means - counts, counts > 0
    close = held & (np.abs(missed) < 0.5 * counts)
    apart = held & ~close
    total = missed.sum() - (counts[close] * np.log1p(missed[close] / counts[close])).sum()
    return 2.0 * float(total + (counts[apart] * (np.log(counts[apart]) - eta[apart])).sum())
