"""Where an interval comes from: the likelihood of every size, and the replicates of a bootstrap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.estimate import Estimate
    from smuggling_analysis.methods.multiple_systems.log_linear.likelihood_curves import LikelihoodCurve

Floats = NDArray[np.float64]

# Red is the observed number's.
_COLOURS = (theme.BLUE, "#B07C00", "#3B3B3B", "#8A4FA0")
_LOWEST = -6.0
_WIDE = 8.0
# Replicates outside these quantiles are counted, not drawn.
_SHOWN = (0.005, 0.985)
_MOST_BARS = 60
# A peak holds at least this part of the replicates, and the dip beside it falls to this part of its height.
_LEAST_PEAK, _DIP = 0.04, 0.7


@theme.drawing
def profile_likelihood(curves: LikelihoodCurve | Mapping[str, LikelihoodCurve], *, source: str = "",
                       ax: Axes | None = None) -> Axes:
    """Draw how likely each size of the population is, where the interval is cut, and its limits.

    Parameters
    ----------
    curves : LikelihoodCurve, or mapping of str to LikelihoodCurve
        From `multiple_systems.likelihood_curve`; several, under names, up to four of one table.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are none or more than four, or their levels or tables differ.

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> from smuggling_analysis.methods.multiple_systems import likelihood_curve
    >>> two = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> profile_likelihood(likelihood_curve(two, "[1,2]")).get_ylabel()
    'log-likelihood below its top'
    """
    named = dict(curves) if isinstance(curves, Mapping) else {"": curves}
    _check_curves(named)
    every = list(named.values())
    first, low, high = every[0], min(one.sizes[0] for one in every), max(one.sizes[-1] for one in every)
    lowest = min(_LOWEST, 1.3 * first.cut)
    shown = first.observed if first.observed > low / 3 else low
    ax = theme.axes(ax, 3.0 + 0.16 * len(named))
    for (name, one), colour in zip(named.items(), _COLOURS, strict=False):
        _curve(ax, name, one, colour, lowest, alone=len(named) == 1)
    ax.axhline(first.cut, color=theme.GREY, linewidth=0.9, linestyle=(0, (4, 2)))
    if min(shown, low) > 0 and high / min(shown, low) > _WIDE:
        ax.set_xscale("log")
        ax.set_xlim(min(shown, low) / 1.08, high * 1.05)
        theme.log_ticks(ax)
    else:
        ax.set_xlim(min(shown, low) - 0.02 * (high - low), high + 0.02 * (high - low))
        theme.thousands(ax)
    ax.annotate(f"{numerals.percent(first.confidence_level)} interval: above this line", (1.0, first.cut),
                xycoords=("axes fraction", "data"), xytext=(-2, 3), textcoords="offset points", ha="right", va="bottom",
                fontsize=theme.SMALLEST_TEXT, color=theme.GREY, path_effects=theme.outlined())
    _observed(ax, first.observed, within=shown == first.observed)
    ax.set_ylim(lowest, -0.075 * lowest)
    ax.set_ylabel("log-likelihood below its top")
    ax.set_xlabel("persons")
    if len(named) > 1:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=1)
    theme.source_line(ax, source)
    theme.watermark(ax, any(one.simulated for one in every))
    return ax


def _check_curves(named: Mapping[str, LikelihoodCurve]) -> None:
    if not 1 <= len(named) <= len(_COLOURS):
        raise ValueError(f"draw between one and {len(_COLOURS)} curves, got {len(named)}")
    for what in ("confidence_level", "fingerprint"):
        if len({getattr(one, what) for one in named.values()}) > 1:
            words = "confidence level" if what == "confidence_level" else "table"
            raise ValueError(f"the curves are not of one {words}: draw them in separate figures")


def _curve(ax: Axes, name: str, curve: LikelihoodCurve, colour: str, lowest: float, *, alone: bool) -> None:
    limits = numerals.span(curve.lower, curve.upper, digits=3) if math.isfinite(curve.upper) else (
        f"{numerals.number(curve.lower, digits=3)} and no upper limit")
    inside = curve.loglikelihood >= curve.cut - 1e-9
    ax.plot(curve.sizes, curve.loglikelihood, color=colour,
            label=f"{name} {curve.model}: {numerals.number(curve.value, digits=3)} ({limits})")
    if alone:
        ax.fill_between(curve.sizes[inside], curve.loglikelihood[inside], lowest, color=colour, alpha=0.12,
                        linewidth=0)
        ax.set_title(f"model {curve.model}: most likely {numerals.number(curve.value, digits=3)}, {limits}",
                     loc="left")
    ax.plot([curve.value], [0.0], "o", color=colour, markersize=6, zorder=4)
    for limit in (curve.lower, curve.upper):
        if math.isfinite(limit):
            ax.plot([limit, limit], [lowest, curve.cut], color=colour, linewidth=0.9, linestyle=(0, (1, 1)))
    if math.isinf(curve.upper):
        ax.annotate("the likelihood sets no upper limit", (1.0, 0.5 * curve.cut), ha="right", va="center", color=colour,
                    xycoords=("axes fraction", "data"), fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined())


def _observed(ax: Axes, observed: int, *, within: bool) -> None:
    text = f"{observed:,} observed"
    if within:
        ax.axvline(observed, color=theme.RED, linewidth=1.0, linestyle=(0, (1, 1)))
        ax.annotate(text, (observed, 1.0), xycoords=("data", "axes fraction"), xytext=(4, -2), ha="left",
                    textcoords="offset points", va="top", color=theme.RED, fontsize=theme.SMALLEST_TEXT)
    else:
        ax.annotate(f"← {text}", (0.0, 1.0), xycoords="axes fraction", xytext=(4, -2), ha="left", va="top",
                    textcoords="offset points", color=theme.RED, fontsize=theme.SMALLEST_TEXT)


@theme.drawing
def bootstrap(estimate: Estimate, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the replicates behind an interval: bars, every peak named, the estimate and the limits below.

    Nothing is smoothed away: where a replicate chooses its own model, the replicates pile up around each model's
    answer. Those in the far tails are counted, not drawn. The draws of a BCa interval are replicates that were moved
    to where the interval puts them, which the heading says; interval="bootstrap" shows them where they fell.

    Parameters
    ----------
    estimate : Estimate
        With draws, as a bootstrap gives.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the estimate has no draws of its own, or they are all the same.

    Examples
    --------
    >>> import numpy as np
    >>> from smuggling_analysis.estimate import Estimate
    >>> rng = np.random.default_rng(1)
    >>> two = Estimate.from_draws(np.append(rng.normal(100, 5, 500), rng.normal(200, 9, 500)), joint="demo",
    ...                           unit="persons", method="demo")
    >>> bootstrap(two).get_title(loc="left")
    '1,000 replicates with 2 peaks, near 99.8 and 199'
    """
    if estimate.draws is None:
        raise ValueError(f"{estimate.method} has no draws: ask for interval='bootstrap' or 'bca'")
    values = np.sort(estimate.draws.values)
    if values[0] == values[-1]:
        raise ValueError(f"{estimate.method}: the draws are all {values[0]:,.6g}, so there is no distribution to draw")
    ax = theme.axes(ax, 2.9)
    edges, logarithmic = _edges(values, estimate)
    counts, _ = np.histogram(values, edges)
    middles = np.sqrt(edges[1:] * edges[:-1]) if logarithmic else 0.5 * (edges[1:] + edges[:-1])
    inside = (middles >= estimate.lower) & (middles <= estimate.upper)
    ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge", edgecolor="white", linewidth=0.4,
           color=[theme.FILLS[1] if own else theme.FILLS[2] for own in inside])
    top = float(counts.max())
    peaks = _peaks(values, logarithmic)
    _below(ax, estimate, edges, top)
    _beyond(ax, values, edges)
    if logarithmic:
        ax.set_xscale("log")
        ax.set_xlim(edges[0], edges[-1])
        theme.log_ticks(ax)
    else:
        ax.set_xlim(edges[0], edges[-1])
        theme.thousands(ax)
    for peak in peaks if len(peaks) > 1 else []:
        here = int(np.clip(np.searchsorted(edges, peak) - 1, 0, counts.size - 1))
        ax.plot([peak], [counts[max(here - 1, 0):here + 2].max() + 0.05 * top], "v", color=theme.RED, markersize=6)
    ax.set_ylim(-0.16 * top, 1.3 * top)
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= top])
    ax.set_ylabel("replicates")
    moved = ", moved by BCa," if "bias_correction" in estimate.diagnostics else ""
    ax.set_title(f"{values.size:,} replicates{moved} with {_said(peaks)}", loc="left")
    level = numerals.percent(estimate.confidence_level)
    ax.set_xlabel(f"{theme.shortened(estimate.unit, 50)}{', logarithmic' if logarithmic else ''}; line: {level} "
                  "interval, dot: estimate")
    theme.source_line(ax, source)
    theme.watermark(ax, estimate.simulated)
    return ax


