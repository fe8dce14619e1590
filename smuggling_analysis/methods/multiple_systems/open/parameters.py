"""What an open-population model says of people: how many came, stayed, were present, and were ever there.

A person who comes in period j and was last present in period k belongs to a group of expected size a_j b_k: the
product form makes every number below a sum of such products. Standard errors are by linearisation, with the
derivatives exact to rounding (complex steps).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.open.capture_paths import Floats
from smuggling_analysis.methods.multiple_systems.open.fitting import OpenFit, OpenModel

_STEP = 1e-30
# A number depends on where a parameter on its way to infinity was stopped if it changes by more than this share.
_TOLD = 1e-4


@dataclass(frozen=True, eq=False)
class Demography:
    """Numbers derived from a fit, in this order: capture probabilities, survival, abundance, arrivals, total.

    Parameters
    ----------
    value : (4 periods - 1,) array
    covariance : (4 periods - 1, 4 periods - 1) array
        Of the numbers when the population's own size is a Poisson variable.
    told : (4 periods - 1,) array of bool
        Which the counts can tell.
    periods : int
    """

    value: Floats
    covariance: Floats
    told: NDArray[np.bool_]
    periods: int

    @property
    def capture(self) -> slice:
        """Where the probabilities to be seen in a period stand."""
        return slice(0, self.periods)

    @property
    def survival(self) -> slice:
        """Where the shares that stay from one period to the next stand."""
        return slice(self.periods, 2 * self.periods - 1)

    @property
    def abundance(self) -> slice:
        """Where the numbers of people present stand."""
        return slice(2 * self.periods - 1, 3 * self.periods - 1)

    @property
    def arrivals(self) -> slice:
        """Where the numbers that came between two periods and were present in the second stand."""
        return slice(3 * self.periods - 1, 4 * self.periods - 2)

    @property
    def se(self) -> Floats:
        """Standard errors; of abundance and total, given the population that there was."""
        variance = np.diag(self.covariance).copy()
        for sized in (self.abundance, slice(-1, None)):
            variance[sized] -= self.value[sized]
        return np.sqrt(np.maximum(variance, 0.0))


def demography(fit: OpenFit) -> Demography:
    """Derive what a fit says of people.

    Where nothing is known of the share seen in the first or the last period, the total counts the people
    present between them and those seen in them. It leaves out the people whose histories were left out of the
    fit.
    """
    left_out = fit.excluded.rows(fit.model)
    value = derived(fit.model, fit.theta, *left_out).real
    slopes = np.empty((len(value), len(fit.theta)))
    for place in range(len(fit.theta)):
        moved = fit.theta.astype(complex)
        moved[place] += 1j * _STEP
        slopes[:, place] = derived(fit.model, moved, *left_out).imag / _STEP
    periods = fit.model.paths.periods
    told = _told(fit.model, periods)
    told &= (np.abs(slopes @ fit.loose) <= _TOLD * np.maximum(np.abs(value), 1e-3)[:, None]).all(axis=1)
    return Demography(value, slopes @ fit.covariance @ slopes.T, told, periods)


def _told(model: OpenModel, periods: int) -> NDArray[np.bool_]:
    told = np.ones(4 * periods - 1, dtype=bool)
    if not model.blocks[0].located:
        told[[0, 2 * periods - 1, 3 * periods - 1]] = False
    if not model.blocks[-1].located:
        told[[periods - 1, 2 * periods - 2, 3 * periods - 2, 4 * periods - 3]] = False
    return told


def derived(model: OpenModel, theta: NDArray, left_out: Floats, left_offset: Floats) -> NDArray:
    """Return the numbers of `Demography`, real or complex as the parameters are: (4 periods - 1,) array.

    `left_out`, (cells, parameters), and `left_offset`, (cells,), are the rows of the cells out of the fit.
    """
    arrived, left, missed = _groups(model, theta)
    came, stays = np.cumsum(arrived), np.cumsum(left[::-1])[::-1]
    abundance = came * stays
    arrivals = arrived[1:] * stays[1:]
    total = abundance[0] + arrivals.sum()
    if len(left_out) or not (model.blocks[0].located and model.blocks[-1].located):
        total = (model.paths.total(model.log_weight(theta)) - np.exp(left_out @ theta + left_offset).sum()
                 + unseen(model, theta))
    return np.concatenate([1 - missed, stays[1:] / stays[:-1], abundance, arrivals, [total]])


def unseen(model: OpenModel, theta: NDArray) -> NDArray:
    """Return the expected number of people who were there and in no period seen."""
    first, last = model.blocks[0].located, model.blocks[-1].located
    arrived, left, missed = _groups(model, theta, first=first, last=last)
    periods = len(missed)
    gone = np.zeros((), dtype=arrived.dtype)
    total = np.zeros((), dtype=arrived.dtype)
    # Those not seen so far and still there: joined by arrivals, thinned by being missed and by leaving.
    for period in range(0 if first else 1, periods if last else periods - 1):
        gone = (gone + arrived[period]) * missed[period]
        total = total + gone * left[period]
    return total


def _groups(model: OpenModel, theta: NDArray, *, first: bool = True,
            last: bool = True) -> tuple[NDArray, NDArray, NDArray]:
    """Return a_j, b_k and the chance to be missed in each period: three (periods,) arrays.

    Without `first`, whoever was there in the second period and not seen in the first came in between; without
    `last`, whoever was not seen in the last period had left.
    """
    periods = model.paths.periods
    log_missed = -np.log(1 + np.array([block.odds(theta[place]) for block, place
                                       in zip(model.blocks, model.places, strict=True)]))
    missed = np.exp(log_missed)
    so_far = np.concatenate([[0], np.cumsum(log_missed)])
    since = theta[0] + np.concatenate([[0], np.cumsum(theta[1:periods])]) + so_far[:-1] - so_far[-1]
    until = np.concatenate([np.cumsum(theta[periods:2 * periods - 1])[::-1], [0]]) + so_far[-1] - so_far[1:]
    since, until = np.exp(since), np.exp(until)
    arrived, left = since.copy(), until.copy()
    arrived[1:] -= missed[:-1] * since[:-1]
    left[:-1] -= missed[1:] * until[1:]
    if not first:
        arrived[1] = since[1]
    if not last:
        left[-2] = until[-2]
    return arrived, left, missed
