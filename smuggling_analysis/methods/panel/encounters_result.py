"""The panel of encounters at a border: what it holds beside what every panel holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smuggling_analysis.methods.panel.fitted import Fitted
from smuggling_analysis.methods.panel.result import Panel, frame_of

if TYPE_CHECKING:
    import pandas as pd

    from smuggling_analysis.evidence.encounters import Encounters


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class EncounterPanel(Panel):
    """Every admissible reading of encounters at a border.

    Parameters
    ----------
    evidence, fitted, verdict, published
        As in `Panel`; the evidence are Encounters, and all of `fitted` are of one quantity.
    quantity : {"persons", "entries", "attempts"}
        What the panel is about.
    beside : tuple of Fitted
        The other quantities and the shares of attempts, each judged: they answer other questions, and are no part of
        the weighing and the headline.
    flow : Flow or NoEstimate
        Everything that the reading of the headline says of the border, drawn together.
    deterrence : DeterrenceBand or NoEstimate, optional
        The quantity as a function of the share of those returned that does not try again.
    """

    quantity: str
    beside: tuple[Fitted, ...] = ()
    flow: Any = None
    deterrence: Any = None

    @property
    def encounters(self) -> Encounters:
        """The evidence."""
        found: Encounters = self.evidence
        return found

    @property
    def observed(self) -> float | None:
        """How many were counted of what the panel is about: first apprehensions, got-aways, or all attempts seen."""
        from smuggling_analysis.methods.repeated_trials.counted import counted_of

        return counted_of(self.encounters, self.quantity)

    @property
    def frame_beside(self) -> pd.DataFrame:
        """One row per variant of the other quantities, with its `unit`; the other columns are those of `frame`."""
        units = [one.given.unit if one.given is not None else "" for one in self.beside]
        return frame_of(self.beside).assign(unit=units)
