"""Money: fees by route, the distribution of revenue, and where its uncertainty comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.estimate import Estimate
    from smuggling_analysis.methods.market import Revenue

_SHARPEST = 1e-3


@theme.drawing
def fees(summary: pd.DataFrame, *, base_year: int | None = None, source: str = "",
         ax: Axes | None = None) -> Axes:
    """Draw fees by route on a logarithmic axis: the range quoted, the median, the number of quotes.

    Parameters
    ----------
    summary : DataFrame
        From `market.fee_by_route`.
    base_year : int, optional
        The year in whose prices they are.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = theme.axes(ax, 0.9 + 0.33 * len(summary))
    for spot, row in enumerate(summary.to_dict("records")):
        _fee(ax, -spot, row["low"], row["median"], row["high"], row["quotes"])
    ax.set_yticks(-np.arange(len(summary), dtype=float),
                  [theme.wrapped(name, 40) for name in summary["route"]])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xscale("log")
    quoted = summary[["low", "high"]].to_numpy(dtype=float)
    ax.set_xlim(np.nanmin(quoted) / 1.5, np.nanmax(quoted) * 1.5)
    theme.log_ticks(ax)
    ax.grid(axis="x")
    currency = str(summary["currency"].iloc[0])
    prices = f" at prices of {base_year}" if base_year else ""
    ax.set_ylim(0.6 - len(summary), 0.6)
    ax.set_xlabel(f"{currency}{prices}; diamond: a single quote; in brackets: how many")
    theme.source_line(ax, source)
    return ax


def _fee(ax: Axes, spot: float, low: float, median: float, high: float, quotes: int) -> None:
    colour = theme.BLUE if quotes > 1 else theme.GREY
    ends = [end for end in (low, high) if not pd.isna(end)]
    ax.plot([ends[0], ends[-1]], [spot, spot], color=colour, linewidth=3, solid_capstyle="round", alpha=0.6)
    ax.plot([ends[-1] if pd.isna(median) else median], [spot], marker="o" if quotes > 1 else "D", markersize=6,
            color=colour, markerfacecolor=colour if quotes > 1 else "white", linestyle="none")
    text = numerals.number(high, digits=2) if high == low else numerals.span(low, high, digits=2)
    ax.annotate(f"{text} ({quotes})", (1.01, spot), xycoords=("axes fraction", "data"), va="center",
                ha="left", fontsize=theme.SMALLEST_TEXT)


@theme.drawing
def density(estimate: Estimate, *, published: dict[str, float] | None = None, source: str = "",
            ax: Axes | None = None) -> Axes:
    """Draw the distribution of an estimate's draws on a logarithmic axis, with its interval.

    Parameters
    ----------
    estimate : Estimate
        Its draws, implied by the interval where the method gave none.
    published : dict of str to float, optional
        Published values to mark.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the draws reach zero or below, which no logarithmic axis shows.
    """
    import seaborn

    draws = estimate.with_draws().draws
    assert draws is not None
    values = draws.values
    if values.min() <= 0:
        raise ValueError(f"{estimate.method}: the draws reach {values.min():,.6g}; a logarithmic axis shows "
                         "only numbers above 0")
    ax = theme.axes(ax, 2.4)
    if np.log(values).std() < _SHARPEST:
        raise ValueError(f"{estimate.method}: the draws hardly differ, so there is no distribution to draw")
    seaborn.kdeplot(x=values, log_scale=True, fill=True, color=theme.SKY, linewidth=1.2,
                    edgecolor=theme.BLUE, ax=ax)
    top = ax.get_ylim()[1]
    ax.plot([estimate.lower, estimate.upper], [0.03 * top] * 2, color=theme.INK, linewidth=2.4,
            marker="|", markersize=9)
    ax.plot([estimate.value], [0.03 * top], "o", color=theme.INK, markersize=6)
    for place, (name, value) in enumerate((published or {}).items()):
        ax.axvline(value, color=theme.RED, linewidth=1.1, linestyle=(0, (3, 1)))
        ax.annotate(theme.wrapped(name, 30), (value, top * (1 - 0.17 * place)), xytext=(4, 0), ha="left",
                    va="top", textcoords="offset points", color=theme.RED, fontsize=theme.SMALLEST_TEXT)
    low, high = np.quantile(values, [0.002, 0.998])
    marks = list((published or {}).values())
    ax.set_xlim(min([low, *marks]) / 1.1, max([high, *marks]) * (1.6 if marks else 1.1))
    theme.log_ticks(ax)
    ax.set_yticks([])
    ax.set_ylabel("")
    ax.spines["left"].set_visible(False)
    level = numerals.percent(estimate.confidence_level)
    ax.set_xlabel(f"{theme.shortened(estimate.unit, 60)}, logarithmic; line: {level} interval")
    theme.source_line(ax, source)
    theme.watermark(ax, estimate.simulated)
    return ax


@theme.drawing
def decomposition(revenue: Revenue, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw which share of the uncertainty of the revenue comes from each ingredient.

    Parameters
    ----------
    revenue : Revenue
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    shares: dict[str, Any] = dict(sorted(revenue.decomposition.items(), key=lambda item: -item[1]))
    ax = theme.axes(ax, 0.7 + 0.36 * len(shares))
    spots = [-float(place) for place in range(len(shares))]
    ax.barh(spots, [100 * share for share in shares.values()], color=theme.BLUE, height=0.6)
    for spot, share in zip(spots, shares.values(), strict=True):
        ax.annotate(numerals.percent(share), (100 * share, spot), xytext=(4, 0), textcoords="offset points",
                    va="center", fontweight="bold", family=theme.FAMILIES[0])
    ax.set_yticks(spots, list(shares))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, 110)
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.set_xlabel("share of the variance of log revenue, %")
    ax.grid(axis="x")
    theme.source_line(ax, source)
    theme.watermark(ax, revenue.estimate.simulated)
    return ax
