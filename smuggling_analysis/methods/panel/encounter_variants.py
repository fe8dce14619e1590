"""The readings of encounters at a border that a methodologist asks to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smuggling_analysis.methods.panel.variants import Plan, Variant

METHODS_OF = {"persons": "persons_attempting", "entries": "successful_entries", "attempts": "entry_attempts"}
"""The method of each quantity that a panel can be about."""
QUANTITIES = tuple(METHODS_OF)

_CALLED = {"persons": "Persons", "entries": "Entries", "attempts": "Attempts"}
_UPPER = "an upper bound"


@dataclass(frozen=True, eq=False, kw_only=True)
class Stated:
    """What a panel of encounters is told of the shares that nobody counted; None where nothing is.

    Parameters
    ----------
    deterrence, recognition, giving_up, detection : StatedShare, Estimate or float, optional
        As in `repeated_trials.flow` and `repeated_trials.interdiction_rate`.
    """

    deterrence: Any = None
    recognition: Any = None
    giving_up: Any = None
    detection: Any = None

    def of_trials(self) -> dict[str, Any]:
        """Return what repeated trials are told beside deterrence."""
        told = {"recognition": self.recognition, "giving_up": self.giving_up}
        return {name: share for name, share in told.items() if share is not None}


@dataclass(frozen=True)
class Reading:
    """One way to read repeat apprehensions.

    Parameters
    ----------
    key, words : str
        What is added to keys and labels.
    options : mapping
        Options of repeated trials.
    aside : str
        Why it has no part in the weighing; empty where it has.
    """

    key: str
    words: str
    options: Mapping[str, Any]
    aside: str = ""


def readings(encounters: Any, stated: Stated) -> tuple[Reading, ...]:
    """Return the readings that counts and stated shares allow, the one to be recommended first."""
    return tuple(_readings(encounters, stated))


def _readings(encounters: Any, stated: Stated) -> Iterator[Reading]:
    bases: list[tuple[str, str, dict[str, Any]]] = []
    if encounters.retried is not None:
        bases.append(("retries-counted", "retries counted", {}))
    if stated.deterrence is not None or not bases:
        given = {} if stated.deterrence is None else {"deterrence": stated.deterrence}
        bases.append(("deterrence-stated", "deterrence stated", given))
    for key, words, options in bases:
        yield Reading(key, words, options)
        if len(set(encounters.places)) > 1:
            yield Reading(f"{key}-by-place", f"{words}, place by place", {**options, "by_place": True})
    yield Reading("none-deterred", "nobody deterred", {"deterrence": 0.0}, _UPPER)


def quantity_variants(quantity: str, encounters: Any, stated: Stated, plan: Plan) -> Iterator[Variant]:
    """Yield every reading of one quantity; each reading is a family of its own."""
    method = METHODS_OF[quantity]
    for reading in readings(encounters, stated):
        key = f"{method.replace('_', '-')}-{reading.key}"
        yield Variant(method, key, f"{_CALLED[quantity]}, {reading.words}",
                      {**stated.of_trials(), **reading.options, **drawn(plan)}, reading.words, reading.aside)


def rate_variants(encounters: Any, stated: Stated, plan: Plan) -> Iterator[Variant]:
    """Yield the shares of attempts, by the reading recommended, and those of the attempts seen."""
    first = readings(encounters, stated)[0]
    trials = {**stated.of_trials(), **first.options, **drawn(plan)}
    returned = {name: share for name, share in trials.items() if name != "giving_up"}
    seen = {} if stated.detection is None else {"detection": stated.detection}
    for method, label, options in (
            ("apprehension_probability", f"Apprehension probability, {first.words}", trials),
            ("partial_apprehension", f"Partial apprehension rate, {first.words}", returned),
            ("model_interdiction_rate", f"Interdiction rate, {first.words}", trials),
            ("interdiction_rate", "Interdiction rate, entries seen in part", {**seen, **drawn(plan)}),
            ("interdiction_effectiveness", "Interdiction effectiveness, attempts seen", drawn(plan))):
        yield Variant(method, method.replace("_", "-"), label, options, "shares of attempts")


def drawn(plan: Plan) -> dict[str, Any]:
    """Return the options of draws; one seed for all, so that readings differ by what they assume alone."""
    return {"draws": plan.replicates, "rng": plan.seed("encounters")}
