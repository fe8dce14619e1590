"""Simulated reference counts: held to the expectations they are drawn from."""

import numpy as np
import pytest

from smuggling_analysis.simulate import reference_counts, reference_population


def mean_of(draws=200, **truth):
    """Return the mean apprehensions of each country, and what the model expects given each draw's second source."""
    drawn = [reference_counts(countries=20, rng=seed, **truth) for seed in range(draws)]
    alpha, beta, gamma = (truth.get(name, usual) for name, usual in (("alpha", 0.75), ("beta", 0.6), ("gamma", 0.005)))
    expected = [one.reference**alpha * (gamma + one.auxiliary / one.reference) ** beta for one in drawn]
    return np.sum([one.n_observed for one in drawn]), np.sum(expected), np.sum(
        [(one.observed - each) ** 2 / each for one, each in zip(drawn, expected, strict=True)]) / (20 * draws)


def test_apprehensions_are_expected_ones_and_vary_as_poisson_has_them():
    """Sums of Poisson counts: within four standard errors; Pearson's chi-square of 4,000 within 15 %."""
    seen, expected, spread = mean_of()
    assert abs(seen - expected) < 4 * np.sqrt(expected)
    assert spread == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("truth", [{"dispersion": 1.0}, {"frailty": 0.7}])
def test_what_is_not_recorded_spreads_but_does_not_shift(truth):
    seen, expected, spread = mean_of(**truth)
    assert seen == pytest.approx(expected, rel=0.1) and spread > 2


def test_the_second_source_records_more_with_its_rate_and_dependence_shifts():
    few, many = (reference_counts(rate=rate, rng=1).auxiliary.sum() for rate in (0.01, 0.1))
    assert many == pytest.approx(10 * few, rel=0.05)
    assert reference_counts(dependence=0.5, rng=1).n_observed > 1.2 * reference_counts(rng=1).n_observed


def test_the_truth_is_the_same_in_every_draw_and_in_every_period():
    first, second = (reference_counts(countries=30, periods=2, rng=seed) for seed in (1, 2))
    assert first.simulated and first.reference.tolist() == second.reference.tolist() and first != second
    assert first == reference_counts(countries=30, periods=2, rng=1)
    assert (first.select(period="period 1").reference ** 0.75).sum() == pytest.approx(
        reference_population(countries=30))
    assert reference_counts(countries=30, rng=1).covariates == ()


@pytest.mark.parametrize("wrong", [{"countries": 1}, {"periods": 0}, {"rate": 0}, {"gamma": -0.1}, {"frailty": -1},
                                   {"dispersion": 0}])
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="countries is 2 or more"):
        reference_counts(**wrong)
