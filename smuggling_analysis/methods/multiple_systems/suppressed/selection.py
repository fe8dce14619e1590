"""Which log-linear model a table with suppressed counts asks for, by the likelihood of what was published."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models, resolve_order
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import BIC_REACH
from smuggling_analysis.methods.multiple_systems.log_linear.selection import chooser
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import stepwise
from smuggling_analysis.methods.multiple_systems.suppressed.em import (
    SuppressedFit,
    SuppressedTable,
    fit_suppressed,
)

SELECTIONS = ("bic", "aic", "stepwise", None)
# With totals so many models, best without them, are fitted anew with them.
_REFITTED = 20
_MOST_ROUNDS = 20
_WIDE_SPREAD = 1.5
# Estimates this much apart, as a ratio, are other answers.
_APART = 1.1
_SPOKEN = {"bic": "BIC", "aic": "AIC", "stepwise": "the forward steps"}


@dataclass(frozen=True, eq=False)
class SuppressedChoice:
    """A model chosen for a table of ranges, its fit, and what there is to say of the choice."""

    found: SuppressedFit
    selection: str | None
    told: dict[str, Any] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()


def observed_people(censored: CensoredHistories) -> float:
    """Return the number of people that BIC counts: the middle of what the ranges allow."""
    return 0.5 * sum(censored.observed_bounds)


def choose_suppressed(censored: CensoredHistories, table: SuppressedTable,
                      model: str | Iterable[str | Sequence[str]] | Model | None, selection: str | None,
                      max_order: int | None, threshold: float) -> SuppressedChoice:
    """Fit the model given, or choose one.

    Raises
    ------
    ValueError
        If the options are unknown or ask for too many models.
    NoEstimate
        If no model considered has an estimate.
    """
    if selection not in SELECTIONS:
        raise ValueError(f"selection is one of {', '.join(map(repr, SELECTIONS))}, got {selection!r}")
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is a p-value between 0 and 1, got {threshold}")
    if model is not None or selection is None:
        given = Model(censored.n_lists, ()) if model is None else Model.parse(model, censored.lists)
        return SuppressedChoice(fit_suppressed(censored, given, table), None)
    if selection == "stepwise":
        if max_order not in (None, 2):
            raise ValueError(f"selection='stepwise' adds two-list terms only, so max_order is 2 or None, got "
                             f"{max_order}")
        choice = _by_steps(censored, table, threshold)
    else:
        choice = _by_criterion(censored, table, selection, resolve_order(censored.n_lists, max_order))
    others = _completed_choices(censored, table, selection, max_order, threshold)
    return replace(choice, told={**choice.told, "completed_choices": others},
                   cautions=(*_choice_caution(choice, others, bool(censored.totals)), *choice.cautions))


def _completed_choices(censored: CensoredHistories, table: SuppressedTable, selection: str, max_order: int | None,
                       threshold: float) -> dict[str, tuple[str, float]]:
    """Choose anew with the suppressed counts filled in, low and high: each time the model and its estimate."""
    rule = chooser(censored.lists, None, selection, max_order, threshold)
    found = {}
    for where, sign in (("low", -1.0), ("high", 1.0)) if table.cells.size else ():
        completed = table.completed(table.completions.best(np.full(table.cells.size, sign)))
        try:
            other = rule.choose(completed) if completed.any() else None
        except NoEstimate:
            continue
        if other is not None and math.isfinite(other.fits.value[0]):
            found[where] = (other.model.notation, float(other.fits.value[0]))
    return found


def _choice_caution(choice: SuppressedChoice, others: Mapping[str, tuple[str, float]], tied: bool) -> tuple[str, ...]:
    """Say so where the suppressed counts decide which model is chosen, and with it the answer."""
    own, sizes = choice.found.model.notation, [choice.found.value, *(size for _, size in others.values())]
    if all(model == own for model, _ in others.values()) or max(sizes) < _APART * min(sizes):
        return ()
    assert choice.selection is not None
    ways = ({"low": "in one way that the totals allow", "high": "in another"} if tied else
            {"low": "as low as they can be", "high": "as high as they can be"})
    given = ", ".join(f"{size:,.0f} with them filled in {ways[where]}" for where, (_, size) in others.items())
    return (f"the suppressed counts decide which model is chosen, and with it the answer: {_SPOKEN[choice.selection]} "
            f"would give {given}, where from the ranges alone it is {choice.found.value:,.0f}; do not quote this "
            "number alone: ask for the counts or for each list's total, or name a model and the reason for it",)


def _by_criterion(censored: CensoredHistories, table: SuppressedTable, selection: str,
                  order: int) -> SuppressedChoice:
    from smuggling_analysis.kernels.suppressed import fit_ranges

    models = hierarchical_models(censored.n_lists, order)
    terms = term_table(models)
    likelihood, unseen, seen = fit_ranges(table.low, table.high, terms)
    price = 2.0 if selection == "aic" else math.log(observed_people(censored))
    score = np.where(np.isfinite(likelihood), price * (terms >= 0).sum(axis=1) - 2.0 * likelihood, np.inf)
    if not np.isfinite(score).any():
        raise NoEstimate(f"none of the {len(models):,} models has a maximum likelihood estimate from the "
                         "published ranges", "the suppressed counts, or totals published whole")
    found = _best_with_totals(censored, table, models, score, price)
    near = score <= score.min() + BIC_REACH
    sizes: Floats = (seen + unseen)[near]
    told = {"models_visited": len(models), "models_with_estimate": int(np.isfinite(score).sum()),
            "models_near_best": int(near.sum()), "least_near_best": float(sizes.min()),
            "largest_near_best": float(sizes.max())}
    cautions = []
    if sizes.max() >= _WIDE_SPREAD * sizes.min():
        cautions.append(f"the choice of model decides much: {near.sum()} models within {BIC_REACH:g} "
                        f"{selection.upper()} points of the best range from {sizes.min():,.0f} to "
                        f"{sizes.max():,.0f}")
    return SuppressedChoice(found, selection, told, tuple(cautions))


def _best_with_totals(censored: CensoredHistories, table: SuppressedTable, models: Sequence[Model],
                      score: Floats, price: float) -> SuppressedFit:
    """Fit the best model; where totals are known the best few are fitted with them and compared again."""
    order = [place for place in np.argsort(score, kind="stable")[:_REFITTED].tolist()
             if np.isfinite(score[place])]
    best: tuple[float, SuppressedFit] | None = None
    refused: NoEstimate | None = None
    for place in order:
        try:
            found = fit_suppressed(censored, models[place], table)
        except NoEstimate as refusal:
            refused = refused or refusal
            continue
        own = price * len(models[place].terms) - 2.0 * found.log_likelihood
        if best is None or own < best[0] - 1e-9:
            best = (own, found)
        if not censored.totals:
            break
    if best is None:
        assert refused is not None
        raise refused
    return best[1]


def _by_steps(censored: CensoredHistories, table: SuppressedTable, threshold: float) -> SuppressedChoice:
    """Take forward steps on the expected counts, expect them anew, and so on until the choice stands."""
    found = fit_suppressed(censored, Model(censored.n_lists, ()), table)
    visited: list[Model] = [found.model]
    for _ in range(_MOST_ROUNDS):
        model, _, _ = stepwise(found.fits.cells, censored.n_lists, threshold=threshold)
        if model == found.model:
            return SuppressedChoice(found, "stepwise", {"rounds": len(visited)})
        found = fit_suppressed(censored, model, table)
        if model in visited:
            break
        visited.append(model)
    cautions = ("the forward steps and the suppressed counts they rest on did not settle: the choice goes round "
                "between several models",)
    return SuppressedChoice(found, "stepwise", {"rounds": len(visited)}, cautions)
