"""The raw data: every source is complete and unchanged, and its totals are the published ones.

Held to: the totals printed in the publications that each test names.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pycountry
import pytest

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.period import Period
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.sources.external import at_hand
from smuggling_analysis.sources.load import check, load_source
from smuggling_analysis.sources.project import find_root

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw"
FOLDERS = sorted(path.parent for path in RAW.glob("*/source.toml"))
FILES = sorted(RAW.glob("*/*.csv"))
TEXTS = {"title", "producer", "citation", "licence", "unit_of_count", "place", "period", "purpose",
         "transcribed_from", "notes"}
CAPACITY = {"person_level", "linkable", "overlaps", "disaggregated_by", "frequency", "questions"}
QUESTIONS = {f"Q{number}" for number in range(1, 11)} | {f"O{number}" for number in range(1, 8)}
# Every reader, and which of its options are words and not the name of a column.
READERS = {"capture_histories": set(), "repeat_counts": set(), "event_series": {"unit", "what"},
           "indicators": {"kind"}, "journeys": set(), "fee_quotes": set(), "annual_rates": {"what"},
           "repeat_records": set(), "reference_counts": {"marks"}}


def name_of(path):
    return str(path.relative_to(RAW))


def source_of(folder):
    return tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))


def rows_of(file):
    with (RAW / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def histories(folder):
    options = source_of(RAW / folder)["files"]["capture_histories.csv"]["options"]
    return CaptureHistories.from_table(pd.read_csv(RAW / folder / "capture_histories.csv"), **options)


def total(file, column, **where):
    rows = [row for row in rows_of(file) if all(row[key] == value for key, value in where.items())]
    return sum(float(row[column]) for row in rows)


# Sources


def kept_here(folder):
    """Return the files that a source describes and that are not kept outside the project."""
    return {name: file for name, file in source_of(folder)["files"].items() if "external" not in file}


def test_every_folder_has_a_source():
    assert {path.parent for path in FILES} <= set(FOLDERS)
    assert len(FOLDERS) == 17


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_source_is_complete(folder):
    source = source_of(folder)
    assert [key for key in TEXTS if not str(source.get(key, "")).strip()] == []
    assert type(source["retrieved"]) is date
    assert type(source["simulated"]) is bool
    assert set(source["capacity"]) == CAPACITY
    assert source["capacity"]["linkable"] in {"yes", "no", "only by the producer"}
    assert set(source["capacity"]["questions"]) <= QUESTIONS
    assert Period.parse(source["period"]).text == source["period"]


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_file_is_declared_and_unchanged(folder):
    declared = kept_here(folder)
    assert set(declared) == {path.name for path in folder.iterdir()} - {"source.toml"}
    for name, file in declared.items():
        assert file["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest(), name
    for file in source_of(folder)["files"].values():
        assert file["reader"] in READERS
        assert file["description"]


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_files_kept_outside_say_how_to_get_them_and_are_what_they_are_said_to_be(folder):
    for name, row in load_source(folder.name).files.items():
        if row.external:
            assert row.obtain and not (folder / name).exists()
            if at_hand(row, find_root()):
                assert check(f"{folder.name}/{name}") == []


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_options_name_columns_of_the_file(folder):
    for name, file in kept_here(folder).items():
        columns = set(rows_of(folder / name)[0])
        for option, named in file["options"].items():
            if option not in READERS[file["reader"]]:
                assert set([named] if isinstance(named, str) else named) <= columns, (name, option)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_files_are_plain(file):
    data = file.read_bytes()
    data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not any(cell != cell.strip() for row in rows for cell in row)
    assert max(Counter(map(tuple, rows)).values()) == 1, "a row is given twice"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_periods_can_be_read(file):
    for row in rows_of(file):
        for column in {"period", "month", "year"} & set(row):
            assert Period.parse(row[column])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_where_originals_differ_each_row_has_its_own(file):
    rows = rows_of(file)
    if "source" in rows[0]:
        assert all(row["source"] for row in rows)
        assert "original per row" in source_of(file.parent)["citation"]


# Capture tables: people observed, and people on two lists or more


@pytest.mark.parametrize(("folder", "observed", "on_several", "cells"), [
    ("uk-2013", 2744, 252, 25),  # Silverman 2014; Bales, Hesketh & Silverman 2015
    ("netherlands-2010-2015", 8234, 432, 24),  # Silverman 2020, Table 2
    ("new-orleans", 185, 13, 19),  # Bales, Murphy & Silverman 2020
    ("kosovo-1999", 4400, 1182, 15),  # Ball et al. 2002
    ("artificial-3", 96, 6, 4),  # Chan, Silverman & Vincent 2021, Table 2
])
def test_capture_tables_add_to_the_published_totals(folder, observed, on_several, cells):
    seen = histories(folder)
    assert seen.n_observed == observed
    assert int(seen.counts[:, seen.patterns.sum(axis=1) > 1].sum()) == on_several
    assert len(seen.patterns) == cells


@pytest.mark.parametrize(("folder", "sizes"), [
    ("uk-2013", {"LA": 94, "NG": 567, "PF": 1102, "GO": 807, "GP": 336, "NCA": 102}),
    ("netherlands-2010-2015", {"I": 398, "K": 1348, "O": 536, "P": 4812, "R": 742, "Z": 848}),
    ("new-orleans", {"A": 31, "B": 6, "C": 75, "D": 39, "E": 12, "F": 7, "G": 8, "H": 22}),
    ("kosovo-1999", {"EXH": 1910, "ABA": 1528, "OSCE": 1786, "HRW": 685}),
    ("artificial-3", {"A": 46, "B": 36, "C": 20}),
])
def test_lists_have_the_sizes_noted_when_they_were_transcribed(folder, sizes):
    file = f"{folder}/capture_histories.csv"
    assert {name: int(total(file, "count", **{name: "1"})) for name in sizes} == sizes
    assert list(source_of(RAW / folder)["lists"]) == list(sizes)


def test_uk_overlaps_of_two_lists():
    # The table of overlaps of the United Kingdom, 2013: persons on exactly those two lists.
    seen = histories("uk-2013")
    table = {tuple(seen.lists[place] for place in pattern.nonzero()[0]): int(count)
             for pattern, count in zip(seen.patterns, seen.counts[0], strict=True)}
    assert {pair: table.get(pair, 0) for pair in [("LA", "NG"), ("LA", "PF"), ("NG", "PF"), ("PF", "GO"),
                                                  ("PF", "NCA"), ("LA", "GP"), ("LA", "NCA")]} == {
        ("LA", "NG"): 15, ("LA", "PF"): 19, ("NG", "PF"): 56, ("PF", "GO"): 69, ("PF", "NCA"): 31,
        ("LA", "GP"): 0, ("LA", "NCA"): 0}
    assert table["LA", "NG", "PF", "GO"] == 1


def test_only_the_artificial_table_is_simulated():
    assert [folder.name for folder in FOLDERS if source_of(folder)["simulated"]] == ["artificial-3"]


def test_dutch_repeat_apprehensions():
    # van der Heijden et al. 2003: 1,880 persons, by number of apprehensions and by covariate.
    options = source_of(RAW / "netherlands-1995")["files"]["repeat_counts.csv"]["options"]
    counts = RepeatCounts.from_table(pd.read_csv(RAW / "netherlands-1995/repeat_counts.csv"), **options)
    assert counts.n_observed == 1880
    assert counts.frequencies() == {1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}
    by = {name: {label[0]: own.n_observed for label, own in counts.by(name)} for name in counts.covariates}
    assert by["gender"] == {"female": 398, "male": 1482}
    assert by["age"] == {"<40yrs": 1769, ">40yrs": 111}
    assert by["nation"] == {"American and Australia": 173, "Asia": 284, "North Africa": 1023,
                            "Rest of Africa": 243, "Surinam": 64, "Turkey": 93}
    assert by["reason"] == {"Illegal stay": 259, "Other reason": 1621}


# Deaths and the sea


def test_deaths_add_up_and_say_which_years_are_complete():
    rows = rows_of("missing-migrants-regions/deaths_by_region_year.csv")
    assert all(int(row["dead"]) + int(row["missing"]) == int(row["dead_and_missing"]) for row in rows)
    assert {row["year"] for row in rows if row["complete_year"] == "no"} == {"2024", "2025"}
    assert len({(row["region"], row["year"]) for row in rows}) == len(rows) == 163


def test_deaths_agree_with_figures_the_project_published():
    # IOM's Asia-Pacific totals: 1,183 in 2022; at least 1,568 in 2023 (revised upwards since).
    asia = ("South-eastern Asia", "Southern Asia", "Eastern Asia")
    file = "missing-migrants-regions/deaths_by_region_year.csv"
    in_year = {year: sum(total(file, "dead_and_missing", region=region, year=year) for region in asia)
               for year in ("2022", "2023")}
    assert in_year["2022"] == 1183
    assert 1568 <= in_year["2023"] < 1600


def test_the_contradiction_at_sea_is_kept():
    # UNHCR: briefings of 17 January 2023 and 23 January 2024 against the dashboard for both years.
    dead = {row["period"]: float(row["value"]) for row in rows_of("unhcr-andaman-sea/movements.csv")
            if row["indicator"] == "dead_or_missing" and row["place"] == "Bay of Bengal/Andaman Sea"}
    assert (dead["2022"], dead["2023"], dead["2022-01/2023-12"]) == (348, 569, 573)
    dashboard = {row["indicator"]: float(row["value"]) for row in rows_of("unhcr-andaman-sea/movements.csv")
                 if row["period"] == "2022-01/2023-12"}
    assert dashboard["departures"] == (dashboard["disembarked"] + dashboard["dead_or_missing"]
                                       + dashboard["status_unknown"]) == 7117


# Flows, fees, values, facts


def test_poipet_returns_add_up():
    # Mekong Migration Network 2015: each month's total is printed beside its parts.
    rows = rows_of("thailand-cambodia/poipet_returns_2015.csv")
    parts: dict[str, int] = {}
    for row in rows:
        parts[row["month"]] = parts.get(row["month"], 0) + int(row["persons"])
    assert parts == {row["month"]: int(row["month_total"]) for row in rows}
    assert len(parts) == 11 and len(rows) == 44


def test_flows_use_country_codes_or_declared_aggregates():
    aggregates = source_of(RAW / "thailand-cambodia")["aggregates"]
    rows = rows_of("thailand-cambodia/flows.csv")
    codes = {row[side] for row in rows for side in ("origin", "destination")}
    assert codes - set(aggregates) == {"KHM", "LAO", "MMR", "THA"}
    members = {code for group in aggregates.values() for code in group["members"]}
    assert all(pycountry.countries.get(alpha_3=code) for code in members | codes - set(aggregates))


def test_flows_hold_both_sides_of_the_cambodian_contradiction():
    # UNODC 2015, p. 57: 124,761 entered irregularly in 2009; 55,000 smuggled a year.
    entered = total("thailand-cambodia/flows.csv", "value", origin="KHM", indicator="entered_irregularly")
    published = {row["id"]: row for row in rows_of("published-hidden-populations/estimates.csv")}
    assert entered == 124761
    assert published["khmsmug"]["estimate"] == "55000"


def test_fees_are_classified_and_convertible():
    rates = {(row["currency"], row["year"]) for row in rows_of("exchange-rates/annual_average.csv")}
    prices = {row["year"] for row in rows_of("us-consumer-prices/annual_average.csv")}
    rows = rows_of("smuggling-fees/fees.csv")
    assert len(rows) == 33
    for row in rows:
        assert row["low"] or row["high"], row["id"]
        assert not (row["low"] and row["high"]) or float(row["low"]) <= float(row["high"])
        assert row["currency"] == "USD" or (row["currency"], row["year"]) in rates, row["id"]
        assert {row["year"], row["price_year"]} <= prices
    assert [row["id"] for row in rows if row["year"] != row["price_year"]] == ["fee28"]
    assert Counter(row["kind"] for row in rows) == {
        "fee": 27, "ransom": 2, "received by driver": 2, "received by operator": 1,
        "fee, same quote in another currency": 1}


def test_published_estimates():
    rows = {row["id"]: row for row in rows_of("published-hidden-populations/estimates.csv")}
    assert len(rows) == 34
    assert [rows["nld95"][key] for key in ("observed", "estimate", "lower", "upper")] == [
        "1880", "12690.35", "7186.449", "18194.25"]
    assert [rows["uk13"][key] for key in ("observed", "lower", "upper")] == ["2744", "10000", "13000"]
    for row in rows.values():
        numbers = [float(row[key]) for key in ("lower", "estimate", "upper") if row[key]]
        assert numbers, row["id"]
        assert numbers == sorted(numbers), row["id"]


def test_market_values_and_facts():
    values = {(row["place"], row["currency"]): row for row in rows_of("market-values/market_values.csv")
              if row["market"] == "migrant smuggling"}
    assert values["Greater Mekong Subregion to Thailand", "USD"]["value"] == "192000000"  # UNODC 2013
    facts = {row["indicator"]: float(row["value"]) for row in rows_of("survey-facts/facts.csv")
             if row["place"] == "Indonesia/Malaysia/Thailand"}
    assert facts["survey respondents (UNODC/MMC)"] == 4785  # UNODC 2024
    assert facts["respondents smuggled"] == 0.83
    networks = [float(row["value"]) for row in rows_of("survey-facts/recorded_facts.csv")
                if row["indicator"].startswith("networks")]
    assert sum(networks) == pytest.approx(1)  # Europol 2016


# Rates


def test_exchange_rates_are_those_of_the_federal_reserve():
    # Releases G.5A of 4 January 2016 (to 2015), 1 November 2021 (2017 to 2020), 1 February 2024 (to 2023).
    # GBP and EUR are published in USD per unit; four decimals of the inverse are compared.
    rate = {(row["currency"], row["year"]): float(row["local_per_usd"])
            for row in rows_of("exchange-rates/annual_average.csv")}
    assert len(rate) == 4 * 13
    assert (rate["MYR", "2015"], rate["MYR", "2023"]) == (3.9041, 4.5577)
    assert (rate["THB", "2022"], rate["THB", "2023"]) == (35.05, 34.7841)
    assert rate["THB", "2014"] == pytest.approx(32.461, abs=0.001)
    for key, usd in {("GBP", "2015"): 1.5284, ("GBP", "2017"): 1.2890, ("GBP", "2019"): 1.2768,
                     ("GBP", "2023"): 1.2440, ("EUR", "2015"): 1.1096, ("EUR", "2023"): 1.0817}.items():
        assert rate[key] == pytest.approx(1 / usd, abs=0.00005)


def test_consumer_prices_are_those_of_the_bureau_of_labor_statistics():
    # CUUR0000SA0, annual averages. Three decimals since 2007, one before.
    rows = rows_of("us-consumer-prices/annual_average.csv")
    index = {int(row["year"]): float(row["index"]) for row in rows}
    assert sorted(index) == list(range(1990, 2025))
    assert [index[year] for year in (1990, 2000, 2007, 2015, 2019, 2023, 2024)] == [
        130.7, 172.2, 207.342, 237.017, 255.657, 304.702, 313.689]
    assert all(0.99 < index[year + 1] / index[year] < 1.09 for year in range(1990, 2024))


# Assessments name what is there


ASSESSMENTS = sorted(path.stem for path in (ROOT / "notebooks/assessments").glob("*.toml"))


def each_year(name):
    """Return a definition, and what it has for single years."""
    definition = tomllib.loads((ROOT / f"notebooks/assessments/{name}.toml").read_text(encoding="utf-8"))
    return [definition, *definition.get("year", {}).values()]


def files_of(evidence):
    """Return the file of a role and the one that stands in for it."""
    return [evidence, *([evidence["otherwise"]] if "otherwise" in evidence else [])]


@pytest.mark.parametrize("name", ASSESSMENTS)
def test_assessments_select_rows_that_exist(name):
    asked = [(role, file) for part in each_year(name) for role, evidence in part.get("evidence", {}).items()
             for file in files_of(evidence)]
    assert asked
    for role, file in asked:
        folder, _, kept = file["file"].partition("/")
        if kept not in kept_here(RAW / folder):
            assert kept in source_of(RAW / folder)["files"], role
            continue
        rows = rows_of(file["file"])
        for column, wanted in file.get("where", {}).items():
            wanted = wanted if isinstance(wanted, list) else [wanted]
            assert set(wanted) <= {row[column] for row in rows}, (role, column)
            rows = [row for row in rows if row[column] in wanted]
        assert rows, role


@pytest.mark.parametrize("name", ASSESSMENTS)
def test_judgements_have_reasons_and_ordered_ends(name):
    judgements = [pair for part in each_year(name) for pair in part.get("judgement", {}).items()]
    assert judgements
    for key, judgement in judgements:
        assert judgement["reason"], key
        if "low" in judgement:
            assert judgement["source"], key
            assert judgement["low"] <= judgement["value"] <= judgement["high"], key
            assert judgement["unit"], key
