"""A search for the good models where there are too many to visit: by branch and bound, certified if it ends.

The deviance never rises when a term is added, so the deviance of everything still allowed in a branch and the
price of what is already in bound every model of the branch from below. Branches that cannot come within the
reach of the best model are closed without a visit. When no branch is left open, every model within reach has
been visited: that is certain, not likely.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits, Floats, fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.search.hill_climbing import scores
from smuggling_analysis.methods.multiple_systems.search.search_task import Search, State, Task, task_of
from smuggling_analysis.methods.multiple_systems.search.term_space import Rows, TermSpace

REACHES = {"bic": 10.0, "aic": 4.0}
"""How far above the best a model may lie and still say something, in points of the criterion."""
BUDGET = 25.0
"""Thousand million additions; a core does about five of them in a second."""
_UNIT = 1e9
_FIRST_ROUND, _LARGEST_ROUND = 0.25e9, 8e9
_MOST_KEPT = 100_000


@dataclass(frozen=True, eq=False)
class Found:
    """The models within reach of the best, best first.

    Parameters
    ----------
    rows : (models, candidates) array of int8
        The models as rows of `space`.
    space : TermSpace
        The terms.
    fits : Fits
        Their fits.
    search : Search
        How they were found.
    """

    rows: Rows
    space: TermSpace
    fits: Fits
    search: Search

    def models(self) -> tuple[Model, ...]:
        """Return the models."""
        return self.space.models(self.rows)

    @property
    def best(self) -> Model:
        """The best model: of equally good ones that with the least population."""
        place = self.fits.best(self.search.criterion)
        return self.space.models(self.rows[place : place + 1])[0]

    def neighbourhood(self, most: int) -> tuple[Model, ...]:
        """Return the best models among those found and their neighbours, one term away."""
        around = [self.rows[:most], *(self.space.moves(row, 1) for row in self.rows[:most])]
        rows = np.unique(np.concatenate(around), axis=0)
        found = scores(self.fits.cells, self.space, rows, self.search.criterion)
        kept = np.argsort(found.round(9), kind="stable")[: min(most, int(np.isfinite(found).sum()))]
        return self.space.models(rows[kept])


def search(task: Task, *, state: State | None = None, n_jobs: int = 1,
           watch: Callable[[State], None] | None = None) -> State:
    """Search until every model within reach was visited, or the budget is spent.

    Parameters
    ----------
    task : Task
        What is searched.
    state : State, optional
        Where an earlier search stopped.
    n_jobs : int
        Workers; the result does not depend on it.
    watch : callable, optional
        Told of the state after each round.
    """
    state = state or task.begun()
    while (len(state.open) and math.isfinite(state.best) and state.work < task.budget * _UNIT
           and len(state.kept) <= _MOST_KEPT):
        rounds = min(max(_FIRST_ROUND, state.work), _LARGEST_ROUND, task.budget * _UNIT - state.work)
        state = task.advanced(state, rounds, n_jobs)
        if watch:
            watch(state)
    return state


def found_by(task: Task, kept: Rows, found: Floats, record: Search) -> Found:
    """Return the models kept, with their scores `found`, in the table's own order of lists, best first."""
    rows = task.own_rows(kept)
    names = [model.notation for model in task.space.models(rows)]
    # Models of equal fit differ in the last bits: they are ordered by name, not by rounding.
    order = sorted(range(len(rows)), key=lambda place: (round(float(found[place]), 9), names[place]))
    fits = fit_terms(task.own, task.space.table(rows[order]))
    return Found(rows[order], task.space, fits, record)


def search_table(cells: Floats, n_lists: int, order: int, criterion: str) -> Found:
    """Search one table; asked again for the same, it answers from memory."""
    return _remembered(np.ascontiguousarray(cells, dtype=np.float64).tobytes(), n_lists, order, criterion)


@lru_cache(maxsize=4)
def _remembered(cells: bytes, n_lists: int, order: int, criterion: str) -> Found:
    task = task_of(np.frombuffer(cells), n_lists, order, criterion, REACHES.get(criterion, 0.0), BUDGET)
    state = search(task)
    return found_by(task, state.kept, state.scores, task.result(state))
