"""What is estimated of a border: the unit of each, its words, and how it comes of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smuggling_analysis.methods.repeated_trials.counted import Counted
from smuggling_analysis.methods.repeated_trials.trials import Solution


@dataclass(frozen=True)
class Quantity:
    """One number about a border.

    Parameters
    ----------
    name : str
        Its name in a `Flow` and in messages.
    unit : str
        Attempts, entries and persons differ: one person makes several attempts and one entry at most.
    population : str
        What is counted, in words.
    of : callable
        `of(solution, counted)`: its value, or its (draws,) array.
    observed : callable
        `observed(counted)`: how much of it was seen, or None.
    """

    name: str
    unit: str
    population: str
    of: Callable[[Solution, Counted], Any]
    observed: Callable[[Counted], float | None]


def _none(counted: Counted) -> float | None:
    return None


QUANTITIES: Mapping[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        Quantity("apprehension", "share", "attempts to enter that end in an apprehension",
                 lambda solution, counted: solution.apprehension, _none),
        Quantity("attempts", "attempts", "attempts to enter", lambda solution, counted: solution.attempts,
                 lambda counted: float(counted.known)),
        Quantity("entries", "entries", "entries that were not prevented", lambda solution, counted: solution.entries,
                 lambda counted: None if counted.got_away is None else float(counted.got_away)),
        Quantity("persons", "persons", "persons who attempted to enter", lambda solution, counted: solution.persons,
                 _none),
        Quantity("interdiction", "share", "attempts to enter that are apprehended or turned back",
                 lambda solution, counted: (counted.apprehended + (counted.turned_back or 0)) / solution.attempts,
                 _none),
    )
}
