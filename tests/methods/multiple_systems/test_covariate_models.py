"""Lists x covariates in one table: held to statsmodels' GLM, to collapsibility, to fits by stratum, to symmetries."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems import covariate_model, loglinear

LISTS, COVARIATES = ["S1", "S2", "S3", "S4"], ["region", "sex", "age"]
PAIRS = list(combinations([*LISTS, *COVARIATES], 2))


@pytest.fixture(scope="module")
def scotland(covariate_table):
    return CaptureHistories.from_table(covariate_table("ScotPWID"), lists=LISTS, strata=COVARIATES)


def columns(table, generators):
    """The design by hand: every generator's variables and their products; covariates against their last level."""
    one = {name: table[name].to_numpy() for name in LISTS} | {
        "region": table["region"].eq("GGC"), "sex": table["sex"].eq("Female"), "age": table["age"].eq("Old")}
    terms = [(name,) for name in one] + [part for term in generators for size in range(2, len(term) + 1)
                                         for part in combinations(term, size)]
    return np.column_stack([np.ones(len(table)), *(np.prod([one[name] for name in term], axis=0)
                                                   for term in dict.fromkeys(terms))]).astype(float)


@pytest.mark.parametrize("generators", [
    [("S1", "S3"), ("S2", "S4"), ("S2", "sex"), ("S3", "region"), ("sex", "age")],
    PAIRS,
    [("S1", "region", "age"), ("S2", "S3", "sex"), ("S4", "region"), ("region", "sex", "age")],
    []])
def test_fit_is_statsmodels_glm(generators, scotland, covariate_table):
    import statsmodels.api as sm

    table = covariate_table("ScotPWID")
    glm = sm.GLM(table["count"].to_numpy(), columns(table, generators), family=sm.families.Poisson()).fit(
        tol=1e-15, maxiter=200)
    unseen = table[COVARIATES].drop_duplicates().assign(S1=0, S2=0, S3=0, S4=0)
    rows = columns(unseen, generators)
    means = np.exp(rows @ glm.params)
    slopes = means[:, None] * rows
    spread = np.diag(means) + slopes @ glm.cov_params() @ slopes.T
    ours = covariate_model(scotland, model=generators)
    seen = table.groupby(COVARIATES)["count"].sum()
    assert ours.total.diagnostics["unseen"] == pytest.approx(means.sum(), rel=1e-8)
    assert ours.total.diagnostics["deviance"] == pytest.approx(glm.deviance, rel=1e-8)
    assert ours.total.diagnostics["aic"] == pytest.approx(glm.aic, rel=1e-8)
    assert ours.total.diagnostics["df"] == glm.df_resid
    assert ours.total.se == pytest.approx(np.sqrt(spread.sum()), rel=1e-7)
    for label, mean, variance in zip(unseen[COVARIATES].itertuples(index=False), means, np.diag(spread), strict=True):
        assert ours.strata[tuple(label)].value == pytest.approx(seen[tuple(label)] + mean, rel=1e-8)
        assert ours.strata[tuple(label)].se == pytest.approx(np.sqrt(variance), rel=1e-7)


def test_without_terms_between_lists_and_covariates_the_table_collapses(scotland):
    lists = [("S1", "S3"), ("S2", "S3", "S4")]
    whole = covariate_model(scotland, model=[*lists, ("region", "sex", "age")]).total
    apart = covariate_model(scotland, model=lists).total
    pooled = loglinear(scotland, model=lists, interval="log-normal")
    assert whole.value == pytest.approx(pooled.value, rel=1e-8)
    assert apart.value == pytest.approx(pooled.value, rel=1e-8)
    assert whole.se == pytest.approx(pooled.se, rel=1e-7)


