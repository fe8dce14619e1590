"""Populations seen through counts by country of origin, with ways in which detection is not as the model has it."""

from __future__ import annotations

from functools import partial
from typing import Any

from smuggling_analysis.simulate.countries import COUNTRIES, reference_counts, reference_population
from smuggling_analysis.validation.scenario import SimulatedScenario

_WORDS = {
    "as modelled": "countries' hidden populations are a power of the registered, and detection one of the second "
                   "source's rate; apprehensions are Poisson",
    "overdispersion": "apprehensions vary more than Poisson (negative binomial, theta 1)",
    "frailty": "countries differ in their chance of being apprehended by a factor that nothing recorded says "
               "(log-normal, standard deviation 0.5)",
    "dependence": "where the second source finds more of a country than usual, the chance of being apprehended rises "
                  "by more than its rate says",
    "no second source": "nearly all countries have nobody in the second source, which says next to nothing of "
                        "detection",
}


def _row(structure: str, alpha: float, countries: int = COUNTRIES, **options: Any) -> SimulatedScenario:
    size = round(reference_population(alpha=alpha, countries=countries))
    seen = f"{countries} countries, {size:,} people"
    return SimulatedScenario(
        name=f"reference population, {structure}, {seen}", structure=structure, size=size, kind="ReferenceCounts",
        seen=seen, words=_WORDS[structure],
        simulation=partial(reference_counts, alpha=alpha, countries=countries, **options))


REFERENCE_SCENARIOS = (
    _row("as modelled", 0.75),
    _row("as modelled", 0.75, 40),
    _row("as modelled", 0.6, 150),
    _row("overdispersion", 0.75, dispersion=1.0),
    _row("frailty", 0.75, frailty=0.5),
    _row("dependence", 0.75, dependence=0.2),
    _row("no second source", 0.75, rate=0.0005),
)
