"""The BCa interval of a bootstrap that was already run: the same replicates, read off elsewhere."""

from __future__ import annotations

from dataclasses import replace

from smuggling_analysis.draws import Draws
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import acceleration, bca_draws, bca_limits
from smuggling_analysis.methods.multiple_systems.log_linear.selection import chooser
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import THRESHOLD


def bias_corrected(found: Estimate, histories: CaptureHistories, *, selection: str,
                   max_order: int | None = None) -> Estimate:
    """Return the estimate of `loglinear(..., interval="bca")` from that of `interval="bootstrap"`.

    Parameters
    ----------
    found : Estimate
        With the replicates as its draws.
    histories : CaptureHistories
        What it was made of.
    selection, max_order
        As they were given to `loglinear`.

    Raises
    ------
    ValueError
        If the estimate has no draws.
    """
    if found.draws is None:
        raise ValueError(f"{found.method} has no replicates: ask for interval='bootstrap'")
    cells = histories.dense().astype(float)
    rule = chooser(histories.lists, None, selection, max_order, THRESHOLD)
    pull = acceleration(cells, rule.narrowed(rule.choose(cells)))
    sizes = found.draws.values
    lower, upper, bias = bca_limits(sizes, found.value, pull, found.confidence_level)
    moved = bca_draws(sizes, bias, pull)
    moved.flags.writeable = False
    return replace(found, lower=lower, upper=upper, draws=Draws(moved, found.draws.joint), identity="",
                   interval=found.interval.replace("percentile", "BCa", 1),
                   diagnostics={**found.diagnostics, "acceleration": pull, "bias_correction": bias})
