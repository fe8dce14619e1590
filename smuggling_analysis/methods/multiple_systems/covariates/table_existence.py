"""Why a model of lists x covariates has no estimate on a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable
from smuggling_analysis.methods.multiple_systems.covariates.strata_totals import design_matrix
from smuggling_analysis.methods.multiple_systems.covariates.table_fits import TableFits
from smuggling_analysis.methods.multiple_systems.log_linear.models import members

_MOST_NAMED = 3
_NEEDED = ("lists that share more people, levels or lists merged where nobody is, or a model with fewer terms")


def require_estimate(fits: TableFits) -> None:
    """Refuse the one model of `fits` if it gives no number.

    Raises
    ------
    NoEstimate
        With the reason.
    """
    if fits.estimable[0]:
        return
    named = fits.models[0].named(fits.table.variables)
    if not fits.identified[0]:
        partly = (" or what the people whose covariates were not recorded are like"
                  if fits.table.count.any() else "")
        raise NoEstimate(f"the model {fits.models[0].notation} ({named}) is not identifiable on this table: different "
                         f"numbers of people on no list{partly} fit the counts equally well", _NEEDED)
    pushed = np.flatnonzero(pushed_to_zero(fits))
    if pushed.size:
        raise NoEstimate(f"the model {fits.models[0].notation} ({named}) has no maximum likelihood estimate on this "
                         f"table: nobody is {_spoken(fits.table, pushed)}, and the likelihood keeps rising as "
                         "these are pushed towards zero", _NEEDED)
    why = ("; the likelihood may keep rising as some of those not recorded are pushed out of a level"
           if fits.table.count.any() else ", whose counts differ too much in size")
    raise NoEstimate(f"the fit of the model {fits.models[0].notation} ({named}) did not converge on this table{why}",
                     "a model with fewer terms, or covariates recorded for more people")


def pushed_to_zero(fits: TableFits) -> NDArray[np.bool_]:
    """Return the cells that the likelihood of the one model pushes to zero for ever, by a linear programme.

    Parts of a fitted margin that nobody can be in are left out first (Chan, Silverman and Vincent 2021).

    Returns
    -------
    (cells,) array of bool
    """
    from scipy.optimize import linprog

    table, model = fits.table, fits.models[0]
    most = table.possible
    left = np.array(~table.emptied([term for term in model.terms if term]).any(axis=0))
    left[:: table.n_histories] = False
    design = design_matrix(table, table.terms(model))
    full, empty = left & (most > 0), left & (most == 0)
    found = np.zeros(table.cells.size, dtype=bool)
    if not empty.any():
        return found
    # The most that the empty cells can fall, none by more than 1, while the others stay: 0, or at least 1.
    programme = linprog(design[empty].sum(axis=0), A_eq=design[full], b_eq=np.zeros(full.sum()),
                        A_ub=np.vstack([design[empty], -design[empty]]),
                        b_ub=np.repeat([0.0, 1.0], empty.sum()), bounds=(None, None), method="highs")
    if programme.status == 0:
        found[empty] = design[empty] @ programme.x < -1e-6
    return found


def boundary_parts(fits: TableFits) -> list[str]:
    """Name the smallest parts of the model's margins that nobody is in, in words."""
    table, found = fits.table, []
    seen = fits.means.copy()
    seen[:: table.n_histories] = 0.0
    emptied = np.zeros(table.cells.size, dtype=bool)
    for term in fits.models[0].terms:
        if not term:
            continue
        empty = table.emptied([term], seen)[0] & ~emptied
        emptied |= empty
        digits = table.digits(np.flatnonzero(empty))[:, members(term)]
        found += [_part(table, members(term), row) for row in np.unique(digits, axis=0).tolist()]
    return found


def _part(table: CrossTable, variables: Sequence[int], levels: Sequence[int]) -> str:
    words = []
    for variable, level in zip(variables, levels, strict=True):
        covariate = variable - len(table.lists)
        words.append(f"on {table.lists[variable]}" if covariate < 0
                     else f"{table.covariates[covariate]} {table.levels[covariate][level]}")
    return " and ".join(words)


def _spoken(table: CrossTable, cells: NDArray[np.int64]) -> str:
    named = []
    for row in table.digits(cells[:_MOST_NAMED]).tolist():
        on = [name for name, level in zip(table.lists, row, strict=False) if level]
        of = [f"{name} {levels[level]}" for name, levels, level in
              zip(table.covariates, table.levels, row[len(table.lists):], strict=True)]
        named.append(f"on {' and '.join(on)} alone, {', '.join(of)}" if of else f"on {' and '.join(on)} alone")
    more = len(cells) - _MOST_NAMED
    return "; nor ".join(named) + (f"; nor in {more} more cells" if more > 0 else "")
