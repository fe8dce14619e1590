"""Borders of known flow: people who try until they enter or give up, and how the guard, and a survey, see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.simulate.encounters import border
from smuggling_analysis.validation.scenario import SimulatedScenario


@dataclass(frozen=True)
class Survey:
    """What is known from elsewhere of shares that nobody counted: people asked, each time anew.

    Parameters
    ----------
    truths : tuple of (str, float)
        Each share by its name in `repeated_trials.flow`, and what it is in truth.
    asked : int
        How many people were asked about each.
    """

    truths: tuple[tuple[str, float], ...]
    asked: int = 400

    def __call__(self, rng: np.random.Generator) -> Mapping[str, Any]:
        """Ask, and return each share as a `StatedShare`."""
        from smuggling_analysis.methods.repeated_trials import StatedShare

        yes = {name: int(rng.binomial(self.asked, truth)) for name, truth in self.truths}
        return {name: StatedShare.beta(number + 0.5, self.asked - number + 0.5, reason=f"{self.asked} people asked")
                for name, number in yes.items()}


def counted_at(places: Mapping[str, Mapping[str, Any]], *, rng: int | np.random.Generator | None = None) -> Encounters:
    """Simulate several places, and return what was counted at all of them.

    Examples
    --------
    >>> counted_at({"hills": {"sizes": {"all": 500}, "apprehension": {"all": 0.2}},
    ...             "road": {"sizes": {"all": 500}, "apprehension": {"all": 0.5}}}, rng=1).places
    ('hills', 'road')
    """
    generator = np.random.default_rng(rng)
    made = [border(place=place, rng=generator, **options).encounters for place, options in places.items()]
    return Encounters.from_table(pd.concat([one.frame() for one in made], ignore_index=True), simulated=True)


def expected_flow(sizes: Mapping[str, int], apprehension: Mapping[str, float], *, turned_back: float = 0.0,
                  deterrence: float = 0.0, giving_up: float = 0.0, returned: float = 1.0,
                  **_: Any) -> dict[str, float]:
    """Return how many persons, attempts and entries a simulated border has on average.

    Parameters
    ----------
    sizes, apprehension, turned_back, deterrence, giving_up, returned
        As in `simulate.border`.

    Examples
    --------
    >>> expected_flow({"all": 1000}, {"all": 0.5})
    {'persons': 1000.0, 'attempts': 2000.0, 'entries': 1000.0}
    """
    flow = dict.fromkeys(("persons", "attempts", "entries"), 0.0)
    for group, size in sizes.items():
        again = apprehension[group] * returned * (1.0 - deterrence) + turned_back * (1.0 - giving_up)
        attempts = size / (1.0 - again)
        flow["persons"] += size
        flow["attempts"] += attempts
        flow["entries"] += attempts * (1.0 - apprehension[group] - turned_back)
    return flow


_WORDS = {
    "one chance": "everybody is apprehended with the same chance, and of those returned two in five give up",
    "strong deterrence": "of those returned seven in ten give up",
    "retries counted": "it becomes known who of those returned tried again",
    "seldom recognised": "of those apprehended again one in four is not recognised, and a test says so",
    "recognition unknown": "of those apprehended again one in four is not recognised, and nobody knows",
    "turned back": "one attempt in six ends in turning back, and a survey says how many give up then",
    "people who differ": "three in ten people are apprehended four times as easily as the others",
    "places that differ": "at one place people are apprehended four times as easily as at another",
}
_ALIKE = {"all": 0.35}
_KNOWN: dict[str, float] = {"deterrence": 0.4}


def _rows(structure: str, size: int, chances: Mapping[str, float] | None = None,
          shares: Mapping[str, float] | None = None, *, told: Mapping[str, float] | None = None,
          **options: Any) -> Iterator[SimulatedScenario]:
    """Yield the border as a scenario about persons, and as one about entries."""
    chances = _ALIKE if chances is None else chances
    sizes = {group: round((shares or {}).get(group, 1.0) * size) for group in chances}
    given: dict[str, Any] = {"sizes": sizes, "apprehension": chances, "turned_back": 0.0, "deterrence": 0.4, **options}
    yield from _about(structure, size, expected_flow(**given), partial(border, **given),
                      _KNOWN if told is None else told, lambda made: made.encounters)


def _about(structure: str, size: int, flow: Mapping[str, float], simulation: partial[Any],
           told: Mapping[str, float], taken: Any = None) -> Iterator[SimulatedScenario]:
    for counts, seen in (("persons", f"{size:,} people"), ("entries", f"entries of {size:,} people")):
        yield SimulatedScenario(
            name=f"{structure}, {seen}", structure=structure, size=round(flow[counts]), kind="Encounters", seen=seen,
            simulation=simulation, taken=taken, counts=counts, words=_WORDS[structure],
            survey=Survey(tuple(told.items())) if told else None)


def _places(size: int, chances: Mapping[str, float]) -> Iterator[SimulatedScenario]:
    places: dict[str, dict[str, Any]] = {
        place: {"sizes": {"all": size // len(chances)}, "apprehension": {"all": chance}, "turned_back": 0.0,
                "deterrence": 0.4, "detection": 0.1} for place, chance in chances.items()}
    flows = [expected_flow(**options) for options in places.values()]
    flow = {name: sum(one[name] for one in flows) for name in flows[0]}
    yield from _about("places that differ", size, flow, partial(counted_at, places=places), _KNOWN)


ENCOUNTER_SCENARIOS = (
    *_rows("one chance", 1_000, detection=0.5),
    *_rows("one chance", 20_000, detection=0.5),
    *_rows("strong deterrence", 20_000, deterrence=0.7, told={"deterrence": 0.7}, detection=0.3),
    *_rows("retries counted", 20_000, told={}, followed_up=True, detection=0.5),
    *_rows("seldom recognised", 20_000, recognition=0.75, told={**_KNOWN, "recognition": 0.75}, detection=0.3),
    *_rows("recognition unknown", 20_000, recognition=0.75, detection=0.3),
    *_rows("turned back", 20_000, turned_back=1 / 6, giving_up=0.3, told={**_KNOWN, "giving_up": 0.3}, detection=0.3),
    *_rows("people who differ", 20_000, {"hard": 0.15, "easy": 0.6}, {"hard": 0.7, "easy": 0.3}, detection=0.1),
    *_places(20_000, {"hills": 0.15, "road": 0.6}),
)
