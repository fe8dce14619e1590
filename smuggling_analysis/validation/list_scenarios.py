"""Populations seen through several lists, with every way in which lists depend on one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.simulate.history_chances import (
    HistoryChances,
    chances_at_overlap,
    dependent_chances,
    heterogeneous_chances,
    independent_chances,
    latent_class_chances,
)
from smuggling_analysis.validation.scenario import Scenario

_NAMES = ("police", "ngo", "hospital", "court", "embassy", "shelter", "hotline", "union")
# Lists of real life differ in length by as much; the longest has the chance given, before all move together.
_REACH = (0.20, 0.14, 0.10, 0.07, 0.16, 0.05, 0.12, 0.08)


@dataclass(frozen=True, kw_only=True, eq=False)
class ListScenario(Scenario):
    """One population of known size, and how its lists come about.

    Parameters
    ----------
    name, structure, size, words
        As of any `Scenario`.
    model : callable
        Makes the chances of histories from those of lists: `simulate.independent_chances` or another.
    chances : mapping
        Each list's name and its chance, or its chance for each kind of people.
    overlap : float, optional
        The share of the people seen who are to be on two or more lists: all lists are made longer or shorter
        until it is so. Left out, the chances stay as they are.

    Examples
    --------
    >>> scenario = {row.name: row for row in LIST_SCENARIOS}["independence, 3 lists of 1,000, 20 % overlap"]
    >>> scenario.size, scenario.n_lists, round(scenario.table.overlap_share, 6)
    (1000, 3, 0.2)
    >>> scenario.draw(rng=1).simulated
    True
    """

    model: Callable[[Mapping[str, Any]], HistoryChances]
    chances: Mapping[str, ArrayLike]
    overlap: float | None = None

    @property
    def evidence(self) -> str:
        """The type of evidence drawn."""
        return "CaptureHistories"

    @property
    def shape(self) -> str:
        """How much there is to see."""
        return f"{self.n_lists} lists of {self.size:,}"

    @cached_property
    def table(self) -> HistoryChances:
        """The chance of every history, known exactly."""
        if self.overlap is None:
            return self.model(self.chances)
        return chances_at_overlap(self.model, self.chances, self.overlap)

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return len(self.chances)

    @property
    def overlap_share(self) -> float:
        """The share of the people seen who are on two lists or more."""
        return self.table.overlap_share

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the size and the chances to nine digits: the truth that is estimated."""
        return digest("scenario", self.size, [f"{chance:.9g}" for chance in self.table.probability])

    def draw(self, *, rng: int | np.random.Generator | None = None) -> CaptureHistories:
        """Draw the lists once.

        Raises
        ------
        BadInput
            If nobody was seen.
        """
        return self.table.draw(self.size, rng=rng)

    def full(self) -> CaptureHistories:
        """Return lists of this number with people on every combination of them."""
        on = (np.arange(1, 1 << self.n_lists)[:, None] >> np.arange(self.n_lists) & 1).astype(bool)
        return CaptureHistories(self.table.lists, on, np.full((1, len(on)), 10), simulated=True)


def _chances(n_lists: int) -> dict[str, ArrayLike]:
    return dict(zip(_NAMES[:n_lists], _REACH, strict=False))


def _dependent(**odds_ratios: float) -> Callable[[Mapping[str, Any]], HistoryChances]:
    """Name pairs as `police_ngo=4.0`."""
    return partial(dependent_chances, odds_ratios={tuple(pair.split("_")): ratio
                                                   for pair, ratio in odds_ratios.items()})


def _kinds(n_lists: int) -> dict[str, ArrayLike]:
    """One person in five is met four times as easily; by every third list, rather less easily than others."""
    return {name: [reach, reach / 2 if place % 3 == 2 else min(4 * reach, 0.9)]
            for place, (name, reach) in enumerate(zip(_NAMES[:n_lists], _REACH, strict=False))}


_WORDS = {
    "independence": "lists that take no notice of one another",
    "positive dependence": "the police and the NGO refer people to one another (odds ratio 4), with four lists or more "
                           "the hospital and the court too (odds ratio 3)",
    "negative dependence": "who is with the police is seldom with the NGO (odds ratio 0.3), with four lists or more "
                           "who is in hospital seldom in court (odds ratio 0.4)",
    "mixed dependence": "the police and the NGO refer people to one another (odds ratio 4), the hospital and the court "
                        "avoid the same people (odds ratio 0.3)",
    "heterogeneity": "people differ in how easily any list meets them (standard deviation 1 on the log-odds scale)",
    "latent classes": "one person in five is met four times as easily by most lists, and half as easily by every third",
    "sparse overlaps": "few people are on two lists and some pairs of lists hardly meet (odds ratio 0.1)",
}


def _model(structure: str, n_lists: int) -> Callable[[Mapping[str, Any]], HistoryChances]:
    pairs: dict[str, dict[str, float]] = {
        "positive dependence": {"police_ngo": 4.0, "hospital_court": 3.0},
        "negative dependence": {"police_ngo": 0.3, "hospital_court": 0.4},
        "mixed dependence": {"police_ngo": 4.0, "hospital_court": 0.3},
        "sparse overlaps": {"police_court": 0.1, "ngo_hospital": 0.1},
    }
    if structure in pairs:
        known = set(_NAMES[:n_lists])
        return _dependent(**{pair: ratio for pair, ratio in pairs[structure].items() if set(pair.split("_")) <= known})
    if structure == "heterogeneity":
        return partial(heterogeneous_chances, spread=1.0)
    return partial(latent_class_chances, shares=[0.8, 0.2]) if structure == "latent classes" else independent_chances


def _row(structure: str, n_lists: int, size: int, overlap: float) -> ListScenario:
    return ListScenario(
        name=f"{structure}, {n_lists} lists of {size:,}, {100 * overlap:g} % overlap", structure=structure, size=size,
        model=_model(structure, n_lists), chances=_kinds(n_lists) if structure == "latent classes" else
        _chances(n_lists), overlap=overlap, words=_WORDS[structure])


LIST_SCENARIOS = (
    _row("independence", 2, 1_000, 0.10),
    _row("independence", 3, 1_000, 0.20),
    _row("independence", 4, 10_000, 0.10),
    _row("independence", 8, 10_000, 0.30),
    _row("positive dependence", 2, 1_000, 0.20),
    _row("positive dependence", 3, 10_000, 0.20),
    _row("positive dependence", 4, 1_000, 0.30),
    _row("positive dependence", 6, 10_000, 0.15),
    _row("negative dependence", 3, 10_000, 0.10),
    _row("negative dependence", 5, 1_000, 0.20),
    _row("mixed dependence", 5, 10_000, 0.20),
    _row("heterogeneity", 4, 10_000, 0.20),
    _row("heterogeneity", 6, 1_000, 0.30),
    _row("latent classes", 5, 10_000, 0.20),
    _row("latent classes", 4, 1_000, 0.20),
    _row("sparse overlaps", 5, 10_000, 0.05),
    _row("sparse overlaps", 7, 1_000, 0.05),
)
