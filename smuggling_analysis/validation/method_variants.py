"""What is validated: every method of a population's size, in the ways the panel uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.evidence.listed_people import ListedPeople
from smuggling_analysis.methods import METHODS
from smuggling_analysis.validation.scenario import Scenario

Adapter = Callable[[Any, np.random.Generator], Any]
"""Makes of the evidence drawn the evidence a method takes."""
MANY_LISTS = 6
"""From so many lists on, `when_many` holds."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One way to use a method.

    Parameters
    ----------
    method : str
        The method's name in METHODS.
    key : str
        Names it, unique among candidates.
    label : str
        What a table calls it.
    options : mapping
        The method's options.
    when_many : mapping
        Options that replace or join these from six lists on, where there are too many models to visit.
    needs : callable
        Options that follow from the evidence drawn, such as a formula of its covariates; where it returns None the
        candidate does not take such evidence.
    adapt : callable
        Makes the evidence; by default the kind the method takes, with nothing in it but what was drawn.
    effort : float
        The share of a study's replicates spent on it: below 1 for methods that take seconds.
    most_lists : int, optional
        Scenarios with more lists would take too long to repeat and are left out.

    Examples
    --------
    >>> Candidate(method="chapman", key="chapman", label="Chapman").options
    {}
    """

    method: str
    key: str
    label: str
    options: Mapping[str, Any] = field(default_factory=dict)
    when_many: Mapping[str, Any] = field(default_factory=dict)
    needs: Callable[[Any], Mapping[str, Any] | None] | None = None
    adapt: Adapter | None = None
    effort: float = 1.0
    most_lists: int | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"{self.key}: there is no method {self.method}; see METHODS")
        if not 0 < self.effort <= 1:
            raise ValueError(f"{self.key}: effort is a share of the replicates, above 0 and at most 1, "
                             f"got {self.effort}")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the method and its options."""
        return digest("candidate", self.method, sorted(self.options.items()), sorted(self.when_many.items()))

    def takes(self, scenario: Scenario) -> bool:
        """Whether evidence of such a kind can be given to the method at all."""
        if (scenario.evidence, METHODS[self.method].evidence) not in _ADAPTERS:
            return False
        return self.needs is None or self.needs(scenario.full()) is not None

    def evidence(self, drawn: Any, rng: np.random.Generator) -> Any:
        """Return the evidence the method takes, made of what was drawn alone."""
        adapt = self.adapt or _ADAPTERS[type(drawn).__name__, METHODS[self.method].evidence]
        return adapt(drawn, rng)

    def asked(self, scenario: Scenario, evidence: Any, rng: np.random.Generator) -> dict[str, Any]:
        """Return the options for this evidence, with a source of randomness where the method takes one."""
        chance = {"rng": rng} if "rng" in METHODS[self.method].options else {}
        many = self.when_many if (scenario.n_lists or 0) >= MANY_LISTS else {}
        return {**self.options, **many, **(self.needs(evidence) or {} if self.needs else {}), **chance}


def _as_it_is(drawn: Any, rng: np.random.Generator) -> Any:
    return drawn


def _suppressed(histories: CaptureHistories, rng: np.random.Generator) -> CensoredHistories:
    return CensoredHistories.suppress(histories)


def _with_an_idle_covariate(histories: CaptureHistories, rng: np.random.Generator) -> ListedPeople:
    """People one by one, with an age that has nothing to do with any list."""
    on = np.repeat(histories.patterns, histories.totals, axis=0)
    return ListedPeople(histories.lists, on, ("age",), (rng.standard_normal(len(on)),), simulated=True)


def _in_two_strata(histories: CaptureHistories, rng: np.random.Generator) -> CaptureHistories:
    """The same people, two in five of them of another stratum, by chance."""
    women = rng.binomial(histories.totals, 0.4)
    return CaptureHistories(histories.lists, histories.patterns, np.array([women, histories.totals - women]),
                            ("sex",), (("female",), ("male",)), simulated=True)


def _as_years(histories: CaptureHistories, rng: np.random.Generator) -> CaptureHistories:
    """Each list as one year of a register; in truth nobody comes or leaves."""
    return replace(histories, lists=tuple(str(2010 + place) for place in range(histories.n_lists)))


def _as_pairs_of_years(histories: CaptureHistories, rng: np.random.Generator) -> CaptureHistories:
    """Two lists a year; in truth nobody comes or leaves."""
    names = tuple(f"{('police', 'ngo')[place % 2]} {2010 + place // 2}" for place in range(histories.n_lists))
    return replace(histories, lists=names)


# Evidence drawn, and evidence that a method takes.
_ADAPTERS: dict[tuple[str, str], Adapter] = {
    ("CaptureHistories", "CaptureHistories"): _as_it_is, ("CaptureHistories", "CensoredHistories"): _suppressed,
    ("CaptureHistories", "ListedPeople"): _with_an_idle_covariate,
    ("ReferenceCounts", "ReferenceCounts"): _as_it_is}
