"""How people differ in how easily they are caught, as columns of a log-linear model.

If people's log-odds of being caught differ, the logarithm of the expected number of people with a history is
a convex function of the number of captures k (Darroch et al. 1993; Rivest and Baillargeon 2007). Each form
says which convex function, up to a factor `tau` that is fitted:

- "chao": any; the excess over a straight line from two captures upwards, `eta` from three captures on, none
  below zero. The population is then a lower bound (Chao 1987; Rivest and Baillargeon 2007).
- "poisson": `theta ** k - 1`, the log-odds follow a Poisson variable.
- "darroch": `k ** 2 / 2`, they follow a normal variable among the people who were never caught.
- "gamma": `log(theta / (theta + k))`, they follow a gamma variable.
- "normal": they follow a normal variable in the whole population; no column, but an integral (Rivest 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """One form of heterogeneity.

    Parameters
    ----------
    name : str
        "chao", "poisson", "darroch", "gamma" or "normal".
    columns : callable
        From the numbers of captures (cells,), the largest of them and theta to (cells, columns).
    default_theta : float, optional
        Theta unless given; None where the form has none.
    constrained : bool
        Whether the columns' parameters may not be negative.
    """

    name: str
    columns: Callable[[Floats, int, float], Floats]
    default_theta: float | None = None
    constrained: bool = False


def _chao(captures: Floats, most: int, theta: float) -> Floats:
    return np.maximum(captures[:, None] - np.arange(2, max(most, 2))[None, :], 0.0)


def _poisson(captures: Floats, most: int, theta: float) -> Floats:
    return np.asarray(theta**captures - 1.0)[:, None]


def _darroch(captures: Floats, most: int, theta: float) -> Floats:
    return (captures**2 / 2.0)[:, None]


def _gamma(captures: Floats, most: int, theta: float) -> Floats:
    return np.asarray(np.log(theta / (theta + captures)))[:, None]


def _none(captures: Floats, most: int, theta: float) -> Floats:
    return np.empty((captures.size, 0))


FORMS: Mapping[str, Form] = {form.name: form for form in (
    Form("chao", _chao, constrained=True), Form("poisson", _poisson, 2.0), Form("darroch", _darroch),
    Form("gamma", _gamma, 3.5), Form("normal", _none))}


def form_and_theta(heterogeneity: str, theta: float | None) -> tuple[Form, float]:
    """Return the form named and its theta.

    Raises
    ------
    ValueError
        If there is no such form, or theta makes no sense for it.

    Examples
    --------
    >>> form, theta = form_and_theta("poisson", None)
    >>> form.name, theta
    ('poisson', 2.0)
    """
    if heterogeneity not in FORMS:
        raise ValueError(f"heterogeneity is one of {', '.join(map(repr, FORMS))}, got {heterogeneity!r}")
    form = FORMS[heterogeneity]
    if form.default_theta is None:
        if theta is not None:
            raise ValueError(f"theta belongs to 'poisson' and 'gamma', not to {heterogeneity!r}")
        return form, 0.0
    chosen = form.default_theta if theta is None else float(theta)
    least = 1.0 if form.name == "poisson" else 0.0
    if not least < chosen < 100.0:
        raise ValueError(f"theta of {heterogeneity!r} lies above {least:g} and below 100, got {theta}")
    return form, chosen
