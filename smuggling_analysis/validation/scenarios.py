"""SCENARIOS: every population of known size that methods are held to, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from smuggling_analysis.validation.encounter_scenarios import ENCOUNTER_SCENARIOS
from smuggling_analysis.validation.list_scenarios import LIST_SCENARIOS
from smuggling_analysis.validation.reference_scenarios import REFERENCE_SCENARIOS
from smuggling_analysis.validation.register_scenarios import REGISTER_SCENARIOS
from smuggling_analysis.validation.scenario import Scenario

SCENARIOS: Mapping[str, Scenario] = {
    row.name: row for row in (*LIST_SCENARIOS, *REGISTER_SCENARIOS, *REFERENCE_SCENARIOS, *ENCOUNTER_SCENARIOS)}
"""Every scenario, by its name."""
