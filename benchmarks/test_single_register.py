"""Speed of the single-register methods, warm: patterns are fitted, not persons."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS

DUTCH = Path(__file__).parents[1] / "tests" / "published" / "singleRcapture" / "netherlands_1995.csv"
NAMES = ["chao", "zelterman", "truncated_count"]


@pytest.fixture(scope="module")
def counts() -> RepeatCounts:
    return RepeatCounts.from_table(pd.read_csv(DUTCH), covariates=["gender", "age", "nation", "reason"])


@pytest.mark.parametrize("formula", [None, "gender + age + nation"])
@pytest.mark.parametrize("name", NAMES)
def test_speed_on_the_dutch_register(benchmark, counts, name, formula):
    benchmark(METHODS[name], counts, formula=formula)


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_times_the_people_take_no_longer(benchmark, counts, name):
    table = counts.table()
    larger = RepeatCounts.from_table(table.assign(n_persons=1000 * table["n_persons"]),
                                     covariates=counts.covariates)
    benchmark(METHODS[name], larger, formula="gender + age + nation")
