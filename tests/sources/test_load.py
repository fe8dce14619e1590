"""Loading a file: every bad input by its message, and the evidence that good input makes.

Held to: issue "bad input": file relative to the project, row, column, found, allowed, remedy.
"""

from __future__ import annotations

import hashlib

import pytest

from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.evidence.fee_quotes import FeeQuotes
from smuggling_analysis.evidence.journeys import Journeys
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems import loglinear_suppressed
from smuggling_analysis.problems import BadInput
from smuggling_analysis.sources.load import check, load

TABLE = "data/raw/police/table.csv"
SERIES = {"what": "deaths", "unit": "deaths"}
JOURNEYS = "origin,destination,point,period,indicator,value,low,high,unit,source\n"
FEES = "origin,destination,service,year,low,high,currency,payer,source\n"

BAD = {
    "missing column": (
        b"police,count\n1,60\n",
        "capture_histories",
        None,
        'column "ngo": the column is missing; the columns found are police, count; add it, or name the '
        "column that holds it",
    ),
    "negative count": (
        b"police,ngo,count\n1,0,-3\n",
        "capture_histories",
        None,
        "row 2, column \"count\": found '-3', the smallest count allowed is 0; give a whole number of 0 "
        "or more",
    ),
    "fractional count": (
        b"police,ngo,count\n1,0,2.5\n",
        "capture_histories",
        None,
        "row 2, column \"count\": found '2.5', a fraction of a person; give a whole number",
    ),
    "thousands": (
        b'police,ngo,count\n1,0,"1,234"\n',
        "capture_histories",
        None,
        "found '1,234', which has thousands separators (write 1234); give a whole number of 0 or more",
    ),
    "no number": (
        b"police,ngo,count\n1,0,many\n",
        "capture_histories",
        None,
        "found 'many', which is not a number",
    ),
    "word for missing": (
        b"police,ngo,count\n1,0,nan\n",
        "capture_histories",
        None,
        "found 'nan', a word for a number that is missing",
    ),
    "infinite": (
        b"police,ngo,count\n1,0,inf\n",
        "capture_histories",
        None,
        "found 'inf', which is not finite",
    ),
    "overflow": (
        b"police,ngo,count\n1,0,1e400\n",
        "capture_histories",
        None,
        "found '1e400', which is too large for a number",
    ),
    "absurd count": (
        b"police,ngo,count\n1,0,1e15\n",
        "capture_histories",
        None,
        "found '1e15', the largest count allowed is 1,000,000,000,000",
    ),
    "empty count": (
        b"police,ngo,count\n1,0,\n",
        "capture_histories",
        None,
        'row 2, column "count": found nothing, a number is needed; give a whole number of 0 or more',
    ),
    "not 0 or 1": (
        b"police,ngo,count\n1,x,4\n",
        "capture_histories",
        None,
        "row 2, column \"ngo\": found 'x', allowed are 0 and 1; write 1 where the person is on the list, 0 "
        "where not",
    ),
    "history on no list": (
        b"police,ngo,count\n1,0,4\n0,0,7\n",
        "capture_histories",
        None,
        "row 3: a history on no list: people on no list cannot have been counted; remove the row, or "
        "correct the lists",
    ),
    "duplicate history": (
        b"police,ngo,count\n1,0,4\n0,1,7\n1,0,5\n",
        "capture_histories",
        None,
        "row 4: the same history as row 2; add the two counts, or remove one row",
    ),
    "nobody": (
        b"police,ngo,count\n1,0,0\n",
        "capture_histories",
        None,
        "nobody is on any list; check that the counts were read from the right column",
    ),
    "hostile cell": (b"police,ngo,count\n1,0," + b"9" * 5000 + b"\n", "capture_histories", None, "9…"),
    "duplicate pattern": (
        b"times,persons\n1,5\n1,6\n",
        "repeat_counts",
        {},
        "row 3: the same pattern and times seen as row 2; add the two counts, or remove one row",
    ),
    "seen no times": (
        b"times,persons\n0,5\n",
        "repeat_counts",
        {},
        "row 2, column \"times\": found '0', the smallest count allowed is 1",
    ),
    "period before 1900": (
        b"place,period,count\nA,1899,1\n",
        "event_series",
        SERIES,
        "row 2, column \"period\": found '1899', allowed is a year from 1900 to 2100",
    ),
    "period after retrieval": (
        b"place,period,count\nA,2025,1\n",
        "event_series",
        SERIES,
        "row 2, column \"period\": found '2025', which is later than 2024-06-30, when the source was "
        "retrieved; correct the date, or the day of retrieval in source.toml",
    ),
    "month after retrieval": (
        b"place,period,count\nA,2024-07,1\n",
        "event_series",
        SERIES,
        "found '2024-07', which is later than 2024-06-30",
    ),
    "malformed month": (
        b"place,period,count\nA,2015-13,1\n",
        "event_series",
        SERIES,
        "found '2015-13', a month is 01 to 12; correct the period",
    ),
    "malformed period": (
        b"place,period,count\nA,14.6.2015,1\n",
        "event_series",
        SERIES,
        "found '14.6.2015', allowed is a period written as 2015, 2015-06, 2015-06-30, 2015-Q1, 2015-H1, "
        "2012-2017 or 2014-10/2015-03",
    ),
    "unknown country code": (
        (JOURNEYS + "KH,THA,,2015,deported,5,,,persons,A\n").encode(),
        "journeys",
        {},
        "row 2, column \"origin\": found 'KH', allowed are ISO 3166-1 alpha-3 country codes and the "
        "aggregates that source.toml declares; did you mean KHM? correct the code, or declare the "
        "aggregate",
    ),
    "country by name": (
        (JOURNEYS + "KHM,Thailand,,2015,deported,5,,,persons,A\n").encode(),
        "journeys",
        {},
        "column \"destination\": found 'Thailand', allowed are ISO 3166-1 alpha-3 country codes and the "
        "aggregates that source.toml declares; did you mean THA?",
    ),
    "negative flow": (
        (JOURNEYS + "KHM,THA,,2015,deported,-5,,,persons,A\n").encode(),
        "journeys",
        {},
        "column \"value\": found '-5', allowed is a number of 0 or more; give a number of 0 or more, or "
        "leave the cell empty where none was published",
    ),
    "no figure": (
        (JOURNEYS + "KHM,THA,,2015,deported,,,,persons,A\n").encode(),
        "journeys",
        {},
        'row 2, column "value": found no figure; give one, or remove the row',
    ),
    "unknown currency": (
        (FEES + "A,B,sea,2015,1,2,baht,migrant,S\n").encode(),
        "fee_quotes",
        {},
        "row 2, column \"currency\": found 'baht', allowed are ISO 4217 currency codes; write the code, as "
        "in USD, THB or MYR",
    ),
    "range upside down": (
        (FEES + "A,B,sea,2015,5,2,USD,migrant,S\n").encode(),
        "fee_quotes",
        {},
        'row 2, column "low": the lower figure 5 lies above the upper 2; exchange the two, or correct',
    ),
    "no source": (
        (FEES + "A,B,sea,2015,1,2,USD,migrant,\n").encode(),
        "fee_quotes",
        {},
        'row 2, column "source": found nothing, a text is needed; fill the cell',
    ),
    "year after retrieval": (
        b"key,year,value\nTHB,2025,35\n",
        "annual_rates",
        {},
        "row 2, column \"year\": found '2025', which is later than 2024-06-30",
    ),
    "rate of nothing": (
        b"key,year,value\nTHB,2015,0\n",
        "annual_rates",
        {},
        "column \"value\": found '0', allowed is a",
    ),
    "year in words": (
        b"key,year,value\nTHB,15,3\n",
        "annual_rates",
        {},
        "found '15', allowed is a year from 1900 to 2100; write the year in four digits",
    ),
    "unknown kind": (
        b"place,period,what,unit,value\nA,2015,x,persons,4\n",
        "indicators",
        {"kind": "guess"},
        "the option kind is 'guess', allowed are recorded, published estimate, survey share",
    ),
    "missing word": (
        b"place,period,count\nA,2015,1\n",
        "event_series",
        {},
        "the option what is missing in source.toml",
    ),
    "unknown option": (
        b"place,period,count\nA,2015,1\n",
        "event_series",
        SERIES | {"plase": "place"},
        "the reader event_series has no option 'plase'; did you mean place? the options are place, period",
    ),
    "option of another kind": (
        b"police,ngo,count\n1,0,3\n",
        "capture_histories",
        {"lists": "police"},
        "the option lists is 'police', allowed is a list of columns",
    ),
    "list named as count": (
        b"police,ngo,count\n1,0,3\n",
        "capture_histories",
        {"lists": ["police", "count"]},
        "the column 'count' is named twice in the options; name it once",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_place_fact_limit_and_remedy(project, case: str) -> None:
    content, reader, options, message = BAD[case]
    path = project.add(content, reader=reader, options=options)
    with pytest.raises(BadInput) as refused:
        load(path, root=project.root)
    said = str(refused.value)
    assert said.startswith(TABLE) or "nobody" in said
    assert message in said, said
    assert str(project.root) not in said
    assert len(said) < 500


def test_every_problem_of_a_file_is_said_at_once_in_the_order_of_its_rows(project) -> None:
    rows = [
        "KHM,THA,,2015,deported,-5,,,persons,A",
        "KHM,THA,,2015,deported,6,,,persons,A",
        "KHX,THA,,2015-13,x,,,,persons,A",
        "KHM,THA,,2016,deported,7,,,persons,A",
        "KHM,THA,,2016,deported,8,,,persons,A",
        "KHM,THA,,2026,deported,nan,,,,A",
    ]
    path = project.add((JOURNEYS + "\n".join(rows)).encode(), reader="journeys", sha256="0" * 64)
    problems = check(path, project.root)
    assert "the file has changed" in problems[0].fact
    # Of a row that breaks its contract the evidence is not asked further; every other row is.
    assert [problem.row for problem in problems] == [None, 2, 4, 6, 7]
    assert "the same flow, period and source as row 5" in problems[3].fact


def test_columns_are_named_as_the_file_names_them(project) -> None:
    content = b"from,to,service,when,low,high,money,payer,source\n,B,sea,15,x,2,THB,migrant,S\n"
    path = project.add(content, reader="fee_quotes",
                       options={"origin": "from", "destination": "to", "year": "when", "currency": "money"})
    assert [problem.column for problem in check(path, project.root)] == ["from", "when", "low"]
    path = project.add(content, reader="fee_quotes", options={"origin": "frm"})
    assert check(path, project.root)[0].column == "frm"


def test_a_changed_file_is_refused_with_both_checksums(project) -> None:
    path = project.add(sha256="0" * 64)
    found = hashlib.sha256((project.root / TABLE).read_bytes()).hexdigest()
    said = str(check(path, project.root)[0])
    assert said == (
        f"{TABLE}: the file has changed: its SHA-256 is {found}, its source.toml says {'0' * 64}; restore "
        "the file as received; if the change is meant, say why in the notes of source.toml and put the new "
        "SHA-256 there"
    )


def test_an_absent_file_is_refused_with_what_is_there(project) -> None:
    path = project.add()
    assert str(check("police/tabel.csv", project.root)[0]) == (
        "data/raw/police/source.toml: the source police describes no file 'tabel.csv'; did you mean "
        "table.csv? its files are table.csv"
    )
    assert "the source police describes no file ''" in str(check("police", project.root)[0])
    (project.root / TABLE).rename(project.root / "data/raw/police/other.csv")
    assert str(check(path, project.root)[0]) == (
        f"{TABLE}: source.toml describes the file, but it is not there; put it there; the folder holds "
        "other.csv"
    )
    assert "did you mean police?" in str(check("polise/table.csv", project.root)[0])


def test_a_two_gigabyte_file_of_a_source_is_refused_unread(project) -> None:
    path = project.add()
    with (project.root / TABLE).open("wb") as stream:
        stream.truncate(2**31)
    assert str(check(path, project.root)[0]).startswith(
        f"{TABLE}: the file has 2,147,483,648 bytes, the most allowed"
    )


def test_histories_with_strata_and_windows_line_ends(project) -> None:
    path = project.add(b"\xef\xbb\xbfpolice,ngo,sex,n\r\n1,0,f,3\r\n1,0,m,4\r\n0,1,f,5\r\n", simulated=True,
                       options={"lists": ["police", "ngo"], "count": "n", "strata": ["sex"]})
    histories = load(path, root=project.root)
    assert histories.strata == (("f",), ("m",))
    assert histories.n_observed == 12
    assert histories.simulated


def test_strata_that_some_lists_do_not_record_are_named_in_the_options(project) -> None:
    content = b"police,ngo,age,count\n1,0,,60\n0,1,old,40\n1,1,old,12\n"
    options = {"lists": ["police", "ngo"], "strata": ["age"], "partly_recorded": ["age"]}
    histories = load(project.add(content, options=options), root=project.root)
    assert histories.partly_recorded == ("age",)
    assert histories.n_not_recorded == 60
    del options["partly_recorded"]
    with pytest.raises(BadInput, match="found nothing, a text is needed; fill the cell, or name the column"):
        load(project.add(content, options=options), root=project.root)


def test_a_table_with_suppressed_counts_becomes_ranges(project) -> None:
    content = b"police,ngo,court,n\n1,0,0,60\n0,1,0,40\n0,0,1,30\n1,1,0,<5\n1,0,1,*\n"
    options = {"lists": ["police", "ngo", "court"], "count": "n", "may_be_zero": False, "marker": {"*": [0, 9]},
               "left_out": [0, 4], "totals": {"police": 70, "everybody": 144}}
    path = project.add(content, reader="censored_histories", options=options, simulated=True)
    found = load(path, root=project.root)
    assert isinstance(found, CensoredHistories)
    assert found.simulated
    assert dict(found.totals) == options["totals"]
    bounds = found.bounds().set_index(["police", "ngo", "court"])
    assert bounds.loc[(True, True, False)].tolist() == [1, 4]
    assert bounds.loc[(True, False, True)].tolist() == [0, 9]
    assert bounds.loc[(True, True, True)].tolist() == [0, 4]
    assert loglinear_suppressed(found, selection=None).observed == 144


@pytest.mark.parametrize(("options", "message"), [
    ({"may_be_zero": "no"}, "the option may_be_zero is 'no', allowed is true or false"),
    ({"marker": {"*": 4}}, "the option marker is {'*': 4}, allowed is signs and the range each stands for"),
    ({"marker": {"*": [4, 1]}}, "the range of * is (4, 1); give two whole numbers, the lower one first"),
    ({"left_out": [0]}, "the option left_out is [0], allowed is the range of histories without a row"),
    ({"totals": {"police": "62"}}, "the option totals is {'police': '62'}, allowed is numbers by list"),
    ({"totals": {"polise": 62}}, "a total is given for polise, which is not among the lists police, ngo"),
    ({"totals": {"police": 99}}, "the total of police is 99, but its histories add up to 61 to 64"),
    ({}, "row 4, column \"count\": found '<5', which may or may not stand for nobody"),
    ({"strata": ["sex"]}, "the reader censored_histories has no option 'strata'"),
])
def test_options_of_suppressed_counts_are_checked(project, options, message) -> None:
    told = {"lists": ["police", "ngo"]} | ({"may_be_zero": False} if options else {}) | options
    path = project.add(b"police,ngo,count\n1,0,60\n0,1,40\n1,1,<5\n", reader="censored_histories", options=told)
    with pytest.raises(BadInput) as refused:
        load(path, root=project.root)
    assert message in str(refused.value)


def test_a_filter_keeps_rows_by_the_files_or_the_readers_names(project) -> None:
    content = b"region,year,dead\nAsia,2014,5\nAfrica,2014,6\nAsia,2015,7\n"
    path = project.add(content, reader="event_series",
                       options={"place": "region", "period": "year", "count": "dead", "what": "deaths"})
    assert load(path, root=project.root, where={"region": "Asia"}).total == 12
    assert load(path, root=project.root, where={"place": ["Asia", "Africa"], "year": 2014}).total == 11
    wrong = check(path, project.root, where={"region": "Asja"})[0]
    assert str(wrong) == (
        f"{TABLE}, column \"region\": no row has 'Asja', which the definition asks for; did you mean "
        "Asia? the values there are 'Asia', 'Africa'"
    )
    assert "the column is missing" in str(check(path, project.root, where={"continent": "Asia"})[0])
    none = check(path, project.root, where={"region": "Africa", "year": "2015"})[0]
    assert "no row is left of 3 by the definition's filter on region, year; widen the filter" in str(none)


def test_repeated_rows_outside_the_filter_do_no_harm(project) -> None:
    content = b"dataset,times,persons\na,1,5\na,2,1\nb,1,7\nb,2,2\n"
    path = project.add(content, reader="repeat_counts", options={})
    assert "the same pattern" in str(check(path, project.root)[0])
    assert load(path, root=project.root, where={"dataset": "b"}) == RepeatCounts.from_frequencies(
        {1: 7, 2: 2}
    )


def test_numbers_among_covariates_stay_numbers(project) -> None:
    path = project.add(b"times,persons,sex,age\n1,5,f,20\n2,1,m,31.5\n", reader="repeat_counts",
                       options={"covariates": ["sex"], "numbers": ["age"]})
    assert load(path, root=project.root).patterns == (("f", 20.0), ("m", 31.5))


def test_declared_aggregates_count_as_countries(project) -> None:
    content = (JOURNEYS + "CLM,THA,,2013,smuggled,,100,200,persons,A\n").encode()
    path = project.add(
        content, reader="journeys", more='[aggregates.CLM]\nname = "Cambodia, Lao PDR and Myanmar"\n'
    )
    journeys = load(path, root=project.root)
    assert isinstance(journeys, Journeys)
    assert journeys.rows[0].high == 200
    path = project.add(
        content.replace(b"CLM", b"CLX"), reader="journeys", more='[aggregates.CLM]\nname = "Three"\n'
    )
    assert "declares (CLM)" in str(check(path, project.root)[0])


def test_indicators_take_the_citation_where_no_column_names_the_source(project) -> None:
    path = project.add(b"place,period,what,unit,low,high\nA,2015,x,persons,4,9\n", reader="indicators",
                       options={"kind": "recorded"}, simulated=True)
    (indicator,) = load(path, root=project.root)
    assert (indicator.value, indicator.low, indicator.high) == (None, 4.0, 9.0)
    assert indicator.source == "Police (2023), Yearbook."
    assert indicator.simulated


def test_fees_and_rates_meet(project) -> None:
    fees = load(project.add((FEES + "A,B,sea,2015,,60000,THB,migrant,S\n").encode(), reader="fee_quotes"),
                root=project.root)
    rates = load(
        project.add(b"key,year,value\nTHB,2015,30\n", reader="annual_rates", folder="rates"),
        root=project.root,
    )
    assert isinstance(fees, FeeQuotes)
    assert isinstance(rates, AnnualRates)
    prices = AnnualRates((("CPI", 2015, 100.0), ("CPI", 2023, 125.0)))
    assert fees.in_usd(rates, prices, 2023).quotes[0].high == pytest.approx(2500, rel=1e-12)


@pytest.mark.parametrize(
    "junk",
    [b"\xff" * 300, b"\x00" * 300, b'"', b",", b"\n\n\n", b"a", b"[" * 9999, b"a,b\n" + b'""""""",\n' * 3],
)
def test_nothing_in_a_file_ends_in_anything_but_a_refusal(project, junk: bytes) -> None:
    path = project.add(junk)
    assert check(path, project.root)


def test_every_problem_of_a_file_names_the_file(project) -> None:
    path = project.add(options={"count": "count"})
    assert str(check(path, project.root)[0]).startswith("data/raw/police/table.csv: no list is named")
