"""Estimates over several linked versions: Rubin's rules by hand, mixtures, refusals, and populations of known size."""

import inspect
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t
from test_every_method import (
    PATIENCE,
    SEVERAL_LISTS,
    asked,
    evidence,
    in_two,
    lacks,
    require_sense,
    tables,
    the_estimate,
)

from smuggling_analysis import CaptureHistories, Estimate, LinkedVersions, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods import multiple_systems as ms
from smuggling_analysis.methods.multiple_systems.linked.combining import combined
from smuggling_analysis.simulate import independent_lists
from smuggling_analysis.simulate.linkage import badly_linked


def shared_by(both, first=60, second=40):
    return CaptureHistories.from_counts({"a": first - both, "b": second - both, ("a", "b"): both}, lists=["a", "b"])


def three_versions():
    histories = independent_lists(3000, {"a": 0.3, "b": 0.25, "c": 0.2}, rng=4)
    return ms.linked_versions(histories, missed=0.1, false=0.05, versions=3, rng=2)


def linked(name):
    """Two versions of lists that the method takes."""
    chances = {"list 0": 0.3, "list 1": 0.25, "list 2": 0.2, "list 3": 0.15}
    for n_lists in (4, 3, 2):
        histories = independent_lists(3000, dict(list(chances.items())[:n_lists]), rng=5)
        for shaped in (histories, in_two(histories, 0.4)):
            if not lacks(name, shaped):
                drawn = ms.linked_versions(shaped, missed=0.05, false=0.02, versions=4, rng=1).versions
                return shaped, [evidence(name, version) for version in drawn[:2]]
    raise AssertionError(f"{name} takes another shape of table")


# Chains that are long by default, shortened: here they must run, not be exact.
SHORT = {"draws": 1000, "burn_in": 300}


@cache
def singles(name):
    """The table, two versions of it, the options, and the estimate of each version by itself."""
    histories, versions = linked(name)
    options = {**asked(name, histories), **(SHORT if "burn_in" in METHODS[name].options else {})}
    return histories, versions, options, [the_estimate(METHODS[name](version, **options)) for version in versions]


@pytest.mark.parametrize("name", SEVERAL_LISTS)
def test_every_method_of_lists_takes_linked_versions(name):
    histories, versions, options, alone = singles(name)
    found = METHODS[name](LinkedVersions.of(versions), **options)
    require_sense(found, histories)
    whole = the_estimate(found)
    low, high = sorted(each.value for each in alone)
    # Another stream for each version: what chance adds is small beside the interval.
    slack = 0.1 * (whole.upper - whole.lower)
    assert low - slack <= whole.value <= high + slack
    assert whole.fingerprint == LinkedVersions.of(versions).fingerprint
    assert whole.diagnostics["linked_versions"] == 2
    assert whole.observed == min(each.observed for each in alone)
    assert any("hardly known from 2 linked versions" in caution for caution in whole.cautions)


@pytest.mark.parametrize("name", SEVERAL_LISTS)
def test_identical_versions_give_exactly_the_single_estimate(name):
    _, (version, _), options, (alone, _) = singles(name)
    found = the_estimate(METHODS[name](LinkedVersions.of([version, version, version]), **options))
    assert (found.value, found.lower, found.upper, found.se) == (alone.value, alone.lower, alone.upper, alone.se)
    assert found.cautions == alone.cautions
    assert found.diagnostics["share_due_to_linkage"] == 0
    if alone.draws is not None:
        assert (found.draws.values == alone.draws.values).all()


def test_methods_keep_their_names_their_words_and_their_options():
    assert ms.chapman.__name__ == "chapman"
    assert "Chapman" in ms.chapman.__doc__
    assert next(iter(inspect.signature(ms.loglinear).parameters)) == "histories"
    assert ms.chapman(histories=shared_by(9)).value == ms.chapman(shared_by(9)).value
    drawn = LinkedVersions.of([shared_by(9), shared_by(12)])
    assert ms.chapman(histories=drawn).value == ms.chapman(drawn).value


