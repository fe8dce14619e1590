"""Mtb: chances that differ between occasions, and change once a person has been caught.

The log-odds of being caught again are those of being caught for the first time, plus one number that is the
same on all occasions; without such a tie the population is not identified (Otis et al. 1978; Rivest and
Baillargeon 2007).
"""

from __future__ import annotations

import math

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.closed.climbing import climb
from smuggling_analysis.methods.multiple_systems.closed.designs import MOST_LISTS_APART
from smuggling_analysis.methods.multiple_systems.closed.fitted_model import ClosedFit
from smuggling_analysis.methods.multiple_systems.closed.removal_models import in_order
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, saturated_loglikelihood

# Log-odds beyond this stand for a chance of nought or one.
_FURTHEST = 15.0
_NEEDED = "more people caught more than once, or a model without behaviour"


def fit_behaviour_in_time(histories: CaptureHistories) -> ClosedFit:
    """Fit Mtb by maximum likelihood.

    Parameters
    ----------
    histories : CaptureHistories
        Lists in the order of the occasions; strata are added up.

    Raises
    ------
    NoEstimate
        If there are fewer than three lists, or the likelihood has no maximum.
    ValueError
        If there are too many lists to write down every history.
    """
    t = histories.n_lists
    if t < 3:
        raise NoEstimate(f"Mtb needs 3 lists or more, there are {t}", "another list (occasion)")
    if t > MOST_LISTS_APART:
        raise ValueError(f"{t} lists have {2**t:,} histories: merge lists down to {MOST_LISTS_APART}")
    counts = histories.dense().astype(float)[1:]
    caught = (np.arange(1, 1 << t)[:, None] >> np.arange(t) & 1).astype(float)
    after = (np.arange(t)[None, :] > caught.argmax(axis=1)[:, None]).astype(float)

    def predict(theta: Floats) -> tuple[Floats, Floats]:
        odds = theta[1:-1] + theta[-1] * after
        gap = caught - 1 / (1 + np.exp(-odds))
        slopes = np.column_stack([np.ones(counts.size), gap, (gap * after).sum(axis=1)])
        return theta[0] + (caught * odds - np.logaddexp(0, odds)).sum(axis=1), slopes

    start = np.r_[math.log(1.5 * counts.sum()), np.full(t, -0.5), 0.0]
    found = climb(predict, start, counts)
    if found is None or found.theta[0] > math.log(counts.sum()) + 15.0:
        raise NoEstimate("the likelihood of Mtb has no maximum on this table that could be found: different "
                         "populations fit it about equally well", _NEEDED)
    if np.abs(found.theta[1:]).max() > _FURTHEST:
        raise NoEstimate("the likelihood of Mtb keeps rising as the chance on some list becomes nought or "
                         "one", _NEEDED)
    chances = 1 / (1 + np.exp(-found.theta[1:-1]))
    unseen = math.exp(found.theta[0] + float(np.log1p(-chances).sum()))
    error = found.error(np.r_[1.0, -chances, 0.0])
    held = counts > 0
    deviance = 2.0 * float((counts[held] * (np.log(counts[held]) - found.eta[held])).sum()
                           - counts.sum() + np.exp(found.eta).sum())
    return ClosedFit(
        "Mtb", float(counts.sum()), unseen, math.sqrt(unseen + (unseen * error) ** 2), deviance,
        counts.size - t - 2, t + 2, saturated_loglikelihood(counts) - 0.5 * deviance,
        {"chances": dict(zip(histories.lists, chances.tolist(), strict=True)),
         "behaviour": float(found.theta[-1])}, (in_order(histories),))
