"""Good models found by small steps: where a search starts, and all it has where it cannot finish."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit_terms, price
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import stepwise
from smuggling_analysis.methods.multiple_systems.search.term_space import Rows, TermSpace

# The most terms one step takes in: a term of three lists with its three pairs.
_MOST_AT_ONCE = 4
_MOST_PAIRS_FROM_ABOVE = 45
_GAIN = 1e-9


def scores(cells: Floats, space: TermSpace, rows: Rows, criterion: str) -> Floats:
    """Return each family's "aic" or "bic", infinity where there is no estimate: (rows,) array."""
    if not len(rows):
        return np.empty(0)
    fits = fit_terms(cells, space.table(rows))
    score = fits.deviance + space.constant(cells, criterion) + price(cells, criterion) * (rows == 1).sum(axis=1)
    return np.where(fits.estimable, score, np.inf)


def climbed(cells: Floats, space: TermSpace, criterion: str) -> tuple[Rows, Floats]:
    """Step from several models to the best of their neighbours until none is better.

    The starts are the independent lists, the model of forward steps (Chan, Silverman and Vincent 2021) and
    that of all pairs.

    Returns
    -------
    (visited, candidates) array of the families visited, and their (visited,) scores
    """
    known: dict[bytes, float] = {}
    for start in _starts(cells, space):
        here, best = start, _score(cells, space, start[None, :], criterion, known)[0]
        while space.size:
            steps = space.moves(here, _MOST_AT_ONCE)
            found = _score(cells, space, steps, criterion, known)
            # Rounded: models of equal fit differ in the last bits.
            place = int(np.argmin(found.round(9)))
            if not found[place] < best - _GAIN:
                break
            here, best = steps[place], found[place]
    rows = np.array([np.frombuffer(key, dtype=np.int8) for key in known], dtype=np.int8)
    return rows.reshape(len(known), space.size), np.array(list(known.values()))


def _starts(cells: Floats, space: TermSpace) -> list[Rows]:
    starts = [space.row(())]
    if space.order >= 2:
        starts.append(space.row(stepwise(cells, space.n_lists)[0].generators))
    pairs = [1 << one | 1 << other for one, other in combinations(range(space.n_lists), 2)]
    if space.order >= 2 and len(pairs) <= _MOST_PAIRS_FROM_ABOVE:
        starts.append(space.row(tuple(pairs)))
    return starts


def _score(cells: Floats, space: TermSpace, rows: Rows, criterion: str, known: dict[bytes, float]) -> Floats:
    new = [place for place, row in enumerate(rows) if row.tobytes() not in known]
    for place, score in zip(new, scores(cells, space, rows[new], criterion), strict=True):
        known[rows[place].tobytes()] = float(score)
    return np.array([known[row.tobytes()] for row in rows])
