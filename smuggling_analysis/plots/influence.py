"""Who decides an estimate from one register."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.methods.single_register.influence import Influence

_ROW = 0.25


@theme.drawing
def register_influence(result: Influence, *, most: int = 15, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw what the estimate becomes without one person, a handful, or the people of a level; the most moving first.

    Parameters
    ----------
    result : Influence
        As from `single_register.leave_one_out`, `leave_one_cell_out` or `leave_one_level_out`.
    most : int
        Rows drawn.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register import fit_register, leave_one_out
    >>> fit = fit_register(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}))
    >>> register_influence(leave_one_out(fit)).get_title(loc="left")
    'leaving out one person moves the estimate by up to 1.3 %'
    """
    frame = result.frame
    # Without an estimate is the most that leaving out can do.
    order = frame["move"].abs().fillna(math.inf).sort_values(ascending=False, kind="stable").index[:most]
    rows = frame.loc[order].to_dict("records")
    ax = theme.axes(ax, 0.9 + _ROW * max(len(rows), 3))
    ax.axvline(result.size, color=theme.GREY, linewidth=0.9)
    for place, row in enumerate(reversed(rows)):
        if row["refusal"]:
            ax.annotate("no estimate without", (result.size, place), xytext=(4, 0), textcoords="offset points",
                        va="center", color=theme.RED, fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined())
            ax.plot([result.size], [place], "x", color=theme.RED, markersize=5)
            continue
        ax.plot([result.size, row["value"]], [place, place], color=theme.SKY, linewidth=2.0)
        ax.plot([row["value"]], [place], "o", color=theme.BLUE, markersize=4.5)
    ax.set_yticks(range(len(rows)), [theme.shortened(_who(row), 60) for row in reversed(rows)])
    ax.set_ylim(-0.6, max(len(rows), 3) - 0.4)
    theme.thousands(ax, "x")
    ax.margins(x=0.12)
    ax.set_xlabel("persons, estimated without")
    right = result.size > np.mean(ax.get_xlim())
    ax.annotate(f"{numerals.number(result.size, digits=numerals.DIGITS)} with everybody", (result.size, 0.0),
                xytext=(-3 if right else 3, 3), ha="right" if right else "left", textcoords="offset points",
                xycoords=("data", "axes fraction"), fontsize=theme.SMALLEST_TEXT, color=theme.GREY,
                path_effects=theme.outlined(), zorder=6)
    ax.set_title(theme.wrapped(_moved(result), 58), loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax


def _moved(result: Influence) -> str:
    lost = len(result.refused)
    words = f"leaving out {result.what} moves the estimate by up to {100 * (result.factor - 1):.2g} %"
    if result.what == "all people of a level":
        words = f"leaving out a level moves the estimate of the others by up to {100 * (result.factor - 1):.2g} %"
    return words + (f"; {lost} cannot be left out" if lost else "")


def _who(row: dict[Any, Any]) -> str:
    from smuggling_analysis.methods.single_register.goodness import in_words

    people = f"{row['n_persons']:,} left out"
    if "level" in row:
        return f"{row['covariate']} = {row['level']} ({people})"
    told = [theme.written(value) for name, value in row.items()
            if name not in ("times_caught", "n_persons", "value", "move", "factor", "refusal")]
    told.append(f"seen {in_words(int(row['times_caught']))}")
    return f"{', '.join(told)} ({people})"
