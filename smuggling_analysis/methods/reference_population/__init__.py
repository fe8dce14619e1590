"""Registers against a reference population: E(m) = N^alpha (gamma + n / N)^beta, by country of origin.

`fit` fits the model, `hidden_population` and `hidden_population_by` add up what it says of people not seen, and the
others ask how far to trust it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.reference_population.comparison import MethodComparison as MethodComparison
    from smuggling_analysis.methods.reference_population.comparison import compare_methods as compare_methods
    from smuggling_analysis.methods.reference_population.dependence import DependenceBand as DependenceBand
    from smuggling_analysis.methods.reference_population.dependence import dependence_band as dependence_band
    from smuggling_analysis.methods.reference_population.fits import fit as fit
    from smuggling_analysis.methods.reference_population.frailty import FrailtySensitivity as FrailtySensitivity
    from smuggling_analysis.methods.reference_population.frailty import frailty_sensitivity as frailty_sensitivity
    from smuggling_analysis.methods.reference_population.gamma_profile import GammaProfile as GammaProfile
    from smuggling_analysis.methods.reference_population.hypotheses import WaldTest as WaldTest
    from smuggling_analysis.methods.reference_population.hypotheses import exceedance as exceedance
    from smuggling_analysis.methods.reference_population.hypotheses import wald_difference as wald_difference
    from smuggling_analysis.methods.reference_population.hypotheses import wald_total as wald_total
    from smuggling_analysis.methods.reference_population.left_out import CountriesLeftOut as CountriesLeftOut
    from smuggling_analysis.methods.reference_population.left_out import leave_one_country_out as leave_one_country_out
    from smuggling_analysis.methods.reference_population.populations import HiddenPopulations as HiddenPopulations
    from smuggling_analysis.methods.reference_population.populations import hidden_population as hidden_population
    from smuggling_analysis.methods.reference_population.populations import hidden_population_by as hidden_population_by
    from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit as ReferenceFit

_PUBLIC = {
    "CountriesLeftOut": "left_out", "DependenceBand": "dependence", "FrailtySensitivity": "frailty",
    "GammaProfile": "gamma_profile", "HiddenPopulations": "populations", "MethodComparison": "comparison",
    "ReferenceFit": "reference_fit", "WaldTest": "hypotheses", "compare_methods": "comparison",
    "dependence_band": "dependence", "exceedance": "hypotheses", "fit": "fits", "frailty_sensitivity": "frailty",
    "hidden_population": "populations", "hidden_population_by": "populations", "leave_one_country_out": "left_out",
    "wald_difference": "hypotheses", "wald_total": "hypotheses",
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
