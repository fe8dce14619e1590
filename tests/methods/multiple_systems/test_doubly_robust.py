"""Doubly robust estimates: held to closed forms, to statsmodels, to invariance and to populations of known size."""

import json
import math
import tempfile
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import Estimate, ListedPeople, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import doubly_robust, lincoln_petersen, loglinear
from smuggling_analysis.methods.multiple_systems.double_robustness.influence import influences, targeted
from smuggling_analysis.methods.multiple_systems.double_robustness.nuisance import (
    cross_fitted,
    design,
    multinomial_chances,
    multinomial_fit,
)
from smuggling_analysis.simulate import listed_people

LEVEL, SLOPE = {"police": -0.7, "ngo": -0.9}, {"police": 0.5, "ngo": 0.5}
ESTIMATORS = ("doubly robust", "plug-in", "targeted")


@pytest.fixture(scope="module")
def people():
    return listed_people(4000, LEVEL, SLOPE, rng=3)


@pytest.fixture(scope="module")
def three_lists():
    return listed_people(4000, {**LEVEL, "court": -1.2}, {**SLOPE, "court": 0.4}, rng=4)


def reordered(made, rows=None, lists=None):
    rows = slice(None) if rows is None else rows
    lists = lists or made.lists
    on = made.on[rows][:, [made.lists.index(name) for name in lists]]
    return ListedPeople(tuple(lists), on, made.covariates, tuple(column[rows] for column in made.values),
                        made.simulated)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_without_covariates_it_is_lincoln_petersen(people, estimator):
    made = doubly_robust(people, nuisance="none", estimator=estimator)
    theirs = lincoln_petersen(people.histories())
    assert made.value == pytest.approx(theirs.value, rel=1e-12)
    assert list(made.diagnostics["estimates"].values()) == pytest.approx(
        [theirs.value] * (2 + (estimator == "targeted")), rel=1e-12)
    # Sekar and Deming's variance, to the order of one over the people.
    assert made.se == pytest.approx(theirs.se, rel=1e-3)
    np.testing.assert_allclose([made.lower, made.upper], [theirs.lower, theirs.upper], rtol=1e-3)
    assert doubly_robust(people, covariates=[], estimator=estimator).value == made.value


def test_a_category_alone_is_a_stratified_estimate(people):
    # The saturated model of one category: Lincoln-Petersen in each, added.
    made = doubly_robust(people, covariates=["sex"], by="sex", folds=1)
    strata = {label: lincoln_petersen(part.histories()) for label, part in people.by("sex")}
    assert made.value == pytest.approx(sum(part.value for part in strata.values()), rel=1e-9)
    for label, part in strata.items():
        assert made.diagnostics["groups"][label]["value"] == pytest.approx(part.value, rel=1e-9)
        assert made.diagnostics["groups"][label]["se"] == pytest.approx(part.se, rel=2e-3)


def test_the_models_are_statsmodels(people):
    import statsmodels.api as sm

    x = design(people, ("age", "sex"))
    cells = np.where(people.on.all(axis=1), 0, np.where(people.on[:, 0], 1, 2))
    ours, settled = multinomial_fit(x, cells, 3)
    assert settled
    theirs = sm.MNLogit(cells, x).fit(disp=0, method="newton", tol=1e-12)
    np.testing.assert_allclose(ours, theirs.params, rtol=1e-7)
    logit, _ = multinomial_fit(x, (cells == 0).astype(int), 2)
    fitted = sm.GLM(cells == 0, x, family=sm.families.Binomial()).fit(tol=1e-14)
    np.testing.assert_allclose(multinomial_chances(x, logit)[:, 1], fitted.predict(x), rtol=1e-9)


def test_influences_by_hand():
    chances = np.array([[0.2, 0.5, 0.3]] * 3)
    made = influences(chances, np.array([0, 1, 2]))
    stands_for = 0.7 * 0.5 / 0.2
    np.testing.assert_allclose(made.plug_in, stands_for)
    np.testing.assert_allclose(made.robust, stands_for * np.array([1 / 0.7 + 1 / 0.5 - 1 / 0.2, 1 / 0.7, 1 / 0.5]))
    # Its expectation over where the person is seen is the plug-in.
    assert chances[0] @ made.robust == pytest.approx(stands_for)