def test_saturated_in_the_covariates_it_is_one_fit_per_stratum(scotland):
    lists = [("S1", "S3"), ("S2",), ("S4",)]
    ours = covariate_model(scotland, model=[(*term, *COVARIATES) for term in lists])
    for label, histories in scotland.by_stratum():
        alone = loglinear(histories, model=lists, interval="log-normal")
        assert ours.strata[label].value == pytest.approx(alone.value, rel=1e-8)
        assert ours.strata[label].se == pytest.approx(alone.se, rel=1e-7)


def test_strata_and_margins_add_up(scotland):
    ours = covariate_model(scotland)
    assert sum(one.value for one in ours.strata.values()) == pytest.approx(ours.total.value, rel=1e-10)
    for name in COVARIATES:
        assert sum(one.value for one in ours.margin(name).values()) == pytest.approx(ours.total.value, rel=1e-10)
        assert sum(one.observed for one in ours.margin(name).values()) == scotland.n_observed
    frame = ours.frame()
    assert list(frame.columns) == [*COVARIATES, "observed", "value", "lower", "upper", "se"]
    assert (frame["lower"] >= frame["observed"]).all()
    alone = ours.fitted[~ours.fitted[LISTS].any(axis=1)]
    assert alone["fitted"].sum() == pytest.approx(ours.total.diagnostics["unseen"], rel=1e-10)
    assert loglinear(scotland, covariates=COVARIATES).value == ours.total.value
    with pytest.raises(ValueError, match="none of the covariates: region, sex, age"):
        ours.margin("height")


def test_the_scottish_estimate_lies_with_the_published_ones(scotland):
    """King and others (2013), averaging two-way models: 31,700 people (24,900 to 38,700) in Scotland in 2006."""
    for selection in ("bic", "aic"):
        ours = covariate_model(scotland, selection=selection).total
        assert 24_900 < ours.lower < 31_700 < ours.upper < 39_500
        assert ours.value == pytest.approx(31_700, rel=0.05)
    assert ours.diagnostics["search"] == "steps forward and backward"
    assert ours.diagnostics["models_visited"] > 100
    assert any("a better one may have been passed over" in caution for caution in ours.cautions)


def test_steps_find_the_best_of_every_model(scotland):
    every = covariate_model(scotland, covariates=["sex"]).total
    steps = covariate_model(scotland, covariates=["sex"], selection="stepwise").total
    assert every.diagnostics["search"] == "every model"
    assert every.diagnostics["models_visited"] == 1024
    assert steps.diagnostics["models_visited"] < 200
    assert steps.diagnostics["bic"] == pytest.approx(every.diagnostics["bic"], rel=1e-12)
    assert steps.value == pytest.approx(every.value, rel=1e-10)
    assert any("region, age were added together" in caution for caution in every.cautions)


def test_names_of_levels_order_of_rows_and_of_lists_change_nothing(scotland, covariate_table):
    table = covariate_table("ScotPWID").sample(frac=1, random_state=5)
    table["sex"] = table["sex"].map({"Male": "b", "Female": "a"})
    table["region"] = table["region"].map(lambda name: "x" + name[::-1])
    other = CaptureHistories.from_table(table, lists=LISTS[::-1], strata=["age", "sex", "region"])
    ours, again = covariate_model(scotland), covariate_model(other)
    for name in ("value", "lower", "upper", "se"):
        assert getattr(again.total, name) == pytest.approx(getattr(ours.total, name), rel=1e-9)
    assert again.margin("sex")["b"].value == pytest.approx(ours.margin("sex")["Male"].value, rel=1e-9)
    assert again.total.diagnostics["bic"] == pytest.approx(ours.total.diagnostics["bic"], rel=1e-10)