def test_rubins_rules_by_hand():
    shared, level = (9, 12, 15), 0.9
    found = ms.lincoln_petersen(LinkedVersions.of([shared_by(both) for both in shared]), confidence_level=level)
    fewest = 60 + 40 - max(shared)
    singles = [ms.lincoln_petersen(shared_by(both), confidence_level=level) for both in shared]
    z = norm.ppf(0.5 + level / 2)
    logs = np.log([each.value - fewest for each in singles])
    below = (logs - np.log([each.lower - fewest for each in singles])) / z
    above = (np.log([each.upper - fewest for each in singles]) - logs) / z
    between = logs.var(ddof=1)
    assert found.observed == fewest
    assert found.value == pytest.approx(fewest + math.exp(logs.mean()), rel=1e-12)
    for limit, side, sign in ((found.lower, below, -1), (found.upper, above, 1)):
        within = (side**2).mean()
        total = within + between * (1 + 1 / 3)
        freedom = 2 * (total / (between * (1 + 1 / 3))) ** 2
        reach = t.ppf(0.5 + level / 2, freedom) * math.sqrt(total)
        assert limit == pytest.approx(fewest + math.exp(logs.mean() + sign * reach), rel=1e-9)
    values, errors = (np.array([getattr(each, name) for each in singles]) for name in ("value", "se"))
    assert found.se == pytest.approx(math.sqrt((errors**2).mean() + values.var(ddof=1) * (1 + 1 / 3)), rel=1e-12)
    told = found.diagnostics
    assert told["between_variance"] == pytest.approx(between, rel=1e-12)
    assert told["within_variance"] == pytest.approx(((below**2).mean() + (above**2).mean()) / 2, rel=1e-12)
    assert told["share_due_to_linkage"] == pytest.approx(
        between * (1 + 1 / 3) / (told["within_variance"] + between * (1 + 1 / 3)), rel=1e-12)
    assert [row["value"] for row in told["per_version"]] == pytest.approx(
        [ms.lincoln_petersen(version).value
         for version in LinkedVersions.of([shared_by(both) for both in shared]).versions])


@pytest.mark.parametrize("options", [{}, {"interval": "bootstrap", "replicates": 100, "rng": 7}])
def test_the_order_of_versions_changes_nothing(options):
    versions = three_versions().versions
    once = ms.loglinear(LinkedVersions.of(versions), **options)
    other = ms.loglinear(LinkedVersions.of(versions[::-1]), **options)
    assert (once.value, once.lower, once.upper) == (other.value, other.lower, other.upper)
    assert once.diagnostics["per_version"] == other.diagnostics["per_version"]


def test_a_version_counts_by_its_weight():
    one, other = shared_by(9), shared_by(15)
    values = {both: ms.chapman(shared_by(both)).value for both in (9, 15)}
    fewest = 100 - 15
    found = ms.chapman(LinkedVersions.of([one, other], weights=[3, 1]))
    expected = 0.75 * math.log(values[9] - fewest) + 0.25 * math.log(values[15] - fewest)
    assert found.value == pytest.approx(fewest + math.exp(expected))
    assert found.value == pytest.approx(ms.chapman(LinkedVersions.of([one, one, one, other])).value)


def test_a_version_of_next_to_no_weight_changes_next_to_nothing():
    one, other = shared_by(600, 6000, 4000), shared_by(900, 6000, 4000)
    alone, widths = ms.chapman(one), []
    for small in (0.1, 1e-2, 1e-4, 1e-8):
        found = ms.chapman(LinkedVersions.of([one, other], weights=[1.0 - small, small]))
        assert math.isfinite(found.upper)
        widths.append(found.upper - found.lower)
    assert widths == sorted(widths, reverse=True)
    assert [found.value, found.lower, found.upper, found.se] == pytest.approx(
        [alone.value, alone.lower, alone.upper, alone.se], rel=1e-3)


def test_versions_left_when_the_heaviest_is_refused_still_differ():
    light = [shared_by(both, 6000, 4000) for both in (600, 900)]
    found = ms.lincoln_petersen(LinkedVersions.of([shared_by(0, 6000, 4000), *light], weights=[0.9, 0.05, 0.05]))
    alone = ms.lincoln_petersen(LinkedVersions.of(light))
    assert [found.value, found.lower, found.upper] == pytest.approx([alone.value, alone.lower, alone.upper])
    assert found.diagnostics["between_variance"] > 0


def test_versions_that_all_have_seen_everybody_are_not_half_a_person_more():
    drawn = LinkedVersions.of([CaptureHistories.from_counts({"a": 60 - both, ("a", "b"): both}, lists=["a", "b"])
                               for both in (10, 12)])
    found = ms.chapman(drawn)
    assert {row["value"] for row in found.diagnostics["per_version"]} == {60.0}
    assert (found.value, found.lower) == (60.0, 60.0)


def test_where_every_version_has_draws_they_are_mixed_equally():
    drawn = three_versions()
    found = ms.bayesian_thresholding(drawn, rng=1)
    streams = np.random.default_rng(1).spawn(3)
    singles = [ms.bayesian_thresholding(version, rng=own)
               for version, own in zip(drawn.versions, streams, strict=True)]
    mixed = np.concatenate([each.draws.values for each in singles])
    assert found.value == pytest.approx(np.median(mixed), rel=1e-3)
    assert [found.lower, found.upper] == pytest.approx(np.quantile(mixed, [0.025, 0.975]), rel=2e-3)
    assert found.se == pytest.approx(mixed.std(), rel=5e-3)
    assert "mixed" in found.interval