def _edges(values: Floats, estimate: Estimate) -> tuple[Floats, bool]:
    """Return the bars' edges, even on the axis's scale, and whether that is logarithmic."""
    low, high = np.quantile(values, _SHOWN)
    low = min(low, estimate.value, max(estimate.lower, values[0]))
    high = max(high, estimate.value, min(estimate.upper, values[-1]))
    logarithmic = low > 0 and high / low > _WIDE
    ends = (math.log(low), math.log(high)) if logarithmic else (low, high)
    room = 0.03 * (ends[1] - ends[0]) or 0.01 * abs(ends[0])
    # More bars than are best for one heap: several are to be told apart.
    bars = int(np.clip(1.25 * math.sqrt(values.size), 12, _MOST_BARS))
    edges = np.linspace(ends[0] - room, ends[1] + room, bars + 1)
    return (np.exp(edges) if logarithmic else edges), logarithmic


def _peaks(values: Floats, logarithmic: bool) -> list[float]:
    """Return where replicates pile up: peaks of a density with a dip between each two of them."""
    from scipy.stats import gaussian_kde

    scaled = np.log(values[values > 0]) if logarithmic else values
    low, high = np.quantile(scaled, _SHOWN)
    if not high > low:
        return [float(np.median(values))]
    # Narrower than for one heap: a rule for one heap would melt two together.
    held = scaled[(scaled >= low) & (scaled <= high)]
    density = gaussian_kde(held, 0.5 * held.size ** (-1 / 5))
    grid = np.linspace(low, high, 400)
    height = density(grid)
    tops = np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:])) + 1
    kept: list[int] = []
    for place in tops[np.argsort(-height[tops])]:
        dips = [height[min(place, other):max(place, other) + 1].min() for other in kept]
        if all(dip < _DIP * height[place] for dip in dips) and _part(height, place) > _LEAST_PEAK:
            kept.append(int(place))
    found = np.sort(grid[kept])
    return [float(one) for one in (np.exp(found) if logarithmic else found)]


