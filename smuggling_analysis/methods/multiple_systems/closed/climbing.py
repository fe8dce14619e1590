"""Fisher scoring for Poisson counts whose means are not log-linear in the parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

_MOST_STEPS = 300
_SETTLED = 1e-18
# Nearer than this the change of the likelihood is lost in rounding.
_NEAR = 1e-10
_MOST_DAMPING = 1e10


@dataclass(frozen=True, eq=False)
class Summit:
    """Where the climb ended.

    Parameters
    ----------
    theta : (parameters,) array
    eta : (cells,) array
        Logarithm of the fitted means.
    slopes : (cells, parameters) array
        Derivatives of `eta`.
    """

    theta: Floats
    eta: Floats
    slopes: Floats

    def error(self, gradient: Floats) -> float:
        """Return the standard error of a function of the parameters with this gradient (delta method)."""
        information = self.slopes.T @ (self.slopes * np.exp(self.eta)[:, None])
        return math.sqrt(max(float(gradient @ np.linalg.solve(information, gradient)), 0.0))


def climb(predict: Callable[[Floats], tuple[Floats, Floats]], start: Floats, counts: Floats) -> Summit | None:
    """Climb the Poisson log-likelihood from `start`; None if no maximum is reached.

    Parameters
    ----------
    predict : callable
        From the parameters to the log means, (cells,), and their derivatives, (cells, parameters).
    start : (parameters,) array
        Where to begin.
    counts : (cells,) array
        What was counted.
    """
    theta, damping = start, 1e-6
    with np.errstate(over="ignore", invalid="ignore"):
        eta, slopes = predict(theta)
        for _ in range(_MOST_STEPS):
            means = np.exp(eta)
            score = slopes.T @ (counts - means)
            information = slopes.T @ (slopes * means[:, None])
            if not np.isfinite(information).all():
                return None
            while True:
                try:
                    step = np.linalg.solve(information + damping * np.diag(np.diag(information)), score)
                except np.linalg.LinAlgError:
                    return None
                # How far off the summit is, in standard errors, squared.
                promised = float(score @ step)
                if damping < 1.0 and 0.0 <= promised < _SETTLED:
                    return Summit(theta, eta, slopes)
                ahead, slopes_ahead = predict(theta + step)
                # The change of the log-likelihood, free of the cancellation between two of them.
                change = float((counts * (ahead - eta) - means * np.expm1(ahead - eta)).sum())
                if np.isfinite(change) and (change >= 0.0 or 0.0 <= promised < _NEAR):
                    break
                damping = max(damping * 10.0, 1e-6)
                if damping > _MOST_DAMPING:
                    return None
            theta, eta, slopes = theta + step, ahead, slopes_ahead
            if promised > _NEAR:
                # Less of the climb than the slope promised: the hill is more curved than expected.
                damping = damping * 4.0 if change < 0.4 * promised else max(damping / 5.0, 1e-12)
    return None
