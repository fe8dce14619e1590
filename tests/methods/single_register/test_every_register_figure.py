"""Every figure that singleRcapture made of `tests/published`: ours agrees to a millionth, or it is known why not.

Most that differ are what our own formulas give when used in the reference's way, to a millionth again: the reader of
the figure says so, and it is checked figure by figure. The others are listed here, each with a test that shows the
reference's doing. What the reference is no anchor for is refused or doubted (last tests).
"""

import math
import re

import numpy as np
import pandas as pd
import pytest
from agreement import CLOSE, counted, difference
from register_figures import (
    FITS,
    FULL,
    KINDS,
    NO_ANCHOR,
    PUBLISHED,
    READERS,
    at_coefficients,
    compared,
    fitted,
    looked_at,
    register,
)
from scipy.optimize import brentq

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register import one_inflated_chao, truncated_count
from smuggling_analysis.methods.single_register.cell_residuals import highest_of
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.methods.single_register.fits import RUNS_OFF, maximise
from smuggling_analysis.methods.single_register.fitting import Model, likelihood_of

# Where a figure is, how far from ours at most (relative), and why.
EXPLAINED = [
    (r"ztHurdlegeom", 100, "ended far below the maximum: ours is higher"),
    (r"^netherlandsimmigrant__(Hurdleztgeom__gender_age_nation|hurdle_piFormula): (variance|se|ci_|coef_se|coef_z)",
     0.03, "standard errors that are not the curvature of its likelihood"),
    (r"zelterman__.*: deviance", math.inf, "a deviance given as 0"),
    (r"ztoinegbin__intercept_optim: deviance", 2e-5, "the best a negative binomial can say, searched for roughly"),
    (r"^cells: lambda of .*Surinam", 2e-6, "weights of the step before the last"),
]


def reason_in(name):
    """Why a figure differs by as much as it does; None where nobody knows."""
    def reason(place, apart, theirs, ours, in_its_way=None, why=""):
        if in_its_way is not None and difference(theirs, in_its_way) <= CLOSE:
            return why
        return next((why for pattern, most, why in EXPLAINED
                     if apart <= most and re.search(pattern, f"{name}: {place}")), None)
    return reason


@pytest.mark.parametrize("name", READERS)
def test_figures_agree_or_are_explained(name, record_property):
    reasons, unknown = counted(compared(name), reason_in(name))
    assert reasons.total() > 0
    assert not unknown
    record_property("figures", ("singleRcapture", dict(reasons)))


def test_no_fit_is_forgotten():
    assert set(FITS) - set(READERS) == NO_ANCHOR
    tables = {path.name for path in PUBLISHED.iterdir()} - {"README.md", "fits.json", "others.json", "frequencies.csv",
                                                            "netherlands_1995.csv", "carcass_submissions.csv"}
    assert tables == {"cells.csv", "strata.csv", "intercepts_ill.csv", "intercepts_violence.csv"}


# The reference's doing, one test for each reason.


def test_hurdles_after_truncation_have_a_higher_maximum():
    """Inflated or not before truncation, the geometric hurdle's likelihood is the same: the reference's own figures."""
    for data in ("ill", "violence"):
        theirs = pd.read_csv(PUBLISHED / f"intercepts_{data}.csv").set_index("model")["logLik"]
        estimate = truncated_count(register(data), family="hurdle truncated geometric")
        assert theirs["ztHurdlegeom"] < estimate.diagnostics["log_likelihood"] - 44
        assert estimate.diagnostics["log_likelihood"] == pytest.approx(theirs["Hurdleztgeom"], rel=1e-12)


@pytest.mark.parametrize("name", ["hurdle_piFormula", "Hurdleztgeom__gender_age_nation"])
def test_standard_errors_of_the_geometric_hurdle_are_the_curvature_of_its_likelihood(name):
    """The reference's likelihood, written out and differentiated by differences, has our standard errors."""
    figure = FITS[f"netherlandsimmigrant__{name}"]
    fitting = at_coefficients(fitted(figure), figure["coef"])
    rows = fitting.designs["rate"].matrix, fitting.designs["hurdle"].matrix
    persons, times, split = fitting.counts.persons, fitting.counts.times, rows[0].shape[1]

    def height(named):
        rate = np.exp(rows[0] @ named[:split])[:, np.newaxis]
        hurdle = 1 / (1 + np.exp(-rows[1] @ named[split:]))[:, np.newaxis]
        geometric = (rate / (1 + rate)) ** times / (1 + rate)
        never, once = 1 / (1 + rate), rate / (1 + rate) ** 2
        chance = np.where(times == 1, hurdle, (1 - hurdle) * geometric / (1 - once))
        return float((persons * np.log(chance / (1 - (1 - hurdle) * never / (1 - once)))).sum())

    named = np.array(figure["coef"])
    assert height(named) == pytest.approx(figure["logL"], rel=1e-12)
    step, unit = 1e-3, np.eye(len(named))
    # Fourth-order central differences.
    weights = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
    curvature = np.array([[sum(v * w * height(named + step * (i * one + j * other)) for i, v in weights.items()
                               for j, w in weights.items()) / step**2 for other in unit] for one in unit])
    errors = np.sqrt(np.diag(np.linalg.inv(-curvature)))
    assert list(fitting.coefficient_se.values()) == pytest.approx(errors, rel=1e-5)
    assert np.abs(errors / figure["coef_se"] - 1).max() > 0.02


