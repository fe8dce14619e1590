"""The panel of one register: every method that applies, the gate's verdicts, and one number or none.

Held to: the figures published for the Dutch register of 1995, and registers of known size.
"""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import smuggling_analysis as sa
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import choose
from smuggling_analysis.methods.panel import RegisterPanel
from smuggling_analysis.methods.single_register import FAMILIES
from smuggling_analysis.simulate import register, register_with_departures

REPEATS = sa.RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
FEW = {"rng": 1, "replicates": 50}
FORMULA = "gender + age + nation"


@pytest.fixture(scope="module")
def dutch():
    counts = sa.load("netherlands-1995/repeat_counts.csv")
    whom = {"population": "irregular residents", "place": "Netherlands", "period": "1995"}
    return sa.panel(counts, formula=FORMULA, **whom, **FEW)


@pytest.fixture(scope="module")
def plain():
    return sa.panel(REPEATS, sensitivity=False, **FEW)


def test_every_method_that_applies_is_in_the_panel(plain):
    used = {one.variant.method for one in plain.fitted}
    assert used == set(choose({"role": REPEATS}).methods_for("role")) <= set(METHODS)


def test_every_distribution_is_tried_without_and_with_covariates(dutch):
    tried = [one for one in dutch.fitted if one.variant.method == "truncated_count"]
    assert {one.variant.options["family"] for one in tried} == set(FAMILIES)
    assert len(tried) == 2 * len(FAMILIES)


def test_keys_are_unique_and_begin_with_the_methods_name(dutch):
    assert len({one.key for one in dutch.fitted}) == len(dutch.fitted)
    assert all(one.key.startswith(one.variant.method.replace("_", "-")) for one in dutch.fitted)


def test_the_published_number_is_there_and_refused_for_its_misfit(dutch):
    """12,690 (van der Heijden et al. 2003): the counts of people seen once, twice, ... contradict it (p = 8e-11)."""
    poisson = dutch["truncated-count-poisson-covariates"]
    assert poisson.given.value == pytest.approx(12_690.35, abs=0.01)
    assert {"register-misfit", "one-inflation"} <= {one.rule for one in poisson.judgement.findings
                                                    if one.consequence == "refused"}


def test_distributions_that_fit_alike_and_differ_leave_no_headline(dutch):
    assert isinstance(dutch.headline, NoEstimate)
    assert [one.rule for one in dutch.verdict.findings if one.consequence == "refused"] == [
        "families-of-equal-fit", "outside-the-interval", "ones-or-differences"]
    assert "no single number is given of irregular residents, Netherlands, 1995" in dutch.headline.reason
    assert not any(one.headline for one in dutch.fitted)


def test_what_the_best_distribution_rests_on_is_there(dutch):
    assert isinstance(dutch, RegisterPanel)
    assert dutch[dutch.best].passed
    assert set(dutch.strata) == {"gender", "age", "nation"}
    for split in dutch.strata.values():
        assert split.total == pytest.approx(dutch[dutch.best].given.value, rel=1e-9)
    assert dutch.influence.factor > 1
    assert isinstance(dutch.replicates, Estimate) and dutch.replicates.draws is not None
    assert dutch.surplus["truncated-count-poisson"].p_value < 1e-10
    assert set(dutch.frequencies) <= {one.key for one in dutch.fitted}


def test_a_register_whose_people_are_alike_has_a_headline_that_covers_them():
    counts = register({"all": 20_000}, {"all": 1.2}, rng=3)
    panel = sa.panel(counts, sensitivity=False, **FEW)
    assert panel["truncated-count-poisson"].passed
    assert isinstance(panel.headline, Estimate)
    assert panel.headline.lower <= 20_000 <= panel.headline.upper


def test_a_register_without_repeats_gives_refusals_not_numbers():
    panel = sa.panel(sa.RepeatCounts.from_frequencies({1: 50}), **FEW)
    assert not any(one.passed for one in panel.fitted)
    assert isinstance(panel.headline, NoEstimate)
    assert panel.headline.needed


def test_one_inflation_and_expulsion_are_seen_by_the_gate():
    """A third hides after the first time: the Poisson number is refused, and one that knows it passes."""
    counts = register({"all": 20_000}, {"all": 0.8}, deterred=0.4, rng=5)
    panel = sa.panel(counts, sensitivity=False, **FEW)
    assert not panel["truncated-count-poisson"].passed
    assert panel["truncated-count-one-inflated-truncated-poisson"].passed


def test_the_same_seed_gives_the_same_panel():
    first, second = (sa.panel(REPEATS, rng=7, replicates=50) for _ in range(2))
    assert first.frame.equals(second.frame)
    assert np.array_equal(first.replicates.draws.values, second.replicates.draws.values)