def test_nobody_in_a_part_of_a_margin_is_on_the_boundary_and_said_so():
    rows = [(1, 0, "f", 0), (0, 1, "f", 40), (1, 0, "m", 50), (0, 1, "m", 60), (1, 1, "m", 10)]
    table = pd.DataFrame([(*row[:2], 1, *row[2:]) for row in rows] + [(*row[:2], 0, *row[2:]) for row in rows]
                         + [(0, 0, 1, "f", 30), (0, 0, 1, "m", 70)],
                         columns=["police", "ngo", "court", "sex", "count"])
    ours = covariate_model(CaptureHistories.from_table(table, strata=["sex"]),
                           model=[("police", "sex"), ("ngo", "sex"), ("court", "sex")])
    assert "on the boundary: the model takes it that nobody at all is on police and sex f" in ours.total.cautions
    assert (ours.coefficients["value"] == -np.inf).sum() == 1
    women = loglinear(CaptureHistories.from_counts({"ngo": 40, "court": 30, ("ngo", "court"): 40},
                                                   lists=["police", "ngo", "court"]), model="[1,2,3]")
    assert ours.strata["f",].value == pytest.approx(women.value, rel=1e-8)


@pytest.mark.parametrize(("model", "said"), [
    ([("a", "b")], "is not identifiable on this table"),
    ([("a", "b", "sex")], "is not identifiable on this table"),
    ([("a", "sex"), ("b", "sex")], "nobody is on")])
def test_what_has_no_estimate_is_refused_in_words(model, said):
    table = pd.DataFrame([(1, 0, "f", 10), (0, 1, "f", 8), (1, 0, "m", 5), (0, 1, "m", 7), (1, 1, "m", 2)],
                         columns=["a", "b", "sex", "count"])
    with pytest.raises(NoEstimate, match=said):
        covariate_model(CaptureHistories.from_table(table, strata=["sex"]), model=model)


@pytest.mark.parametrize(("options", "said"), [
    ({"covariates": ["height"]}, "the strata are made by region, sex, age; not among them: height"),
    ({"covariates": "sex"}, "a sequence of names"),
    ({"model": [("S1", "height")]}, "the model names 'height'"),
    ({"selection": "average"}, "with covariates, selection is one of"),
    ({"interval": "profile"}, "with covariates, interval is one of log-normal, wald, bootstrap"),
    ({"max_order": 0}, "max_order is a whole number from 1 to 7"),
    ({"confidence_level": 1}, "a share between 0 and 1"), ({"replicates": 1}, "2 replicates or more")])
def test_options_are_refused_in_words(options, said, scotland):
    with pytest.raises(ValueError, match=said):
        covariate_model(scotland, **options)


def test_one_list_and_no_covariate_are_refused(scotland):
    with pytest.raises(NoEstimate, match="one list cannot tell whom it misses"):
        covariate_model(scotland.select(["S1"]))
    with pytest.raises(ValueError, match="there is no covariate"):
        covariate_model(scotland.pooled())


counts = st.integers(0, 40) | st.sampled_from([0, 0, 0, 1, 10**4, 10**9])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(2, 4), st.integers(1, 3), st.booleans(), st.data())
def test_any_table_has_an_estimate_or_a_reason(n_lists, levels, partly, data):
    names = [f"list {place}" for place in range(n_lists)]
    values = [str(level) for level in range(levels)] + [None] * partly
    rows = [([history >> place & 1 for place in range(n_lists)], value, data.draw(counts))
            for history in range(1, 1 << n_lists) for value in values]
    if not any(row[2] for row in rows):
        return
    frame = pd.DataFrame([(*on, value, number) for on, value, number in rows], columns=[*names, "kind", "count"])
    histories = CaptureHistories.from_table(frame, strata=["kind"], partly_recorded=["kind"] * partly)
    try:
        ours = covariate_model(histories, selection=data.draw(st.sampled_from(["bic", "stepwise", None])))
    except NoEstimate:
        return
    for one in (ours.total, *ours.strata.values(), *ours.margin("kind").values()):
        assert isinstance(one, Estimate)
        assert np.isfinite([one.value, one.lower, one.se]).all()
        assert one.value >= one.observed
    parts = sum(one.value for one in ours.strata.values())
    assert parts == pytest.approx(ours.total.value, rel=1e-9)
