"""From fitted ratios back to those never seen, and how sure that is."""

from __future__ import annotations

import numpy as np

from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.ratio_models import RatioFits, RatioModel

STARTS = ("once", "twice", "all")
"""From whom a line is carried back: those seen once, those seen twice, or everybody who follows it."""


def unseen(model: RatioModel, fits: RatioFits, frequencies: Array, start: str) -> Array:
    """Return how many people were never seen, in every replicate: (replicates,)."""
    x = np.arange(float(frequencies.shape[1]))
    with np.errstate(all="ignore"):
        # What f(1), f(2), ... are of f(0).
        multiples = np.exp(np.cumsum(model.log_ratios(x, fits.beta), axis=1))
        if start != "all":
            place = STARTS.index(start)
            return np.asarray(frequencies[:, place] / multiples[:, place])
        first = 1 if model.ones_apart else 0
        return np.asarray(frequencies[:, first:].sum(axis=1) / multiples[:, first:].sum(axis=1))


def standard_error(model: RatioModel, fits: RatioFits, frequencies: Array, start: str, missed: float) -> float:
    """Return the standard error by the delta method: frequencies are multinomial."""
    f = frequencies[0]
    x = np.arange(float(len(f)))
    shape = len(model.names)
    terms = model.terms(x)
    paths = np.cumsum(terms, axis=0)  # derivatives of the log-multiples by the coefficients
    own = np.zeros(len(f))
    if start == "all":
        first = 1 if model.ones_apart else 0
        own[first:] = 1.0 / f[first:].sum()
        log_multiples = np.cumsum(model.log_ratios(x, fits.beta)[0])[first:]
        # Beside the largest: a line that rises passes the largest number there is long before 10,000 times.
        multiples = np.exp(log_multiples - log_multiples.max())
        path = (multiples[:, np.newaxis] * paths[first:]).sum(axis=0) / multiples.sum()
    else:
        place = STARTS.index(start)
        own[place], path = 1.0 / f[place], paths[place]
    assert fits.slopes is not None
    slope = 1.0 + missed * (own - path @ fits.slopes[0, :shape])
    return float(np.sqrt(max((slope**2 * f).sum() - (slope * f).sum() ** 2 / (f.sum() + missed), 0.0)))
