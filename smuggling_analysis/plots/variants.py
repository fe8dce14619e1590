"""Estimates under other choices, row by row: variants of the lists, numbers that are known, a tornado of everything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme
from smuggling_analysis.plots.sensitivity import observed_line, persons_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.estimate import Estimate
    from smuggling_analysis.methods.multiple_systems.sensitivity.held_out import HeldOut
    from smuggling_analysis.methods.multiple_systems.sensitivity.left_out import Variants
    from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity

_ROW = 0.31
_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0,
           100.0)
_MOST_TICKS = 9


@theme.drawing
def left_out(result: Variants | Sequence[Variants], *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the estimates from other choices of lists beside the original; what is refused says so.

    Parameters
    ----------
    result : Variants, or several
        As from `leave_one_list_out`, `merged_lists` and `dropped_lists`, of one estimate.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the results are of different estimates, or there are none.
    """
    results = list(result) if isinstance(result, Sequence) else [result]
    original = _one_original(results)
    rows = [("all lists", original.value, original.lower, original.upper, False)]
    for one in results:
        rows += [(row["variant"], row["value"], row["lower"], row["upper"], one.conclusion.turned(row["value"]))
                 for row in one.frame.to_dict("records")]
    ax = _forest(ax, rows, original, results[0].conclusion)
    theme.source_line(ax, source)
    theme.watermark(ax, original.simulated)
    return ax


def _forest(ax: Axes | None, rows: Sequence[tuple[str, float, float, float, bool]], original: Estimate,
            conclusion: Conclusion) -> Axes:
    ax = theme.axes(ax, 0.9 + _ROW * len(rows))
    numbers = [number for row in rows for number in row[1:4]]
    persons_axis(ax, [*numbers, original.observed], "x")
    edges = ax.get_xlim()
    ax.axvspan(max(conclusion.low, edges[0]), min(conclusion.high, edges[1]), color=theme.PALE, alpha=0.4, linewidth=0,
               zorder=0)
    for place, (_, value, low, high, turned) in enumerate(rows):
        if math.isnan(value):
            ax.annotate("refused", (1.01, -place), xycoords=("axes fraction", "data"), va="center",
                        fontsize=theme.SMALLEST_TEXT, color=theme.GREY)
            continue
        colour = theme.RED if turned else theme.BLUE
        ax.plot([low, min(high, edges[1])], [-place, -place], color=colour, linewidth=2.2, solid_capstyle="butt")
        ax.plot([value], [-place], "o" if place else "D", color=colour, markersize=6, zorder=3)
        if high > edges[1]:
            ax.plot([edges[1]], [-place], ">", color=colour, markersize=6, clip_on=False)
        ax.annotate(numerals.with_interval(value, low, high, digits=numerals.DIGITS), (1.01, -place), va="center",
                    xycoords=("axes fraction", "data"), fontsize=theme.SMALLEST_TEXT)
    _names(ax, [row[0] for row in rows])
    observed_line(ax, original.observed, horizontal=False)
    ax.set_xlabel(f"persons; red: the estimate {conclusion.told}" if any(row[4] for row in rows) else "persons")
    return ax


