"""What becomes of a border's numbers if more, or fewer, of those returned give up, and where a conclusion turns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity
from smuggling_analysis.methods.repeated_trials.flows import (
    DRAWS,
    Share,
    estimate_of,
    posterior_of,
)
from smuggling_analysis.methods.repeated_trials.quantities import QUANTITIES, Quantity
from smuggling_analysis.methods.repeated_trials.shares import stated
from smuggling_analysis.methods.repeated_trials.unstated import ALL_RECOGNISED

DETERRED = tuple(step / 20 for step in range(19))
"""From none to nine in ten."""

_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DeterrenceBand(Sensitivity):
    """A number about a border as a function of the share of those returned that does not try again.

    Parameters
    ----------
    quantity : str
        What is estimated: "entries", "attempts", "persons", "apprehension" or "interdiction".
    frame : DataFrame
        One row for each share: `deterrence, value, lower, upper, refusal`; the interval is that of the counts and of
        the other shares.
    middle : float
        The deterrence of the original: its number, or the middle of its draws.
    tipping_point : float or None
        The share nearest to it at which the conclusion turns; None if it does not in the range.
    """

    quantity: str
    middle: float
    tipping_point: float | None

    @property
    def sentence(self) -> str:
        """What to print."""
        answered = self.frame.dropna(subset=["value"])
        said = numerals.quantity(self.original.value, self.original.unit, digits=3)
        if answered.empty:
            return f"With none of these shares deterred is there an estimate to hold against {said}."
        ends = " and ".join(
            f"{numerals.quantity(row.value, self.original.unit, digits=3)} if {numerals.percent(row.deterrence)}"
            for row in (answered.iloc[0], answered.iloc[-1]))
        turning = (f"it {self.conclusion.told} at {numerals.percent(self.tipping_point)}"
                   if self.tipping_point is not None else f"it {self.conclusion.kept} at any share from "
                   f"{numerals.percent(answered['deterrence'].iloc[0])} to "
                   f"{numerals.percent(answered['deterrence'].iloc[-1])}")
        refused = self.frame[self.frame["refusal"] != ""]
        more = "" if refused.empty else (f"; from {numerals.percent(refused['deterrence'].iloc[0])} the counts "
                                         "contradict it")
        return (f"The estimate of {said} would be {ends} of those returned did not try again; {turning}{more}.")


def deterrence_band(encounters: Encounters, *, quantity: str = "entries", shares: Iterable[float] = DETERRED,
                    deterrence: Share | None = None, against: float | None = None,
                    recognition: Share = ALL_RECOGNISED, giving_up: Share | None = None,
                    confidence_level: float = 0.95, draws: int = DRAWS,
                    rng: int | np.random.Generator | None = 0) -> DeterrenceBand:
    """Show what a number about a border becomes with one share deterred after another, and where its conclusion turns.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions.
    quantity : {"entries", "attempts", "persons", "apprehension", "interdiction"}
        What to estimate.
    shares : iterable of float
        From 0 to below 1; by default 19 from none to nine in ten.
    deterrence : StatedShare, Estimate or float, optional
        That of the original.
    against : float, optional
        A number, such as one that was published: the conclusion then is on which side of it the estimate lies. By
        default it is the interval of the original.
    recognition, giving_up, confidence_level, draws, rng
        As in `flow`; the seed is 0 unless given, and the same at every share.

    Returns
    -------
    DeterrenceBand
        `frame`, `tipping_point` and a sentence. A share that contradicts the counts is a row with the reason.

    Raises
    ------
    ValueError
        If the quantity, a share or an option makes no sense.
    NoEstimate
        If there is no original.

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [1000], "repeats": [200]})
    >>> band = deterrence_band(Encounters.from_table(table), deterrence=0.5, shares=[0, 0.4, 0.7], against=1000)
    >>> band.frame["value"].round(6).tolist(), round(band.tipping_point, 9)
    ([4000.0, 2000.0, 500.0], 0.6)
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity is one of {', '.join(QUANTITIES)}, got {quantity!r}")
    along = _along(shares)
    asked = _Asked(encounters, QUANTITIES[quantity], confidence_level, {
        "recognition": recognition, "giving_up": giving_up, "draws": draws,
        "rng": int(np.random.default_rng(rng).integers(2**63))})
    original, middle = asked(deterrence)
    conclusion = Conclusion.of(original, against)
    rows = [(share, *asked.row(share)) for share in along]
    frame = pd.DataFrame(rows, columns=["deterrence", "value", "lower", "upper", "refusal"])
    return DeterrenceBand(original=original, frame=frame, what="share of those returned that is deterred",
                          conclusion=conclusion, quantity=quantity, middle=middle,
                          tipping_point=_tipping(frame, middle, original, conclusion, asked))


