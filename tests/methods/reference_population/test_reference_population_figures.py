"""Held to the R package uncounted on the Polish counts: formulas to nine digits, maxima where it reaches them."""

import numpy as np
import pytest
from polish_counts import DOCUMENTED, FITS, FORMULAS, METHODS, counted, poland, table

from smuggling_analysis.methods.reference_population import (
    fit,
    frailty_sensitivity,
    hidden_population_by,
    wald_difference,
    wald_total,
)
from smuggling_analysis.methods.reference_population.criteria import logged
from smuggling_analysis.methods.reference_population.fits import fit_at
from smuggling_analysis.methods.reference_population.frailty import FrailtySensitivity
from smuggling_analysis.methods.reference_population.model import Model, prepared

EVERY = sorted(FITS)
EXACT = 1e-9
# Its covariance of the negative binomial takes second derivatives numerically: standard errors agree to 3e-5, and
# limits, which are exponentials of them, to 2e-4.
SE = {"nb": (3e-5, 2e-4)}
# At its maximum: the likelihood is sharp, and the optimiser reached it to so many digits.
SHARP = {"poisson_intercept": 1e-6, "nb_intercept": 1e-4, "ols_covariates": 1e-4, "nls_intercept": 1e-3}


def asked(name):
    method, formulas = name.split("_")
    return {"method": METHODS[method], "covariance": "HC1" if method == "nb" else "HC3", **FORMULAS[formulas]}


def at_its_coefficients(name):
    """Return our description of the reference's own coefficients."""
    options, theirs = asked(name), FITS[name]
    covariance = options.pop("covariance")
    data = prepared(poland(), Model(**options))
    at = np.array([*theirs["coefficients"], np.log(theirs["gamma"]),
                   *([np.log(theirs["theta"])] if theirs["theta"] else [])])
    return fit_at(data, at, np.zeros(len(at), dtype=bool), covariance)


def log_scale(fitted):
    """Return the log-likelihood and the sum of squares that the reference reports of both least squares."""
    squares = float(((logged(fitted.counts.observed) - fitted.logs) ** 2).sum())
    rows = len(fitted.logs)
    return -0.5 * rows * (np.log(2 * np.pi * squares / rows) + 1), squares


@pytest.mark.parametrize("name", EVERY)
def test_of_its_coefficients_we_say_what_it_says(name):
    fitted, theirs = at_its_coefficients(name), FITS[name]
    height, deviance = log_scale(fitted) if name.startswith("nls") else (fitted.log_likelihood, fitted.deviance)
    assert height == pytest.approx(theirs["log_likelihood"], abs=1e-7)
    assert deviance == pytest.approx(theirs["deviance"], rel=EXACT)
    assert 2 * (fitted.parameters - height) == pytest.approx(theirs["aic"], abs=1e-6)
    assert np.log(1382) * fitted.parameters - 2 * height == pytest.approx(theirs["bic"], abs=1e-6)
    errors, limits = SE.get(name.split("_")[0], (EXACT, 1e-8))
    ours = list(fitted.coefficient_se.values())[:len(theirs["standard_errors"])]
    assert ours == pytest.approx(theirs["standard_errors"], rel=errors)
    by = [("sex", "ukr", "year")] if name.endswith("covariates") else []
    for groups, covariates in ((theirs["years"], ("year",)), *((theirs["groups"], one) for one in by)):
        found = hidden_population_by(fitted, covariates)
        places = [found.labels.index(_label(group, covariates)) for group in groups["group"]]
        assert found.sums.plain[places] == pytest.approx(groups["estimate"], rel=EXACT)
        assert found.sums.corrected[places] == pytest.approx(groups["estimate_bc"], rel=EXACT)
        known = found.frame().iloc[places]
        assert known["observed"].tolist() == groups["observed"]
        for side in ("lower", "upper"):
            given = [theirs for theirs, refusal in zip(groups[side], known["refusal"], strict=True) if not refusal]
            assert known[side].dropna().tolist() == pytest.approx(given, rel=limits)


def _label(group, covariates):
    """Read "year=2019, ukr=0, sex=Female", or "2019"."""
    if "=" not in group:
        return (group,)
    read = dict(part.split("=") for part in group.split(", "))
    return tuple(float(read[name]) if name == "ukr" else read[name] for name in covariates)


@pytest.mark.parametrize("name", EVERY)
def test_our_maximum_is_as_high_as_its_own_or_higher(name):
    ours, theirs = fit(poland(), **asked(name)), at_its_coefficients(name)
    assert ours.log_likelihood >= theirs.log_likelihood - 1e-7
    if name in SHARP:
        tolerance = SHARP[name]
        assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-8)
        assert list(ours.coefficients.values())[:2] == pytest.approx(FITS[name]["coefficients"][:2], rel=tolerance)
        assert ours.hidden.sum() == pytest.approx(sum(FITS[name]["groups"]["estimate"]), rel=tolerance)


