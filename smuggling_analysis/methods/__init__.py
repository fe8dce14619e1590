"""The methods: plain functions from evidence to an estimate, and METHODS, the table of them all.

The command line, the methods annex, the chooser and the property tests read `METHODS`. Adding a method
is one module and one row in its family's `rows`.
"""

from __future__ import annotations

from smuggling_analysis.methods import market_rows, mortality_rows
from smuggling_analysis.methods.multiple_systems import rows as multiple_systems_rows
from smuggling_analysis.methods.reference_population import rows as reference_population_rows
from smuggling_analysis.methods.registry import Citation, Method
from smuggling_analysis.methods.repeated_trials import rows as repeated_trials_rows
from smuggling_analysis.methods.single_register import rows as single_register_rows

__all__ = ["METHODS", "Citation", "Method"]

METHODS: dict[str, Method] = {
    row.name: row
    for family in (multiple_systems_rows, single_register_rows, reference_population_rows, repeated_trials_rows,
                   mortality_rows, market_rows)
    for row in family.ROWS
}
