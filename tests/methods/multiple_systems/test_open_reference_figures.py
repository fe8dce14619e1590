"""Open populations and the robust design against every figure of Rcapture's openp and robustd."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_open_identities import dense

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems import open_population_fit, robust_design_fit
from smuggling_analysis.methods.multiple_systems.open.outcome import outcome
from smuggling_analysis.methods.multiple_systems.open.parameters import demography

RCAPTURE = Path(__file__).parents[2] / "published" / "Rcapture"
# Estimates agree to this. R's glm stops when its deviance changes by less than 1e-8 of itself.
CLOSE = 1e-8
# R's standard errors come from the weights one step before its last; made from those, ours agree to this.
SAME_WEIGHTS = 1e-7
# Made from the weights at the maximum they differ by that one step.
ONE_STEP = 3e-5
TABLES = {"capture.prob": "capture", "survivals": "survival", "N": "abundance", "birth": "arrivals"}


def voles(columns):
    people = pd.read_csv(RCAPTURE / "mvole.csv").iloc[:, columns]
    people = people[people.any(axis=1)]
    return CaptureHistories.from_records(people, lists=list(people.columns))


def periods_of_voles():
    return CaptureHistories.from_table(pd.read_csv(RCAPTURE / "mvole_period.csv"), count="Y")


CASES = {
    "mvole_period__openp.json": (
        open_population_fit, periods_of_voles, {"periods": ["V1", "V2", "V3", "V4", "V5", "V6"]}),
    "mvole__robustd_0.json": (
        robust_design_fit, lambda: voles([place for place in range(30) if place != 9]),
        {"periods": [5, 4, 5, 5, 5, 5], "models": "Mh", "heterogeneity": "poisson", "theta": 1.5,
         "response": "captures"}),
    "mvole_p1-3__robustd_t.json": (
        robust_design_fit, lambda: voles([*range(9), *range(10, 15)]),
        {"periods": [5, 4, 5], "models": "Mth", "heterogeneity": "poisson", "theta": 1.5})}

# What each function alone prints.
of_open_populations = pytest.mark.parametrize("case", [name for name in CASES if "openp" in name], indirect=True,
                                              scope="module")
of_robust_designs = pytest.mark.parametrize("case", [name for name in CASES if "robustd" in name], indirect=True,
                                            scope="module")


@pytest.fixture(scope="module", params=list(CASES))
def case(request):
    """One of the reference's runs: its figures, our result, and our fits beneath it."""
    from _pytest.monkeypatch import MonkeyPatch

    function, histories, options = CASES[request.param]
    kept = {}

    def watched(histories, periods, fit, rivals, **described):
        kept["fits"] = {"fitted": fit, **{rival.name: rival.fit for rival in rivals}}
        return outcome(histories, periods, fit, rivals, **described)

    with MonkeyPatch.context() as patch:
        for module in ("open_populations", "robust_designs"):
            patch.setattr(f"smuggling_analysis.methods.multiple_systems.open.{module}.outcome", watched)
        found = function(histories(), **options)
    figures = pd.read_json(RCAPTURE / request.param, typ="series")
    return figures, found, kept["fits"]


def stopped_glm(fit):
    """Return R's parameters, their standard errors and the deviance: glm's documented steps, to where it stops."""
    design, offset, counts = dense(fit)
    mean = counts + 0.1
    eta, deviance = np.log(mean) - offset, np.inf
    for _ in range(25):
        working = eta + (counts - mean) / mean
        information = design.T @ (mean[:, None] * design)
        theta = np.linalg.solve(information, design.T @ (mean * working))
        eta = design @ theta
        mean = np.exp(eta + offset)
        before = deviance
        deviance = 2 * (np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / mean), 0) - counts + mean).sum()
        if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
            break
    return theta, np.linalg.inv(information), deviance


@pytest.fixture(scope="module")
def as_stopped(case):
    """The reference's covariance carried to the numbers by our derivatives."""
    fit = case[2]["fitted"]
    theta, covariance, _ = stopped_glm(fit)
    return theta, covariance, demography(replace(fit, covariance=covariance))


def columns(rows, name):
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)


def test_deviance_degrees_of_freedom_and_aic(case):
    figures, found, _ = case
    row = figures["model.fit"][0] if isinstance(figures["model.fit"], list) else figures["model.fit"]
    ours = found.fit.loc["fitted", ["deviance", "df", "aic"]].astype(float)
    np.testing.assert_allclose(ours, list(row.values())[:3], rtol=CLOSE)


def test_estimates_by_period_and_what_cannot_be_told(case):
    figures, found, _ = case
    for theirs, ours in TABLES.items():
        table = getattr(found, ours).astype(float)
        # Births are stored with six decimals.
        rounded = 6e-7 if theirs == "birth" else 0
        np.testing.assert_allclose(table["estimate"], columns(figures[theirs], "estimate"), rtol=CLOSE,
                                   atol=rounded)
        np.testing.assert_allclose(table["se"], columns(figures[theirs], "stderr"), rtol=ONE_STEP, atol=rounded)


def test_the_total(case):
    figures, found, _ = case
    row = figures["Ntot"][0]
    assert found.total.value == pytest.approx(row["estimate"], rel=CLOSE)
    assert found.total.se == pytest.approx(row["stderr"], rel=ONE_STEP)


def test_standard_errors_from_the_weights_at_which_the_reference_stopped(case, as_stopped):
    figures, (_, _, stopped) = case[0], as_stopped
    for theirs, ours in {**TABLES, "Ntot": "total"}.items():
        where = slice(-1, None) if ours == "total" else getattr(stopped, ours)
        se = np.where(stopped.told[where], stopped.se[where], np.nan)
        np.testing.assert_allclose(se, columns(figures[theirs], "stderr"), rtol=SAME_WEIGHTS,
                                   atol=6e-7 if theirs == "birth" else 0)


