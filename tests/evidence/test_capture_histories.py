"""Capture histories: held to invariance (order of rows, of strata), to sums by hand, to named problems."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.history_rows import NOT_RECORDED
from smuggling_analysis.problems import BadInput

LISTS = ["police", "ngo", "court"]
COUNTS = {"police": 60, "ngo": 40, "court": 20, ("police", "ngo"): 12, ("police", "ngo", "court"): 3}


def histories(**options):
    return CaptureHistories.from_counts(COUNTS, lists=LISTS, **options)


def refusal(make):
    with pytest.raises(BadInput) as refused:
        make()
    return str(refused.value)


def test_sums_by_hand():
    assert histories().n_observed == 135
    assert histories().overlaps().to_numpy().tolist() == [[75, 15, 3], [15, 55, 3], [3, 3, 23]]
    assert histories().dense().tolist() == [0, 60, 40, 12, 20, 0, 0, 3]
    assert histories().empty_overlaps() == []
    assert CaptureHistories.from_counts({"a": 1, "b": 2}, lists=["a", "b"]).empty_overlaps() == [("a", "b")]


people = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.booleans(), st.sampled_from("fm")).filter(
        lambda row: any(row[:3])
    ),
    min_size=1,
    max_size=30,
)


@given(people, st.randoms())
def test_records_in_any_order_are_one_evidence(rows, random):
    frame = pd.DataFrame(rows, columns=[*LISTS, "sex"])
    made = CaptureHistories.from_records(frame, lists=LISTS, strata=["sex"])
    shuffled = frame.sample(frac=1, random_state=random.randrange(2**31))
    assert made == CaptureHistories.from_records(shuffled, lists=LISTS, strata=["sex"])
    assert made.n_observed == len(rows)
    assert made.pooled() == CaptureHistories.from_records(frame, lists=LISTS)
    assert sum(part.n_observed for _, part in made.by_stratum()) == len(rows)
    assert CaptureHistories.from_table(made.table(), lists=LISTS, strata=["sex"]) == made


@given(people)
def test_merged_and_dropped_lists_lose_nobody_they_still_see(rows):
    made = CaptureHistories.from_records(pd.DataFrame(rows, columns=[*LISTS, "sex"]), lists=LISTS)
    assert made.merge(["police", "court"], "state").n_observed == made.n_observed
    seen = sum(row[0] or row[1] for row in rows)
    if seen:
        assert made.select(["police", "ngo"]).n_observed == seen


def test_simulated_counts_are_other_evidence_than_real_ones():
    assert histories(simulated=True) != histories()
    assert histories(simulated=True).merge(["police", "ngo"], "both").simulated
    assert histories(simulated=True).pooled().simulated


def test_every_problem_is_named():
    table = pd.DataFrame([[1, 0, 5, "f"], [0, 0, 4, "f"], [2, 1, -1, "f"], [1, 0, 2, "f"], [0, 1, 1, None]],
                         columns=["police", "ngo", "count", "sex"], index=[2, 3, 4, 5, 6])
    said = refusal(lambda: CaptureHistories.from_table(table, strata=["sex"], origin="lists.csv"))
    for part in ('lists.csv, row 4, column "police": found 2, allowed are 0 and 1',
                 'lists.csv, row 4, column "count": found -1, the smallest count allowed is 0',
                 "lists.csv, row 3: a history on no list", "lists.csv, row 5: the same history as row 2",
                 'lists.csv, row 6, column "sex": found nothing, a text is needed'):
        assert part in said


def test_a_missing_stratum_is_not_a_stratum_called_nan():
    frame = pd.DataFrame({"a": [1, 1], "b": [0, 1], "sex": ["f", np.nan]})
    assert 'row 1, column "sex": found nothing' in refusal(
        lambda: CaptureHistories.from_records(frame, lists=["a", "b"], strata=["sex"])
    )


def test_the_same_history_in_two_strata_is_no_repetition():
    frame = pd.DataFrame({"a": [1, 1], "b": [0, 0], "sex": ["f", "m"], "count": [1, 2]})
    assert CaptureHistories.from_table(frame, strata=["sex"]).counts.tolist() == [[1], [2]]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: CaptureHistories.from_counts({"tax": 3}, lists=LISTS),
            "'tax' names tax, which is not among the lists police, ngo",
        ),
        (lambda: CaptureHistories.from_counts({(): 3}, lists=LISTS), "a history on no list"),
        (
            lambda: CaptureHistories.from_counts({("a", "b"): 3, ("b", "a"): 4}, lists=["a", "b"]),
            "the same history as row 0",
        ),
        (
            lambda: CaptureHistories.from_counts({"a": 1.5}, lists=["a", "b"]),
            "found 1.5, a fraction of a person",
        ),
        (lambda: CaptureHistories.from_counts({"a": 0}, lists=["a", "b"]), "nobody is on any list"),
        (lambda: CaptureHistories.from_counts({"a": 1}, lists=["a", "a"]), "the list a is named twice"),
        (lambda: CaptureHistories.from_counts({}, lists=[]), "no list is named"),
        (lambda: CaptureHistories.from_counts({}, lists=["a"]), "there is no row of data"),
        (
            lambda: CaptureHistories.from_table(pd.DataFrame({"a": [1]}), lists=["a", "b"]),
            "columns found are a; add it",
        ),
    ],
)
def test_bad_input_is_refused_in_words(make, said):
    assert said in refusal(make)


def test_counts_are_never_cut_off_or_rearranged():
    made = histories()
    with pytest.raises(ValueError, match="counts are whole numbers"):
        made.with_counts(made.counts + 0.5)
    with pytest.raises(ValueError, match="one per stratum and history"):
        made.with_counts(made.counts.reshape(-1, 1))
    with pytest.raises(ValueError, match="distinct and sorted"):
        CaptureHistories(("a",), np.array([[True]]), np.array([[1], [2]]), ("sex",), (("m",), ("f",)))


def test_arrays_are_frozen():
    with pytest.raises(ValueError, match="read-only"):
        histories().counts[0, 0] = 9


PARTLY = pd.DataFrame([(1, 0, 0, "f", None, 60), (1, 0, 0, "m", None, 50), (0, 1, 0, "f", "old", 20),
                       (0, 1, 0, "m", "young", 10), (1, 1, 0, "f", "old", 5), (1, 1, 0, "f", " ", 2),
                       (0, 0, 1, "m", float("nan"), 7)], columns=[*LISTS, "sex", "age", "count"])


def partly_recorded(frame=PARTLY):
    return CaptureHistories.from_table(frame, lists=LISTS, strata=["sex", "age"], partly_recorded=["age"])


def test_what_was_not_recorded_is_kept_as_such():
    made = partly_recorded()
    assert made.strata == (("f", NOT_RECORDED), ("f", "old"), ("m", NOT_RECORDED), ("m", "young"))
    assert made.partly_recorded == ("age",)
    assert made.n_not_recorded == 60 + 50 + 2 + 7
    assert made.n_observed == 154
    pooled = PARTLY.groupby(LISTS, as_index=False)["count"].sum()
    assert made.pooled() == CaptureHistories.from_table(pooled, lists=LISTS)


def test_partly_recorded_histories_survive_the_round_trip_and_every_change_of_lists():
    made = partly_recorded()
    again = made.table()
    assert (again["age"] == NOT_RECORDED).sum() == 4
    assert partly_recorded(again) == made
    assert partly_recorded(PARTLY.sample(frac=1, random_state=3)) == made
    for changed in (made.select(["ngo", "police"]), made.merge(["police", "court"], "state"), made.drop("court"),
                    made.with_counts(made.counts * 2)):
        assert changed.partly_recorded == ("age",)
        assert changed.n_not_recorded > 0
    assert made.restratified(["sex"]).partly_recorded == ()
    assert made.restratified(["age"]).counts.sum() == made.n_observed
    assert {label[1] for label, _ in made.by_stratum()} == {NOT_RECORDED, "old", "young"}


def test_people_are_counted_with_what_was_recorded_of_them():
    people = pd.DataFrame({"police": [1, 1, 0], "ngo": [0, 1, 1], "age": ["old", None, None]})
    made = CaptureHistories.from_records(people, lists=["police", "ngo"], strata=["age"], partly_recorded=["age"])
    assert made.n_not_recorded == 2


@pytest.mark.parametrize(("options", "said"), [
    ({"strata": ["sex", "age"]}, 'column "age": found nothing, a text is needed; fill the cell, or name the column as '
                                 "partly recorded"),
    ({"strata": ["sex"], "partly_recorded": ["age"]}, "age is said to be recorded for some people only, but makes no "
                                                      "strata; name it among the strata, too")])
def test_empty_cells_elsewhere_are_refused_in_words(options, said):
    assert said in refusal(lambda: CaptureHistories.from_table(PARTLY, lists=LISTS, **options))


def test_a_level_called_not_recorded_must_be_meant():
    frame = PARTLY.assign(age=NOT_RECORDED)
    said = refusal(lambda: CaptureHistories.from_table(frame, lists=LISTS, strata=["age"]))
    assert "'not recorded' in a column that is not named as partly recorded" in said


def test_strata_with_the_same_counts_are_not_one_evidence():
    frame = pd.DataFrame({"a": [1, 1], "b": [0, 0], "sex": ["f", "m"], "count": [3, 3]})
    women, men = (part for _, part in CaptureHistories.from_table(frame, strata=["sex"]).by_stratum())
    assert women.fingerprint != men.fingerprint
    assert women.counts.tolist() == men.counts.tolist()
    assert women.stratum == (("sex", "f"),)
    assert women.pooled() == women
    assert women.select(["a"]).stratum == women.stratum
    assert "sex f" in repr(women)


def test_strata_can_be_added_together():
    made = partly_recorded()
    by_age = made.restratified(["age"])
    assert by_age.stratified_by == ("age",)
    assert dict(zip(by_age.strata, by_age.counts.sum(axis=1).tolist(), strict=True)) == {
        (NOT_RECORDED,): 119, ("old",): 25, ("young",): 10}
    assert made.restratified(["age", "sex"]).restratified(["sex", "age"]) == made
    for variables, said in ((["height"], "not among them: height"), (["age", "age"], "one was named twice")):
        with pytest.raises(ValueError, match=said):
            made.restratified(variables)


@pytest.mark.parametrize(("lists", "strata", "said"), [
    (("a", "b"), ("a",), "a names a list and a variable that makes strata"),
    (("a", "b"), ("sex", "sex"), "sex is named twice among the strata"),
    (("a", "b"), ("count",), "is named count, as a column of the tables"),
    (("a", "fitted"), (), "is named fitted, as a column"), (("a", " "), (), "empty name")])
def test_names_that_would_be_confused_are_refused(lists, strata, said):
    people = pd.DataFrame({name: [1, 0] for name in {*lists, *strata}})
    with pytest.raises(BadInput, match=said):
        CaptureHistories.from_records(people, lists=lists, strata=strata)
    with pytest.raises(BadInput, match=said):
        CaptureHistories(lists, np.array([[1, 1]]), [[3]], strata, (tuple("x" for _ in strata),))


def test_an_error_about_persons_names_row_and_column_and_nobody():
    """A column of names taken for a list: the message may be logged, so it repeats neither cell nor index."""
    people = pd.DataFrame({"police": ["Sok Dara", 1], "ngo": [1, 0]}, index=["passport 123", "passport 456"])
    with pytest.raises(BadInput) as fault:
        CaptureHistories.from_records(people, lists=["police", "ngo"])
    assert 'row 1, column "police": found neither 0 nor 1' in str(fault.value)
    assert "Dara" not in str(fault.value) and "passport" not in str(fault.value)
