"""On populations of known size: the number on average, the interval as often as it says, and where it fails."""

import numpy as np
import pytest

from smuggling_analysis.methods.reference_population import hidden_population
from smuggling_analysis.simulate import reference_counts, reference_population

TRUTH = reference_population(alpha=0.75)
REPLICATES = 80


def answered(method="poisson", **truth):
    found = [hidden_population(reference_counts(alpha=0.75, rng=seed, **truth), method=method)
             for seed in range(REPLICATES)]
    return (float(np.median([one.value for one in found])) / TRUTH,
            float(np.mean([one.lower <= TRUTH <= one.upper for one in found])))


@pytest.mark.parametrize("method", ["poisson", "negative-binomial"])
def test_as_modelled(method):
    """80 replicates tell a coverage of 95 % to 2.4 points, so that 87 % lies three of them below."""
    ratio, coverage = answered(method)
    assert ratio == pytest.approx(1.0, abs=0.05) and coverage >= 0.87


def test_poisson_is_right_on_average_whatever_the_counts_vary_by():
    for truth in ({"dispersion": 2.0}, {"frailty": 0.5}):
        ratio, coverage = answered(**truth)
        assert ratio == pytest.approx(1.0, abs=0.15) and coverage >= 0.75


def test_dependence_and_logarithms_are_where_it_fails():
    assert answered(dependence=0.2)[0] > 1.4
    assert answered("ols")[0] < 0.7
