"""What the prior does to a Bayesian estimate, and the posterior itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.posterior import GraphicalPosterior
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.prior_sensitivity import PriorTable

Floats = NDArray[np.float64]

# Red is the observed number's.
_COLOURS = (theme.BLUE, "#B07C00", "#3B3B3B", "#8A4FA0")
_MARKS = ("o", "s", "D", "^")
_WIDE = 8.0
_APART = 0.06
_POINTS = 500
_SPIKE = 4.0
_SHOWN = (0.0005, 0.9985)


@theme.drawing
def prior_sensitivity(table: PriorTable, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw N with its interval against the prior count of each history, a line for each prior on N.

    A point is hollow where graphs of which the prior alone decides N hold most of the posterior.

    Parameters
    ----------
    table : PriorTable
        From `multiple_systems.prior_table`; up to four priors on N.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are more than four priors on N.

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> from smuggling_analysis.methods.multiple_systems import prior_table
    >>> three = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> prior_sensitivity(prior_table(three, deltas=[0.125, 1])).get_xlabel()
    'prior count of each history (delta)'
    """
    names = list(dict.fromkeys(table.frame["prior"]))
    if len(names) > len(_COLOURS):
        raise ValueError(f"draw up to {len(_COLOURS)} priors on N at once, got {len(names)}")
    ax = theme.axes(ax, 3.2)
    for place, name in enumerate(names):
        rows = table.frame[(table.frame["prior"] == name) & table.frame["median"].notna()]
        rows = rows.sort_values("delta")
        beside = np.exp(_APART * (place - (len(names) - 1) / 2))
        _line(ax, name, rows["delta"].to_numpy() * beside, rows[["median", "lower", "upper"]].to_numpy(),
              rows["uninformed"].to_numpy() > 0.5, _COLOURS[place], _MARKS[place])
    deltas = np.sort(table.frame["delta"].unique())
    ax.set_xscale("log")
    ax.set_xticks(deltas, [_power(delta) for delta in deltas])
    ax.minorticks_off()
    ax.set_xlabel("prior count of each history (delta)")
    low, high = float(table.frame["lower"].min()), float(table.frame["upper"].max())
    low = min(low, table.observed)
    if high / low > _WIDE:
        ax.set_yscale("log")
        ax.set_ylim(low / 1.15, high * 1.15)
        theme.log_ticks(ax, "y")
    else:
        ax.set_ylim(low - 0.08 * (high - low), high + 0.06 * (high - low))
        theme.thousands(ax, "y")
    ax.set_ylabel("estimated persons")
    ax.grid(axis="y")
    ax.axhline(table.observed, color=theme.RED, linewidth=1.0, linestyle=(0, (1, 1)))
    ax.annotate(f"{table.observed:,} observed", (0.0, table.observed), xycoords=("axes fraction", "data"), va="bottom",
                xytext=(3, 2), textcoords="offset points", color=theme.RED, fontsize=theme.SMALLEST_TEXT,
                path_effects=theme.outlined())
    ax.set_title(f"{'The prior decides' if table.decided else 'The prior decides little'}: medians differ by a factor "
                 f"of {table.ratio:.3g}", loc="left")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, title=None)
    theme.source_line(ax, source)
    theme.watermark(ax, table.simulated)
    return ax


def _line(ax: Axes, name: str, deltas: Floats, numbers: Floats, hollow: NDArray[np.bool_], colour: str,
          mark: str) -> None:
    words = {"inverse": "prior on N: 1/N", "uniform": "prior on N: uniform"}.get(name, f"prior on N: {name}")
    ax.plot(deltas, numbers[:, 0], color=colour, linewidth=1.2, marker=mark, markersize=0, zorder=3)
    ax.vlines(deltas, numbers[:, 1], numbers[:, 2], color=colour, linewidth=1.6, alpha=0.6, zorder=2)
    ax.plot(deltas[~hollow], numbers[~hollow, 0], mark, color=colour, markersize=6, zorder=4, label=words)
    if hollow.any():
        label = f"{words}, alone: nobody informs N" if not (~hollow).any() else "hollow: the prior alone decides N"
        shown = label not in ax.get_legend_handles_labels()[1]
        ax.plot(deltas[hollow], numbers[hollow, 0], mark, color=colour, markersize=6, markerfacecolor="white", zorder=4,
                label=label if shown else None)


