"""The design matrices of alpha and beta: a formula over the covariates, one row for each pattern of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.evidence.reference_counts import COUNTRY, ReferenceCounts

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """The design matrix of alpha or beta.

    Parameters
    ----------
    matrix : (rows, coefficients) array
        Columns that the rows can tell apart.
    names : tuple of str
        The coefficients' names: "Intercept", "year[T.2020]", "year[T.2020]:ukr".
    left_out : tuple of str
        Columns left out because the others determine them.
    """

    matrix: Array
    names: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def design_of(counts: ReferenceCounts, formula: str | None, weight: Array) -> Design:
    """Build the design matrix of a formula.

    Parameters
    ----------
    counts : ReferenceCounts
        The evidence, whose covariates and whose `country` the formula may name.
    formula : str or None
        A right-hand side as in R and formulaic: "year * ukr + sex"; None and "1" mean no covariates.
    weight : (rows,) array
        What the columns are multiplied with in the model: columns are told apart where it is not 0.

    Raises
    ------
    ValueError
        If the formula cannot be read or names a covariate the evidence lacks.

    Examples
    --------
    >>> table = pd.DataFrame({"country": ["Laos", "Nepal"], "sex": ["f", "m"], "observed": [7, 3],
    ...                       "auxiliary": [2, 0], "reference": [37, 368]})
    >>> counts = ReferenceCounts.from_table(table, covariates=["sex"])
    >>> design_of(counts, "sex", np.ones(2)).names
    ('Intercept', 'sex[T.m]')
    """
    if formula is not None and not isinstance(formula, str):
        raise TypeError(f"a formula is text such as 'year + sex', got {formula!r}")
    text = (formula or "1").strip().removeprefix("~").strip()
    if text == "1":
        return Design(np.ones((len(counts.countries), 1)), ("Intercept",))
    matrix, names = _columns(counts, text)
    kept = _independent(matrix * weight[:, np.newaxis])
    if not kept:
        raise ValueError(f"the formula {text!r} leaves nothing to estimate: write '1' for no covariates")
    left_out = tuple(name for place, name in enumerate(names) if place not in kept)
    return Design(matrix[:, kept], tuple(names[place] for place in kept), left_out)


def _columns(counts: ReferenceCounts, text: str) -> tuple[Array, tuple[str, ...]]:
    from formulaic import Formula, model_matrix
    from formulaic.errors import FormulaicError

    if "|" in text or "~" in text:
        raise ValueError(f"the formula {text!r} has two sides or parts: write covariates joined by +, : or *")
    try:
        asked = sorted(map(str, Formula(text).required_variables))
        if unknown := [name for name in asked if name not in (COUNTRY, *counts.covariates)]:
            raise ValueError(f"the formula names {', '.join(unknown)}; the covariates are "
                             f"{', '.join((COUNTRY, *counts.covariates))}")
        # Each pattern of covariates once: a formula is slow, and rows of a pattern are alike.
        keys = counts.labels(*asked)
        patterns = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        frame = pd.DataFrame(list(patterns), columns=asked, index=range(len(patterns)))
        made = model_matrix(text, frame, output="numpy", context=None)
    except (FormulaicError, SyntaxError) as error:
        raise ValueError(f"the formula {text!r} cannot be read ({str(error).splitlines()[0]}): "
                         "write covariates joined by +, : or *") from error
    matrix = np.asarray(made, dtype=float)
    if not np.isfinite(matrix).all():
        raise ValueError(f"the formula {text!r} gives values that are not finite, for example the logarithm of 0")
    return matrix[[patterns[key] for key in keys]], tuple(map(str, made.model_spec.column_names))


def _independent(matrix: Array) -> list[int]:
    """Return the columns that are not determined by those before them, as R leaves out aliased terms."""
    kept: list[int] = []
    basis = np.empty((len(matrix), 0))
    for place, column in enumerate(matrix.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-9 * np.linalg.norm(column):
            kept.append(place)
            basis = np.column_stack([basis, rest / size])
    return kept
