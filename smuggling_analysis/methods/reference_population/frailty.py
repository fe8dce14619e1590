"""A frailty nobody recorded: how strongly must it go with alpha, and with the counts, to change the number?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit
from smuggling_analysis.methods.reference_population.totals import sums_of

SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, eq=False)
class FrailtySensitivity:
    """What a hidden population becomes if countries differ in something that was left out.

    Parameters
    ----------
    value : float
        The sum of hidden populations without bias correction.
    se : float
        Its standard error in the linearised model, with the counts' own dispersion.
    freedom : int
        Rows less coefficients of the mean.
    frame : DataFrame
        One row for each pair of strengths: `with_alpha, with_counts, lower, upper`.
    simulated : bool
    """

    value: float
    se: float
    freedom: int
    frame: pd.DataFrame
    simulated: bool

    def needed(self, target: float) -> float:
        """Return the strength, the same with alpha and with the counts, that moves the number to a target.

        Examples
        --------
        >>> FrailtySensitivity(1000.0, 100.0, 400, pd.DataFrame(), True).needed(1000.0)
        0.0
        """
        squared = self._bias(target)
        return (math.sqrt(squared**2 + 4.0 * squared) - squared) / 2.0

    def needed_with_alpha(self, target: float) -> float:
        """Return the strength with alpha that moves it, if the frailty explains all that is left of the counts."""
        squared = self._bias(target)
        return squared / (1.0 + squared)

    def sentence(self, target: float) -> str:
        """Return what to print of a number to hold the estimate against."""
        return (f"A frailty that explains {numerals.percent(self.needed(target))} of what is left of alpha's direction "
                f"and of the counts would move {numerals.number(self.value, digits=3)} to "
                f"{numerals.number(target, digits=3)}")

    def _bias(self, target: float) -> float:
        if not 0 < target < math.inf:
            raise ValueError(f"target is a number of people, got {target}")
        return float((target - self.value) ** 2 / (self.se**2 * self.freedom))


def frailty_sensitivity(fitted: ReferenceFit, *, where: Mapping[str, Any] | None = None,
                        with_alpha: Iterable[float] = SHARES, with_counts: Iterable[float] = SHARES
                        ) -> FrailtySensitivity:
    r"""Show how strong an unrecorded frailty must be to change a hidden population.

    A factor of the chance of being apprehended that goes with nothing in the model leaves the Poisson fit right on
    average. One that goes with N or n / N does not: its bias, to first order, is
    :math:`\mathrm{se}\sqrt{\nu\,R^2_y R^2_d / (1 - R^2_d)}` in the model linearised at its fit, where the two shares
    are of what the frailty explains, beyond the model, of the counts and of the direction of alpha in which the number
    moves (Cinelli and Hazlett 2020).

    Parameters
    ----------
    fitted : ReferenceFit
        Of the Poisson or the negative binomial criterion.
    where : mapping, optional
        Values of covariates: only these rows are added up.
    with_alpha, with_counts : iterable of float
        Shares explained, from 0 to below 1, and to 1.

    Raises
    ------
    ValueError
        If the fit is one of least squares, or a share is none.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias. Journal of the
    Royal Statistical Society B 82, 39-67.

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import fit
    >>> from smuggling_analysis.simulate import reference_counts
    >>> found = frailty_sensitivity(fit(reference_counts(rng=1)))
    >>> 0 < found.needed(0.5 * found.value) < 1
    True
    """
    if fitted.data.objective.criterion.least_squares:
        raise ValueError("frailty is weighed in the Poisson and the negative binomial model, not in least squares")
    alphas, counts = sorted({float(one) for one in with_alpha}), sorted({float(one) for one in with_counts})
    if not all(0 <= one < 1 for one in alphas) or not all(0 <= one <= 1 for one in counts):
        raise ValueError("with_alpha holds shares from 0 to below 1, and with_counts from 0 to 1")
    members = np.ones(len(fitted.logs), dtype=bool) if not where else fitted.counts.where(**where)
    value = float(sums_of(fitted, members[np.newaxis]).plain[0])
    freedom = len(fitted.logs) - int((~fitted.held[:fitted.data.objective.mean_size]).sum())
    se = _linearised_se(fitted, members, freedom)
    rows = []
    for alpha in alphas:
        for count in counts:
            bias = se * math.sqrt(freedom * count * alpha / (1.0 - alpha))
            rows.append((alpha, count, max(value - bias, 0.0), value + bias))
    frame = pd.DataFrame(rows, columns=["with_alpha", "with_counts", "lower", "upper"])
    return FrailtySensitivity(value, se, freedom, frame, fitted.counts.simulated)


def _linearised_se(fitted: ReferenceFit, members: np.ndarray, freedom: int) -> float:
    """Return the standard error of a sum in the working regression, with its residual variance."""
    mean = fitted.fitted
    weight = mean / (1.0 + (mean / fitted.theta if fitted.theta else 0.0))
    with np.errstate(all="ignore"):
        squares = np.where(mean > 0, weight * (fitted.residuals / mean) ** 2, 0.0)
    design = fitted.data.alpha.matrix
    own = design.shape[1]
    log_n = np.log(fitted.counts.reference.astype(float))
    gradient = (np.where(members, fitted.hidden * log_n, 0.0)) @ design
    variance = gradient @ fitted.model_covariance[:own, :own] @ gradient
    return float(math.sqrt(variance * squares.sum() / max(freedom, 1)))
