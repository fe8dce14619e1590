"""The average over log-linear models: its weights and mean are recomputed from other packages' own columns
(Rcapture 1.4-4, MultipleSystemsEstimation 1.2.0); the rest is held to what an average must be."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import hierarchical_models, loglinear, model_average
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.models import term_table
from smuggling_analysis.methods.multiple_systems.log_linear.repeated_fits import near_best
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_factor, log_normal_limits
from smuggling_analysis.simulate import dependent_lists, independent_lists

# All rows of these tables are stored, or all that weigh anything.
TABLES_OF_BIC = [("Kosovo", "bic", None), ("Artificial_3", "bic", None), ("UKdat_5", "bic", 3), ("Ned_5", "bic", 3),
                 ("UKdat_5", "bic_maxorder2", 2), ("Ned_5", "bic_maxorder2", 2), ("Kosovo", "bic_maxorder2", 2),
                 ("NewOrl_5_of_186", "bic_maxorder2", 2), ("UKdat", "bic_maxorder2", 2)]


def weights_of(criterion):
    weight = np.exp(-0.5 * (criterion - criterion.min()))
    return weight / weight.sum()


def lists(**options):
    return independent_lists(3000, {"a": 0.2, "b": 0.2, "c": 0.15, "d": 0.1}, rng=3, **options)


@pytest.mark.parametrize(("name", "which", "max_order"), TABLES_OF_BIC)
def test_the_mean_is_that_of_multiple_systems_estimations_columns(name, which, max_order, capture_table, figures):
    rows = figures("MultipleSystemsEstimation", f"{name.removesuffix('_of_186')}__{which}_results.csv")
    weight = weights_of(rows["BIC"].to_numpy())
    # Of the largest tables the best 2,000 models are stored.
    reach = rows["BIC"].max() - rows["BIC"].min() if len(rows) == 2000 else 60.0
    ours = model_average(capture_table(name), max_order=max_order, reach=reach)
    assert ours.value == pytest.approx(weight @ rows["abundance"], rel=1e-6)
    theirs = dict(zip(rows["row"], weight, strict=True))
    assert ours.diagnostics["weights"] == pytest.approx({model: theirs[model] for model in ours.diagnostics["weights"]},
                                                        rel=1e-6)


@pytest.mark.parametrize("criterion", ["AIC", "BIC"])
@pytest.mark.parametrize("name", ["Kosovo", "lesbian"])
def test_mean_and_unconditional_error_are_those_of_rcaptures_columns(name, criterion, capture_table, figures):
    rows = figures("Rcapture", f"{name}__closedpMS_t.csv")
    assert (rows["infoFit"] == 0)[rows["df"] > 0].all()  # the model of all terms but one warns, and agrees
    weight = weights_of(rows[criterion].to_numpy())
    mean = weight @ rows["abundance"]
    # Buckland, Burnham and Augustin (1997): each model's own variance and its distance from the mean.
    error = weight @ np.sqrt(rows["stderr"] ** 2 + (rows["abundance"] - mean) ** 2)
    ours = model_average(capture_table(name), criterion=criterion.lower())
    assert ours.value == pytest.approx(mean, rel=1e-6)
    # Rcapture's standard errors come from the step before R's last and carry up to 1e-4 of error.
    assert ours.se == pytest.approx(error, rel=1e-4)


@pytest.mark.parametrize("interval", ["unconditional", "bootstrap", "bca"])
def test_loglinear_averages_by_the_same_means(interval, capture_table):
    options = {"interval": interval, "replicates": 30, "rng": 2}
    one = loglinear(capture_table("Kosovo"), selection="average", **options)
    other = model_average(capture_table("Kosovo"), **options)
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())


def test_loglinear_averages_without_being_told_of_an_interval_and_refuses_one_that_an_average_has_not():
    assert "unconditional" in loglinear(lists(), selection="average").interval
    with pytest.raises(ValueError, match="interval is one of unconditional, bootstrap, bca"):
        loglinear(lists(), selection="average", interval="profile")


def test_a_model_given_is_fitted_whatever_the_selection():
    given_model = loglinear(lists(), model="[12,3,4]", selection="average")
    assert given_model.value == loglinear(lists(), model="[12,3,4]").value


def test_the_mean_lies_between_the_models_and_the_shares_between_0_and_1():
    average = model_average(lists())
    told = average.diagnostics
    assert told["least_of_central_90_percent"] <= average.value
    assert 0 <= told["share_between_models"] <= 1
    assert 1 <= told["effective_models"] <= told["models_averaged"] <= told["models_visited"] == 113
    assert sum(told["weights"].values()) <= 1
    assert told["mean_on_log_scale"] < average.value
    assert average.lower < average.value < average.upper


def test_within_no_reach_the_average_is_the_best_model():
    best, average = loglinear(lists(), interval="log-normal"), model_average(lists(), reach=1e-6)
    assert average.value == pytest.approx(best.value, rel=1e-12)
    assert average.se == pytest.approx(best.se, rel=1e-12)
    assert average.diagnostics["share_between_models"] == 0
    assert "only one model has an estimate and weight: nothing is averaged" in average.cautions


def test_two_lists_have_one_model_and_nothing_to_average():
    histories = CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 12}, lists=["a", "b"])
    with pytest.raises(NoEstimate, match="nothing to average"):
        model_average(histories)


def test_the_interval_is_wider_than_the_best_models_where_models_disagree(capture_table):
    best = loglinear(capture_table("UKdat_5"), max_order=2, interval="log-normal")
    average = model_average(capture_table("UKdat_5"), max_order=2)
    assert average.diagnostics["share_between_models"] > 0.5
    assert np.log(average.upper / average.lower) > 1.5 * np.log(best.upper / best.lower)


def test_relabelling_lists_and_doubling_the_people():
    histories = lists()
    turned = histories.select(["d", "b", "a", "c"])
    assert model_average(turned).value == pytest.approx(model_average(histories).value, rel=1e-9)
    doubled = model_average(histories.with_counts(2 * histories.counts), reach=1e-6)
    assert doubled.value == pytest.approx(2 * model_average(histories, reach=1e-6).value, rel=0.05)


# Bootstrap


@pytest.mark.parametrize("options", [{"interval": "bca"}, {"interval": "bootstrap", "criterion": "aic"},
                                     {"interval": "bca", "resampling": "parametric"}])
def test_same_seed_same_answer_on_any_number_of_workers(options, capture_table):
    def run(n_jobs, rng):
        estimate = model_average(capture_table("Kosovo"), replicates=60, n_jobs=n_jobs, rng=rng, **options)
        return json.dumps(estimate.to_dict()), estimate.draws.values.tobytes(), estimate.draws.joint

    once = run(1, 5)
    assert once == run(2, 5)
    assert once[1] != run(1, 6)[1]


@pytest.mark.parametrize("criterion", ["bic", "aic"])
def test_a_replicate_is_averaged_as_the_table_is(criterion, capture_table):
    histories = capture_table("Kosovo")
    models = hierarchical_models(4)
    found = near_best(histories.dense()[None, :].astype(float), models, criterion, 60.0)
    assert found.averaged[0] == pytest.approx(model_average(histories, criterion=criterion).value, rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.one_of(st.just(0), st.integers(0, 60), st.integers(0, 10**6)), min_size=15, max_size=15),
                min_size=1, max_size=4), st.sampled_from([0.0, 5.0, 60.0]), st.sampled_from(["aic", "bic"]))
def test_every_model_near_the_best_of_each_table_is_found_and_fitted_as_alone(counts, reach, criterion):
    models = hierarchical_models(4)
    tables = np.array([[0, *row] for row in counts], dtype=float)
    found = near_best(tables, models, criterion, reach)
    for row, cells in enumerate(tables):
        if not cells.any():
            assert found.best[row] == -1
            assert np.isnan(found.chosen[row])
            continue
        fits = fit_terms(cells, term_table(models))
        score = np.where(fits.estimable, getattr(fits, criterion), np.inf)
        if not fits.estimable.any():
            continue
        held = np.isfinite(found.score[row])
        price = 2.0 if criterion == "aic" else np.log(cells.sum())
        best = np.where(fits.estimable, fits.deviance + price * fits.parameters, np.inf).min()
        # A start nearby may settle what a start afar cannot; never the other way round.
        assert found.score[row].min() <= best + 1e-6 * max(1.0, abs(best))
        near = score <= score.min() + 0.999 * reach - 1e-6
        assert held[near].all() or found.score[row].min() < best - 1e-6
        both = held & fits.estimable
        np.testing.assert_allclose(found.unseen[row][both], fits.unseen[both], rtol=1e-6)


def test_draws_of_a_parametric_bootstrap_vary_as_the_unconditional_error_says():
    average = model_average(lists(), interval="bootstrap", resampling="parametric", replicates=400, rng=1)
    # A standard deviation of 400 draws has a standard error of 3.5 %; averaging steadies each replicate a little.
    assert average.draws.values.std() == pytest.approx(average.se, rel=0.35)
    assert average.diagnostics["models_per_replicate"] == 113


def test_of_too_many_models_a_replicate_takes_the_best_and_says_how_much_they_weigh(capture_table):
    average = model_average(capture_table("UKdat_5"), interval="bootstrap", replicates=20, rng=1)
    assert average.diagnostics["models_per_replicate"] == 500
    assert 0.99 < average.diagnostics["weight_per_replicate"] <= 1
    assert "each averaging the 500 models best on the table" in average.interval


# Cautions and refusals


def cautions(histories, **options):
    return " / ".join(model_average(histories, **options).cautions)


def test_one_model_that_dominates_is_said():
    histories = dependent_lists(400_000, {"a": 0.3, "b": 0.3, "c": 0.3}, {("a", "b"): 4.0, ("b", "c"): 0.3}, rng=1)
    assert "holds 99 % of the weight" in cautions(histories) or "holds over 99 %" in cautions(histories)
    assert "holds" not in cautions(lists())


def test_an_average_between_different_answers_is_said(capture_table):
    told = cautions(capture_table("Kosovo"))
    assert "the average of 13,184 lies between different answers: models with 64 % of the weight leave it out" in told
    assert "the central 90 % of the weight lies on models from 10,357 to 18,393" in told
    assert "different answers" not in cautions(lists())


def test_models_without_an_estimate_and_on_the_boundary_are_said(capture_table):
    told = cautions(capture_table("Artificial_3"))
    assert "4 of 8 models have no estimate on this table and are left out of the average" in told
    assert "models with 69 % of the weight lie on the boundary" in told
    assert "boundary" not in cautions(lists())


def test_models_with_an_open_upper_end_and_one_that_makes_much_of_the_mean_are_said():
    # Two people link the lists a and b to c: with their dependence free, nearly anything is possible.
    histories = CaptureHistories.from_counts(
        {"a": 300, "b": 200, "c": 90, ("a", "b"): 1, ("a", "c"): 12, ("b", "c"): 1, ("a", "b", "c"): 1},
        lists=["a", "b", "c"])
    told = cautions(histories, criterion="aic")
    assert "have a standard error larger than the unseen they estimate" in told
    wild = CaptureHistories.from_counts(
        {"a": 300, "b": 3, "c": 900, ("a", "b"): 900, ("a", "c"): 1, ("b", "c"): 2, ("a", "b", "c"): 1},
        lists=["a", "b", "c"])
    assert ("the model [12,3], with 0.7 % of the weight, makes 60 % of the unseen: without it the average is 3,457"
            in cautions(wild))
    assert "without it" not in cautions(lists())


def test_what_cannot_be_averaged_is_refused():
    with pytest.raises(NoEstimate, match="there is one list"):
        model_average(CaptureHistories.from_counts({"a": 5}, lists=["a"]))
    apart = CaptureHistories.from_counts({"a": 5, "b": 5, "c": 5}, lists=["a", "b", "c"])
    with pytest.raises(NoEstimate, match="the independent lists have none"):
        model_average(apart)
    many = independent_lists(2000, dict.fromkeys("abcdefghijklm", 0.2), rng=1)
    with pytest.raises(ValueError, match="too many models"):
        model_average(many)


def test_of_models_too_many_to_visit_those_within_reach_are_averaged():
    histories = dependent_lists(4000, dict.fromkeys("abcdefg", 0.15), {("a", "b"): 2.0}, rng=1)
    average = model_average(histories, interval="bootstrap", replicates=20, rng=1)
    assert any("too many models to visit: the average is of those within 10 points" in caution
               for caution in average.cautions)
    best = loglinear(histories, interval="log-normal")
    assert average.diagnostics["model"] == best.diagnostics["model"]
    assert average.value == pytest.approx(4000, rel=0.05)
    assert average.diagnostics["models_averaged"] > 1


@pytest.mark.parametrize(("options", "said"), [
    ({"criterion": "dic"}, "criterion is one of aic, bic"), ({"reach": 0}, "reach is a number"),
    ({"interval": "profile"}, "interval is one of unconditional"), ({"replicates": 1}, "2 replicates or more"),
    ({"resampling": "jackknife"}, "resampling is one of"), ({"confidence_level": 1.0}, "confidence_level is a share")])
def test_options_that_make_no_sense_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        model_average(lists(), **options)


def test_the_choice_of_the_only_model_with_an_estimate_is_called_none():
    histories = CaptureHistories.from_counts({("a", "b"): 5, ("a", "c"): 5, ("b", "c"): 5}, lists=["a", "b", "c"])
    told = loglinear(histories, interval="log-normal").cautions
    assert any(caution.startswith("only one of the 8 models considered has an estimate") for caution in told)
    assert not any("only one of" in caution for caution in loglinear(lists()).cautions)


@pytest.mark.slow
def test_the_average_covers_where_the_best_models_own_interval_does_not():
    size, trials, rng = 2000, 150, np.random.default_rng(2)
    covered = {"best": 0, "bic": 0, "aic": 0, "bca": 0}
    for _ in range(trials):
        histories = dependent_lists(size, {"a": 0.2, "b": 0.15, "c": 0.15, "d": 0.1},
                                    {("a", "b"): 2.0, ("c", "d"): 1.5}, rng=rng)
        made = {"best": loglinear(histories), "bic": model_average(histories),
                "aic": model_average(histories, criterion="aic"),
                "bca": model_average(histories, interval="bca", replicates=200, rng=rng)}
        for name, estimate in made.items():
            covered[name] += estimate.lower <= size <= estimate.upper
    # The standard error of a coverage near 0.95 is 0.018; the same populations are used for all four.
    assert covered["best"] / trials < 0.9
    assert covered["bic"] > covered["best"]
    assert covered["aic"] / trials > 0.95 - 0.054
    assert covered["bca"] / trials > 0.95 - 0.072


def test_a_standard_error_of_any_size_gives_a_factor():
    # The square of the ratio is beyond the largest number.
    assert log_normal_factor(1e200, 0.95) == pytest.approx(math.exp(1.959963984540054 * math.sqrt(400 * math.log(10))))
    assert log_normal_limits(110.0, 1e200, 100.0, 0.95)[0] >= 100.0


def test_six_lists_with_terms_of_three_are_averaged_over_what_a_search_finds(capture_table):
    average = model_average(capture_table("UKdat"), max_order=3)
    narrower = model_average(capture_table("UKdat"), reach=10.0)
    assert average.diagnostics["model"] == narrower.diagnostics["model"]
    assert average.value == pytest.approx(narrower.value, rel=0.2)
    assert any("too many models to visit" in caution for caution in average.cautions)
    assert sum(average.diagnostics["weights"].values()) <= 1.0 + 1e-12
