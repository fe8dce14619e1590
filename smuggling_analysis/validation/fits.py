"""One method on one drawn population: an answer, a refusal, or a failure with the seed that repeats it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.interruption import interrupted
from smuggling_analysis.methods import METHODS
from smuggling_analysis.validation.method_variants import Candidate
from smuggling_analysis.validation.scenario import Scenario

BLOCK = 25
"""Replicates in one task: what an interruption can lose."""
ANSWERED, REFUSED, FAILED = "answered", "refused", "failed"


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a method made of one drawn population.

    Parameters
    ----------
    scenario, candidate : str
        The scenario's name and the candidate's key.
    replicate : int
        Which of the drawn populations.
    outcome : str
        "answered", "refused" or "failed".
    value, lower, upper : float
        The estimate and its limits, in persons; not a number where there is none.
    cautions : int
        How many cautions it carries.
    seconds : float
        Processor time.
    words : str
        Why it was refused; or how it failed.
    """

    scenario: str
    candidate: str
    replicate: int
    outcome: str
    value: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    cautions: int = 0
    seconds: float = 0.0
    words: str = ""


@dataclass(frozen=True, eq=False)
class Task:
    """A candidate on a block of a scenario's replicates.

    Parameters
    ----------
    scenario : Scenario
    candidate : Candidate
    replicates : range
    seed : int
        The study's seed.
    """

    scenario: Scenario
    candidate: Candidate
    replicates: range
    seed: int

    def identity(self, code: str) -> str:
        """Return the name of this task and of no other: same scenario, method, options, seed and code."""
        return digest("task", code, self.scenario.name, self.scenario.fingerprint, self.candidate.key,
                      self.candidate.fingerprint, self.seed, self.replicates.start, self.replicates.stop)

    def fits(self) -> list[Fit]:
        """Fit every replicate."""
        return [fit_once(self.scenario, self.candidate, replicate, seed=self.seed) for replicate in self.replicates]


def tasks_of(scenario: Scenario, candidate: Candidate, replicates: int, seed: int) -> Iterator[Task]:
    """Cut the candidate's share of a scenario's replicates into tasks; none where the method does not apply."""
    most = math.ceil(replicates * candidate.effort)
    if applies(scenario, candidate):
        for first in range(0, most, BLOCK):
            yield Task(scenario, candidate, range(first, min(first + BLOCK, most)), seed)


def applies(scenario: Scenario, candidate: Candidate) -> bool:
    """Say whether the method takes tables of this shape at all, whatever is in them."""
    if candidate.most_lists is not None and (scenario.n_lists or 0) > candidate.most_lists:
        return False
    if not candidate.takes(scenario):
        return False
    return not METHODS[candidate.method].lacks(candidate.evidence(scenario.full(), np.random.default_rng(0)))


def streams(scenario: Scenario, candidate: Candidate, replicate: int,
            seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the randomness of the population, the same for all methods, and that of the method.

    Each belongs to its place in the study alone, so that neither workers nor other methods change it.
    """
    place = (crc32(scenario.name.encode()), replicate)
    population = np.random.SeedSequence(seed, spawn_key=place)
    method = np.random.SeedSequence(seed, spawn_key=(*place, crc32(candidate.key.encode())))
    return np.random.default_rng(population), np.random.default_rng(method)


def fit_once(scenario: Scenario, candidate: Candidate, replicate: int, *, seed: int) -> Fit:
    """Draw a population and apply a method to it; whatever goes wrong is recorded.

    Examples
    --------
    >>> from smuggling_analysis.validation import SCENARIOS, candidates
    >>> scenario = SCENARIOS["independence, 3 lists of 1,000, 20 % overlap"]
    >>> fit_once(scenario, candidates()["loglinear-independent"], 0, seed=1).outcome
    'answered'
    """
    place: dict[str, Any] = {"scenario": scenario.name, "candidate": candidate.key, "replicate": replicate}
    population, chance = streams(scenario, candidate, replicate, seed)
    began = time.process_time()
    try:
        evidence = candidate.evidence(scenario.draw(rng=population), chance)
        method = METHODS[candidate.method]
        if lacking := method.lacks(evidence):
            return Fit(**place, outcome=REFUSED, words=lacking)
        began = time.process_time()
        found = method(evidence, **candidate.asked(scenario, evidence, chance))
        if not isinstance(found, Estimate):
            raise TypeError(f"{method.name} answered with {type(found).__name__}, which is no Estimate")
    except NoEstimate as refusal:
        return Fit(**place, outcome=REFUSED, words=refusal.reason, seconds=time.process_time() - began)
    except Exception as fault:
        if interrupted(fault):
            raise KeyboardInterrupt from fault
        words = f"{type(fault).__name__}: {' '.join(str(fault).split())[:300]}"
        return Fit(**place, outcome=FAILED, words=words, seconds=time.process_time() - began)
    return Fit(**place, outcome=ANSWERED, value=found.value, lower=found.lower, upper=found.upper,
               cautions=len(found.cautions), seconds=time.process_time() - began)


def to_plain(fit: Fit) -> dict[str, Any]:
    """Return the fit ready for JSON: what is no finite number as a text."""
    return {name: repr(item) if isinstance(item, float) and not math.isfinite(item) else item
            for name, item in asdict(fit).items()}


def from_plain(plain: dict[str, Any]) -> Fit:
    """Return the fit `to_plain` wrote."""
    numbers = {name: float(plain[name]) for name in ("value", "lower", "upper", "seconds")}
    return Fit(**{**plain, **numbers})