def test_targeting_solves_its_equation(people):
    x = design(people, ("age",))
    cells = np.where(people.on.all(axis=1), 0, np.where(people.on[:, 0], 1, 2))
    wrong = np.column_stack([np.full(len(x), 0.5), np.full(len(x), 0.3), np.full(len(x), 0.2)])
    weights = np.full(len(x), 1 / len(x))
    made = targeted(wrong, cells, weights, 0.001)
    assert made.settled
    assert weights @ (made.robust - made.plug_in) == pytest.approx(0, abs=1e-10)


def test_it_is_right_if_either_model_is():
    # The error of the doubly robust number is a product: with the chances of the first list true and those of the
    # second wrong it keeps the truth, and the other way round; the plug-in does not.
    size, rng = 400_000, np.random.default_rng(5)
    known = rng.uniform(-1, 1, size)
    p1, p2 = 0.5 + 0.3 * known, 0.4 + 0.25 * known
    one, two = rng.random(size) < p1, rng.random(size) < p2
    seen = one | two
    cells = np.where(one & two, 0, np.where(one, 1, 2))[seen]
    for first, second in ((p1, np.full(size, 0.4)), (np.full(size, 0.5), p2)):
        chances = np.column_stack([first * second, first * (1 - second), (1 - first) * second])[seen]
        made = influences(chances / chances.sum(axis=1, keepdims=True), cells)
        assert made.robust.sum() == pytest.approx(size, rel=0.005)
        assert abs(made.plug_in.sum() / size - 1) > 0.01


def test_neither_rows_nor_lists_nor_units_nor_seed_of_the_call_change_it(people, three_lists):
    rng = np.random.default_rng(1)
    for made in (people, three_lists):
        first = doubly_robust(made, rng=7)
        other = reordered(made, rng.permutation(made.n_observed), made.lists[::-1])
        again = doubly_robust(other, covariates=["sex", "age"], rng=7)
        np.testing.assert_allclose([again.value, again.lower, again.upper, again.se],
                                   [first.value, first.lower, first.upper, first.se], rtol=1e-9)
        scaled = ListedPeople(made.lists, made.on, made.covariates, (1e6 + 365 * made.values[0], made.values[1]))
        assert doubly_robust(scaled, rng=7).value == pytest.approx(first.value, rel=1e-7)
        assert doubly_robust(made, rng=7).value == first.value
    assert doubly_robust(people, rng=7).value != doubly_robust(people, rng=8).value


def test_groups_sum_to_the_whole_and_small_ones_are_put_together(people):
    made = doubly_robust(people, by="sex", rng=1)
    groups = made.diagnostics["groups"]
    assert sum(group["value"] for group in groups.values()) == pytest.approx(made.value, rel=1e-12)
    assert sum(group["observed"] for group in groups.values()) == people.n_observed
    for sizes, told in (({"B": 6, "C": 6}, {"A": people.n_observed - 12, "others together": 12}),
                        # Six alone would be a small group once more: the next larger joins them.
                        ({"B": 6, "C": 400}, {"A": people.n_observed - 406, "others together": 406}),
                        ({"B": 1}, {"others together": people.n_observed})):
        towns = np.repeat(["A", *sizes], [people.n_observed - sum(sizes.values()), *sizes.values()])
        named = ListedPeople(people.lists, people.on, (*people.covariates, "town"), (*people.values, towns))
        found = doubly_robust(named, covariates=["age", "sex"], by="town", rng=1).diagnostics["groups"]
        assert {name: group["observed"] for name, group in found.items()} == told
    with pytest.raises(ValueError, match="groups are of a covariate with"):
        doubly_robust(people, by="age")


def test_several_lists_take_every_pair_or_the_one_named(three_lists):
    made = doubly_robust(three_lists, rng=1)
    pairs = made.diagnostics["pairs"]
    assert list(pairs) == ["court and ngo", "court and police", "ngo and police"]
    assert made.value == pytest.approx(np.mean([pair["value"] for pair in pairs.values()]), rel=1e-12)
    assert made.se < max(pair["se"] for pair in pairs.values())
    named = doubly_robust(three_lists, lists=["ngo", "police"], rng=1)
    assert named.value == pytest.approx(pairs["ngo and police"]["value"], rel=1e-9)
    # People on the third list alone count as observed.
    assert named.observed == three_lists.n_observed > three_lists.histories().select(["ngo", "police"]).n_observed
    apart = ListedPeople(("a", "b", "c"), np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] * 30))
    assert any("nobody is on both a and c; b and c: left out" in caution
               for caution in doubly_robust(apart).cautions)


