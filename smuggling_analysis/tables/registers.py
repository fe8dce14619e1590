"""Tables of a panel of one register: every distribution, the numbers seen, surplus, strata, people left out."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.tables.results import INTERVAL, ResultTable

_SHOWN_LEFT_OUT = 12
_FITTED = ["label", "log_likelihood", "parameters", "aic", "bic", "above_best", "fit", *INTERVAL, "verdict", "key"]


def distributions(panel: Any) -> ResultTable:
    """Lay out every distribution that was fitted, best BIC first among those of the same data.

    Those of people who leave when they are seen come first, if there are any; those of people seen twice or more last.

    Parameters
    ----------
    panel : RegisterPanel
        From `panel`.

    Examples
    --------
    >>> import smuggling_analysis as sa
    >>> counts = sa.RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> distributions(sa.panel(counts, rng=1, sensitivity=False)).frame["bic"].dropna().is_monotonic_increasing
    True
    """
    leaves = {one.key for one in panel.fitted if "ends_when_seen" in one.variant.options}
    frame = pd.DataFrame([_fitted(one) for one in panel.fitted
                          if one.variant.method == "truncated_count" and one.given is not None], columns=_FITTED)
    leaving = pd.Series([key in leaves for key in frame["key"]], dtype=bool)
    frame = frame.assign(others=~leaving).sort_values(["others", "bic", "key"], kind="stable", na_position="last")
    frame["above_best"] = frame["bic"] - frame.groupby("others")["bic"].transform("min")
    frame = frame.drop(columns="others").reset_index(drop=True)
    return ResultTable(frame, {
        "interval": INTERVAL, "digits": 4, "hide": ("key", "aic", "bic"), "right": ("fit",),
        "simulated": panel.counts.simulated,
        "labels": {"label": "distribution", "value": "estimate (interval)", "above_best": "BIC above the best",
                   "fit": "chance of so poor a fit"},
        "note": ("Distributions of those seen twice or more, who leave the others out, have likelihoods of another "
                 "number of people: their BIC does not compare.",
                 *(("Distributions of people who leave when they are seen have likelihoods of how often and until "
                    "when: their BIC compares among themselves.",) if leaves & set(frame["key"]) else ()))})


def _fitted(one: Any) -> list[Any]:
    told = one.given.diagnostics
    aic, bic = (told[name] if "zero-one-truncated" not in one.key else math.nan for name in ("aic", "bic"))
    verdict = "refused" if isinstance(one.result, NoEstimate) else one.judgement.verdict
    return [one.label, told["log_likelihood"], len(told["coefficients"]), aic, bic, math.nan,
            numerals.chance(told.get("fit_p_value")), one.given.value, one.given.lower, one.given.upper, verdict,
            one.key]


def register_frequencies(panel: Any, keys: tuple[str, ...]) -> ResultTable:
    """Lay out how many people were seen once, twice, ..., and how many some of the distributions expect."""
    fits = {panel[key].label: panel.frequencies[key] for key in keys}
    first = next(iter(fits.values())).frame
    frame = first[["times_caught", "observed"]].assign(**{label: fit.frame["expected"] for label, fit in fits.items()})
    never = {"times_caught": 0, "observed": None, **{label: fit.missed for label, fit in fits.items()}}
    frame = pd.concat([pd.DataFrame([never]), frame], ignore_index=True).astype({"observed": "Int64"})
    return ResultTable(frame, {"digits": 4, "simulated": panel.counts.simulated,
                               "labels": {"times_caught": "times seen", "observed": "people seen"}})


def distribution_tests(panel: Any) -> ResultTable:
    """Lay out the tests for a surplus of people seen once, and for people who differ more than it allows."""
    frame = pd.DataFrame([{"distribution": panel[key].label, "statistic": one.statistic,
                           "chance": numerals.chance(one.p_value), "null": one.null}
                          for tests in (panel.surplus, panel.wider) for key, one in tests.items()])
    return ResultTable(frame, {"digits": 3, "right": ("chance",), "simulated": panel.counts.simulated, "labels": {
        "statistic": "likelihood ratio", "chance": "chance of it", "null": "what is tested"}})


def strata(split: Any, *, least: int = 1, simulated: bool = False) -> ResultTable:
    """Lay out a population by strata: seen, estimated, and which share of them was seen.

    Strata of fewer than `least` people seen are left out, and never one alone, which the total would give back.
    """
    few = int((split.frame["observed"] < least).sum())
    kept = split.frame.sort_values("observed", kind="stable").index[2 if few == 1 else few:]
    frame = split.frame.loc[sorted(kept)].rename(
        columns={"estimated": "value", "log_normal_lower": "lower", "log_normal_upper": "upper"})
    return ResultTable(frame[[*split.by, "observed", *INTERVAL, "share_seen", "se"]], {
        "interval": INTERVAL, "digits": 4, "percent": ("share_seen",), "hide": ("se",), "simulated": simulated,
        "labels": {"value": "estimate (interval)", "observed": "people seen", "share_seen": "share seen"},
        "note": (f"Strata of fewer than {least} people seen are not shown, and never one alone.",) if few else ()})


def people_left_out(influence: Any) -> ResultTable:
    """Lay out the leavings-out that move an estimate most, those without an estimate first."""
    frame = influence.frame.assign(far=influence.frame["factor"].fillna(float("inf")))
    frame = frame.sort_values("far", ascending=False, kind="stable").head(_SHOWN_LEFT_OUT).drop(columns="far")
    empty = ("refusal",) if (frame["refusal"] == "").all() else ()
    return ResultTable(frame.reset_index(drop=True), {
        "digits": 4, "hide": ("move", *empty), "simulated": influence.simulated,
        "labels": {"n_persons": "people left out", "times_caught": "times seen", "value": "estimate without them",
                   "factor": "moves the estimate by a factor of", "refusal": "why there is none"}})
