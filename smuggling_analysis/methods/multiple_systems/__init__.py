"""Several lists: the size of a population from who is on which of them.

Each function is imported on first use, so that the table of methods costs nothing to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.multiple_systems.closed.capture_counts import (
        capture_statistics as capture_statistics,
    )
    from smuggling_analysis.methods.multiple_systems.closed.capture_counts import (
        predicted_first_captures as predicted_first_captures,
    )
    from smuggling_analysis.methods.multiple_systems.closed.model_table import (
        closed_population_models as closed_population_models,
    )
    from smuggling_analysis.methods.multiple_systems.closed.models import (
        closed_population as closed_population,
    )
    from smuggling_analysis.methods.multiple_systems.covariates.models import CovariateModel as CovariateModel
    from smuggling_analysis.methods.multiple_systems.covariates.models import covariate_model as covariate_model
    from smuggling_analysis.methods.multiple_systems.coverage import sample_coverage as sample_coverage
    from smuggling_analysis.methods.multiple_systems.double_robustness.estimator import doubly_robust as doubly_robust
    from smuggling_analysis.methods.multiple_systems.log_linear.chosen_model import loglinear as loglinear
    from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import (
        hierarchical_models as hierarchical_models,
    )
    from smuggling_analysis.methods.multiple_systems.log_linear.likelihood_curves import (
        likelihood_curve as likelihood_curve,
    )
    from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import existence as existence
    from smuggling_analysis.methods.multiple_systems.log_linear.model_averaging import model_average as model_average
    from smuggling_analysis.methods.multiple_systems.log_linear.model_table import loglinear_models as loglinear_models
    from smuggling_analysis.methods.multiple_systems.log_linear.models import Model as Model
    from smuggling_analysis.methods.multiple_systems.open.open_populations import (
        open_population as open_population,
    )
    from smuggling_analysis.methods.multiple_systems.open.open_populations import (
        open_population_fit as open_population_fit,
    )
    from smuggling_analysis.methods.multiple_systems.open.results import OpenPopulation as OpenPopulation
    from smuggling_analysis.methods.multiple_systems.open.robust_designs import robust_design as robust_design
    from smuggling_analysis.methods.multiple_systems.open.robust_designs import (
        robust_design_fit as robust_design_fit,
    )
    from smuggling_analysis.methods.multiple_systems.search.long_run import search_models as search_models
    from smuggling_analysis.methods.multiple_systems.strata.by_stratum import stratified as stratified
    from smuggling_analysis.methods.multiple_systems.strata.by_stratum import (
        stratified_estimates as stratified_estimates,
    )
    from smuggling_analysis.methods.multiple_systems.strata.result import Stratified as Stratified
    from smuggling_analysis.methods.multiple_systems.suppressed.suppressed_cells import (
        loglinear_suppressed as loglinear_suppressed,
    )
    from smuggling_analysis.methods.multiple_systems.two_lists.estimators import chapman as chapman
    from smuggling_analysis.methods.multiple_systems.two_lists.estimators import lincoln_petersen as lincoln_petersen

# No module bears a function's name: importing it would put the module in the function's place.
_FUNCTIONS = {name: module for module, names in {
    "closed.capture_counts": "capture_statistics predicted_first_captures",
    "closed.model_table": "closed_population_models",
    "closed.models": "closed_population",
    "covariates.models": "CovariateModel covariate_model",
    "coverage": "sample_coverage",
    "double_robustness.estimator": "doubly_robust",
    "log_linear.chosen_model": "loglinear",
    "log_linear.hierarchy": "hierarchical_models",
    "log_linear.likelihood_curves": "likelihood_curve",
    "log_linear.marginal_cone": "existence",
    "log_linear.model_averaging": "model_average",
    "log_linear.model_table": "loglinear_models",
    "log_linear.models": "Model",
    "open.open_populations": "open_population open_population_fit",
    "open.results": "OpenPopulation",
    "open.robust_designs": "robust_design robust_design_fit",
    "search.long_run": "search_models",
    "strata.by_stratum": "stratified stratified_estimates",
    "strata.result": "Stratified",
    "suppressed.suppressed_cells": "loglinear_suppressed",
    "two_lists.estimators": "chapman lincoln_petersen",
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
