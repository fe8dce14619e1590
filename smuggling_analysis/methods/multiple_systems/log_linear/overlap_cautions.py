"""What a reader must know of a table's overlaps and of a model's fit, in plain sentences."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members

FEW_SHARED = 5
_MOST_NAMED = 8
_LEAST_FIT = 0.001
# Models within 10 BIC points of the best cannot be told from it with any force (Raftery 1995 calls 10 very
# strong).
BIC_REACH = 10.0
_WIDE_SPREAD = 1.5


def unseen_dependence(first: str, second: str) -> str:
    """Say what two lists cannot show."""
    return (f"two lists cannot show whether being on {first} changes the chance of being on {second}: if it "
            "raises it the estimate is too low, if it lowers it too high")


def table_cautions(histories: CaptureHistories) -> list[str]:
    """Say which lists are empty, share nobody or few people, and that strata were added together."""
    shared = histories.overlaps().to_numpy()
    found = [f"the list {name} holds nobody and tells nothing"
             for place, name in enumerate(histories.lists) if shared[place, place] == 0]
    if histories.n_lists == 2:
        found.append(unseen_dependence(*histories.lists))
    nobody: list[str] = []
    few: list[str] = []
    for one, other in combinations(range(histories.n_lists), 2):
        if shared[one, one] and shared[other, other] and shared[one, other] < FEW_SHARED:
            names = f"{histories.lists[one]} and {histories.lists[other]}"
            (few if shared[one, other] else nobody).append(names)
    if nobody:
        found.append(f"nobody is on both {_pairs(nobody)}")
    if few:
        found.append(f"fewer than {FEW_SHARED} people are on both {_pairs(few)}: one record more or less "
                     "matters")
    if histories.stratified_by:
        found.append(f"the strata ({', '.join(histories.stratified_by)}) were added together: if the lists "
                     "reach them differently the estimate is biased")
    return found


def fit_cautions(histories: CaptureHistories, model: Model, fits: Fits) -> list[str]:
    """Say which parameters lie on the boundary, and whether the model fits; `fits` holds that one model."""
    found = []
    empty = [term for term, theta in zip(model.terms, fits.theta[0], strict=False) if np.isneginf(theta)]
    least = [term for term in empty if not any(term != other and term & other == other for other in empty)]
    if boundary := [" and ".join(histories.lists[place] for place in members(term)) for term in least
                    if term.bit_count() > 1]:
        found.append("on the boundary: the model takes it that nobody at all can be on "
                     f"{'; '.join(boundary)} together")
    df = int(fits.df[0])
    if df == 0:
        found.append("the model has as many parameters as there are histories, so the counts cannot "
                     "contradict it")
    elif _chance_of_deviance(float(fits.deviance[0]), df) < _LEAST_FIT:
        found.append(f"the model fits poorly: deviance {fits.deviance[0]:,.1f} on {df} degrees of freedom")
    if fits.se[0] > 0.5 * fits.value[0]:
        found.append("the standard error is more than half of the estimate")
    return found


def divergence_caution(fits: Fits, criterion: str = "bic", reach: float = BIC_REACH) -> list[str]:
    """Say how far the models within reach of the best differ, if they differ much."""
    lowest, highest, number = spread(fits, criterion, reach)
    if number < 2 or highest < _WIDE_SPREAD * lowest:
        return []
    return [f"the choice of model decides much: {number} models within {reach:g} {criterion.upper()} points of the "
            f"best range from {lowest:,.0f} to {highest:,.0f}"]


def lone_model_caution(fits: Fits) -> list[str]:
    """Say that nothing was chosen, if only one of several models has an estimate."""
    if len(fits) < 2 or fits.estimable.sum() != 1:
        return []
    return [f"only one of the {len(fits):,} models considered has an estimate on this table: it was not chosen "
            "among others"]


def spread(fits: Fits, criterion: str = "bic", reach: float = BIC_REACH) -> tuple[float, float, int]:
    """Return the least and largest population within reach of the best model, and the number."""
    if not fits.estimable.any():
        return math.nan, math.nan, 0
    score = np.where(fits.estimable, getattr(fits, criterion), np.inf)
    near = score <= score.min() + reach
    return float(fits.value[near].min()), float(fits.value[near].max()), int(near.sum())


def _pairs(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return "; ".join(names[:_MOST_NAMED]) + (f"; and {more} more pairs" if more > 0 else "")


def _chance_of_deviance(deviance: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, max(deviance, 0.0)))
