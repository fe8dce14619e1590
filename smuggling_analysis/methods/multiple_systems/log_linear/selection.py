"""Which model: given, chosen by a criterion among all hierarchical models, or stepwise.

A chooser can be applied again to any other table of the same lists, which is what a bootstrap that repeats
the selection needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.every_fit import fit_every
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import CRITERIA, Fits, Floats, fit, fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import (
    can_visit_all,
    hierarchical_models,
    resolve_order,
)
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import MORE_OVERLAP, require_any
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, Models, term_table
from smuggling_analysis.methods.multiple_systems.log_linear.repeated_fits import near_best
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import THRESHOLD, stepwise
from smuggling_analysis.methods.multiple_systems.search.model_search import Found, search_table

SELECTIONS = ("bic", "aic", "stepwise", "average", None)
# A replicate chooses among all models up to this many; among more, only the best of the original table
# (Silverman, Chan and Vincent 2024 find that a few dozen give the same interval).
MOST_PER_REPLICATE, BEST_PER_REPLICATE = 1024, 200


@dataclass(frozen=True, eq=False)
class Choice:
    """A model chosen for a table.

    Parameters
    ----------
    model : Model
        The model.
    fits : Fits
        Its fit, alone.
    table : Fits, optional
        The fits of every model it was chosen from; of a search, of those within reach of the best.
    entered : tuple of int
        The pairs a stepwise choice let in, in order.
    found : Found, optional
        Where there were too many models to visit: what the search found.
    """

    model: Model
    fits: Fits
    table: Fits | None = None
    entered: tuple[int, ...] = ()
    found: Found | None = None


@dataclass(frozen=True, eq=False)
class Chooser:
    """A rule that chooses a model for any table of these lists.

    Parameters
    ----------
    n_lists : int
        Number of lists.
    selection : str or None
        "bic", "aic", "stepwise", or None for the model given.
    given : Model, optional
        The model where nothing is chosen.
    max_order : int, optional
        The most lists in one term.
    threshold : float
        The p-value below which a stepwise pair enters.
    candidates : tuple of Model, or Models
        The models chosen from; none where a search finds them.
    """

    n_lists: int
    selection: str | None
    given: Model | None = None
    max_order: int | None = None
    threshold: float = THRESHOLD
    candidates: tuple[Model, ...] | Models = ()

    @property
    def chooses(self) -> bool:
        """Whether there is more than one model to choose from."""
        return self.selection is not None and self.n_lists > 2 and len(self.candidates) != 1

    def choose(self, cells: Floats) -> Choice:
        """Choose for one table.

        Raises
        ------
        NoEstimate
            If no model considered has an estimate.
        """
        if self.selection == "stepwise":
            model, fits, entered = stepwise(cells, self.n_lists, threshold=self.threshold)
            return Choice(model, fits, entered=tuple(entered))
        if self.given is not None:
            return Choice(self.given, fit(cells, [self.given]))
        assert self.selection in CRITERIA
        require_any(cells, self.n_lists)
        if not self.candidates:
            return self._searched(cells)
        table = (fit_terms(cells, term_table(self.candidates)) if isinstance(self.candidates, tuple) else
                 fit_every(cells, self.n_lists, self.max_order or self.n_lists - 1))
        best = table.best(self.selection)
        if best < 0:
            raise none_fitted(len(table))
        return Choice(self.candidates[best], fit(cells, [self.candidates[best]]), table=table)

    def _searched(self, cells: Floats) -> Choice:
        assert self.selection in CRITERIA and self.max_order is not None
        found = search_table(cells, self.n_lists, self.max_order, self.selection)
        if not found.fits.estimable.any():
            raise none_fitted(found.search.visited)
        return Choice(found.best, fit(cells, [found.best]), table=found.fits, found=found)

    def narrowed(self, choice: Choice) -> Chooser:
        """Return the chooser a bootstrap repeats: of too many models, the original table's best."""
        if choice.found is not None:
            return replace(self, candidates=choice.found.neighbourhood(BEST_PER_REPLICATE))
        if choice.table is None or len(self.candidates) <= MOST_PER_REPLICATE:
            return self
        assert self.selection in CRITERIA
        score = np.where(choice.table.estimable, getattr(choice.table, self.selection), np.inf)
        kept = np.sort(np.argsort(score, kind="stable")[:BEST_PER_REPLICATE])
        return Chooser(self.n_lists, self.selection, self.given, self.max_order, self.threshold,
                       tuple(self.candidates[place] for place in kept))

    def sizes(self, tables: Floats) -> tuple[Floats, list[str]]:
        """Estimate the population from each of many tables, choosing anew each time.

        Parameters
        ----------
        tables : (tables, 2**lists) array

        Returns
        -------
        (tables,) array of populations, NaN where there is no estimate, and the models' notations ("" where
        none)
        """
        sizes, models = np.full(len(tables), np.nan), [""] * len(tables)
        if self.candidates and self.selection in CRITERIA:
            found = near_best(tables, self.candidates, self.selection, 0.0)
            return found.chosen, [self.candidates[place].notation if place >= 0 else "" for place in found.best]
        for row, cells in enumerate(tables):
            if cells[1:].any():
                choice = self.choose(cells)
                if choice.fits.estimable[0]:
                    sizes[row], models[row] = choice.fits.value[0], choice.model.notation
        return sizes, models


def none_fitted(visited: int) -> NoEstimate:
    """Return what is said where models have an estimate but none can be computed."""
    return NoEstimate(f"none of the {visited:,} models visited could be fitted to this table, whose counts differ too "
                      "much in size", MORE_OVERLAP)


def chooser(lists: Sequence[str], model: str | Iterable[str | Sequence[str]] | Model | None,
            selection: str | None, max_order: int | None, threshold: float) -> Chooser:
    """Make the chooser that a call of `loglinear` asks for.

    Raises
    ------
    ValueError
        If the options are unknown, do not go together, or ask for more models than can be visited.
    """
    n_lists = len(lists)
    if selection not in SELECTIONS:
        raise ValueError(f"selection is one of {', '.join(map(repr, SELECTIONS))}, got {selection!r}")
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is a p-value between 0 and 1, got {threshold}")
    if model is not None or selection is None:
        return Chooser(n_lists, None, Model.parse(model, lists) if model is not None else Model(n_lists, ()))
    if selection == "stepwise":
        if max_order not in (None, 2):
            raise ValueError("selection='stepwise' adds two-list terms only, so max_order is 2 or None, got "
                             f"{max_order}")
        return Chooser(n_lists, selection, threshold=threshold)
    order = resolve_order(n_lists, max_order)
    candidates = hierarchical_models(n_lists, order) if can_visit_all(n_lists, order) else ()
    return Chooser(n_lists, selection, max_order=order, candidates=candidates)