def test_log_linear_parameters(case, as_stopped):
    figures, found, _ = case
    if "loglin.param" not in figures:
        np.testing.assert_allclose(found.parameters.estimate, list(figures["glm_coef"].values()), atol=1e-9)
        return
    rows = figures["loglin.param"]
    np.testing.assert_allclose(found.parameters.estimate, columns(rows, "estimate"), rtol=CLOSE)
    np.testing.assert_allclose(found.parameters.se.astype(float), columns(rows, "stderr"), rtol=ONE_STEP)
    np.testing.assert_allclose(np.sqrt(np.diag(as_stopped[1])), columns(rows, "stderr"), rtol=SAME_WEIGHTS)


@of_robust_designs
def test_covariance_of_the_numbers(case, as_stopped):
    figures, _, _ = case
    theirs = np.array([[value for name, value in row.items() if name != "_row"] for row in figures["cov"]])
    scale = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    assert (np.abs(as_stopped[2].covariance - theirs) / scale).max() < SAME_WEIGHTS


@of_robust_designs
@pytest.mark.parametrize(("name", "vector"), [("u.vector", "leaving"), ("v.vector", "coming")])
def test_the_vectors_of_coming_and_leaving(case, as_stopped, name, vector):
    figures, stopped = case[0], as_stopped[2]
    periods = stopped.periods

    def made(numbers):
        # The weight of those last present in period k, and first present in period j, against the whole time.
        stay = 1 / np.cumprod(np.concatenate([[1.0], numbers[stopped.survival][::-1]]))
        if vector == "leaving":
            return np.concatenate([[1.0], np.diff(stay)])
        came = np.concatenate([numbers[stopped.abundance][:1], numbers[stopped.arrivals]]) / stay[::-1]
        return came / came[0]

    slopes = np.array([made(stopped.value + 1e-30j * np.eye(4 * periods - 1)[place]).imag / 1e-30
                       for place in range(4 * periods - 1)]).T
    np.testing.assert_allclose(made(stopped.value).real, columns(figures[name], "estimate"), rtol=CLOSE)
    np.testing.assert_allclose(np.sqrt(np.maximum(np.diag(slopes @ stopped.covariance @ slopes.T), 0)),
                               columns(figures[name], "stderr"), rtol=1e-6, atol=1e-12)


def test_models_and_people(case):
    figures, found, _ = case
    if "n" in figures:
        assert found.total.observed == figures["n"]
        assert list(found.models.values()) == list(figures["models"][0].values())[:-1]
        assert figures["neg"] == [] and not found.cautions


@of_open_populations
def test_trap_effects(case):
    figures, found, fits = case
    theirs, names = figures["trap.fit"], ["trap effect", "trap effect of each period"]
    ours = found.fit.loc[names]
    np.testing.assert_array_equal(ours.df, theirs["    df"])
    # The second model's first effect runs to minus infinity, and R's glm stops on the way, at a higher deviance
    # than ours: at the very one its steps lead to.
    np.testing.assert_allclose(ours.deviance, theirs["deviance"], rtol=3e-9)
    np.testing.assert_allclose(ours.aic, theirs["      AIC"], rtol=CLOSE)
    assert found.effects.loc[(names[1], "V3"), "se"] is pd.NA
    assert ours.deviance.iloc[1] < theirs["deviance"][1]
    stops = [stopped_glm(fits[name])[2] for name in names]
    np.testing.assert_allclose(stops, theirs["deviance"], rtol=1e-12)


@of_robust_designs
def test_temporary_emigration(case):
    figures, found, fits = case
    rivals = found.fit.iloc[1:]
    for (_, ours), theirs in zip(rivals.iterrows(), figures["emig.fit"], strict=True):
        np.testing.assert_allclose(ours[["deviance", "df", "aic"]].astype(float), list(theirs.values())[:3],
                                   rtol=CLOSE)
    effects = found.effects.reset_index()
    homogeneous = (effects.model == "temporary emigration") & (len(rivals) > 1)
    ours = pd.concat([effects[~homogeneous], effects[homogeneous]])
    # The likelihood is flat in these (standard errors up to 1.2): where R's steps stop, its figures are the ones
    # they give; at the maximum they differ by up to 2e-6, and the deviance is no higher.
    stops = [(theta[place], np.sqrt(covariance[place, place]))
             for place, theta, covariance in emigration_at_the_stop(fits, rivals.index)]
    np.testing.assert_allclose([theta for theta, _ in stops], columns(figures["emig.param"], "estimate"),
                               rtol=SAME_WEIGHTS)
    np.testing.assert_allclose([error for _, error in stops], columns(figures["emig.param"], "stderr"),
                               rtol=SAME_WEIGHTS)
    np.testing.assert_allclose(ours.estimate, columns(figures["emig.param"], "estimate"), atol=2e-6)
    np.testing.assert_allclose(ours.se.astype(float), columns(figures["emig.param"], "stderr"), rtol=1e-3)
    assert (rivals.deviance.to_numpy() <= columns(figures["emig.fit"], "deviance") * (1 + 1e-12)).all()


def emigration_at_the_stop(fits, names):
    """Yield place, parameters and covariance of each emigration parameter, the homogeneous one last."""
    for name in reversed(names):
        theta, covariance, _ = stopped_glm(fits[name])
        for place, parameter in enumerate(fits[name].model.names):
            if parameter.startswith("emigration"):
                yield place, theta, covariance
