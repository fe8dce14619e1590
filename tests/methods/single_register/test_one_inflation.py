"""The test of one-inflation: held to the published gain, to simulation under the null, and to its limits."""

import numpy as np
import pytest
from register_figures import FITS, FULL, register
from scipy.stats import chi2

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import one_inflation_test


def counted(seen):
    times, people = np.unique(seen[seen > 0], return_counts=True)
    return RepeatCounts.from_frequencies(dict(zip(times.tolist(), people.tolist(), strict=True)))


@pytest.mark.parametrize(("ours", "theirs"), [("poisson", "poisson"), ("geometric", "geom")])
@pytest.mark.parametrize("formula", [None, FULL])
def test_the_gain_is_that_between_the_references_likelihoods(ours, theirs, formula):
    kind = "gender_age_nation" if formula else "intercept"
    plain, inflated = (FITS[f"netherlandsimmigrant__{cut}{theirs}__{kind}"]["logL"] for cut in ("zt", "ztoi"))
    test = one_inflation_test(register("netherlands_1995"), family=ours, formula=formula)
    assert test.statistic == pytest.approx(2 * (inflated - plain), rel=1e-8)
    assert test.p_value == pytest.approx(chi2.sf(test.statistic, 1) / 2)
    assert (test.family, test.sister) == (ours, f"one-inflated {ours}")


def test_fewer_ones_than_expected_are_no_inflation():
    test = one_inflation_test(RepeatCounts.from_frequencies({1: 50, 2: 60, 3: 20, 4: 5}))
    assert (test.statistic, test.p_value) == (0.0, 1.0)
    assert test.inflated_log_likelihood == test.log_likelihood


def test_it_holds_its_level_and_half_of_all_statistics_are_zero():
    rng = np.random.default_rng(3)
    tests = [one_inflation_test(counted(rng.poisson(1.2, 600))) for _ in range(200)]
    level = np.mean([test.p_value < 0.05 for test in tests])
    nothing = np.mean([test.statistic == 0 for test in tests])
    assert level == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 200))
    assert nothing == pytest.approx(0.5, abs=3 * np.sqrt(0.25 / 200))


def test_it_finds_people_who_leave_after_their_first_time():
    rng = np.random.default_rng(4)
    seen = rng.poisson(1.2, 2000)
    seen[:600] = 1
    assert one_inflation_test(counted(seen)).p_value < 1e-4


def test_people_who_differ_look_like_inflation_to_a_poisson_family_but_not_to_a_geometric_one():
    rng = np.random.default_rng(5)
    counts = counted(rng.poisson(rng.gamma(1.0, 1.2, 2000)))
    assert one_inflation_test(counts).p_value < 1e-6
    assert one_inflation_test(counts, family="geometric").p_value > 0.05


def test_refusals_and_unknown_families():
    with pytest.raises(ValueError, match="family is one of poisson, geometric, negative-binomial"):
        one_inflation_test(register("ill"), family="hurdle poisson")
    with pytest.raises(NoEstimate, match="the dispersion grows without end"):
        one_inflation_test(register("ill"), family="negative-binomial")
