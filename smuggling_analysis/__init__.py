"""Estimation methods for hidden populations, and the annual assessments they produce.

    import smuggling_analysis as sa

    histories = sa.CaptureHistories.from_table(table)
    estimate = sa.multiple_systems.loglinear(histories, selection="bic")

Everything named here is imported on first use, so that the package itself loads in a moment.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis import plots as plots
    from smuggling_analysis import simulate as simulate
    from smuggling_analysis import tables as tables
    from smuggling_analysis import validation as validation
    from smuggling_analysis.assessment.chapter import open_chapter as open_chapter
    from smuggling_analysis.estimate import Estimate as Estimate
    from smuggling_analysis.estimate import NoEstimate as NoEstimate
    from smuggling_analysis.evidence.capture_histories import CaptureHistories as CaptureHistories
    from smuggling_analysis.evidence.censored_histories import CensoredHistories as CensoredHistories
    from smuggling_analysis.evidence.encounters import Encounters as Encounters
    from smuggling_analysis.evidence.event_series import EventSeries as EventSeries
    from smuggling_analysis.evidence.fee_quotes import FeeQuotes as FeeQuotes
    from smuggling_analysis.evidence.journeys import Journeys as Journeys
    from smuggling_analysis.evidence.linked_versions import LinkedVersions as LinkedVersions
    from smuggling_analysis.evidence.listed_people import ListedPeople as ListedPeople
    from smuggling_analysis.evidence.reference_counts import ReferenceCounts as ReferenceCounts
    from smuggling_analysis.evidence.repeat_counts import RepeatCounts as RepeatCounts
    from smuggling_analysis.evidence.source_register import SourceRegister as SourceRegister
    from smuggling_analysis.evidence.voyages import Voyages as Voyages
    from smuggling_analysis.indicator import Indicator as Indicator
    from smuggling_analysis.methods import METHODS as METHODS
    from smuggling_analysis.methods import market as market
    from smuggling_analysis.methods import mortality as mortality
    from smuggling_analysis.methods import multiple_systems as multiple_systems
    from smuggling_analysis.methods import reference_population as reference_population
    from smuggling_analysis.methods import repeated_trials as repeated_trials
    from smuggling_analysis.methods import single_register as single_register
    from smuggling_analysis.methods.chooser import choose as choose
    from smuggling_analysis.methods.panel.of_evidence import panel as panel
    from smuggling_analysis.methods.panel.result import Panel as Panel
    from smuggling_analysis.problems import BadInput as BadInput
    from smuggling_analysis.sources.load import load as load
    from smuggling_analysis.sources.validation_study import published_validation as published_validation

__version__ = "0.1.0"

# The public names: where each is defined. A name alone is a module.
_PUBLIC = {
    "BadInput": "problems", "CaptureHistories": "evidence.capture_histories",
    "CensoredHistories": "evidence.censored_histories", "Estimate": "estimate",
    "Encounters": "evidence.encounters", "EventSeries": "evidence.event_series",
    "FeeQuotes": "evidence.fee_quotes", "Indicator": "indicator",
    "Journeys": "evidence.journeys", "LinkedVersions": "evidence.linked_versions",
    "ListedPeople": "evidence.listed_people", "METHODS": "methods",
    "NoEstimate": "estimate", "Panel": "methods.panel.result", "panel": "methods.panel.of_evidence",
    "ReferenceCounts": "evidence.reference_counts", "RepeatCounts": "evidence.repeat_counts",
    "SourceRegister": "evidence.source_register",
    "Voyages": "evidence.voyages", "choose": "methods.chooser", "load": "sources.load",
    "open_chapter": "assessment.chapter", "published_validation": "sources.validation_study",
}
_MODULES = {
    "market": "methods.market", "mortality": "methods.mortality", "multiple_systems": "methods.multiple_systems",
    "plots": "plots", "reference_population": "methods.reference_population",
    "repeated_trials": "methods.repeated_trials", "simulate": "simulate", "single_register": "methods.single_register",
    "tables": "tables", "validation": "validation",
}

__all__ = ["__version__", *sorted(_PUBLIC), *sorted(_MODULES)]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        found: Any = import_module(f"smuggling_analysis.{_MODULES[name]}")
    elif name in _PUBLIC:
        found = getattr(import_module(f"smuggling_analysis.{_PUBLIC[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
