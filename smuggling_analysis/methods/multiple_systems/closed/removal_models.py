"""Models in which being caught once changes the chance of being caught again: Mb and Mbh.

What people do after their first capture says nothing of those never caught, so the population follows from
the numbers of first captures u_1, u_2, ... alone, as in a removal experiment: they must decline (Otis et al.
1978). In Mbh (Pollock and Otto 1983) the first occasion has a chance of its own, because people who are
easily caught go first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.closed.bias_corrected import removal_added
from smuggling_analysis.methods.multiple_systems.closed.fitted_model import ClosedFit
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import (
    Floats,
    saturated_loglikelihood,
    stirling_remainder,
)

_NEEDED = ("occasions on which fewer and fewer people are caught for the first time, or a model without "
           "behaviour")


def fit_removal(histories: CaptureHistories, *, first_apart: bool) -> ClosedFit:
    """Fit Mb, or Mbh where the first occasion has a chance of its own.

    Parameters
    ----------
    histories : CaptureHistories
        Lists in the order of the occasions; strata are added up.
    first_apart : bool
        Whether to fit Mbh.

    Raises
    ------
    NoEstimate
        If there are too few occasions, or first captures do not decline.
    """
    model, t = ("Mbh" if first_apart else "Mb"), histories.n_lists
    if t < (3 if first_apart else 2):
        raise NoEstimate(f"{model} needs {3 if first_apart else 2} lists or more, there are {t}",
                         "another list (occasion)")
    first = first_captures(histories)
    found = _removal(first[1:] if first_apart else first, model)
    rates = np.r_[first[0], found.rates] if first_apart else found.rates
    deviance, again = _deviance(histories, rates)
    parameters, cells = 4 if first_apart else 3, (1 << t) - 1
    return ClosedFit(
        model, histories.n_observed, found.unseen, found.se, deviance, cells - parameters, parameters,
        saturated_loglikelihood(histories.totals.astype(float)) - 0.5 * deviance,
        {"chance_first": found.chance, "chance_again": again, "fitted_first_captures": rates.tolist()},
        (in_order(histories),), removal_height(first, first_apart=first_apart), histories.n_observed)


def fit_removal_corrected(histories: CaptureHistories, *, first_apart: bool) -> ClosedFit:
    """Return the bias-corrected estimate of Mb or Mbh.

    Raises
    ------
    NoEstimate
        As `fit_removal`; also if there are fewer than three occasions (Mbh: four) to correct.
    """
    model = "Mbh" if first_apart else "Mb"
    first = first_captures(histories)
    found = _removal(removal_added(first[1:] if first_apart else first), model)
    return ClosedFit(f"{model}, bias-corrected", histories.n_observed, found.unseen, found.se, math.nan, 0, 0,
                     math.nan, {}, (in_order(histories),))


@dataclass(frozen=True, eq=False)
class Removal:
    """First captures that decline by a constant factor, carried on to infinity.

    Parameters
    ----------
    unseen, se : float
        People never caught, and the standard error of the population.
    chance : float
        Chance of a first capture on one occasion.
    rates : (occasions,) array
        Fitted first captures.
    """

    unseen: float
    se: float
    chance: float
    rates: Floats


def _removal(removed: Floats, model: str) -> Removal:
    _require_decline(removed, model)
    theta, factor, eta = _geometric(removed)
    lost = -math.expm1(theta[1])
    unseen = math.exp(theta[0] + theta[1] * removed.size) / lost
    half = np.linalg.solve(factor * np.tri(2), np.array([1.0, removed.size + (1.0 - lost) / lost]))
    return Removal(unseen, math.sqrt(unseen + unseen**2 * float(half @ half)), lost, np.exp(eta))


def first_captures(histories: CaptureHistories) -> Floats:
    """Return how many people were caught for the first time on each occasion: (lists,) array."""
    return np.asarray(np.bincount(histories.patterns.argmax(axis=1), histories.totals.astype(float),
                                  histories.n_lists), dtype=float)


def in_order(histories: CaptureHistories) -> str:
    """Say in which order the lists were taken."""
    return (f"the lists are taken in this order of time: {', '.join(histories.lists)}; in another order the "
            "estimate is another")


def _require_decline(removed: Floats, model: str) -> None:
    # The middle of the occasions is where the mean lies if first captures neither rise nor fall.
    mean = float(removed @ np.arange(removed.size)) / max(removed.sum(), 1.0)
    if removed.sum() == 0 or mean <= 0.0:
        raise NoEstimate(f"{model} takes it that everyone was caught: nobody was caught for the first time "
                         "after the first occasion it compares", _NEEDED)
    if mean >= 0.5 * (removed.size - 1) * (1 - 1e-12):
        told = ", ".join(f"{number:,.0f}" for number in removed)
        raise NoEstimate(f"first captures do not decline ({told}), so {model} sets no limit to the "
                         "population", _NEEDED)


def _geometric(removed: Floats) -> tuple[Floats, Floats, Floats]:
    """Fit u_i = exp(a + b i): parameters, factor of their information, linear predictors."""
    from smuggling_analysis.kernels.poisson_designs import fit_poisson

    columns = np.column_stack([np.ones(removed.size), np.arange(removed.size, dtype=float)])
    theta, factor, eta, settled = fit_poisson(columns, np.zeros(removed.size), removed)
    if not settled:
        raise NoEstimate("the likelihood could not be climbed to a maximum on these first captures", _NEEDED)
    return theta, factor, eta


def _deviance(histories: CaptureHistories, rates: Floats) -> tuple[float, float]:
    """Return the deviance over all histories, and the chance of being caught again."""
    first = histories.patterns.argmax(axis=1)
    again = histories.patterns.sum(axis=1) - 1
    left = histories.n_lists - 1 - first
    totals = histories.totals.astype(float)
    chances = float((totals * left).sum())
    chance = float((totals * again).sum()) / chances if chances else 0.0
    log_mean = np.log(rates[first])
    log_mean = log_mean + np.where(again > 0, again * math.log(chance) if chance else 0.0, 0.0)
    missed = left - again
    log_mean = log_mean + np.where(missed > 0, missed * (math.log1p(-chance) if chance < 1 else 0.0), 0.0)
    return 2.0 * float((totals * (np.log(totals) - log_mean)).sum()), chance


def removal_height(first: Floats, *, first_apart: bool) -> Callable[[float], float]:
    """Return the multinomial profile log-likelihood of the unseen under Mb or Mbh, up to a constant."""
    removed = first[1:] if first_apart else first
    places = np.arange(removed.size)
    caught, waits = float(removed.sum()), float(removed @ places)

    def height(unseen: float) -> float:
        # Given the unseen, the chance is captures over chances to be caught.
        chance = caught / (caught + waits + removed.size * unseen)
        total = caught + unseen
        fitted = total * chance * (1 - chance) ** places
        held = removed > 0
        gap = float((removed[held] * np.log(removed[held] / fitted[held])).sum())
        gap += unseen * (math.log(unseen) - math.log(total) - removed.size * math.log1p(-chance))
        everyone = float(first.sum()) + unseen
        return -gap + stirling_remainder(everyone) - stirling_remainder(unseen)

    return height
