"""Every hierarchical model fitted to a table: once where several methods of one piece of work ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits, Floats, fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import term_table

# The first tables are those of the whole evidence; those of lists left out come later, and each but once.
_MOST_KEPT = 2
_KEPT: ContextVar[dict[tuple[bytes, int, int], Fits] | None] = ContextVar("fits kept", default=None)


@contextmanager
def fits_kept() -> Iterator[None]:
    """Keep the fits of the first tables while this lasts, so that choices, averages and tables of models share them.

    Examples
    --------
    >>> cells = np.array([0.0, 60, 40, 12])
    >>> with fits_kept():
    ...     fit_every(cells, 2, 1) is fit_every(cells.copy(), 2, 1)
    True
    >>> fit_every(cells, 2, 1) is fit_every(cells, 2, 1)
    False
    """
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def fit_every(cells: Floats, n_lists: int, max_order: int) -> Fits:
    """Return the fits of `hierarchical_models(n_lists, max_order)` to a table.

    Parameters
    ----------
    cells : (2**lists,) array
        The table, as from `CaptureHistories.dense`.
    n_lists, max_order : int
        How many lists, and the most of them in one term.
    """
    kept, name = _KEPT.get(), (np.asarray(cells, dtype=np.float64).tobytes(), n_lists, max_order)
    if kept is not None and name in kept:
        return kept[name]
    fits = fit_terms(cells, term_table(hierarchical_models(n_lists, max_order)))
    if kept is not None and len(kept) < _MOST_KEPT:
        for shared in (fits.cells, fits.theta, fits.error, fits.deviance, fits.exists, fits.identified):
            shared.flags.writeable = False
        kept[name] = fits
    return fits