def _power(delta: float) -> str:
    under = 1.0 / delta
    return f"1/{under:.0f}" if delta < 1 and abs(under - round(under)) < 1e-9 else f"{delta:g}"


@theme.drawing
def posterior(result: GraphicalPosterior, *, most: int = 4, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the posterior of the population, filled by the graphs that make it up.

    Parameters
    ----------
    result : GraphicalPosterior
        From `multiple_systems.bayesian_graphical_posterior`.
    most : int
        How many graphs to tell apart, up to four.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> from smuggling_analysis.methods.multiple_systems import bayesian_graphical_posterior
    >>> three = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> posterior(bayesian_graphical_posterior(three)).get_xlabel()
    'persons'
    """
    low, high = (result.quantile(share) for share in _SHOWN)
    logarithmic = high > _WIDE * low
    spaced = np.geomspace if logarithmic else np.linspace
    sizes = np.unique(spaced(low, max(high, low + 1), _POINTS).round())
    whole = result.mass_at(sizes)
    leading = result.leading(min(most, len(theme.FILLS) - 2))
    parts = result.mass_by_graph(sizes, len(leading))
    scale = sizes if logarithmic else 1.0
    ax = theme.axes(ax, 3.2)
    others = np.maximum(whole - parts.sum(axis=0), 0.0)
    labels = [f"{model}: {numerals.percent(share)}"
              for model, share in zip(leading["model"], leading["probability"].tolist(), strict=True)]
    rest = max(0.0, 1.0 - float(leading["probability"].sum()))
    ax.stackplot(sizes, [*(parts * scale), others * scale], colors=[*theme.FILLS[:len(leading)], theme.PALE],
                 labels=[*labels, f"all other graphs: {numerals.percent(rest)}"], linewidth=0)
    ax.plot(sizes, whole * scale, color=theme.INK, linewidth=1.0)
    if logarithmic:
        ax.set_xscale("log")
        ax.set_xlim(low, high)
        theme.log_ticks(ax)
    else:
        ax.set_xlim(low, high)
        theme.thousands(ax)
    top = _top(ax, result, sizes, whole * scale, logarithmic)
    _marks(ax, result, top)
    ax.set_ylim(-0.14 * top, 1.12 * top)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylabel("posterior probability")
    ax.set_xlabel("persons, logarithmic" if logarithmic else "persons")
    ax.legend(loc="upper right", title="graphs (cliques of lists)", title_fontsize=theme.SMALLEST_TEXT)
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax


def _top(ax: Axes, result: GraphicalPosterior, sizes: Floats, heights: Floats, logarithmic: bool) -> float:
    """Return the height to draw to; a spike at the least size that would flatten all else is cut and named."""
    least = result.observed + result.least_hidden
    rest = heights[sizes > least + (1 + 0.02 * least if logarithmic else 0.02 * np.ptp(sizes))]
    if not rest.size or heights.max() < _SPIKE * rest.max() or sizes[int(np.argmax(heights))] > least + 1:
        return float(heights.max())
    share = float(result.mass_at([least])[0])
    ax.annotate(f"↑ {numerals.percent(share)} at {least:,} alone", (0.0, 1.0), xycoords="axes fraction", xytext=(6, -3),
                textcoords="offset points", va="top", ha="left", fontsize=theme.SMALLEST_TEXT, color=theme.GREY)
    return 1.3 * float(rest.max())


def _marks(ax: Axes, result: GraphicalPosterior, top: float) -> None:
    """Draw median and interval below the posterior, name them above it, and mark the number observed."""
    median, (lower, upper) = result.quantile(0.5), result.interval(0.95)
    spot = -0.07 * top
    ax.axhline(0.0, color=theme.GREY, linewidth=0.8)
    ax.plot([lower, upper], [spot, spot], color=theme.INK, linewidth=2.4, solid_capstyle="butt", marker="|",
            markersize=8)
    ax.plot([median], [spot], "o", color=theme.INK, markersize=7, markeredgecolor="white", zorder=4)
    written = [f"{size:,}" if size < 1000 else numerals.number(size, digits=3) for size in (median, lower, upper)]
    ax.set_title(f"median {written[0]}, 95 % interval {written[1]} to {written[2]}; {result.observed:,} observed",
                 loc="left")
    if ax.get_xlim()[0] <= result.observed:
        ax.axvline(result.observed, color=theme.RED, linewidth=1.0, linestyle=(0, (1, 1)))