def test_a_panel_survives_pickling(plain):
    again = pickle.loads(pickle.dumps(plain))
    assert again.frame.equals(plain.frame)
    with pytest.raises(TypeError):
        again.surplus["x"] = 1


@pytest.mark.parametrize(("options", "fault", "words"), [
    ({"formula": "height"}, ValueError, "names height; the covariates of this register are none"),
    ({"exposure": "months"}, ValueError, "no covariate of this register"),
    ({"replicates": 1}, ValueError, "replicates is a whole number, 2 or more, got 1"),
    ({"chains": 4}, TypeError, "no option of this name or kind: chains"),
])
def test_options_that_make_no_sense_are_errors_and_not_a_panel_of_failures(options, fault, words):
    with pytest.raises(fault, match=words):
        sa.panel(REPEATS, **{**FEW, **options})


@pytest.mark.parametrize("frequencies", [
    {1: 1}, {2: 1}, {1: 1, 2: 1}, {1: 10**9, 2: 10**8, 3: 10**6}, {1: 5, 10_000: 1}, {7: 100}, {1: 10**9, 2: 1},
], ids=str)
def test_odd_registers_give_a_panel_and_never_a_crash(frequencies):
    panel = sa.panel(sa.RepeatCounts.from_frequencies(frequencies), sensitivity=False, **FEW)
    for one in panel.fitted:
        assert isinstance(one.result, (Estimate, NoEstimate))
        assert not isinstance(one.result, NoEstimate) or "stopped with an error" not in one.result.reason, one.key


def refusals_of_a_headline(panel):
    assert isinstance(panel.headline, NoEstimate)
    return {one.rule for one in panel.verdict.findings if one.consequence == "refused"}


def test_two_groups_that_nobody_recorded_do_not_pass_for_people_seen_once_by_rule():
    """3,000 people hard to see among 5,000: those set apart, the number would be 2,700 and look sure."""
    counts = register({"a": 3_000, "b": 2_000}, {"a": 0.2, "b": 1.5}, rng=0)
    panel = sa.panel(counts, sensitivity=False, **FEW)
    assert panel[panel.best].given.upper < 5_000 / 1.5
    assert "ones-or-differences" in refusals_of_a_headline(panel)


def test_an_interval_that_leaves_out_what_the_wider_distribution_says_is_no_headline():
    """People differ twice as much as a geometric distribution has it: its interval ends at 2,280 of 3,000."""
    panel = sa.panel(register({"a": 3_000}, {"a": 0.8}, heterogeneity=2.0, rng=2), sensitivity=False, **FEW)
    assert panel[panel.best].given.upper < 3_000 < panel["truncated-count-negative-binomial"].given.upper
    assert refusals_of_a_headline(panel) == {"outside-the-interval"}


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "rates", "heterogeneity"), [
    ({"a": 1_000}, {"a": 2.0}, 0.0), ({"a": 2_000}, {"a": 2.0}, 0.5), ({"a": 3_000}, {"a": 0.8}, 2.0),
    ({"a": 3_000, "b": 2_000}, {"a": 0.2, "b": 1.5}, 0.0)])
def test_headlines_of_registers_of_known_size_cover_them_or_are_not_given(sizes, rates, heterogeneity):
    truth, given, covered = sum(sizes.values()), 0, 0
    for seed in range(40):
        counts = register(sizes, rates, heterogeneity=heterogeneity, rng=seed)
        headline = sa.panel(counts, sensitivity=False, **FEW).headline
        if isinstance(headline, Estimate):
            given += 1
            covered += headline.lower <= truth <= headline.upper
    # Of 40 intervals of 95 % as many as five miss in one of a hundred studies.
    assert given - covered <= 5


def test_a_time_at_risk_that_ended_by_being_seen_is_asked_about():
    """Half of those met are expelled at once; taken for a time set beforehand, 3,000 people become 16,000."""
    counts = register_with_departures({"a": 3_000}, {"a": 1.0}, departs=0.5, parts=52, rng=0)
    panel = sa.panel(counts, exposure="time_at_risk", sensitivity=False, **FEW)
    assert panel[panel.best].given.value > 3 * 3_000
    asked, = (one for one in panel.verdict.findings if one.rule == "end-of-the-time-at-risk")
    assert asked.measured > 3 and "ends_when_seen=True" in asked.helps
    told = sa.panel(counts, exposure="time_at_risk", ends_when_seen=True, sensitivity=False, **FEW)
    assert "end-of-the-time-at-risk" not in {one.rule for one in told.verdict.findings}
