"""What the estimate of one method rests on without the data showing it: the pieces of a panel's sensitivity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.panel.fitted import guarded


@dataclass(frozen=True, eq=False)
class Basis:
    """The method whose estimate is varied.

    Parameters
    ----------
    histories : CaptureHistories
        The evidence.
    method : str
        Its name in METHODS.
    options : mapping
        Its options.
    original : Estimate or NoEstimate
        What it gives.
    """

    histories: CaptureHistories
    method: str
    options: Mapping[str, Any]
    original: Estimate | NoEstimate


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece of a panel's sensitivity.

    Parameters
    ----------
    name : str
        The panel's attribute.
    title : str
        What it is, for messages.
    function : str
        The function of `multiple_systems` that makes it.
    least_lists : int
        How many lists it needs.
    most_lists : int
        With how many it can still be made in the time of a report.
    takes_original : bool
        Whether the function can be given the estimate as it is.
    options : mapping
        What else it is told.
    """

    name: str
    title: str
    function: str
    least_lists: int = 3
    most_lists: int = 10
    takes_original: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self, basis: Basis) -> Any:
        """Make the piece; whatever stops it becomes a refusal in words."""
        if isinstance(basis.original, NoEstimate):
            return basis.original
        if basis.histories.n_lists < self.least_lists:
            return NoEstimate(f"{self.title} needs {self.least_lists} lists or more, and there are "
                              f"{basis.histories.n_lists}", "a further list of the same population")
        if basis.histories.n_lists > self.most_lists:
            return NoEstimate(f"{self.title} is left out of a panel of more than {self.most_lists} lists, because it "
                              f"takes too long, and there are {basis.histories.n_lists}",
                              f"a call of {self.function} by itself, or fewer lists")
        given = {"original": basis.original} if self.takes_original else {}
        return guarded(self.title, lambda: _function(self.function)(
            basis.histories, method=basis.method, **basis.options, **given, **self.options))


def _function(name: str) -> Callable[..., Any]:
    from smuggling_analysis.methods import multiple_systems

    return getattr(multiple_systems, name)


PIECES = (
    Piece(name="leave_one_out", title="Leaving one list out", function="leave_one_list_out"),
    Piece(name="merged", title="Merging two lists", function="merged_lists", most_lists=8),
    Piece(name="dropped", title="Dropping rare lists", function="dropped_lists"),
    Piece(name="dependence", title="The dependence band", function="dependence_band", least_lists=2),
    Piece(name="assumed_away", title="The interaction of all lists", function="assumed_away", least_lists=2),
    Piece(name="link_errors", title="The sensitivity to linkage errors", function="linkage_sensitivity", least_lists=2,
          takes_original=False),
    Piece(name="held_out", title="The prediction of lists held out", function="held_out_lists"),
    Piece(name="trajectory", title="The trajectory as lists are added", function="trajectory"),
)
"""Every piece, one row each, in the order in which they are made."""
