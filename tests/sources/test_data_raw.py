"""The project's own sources. Held to: every file keeps its contract and checksum, nothing is undescribed."""

from __future__ import annotations

from pathlib import Path

import pytest

from smuggling_analysis.sources.load import check_source, load, load_register

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "data/raw").glob("*/source.toml"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_source_is_sound(folder: str) -> None:
    assert [str(problem) for problem in check_source(folder, ROOT)] == []


def test_all_sources_register_together() -> None:
    assert len(load_register(FOLDERS, ROOT)) == len(FOLDERS)


# Persons observed, as each publication states them (see the source.toml beside each file).
OBSERVED = {"uk-2013": 2744, "netherlands-2010-2015": 8234, "new-orleans": 185, "kosovo-1999": 4400}


@pytest.mark.parametrize("folder", OBSERVED)
def test_capture_histories_add_up_to_the_published_number(folder: str) -> None:
    assert load(f"{folder}/capture_histories.csv", root=ROOT).n_observed == OBSERVED[folder]


def test_repeat_counts_are_those_of_van_der_heijden_2003() -> None:
    counts = load("netherlands-1995/repeat_counts.csv", root=ROOT)
    assert counts.frequencies() == {1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}


def test_fees_convert_with_the_rates_at_hand() -> None:
    fees = load("smuggling-fees/fees.csv", root=ROOT)
    real = fees.in_usd(load("exchange-rates/annual_average.csv", root=ROOT),
                       load("us-consumer-prices/annual_average.csv", root=ROOT), 2023)
    assert len(real) == len(fees)
    assert {quote.currency for quote in real} == {"USD"}
