"""Estimates along a line of odds ratios, and the odds ratio at which a conclusion turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion

ODDS_RATIOS = (1 / 10, 1 / 8, 1 / 6, 1 / 5, 1 / 4, 1 / 3, 2 / 5, 1 / 2, 2 / 3, 4 / 5, 1.0,
               5 / 4, 3 / 2, 2.0, 5 / 2, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""From a tenth to ten, the same on both sides of 1."""

FURTHEST = 1e9
"""No odds ratio further from 1 is asked about: nothing known of people is as far."""

# What is called a moderate dependence where one number must stand for a line: twice the odds, or half.
MODERATE = 2.0


def along(odds_ratios: Iterable[float]) -> tuple[float, ...]:
    """Return the odds ratios in order, 1 among them.

    Raises
    ------
    ValueError
        If one is not a number above 0 or is too far from 1, or there is none but 1.

    Examples
    --------
    >>> along([4, 0.5])
    (0.5, 1.0, 4.0)
    """
    try:
        found = sorted({1.0, *(float(ratio) for ratio in odds_ratios)})
    except (TypeError, ValueError):
        found = []
    if len(found) < 2 or not all(1.0 / FURTHEST <= ratio <= FURTHEST for ratio in found):
        raise ValueError("odds_ratios are several numbers above 0, one of them at least not 1 and none further from 1 "
                         f"than a thousand million, got {found or odds_ratios!r}")
    return tuple(found)


def spoken(odds_ratio: float) -> str:
    """Write an odds ratio: three digits at most, a half and its like as a fraction.

    Examples
    --------
    >>> spoken(0.5), spoken(0.6537), spoken(10.0), spoken(1.44307)
    ('1/2', '0.654', '10', '1.44')
    """
    over = 1.0 / odds_ratio
    if odds_ratio < 1.0 and abs(over - round(over)) < 1e-9 and over < 1000:
        return f"1/{round(over)}"
    return f"{odds_ratio:.3g}" if odds_ratio < 1000 else f"{odds_ratio:,.0f}"


@dataclass(frozen=True)
class Tips:
    """Where a conclusion turns on either side of 1; None where it does not within the range.

    Parameters
    ----------
    below, above : float or None
        The odds ratios nearest to 1 at which it turns.
    """

    below: float | None
    above: float | None

    @property
    def nearest(self) -> float | None:
        """The one nearer to 1, in proportion."""
        found = [tip for tip in (self.below, self.above) if tip is not None]
        return min(found, key=lambda tip: abs(math.log(tip))) if found else None

    def said(self, conclusion: Conclusion, odds_ratios: Sequence[float]) -> str:
        """Say where it turns."""
        found = [spoken(tip) for tip in (self.below, self.above) if tip is not None]
        if found:
            return f"it {conclusion.told} at an odds ratio of {' and of '.join(found)}"
        ends = " to ".join(spoken(end) for end in (min(odds_ratios), max(odds_ratios)))
        return f"it {conclusion.kept} at any odds ratio from {ends}"


def tips(odds_ratios: Sequence[float], values: Sequence[float], conclusion: Conclusion, observed: float,
         exactly: Callable[[float], float] | None) -> Tips:
    """Find where a conclusion turns.

    Parameters
    ----------
    odds_ratios : sequence of float
        In order, 1 among them.
    values : sequence of float
        The estimate at each; NaN where there is none.
    conclusion : Conclusion
        What the original says.
    observed : float
        The people observed.
    exactly : callable, optional
        Gives the estimate at any odds ratio; without it the logarithm of the unseen is taken as a straight line
        between neighbours.
    """
    middle = list(odds_ratios).index(1.0)

    def search(places: range) -> float | None:
        last = middle
        for place in places:
            if math.isnan(values[place]):
                continue
            if conclusion.turned(values[place]):
                bound = conclusion.low if values[place] < conclusion.low else conclusion.high
                ends = ((odds_ratios[last], values[last]), (odds_ratios[place], values[place]))
                return _crossing(ends, bound, observed, exactly)
            last = place
        return None

    return Tips(search(range(middle - 1, -1, -1)), search(range(middle + 1, len(odds_ratios))))


def _crossing(ends: tuple[tuple[float, float], tuple[float, float]], bound: float, observed: float,
              exactly: Callable[[float], float] | None) -> float:
    (first, one), (second, two) = ends
    if exactly is not None:
        from scipy.optimize import brentq

        try:
            return math.exp(brentq(lambda x: exactly(math.exp(x)) - bound, math.log(first), math.log(second),
                                   xtol=1e-14, rtol=1e-14))
        except NoEstimate:
            pass
    heights = [math.log(max(number - observed, 1e-9)) for number in (one, two, bound)]
    share = (heights[2] - heights[0]) / (heights[1] - heights[0]) if heights[1] != heights[0] else 1.0
    return first * (second / first) ** min(max(share, 0.0), 1.0)
