"""Log-linear estimates, held to Rcapture 1.4-4, SparseMSE 2.0.1 and MultipleSystemsEstimation 1.2.0.

Every deterministic figure is compared. Where a reference is not at its maximum, or warns of its own figure,
the test shows that instead.
"""

from statistics import NormalDist

import numpy as np
import pytest

from smuggling_analysis import NoEstimate
from smuggling_analysis.methods.multiple_systems import existence, loglinear, loglinear_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile

# R's glm stops when the deviance changes by less than 1e-8 of itself, which leaves about 1e-8 in N.
TOLERANCE = 1e-6

TABLES = ["UKdat", "UKdat_5", "Ned", "Ned_5", "NewOrl_5", "lesbian", "Artificial_3", "Kosovo"]
SPARSE_TABLES = [name for name in TABLES if name != "lesbian"]
MODEL_TABLES = {"UKdat_5": "_maxorder2", "Ned_5": "_maxorder2", "NewOrl_5": "_maxorder2", "lesbian": "",
                "Kosovo": ""}


Z = NormalDist().inv_cdf(0.975)


def one_step_short(histories, notation, *, leave_empty_out=False):
    """The unseen, their standard error and that of their logarithm as R's glm gives them.

    Its documentation: iteratively reweighted least squares from counts + 0.1, stopped when the deviance
    changes by less than 1e-8 of itself (plus 0.1); standard errors from the weights of the step before.
    """
    cells = histories.dense().astype(float)
    terms = np.array(Model.parse(notation, histories.lists).terms)
    every = np.arange(1, cells.size)
    inside = (every[:, None] & terms) == terms
    if leave_empty_out:
        empty = cells[1:] @ inside == 0
        inside = inside[~inside[:, empty].any(axis=1)][:, ~empty]
        every = every[~((every[:, None] & terms[empty]) == terms[empty]).any(axis=1)]
    design, counts = inside.astype(float), cells[every]
    mu = counts + 0.1
    eta, before = np.log(mu), np.inf
    for _ in range(100):
        root = np.sqrt(mu)
        q, r = np.linalg.qr(design * root[:, None])
        theta = np.linalg.solve(r, q.T @ (root * (eta + (counts - mu) / mu)))
        eta = design @ theta
        mu = np.exp(eta)
        held = counts > 0
        deviance = 2 * ((counts[held] * np.log(counts[held] / mu[held])).sum() - (counts - mu).sum())
        if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
            break
        before = deviance
    unseen, variance = np.exp(theta[0]), np.linalg.inv(r.T @ r)[0, 0]
    return unseen, np.sqrt(unseen + unseen**2 * variance), np.sqrt(variance)


def assert_standard_error(ours, theirs, histories, notation):
    """Agree, or show that the reference's standard error is that of the step before its last."""
    if ours != pytest.approx(theirs, rel=TOLERANCE):
        assert ours == pytest.approx(theirs, rel=1e-4)
        assert one_step_short(histories, notation)[1] == pytest.approx(theirs, rel=1e-9)


def assert_profile(ours, theirs, histories):
    """Agree, or show that ours is the top and where the likelihood has fallen by half of 1.96 squared."""
    top = ours.diagnostics["multinomial_value"]
    height = Profile(histories.dense().astype(float), Model.parse(ours.diagnostics["model"], histories.lists))
    assert [height(top) - height(limit) for limit in (ours.lower, ours.upper)] == pytest.approx([Z**2 / 2] * 2,
                                                                                               rel=1e-8)
    if [top, ours.lower, ours.upper] != pytest.approx(theirs, rel=TOLERANCE):
        assert [top, ours.lower, ours.upper] == pytest.approx(theirs, rel=2e-5)
        assert height(top) > height(theirs[0])
        fallen = [height(theirs[0]) - height(limit) for limit in theirs[1:]]
        assert (abs(np.array(fallen) - Z**2 / 2) > 1e-7).all()


@pytest.mark.parametrize("name", TABLES)
def test_independence_is_rcaptures_mt(name, capture_table, figures):
    row = figures("Rcapture", f"{name}__closedp_t.csv").set_index("model").loc["Mt"]
    ours = loglinear(capture_table(name), selection=None, interval="wald")
    told = ours.diagnostics
    np.testing.assert_allclose([ours.value, told["deviance"], told["df"], told["aic"], told["bic"]],
                               row[["abundance", "deviance", "df", "AIC", "BIC"]].astype(float),
                               rtol=TOLERANCE)
    assert_standard_error(ours.se, row["stderr"], capture_table(name), told["model"])


