"""Held to: scipy's exact binomial limits, closed forms, and simulated boats of known risk."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from smuggling_analysis.evidence.voyages import Voyages
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.mortality import clopper_pearson, death_rate


@pytest.mark.parametrize(("deaths", "departures"), [(0, 50), (1, 50), (12, 900), (50, 50)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_limits_are_those_of_clopper_and_pearson(deaths, departures, level):
    exact = binomtest(deaths, departures).proportion_ci(level, method="exact")
    ours = clopper_pearson(deaths, departures, level)
    assert ours == pytest.approx((exact.low, exact.high), rel=1e-9, abs=1e-12)


def test_rate_per_thousand_departures():
    rate = death_rate(Voyages(deaths=218, departures=2413, place="Andaman Sea", period="2020"))
    assert rate.value == pytest.approx(218 / 2.413, rel=1e-13)
    assert rate.unit == "deaths per 1,000 departures"
    assert (rate.place, rate.period) == ("Andaman Sea", "2020")
    assert rate.se == pytest.approx(1000 * math.sqrt(218 * (2413 - 218) / 2413**3), rel=1e-12)


def test_zero_deaths_is_not_zero_risk():
    """The rule of three: the one-sided 95 % limit of 0 in n is close to 3 / n."""
    rate = death_rate(Voyages(deaths=0, departures=10_000), confidence_level=0.9)
    assert rate.value == rate.lower == 0
    assert rate.upper == pytest.approx(1000 * -math.log(0.05) / 10_000, rel=1e-3)


def test_boats_count_not_people_where_a_boat_is_lost_whole():
    """40 boats of 100, of which 4 are lost: as exact as 4 in 40."""
    rate = death_rate(Voyages(deaths=400, departures=4000, boats=40))
    exact = binomtest(4, 40).proportion_ci(0.95, method="exact")
    assert (rate.lower, rate.upper) == pytest.approx((1000 * exact.low, 1000 * exact.high), rel=1e-9)
    assert rate.diagnostics["design_effect"] == 100
    assert rate.diagnostics["intervals"]["by boat"] == (rate.lower, rate.upper)
    independent = death_rate(Voyages(deaths=400, departures=4000))
    assert rate.diagnostics["intervals"]["deaths independent"] == (independent.lower, independent.upper)


def test_the_interval_widens_with_the_correlation():
    voyages = Voyages(deaths=30, departures=3000, boats=60)
    widths = [rate.upper - rate.lower
              for rate in (death_rate(voyages, within_boat_correlation=rho) for rho in (0.0, 0.1, 0.5, 1.0))]
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(np.subtract(*clopper_pearson(30, 3000, 0.95)[::-1]) * 1000, rel=1e-12)


def test_unknown_boats_are_cautioned_and_so_is_the_minimum():
    unknown = " / ".join(death_rate(Voyages(deaths=3, departures=100)).cautions)
    assert "too narrow" in unknown
    assert "minimum" in unknown
    few = " / ".join(death_rate(Voyages(deaths=3, departures=100, boats=4)).cautions)
    assert "rests on 4 boats" in few
    assert "too narrow" not in few


def test_per_one_departure_multiplies_with_departures():
    rate = death_rate(Voyages(deaths=10, departures=1000), per=1)
    assert rate.unit == "deaths per departure"
    assert rate.value == pytest.approx(0.01)


def test_coverage_when_boats_are_lost_whole():
    """Of 90 % intervals: by boat at least nine in ten cover, as if people died one by one far fewer."""
    rng = np.random.default_rng(11)
    covered = {"by boat": 0, "deaths independent": 0}
    for lost in rng.binomial(60, 0.08, size=400):
        found = death_rate(Voyages(deaths=int(lost) * 80, departures=4800, boats=60), confidence_level=0.9)
        for name, (low, high) in found.diagnostics["intervals"].items():
            covered[name] += low <= 80 <= high
    # Clopper-Pearson covers at least its level; Monte Carlo error at 400 replicates is 1.5 points.
    assert covered["by boat"] / 400 > 0.9 - 3 * 0.015
    assert covered["deaths independent"] / 400 < 0.5


@pytest.mark.parametrize(("options", "message"), [
    ({"per": 0}, "per is a number of departures"),
    ({"within_boat_correlation": 1.2}, "lies between 0 and 1"),
    ({"confidence_level": 95}, "share between 0 and 1"),
])
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        death_rate(Voyages(deaths=1, departures=10), **options)


def test_the_row_calls_the_function():
    voyages = Voyages(deaths=1, departures=10, simulated=True)
    assert METHODS["death_rate"].lacks(voyages) == ""
    found = METHODS["death_rate"](voyages)
    assert found.simulated
    assert found.fingerprint == voyages.fingerprint
