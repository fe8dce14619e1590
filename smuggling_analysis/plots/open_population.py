"""A population that people join and leave: how many were there in each period, and what share stayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.methods.multiple_systems.open.results import OpenPopulation

# Beyond this many letters along the axis the periods' names stand aslant.
_MOST_UPRIGHT = 70


@theme.drawing
def abundance_by_period(population: OpenPopulation, *, source: str = "", ax: Axes | None = None,
                        below: Axes | None = None) -> Axes:
    """Draw people present by period with their intervals, arrivals as bars, and the share that stayed below.

    What the counts cannot tell is marked as such, not left out.

    Parameters
    ----------
    population : OpenPopulation
        As from `open_population_fit` or `robust_design_fit`.
    source : str
        Source line.
    ax, below : Axes, optional
        Axes of the people, and of the share that stayed; `ax` alone draws the people only. By default a new
        figure with both.

    Returns
    -------
    Axes
        Those of the people.

    Examples
    --------
    >>> from smuggling_analysis.methods.multiple_systems import open_population_fit
    >>> from smuggling_analysis.simulate import open_lists
    >>> years = {"2019": 0.5, "2020": 0.4, "2021": 0.5, "2022": 0.5}
    >>> register = open_lists([800, 200, 200, 200], [0.7, 0.7, 0.7], years, rng=1)
    >>> abundance_by_period(open_population_fit(register.histories)).get_ylabel()
    'persons'
    """
    labels = [str(label) for label in population.abundance.index]
    if ax is None:
        ax, below = _two_axes()
    _people(ax, population)
    _ticks(ax, labels)
    if below is not None:
        _staying(below, population.survival)
        _ticks(below, labels)
        ax.tick_params(axis="x", labelbottom=False)
    theme.source_line(ax, source)
    theme.watermark(ax, population.total.simulated)
    return ax


def _two_axes() -> tuple[Axes, Axes]:
    above, below = theme.new_figure(4.4).subplots(2, 1, height_ratios=[2.4, 1])
    return above, below


def _people(ax: Axes, population: OpenPopulation) -> None:
    present, arrivals = population.abundance.astype(float), population.arrivals.astype(float)
    places = np.arange(len(present))
    came = arrivals["estimate"].to_numpy()
    known = np.isfinite(came)
    ax.bar(places[1:][known], came[known], width=0.5, color=theme.FILLS[2], edgecolor="white", linewidth=0.5,
           label="came since the period before")
    _with_intervals(ax, places, present, "present")
    top = np.nanmax([*present["upper"], *present["estimate"], *came, 1.0])
    ax.set_ylim(0, 1.12 * top)
    _untold(ax, places[present["estimate"].isna()])
    ax.grid(axis="y")
    ax.set_ylabel("persons")
    theme.thousands(ax, "y")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)


def _staying(ax: Axes, survival: pd.DataFrame) -> None:
    share = survival.astype(float)
    places = np.arange(len(share)) + 0.5
    _with_intervals(ax, places, share, "")
    ax.set_ylim(0, 1.08)
    ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    _untold(ax, places[share["estimate"].isna()])
    ax.grid(axis="y")
    ax.set_ylabel("stayed to\nthe next period")


def _with_intervals(ax: Axes, places: np.ndarray, table: pd.DataFrame, label: str) -> None:
    told = table["estimate"].notna().to_numpy()
    limited = told & table["lower"].notna().to_numpy() & table["upper"].notna().to_numpy()
    ax.vlines(places[limited], table["lower"][limited], table["upper"][limited], color=theme.BLUE, linewidth=1.6)
    ax.plot(places[told], table["estimate"][told], "o", color=theme.BLUE, markersize=5, label=label or None)
    # On the bound of what is possible there is no interval to draw.
    ax.plot(places[told & ~limited], table["estimate"][told & ~limited], "o", color=theme.BLUE, markersize=8,
            fillstyle="none")


def _untold(ax: Axes, places: Sequence[float] | np.ndarray) -> None:
    for place in places:
        ax.annotate("cannot\nbe told", (place, 0.5), xycoords=("data", "axes fraction"), ha="center", va="center",
                    color=theme.GREY, fontsize=theme.SMALLEST_TEXT)


def _ticks(ax: Axes, labels: Sequence[str]) -> None:
    ax.set_xlim(-0.6, len(labels) - 0.4)
    many = sum(map(len, labels)) > _MOST_UPRIGHT
    ax.set_xticks(range(len(labels)), [theme.wrapped(label, 12, 40) for label in labels],
                  rotation=45 if many else 0, ha="right" if many else "center")
    ax.tick_params(axis="x", length=0)
