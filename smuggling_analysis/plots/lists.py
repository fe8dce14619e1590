"""Lists of people: who is on which lists together, and how many are on none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.estimate import Estimate
    from smuggling_analysis.evidence.capture_histories import CaptureHistories


@theme.drawing
def overlap(histories: CaptureHistories, *, most: int = 20, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw how many people are on exactly which lists: bars above a grid of dots.

    Parameters
    ----------
    histories : CaptureHistories
        People by capture history; strata are added up.
    most : int
        How many of the largest histories to show; the others are told in the heading.
    source : str
        Source line.
    ax : Axes, optional
        Bars and grid share these axes: the grid stands below zero.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> counts = {"police": 60, "ngo": 40, ("police", "ngo"): 12}
    >>> two = CaptureHistories.from_counts(counts, lists=["police", "ngo"])
    >>> overlap(two).get_title(loc="left")
    '112 people on 2 lists, 12 of them (11 %) on more than one'
    """
    order = np.argsort(-histories.totals, kind="stable")[:most]
    counts, patterns = histories.totals[order], histories.patterns[order]
    ax = theme.axes(ax, 2.6 + 0.24 * histories.n_lists)
    top = float(np.sqrt(counts.max()))
    # Bars by the square root of the count, so that the small overlaps, which decide the estimate, show.
    colours = [theme.BLUE if on.sum() > 1 else theme.GREY for on in patterns]
    ax.bar(range(len(counts)), np.sqrt(counts), color=colours, width=0.7)
    for place, count in enumerate(counts):
        ax.text(place, np.sqrt(count) + 0.015 * top, f"{count:,}", ha="center", va="bottom",
                fontsize=theme.SMALLEST_TEXT)
    step = 0.085 * top
    spots = -step * (1.0 + np.arange(histories.n_lists))
    for place, on in enumerate(patterns):
        ax.plot([place] * len(spots), spots, "o", color=theme.PALE, markersize=5)
        ax.plot([place] * int(on.sum()), spots[on], "o-", color=theme.INK, markersize=5, linewidth=1.2)
    sizes = np.diag(histories.overlaps().to_numpy())
    ax.set_yticks(spots, [f"{theme.shortened(name, 40)} ({size:,})"
                          for name, size in zip(histories.lists, sizes, strict=True)])
    ax.tick_params(axis="both", length=0)
    ax.set_xticks([])
    ax.set_xlabel("blue: on more than one list; bar heights follow the square root of the counts",
                  fontsize=theme.SMALLEST_TEXT, color=theme.GREY)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_ylim(spots[-1] - step, 1.12 * top)
    shared = int(histories.totals[histories.patterns.sum(axis=1) > 1].sum())
    more = len(histories.totals) - len(order)
    ax.set_title(f"{histories.n_observed:,} people on {histories.n_lists} lists, {shared:,} of them "
                 f"({numerals.percent(shared / histories.n_observed)}) on more than one"
                 + (f"; {more} rarer histories not shown" if more else ""), loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, histories.simulated)
    return ax


@theme.drawing
def observed_and_hidden(estimate: Estimate, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the people observed beside those estimated and not observed, with the interval.

    Parameters
    ----------
    estimate : Estimate
        With `observed`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    if estimate.observed is None:
        raise ValueError(f"{estimate.method} does not say how many people were observed")
    ax = theme.axes(ax, 1.5)
    hidden = estimate.value - estimate.observed
    ax.barh(0, estimate.observed, color=theme.FILLS[0], height=0.55)
    ax.barh(0, hidden, left=estimate.observed, color=theme.FILLS[2], height=0.55, hatch="///",
            edgecolor="white")
    ax.plot([estimate.lower, min(estimate.upper, 4 * estimate.value)], [0, 0], color=theme.INK,
            linewidth=1.6, marker="|", markersize=10)
    ax.annotate(f"observed {numerals.number(estimate.observed)}", (0, 0.34), xytext=(0, 1),
                textcoords="offset points", fontsize=theme.SMALLEST_TEXT, ha="left", va="bottom")
    ax.annotate(f"estimated, not observed {numerals.number(hidden, digits=3)}", (estimate.value, 0.34),
                xytext=(0, 1), textcoords="offset points", fontsize=theme.SMALLEST_TEXT, ha="right",
                va="bottom")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.45, 0.8)
    ax.set_xlim(left=0)
    theme.thousands(ax)
    level = numerals.percent(estimate.confidence_level)
    ax.set_xlabel(f"{theme.shortened(estimate.unit, 60)}; line: {level} interval of the total")
    theme.source_line(ax, source)
    theme.watermark(ax, estimate.simulated)
    return ax
