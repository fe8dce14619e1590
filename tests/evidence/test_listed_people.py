"""Listed people: held to invariance under the order of rows, to named problems, and to showing nobody."""

import copy
import dataclasses
import pickle
import pprint
import reprlib

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import BadInput, CaptureHistories, ListedPeople

LISTS = ["police", "ngo"]


def frame():
    return pd.DataFrame({"police": [1, 1, 0, 1], "ngo": [0, 1, 1, 1], "age": [19.5, 34, 27, 34],
                         "sex": ["f", "m", "f", "m"]}, index=[2, 3, 4, 5])


def people(**options):
    return ListedPeople.from_records(frame(), lists=LISTS, covariates=["age", "sex"], **options)


def test_counts_are_those_of_capture_histories():
    assert people().histories() == CaptureHistories.from_records(frame(), lists=LISTS)
    assert people().histories(strata=["sex"]) == CaptureHistories.from_records(frame(), lists=LISTS, strata=["sex"])
    assert people().n_observed == 4 and people().n_lists == 2


def test_rows_in_any_order_are_one_evidence():
    rng = np.random.default_rng(1)
    for _ in range(10):
        shuffled = frame().iloc[rng.permutation(4)]
        other = ListedPeople.from_records(shuffled, lists=LISTS, covariates=["age", "sex"])
        assert other == people() and hash(other) == hash(people())
        np.testing.assert_array_equal(other.on[other.order], people().on[people().order])
    changed = frame()
    changed.loc[4, "age"] = 28.0
    assert ListedPeople.from_records(changed, lists=LISTS, covariates=["age", "sex"]) != people()
    assert people(simulated=True) != people()


def test_the_order_of_lists_and_covariates_does_not_move_the_sorted_people():
    other = ListedPeople.from_records(frame(), lists=LISTS[::-1], covariates=["sex", "age"])
    assert other.order.tolist() == people().order.tolist()


def test_every_problem_is_named_and_no_covariate_shown():
    bad = pd.DataFrame({"police": [1, 2, 0], "ngo": [0, 1, 0], "age": [31.25, np.nan, np.inf],
                        "sex": ["f", None, "secret"]}, index=[2, 3, 4])
    with pytest.raises(BadInput) as refused:
        ListedPeople.from_records(bad, lists=LISTS, covariates=["age", "sex"], origin="people.csv")
    said = str(refused.value)
    for part in ('people.csv, row 3, column "police": found neither 0 nor 1',
                 'people.csv, row 3, column "age": the covariate is missing',
                 'people.csv, row 4, column "age": the covariate is not finite',
                 'people.csv, row 3, column "sex": the covariate is missing'):
        assert part in said
    assert "31.25" not in said and "secret" not in said
    with pytest.raises(BadInput, match="a person on no list"):
        ListedPeople.from_records(bad.assign(police=[1, 1, 0]), lists=LISTS)
    with pytest.raises(BadInput, match="the column is missing"):
        ListedPeople.from_records(frame(), lists=LISTS, covariates=["height"])


@pytest.mark.parametrize("make", [
    lambda: ListedPeople(("a", "a"), [[True, False]]), lambda: ListedPeople((), np.empty((0, 0))),
    lambda: ListedPeople(("a",), [[True]], ("a",), (np.array([1.0]),)),
    lambda: ListedPeople(("a", "b"), np.empty((0, 2)))])
def test_what_is_no_evidence_is_refused(make):
    with pytest.raises(BadInput):
        make()


def test_values_must_be_one_a_person_and_finite():
    with pytest.raises(ValueError, match="needs 1 values"):
        ListedPeople(("a",), [[True]], ("age",), (np.array([1.0, 2.0]),))
    with pytest.raises(ValueError, match="must be finite"):
        ListedPeople(("a",), [[True]], ("age",), (np.array([np.nan]),))
    with pytest.raises(ValueError, match="not among them: height"):
        people().values_of("height")


def test_nothing_prints_or_keeps_a_person():
    assert repr(people()) == "ListedPeople(4 people on 2 lists: police, ngo; with age, sex)"
    assert "34" not in f"{people()}{people()!r}{[people()]}"
    for keep in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="stay where they are kept"):
            keep(people())


