"""Encounters at a border: how many attempt to enter and how many do, from how often people are apprehended again.

`flow` gives apprehension probability, attempts, entries and persons together; the other functions give one of them.
What no count says (how many give up after a return, how many are recognised, how many entries are seen) is a
`StatedShare` with its reason.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.repeated_trials.by_trials import (
        apprehension_probability as apprehension_probability,
    )
    from smuggling_analysis.methods.repeated_trials.by_trials import entry_attempts as entry_attempts
    from smuggling_analysis.methods.repeated_trials.by_trials import (
        model_interdiction_rate as model_interdiction_rate,
    )
    from smuggling_analysis.methods.repeated_trials.by_trials import persons_attempting as persons_attempting
    from smuggling_analysis.methods.repeated_trials.by_trials import successful_entries as successful_entries
    from smuggling_analysis.methods.repeated_trials.deterred import DeterrenceBand as DeterrenceBand
    from smuggling_analysis.methods.repeated_trials.deterred import deterrence_band as deterrence_band
    from smuggling_analysis.methods.repeated_trials.flows import Flow as Flow
    from smuggling_analysis.methods.repeated_trials.flows import flow as flow
    from smuggling_analysis.methods.repeated_trials.interdicted import (
        interdiction_effectiveness as interdiction_effectiveness,
    )
    from smuggling_analysis.methods.repeated_trials.interdicted import interdiction_rate as interdiction_rate
    from smuggling_analysis.methods.repeated_trials.retried import partial_apprehension as partial_apprehension
    from smuggling_analysis.methods.repeated_trials.shares import StatedShare as StatedShare

_PUBLIC = {
    "DeterrenceBand": "deterred", "Flow": "flows", "StatedShare": "shares", "apprehension_probability": "by_trials",
    "deterrence_band": "deterred", "entry_attempts": "by_trials", "flow": "flows",
    "interdiction_effectiveness": "interdicted", "interdiction_rate": "interdicted",
    "model_interdiction_rate": "by_trials", "partial_apprehension": "retried", "persons_attempting": "by_trials",
    "successful_entries": "by_trials",
}

__all__ = ["DeterrenceBand", "Flow", "StatedShare", "apprehension_probability", "deterrence_band", "entry_attempts",
           "flow", "interdiction_effectiveness", "interdiction_rate", "model_interdiction_rate",
           "partial_apprehension", "persons_attempting", "successful_entries"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
