"""What a population of known size must say of itself to be studied: the shape of every scenario."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from smuggling_analysis.draws import digest


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario(ABC):
    """One population whose size is known because it is made.

    Parameters
    ----------
    name : str
        Names it, unique among scenarios.
    structure : str
        What is true of it: "independence", "one-inflation" ...
    size : int
        The truth that is estimated.
    words : str
        What it is like, in a sentence.
    """

    name: str
    structure: str
    size: int
    words: str = ""

    @property
    @abstractmethod
    def evidence(self) -> str:
        """The type of evidence drawn, by its name."""

    @property
    @abstractmethod
    def shape(self) -> str:
        """How much there is to see, in a few words."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """SHA-256 of the truth that is estimated and of how it is seen."""

    @abstractmethod
    def draw(self, *, rng: int | np.random.Generator | None = None) -> Any:
        """Draw the evidence once."""

    @abstractmethod
    def full(self) -> Any:
        """Return evidence of this shape with enough of everything: which methods take it at all is asked of it."""

    @property
    def of(self) -> str:
        """What the truth counts: "persons", or entries over a border."""
        return "persons"

    def told(self, rng: np.random.Generator) -> Mapping[str, Any]:
        """Return what is known from elsewhere, as options of methods: a survey beside the counts, drawn anew."""
        return {}

    @property
    def n_lists(self) -> int | None:
        """Number of lists; None where there are none."""
        return None

    @property
    def overlap_share(self) -> float:
        """The share of the people seen who are on two lists or more; not a number where there are no lists."""
        return math.nan


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedScenario(Scenario):
    """A scenario drawn by one of the simulations.

    Parameters
    ----------
    name, structure, size, words
        As of any `Scenario`.
    kind : str
        The type of evidence drawn.
    seen : str
        How much there is to see: "10,000 people, 0.3 times each".
    simulation : partial
        A function of `smuggling_analysis.simulate` with everything but `rng` given by name.
    taken : callable, optional
        Takes the evidence out of what the simulation returns, where that holds more.
    counts : str
        What the truth counts.
    survey : callable, optional
        `survey(rng)` draws what is known from elsewhere; its `repr` says what it is.

    Examples
    --------
    >>> from smuggling_analysis.simulate import register
    >>> scenario = SimulatedScenario(
    ...     name="one rate", structure="one rate", size=500, kind="RepeatCounts", seen="500 people, once each",
    ...     simulation=partial(register, sizes={"all": 500}, rates={"all": 1.0}))
    >>> scenario.draw(rng=1).simulated
    True
    """

    kind: str
    seen: str
    simulation: partial[Any]
    taken: Callable[[Any], Any] | None = None
    counts: str = "persons"
    survey: Callable[[np.random.Generator], Mapping[str, Any]] | None = None

    @property
    def evidence(self) -> str:
        """The type of evidence drawn."""
        return self.kind

    @property
    def shape(self) -> str:
        """How much there is to see."""
        return self.seen

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the size, the simulation, everything it is given, and what is known from elsewhere."""
        made = self.simulation
        return digest("scenario", self.size, self.counts, made.func.__name__, repr(sorted(made.keywords.items())),
                      repr(self.survey))

    @property
    def of(self) -> str:
        """What the truth counts."""
        return self.counts

    def told(self, rng: np.random.Generator) -> Mapping[str, Any]:
        """Draw what is known from elsewhere."""
        return {} if self.survey is None else self.survey(rng)

    def draw(self, *, rng: int | np.random.Generator | None = None) -> Any:
        """Draw the evidence once."""
        drawn = self.simulation(rng=rng)
        return self.taken(drawn) if self.taken else drawn

    def full(self) -> Any:
        """Return what one draw gives."""
        return self.draw(rng=0)
