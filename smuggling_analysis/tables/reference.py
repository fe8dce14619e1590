"""Tables of a panel of reference counts: the counts, every model, years beside one another, countries left out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from smuggling_analysis.tables.results import INTERVAL, ResultTable

_LARGEST = 12


def reference_counts(counts: Any, by: str = "") -> ResultTable:
    """Lay out counts by a covariate, or by country, the most apprehended first.

    Parameters
    ----------
    counts : ReferenceCounts
        The evidence.
    by : str
        A covariate; by default the countries, of which the largest are shown.
    """
    name = by or "country"
    frame = counts.table().groupby(name, as_index=False)[["observed", "auxiliary", "reference"]].sum()
    if not by:
        frame = frame.sort_values("observed", ascending=False, kind="stable").head(_LARGEST).reset_index(drop=True)
    return ResultTable(frame, {"simulated": counts.simulated, "labels": {
        "observed": "apprehended", "auxiliary": "in the second source", "reference": "registered"}})


def reference_models(panel: Any) -> ResultTable:
    """Lay out every variant that was fitted: its criteria, gamma, dispersion and what it says."""
    rows = []
    for one in panel.fitted:
        fitted = panel.fits.get(one.key)
        if fitted is None:
            continue
        numbers = dict.fromkeys(INTERVAL) if one.given is None else {
            "value": one.given.value, "lower": one.given.lower, "upper": one.given.upper}
        rows.append({"label": one.label, "log_likelihood": fitted.log_likelihood, "parameters": fitted.parameters,
                     "aic": fitted.aic, "bic": fitted.bic, "gamma": f"{fitted.gamma:.2g}",
                     "dispersion": fitted.dispersion,
                     **numbers, "verdict": "refused" if not one.passed else one.judgement.verdict, "key": one.key})
    return ResultTable(pd.DataFrame(rows), {
        "interval": INTERVAL, "digits": 4, "hide": ("key", "aic"), "right": ("gamma",),
        "simulated": panel.counts.simulated,
        "labels": {"label": "method", "value": "estimate (interval)", "bic": "BIC",
                   "dispersion": "variance, times the model's"},
        "note": ("Likelihoods compare within a method, not between methods: those of least squares are of the normal "
                 "distribution.",)})


def coefficients(fitted: Any) -> ResultTable:
    """Lay out the coefficients of a fitted model with their standard errors."""
    frame = pd.DataFrame({"coefficient": fitted.names, "value": fitted.at,
                          "se": list(fitted.coefficient_se.values())})
    return ResultTable(frame, {"digits": 4, "simulated": fitted.counts.simulated, "labels": {"se": "standard error"}})


def periods(panel: Any, published: Any = ()) -> ResultTable:
    """Lay out what the model says of every period, how it compares with the one before, and what was published."""
    frame = panel.periods
    name = frame.columns[0]
    said = {one.period: one.value for one in published}
    frame = frame.assign(published=[said.get(str(period)) for period in frame[name]])
    frame["change"] = [_times(row) for row in frame.to_dict("records")]
    hidden = ["times", "times_lower", "times_upper", *(["published"] if not said else []),
              *(["refusal"] if (frame["refusal"] == "").all() else [])]
    return ResultTable(frame, {
        "interval": INTERVAL, "digits": 4, "hide": tuple(hidden), "simulated": panel.counts.simulated,
        "labels": {"value": "estimate (interval)", "observed": "apprehended", "published": "published by others",
                   "change": "times the one before (interval)", "p_value": "chance if nothing changed"}})


def _times(row: dict[Any, Any]) -> str:
    if pd.isna(row["times"]):
        return ""
    return f"{row['times']:.2f} ({row['times_lower']:.2f} to {row['times_upper']:.2f})"


def countries_left_out(found: Any) -> ResultTable:
    """Lay out the countries without which the estimate of the others changes most."""
    frame = found.frame.head(_LARGEST).assign(factor=1 + found.frame["others_change"])
    empty = ("refusal",) if (frame["refusal"] == "").all() else ()
    return ResultTable(frame[["country", "share", "others", "factor", "refusal"]], {
        "digits": 4, "percent": ("share",), "hide": empty, "simulated": found.simulated,
        "labels": {"share": "its part of the estimate", "others": "estimate of the others without it",
                   "factor": "times the estimate of the others with it", "refusal": "what cannot be said"}})


def dependence_steps(band: Any) -> ResultTable:
    """Lay out the estimate at each strength of dependence between the two sources."""
    empty = ("refusal",) if (band.frame["refusal"] == "").all() else ()
    return ResultTable(band.frame, {
        "interval": INTERVAL, "digits": 4, "hide": empty, "simulated": band.simulated,
        "labels": {"dependence": band.what, "value": "estimate (interval)", "refusal": "why there is none"}})
