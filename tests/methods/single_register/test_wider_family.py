"""Do people differ more than the distribution allows?

Held to: statsmodels' truncated Poisson and negative binomial models; the test's size on registers that hold to it.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.discrete.truncated_model import TruncatedLFNegativeBinomialP, TruncatedLFPoisson

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import FAMILIES, fit_register, wider_family_test
from smuggling_analysis.simulate import register, register_with_departures

DIFFERING = register({"all": 4_000}, {"all": 1.5}, heterogeneity=0.6, rng=4)
WITH_ONES = register({"all": 4_000}, {"all": 1.5}, heterogeneity=0.6, deterred=0.3, rng=4)


def test_the_statistic_is_that_of_statsmodels():
    times = np.repeat(DIFFERING.times, DIFFERING.persons[0]).astype(float)
    ones = np.ones((len(times), 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = TruncatedLFPoisson(times, ones).fit(disp=0)
        wider = TruncatedLFNegativeBinomialP(times, ones).fit(disp=0, method="bfgs", maxiter=2000, gtol=1e-8)
    found = wider_family_test(fit_register(DIFFERING))
    assert found.statistic == pytest.approx(2 * (wider.llf - plain.llf), rel=1e-6)
    assert found.p_value < 1e-10 and not found.limitless


@pytest.mark.parametrize("family", ["poisson", "geometric"])
def test_where_the_distribution_holds_the_test_lets_it_pass(family):
    counts = register({"all": 4_000}, {"all": 1.5}, heterogeneity=float(family == "geometric"), rng=4)
    assert wider_family_test(fit_register(counts, family=family)).p_value > 0.05


@pytest.mark.parametrize("family", [name for name in FAMILIES if "negative" not in name])
def test_every_cut_is_held_to_its_own_wider_family(family):
    fitting = fit_register(WITH_ONES, family=family)
    found = wider_family_test(fitting)
    assert found.family == family
    assert found.wider == family.replace("poisson", "negative-binomial").replace("geometric", "negative-binomial")
    assert found.statistic == pytest.approx(
        2 * (fit_register(WITH_ONES, family=found.wider).log_likelihood - fitting.log_likelihood), abs=1e-6)


def test_a_wider_family_without_a_maximum_says_so():
    dutch = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    found = wider_family_test(fit_register(dutch, family="geometric"))
    assert found.limitless and found.p_value < 0.001


def test_people_who_leave_are_held_to_people_who_leave():
    counts = register_with_departures({"all": 6_000}, {"all": 1.0}, departs=0.4, heterogeneity=1.0, rng=3)
    leaves = {"exposure": "time_at_risk", "ends_when_seen": True}
    assert wider_family_test(fit_register(counts, **leaves)).p_value < 1e-3
    assert wider_family_test(fit_register(counts, family="geometric", **leaves)).p_value > 0.01


def test_only_families_that_the_negative_binomial_contains_are_tested():
    with pytest.raises(ValueError, match="neither a Poisson nor a geometric family"):
        wider_family_test(fit_register(DIFFERING, family="chao"))


@pytest.mark.slow
def test_the_test_rejects_a_distribution_that_holds_as_often_as_it_says():
    rejected = sum(wider_family_test(fit_register(register({"all": 3_000}, {"all": 1.2}, rng=seed))).p_value < 0.05
                   for seed in range(400))
    assert 8 <= rejected <= 33, "binomial limits of 5 % in 400"
