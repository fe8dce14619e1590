"""Models of who is on which of two lists given what is known of them: the nuisance of doubly robust estimates.

A person's cell says on which of a pair of lists they are: 0 both, 1 the first alone, 2 the second alone,
3 neither (they are on a third). A model gives the chances of cells 0 to 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.listed_people import ListedPeople

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]
Nuisance = Callable[[Floats, Cells, Floats], Any]
"""Takes covariates and cells of people to learn from, and covariates of others; returns (others, 3) chances."""

_MOST_STEPS = 60
_SETTLED = 1e-10


@dataclass(frozen=True, eq=False)
class Chances:
    """Every person's chances of being on both lists, the first alone and the second alone.

    Parameters
    ----------
    cells : (people, 3) array
    settled : bool
        Whether every fit reached its maximum.
    raised : float
        Share of people whose chance of being on both was raised to the least allowed.
    """

    cells: Floats
    settled: bool
    raised: float


def design(people: ListedPeople, covariates: tuple[str, ...]) -> Floats:
    """Return the covariates as numbers: an intercept, numbers standardised, categories as 0/1 columns.

    Returns
    -------
    (people, columns) array

    Examples
    --------
    >>> people = ListedPeople(("a", "b"), [[1, 0], [1, 1], [0, 1]], ("sex",), (np.array(["f", "m", "f"]),))
    >>> design(people, ("sex",)).tolist()
    [[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]]
    """
    columns = [np.ones(people.n_observed)]
    for name in sorted(covariates):
        values = people.values_of(name)
        if values.dtype.kind == "f":
            spread = float(values.std())
            columns += [(values - values.mean()) / spread] if spread > 0 else []
        else:
            columns += [(values == level).astype(float) for level in np.unique(values)[1:]]
    return np.column_stack(columns)


def multinomial_fit(x: Floats, cells: Cells, categories: int) -> tuple[Floats, bool]:
    """Fit a multinomial logistic model by Newton's method; category 0 is the reference.

    Parameters
    ----------
    x : (people, columns) array
        With an intercept; columns may repeat one another.
    cells : (people,) array
        Each person's category, from 0.
    categories : int
        How many there are.

    Returns
    -------
    (columns, categories - 1) array of coefficients, and whether the maximum was reached.
    """
    columns = x.shape[1]
    beta = np.zeros((columns, categories - 1))
    seen = np.eye(categories)[cells]
    best = -np.inf
    for _ in range(_MOST_STEPS):
        p = multinomial_chances(x, beta)
        score = (x.T @ (seen - p)[:, 1:]).T.ravel()
        information = np.empty((score.size, score.size))
        for one in range(categories - 1):
            for other in range(categories - 1):
                weight = p[:, one + 1] * ((one == other) - p[:, other + 1])
                information[one * columns:(one + 1) * columns, other * columns:(other + 1) * columns] = (
                    x.T @ (weight[:, None] * x))
        step = np.linalg.lstsq(information, score, rcond=1e-12)[0].reshape(categories - 1, columns).T
        share = 1.0
        while (now := _log_likelihood(x, beta + share * step, seen)) < best - 1e-9 and share > 1e-4:
            share /= 2
        best, beta = max(best, now), beta + share * step
        if np.abs(x @ step).max() < _SETTLED:
            return beta, True
    return beta, False


def multinomial_chances(x: Floats, beta: Floats) -> Floats:
    """Return each person's chances of every category: (people, categories) array."""
    eta = np.column_stack([np.zeros(len(x)), x @ beta])
    weight = np.exp(eta - eta.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _log_likelihood(x: Floats, beta: Floats, seen: Floats) -> float:
    eta = np.column_stack([np.zeros(len(x)), x @ beta])
    top = eta.max(axis=1)
    return float(((seen * eta).sum(axis=1) - top - np.log(np.exp(eta - top[:, None]).sum(axis=1))).sum())


def _multinomial(x: Floats, cells: Cells, new: Floats) -> tuple[Floats, bool]:
    beta, settled = multinomial_fit(x, cells, int(cells.max()) + 1)
    return multinomial_chances(new, beta)[:, :3], settled


def _logistic(x: Floats, cells: Cells, new: Floats) -> tuple[Floats, bool]:
    """Fit one logistic regression per cell, its own against the others, and make the chances sum to one."""
    chances, settled = [], True
    for cell in range(int(cells.max()) + 1):
        beta, reached = multinomial_fit(x, (cells == cell).astype(np.int64), 2)
        chances.append(multinomial_chances(new, beta)[:, 1])
        settled = settled and reached
    stacked = np.column_stack(chances)
    return (stacked / stacked.sum(axis=1, keepdims=True))[:, :3], settled


def _none(x: Floats, cells: Cells, new: Floats) -> tuple[Floats, bool]:
    shares = np.bincount(cells, minlength=4)[:3] / len(cells)
    return np.tile(shares, (len(new), 1)), True


MODELS: dict[str, Callable[[Floats, Cells, Floats], tuple[Floats, bool]]] = {
    "multinomial": _multinomial, "logistic": _logistic, "none": _none}


def cross_fitted(x: Floats, cells: Cells, folds: Cells, nuisance: str | Nuisance, least: float) -> Chances:
    """Give every person the chances learnt from the people of the other folds.

    Parameters
    ----------
    x : (people, columns) array
        From `design`.
    cells : (people,) array
        0 both, 1 the first alone, 2 the second alone, 3 neither.
    folds : (people,) array
        Each person's fold; one fold alone learns from itself.
    nuisance : str or callable
        A key of `MODELS`, or a function of the reader's own.
    least : float
        The least chance of being on both that is allowed.

    Raises
    ------
    NoEstimate
        If the people learnt from lack a cell.
    ValueError
        If the reader's own function gives what are no chances.
    """
    found = np.empty((len(cells), 3))
    settled = True
    labels = np.unique(folds)
    for fold in labels:
        out = folds == fold
        learn = ~out if len(labels) > 1 else out
        if nuisance != "none" and np.bincount(cells[learn], minlength=3)[:3].min() == 0:
            raise NoEstimate("with one fold left out nobody is left on both lists, or on one of them alone",
                             "more people on both lists, or fewer folds")
        if callable(nuisance):
            found[out] = _checked(nuisance(x[learn], cells[learn], x[out]), int(out.sum()))
        else:
            found[out], reached = MODELS[nuisance](x[learn], cells[learn], x[out])
            settled = settled and reached
    low = found[:, 0] < least
    found[:, 0] = np.where(low, least, found[:, 0])
    return Chances(found / np.maximum(found.sum(axis=1, keepdims=True), 1.0), settled, float(low.mean()))


def _checked(chances: Any, people: int) -> Floats:
    made = np.asarray(chances, dtype=float)
    if made.shape != (people, 3):
        raise ValueError(f"nuisance must return one row per person and three columns (on both, on the first "
                         f"alone, on the second alone), ({people}, 3), got {made.shape}")
    if not (np.isfinite(made).all() and (made >= 0).all() and (made.sum(axis=1) <= 1 + 1e-6).all()):
        raise ValueError("nuisance must return chances: finite, not negative, their sum at most 1 a person")
    return made
