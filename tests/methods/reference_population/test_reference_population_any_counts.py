"""Any counts: a finite answer that holds those apprehended, or a refusal in words; and what must change nothing."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import NoEstimate, ReferenceCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.reference_population import fit, hidden_population, hidden_population_by
from smuggling_analysis.methods.reference_population.criteria import CRITERIA
from smuggling_analysis.methods.reference_population.links import LINKS
from smuggling_analysis.problems import BadInput
from smuggling_analysis.simulate import reference_counts

numbers = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 500), st.integers(0, 10**7))


@st.composite
def tables(draw):
    rows = draw(st.integers(2, 14))
    half = max(2, rows // 2)
    reference = [max(1, one) for one in draw(st.lists(numbers, min_size=rows, max_size=rows))]
    sensible = draw(st.booleans())
    seen, recorded = (
        [min(one, int(n**0.6)) if sensible else one for one, n in zip(
            draw(st.lists(numbers, min_size=rows, max_size=rows)), reference, strict=True)] for _ in range(2))
    return pd.DataFrame({
        "country": [f"c{place % half}" for place in range(rows)], "sex": ["f" if place < half else "m" for place in
                                                                          range(rows)],
        "age": [f"{place // (2 * half)}" for place in range(rows)], "observed": seen, "auxiliary": recorded,
        "reference": reference})


def assert_in_words(refused):
    assert len(refused.reason) > 20 and len(refused.needed) > 10


@settings(max_examples=80, deadline=None)
@given(tables(), st.sampled_from(list(CRITERIA)), st.sampled_from(list(LINKS)), st.sampled_from([None, "sex"]),
       st.sampled_from(["estimated", 0.01, None]), st.sampled_from(["clustered", "HC3", "HC5", "observed"]))
def test_it_answers_finitely_or_refuses(table, method, link, alpha, gamma, covariance):
    try:
        counts = ReferenceCounts.from_table(table, covariates=["sex", "age"])
        found = hidden_population(counts, method=method, link=link, alpha=alpha, gamma=gamma, covariance=covariance)
    except BadInput:
        assert table["observed"].sum() == 0
        return
    except NoEstimate as refused:
        assert_in_words(refused)
        return
    assert all(math.isfinite(one) for one in (found.value, found.lower, found.upper, found.se))
    assert found.observed <= found.value and 0 <= found.lower <= found.value <= found.upper
    assert METHODS["hidden_population"].lacks(counts) == ""


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(40)), st.integers(0, 20))
def test_rows_in_any_order_and_countries_of_any_name_are_one_answer(order, seed):
    counts = reference_counts(countries=40, rng=seed)
    table = counts.table().iloc[order]
    shuffled = ReferenceCounts.from_table(table, simulated=True)
    assert shuffled == counts
    named = ReferenceCounts.from_table(table.assign(country=[f"{place:02d}" for place in range(40)]), simulated=True)
    first, second = hidden_population(counts), hidden_population(named)
    assert (second.value, second.lower, second.upper) == pytest.approx(
        (first.value, first.lower, first.upper), rel=1e-8)


@pytest.mark.parametrize("method", CRITERIA)
def test_a_covariate_that_says_nothing_and_an_order_of_columns_change_nothing(method):
    counts = reference_counts(countries=60, periods=2, rng=5)
    plain = fit(counts, method=method)
    other = fit(counts, method=method, alpha="1", beta=None)
    assert other.at == pytest.approx(plain.at)
    one, two = (fit(counts, method=method, alpha=formula) for formula in ("period", "0 + period"))
    assert one.log_likelihood == pytest.approx(two.log_likelihood, rel=1e-10)
    assert one.hidden == pytest.approx(two.hidden, rel=1e-5)


def test_separate_models_are_one_model_with_everything_by_period():
    """With gamma given, a model in which all else goes by period is a model for each."""
    counts = reference_counts(countries=60, periods=2, rng=5)
    fitted = fit(counts, alpha="period", beta="period", gamma=0.005, covariance="HC0")
    together = hidden_population_by(fitted, ["period"])
    for (period,), part in counts.by("period"):
        alone = hidden_population(part, gamma=0.005, covariance="HC0")
        assert (together[period].value, together[period].se) == pytest.approx((alone.value, alone.se), rel=1e-6)


def test_rows_of_one_country_twice_over_are_weights_of_two():
    """Every row again under another covariate: the same coefficients, standard errors smaller by the root of two."""
    counts = reference_counts(countries=60, rng=5)
    table = counts.table()
    twice = ReferenceCounts.from_table(pd.concat([table.assign(copy="a"), table.assign(copy="b")]), covariates=["copy"],
                                       simulated=True)
    one, two = fit(counts, covariance="HC0"), fit(twice, covariance="HC0")
    assert two.at == pytest.approx(one.at, rel=1e-7)
    assert two.covariance == pytest.approx(one.covariance / 2, rel=1e-6)
    assert fit(twice).covariance == pytest.approx(fit(counts).covariance, rel=1e-6)


def test_a_seed_is_an_answer():
    counts = reference_counts(countries=60, rng=5)
    first, again = (hidden_population(counts, interval="bootstrap", replicates=60, rng=7) for _ in range(2))
    other = hidden_population(counts, interval="bootstrap", replicates=60, rng=8)
    assert first.to_dict() == again.to_dict()
    assert (first.draws.values == again.draws.values).all()
    assert other.lower != first.lower


def test_groups_add_up_to_the_whole():
    counts = reference_counts(countries=60, periods=3, rng=5)
    fitted = fit(counts, alpha="period")
    found = hidden_population_by(fitted, ["period"])
    whole = hidden_population(fitted)
    assert sum(one.value for one in found.estimates) == pytest.approx(whole.value, rel=1e-12)
    assert np.sqrt(found.sums.covariance_of(bias_corrected=True).sum()) == pytest.approx(whole.se, rel=0.02)
    assert found["period 2"].value == pytest.approx(hidden_population(fitted, where={"period": "period 2"}).value)
    drawn = hidden_population_by(fitted, ["period"], interval="bootstrap", replicates=80, rng=1)
    total = sum(one.draws.as_taken() for one in drawn.estimates)
    alone = hidden_population(fitted, interval="bootstrap", replicates=80, rng=1)
    assert total == pytest.approx(alone.draws.as_taken(), rel=1e-10)
    with pytest.raises(KeyError, match="the groups are period 1"):
        found["2030"]
