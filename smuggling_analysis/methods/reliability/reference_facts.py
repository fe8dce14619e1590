"""What is known beside an estimate from reference counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False, kw_only=True)
class ReferenceFacts:
    """What is known beside an estimate from reference counts, where it is known.

    Parameters
    ----------
    logs_of_counts : bool
        Whether the estimate is by least squares of the logarithms of counts.
    beyond_registered : float, optional
        The share of the rows in which more people are estimated than are registered.
    influence : float, optional
        The factor by which leaving out one country moves the estimate most.
    said : mapping of str to float
        What every method says, those too that the gate refuses, for the verdict on a headline.
    preferred : float, optional
        By how much BIC prefers the negative binomial method, where it does not bear out the one recommended.
    headline : bool
        Whether the estimate is the one recommended, with all that it takes for granted.
    families : mapping of str to (value, lower, upper), optional
        As in `Facts`.
    """

    logs_of_counts: bool = False
    beyond_registered: float | None = None
    influence: float | None = None
    said: Mapping[str, float] | None = None
    preferred: float | None = None
    headline: bool = False
    families: Mapping[str, tuple[float, float, float]] | None = None
