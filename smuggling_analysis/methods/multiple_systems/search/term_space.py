"""The terms a search may put into a model, and models as rows of what is in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, price, saturated_loglikelihood
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

Rows = NDArray[np.int8]
_BLOCK = 8192


@dataclass(frozen=True, eq=False)
class TermSpace:
    """All terms of two lists up to so many; a family of them is a row of 1 (in) and anything else (not in).

    Make one with `term_space`.

    Parameters
    ----------
    n_lists, order : int
        Number of lists; the most lists in one term.
    candidates : (candidates,) array of int
        The terms, smaller before larger.
    always : (lists + 1,) array of int
        The terms in every model: the intercept and each list.
    below : (candidates, candidates) array of bool
        Whether the column's term lies within the row's; true on the diagonal.
    """

    n_lists: int
    order: int
    candidates: NDArray[np.int64]
    always: NDArray[np.int64]
    below: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of terms to choose from."""
        return self.candidates.size

    def constant(self, cells: Floats, criterion: str) -> float:
        """Return what is in every model's criterion besides deviance and the price of these terms."""
        return price(cells, criterion) * self.always.size - 2.0 * saturated_loglikelihood(cells[1:])

    def models(self, rows: Rows) -> tuple[Model, ...]:
        """Return each row's model."""
        return tuple(Model(self.n_lists, tuple(self.candidates[row == 1].tolist())) for row in rows)

    def row(self, terms: tuple[int, ...]) -> Rows:
        """Return the family of these terms and all their parts: (candidates,) array."""
        held = np.isin(self.candidates, terms)
        return np.asarray(self.below[held].any(axis=0), dtype=np.int8)

    def table(self, rows: Rows) -> NDArray[np.int64]:
        """Return each row's terms as the kernels take them, like `term_table`: (rows, most terms) array."""
        held = rows == 1
        order = np.argsort(~held, axis=1, kind="stable")[:, : max(1, int(held.sum(axis=1).max(initial=0)))]
        terms = np.where(np.take_along_axis(held, order, axis=1), self.candidates[order], -1) \
            if self.size else np.empty((len(rows), 0), dtype=np.int64)
        return np.hstack([np.broadcast_to(self.always, (len(rows), self.always.size)), terms])

    def closed(self, rows: NDArray[Any]) -> bool:
        """Say whether the rows are families: 0 or 1 for each term, and with a term all its parts."""
        if rows.ndim != 2 or rows.shape[1] != self.size or not np.isin(rows, (0, 1)).all():
            return False
        held = rows == 1
        missing = ~held @ self.below.T.astype(np.int64)
        return not (held & (missing > 0)).any()

    def moves(self, row: Rows, most: int) -> Rows:
        """Return the families one step away: a term out with all that holds it, or in with its parts.

        Steps that would take in more than `most` terms at once are left out.
        """
        steps = []
        for place in range(self.size):
            step = row.copy()
            if row[place] == 1:
                step[self.below[:, place]] = 0
            else:
                step[self.below[place]] = 1
            if int(step.sum()) - int(row.sum()) <= most:
                steps.append(step)
        return np.array(steps, dtype=np.int8).reshape(-1, self.size)


@lru_cache(maxsize=32)
def term_space(n_lists: int, order: int) -> TermSpace:
    """Return the space of terms of two lists up to `order`.

    Examples
    --------
    >>> space = term_space(3, 2)
    >>> space.candidates
    array([3, 5, 6])
    >>> space.models(space.row((5,))[None, :])
    (Model('[13,2]'),)
    """
    terms = [term for term in range(1 << n_lists) if 2 <= term.bit_count() <= order]
    candidates = np.array(sorted(terms, key=lambda term: (term.bit_count(), term)), dtype=np.int64)
    always = np.array([0, *(1 << place for place in range(n_lists))], dtype=np.int64)
    below = (candidates[:, None] & candidates[None, :]) == candidates[None, :]
    return TermSpace(n_lists, order, candidates, always, below)


def following(last: Rows, space: TermSpace, most: int) -> Rows:
    """Return the families after one, at most so many, in the order in which all are counted."""
    from smuggling_analysis.kernels.model_search import following_families

    block = np.zeros((most, space.size), dtype=np.int8)
    return block[: following_families(last, space.below, block)]


def every_family(space: TermSpace) -> Rows:
    """Return all families, that of no term first: (families, candidates) array.

    Examples
    --------
    >>> every_family(term_space(3, 2))[:3].tolist()
    [[0, 0, 0], [0, 0, 1], [0, 1, 0]]
    """
    blocks = [space.row(())[None, :]]
    while len(blocks[-1]) and space.size:
        blocks.append(following(blocks[-1][-1], space, _BLOCK))
    return np.concatenate(blocks)
