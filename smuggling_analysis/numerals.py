"""How numbers are written for a reader: thousands separators, significant digits, units, intervals.

Results know nothing of rounding; tables, figures and chapters all write numbers through this module.
Estimates of hidden populations are shown to three significant digits, because their intervals never justify
more; what somebody counted is shown as it was counted.
"""

from __future__ import annotations

import math

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.indicator import Indicator

ABSENT = "–"
DIGITS = 3
MILLION = 1e6


def number(value: float | None, *, digits: int | None = None) -> str:
    """Write a number with thousands separators, rounded to significant digits if asked.

    Parameters
    ----------
    value : float or None
        The number; None and NaN are written as a dash.
    digits : int, optional
        Significant digits; by default whole numbers stay whole and fractions keep four significant digits.

    Examples
    --------
    >>> number(12690.35, digits=3), number(0.07714, digits=2), number(1880), number(1.55e9, digits=3)
    ('12,700', '0.077', '1,880', '1,550 million')
    """
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "no limit"
    if _in_millions(value, digits):
        return f"{number(value / MILLION, digits=digits)} million"
    if digits is None:
        if abs(value) >= 1000 or value == round(value):
            return f"{value:,.0f}"
        digits = 4
    rounded = float(f"{value:.{digits}g}")
    if rounded == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text and digits == 4 else text


def quantity(value: float | None, unit: str, *, digits: int | None = None) -> str:
    """Write a number with its unit: "USD 1,200", "83 %", "569 deaths".

    Examples
    --------
    >>> quantity(1200, "USD"), quantity(0.83, "share"), quantity(150, "USD per person")
    ('USD 1,200', '83 %', 'USD 150 per person')
    """
    if unit == "share":
        return percent(value)
    amount = number(value, digits=digits)
    currency, per, each = unit.partition(" ")
    if len(currency) == 3 and currency.isupper():
        return f"{currency} {amount}{per}{each}"
    return f"{amount} {unit}"


def percent(share: float | None) -> str:
    """Write a share as a percentage: whole from 10 % to 99 %, to one decimal below and at the ends.

    Examples
    --------
    >>> percent(0.83), percent(0.0775), percent(0.999), percent(1.0)
    ('83 %', '7.8 %', '99.9 %', '100 %')
    """
    if share is None or math.isnan(share):
        return ABSENT
    hundredths = 100 * share
    whole = hundredths in (0, 100) or 10 <= hundredths < 99
    return f"{hundredths:.0f} %" if whole else f"{hundredths:.1f} %"


def chance(p_value: float | None) -> str:
    """Write a chance: two digits, and no more zeros than anybody reads.

    Examples
    --------
    >>> chance(0.7519), chance(0.0312), chance(7.6e-11), chance(None)
    ('0.75', '0.031', 'under 0.0001', '–')
    """
    if _missing(p_value):
        return ABSENT
    assert p_value is not None
    return "under 0.0001" if p_value < 1e-4 else number(p_value, digits=2)


def span(low: float | None, high: float | None, *, digits: int | None = None, unit: str = "") -> str:
    """Write a range: "41,000 to 151,000", "up to 50,000", "at least 124".

    Examples
    --------
    >>> span(41_000, 151_000), span(None, 50_000), span(7186.4, 18194.3, digits=3)
    ('41,000 to 151,000', 'up to 50,000', '7,190 to 18,200')
    >>> span(5.62e6, 2.56e7, digits=3)
    '5.62 to 25.6 million'
    """
    write = percent if unit == "share" else lambda value: number(value, digits=digits)
    if _missing(low) and _missing(high):
        return ABSENT
    if _missing(low):
        return f"up to {write(high)}"
    if _missing(high) or math.isinf(float(high or 0)):
        return f"at least {write(low)}"
    if low and high and _in_millions(low, digits) and _in_millions(high, digits):
        return f"{number(low / MILLION, digits=digits)} to {number(high / MILLION, digits=digits)} million"
    return f"{write(low)} to {write(high)}"


def with_interval(value: float | None, low: float | None, high: float | None, *, digits: int | None = None,
                  unit: str = "") -> str:
    """Write a number and its interval or range.

    Examples
    --------
    >>> with_interval(12690.35, 7186.449, 18194.25)
    '12,690 (7,186 to 18,194)'
    >>> with_interval(None, 10_000, 13_000)
    '10,000 to 13,000'
    """
    if _missing(value):
        return span(low, high, digits=digits, unit=unit)
    own = percent(value) if unit == "share" else number(value, digits=digits)
    if (_missing(low) and _missing(high)) or low == high == value:
        return own
    return f"{own} ({span(low, high, digits=digits, unit=unit)})"


def said(result: Estimate | Indicator, *, digits: int | None = DIGITS) -> str:
    """Write a result as a sentence would: number, interval, unit.

    Estimates are rounded to `digits`; indicators are given as they were recorded.

    Examples
    --------
    >>> said(Estimate(value=12690.35, lower=7186.4, upper=18194.3, unit="persons", method="m"))
    '12,700 persons (95 % interval 7,190 to 18,200)'
    >>> said(Indicator(low=41_000, high=151_000, unit="persons", what="apprehended", place="Thailand",
    ...                period="2012-2017", source="UNODC", kind="recorded"))
    '41,000 to 151,000 persons'
    """
    if isinstance(result, Estimate):
        limits = span(result.lower, result.upper, digits=digits, unit=result.unit)
        level = percent(result.confidence_level)
        return f"{quantity(result.value, result.unit, digits=digits)} ({level} interval {limits})"
    if result.value is not None:
        text = quantity(result.value, result.unit)
    else:
        text = span(result.low, result.high, unit=result.unit)
        text = text if result.unit == "share" else f"{text} {result.unit}"
    return f"{result.qualifier} {text}" if result.qualifier in _BEFORE_THE_NUMBER else text


_BEFORE_THE_NUMBER = ("at least", "more than", "over", "up to", "about", "almost", "nearly", "less than",
                      "approximately")


def _in_millions(value: float, digits: int | None) -> bool:
    """Say whether a number reads better in millions: rounded from 1 million, as it stands from 10 if round."""
    if digits is not None:
        return abs(value) >= MILLION
    return abs(value) >= 10 * MILLION and value % 100_000 == 0


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
