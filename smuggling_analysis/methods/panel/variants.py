"""The variants of each method that a methodologist asks to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import comb
from typing import Any
from zlib import crc32

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import default_order, resolve_order

LOWER_BOUND = "a lower bound"


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to use a method.

    Parameters
    ----------
    method : str
        The method's name in METHODS.
    key : str
        Names the result; begins with the method's name.
    label : str
        What a table calls it.
    options : mapping
        The method's options.
    family : str
        Methods of one family rest on the same assumption about the people on no list.
    aside : str
        Why the variant has no part in the weighing of the families; empty where it has.
    refused : NoEstimate, optional
        Why the variant is not tried at all.
    """

    method: str
    key: str
    label: str
    options: Mapping[str, Any] = field(default_factory=dict)
    family: str = ""
    aside: str = ""
    refused: NoEstimate | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """What a panel of lists was asked: its options, and a stream of random numbers for each of its variants.

    Parameters
    ----------
    max_order : int, optional
        The most lists in one interaction.
    model : str
        A model to fit beside those chosen; empty where there is none.
    replicates, chains : int
        Bootstrap replicates, and chains of each sampler.
    stream : int
        What every variant's seed is made of, with the variant's key: which others are run does not matter.
    n_jobs : int
        Workers.
    """

    max_order: int | None
    model: str = ""
    replicates: int
    chains: int
    stream: int
    n_jobs: int

    def seed(self, key: str) -> int:
        """Return a variant's own seed."""
        made = np.random.SeedSequence([self.stream, crc32(key.encode())])
        return int(made.generate_state(1, np.uint64)[0] >> 1)

    @property
    def searched(self) -> dict[str, Any]:
        """The option that limits the models considered."""
        return {"max_order": self.max_order} if self.max_order else {}

    def bootstrap(self, key: str, interval: str) -> dict[str, Any]:
        """Return the options of a bootstrap."""
        return {"interval": interval, "replicates": self.replicates, "rng": self.seed(key), "n_jobs": self.n_jobs}


def list_variants(histories: Any, plan: Plan) -> tuple[Variant, ...]:
    """Return the variants for so many lists, in the order in which they are shown."""
    if histories.n_lists < 3:
        return (*_two_lists(), *_bayesian_loglinear(histories, plan, "two lists"))
    return (*_log_linear(histories, plan), *_averages(histories, plan), *_bayesian(histories, plan),
            *_without_models(plan), *_by_stratum(histories), *_in_time(histories))


def _two_lists() -> Iterator[Variant]:
    # With two lists every log-linear model but independence is saturated, and that one is Lincoln-Petersen.
    yield Variant("lincoln_petersen", "lincoln-petersen", "Lincoln-Petersen, two lists", family="two lists")
    yield Variant("chapman", "chapman", "Chapman, two lists", family="two lists")


def _log_linear(histories: Any, plan: Plan) -> Iterator[Variant]:
    independent = "[" + (",").join(map(str, range(1, histories.n_lists + 1))) + "]"
    refused = too_many_models(histories.n_lists, plan.max_order)
    yield Variant("loglinear", "loglinear-independent", "Log-linear, lists independent", {"model": independent},
                  "independence")
    family = "log-linear"
    for criterion in ("bic", "aic"):
        yield Variant("loglinear", f"loglinear-{criterion}", f"Log-linear, lowest {criterion.upper()}",
                      {"selection": criterion, **plan.searched}, family, refused=refused)
    yield Variant("loglinear", "loglinear-stepwise", "Log-linear, chosen by steps", {"selection": "stepwise"}, family)
    if plan.model:
        yield Variant("loglinear", "loglinear-given", f"Log-linear, the model {plan.model}", {"model": plan.model},
                      family, "a model that was given")
    if refused is None:
        key = "loglinear-bic-bootstrap"
        yield Variant("loglinear", key, "Log-linear, lowest BIC, choice repeated in a bootstrap",
                      {"selection": "bic", **plan.bootstrap(key, "bca"), **plan.searched}, family)
    else:
        key = "loglinear-stepwise-bootstrap"
        yield Variant("loglinear", key, "Log-linear, chosen by steps, choice repeated in a bootstrap",
                      {"selection": "stepwise", **plan.bootstrap(key, "bca")}, family)