def _part(height: Floats, place: int) -> float:
    """Return the part of the density that belongs to a peak: down to half its height on either side."""
    low = np.flatnonzero(height[:place] < 0.5 * height[place])
    high = np.flatnonzero(height[place:] < 0.5 * height[place])
    start, end = (low[-1] + 1 if low.size else 0), (place + high[0] if high.size else height.size)
    return float(height[start:end].sum() / height.sum())


def _said(peaks: list[float]) -> str:
    if len(peaks) <= 1:
        return "one peak"
    written = [numerals.number(peak, digits=3) for peak in peaks]
    return f"{len(peaks)} peaks, near {', '.join(written[:-1])} and {written[-1]}"


def _below(ax: Axes, estimate: Estimate, edges: Floats, top: float) -> None:
    spot = -0.08 * top
    left, right = max(estimate.lower, edges[0]), min(estimate.upper, edges[-1])
    ax.plot([left, right], [spot, spot], color=theme.INK, linewidth=2.4, solid_capstyle="butt")
    for end, limit, beyond in ((left, estimate.lower, "<"), (right, estimate.upper, ">")):
        ax.plot([end], [spot], marker="|" if end == limit else beyond, color=theme.INK, markersize=8)
    ax.plot([estimate.value], [spot], "o", color=theme.INK, markersize=7, markeredgecolor="white", zorder=4)
    ax.axhline(0.0, color=theme.GREY, linewidth=0.8)
    if estimate.observed is not None and edges[0] < estimate.observed:
        ax.axvline(estimate.observed, color=theme.RED, linewidth=1.0, linestyle=(0, (1, 1)))


def _beyond(ax: Axes, values: Floats, edges: Floats) -> None:
    for count, place, side, words in ((int((values > edges[-1]).sum()), 1.0, "right", "{} further up, to {} →"),
                                      (int((values < edges[0]).sum()), 0.0, "left", "← {} further down, to {}")):
        if count:
            end = numerals.number(float(values[-1] if side == "right" else values[0]), digits=3)
            ax.annotate(words.format(f"{count:,}", end), (place, 1.0), xycoords="axes fraction",
                        xytext=(4 if side == "left" else -4, -3), textcoords="offset points", ha=side, va="top",
                        fontsize=theme.SMALLEST_TEXT, color=theme.GREY)
