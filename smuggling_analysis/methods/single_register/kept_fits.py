"""A model fitted to a register: once where several methods of one piece of work ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.fitting import Fitting, Model, fit_model

_KEPT: ContextVar[dict[Any, Fitting | NoEstimate] | None] = ContextVar("registers' fits kept", default=None)


@contextmanager
def fits_kept() -> Iterator[None]:
    """Keep the fits made while this lasts, refusals too, so that estimates and what looks at their fits share them.

    Examples
    --------
    >>> from smuggling_analysis.methods.single_register.families import FAMILIES
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> model = Model(family=FAMILIES["poisson"], formulas={})
    >>> with fits_kept():
    ...     fit(counts, model) is fit(counts, model)
    True
    >>> fit(counts, model) is fit(counts, model)
    False
    """
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def fit(counts: RepeatCounts, model: Model, *, covariance: str = "observed") -> Fitting:
    """Fit a model as `fit_model` does, or return the fit that is kept.

    Raises
    ------
    NoEstimate
        As `fit_model`.
    """
    kept = _KEPT.get()
    if kept is None:
        return fit_model(counts, model, covariance=covariance)
    asked = tuple(sorted((name, formula) for name, formula in model.formulas.items() if formula is not None))
    key = (counts.fingerprint, model.family, asked, model.exposure, model.ends_when_seen, covariance)
    if key not in kept:
        try:
            kept[key] = fit_model(counts, model, covariance=covariance)
        except NoEstimate as refusal:
            kept[key] = refusal
    found = kept[key]
    if isinstance(found, NoEstimate):
        raise found
    return found
