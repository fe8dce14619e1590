"""Our answer to every figure of SparseMSE and of MultipleSystemsEstimation (see published_figures)."""

import math
from functools import partial
from itertools import combinations

import numpy as np
from our_answers import histories, log_linear, table_of_models

from smuggling_analysis.methods import multiple_systems as methods
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import acceleration, bca_limits
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.selection import chooser


def term_of(written, lists):
    return 0 if written == "(Intercept)" else sum(1 << lists.index(name) for name in written.split(":"))


def sparse_estimate(figures, name, kind):
    lists = histories(name).lists
    pairs = tuple(combinations(lists, 2))
    asked = {"main": {"selection": None}, "stepwise": {"selection": "stepwise"}, "fixed_alltwo": {"model": pairs}}
    ours = log_linear(name, **asked[kind])
    yield from zip(["lower", "estimate", "upper"], figures["estimate"], [ours.lower, ours.value, ours.upper],
                   strict=True)
    yield "deviance", figures["deviance"], ours.diagnostics["deviance"]
    yield "aic", figures["aic"], ours.diagnostics["aic"]
    fits = fit(histories(name).dense().astype(float), [Model.parse(ours.diagnostics["model"], lists)])
    made = {term: place for place, term in enumerate(fits.terms[0])}
    for written, theirs in figures["coef"].items():
        place = made[term_of(written, lists)]
        yield f"coef {written}", theirs, float(fits.theta[0][place])
        yield f"se {written}", figures["se"][written], float(fits.error[0][place])


def stored_replicates(figures, name, rule):
    """BCa limits given the replicates that were stored, and the acceleration made anew."""
    quantiles = figures["BCaquantiles"]
    if not isinstance(quantiles, dict):
        quantiles = dict(zip(["0.025", "0.1", "0.9", "0.975"], quantiles, strict=True))
    marks = sorted(quantiles, key=float)
    for lower, upper in zip(marks, reversed(marks), strict=True):
        if float(lower) < 0.5:
            limits = bca_limits(np.array(figures["bootreps"]), figures["popest"], figures["ahat"],
                                float(upper) - float(lower))
            yield from [(lower, quantiles[lower], limits[0]), (upper, quantiles[upper], limits[1])]
    yield "ahat", figures["ahat"], acceleration(histories(name).dense().astype(float), rule)
    yield "popest", figures["popest"], log_linear(name, selection="stepwise").value


def stepwise_replicates(figures, name):
    return stored_replicates(figures, name, chooser(histories(name).lists, None, "stepwise", None, 0.02))


def all_models_checked(figures, name):
    if name == "Artificial_3":
        codes = [methods.existence(histories(name), notation) for notation in
                 ("[1,2,3]", "[12,3]", "[13,2]", "[1,23]", "[12,13]", "[12,23]", "[13,23]")]
        failing = sum(not found.exists for found in codes)
    else:
        failing = int((~table_of_models(name, 2)["value"].notna()).sum())
    yield "nmodels_failing", figures["nmodels_failing"], failing


def extended_codes(figures, name):
    for notation, code in figures.items():
        found = methods.existence(histories(name), notation)
        yield notation, code, 0 if found.exists and found.identified else 2 if found.exists else 1


def all_pairs_identified(figures, name):
    found = methods.existence(histories(name), list(combinations(histories(name).lists, 2)))
    yield "ierr", figures["ierr"], 0 if found.exists and found.identified else 2 if found.exists else 1


def triples(figures, name):
    empty = set(map(frozenset, histories(name).empty_overlaps()))
    three = [three for three in combinations(histories(name).lists, 3)
             if not any(frozenset(pair) in empty for pair in combinations(three, 2))]
    yield "count_triples", figures["count_triples"], len(three)


def shipped(name):
    """MultipleSystemsEstimation's table: it ships another New Orleans under the same name."""
    return "NewOrl_5_of_186" if name == "NewOrl_5" else name


def order_of(name, kind):
    return 2 if "maxorder2" in kind else {"Artificial_3": None}.get(name, 3)


def best_model(figures, name, kind):
    ours = table_of_models(shipped(name), order_of(name, kind))
    yield "popest", figures["popest"], float(ours["value"].iloc[0])
    yield "BIC", figures["BIC"], float(ours["bic"].iloc[0])
    yield "n_models", figures["n_models"], int(ours["value"].notna().sum())


def ranked_models(table, name, kind):
    ours = table_of_models(shipped(name), order_of(name, kind))
    for _, row in table.iterrows():
        yield f"{row['row']}: abundance", row["abundance"], float(ours.loc[row["row"], "value"])
        yield f"{row['row']}: BIC", row["BIC"], float(ours.loc[row["row"], "bic"])


def stepwise_by_bits(figures, name):
    people = histories(shipped(name))
    ours = log_linear(shipped(name), selection="stepwise")
    fits = fit(people.dense(), [Model.parse(ours.diagnostics["model"], people.lists)])
    made = {str(term + 1): theta for term, theta in zip(fits.terms[0], fits.theta[0], strict=True)}
    yield "popest", figures["popest"], ours.value
    yield "deviance", figures["deviance"], ours.diagnostics["deviance"]
    yield "aic", figures["aic"], ours.diagnostics["aic"]
    yield from ((f"coef {term}", -math.inf if theirs is None else theirs, made[term])
                for term, theirs in figures["coef"].items())


SPARSEMSE = {
    **{f"{kind}.json": partial(sparse_estimate, kind=kind) for kind in ("main", "stepwise", "fixed_alltwo")},
    "BCa_stepwise.json": stepwise_replicates, "checkallmodels.json": all_models_checked,
    "checkident_alltwo.json": all_pairs_identified, "count_triples.json": triples,
}
MULTIPLE_SYSTEMS_ESTIMATION = {
    **{f"{kind}.json": partial(best_model, kind=kind) for kind in ("bic", "bic_maxorder2")},
    **{f"{kind}_results.csv": partial(ranked_models, kind=kind) for kind in ("bic", "bic_maxorder2")},
    "stepwise.json": stepwise_by_bits, "stepwise_BCa.json": stepwise_replicates,
    "check_extended_MLE.json": extended_codes,
}
