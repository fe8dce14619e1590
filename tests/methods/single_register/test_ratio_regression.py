"""Ratio regression: held to Chao's closed forms, exact distributions, a bootstrap and simulated registers.

Its figures by singleRcapture are in test_every_register_figure.
"""

import math

import numpy as np
import pytest
from register_figures import register
from scipy.stats import nbinom, poisson

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.single_register import RATIO_MODELS, chao, one_inflated_chao, ratio_regression

ILL = register("ill")


def exact(chances, people=10**9):
    """A register so large that it is its distribution."""
    return RepeatCounts.from_frequencies({k + 1: round(people * p) for k, p in enumerate(chances)})


def test_one_ratio_is_chao():
    """With people seen once and twice alone, N, and its standard error, are Chao's of 1987."""
    counts = RepeatCounts.from_frequencies({1: 1645, 2: 183})
    ours, bound = ratio_regression(counts), chao(counts)
    assert ours.value == pytest.approx(bound.value, rel=1e-12)
    assert ours.se == pytest.approx(bound.diagnostics["se_chao_1987"], rel=1e-12)


def test_one_ratio_beside_the_ones_is_the_one_inflated_bound():
    """(2 / 9) f2^3 / f3^2 people missed, if ones are apart and there are twos and threes alone."""
    counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37})
    ours = ratio_regression(counts, model="poisson, ones apart")
    assert ours.value == pytest.approx(one_inflated_chao(counts).value, rel=1e-12)


@pytest.mark.parametrize("neighbours", [True, False])
@pytest.mark.parametrize("start", ["once", "twice", "all"])
def test_distributions_are_read_off_their_own_frequencies(neighbours, start):
    rate = 1.3
    one = ratio_regression(exact(poisson(rate).pmf(range(1, 9))), model="log", start=start, neighbours=neighbours)
    intercept, slope = one.diagnostics["coefficients"].values()
    assert (math.exp(intercept), slope) == (pytest.approx(rate, rel=1e-4), pytest.approx(0, abs=1e-3))
    assert one.value == pytest.approx(1e9, rel=1e-3)
    other = ratio_regression(exact(nbinom(1, 0.4).pmf(range(1, 15))), model="log", start=start, neighbours=neighbours)
    intercept, slope = other.diagnostics["coefficients"].values()
    assert (math.exp(intercept), slope) == (pytest.approx(0.6, rel=1e-4), pytest.approx(1, abs=1e-3))
    assert other.value == pytest.approx(1e9, rel=3e-3)


def test_aic_finds_the_distribution():
    assert ratio_regression(exact(poisson(1.3).pmf(range(1, 9)), 10**6)).diagnostics["model"] == "poisson"
    assert ratio_regression(exact(nbinom(1, 0.4).pmf(range(1, 12)), 10**6)).diagnostics["model"] == "geometric"
    people = poisson(1.3).pmf(range(1, 9)) * 10**6
    people[0] *= 1.5
    inflated = RepeatCounts.from_frequencies({k + 1: round(p) for k, p in enumerate(people)})
    found = ratio_regression(inflated)
    assert found.diagnostics["model"] == "poisson, ones apart"
    assert found.value == pytest.approx(10**6 + 0.5 * poisson(1.3).pmf(1) * 10**6, rel=0.01)


def test_weights_that_heed_neighbours_are_generalised_least_squares():
    """Written out for the Dutch counts: the covariance of log-ratios has 1 / f(x) + 1 / f(x + 1) and -1 / f between."""
    f = np.array([1645, 183, 37, 13, 1, 1.0])
    spread = np.diag(1 / f[:-1] + 1 / f[1:]) - np.diag(1 / f[1:-1], 1) - np.diag(1 / f[1:-1], -1)
    x = np.arange(1, 6)
    design, y = np.column_stack([np.ones(5), np.log1p(x)]), np.log((x + 1) * f[1:] / f[:-1])
    inverse = np.linalg.inv(spread)
    covariance = np.linalg.inv(design.T @ inverse @ design)
    beta = covariance @ design.T @ inverse @ y
    told = ratio_regression(ILL, model="log").diagnostics
    assert list(told["coefficients"].values()) == pytest.approx(beta, rel=1e-10)
    assert list(told["coefficient_se"].values()) == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-10)
    rest = y - design @ beta
    assert told["chi_square"] == pytest.approx(rest @ inverse @ rest, rel=1e-10)


@pytest.mark.parametrize("model", ["poisson", "geometric", "log", "linear", "geometric, ones apart"])
@pytest.mark.parametrize("start", ["twice", "all"])
@pytest.mark.parametrize("neighbours", [True, False])
def test_the_standard_error_is_the_slope_by_every_frequency(model, start, neighbours):
    """The delta method, with the derivatives by differences; on counts that lie on no line."""
    options = {"model": model, "start": start, "neighbours": neighbours}
    f = 10_000 * np.array([1645, 320, 70, 16, 4])
    step = np.rint(0.0005 * f).astype(int)

    def size(people):
        return ratio_regression(RepeatCounts.from_frequencies(dict(enumerate(people.tolist(), 1))), **options)

    slopes = np.array([(size(f + move).value - size(f - move).value) / (2 * move.sum()) for move in np.diag(step)])
    estimate = size(f)
    variance = (slopes**2 * f).sum() - (slopes * f).sum() ** 2 / estimate.value
    assert estimate.se == pytest.approx(math.sqrt(variance), rel=1e-5)


