"""Does the prior decide? The draws are weighted as another prior would have them.

A prior's halved and doubled variance (or, where the variance has a prior, one observation more that it is small or
large) is put in its place by importance weights, models' probabilities included. Too uneven weights are a sign of
their own: that other prior would lead where the chains have hardly been, and no figure is given under it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import Floats, Prior
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.sampling import Sampled
from smuggling_analysis.methods.multiple_systems.bayesian.under_priors import DECIDING_FACTOR

NOTED_FACTOR = 1.25
"""If the population changes by more than this between these priors, the estimate says so."""
_LEAST_EFFECTIVE = 50.0


@dataclass(frozen=True)
class Dominance:
    """The population under other priors.

    Parameters
    ----------
    own : float
        Its posterior median under the prior used.
    narrower, wider : float, optional
        Its posterior medians under the other ones; None where the weights are worth fewer than 50 draws.
    """

    own: float
    narrower: float | None
    wider: float | None

    @property
    def factor(self) -> float:
        """The largest of those known over the smallest."""
        known = [one for one in (self.own, self.narrower, self.wider) if one is not None]
        return max(known) / min(known)

    def require_data(self) -> None:
        """Refuse a population that the prior decides.

        Raises
        ------
        NoEstimate
            If it doubles between the prior used, a narrower and a wider one.
        """
        if self.factor > DECIDING_FACTOR:
            raise NoEstimate(f"the prior decides: {self._told}", "lists that share more people")

    def cautions(self) -> tuple[str, ...]:
        """Say what other priors would do."""
        said = [f"the prior matters: {self._told}"] if self.factor > NOTED_FACTOR else []
        unknown = [words for words, one in (("narrower", self.narrower), ("wider", self.wider)) if one is None]
        if unknown:
            said.append(f"what a {' or a '.join(unknown)} prior would do cannot be told from these draws: it would "
                        "lead to models and coefficients that they hardly hold")
        return tuple(said)

    @property
    def _told(self) -> str:
        others = [f"under a {words} one {one:,.0f}"
                  for words, one in (("narrower", self.narrower), ("wider", self.wider)) if one is not None]
        return f"the population is {self.own:,.0f}, {', '.join(others)}"


def dominance(sampled: Sampled, prior: Prior) -> Dominance:
    """Weight the draws by a narrower and a wider prior."""
    values = sampled.totals.ravel()
    weights = (_normalised(ratio.ravel()) for ratio in prior.log_ratios(sampled.coefficients, sampled.squares))
    narrower, wider = (_median(values, one) for one in weights)
    return Dominance(float(np.median(values)), narrower, wider)


def _normalised(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _median(values: Floats, weights: Floats) -> float | None:
    if 1.0 / np.square(weights).sum() < _LEAST_EFFECTIVE:
        return None
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), 0.5)])
