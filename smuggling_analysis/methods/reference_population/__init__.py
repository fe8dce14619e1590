"""Registers against a reference population: E(m) = N^alpha (gamma + n / N)^beta, by country of origin.

`fit` fits the model, `hidden_population` and `hidden_population_by` add up what it says of people not seen, and the
others ask how far to trust it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.reference_population.fits import fit as fit
    from smuggling_analysis.methods.reference_population.gamma_profile import GammaProfile as GammaProfile
    from smuggling_analysis.methods.reference_population.populations import HiddenPopulations as HiddenPopulations
    from smuggling_analysis.methods.reference_population.populations import hidden_population as hidden_population
    from smuggling_analysis.methods.reference_population.populations import (
        hidden_population_by as hidden_population_by,
    )
    from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit as ReferenceFit

_PUBLIC = {
    "GammaProfile": "gamma_profile", "HiddenPopulations": "populations", "ReferenceFit": "reference_fit",
    "fit": "fits", "hidden_population": "populations", "hidden_population_by": "populations",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
