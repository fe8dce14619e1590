"""Tables with suppressed counts: held to what was printed, to invariance and to named problems."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import smuggling_analysis as sa
from smuggling_analysis import BadInput, CaptureHistories, CensoredHistories

LISTS = ["police", "ngo", "court"]


def table(*counts):
    cells = np.arange(1, 1 + len(counts))
    frame = pd.DataFrame((cells[:, None] >> np.arange(3) & 1), columns=LISTS)
    return frame.assign(count=list(counts))


def refusal(*counts, **options):
    with pytest.raises(BadInput) as refused:
        CensoredHistories.from_table(table(*counts), origin="lists.csv", **options)
    return str(refused.value)


@pytest.mark.parametrize(("printed", "may_be_zero", "low", "high"), [
    ("<5", False, 1, 4), ("< 5", True, 0, 4), ("fewer than 5", False, 1, 4), ("≤4", True, 0, 4), ("<=4", False, 1, 4),
    ("up to 10", False, 1, 10), ("1-4", None, 1, 4), ("0–4", None, 0, 4), ("1 to 4", None, 1, 4), ("7", None, 7, 7),
    (7.0, None, 7, 7), ("*", None, 2, 9), (0, None, 0, 0), ("3-3", None, 3, 3)])
def test_what_agencies_print(printed, may_be_zero, low, high):
    made = CensoredHistories.from_table(table(60, 40, printed), may_be_zero=may_be_zero, marker={"*": (2, 9)})
    found = made.bounds().set_index(LISTS)
    if high:
        assert tuple(found.loc[(True, True, False)]) == (low, high)
    else:
        assert len(found) == 2
    assert made.zero_in_range == (low == 0 < high)
    assert bool(made.suppressed.any()) == (high > low)


@pytest.mark.parametrize(("printed", "options", "parts"), [
    ("<5", {}, ['lists.csv, row 2, column "count": found \'<5\'', "may_be_zero=True"]),
    ("4-1", {}, ["lower end lies above"]), ("<1", {"may_be_zero": False}, ["a range that holds no count"]),
    ("many", {}, ["which is not a number", "marker="]), ("", {}, ["a count is needed"]),
    ("1,234", {}, ["thousands separators"]), (-3, {}, ["cannot be negative"]), (2.5, {}, ["a fraction of a "
                                                                                          "person"]),
    ("*", {}, ["which is not a number"]), (">5", {}, ["which is not a number"]), (1e15, {}, ["the largest count"]),
    (5, {"totals": {"police": 3}}, ["the total of police is 3, but its histories add up to 65 to 65"]),
    (5, {"totals": {"army": 3}}, ["army, which is not among the lists"]),
    # A total that is no whole number was cut off once: 62.5 became 62.
    ("<5", {"may_be_zero": False, "totals": {"police": 62.5}}, ["the total of police is 62.5", "whole number"]),
    ("<5", {"may_be_zero": False, "totals": {"police": "62"}}, ["the total of police is '62'", "whole number"]),
    (5, {"totals": {"police": None}}, ["the total of police is None"]),
    (5, {"totals": {"police": True}}, ["the total of police is True"]),
    ("<99999", {"may_be_zero": False}, ['column "count"', "a range of more than 10,000 counts"]),
    ("1-999999999999", {}, ["a range of more than 10,000 counts"]), (5, {"marker": {"*": (1, 99_999)}}, ["range of *"]),
    (5, {"left_out": (0, 99_999)}, ["histories left out"]), ("<-5", {}, ["which is not a number"]),
    ("<1e9", {}, ["which is not a number"]), ("<\u0665", {}, ["which is not a number"]),
    ("1_000", {}, ["which is not a number"]), (True, {}, ["which is not a number"]),
    (5, {"marker": {"*": (4, 1)}}, ["the range of *"]), (5, {"left_out": (0, -1)}, ["histories left out"])])
def test_problems_name_row_column_and_remedy(printed, options, parts):
    said = refusal(60, 40, printed, **options)
    assert all(part in said for part in parts)


def test_a_plain_zero_says_that_small_counts_are_not_nobody():
    made = CensoredHistories.from_table(table(60, 40, "<5", 0))
    assert not made.zero_in_range
    assert made.lower.tolist() == [1, 60, 40]


def test_rows_twice_and_rows_on_no_list_are_named():
    frame = pd.concat([table(60, 40), table(3)], ignore_index=True).astype(object)
    frame.loc[len(frame)] = [0, 0, 0, "1-4"]
    with pytest.raises(BadInput, match="the same history as row 0") as refused:
        CensoredHistories.from_table(frame)
    assert "row 3: a history on no list" in str(refused.value)


ranges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=7, max_size=7).filter(
    lambda rows: any(low + width for low, width in rows))


@given(ranges, st.permutations(range(7)), st.permutations(LISTS))
def test_one_evidence_whatever_the_order(rows, order, lists):
    frame = table(*(f"{low}-{low + width}" for low, width in rows))
    made = CensoredHistories.from_table(frame)
    assert made == CensoredHistories.from_table(frame.iloc[order])
    assert made.select_order(lists).select_order(LISTS) == made
    low, high = made.dense()
    assert (low <= high).all()
    assert made.observed_bounds == (sum(low), sum(high)) == (sum(low for low, _ in rows), sum(map(sum, rows)))
    for where, cells in (("high", high), ("mid", (low + high) // 2)):
        if cells.any():
            assert made.complete_at(where).dense().tolist() == cells.tolist()


def test_suppressing_a_whole_table_keeps_what_an_agency_keeps():
    whole = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 3, ("police", "court"): 5},
                                         lists=LISTS)
    made = CensoredHistories.suppress(whole, totals=True)
    assert repr(made).endswith("(108 people on 3 lists: police, ngo, court; 1 of 4 counts suppressed)")
    assert dict(made.totals) == {"police": 68, "ngo": 43, "court": 5, "everybody": 108}
    assert CensoredHistories.suppress(whole, below=0).complete_at("low") == whole
    hidden = CensoredHistories.suppress(whole, may_be_zero=True)
    assert len(hidden.patterns) == 7
    assert hidden.zero_in_range


def test_histories_left_out_may_have_a_range():
    made = CensoredHistories.from_table(table(60, 40), left_out=(0, 4))
    assert len(made.patterns) == 7
    assert made.observed_bounds == (100, 120)


def test_it_stands_at_the_top_of_the_package_and_knows_simulated_counts():
    assert sa.CensoredHistories is CensoredHistories
    one, other = (CensoredHistories.from_table(table(60, 40, 12), simulated=told) for told in (False, True))
    assert one != other
    assert other.complete_at("mid").simulated


@pytest.mark.parametrize(("low", "high"), [([-1], [2]), ([3], [2]), ([0], [99_999]), ([1, 2], [3, 4])])
def test_nonsense_cannot_be_built(low, high):
    with pytest.raises(ValueError, match="count"):
        CensoredHistories(("a", "b"), np.array([[True, False]]), np.array(low), np.array(high))


def test_totals_given_twice_and_lists_named_like_the_total_cannot_be_built():
    on, counts = np.array([[True, True], [True, False]]), np.array([4, 60])
    with pytest.raises(BadInput, match="the total of a is given twice"):
        CensoredHistories(("a", "b"), on, counts, counts, (("a", 64), ("a", 64)))
    with pytest.raises(BadInput, match="named 'everybody'"):
        CensoredHistories(("a", "everybody"), on, counts, counts)
