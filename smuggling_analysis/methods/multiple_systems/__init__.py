"""Several lists: the size of a population from who is on which of them.

Each function is imported on first use, so that the table of methods costs nothing to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.multiple_systems.hierarchy import (
        hierarchical_models as hierarchical_models,
    )
    from smuggling_analysis.methods.multiple_systems.log_linear import loglinear as loglinear
    from smuggling_analysis.methods.multiple_systems.marginal_cone import existence as existence
    from smuggling_analysis.methods.multiple_systems.model_table import loglinear_models as loglinear_models
    from smuggling_analysis.methods.multiple_systems.models import Model as Model
    from smuggling_analysis.methods.multiple_systems.two_lists import chapman as chapman
    from smuggling_analysis.methods.multiple_systems.two_lists import lincoln_petersen as lincoln_petersen

# No module bears a function's name: importing it would put the module in the function's place.
_FUNCTIONS = {
    "Model": "models", "chapman": "two_lists", "existence": "marginal_cone",
    "hierarchical_models": "hierarchy", "lincoln_petersen": "two_lists", "loglinear": "log_linear",
    "loglinear_models": "model_table",
}

__all__ = sorted(_FUNCTIONS)


def __getattr__(name: str) -> Any:
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
