"""The Polish counts, from the reference data: skipped where they are not at hand."""

import json
import os
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from smuggling_analysis import ReferenceCounts

PUBLISHED = Path(__file__).parents[2] / "published" / "uncounted"
FITS = json.loads((PUBLISHED / "fits.json").read_text())
DOCUMENTED = json.loads((PUBLISHED / "documented.json").read_text())
ANNUAL = pd.read_csv(PUBLISHED / "annual.csv", index_col="period")
METHODS = {"poisson": "poisson", "nb": "negative-binomial", "nls": "nls", "ols": "ols"}
FORMULAS = {"intercept": {}, "covariates": {"alpha": "year * ukr + sex", "beta": "year"}}


def frame(name, **options):
    folder = Path(os.environ.get("SMUGGLING_REFERENCE_DATA", "../shared/data/datasets"))
    if not (folder / name).is_file():
        pytest.skip(f"no {name} in the reference data: data/raw/poland-2019-2024/source.toml says how to get it")
    return pd.read_csv(folder / name, **options)


@cache
def table():
    return frame("poland_irregular_migration_2019_2024.csv", dtype={"year": str})


def counted(rows):
    return ReferenceCounts.from_table(rows, observed="m_border_guard", auxiliary="n_police", reference="N_insured_zus",
                                      country="country_code", covariates=["year", "sex"])


@cache
def poland():
    return counted(table()).marking("ukr", ["UKR"])


def first_half_of_2018():
    rows = frame("poland_foreigners_2017_2018.csv", dtype={"iso3n_new": str})
    rows = rows[(rows["year"] == 2018) & (rows["half"] == 1)]
    return ReferenceCounts.from_table(rows, observed="border", auxiliary="police", reference="pesel",
                                      country="iso3n_new", covariates=["sex"])
