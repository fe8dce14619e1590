"""The bootstrap by random weights: every country weighted anew, every replicate refitted, all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.reference_population.fitting import refit
from smuggling_analysis.methods.reference_population.newton import MAXIMUM
from smuggling_analysis.methods.reference_population.objective import Array
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit

_AT_ONCE = 1 << 17
_LEAST = 0.5
_FAR = 1e15


@dataclass(frozen=True, eq=False)
class Replicates:
    """Bootstrap replicates of a fit.

    Parameters
    ----------
    alpha : (replicates, rows) array
        Alpha of every row in every replicate that has a maximum.
    asked : int
        Replicates asked for.
    joint : str
        Names the joint distribution.
    """

    alpha: Array
    asked: int
    joint: str
    log_reference: Array

    @property
    def failed(self) -> int:
        """Replicates without a maximum."""
        return self.asked - len(self.alpha)

    def sums(self, members: NDArray[np.bool_]) -> Array:
        """Return the sums over groups of rows, members (groups, rows): (replicates, groups)."""
        return np.exp(self.alpha * self.log_reference) @ members.T.astype(float)


def replicate(fitted: ReferenceFit, *, replicates: int, rng: int | np.random.Generator | None) -> Replicates:
    """Refit under random weights of the countries: exponential ones, which are Dirichlet shares of them all.

    Every country keeps its place in every replicate, so that no level of a covariate is ever lost (Xu, Gotwalt, Hong,
    King and Meeker 2020); rows of one country share a weight.

    Raises
    ------
    NoEstimate
        If fewer than half of the replicates have a maximum, or all rows are of one country.
    """
    if replicates < 2:
        raise ValueError(f"replicates is 2 or more, got {replicates}")
    rng = np.random.default_rng(rng)
    data = fitted.data
    countries, own = np.unique(np.array(fitted.counts.countries)[data.order], return_inverse=True)
    if len(countries) < 2:
        raise NoEstimate("all rows are of one country: nothing tells how countries differ", "more countries")
    state = digest("reference population bootstrap", fitted.counts.fingerprint, fitted.model, replicates,
                   rng.bit_generator.state)
    weights = rng.exponential(size=(replicates, len(countries)))
    weights *= len(countries) / weights.sum(axis=1, keepdims=True)
    size = max(1, _AT_ONCE // len(own))
    kept = []
    for first in range(0, replicates, size):
        objective = data.objective.having(weights=weights[first:first + size][:, own])
        found = refit(data, objective, fitted.at)
        columns = data.objective.alpha.shape[1]
        kept.append((found.at[found.verdicts == MAXIMUM][:, :columns] @ data.objective.alpha.T)[:, objective.pattern])
    alpha = data.restored(np.concatenate(kept))
    log_n = np.log(fitted.counts.reference.astype(float))
    with np.errstate(over="ignore"):
        alpha = alpha[np.exp(alpha * log_n).sum(axis=1) < _FAR]
    if len(alpha) < _LEAST * replicates:
        raise NoEstimate(f"only {len(alpha):,} of {replicates:,} bootstrap replicates have a maximum",
                         "fewer covariates, or more countries")
    return Replicates(alpha, replicates, state, log_n)
