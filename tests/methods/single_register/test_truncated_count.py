"""Held to: statsmodels' truncated Poisson, closed forms, and what may not change an estimate."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.single_register import chao, truncated_count, zelterman

EVERY = pytest.mark.parametrize("method", [chao, zelterman, truncated_count])
TABLE = pd.DataFrame(
    [("f", "A", 1, 30), ("f", "A", 2, 5), ("f", "B", 1, 50), ("f", "B", 2, 4), ("f", "B", 3, 1),
     ("m", "A", 1, 60), ("m", "A", 2, 20), ("m", "A", 4, 2), ("m", "B", 1, 90), ("m", "B", 2, 11),
     ("m", "B", 3, 3)],
    columns=["gender", "nation", "times_caught", "n_persons"])


def counts_from(table: pd.DataFrame) -> RepeatCounts:
    return RepeatCounts.from_table(table, covariates=["gender", "nation"])


COUNTS = counts_from(TABLE)


def test_coefficients_agree_with_statsmodels():
    """statsmodels maximises over persons by another algorithm; its gradient tolerance leaves some 1e-6."""
    from statsmodels.discrete.truncated_model import TruncatedLFPoisson

    people = TABLE.loc[TABLE.index.repeat(TABLE["n_persons"])]
    design = np.column_stack([np.ones(len(people)), people["gender"] == "m", people["nation"] == "B"])
    model = TruncatedLFPoisson(people["times_caught"].to_numpy(float), design.astype(float))
    other = model.fit(disp=0, maxiter=500, gtol=1e-10)
    ours = truncated_count(COUNTS, formula="gender + nation").diagnostics
    assert list(ours["coefficients"].values()) == pytest.approx(other.params.tolist(), rel=1e-5)
    assert list(ours["coefficient_se"].values()) == pytest.approx(other.bse.tolist(), rel=1e-4)
    assert ours["log_likelihood"] == pytest.approx(other.llf, rel=1e-9)
    assert ours["log_likelihood"] >= other.llf - 1e-9


def test_the_mean_of_the_counts_is_fitted():
    """Under the log link the score says so: rate / (1 - exp(-rate)) is the mean number of times."""
    estimate = truncated_count(RepeatCounts.from_frequencies({1: 60, 2: 25, 3: 10, 4: 5}))
    rate = math.exp(estimate.diagnostics["coefficients"]["Intercept"])
    assert rate / (1 - math.exp(-rate)) == pytest.approx(1.6, rel=1e-13)
    assert estimate.value == pytest.approx(100 / (1 - math.exp(-rate)), rel=1e-13)


def test_variance_by_hand_without_covariates():
    estimate = truncated_count(RepeatCounts.from_frequencies({1: 60, 2: 25, 3: 10, 4: 5}))
    rate = math.exp(estimate.diagnostics["coefficients"]["Intercept"])
    p0 = math.exp(-rate)
    information = 100 * 1.6 * (1 + rate - 1.6)
    gradient = 100 * rate * p0 / (1 - p0) ** 2
    assert estimate.se**2 == pytest.approx(gradient**2 / information + 100 * p0 / (1 - p0) ** 2, rel=1e-12)


@EVERY
def test_a_formula_with_every_interaction_is_the_sum_of_the_strata(method):
    strata = [counts for _, counts in COUNTS.by("gender", "nation")]
    assert method(COUNTS, formula="gender * nation").value == pytest.approx(
        sum(method(counts).value for counts in strata), rel=1e-11)


@EVERY
def test_relabelling_levels_changes_nothing(method):
    renamed = TABLE.replace({"gender": {"f": "z"}, "nation": {"A": "Q", "B": "P"}})
    before, after = (method(counts_from(table), formula="gender + nation") for table in (TABLE, renamed))
    for name in ("value", "se", "lower", "upper"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), rel=1e-11)


@EVERY
def test_doubling_every_count_doubles_the_population(method):
    doubled = TABLE.assign(n_persons=2 * TABLE["n_persons"])
    before, after = (method(counts_from(table), formula="gender + nation") for table in (TABLE, doubled))
    assert after.value == pytest.approx(2 * before.value, rel=1e-11)
    assert after.se == pytest.approx(math.sqrt(2) * before.se, rel=1e-11)


@EVERY
def test_patterns_that_the_formula_ignores_change_nothing(method):
    merged = COUNTS.keeping(["gender"])
    values = [method(counts, formula="gender").value for counts in (COUNTS, merged)]
    assert values[0] == pytest.approx(values[1], rel=1e-12)


@EVERY
def test_persons_and_patterns_are_the_same_evidence(method):
    people = TABLE.loc[TABLE.index.repeat(TABLE["n_persons"])].rename(columns={"times_caught": "captures"})
    by_person = RepeatCounts.from_records(people.reset_index(drop=True), covariates=["gender", "nation"])
    assert method(by_person, formula="gender").value == method(COUNTS, formula="gender").value


@EVERY
def test_simulated_evidence_marks_the_estimate(method):
    marked = RepeatCounts.from_frequencies({1: 50, 2: 10}, simulated=True)
    assert method(marked).simulated
    assert method(marked).fingerprint == marked.fingerprint


def test_a_covariate_far_from_zero_costs_no_digits():
    people = pd.DataFrame({"captures": [1, 1, 1, 2, 2, 1, 3, 1], "year": range(8)})
    near, far = (truncated_count(RepeatCounts.from_records(people.assign(year=people["year"] + shift),
                                                           covariates=["year"]), formula="year")
                 for shift in (0, 10**6))
    assert far.value == pytest.approx(near.value, rel=1e-8)


def test_terms_the_data_cannot_tell_apart_are_left_out_and_named():
    twice = RepeatCounts.from_table(TABLE.assign(code=TABLE["nation"].str.lower()),
                                    covariates=["gender", "nation", "code"])
    estimate = truncated_count(twice, formula="nation + code")
    assert estimate.value == pytest.approx(truncated_count(COUNTS, formula="nation").value, rel=1e-12)
    assert estimate.diagnostics["left_out"] == ("code[T.b]",)
    assert any("code[T.b]" in caution for caution in estimate.cautions)


def test_tiny_rates_converge():
    """One person in a million seen twice: the rate is 2e-6, where naive formulas lose their digits."""
    estimate = truncated_count(RepeatCounts.from_frequencies({1: 10**6, 2: 1}))
    # The mean is 1 + rate / 2 + rate^2 / 12, and N about n / rate + n / 2.
    rate = 2e-6 * (1 - 1e-6)
    assert estimate.value == pytest.approx(1_000_001 / -math.expm1(-rate), rel=1e-6)
    assert any("extrapolates far" in caution for caution in estimate.cautions)


def test_nobody_seen_once_still_has_an_estimate():
    estimate = truncated_count(RepeatCounts.from_frequencies({3: 50, 4: 20}))
    assert estimate.observed <= estimate.lower <= estimate.value


@pytest.mark.parametrize(("options", "message"), [
    ({"formula": "gender + colour"}, "names colour; the covariates of this register are gender, nation"),
    ({"formula": "captures ~ gender"}, "for example 'gender'"),
    ({"formula": "gender + +*"}, "cannot be read"),
    ({"formula": "gender | nation"}, "has two parts: write covariates joined by"),
    ({"formula": "0"}, "leaves nothing to estimate"),
    ({"family": "gamma"}, "family is one of poisson"),
    ({"interval": "wald"}, "interval is one of normal, log-normal"),
    ({"confidence_level": 95}, "a share between 0 and 1, got 95"),
])
def test_wrong_options_are_refused_with_the_remedy(options, message):
    with pytest.raises(ValueError, match=message):
        truncated_count(COUNTS, **options)


def test_a_tilde_as_in_r_is_understood():
    as_in_r = truncated_count(COUNTS, formula="~ gender")
    assert as_in_r.value == truncated_count(COUNTS, formula="gender").value


@pytest.mark.parametrize("name", ["chao", "zelterman", "truncated_count"])
def test_rows_say_what_evidence_lacks_before_the_method_refuses(name):
    ones = RepeatCounts.from_frequencies({1: 50})
    assert METHODS[name].lacks(COUNTS) == ""
    assert METHODS[name].lacks(ones)
    with pytest.raises(NoEstimate):
        METHODS[name](ones)


def test_a_formula_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match="a formula is text such as"):
        truncated_count(COUNTS, formula=["gender"])


def test_a_transformed_covariate_is_named_like_any_other():
    table = TABLE.assign(age=[20.0, 20, 30, 30, 30, 40, 40, 40, 50, 50, 50]).groupby(
        ["age", "times_caught"], as_index=False)["n_persons"].sum()
    estimate = truncated_count(RepeatCounts.from_table(table, covariates=["age"]), formula="poly(age, 2)")
    assert estimate.method == "zero-truncated Poisson (poly(age, 2))"
    assert any("beyond what the covariates say" in caution for caution in estimate.cautions)


def test_a_fit_is_judged_even_where_no_number_of_times_is_expected_of_five_people():
    # Ten people seen once and one 1,000 times: one Poisson rate for all is absurd, and N = 11 with it.
    estimate = truncated_count(RepeatCounts.from_frequencies({1: 10, 1000: 1}))
    assert any("fits poorly" in caution for caution in estimate.cautions)


def test_a_date_in_the_column_of_counts_is_doubted_and_costs_no_memory():
    estimate = truncated_count(RepeatCounts.from_frequencies({1: 100, 2: 20, 20150101: 1}))
    assert any("seen 20,150,101 times: check that the column" in caution for caution in estimate.cautions)
