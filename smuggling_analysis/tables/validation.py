"""What the published validation study says of a method, in words and as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

FAILS, LESS, AS_IT_SAYS, MORE, FEW = "fails", "less than it says", "as it says", "more than it says", "too few answers"
VALIDATION: dict[str, Any] = {
    "labels": {"label": "way to estimate", "population": "kind of population",
               "coverage": "intervals that held the truth", "error": "typical error",
               "rmse": "root mean square error", "width": "typical width of the interval"},
    "right": ("coverage", "error", "rmse", "width", "refused", "cautioned"),
    "note": "Shares of the true size; from the least to the largest where there are several such populations.",
}
"""How the table of a method is shown."""
_MOSTLY_REFUSED = 0.5


def validation_study(study: Any) -> str:
    """Say in a paragraph what the study did, when, and with which version.

    Parameters
    ----------
    study : Study
        From `published_validation`.
    """
    kinds = "; ".join(f"{name}: {words}" if words else name for name, words in study.structures.items())
    populations = study.coverage["scenario"].nunique()
    return (f"Every method of a size was held to {populations} kinds of simulated populations whose size is "
            f"known, {study.replicates} drawn of each (fewer for slow methods), by {study.made_by} on {study.date}. "
            "An interval covers as it says if the Monte Carlo band of its coverage holds 95 %, and fails if even the "
            f"band's upper end lies below 90 %. The populations are: {kinds}.")


def validation_words(study: Any, method: str) -> str:
    """Say where a method's interval covers and where it fails, as Markdown; an empty text if it was not validated.

    Parameters
    ----------
    study : Study
        From `published_validation`.
    method : str
        The method's name in METHODS.
    """
    rows = study.coverage[study.coverage["method"] == method]
    said = [_variant_words(str(label), group) for label, group in rows.groupby("label", sort=False)]
    said += [_calibration_words(row) for row in
             study.calibration[study.calibration["method"] == method].to_dict("records")]
    if not said:
        return ""
    return "\n".join([f"Validated on simulated populations ({study.made_by}, {study.date}):", "",
                      *(f"- {line}" for line in said)])


def validation_rows(study: Any, method: str) -> pd.DataFrame:
    """Return one row per variant of a method and kind of population.

    Parameters
    ----------
    study : Study
    method : str

    Returns
    -------
    DataFrame
        `label, population, coverage, error, rmse, width, refused, cautioned`, as texts; where a kind has several
        populations, from the least to the largest.
    """
    rows = study.coverage[study.coverage["method"] == method]
    found = [{"label": label, "population": structure, "coverage": _range(group["coverage"]),
              "error": _range(group["median_error"]), "rmse": _range(group["rmse"]),
              "width": _range(group["width"]), "refused": _range(group["refused"]),
              "cautioned": _range(group["cautioned"])}
             for (label, structure), group in rows.groupby(["label", "structure"], sort=False)]
    return pd.DataFrame(found, columns=["label", "population", "coverage", "error", "rmse", "width", "refused",
                                        "cautioned"])


def _variant_words(label: str, rows: pd.DataFrame) -> str:
    judged = rows[rows["verdict"] != FEW]
    good = judged["verdict"].isin([AS_IT_SAYS, MORE]).sum()
    words = [f"{label}: the 95 % interval holds the truth as often as it says in {good} of {len(judged)} kinds"
             if len(judged) else f"{label}: too few answers to judge the interval by"]
    for verdict, told in ((FAILS, "fails under"), (LESS, "covers a little less than it says under")):
        found = judged[judged["verdict"] == verdict]
        if len(found):
            words.append(f"{told} " + "; ".join(_failure(row) for row in found.to_dict("records")))
    refused = rows[rows["refused"] >= _MOSTLY_REFUSED]
    if len(refused):
        words.append("mostly refused under " + "; ".join(f"{row['scenario']} ({row['refused']:.0%})"
                                                         for row in refused.to_dict("records")))
    return ". ".join(part[:1].upper() + part[1:] for part in words) + "."


def _failure(row: dict[Any, Any]) -> str:
    error = row["median_error"]
    typical = f"{abs(error):.0%} too {'high' if error > 0 else 'low'}" if abs(error) >= 0.005 else "near the truth"
    return f"{row['scenario']} ({row['coverage']:.0%}, typically {typical})"


def _calibration_words(row: dict[Any, Any]) -> str:
    told = {"uniform": "its posterior is right on average over its own prior",
            "not uniform": "its posterior is not right on average over its own prior",
            "too many refused": "too many were refused to tell whether its posterior is right"}
    return (f"Over {row['studies']} populations drawn from its prior ({row['prior']}), "
            f"{told.get(str(row['verdict']), str(row['verdict']))} (ranks: p = {row['p_value']:.2g}).")


def _range(values: pd.Series) -> str:
    known = values.dropna()
    if known.empty:
        return "-"
    low, high = (f"{number:.0%}".replace("-", "−") for number in (known.min(), known.max()))
    return low if low == high else f"{low} to {high}"
