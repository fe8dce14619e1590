"""Bayesian log-linear averaging beside conting's figures (tests/published/conting).

conting's chains are worth 5 to 25 independent draws, so a figure of theirs is taken to have the Monte Carlo error of
that many draws from the posterior, with the posterior's own spread as our long chains measure it: the spread within a
chain that has hardly moved says too little. What so wide a tolerance cannot tell, importance sampling of single models
does.
"""

import math

import numpy as np
import pytest
from importance_sampling import design, posterior

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods.multiple_systems import bayesian_loglinear_chains

RUNS = {"UKdat_5__bict_UIP": {"prior": "unit_information"}, "UKdat_5__bict_SBH": {"prior": "shrinkage"},
        "ScotPWID__bict_UIP": {"prior": "unit_information"},
        "ScotPWID__bict_SBH_cens": {"prior": "shrinkage", "over_covering": ["S4"]}}
NAMES = {"L1": "LA", "L2": "NG", "L3": "PFNCA", "L4": "GO", "L5": "GP",
         "Region": "region", "Gender": "sex", "Age": "age"}


@pytest.fixture(scope="module")
def ours(capture_table, covariate_table):
    """Our chains of each run, made once."""
    people = CaptureHistories.from_table(covariate_table("ScotPWID"), lists=["S1", "S2", "S3", "S4"],
                                         strata=["region", "sex", "age"])
    made = {}

    def run(name):
        if name not in made:
            histories, more = (capture_table("UKdat_5"), {}) if name.startswith("UK") else (
                people, {"covariates": ["region", "sex", "age"]})
            made[name] = bayesian_loglinear_chains(histories, **more, **RUNS[name], rng=1, n_jobs=2)
        return made[name]
    return run


def spoken(term, variables):
    """conting's "L1:L2" in our words; lists stand in the order of their names, then covariates in theirs."""
    return " x ".join(sorted((NAMES.get(part, part) for part in term.split(":")), key=variables.index))


def variables_of(made):
    return list(dict.fromkeys(made.coefficients["coefficient"].str.replace(r"=\w+.*", "", regex=True)[1:8]))


def errors(theirs, chance, mcse):
    """Monte Carlo standard error of a share by their effective draws and by ours."""
    return math.hypot(math.sqrt(max(chance * (1 - chance), 1e-4) / theirs["ess"]), mcse)


@pytest.mark.parametrize("name", RUNS)
def test_the_population_agrees(figures, ours, name, record_property):
    theirs, made = figures("conting", f"{name}.json"), ours(name)
    assert made.rhat < 1.01
    summary = made.frame().iloc[0]
    error = math.hypot(summary["sd"] / math.sqrt(theirs["ess"]), summary["mcse_mean"])
    assert abs(summary["mean"] - theirs["total_pop_mean"]) < 4 * error
    assert abs(np.median(made.values) - theirs["quantiles"]["50%"]) < 4 * 1.253 * error
    record_property("figures", ("conting", {"within four Monte Carlo standard errors of both sides": 2}))


@pytest.mark.parametrize("name", RUNS)
def test_interactions_agree(figures, ours, name, record_property):
    theirs, made = figures("conting", f"{name}.json"), ours(name)
    told = made.interactions.set_index("interaction")
    variables = variables_of(made)
    for term, chance in theirs["interactions"].items():
        row = told.loc[spoken(term, variables)]
        assert abs(row["probability"] - chance) < 4 * errors(theirs, row["probability"], row["mcse"]), term
    assert len(theirs["interactions"]) == len(told)
    record_property("figures", ("conting", {"within four Monte Carlo standard errors of both sides": len(told)}))


@pytest.mark.parametrize("name", RUNS)
def test_models_agree(figures, ours, name, record_property):
    theirs, made = figures("conting", f"{name}.json"), ours(name)
    variables = variables_of(made)
    found = {frozenset(part for part in row.model.split(", ") if " x " in part): row
             for row in made.models.itertuples()}
    for model in theirs["models"]:
        row = found[frozenset(spoken(term, variables) for term in model["terms"])]
        assert abs(row.probability - model["probability"]) < 4 * errors(theirs, row.probability, row.mcse), row.model
    record_property("figures", ("conting",
                                {"within four Monte Carlo standard errors of both sides": len(theirs["models"])}))


def test_censored_cells_are_those_of_people_on_the_list_alone(figures, covariate_table):
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.evidence_table import EvidenceTable

    people = CaptureHistories.from_table(covariate_table("ScotPWID"), lists=["S1", "S2", "S3", "S4"],
                                         strata=["region", "sex", "age"])
    table = EvidenceTable.of(people, max_order=2, covariates=["region", "sex", "age"], over_covering=["S4"])
    # conting numbers rows from 1, lists fastest, and so do the cells; the order of the strata is another.
    theirs = np.array(figures("conting", "ScotPWID__find_cens.json")["cens"]) - 1
    assert np.array_equal(np.flatnonzero(table.kinds == 2), theirs)


@pytest.mark.parametrize("prior", ["unit_information", "shrinkage"])
def test_models_that_conting_hardly_visited_are_as_probable_as_those_it_did(figures, capture_table, ours, prior):
    """Its chain stayed among models near [12,13,24,25,35,45]; [12,13,23,25,34] has N twice as large."""
    name = "UKdat_5__bict_UIP" if prior == "unit_information" else "UKdat_5__bict_SBH"
    counts = capture_table("UKdat_5").dense().astype(float)
    known = np.array(["unseen"] + ["counted"] * 31)
    found = {}
    for pairs in ["12 13 24 25 35 45", "12 13 25 35 45", "12 13 23 25 34"]:
        chosen = [tuple(int(number) - 1 for number in pair) for pair in pairs.split()]
        found[pairs] = posterior(counts, known, design([2] * 5, [(0,), (1,), (2,), (3,), (4,), *chosen]), prior)
    visited, missed = found["12 13 24 25 35 45"], found["12 13 23 25 34"]
    assert missed[0] - visited[0] > 0
    assert missed[2] > 2 * visited[2]
    theirs = [set(model["terms"]) for model in figures("conting", f"{name}.json")["models"]]
    assert {"L1:L2", "L1:L3", "L2:L3", "L2:L5", "L3:L4"} not in theirs
    lists = list(capture_table("UKdat_5").lists)
    probability = {frozenset(row.model.split(", ")): row.probability for row in ours(name).models.itertuples()}
    shares = []
    for pairs, (log, error, _) in found.items():
        words = {" x ".join(sorted(lists[int(number) - 1] for number in pair)) for pair in pairs.split()}
        inside = {part for words_of in words for part in words_of.split(" x ")}
        shares.append((probability[frozenset(words | (set(lists) - inside))], log, error))
    for own, log, error in shares[1:]:
        ratio = math.exp(log - shares[0][1])
        assert own / shares[0][0] == pytest.approx(ratio, rel=4 * math.hypot(error, shares[0][2]) + 0.15)
