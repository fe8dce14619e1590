"""Arithmetic on estimates, by their draws: a market value carries the uncertainty of everything beneath it.

Draws of one joint distribution are combined draw by draw. Draws of different joints are combined as
independent, and a caution says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis import units
from smuggling_analysis.draws import Draws, digest, equal_tailed
from smuggling_analysis.estimate import OWN_CAUTIONS, Estimate, NoEstimate

Operand = Estimate | float

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "x": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


def combine(left: Operand, right: Operand, symbol: str) -> Estimate:
    """Compute with two estimates, or an estimate and a number.

    Parameters
    ----------
    left, right : Estimate or float
        At least one an Estimate.
    symbol : {"+", "-", "x", "/"}
        What to compute.

    Returns
    -------
    Estimate
        The operation on the two points; equal-tailed limits of the operation on the draws, at the higher of
        the two confidence levels; cautions and fingerprints of both.

    Raises
    ------
    NoEstimate
        If an interval is unbounded, or the divisor may be zero.
    ValueError
        If units that differ are added or subtracted.

    Examples
    --------
    >>> deaths = Estimate(value=40.0, lower=30.0, upper=55.0, unit="deaths", method="recorded")
    >>> crossings = Estimate(value=2000.0, lower=1500.0, upper=2600.0, unit="crossings", method="survey")
    >>> rate = combine(deaths, crossings, "/")
    >>> rate.value, rate.unit
    (0.02, 'deaths per crossing')
    """
    for operand in (left, right):
        if not isinstance(operand, (Estimate, int, float, np.integer, np.floating)):
            raise TypeError(f"an Estimate combines with an Estimate or a number, not {type(operand).__name__}")
    unit = _unit(left, right, symbol)
    left, right = _drawn(left), _drawn(right)
    if symbol == "/":
        _refuse_zero(right)
    parts = [operand for operand in (left, right) if isinstance(operand, Estimate)]
    drawn = [part.draws for part in parts if part.draws is not None]
    # Draws are in random order, so the first of each are a fair sample, and stay aligned.
    size = min(draws.values.size for draws in drawn)
    compute = _OPERATIONS[symbol]
    values = np.array(compute(_values(left, size), _values(right, size)), dtype=float)
    values.flags.writeable = False
    level = max(part.confidence_level for part in parts)
    lower, upper = equal_tailed(values, level)
    return Estimate(
        value=compute(_number(left), _number(right)), lower=lower, upper=upper, unit=unit,
        method=f"{_name(left)} {symbol} {_name(right)}", confidence_level=level,
        population=_shared(parts, "population"), place=_shared(parts, "place"),
        period=_shared(parts, "period"), se=float(values.std(ddof=1)), interval="equal-tailed, from draws",
        draws=Draws(values, frozenset().union(*(draws.joint for draws in drawn))),
        cautions=_cautions(parts), simulated=any(part.simulated for part in parts),
        fingerprint=digest(symbol, *(operand.fingerprint if isinstance(operand, Estimate) else operand
                                     for operand in (left, right))),
    )


def _drawn(operand: Operand) -> Operand:
    return operand.with_draws() if isinstance(operand, Estimate) else float(operand)


def _values(operand: Operand, size: int) -> NDArray[np.float64] | float:
    if not isinstance(operand, Estimate):
        return operand
    assert operand.draws is not None
    return operand.draws.values[:size]


def _number(operand: Operand) -> float:
    return operand.value if isinstance(operand, Estimate) else operand


def _name(operand: Operand) -> str:
    return f"({operand.method})" if isinstance(operand, Estimate) else f"{operand:,g}"


def _unit(left: Operand, right: Operand, symbol: str) -> str:
    if not isinstance(right, Estimate):
        assert isinstance(left, Estimate)
        return left.unit
    if not isinstance(left, Estimate):
        return units.ratio("1", right.unit) if symbol == "/" else right.unit
    if symbol == "x":
        return units.product(left.unit, right.unit)
    if symbol == "/":
        return units.ratio(left.unit, right.unit)
    if left.unit != right.unit:
        raise ValueError(f"cannot compute {left.unit} {symbol} {right.unit}: "
                         "convert one to the other's unit first")
    return left.unit


def _refuse_zero(divisor: Operand) -> None:
    if not isinstance(divisor, Estimate):
        if divisor == 0:
            raise ZeroDivisionError("an estimate cannot be divided by zero")
        return
    assert divisor.draws is not None
    least, most = divisor.draws.values.min(), divisor.draws.values.max()
    if least <= 0 <= most:
        raise NoEstimate(f"the divisor ({divisor.method}) may be zero: its draws reach from {least:,.6g} to "
                         f"{most:,.6g}", "a divisor estimated well enough to exclude zero")


def _shared(parts: list[Estimate], name: str) -> str:
    return "; ".join(dict.fromkeys(text for part in parts if (text := getattr(part, name))))


def _cautions(parts: list[Estimate]) -> tuple[str, ...]:
    # What a part says of its own limits is found afresh for the result's.
    told = [caution for part in parts for caution in part.cautions if caution not in OWN_CAUTIONS]
    drawn = [part.draws for part in parts if part.draws is not None]
    if len(drawn) == 2 and not drawn[0].joint & drawn[1].joint:
        told.append(f"combined as independent: {' and '.join(part.population or part.method for part in parts)}")
    return tuple(told)
