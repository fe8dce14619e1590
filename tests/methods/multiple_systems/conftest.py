"""Published capture tables and the figures other packages made of them (see tests/published/)."""

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories

PUBLISHED = Path(__file__).parents[2] / "published"


@cache
def read_table(name):
    return CaptureHistories.from_table(pd.read_csv(PUBLISHED / "capture_tables" / f"{name}.csv"))


@pytest.fixture(scope="session")
def capture_table():
    """A published capture table by its name."""
    return read_table


@pytest.fixture(scope="session")
def figures():
    """A package's figures by folder and file name: a DataFrame of a CSV, the content of a JSON."""
    def read(package, name):
        path = PUBLISHED / package / name
        return json.loads(path.read_text()) if path.suffix == ".json" else pd.read_csv(path)
    return read


@pytest.fixture(scope="session")
def covariate_table():
    """A published table of lists x covariates by its name, as a DataFrame; levels are text."""
    def read(name):
        return pd.read_csv(PUBLISHED / "covariate_tables" / f"{name}.csv", dtype={"X1": str, "X2": str})
    return read
