"""Does a maximum likelihood estimate exist, and is there only one?

The estimate exists when the sums that the model fits (the people on each of its terms) lie inside the cone
they can span, not on its border (Fienberg and Rinaldo 2012). On the border there is a direction in which the
likelihood climbs for ever: some cells that hold nobody are pushed towards zero and all others stay as they
are. A linear programme finds it. It sees only which cells are empty, never how full the others are, so large
counts do not upset it.

Pairs of lists that nobody shares are the plainest case. They are settled first, by setting their parameter to
minus infinity and leaving their cells out (Chan, Silverman and Vincent 2021); the questions are then asked of
what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members

Counts = NDArray[np.int64] | NDArray[np.float64]
MORE_OVERLAP = "lists that share more people, or lists merged where they do not overlap"


@dataclass(frozen=True)
class Existence:
    """Whether a model has one maximum likelihood estimate on a table.

    Parameters
    ----------
    model : Model
        The model asked about.
    lists : tuple of str
        The lists' names.
    exists : bool
        Whether a maximum likelihood estimate exists, parameters at minus infinity allowed.
    identified : bool
        Whether it is the only one.
    empty_terms : tuple of tuple of str
        The smallest terms of the model that nobody shares; their parameter is minus infinity.
    pushed_to_zero : tuple of tuple of str
        Histories that hold nobody and that the likelihood would push towards zero for ever, if `exists` is
        false.
    """

    model: Model
    lists: tuple[str, ...]
    exists: bool
    identified: bool
    empty_terms: tuple[tuple[str, ...], ...]
    pushed_to_zero: tuple[tuple[str, ...], ...]

    @property
    def estimable(self) -> bool:
        """Whether the model gives one number."""
        return self.exists and self.identified

    @property
    def reason(self) -> str:
        """Why there is no estimate, in words; empty if there is one."""
        named = self.model.named(self.lists)
        if not self.exists:
            return (f"the model {self.model.notation} ({named}) has no maximum likelihood estimate on this "
                    f"table: nobody has the histories {_spoken(self.pushed_to_zero)}, and the likelihood "
                    "keeps rising as they are pushed towards zero")
        if not self.identified:
            return (f"the model {self.model.notation} ({named}) is not identifiable on this table: with "
                    f"{_overlaps(self.empty_terms)}, different populations fit the counts equally well")
        return ""

    def require(self) -> None:
        """Refuse the model if it gives no number.

        Raises
        ------
        NoEstimate
            With the reason.
        """
        if not self.estimable:
            raise NoEstimate(self.reason, "lists that share more people, lists merged where they do not "
                                          "overlap, or a model with fewer terms")


def existence(histories: CaptureHistories, model: str | Iterable[str | Sequence[str]] | Model) -> Existence:
    """Say whether a log-linear model has a maximum likelihood estimate on a table, and only one.

    Parameters
    ----------
    histories : CaptureHistories
        The table, strata added together.
    model : str, generators or Model
        As for `loglinear`.

    References
    ----------
    Fienberg, S. E. and Rinaldo, A. (2012). Maximum likelihood estimation in log-linear models. Annals of
    Statistics 40(2), 996-1023.

    Chan, L., Silverman, B. W. and Vincent, K. (2021). Multiple systems estimation for sparse capture data.
    Journal of the American Statistical Association 116(535), 1297-1306. doi:10.1080/01621459.2019.1708748

    Examples
    --------
    The artificial example of Chan, Silverman and Vincent (2021): only the first two lists overlap.

    >>> histories = CaptureHistories.from_counts(
    ...     {"a": 40, "b": 30, "c": 20, ("a", "b"): 6}, lists=["a", "b", "c"])
    >>> existence(histories, "[12,3]").exists
    False
    >>> existence(histories, "[13,2]").estimable
    True
    >>> existence(histories, "[12,13,23]").identified
    False
    """
    asked = Model.parse(model, histories.lists)
    cells = histories.dense()
    fits = fit(cells, [asked])
    exists = bool(fits.exists[0])
    terms = np.array(asked.terms, dtype=np.int64)
    pushed = np.zeros(cells.size, dtype=bool) if exists else direction_of_recession(cells, terms)
    return Existence(asked, histories.lists, exists, bool(fits.identified[0]),
                     tuple(_names(term, histories.lists) for term in empty_terms(cells, asked)),
                     tuple(_names(cell, histories.lists) for cell in np.flatnonzero(pushed).tolist()))


def require_any(cells: Floats, n_lists: int) -> None:
    """Refuse a table on which no log-linear model has an estimate.

    A model has none where one within it has none (`undecided_fits` says why), and the independent lists are within
    every model.

    Raises
    ------
    NoEstimate
        If the model of independent lists has no estimate, or not only one.
    """
    fits = fit(cells, [Model(n_lists, ())])
    if not (fits.exists & fits.identified).all():
        raise NoEstimate("no model has a maximum likelihood estimate on this table: the independent lists have none, "
                         "and then no model with more terms has one", MORE_OVERLAP)


def empty_terms(cells: Counts, model: Model) -> list[int]:
    """Return the smallest terms of the model that nobody shares."""
    every = np.arange(cells.size)
    empty = [term for term in model.terms if term and not cells[(every & term) == term].sum()]
    return [term for term in empty if not any(term != other and term & other == other for other in empty)]


def direction_of_recession(cells: Counts, terms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the cells that the likelihood pushes to zero for ever: none if an estimate exists.

    Parameters
    ----------
    cells : (2**lists,) array
        The table; cell 0 is not counted.
    terms : (terms,) array of int
        The model's terms, the intercept included.

    Returns
    -------
    (2**lists,) array of bool
    """
    from scipy.optimize import linprog

    every = np.arange(cells.size)
    shared = np.array([cells[1:][(every[1:] & term) == term].sum() for term in terms])
    left = every > 0
    for term in terms[shared == 0]:
        left &= (every & term) != term
    used = terms[shared > 0]
    design = ((every[:, None] & used) == used).astype(float)
    full, empty = left & (cells > 0), left & (cells == 0)
    found = np.zeros(cells.size, dtype=bool)
    if not empty.any():
        return found
    # The most that the empty cells can fall, none by more than 1, while the others stay: 0, or at least 1.
    programme = linprog(design[empty].sum(axis=0), A_eq=design[full], b_eq=np.zeros(full.sum()),
                        A_ub=np.vstack([design[empty], -design[empty]]),
                        b_ub=np.repeat([0.0, 1.0], empty.sum()), bounds=(None, None), method="highs")
    if programme.status != 0:
        raise ArithmeticError("the linear programme for existence ended without an answer: "
                              f"{programme.message}")
    found[empty] = design[empty] @ programme.x < -1e-6
    return found


def _names(term: int, lists: Sequence[str]) -> tuple[str, ...]:
    return tuple(lists[place] for place in members(term))


def _spoken(histories: Sequence[Sequence[str]], most: int = 4) -> str:
    named = ["(" + ", ".join(history) + ")" for history in histories[:most]]
    return ", ".join(named) + (f" and {len(histories) - most} more" if len(histories) > most else "")


def _overlaps(terms: Sequence[Sequence[str]]) -> str:
    if not terms:
        return "the term that holds all lists free"
    return "nobody shared by " + ", nor by ".join(" and ".join(term) for term in terms)
