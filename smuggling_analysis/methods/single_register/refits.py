"""The model fitted to other registers of the same covariate patterns: what a bootstrap repeats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fits import FLAT, RUNS_OFF, Fits, maximise
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.likelihood import Likelihood, Which
from smuggling_analysis.methods.single_register.newton import scale_of
from smuggling_analysis.methods.single_register.sizes import LARGEST, sizes, slopes

_FAR = 30.0
"""How far along a ray, in units of the predictor, a population that has a limit must stand still."""
_STILL = 1e-6


@dataclass(frozen=True, eq=False)
class Refits:
    """What a model says of many registers.

    Parameters
    ----------
    sizes : (replicates,) array
        The populations; not a number where there is no estimate.
    verdicts : (replicates,) array of str
        What the maximisation found, as in `Fits`.
    at_the_edge : (replicates,) array of bool
        Where the likelihood rises for ever, but the population has a limit: a dispersion or an inflation falls
        to zero, or everybody of a kind was seen.
    """

    sizes: Array
    verdicts: NDArray[np.str_]
    at_the_edge: NDArray[np.bool_]


def refits(fitting: Fitting, times: Array, persons: Array) -> Refits:
    """Fit the model to each of many registers, from the coefficients it has on its own.

    Parameters
    ----------
    fitting : Fitting
        The model on its own register.
    times : (columns,) array
        Numbers of times seen.
    persons : (replicates, merged patterns, columns) array
        The people of each register.
    """
    likelihood = replace(fitting.likelihood, times=times, persons=persons)
    if not likelihood.columns.any():
        nothing = np.full(len(persons), np.nan)
        return Refits(nothing, np.full(len(persons), FLAT), np.zeros(len(persons), dtype=bool))
    fits = maximise(likelihood, fitting.at)
    values = sizes(likelihood, fits.coefficients, np.arange(len(persons)))
    edge, flat = np.flatnonzero(fits.verdicts == RUNS_OFF), np.flatnonzero(fits.verdicts == FLAT)
    good, at_the_edge = fits.converged.copy(), np.zeros(len(persons), dtype=bool)
    if edge.size:
        at_the_edge[edge] = _has_a_limit(likelihood, fits, edge, values[edge])
    if flat.size:
        good[flat] = _matters_to_nobody(likelihood, fits, flat)
    good |= at_the_edge
    with np.errstate(invalid="ignore"):
        good &= values < LARGEST
    return Refits(np.where(good, values, np.nan), fits.verdicts, at_the_edge & good)


def _has_a_limit(likelihood: Likelihood, fits: Fits, rows: Which, values: Array) -> NDArray[np.bool_]:
    """Tell where the population stands still on the way that the likelihood rises for ever."""
    steps = fits.steps[rows]
    ray = steps / np.abs(likelihood.moves(steps)).max(axis=(0, 2))[:, np.newaxis]
    far = sizes(likelihood, fits.coefficients[rows] + _FAR * ray, rows)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(far - values) <= _STILL * values)


def _matters_to_nobody(likelihood: Likelihood, fits: Fits, rows: Which) -> NDArray[np.bool_]:
    """Tell where the population does not depend on what the counts leave undetermined.

    As where nobody of a rare kind was drawn: its coefficient is anything, and nobody has it.
    """
    at = fits.coefficients[rows]
    information, slope = likelihood(at, rows).information, slopes(likelihood, at, rows)
    size = scale_of(information)
    curvature, directions = np.linalg.eigh(information / (size[:, :, np.newaxis] * size[:, np.newaxis, :]))
    along = np.abs(directions.transpose(0, 2, 1) @ (slope / size)[:, :, np.newaxis])[:, :, 0]
    open_ended = curvature < 1e-10 * curvature[:, -1:]
    people = likelihood.persons[rows].sum(axis=(1, 2))
    seen = likelihood.weights[rows].sum(axis=(1, 2)) > 0
    return np.asarray(seen & (np.where(open_ended, along, 0.0).max(axis=1) <= 1e-8 * people))
