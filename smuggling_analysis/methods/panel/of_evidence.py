"""The panel of any evidence: one row for each kind of it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from smuggling_analysis.methods.panel.result import Panel

PANELS: Mapping[str, str] = {
    "CaptureHistories": "of_lists.panel_of_lists",
    "RepeatCounts": "of_registers.panel_of_registers",
    "ReferenceCounts": "of_reference.panel_of_reference",
    "Encounters": "of_encounters.panel_of_encounters",
}
"""The function that makes the panel of each type of evidence, below this package."""


def panel(evidence: Any, **options: Any) -> Panel:
    """Estimate by every method that the evidence allows, judge each, and recommend one number or none.

    Parameters
    ----------
    evidence : CaptureHistories, RepeatCounts, ReferenceCounts or Encounters
        Lists, a register, counts by country, or encounters at a border.
    **options
        All panels take `rng`, `replicates`, `published` (values to be shown beside), `sensitivity` (whether to vary
        what cannot be tested), and `population`, `place` and `period` of the estimates. What else each takes:
        `panel_of_lists`, `panel_of_registers`, `panel_of_reference`, `panel_of_encounters`.

    Returns
    -------
    Panel
        Of the evidence's own kind.

    Raises
    ------
    TypeError
        If there is no panel for evidence of this type, or an option is unknown.
    ValueError
        If an option cannot be used.

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> two = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> round(panel(two, rng=1, sensitivity=False)["chapman"].result.value, 1)
    296.6
    """
    kind = type(evidence).__name__
    if kind not in PANELS:
        raise TypeError(f"panel takes {', '.join(PANELS)}, got {kind}: of several linked versions make the panel of "
                        "each, or give them to one method")
    module, _, name = PANELS[kind].partition(".")
    made: Panel = getattr(import_module(f"smuggling_analysis.methods.panel.{module}"), name)(evidence, **options)
    return made