def test_the_variance_of_a_mixture_is_within_and_between():
    drawn = three_versions()
    found = ms.bayesian_thresholding(drawn, rng=1)
    rows = found.diagnostics["per_version"]
    within = np.mean([row["se"] ** 2 for row in rows])
    between = np.var([row["value"] for row in rows])
    assert found.se**2 == pytest.approx(within + between, rel=0.02)


def test_versions_without_an_estimate_are_counted_and_left_out():
    drawn = LinkedVersions.of([shared_by(both) for both in (0, 9, 10, 11, 12, 13)])
    found = ms.lincoln_petersen(drawn)
    assert found.diagnostics["refused_versions"] == 1
    assert any(caution.startswith("1 of 6 linked versions have no estimate") for caution in found.cautions)
    # A caution of the version left out is not one of the estimate; the weights of the others are equal.
    kept = ms.lincoln_petersen(LinkedVersions.of([shared_by(both) for both in (9, 10, 11, 12, 13)]))
    assert (found.value, found.lower, found.upper) == pytest.approx((kept.value, kept.lower, kept.upper))
    with pytest.raises(NoEstimate, match="none of 2 linked versions has an estimate; most often because"):
        ms.lincoln_petersen(LinkedVersions.of([shared_by(0), shared_by(0, first=61)]))


def test_only_one_version_with_an_estimate_is_that_estimate_with_a_caution():
    found = ms.lincoln_petersen(LinkedVersions.of([shared_by(0), shared_by(9)]))
    alone = ms.lincoln_petersen(shared_by(9))
    assert (found.value, found.lower, found.upper) == pytest.approx((alone.value, alone.lower, alone.upper))
    assert any("hardly known from 1 linked version:" in caution for caution in found.cautions)


def test_an_upper_limit_that_one_version_lacks_none_has():
    bounded, other = (ms.lincoln_petersen(shared_by(both)) for both in (9, 12))
    endless = replace(other, upper=math.inf, unbounded=True)
    found = combined([bounded, endless], np.array([0.5, 0.5]), 2.0)
    assert math.isinf(found.upper)
    assert math.isfinite(found.lower)
    assert math.isinf(found.within)
    assert found.due_to_linkage == 0


def test_cautions_of_all_versions_are_said_once_and_of_some_with_their_number():
    found = ms.chapman(LinkedVersions.of([shared_by(both) for both in (4, 6, 9)]))
    assert sum("two lists cannot show" in caution for caution in found.cautions) == 1
    biased = [caution for caution in found.cautions if "below 7 the estimate is biased" in caution]
    assert len(biased) == 1
    assert biased[0].startswith("in 2 of 3 linked versions, each with its own numbers: only ")


def test_links_that_decide_more_than_the_counts_are_said():
    found = ms.chapman(LinkedVersions.of([shared_by(both, 6000, 4000) for both in (600, 800, 1000, 1200, 1400)]))
    assert found.diagnostics["share_due_to_linkage"] > 0.9
    assert any(caution.startswith("the links decide more than the counts") for caution in found.cautions)


@settings(deadline=PATIENCE, derandomize=True, max_examples=40, suppress_health_check=list(HealthCheck))
@given(histories=tables(most_lists=5), missed=st.floats(0, 0.95), false=st.floats(0, 0.9))
def test_versions_of_any_table_give_an_estimate_or_a_refusal(histories, missed, false):
    drawn = ms.linked_versions(histories, missed=missed, false=false, versions=3, rng=1)
    for versions in (drawn, LinkedVersions.of([*drawn.versions, histories])):
        try:
            found = ms.loglinear(versions, selection=None)
        except NoEstimate as refusal:
            found = refusal
        require_sense(found, histories)
        if isinstance(found, Estimate):
            assert found.lower >= found.observed == min(
                row["observed"] for row in found.diagnostics["per_version"] if "observed" in row)


def study(times, rng):
    """How often 95 % intervals hold 3,000 people: of the linkage as made, and over versions with its rates."""
    people, chances, rates = 3000, {"a": 0.3, "b": 0.25, "c": 0.2}, {"missed": 0.15, "false": 0.02}
    held = np.zeros(2)
    for own in np.random.default_rng(rng).spawn(times):
        observed = badly_linked(independent_lists(people, chances, rng=own), **rates, rng=own)
        drawn = ms.linked_versions(observed, **rates, rng=own)
        for place, linkage in enumerate((observed, drawn)):
            found = ms.loglinear(linkage, selection=None)
            held[place] += found.lower <= people <= found.upper
    return held / times


def test_versions_hold_the_population_more_often_than_one_linkage():
    once, over_versions = study(times=25, rng=3)
    assert once < 0.6
    assert over_versions > 0.8


@pytest.mark.slow
def test_intervals_over_versions_hold_the_population_as_often_as_they_say():
    once, over_versions = study(times=300, rng=5)
    assert once < 0.5
    assert over_versions == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 300))
