"""Normal heterogeneity held to the exact integral, where the reference takes twenty points of it."""

import math

import numpy as np
import pytest
from scipy import integrate

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems import closed_population
from smuggling_analysis.methods.multiple_systems.closed.design_fits import fit_design
from smuggling_analysis.methods.multiple_systems.closed.fit_by_name import read_model
from smuggling_analysis.methods.multiple_systems.closed.normal_heterogeneity import Quadrature, fit_normal


def exact_numbers(frequencies, occasions, theta):
    """Expected people caught 0, 1, ... times with normal log-odds, each by adaptive integration."""
    size, level, spread = theta

    def number(captures):
        ways = math.lgamma(occasions + 1) - math.lgamma(captures + 1) - math.lgamma(occasions - captures + 1)

        def height(z):
            odds = level + spread * z
            return math.exp(ways + captures * odds - occasions * np.logaddexp(0, odds) - z * z / 2)

        return integrate.quad(height, -12, 12, limit=500, epsabs=1e-13, epsrel=1e-10)[0] / math.sqrt(2 * math.pi)

    return math.exp(size) * np.array([number(captures) for captures in range(frequencies.size + 1)])


def poisson_deviance(counts, means):
    held = counts > 0
    return 2 * ((counts[held] * np.log(counts[held] / means[held])).sum() - counts.sum() + means.sum())


def test_normal_heterogeneity_of_breeding_birds_needs_more_than_twenty_points(figures):
    """Rcapture has 84.0 species; the exact likelihood is highest at 127.6, and hardly falls beyond."""
    asked = read_model(RepeatCounts.from_table(figures("Rcapture", "BBS2001.csv")), "Mh", "normal", None,
                       occasions=50, up_to=20)
    counts, without = asked.design.counts, fit_design(asked.design)

    def fit_by(points):
        nodes, weights = np.polynomial.hermite_e.hermegauss(points)
        return fit_normal(asked.design, without, occasions=50, apart=False,
                          quadrature=Quadrature(nodes, weights / weights.sum()))

    ours = fit_normal(asked.design, without, occasions=50, apart=False)
    exact = exact_numbers(counts, 50, ours.theta)
    assert exact[0] == pytest.approx(ours.unseen, rel=1e-8)
    assert poisson_deviance(counts, exact[1:]) == pytest.approx(ours.deviance, abs=1e-8)
    # With more points the reference's integral moves from its own answer towards ours.
    unseen = [fit_by(points).unseen for points in (20, 40, 60, 100)]
    assert unseen == sorted(unseen)
    assert unseen[-1] < ours.unseen
    # Where the fit with 20 points stands, the exact likelihood is lower.
    assert poisson_deviance(counts, exact_numbers(counts, 50, fit_by(20).theta)[1:]) > ours.deviance + 1.0
    # And it is flat: that is told. All the counts, up to 36 routes, do limit the population, near 84.
    assert ours.unlimited
    everybody = closed_population(RepeatCounts.from_table(figures("Rcapture", "BBS2001.csv")), model="Mh",
                                  heterogeneity="normal", occasions=50)
    assert everybody.value == pytest.approx(84.0, abs=0.5)
    assert not any("no upper limit" in caution for caution in everybody.cautions)
