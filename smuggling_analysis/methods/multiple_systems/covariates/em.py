"""Covariates that were not recorded for everybody: what the counts can show, and whether EM found the summit.

A person of whom a covariate was not recorded is counted in a group of cells. The completed counts are their
expectation under the model, the value missing at random given the lists and what was recorded (Zwane and
van der Heijden 2007; van der Heijden and others 2018). The likelihood of such tables may have several summits,
so the chosen model is climbed from other starts, too.
"""

from __future__ import annotations

import numpy as np

from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable
from smuggling_analysis.methods.multiple_systems.covariates.table_fits import TableFits, refit
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

_STARTS, _SAME_SUMMIT = 4, 1e-5
_MOST_ROUNDS = 20_000


def highest_summit(fits: TableFits) -> tuple[TableFits, int]:
    """Climb the one model of `fits` from other starts; return the best fit and how many summits differ from it.

    The starts are fixed, so that the same table gives the same answer.
    """
    if not fits.table.count.any() or not fits.estimable[0]:
        return fits, 0
    found, stream = [fits], np.random.default_rng(0)
    here = np.where(np.isfinite(fits.theta[0]), fits.theta[0], 0.0)[: len(fits.table.terms(fits.models[0]))]
    for _ in range(_STARTS):
        other = refit(fits, here + stream.normal(scale=1.0, size=here.size))
        if other.estimable[0]:
            found.append(other)
    deviances = np.array([float(one.deviance[0]) for one in found])
    # The first found is kept unless another is better by more than rounding.
    best = 0 if deviances[0] <= deviances.min() + _SAME_SUMMIT else int(np.argmin(deviances))
    return found[best], int((deviances > deviances[best] + _SAME_SUMMIT).sum())


def observable(table: CrossTable) -> int:
    """Return how many counts the table holds that a model can be held to: the most parameters that can be fitted."""
    if not table.count.size:
        return table.cells.size - table.cells.size // table.n_histories
    return sum(_rank(table, history) for history in range(1, table.n_histories))


def recording_deviance(table: CrossTable) -> float:
    """Return the deviance that no model can go below, because some groups overlap; 0 where none do.

    It is found by EM without a model, history by history.
    """
    total = 0.0
    for history in range(1, table.n_histories):
        rows, counts = _rows(table, history)
        counted = counts > 0
        rows, counts = rows[counted], counts[counted]
        if rows.sum(axis=0).max(initial=0) > 1:
            total += _least_deviance(rows, counts)
    return total


def _rows(table: CrossTable, history: int) -> tuple[Floats, Floats]:
    """Return which strata each count of a history may come from, (counts, strata), and the counts."""
    strata = table.cells.size // table.n_histories
    own = slice(history, None, table.n_histories)
    rows = list(np.eye(strata)) if table.recorded[own].any() else []
    counts = table.cells[own].tolist() if rows else []
    for group in range(table.count.size):
        inside = table.cell[table.start[group] : table.start[group + 1]]
        if inside[0] % table.n_histories == history:
            row = np.zeros(strata)
            row[inside // table.n_histories] = 1.0
            rows.append(row)
            counts.append(float(table.count[group]))
    return np.array(rows).reshape(-1, strata), np.array(counts)


def _rank(table: CrossTable, history: int) -> int:
    rows, _ = _rows(table, history)
    if (rows.sum(axis=1) == 1).sum() == rows.shape[1]:
        return int(rows.shape[1])
    return int(np.linalg.matrix_rank(rows))


def _least_deviance(rows: Floats, counts: Floats) -> float:
    people = counts.sum()
    shares = rows.any(axis=0) / rows.any(axis=0).sum()
    found = np.inf
    for _ in range(_MOST_ROUNDS):
        within = rows @ shares
        last, found = found, 2.0 * float((counts * np.log(counts / (people * within))).sum())
        if last - found < 1e-12 * max(1.0, abs(found)):
            break
        shares = shares * (rows.T @ (counts / within)) / people
    return found
