"""One cell of a table: whether it holds anything, a number, or why not, and how it is shown in a message."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.problems import shorten

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MISSING_WORDS = {"nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "..", "...", "?", "unknown"}
_INFINITE_WORDS = {"inf", "infinity", "∞"}


def number_in(value: Any, *, truths: bool = False) -> float:
    """Return the number in a cell, NaN where there is none: by the rules of a published table, not of Python.

    Examples
    --------
    >>> number_in(" 1.5e3 "), number_in("1_500"), number_in(True), number_in(True, truths=True)
    (1500.0, nan, nan, 1.0)
    """
    if is_missing(value) or (isinstance(value, (bool, np.bool_)) and not truths):
        return math.nan
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def fault_of_number(found: object) -> str:
    """Say what keeps a value from being a number, in words a clerk can act on.

    Examples
    --------
    >>> fault_of_number("1,234")
    'which has thousands separators (write 1234)'
    >>> fault_of_number("1e400")
    'which is too large for a number'
    """
    if is_missing(found):
        return "a number is needed"
    text = as_text(found)
    if text.lower() in _MISSING_WORDS:
        return "a word for a number that is missing"
    if text.lower().lstrip("+-") in _INFINITE_WORDS:
        return "which is not finite"
    if _NUMBER.fullmatch(text):
        return "which is too large for a number"
    if re.fullmatch(r"[+-]?[0-9]{1,3}([,' \u00a0\u202f][0-9]{3})+(\.[0-9]+)?", text):
        return f"which has thousands separators (write {re.sub(r'[^0-9.+-]', '', text)})"
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return f"which has a decimal comma (write {text.replace(',', '.')})"
    if re.fullmatch(r"[+-]?[0-9.]+ ?%", text):
        return "which is a percentage (write it as a share: 0.12 for 12 %)"
    return "which is not a number"


def is_missing(value: Any) -> bool:
    """Say whether a cell holds nothing: None, NaN or an empty text."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def show(value: object) -> str:
    """Show a cell's value in a message."""
    return "nothing" if is_missing(value) else shorten(value)


def show_name(name: object) -> str:
    """Show a column's name in a message, cut to a length that is safe to print."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(name))
    return text if len(text) <= 40 else text[:39] + "…"


def as_text(value: Any) -> str:
    """Return a cell as text without spaces around it: "" where it holds nothing, 2015 for 2015.0."""
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