@pytest.mark.parametrize(("name", "higher", "apart"), [
    ("poisson_covariates", 2.6e-3, 1e-2), ("nb_covariates", 5.1e-4, 1e-2), ("ols_intercept", 0.41, 0.05),
    ("nls_covariates", 3.1, 0.05)])
def test_where_it_stops_short_we_are_higher(name, higher, apart):
    ours, theirs = fit(poland(), **asked(name)), at_its_coefficients(name)
    assert ours.log_likelihood - theirs.log_likelihood > higher
    assert ours.hidden.sum() == pytest.approx(theirs.hidden.sum(), rel=apart)


def test_documented_years_and_hypotheses():
    fitted = fit(poland(), gamma=0.005, covariance="HC3")
    found, said = hidden_population_by(fitted, ["year"]), DOCUMENTED["gamma_0.005"]
    frame = found.frame()
    assert frame["plain"].tolist() == pytest.approx(said["estimate"], abs=0.01)
    for ours, theirs in (("value", "bias_corrected"), ("lower", "lower"), ("upper", "upper")):
        assert frame[ours].tolist() == pytest.approx(said[theirs], abs=0.02)
    above, said = wald_total(found, "2024", 200_000, alternative="greater"), DOCUMENTED["above_200000"]
    assert (above.difference, above.se, above.statistic) == pytest.approx(
        (said["contrast"], said["se"], said["statistic"]), rel=1e-6)
    assert above.p_value == pytest.approx(said["p_value"], rel=1e-6)
    assert above.limits == pytest.approx((said["lower"], said["upper"]), rel=1e-6)
    below = wald_total(found, "2024", 200_000, alternative="less")
    assert below.p_value == pytest.approx(said["p_value_less"], rel=1e-5)
    change, said = wald_difference(found, "2024", "2019"), DOCUMENTED["2024_against_2019"]
    assert (change.difference, change.se, change.statistic, change.p_value) == pytest.approx(
        (said["contrast"], said["se"], said["statistic"], said["p_value"]), rel=1e-6)
    assert change.limits == pytest.approx((said["lower"], said["upper"]), rel=1e-6)
    more = wald_difference(found, "2024", "2019", alternative="greater")
    assert more.p_value == pytest.approx(said["p_value_greater"], rel=1e-6)


def test_documented_model_by_sex():
    """To the digits in which its optimiser agrees with the maximum: about five."""
    fitted, said = fit(poland(), alpha="sex", beta="sex", covariance="HC3"), DOCUMENTED["sex"]
    assert list(fitted.coefficients.values())[:4] == pytest.approx(said["coefficients"], abs=1e-5)
    assert list(fitted.coefficient_se.values())[:4] == pytest.approx(said["standard_errors"], abs=2e-6)
    for ours, theirs in (("log_likelihood",) * 2, ("aic",) * 2, ("bic",) * 2, ("deviance",) * 2):
        assert getattr(fitted, ours) == pytest.approx(said[theirs], abs=0.006)
    frame = hidden_population_by(fitted, ["sex"]).frame()
    for ours, theirs in (("plain", "estimate"), ("value", "bias_corrected"), ("lower", "lower"), ("upper", "upper")):
        assert frame[ours].tolist() == pytest.approx(said[theirs], rel=5e-5)


def test_documented_frailty():
    """The reference takes the fit's HC3 standard error; with it, its figures are ours."""
    rows = table()
    rows = rows[(rows["m_border_guard"] > 0) & (rows["n_police"] > 0)]
    rows = rows[rows["country"].isin(list(dict.fromkeys(rows["country"]))[:8])]
    fitted, said = fit(counted(rows), alpha="sex", gamma=0.005, covariance="HC3"), DOCUMENTED["frailty"]
    found = hidden_population_by(fitted, ["year"], bias_corrected=False)
    assert found.frame()["plain"][0] == pytest.approx(said["value_2019"], rel=1e-5)
    assert np.sqrt(found.sums.covariance[0, 0]) == pytest.approx(said["se_2019"], rel=1e-5)
    ours = frailty_sensitivity(fitted)
    assert (ours.value, ours.freedom) == pytest.approx((said["total"], said["freedom"]), rel=1e-5)
    for value, se, target, needed, with_alpha in (
            (said["value_2019"], said["se_2019"], said["target"], said["needed"], said["needed_with_alpha"]),
            (said["total"], said["se_total"], said["total_target"], said["total_needed"],
             said["total_needed_with_alpha"])):
        like = FrailtySensitivity(value, se, said["freedom"], ours.frame, False)
        assert (like.needed(target), like.needed_with_alpha(target)) == pytest.approx((needed, with_alpha), rel=1e-5)
