"""Tables of a panel: every method with its verdict, the gate's findings and rules, what the estimate rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.methods.reliability import RULES, RULES_OF, rules_frame
from smuggling_analysis.tables.results import INTERVAL, ResultTable

_TITLES = {rule.name: rule.title for rule in RULES} | {"method": "The method itself"}
_KINDS = {"CaptureHistories": "lists", "RepeatCounts": "registers", "ReferenceCounts": "reference counts",
          "Encounters": "encounters"}
_MOST_FINDINGS = 3
_ROUND_ODDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_STRUCK = ("A number whose verdict is \"refused\" is shown to be checked, not to be quoted.",
           "Weight: families that pass weigh alike, and methods of one family share its weight.")


def verdicts(panel: Any) -> ResultTable:
    """Lay out every method of a panel: family, number, weight, the gate's verdict and its reasons.

    Parameters
    ----------
    panel : Panel
        From `panel`.

    Examples
    --------
    >>> import smuggling_analysis as sa
    >>> two = sa.CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> verdicts(sa.panel(two, rng=1, sensitivity=False)).frame["verdict"].tolist()[:2]
    ['caution', 'caution']
    """
    frame = panel.frame.assign(rules=[_rules_behind(one) for one in panel.fitted])
    columns = ["label", "value", "lower", "upper", "weight", "verdict", "rules", "reasons", "family", "se", "key"]
    return ResultTable(frame[columns], {
        "interval": INTERVAL, "digits": 4, "percent": ("weight",), "hide": ("key", "se", "family", "reasons"),
        "note": _STRUCK, "labels": {"label": "method", "value": "estimate (interval)", "rules": "because of"},
        "simulated": panel.evidence.simulated})


def beside(panel: Any) -> ResultTable:
    """Lay out what stands beside a panel of encounters: the other quantities and shares, each with its verdict.

    Examples
    --------
    >>> import pandas as pd
    >>> import smuggling_analysis as sa
    >>> table = pd.DataFrame({"place": ["East"], "period": ["2016"], "apprehended": [9000], "repeats": [1500]})
    >>> found = sa.panel(sa.Encounters.from_table(table), deterrence=0.4, rng=1, sensitivity=False)
    >>> beside(found).frame["said"].iloc[0]
    '23,400 entries (22,000 to 24,800)'
    """
    frame = panel.frame_beside.assign(
        said=[_said(one.given) for one in panel.beside], rules=[_rules_behind(one) for one in panel.beside])
    hidden = ["value", "lower", "upper", "unit", "key"]
    return ResultTable(frame[["label", "said", "verdict", "rules", "reasons", *hidden]], {
        "hide": (*hidden, "reasons"), "note": _STRUCK[:1], "simulated": panel.evidence.simulated,
        "labels": {"label": "what", "said": "estimate (interval)", "rules": "because of"}})


def _said(given: Any) -> str:
    if given is None:
        return ""
    words = numerals.quantity(given.value, given.unit, digits=3)
    return f"{words} ({numerals.span(given.lower, given.upper, digits=3, unit='share' * (given.unit == 'share'))})"


def gate_findings(panel: Any) -> ResultTable:
    """Lay out what the gate found, refusals first: each finding once with the methods it concerns.

    Where a rule found the same of more than three methods, to other figures, the most extreme finding stands for all.
    """
    found, everyone = panel.findings, len(panel.fitted)
    whom = found.groupby(["consequence", "rule", "finding", "helps"], sort=False).agg(
        label=("label", list), beyond=("measured", "first"), threshold=("threshold", "first")).reset_index()
    whom = _worst_of_each_rule(whom)
    frame = whom.sort_values("consequence", ascending=False, kind="stable").reset_index(drop=True)
    frame["concerns"] = ["every method" if len(labels) >= everyone > 1 else "; ".join(labels)
                         for labels in frame["label"]]
    frame["rule"] = [_TITLES.get(name, name) for name in frame["rule"]]
    return ResultTable(frame[["finding", "consequence", "concerns", "rule", "helps"]], {
        "labels": {"helps": "what would help"}, "numbered": "helps", "hide": ("rule",),
        "simulated": panel.evidence.simulated})


def _worst_of_each_rule(whom: pd.DataFrame) -> pd.DataFrame:
    """Let the most extreme of many like findings stand for all of them."""
    rows = []
    for (_, rule), group in whom.groupby(["consequence", "rule"], sort=False):
        if len(group) <= _MOST_FINDINGS or rule == "method":
            rows += group.to_dict("records")
            continue
        far = (group["beyond"] / group["threshold"]).map(lambda ratio: abs(math.log(ratio)) if ratio > 0 else math.inf)
        worst = group.iloc[int(far.to_numpy().argmax())].to_dict()
        worst["finding"] = f"{worst['finding']}; and like findings, the most extreme of which this is"
        worst["label"] = [label for labels in group["label"] for label in labels]
        rows.append(worst)
    return pd.DataFrame(rows, columns=whom.columns)


def gate_rules(kind: str = "") -> ResultTable:
    """Lay out the rules of the reliability gate: what each looks at, its thresholds, why, and the source.

    Parameters
    ----------
    kind : str
        The type of evidence whose rules are wanted, "RepeatCounts"; by default all rules.

    Examples
    --------
    >>> len(gate_rules().frame) == len(RULES)
    True
    >>> "one-inflation" in set(gate_rules("RepeatCounts").frame["rule"])
    True
    """
    frame = rules_frame(RULES_OF[kind] if kind else RULES)
    frame["limits"] = [_limits(row) for row in frame.to_dict("records")]
    return ResultTable(frame[["title", "looks_at", "limits", "why", "source", "rule"]], {
        "numbered": "source", "hide": ("rule",),
        "labels": {"title": "rule", "looks_at": "looks at", "limits": "caution, refusal"}})


def kind_in_words(kind: str) -> str:
    """Return what a reader calls evidence of a type.

    Examples
    --------
    >>> kind_in_words("RepeatCounts")
    'registers'
    """
    return _KINDS[kind]


def priors(table: pd.DataFrame, *, simulated: bool = False) -> ResultTable:
    """Lay out a table of the same estimate under several priors: `prior, value, lower, upper, refused`."""
    empty = ("refused",) if (table["refused"] == "").all() else ()
    return ResultTable(table, {"interval": INTERVAL, "digits": 4, "simulated": simulated, "hide": empty,
                               "labels": {"value": "estimate (interval)", "refused": "why there is none"}})


def chains(drawn: Mapping[str, Any], *, simulated: bool = False) -> ResultTable:
    """Lay out how far the chains of several samplers agree, one row each."""
    rows = [{"method": name, "chains": one.values.shape[0], "draws": one.values.shape[1], "rhat": round(one.rhat, 4),
             "ess_bulk": round(one.ess_bulk), "ess_tail": round(one.ess_tail)} for name, one in drawn.items()]
    return ResultTable(pd.DataFrame(rows), {"simulated": simulated, "labels": {
        "rhat": "R-hat", "draws": "draws of each", "ess_bulk": "effective draws, middle",
        "ess_tail": "effective draws, ends"}})


def tried(result: Any, first: str) -> ResultTable:
    """Lay out what becomes of an estimate, one row for each way it might be otherwise.

    Of many odds ratios only the round ones are shown, and of linkage errors each kind by itself.

    Parameters
    ----------
    result : Sensitivity or HeldOut
        With `frame`.
    first : str
        The column that names the rows.
    """
    frame: pd.DataFrame = result.frame
    if "odds_ratio" in frame:
        frame = frame[frame["odds_ratio"].round(6).isin(_ROUND_ODDS)]
    if "of" in frame:
        frame = frame[frame["of"] != "both"].assign(change=1 + frame["change"])
    wanted = (first, "lists", "n_lists", "added", "missed", "false", "truth", "observed", *INTERVAL, "change", "ratio",
              "inside", "covered", "model", "refusal")
    kept = [name for name in dict.fromkeys(wanted) if name in frame.columns]
    empty = ["refusal"] if (frame["refusal"] == "").all() else []
    return ResultTable(frame[kept].reset_index(drop=True), {
        "interval": INTERVAL, "digits": 4, "hide": tuple(empty), "percent": ("missed", "false", "deterrence"),
        "labels": {"value": "estimate (interval)", "n_lists": "lists", "change": "times the original",
                   "inside": "within the original's interval", "ratio": "times the truth",
                   "covered": "interval holds it", "refusal": "why there is none",
                   "deterrence": "do not try again"},
        "simulated": result.original.simulated})


def _rules_behind(one: Any) -> str:
    """Name the rules that made the verdict, and why a method is set aside."""
    made = () if one.judgement is None else one.judgement.findings
    names = [_TITLES.get(found.rule, found.rule) for found in made if found.consequence == one.judgement.verdict]
    return "; ".join([*([one.variant.aside] if one.variant.aside else []), *names])


def _limits(row: Mapping[Any, Any]) -> str:
    side = "above" if row["beyond"] == "above" else "under"
    parts = [f"{word} {side} {row[name]:g}" for word, name in (("caution", "caution"), ("refused", "refusal"))
             if not pd.isna(row[name])]
    return ", ".join(parts)
