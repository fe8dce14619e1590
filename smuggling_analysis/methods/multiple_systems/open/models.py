"""Open-population models put together: the periods' blocks, the terms of coming and going, a trap effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.open.capture_paths import Floats, paths
from smuggling_analysis.methods.multiple_systems.open.fitting import OpenModel
from smuggling_analysis.methods.multiple_systems.open.period_blocks import HIGHEST, LOWEST, Block

# The intercept, and a term of coming or going, lie well within these whatever the capture probabilities.
_INTERCEPT, _TERM = 700.0, 60.0


def assemble(blocks: Sequence[Block], *, trap: Floats | None = None, equal: bool = False,
             one_emigration: bool = False) -> OpenModel:
    """Put a model together from its periods.

    The terms of coming and going are bounded below by zero wherever a negative one would mean a negative
    number of arrivals or more people staying than there were (Rivest and Daigle 2004).

    Parameters
    ----------
    blocks : sequence of Block
        One per period.
    trap : (periods, parameters) array, optional
        Which parameter a capture has when it follows one in the period before.
    equal : bool
        Whether all periods share the parameters of their blocks.
    one_emigration : bool
        Whether all periods share the parameter of temporary emigration.
    """
    graph = paths(len(blocks))
    names = ["intercept", *(f"gamma{place}" for place in range(1, graph.ends.shape[1]))]
    lower, upper = np.zeros(len(names)), np.full(len(names), _TERM)
    lower[0], upper[0] = -_INTERCEPT, _INTERCEPT
    for outer, term in ((blocks[0], 1), (blocks[-1], len(blocks))):
        if not outer.located:
            lower[term] = LOWEST
    bounds, places, stands = [(lower, upper)], [], {}
    for period, block in enumerate(blocks, start=1):
        place = np.empty(len(block.names), dtype=np.int64)
        for column, name in enumerate(block.names):
            shared = equal or (one_emigration and name == "emigration")
            key = name if shared else f"{name}.{period}"
            if key not in stands:
                stands[key] = len(names)
                names.append(key)
                bounds.append((block.lower[column:column + 1], block.upper[column:column + 1]))
            place[column] = stands[key]
        places.append(place)
    trap = np.zeros((len(blocks), 0)) if trap is None else trap
    names += [f"trap{place}" for place in range(1, trap.shape[1] + 1)]
    bounds.append((np.full(trap.shape[1], LOWEST), np.full(trap.shape[1], HIGHEST)))
    return OpenModel(graph, tuple(blocks), tuple(places), trap, tuple(names),
                     np.concatenate([low for low, _ in bounds]), np.concatenate([high for _, high in bounds]))


def released(model: OpenModel, zero: NDArray[np.bool_]) -> OpenModel:
    """Let the terms of coming and going be negative, but for those held at zero in the model tested.

    Two models differ then by what is tested alone, and not by which bounds they reach.

    Parameters
    ----------
    model : OpenModel
        A model with further parameters.
    zero : (parameters of the model tested,) array of bool
        Which are held at zero there.
    """
    terms = slice(1, model.paths.ends.shape[1])
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[terms] = np.where(zero[terms], 0.0, LOWEST)
    upper[terms] = np.where(zero[terms], 0.0, _TERM)
    return replace(model, lower=lower, upper=upper)


def trap_effects(periods: int, equal: bool) -> tuple[Floats, Floats]:
    """Return the columns of one trap effect for all periods, and of one for each that can be told.

    With a capture probability of its own, the second and the last period's effect cannot be told.

    Returns
    -------
    (periods, 1) array, (periods, effects) array
    """
    told = np.arange(1, periods) if equal else np.arange(2, periods - 1)
    each = np.zeros((periods, len(told)))
    each[told, np.arange(len(told))] = 1.0
    return each.sum(axis=1, keepdims=True), each