def _averages(histories: Any, plan: Plan) -> Iterator[Variant]:
    refused = too_many_models(histories.n_lists, plan.max_order)
    yield Variant("model_average", "model-average", "Average of all log-linear models, by BIC",
                  {"criterion": "bic", **plan.searched}, "model averaging", refused=refused)


def _bayesian(histories: Any, plan: Plan) -> Iterator[Variant]:
    yield Variant("bayesian_graphical", "bayesian-graphical", "Bayesian averaging of decomposable graphs",
                  family="Bayesian graphical")
    yield from _bayesian_loglinear(histories, plan, "Bayesian log-linear")
    yield _sampled("bayesian_thresholding", "bayesian-thresholding", "Bayesian, only the dependence that shows", {},
                   "Bayesian log-linear", plan)
    yield _sampled("latent_class", "latent-class", "Latent classes of people", {}, "latent classes", plan)


def _bayesian_loglinear(histories: Any, plan: Plan, family: str) -> Iterator[Variant]:
    order = {"max_order": plan.max_order or default_order(histories.n_lists)}
    refused = too_many_interactions(histories.n_lists, order["max_order"])
    for prior, words in (("unit_information", "unit-information prior"), ("shrinkage", "shrinkage prior")):
        yield _sampled("bayesian_loglinear", f"bayesian-loglinear-{prior.replace('_', '-')}",
                       f"Bayesian averaging of log-linear models, {words}", {"prior": prior, **order}, family, plan,
                       refused)


def _sampled(method: str, key: str, label: str, options: Mapping[str, Any], family: str, plan: Plan,
             refused: NoEstimate | None = None) -> Variant:
    """Return a variant that draws chains."""
    drawn = {"chains": plan.chains, "rng": plan.seed(key), "n_jobs": plan.n_jobs}
    return Variant(method, key, label, {**options, **drawn}, family, refused=refused)


def _without_models(plan: Plan) -> Iterator[Variant]:
    yield Variant("closed_population", "closed-population", "Lists and people differ, Chao's lower bound",
                  {"model": "Mth", "heterogeneity": "chao"}, "heterogeneity", LOWER_BOUND)
    yield Variant("sample_coverage", "sample-coverage", "Sample coverage",
                  {"rng": plan.seed("sample-coverage"), "replicates": plan.replicates}, "sample coverage")


def _by_stratum(histories: Any) -> Iterator[Variant]:
    if histories.stratified_by:
        yield Variant("stratified", "stratified", "Sum over strata, each chosen by steps", {"selection": "stepwise"},
                      "strata")


def _in_time(histories: Any) -> Iterator[Variant]:
    """Yield the methods for lists that are periods; they count everyone who was ever there."""
    from smuggling_analysis.methods import METHODS

    for name, label in (("open_population", "Open population, lists as periods"),
                        ("robust_design", "Robust design, lists within periods")):
        if not METHODS[name].lacks(histories):
            yield Variant(name, name.replace("_", "-"), label, {}, "open population",
                          "it counts everyone who was there in any of the periods")


def too_many_models(n_lists: int, max_order: int | None) -> NoEstimate | None:
    """Return the refusal to visit or search all models of so many lists, None where it can be done."""
    try:
        resolve_order(n_lists, max_order)
    except ValueError as fault:
        return NoEstimate(str(fault).partition(": ")[0], "fewer lists, some of them merged into one")
    return None


def too_many_interactions(n_lists: int, max_order: int) -> NoEstimate | None:
    """Return the refusal to move between the models of so many interactions, None where it can be done."""
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.model_space import MOST_INTERACTIONS

    number = sum(comb(n_lists, size) for size in range(2, min(max_order, n_lists - 1) + 1))
    if number <= MOST_INTERACTIONS:
        return None
    return NoEstimate(f"{n_lists} lists have {number:,} interactions of up to {max_order} lists, and the chains hold "
                      f"{MOST_INTERACTIONS}", "fewer lists, some of them merged into one, or a lower max_order")
