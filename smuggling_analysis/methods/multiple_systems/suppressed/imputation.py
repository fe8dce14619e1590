"""Multiple imputation of suppressed counts (Rubin 1987).

Each imputation draws the model's parameters from their distribution, then the suppressed counts given those,
their ranges and the totals; each completed table is fitted, and Rubin's rules combine the fits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit
from smuggling_analysis.methods.multiple_systems.suppressed.em import SuppressedFit

_NOBODY = 1e-9


@dataclass(frozen=True)
class Imputed:
    """What the imputations say together, on the logarithm of the population less the least observed.

    Parameters
    ----------
    centre : float
        Mean over the imputations.
    variance : float
        Within imputations plus between them.
    df : float
        Degrees of freedom; infinite if the imputations agree.
    missing : float
        The share of the variance that comes from the suppressed counts.
    unseen : float
        Mean estimate of the people on no list.
    failed : int
        Imputed tables without an estimate, left out.
    """

    centre: float
    variance: float
    df: float
    missing: float
    unseen: float
    failed: int

    def half_width(self, confidence_level: float) -> float:
        """Return half the interval's width on the logarithm, by Student's t."""
        from scipy.special import stdtrit

        return float(stdtrit(min(self.df, 1e6), 0.5 + confidence_level / 2)) * math.sqrt(self.variance)


def impute(found: SuppressedFit, least: float, imputations: int, rng: np.random.Generator) -> Imputed:
    """Impute, fit and combine.

    Parameters
    ----------
    found : SuppressedFit
        The fit whose parameters are drawn; its model is used throughout.
    least : float
        The least number of people on any list.
    imputations : int
        How many tables.
    rng : Generator
        The stream.

    Raises
    ------
    NoEstimate
        If fewer than half of the imputed tables have an estimate.
    """
    centres, within, unseen = [], [], []
    finite = np.isfinite(found.fits.theta[0])
    for _ in range(imputations):
        theta = found.fits.theta[0][finite] + found.root @ rng.standard_normal(finite.sum())
        means = np.where(found.means > 0, np.exp(np.minimum(found.design @ theta, 500.0)), 0.0)
        try:
            counts = found.table.completions.draw(means[found.table.cells], rng)
        except NoEstimate:
            continue
        fits = fit(found.table.completed(counts), [found.model])
        if fits.estimable[0]:
            # Not the population less the least observed, which loses a few among a billion.
            rest = max(float(fits.unseen[0]) + float(np.sum(counts - found.table.completions.low))
                       - (least - float(found.table.low.sum())), _NOBODY)
            centres.append(math.log(rest))
            within.append((float(fits.unseen[0]) * float(fits.error[0, 0]) / rest) ** 2)
            unseen.append(float(fits.unseen[0]))
    if len(centres) < max(2, imputations / 2):
        raise NoEstimate(f"only {len(centres)} of {imputations} imputed tables have an estimate",
                         "the suppressed counts, or a model with fewer terms")
    return _combined(np.array(centres), np.array(within), float(np.mean(unseen)), imputations)


def _combined(centres: Floats, within: Floats, unseen: float, imputations: int) -> Imputed:
    between = (1 + 1 / centres.size) * float(centres.var(ddof=1))
    inside = float(within.mean())
    # Where nothing was suppressed the tables are alike but for rounding.
    between = between if between > 1e-20 else 0.0
    df = (centres.size - 1) * (1 + inside / between) ** 2 if between else math.inf
    return Imputed(float(centres.mean()), inside + between, df, between / (inside + between), unseen,
                   imputations - centres.size)
