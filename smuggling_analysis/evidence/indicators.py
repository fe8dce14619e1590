"""Tables of indicators: figures somebody recorded or published, read row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import pandas as pd

from smuggling_analysis.evidence.cells import show
from smuggling_analysis.evidence.checks import (
    figures_of,
    periods_of,
    repeats_of,
    require_columns,
    texts_of,
)
from smuggling_analysis.indicator import Indicator, Kind
from smuggling_analysis.problems import Problem, raise_any

KINDS: tuple[str, ...] = get_args(Kind)
_FIGURES = ("value", "low", "high")


def read_indicators(
    table: pd.DataFrame,
    *,
    kind: str | None = None,
    source: str | None = None,
    origin: str = "",
    simulated: bool = False,
) -> tuple[Indicator, ...]:
    """Take a table with one indicator per row.

    Parameters
    ----------
    table : DataFrame
        Columns place, period, what and unit, at least one of value, low and high, and where they are
        known qualifier, method, source and kind.
    kind : {"recorded", "published estimate", "survey share"}, optional
        Who made the figures, and how, where no column says so.
    source : str, optional
        The original publication, where no column says so.
    origin : str
        The file the frame was read from, for messages.
    simulated : bool
        Whether the figures are simulated.

    Raises
    ------
    BadInput
        Naming row and column: a missing column or text, no number, a lower figure above the upper, a period
        of another form, an unknown kind, an indicator given twice by one source.

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["Andaman Sea"], "period": ["2023"], "what": ["dead or missing"],
    ...                       "value": [569], "unit": ["persons"]})
    >>> read_indicators(table, kind="recorded", source="UNHCR 2024")[0].value
    569.0
    """
    figures = [name for name in _FIGURES if name in table.columns] or ["value"]
    told = [name for name, given in (("source", source), ("kind", kind)) if given is None]
    require_columns(table, ["place", "period", "what", "unit", *figures, *told], origin)
    problems: list[Problem] = []
    columns: dict[str, Sequence[Any]] = {"kind": [kind] * len(table), "source": [source] * len(table)}
    for name in ("place", "what", "unit", "qualifier", "method", "source", "kind"):
        if name in table.columns:
            columns[name], wrong = texts_of(table, name, origin, optional=name in ("qualifier", "method"))
            problems += wrong
    allowed = f"allowed are {', '.join(KINDS)}"
    problems += [Problem(f"found {show(found)}, {allowed}", "name who made the figure", origin, row, "kind")
                 for row, found in zip(table.index, columns["kind"], strict=True)
                 if found and found not in KINDS]
    columns["period"], wrong = periods_of(table, "period", origin)
    problems += wrong
    read, wrong = figures_of(table, figures, origin)
    columns |= read
    problems += wrong
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    keys = [tuple(map(str, row.values())) for row in rows]
    raise_any([*problems, *repeats_of(table, keys, problems, "figure", "remove one of the two rows", origin)])
    return tuple(_indicator(row, simulated) for row in rows)


def _indicator(row: dict[str, Any], simulated: bool) -> Indicator:
    return Indicator(
        what=row["what"],
        place=row["place"],
        period=str(row["period"]),
        unit=row["unit"],
        source=row["source"],
        kind=cast(Kind, row["kind"]),
        value=row.get("value"),
        low=row.get("low"),
        high=row.get("high"),
        qualifier=row.get("qualifier", ""),
        method=row.get("method", ""),
        simulated=simulated,
    )