@pytest.mark.parametrize("name", TABLES)
def test_profile_limits_are_rcaptures(name, capture_table, figures):
    row = figures("Rcapture", f"{name}__closedpCI_t.csv").set_index("m").loc["Mt"]
    ours = loglinear(capture_table(name), selection=None)
    assert_profile(ours, row[["N_multinomial", "ci_lo", "ci_hi"]].astype(float).tolist(), capture_table(name))


@pytest.mark.parametrize(("label", "table", "model"), [
    ("lesbian [12,13,14]", "lesbian", "[12,13,14]"),
    ("UKdat main effects", "UKdat", "[1,2,3,4,5,6]"),
    ("UKdat_5 [12,13,23,34,5]", "UKdat_5", "[12,13,23,34,5]"),
    ("diabetes ~.+c1:c3+c2:c4+c3:c4", "diabetes", "[13,24,34]"),
    ("HIV ~.+c1:c2", "HIV", "[12,3,4]"),
    ("Western [1,2,3,4,5]", "Western", "[1,2,3,4,5]"),
])
def test_given_models_are_rcaptures(label, table, model, capture_table, figures):
    row = figures("Rcapture", "given_models__closedpCI_t.csv").set_index("model").loc[label]
    ours = loglinear(capture_table(table), model=model)
    np.testing.assert_allclose([ours.value, ours.diagnostics["deviance"], ours.diagnostics["df"],
                                ours.diagnostics["aic"], ours.diagnostics["bic"]],
                               row[["N_glm", "deviance", "df", "AIC", "BIC"]], rtol=TOLERANCE)
    assert_standard_error(ours.se, row["se_glm"], capture_table(table), model)
    assert_profile(ours, row[["N_multinomial", "lo", "hi"]].tolist(), capture_table(table))


@pytest.mark.parametrize("name", ["UKdat_5", "Ned_5", "NewOrl_5", "lesbian", "Kosovo"])
def test_every_model_is_rcaptures(name, capture_table, figures):
    reference = figures("Rcapture", f"{name}__closedpMS_t{MODEL_TABLES[name]}.csv").set_index("model")
    histories = capture_table(name)
    ours = loglinear_models(histories, max_order=2 if MODEL_TABLES[name] else None).frame.set_index("model")
    both = reference.add_prefix("r_").join(ours, validate="one_to_one")
    assert len(both) == len(ours)
    assert both["value"].notna().all()
    sound = both[both["r_infoFit"] == 0]
    assert len(sound) >= 112
    theirs = ["r_abundance", "r_deviance", "r_df", "r_AIC", "r_BIC"]
    mine = ["value", "deviance", "df", "aic", "bic"]
    np.testing.assert_allclose(sound[mine], sound[theirs], rtol=TOLERANCE, atol=1e-9)
    for notation, row in sound.iterrows():
        assert_standard_error(row["se"], row["r_stderr"], histories, notation)
    # Of the other rows the reference warns (it keeps an empty overlap as a large finite parameter).
    warned = both[both["r_infoFit"] != 0]
    assert (warned["deviance"] <= warned["r_deviance"] + 1e-9).all()


def test_artificial_3_has_four_models_with_an_estimate_and_four_without(capture_table, figures):
    ours = loglinear_models(capture_table("Artificial_3")).frame.set_index("model")
    rcapture = figures("Rcapture", "Artificial_3__closedpMS_t.csv").set_index("model")
    without = {"[12,3]", "[12,13]", "[12,23]", "[12,13,23]"}
    assert set(ours.index[ours["value"].isna()]) == without
    assert (rcapture.loc[sorted(without), "abundance"] > 1e12).all()  # the reference runs off; we refuse
    found = ours.drop(index=sorted(without))
    np.testing.assert_allclose(found["value"], rcapture.loc[found.index, "abundance"], rtol=TOLERANCE)
    for notation in without:
        why = "not identifiable" if notation == "[12,13,23]" else "no maximum likelihood"
        with pytest.raises(NoEstimate, match=why):
            loglinear(capture_table("Artificial_3"), model=notation)


def test_artificial_3_fails_as_published(capture_table, figures):
    histories = capture_table("Artificial_3")
    codes = figures("MultipleSystemsEstimation", "Artificial_3__check_extended_MLE.json")
    for notation, code in codes.items():
        found = existence(histories, notation)
        assert (found.exists, found.identified) == {0: (True, True), 1: (False, True), 2: (True, False)}[code]
    told = figures("SparseMSE", "Artificial_3__checkallmodels.json")
    failing = [[tuple(pair.split(":")) for pair, on in model.items() if on] for model in told["models"]]
    assert len(failing) == told["nmodels_failing"] == 3
    assert not any(existence(histories, model).exists for model in failing)


