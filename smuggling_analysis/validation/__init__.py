"""Validation: methods held to populations of known size, and Bayesian ones to their own priors.

    table = sa.validation.validate(["loglinear", "chapman"], ["heterogeneity"], replicates=100, rng=1)
    table.frame

Each function is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.validation.calibrations import CalibratedMethod as CalibratedMethod
    from smuggling_analysis.validation.calibrations import Calibration as Calibration
    from smuggling_analysis.validation.calibrations import calibration as calibration
    from smuggling_analysis.validation.coverage import ValidationTable as ValidationTable
    from smuggling_analysis.validation.fits import fit_once as fit_once
    from smuggling_analysis.validation.harness import ValidationFailed as ValidationFailed
    from smuggling_analysis.validation.harness import validate as validate
    from smuggling_analysis.validation.list_scenarios import ListScenario as ListScenario
    from smuggling_analysis.validation.method_variants import Candidate as Candidate
    from smuggling_analysis.validation.method_variants import candidates as candidates
    from smuggling_analysis.validation.priors import CALIBRATED as CALIBRATED
    from smuggling_analysis.validation.scenario import Scenario as Scenario
    from smuggling_analysis.validation.scenario import SimulatedScenario as SimulatedScenario
    from smuggling_analysis.validation.scenarios import SCENARIOS as SCENARIOS

_FUNCTIONS = {name: module for module, names in {
    "method_variants": "Candidate candidates",
    "calibrations": "CalibratedMethod Calibration calibration",
    "coverage": "ValidationTable",
    "fits": "fit_once",
    "harness": "ValidationFailed validate",
    "priors": "CALIBRATED",
    "list_scenarios": "ListScenario",
    "scenario": "Scenario SimulatedScenario",
    "scenarios": "SCENARIOS",
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