def test_a_model_of_ones_own(people):
    calls = []

    def shares(x, cells, new):
        calls.append((x.shape, cells.max(), new.shape))
        return np.tile(np.bincount(cells, minlength=3) / len(cells), (len(new), 1))

    made = doubly_robust(people, nuisance=shares, folds=2, rng=1)
    assert made.method == "doubly_robust, doubly robust, shares"
    assert doubly_robust(people, nuisance=shares, folds=1).value == pytest.approx(
        lincoln_petersen(people.histories()).value, rel=1e-12)
    assert len(calls) == 3 and all(shape[1] == 3 for shape, _, _ in calls)
    assert sum(new[0] for _, _, new in calls[:2]) == people.n_observed
    for wrong, said in ((lambda x, cells, new: np.zeros((len(new), 2)), "three columns"),
                        (lambda x, cells, new: np.full((len(new), 3), 0.5), "sum at most 1"),
                        (lambda x, cells, new: np.full((len(new), 3), np.nan), "finite")):
        with pytest.raises(ValueError, match=said):
            doubly_robust(people, nuisance=wrong)


def test_thin_overlap_is_said():
    # On both lists only when young: for the old the chance of being on both is next to none.
    made = doubly_robust(listed_people(4000, {"a": -1.5, "b": -1.5}, {"a": 2.5, "b": -2.5}, rng=6), rng=1)
    assert made.diagnostics["raised_share"] > 0
    assert any("was raised to 0.005 for" in caution for caution in made.cautions)
    assert not any("was raised" in caution
                   for caution in doubly_robust(listed_people(4000, LEVEL, SLOPE, rng=6), rng=1).cautions)


def test_a_covariate_that_tells_the_lists_exactly_is_said():
    on = np.array([[1, 1], [1, 0], [0, 1]] * 60, dtype=bool)
    tells = np.where(on.all(axis=1), "both", "one")
    made = doubly_robust(ListedPeople(("a", "b"), on, ("office",), (tells,)), rng=1)
    assert any("did not reach its maximum" in caution for caution in made.cautions)


@pytest.mark.parametrize("interval", ["log-normal", "wald"])
@pytest.mark.parametrize(("cells", "said"), [
    ([[1, 1]] * 30 + [[0, 1]] * 20, "does not mean certainty"), ([[1, 1]] * 40, "does not mean certainty"),
    ([[1, 1]] * 3 + [[0, 1]] * 20 + [[1, 0]] * 20, "fewer than 20 people are on both a and b")])
def test_odd_tables_are_told_of(cells, said, interval):
    made = doubly_robust(ListedPeople(("a", "b"), cells), interval=interval)
    assert made.observed <= made.lower <= made.value <= made.upper
    assert any(said in caution for caution in made.cautions)
    assert any("only" in caution and "rest on few" in caution for caution in made.cautions)


def test_refusals_name_the_reason(people):
    with pytest.raises(NoEstimate, match="nobody is on both a and b"):
        doubly_robust(ListedPeople(("a", "b"), [[1, 0]] * 5 + [[0, 1]] * 5))
    few = ListedPeople(("a", "b"), [[1, 1]] + [[1, 0]] * 20 + [[0, 1]] * 20, ("age",), (np.arange(41.0),))
    with pytest.raises(NoEstimate, match="with one fold left out nobody is left on both"):
        doubly_robust(few)
    with pytest.raises(NoEstimate, match="one person only"):
        doubly_robust(ListedPeople(("a", "b"), [[1, 1]]))
    with pytest.raises(ValueError, match="needs two lists or more"):
        doubly_robust(ListedPeople(("a",), [[1]] * 5))


@pytest.mark.parametrize(("options", "said"), [
    ({"lists": ["police"]}, "names two of"), ({"lists": ["police", "tax"]}, "names two of"),
    ({"covariates": ["height"]}, "not among them: height"), ({"by": "height"}, "not among them"),
    ({"nuisance": "forest"}, "nuisance is one of"), ({"estimator": "naive"}, "estimator is one of"),
    ({"interval": "exact"}, "interval is one of"), ({"least": 0}, "shares between 0 and 1"),
    ({"confidence_level": 95}, "shares between 0 and 1"), ({"folds": 0}, "folds must be between"),
    ({"folds": [1, 2]}, "folds must number")])
