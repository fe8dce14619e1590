"""Results as frames: estimates, indicators and refusals each in their own table, never in one column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.period import spoken
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.tables.gaps import QUESTIONS
from smuggling_analysis.tables.page import html

INTERVAL = ("value", "lower", "upper")


@dataclass(frozen=True, eq=False)
class ResultTable:
    """A table of results: the frame for the CSV file, and how a page shows it.

    Parameters
    ----------
    frame : DataFrame
        One row per result, numbers as numbers.
    formatting : dict
        The options of `tables.html` that show it: `chapter.table(name, t.frame, caption, **t.formatting)`.
    """

    frame: pd.DataFrame
    formatting: dict[str, Any]

    def html(self, *, caption: str = "", source: str = "") -> str:
        """Return the table as HTML."""
        return html(self.frame, caption=caption, source=source, **self.formatting)


def estimates(results: Any, *, digits: int | None = numerals.DIGITS, how: bool = True) -> ResultTable:
    """Lay out estimates: value with interval, unit, method, rating, and their cautions as numbered notes.

    Parameters
    ----------
    results : mapping of str to Estimate, or iterable of recorded results
        What each number is, and the estimate. Anything that is not an `Estimate` is passed over.
    digits : int, optional
        Significant digits shown; None shows whole persons. The frame keeps every digit.
    how : bool
        Whether to show how each interval was made.

    Examples
    --------
    >>> clients = Estimate(value=12690.35, lower=7186.4, upper=18194.3, unit="persons",
    ...                    method="truncated_count", cautions=("the register misses those who left",))
    >>> table = estimates({"Not expelled, 1995": clients})
    >>> table.formatting["note"]
    ('1 The register misses those who left.',)
    """
    pairs = [(name, result) for name, result in _pairs(results) if isinstance(result, Estimate)]
    numbers = _numbered(pairs)
    frame = pd.DataFrame([
        {"quantity": name, "value": result.value, "lower": result.lower, "upper": result.upper,
         "confidence_level": result.confidence_level, "unit": result.unit, "observed": result.observed,
         "method": result.method, "interval": result.interval, "rating": result.rating or "",
         "notes": ", ".join(str(numbers[caution]) for caution in result.cautions),
         "cautions": " | ".join(result.cautions)} for name, result in pairs], columns=_ESTIMATE_COLUMNS)
    levels = sorted(set(frame["confidence_level"]))
    level = numerals.percent(levels[0]) + " " if len(levels) == 1 else ""
    # A column in which nothing stands is left out of the page; the CSV file keeps every column.
    empty = [name for name in ("observed", "rating", "notes") if frame[name].isin(["", None]).all()
             or frame[name].isna().all()]
    return ResultTable(frame, {
        "interval": INTERVAL, "digits": digits,
        "hide": ("confidence_level", "cautions", *empty, *(() if how else ("interval",))),
        "labels": {"value": f"estimate ({level}interval)", "interval": "how the interval was made"},
        "note": tuple(f"{number} {_sentence(caution)}" for caution, number in numbers.items()),
        "simulated": any(result.simulated for _, result in pairs)})


def indicators(results: Iterable[Any]) -> ResultTable:
    """Lay out indicators as they were recorded or published: number or range, unit, place, period, source.

    Parameters
    ----------
    results : iterable of Indicator, or of recorded results, or mapping
        Anything that is not an `Indicator` is passed over.

    Examples
    --------
    >>> deaths = Indicator(value=569, unit="persons", what="dead or missing", place="Andaman Sea",
    ...                    period="2023", source="UNHCR 2024", kind="recorded", qualifier="at least")
    >>> indicators([deaths]).frame.loc[0, "value"]
    np.float64(569.0)
    """
    rows = [result for _, result in _pairs(results) if isinstance(result, Indicator)]
    frame = pd.DataFrame([[getattr(row, name) for name in _INDICATOR_COLUMNS] for row in rows],
                         columns=_INDICATOR_COLUMNS)
    frame["what"] = [_capital(what.replace("_", " ")) for what in frame["what"]]
    frame[["value", "low", "high"]] = frame[["value", "low", "high"]].astype(float)
    empty = [name for name, same in (("qualifier", ""), ("kind", frame["kind"].iloc[0] if len(frame) else ""))
             if (frame[name] == same).all()]
    return ResultTable(frame, {
        "interval": ("value", "low", "high"), "hide": tuple(empty), "plain": ("period",),
        "labels": {"value": "number (range)", "qualifier": "as the source puts it"}, "numbered": "source",
        "simulated": any(row.simulated for row in rows)})


def fee_quotes(quotes: Any) -> ResultTable:
    """Lay out converted fee quotes: as quoted, the rate and price ratio used, and the result.

    Parameters
    ----------
    quotes : FeeQuotes
        Converted by `in_usd`.
    """
    frame = quotes.frame()
    asked = zip(frame["quoted_currency"], frame["quoted_low"], frame["quoted_high"], strict=True)
    frame = frame.assign(quoted=[f"{currency} {_amounts(low, high)}" for currency, low, high in asked],
                         real=[_amounts(low, high, digits=3)
                               for low, high in zip(frame["low"], frame["high"], strict=True)])
    shown = ["route", "service", "year", "payer", "quoted", "exchange_rate", "price_ratio", "real", "source"]
    kept = ["quoted_low", "quoted_high", "quoted_currency", "low", "high", "currency"]
    return ResultTable(frame[[*shown, *kept]], {
        "hide": tuple(kept), "digits": 4, "numbered": "source", "right": ("quoted", "real"),
        "labels": {"real": f"in {frame['currency'].iloc[0]}", "exchange_rate": "rate"}})


def _amounts(low: float, high: float, *, digits: int | None = None) -> str:
    middle = low if low == high else None
    return numerals.with_interval(middle, low, high, digits=digits)


def refusals(results: Any) -> ResultTable:
    """Lay out what could not be estimated: why not, and the data that would make it possible.

    Examples
    --------
    >>> refusals({"Smuggled persons": NoEstimate("no lists", "two linked lists")}).frame.loc[0, "needed"]
    'two linked lists'
    """
    rows = [{"quantity": name, "reason": result.reason, "needed": result.needed}
            for name, result in _pairs(results) if isinstance(result, NoEstimate)]
    frame = pd.DataFrame(rows, columns=["quantity", "reason", "needed"])
    return ResultTable(frame, {"labels": {"reason": "why there is no estimate",
                                          "needed": "what would allow one"}})


def estimates_in(results: Mapping[str, Any]) -> dict[str, Estimate]:
    """Keep the estimates of a mapping."""
    return {name: result for name, result in results.items() if isinstance(result, Estimate)}


def best_models(models: Any, *, top: int = 10) -> ResultTable:
    """Lay out the best models of a model table and say how many there are in all.

    Parameters
    ----------
    models : result of `loglinear_models`
        Its `frame` has one row per model, best BIC first.
    top : int
        How many to show.
    """
    frame = models.frame
    best = frame.head(top).reset_index(drop=True)
    usable = int((frame["exists"] & frame["identified"]).sum())
    return ResultTable(best, {
        "digits": 4, "percent": ("weight",), "labels": _MODEL_LABELS,
        "note": (f"The best {len(best)} of {len(frame):,} models; {usable:,} of all have an estimate that "
                 "exists and is identified. BIC counts the people observed.",)})


_ESTIMATE_COLUMNS = ["quantity", "value", "lower", "upper", "confidence_level", "unit", "observed", "method",
                     "interval", "rating", "notes", "cautions"]
_INDICATOR_COLUMNS = ["what", "place", "period", "value", "low", "high", "unit", "qualifier", "kind",
                      "source"]
_MODEL_LABELS = {"value": "estimate", "se": "standard error", "df": "degrees of freedom", "aic": "AIC",
                 "bic": "BIC", "weight": "BIC weight"}


def _pairs(results: Any) -> list[tuple[str, Any]]:
    if isinstance(results, Mapping):
        return [(str(name), result) for name, result in results.items()]
    return [(_asked(item) or described(getattr(item, "result", item)), getattr(item, "result", item))
            for item in results]


def _asked(item: Any) -> str:
    """Name a refusal by the question it does not answer."""
    refused = isinstance(getattr(item, "result", None), NoEstimate)
    return QUESTIONS.get(getattr(item, "question", ""), "") if refused else ""


def described(result: Any) -> str:
    """Say what a result is a number of: population or count, place, period.

    Examples
    --------
    >>> described(Estimate(value=1, lower=1, upper=2, unit="persons", method="chapman", place="Norway"))
    'Chapman, Norway'
    """
    if isinstance(result, NoEstimate):
        return "The number asked for"
    what = getattr(result, "what", "") or getattr(result, "population", "") or getattr(result, "method", "")
    place, period = getattr(result, "place", ""), spoken(getattr(result, "period", ""))
    return _capital(", ".join(part for part in (what.replace("_", " "), place, period) if part))


def _numbered(pairs: list[tuple[str, Estimate]]) -> dict[str, int]:
    cautions = dict.fromkeys(caution for _, result in pairs for caution in result.cautions)
    return {caution: place for place, caution in enumerate(cautions, start=1)}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(caution: str) -> str:
    text = _capital(caution)
    return text if text.endswith((".", "!", "?")) else text + "."
