"""Contracts: which columns a kind of file has, what each holds, and the rules only its source can set.

Each contract is a pandera model, read by a person as documentation and by `breaches` as law. Numbers,
periods, missing texts and repeated rows are the business of the evidence types, which hold any table to them;
what is left to the contracts are codes (ISO 3166-1, ISO 4217) and dates that cannot be later than the source.

This module imports pandera, which takes half a second: import it inside a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa

from smuggling_analysis.evidence.period import Period
from smuggling_analysis.problems import Problem, shorten
from smuggling_analysis.sources.countries import countries_like, is_country, is_currency
from smuggling_analysis.sources.source import Source

MOST_BREACHES = 1_000


def _column(description: str, rule: str = "") -> Any:
    return pa.Field(nullable=True, description=description, metadata={"rule": rule})


class EventSeries(pa.DataFrameModel):
    """One row per place and period."""

    place: object = _column("where the events were counted")
    period: object = _column("2015, 2015-06, 2015-Q1 ...", "period")
    count: object = _column("how many: a whole number, 0 or more")
    incidents: object | None = _column("the number of events behind the count")
    quality: object | None = _column("the source's quality score")
    complete: object | None = _column("yes or no: whether the period was reported to its end")


class Indicators(pa.DataFrameModel):
    """One row per recorded or published figure."""

    place: object = _column("where")
    period: object = _column("2015, 2015-06, 2015-Q1 ...", "period")
    what: object = _column("what was counted, in the source's sense")
    unit: object = _column("persons, deaths, share, USD ...")
    value: object | None = _column("the figure")
    low: object | None = _column("the lower end of its range")
    high: object | None = _column("the upper end of its range")
    qualifier: object | None = _column("at least, about ...: what the source said beside the figure")
    method: object | None = _column("how a published estimate was made")
    source: object | None = _column("the original publication, where it differs by row")


class Journeys(pa.DataFrameModel):
    """One row per flow between two places."""

    origin: object = _column("ISO 3166-1 alpha-3 code, or an aggregate that source.toml declares", "country")
    destination: object = _column("the same", "country")
    point: object = _column("the crossing; empty for the whole border")
    period: object = _column("2015, 2015-06, 2015-Q1 ...", "period")
    indicator: object = _column("what was counted")
    value: object = _column("the figure")
    low: object = _column("the lower end of its range")
    high: object = _column("the upper end of its range")
    unit: object = _column("persons, persons per year, share ...")
    qualifier: object | None = _column("at least, about ...")
    source: object = _column("the original publication")


class FeeQuotes(pa.DataFrameModel):
    """One row per quoted fee."""

    origin: object = _column("where the route begins")
    destination: object = _column("where it ends")
    service: object = _column("what was bought")
    year: object = _column("when it was quoted", "year")
    low: object = _column("the lower end, or the figure")
    high: object = _column("the upper end, or the figure")
    currency: object = _column("ISO 4217 code", "currency")
    payer: object = _column("who paid, or received")
    source: object = _column("the original publication")
    price_year: object | None = _column("the year whose prices the amount is in", "year")
    kind: object | None = _column("fee, ransom, received by driver ...")
    corridor: object | None = _column("the group of routes it belongs to")


class AnnualRates(pa.DataFrameModel):
    """One row per key and year."""

    key: object = _column("the currency's code, or the index's name")
    year: object = _column("the year", "year")
    value: object = _column("a number above 0")


class Encounters(pa.DataFrameModel):
    """One row per place and period: what a border guard counted."""

    place: object = _column("the sector or station")
    period: object = _column("2015, 2015-06, 2015-Q1 ...", "period")
    apprehended: object = _column("apprehensions: a person apprehended three times counts three times")
    repeats: object | None = _column("those of them at which the person was recognised as apprehended before")
    first_time: object | None = _column("the others; of the two, one is enough")
    returned: object | None = _column("apprehensions after which the person was put back across the border")
    retried: object | None = _column("returns after which the person is known to have tried again")
    recidivists: object | None = _column("persons apprehended more than once")
    turned_back: object | None = _column("attempts seen to end in going back without an apprehension")
    got_away: object | None = _column("entries that were seen and not prevented: known got-aways")


CONTRACTS: Mapping[str, type[pa.DataFrameModel]] = {
    model.__name__: model for model in (EventSeries, Indicators, Journeys, FeeQuotes, AnnualRates, Encounters)}


def columns_of(contract: str) -> dict[str, bool]:
    """Return a contract's columns, and whether each is needed.

    Examples
    --------
    >>> columns_of("AnnualRates")
    {'key': True, 'year': True, 'value': True}
    """
    return {name: bool(column.required) for name, column in CONTRACTS[contract].to_schema().columns.items()}


def breaches(table: pd.DataFrame, contract: str, source: Source, file: str) -> list[Problem]:
    """Hold a table to its contract and return every breach.

    Parameters
    ----------
    table : DataFrame
        Text under the contract's own column names; the index holds the file's row numbers.
    contract : str
        The name of a contract.
    source : Source
        The source: its declared aggregates, and the day it was retrieved.
    file : str
        The file's name in messages.
    """
    schema = CONTRACTS[contract].to_schema()
    for name, column in schema.columns.items():
        if (rule := (column.metadata or {}).get("rule")) and name in table.columns:
            schema = schema.update_column(name, checks=[
                pa.Check(_RULES[rule][0](source), element_wise=True, name=rule, error=rule)])
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        # Advice takes time, and nobody reads the thousandth: a file wrong all over is not looked through.
        found = errors.failure_cases.sort_values("index", kind="stable").head(MOST_BREACHES)
        columns = (found[name] for name in ("check", "failure_case", "index", "column"))
        return [Problem(*_RULES[rule][1](source, value), file, row, column)
                for rule, value, row, column in zip(*columns, strict=True)]
    return []


def _known_country(source: Source) -> Callable[[str], bool]:
    return lambda code: is_country(code) or code in source.aggregates


def _unknown_country(source: Source, code: str) -> tuple[str, str]:
    near = countries_like(code)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    declared = f" ({', '.join(source.aggregates)})" if source.aggregates else ""
    return (
        f"found {shorten(code)}, allowed are ISO 3166-1 alpha-3 country codes and the aggregates that "
        f"source.toml declares{declared}",
        f"{hint}correct the code, or declare the aggregate",
    )


def _not_later(source: Source) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            period = Period.parse(text)
        except ValueError:
            return True  # The evidence says what is wrong with the period itself.
        return period.start <= source.retrieved and period.end.year <= source.retrieved.year
    return fits


def _too_late(source: Source, text: str) -> tuple[str, str]:
    return (f"found {shorten(text)}, which is later than {source.retrieved}, when the source was retrieved",
            "correct the date, or the day of retrieval in source.toml")


# The test a cell must pass, and what to say and advise when it does not.
_RULES: Mapping[
    str, tuple[Callable[[Source], Callable[[str], bool]], Callable[[Source, str], tuple[str, str]]]
] = {
    "country": (_known_country, _unknown_country),
    "period": (_not_later, _too_late),
    "year": (_not_later, _too_late),
    "currency": (
        lambda source: is_currency,
        lambda source, code: (
            f"found {shorten(code)}, allowed are ISO 4217 currency codes",
            "write the code, as in USD, THB or MYR",
        ),
    ),
}
