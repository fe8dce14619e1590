"""Does the prior decide? The draws are weighted as another prior would have them.

A prior's halved and doubled variance (or, where the variance has a prior, one observation more that it is small or
large) is put in its place by importance weights, models' probabilities included. Too uneven weights are a sign of
their own: that other prior would lead where the chains have hardly been.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import Floats, Prior
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.sampling import Sampled

# This package's marks, as factors between the populations under the narrower and the wider prior.
NOTED_FACTOR, DECIDING_FACTOR = 1.25, 2.0
_LEAST_EFFECTIVE = 50.0


@dataclass(frozen=True)
class Dominance:
    """The population under other priors.

    Parameters
    ----------
    narrower, wider : float
        Its posterior medians.
    effective : float
        How many draws the more uneven weights leave.
    """

    narrower: float
    wider: float
    effective: float

    @property
    def factor(self) -> float:
        """The larger of the two over the smaller."""
        return max(self.narrower, self.wider) / min(self.narrower, self.wider)

    def require_data(self) -> None:
        """Refuse a population that the prior decides.

        Raises
        ------
        NoEstimate
            If it doubles between a narrower and a wider prior.
        """
        if self.factor > DECIDING_FACTOR:
            raise NoEstimate(f"the prior decides: under one half as wide the population is {self.narrower:,.0f}, under "
                             f"one twice as wide {self.wider:,.0f}", "lists that share more people")

    def cautions(self) -> tuple[str, ...]:
        """Say what other priors would do."""
        if self.effective < _LEAST_EFFECTIVE:
            return ("what a narrower or a wider prior would do cannot be told from these draws: it would lead to "
                    "models and coefficients that they hardly hold",)
        if self.factor > NOTED_FACTOR:
            return (f"the prior matters: under one half as wide the population is {self.narrower:,.0f}, under one "
                    f"twice as wide {self.wider:,.0f}",)
        return ()


def dominance(sampled: Sampled, prior: Prior) -> Dominance:
    """Weight the draws by a narrower and a wider prior."""
    values = sampled.totals.ravel()
    weights = [_normalised(ratio.ravel()) for ratio in prior.log_ratios(sampled.coefficients, sampled.squares)]
    narrower, wider = (_median(values, one) for one in weights)
    return Dominance(narrower, wider, float(min(1.0 / np.square(one).sum() for one in weights)))


def _normalised(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), 0.5)])
