"""Populations seen through one register, with every way in which being seen once differs from being seen again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from smuggling_analysis.simulate.registers import register, register_with_departures, register_with_ones
from smuggling_analysis.validation.scenario import SimulatedScenario

_WORDS = {
    "one rate": "everybody is equally likely to be met by the register, again and again",
    "groups": "women, one in three, are met half as often as men, and the register says who is who",
    "rates that differ": "people differ in how easily they are met, and nothing recorded says who is who "
                     "(rates gamma-distributed, coefficient of variation 0.7)",
    "rates that differ much": "people differ much in how easily they are met (rates exponentially distributed)",
    "one-inflation": "three in ten of those met once hide, leave or are held and are never met again",
    "surplus of ones": "one person in fifty is met exactly once, come what may: false names, or visitors for a day",
    "hurdle": "of those met, the share met only once has nothing to do with how often the others are met",
    "hurdle before": "of the whole population a fixed share is met exactly once, and the others never exactly once",
    "ones and differing": "three in ten of those met once are never met again, and people differ much in how easily "
                          "they are met",
    "surplus and differing": "one person in ten is met exactly once, come what may, and the others differ much in "
                             "how easily they are met",
    "hurdle and differing": "of those met, the share met only once has nothing to do with how often the others are, "
                            "who differ much in how easily they are",
    "expulsion": "half of those met are expelled at once and cannot be met again; the register says until when each "
                 "could be",
}


def _groups(size: int, rate: float) -> dict[str, Any]:
    women = size // 3
    return {"covariate": "sex", "sizes": {"female": women, "male": size - women},
            "rates": {"female": rate / 2, "male": rate}}


def _row(structure: str, size: int, rate: float, simulation: Callable[..., Any] = register,
         **options: Any) -> SimulatedScenario:
    people = _groups(size, rate) if structure == "groups" else {"sizes": {"all": size}, "rates": {"all": rate}}
    seen = f"{size:,} people, {rate:g} times each"
    return SimulatedScenario(
        name=f"{structure}, {seen}", structure=structure, size=size, kind="RepeatCounts", seen=seen,
        simulation=partial(simulation, **people, **options), words=_WORDS[structure])


REGISTER_SCENARIOS = (
    _row("one rate", 1_000, 0.8),
    _row("one rate", 10_000, 0.3),
    _row("groups", 3_000, 0.8),
    _row("groups", 10_000, 0.4),
    _row("rates that differ", 10_000, 0.5, heterogeneity=0.5),
    _row("rates that differ", 3_000, 1.0, heterogeneity=0.5),
    _row("rates that differ much", 10_000, 0.5, heterogeneity=1.0),
    _row("one-inflation", 10_000, 0.6, deterred=0.3),
    _row("surplus of ones", 10_000, 0.6, register_with_ones, ones="one-inflated", share=0.02),
    _row("hurdle", 10_000, 0.8, register_with_ones, ones="hurdle truncated", share=0.85),
    _row("hurdle before", 10_000, 0.8, register_with_ones, ones="hurdle", share=0.4),
    _row("ones and differing", 10_000, 0.8, register_with_ones, ones="truncated one-inflated", share=0.3,
         heterogeneity=1.0),
    _row("surplus and differing", 10_000, 0.8, register_with_ones, ones="one-inflated", share=0.1, heterogeneity=1.0),
    _row("hurdle and differing", 10_000, 0.8, register_with_ones, ones="hurdle truncated", share=0.8,
         heterogeneity=1.0),
    _row("expulsion", 10_000, 0.6, register_with_departures, departs=0.5),
)
