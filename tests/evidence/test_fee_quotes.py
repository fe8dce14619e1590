"""Fee quotes: conversion held to arithmetic by hand, refusals to the currency and year that lack a rate."""

import pandas as pd
import pytest

from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.evidence.fee_quote import FeeQuote
from smuggling_analysis.evidence.fee_quotes import FeeQuotes
from smuggling_analysis.problems import BadInput

RATES = AnnualRates((("THB", 2022, 35.0), ("MYR", 2015, 4.0)), "exchange rate")
PRICES = AnnualRates(
    (("CPI-U", 2014, 200.0), ("CPI-U", 2015, 240.0), ("CPI-U", 2022, 280.0), ("CPI-U", 2023, 300.0)),
    "price index",
)


def quotes(*rows):
    names = [
        "route_from",
        "route_to",
        "service",
        "year",
        "low",
        "high",
        "currency",
        "payer",
        "source",
        "price_year",
    ]
    return pd.DataFrame(rows, columns=names, index=range(2, len(rows) + 2), dtype=object)


SOUND = quotes(("Myanmar", "Malaysia", "sea", "2022", "35000", "70000", "THB", "migrant", "A", ""),
               ("Myanmar", "Malaysia", "sea", "2015", "4000", "4000", "MYR", "kin", "B", None),
               ("Asia", "any", "", "2015", "", "50000", "USD", "migrant", "C", ""),
               ("Mexico", "USA", "before", "1990", "725", "", "USD", "migrant", "D", "2014"))


def test_conversion_by_hand():
    real = FeeQuotes.from_table(SOUND).in_usd(RATES, PRICES, 2023)
    baht, ringgit, upper, old = real.quotes
    assert (baht.low, baht.high) == pytest.approx((1000 * 300 / 280, 2000 * 300 / 280), rel=1e-12)
    assert ringgit.high == pytest.approx(1000 * 300 / 240, rel=1e-12)
    assert (upper.low, upper.high) == (None, pytest.approx(62_500, rel=1e-12))
    # The amount of 1990 is quoted in dollars of 2014, so 1990 needs neither rate nor index.
    assert (old.low, old.high) == (pytest.approx(725 * 1.5, rel=1e-12), None)
    assert {quote.currency for quote in real} == {"USD"}
    assert {quote.price_year for quote in real} == {2023}
    assert [quote.year for quote in real] == [2022, 2015, 2015, 1990]


def test_the_rate_and_the_quote_as_made_stay_visible():
    frame = FeeQuotes.from_table(SOUND).in_usd(RATES, PRICES, 2023).frame()
    row = frame.loc[
        0, ["quoted_low", "quoted_high", "quoted_currency", "exchange_rate", "price_ratio"]
    ].tolist()
    assert row == [35000.0, 70000.0, "THB", 35.0, pytest.approx(300 / 280)]
    assert (frame["low"] * frame["exchange_rate"] / frame["price_ratio"]).dropna().tolist() == pytest.approx(
        frame["quoted_low"].dropna().tolist())


def test_every_currency_and_year_without_a_rate_is_named():
    fees = FeeQuotes.from_table(
        quotes(
            ("A", "B", "", 2021, 1, 2, "THB", "", "S", ""),
            ("A", "B", "", 2021, 3, 4, "THB", "", "S", ""),
            ("A", "B", "", 2015, 1, 2, "GBP", "", "S", ""),
            ("A", "B", "", 1999, 1, 2, "USD", "", "S", ""),
        )
    )
    with pytest.raises(BadInput) as refused:
        fees.in_usd(RATES, PRICES, 2050)
    remedy = "add it to the file, or leave the quotes out and say why"
    assert [str(problem) for problem in refused.value.problems] == [
        f"there is no exchange rate of THB in 2021; the years there are 2022; {remedy}",
        f"there is no exchange rate of GBP; the keys there are MYR, THB; {remedy}",
        f"there is no price index of CPI-U in 2021; the years there are 2014 to 2015, 2022 to 2023; {remedy}",
        f"there is no price index of CPI-U in 1999; the years there are 2014 to 2015, 2022 to 2023; {remedy}",
        f"there is no price index of CPI-U in 2050; the years there are 2014 to 2015, 2022 to 2023; {remedy}"]


def test_a_second_conversion_or_two_indices_are_refused():
    fees = FeeQuotes.from_table(SOUND)
    with pytest.raises(ValueError, match="in real USD already"):
        fees.in_usd(RATES, PRICES, 2023).in_usd(RATES, PRICES, 2015)
    with pytest.raises(ValueError, match=r"one key, got MYR, THB: use .select\(key\)"):
        fees.in_usd(RATES, RATES, 2023)


def test_simulation_travels_into_the_conversion():
    invented = AnnualRates(RATES.rates, RATES.what, simulated=True)
    assert FeeQuotes.from_table(SOUND).in_usd(invented, PRICES, 2023).simulated
    assert not FeeQuotes.from_table(SOUND).in_usd(RATES, PRICES, 2023).simulated


def test_selection_routes_and_middle():
    fees = FeeQuotes.from_table(SOUND)
    assert fees.routes == ("Myanmar to Malaysia", "Asia to any", "Mexico to USA")
    assert len(fees.select(route="Myanmar to Malaysia", payer=["kin", "migrant"])) == 2
    assert [quote.middle for quote in fees] == [52500.0, 4000.0, None, None]
    with pytest.raises(ValueError, match="no quote has the payer state; there are migrant, kin"):
        fees.select(payer="state")


def test_fingerprint_ignores_order_and_marks_simulation():
    fees = FeeQuotes.from_table(SOUND)
    assert fees.fingerprint == FeeQuotes.from_table(SOUND.iloc[::-1]).fingerprint
    assert fees.fingerprint != FeeQuotes.from_table(SOUND, simulated=True).fingerprint


def test_every_problem_is_named():
    table = quotes(
        ("A", "B", "", "2015", "5", "2", "USD", "", "S", ""),
        ("A", "B", "", "2015", "", "", "USD", "", "S", ""),
        ("", "B", "", "15", "0", "-1", "USD", "", "", ""),
        ("A", "B", "x", "2015", "1", "1", "USD", "", "S", ""),
        ("A", "B", "x", "2015", "1", "1", "USD", "", "S", "2015"),
    )
    with pytest.raises(BadInput) as refused:
        FeeQuotes.from_table(table, origin="fees.csv")
    said = str(refused.value)
    for part in (
        'row 2, column "low": the lower figure 5 lies above the upper 2',
        'row 3, column "high": found no figure',
        'row 4, column "route_from": found nothing',
        'row 4, column "source": found nothing',
        "row 4, column \"year\": found '15'",
        "row 4, column \"low\": found '0', allowed is a number of 0.01 or more",
        "row 4, column \"high\": found '-1'",
        "fees.csv, row 6: the same quote as row 5; remove one of the two rows",
    ):
        assert part in said


def test_nonsense_cannot_be_built():
    sound = {
        "route_from": "A",
        "route_to": "B",
        "service": "",
        "year": 2015,
        "currency": "USD",
        "payer": "",
        "source": "S",
    }
    for fields, said in (
        ({}, "a lower or an upper figure"),
        ({"low": 2, "high": 1}, "lies above"),
        ({"high": -1}, "positive"),
        ({"high": float("nan")}, "positive"),
        ({"high": 1, "source": ""}, "needs source"),
    ):
        with pytest.raises(ValueError, match=said):
            FeeQuote(**sound | fields)
    with pytest.raises(ValueError, match="one quote at least"):
        FeeQuotes(())
