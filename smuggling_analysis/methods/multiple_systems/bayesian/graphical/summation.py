"""Adding up the posterior over the numbers of hidden people: which blocks of them to visit, and what is in each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.bayesian.graphical.blocks import (
    EACH,
    Floats,
    Whole,
    dyadic_blocks,
    points_of,
)
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.weights import Weights

# A graph's block may be left whole where it holds less than exp(-35) of the graph's posterior, or where the log-weight
# rises and falls by less than 2.5 within it: ten points then give its sum to twelve digits.
_NEGLIGIBLE = 35.0
_EVEN = 2.5
_POINTS_AT_ONCE = 16_384


@dataclass(frozen=True, eq=False)
class Summed:
    """The posterior in blocks of numbers of hidden people, not yet divided by its total.

    Parameters
    ----------
    start, width : (blocks,) arrays of int
        The blocks, in order.
    mass, first, second : (blocks,) arrays
        Each block's weight, and the same times the hidden people beyond its start, and times the square of these.
    of_graphs : (graphs,) array
        Logarithm of each graph's weight.
    means : (graphs,) array
        Mean hidden people under each graph.
    log_scale : float
        Logarithm of what every weight was divided by.
    """

    start: Whole
    width: Whole
    mass: Floats
    first: Floats
    second: Floats
    of_graphs: Floats
    means: Floats
    log_scale: float


def even_blocks(weights: Weights, low: int, high: int, tops: Floats, totals: Floats) -> tuple[Whole, Whole]:
    """Halve blocks of numbers from `low` up to but not `high` until each is even for every graph it matters to.

    Parameters
    ----------
    weights : Weights
        The graphs' log-weights.
    low, high : int
        The range.
    tops : (graphs, 2) array
        Where each log-weight on the logarithmic scale is largest (logarithm of 1 + hidden people), and its height.
    totals : (graphs,) array
        A lower estimate of the logarithm of each graph's sum.
    """
    start, width = dyadic_blocks(low, high)
    kept: list[tuple[Whole, Whole]] = []
    while start.size:
        done = width <= EACH
        wide = np.flatnonzero(~done)
        done[wide] = ~_uneven(weights, start[wide], width[wide], tops, totals)
        kept.append((start[done], width[done]))
        half = width[~done] // 2
        start, width = np.concatenate([start[~done], start[~done] + half]), np.concatenate([half, half])
    start, width = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.argsort(start)
    return start[order], width[order]


def _uneven(weights: Weights, start: Whole, width: Whole, tops: Floats, totals: Floats) -> NDArray[np.bool_]:
    """Say which blocks must be halved: (blocks,)."""
    from smuggling_analysis.kernels.graphical import uneven_blocks

    ends = np.stack([start, start + width - 1]).astype(float)
    span = np.log1p(ends)
    left, right = weights.of_sets(ends[0]), weights.of_sets(ends[1])
    left[0] += span[0]
    right[0] += span[1]
    found = weights.in_parts(lambda graphs, part: uneven_blocks(
        graphs.closed, graphs.opened, left, right, span, tops[part], totals[part], _NEGLIGIBLE, _EVEN))
    return np.asarray(np.any(found, axis=0))


def summed(weights: Weights, start: Whole, width: Whole, log_scale: float) -> Summed:
    """Add up every graph's weights over blocks, some thousands of points at a time."""
    points, rule, begin = points_of(start, width)
    edges = np.append(begin, points.size)
    moments = np.zeros((3, start.size))
    of_graphs = np.full(len(weights.graphs), -math.inf)
    means = np.zeros(of_graphs.size)
    block = 0
    while block < start.size:
        last = int(np.searchsorted(edges, edges[block] + _POINTS_AT_ONCE, side="right")) - 1
        here = slice(edges[block], edges[last])
        totals, own, whole = weights.add_up(points[here], rule[here], log_scale)
        together = np.logaddexp(of_graphs, totals)
        with np.errstate(invalid="ignore"):
            means = np.where(np.isneginf(totals), means,
                             means * np.exp(of_graphs - together) + own * np.exp(totals - together))
        of_graphs = together
        beyond = points[here] - np.repeat(start[block:last], np.diff(edges[block:last + 1]))
        for power in range(3):
            moments[power, block:last] = np.add.reduceat(whole * beyond**power, edges[block:last] - edges[block])
        block = last
    return Summed(start, width, moments[0], moments[1], moments[2], of_graphs, means, log_scale)

