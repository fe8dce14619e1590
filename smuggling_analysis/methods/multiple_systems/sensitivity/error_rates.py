"""What becomes of an estimate as rates of error rise from nothing, and the rate at which its conclusion turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity
from smuggling_analysis.numerals import number, percent

Answer = Estimate | NoEstimate
# Halvings of the step in which the conclusion turns: the rate is found to a four-thousandth of that step.
_HALVINGS = 12


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ErrorSensitivity(Sensitivity):
    """Estimates under rates of error, one thing varied at a time or several together.

    Its `frame` has the columns `of` (what is in error, for example a list), `rate`, `value, lower, upper`, `change`
    (by which share the value differs from the original), `turned`, `model` (where one was chosen) and `refusal`, and
    more as the analysis needs. Where a model is chosen it is chosen anew for every rate, so that an estimate may jump
    from one model's to another's; the option `model` holds it.

    Parameters
    ----------
    tipping : DataFrame
        One row for each thing in error: `of`, `rate` (the least at which the conclusion turns; NaN where it does not),
        `value` there, and `note`, in words.
    """

    tipping: pd.DataFrame

    @property
    def tipping_point(self) -> float | None:
        """The least rate of any error at which the conclusion turns, None where none in the range does it."""
        least = self.tipping["rate"].min()
        return None if math.isnan(least) else float(least)

    @property
    def swing(self) -> pd.DataFrame:
        """How far each thing in error moves the estimate, the furthest first, as a tornado plot shows it.

        Columns: `of, from, to` (rates), `lowest, highest` (estimates) and `refused` (rates without an estimate).
        """
        rows = [{"of": of, "from": part["rate"].min(), "to": part["rate"].max(), "lowest": part["value"].min(),
                 "highest": part["value"].max(), "refused": int(part["value"].isna().sum())}
                for of, part in self.frame.groupby("of", sort=False)]
        table = pd.DataFrame(rows, columns=["of", "from", "to", "lowest", "highest", "refused"])
        width = (table["highest"] - table["lowest"]).fillna(-1.0)
        return table.loc[width.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)

    @property
    def sentence(self) -> str:
        """What to print."""
        told = (f"{self.what[:1].upper()}{self.what[1:]} move the estimate of {number(self.original.value)} between "
                f"{number(self.lowest)} and {number(self.highest)}")
        turning = self.tipping.dropna(subset=["rate"]).sort_values("rate", kind="stable")
        if turning.empty:
            return f"{told}; in that range it never {self.conclusion.told}."
        first = turning.iloc[0]
        return f"{told}; it {self.conclusion.told} at {percent(float(first['rate']))} ({first['of']})."


def error_row(of: str, rate: float, answer: Answer, original: Estimate, conclusion: Conclusion,
              **more: Any) -> dict[str, Any]:
    """Return one row of a frame; a refusal is a row.

    Examples
    --------
    >>> original = Estimate(value=300.0, lower=200.0, upper=500.0, unit="persons", method="demo")
    >>> refused = NoEstimate("nobody is left", "a smaller share")
    >>> error_row("police", 0.9, refused, original, Conclusion.of(original))["refusal"]
    'nobody is left'
    """
    row: dict[str, Any] = {"of": of, "rate": rate, **more}
    if isinstance(answer, NoEstimate):
        return {**row, "value": math.nan, "lower": math.nan, "upper": math.nan, "change": math.nan, "turned": False,
                "model": "", "refusal": answer.reason}
    return {**row, "value": answer.value, "lower": answer.lower, "upper": answer.upper,
            "change": answer.value / original.value - 1.0 if original.value else math.nan,
            "turned": conclusion.turned(answer.value), "model": str(answer.diagnostics.get("model", "")),
            "refusal": ""}


def tip(of: str, path: Sequence[tuple[float, Answer]], original: Estimate, conclusion: Conclusion,
        ask: Callable[[float], Answer] | None) -> dict[str, Any]:
    """Find the least rate at which a conclusion turns.

    Parameters
    ----------
    of : str
        What is in error.
    path : sequence of (rate, answer)
        Rates in ascending order.
    original : Estimate
        The answer without any error.
    conclusion : Conclusion
    ask : callable or None
        Answers at any rate between; None where asking is dear: the rate is then read off a straight line between two.

    Returns
    -------
    A row of `ErrorSensitivity.tipping`.
    """
    answered = [(0.0, original.value),
                *((rate, answer.value) for rate, answer in path if rate and isinstance(answer, Estimate))]
    for place, (rate, value) in enumerate(answered):
        if conclusion.turned(value):
            found = (rate, value) if place == 0 else _between(answered[place - 1], (rate, value), conclusion, ask)
            side = "below" if value < conclusion.low else "above"
            return {"of": of, "rate": found[0], "value": found[1],
                    "note": f"turns at {percent(found[0])}: beyond that the estimate is {side} what was concluded"}
    reach = f"up to {percent(answered[-1][0])}" if len(answered) > 1 else "at any rate with an estimate: there is none"
    return {"of": of, "rate": math.nan, "value": math.nan, "note": f"does not turn {reach}"}


def tipping_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows of `tip` as a table."""
    return pd.DataFrame(list(rows), columns=["of", "rate", "value", "note"])


def rates_in(given: float | Sequence[float], name: str, most: float = 1.0) -> tuple[float, ...]:
    """Check rates between 0 and `most` and return them in ascending order, each once.

    Raises
    ------
    ValueError
        Naming the one that is none.

    Examples
    --------
    >>> rates_in([0.1, 0.0], "shares")
    (0.0, 0.1)
    """
    try:
        values = [float(given)] if isinstance(given, (int, float)) else [float(value) for value in given]
    except (TypeError, ValueError):
        values = []
    if not values or not all(0 <= value <= most for value in values):
        raise ValueError(f"{name} is a share from 0 to {most:g}, or several of them, got {given!r}")
    return tuple(sorted(set(values)))


def require_lists(named: Iterable[str], lists: Sequence[str]) -> None:
    """Refuse names that are no list's, or no name at all.

    Raises
    ------
    ValueError
        Naming the lists there are.
    """
    given = list(named)
    if unknown := [str(name) for name in given if name not in lists]:
        raise ValueError(f"the lists are {', '.join(lists)}; not among them: {', '.join(unknown)}")
    if not given:
        raise ValueError(f"name at least one of the lists {', '.join(lists)}")


def _between(held: tuple[float, float], turned: tuple[float, float], conclusion: Conclusion,
             ask: Callable[[float], Answer] | None) -> tuple[float, float]:
    """Return the rate between two at which the conclusion turns, and the estimate there."""
    if ask is None:
        limit = conclusion.low if turned[1] < conclusion.low else conclusion.high
        step = (limit - held[1]) / (turned[1] - held[1])
        return held[0] + step * (turned[0] - held[0]), limit
    low, high, value = held[0], turned[0], turned[1]
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        answer = ask(middle)
        if isinstance(answer, NoEstimate) or not conclusion.turned(answer.value):
            low = middle
        else:
            high, value = middle, answer.value
    return high, value