_PAIRS: dict[str, Any] = {"max_order": 2}
_BOOTSTRAP: dict[str, Any] = {"interval": "bca", "replicates": 200}

# A method that is not named here is validated with its defaults.
_ASKED: dict[str, tuple[dict[str, Any], ...]] = {
    "loglinear": (
        {"key": "loglinear-independent", "label": "Log-linear, lists independent", "options": {"selection": None}},
        {"key": "loglinear-bic", "label": "Log-linear, lowest BIC", "options": {"selection": "bic"},
         "when_many": _PAIRS, "effort": 0.5},
        {"key": "loglinear-aic", "label": "Log-linear, lowest AIC", "options": {"selection": "aic"},
         "when_many": _PAIRS, "effort": 0.25},
        {"key": "loglinear-stepwise", "label": "Log-linear, chosen by steps", "options": {"selection": "stepwise"}},
        {"key": "loglinear-bic-bootstrap", "label": "Log-linear, lowest BIC, choice repeated in a bootstrap",
         "options": {"selection": "bic", **_BOOTSTRAP}, "when_many": _PAIRS, "effort": 0.25},
    ),
    "model_average": (
        {"key": "model-average", "label": "Average of all log-linear models, by BIC",
         "options": {"criterion": "bic"}, "when_many": _PAIRS, "effort": 0.5},
    ),
    "closed_population": (
        {"key": "closed-population", "label": "Lists and people differ, Chao's lower bound",
         "options": {"model": "Mth", "heterogeneity": "chao"}},
        {"key": "closed-population-darroch", "label": "Lists and people differ, Darroch",
         "options": {"model": "Mth", "heterogeneity": "darroch"}},
    ),
    "sample_coverage": ({"key": "sample-coverage", "label": "Sample coverage", "options": {"replicates": 200}},),
    "stratified": (
        {"key": "stratified", "label": "Sum over two strata drawn by chance, chosen by steps",
         "options": {"selection": "stepwise"}, "adapt": _in_two_strata, "effort": 0.25},
    ),
    "loglinear_suppressed": (
        {"key": "loglinear-suppressed", "label": "Log-linear from counts under 5 suppressed, chosen by steps",
         "options": {"selection": "stepwise"}, "effort": 0.5},
    ),
    "doubly_robust": (
        {"key": "doubly-robust", "label": "Doubly robust, with a covariate that says nothing", "effort": 0.25},
    ),
    "bayesian_graphical": (
        {"key": "bayesian-graphical", "label": "Bayesian average over decomposable graphs", "effort": 0.5,
         "most_lists": 6},
    ),
    "bayesian_loglinear": (
        {"key": "bayesian-loglinear", "label": "Bayesian average over hierarchical models, unit-information prior",
         "options": {"draws": 500, "burn_in": 200}, "effort": 0.25},
    ),
    "bayesian_thresholding": (
        {"key": "bayesian-thresholding", "label": "Bayesian thresholding of pairs", "effort": 0.25},
    ),
    "latent_class": (
        {"key": "latent-class", "label": "Latent classes, Dirichlet-process mixture",
         "options": {"draws": 500, "burn_in": 300, "n_jobs": 1}, "effort": 0.25},
    ),
    "open_population": (
        {"key": "open-population", "label": "Jolly-Seber, of a population that is closed", "adapt": _as_years},
    ),
    "hidden_population": (
        {"key": "hidden-population", "label": "Reference population, Poisson pseudo-likelihood"},
        {"key": "hidden-population-negative-binomial", "label": "Reference population, negative binomial",
         "options": {"method": "negative-binomial"}, "effort": 0.5},
        {"key": "hidden-population-nls", "label": "Reference population, least squares of counts",
         "options": {"method": "nls"}},
        {"key": "hidden-population-ols", "label": "Reference population, least squares of logarithms",
         "options": {"method": "ols"}},
        {"key": "hidden-population-bootstrap", "label": "Reference population, bootstrap by random weights",
         "options": {"interval": "bootstrap", "replicates": 200}, "effort": 0.25},
    ),
    "robust_design": (
        {"key": "robust-design", "label": "Robust design, of a population that is closed",
         "adapt": _as_pairs_of_years},
    ),
}


def candidates() -> dict[str, Candidate]:
    """Return every method in METHODS that evidence can be drawn for, in the ways the panel uses it, by key.

    Examples
    --------
    >>> candidates()["loglinear-bic"].options
    {'selection': 'bic'}
    """
    found = [Candidate(**{"method": name, "key": name.replace("_", "-"), "label": row.title, **asked})
             for name, row in METHODS.items() if row.evidence in {taken for _, taken in _ADAPTERS}
             for asked in _ASKED.get(name, ({},))]
    return {candidate.key: candidate for candidate in found}
