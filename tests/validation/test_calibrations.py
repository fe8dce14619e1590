"""Simulation-based calibration: even ranks for a posterior that is right, uneven ones for one that is not."""

import numpy as np
import pytest

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.validation import CALIBRATED, CalibratedMethod, Calibration, calibration
from smuggling_analysis.validation.calibrations import CalibrationFailed, calibration_frame, thinned

SIZES, CHANCE = np.arange(50, 200), 0.4


def draw(rng):
    """A size of a uniform prior, and one list that holds each person with a known chance."""
    size = int(rng.choice(SIZES))
    return size, CaptureHistories.from_counts({"a": max(int(rng.binomial(size, CHANCE)), 1)}, lists=["a"],
                                              simulated=True)


def posterior(histories, draws, rng, sharpness=1.0):
    from scipy.stats import binom

    weight = binom.pmf(histories.n_observed, SIZES, CHANCE) ** sharpness
    return rng.choice(SIZES, size=draws, p=weight / weight.sum())


def too_sharp(histories, draws, rng):
    return posterior(histories, draws, rng, sharpness=4.0)


def too_low(histories, draws, rng):
    return posterior(histories, draws, rng) - 10


def refusing(histories, draws, rng):
    if histories.n_observed > 30:
        raise NoEstimate("too many", "fewer")
    return posterior(histories, draws, rng)


def crashing(histories, draws, rng):
    if histories.n_observed > 60:
        raise ZeroDivisionError("a fault")
    return posterior(histories, draws, rng)


def method(sampler):
    return CalibratedMethod(method="known chance", prior="uniform", draw=draw, posterior=sampler)


def test_a_right_posterior_has_even_ranks_and_wrong_ones_have_not():
    right, sharp, low = (calibration(method(each), studies=400, rng=2, n_jobs=1)
                         for each in (posterior, too_sharp, too_low))
    assert right.verdict == "uniform"
    assert right.counts.sum() == 400
    assert sharp.verdict == low.verdict == "not uniform"
    # Too sharp: the truth lies outside too often, at either end. Too low: above.
    assert sharp.counts[[0, -1]].min() > 2 * 400 / 20
    assert low.ranks.mean() > 60


def test_the_ranks_are_the_same_on_one_worker_and_on_two():
    one, two = (calibration(method(posterior), studies=40, rng=2, n_jobs=jobs) for jobs in (1, 2))
    assert one.ranks.tolist() == two.ranks.tolist()


def test_refusals_are_counted_and_too_many_leave_nothing_to_tell():
    found = calibration(method(refusing), studies=60, rng=2, n_jobs=1)
    assert found.refused + len(found.ranks) == 60
    assert found.verdict == "too many refused"


def test_a_crash_names_the_population_and_comes_again():
    said = []
    for _ in range(2):
        with pytest.raises(CalibrationFailed, match=r"failed on population \d+.*ZeroDivisionError") as failed:
            calibration(method(crashing), studies=30, rng=2, n_jobs=1)
        said.append(str(failed.value))
    assert said[0] == said[1]


def test_chi_square_of_counts_made_by_hand():
    found = Calibration(method="m", prior="p", ranks=np.array([0] * 15 + [1] * 5), draws=1, bins=2)
    # (5^2 + 5^2) / 10 = 5 on one degree of freedom: p = 0.0253.
    assert found.statistic == pytest.approx(5.0)
    assert found.p_value == pytest.approx(0.02535, abs=1e-5)


def test_a_frame_tells_it_all():
    found = Calibration(method="m", prior="p", ranks=np.arange(20), draws=19, bins=10, refused=5)
    row = calibration_frame([found]).iloc[0]
    assert (row["studies"], row["refused"], row["ranks"]) == (25, 5, " ".join(["2"] * 10))


def test_draws_are_taken_from_all_over_the_chains():
    assert thinned(np.arange(400.0).reshape(4, 100), 5).tolist() == [0, 100, 200, 299, 399]


def test_what_cannot_be_calibrated_is_said():
    with pytest.raises(ValueError, match="do not divide"):
        calibration(method(posterior), draws=100, bins=20)
    with pytest.raises(ValueError, match="do not divide"):
        Calibration(method="m", prior="p", ranks=np.arange(20), draws=100)
    with pytest.raises(ValueError, match="no Bayesian method chapman"):
        calibration("chapman")


@pytest.mark.parametrize(("name", "studies"), [("bayesian_graphical", 60), ("bayesian_loglinear", 15),
                                               ("latent_class", 6)])
def test_a_bayesian_methods_ranks_are_even_on_a_few_populations(name, studies):
    found = calibration(name, studies=studies, draws=49, bins=5, rng=3, n_jobs=1)
    assert found.verdict == "uniform"
    assert found.prior


@pytest.mark.slow
@pytest.mark.parametrize("name", CALIBRATED)
def test_a_bayesian_methods_ranks_are_even(name):
    found = calibration(name, studies=400, rng=4, n_jobs=2)
    assert found.verdict == "uniform"
