"""Partial pooling: held to its two limits, to statsmodels, to invariance, to populations of known size."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import loglinear, stratified, stratified_estimates
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.strata.partial_pooling import StrataTable
from smuggling_analysis.methods.multiple_systems.strata.pooled_strata import links_of
from smuggling_analysis.simulate import dependent_lists

LISTS = ["a", "b", "c"]
MODEL = "[12,3]"


def made(sizes, spread, rng, *, walk=False):
    """Strata whose lists reach them differently, by `spread` on the log-odds, scattered or walking."""
    rng = np.random.default_rng(rng)
    moves = spread * rng.standard_normal((len(sizes), 3))
    odds = np.array([-0.8, -1.2, -1.0]) + (np.cumsum(moves, axis=0) if walk else moves)
    frames = []
    for year, (size, chances) in enumerate(zip(sizes, 1 / (1 + np.exp(-odds)), strict=True)):
        part = dependent_lists(size, dict(zip(LISTS, chances, strict=True)), {("a", "b"): 2.0}, rng=rng)
        frames.append(part.table().astype(dict.fromkeys(LISTS, int)).assign(year=str(2010 + year)))
    return CaptureHistories.from_table(pd.concat(frames), lists=LISTS, strata=["year"], simulated=True)


FIVE = made([400, 500, 300, 600, 450], 0.3, 3)


def values(found):
    return [result.value for result in found.estimates.values()]


@pytest.mark.parametrize("pooling", ["strata", "neighbours"])
def test_a_large_pooling_sd_leaves_strata_apart(pooling):
    found = stratified_estimates(FIVE, pooling=pooling, pooling_sd=1e7, model=MODEL, rng=1)
    apart = [loglinear(part, model=MODEL, interval="wald") for _, part in FIVE.by_stratum()]
    assert values(found) == pytest.approx([each.value for each in apart], rel=1e-6)
    assert [each.se for each in found.estimates.values()] == pytest.approx([each.se for each in apart], rel=1e-6)
    assert max(each.diagnostics["borrowed"] for each in found.estimates.values()) < 1e-6


@pytest.mark.parametrize("pooling", ["strata", "neighbours"])
@pytest.mark.parametrize("sd", [0.0, 1e-7])
def test_a_pooling_sd_of_nothing_is_the_model_with_common_chances(pooling, sd):
    import statsmodels.api as sm

    found = stratified_estimates(FIVE, pooling=pooling, pooling_sd=sd, model=MODEL, rng=1)
    tables = np.array([part.dense()[1:] for _, part in FIVE.by_stratum()])
    terms = np.array(Model.parse(MODEL, LISTS).terms[1:])
    own = ((np.arange(1, 8)[:, None] & terms) == terms).astype(float)
    columns = np.hstack([np.kron(np.eye(5), np.ones((7, 1))), np.tile(own, (5, 1))])
    glm = sm.GLM(tables.ravel(), columns, family=sm.families.Poisson()).fit(tol=1e-14)
    unseen = np.exp(glm.params[:5])
    assert values(found) == pytest.approx(list(tables.sum(axis=1) + unseen), rel=1e-6)
    ses = np.sqrt(unseen + (unseen * glm.bse[:5]) ** 2)
    assert [each.se for each in found.estimates.values()] == pytest.approx(list(ses), rel=1e-6)


def test_marginal_likelihood_is_the_integral_it_stands_for():
    # One list-pair model with two strata and everything but one contrast fixed would be one integral; with
    # large counts Laplace is exact to their inverse, so doubling counts halves the error in curvature terms.
    tables = np.array([part.dense() for _, part in FIVE.by_stratum()], dtype=float)[:2] * 50
    model = Model(3, ())
    start = fit(tables.sum(axis=0), [model]).theta[0, :4]
    links = links_of([("1",), ("2",)], ["year"], "strata", None)
    table = StrataTable(tables, model, start, links)
    # With two strata and normal likelihoods the marginal of each contrast is normal: variance of the
    # difference between separate fits plus the pooling variance. Three lists' contrasts, jointly.
    apart = table.fit((1e7, 1e7))
    contrast = (apart.theta[0, 1:] - apart.theta[1, 1:]) / np.sqrt(2)
    spread = (apart.covariance[0, 1:, 0, 1:] + apart.covariance[1, 1:, 1, 1:]) / 2

    def exact(sd):
        whole = spread + sd**2 * np.eye(3)
        return -0.5 * (np.linalg.slogdet(whole)[1] + contrast @ np.linalg.solve(whole, contrast))

    ours = [table.fit((sd, sd)).log_marginal for sd in (0.05, 0.2, 1.0)]
    assert np.diff(ours) == pytest.approx(np.diff([exact(sd) for sd in (0.05, 0.2, 1.0)]), rel=0.02)


def test_the_amount_of_pooling_follows_the_data():
    alike, unlike = (stratified_estimates(made([1500] * 8, spread, 1), pooling="strata", model=MODEL, rng=1)
                     for spread in (0.0, 0.6))
    assert alike.sum.diagnostics["pooling_sd"] < 0.1
    # What the same strata show when there are millions of people in each.
    theta = np.array([fit(part.dense(), [Model.parse(MODEL, LISTS)]).theta[0]
                      for _, part in made([10**7] * 8, 0.6, 1).by_stratum()])
    truth = np.sqrt(theta[:, 1:4].var(axis=0, ddof=1).mean())
    assert unlike.sum.diagnostics["pooling_sd"] == pytest.approx(truth, rel=0.25)
    low, high = unlike.sum.diagnostics["pooling_sd_range"]
    assert low < truth < high
    mean = [np.mean([each.diagnostics["borrowed"] for each in found.estimates.values()]) for found in (alike, unlike)]
    assert mean[0] > 0.6 > 0.35 > mean[1]


def test_small_strata_borrow_more_and_say_so():
    found = stratified_estimates(made([60, 3000, 60, 2000], 0.3, 2), pooling="strata", model=MODEL, rng=1)
    borrowed = [each.diagnostics["borrowed"] for each in found.estimates.values()]
    assert min(borrowed[0], borrowed[2]) > 2 * max(borrowed[1], borrowed[3])
    assert any("borrowed from the others" in caution for caution in found.estimates[("2010",)].cautions)


def test_a_stratum_without_an_estimate_of_its_own_borrows_one():
    frame = FIVE.table().astype(dict.fromkeys(LISTS, int))
    poor = (frame["year"] == "2012") & (frame[LISTS].sum(axis=1) > 1)
    histories = CaptureHistories.from_table(frame[~poor], lists=LISTS, strata=["year"])
    apart = stratified_estimates(histories, model=MODEL)
    assert isinstance(apart.estimates[("2012",)], NoEstimate)
    pooled = stratified_estimates(histories, model=MODEL, pooling="strata", rng=1)
    assert np.isfinite(pooled.estimates[("2012",)].upper)
    assert not any("leaves out" in caution for caution in pooled.cautions)


def test_neighbours_hold_to_neighbours():
    links = links_of([("2010",), ("2011",), ("2015",)], ["year"], "neighbours", None)
    assert links.tolist() == [[0, 1, 0], [1, 0, 0.25], [0, 0.25, 0]]
    two = links_of([("f", "1"), ("f", "2"), ("m", "1"), ("m", "2")], ["sex", "year"], "neighbours", None)
    assert two.sum() == 4 and two[0, 1] == two[2, 3] == 1
    named = links_of([("high",), ("low",), ("mid",)], ["season"], "neighbours", ["low", "mid", "high"])
    assert named[0, 2] == named[1, 2] == 1 and named[0, 1] == 0
    with pytest.raises(ValueError, match="give order="):
        links_of([("a",), ("b",)], ["season"], "neighbours", ["a"])


def test_draws_of_strata_belong_together_and_add_up():
    found = stratified_estimates(FIVE, pooling="strata", model=MODEL, rng=1)
    total = sum(each.draws.values for each in found.estimates.values())
    assert np.array_equal(total, found.sum.draws.values)
    added = sum(found.estimates.values())
    assert (added.lower, added.upper) == pytest.approx((found.sum.lower, found.sum.upper))
    assert stratified(FIVE, pooling="strata", model=MODEL, rng=1).lower == found.sum.lower
    assert stratified(FIVE, pooling="strata", model=MODEL, rng=2).lower == pytest.approx(found.sum.lower, rel=0.03)


@pytest.mark.parametrize("pooling", ["strata", "neighbours"])
def test_the_order_of_lists_changes_nothing(pooling):
    one, other = (stratified_estimates(histories, pooling=pooling, selection="bic", rng=1)
                  for histories in (FIVE, FIVE.select(LISTS[::-1])))
    assert values(one) == pytest.approx(values(other), rel=1e-5)
    assert (one.sum.lower, one.sum.upper) == pytest.approx((other.sum.lower, other.sum.upper), rel=0.02)


def test_odd_strata_are_estimated_or_refused():
    on = (np.arange(1, 8)[:, None] >> np.arange(3) & 1).astype(bool)
    rng = np.random.default_rng(4)
    for _ in range(6):
        counts = rng.choice([0, 0, 1, 3, 40, 10**9], (3, 7))
        counts[:, 0] += 1
        histories = CaptureHistories(("a", "b", "c"), on, counts, ("year",), (("1",), ("2",), ("3",)))
        try:
            found = stratified_estimates(histories, pooling="neighbours", selection=None, rng=1, draws=200)
        except NoEstimate:
            continue
        for each in found.estimates.values():
            assert each.observed <= each.value < np.inf and each.observed <= each.lower <= each.upper


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["strata", "neighbours"])
def test_intervals_cover_and_estimates_are_closer_than_apart(pooling):
    sizes, rng = [80, 80, 150, 300, 60, 100], np.random.default_rng(1)
    covered, sums, near, far = [], [], [], []
    for _ in range(60):
        histories = made(sizes, 0.25, rng, walk=pooling == "neighbours")
        found = stratified_estimates(histories, pooling=pooling, model=MODEL, rng=1, confidence_level=0.9)
        apart = stratified_estimates(histories, model=MODEL, interval="log-normal")
        sums.append(found.sum.lower <= sum(sizes) <= found.sum.upper)
        for label, size in zip(histories.strata, sizes, strict=True):
            own = found.estimates[label]
            covered.append(own.lower <= size <= own.upper)
            near.append(abs(np.log(own.value / size)))
            if not isinstance(apart.estimates[label], NoEstimate):
                far.append(abs(np.log(apart.estimates[label].value / size)))
    assert np.mean(covered) == pytest.approx(0.9, abs=0.06)
    assert np.mean(sums) > 0.8
    assert np.mean(near) < 0.8 * np.mean(far)


@pytest.mark.parametrize(("strata", "options", "words"), [
    (["1", "1.0", "2"], {}, "two values of year are the same number"),
    (["2019", "2020"], {"order": "2019"}, "order, with pooling='neighbours', is a list"),
    (["2019", "2020"], {"order": ["2019", "2020", "2019"]}, "distinct values"),
    (["2019", "2020"], {"order": ["2020"]}, "all named in order"),
    (["2019", "2020"], {"order": ["2019", "2020"], "pooling": "strata"}, "order, with pooling='neighbours'")])
def test_an_order_that_is_none_is_refused(strata, options, words):
    counts = np.tile([20, 30, 40], (len(strata), 1))
    histories = CaptureHistories(("a", "b"), np.array([[1, 1], [1, 0], [0, 1]]), counts, ("year",),
                                 tuple((value,) for value in strata))
    with pytest.raises(ValueError, match=words):
        stratified(histories, **{"pooling": "neighbours", **options})


def test_of_two_variables_with_numbers_it_must_be_said_which_is_ordered():
    # Women coded 2 and men 1 are no neighbours in time.
    labels = tuple((sex, year) for sex in "12" for year in ("2019", "2020"))
    histories = CaptureHistories(("a", "b"), np.array([[1, 1], [1, 0], [0, 1]]), np.tile([20, 30, 40], (4, 1)),
                                 ("sex", "year"), labels)
    with pytest.raises(ValueError, match="sex and year may each be meant"):
        stratified(histories, pooling="neighbours")
    found = stratified_estimates(histories, pooling="neighbours", order=["2019", "2020"], rng=1, draws=200)
    assert len(found.estimates) == 4