@pytest.mark.parametrize("name", ["UKdat_5", "Ned_5", "NewOrl_5", "Kosovo"])
def test_all_two_list_models_exist_where_sparsemse_says_so(name, capture_table, figures):
    assert figures("SparseMSE", f"{name}__checkallmodels.json")["nmodels_failing"] == 0
    assert loglinear_models(capture_table(name), max_order=2).fits.estimable.all()


@pytest.mark.parametrize("kind", ["main", "stepwise", "fixed_alltwo"])
@pytest.mark.parametrize("name", SPARSE_TABLES)
def test_estimates_are_sparsemses(name, kind, capture_table, figures):
    if (name, kind) == ("Artificial_3", "fixed_alltwo"):
        with pytest.raises(NoEstimate, match="not identifiable"):
            loglinear(capture_table(name), model="[12,13,23]")
        return
    reference = figures("SparseMSE", f"{name}__{kind}.json")
    histories = capture_table(name)
    every_pair = [(one, other) for one in histories.lists for other in histories.lists if one < other]
    asked = {"main": {"selection": None}, "stepwise": {"selection": "stepwise"},
             "fixed_alltwo": {"model": every_pair}}
    ours = loglinear(histories, interval="log-normal", **asked[kind])
    np.testing.assert_allclose(ours.value, reference["estimate"][1], rtol=TOLERANCE)
    limits = [reference["estimate"][0], reference["estimate"][2]]
    if [ours.lower, ours.upper] != pytest.approx(limits, rel=TOLERANCE):
        unseen, _, spread = one_step_short(histories, ours.diagnostics["model"], leave_empty_out=True)
        assert [ours.lower, ours.upper] == pytest.approx(limits, rel=1e-4)
        shown = histories.n_observed + unseen * np.exp([-Z * spread, Z * spread])
        assert shown == pytest.approx(limits, rel=1e-9)
    assert ours.diagnostics["deviance"] == pytest.approx(reference["deviance"], rel=TOLERANCE)
    assert ours.diagnostics["aic"] == pytest.approx(reference["aic"], rel=TOLERANCE)


@pytest.mark.parametrize("name", SPARSE_TABLES)
def test_stepwise_terms_are_the_references(name, capture_table, figures):
    reference = figures("SparseMSE", f"{name}__stepwise.json")
    ours = loglinear(capture_table(name), selection="stepwise", interval="wald").diagnostics["entered"]
    finite = [" x ".join(term.split(":")) for term in reference["coef"] if ":" in term]
    empty = [" x ".join(term.split(":")) for term in reference["emptyoverlaps"] or {}]
    assert [term for term in ours if term not in empty] == finite
    assert set(ours) == set(finite + empty)
    if name != "NewOrl_5":  # MultipleSystemsEstimation ships another New Orleans table
        again = figures("MultipleSystemsEstimation", f"{name}__stepwise.json")
        value = loglinear(capture_table(name), selection="stepwise", interval="wald").value
        assert value == pytest.approx(again["popest"], rel=TOLERANCE)


@pytest.mark.parametrize(("name", "which", "max_order"), [
    ("UKdat_5", "bic", 3), ("Ned_5", "bic", 3), ("NewOrl_5_of_186", "bic", 3), ("Kosovo", "bic", 3),
    ("Artificial_3", "bic", 2), ("UKdat", "bic_maxorder2", 2), ("UKdat_5", "bic_maxorder2", 2),
    ("Ned_5", "bic_maxorder2", 2), ("NewOrl_5_of_186", "bic_maxorder2", 2), ("Kosovo", "bic_maxorder2", 2),
])
def test_bic_over_all_models_is_multiple_systems_estimations(name, which, max_order, capture_table, figures):
    file = name.removesuffix("_of_186")
    best = figures("MultipleSystemsEstimation", f"{file}__{which}.json")
    rows = figures("MultipleSystemsEstimation", f"{file}__{which}_results.csv").set_index("row")
    ours = loglinear_models(capture_table(name), max_order=max_order).frame
    assert ours["model"][0] == best["model"]
    assert ours["value"][0] == pytest.approx(best["popest"], rel=TOLERANCE)
    assert int(ours["value"].notna().sum()) == best["n_models"]
    joined = rows.join(ours.set_index("model")[["value", "bic"]])
    np.testing.assert_allclose(joined["value"], joined["abundance"], rtol=TOLERANCE)
    np.testing.assert_allclose(joined["bic"], joined["BIC"], rtol=TOLERANCE)
