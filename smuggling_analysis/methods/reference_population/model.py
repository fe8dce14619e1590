"""A model of reference counts: what is fitted, and the objective that it makes of the evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.reference_population.criteria import CRITERIA
from smuggling_analysis.methods.reference_population.design import Design, design_of
from smuggling_analysis.methods.reference_population.links import LINKS
from smuggling_analysis.methods.reference_population.objective import Array, Objective

ESTIMATED = "estimated"
GAMMA_BOUNDS = (1e-10, 0.5)
"""Between these gamma is sought, as in the reference implementation: above them nearly all are detected."""
THETA_BOUNDS = (1e-6, 1e7)
"""Between these the dispersion is sought: above them the counts are as good as Poisson."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is fitted.

    Parameters
    ----------
    method : str
        A row of `CRITERIA`.
    alpha, beta : str or None
        Formulas.
    gamma : "estimated", number or None
        None and 0 are the model without it.
    link : str
        A row of `LINKS`.
    """

    method: str = "poisson"
    alpha: str | None = None
    beta: str | None = None
    gamma: str | float | None = ESTIMATED
    link: str = "power"

    def __post_init__(self) -> None:
        if self.method not in CRITERIA:
            raise ValueError(f"method is one of {', '.join(CRITERIA)}, got {self.method!r}")
        if self.link not in LINKS:
            raise ValueError(f"link is one of {', '.join(LINKS)}, got {self.link!r}")
        if self.gamma is None or self.gamma == ESTIMATED:
            return
        if isinstance(self.gamma, (str, bool)) or not 0 <= self.gamma < math.inf:
            raise ValueError(f"gamma is {ESTIMATED!r}, a number from 0 or None, got {self.gamma!r}")

    @property
    def estimates_gamma(self) -> bool:
        """Whether gamma is estimated."""
        return self.gamma == ESTIMATED

    @property
    def described(self) -> str:
        """The model in words."""
        formulas = ", ".join(f"{name} ~ {formula}" for name, formula in (("alpha", self.alpha), ("beta", self.beta))
                             if formula not in (None, "1"))
        gamma = "" if self.estimates_gamma else f", gamma = {self.gamma or 0:g}"
        link = "" if self.link == "power" else f", {self.link} detection"
        return (f"reference population, {CRITERIA[self.method].title}{': ' if formulas else ''}{formulas}"
                f"{gamma}{link}")


@dataclass(frozen=True, eq=False)
class Prepared:
    """The evidence as the engine takes it.

    Parameters
    ----------
    counts : ReferenceCounts
    model : Model
    alpha, beta : Design
        In the order of the evidence's rows.
    order : (rows,) array of int
        The engine's rows among the evidence's: rows of a pattern stand together.
    objective : Objective
    """

    counts: ReferenceCounts
    model: Model
    alpha: Design
    beta: Design
    order: NDArray[np.int64]
    objective: Objective

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names, with "alpha: " and "beta: " before them."""
        return (*(f"alpha: {name}" for name in self.alpha.names), *(f"beta: {name}" for name in self.beta.names),
                *(("log gamma",) if self.model.estimates_gamma else ()),
                *(("log theta",) if self.objective.criterion.dispersed else ()))

    @property
    def bounds(self) -> tuple[Array, Array]:
        """The least and the largest value of each coefficient: (coefficients,) arrays."""
        low, high = np.full(self.objective.size, -np.inf), np.full(self.objective.size, np.inf)
        if self.model.estimates_gamma:
            low[self.objective.mean_size - 1], high[self.objective.mean_size - 1] = np.log(GAMMA_BOUNDS)
        if self.objective.criterion.dispersed:
            low[-1], high[-1] = np.log(THETA_BOUNDS)
        return low, high

    def restored(self, each: Array) -> Array:
        """Bring what the engine says of its rows, (..., rows), into the order of the evidence."""
        placed = np.empty_like(each)
        placed[..., self.order] = each
        return placed


def prepared(counts: ReferenceCounts, model: Model) -> Prepared:
    """Make the objective of a model from the evidence.

    Raises
    ------
    ValueError
        If a formula cannot be read or names what is not there.
    """
    log_n = np.log(counts.reference.astype(float))
    alpha = design_of(counts, model.alpha, log_n)
    beta = design_of(counts, model.beta, np.ones(len(log_n)))
    both = np.ascontiguousarray(np.concatenate([alpha.matrix, beta.matrix], axis=1) + 0.0)
    kinds: dict[bytes, int] = {}
    kind = np.array([kinds.setdefault(row.tobytes(), len(kinds)) for row in both], dtype=np.int64)
    order = np.argsort(kind, kind="stable")
    first = np.searchsorted(kind[order], np.arange(len(kinds)))
    objective = Objective(
        counts=counts.observed[order].astype(float), log_reference=log_n[order],
        rates=(counts.auxiliary / counts.reference)[order], alpha=alpha.matrix[order][first],
        beta=beta.matrix[order][first], first=first, criterion=CRITERIA[model.method], link=LINKS[model.link],
        log_gamma=None if model.estimates_gamma else np.log([max(float(model.gamma or 0.0), 1e-300)]),
        weights=np.ones((1, len(order))), offset=np.zeros(1))
    return Prepared(counts, model, alpha, beta, order, objective)
