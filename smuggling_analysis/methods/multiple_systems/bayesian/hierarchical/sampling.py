"""Draws from the posterior of models, coefficients and people, by several chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.evidence_table import EvidenceTable
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import Floats, Prior

_MOST_PEOPLE = 1e15
_STEPS, _STEPPED_CELLS = 60, 64


@dataclass(frozen=True, eq=False)
class Sampled:
    """What the chains drew.

    Parameters
    ----------
    people : (chains, draws, strata) array
        Everybody: those who certainly belong, those on over-covering lists alone who do, and the unseen.
    belong : (chains, draws) array
        Those on over-covering lists alone who belong to the population.
    masks : (chains, draws) array of int
        The model visited, its interactions as bits.
    coefficients, squares : (chains, draws) arrays
        Number of coefficients without the intercept, and the sum of their squares in orthonormal contrasts.
    sums : (chains, parameters, 3) array
        Of every parameter over the draws that hold it: their number, and the sums of it and of its square.
    accepted : (2,) array
        Share of moves to other models and of moves within one that were accepted.
    remembered : float
        Models of which the posterior probability was approximated, by the chain with the most.
    """

    people: Floats
    belong: Floats
    masks: NDArray[np.int64]
    coefficients: Floats
    squares: Floats
    sums: Floats
    accepted: Floats
    remembered: float

    @property
    def totals(self) -> Floats:
        """The population: (chains, draws) array."""
        return np.asarray(self.people.sum(axis=2))


def sample(evidence: EvidenceTable, prior: Prior, *, streams: list[np.random.Generator], draws: int, burn_in: int,
           n_jobs: int) -> Sampled:
    """Run one chain a stream.

    Raises
    ------
    NoEstimate
        If a model's posterior has no mode that double precision reaches, or draws have no end.
    """
    from joblib import Parallel, delayed

    from smuggling_analysis.kernels.bayesian_loglinear import run_chain

    table, space = evidence.table, evidence.space
    laid_out = (table.cells, evidence.kinds, table.strides, table.sizes)
    # Every new model costs more the more cells there are, and on a large table nearly every step is to a new one.
    shorter = (_STEPPED_CELLS / table.cells.size) ** 1.5
    steps = max(1, min(_STEPS, 4 * len(space.interactions), int(_STEPS * shorter)))
    nodes = prior.nodes()
    ran = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(run_chain)(laid_out, space.terms, space.needs, nodes, _middle(evidence, nodes[0]), len(table.strata),
                           steps, burn_in, draws, stream) for stream in streams)
    people, belong, masks, prior_of, sums, told = (np.stack(parts) for parts in zip(*ran, strict=True))
    if told[:, 3].any():
        raise NoEstimate("the posterior of some models has no mode that can be found: the counts differ too much in "
                         "size", "counts less far apart, or a lower max_order")
    if not (np.isfinite(people).all() and people.sum(axis=2).max() < _MOST_PEOPLE):
        raise NoEstimate("the posterior of the population has no end: some draws of it are beyond any number of "
                         "people", "lists that share more people")
    return Sampled(people + evidence.certain, belong, masks, prior_of[..., 0], prior_of[..., 1], sums,
                   told[:, :2].mean(axis=0), float(told[:, 2].max()))


def _middle(evidence: EvidenceTable, variances: Floats) -> int:
    """Return the node nearest to the variance of the logarithms of the counts, by list and covariate."""
    counted = np.log(evidence.table.cells[evidence.kinds == 0] + 0.5)
    spread = max(float(counted.var()) / len(evidence.table.variables), 1e-6)
    return int(np.argmin(np.abs(np.log(variances) - np.log(spread))))
