"""Coefficients, overlaps, existence and bootstrap limits, held to SparseMSE 2.0.1 and MultipleSystemsEstimation
1.2.0: what `test_reference_figures` and `test_bootstrap` leave of their figures."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import pdtr

from smuggling_analysis import NoEstimate
from smuggling_analysis.methods.multiple_systems import existence, loglinear, loglinear_models
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import acceleration, bca_limits, people_drawn_anew
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit, fitted_means
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import empty_terms
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.selection import Chooser, chooser

TABLES = ["UKdat", "UKdat_5", "Ned", "Ned_5", "NewOrl_5", "Artificial_3", "Kosovo"]
FITS = [(name, kind) for name in TABLES for kind in ("main", "stepwise", "fixed_alltwo")
        if (name, kind) != ("Artificial_3", "fixed_alltwo")]  # of which the reference says that it has none
# R's glm stops when the deviance changes by less than 1e-8 of itself; its parameters carry 1e-7 of error.
ON_LOG_SCALE = 1e-6


def term_of(written, lists):
    return 0 if written == "(Intercept)" else sum(1 << lists.index(name) for name in written.split(":"))


def model_of(reference, lists):
    named = [*reference["coef"], *(reference["emptyoverlaps"] or {})]
    return Model(len(lists), tuple(term_of(written, lists) for written in named if written != "(Intercept)"))


def errors_one_step_short(cells, terms, left):
    """Standard errors from the weights of the step before the last, as R's glm documents them."""
    every = np.flatnonzero(left)
    design = ((every[:, None] & terms) == terms).astype(float)
    counts = cells[every]
    mu, before = counts + 0.1, np.inf
    eta = np.log(mu)
    for _ in range(100):
        root = np.sqrt(mu)
        q, r = np.linalg.qr(design * root[:, None])
        eta = design @ np.linalg.solve(r, q.T @ (root * (eta + (counts - mu) / mu)))
        mu = np.exp(eta)
        held = counts > 0
        deviance = 2 * ((counts[held] * np.log(counts[held] / mu[held])).sum() - (counts - mu).sum())
        if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
            break
        before = deviance
    return np.sqrt(np.diag(np.linalg.inv(r.T @ r)))


@pytest.mark.parametrize(("name", "kind"), FITS)
def test_parameters_and_their_errors_are_sparsemses(name, kind, capture_table, figures, record_property):
    reference, histories = figures("SparseMSE", f"{name}__{kind}.json"), capture_table(name)
    cells, lists = histories.dense().astype(float), histories.lists
    model = model_of(reference, lists)
    fits = fit(cells, [model])
    places = [model.terms.index(term_of(written, lists)) for written in reference["coef"]]
    np.testing.assert_allclose(fits.theta[0][places], list(reference["coef"].values()), atol=ON_LOG_SCALE)
    every, empty = np.arange(cells.size), empty_terms(cells, model)
    left = (every > 0) & ~np.any([(every & term) == term for term in [*empty, cells.size]], axis=0)
    theirs = np.array(list(reference["se"].values()))
    if fits.error[0][places] != pytest.approx(theirs, rel=1e-6):
        shown = errors_one_step_short(cells, np.array(model.terms)[places], left)
        assert shown == pytest.approx(theirs, rel=1e-8)
        assert fits.error[0][places] == pytest.approx(theirs, rel=3e-4)
    # The reference counts cells that can hold somebody; ours counts all, and the terms nobody shares.
    assert left.sum() - len(places) == reference["df.residual"]
    assert sorted(empty) == sorted(term_of(written, lists) for written in reference["emptyoverlaps"] or {})
    record_property("figures", ("SparseMSE", {"": 1 + len(empty)}))


@pytest.mark.parametrize(("name", "kind"), FITS)
def test_the_chance_of_an_empty_overlap_is_sparsemses(name, kind, capture_table, figures, record_property):
    reference, histories = figures("SparseMSE", f"{name}__{kind}.json"), capture_table(name)
    told = list(reference["poisspempty"].values()) if reference["poisspempty"] else []
    cells, lists = histories.dense().astype(float), histories.lists
    model, every = model_of(reference, lists), np.arange(cells.size)
    found = []
    for written in reference["emptyoverlaps"] or {}:
        pair = term_of(written, lists)
        without = Model(len(lists), tuple(term for term in model.terms if term and term & pair != pair))
        fits = fit(cells, [without])
        means = fitted_means(fits.theta[0], fits.terms[0], cells.size)
        found.append(pdtr(0, means[(every & pair) == pair].sum()))
    # The tail of a mean of 10 magnifies the mean's error tenfold.
    assert found == pytest.approx(np.ravel(told).tolist(), rel=1e-6)
    record_property("figures", ("SparseMSE", {"": len(found)}))


