"""What an open-population model assumes, tested against models that do not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.methods.multiple_systems.open.fitting import Cells, OpenFit, maximise
from smuggling_analysis.methods.multiple_systems.open.models import assemble, released, trap_effects

FITTED, TRAP, TRAPS = "fitted", "trap effect", "trap effect of each period"
# A parameter takes part in a direction when its share of it is above this.
_PART = 1e-2
# Log-odds beyond this are on their way to infinity: a standard error would mean nothing.
_RUN_OFF = 10.0
PASSERS_BY, EMIGRATION, EMIGRATIONS = ("passers-by", "temporary emigration",
                                       "temporary emigration of each period")


@dataclass(frozen=True, eq=False)
class Rival:
    """A model with fewer assumptions: its name, its fit, the parameters it adds and what to call them."""

    name: str
    fit: OpenFit
    added: tuple[tuple[str, int], ...] = ()

    def test(self, fitted: OpenFit) -> tuple[float, int, float]:
        """Return the likelihood ratio statistic against `fitted`, its degrees of freedom and its p-value."""
        from scipy.special import chdtrc

        statistic = max(fitted.deviance - self.fit.deviance, 0.0)
        # A parameter held at zero is no parameter less for the test.
        freedom = (fitted.df - int(fitted.at_zero.sum())) - (self.fit.df - int(self.fit.at_zero.sum()))
        told = self.fit.converged and freedom > 0
        return statistic, freedom, float(chdtrc(freedom, statistic)) if told else math.nan


def trap_rivals(fitted: OpenFit, labels: Sequence[str], equal: bool) -> list[Rival]:
    """Fit a trap effect, one for all periods and one for each: whether being seen changes being seen next."""
    rivals = []
    one, each = trap_effects(len(labels), equal)
    told = np.flatnonzero(one).tolist()
    for name, columns, called in ((TRAP, one, ["all periods"]),
                                  (TRAPS, each, [labels[place] for place in told])):
        if not columns.any() or (name == TRAPS and columns.shape[1] < 2):
            continue
        model = assemble(fitted.model.blocks, trap=columns, equal=equal)
        fit = maximise(released(model, fitted.at_zero), fitted.cells, fitted.excluded)
        first = len(fit.theta) - columns.shape[1]
        rivals.append(Rival(name, fit, tuple((label, first + place) for place, label in enumerate(called))))
    return rivals


def passers_by(fitted: OpenFit, equal: bool) -> list[Rival]:
    """Fit the histories of people seen in two periods or more: are those seen once too many for it?"""
    cells = fitted.cells
    once = (cells.states > 0).sum(axis=1) == 1
    periods = cells.states.shape[1]
    if once.all():
        return []
    model = released(assemble(fitted.model.blocks, equal=equal), fitted.at_zero)
    fit = maximise(model, Cells(cells.states[~once], cells.counts[~once]),
                   Cells(np.eye(periods, dtype=np.int64), np.zeros(periods)))
    return [Rival(PASSERS_BY, fit)]


def emigration_rivals(fitted: OpenFit, labels: Sequence[str]) -> list[Rival]:
    """Fit temporary emigration: in a period, more or fewer are missed than the period's own lists tell."""
    blocks = fitted.model.blocks
    inner = [place for place in range(1, len(blocks) - 1) if blocks[place].located]
    changed = [block.with_emigration() if place in inner else block for place, block in enumerate(blocks)]
    rivals = []
    for name, one in ((EMIGRATION, True), (EMIGRATIONS, False)):
        if not inner or (not one and len(inner) < 2):
            continue
        model = released(assemble(changed, one_emigration=one), fitted.at_zero)
        fit = maximise(model, fitted.cells, fitted.excluded)
        called = ["all periods"] if one else [labels[place] for place in inner]
        places = [place for place, parameter in enumerate(fit.model.names)
                  if parameter.startswith("emigration")]
        rivals.append(Rival(name, fit, tuple(zip(called, places, strict=True))))
    return rivals


def fit_table(fitted: OpenFit, rivals: Sequence[Rival]) -> pd.DataFrame:
    """Set the fitted model and its rivals in a table."""
    rows: list[tuple[object, ...]] = [(FITTED, fitted.deviance, fitted.df, fitted.aic, *[pd.NA] * 3)]
    for rival in rivals:
        statistic, freedom, p_value = rival.test(fitted)
        rows.append((rival.name, rival.fit.deviance, rival.fit.df, rival.fit.aic, statistic, freedom,
                     pd.NA if math.isnan(p_value) else p_value))
    frame = pd.DataFrame(rows, columns=["model", "deviance", "df", "aic", "statistic", "freedom", "p_value"])
    return frame.set_index("model").astype({"statistic": "Float64", "freedom": "Int64", "p_value": "Float64"})


def effects_table(rivals: Sequence[Rival]) -> pd.DataFrame:
    """Set the parameters that the rivals add in a table; a standard error is missing on a bound."""
    rows = [(rival.name, label, float(rival.fit.theta[place]),
             standard_error(rival.fit, place) if abs(rival.fit.theta[place]) < _RUN_OFF else pd.NA)
            for rival in rivals for label, place in rival.added]
    frame = pd.DataFrame(rows, columns=["model", "period", "estimate", "se"])
    return frame.set_index(["model", "period"]).astype({"estimate": "float64", "se": "Float64"})


def standard_error(fit: OpenFit, place: int) -> Any:
    """Return a parameter's standard error, or `pd.NA` where it is held on a bound or runs to infinity."""
    if not fit.free[place] or (np.abs(fit.loose[place]) > _PART).any():
        return pd.NA
    return float(np.sqrt(fit.covariance[place, place]))
