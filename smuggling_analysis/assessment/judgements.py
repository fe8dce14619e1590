"""The judgements that chapters ask for by name, and what each one's value must be."""

from __future__ import annotations

from typing import Any

_ORDER, _TEXT, _FORMULA, _MODEL = (
    "a whole number, 1 or more", "a text in quotes", 'a formula in quotes, for example "gender + age"',
    'a model in quotes, for example "[12,3]"')
_TRUTH, _SHARE = "true or false", "a share between 0 and 1"

STATED_SHARES: dict[str, tuple[str, str]] = {
    "encounters-deterrence": ("deterrence", "Share of those returned that does not try again"),
    "encounters-recognition": ("recognition", "Share of those apprehended again that is recognised"),
    "encounters-giving-up": ("giving_up", "Share of those turned back that does not try again"),
    "encounters-detection": ("detection", "Share of entries that is seen"),
}
"""What no count of encounters says and an assessment can state: the panel's option, and what it is in words."""

# Other judgements are free: those of a route are read by methods.market, which says itself what it needs.
ALLOWED: dict[str, str] = {
    "lists-max-order": _ORDER, "lists-model": _MODEL, "lists-population": _TEXT,
    "repeats-formula": _FORMULA, "repeats-exposure": _TEXT, "repeats-exposure-ends-when-seen": _TRUTH,
    "repeats-population": _TEXT,
    "reference-alpha": _FORMULA, "reference-beta": _FORMULA, "reference-population": _TEXT,
    "encounters-population": _TEXT, **dict.fromkeys(STATED_SHARES, _SHARE),
}


def allowed_instead(key: str, value: Any) -> str:
    """Return what the judgement's value must be, or an empty text where this value will do.

    Examples
    --------
    >>> allowed_instead("lists-max-order", "two"), allowed_instead("lists-max-order", 2)
    ('a whole number, 1 or more', '')
    """
    allowed = ALLOWED.get(key, "")
    if allowed == _TRUTH:
        fits = isinstance(value, bool)
    elif allowed == _ORDER:
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    elif allowed == _SHARE:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
    else:
        fits = not allowed or (isinstance(value, str) and bool(value.strip()))
    return "" if fits else allowed
