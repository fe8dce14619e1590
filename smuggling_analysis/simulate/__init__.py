"""Populations of known size: the truth every method is held to. Each function is imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.simulate.lists import dependent_lists as dependent_lists
    from smuggling_analysis.simulate.lists import heterogeneous_lists as heterogeneous_lists
    from smuggling_analysis.simulate.lists import independent_lists as independent_lists
    from smuggling_analysis.simulate.open_populations import OpenRegister as OpenRegister
    from smuggling_analysis.simulate.open_populations import open_lists as open_lists
    from smuggling_analysis.simulate.people import listed_people as listed_people
    from smuggling_analysis.simulate.registers import register as register

_FUNCTIONS = {"dependent_lists": "lists", "heterogeneous_lists": "lists", "independent_lists": "lists",
              "listed_people": "people", "OpenRegister": "open_populations", "open_lists": "open_populations",
              "register": "registers"}

__all__ = sorted(_FUNCTIONS)


def __getattr__(name: str) -> Any:
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