@dataclass(frozen=True)
class _Asked:
    """The same question with one deterrence after another."""

    encounters: Encounters
    quantity: Quantity
    confidence_level: float
    options: dict[str, Any]

    def __call__(self, deterrence: Share | None) -> tuple[Estimate, float]:
        from smuggling_analysis.methods.repeated_trials.cautions import of_model

        posterior = posterior_of(self.encounters, deterrence=deterrence, **self.options)
        made = estimate_of(self.encounters, posterior, self.quantity, tuple(of_model(self.encounters, posterior)),
                           self.confidence_level)
        return made, (middle_deterrence(self.encounters) if deterrence is None else
                      float(posterior.medians.deterrence))

    def row(self, share: float) -> tuple[float, float, float, str]:
        try:
            posterior = posterior_of(self.encounters, deterrence=share, **self.options)
        except NoEstimate as refusal:
            return math.nan, math.nan, math.nan, refusal.reason
        from smuggling_analysis.draws import equal_tailed

        return (posterior.value(self.quantity),
                *equal_tailed(posterior.values(self.quantity), self.confidence_level), "")

    def value(self, share: float) -> float:
        return self.row(share)[0]


def middle_deterrence(encounters: Encounters, deterrence: Share | None = None) -> float:
    """Return the middle of a stated deterrence; where none is, the share of those returned not known to have retried.

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [500], "returned": [400],
    ...                       "retried": [100], "repeats": [50]})
    >>> middle_deterrence(Encounters.from_table(table)), middle_deterrence(Encounters.from_table(table), 0.5)
    (0.75, 0.5)
    """
    given = stated(deterrence, "deterrence")
    if given is not None:
        return given.median
    returned = encounters.total("returned" if encounters.returned is not None else "apprehended") or 1
    return 1.0 - (encounters.total("retried") or 0) / returned


def _along(shares: Iterable[float]) -> list[float]:
    try:
        found = sorted({float(share) for share in shares})
    except (TypeError, ValueError):
        found = []
    if len(found) < 2 or not all(0.0 <= share < 1.0 for share in found):
        raise ValueError(f"shares are several numbers from 0 to below 1, got {found or shares!r}")
    return found


def _tipping(frame: pd.DataFrame, middle: float, original: Estimate, conclusion: Conclusion,
             asked: _Asked) -> float | None:
    """Return the share nearest to the original's at which the conclusion turns: every number moves one way only."""
    found = []
    for side in (frame[frame["deterrence"] < middle].iloc[::-1], frame[frame["deterrence"] > middle]):
        last = middle
        for share, value in zip(side["deterrence"], side["value"], strict=True):
            if math.isnan(value):
                break
            if conclusion.turned(value):
                found.append(_bisected(last, share, conclusion, asked))
                break
            last = share
    return min(found, key=lambda share: abs(share - middle)) if found else None


def _bisected(kept: float, turned: float, conclusion: Conclusion, asked: _Asked) -> float:
    """Return where the conclusion turns between a share with which it holds and one with which it does not."""
    while abs(turned - kept) > _TOLERANCE:
        between = (kept + turned) / 2
        if between in (kept, turned):
            break
        value = asked.value(between)
        if math.isnan(value) or conclusion.turned(value):
            turned = between
        else:
            kept = between
    return turned
