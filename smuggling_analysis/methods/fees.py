"""Fees by route, and published money at the prices of one year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.evidence.fee_quotes import FeeQuotes
from smuggling_analysis.indicator import Indicator


def fee_by_route(quotes: FeeQuotes) -> pd.DataFrame:
    """Summarise fee quotes by route and payer: how many, their median and their range.

    A quote given as a range counts with its middle. A quote that is only an upper figure ("up to") widens the
    range and has no part in the median or the lower end. What a migrant pays and what a driver receives are
    never mixed.

    Parameters
    ----------
    quotes : FeeQuotes
        In one currency; take `quotes.in_usd(...)` first.

    Returns
    -------
    DataFrame
        `route, payer, quotes, median, low, high, currency, years, reading`, dearest route first; `reading`
        says whether the row is one quote (an indicator, not an estimate) or how many. An end nobody quoted
        is NaN.

    Raises
    ------
    ValueError
        If the quotes are in more than one currency.
    """
    frame = quotes.frame()
    currencies = sorted(set(frame["currency"]))
    if len(currencies) > 1:
        raise ValueError(f"the quotes are in {', '.join(currencies)}: "
                         "convert them first with quotes.in_usd(...)")
    frame = frame.assign(middle=frame[["low", "high"]].mean(axis=1, skipna=False))
    rows = [_route_row(str(route), str(payer), group)
            for (route, payer), group in frame.groupby(["route", "payer"])]
    summary = pd.DataFrame(rows).assign(currency=currencies[0])
    usual = summary["median"].fillna(summary["high"]).fillna(summary["low"])
    order = usual.sort_values(ascending=False, kind="stable").index
    columns = ["route", "payer", "quotes", "median", "low", "high", "currency", "years", "reading"]
    return summary.loc[order, columns].reset_index(drop=True)


def _route_row(route: str, payer: str, group: pd.DataFrame) -> dict[str, Any]:
    years = sorted({int(str(year)[:4]) for year in group["year"]})
    number = len(group)
    return {
        "route": route, "payer": payer, "quotes": number, "median": float(group["middle"].median()),
        "low": float(group["low"].astype(float).min()), "high": float(group["high"].astype(float).max()),
        "years": str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}",
        "reading": "one quote: an indicator, not an estimate" if number == 1 else f"{number} quotes",
    }


def at_prices_of(base_year: int, values: Iterable[Indicator],
                 price_index: AnnualRates) -> tuple[Indicator, ...]:
    """Express published US dollar values at the prices of one year.

    Parameters
    ----------
    base_year : int
        The year whose prices to use.
    values : iterable of Indicator
        Each at the prices of its period's first year; values in other currencies are left out.
    price_index : AnnualRates
        US consumer prices: one key.

    Examples
    --------
    >>> prices = AnnualRates((("USD", 2013, 100.0), ("USD", 2023, 130.0)), "price index")
    >>> paid = Indicator(value=192e6, unit="USD", what="market", place="Mekong", period="2013",
    ...                  source="UNODC", kind="published estimate")
    >>> at_prices_of(2023, [paid], prices)[0].value
    249600000.0
    """
    key, real = price_index.keys[0], []
    for one in values:
        if one.unit != "USD":
            continue
        ratio = price_index.of(key, base_year) / price_index.of(key, int(one.period[:4]))
        changed: dict[str, Any] = {name: None if (number := getattr(one, name)) is None else number * ratio
                                   for name in ("value", "low", "high")}
        real.append(replace(one, **changed))
    return tuple(real)