def test_unknown_options_are_refused(people, options, said):
    with pytest.raises(ValueError, match=said):
        doubly_robust(people, **options)


def test_fewer_than_observed_is_refused_not_shown_as_certainty():
    # A handful on both lists and several covariates: what is learnt of some does not carry over to others.
    refused = 0
    for seed in range(20):
        made = listed_people(1000, {"a": -2.5, "b": -2.5}, {"a": 0.3, "b": 0.3}, rng=seed)
        try:
            assert doubly_robust(made, rng=seed).upper > made.n_observed
        except NoEstimate as fault:
            refused += "fewer than the" in fault.reason and "observed" in fault.reason
    assert refused > 3


def test_a_group_below_its_observed_has_no_number():
    rng = np.random.default_rng(2)
    on = np.array([[1, 1]] * 300 + [[1, 0]] * 300 + [[0, 1]] * 300, dtype=bool)
    # In one town those on both lists are nearly all: without that in the model its size falls below those seen.
    town = np.where(rng.random(900) < np.where(on.all(axis=1), 0.9, 0.05), "B", "A")
    people = ListedPeople(("a", "b"), on, ("town",), (town,))
    found = doubly_robust(people, covariates=[], by="town").diagnostics["groups"]
    assert [found["B"][name] for name in ("value", "lower", "upper", "se")] == [None] * 4
    assert found["A"]["lower"] > found["A"]["observed"]


def test_very_unequal_people_are_said():
    even = doubly_robust(listed_people(4000, LEVEL, SLOPE, rng=8), rng=1)
    uneven = doubly_robust(listed_people(4000, {"a": -1.5, "b": -1.5}, {"a": 1.5, "b": 1.5}, rng=8), rng=1)
    assert even.diagnostics["effective_share"] > 0.8 > 0.6 > uneven.diagnostics["effective_share"]
    said = [any("the interval is likely too narrow" in caution for caution in made.cautions)
            for made in (even, uneven)]
    assert said == [False, True]
    assert doubly_robust(listed_people(4000, LEVEL, SLOPE, rng=8), nuisance="none").diagnostics[
        "effective_share"] == pytest.approx(1)


@pytest.mark.slow
def test_the_caution_of_unequal_people_tells_intervals_that_cover_from_those_that_do_not():
    rng = np.random.default_rng(17)
    covered = {True: [], False: []}
    for trial in range(900):
        size = int(np.exp(rng.uniform(np.log(500), np.log(10_000))))
        level, slope = rng.uniform(-2.5, -0.3), rng.uniform(0, 1.6)
        made = listed_people(size, {"a": level, "b": level - 0.2}, {"a": slope, "b": slope}, rng=trial)
        try:
            found = doubly_robust(made, rng=trial)
        except NoEstimate:
            continue
        cautioned = any("the interval is likely too narrow" in caution for caution in found.cautions)
        covered[cautioned].append(found.lower <= size <= found.upper)
    # Less 4 binomial standard errors.
    assert np.mean(covered[False]) > 0.95 - 4 * math.sqrt(0.95 * 0.05 / len(covered[False]))
    assert np.mean(covered[True]) < 0.90
    assert min(map(len, covered.values())) > 200


def test_an_estimate_keeps_no_person(people, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path))
    made = doubly_robust(people, by="sex", rng=1)
    assert not list(tmp_path.iterdir())
    kept = json.dumps(made.to_dict())
    ages = [f"{age:.6f}" for age in people.values_of("age")[:200]]
    assert not any(age in kept for age in ages)
    assert len(kept) < 5000
    assert all(not isinstance(item, (np.ndarray, pd.DataFrame, ListedPeople)) for item in made.diagnostics.values())
    assert made.simulated and made.fingerprint == people.fingerprint


def test_its_row_says_what_it_takes(people):
    row = METHODS["doubly_robust"]
    assert row.lacks(people) == ""
    assert row.lacks(people.histories()) == ("Doubly robust estimator with covariates needs ListedPeople, not "
                                             "CaptureHistories")


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 7), st.sampled_from([0.0, 1.0, 1e9, -3.5]), st.sampled_from("xyz")),
                min_size=1, max_size=80), st.sampled_from(ESTIMATORS), st.integers(1, 4),
       st.sampled_from(["multinomial", "logistic", "none"]))
