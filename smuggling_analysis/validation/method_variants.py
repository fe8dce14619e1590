"""What is validated: every method of a population's size, in the ways the panel uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.methods import METHODS
from smuggling_analysis.validation.encounter_candidates import NO_SIZES, OF_ENCOUNTERS
from smuggling_analysis.validation.list_candidates import OF_LISTS, suppressed, with_an_idle_covariate
from smuggling_analysis.validation.reference_candidates import OF_REFERENCE
from smuggling_analysis.validation.register_candidates import OF_REGISTERS
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
    given : str
        What of the evidence it takes into account beside others of its name, as its label ends; empty where nothing.
    of : str
        What it estimates the number of; it is held to scenarios that are about the same.

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
    given: str = ""
    of: str = "persons"

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
        if (scenario.evidence, METHODS[self.method].evidence) not in _ADAPTERS or scenario.of != self.of:
            return False
        return self.needs is None or self.needs(scenario.full()) is not None

    def evidence(self, drawn: Any, rng: np.random.Generator) -> Any:
        """Return the evidence the method takes, made of what was drawn alone."""
        adapt = self.adapt or _ADAPTERS[type(drawn).__name__, METHODS[self.method].evidence]
        return adapt(drawn, rng)

    def asked(self, scenario: Scenario, evidence: Any, rng: np.random.Generator) -> dict[str, Any]:
        """Return the options for this evidence, what is known of it, and randomness where the method takes it."""
        taken = METHODS[self.method].options
        chance = {"rng": rng} if "rng" in taken else {}
        many = self.when_many if (scenario.n_lists or 0) >= MANY_LISTS else {}
        known = {name: told for name, told in scenario.told(rng).items() if name in taken}
        return {**known, **self.options, **many, **(self.needs(evidence) or {} if self.needs else {}), **chance}


def _as_it_is(drawn: Any, rng: np.random.Generator) -> Any:
    return drawn


# Evidence drawn, and evidence that a method takes.
_ADAPTERS: Mapping[tuple[str, str], Adapter] = {
    ("CaptureHistories", "CaptureHistories"): _as_it_is, ("CaptureHistories", "CensoredHistories"): suppressed,
    ("CaptureHistories", "ListedPeople"): with_an_idle_covariate, ("RepeatCounts", "RepeatCounts"): _as_it_is,
    ("ReferenceCounts", "ReferenceCounts"): _as_it_is, ("Encounters", "Encounters"): _as_it_is}
# A method that is not named here is validated with its defaults.
_ASKED: Mapping[str, tuple[dict[str, Any], ...]] = {**OF_LISTS, **OF_REGISTERS, **OF_REFERENCE, **OF_ENCOUNTERS}


def candidates() -> dict[str, Candidate]:
    """Return every method in METHODS that evidence can be drawn for, in the ways the panel uses it, by key.

    Examples
    --------
    >>> candidates()["loglinear-bic"].options
    {'selection': 'bic'}
    """
    found = [Candidate(**{"method": name, "key": name.replace("_", "-"), "label": row.title, **asked})
             for name, row in METHODS.items()
             if row.evidence in {taken for _, taken in _ADAPTERS} and name not in NO_SIZES
             for asked in _ASKED.get(name, ({},))]
    return {candidate.key: candidate for candidate in found}
