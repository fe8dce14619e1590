"""A method that misses the truth on some population of known size says so where it is described."""

import inspect

import pytest

import smuggling_analysis as sa
from smuggling_analysis.methods import METHODS

COVERAGE = sa.published_validation().coverage
FAILING = sorted(COVERAGE.loc[COVERAGE["verdict"].isin(["fails", "less than it says"]), "method"].unique())


@pytest.mark.parametrize("name", FAILING)
def test_its_docstring_says_so(name):
    documented = " ".join(inspect.getdoc(METHODS[name].function).split())
    assert "On populations of known size (`smuggling_analysis.published_validation`)" in documented


def test_the_study_is_of_every_method_of_lists():
    assert len(FAILING) > 5 and set(FAILING) <= set(METHODS)
