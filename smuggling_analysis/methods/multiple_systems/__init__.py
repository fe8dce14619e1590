"""Several lists: the size of a population from who is on which of them.

Each function is imported on first use, so that the table of methods costs nothing to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.averaging import (
        bayesian_graphical as bayesian_graphical,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.exact_average import (
        bayesian_graphical_posterior as bayesian_graphical_posterior,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.posterior import (
        GraphicalPosterior as GraphicalPosterior,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.prior_sensitivity import (
        PriorTable as PriorTable,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.prior_sensitivity import (
        prior_table as prior_table,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.averaging import (
        bayesian_loglinear as bayesian_loglinear,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.averaging import (
        bayesian_loglinear_chains as bayesian_loglinear_chains,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.prior_draws import (
        drawn_from_prior as drawn_from_prior,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.results import (
        LogLinearChains as LogLinearChains,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import (
        latent_class_population as latent_class_population,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.estimator import (
        latent_class as latent_class,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.prior_tables import (
        ClassPriorTable as ClassPriorTable,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.prior_tables import (
        latent_class_prior_table as latent_class_prior_table,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import (
        latent_class_chains as latent_class_chains,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.estimator import (
        bayesian_thresholding as bayesian_thresholding,
    )
    from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.estimator import (
        bayesian_thresholding_chains as bayesian_thresholding_chains,
    )
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
    from smuggling_analysis.methods.multiple_systems.linked.plausible import linked_versions as linked_versions
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
    from smuggling_analysis.methods.multiple_systems.sensitivity.definitions import (
        DefinitionSensitivity as DefinitionSensitivity,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.definitions import (
        definition_share as definition_share,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.definitions import (
        list_definitions as list_definitions,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.dependence import DependenceBand as DependenceBand
    from smuggling_analysis.methods.multiple_systems.sensitivity.dependence import dependence_band as dependence_band
    from smuggling_analysis.methods.multiple_systems.sensitivity.erroneous_entries import (
        erroneous_enumerations as erroneous_enumerations,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.error_rates import (
        ErrorSensitivity as ErrorSensitivity,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.held_out import HeldOut as HeldOut
    from smuggling_analysis.methods.multiple_systems.sensitivity.held_out import held_out_lists as held_out_lists
    from smuggling_analysis.methods.multiple_systems.sensitivity.highest_interaction import AssumedAway as AssumedAway
    from smuggling_analysis.methods.multiple_systems.sensitivity.highest_interaction import assumed_away as assumed_away
    from smuggling_analysis.methods.multiple_systems.sensitivity.left_out import Variants as Variants
    from smuggling_analysis.methods.multiple_systems.sensitivity.left_out import dropped_lists as dropped_lists
    from smuggling_analysis.methods.multiple_systems.sensitivity.left_out import (
        leave_one_list_out as leave_one_list_out,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.left_out import merged_lists as merged_lists
    from smuggling_analysis.methods.multiple_systems.sensitivity.links import corrected_counts as corrected_counts
    from smuggling_analysis.methods.multiple_systems.sensitivity.links import link_errors as link_errors
    from smuggling_analysis.methods.multiple_systems.sensitivity.links import (
        linkage_sensitivity as linkage_sensitivity,
    )
    from smuggling_analysis.methods.multiple_systems.sensitivity.lists_added import Trajectory as Trajectory
    from smuggling_analysis.methods.multiple_systems.sensitivity.lists_added import trajectory as trajectory
    from smuggling_analysis.methods.multiple_systems.sensitivity.result import Sensitivity as Sensitivity
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
    "bayesian.graphical.averaging": "bayesian_graphical",
    "bayesian.graphical.exact_average": "bayesian_graphical_posterior",
    "bayesian.graphical.posterior": "GraphicalPosterior",
    "bayesian.graphical.prior_sensitivity": "PriorTable prior_table",
    "bayesian.thresholding.estimator": "bayesian_thresholding bayesian_thresholding_chains",
    "bayesian.hierarchical.averaging": "bayesian_loglinear bayesian_loglinear_chains",
    "bayesian.hierarchical.prior_draws": "drawn_from_prior",
    "bayesian.hierarchical.results": "LogLinearChains",
    "bayesian.mixture.class_prior": "latent_class_population",
    "bayesian.mixture.estimator": "latent_class",
    "bayesian.mixture.prior_tables": "ClassPriorTable latent_class_prior_table",
    "bayesian.mixture.sampler": "latent_class_chains",
    "closed.capture_counts": "capture_statistics predicted_first_captures",
    "closed.model_table": "closed_population_models",
    "closed.models": "closed_population",
    "covariates.models": "CovariateModel covariate_model",
    "coverage": "sample_coverage",
    "double_robustness.estimator": "doubly_robust",
    "linked.plausible": "linked_versions",
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
    "sensitivity.dependence": "DependenceBand dependence_band",
    "sensitivity.held_out": "HeldOut held_out_lists",
    "sensitivity.highest_interaction": "AssumedAway assumed_away",
    "sensitivity.left_out": "Variants dropped_lists leave_one_list_out merged_lists",
    "sensitivity.lists_added": "Trajectory trajectory",
    "sensitivity.result": "Sensitivity",
    "sensitivity.definitions": "DefinitionSensitivity definition_share list_definitions",
    "sensitivity.erroneous_entries": "erroneous_enumerations",
    "sensitivity.error_rates": "ErrorSensitivity",
    "sensitivity.links": "corrected_counts link_errors linkage_sensitivity",
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
