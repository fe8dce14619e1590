"""The log-linear estimate: held to statsmodels' GLM, to symmetries and to populations of known size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems import loglinear, loglinear_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.simulate import dependent_lists, heterogeneous_lists, independent_lists


@pytest.mark.parametrize(("name", "notation"), [
    ("UKdat_5", "[123,25,34]"), ("Kosovo", "[123,14,34]"), ("lesbian", "[12,14,23,24,34]"),
    ("UKdat", "[1,2,3,4,5,6]")])
def test_fit_is_statsmodels_glm(name, notation, capture_table):
    import statsmodels.api as sm

    histories = capture_table(name)
    cells = histories.dense()
    terms = np.array(Model.parse(notation, histories.lists).terms)
    every = np.arange(1, cells.size)
    design = ((every[:, None] & terms) == terms).astype(float)
    glm = sm.GLM(cells[1:], design, family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    ours = loglinear(histories, model=notation, interval="log-normal")
    assert ours.diagnostics["unseen"] == pytest.approx(np.exp(glm.params[0]), rel=1e-8)
    assert ours.diagnostics["deviance"] == pytest.approx(glm.deviance, rel=1e-8)
    assert ours.diagnostics["aic"] == pytest.approx(glm.aic, rel=1e-8)
    limits = histories.n_observed + np.exp(glm.conf_int()[0])
    assert [ours.lower, ours.upper] == pytest.approx(list(limits), rel=1e-6)


THREE = ["a", "b", "c"]
counts_of_three = st.lists(st.integers(0, 400), min_size=7, max_size=7).filter(any)


def table_of(counts, lists):
    cells = np.arange(1, 1 << len(lists))
    on = (cells[:, None] >> np.arange(len(lists)) & 1).astype(bool)
    return CaptureHistories(tuple(lists), on, np.array(counts)[None, :])


def outcome(histories, **options):
    try:
        return loglinear(histories, **options)
    except NoEstimate as refusal:
        return refusal


@settings(deadline=None, derandomize=True)
@given(counts_of_three, st.permutations(range(3)))
def test_the_order_of_lists_changes_no_model(counts, order):
    histories = table_of(counts, THREE)
    relabelled = histories.select([THREE[place] for place in order])
    place_of = {str(old + 1): str(new + 1) for new, old in enumerate(order)}
    one, other = (loglinear_models(table).frame.set_index("model") for table in (histories, relabelled))
    for notation, row in one.iterrows():
        moved = "".join(place_of.get(letter, letter) for letter in notation)
        again = other.loc[Model.parse(moved, THREE).notation]
        assert (row["exists"], row["identified"]) == (again["exists"], again["identified"])
        np.testing.assert_allclose(row[["value", "se", "bic"]].astype(float),
                                   again[["value", "se", "bic"]].astype(float), rtol=1e-7)


@pytest.mark.parametrize("selection", ["bic", "aic", "stepwise"])
@pytest.mark.parametrize("name", ["UKdat_5", "Ned_5", "Kosovo"])
def test_the_order_of_lists_changes_no_choice(name, selection, capture_table):
    histories = capture_table(name)
    one, other = (loglinear(table, selection=selection, interval="log-normal")
                  for table in (histories, histories.select(histories.lists[::-1])))
    found, again = ((each.value, each.lower, each.upper) for each in (one, other))
    assert found == pytest.approx(again, rel=1e-8)


@settings(deadline=None, derandomize=True)
@given(counts_of_three, st.integers(2, 1000), st.sampled_from(["[1,2,3]", "[12,3]", "[12,13]", "[12,13,23]"]))
def test_multiplying_every_count_multiplies_the_estimate(counts, factor, model):
    once = outcome(table_of(counts, THREE), model=model, interval="wald")
    often = outcome(table_of(np.array(counts) * factor, THREE), model=model, interval="wald")
    assert type(once) is type(often)
    if isinstance(once, Estimate):
        assert often.value == pytest.approx(factor * once.value, rel=1e-7)


@settings(deadline=None, derandomize=True, max_examples=120)
@given(st.integers(2, 6).flatmap(lambda n: st.tuples(
    st.just(n), st.lists(st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 10**9)), min_size=2**n - 1,
                         max_size=2**n - 1).filter(any))), st.sampled_from(["profile", "log-normal", "wald"]))
def test_any_table_gives_an_estimate_or_a_refusal(drawn, interval):
    n_lists, counts = drawn
    histories = table_of(counts, [f"list {place}" for place in range(n_lists)])
    for selection in ("stepwise", None, *(["bic"] if n_lists <= 4 else [])):
        found = outcome(histories, selection=selection, interval=interval)
        if isinstance(found, Estimate):
            assert np.isfinite(found.value)
            assert found.value >= histories.n_observed
        else:
            assert found.reason
            assert found.needed


@pytest.mark.parametrize("lists", [8, 14])
def test_many_lists_go_stepwise(lists):
    chances = {f"list {place}": 0.05 for place in range(lists)}
    histories = independent_lists(4000, chances, rng=3)
    estimate = loglinear(histories, selection="stepwise", interval="log-normal")
    assert estimate.lower < 4000 < estimate.upper
    if lists > 12:
        with pytest.raises(ValueError, match=r"too many models on 14 lists .* selection='stepwise'"):
            loglinear(histories)


def test_one_list_is_refused():
    with pytest.raises(NoEstimate, match="one list cannot tell whom it misses"):
        loglinear(CaptureHistories.from_counts({"a": 5}, lists=["a"]))
    with pytest.raises(NoEstimate, match="one list"):
        loglinear_models(CaptureHistories.from_counts({"a": 5}, lists=["a"]))


@pytest.mark.parametrize(("options", "said"), [
    ({"selection": "best"}, "selection is one of 'bic', 'aic', 'stepwise', 'average', None"),
    ({"interval": "exact"}, "interval is one of"), ({"resampling": "smooth"}, "resampling is one of"),
    ({"interval": "bca", "replicates": 1}, "2 replicates or more"),
    ({"confidence_level": 95}, "share between 0 and 1"), ({"threshold": 2.0}, "p-value between 0 and 1"),
    ({"selection": "stepwise", "max_order": 3}, "two-list terms only"), ({"max_order": 0}, "1 or more"),
    ({"model": "[17]"}, "numbered 1 to 5: LA, NG"), ({"model": 5}, "a model is notation such as"),
    ({"interval": "bca", "replicates": 2.5}, "2 replicates or more")])
def test_options_that_make_no_sense_are_refused(options, said, capture_table):
    with pytest.raises(ValueError, match=said):
        loglinear(capture_table("UKdat_5"), **options)


def test_what_a_reader_must_see_is_said(capture_table):
    said = " | ".join(loglinear(capture_table("UKdat_5")).cautions)
    assert "nobody is on both LA and GP" in said
    assert "fewer than 5 people are on both NG and GP" in said
    assert "takes the chosen model as if it had been known" in said
    assert "41 models within 10 BIC points of the best range from 10,546 to 34,083" in said
    assert "fits poorly" in " ".join(loglinear(capture_table("lesbian"), selection=None).cautions)
    said = " | ".join(loglinear(capture_table("Ned"), model="[24]", interval="wald").cautions)
    assert "as if it had been known" not in said
    boundary = loglinear(capture_table("Ned_5"), model=[("K", "R")], interval="wald").cautions
    assert any("nobody at all can be on K and R together" in caution for caution in boundary)


def test_strata_are_pooled_with_a_caution():
    patterns = np.array([[1, 0], [0, 1], [1, 1]], dtype=bool)
    counts = np.array([[9, 8, 4], [20, 30, 11]])
    histories = CaptureHistories(("a", "b"), patterns, counts, ("sex",), (("f",), ("m",)))
    estimate = loglinear(histories, selection=None)
    assert estimate.value == pytest.approx((13 + 31) * (12 + 41) / 15)
    assert any("strata (sex) were added together" in caution for caution in estimate.cautions)


def test_the_model_table_tells_of_every_model(capture_table):
    table = loglinear_models(capture_table("NewOrl_5"))
    frame = table.frame
    assert list(frame.columns) == [
        "model", "value", "se", "df", "deviance", "aic", "bic", "weight", "exists", "identified"]
    assert len(frame) == frame["model"].nunique() == 6893
    assert frame["weight"].sum() == pytest.approx(1)
    held = frame["exists"] & frame["identified"]
    assert (frame["value"].notna() == held).all()
    assert (frame.loc[held, "bic"].diff().dropna() > -1e-8).all()  # equal but for rounding
    assert not held[int(held.sum()):].any()
    assert (frame.loc[~held, "weight"] == 0).all()
    assert "nobody is on both" in table.cautions[0]


@pytest.mark.parametrize(("model", "odds"), [(None, {}), ("[12,3]", {("a", "b"): 4.0})])
@pytest.mark.parametrize("interval", ["profile", "log-normal"])
def test_intervals_cover_when_the_model_is_true(model, odds, interval):
    size, trials = 3000, 300
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(trials):
        histories = dependent_lists(size, {"a": 0.2, "b": 0.15, "c": 0.2}, odds, rng=rng)
        estimate = loglinear(histories, model=model, selection=None, interval=interval)
        covered += estimate.lower <= size <= estimate.upper
    # 95 % of 300, give or take 4 standard errors of a binomial share (0.0126 each).
    assert abs(covered / trials - 0.95) < 0.05


def test_people_who_differ_are_undercounted_by_independence():
    rng = np.random.default_rng(8)
    chances = {"a": 0.2, "b": 0.2, "c": 0.2}

    def mean_of_20(spread):
        tables = [heterogeneous_lists(4000, chances, spread=spread, rng=rng) for _ in range(20)]
        return np.mean([loglinear(table, selection=None, interval="wald").value for table in tables])

    assert mean_of_20(0.0) == pytest.approx(4000, rel=0.03)
    assert mean_of_20(1.5) < 3200


def test_two_lists_leave_no_choice_and_cannot_show_their_dependence():
    said = " ".join(loglinear(CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 12}, lists=["a", "b"])
                              ).cautions)
    assert "two lists cannot show whether being on a changes the chance of being on b" in said
    assert "as if it had been known" not in said