@pytest.mark.parametrize("name", TABLES)
def test_triples_of_lists_that_all_overlap_are_sparsemses(name, capture_table, figures):
    histories = capture_table(name)
    empty = set(map(frozenset, histories.empty_overlaps()))
    triples = [three for three in combinations(histories.lists, 3)
               if not any(frozenset(pair) in empty for pair in combinations(three, 2))]
    told = figures("SparseMSE", f"{name}__count_triples.json")["count_triples"]
    assert len(triples) == told
    # Chan, Silverman and Vincent (2021): without such a triple the model of all pairs is not identifiable.
    assert existence(histories, list(combinations(histories.lists, 2))).identified == (told > 0)


@pytest.mark.parametrize("name", TABLES)
def test_all_pairs_have_an_estimate_where_sparsemses_linear_programme_says_so(name, capture_table, figures,
                                                                              record_property):
    reference, histories = figures("SparseMSE", f"{name}__checkident_alltwo.json"), capture_table(name)
    found = existence(histories, list(combinations(histories.lists, 2)))
    assert (found.exists, found.identified) == {0: (True, True), 2: (True, False)}[reference["ierr"]]
    # Its objective: the most that the emptiest cell can hold while the people on each term stay.
    cells, model = histories.dense().astype(float), found.model
    empty, every = empty_terms(cells, model), np.arange(cells.size)
    left = np.flatnonzero((every > 0) & ~np.any([(every & term) == term for term in [*empty, cells.size]], axis=0))
    terms = [term for term in model.terms if cells[(every & term) == term].sum()]
    design = ((left[:, None] & terms) == terms).astype(float)
    programme = linprog(np.r_[np.zeros(left.size), -1.0], A_eq=np.c_[design.T, np.zeros(len(terms))],
                        b_eq=design.T @ cells[left], A_ub=np.c_[-np.eye(left.size), np.ones(left.size)],
                        b_ub=np.zeros(left.size), method="highs")
    assert -programme.fun == pytest.approx(reference["objval"], rel=1e-9)
    assert (reference["objval"] > 0) == found.exists
    record_property("figures", ("SparseMSE", {"": 1}))


def test_stepwise_bca_is_multiple_systems_estimations_given_its_replicates(capture_table, figures):
    reference = figures("MultipleSystemsEstimation", "UKdat__stepwise_BCa.json")
    histories = capture_table("UKdat")
    for places, level in (((0, 3), 0.95), ((1, 2), 0.8)):
        limits = bca_limits(np.array(reference["bootreps"]), reference["popest"], reference["ahat"], level)
        assert limits[:2] == pytest.approx([reference["BCaquantiles"][place] for place in places], rel=1e-9)
    rule = chooser(histories.lists, None, "stepwise", None, 0.02)
    assert acceleration(histories.dense().astype(float), rule) == pytest.approx(reference["ahat"], rel=1e-7)
    assert loglinear(histories, selection="stepwise").value == pytest.approx(reference["popest"], rel=1e-6)


@pytest.mark.parametrize("name", TABLES)
def test_stepwise_parameters_are_multiple_systems_estimations(name, capture_table, figures):
    reference = figures("MultipleSystemsEstimation", f"{name}__stepwise.json")
    if name == "NewOrl_5":  # it ships another New Orleans table
        name = "NewOrl_5_of_186"
    histories = capture_table(name)
    ours = loglinear(histories, selection="stepwise", interval="log-normal")
    fits = fit(histories.dense(), [Model.parse(ours.diagnostics["model"], histories.lists)])
    # It names a term by its bits, from 1; a term nobody shares has no parameter there, minus infinity here.
    ours_by_term = {str(term + 1): theta for term, theta in zip(fits.terms[0], fits.theta[0], strict=True)}
    theirs = {term: -np.inf if theta is None else theta for term, theta in reference["coef"].items()}
    assert ours_by_term == pytest.approx(theirs, abs=ON_LOG_SCALE)
    assert ours.value == pytest.approx(reference["popest"], rel=1e-6)
    assert ours.diagnostics["deviance"] == pytest.approx(reference["deviance"], rel=1e-6)
    assert ours.diagnostics["aic"] == pytest.approx(reference["aic"], rel=1e-6)


