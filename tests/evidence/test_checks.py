"""Checks of columns: held to what a published table may hold, whatever pandas would make of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.evidence.cells import fault_of_number
from smuggling_analysis.evidence.checks import (
    counts_of,
    figures_of,
    indicators_of,
    numbers_of,
    require_columns,
    texts_of,
    whole_numbers,
    years_of,
)
from smuggling_analysis.problems import BadInput


def column(*values, dtype=object):
    return pd.DataFrame({"n": pd.Series(list(values), dtype=dtype)})


FAULTS = {
    "1,234": "which has thousands separators (write 1234)",
    "-1 234.5": "which has thousands separators (write -1234.5)",
    "1'234'567": "which has thousands separators (write 1234567)",
    "3,14": "which has a decimal comma (write 3.14)",
    "12 %": "which is a percentage (write it as a share: 0.12 for 12 %)",
    "nan": "a word for a number that is missing",
    "N/A": "a word for a number that is missing",
    "-inf": "which is not finite",
    "1e400": "which is too large for a number",
    "": "a number is needed",
    "1_000": "which is not a number",
    "0x10": "which is not a number",
    "١٢": "which is not a number",
    "12 persons": "which is not a number",
}


@pytest.mark.parametrize("text", FAULTS)
def test_why_a_text_is_no_number(text):
    assert fault_of_number(text) == FAULTS[text]
    values, problems = numbers_of(column(text), "n")
    assert np.isnan(values).all()
    assert len(problems) == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_python_writes_is_read_back(number):
    values, problems = numbers_of(column(repr(number)), "n")
    assert values[0] == number
    assert problems == []


@pytest.mark.parametrize(
    "frame",
    [
        column("3", " 4 ", "5.0"),
        column(3, 4.0, np.int64(5)),
        column(3, 4, 5, dtype="int64"),
        column(3, 4, 5, dtype="Int64"),
        column(3, 4, 5, dtype=float),
        column(3, 4, 5, dtype="int8"),
    ],
)
def test_counts_are_read_whatever_their_type(frame):
    values, problems = counts_of(frame, "n")
    assert values.tolist() == [3, 4, 5]
    assert values.dtype == np.int64
    assert problems == []


@pytest.mark.parametrize(
    "value", [-1, "-1", 0.5, None, np.nan, pd.NA, True, "x", 10**13, "1e999", object(), [1], 10**400]
)
def test_what_is_no_count_is_named_by_row(value):
    frame = pd.DataFrame({"n": pd.Series([1, value], dtype=object, index=[2, 3])})
    values, problems = counts_of(frame, "n", "file.csv")
    assert values.tolist() == [1, 0]
    assert [(problem.row, problem.column, problem.file) for problem in problems] == [(3, "n", "file.csv")]


def test_ones_and_noughts_may_be_truths():
    frame = pd.DataFrame({"a": [True, False], "b": ["1", "0"], "c": [1.0, 0.0]})
    values, problems = indicators_of(frame, ["a", "b", "c"])
    assert values.tolist() == [[True] * 3, [False] * 3]
    assert problems == []
    _, problems = indicators_of(pd.DataFrame({"a": ["yes", 2]}), ["a"])
    assert [problem.fact for problem in problems] == [
        "found 'yes', allowed are 0 and 1",
        "found 2, allowed are 0 and 1",
    ]


def test_optional_cells_may_be_empty_and_limits_hold():
    values, problems = numbers_of(column("", "2", "7"), "n", optional=True, least=0, most=5)
    assert values[1] == 2
    assert np.isnan(values[[0, 2]]).all()
    assert [str(problem) for problem in problems] == [
        "row 2, column \"n\": found '7', allowed is a number from 0 to 5; give a number from 0 to 5, or "
        "leave the cell empty where none was published"
    ]


def test_years_are_four_digits():
    values, problems = years_of(column("2015", 2016.0, "2015.5", 1899, 20015), "n")
    assert values.tolist() == [2015, 2016, 0, 0, 0]
    assert len(problems) == 3


def test_texts_lose_spaces_and_whole_numbers_their_point():
    assert texts_of(column(" a ", 2015.0, None), "n", optional=True) == (["a", "2015", ""], [])
    assert len(texts_of(column(None), "n")[1]) == 1


def test_figures_lie_in_their_order():
    frame = pd.DataFrame({"low": [1, 5, "", "", 1], "value": [1.5, "", "", 10, ""], "high": [2, 4, "", 9, 2]},
                         index=[2, 3, 4, 5, 6], dtype=object)
    figures, problems = figures_of(frame, ["value", "low", "high"])
    assert figures["low"] == [1.0, 5.0, None, None, 1.0]
    assert [(problem.row, problem.column, problem.fact) for problem in problems] == [
        (3, "low", "the lower figure 5 lies above the upper 4"), (4, "value", "found no figure"),
        (5, "value", "the figure 10 lies outside its range up to 9")]


def test_columns_are_required_once_each():
    with pytest.raises(BadInput, match=r'column "b": the column is missing; the columns found are n; add it'):
        require_columns(column(1), ["n", "b"])
    with pytest.raises(
        BadInput, match='column "n": two columns have this name; give every column its own name'
    ):
        require_columns(pd.DataFrame([[1, 2]], columns=["n", "n"]), ["n"])
    with pytest.raises(BadInput, match="there is no row of data; send the table with its rows"):
        require_columns(pd.DataFrame({"n": []}), ["n"])
    with pytest.raises(BadInput) as refused:
        require_columns(
            pd.DataFrame([[1] * 500], columns=["\x1b" + "x" * 900 + str(place) for place in range(500)]),
            ["n"],
        )
    assert len(str(refused.value)) < 1200
    assert "and 480 more" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_fractions_are_refused_not_cut_off():
    with pytest.raises(ValueError, match=r"counts are whole numbers, got 1\.5"):
        whole_numbers(np.array([1.0, 1.5]))
    with pytest.raises(ValueError, match="counts are whole numbers, got nan"):
        whole_numbers([np.nan])
