"""Which model of lists x covariates: given, the best of all hierarchical ones, or the best that steps find.

Terms that hold every list are never considered: no data can show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable
from smuggling_analysis.methods.multiple_systems.covariates.table_fits import Margins, TableFits, fit_models
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members

SELECTIONS = ("bic", "aic", "stepwise", None)
# Lists and covariates together up to which every hierarchical model is visited: 1,024 two-way models.
MOST_VISITED = 5
BEST_PER_REPLICATE = 100
_CHUNK = 512


@dataclass(frozen=True, eq=False)
class TableChoice:
    """A model chosen for a table: its fit alone, how many were visited, and the populations near the best.

    Parameters
    ----------
    fits : TableFits
        Of the one model.
    visited, estimable : int
        Models fitted on the way, and those of them with an estimate.
    near : tuple of float
        The populations of the models within 10 points of the criterion's least.
    ranked : tuple of Model
        The models with an estimate, best first.
    """

    fits: TableFits
    visited: int = 1
    estimable: int = 1
    near: tuple[float, ...] = ()
    ranked: tuple[Model, ...] = ()

    @property
    def model(self) -> Model:
        """The model."""
        return self.fits.models[0]


@dataclass(frozen=True, eq=False)
class TableChooser:
    """A rule that chooses a model for any table of these lists and covariates.

    Parameters
    ----------
    n_lists, n_variables : int
    criterion : str or None
        "bic" or "aic"; None where the model is given.
    max_order : int
        The most lists and covariates in one term.
    candidates : tuple of Model
        The models compared; empty where steps search for one.
    starts : tuple of Model
        Where steps begin, or the model given.
    """

    n_lists: int
    n_variables: int
    criterion: str | None
    max_order: int
    candidates: tuple[Model, ...] = ()
    starts: tuple[Model, ...] = field(default=())

    @property
    def search(self) -> str:
        """How the model is found, in words."""
        if self.criterion is None:
            return "given"
        return "every model" if self.candidates else "steps forward and backward"

    def choose(self, table: CrossTable) -> TableChoice:
        """Choose for one table.

        Raises
        ------
        NoEstimate
            If no model considered has an estimate.
        """
        if self.criterion is None:
            return TableChoice(fit_models(table, self.starts))
        found: dict[Model, tuple[float, float]] = {}
        if self.candidates:
            _visit(table, self.candidates, self.criterion, found)
        else:
            margins = Margins.of(table, [self._largest()])
            for start in self.starts:
                self._step(table, start, found, margins)
        ranked = sorted((model for model in found if np.isfinite(found[model][0])), key=lambda one: _rank(one, found))
        if not ranked:
            raise NoEstimate(f"none of the {len(found):,} models visited has a maximum likelihood estimate on this "
                             "table", "lists that share more people, fewer covariates, or levels merged")
        reach = found[ranked[0]][0] + 10.0
        near = tuple(found[model][1] for model in ranked if found[model][0] <= reach)
        return TableChoice(fit_models(table, ranked[:1]), len(found), len(ranked), near, tuple(ranked))

    def narrowed(self, choice: TableChoice) -> TableChooser:
        """Return what a bootstrap repeats: the best models of the table, or steps from the one chosen."""
        if self.criterion is None:
            return self
        candidates = choice.ranked[:BEST_PER_REPLICATE] if self.candidates else ()
        return TableChooser(self.n_lists, self.n_variables, self.criterion, self.max_order, candidates,
                            (choice.model,))

    def _step(self, table: CrossTable, start: Model, found: dict[Model, tuple[float, float]],
              margins: Margins) -> None:
        """Add or take away one term after the other, whichever betters the criterion most."""
        assert self.criterion is not None
        _visit(table, [start], self.criterion, found, margins)
        here = start
        while True:
            around = _neighbours(here, self.n_lists, self.max_order)
            _visit(table, around, self.criterion, found, margins)
            best = min(around, key=lambda model: _rank(model, found), default=here)
            if not _rank(best, found) < _rank(here, found):
                return
            here = best

    def _sets(self) -> list[int]:
        return [term for term in terms_up_to(self.n_variables, self.max_order)
                if not holds_every_list(term, self.n_lists)]

    def _largest(self) -> Model:
        return Model(self.n_variables, tuple(self._sets()))


def table_chooser(table: CrossTable, model: str | Iterable[str | Sequence[str]] | Model | None,
                  selection: str | None, max_order: int | None) -> TableChooser:
    """Make the chooser that a call asks for.

    Raises
    ------
    ValueError
        If the options are unknown or do not go together.
    """
    n_lists, n_variables = len(table.lists), len(table.variables)
    if selection not in SELECTIONS:
        raise ValueError(f"with covariates, selection is one of {', '.join(map(repr, SELECTIONS))}, got {selection!r}")
    order = 2 if max_order is None else max_order
    if not isinstance(order, (int, np.integer)) or not 1 <= order <= n_variables:
        raise ValueError(f"max_order is a whole number from 1 to {n_variables} (lists and covariates), got {max_order}")
    alone = Model(n_variables, ())
    if model is not None or selection is None:
        given = alone if model is None else Model.parse(model, table.variables)
        return TableChooser(n_lists, n_variables, None, int(order), starts=(given,))
    criterion = "aic" if selection == "aic" else "bic"
    rule = TableChooser(n_lists, n_variables, criterion, int(order), starts=(alone,))
    small = n_variables <= MOST_VISITED and (order <= 2 or n_variables <= 4)
    if selection != "stepwise" and small:
        visited = tuple(one for one in hierarchical_models(n_variables, int(order))
                        if not any(holds_every_list(term, n_lists) for term in one.generators))
        return TableChooser(n_lists, n_variables, criterion, int(order), visited)
    pairs = Model(n_variables, tuple(term for term in rule._sets() if term.bit_count() <= 2))
    return TableChooser(n_lists, n_variables, criterion, int(order), starts=(alone, pairs))


def terms_up_to(n_variables: int, order: int) -> list[int]:
    """Return the terms of two variables or more, up to `order`.

    Examples
    --------
    >>> terms_up_to(3, 2)
    [3, 5, 6]
    """
    return [sum(1 << place for place in chosen) for size in range(2, order + 1)
            for chosen in combinations(range(n_variables), size)]


def holds_every_list(term: int, n_lists: int) -> bool:
    """Say whether a term holds all lists; no data can show such a term."""
    every = (1 << n_lists) - 1
    return term & every == every


def _without(model: Model, term: int) -> list[int]:
    """Return the generators once a generator is taken away: what it held stays."""
    smaller = [term ^ (1 << place) for place in members(term)]
    return [*(own for own in model.generators if own != term), *smaller]


@lru_cache(maxsize=1 << 14)
def _neighbours(model: Model, n_lists: int, order: int) -> tuple[Model, ...]:
    """Return the models with one generator less, or with one term more whose parts are all held."""
    n_variables, held = model.n_lists, set(model.terms)
    smaller = [Model(n_variables, tuple(_without(model, term))) for term in model.generators if term.bit_count() > 1]
    larger = [Model(n_variables, (*model.generators, term)) for term in terms_up_to(n_variables, order)
              if term not in held and not holds_every_list(term, n_lists)
              and all(term ^ (1 << place) in held for place in members(term))]
    return (*smaller, *larger)


def _rank(model: Model, found: dict[Model, tuple[float, float]]) -> tuple[float, int, tuple[int, ...]]:
    """Order models by the criterion; what differs by rounding alone, by the number of terms."""
    score = found[model][0]
    return (round(score, 5) if np.isfinite(score) else np.inf, len(model.terms), model.generators)


def _visit(table: CrossTable, models: Sequence[Model], criterion: str, found: dict[Model, tuple[float, float]],
           margins: Margins | None = None) -> None:
    new = [model for model in models if model not in found]
    if not new:
        return
    margins = margins or Margins.of(table, new)
    for first in range(0, len(new), _CHUNK):
        fits = fit_models(table, new[first : first + _CHUNK], margins)
        for model, score, value in zip(fits.models, fits.score(criterion), fits.value, strict=True):
            found[model] = (float(score), float(value))
