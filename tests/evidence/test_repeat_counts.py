"""Repeat counts: held to the published Dutch frequencies, to invariance, and to named problems."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.problems import BadInput

# van der Heijden et al. (2003), Statistical Modelling 3(4):305-322: 1,880 persons apprehended 2,185 times.
DUTCH = {1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}


def refusal(make):
    with pytest.raises(BadInput) as refused:
        make()
    return str(refused.value)


def test_the_published_frequencies():
    counts = RepeatCounts.from_frequencies(DUTCH)
    assert (counts.n_observed, counts.n_events) == (1880, 2036 + 111 + 38)
    assert counts.frequencies() == DUTCH
    assert counts.seen(2).tolist() == [183]
    assert counts.seen(9).tolist() == [0]


records = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["f", "m"]), st.sampled_from([20, 31.5])),
    min_size=1,
    max_size=40,
)


@given(records, st.randoms())
def test_records_in_any_order_are_one_evidence(rows, random):
    frame = pd.DataFrame(rows, columns=["captures", "sex", "age"])
    made = RepeatCounts.from_records(frame, covariates=["sex", "age"])
    assert made == RepeatCounts.from_records(
        frame.sample(frac=1, random_state=random.randrange(2**31)), covariates=["sex", "age"]
    )
    assert (made.n_observed, made.n_events) == (len(rows), sum(row[0] for row in rows))
    assert made.keeping(["sex"]) == RepeatCounts.from_records(frame, covariates=["sex"])
    assert made.keeping([]) == RepeatCounts.from_records(frame)
    assert sum(part.n_observed for _, part in made.by("sex")) == len(rows)
    assert RepeatCounts.from_table(made.table(), covariates=["sex", "age"]) == made


def test_numbers_stay_numbers_and_words_words():
    frame = pd.DataFrame({"captures": [1, 2], "age": [20, 30], "code": ["1", "2"]})
    assert RepeatCounts.from_records(frame, covariates=["age", "code"]).patterns == ((20.0, "1"), (30.0, "2"))


def test_every_problem_is_named():
    table = pd.DataFrame([[1, 5, "f"], [1, 6, "f"], [0, 1, "f"], [2, -1, "f"], [2, 1, None]],
                         columns=["times_caught", "n_persons", "sex"], index=[2, 3, 4, 5, 6])
    said = refusal(lambda: RepeatCounts.from_table(table, covariates=["sex"], origin="register.csv"))
    for part in (
        "register.csv, row 3: the same pattern and times seen as row 2",
        'register.csv, row 4, column "times_caught": found 0, the smallest count allowed is 1',
        'register.csv, row 5, column "n_persons": found -1',
        'row 6, column "sex": the covariate is missing',
    ):
        assert part in said


@pytest.mark.parametrize(("make", "said"), [
    (lambda: RepeatCounts.from_frequencies({}), "there is no row of data"),
    (lambda: RepeatCounts.from_frequencies({1: 0}), "nobody was seen"),
    (lambda: RepeatCounts.from_frequencies({0: 5}), "the smallest count allowed is 1"),
    (lambda: RepeatCounts.from_frequencies({1: 2.5}), "found 2.5, a fraction of a person"),
    (lambda: RepeatCounts.from_records(pd.DataFrame({"n": [1]})), 'column "captures": the column is missing'),
])
def test_bad_input_is_refused_in_words(make, said):
    assert said in refusal(make)


def test_simulated_counts_are_other_evidence_than_real_ones():
    assert RepeatCounts.from_frequencies(DUTCH, simulated=True) != RepeatCounts.from_frequencies(DUTCH)


def test_nonsense_cannot_be_built():
    with pytest.raises(
        ValueError,
        match=r"one row per pattern and one column per number of times seen, \(1, 2\), got \(2, 1\)",
    ):
        RepeatCounts((), ((),), np.array([1, 2]), np.array([[3], [4]]))
    with pytest.raises(ValueError, match=r"counts are whole numbers, got 2\.5"):
        RepeatCounts((), ((),), np.array([1]), np.array([[2.5]]))
    with pytest.raises(ValueError, match="distinct and sorted"):
        RepeatCounts(("sex",), (("m",), ("f",)), np.array([1]), np.array([[3], [4]]))
    with pytest.raises(ValueError, match="the covariates are none; not among them: sex"):
        RepeatCounts.from_frequencies(DUTCH).keeping(["sex"])
