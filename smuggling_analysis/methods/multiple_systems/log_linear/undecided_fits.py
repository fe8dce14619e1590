"""Models of which the fast kernel could not tell whether they have an estimate: asked one by one, but few of them.

A model that has no estimate leaves none to any model that contains it. The direction in which its likelihood
climbs for ever, or does not change at all, is open to the larger model too: that model holds the same terms and
leaves out the same histories, or more. Where the larger one leaves out all that would fall on the way, the
direction changes nothing any more, and the estimate is not the only one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.log_linear.careful_fits import careful_fit
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import direction_of_recession

_MOST_CAREFUL = 300


def decided_carefully(fits: Fits, undecided: NDArray[np.bool_]) -> Fits:
    """Return the fits with those that the kernel left undecided settled by linear programmes and careful fits.

    Parameters
    ----------
    fits : Fits
        As the kernel left them.
    undecided : (models,) array of bool
        Of which it could not tell whether an estimate exists. Where it has a fit all the same, and there are many
        such models, this is taken as it is.
    """
    exists = np.where(undecided, _exist(fits, undecided), fits.exists)
    lost = undecided & ~exists
    deviance = np.where(lost, np.nan, fits.deviance)
    theta = np.where(lost[:, None] & np.isfinite(fits.theta), np.nan, fits.theta)
    error = np.where(lost[:, None], np.nan, fits.error)
    without = undecided & exists & fits.identified
    if without.sum() > _MOST_CAREFUL:
        without &= np.isnan(deviance)
    for place in np.flatnonzero(without):
        terms = fits.terms[place][fits.terms[place] >= 0]
        found = careful_fit(fits.cells, terms)
        if found is not None:
            theta[place, : terms.size], error[place, : terms.size] = found.theta, found.error
            deviance[place] = found.deviance
    return replace(fits, theta=theta, error=error, deviance=deviance, exists=exists)


def _exist(fits: Fits, undecided: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which of the models that are undecided have an estimate: (models,) array, without meaning elsewhere."""
    held = _held(fits)
    sizes, exists = fits.parameters, np.zeros(len(fits), dtype=bool)
    unknown = undecided & fits.identified
    failed = ~undecided & ~(fits.exists & fits.identified)
    for model in np.argsort(sizes, kind="stable"):
        if failed[model] and unknown.any():
            larger = held @ held[model] == sizes[model]
            unknown[larger] = failed[larger] = False
    # What fails leaves out all larger models, what succeeds settles all smaller ones: asked from both ends.
    largest = True
    while unknown.any():
        left = np.flatnonzero(unknown)
        model = int(left[np.argmax(sizes[left]) if largest else np.argmin(sizes[left])])
        largest = not largest
        exists[model] = _exists(fits, model)
        if exists[model]:
            settled = held @ (1.0 - held[model]) == 0.0
            exists[unknown & settled] = True
        else:
            settled = held @ held[model] == sizes[model]
        unknown[settled] = False
    for model in np.flatnonzero(undecided & ~fits.identified).tolist():
        exists[model] = _exists(fits, model)
    return exists


def _exists(fits: Fits, model: int) -> bool:
    terms = fits.terms[model]
    return not direction_of_recession(fits.cells, terms[terms >= 0]).any()


def _held(fits: Fits) -> NDArray[np.float32]:
    """Return 1 where a model holds a term: (models, cells) array."""
    held = np.zeros((len(fits), fits.cells.size), dtype=np.float32)
    row, place = np.nonzero(fits.terms >= 0)
    held[row, fits.terms[row, place]] = 1.0
    return held
