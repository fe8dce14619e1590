"""Visiting every model one by one, block by block, where they can be counted: up to six lists."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.search.term_space import Rows, TermSpace, following

MOST_LISTS = 6
_BLOCK, _PARTS = 32768, 8


@dataclass(frozen=True, eq=False)
class Visit:
    """How far a visit to every model has come.

    Parameters
    ----------
    last : (candidates,) array of int8
        The last model visited.
    ended : bool
        Whether it was the last of all.
    kept : (models, candidates) array of int8
        The models within reach of the best so far.
    scores : (models,) array
        Their criterion.
    visited, with_estimate : int
        Models visited, and those that have an estimate.
    """

    last: Rows
    ended: bool
    kept: Rows
    scores: Floats
    visited: int
    with_estimate: int

    @property
    def best(self) -> float:
        """The best score so far."""
        return float(self.scores.min(initial=math.inf))


def visit_all(score: Callable[[Rows], Floats], space: TermSpace, reach: float, *, begun: Visit | None = None,
              n_jobs: int = 1, watch: Callable[[Visit], None] | None = None) -> Visit:
    """Fit every model and keep those within reach of the best.

    Parameters
    ----------
    score : callable
        Gives the criterion of models, infinity where there is no estimate.
    space : TermSpace
        The terms.
    reach : float
        In points of the criterion.
    begun : Visit, optional
        Where an earlier visit stopped.
    n_jobs : int
        Workers; the result does not depend on it.
    watch : callable, optional
        Told of the state after each 32,768 models.
    """
    from joblib import Parallel, delayed

    here = begun or _first(score, space)
    with Parallel(n_jobs=n_jobs, prefer="threads") as workers:
        while not here.ended:
            block = following(here.last, space, _BLOCK)
            found = workers(delayed(score)(part)
                            for part in np.array_split(block, _PARTS))
            here = _added(here, block, np.concatenate(found), reach)
            if watch:
                watch(here)
    return here


def _first(score: Callable[[Rows], Floats], space: TermSpace) -> Visit:
    row = space.row(())[None, :]
    return _added(Visit(row[0], False, row[:0], np.zeros(0), 0, 0), row, score(row), 0.0,
                  ended=False)


def _added(here: Visit, block: Rows, found: Floats, reach: float, *, ended: bool | None = None) -> Visit:
    every = np.concatenate([here.scores, found])
    near = np.isfinite(every) & (every <= every.min(initial=math.inf) + reach)
    return Visit(block[-1] if len(block) else here.last, len(block) < _BLOCK if ended is None else ended,
                 np.concatenate([here.kept, block])[near], every[near], here.visited + len(block),
                 here.with_estimate + int(np.isfinite(found).sum()))
