"""A border: how attempts ended, and what the share deterred makes of the numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from smuggling_analysis.methods.repeated_trials.deterred import DeterrenceBand
    from smuggling_analysis.methods.repeated_trials.flows import Flow

_DASHED, _DOTTED = (0, (4, 2)), (0, (1, 1))
_WIDE = 20.0
_LABELS = {"share": "share of attempts"}


@theme.drawing
def border_flow(result: Flow, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw how the attempts to enter ended: counted ones in full, estimated ones hatched, with their interval.

    Parameters
    ----------
    result : Flow
        As from `repeated_trials.flow`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from smuggling_analysis.evidence.encounters import Encounters
    >>> from smuggling_analysis.methods.repeated_trials import flow
    >>> table = pd.DataFrame({"place": ["East"], "period": ["2016"], "apprehended": [900], "repeats": [300]})
    >>> border_flow(flow(Encounters.from_table(table), deterrence=0.0, rng=1)).get_xlabel()
    'attempts to enter'
    """
    frame = result.frame()
    ax = theme.axes(ax, 1.1 + 0.38 * len(frame))
    places = np.arange(len(frame))[::-1]
    top = float(max(frame["upper"].max(), 1.0))
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        counted = bool(row["counted"])
        ax.barh([place], [row["value"]], height=0.62, color=theme.BLUE if counted else "white",
                edgecolor=theme.BLUE, linewidth=1.0, hatch="" if counted else "////")
        if not counted:
            ax.plot([row["lower"], row["upper"]], [place, place], color=theme.INK, linewidth=2.4,
                    solid_capstyle="butt", zorder=4)
        words = (numerals.number(row["value"]) if counted else
                 numerals.with_interval(row["value"], row["lower"], row["upper"], digits=3))
        ax.annotate(words, (max(row["value"], row["upper"]), place), xytext=(5, 0), textcoords="offset points",
                    va="center", fontsize=theme.SMALLEST_TEXT)
    ax.set_yticks(places, [name if counted else f"{name}, estimated"
                           for name, counted in zip(frame["outcome"], frame["counted"], strict=True)])
    ax.set_xlim(0.0, 1.5 * top)
    ax.set_ylim(-0.6, len(frame) - 0.4)
    theme.thousands(ax, "x")
    ax.set_xlabel("attempts to enter")
    attempts, chance = result.attempts, result.apprehension
    ax.set_title(f"{numerals.said(attempts)},\nof which {numerals.percent(chance.value)} apprehended "
                 f"({numerals.span(chance.lower, chance.upper, unit='share')})", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax


@theme.drawing
def deterrence_sensitivity(result: DeterrenceBand, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw a number about a border against the share of those returned that is deterred, and where it turns.

    The band is the interval of the counts at each share; the grey ground is the original's interval, or begins at the
    number it is held against. Shares that the counts contradict are hatched.

    Parameters
    ----------
    result : DeterrenceBand
        As from `repeated_trials.deterrence_band`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from smuggling_analysis.evidence.encounters import Encounters
    >>> from smuggling_analysis.methods.repeated_trials import deterrence_band
    >>> table = pd.DataFrame({"place": ["East"], "period": ["2016"], "apprehended": [900], "repeats": [300]})
    >>> deterrence_sensitivity(deterrence_band(Encounters.from_table(table), deterrence=0.2, draws=500)).get_ylabel()
    'entries'
    """
    ax = theme.axes(ax, 3.2)
    frame, original = result.frame, result.original
    known = frame.dropna(subset=["value"])
    low, high = _heights(ax, known, result)
    conclusion = result.conclusion
    ax.axhspan(max(conclusion.low, low), min(conclusion.high, high), color=theme.PALE, alpha=0.4, linewidth=0, zorder=0)
    ax.axhline(original.value, color=theme.GREY, linewidth=0.8, zorder=1)
    ax.fill_between(known["deterrence"], known["lower"], known["upper"], color=theme.SKY, alpha=0.35, linewidth=0)
    ax.plot(known["deterrence"], known["value"], color=theme.BLUE)
    ax.plot([result.middle], [original.value], "o", color=theme.BLUE, markersize=6, zorder=4)
    _contradicted(ax, frame)
    if original.observed and low <= original.observed:
        ax.axhline(original.observed, color=theme.RED, linewidth=1.0, linestyle=_DOTTED)
        ax.annotate(f"{original.observed:,.0f} seen", (0.0, original.observed), xycoords=("axes fraction", "data"),
                    xytext=(3, 2), textcoords="offset points", va="bottom", color=theme.RED,
                    fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined())
    if result.tipping_point is not None:
        ax.axvline(result.tipping_point, color=theme.RED, linewidth=1.0, linestyle=_DASHED)
        ax.annotate(f"turns at {numerals.percent(result.tipping_point)}", (result.tipping_point, 1.0), ha="left",
                    xycoords=("data", "axes fraction"), va="top", xytext=(3, -3), textcoords="offset points",
                    color=theme.RED, fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined(), zorder=6)
    ax.set_title(f"the estimate {conclusion.kept}" if result.tipping_point is None else
                 f"red: where the estimate {conclusion.told}", loc="left")
    ax.set_xlim(frame["deterrence"].min(), frame["deterrence"].max())
    _percents(ax, "x")
    ax.set_xlabel("share of those returned that does not try again")
    ax.set_ylabel(_LABELS.get(original.unit, original.unit))
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax


def _heights(ax: Axes, known: pd.DataFrame, result: DeterrenceBand) -> tuple[float, float]:
    """Scale the axis of the number to all that is drawn, and return its ends."""
    original = result.original
    numbers = [*known["value"], *known["lower"], *known["upper"], original.value, original.lower, original.upper]
    numbers += [limit for limit in (result.conclusion.low, result.conclusion.high) if math.isfinite(limit)]
    low, high = min(numbers), max(numbers)
    if original.unit == "share":
        ax.set_ylim(max(0.0, low - 0.05), min(1.0, high + 0.05))
        _percents(ax, "y")
    elif low > 0 and high / low > _WIDE:
        ax.set_yscale("log")
        ax.set_ylim(low / 1.25, high * 1.25)
        theme.log_ticks(ax, "y")
    else:
        ax.set_ylim(0.0, 1.08 * high)
        theme.thousands(ax, "y")
    bottom, top = ax.get_ylim()
    return float(bottom), float(top)


def _contradicted(ax: Axes, frame: pd.DataFrame) -> None:
    refused = frame[frame["refusal"] != ""]["deterrence"]
    answered = frame[frame["refusal"] == ""]["deterrence"]
    above = refused[refused > answered.max()] if len(answered) else refused
    if len(above):
        begin = (answered.max() + above.min()) / 2 if len(answered) else above.min()
        ax.axvspan(begin, above.max(), facecolor="none", edgecolor=theme.PALE, hatch="//", linewidth=0, zorder=0)
        ax.annotate("the counts\ncontradict it", (1.0, 0.6), ha="right", va="center", xycoords="axes fraction",
                    xytext=(-3, 0), textcoords="offset points", color=theme.GREY, fontsize=theme.SMALLEST_TEXT,
                    path_effects=theme.outlined())


def _percents(ax: Axes, axis: str) -> None:
    from matplotlib.ticker import PercentFormatter

    getattr(ax, f"{axis}axis").set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
