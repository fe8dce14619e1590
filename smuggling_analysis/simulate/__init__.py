"""Populations of known size: the truth every method is held to. Each function is imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.simulate.countries import reference_counts as reference_counts
    from smuggling_analysis.simulate.countries import reference_population as reference_population
    from smuggling_analysis.simulate.encounters import Border as Border
    from smuggling_analysis.simulate.encounters import border as border
    from smuggling_analysis.simulate.history_chances import HistoryChances as HistoryChances
    from smuggling_analysis.simulate.history_chances import chances_at_overlap as chances_at_overlap
    from smuggling_analysis.simulate.history_chances import dependent_chances as dependent_chances
    from smuggling_analysis.simulate.history_chances import heterogeneous_chances as heterogeneous_chances
    from smuggling_analysis.simulate.history_chances import independent_chances as independent_chances
    from smuggling_analysis.simulate.history_chances import latent_class_chances as latent_class_chances
    from smuggling_analysis.simulate.linkage import badly_linked as badly_linked
    from smuggling_analysis.simulate.lists import dependent_lists as dependent_lists
    from smuggling_analysis.simulate.lists import heterogeneous_lists as heterogeneous_lists
    from smuggling_analysis.simulate.lists import independent_lists as independent_lists
    from smuggling_analysis.simulate.lists import latent_class_lists as latent_class_lists
    from smuggling_analysis.simulate.open_populations import OpenRegister as OpenRegister
    from smuggling_analysis.simulate.open_populations import open_lists as open_lists
    from smuggling_analysis.simulate.people import listed_people as listed_people
    from smuggling_analysis.simulate.registers import register as register
    from smuggling_analysis.simulate.registers import register_with_departures as register_with_departures
    from smuggling_analysis.simulate.registers import register_with_ones as register_with_ones

_FUNCTIONS = {name: module for module, names in {
    "countries": "reference_counts reference_population",
    "encounters": "Border border",
    "history_chances": "HistoryChances chances_at_overlap dependent_chances heterogeneous_chances independent_chances "
                       "latent_class_chances",
    "linkage": "badly_linked",
    "lists": "dependent_lists heterogeneous_lists independent_lists latent_class_lists",
    "open_populations": "OpenRegister open_lists",
    "people": "listed_people",
    "registers": "register register_with_departures register_with_ones",
}.items() for name in names.split()}

__all__ = sorted(_FUNCTIONS)


def __getattr__(name: str) -> Any:
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
