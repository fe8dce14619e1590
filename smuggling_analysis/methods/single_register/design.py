"""The design matrix of a formula over covariate patterns, and the time at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.formulas import columns_of, independent_columns
from smuggling_analysis.problems import BadInput, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """The design matrix of one linear predictor.

    Parameters
    ----------
    matrix : (patterns, coefficients) array
        Columns that the data can tell apart, in the formula's order.
    triangle : (coefficients, coefficients) array
        Upper triangle that turns `basis` into `matrix`: the basis's coefficients are `triangle` times the
        matrix's. The likelihood is maximised in the basis, where a covariate far from zero (a year, a
        distance in metres) costs no digits.
    names : tuple of str
        The coefficients' names: "gender[T.male]" is the contrast of male with the first level in sorted
        order.
    left_out : tuple of str
        Columns left out because the others determine them.
    reached : (patterns,) array of bool
        Patterns whose predictor the patterns in the likelihood determine.
    covariates : tuple of str
        The covariates that the formula uses.
    """

    matrix: Array
    triangle: Array
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    reached: NDArray[np.bool_]
    covariates: tuple[str, ...]

    @property
    def basis(self) -> Array:
        """The matrix in columns orthonormal over the patterns in the likelihood: (patterns, coefficients)."""
        return np.asarray(np.linalg.solve(self.triangle.T, self.matrix.T).T)


def design_of(counts: RepeatCounts, formula: str | None, used: NDArray[np.bool_]) -> Design:
    """Build the design matrix of `formula` over the covariate patterns.

    Parameters
    ----------
    counts : RepeatCounts
        The evidence, whose covariates the formula may name.
    formula : str or None
        A right-hand side as in R and formulaic: "gender + age * nation"; None and "1" mean no covariates.
    used : (patterns,) array of bool
        Patterns with people in the likelihood: they decide which columns can be told apart.

    Raises
    ------
    ValueError
        If the formula cannot be read or names a covariate the evidence lacks.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"captures": [1, 2], "gender": ["female", "male"]})
    >>> counts = RepeatCounts.from_records(people, covariates=["gender"])
    >>> design_of(counts, "gender", np.array([True, True])).names
    ('Intercept', 'gender[T.male]')
    """
    if formula is not None and not isinstance(formula, str):
        raise TypeError(f"a formula is text such as 'gender + age', got {formula!r}")
    text = (formula or "1").strip().removeprefix("~").strip()
    matrix, names, covariates = _columns(counts, text)
    kept = independent_columns(matrix[used])
    if not kept:
        raise ValueError(f"the formula {text!r} leaves nothing to estimate: write '1' for no covariates")
    left_out = tuple(name for place, name in enumerate(names) if place not in kept)
    within = matrix[:, kept]
    triangle = np.linalg.qr(within[used]).R
    kept_names = tuple(names[place] for place in kept)
    return Design(within, triangle, kept_names, left_out, _reached(matrix, used), covariates)


def known_design(counts: RepeatCounts, covariate: str | None) -> Design:
    """Return the design of a predictor without coefficients: all of it is known."""
    patterns = len(counts.patterns)
    return Design(np.empty((patterns, 0)), np.empty((0, 0)), (), (), np.ones(patterns, dtype=bool),
                  () if covariate is None else (covariate,))


def _columns(counts: RepeatCounts, text: str) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    if text == "1":
        return np.ones((len(counts.patterns), 1)), ("Intercept",), ()
    return columns_of(text, counts.pattern_frame, counts.covariates, whose="this register")


def _reached(matrix: Array, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the patterns whose row lies in the span of the rows in the likelihood."""
    if used.all():
        return used
    scale = np.abs(matrix).max(axis=0)
    scaled = matrix / np.where(scale > 0, scale, 1.0)
    _, sizes, right = np.linalg.svd(scaled[used], full_matrices=False)
    span = right[sizes > 1e-9 * sizes.max(initial=0.0)]
    rest = scaled - scaled @ span.T @ span
    return np.asarray(np.abs(rest).max(axis=1) < 1e-8)


def log_time_at_risk(counts: RepeatCounts, exposure: str) -> Array:
    """Return the logarithm of a covariate that says how long people could be seen: (patterns,).

    Raises
    ------
    ValueError
        If the evidence has no such covariate.
    BadInput
        If a time at risk is no number above zero.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"captures": [1, 2], "months": [3.0, 12.0]})
    >>> counts = RepeatCounts.from_records(people, covariates=["months"])
    >>> log_time_at_risk(counts, "months").round(4)
    array([1.0986, 2.4849])
    """
    if exposure not in counts.covariates:
        raise ValueError(f"exposure={exposure!r} is no covariate of this register: it has "
                         f"{', '.join(counts.covariates) or 'none'}")
    column = counts.covariates.index(exposure)
    times = [pattern[column] for pattern in counts.patterns]
    wrong = [time for time in dict.fromkeys(times)
             if isinstance(time, str) or not 0.0 < time < np.inf]
    if wrong:
        shown = ", ".join(map(repr, wrong[:3])) + (" ..." if len(wrong) > 3 else "")
        raise BadInput([Problem(f"the time at risk of some people is {shown}, not a number above zero",
                                "give how long each person could have been seen, in one unit for all",
                                column=exposure)])
    return np.log(np.array(times, dtype=float))
