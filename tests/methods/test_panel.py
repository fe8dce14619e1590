"""The panel of every method that applies: complete, and frank about refusals and disagreement."""

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import choose
from smuggling_analysis.methods.panel import (
    estimates_of,
    lists_panel,
    refusals_of,
    repeats_panel,
    replicates_behind,
    spread,
)
from smuggling_analysis.simulate import independent_lists

THREE = CaptureHistories.from_counts(
    {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    lists=["a", "b", "c"])
TWO = THREE.select(["a", "b"])
REPEATS = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})


def test_every_method_that_applies_is_in_the_panel():
    for evidence, panel in ((TWO, lists_panel(TWO)), (REPEATS, repeats_panel(REPEATS)),
                            (THREE, lists_panel(THREE, replicates=20, rng=1))):
        used = {fitted.variant.method for fitted in panel}
        assert used == set(choose({"role": evidence}).methods_for("role")) - (
            {"loglinear"} if evidence is TWO else set())


def test_keys_are_unique_and_begin_with_the_methods_name():
    panel = [*lists_panel(THREE, replicates=20, rng=1), *repeats_panel(REPEATS)]
    assert len({fitted.key for fitted in panel}) == len(panel)
    assert all(fitted.key.startswith(fitted.variant.method.replace("_", "-")) for fitted in panel)
    assert {fitted.variant.method for fitted in panel} <= set(METHODS)


def test_one_result_is_the_headline_and_its_interval_repeats_the_choice_of_model():
    panel = lists_panel(THREE, replicates=50, rng=1)
    (best,) = [fitted for fitted in panel if fitted.headline]
    assert best.key == "loglinear-bic-bootstrap"
    assert "bootstrap" in best.result.interval


def test_the_headline_says_when_methods_disagree():
    panel = repeats_panel(REPEATS)
    low, high = spread(panel)
    (best,) = [fitted.result for fitted in panel if fitted.headline]
    assert (high / low > 1.5) == any(caution.startswith("the methods disagree") for caution in best.cautions)
    # Published values of these data: no covariates 7,079.93, Zelterman 9,424.6 (van der Heijden et al. 2003).
    assert round(low) == 7080
    assert round(high) == 9425


def test_a_register_without_repeats_gives_refusals_not_numbers():
    panel = repeats_panel(RepeatCounts.from_frequencies({1: 50}))
    assert not estimates_of(panel)
    assert len(refusals_of(panel)) == len(panel)
    assert isinstance(next(fitted.result for fitted in panel if fitted.headline), NoEstimate)


def test_estimates_are_described():
    panel = repeats_panel(REPEATS, population="irregular residents", place="Netherlands", period="1995")
    assert all(isinstance(one, Estimate) and one.place == "Netherlands"
               for one in estimates_of(panel).values())


def test_more_lists_than_models_can_be_visited_for_are_searched():
    panel = lists_panel(independent_lists(400, dict.fromkeys("abcdefgh", 0.2), rng=1), replicates=20, rng=1)
    (best,) = [fitted for fitted in panel if fitted.headline]
    assert best.key == "loglinear-bic-bootstrap"
    assert best.result.diagnostics["search_certified"]
    assert not refusals_of(panel)


def test_more_lists_than_can_be_searched_are_answered_by_steps_and_the_rest_is_refused():
    many = independent_lists(400, dict.fromkeys("abcdefghijklm", 0.2), rng=1)
    panel = lists_panel(many, replicates=20, rng=1)
    (best,) = [fitted for fitted in panel if fitted.headline]
    assert best.key == "loglinear-stepwise-bootstrap"
    refused = {fitted.key: fitted.result for fitted in panel if isinstance(fitted.result, NoEstimate)}
    assert set(refused) == {"loglinear-bic", "loglinear-aic", "model-average"}
    assert refused["loglinear-bic"].reason.startswith("there are too many models")


def test_a_method_that_cannot_be_used_says_why_and_which_data_it_needs():
    (chao, *_) = repeats_panel(RepeatCounts.from_frequencies({1: 50}))
    assert "nobody was seen exactly twice" in chao.result.reason
    assert chao.result.needed.startswith("one register")


def test_the_replicates_behind_a_bca_interval_are_shown_where_they_fell():
    panel = lists_panel(THREE, replicates=40, rng=1)
    headline = next(fitted for fitted in panel if fitted.headline)
    shown = replicates_behind(headline, THREE)
    assert shown.value == headline.result.value and shown.interval.startswith("percentile")
    assert shown.draws.values.size == 40 - shown.diagnostics["failed_replicates"]
    assert all(replicates_behind(fitted, THREE) is None for fitted in panel if not fitted.headline)