def test_any_people_give_an_estimate_that_makes_sense_or_a_reason(rows, estimator, folds, nuisance):
    on = np.array([[row[0] >> place & 1 for place in range(3)] for row in rows], dtype=bool)
    made = ListedPeople(("a", "b", "c"), on, ("age", "town"),
                        (np.array([row[1] for row in rows]), np.array([row[2] for row in rows])))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = doubly_robust(made, estimator=estimator, folds=folds, nuisance=nuisance, by="town", rng=1)
        except NoEstimate:
            return
        except ValueError as fault:
            if "folds must be between" not in str(fault):
                raise
            return
    assert isinstance(found, Estimate)
    assert found.observed <= found.lower <= found.upper < math.inf
    assert found.observed <= found.value < math.inf


def test_it_follows_a_covariate_that_other_methods_cannot_see(people):
    made = doubly_robust(people, rng=1)
    assert made.lower < 4000 < made.upper
    # Lists that reach the same people look dependent; two lists cannot show it.
    assert loglinear(people.histories()).upper < 4000


def test_cross_fitting_learns_from_the_others(people):
    x = design(people, ("age",))
    cells = np.where(people.on.all(axis=1), 0, np.where(people.on[:, 0], 1, 2))
    folds = np.arange(len(x)) % 2
    made = cross_fitted(x, cells, folds, "multinomial", 0.001).cells
    beta, _ = multinomial_fit(x[folds == 1], cells[folds == 1], 3)
    np.testing.assert_allclose(made[folds == 0], multinomial_chances(x[folds == 0], beta), rtol=1e-12)


@pytest.mark.slow
def test_it_covers_where_loglinear_fails():
    size, trials = 10_000, 80
    covered, errors = np.zeros(6, dtype=int), []
    for trial in range(trials):
        made = listed_people(size, {"police": -0.7, "ngo": -0.9, "court": -1.0},
                             {"police": 0.5, "ngo": 0.5, "court": 0.5}, rng=trial)
        pair = reordered(made, made.on[:, :2].any(axis=1), ("police", "ngo"))
        estimates = [doubly_robust(pair, rng=trial), doubly_robust(made, rng=trial),
                     loglinear(pair.histories()), loglinear(made.histories(), selection=None),
                     loglinear(made.histories()), loglinear(made.histories(), model="[12,13,23]")]
        covered += [estimate.lower <= size <= estimate.upper for estimate in estimates]
        errors.append([estimate.se for estimate in estimates])
    two, three, loglinear_two, loglinear_three, by_bic, every_pair = covered / trials
    # 95 % of 80, less 4 binomial standard errors (0.0244 each).
    assert two > 0.95 - 4 * 0.0244
    assert three > 0.95 - 4 * 0.0244
    assert loglinear_two == loglinear_three == 0
    # Three lists show some of the dependence: BIC seldom takes it in, and every pair costs twice the error.
    assert 0.05 < by_bic < 0.5
    assert every_pair > 0.95 - 4 * 0.0244
    assert np.median(errors, axis=0)[5] > 1.5 * np.median(errors, axis=0)[1]


@pytest.mark.slow
def test_flexible_models_mend_what_straight_lines_miss():
    # With bent log-odds the straight-line model is wrong for both lists; a learner that knows the bend is not.
    def bent(x, cells, new):
        beta, _ = multinomial_fit(np.column_stack([x, x[:, 1] ** 2]), cells, int(cells.max()) + 1)
        return multinomial_chances(np.column_stack([new, new[:, 1] ** 2]), beta)[:, :3]

    size, trials = 20_000, 25
    errors = {"straight": [], "bent": []}

    def error(made, nuisance, trial):
        try:
            return doubly_robust(made, covariates=["age", "sex"], nuisance=nuisance, rng=trial).value / size - 1
        except NoEstimate:
            # The wrong model can give fewer than were seen.
            return math.nan

    for trial in range(trials):
        made = listed_people(size, LEVEL, {"police": 0.6, "ngo": 0.6}, bend=0.2, rng=trial)
        for name, nuisance in (("straight", "multinomial"), ("bent", bent)):
            errors[name].append(error(made, nuisance, trial))
    assert abs(np.mean(errors["bent"])) < 0.02 < abs(np.nanmean(errors["straight"]))