def test_the_bootstrap_agrees_with_the_delta_method_where_counts_are_many():
    big = RepeatCounts.from_frequencies({1: 30_000, 2: 9_000, 3: 1_800, 4: 270, 5: 33})
    one = ratio_regression(big, model="poisson")
    boot = ratio_regression(big, model="poisson", interval="bootstrap", rng=1, draws=2000)
    assert (boot.lower, boot.upper) == pytest.approx((one.lower, one.upper), rel=0.01)
    assert boot.interval == "percentile bootstrap of 2,000 replicates"
    again = ratio_regression(big, model="poisson", interval="bootstrap", rng=1, draws=2000)
    assert (again.lower, again.upper) == (boot.lower, boot.upper)


def test_a_bootstrap_that_repeats_the_choice_is_wider():
    chosen = ratio_regression(ILL, interval="bootstrap", rng=1)
    held = ratio_regression(ILL, model=chosen.diagnostics["model"], interval="bootstrap", rng=1)
    assert chosen.upper - chosen.lower > 1.5 * (held.upper - held.lower)


@pytest.mark.parametrize("neighbours", [True, False])
def test_intervals_cover_as_often_as_they_say(neighbours):
    rng = np.random.default_rng(5)
    size, held = 3000, []
    for _ in range(300):
        seen = rng.poisson(rng.gamma(1.0, 0.8, size))
        times, people = np.unique(seen[seen > 0], return_counts=True)
        counts = RepeatCounts.from_frequencies(dict(zip(times.tolist(), people.tolist(), strict=True)))
        found = ratio_regression(counts, model="geometric", neighbours=neighbours)
        held.append(found.lower <= size <= found.upper)
    # Rare counts make the weights lean, so somewhat less than promised is allowed to the plain weights.
    assert np.mean(held) > (0.9 if neighbours else 0.85)


def test_what_is_doubtful_is_said():
    found = ratio_regression(ILL, model="log")
    cautions = " / ".join(found.cautions)
    assert "rise faster than any distribution allows (log-slope 2.27" in cautions
    assert "lines that fit about as well say from 4,474 (linear, ones apart) to 36,690 (log)" in cautions
    assert "chi-square 86.3 with df 4" in " / ".join(ratio_regression(ILL, model="poisson").cautions)
    assert "exceeds the estimate itself" in " / ".join(ratio_regression(ILL, model="log, ones apart").cautions)


def test_gaps_between_counts_leave_their_ratios_out():
    counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 6: 2, 7: 1})
    found = ratio_regression(counts, model="geometric")
    assert set(found.diagnostics["ratios"]) == {1, 2, 6}
    assert found.diagnostics["df"] == 2
    without = ratio_regression(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37}), model="geometric")
    assert found.value == pytest.approx(without.value, rel=0.05)


def test_refusals():
    with pytest.raises(NoEstimate, match="nobody was seen exactly twice"):
        ratio_regression(RepeatCounts.from_frequencies({1: 10, 3: 4}))
    with pytest.raises(NoEstimate, match="nobody was seen exactly once"):
        ratio_regression(RepeatCounts.from_frequencies({2: 10, 3: 4}))
    with pytest.raises(NoEstimate, match="1 ratios of neighbouring frequencies do not determine the model 'log'"):
        ratio_regression(RepeatCounts.from_frequencies({1: 100, 2: 10}), model="log")
    with pytest.raises(NoEstimate, match="seen 20,160 times"):
        ratio_regression(RepeatCounts.from_frequencies({1: 100, 2: 10, 20_160: 1}))
    with pytest.raises(NoEstimate, match="bootstrap replicates have no estimate"):
        ratio_regression(RepeatCounts.from_frequencies({1: 9, 2: 1}), interval="bootstrap", rng=1)


@pytest.mark.parametrize(("options", "words"), [
    ({"model": "cubic"}, "model is 'aic' or one of"), ({"start": "thrice"}, "start is one of once, twice, all"),
    ({"interval": "profile"}, "interval is one of"), ({"confidence_level": 95}, "a share between 0 and 1"),
    ({"model": "log, ones apart", "start": "once"}, "the line cannot start from them"),
])
def test_options_that_are_none(options, words):
    with pytest.raises(ValueError, match=words):
        ratio_regression(ILL, **options)


def test_every_model_is_finite_and_above_those_seen():
    for model in RATIO_MODELS:
        found = METHODS["ratio_regression"](ILL, model=model)
        assert found.observed <= found.lower <= found.value <= found.upper < math.inf
