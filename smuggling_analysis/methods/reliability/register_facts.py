"""What is known beside an estimate from one register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False, kw_only=True)
class RegisterFacts:
    """What is known beside an estimate from one register, where it is known.

    Parameters
    ----------
    bound : float, optional
        Chao's lower bound of the same register.
    bound_without_ones : float, optional
        The bound that leaves those seen once aside, which stands where many are seen once only by rule.
    one_inflation : float, optional
        The chance of so large a gain in likelihood by more people seen once than the family allows, were there none:
        for a family that knows no such surplus.
    wider : float, optional
        The chance of so large a gain in likelihood by a distribution in which people differ more, did they not.
    knows_one_inflation : bool
        Whether the estimate's family allows for more people seen once.
    influence : float, optional
        The factor by which leaving out the people of one cell of the register moves the estimate most.
    handfuls : int, optional
        Cells of a handful of people without whom there is no estimate.
    near : mapping of str to float
        What the families say that passed and fit about as well as the one recommended (within 10 points of BIC).
    beyond : float, optional
        How far outside the interval recommended the estimates lie of distributions that the counts do not tell from the
        one recommended: the factor from the nearer end.
    limitless : bool
        Whether the wider distribution, which contains the one recommended, sets no upper limit and fits better.
    bound_with_ones : float, optional
        Chao's lower bound, where the distribution recommended sets those seen once apart.
    if_time_ended : float, optional
        The factor by which the number recommended differs if the time at risk, said to be set beforehand, ended by
        being seen.
    families : mapping of str to (value, lower, upper), optional
        As in `Facts`.
    """

    bound: float | None = None
    bound_without_ones: float | None = None
    one_inflation: float | None = None
    wider: float | None = None
    knows_one_inflation: bool = False
    influence: float | None = None
    handfuls: int | None = None
    near: Mapping[str, float] | None = None
    beyond: float | None = None
    limitless: bool = False
    bound_with_ones: float | None = None
    if_time_ended: float | None = None
    families: Mapping[str, tuple[float, float, float]] | None = None
