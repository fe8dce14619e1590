"""Held to: formulaic on harmless formulas; that a formula is data, whatever it holds."""

from __future__ import annotations

import formulaic
import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.methods.formulas import columns_of

PEOPLE = pd.DataFrame({"sex": ["f", "m", "m", "f"], "age": [20.0, 30.0, 41.0, 55.0], "country of birth": list("abca")})


def read(text):
    return columns_of(text, lambda: PEOPLE, tuple(PEOPLE), whose="these people")


@pytest.mark.parametrize("text", [
    "sex", "sex + age", "sex * age", "sex : age", "sex + age - 1", "0 + sex", "(sex + age) ** 2", "(sex + age)^2",
    "sex / age", "log(age)", "I(age ** 2)", "center(age) + poly(age, 2)", "C(sex)",
    "`country of birth` + age", "bs(age, 4)"])
def test_a_formula_reads_as_formulaic_reads_it(text):
    matrix, names, _ = read(text)
    expected = formulaic.model_matrix(text, PEOPLE)
    np.testing.assert_allclose(matrix, np.asarray(expected, dtype=float))
    assert list(names) == list(expected.columns)


@pytest.mark.parametrize("text", [
    "age + I(().__class__.__mro__)", "{__import__('os').getcwd()}", "age.__class__", "age + eval(age)", "open(age)",
    "I(age.__class__)", "age['x']", "age + 'x'", 'age + "x"', "[x for x in age]", "lambda: age", "age; age", "age = 1",
    "__builtins__", "age\\sex", "C(sex, Treatment('m'))", "getattr(age, sex)", "age @ age", "x" * 2000, "age | sex",
    "sex ~ age",
    # What a call gives back must not be called: I(print) is print.
    "I(print)(age)", "center(I(eval)(I(bytes)((49, 43, 49))))", "I(I(exit)(1))", "(I(exp))(age)", "I(exp)(age)",
    "poly(exit, 2)", "center(breakpoint)", "log(*age)", "log(**age)"])
def test_a_formula_is_never_run_as_code(text):
    with pytest.raises(ValueError, match="formula"):
        read(text)


def test_a_call_within_a_call_runs_nothing(tmp_path):
    path = tmp_path / "made"
    code = ", ".join(str(ord(letter)) for letter in f"open({str(path)!r}, 'w')")
    for text in (f"center(I(eval)(I(bytes)(({code},))))", f"I(I(exec)(I(bytes)(({code},))))"):
        with pytest.raises(ValueError, match="calls what another call gives back"):
            read(text)
    assert not path.exists()


@pytest.mark.parametrize("text", [
    "(sex + age) ** 100000000", "(sex + age + `country of birth`) ** 50", " * ".join(["sex", "age"] * 20),
    "I(9 ** 9 ** 9 ** 9)", "I(2 ** 100000000 * age)", "I(sex * 1000000000)", "C(sex * 1000000000)",
    "I((1,) * 1000000000)",
    "poly(age, 100000)", "bs(age, 10000000)", "(" * 400 + "age" + ")" * 400])
def test_a_formula_without_end_is_refused_at_once(text):
    with pytest.raises(ValueError, match="formula"):
        read(text)


@pytest.mark.parametrize("text", [
    "C(sex, age)", "C(sex, 1)", "I(1)", "I(age ^ 2)", "log(age, age)", "poly(age)(sex)", "age +",
    "log", "np", "sex age", "exp(sex)", "I(age : sex)", "abs(age)", ".", "`.`"])
def test_a_formula_that_makes_no_sense_is_refused_in_words(text):
    with pytest.raises(ValueError, match="formula"):
        read(text)


def test_covariates_used_are_told_from_those_known():
    assert read("poly(age, 2)")[2] == ("age",)
    with pytest.raises(ValueError, match="names height; the covariates of these people are sex, age"):
        read("height")
