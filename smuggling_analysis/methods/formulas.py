"""Design matrices from formulas such as "gender + age * nation", which are data and never run as code.

A formula reaches formulaic, which evaluates the terms it finds as Python. Assessments and command lines are not to be
trusted with that, so only what the grammar of formulas knows passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.formula_grammar import names_of

if TYPE_CHECKING:
    import pandas as pd

_WRONG = (ArithmeticError, LookupError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError)
"""What formulaic lets through of formulas that make no sense."""


def columns_of(text: str, frame: Callable[[], pd.DataFrame], known: Sequence[str], *,
               whose: str) -> tuple[NDArray[np.float64], tuple[str, ...], tuple[str, ...]]:
    """Read the right-hand side of a formula and return its design matrix.

    Parameters
    ----------
    text : str
        As in R and formulaic: "gender + age * nation". "1" means no covariates. Text is compared with its first level
        in sorted order, numbers enter as they are.
    frame : function
        Makes the table of covariates, one row per pattern.
    known : sequence of str
        The covariates that a formula may name.
    whose : str
        Whose covariates these are, for messages: "this register".

    Returns
    -------
    matrix : (patterns, columns) array
    names : tuple of str
        The columns' names: "gender[T.male]".
    covariates : tuple of str
        The covariates that the formula uses, in the order of `known`.

    Raises
    ------
    ValueError
        If the formula cannot be read, names a covariate there is none of, or holds anything else than a formula does.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["f", "m"]})
    >>> matrix, names, covariates = columns_of("sex", lambda: people, ["sex"], whose="this one")
    >>> names, covariates
    (('Intercept', 'sex[T.m]'), ('sex',))
    """
    if unknown := [name for name in names_of(text) if name not in known]:
        raise ValueError(f"the formula names {', '.join(unknown)}; the covariates of {whose} are "
                         f"{', '.join(known) or 'none'}")
    from formulaic import model_matrix
    from formulaic.errors import FormulaicError

    rows = _without_arithmetic_of_text(frame())
    try:
        made = model_matrix(text, rows, output="numpy", context=None)
        matrix = np.asarray(made, dtype=float)
    except (FormulaicError, *_WRONG) as error:
        raise _unreadable(text, error) from error
    if not np.isfinite(matrix).all():
        raise ValueError(f"the formula {text!r} gives values that are not finite, "
                         "for example the logarithm of 0")
    # The formula itself does not tell the covariates of transformations such as poly(age, 2).
    used = set(map(str, made.model_spec.required_variables))
    return matrix, tuple(map(str, made.model_spec.column_names)), tuple(name for name in known if name in used)


def covariates_in(text: str) -> tuple[str, ...]:
    """Return the covariates that a formula names, sorted; those inside some transformations are not seen.

    Raises
    ------
    ValueError
        If the formula cannot be read, or holds anything else than a formula does.

    Examples
    --------
    >>> covariates_in("sex + log(age)")
    ('age', 'sex')
    """
    names_of(text)
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        return tuple(sorted(map(str, Formula(text).required_variables)))
    except (FormulaicError, *_WRONG) as error:
        raise _unreadable(text, error) from error


def _without_arithmetic_of_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Make text categories, which cannot be added or multiplied to texts without end."""
    text = [name for name in rows if rows[name].dtype.kind not in "biuf"]
    return rows.astype(dict.fromkeys(text, "category"))


def _unreadable(text: str, error: Exception) -> ValueError:
    why = (str(error).splitlines() or [type(error).__name__])[0]
    return ValueError(f"the formula {text!r} cannot be read ({why}): write covariates joined by +, : or *")


def independent_columns(matrix: NDArray[np.float64]) -> list[int]:
    """Return the columns that are not determined by those before them, as R leaves out aliased terms.

    Parameters
    ----------
    matrix : (rows, columns) array

    Examples
    --------
    >>> independent_columns(np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0]]))
    [0, 2]
    """
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
