"""What the engine knows of a count distribution: a record of functions, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CellFunction = Callable[[Array, Array], Array]
"""A function of `times`, (columns,), and `predictors`, (predictors, patterns, 1), elementwise in the cells
that the two span, (patterns, columns)."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A distribution of how often people were seen, and what it says of those never seen.

    The functions take `times`, (columns,), and the linear predictors, (predictors, patterns, 1), and return
    arrays that broadcast to the cells, (patterns, columns), after any leading axes named below. None of
    them sees covariates, coefficients or weights.

    Parameters
    ----------
    title : str
        What a report calls it: "zero-truncated Poisson".
    predictors : tuple of str
        The parameters that depend on covariates, in the order of the leading axis: `("rate",)`.
    used : function of times
        Which numbers of times seen enter the likelihood: (columns,) of bool.
    start : function of times and persons
        Starting values of the predictors, (predictors,), from the numbers of people, (columns,).
    log_likelihood : cell function
        Log-probability of having been seen so often, given that this enters the likelihood.
    score : cell function
        Its derivatives by the predictors: (predictors, patterns, columns).
    information : cell function
        Its second derivatives with the sign changed: (predictors, predictors, patterns, columns).
    probability : cell function, optional
        Probability of so many times given seen at all; None where the family claims nothing of it.
    stands_for : cell function
        How many people, seen or not, a person seen so often stands for.
    stands_for_gradient : cell function
        Its derivatives by the predictors: (predictors, patterns, columns).
    stands_for_variance : cell function
        A seen person's share in the variance that comes from who happened to be seen.
    """

    title: str
    predictors: tuple[str, ...]
    used: Callable[[Array], NDArray[np.bool_]]
    start: Callable[[Array, Array], Array]
    log_likelihood: CellFunction
    score: CellFunction
    information: CellFunction
    probability: CellFunction | None
    stands_for: CellFunction
    stands_for_gradient: CellFunction
    stands_for_variance: CellFunction
