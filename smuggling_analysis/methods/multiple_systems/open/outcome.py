"""From a fitted open-population model to the numbers a reader is given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.open.cautions import cautions, require_estimate
from smuggling_analysis.methods.multiple_systems.open.checks import (
    Rival,
    effects_table,
    fit_table,
    standard_error,
)
from smuggling_analysis.methods.multiple_systems.open.fitting import OpenFit
from smuggling_analysis.methods.multiple_systems.open.parameters import Demography, demography
from smuggling_analysis.methods.multiple_systems.open.period_lists import PeriodLists
from smuggling_analysis.methods.multiple_systems.open.results import OpenPopulation, log_normal, tables


def outcome(histories: CaptureHistories, periods: PeriodLists, fit: OpenFit, rivals: Sequence[Rival], *,
            method: str, confidence_level: float, left_out: int | None = None,
            also: Sequence[str] = ()) -> OpenPopulation:
    """Derive every number from a fit, refuse what cannot be told, and say what a reader must know.

    Parameters
    ----------
    histories : CaptureHistories
    periods : PeriodLists
    fit : OpenFit
    rivals : sequence of Rival
        Models with fewer assumptions, to test against.
    method : str
        The method's name.
    confidence_level : float
    left_out : int, optional
        People left out of the fit.
    also : sequence of str
        Further cautions.
    """
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    found = demography(fit)
    require_estimate(fit, found, periods.labels)
    made = tables(found, periods.labels, fit.cells.counts @ (fit.cells.states > 0), confidence_level)
    compared = fit_table(fit, rivals)
    said = (*cautions(fit, found, periods, rivals, left_out), *also)
    total = _total(histories, found, fit, made, compared, said, method, confidence_level)
    return OpenPopulation(total, **made, fit=compared, effects=effects_table(rivals),
                          parameters=_parameters(fit), covariance=_covariance(found, periods.labels),
                          residuals=_residuals(fit, periods),
                          models={label: block.label for label, block
                                  in zip(periods.labels, fit.model.blocks, strict=True)})


def _total(histories: CaptureHistories, found: Demography, fit: OpenFit, made: dict[str, pd.DataFrame],
           compared: pd.DataFrame, said: tuple[str, ...], method: str, confidence_level: float) -> Estimate:
    seen = float(histories.n_observed)
    unseen = max(float(found.value[-1]) - float(fit.cells.counts.sum()), 0.0)
    se = float(found.se[-1])
    lower, upper = (float(limit[0]) for limit in
                    log_normal(np.array([seen]), np.array([unseen]), np.array([se]), confidence_level))
    told: dict[str, Any] = {"deviance": fit.deviance, "df": fit.df, "aic": fit.aic, "unseen": unseen,
                            "tests": _plain(compared["p_value"].iloc[1:])}
    told |= {name: _plain(frame["estimate"]) for name, frame in made.items()}
    return Estimate(value=seen + unseen, lower=lower, upper=upper, unit="persons", method=method,
                    confidence_level=confidence_level, observed=seen, se=se, interval="log-normal on the unseen",
                    diagnostics=told, cautions=said, fingerprint=histories.fingerprint,
                    unbounded=math.isinf(upper), simulated=histories.simulated)


def _plain(column: pd.Series) -> dict[str, float | None]:
    return {str(name): None if pd.isna(value) else float(value) for name, value in column.items()}


def _parameters(fit: OpenFit) -> pd.DataFrame:
    errors = pd.array([standard_error(fit, place) for place in range(len(fit.theta))], dtype="Float64")
    return pd.DataFrame({"estimate": fit.theta, "se": errors}, index=pd.Index(fit.model.names, name="parameter"))


def _covariance(found: Demography, labels: Sequence[str]) -> pd.DataFrame:
    steps = [f"{one} to {other}" for one, other in pairwise(labels)]
    names = [(what, label) for what, index in (("capture", labels), ("survival", steps), ("abundance", labels),
                                               ("arrivals", steps), ("total", ["all periods"]))
             for label in index]
    index = pd.MultiIndex.from_tuples(names, names=["number", "period"])
    return pd.DataFrame(found.covariance, index=index, columns=index).loc[found.told, found.told]


def _residuals(fit: OpenFit, periods: PeriodLists) -> pd.DataFrame:
    frame = pd.DataFrame(fit.cells.states, columns=list(periods.labels))
    pearson = (fit.cells.counts - fit.mean) / np.sqrt(fit.mean)
    return frame.assign(count=fit.cells.counts.astype(int), expected=fit.mean, pearson=pearson)
