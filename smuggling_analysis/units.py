"""The units of estimates, and what becomes of them under arithmetic.

A unit is the word a reader needs ("persons", "deaths", "USD per person"), so
the algebra is that of words: "persons" times "USD per person" is "USD".
"""

from __future__ import annotations

SHARE = "share"
_SINGULAR = {"persons": "person", "deaths": "death", "crossings": "crossing", "departures": "departure",
             "attempts": "attempt", "entries": "entry"}


def _one(unit: str) -> str:
    return _SINGULAR.get(unit, unit)


def _many(unit: str) -> str:
    return next((many for many, one in _SINGULAR.items() if one == unit), unit)


def product(left: str, right: str) -> str:
    """Return the unit of `left` times `right`.

    Examples
    --------
    >>> product("persons", "USD per person")
    'USD'
    >>> product("share", "persons")
    'persons'
    """
    if SHARE in (left, right):
        return right if left == SHARE else left
    for whole, rate in ((left, right), (right, left)):
        top, per, bottom = rate.rpartition(" per ")
        if per and _one(bottom) == _one(whole):
            return top
    return f"{left} x {right}"


def ratio(top: str, bottom: str) -> str:
    """Return the unit of `top` divided by `bottom`.

    Examples
    --------
    >>> ratio("deaths", "departures")
    'deaths per departure'
    >>> ratio("persons", "persons")
    'share'
    >>> ratio("USD", "USD per person")
    'persons'
    """
    if top == bottom:
        return SHARE
    if bottom == SHARE:
        return top
    if bottom.startswith(f"{top} per "):
        return _many(bottom.removeprefix(f"{top} per "))
    return f"{top} per {_one(bottom)}"
