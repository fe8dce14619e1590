"""What a chapter recorded, as plain data and back, whole: draws keep their joint distributions' names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import Draws
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator

Result = Estimate | Indicator | NoEstimate

KINDS: dict[type, str] = {Estimate: "estimate", Indicator: "indicator", NoEstimate: "no estimate"}


@dataclass(frozen=True)
class Recorded:
    """One result of one chapter.

    Parameters
    ----------
    chapter, key : str
        Together they name the result.
    question : str
        The question it answers: "Q8".
    headline : bool
        Whether it belongs among the key findings.
    result : Estimate, Indicator or NoEstimate
    simulated : bool
        Whether simulated data lies beneath.
    """

    chapter: str
    key: str
    question: str
    headline: bool
    result: Result
    simulated: bool = False

    @property
    def kind(self) -> str:
        """The kind of result: "estimate", "indicator" or "no estimate"."""
        return KINDS[type(self.result)]


def marked(result: Result) -> Result:
    """Return the result marked as resting on simulated data."""
    if isinstance(result, Estimate):
        return result.described(simulated=True)
    return replace(result, simulated=True) if isinstance(result, Indicator) else result


def to_plain(recorded: Iterable[Recorded]) -> tuple[list[dict[str, Any]], dict[str, NDArray[np.float64]]]:
    """Return the results as JSON-ready rows, and their draws by key.

    Returns
    -------
    list of dict, and a mapping of key to (draws,) array
    """
    rows, draws = [], {}
    for one in recorded:
        result = one.result
        row: dict[str, Any] = {"chapter": one.chapter, "key": one.key, "question": one.question,
                               "headline": one.headline, "kind": one.kind, "simulated": one.simulated}
        if isinstance(result, NoEstimate):
            row["result"] = {"reason": result.reason, "needed": result.needed}
        else:
            row["result"] = result.to_dict()
        if isinstance(result, Estimate) and result.draws is not None:
            row["joint"] = sorted(result.draws.joint)
            draws[one.key] = result.draws.values
        rows.append(row)
    return rows, draws


def from_plain(rows: Iterable[Mapping[str, Any]], draws: Mapping[str, NDArray[np.float64]]) -> list[Recorded]:
    """Return the results that `to_plain` wrote down."""
    return [Recorded(row["chapter"], row["key"], row["question"], row["headline"], _result(row, draws),
                     row["simulated"]) for row in rows]


def _result(row: Mapping[str, Any], draws: Mapping[str, NDArray[np.float64]]) -> Result:
    fields = dict(row["result"])
    if row["kind"] == "no estimate":
        return NoEstimate(fields["reason"], fields["needed"])
    if row["kind"] == "indicator":
        return Indicator(**fields)
    fields["cautions"] = tuple(fields["cautions"])
    fields["lower"] = -math.inf if fields["lower"] is None else fields["lower"]
    fields["upper"] = math.inf if fields["upper"] is None else fields["upper"]
    fields["draws"] = None
    if "joint" in row:
        values = np.array(draws[row["key"]], dtype=float)
        values.flags.writeable = False
        fields["draws"] = Draws(values, frozenset(row["joint"]))
    return Estimate(**fields)
