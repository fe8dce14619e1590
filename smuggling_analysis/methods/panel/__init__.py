"""The panel: every method the evidence allows, each in the variants a methodologist asks to see.

A method that refuses, or is refused by the reliability gate, is part of the panel: its refusal stands in the
place of the number.
"""

from __future__ import annotations

from smuggling_analysis.methods.panel.encounters_result import EncounterPanel as EncounterPanel
from smuggling_analysis.methods.panel.fitted import Fitted as Fitted
from smuggling_analysis.methods.panel.fitted import estimates_of as estimates_of
from smuggling_analysis.methods.panel.fitted import refusals_of as refusals_of
from smuggling_analysis.methods.panel.fitted import spread as spread
from smuggling_analysis.methods.panel.lists_result import ListPanel as ListPanel
from smuggling_analysis.methods.panel.of_evidence import PANELS as PANELS
from smuggling_analysis.methods.panel.of_evidence import panel as panel
from smuggling_analysis.methods.panel.reference_result import ReferencePanel as ReferencePanel
from smuggling_analysis.methods.panel.registers_result import RegisterPanel as RegisterPanel
from smuggling_analysis.methods.panel.result import Panel as Panel
from smuggling_analysis.methods.panel.variants import Variant as Variant

__all__ = ["PANELS", "EncounterPanel", "Fitted", "ListPanel", "Panel", "ReferencePanel", "RegisterPanel",
           "Variant", "estimates_of", "panel", "refusals_of", "spread"]
