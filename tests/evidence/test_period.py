"""Periods: held to the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.evidence.period import Period

SPANS = {
    "2015": ("2015-01-01", "2015-12-31"),
    "2016-02": ("2016-02-01", "2016-02-29"),
    "2015-02": ("2015-02-01", "2015-02-28"),
    "2015-06-30": ("2015-06-30", "2015-06-30"),
    "2015-Q1": ("2015-01-01", "2015-03-31"),
    "2015-Q4": ("2015-10-01", "2015-12-31"),
    "2015-H1": ("2015-01-01", "2015-06-30"),
    "2015-H2": ("2015-07-01", "2015-12-31"),
    "2012-2017": ("2012-01-01", "2017-12-31"),
    "2014-10/2015-03": ("2014-10-01", "2015-03-31"),
    "1999-03-20/1999-06-22": ("1999-03-20", "1999-06-22"),
    "2020-H2/2021": ("2020-07-01", "2021-12-31"),
    " 2015 ": ("2015-01-01", "2015-12-31"),
}


@pytest.mark.parametrize("text", SPANS)
def test_a_period_covers_its_days(text):
    period = Period.parse(text)
    assert (str(period.start), str(period.end)) == SPANS[text]
    assert str(period) == text.strip()


FAULTS = {
    "c.2012": "allowed is a period written as 2015, 2015-06, 2015-06-30, 2015-Q1, 2015-H1, 2012-2017 or "
    "2014-10/2015-03",
    "": "found '', allowed is",
    "2015-13": "a month is 01 to 12",
    "2015-00": "a month is 01 to 12",
    "2015-02-29": "that month has 28 days",
    "2015-Q5": "a quarter is 1 to 4",
    "2015-H0": "a half-year is 1 to 2",
    "1899": "allowed is a year from 1900 to 2100",
    "2101-01": "allowed is a year from 1900 to 2100",
    "2017-2012": "a period that ends before it starts",
    "2015/2014": "a period that ends before it starts",
    "2015-01/": "allowed is a period written as",
    "٢٠١٥": "allowed is a period written as",
    "2015-01/2015-02/2015-03": "allowed is a period",
    "20150101": "allowed is a period",
    "9" * 10_000: "allowed is a period",
}


@pytest.mark.parametrize("text", FAULTS)
def test_what_is_no_period_is_refused_in_words(text):
    with pytest.raises(ValueError, match="found") as refused:
        Period.parse(text)
    assert FAULTS[text] in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.integers(0, 2000))
def test_a_span_of_days_reads_back(start, days):
    end = start + timedelta(days)
    period = Period.parse(f"{start}/{end}")
    assert (period.start, period.end, period.days) == (start, end, days + 1)
    assert period == Period(start, end)
    assert hash(period) == hash(Period(start, end))


def test_order_overlap_and_year():
    year, quarter = Period.parse("2015"), Period.parse("2015-Q2")
    assert quarter.within(year)
    assert not year.within(quarter)
    assert year.overlaps(quarter)
    assert not Period.parse("2016").overlaps(year)
    assert sorted([quarter, year]) == [year, quarter]
    assert (year.year, Period.parse("2015-2016").year) == (2015, None)
