"""How far a figure of another package lies from ours, and how figures are counted (see conftest.py)."""

import math
from collections import Counter

CLOSE = 1e-6
# Nothing is left of a figure: the deviance of a saturated model, the chance of what cannot be.
NOTHING = 1e-9


def difference(theirs, ours):
    """Relative; infinite if one alone has an answer, NaN if neither has."""
    theirs, ours = (math.nan if number is None else float(number) for number in (theirs, ours))
    if math.isnan(theirs) or math.isnan(ours):
        return math.nan if math.isnan(theirs) and math.isnan(ours) else math.inf
    if theirs == ours or abs(ours - theirs) < NOTHING:
        return 0.0
    return abs(ours - theirs) / max(abs(theirs), NOTHING)


def counted(figures, reason):
    """Count figures by why they differ, "" for those that agree, and list those that differ and nobody knows why.

    `figures` are (place, theirs, ours, anything else); `reason` is asked of (place, apart, theirs, ours, anything
    else).
    """
    reasons, unknown = Counter(), []
    for place, theirs, ours, *more in figures:
        apart = difference(theirs, ours)
        if math.isnan(apart):
            continue  # no figure: the reference declines, and so do we
        why = "" if apart <= CLOSE else reason(place, apart, theirs, ours, *more)
        reasons[why] += 1
        if why is None:
            unknown.append((place, theirs, ours, apart))
    return reasons, unknown
