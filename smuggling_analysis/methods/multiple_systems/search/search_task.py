"""What a search is asked, where it stands, and what it says of itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import CRITERIA, Floats, fit_terms, price
from smuggling_analysis.methods.multiple_systems.search.branches import Branches, advance
from smuggling_analysis.methods.multiple_systems.search.hill_climbing import climbed, scores
from smuggling_analysis.methods.multiple_systems.search.term_space import Rows, TermSpace, term_space

# Bounds and fits agree to far better than this: in points, as a share, and for each person counted.
_SLACK, _SLACK_SHARE, _SLACK_PER_PERSON = 1e-6, 1e-10, 1e-13


@dataclass(frozen=True)
class Search:
    """What a search did, and what it is certain of.

    Parameters
    ----------
    criterion : str
        "aic" or "bic".
    reach : float
        How far above the best a model may lie and still be shown, in points of the criterion.
    certified : bool
        Whether every model within reach has been visited.
    visited : int
        Models visited.
    with_estimate : int
        How many of them have an estimate.
    fits, closed : int
        Models and bounds fitted; branches closed without a visit to their models.
    floor : float
        No model that was not visited has a criterion below this.
    """

    criterion: str
    reach: float
    certified: bool
    visited: int
    with_estimate: int
    fits: int
    closed: int
    floor: float

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know of a search that did not end, or found nothing."""
        if self.certified:
            return () if self.with_estimate else ("no model has a maximum likelihood estimate on this table",)
        return (f"the search ended before it was complete: {self.visited:,} models were visited, and one that "
                f"was not may be better; the {self.criterion.upper()} of such a model is at least "
                f"{self.floor:,.1f}",)


@dataclass(frozen=True, eq=False)
class State:
    """A search under way: open branches, models kept, and the account of what was done."""

    open: Branches
    kept: Rows
    scores: Floats
    visited: int
    with_estimate: int
    fits: int
    closed: int
    work: float

    @property
    def best(self) -> float:
        """The best score so far."""
        return float(self.scores.min(initial=math.inf))


@dataclass(frozen=True, eq=False)
class Task:
    """What is searched.

    Parameters
    ----------
    own : (2**lists,) array
        The table.
    places : sequence of int
        Its lists in an order that depends on the counts alone, in which they are searched.
    space : TermSpace
        The terms.
    criterion : str
        "aic" or "bic".
    reach, budget : float
        As for `search_models`.
    """

    own: Floats
    places: Sequence[int]
    space: TermSpace
    criterion: str
    reach: float
    budget: float

    @cached_property
    def cells(self) -> Floats:
        """The table with its lists in the order in which they are searched."""
        return self.own[_moved(np.arange(self.own.size), self.places)]

    def own_rows(self, rows: Rows) -> Rows:
        """Return the models with lists numbered as in the table."""
        own = np.zeros_like(rows)
        moved = _moved(self.space.candidates, self.places)
        own[:, np.searchsorted(_key(self.space.candidates), _key(moved))] = rows
        return own

    def score(self, rows: Rows) -> Floats:
        """Return models' scores on the table as it is, as `fit_terms` fits it, to the last bit."""
        return scores(self.own, self.space, self.own_rows(rows), self.criterion)

    @property
    def price(self) -> float:
        """What a parameter costs."""
        return price(self.cells, self.criterion)

    @property
    def constant(self) -> float:
        """What is in every model's criterion besides deviance and the price of candidate terms."""
        return self.space.constant(self.cells, self.criterion)

    def cutoff(self, state: State) -> float:
        """Return the most that deviance and price of the candidate terms may come to."""
        best = state.best - self.constant
        return (best + self.reach + _SLACK + _SLACK_SHARE * abs(best)
                + _SLACK_PER_PERSON * float(self.cells.sum()))

    def begun(self) -> State:
        """Return the search before its first branch, with the models that small steps lead to.

        Where the independent lists have no estimate no other model has one, and nothing is left to search.
        """
        root = Branches.root(self.cells, self.space)
        alone = self.space.row(())[None, :]
        independent = fit_terms(self.own, self.space.table(alone))
        if not (independent.exists & independent.identified).all():
            return State(root.take(slice(0)), alone[:0], np.zeros(0), 1, 0, 1, 0, 0.0)
        rows, found = climbed(self.cells, self.space, self.criterion)
        found = self.score(rows)
        near = np.isfinite(found) & (found <= found.min() + self.reach)
        return State(root, rows[near], found[near], len(rows), int(np.isfinite(found).sum()), len(rows), 0, 0.0)

    def advanced(self, state: State, most_work: float, n_jobs: int) -> State:
        """Return the search after some more work."""
        gone = advance(state.open, self.cells, self.space, self.price, self.cutoff(state), most_work, n_jobs)
        found = self.score(gone.found)
        rows, first = np.unique(np.concatenate([state.kept, gone.found]), axis=0, return_index=True)
        every = np.concatenate([state.scores, found])[first]
        near = np.isfinite(every) & (every <= every.min(initial=math.inf) + self.reach)
        # What small steps led to was counted then.
        new = len(gone.found) - (len(state.kept) + len(gone.found) - len(rows))
        return State(gone.left, rows[near], every[near], state.visited + new,
                     state.with_estimate + int(np.isfinite(found).sum()) - (len(gone.found) - new),
                     state.fits + gone.fits, state.closed + gone.closed, state.work + gone.work)

    def result(self, state: State) -> Search:
        """Return what the search did."""
        floor = state.best + self.reach
        if len(state.open):
            bound = min(self.cutoff(state), float(state.open.bounds(self.price).min()))
            floor = bound + self.constant
        return Search(self.criterion, self.reach, not len(state.open), state.visited, state.with_estimate, state.fits,
                      state.closed, floor)


def task_of(cells: Floats, n_lists: int, order: int, criterion: str, reach: float, budget: float) -> Task:
    """Return the task of searching a table.

    Raises
    ------
    ValueError
        If an option makes no sense.
    """
    if criterion not in CRITERIA:
        raise ValueError(f"criterion is one of {', '.join(CRITERIA)}, got {criterion!r}")
    if not 0 <= reach < math.inf:
        raise ValueError(f"reach is a number of points of the criterion, 0 or more, got {reach}")
    if not budget > 0:
        raise ValueError(f"budget is an amount of work above 0, got {budget}")
    table = np.array(cells, dtype=np.float64)
    table[0] = 0.0
    return Task(table, _places(table, n_lists), term_space(n_lists, order), criterion, reach, budget)


def _key(terms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers that sort terms as a space does: smaller before larger."""
    return np.array([term.bit_count() << 32 | term for term in terms.tolist()])


def _places(cells: Floats, n_lists: int) -> list[int]:
    """Return the lists in an order that depends on the counts alone, wherever these tell lists apart."""
    every = np.arange(cells.size)
    on = ((every[:, None] >> np.arange(n_lists)) & 1).astype(bool)
    shared = on.T @ (on * cells[:, None])

    def told(place: int) -> tuple[object, ...]:
        held = cells[on[:, place]]
        return (-shared[place, place], sorted(shared[place].tolist()), sorted(held.tolist()))

    return sorted(range(n_lists), key=told)


def _moved(numbers: NDArray[np.int64], places: Sequence[int]) -> NDArray[np.int64]:
    """Return histories or terms with bit `i` moved to bit `places[i]`."""
    moved = np.zeros_like(numbers)
    for new, old in enumerate(places):
        moved |= (numbers >> new & 1) << old
    return moved
