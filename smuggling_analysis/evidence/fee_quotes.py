"""Fee quotes: what people were asked, or paid, to be taken along a route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.evidence.checks import (
    figures_of,
    repeats_of,
    require_columns,
    texts_of,
    years_of,
)
from smuggling_analysis.evidence.fee_quote import Conversion, FeeQuote
from smuggling_analysis.problems import Problem, raise_any

REAL = "USD"
SMALLEST_FEE = 0.01
_TEXTS = ("route_from", "route_to", "service", "currency", "payer", "source")
_MORE_TEXTS = ("kind", "corridor")
_SHOWN = ("route_from", "route_to", "corridor", "service", "year", "low", "high", "currency", "payer", "kind",
          "source", "price_year")


@dataclass(frozen=True)
class FeeQuotes:
    """Fees quoted by migrants, courts, agencies and the press, one row per quote.

    Parameters
    ----------
    quotes : tuple of FeeQuote
        The quotes, in the order of the source.
    simulated : bool
        Whether the quotes are simulated.

    Examples
    --------
    >>> table = pd.DataFrame({"route_from": ["Cambodia"], "route_to": ["Thailand"], "service": ["all"],
    ...                       "year": [2019], "low": [150], "high": [150], "currency": ["USD"],
    ...                       "payer": ["migrant"], "source": ["UNODC 2019"]})
    >>> prices = AnnualRates((("USD", 2019, 100.0), ("USD", 2023, 119.0)), "price index")
    >>> rates = AnnualRates((("THB", 2019, 31.05),), "exchange rate")
    >>> FeeQuotes.from_table(table).in_usd(rates, prices, 2023).quotes[0].high
    178.5
    """

    quotes: tuple[FeeQuote, ...]
    simulated: bool = False

    def __post_init__(self) -> None:
        if not self.quotes:
            raise ValueError("fee quotes need one quote at least")

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, origin: str = "", simulated: bool = False) -> FeeQuotes:
        """Take a table with one row per quote.

        Parameters
        ----------
        table : DataFrame
            Columns route_from, route_to, service, year, low, high, currency, payer, source; where known kind
            and corridor; and price_year where amounts are in the prices of another year than that of the
            quote. Either of low and high may be empty.
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the quotes are simulated.

        Raises
        ------
        BadInput
            Naming row and column: a missing column or text, no number, a fee of 0 or less, a lower figure
            above the upper, a quote given twice.
        """
        require_columns(table, [*_TEXTS, "year", "low", "high"], origin)
        problems: list[Problem] = []
        columns: dict[str, Sequence] = {}
        for name in (*_TEXTS, *(name for name in _MORE_TEXTS if name in table.columns)):
            optional = name in ("service", "payer", *_MORE_TEXTS)
            columns[name], wrong = texts_of(table, name, origin, optional=optional)
            problems += wrong
        columns["year"], columns["price_year"], wrong = _years(table, origin)
        problems += wrong
        figures, wrong = figures_of(table, ("low", "high"), origin, least=SMALLEST_FEE)
        columns |= figures
        problems += wrong
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        keys = [tuple(row.values()) for row in rows]
        problems += repeats_of(table, keys, problems, "quote", "remove one of the two rows", origin)
        raise_any(problems)
        return cls(tuple(FeeQuote(**row) for row in rows), simulated)

    def in_usd(self, exchange_rates: AnnualRates, price_index: AnnualRates, base_year: int) -> FeeQuotes:
        """Convert to US dollars at the prices of one year.

        Each amount is divided by the exchange rate of the year whose prices it is in, then multiplied by the
        US price index of the base year over that of the same year. Every converted quote keeps the quote as
        made, the rate and the price ratio in its `conversion`.

        Parameters
        ----------
        exchange_rates : AnnualRates
            Local currency per USD, keyed by ISO 4217 code; USD itself needs none.
        price_index : AnnualRates
            US consumer prices: one key, any base.
        base_year : int
            The year whose prices to express every fee in.

        Raises
        ------
        BadInput
            Naming every currency and year for which there is no rate, and every year without a price index.
        ValueError
            If the quotes were converted before, or the price index has several keys.
        """
        if any(quote.conversion for quote in self.quotes):
            raise ValueError("these quotes are in real USD already: convert the quotes as made")
        if len(price_index.keys) != 1:
            raise ValueError(
                f"a price index has one key, got {', '.join(price_index.keys)}: use .select(key)"
            )
        index = price_index.keys[0]
        raise_any(_lacking(self.quotes, exchange_rates, price_index, base_year))
        converted = []
        for quote in self.quotes:
            assert quote.price_year is not None
            rate = 1.0 if quote.currency == REAL else exchange_rates.of(quote.currency, quote.price_year)
            inflation = price_index.of(index, base_year) / price_index.of(index, quote.price_year)
            low, high = (
                None if amount is None else amount / rate * inflation for amount in (quote.low, quote.high)
            )
            shown = Conversion(low=quote.low, high=quote.high, currency=quote.currency, rate=rate,
                               inflation=inflation)
            converted.append(replace(quote, low=low, high=high, currency=REAL, price_year=base_year,
                                     conversion=shown))
        return FeeQuotes(
            tuple(converted), self.simulated or exchange_rates.simulated or price_index.simulated
        )

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes, in the order in which they first occur."""
        return tuple(dict.fromkeys(quote.route for quote in self.quotes))

    def select(self, *, route: str | Sequence[str] | None = None, payer: str | Sequence[str] | None = None,
               route_to: str | Sequence[str] | None = None, kind: str | Sequence[str] | None = None,
               corridor: str | Sequence[str] | None = None) -> FeeQuotes:
        """Keep the quotes of some routes, payers, destinations, kinds or corridors.

        Raises
        ------
        ValueError
            If nothing is left, saying which there are.
        """
        kept = self.quotes
        for name, wanted in {"route": route, "payer": payer, "route_to": route_to, "kind": kind,
                             "corridor": corridor}.items():
            if wanted is not None:
                values = {wanted} if isinstance(wanted, str) else set(wanted)
                found = dict.fromkeys(getattr(quote, name) for quote in kept)
                kept = tuple(quote for quote in kept if getattr(quote, name) in values)
                if not kept:
                    raise ValueError(f"no quote has the {name} {' or '.join(sorted(values))}; "
                                     f"there are {', '.join(found)}")
        return FeeQuotes(kept, self.simulated)

    def frame(self) -> pd.DataFrame:
        """Return one row per quote; converted quotes show the quote as made, the rate and the price ratio."""
        rows = []
        for quote in self.quotes:
            row = {"route": quote.route} | {name: getattr(quote, name) for name in _SHOWN}
            if made := quote.conversion:
                row |= {"quoted_low": made.low, "quoted_high": made.high, "quoted_currency": made.currency,
                        "exchange_rate": made.rate, "price_ratio": made.inflation}
            rows.append(row)
        frame = pd.DataFrame(rows)
        amounts = [name for name in ("low", "high", "quoted_low", "quoted_high") if name in frame]
        return frame.astype(dict.fromkeys(amounts, float))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every quote, whatever their order, and of whether they are simulated."""
        return digest("FeeQuotes", sorted(repr(quote) for quote in self.quotes), self.simulated)

    def __iter__(self) -> Iterator[FeeQuote]:
        return iter(self.quotes)

    def __len__(self) -> int:
        return len(self.quotes)

    def __repr__(self) -> str:
        return f"FeeQuotes({len(self.quotes)} quotes on {len(self.routes)} routes)"


def _years(table: pd.DataFrame, origin: str) -> tuple[list[int], list[int | None], list[Problem]]:
    years, problems = years_of(table, "year", origin)
    if "price_year" not in table.columns:
        return years.tolist(), [None] * len(table), problems
    given = table["price_year"].where(
        table["price_year"].notna() & (table["price_year"] != ""), table["year"]
    )
    prices, wrong = years_of(table.assign(price_year=given), "price_year", origin)
    return years.tolist(), prices.tolist(), problems + wrong


def _lacking(quotes: Sequence[FeeQuote], exchange_rates: AnnualRates, price_index: AnnualRates,
             base_year: int) -> list[Problem]:
    index = price_index.keys[0]
    rates = dict.fromkeys((quote.currency, quote.price_year) for quote in quotes if quote.currency != REAL)
    years = dict.fromkeys([*(quote.price_year for quote in quotes), base_year])
    remedy = "add it to the file, or leave the quotes out and say why"
    return ([Problem(exchange_rates.lacking(currency, year), remedy) for currency, year in rates
             if year is not None and not exchange_rates.has(currency, year)]
            + [Problem(price_index.lacking(index, year), remedy) for year in years
               if year is not None and not price_index.has(index, year)])

