"""What is known beside an estimate from encounters at a border."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False, kw_only=True)
class EncounterFacts:
    """What is known beside an estimate from encounters, where it is known.

    Parameters
    ----------
    deterrence : mapping of float to float
        The estimate by the share of those returned that does not try again, with a little more and a little less of it
        than in the estimate judged.
    families : mapping of str to (value, lower, upper), optional
        As in `Facts`.
    """

    deterrence: Mapping[float, float] | None = None
    families: Mapping[str, tuple[float, float, float]] | None = None
