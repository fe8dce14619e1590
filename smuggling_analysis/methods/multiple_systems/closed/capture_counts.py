"""How often people were caught, when first and last, and what models make of first captures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.closed.design_fits import DesignFit, fit_design
from smuggling_analysis.methods.multiple_systems.closed.fit_by_name import Asked, parse_name, read_model
from smuggling_analysis.methods.multiple_systems.closed.normal_heterogeneity import Quadrature
from smuggling_analysis.methods.multiple_systems.closed.removal_models import first_captures, fit_removal
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

SHOWN = ("M0", "Mt", "Mh chao", "Mh poisson", "Mh darroch", "Mh gamma", "Mth chao", "Mth poisson",
         "Mth darroch", "Mth gamma", "Mb", "Mbh")


def capture_statistics(histories: CaptureHistories) -> pd.DataFrame:
    """Count captures: one row per list, lists in the order of time.

    Parameters
    ----------
    histories : CaptureHistories
        Strata are added up.

    Returns
    -------
    DataFrame
        `times`: people caught so many times (as many as the row's number); `first` and `last`: people caught
        for the first and for the last time on this list; `caught`: people on this list.

    References
    ----------
    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal
    of Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> histories = CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 12}, lists=["a", "b"])
    >>> capture_statistics(histories)
       number list  times  first  last  caught
    0       1    a    100     72    60      72
    1       2    b     12     40    52      52
    """
    t, patterns, totals = histories.n_lists, histories.patterns, histories.totals
    last = t - 1 - patterns[:, ::-1].argmax(axis=1)
    return pd.DataFrame({
        "number": range(1, t + 1), "list": list(histories.lists),
        "times": np.bincount(patterns.sum(axis=1), totals, t + 1)[1:].astype(np.int64),
        "first": first_captures(histories).astype(np.int64),
        "last": np.bincount(last, totals, t).astype(np.int64), "caught": totals @ patterns})


@dataclass(frozen=True, eq=False)
class FirstCaptures:
    """First captures by occasion, observed and as models have them.

    Parameters
    ----------
    frame : DataFrame
        Rows: occasions 1, 2, ..., further ones after the last list. Columns: `observed` and the models; NaN
        where nothing was observed or a model does not say.
    fit : DataFrame
        One row per model and one for the observed: `chi_square` (sum of squared differences over the
        predicted), `mean` and `variance` of the occasion of the first capture.
    refused : dict of str to str
        Models without an estimate, with the reason.
    """

    frame: pd.DataFrame
    fit: pd.DataFrame
    refused: dict[str, str]


def predicted_first_captures(histories: CaptureHistories, *, models: Iterable[str] = SHOWN,
                             further: int = 5) -> FirstCaptures:
    """Predict how many people are caught for the first time on each occasion, and on further ones.

    Only models that say how chances will be later predict further occasions: M0, Mh poisson, Mh darroch, Mb.

    Parameters
    ----------
    histories : CaptureHistories
        Lists in the order of time; strata are added up.
    models : iterable of str
        Names as "Mt", "Mh chao", "Mth poisson 2".
    further : int
        Occasions after the last list.

    Raises
    ------
    ValueError
        If a model's name cannot be read.

    References
    ----------
    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal
    of Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> predicted_first_captures(histories, models=["M0", "Mt"], further=1).frame.round(1)
       observed    M0    Mt
    1      84.0  63.7  84.0
    2      45.0  52.3  45.5
    3      30.0  43.0  29.5
    4       NaN  35.3   NaN
    """
    t = histories.n_lists
    observed = first_captures(histories)
    columns, refused = {"observed": np.r_[observed, np.full(further, np.nan)]}, {}
    for name in models:
        try:
            columns[name] = _predicted(histories, name, further)
        except NoEstimate as refusal:
            refused[name] = refusal.reason
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, t + further + 1))
    fit = {name: _measures(observed, np.asarray(column)[:t]) for name, column in columns.items()}
    return FirstCaptures(frame, pd.DataFrame.from_dict(fit, orient="index",
                                                       columns=["chi_square", "mean", "variance"]), refused)


def _measures(observed: Floats, predicted: Floats) -> tuple[float, float, float]:
    occasions, total = np.arange(1, observed.size + 1), predicted.sum()
    mean = float(predicted @ occasions) / total
    held = predicted > 0
    return (float(((observed - predicted)[held] ** 2 / predicted[held]).sum()), mean,
            float(predicted @ (occasions - mean) ** 2) / total)


def _predicted(histories: CaptureHistories, name: str, further: int) -> Floats:
    model, form, theta = parse_name(name)
    if model in ("Mb", "Mbh"):
        told = fit_removal(histories, first_apart=model == "Mbh").told
        within, ahead = told["fitted_first_captures"], np.full(further, np.nan)
        if model == "Mb":
            ahead = within[-1] * (1.0 - told["chance_first"]) ** np.arange(1, further + 1)
        return np.r_[within, ahead]
    asked = read_model(histories, model, form, theta)
    fit = fit_design(asked.design)
    return np.r_[_within(histories.n_lists, asked, fit), _ahead(asked, fit, further)]


def _within(t: int, asked: Asked, fit: DesignFit) -> Floats:
    if asked.apart:
        first = [(cell & -cell).bit_length() - 1 for cell in range(1, 1 << t)]
        return np.asarray(np.bincount(first, fit.means, t), dtype=float)
    # Of the histories of k captures, those that begin on occasion i.
    return np.array([math.fsum(mean * math.comb(t - i, int(k) - 1) / math.comb(t, int(k))
                               for k, mean in zip(asked.design.captures, fit.means, strict=True))
                     for i in range(1, t + 1)])


def _ahead(asked: Asked, fit: DesignFit, further: int) -> Floats:
    """First captures after the last list, from the chances that people never caught must have."""
    nothing, later = np.full(further, np.nan), np.arange(further)
    name = "" if asked.form is None else asked.form.name
    if asked.apart or name not in ("", "poisson", "darroch") or not np.isfinite(fit.theta).all():
        return nothing
    tau = fit.theta[2] if name else 0.0
    if tau < 0.0:
        return nothing
    if name == "poisson":
        most = int(tau + 12.0 * math.sqrt(tau) + 30.0)
        jumps = np.arange(most + 1)
        weights = np.exp(jumps * math.log(max(tau, 1e-300)) - tau - np.cumsum(np.log(np.maximum(jumps, 1))))
        odds = fit.theta[1] + jumps * math.log(asked.theta)
    elif name == "darroch":
        points = Quadrature.even()
        weights, odds = points.weights, fit.theta[1] + math.sqrt(tau) * points.points
    else:
        weights, odds = np.ones(1), fit.theta[1:2]
    chance = 1 / (1 + np.exp(-odds))
    return np.array([fit.unseen * float(weights @ (chance * (1 - chance) ** step)) for step in later])
