"""Several lists: the size of a population from who is on which of them.

Each function is imported on first use, so that the table of methods costs nothing to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.multiple_systems.capture_counts import (
        capture_statistics as capture_statistics,
    )
    from smuggling_analysis.methods.multiple_systems.capture_counts import (
        predicted_first_captures as predicted_first_captures,
    )
    from smuggling_analysis.methods.multiple_systems.closed_models import (
        closed_population as closed_population,
    )
    from smuggling_analysis.methods.multiple_systems.closed_table import (
        closed_population_models as closed_population_models,
    )
    from smuggling_analysis.methods.multiple_systems.covariate_models import CovariateModel as CovariateModel
    from smuggling_analysis.methods.multiple_systems.covariate_models import covariate_model as covariate_model
    from smuggling_analysis.methods.multiple_systems.coverage import sample_coverage as sample_coverage
    from smuggling_analysis.methods.multiple_systems.double_robustness import doubly_robust as doubly_robust
    from smuggling_analysis.methods.multiple_systems.hierarchy import (
        hierarchical_models as hierarchical_models,
    )
    from smuggling_analysis.methods.multiple_systems.likelihood_curves import (
        likelihood_curve as likelihood_curve,
    )
    from smuggling_analysis.methods.multiple_systems.log_linear import loglinear as loglinear
    from smuggling_analysis.methods.multiple_systems.long_run import search_models as search_models
    from smuggling_analysis.methods.multiple_systems.marginal_cone import existence as existence
    from smuggling_analysis.methods.multiple_systems.model_averaging import model_average as model_average
    from smuggling_analysis.methods.multiple_systems.model_table import loglinear_models as loglinear_models
    from smuggling_analysis.methods.multiple_systems.models import Model as Model
    from smuggling_analysis.methods.multiple_systems.open_populations import (
        open_population as open_population,
    )
    from smuggling_analysis.methods.multiple_systems.open_populations import (
        open_population_fit as open_population_fit,
    )
    from smuggling_analysis.methods.multiple_systems.open_results import OpenPopulation as OpenPopulation
    from smuggling_analysis.methods.multiple_systems.robust_designs import robust_design as robust_design
    from smuggling_analysis.methods.multiple_systems.robust_designs import (
        robust_design_fit as robust_design_fit,
    )
    from smuggling_analysis.methods.multiple_systems.strata import stratified as stratified
    from smuggling_analysis.methods.multiple_systems.strata import (
        stratified_estimates as stratified_estimates,
    )
    from smuggling_analysis.methods.multiple_systems.strata_result import Stratified as Stratified
    from smuggling_analysis.methods.multiple_systems.suppressed_cells import (
        loglinear_suppressed as loglinear_suppressed,
    )
    from smuggling_analysis.methods.multiple_systems.two_lists import chapman as chapman
    from smuggling_analysis.methods.multiple_systems.two_lists import lincoln_petersen as lincoln_petersen

# No module bears a function's name: importing it would put the module in the function's place.
_FUNCTIONS = {
    "capture_statistics": "capture_counts", "predicted_first_captures": "capture_counts",
    "closed_population": "closed_models", "closed_population_models": "closed_table",
    "Stratified": "strata_result", "stratified": "strata", "stratified_estimates": "strata",
    "loglinear_suppressed": "suppressed_cells",
    "OpenPopulation": "open_results", "open_population": "open_populations",
    "open_population_fit": "open_populations", "robust_design": "robust_designs",
    "robust_design_fit": "robust_designs",
    "CovariateModel": "covariate_models", "covariate_model": "covariate_models",
    "doubly_robust": "double_robustness", "sample_coverage": "coverage",
    "search_models": "long_run",
    "Model": "models", "chapman": "two_lists", "existence": "marginal_cone",
    "hierarchical_models": "hierarchy", "lincoln_petersen": "two_lists", "loglinear": "log_linear",
    "likelihood_curve": "likelihood_curves", "loglinear_models": "model_table",
    "model_average": "model_averaging",
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