def test_the_sampling_variance_of_zero_one_truncation_is_that_of_a_binomial():
    """With the rate known, N is n1 + w n2, w = (1 - p1) / p: its exact variance, against the sum of w."""
    fitting = fitted(FITS["netherlandsimmigrant__zotgeom__intercept"])
    estimate = truncated_count(register("netherlands_1995"), family="zero-one-truncated geometric")
    rate = math.exp(fitting.coefficients["Intercept"])
    once, again = rate / (1 + rate) ** 2, (rate / (1 + rate)) ** 2
    weight = (1 - once) / again
    exact = 235 / again * (once * (1 - once) + weight**2 * again * (1 - again) - 2 * weight * once * again)
    assert estimate.diagnostics["variance_from_sampling"] == pytest.approx(exact, rel=0.02)
    reference = FITS["netherlandsimmigrant__zotgeom__intercept"]["variance"]
    assert reference - estimate.diagnostics["variance_from_coefficients"] == pytest.approx(235 * weight, rel=1e-6)
    assert 235 * weight < exact / 10


def test_one_inflation_has_the_sampling_variance_of_the_hurdle_with_the_same_population():
    """N, n and the chance of being seen are the same: so is the variance of who was seen, N (N - n) / n."""
    inflated, hurdle = (FITS[f"netherlandsimmigrant__{model}__intercept"] for model in ("ztoigeom", "Hurdleztgeom"))
    assert inflated["N"] == pytest.approx(hurdle["N"], rel=1e-9)
    told = truncated_count(register("netherlands_1995"), family="one-inflated geometric").diagnostics
    size = inflated["N"]
    sampling = size * (size - 1880) / 1880
    assert told["variance_from_sampling"] == pytest.approx(sampling, rel=1e-9)
    assert hurdle["variance"] - told["variance_from_coefficients"] == pytest.approx(sampling, rel=1e-5)
    assert inflated["variance"] - told["variance_from_coefficients"] < sampling / 2


def test_the_best_a_negative_binomial_can_say_is_what_a_poisson_distribution_says():
    """Of a count of y the best is a Poisson distribution of that mean; the reference's sum falls short of it."""
    def poisson(y):
        rate = brentq(lambda rate: rate / -math.expm1(-rate) - y, 1e-3, y)
        return y * math.log(rate) - math.lgamma(y + 1) - math.log(math.expm1(rate))

    times = np.arange(2.0, 7.0)
    best = highest_of(FAMILIES["one-inflated negative-binomial"], np.append(1.0, times))
    assert best == pytest.approx([0.0, *map(poisson, times)], abs=1e-8)
    figure = FITS["netherlandsimmigrant__ztoinegbin__intercept_optim"]
    people = register("netherlands_1995").persons.sum(axis=0)
    assert figure["deviance"] / 2 + figure["logL"] < float(people @ best) - 0.005


def test_working_residuals_of_surinam_have_weights_one_step_behind():
    """One small step of Surinam's rate in the weights gives both of its residuals."""
    theirs = pd.read_csv(PUBLISHED / "cells.csv").set_index(KINDS)["lambda"]
    surinam = looked_at()["working"].to_frame("ours").join(theirs).query("nation == 'Surinam'").dropna()
    assert len(surinam) == 2
    shift = surinam["lambda"] / surinam["ours"] - 1
    assert np.ptp(shift) < 2e-8
    assert np.abs(looked_at()["working"] / theirs - 1).drop(surinam.index).max() < 1e-9


# What the reference is no anchor for.


@pytest.mark.parametrize("family", ["zero-one-truncated poisson", "zero-one-truncated geometric",
                                    "hurdle truncated poisson", "hurdle truncated geometric"])
def test_levels_never_seen_three_times_are_refused_by_name(family):
    """The reference says 3e12 and 5e16 people, or stops at an AIC of 1,844 beside 1,758 of its neighbours."""
    with pytest.raises(NoEstimate, match="no finite maximum") as refusal:
        truncated_count(register("netherlands_1995"), family=family, formula=FULL)
    assert "age = >40yrs (105 seen once, 6 seen twice)" in refusal.value.reason
    assert "nation = Turkey (90 seen once, 3 seen twice)" in refusal.value.reason


def test_the_one_inflated_bound_of_such_levels_is_refused_by_name():
    with pytest.raises(NoEstimate, match="nation = Turkey") as refusal:
        one_inflated_chao(register("netherlands_1995"), formula=FULL)
    assert "age = >40yrs" in refusal.value.reason


@pytest.mark.parametrize(("data", "formula"), [("netherlands_1995", FULL), ("ill", None), ("violence", None)])
def test_a_dispersion_without_end_is_refused(data, formula):
    """The reference says 1e5 to 5e14 people, at a likelihood that still rises."""
    with pytest.raises(NoEstimate, match="the dispersion grows without end"):
        truncated_count(register(data), family="negative-binomial", formula=formula)


@pytest.mark.parametrize("family", ["zero-one-truncated negative-binomial", "one-inflated negative-binomial",
                                    "one-inflated truncated negative-binomial"])
def test_a_dispersion_that_counts_hardly_determine_is_doubted(family):
    estimate = truncated_count(register("ill"), family=family)
    assert estimate.se > estimate.value
    assert any("hardly determine it" in caution for caution in estimate.cautions)


@pytest.mark.parametrize("name", ["ztnegbin__intercept_optim", "ztnegbin__intercept",
                                  "ztnegbin__gender_age_nation_optim"])
def test_the_likelihood_is_higher_than_the_reference_where_we_refuse_it(name):
    """Where it stopped it had not arrived: further along the ray on which we refuse, the likelihood is higher."""
    figure = FITS[f"netherlandsimmigrant__{name}"]
    model = Model(family=FAMILIES["negative-binomial"], formulas={"rate": figure["options"].get("formula")})
    _, _, likelihood = likelihood_of(register(figure["data"]), model)
    fits = maximise(likelihood)
    assert fits.verdicts[0] == RUNS_OFF
    assert fits.log_likelihood[0] > figure["logL"]