@theme.drawing
def held_out(result: HeldOut, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw estimates of the number of people on each list, from the other lists, as a share of the true number.

    Parameters
    ----------
    result : HeldOut
        As from `held_out_lists`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    from matplotlib.ticker import NullFormatter

    rows = result.frame.to_dict("records")
    ax = theme.axes(ax, 0.9 + 0.36 * len(rows))
    shares = [row[column] / row["truth"] for row in rows for column in ("value", "lower", "upper") if row["truth"]]
    finite = [share for share in shares if math.isfinite(share) and share > 0]
    low, high = min([*finite, 0.7]) / 1.1, max([*finite, 1.5]) * 1.1
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = [tick for tick in _SHARES if low <= tick <= high]
    ticks = ticks if len(ticks) <= _MOST_TICKS else [tick for tick in ticks if f"{tick:e}"[0] in "125"]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.axvline(1.0, color=theme.INK, linewidth=0.9)
    for place, row in enumerate(rows):
        if math.isnan(row["value"]):
            words = "refused"
        else:
            colour = theme.BLUE if row["covered"] else theme.RED
            own = [row[column] / row["truth"] for column in ("lower", "value", "upper")]
            ax.plot([max(own[0], low), min(own[2], high)], [-place, -place], color=colour, linewidth=2.2,
                    solid_capstyle="butt")
            ax.plot([own[1]], [-place], "o", color=colour, markersize=6, zorder=3)
            words = f"{numerals.number(row['value'], digits=3)} for {row['truth']:,}"
        ax.annotate(words, (1.01, -place), xycoords=("axes fraction", "data"), va="center",
                    fontsize=theme.SMALLEST_TEXT, color=theme.GREY if words == "refused" else theme.INK)
    _names(ax, [row["list"] for row in rows])
    missed = int((~result.frame["covered"].astype(bool) & result.frame["value"].notna()).sum())
    told = "; red: the interval misses it" if missed else ""
    ax.set_xlabel(f"estimate from the other lists over the true number{told}")
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax


@theme.drawing
def tornado(results: Iterable[Sensitivity] | Mapping[str, Sensitivity], *, source: str = "",
            ax: Axes | None = None) -> Axes:
    """Draw by how much each thing that cannot be tested moves the estimate, the widest on top.

    Parameters
    ----------
    results : iterable of Sensitivity, or mapping of str to Sensitivity
        Of one estimate; a mapping gives them names.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the results are of different estimates, or there are none.
    """
    named = dict(results) if isinstance(results, Mapping) else {one.what: one for one in results}
    original = _one_original(list(named.values()))
    first = next(iter(named.values())).conclusion
    rows = sorted(((name, *one.span, one) for name, one in named.items()), key=lambda row: row[1] / row[2])
    ax = theme.axes(ax, 0.9 + 0.36 * len(rows))
    persons_axis(ax, [number for row in rows for number in row[1:3]] + [original.value], "x")
    edges = ax.get_xlim()
    ax.axvspan(max(first.low, edges[0]), min(first.high, edges[1]), color=theme.PALE, alpha=0.4, linewidth=0, zorder=0)
    for place, (_, low, high, one) in enumerate(rows):
        turned = one.conclusion.turned(low), one.conclusion.turned(high)
        for end, beyond in ((low, turned[0]), (high, turned[1])):
            ax.barh(-place, end - original.value, left=original.value, height=0.55, linewidth=0,
                    color=theme.RED if beyond else theme.FILLS[1])
        ax.annotate(numerals.span(low, high, digits=numerals.DIGITS), (1.01, -place), va="center",
                    xycoords=("axes fraction", "data"), fontsize=theme.SMALLEST_TEXT)
    ax.axvline(original.value, color=theme.INK, linewidth=1.0)
    ax.annotate(numerals.number(original.value, digits=3), (original.value, 1.0), xycoords=("data", "axes fraction"),
                xytext=(0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=theme.SMALLEST_TEXT)
    _names(ax, [row[0] for row in rows])
    any_turned = any(one.conclusion.turned(end) for _, low, high, one in rows for end in (low, high))
    ax.set_xlabel(f"persons; red: the estimate {first.told}" if any_turned else "persons")
    theme.source_line(ax, source)
    theme.watermark(ax, original.simulated)
    return ax


def _one_original(results: Sequence[Any]) -> Estimate:
    if not results:
        raise ValueError("there is no result to draw")
    first: Estimate = results[0].original
    if any(not math.isclose(one.original.value, first.value, rel_tol=1e-9) for one in results):
        raise ValueError("the results are of different estimates: draw them in separate figures")
    return first


def _names(ax: Axes, names: Sequence[str]) -> None:
    spots = [-float(place) for place in range(len(names))]
    ax.set_yticks(spots, [theme.wrapped(name, 36) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(min(spots) - 0.7, 0.7)
    ax.grid(axis="x")