@pytest.mark.parametrize("told", ["Amina Khalil", "1999-04-12", 90210443, 19990412.0])
def test_a_problem_echoes_no_cell_and_no_index_that_could_name_a_person(told):
    # A name or a number of a document in the column of a list, or as the index of the frame.
    bad = frame().assign(police=[told, 1, 1, 1])
    for index in (bad.index, ["Amina Khalil", "Omar", "Lina", "Sami"], [1.5, 2.5, 3.5, 90210443.5]):
        with pytest.raises(BadInput) as refused:
            ListedPeople.from_records(bad.set_axis(index), lists=LISTS, covariates=["age"])
        said = str(refused.value) + repr(refused.value.problems)
        assert "found neither 0 nor 1" in said and ("row 2" in said or "row 1" in said)
        for leak in ("Amina", "Omar", "1999", "90210443"):
            assert leak not in said
    with pytest.raises(BadInput, match=r"row 2.*the covariate is missing"):
        ListedPeople.from_records(frame().assign(sex=["f", "", "f", "m"]).set_axis(["Amina", "Omar", "Li", "Jo"]),
                                  lists=LISTS, covariates=["sex"])


@pytest.mark.parametrize("on", [[["Amina", "0"]], [[np.nan, 1]], [[2, 1]], [["0", "1"]], [[None, True]]])
def test_only_zero_and_one_say_who_is_on_a_list(on):
    # Any text, "0" too, and any number but 0 would pass for True.
    with pytest.raises(ValueError, match=r"by 0 and 1, or by False and True, alone$"):
        ListedPeople(("a", "b"), on)


def test_no_usual_way_of_keeping_writes_a_person_down(tmp_path):
    import joblib

    told = ListedPeople(("a", "b"), [[1, 0], [1, 1]], ("name",), (np.array(["Amina Khalil", "Omar"]),))
    place = tmp_path / "kept"
    for keep in (lambda: joblib.dump(told, place), lambda: joblib.hash(told),
                 lambda: np.save(place, np.array(told, dtype=object)),
                 lambda: pd.DataFrame({"people": [told]}).to_pickle(place)):
        with pytest.raises(TypeError, match="stay where they are kept"):
            keep()
    for kept in tmp_path.iterdir():
        for spelt in ("utf-8", "utf-32-le"):
            assert "Amina".encode(spelt) not in kept.read_bytes()
    shown = [str(told), pprint.pformat([told]), pd.DataFrame({"people": [told]}).to_string(),
             str(np.array(told, dtype=object)), reprlib.repr(told), repr(dataclasses.replace(told))]
    assert not any("Amina" in text for text in shown)


def test_strata_are_not_so_fine_that_they_list_the_people():
    rng = np.random.default_rng(1)
    told = ListedPeople(("a", "b"), np.ones((40, 2)), ("age", "sex"),
                        (rng.normal(size=40), rng.choice(["f", "m"], 40)))
    with pytest.raises(ValueError, match="40 strata of 40 people would list persons") as refused:
        told.histories(strata=["sex", "age"])
    assert not any(f"{age:.4g}" in str(refused.value) for age in told.values_of("age"))
    assert told.histories(strata=["sex"]).n_observed == 40


def test_categories_and_numbers_are_told_apart():
    mixed = frame().assign(flag=[True, False, True, False], coded=["1", "2", "1", "2"])
    made = ListedPeople.from_records(mixed, lists=LISTS, covariates=["age", "flag", "coded"])
    assert [made.values_of(name).dtype.kind for name in made.covariates] == ["f", "U", "U"]


def test_by_splits_people_and_leaves_the_covariate_out():
    parts = dict(people().by("sex"))
    assert sorted(parts) == ["f", "m"]
    assert sum(part.n_observed for part in parts.values()) == 4
    assert all(part.covariates == ("age",) for part in parts.values())


def test_arrays_are_frozen_and_the_callers_are_left_alone():
    on = np.array([[True, False], [False, True]])
    made = ListedPeople(("a", "b"), on)
    on[0, 0] = False
    assert made.on[0, 0]
    with pytest.raises(ValueError, match="read-only"):
        made.on[0, 0] = False
