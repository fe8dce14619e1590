"""Series: counts by year with the years that are not complete marked, and counts by month made of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.evidence.event_series import EventSeries

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_LABELLED = 18


@theme.drawing
def series(events: EventSeries, *, breaks: Mapping[str, str] | None = None, source: str = "",
           ax: Axes | None = None) -> Axes:
    """Draw counts by period as bars, stacked by place; periods not reported to their end are hatched.

    Parameters
    ----------
    events : EventSeries
        One count per place and period.
    breaks : mapping, optional
        Period to a note on what changed there: a dotted line with the words.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.event_series import EventSeries
    >>> table = pd.DataFrame({"place": "Sea", "period": ["2022", "2023"], "count": [348, 569]})
    >>> series(EventSeries.from_table(table, unit="deaths", what="dead or missing")).get_ylabel()
    'deaths recorded'
    """
    table, complete = _by_period(events)
    ax = theme.axes(ax, 2.9)
    _stack(ax, table, complete)
    totals = table.sum(axis=1)
    if len(totals) <= _MOST_LABELLED:
        for place, total in enumerate(totals):
            ax.text(place, total + 0.012 * totals.max(), numerals.number(total), ha="center", va="bottom",
                    fontsize=theme.SMALLEST_TEXT)
    names = [str(period) for period in table.index]
    _period_ticks(ax, names)
    for period, words in (breaks or {}).items():
        spot = names.index(period) - 0.5
        ax.axvline(spot, color=theme.RED, linewidth=1, linestyle=(0, (1, 1)))
        ax.annotate(theme.wrapped(words, 26), (spot, 1.0), xycoords=("data", "axes fraction"),
                    xytext=(3, -2), textcoords="offset points", va="top", ha="left", color=theme.RED,
                    fontsize=theme.SMALLEST_TEXT)
    ax.set_ylim(0, 1.12 * totals.max())
    ax.set_ylabel(theme.shortened(f"{events.unit} recorded", 50))
    theme.thousands(ax, "y")
    _legend(ax, table, complete)
    theme.source_line(ax, source)
    theme.watermark(ax, events.simulated)
    return ax


@theme.drawing
def monthly(events: EventSeries, *, order: tuple[str, ...] = (), source: str = "",
            ax: Axes | None = None) -> Axes:
    """Draw counts by month, stacked by group: the places of the series are the groups.

    Parameters
    ----------
    events : EventSeries
        One count per group and month.
    order : tuple of str
        The groups from the bottom up; by default the largest first.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    table, complete = _by_period(events)
    table = table[list(order) or list(table.sum().sort_values(ascending=False, kind="stable").index)]
    ax = theme.axes(ax, 2.9)
    _stack(ax, table, complete)
    _period_ticks(ax, [_month(str(period)) for period in table.index])
    ax.set_ylim(0, 1.08 * table.sum(axis=1).max())
    ax.set_ylabel(theme.shortened(events.unit, 50))
    theme.thousands(ax, "y")
    _legend(ax, table, complete)
    theme.source_line(ax, source)
    theme.watermark(ax, events.simulated)
    return ax


def _by_period(events: EventSeries) -> tuple[pd.DataFrame, pd.Series]:
    frame = events.frame()
    frame["order"] = [period.start for period in events.periods]
    table = frame.pivot_table(index=["order", "period"], columns="place", values="count", aggfunc="sum")
    complete = frame.groupby(["order", "period"])["complete"].all()
    return table.droplevel("order"), complete.droplevel("order")


def _stack(ax: Axes, table: pd.DataFrame, complete: pd.Series) -> None:
    fills = _fills(table.shape[1])
    base = np.zeros(len(table))
    hatches = ["" if whole else "////" for whole in complete]
    for place, group in enumerate(table.columns):
        heights = table[group].fillna(0).to_numpy(dtype=float)
        bars = ax.bar(range(len(table)), heights, bottom=base, width=0.78, color=fills[place],
                      edgecolor="white", linewidth=0.5)
        for bar, hatch in zip(bars, hatches, strict=True):
            bar.set_hatch(hatch)
        base += heights
    ax.grid(axis="y")
    ax.set_xlim(-0.6, len(table) - 0.4)


def _fills(number: int) -> list[str]:
    if number == 1:
        return [theme.FILLS[1]]
    return [theme.FILLS[place % len(theme.FILLS)] for place in range(number)]


def _period_ticks(ax: Axes, names: list[str]) -> None:
    step = 1 + len(names) // 25
    ax.set_xticks(range(0, len(names), step), names[::step])
    ax.tick_params(axis="x", length=0)


def _month(period: str) -> str:
    year, dash, month = period.partition("-")
    if not dash or not month.isdigit():
        return period
    name = _MONTHS[int(month) - 1]
    return f"{name}\n{year}" if month == "01" else name


def _legend(ax: Axes, table: pd.DataFrame, complete: pd.Series) -> None:
    from matplotlib.patches import Patch

    fills = _fills(table.shape[1])
    marks = [Patch(facecolor=fills[place], edgecolor="white", label=theme.wrapped(str(name), 40, 80))
             for place, name in enumerate(table.columns)] if table.shape[1] > 1 else []
    if not complete.all():
        marks.append(Patch(facecolor=fills[0], edgecolor="white", hatch="////",
                           label="not a complete period"))
    if marks:
        ax.legend(handles=marks, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(len(marks), 4),
                  borderaxespad=0.2, handlelength=1.4)
