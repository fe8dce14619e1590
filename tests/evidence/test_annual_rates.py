"""Annual rates: each key and year once, above zero; what is missing is said in words."""

import pandas as pd
import pytest

from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.problems import BadInput

RATES = AnnualRates(
    (("THB", 2022, 35.0), ("MYR", 2015, 4.0), ("MYR", 2016, 4.1), ("MYR", 2018, 4.2)), "exchange rate"
)


def test_lookup_and_what_is_lacking():
    assert RATES.of("MYR", 2016) == 4.1
    assert RATES.keys == ("MYR", "THB")
    assert RATES.select("THB").frame().to_numpy().tolist() == [["THB", 2022, 35.0]]
    assert (
        RATES.lacking("MYR", 2017)
        == "there is no exchange rate of MYR in 2017; the years there are 2015 to 2016, 2018"
    )
    with pytest.raises(KeyError, match="there is no exchange rate of EUR; the keys there are MYR, THB"):
        RATES.of("EUR", 2015)
    with pytest.raises(ValueError, match="not among them: EUR"):
        RATES.select("EUR")


def test_fingerprint_ignores_order():
    assert RATES.fingerprint == AnnualRates(RATES.rates[::-1], "exchange rate").fingerprint
    assert RATES.fingerprint != AnnualRates(RATES.rates, "exchange rate", simulated=True).fingerprint


def test_every_problem_is_named():
    table = pd.DataFrame(
        [["THB", "2015", "34"], ["THB", "2015", "35"], ["", "2015", "0"], ["MYR", "now", "3,9"]],
        columns=["currency", "year", "rate"],
        index=[2, 3, 4, 5],
        dtype=object,
    )
    with pytest.raises(BadInput) as refused:
        AnnualRates.from_table(table, key="currency", value="rate", origin="rates.csv")
    said = str(refused.value)
    for part in (
        "rates.csv, row 3: the same currency and year as row 2",
        'row 4, column "currency": found nothing',
        "row 4, column \"rate\": found '0'",
        "row 5, column \"year\": found 'now'",
        "found '3,9', which has a decimal comma (write 3.9)",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ((), "one key and year"),
        ((("A", 1, 1), ("A", 1, 2)), "given twice"),
        ((("A", 1, 0),), "positive"),
        ((("A", 1, float("nan")),), "positive"),
        ((("", 1, 1),), "with a key"),
    ],
)
def test_nonsense_cannot_be_built(rates, said):
    with pytest.raises(ValueError, match=said):
        AnnualRates(rates)
