"""RULES_OF: the rules of the gate by the type of evidence, and what is known beside an estimate where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smuggling_analysis.methods.reliability.encounter_facts import EncounterFacts
from smuggling_analysis.methods.reliability.encounters_rows import OF_ENCOUNTERS
from smuggling_analysis.methods.reliability.lists_rows import OF_LISTS
from smuggling_analysis.methods.reliability.reference_facts import ReferenceFacts
from smuggling_analysis.methods.reliability.reference_rows import OF_REFERENCE
from smuggling_analysis.methods.reliability.register_facts import RegisterFacts
from smuggling_analysis.methods.reliability.registers_rows import OF_REGISTERS
from smuggling_analysis.methods.reliability.rules import Facts, Rule

RULES_OF: Mapping[str, tuple[Rule, ...]] = {
    "CaptureHistories": OF_LISTS,
    "RepeatCounts": OF_REGISTERS,
    "ReferenceCounts": OF_REFERENCE,
    "Encounters": OF_ENCOUNTERS,
}
"""The rules asked of an estimate, by the name of its evidence's type."""

NO_FACTS: Mapping[str, Any] = {
    "CaptureHistories": Facts(),
    "RepeatCounts": RegisterFacts(),
    "ReferenceCounts": ReferenceFacts(),
    "Encounters": EncounterFacts(),
}

RULES: tuple[Rule, ...] = tuple({rule.name: rule for rules in RULES_OF.values() for rule in rules}.values())
"""Every rule once, by name."""
