"""Problems: held to a clerk's need (place, fact, remedy in one line) and to safety of what is shown."""

import pickle

import pytest

from smuggling_analysis.problems import BadInput, Problem, raise_any, shorten


def test_a_problem_says_file_row_column_fact_and_remedy():
    problem = Problem("found 'x', allowed are 0 and 1", "write 1 or 0", "data/raw/a/b.csv", 7, "police")
    said = "data/raw/a/b.csv, row 7, column \"police\": found 'x', allowed are 0 and 1; write 1 or 0"
    assert str(problem) == said
    assert str(Problem("the file is empty")) == "the file is empty"
    assert str(Problem("a fault", row=0)) == "row 0: a fault"


def test_all_problems_are_counted_and_twenty_are_shown():
    error = BadInput([Problem(f"fault {number}") for number in range(25)])
    lines = str(error).splitlines()
    assert lines[0] == "25 problems:"
    assert lines[-1] == "... and 5 more"
    assert len(lines) == 22
    assert len(error.problems) == 25


def test_a_refusal_survives_the_way_from_a_worker():
    error = pickle.loads(pickle.dumps(BadInput([Problem("a", "b", "c", 1, "d")])))
    assert error.problems == (Problem("a", "b", "c", 1, "d"),)
    assert str(error) == 'c, row 1, column "d": a; b'


def test_nothing_is_raised_of_no_problem():
    raise_any([])
    with pytest.raises(BadInput, match="a fault"):
        raise_any(Problem(text) for text in ["a fault"])


@pytest.mark.parametrize("value", ["x" * 10_000, "\x1b[31m" * 50, "\u202egnp.exe", "a\nb", 10**200])
def test_what_is_shown_is_short_and_printable(value):
    said = shorten(value)
    assert len(said) <= 60
    assert said.isprintable()
