"""The headline results of a run, in words for a screen."""

from __future__ import annotations

from collections.abc import Iterable

from smuggling_analysis import numerals
from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.assessment.show import SIMULATED
from smuggling_analysis.estimate import Estimate, NoEstimate

_KINDS = {"estimate": "estimate", "indicator": "recorded by others", "no estimate": "no estimate"}


def headline_rows(recorded: Iterable[Recorded]) -> list[tuple[str, str, str, str]]:
    """Return question, what, result and kind of each headline; estimates are told from others' figures."""
    return [(one.question, _what(one), _figures(one), _kind(one)) for one in recorded if one.headline]


def _what(one: Recorded) -> str:
    result = one.result
    if isinstance(result, NoEstimate):
        return one.key.replace("-", " ")
    what = (result.population or result.method) if isinstance(result, Estimate) else result.what
    return ", ".join(part for part in (what, result.place, result.period) if part)


def _figures(one: Recorded) -> str:
    result = one.result
    if isinstance(result, NoEstimate):
        return result.reason
    low, high = (result.lower, result.upper) if isinstance(result, Estimate) else (result.low, result.high)
    digits = numerals.DIGITS if isinstance(result, Estimate) else None
    figures = numerals.with_interval(result.value, low, high, digits=digits, unit=result.unit)
    return figures if result.unit == "share" else f"{figures} {result.unit}"


def _kind(one: Recorded) -> str:
    kind = _KINDS[one.kind]
    if isinstance(one.result, Estimate) and one.result.rating:
        kind += f", rated {one.result.rating}"
    return f"{kind}, {SIMULATED}" if one.simulated else kind
