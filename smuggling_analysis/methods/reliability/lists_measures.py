"""What the gate measures of lists: each function one figure of a case, None where there is nothing to look at."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from smuggling_analysis.methods.reliability.rules import Case

if TYPE_CHECKING:
    from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import Existence

_NOTATION = re.compile(r"\[[0-9.,]+\]")
_CHOSEN = ("bic", "aic", "stepwise")
_CHANCE = 3.0


def people_on_several_lists(case: Case) -> float:
    """Count the people on more than one list: all that an estimate of the others rests on."""
    several = case.evidence.patterns.sum(axis=1) > 1
    return float(case.evidence.totals[several].sum())


def overlap_share(case: Case) -> float:
    """Return the share of the people observed who are on more than one list."""
    return people_on_several_lists(case) / case.evidence.n_observed


def share_of_empty_overlaps(case: Case) -> float | None:
    """Return the share of pairs of lists that nobody is on together, of three lists or more."""
    if case.evidence.n_lists < 3:
        return None
    pairs = len(list(combinations(case.evidence.lists, 2)))
    return len(case.evidence.empty_overlaps()) / pairs


def degrees_of_freedom(case: Case) -> float | None:
    """Return what is left of the histories after the model's parameters, of three lists or more."""
    return case.told("df") if case.evidence.n_lists > 2 else None


def without_estimate(case: Case) -> float | None:
    """Return 1 where the model has no maximum likelihood estimate on the table, else 0."""
    found = _existence(case)
    return None if found is None else float(not found.exists)


def not_identified(case: Case) -> float | None:
    """Return 1 where different populations fit the model equally well, else 0."""
    found = _existence(case)
    return None if found is None or not found.exists else float(not found.identified)


def weight_on_the_boundary(case: Case) -> float | None:
    """Return the weight of models that take it that nobody at all can be on some lists together."""
    if (weight := case.told("boundary_weight")) is not None:
        return weight
    found = _existence(case)
    return None if found is None else float(any(len(term) > 1 for term in found.empty_terms))


def chance_of_the_misfit(case: Case) -> float | None:
    """Return the chance of a deviance as large as the model's, if the model held.

    A Bayesian model is held to the counts by the maximum likelihood fit of the same terms, and an average by that of
    its likeliest model.
    """
    deviance, df = case.told("deviance"), case.told("df")
    if deviance is None and (fitted := _fit_of_the_terms(case)) is not None:
        deviance, df = fitted
    if deviance is None or df is None or df < 1:
        return None
    from scipy.special import chdtrc

    return float(chdtrc(df, max(deviance, 0.0)))


def spread_over_models(case: Case) -> float | None:
    """Return the factor between the largest and the least estimate of models about as good as the one chosen."""
    if case.result.diagnostics.get("selection") not in _CHOSEN:
        return None
    if case.facts.models is not None:
        least, largest, number = case.facts.models.spread
        return largest / least if number > 1 else None
    told, most = case.told("least_near_best"), case.told("largest_near_best")
    return None if told is None or most is None else most / told


def share_of_the_same_choice(case: Case) -> float | None:
    """Return the share of bootstrap replicates that choose the same model as the table itself."""
    return case.told("same_model_share") if case.result.diagnostics.get("selection") in _CHOSEN else None


def spread_over_replicates(case: Case) -> float | None:
    """Return the factor between the quartiles of the replicates of a bootstrap that repeats the choice."""
    if case.facts.replicates is None:
        return None
    low, high = np.quantile(np.asarray(case.facts.replicates, dtype=float), [0.25, 0.75])
    return float(high / low) if low > 0 else math.inf


def share_of_failed_replicates(case: Case) -> float | None:
    """Return the share of bootstrap replicates without an estimate."""
    failed, made = case.told("failed_replicates"), case.told("replicates")
    return None if failed is None or not made else failed / made


def r_hat(case: Case) -> float | None:
    """Return the chains' R-hat."""
    return case.told("rhat")


def bulk_draws(case: Case) -> float | None:
    """Return how many independent draws the chains are worth for the middle of the posterior."""
    return case.told("ess_bulk")


def tail_draws(case: Case) -> float | None:
    """Return how many independent draws the chains are worth for the posterior's ends."""
    return case.told("ess_tail")


def spread_over_seeds(case: Case) -> float | None:
    """Return the factor by which the estimate moves if pairs of lists that stayed, or went, by chance had not.

    By chance: the pair's statistic lies within three Monte Carlo errors of the threshold. Infinite where the model
    with the pair changed has no estimate.
    """
    told: Any = case.result.diagnostics
    statistics, errors, factors = (told.get(name) for name in (
        "threshold_statistics", "statistics_mcse", "unseen_by_doubtful_pair"))
    threshold = case.told("threshold")
    if threshold is None or not all(isinstance(one, Mapping) for one in (statistics, errors, factors)):
        return None
    by_chance = [float(factors.get(pair, math.inf)) for pair, value in statistics.items()
                 if abs(value - threshold) < _CHANCE * errors.get(pair, 0.0)]
    observed = float(case.evidence.n_observed)
    ends = [math.prod(factor for factor in by_chance if (factor > 1) == up) for up in (True, False)]
    most, least = (observed + (case.result.value - observed) * end for end in ends)
    return most / least if least > 0 else math.inf


def spread_over_priors(case: Case) -> float | None:
    """Return the factor between the largest and the least estimate under the priors tried."""
    values = [value for value in case.facts.priors if value > 0]
    return max(values) / min(values) if len(values) > 1 else None


def spread_without_a_list(case: Case) -> float | None:
    """Return the factor by which leaving out the list that matters most moves the estimate."""
    whole = case.result.value if case.facts.varied is None else case.facts.varied
    moved = [max(value, whole) / min(value, whole) for value in case.facts.left_out if value > 0]
    return max(moved, default=None)


def families_that_passed(case: Case) -> float | None:
    """Return how many families of methods passed; with two lists there is one family only."""
    if case.facts.families is None or case.evidence.n_lists < 3:
        return None
    return float(len(case.facts.families))


def _existence(case: Case) -> Existence | None:
    """Return whether the model named in the diagnostics exists on the table; None where none is named."""
    told: Any = case.result.diagnostics
    model = str(told.get("model", ""))
    # With a proper prior there is a posterior whether or not the likelihood has a maximum.
    without = told.get("selection") == "average" or "prior" in told or case.evidence.n_lists < 2
    if without or not _NOTATION.fullmatch(model):
        return None
    from smuggling_analysis.methods.multiple_systems import existence

    try:
        return existence(case.evidence, model)
    except ValueError:  # a model of other lists
        return None


def _fit_of_the_terms(case: Case) -> tuple[float, float] | None:
    """Return deviance and degrees of freedom of the terms that the diagnostics name, or of the likeliest ones."""
    named: Any = case.result.diagnostics
    told = named.get("model_in_words", named.get("model"))
    if (visited := named.get("models")) and isinstance(visited, (list, tuple)):
        told = visited[0].get("model")
    if not isinstance(told, str):
        return None
    from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
    from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

    try:
        model = Model.parse(told if _NOTATION.fullmatch(told) else [term.split(" x ") for term in told.split(", ")],
                            case.evidence.lists)
    except ValueError:  # a list's name holds the words that part the terms, or a model of other lists
        return None
    fits = fit(case.evidence.dense(), [model])
    return (float(fits.deviance[0]), float(fits.df[0])) if fits.estimable[0] else None
