"""The design matrices of alpha and beta: a formula over the covariates, one row for each pattern of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.evidence.reference_counts import COUNTRY, ReferenceCounts
from smuggling_analysis.methods.formulas import columns_of, covariates_in, independent_columns

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
    kept = independent_columns(matrix * weight[:, np.newaxis])
    if not kept:
        raise ValueError(f"the formula {text!r} leaves nothing to estimate: write '1' for no covariates")
    left_out = tuple(name for place, name in enumerate(names) if place not in kept)
    return Design(matrix[:, kept], tuple(names[place] for place in kept), left_out)


def _columns(counts: ReferenceCounts, text: str) -> tuple[Array, tuple[str, ...]]:
    # Each pattern of covariates once: a formula is slow, and rows of a pattern are alike.
    told = counts.covariates if COUNTRY not in covariates_in(text) else (COUNTRY, *counts.covariates)
    keys = counts.labels(*told)
    patterns = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    frame = pd.DataFrame(list(patterns), columns=list(told), index=range(len(patterns)))
    matrix, names, _ = columns_of(text, lambda: frame, (COUNTRY, *counts.covariates), whose="these counts")
    return matrix[[patterns[key] for key in keys]], names
