"""Sources: which of them speaks to which question, and which years each covers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_YEAR = re.compile(r"(?:19|20)\d\d")


@theme.drawing
def capacity(scores: pd.DataFrame, *, labels: Mapping[int, str], source: str = "",
             ax: Axes | None = None) -> Axes:
    """Draw sources against questions: the darker the cell, the more the source can tell.

    Parameters
    ----------
    scores : DataFrame
        Sources as index, questions as columns, whole scores from 0 (nothing).
    labels : mapping of int to str
        What each score means, for the legend.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> scores = pd.DataFrame({"Q8": [2], "Q10": [0]}, index=["Police register"])
    >>> capacity(scores, labels={0: "nothing", 1: "totals", 2: "persons"}).get_xticklabels()[0].get_text()
    'Q8'
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    shades = ["#f4f4f4", "#b7d4e8", "#3E8FC0", "#0B3C5D"][: max(labels) + 1]
    values = scores.to_numpy(dtype=float)
    ax = theme.axes(ax, 1.0 + 0.36 * len(scores))
    ax.imshow(values, cmap=ListedColormap(shades), vmin=-0.5, vmax=len(shades) - 0.5, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if value:
            ax.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=theme.SMALLEST_TEXT,
                    color="white" if value >= 2 else theme.INK)
    ax.set_xticks(range(scores.shape[1]), list(map(str, scores.columns)))
    ax.set_yticks(range(len(scores)), [theme.wrapped(str(name), 42, 80) for name in scores.index])
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.set_xticks(np.arange(scores.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(scores) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="minor", length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.legend(handles=[Patch(facecolor=shades[score], edgecolor=theme.PALE, label=f"{score} {words}")
                       for score, words in labels.items()],
              loc="upper left", bbox_to_anchor=(0, -0.02), ncols=2, borderaxespad=0.2,
              handlelength=1.2, columnspacing=1.2)
    theme.source_line(ax, source)
    return ax


@theme.drawing
def completeness(periods: Mapping[str, str | Sequence[str]], *, since: int | None = None, source: str = "",
                 ax: Axes | None = None) -> Axes:
    """Draw which years each source covers.

    Parameters
    ----------
    periods : mapping of str to str or sequence of str
        Each source's name and its periods: "2013", "2010-2015", "2014-10/2015-03".
    since : int, optional
        The first year shown; what began before it is told in words.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> completeness({"Register": "2010-2015", "Survey": ["2013", "2016"]}).get_xlabel()
    'year'
    """
    spans = {name: [_years(period) for period in ([own] if isinstance(own, str) else own)]
             for name, own in periods.items()}
    ax = theme.axes(ax, 0.8 + 0.36 * len(spans))
    for spot, own in enumerate(spans.values()):
        for first, last in own:
            ax.barh(-spot, last - first + 1, left=first, height=0.6, color=theme.BLUE, edgecolor="white")
    ax.set_yticks(-np.arange(len(spans), dtype=float),
                  [theme.wrapped(name, 42, 80) for name in spans])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    first = max(min(year for own in spans.values() for year, _ in own), since or 0)
    for spot, own in enumerate(spans.values()):
        if (began := min(year for year, _ in own)) < first:
            ax.text(first + 0.3, -spot, f"since {began}", va="center", color="white",
                    fontsize=theme.SMALLEST_TEXT)
    last = max(year for own in spans.values() for _, year in own) + 1
    step = max(1, round((last - first) / 10))
    ticks = np.arange(first, last, step)
    ax.set_xticks(ticks + 0.5, [str(year) for year in ticks])
    ax.set_xlim(first, last)
    ax.set_ylim(-len(spans) + 0.4, 0.6)
    ax.set_xlabel("year")
    ax.grid(axis="x")
    theme.source_line(ax, source)
    return ax


def _years(period: str) -> tuple[int, int]:
    years = [int(year) for year in _YEAR.findall(period)]
    if not years:
        raise ValueError(f"there is no year in the period {period!r}")
    return min(years), max(years)
