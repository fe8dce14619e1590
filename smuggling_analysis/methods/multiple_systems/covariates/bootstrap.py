"""Bootstrap of lists x covariates: tables drawn anew, the model chosen anew in each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable
from smuggling_analysis.methods.multiple_systems.covariates.selection import TableChoice, TableChooser
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.progress import followed

_PARTS = 16


@dataclass(frozen=True, eq=False)
class TableReplicates:
    """The strata's populations in the replicates that have an estimate.

    Parameters
    ----------
    sizes : (estimated, strata) array
    failed : int
        Replicates without an estimate.
    models : mapping of str to int
        How often each model was chosen.
    """

    sizes: Floats
    failed: int
    models: Counter[str]


def replicate_tables(choice: TableChoice, rule: TableChooser, *, replicates: int, resampling: str, n_jobs: int,
                     rng: np.random.Generator) -> TableReplicates:
    """Draw tables and estimate the strata from each, choosing the model anew.

    Parameters
    ----------
    choice : TableChoice
        The model chosen for the table.
    rule : TableChooser
        The rule repeated in every replicate.
    replicates : int
        How many.
    resampling : {"non-parametric", "parametric"}
        The people observed drawn anew with replacement, or a population of the estimated size drawn from the
        fitted model, those on no list put aside and covariates left unrecorded as often as in the table.
    n_jobs : int
        Workers; the result does not depend on it.
    rng : Generator
        The stream.

    Raises
    ------
    NoEstimate
        If fewer than two replicates have an estimate, or fewer than half of them.
    """
    from joblib import Parallel, delayed

    drawn = _drawn(choice, replicates, resampling, rng)
    split = np.array_split(drawn, min(replicates, _PARTS))
    work = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(_sizes)(choice.fits.table, rule, rows) for rows in split)
    parts = list(followed(work, len(split), f"{replicates:,} bootstrap replicates"))
    sizes = np.concatenate([part[0] for part in parts])
    usable = np.isfinite(sizes).all(axis=1)
    if usable.sum() < max(2, replicates / 2):
        raise NoEstimate(f"only {usable.sum()} of {replicates} bootstrap replicates have an estimate",
                         "lists that share more people, or levels merged")
    models = Counter(name for part in parts for name in part[1] if name)
    return TableReplicates(sizes[usable], int((~usable).sum()), models)


def _drawn(choice: TableChoice, replicates: int, resampling: str, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw the counts of cells and groups: (replicates, cells + groups) array."""
    table = choice.fits.table
    rows = np.concatenate([table.cells, table.count])
    if resampling == "non-parametric":
        held, drawn = np.flatnonzero(rows), np.zeros((replicates, rows.size), dtype=np.int64)
        drawn[:, held] = rng.multinomial(round(rows.sum()), rows[held] / rows.sum(), size=replicates)
        return drawn
    chances = _chances(table, choice.fits.means)
    unseen = choice.fits.means[:: table.n_histories].sum()
    whole = np.append(chances, unseen)
    return np.asarray(rng.multinomial(round(whole.sum()), whole / whole.sum(), size=replicates)[:, :-1])


def _chances(table: CrossTable, means: Floats) -> Floats:
    """Return the expected counts of cells and groups, each history recorded as often as in the table."""
    history = np.arange(table.cells.size) % table.n_histories
    full = np.bincount(history, weights=table.cells, minlength=table.n_histories)
    whole = full.copy()
    first = table.cell[table.start[:-1]] % table.n_histories if table.count.size else np.empty(0, dtype=np.int64)
    np.add.at(whole, first, table.count)
    share = np.divide(full, whole, out=np.ones_like(full), where=whole > 0)
    chances = np.where(history > 0, means * share[history], 0.0)
    groups = np.zeros(table.count.size)
    for pattern in np.unique(table.pattern):
        own = np.flatnonzero(table.pattern == pattern)
        part = table.count[own].sum() / max(whole[first[own[0]]], 1.0)
        for group in own:
            groups[group] = part * means[table.cell[table.start[group] : table.start[group + 1]]].sum()
    return np.concatenate([chances, groups])


def _sizes(table: CrossTable, rule: TableChooser, rows: NDArray[np.int64]) -> tuple[Floats, list[str]]:
    strata = table.cells.size // table.n_histories
    sizes, models = np.full((len(rows), strata), np.nan), [""] * len(rows)
    for place, drawn in enumerate(rows.astype(float)):
        if not drawn.any():
            continue
        try:
            found = rule.choose(table.with_counts(drawn[: table.cells.size], drawn[table.cells.size :]))
        except NoEstimate:
            continue
        if found.fits.estimable[0]:
            sizes[place], models[place] = found.fits.sizes[0], found.model.notation
    return sizes, models