@pytest.mark.parametrize("which", ["bic", "bic_maxorder2"])
@pytest.mark.parametrize("name", ["Artificial_3", "Kosovo", "UKdat_5", "Ned_5", "NewOrl_5"])
def test_the_best_bic_is_multiple_systems_estimations(name, which, capture_table, figures):
    reference = figures("MultipleSystemsEstimation", f"{name}__{which}.json")
    table = "NewOrl_5_of_186" if name == "NewOrl_5" else name
    order = 2 if which == "bic_maxorder2" else reference.get("maxorder", 3)
    ours = loglinear(capture_table(table), max_order=order, interval="log-normal")
    assert ours.diagnostics["bic"] == pytest.approx(reference["BIC"], rel=1e-6)
    assert (ours.diagnostics["model"], ours.diagnostics["models_with_estimate"]) == (reference["model"],
                                                                                     reference["n_models"])
    assert ours.value == pytest.approx(reference["popest"], rel=1e-6)


# The replicates behind these limits were not stored: they are compared within their Monte Carlo error.
BIC_BCA = {"Artificial_3": (None, 1000), "Kosovo": (None, 1000), "UKdat_5": (2, 200), "Ned_5": (2, 200),
           "NewOrl_5": (2, 200)}


@pytest.mark.parametrize("name", BIC_BCA)
def test_models_enter_by_bic_as_in_multiple_systems_estimation(name, capture_table, figures):
    added = figures("MultipleSystemsEstimation", f"{name}__bic_BCa.csv")["model_added"]
    table = "NewOrl_5_of_186" if name == "NewOrl_5" else name
    ours = loglinear_models(capture_table(table), max_order=BIC_BCA[name][0]).frame.set_index("model")["bic"]
    # Models of one BIC come in any order.
    np.testing.assert_allclose(ours[added], ours.iloc[: len(added)], rtol=1e-9)


@pytest.mark.parametrize("name", BIC_BCA)
def test_bca_limits_of_a_repeated_choice_are_multiple_systems_estimations(name, capture_table, figures):
    reference = figures("MultipleSystemsEstimation", f"{name}__bic_BCa.csv")
    histories = capture_table("NewOrl_5_of_186" if name == "NewOrl_5" else name)
    cells, rng, many = histories.dense().astype(float), np.random.default_rng(5), 2000
    tables = people_drawn_anew(cells, many, rng)
    for models in sorted({1, 10, len(reference)} & set(range(len(reference) + 1))):
        given = tuple(Model.parse(model, histories.lists) for model in reference["model_added"][:models])
        rule = Chooser(histories.n_lists, "bic", candidates=given)
        value, pull = float(rule.choose(cells).fits.value[0]), acceleration(cells, rule)
        sizes = rule.sizes(tables)[0]
        sizes = sizes[np.isfinite(sizes)]
        again = np.array([[limit for level in (0.95, 0.8) for limit in bca_limits(
            rng.choice(sizes, BIC_BCA[name][1]), value, pull, level)[:2]] for _ in range(400)])
        theirs = reference.iloc[models - 1][["0.025", "0.975", "0.1", "0.9"]].astype(float)
        # Between the lowest and the highest of 400 limits from as many replicates; 2 % for our own 2,000.
        low, high = np.quantile(again, [0.0, 1.0], axis=0)
        assert (low * 0.98 <= theirs).all(), (models, low, theirs)
        assert (theirs <= high * 1.02).all(), (models, high, theirs)


def test_artificial_3_has_no_estimate_with_all_pairs(capture_table, figures):
    assert figures("SparseMSE", "Artificial_3__checkident_alltwo.json")["text"].startswith("The estimate is not")
    with pytest.raises(NoEstimate, match="not identifiable"):
        loglinear(capture_table("Artificial_3"), model="[12,13,23]")
