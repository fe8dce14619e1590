"""Time at risk, set beforehand or ended by being seen.

Held to: the likelihoods written out and maximised by SciPy; populations of known size whose people are expelled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import FAMILIES, fit_register, truncated_count
from smuggling_analysis.simulate import register_with_departures

PEOPLE = pd.DataFrame({"captures": [1, 1, 1, 1, 2, 1, 3, 2, 1, 1, 1, 2, 4, 1, 1],
                       "months": [12, 3, 7, 12, 12, 5, 12, 9, 12, 12, 1, 12, 12, 6, 12.0]})
COUNTS = RepeatCounts.from_records(PEOPLE, covariates=["months"])
LEAVES = {"exposure": "months", "ends_when_seen": True}
TIMES, SPENT, WHOLE = PEOPLE["captures"].to_numpy(float), PEOPLE["months"].to_numpy(), 12.0


def poisson_size():
    """Maximise the sum of y log r - r t - log(1 - exp(-12 r)): Poisson sightings until a departure."""
    def slope(rate):
        return (TIMES / rate - SPENT - WHOLE / np.expm1(rate * WHOLE)).sum()

    rate = brentq(slope, 1e-6, 10)
    return len(TIMES) / -np.expm1(-rate * WHOLE)


def geometric_size():
    """The same averaged over exponential rates by quadrature."""
    def height(mean):
        def density(y, t):
            return quad(lambda rate: rate**y * np.exp(-rate * t - rate / mean) / mean, 0, np.inf)[0]

        return -sum(np.log(density(y, t)) - np.log(mean * WHOLE / (1 + mean * WHOLE))
                    for y, t in zip(TIMES, SPENT, strict=True))

    mean = minimize_scalar(height, bounds=(1e-4, 1), method="bounded", options={"xatol": 1e-11}).x
    return len(TIMES) * (1 + mean * WHOLE) / (mean * WHOLE)


def test_people_who_leave_when_seen_poisson():
    assert truncated_count(COUNTS, **LEAVES).value == pytest.approx(poisson_size(), rel=1e-9)


def test_people_who_leave_when_seen_geometric():
    assert truncated_count(COUNTS, family="geometric", **LEAVES).value == pytest.approx(geometric_size(), rel=1e-6)


def test_the_negative_binomial_lies_between_the_two():
    """At dispersion 1 it is the geometric distribution, and next to 0 the Poisson."""
    family = FAMILIES["negative-binomial"].departing
    predictors = np.array([0.3, 0.0, np.log(0.4)]).reshape(3, 1, 1)
    geometric = FAMILIES["geometric"].departing.log_likelihood_values(TIMES, predictors[[0, 2]])
    assert family.log_likelihood_values(TIMES, predictors) == pytest.approx(geometric, abs=1e-12)
    predictors[1] = np.log(1e-9)
    poisson = FAMILIES["poisson"].departing.log_likelihood_values(TIMES, predictors[[0, 2]])
    assert family.log_likelihood_values(TIMES, predictors) == pytest.approx(poisson, abs=1e-6)


def test_time_set_beforehand_is_an_offset():
    """Maximise the sum of y log(r t) - r t - log(1 - exp(-r t)); each person counts 1 / (1 - exp(-r t))."""
    def height(rate):
        met = TIMES * np.log(rate * SPENT) - rate * SPENT - gammaln(TIMES + 1)
        return -(met - np.log(-np.expm1(-rate * SPENT))).sum()

    rate = minimize_scalar(height, bounds=(1e-4, 2), method="bounded", options={"xatol": 1e-12}).x
    expected = (1 / -np.expm1(-rate * SPENT)).sum()
    assert truncated_count(COUNTS, exposure="months").value == pytest.approx(expected, rel=1e-7)


def test_who_stays_all_the_time_is_as_if_nothing_were_said():
    counts = RepeatCounts.from_records(PEOPLE.assign(months=5.0), covariates=["months"])
    for family in ("poisson", "geometric"):
        plain = truncated_count(counts, family=family)
        assert truncated_count(counts, family=family, **LEAVES).value == pytest.approx(plain.value, rel=1e-10)
        assert truncated_count(counts, family=family, exposure="months").value == pytest.approx(plain.value, rel=1e-10)


def test_the_unit_of_time_does_not_matter():
    weeks = RepeatCounts.from_records(PEOPLE.assign(months=PEOPLE["months"] * 4.345), covariates=["months"])
    assert truncated_count(weeks, **LEAVES).value == pytest.approx(truncated_count(COUNTS, **LEAVES).value, rel=1e-9)


def test_taking_the_one_for_the_other_is_told_of():
    counts = register_with_departures({"all": 10_000}, {"all": 0.6}, departs=0.5, rng=1)
    wrong, right = truncated_count(counts, exposure="time_at_risk"), truncated_count(
        counts, exposure="time_at_risk", ends_when_seen=True)
    assert wrong.lower > 20_000, "an offset makes those who are expelled early stand for many"
    assert right.lower < 10_000 < right.upper
    assert any("ends_when_seen=True is right" in caution for caution in wrong.cautions)


@pytest.mark.slow
@pytest.mark.parametrize(("heterogeneity", "family"), [(0.0, "poisson"), (1.0, "geometric")])
def test_intervals_cover_as_often_as_they_say(heterogeneity, family):
    hits = 0
    for seed in range(200):
        counts = register_with_departures({"all": 3_000}, {"all": 0.8}, departs=0.4, heterogeneity=heterogeneity,
                                          rng=seed)
        found = truncated_count(counts, family=family, exposure="time_at_risk", ends_when_seen=True)
        hits += found.lower <= 3_000 <= found.upper
    assert 180 <= hits <= 199, "binomial limits of 95 % in 200"


@pytest.mark.parametrize(("options", "words"), [
    ({"ends_when_seen": True}, "ends_when_seen needs exposure"),
    ({**LEAVES, "family": "one-inflated poisson"}, "says nothing of people who leave when they are seen"),
    ({**LEAVES, "covariance": "expected"}, "the expected information is that of everybody seen all the time"),
    ({**LEAVES, "interval": "bootstrap"}, 'use resampling="non-parametric"'),
])
def test_what_cannot_be_asked_of_people_who_leave(options, words):
    with pytest.raises(ValueError, match=words):
        truncated_count(COUNTS, **options)


def test_covariates_sandwich_and_bootstrap_work_for_people_who_leave():
    counts = register_with_departures({"f": 3_000, "m": 5_000}, {"f": 0.5, "m": 0.9}, covariate="sex", departs=0.4,
                                      rng=2)
    leaves = {"formula": "sex", "exposure": "time_at_risk", "ends_when_seen": True}
    found = truncated_count(counts, covariance="sandwich", **leaves)
    drawn = truncated_count(counts, interval="bootstrap", resampling="non-parametric", replicates=60, rng=1, **leaves)
    assert found.lower < 8_000 < found.upper
    assert drawn.draws.values.std(ddof=1) == pytest.approx(found.se, rel=0.35), "60 replicates know it to a tenth"
    assert fit_register(counts, **leaves).names == ("Intercept", "sex[T.m]")
