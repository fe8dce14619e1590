"""The posterior of a Poisson log-linear model with normal or flat priors: its mode, its curvature, its chains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_STEPS, _MOST_HALVINGS = 200, 60
_SETTLED = 1e-9


@dataclass(frozen=True, eq=False)
class Posterior:
    """A posterior at its mode.

    Parameters
    ----------
    terms : (terms,) array of int
        The model's terms as numbers whose bits are lists, the intercept (0) first.
    precision : (terms,) array
        Of the independent normal priors around 0; 0 is a flat prior.
    counted : (cells,) array of bool
        The histories that the likelihood holds: all but the people on no list, and those that a term at minus
        infinity empties.
    mode : (terms,) array
    root : (terms, terms) array
        `root @ root.T` is the inverse of the curvature at the mode: the covariance of the normal approximation.
    means : (cells,) array
        Expected counts at the mode, 0 where nothing is counted.
    left : (terms,) array
        The slope that the search left, nearly 0.
    """

    terms: NDArray[np.int64]
    precision: Floats
    counted: NDArray[np.bool_]
    mode: Floats
    root: Floats
    means: Floats
    left: Floats

    @property
    def error(self) -> Floats:
        """Standard deviations of the normal approximation at the mode: (terms,) array."""
        return np.sqrt((self.root**2).sum(axis=1))


def posterior(cells: Floats, terms: NDArray[np.int64], precision: Floats,
              counted: NDArray[np.bool_]) -> Posterior | None:
    """Climb to the mode by Newton's method; None where double precision does not reach one.

    Parameters
    ----------
    cells : (cells,) array
        Counts of the histories.
    terms, precision, counted
        As in `Posterior`.

    Examples
    --------
    With flat priors the mode is the maximum of the likelihood:

    >>> cells = np.array([0.0, 60, 40, 12])
    >>> found = posterior(cells, np.array([0, 1, 2]), np.zeros(3), np.arange(4) > 0)
    >>> round(float(np.exp(found.mode[0])), 9)
    200.0
    """
    design = ((np.arange(cells.size)[:, None] & terms) == terms)[counted].astype(float)
    counts = cells[counted]
    start = counts + 0.5
    weighted = design * start[:, None]
    theta = np.linalg.lstsq(design.T @ weighted + np.diag(precision), weighted.T @ np.log(start), rcond=None)[0]
    for _ in range(_MOST_STEPS):
        means = np.exp(np.minimum(design @ theta, 600.0))
        left = design.T @ (means - counts) + precision * theta
        try:
            factor = np.linalg.cholesky(design.T @ (design * means[:, None]) + np.diag(precision))
        except np.linalg.LinAlgError:
            return None
        root = np.linalg.inv(factor).T
        step = -root @ (root.T @ left)
        settled = float(np.abs(factor.T @ step).max()) < _SETTLED * max(1.0, math.sqrt(means.max()) * 1e-4)
        if not np.isfinite(step).all():
            return None
        if settled:
            every = np.zeros(cells.size)
            every[counted] = means
            return Posterior(terms, precision, counted, theta, root, every, left)
        theta = theta + _share(design @ step, means, step, left, precision) * step
    return None


def _share(move: Floats, means: Floats, step: Floats, left: Floats, precision: Floats) -> float:
    """Return the share of a step at which the energy has not risen."""
    for halvings in range(_MOST_HALVINGS):
        part = 0.5**halvings
        change = np.expm1(np.minimum(part * move, 600.0)) - part * move
        own = part * step
        if (means * change).sum() + (own * (left + 0.5 * precision * own)).sum() <= 0.0:
            return part
    return 0.0


def chains_of(target: Posterior, *, draws: int, burn_in: int, streams: Sequence[np.random.Generator],
              n_jobs: int) -> tuple[Floats, float]:
    """Draw the parameters by one chain a stream.

    Returns
    -------
    (chains, draws, terms) array, and the share of proposals accepted
    """
    from joblib import Parallel, delayed

    from smuggling_analysis.kernels.thresholding import posterior_chain

    ran = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(posterior_chain)(target.means, target.terms, target.root, target.precision, target.left, burn_in,
                                 draws, stream) for stream in streams)
    return target.mode + np.stack([kept for kept, _ in ran]), float(np.mean([share for _, share in ran]))
