"""How often and when people were first caught, with the models that were fitted to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.evidence.capture_histories import CaptureHistories
    from smuggling_analysis.evidence.repeat_counts import RepeatCounts

Floats = NDArray[Any]
_LINES = (theme.RED, theme.BLUE, theme.FILLS[4], theme.INK, theme.SKY)
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
_Z = 1.96
# Letters that fit below the axis side by side.
_ROOM = 60


@theme.drawing
def heterogeneity(evidence: CaptureHistories | RepeatCounts, *,
                  models: Iterable[str] = ("M0", "Mh chao", "Mh darroch"), occasions: float | None = None,
                  source: str = "", ax: Axes | None = None) -> Axes:
    """Draw people per history against the number of captures: straight if all are alike, curved if not.

    Each model's line is carried on to no capture at all, where it gives the people never caught.

    Parameters
    ----------
    evidence : CaptureHistories or RepeatCounts
        Strata are added up.
    models : iterable of str
        Models to draw, of those that do not tell lists apart: "M0", "Mh chao", "Mh poisson 2" ... (not
        normal); one without an estimate is named in the legend.
    occasions : float, optional
        Of `RepeatCounts`: on how many occasions people could be caught; infinite unless given.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> seen = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> heterogeneity(seen).get_title(loc="left")
    '1,880 people by the number of times caught: a straight line if all are alike'
    """
    from smuggling_analysis.methods.multiple_systems.closed.designs import alike

    design = alike(evidence, None, 0.0, occasions=occasions)
    ax = theme.axes(ax, 3.4)
    _points(ax, design.captures, design.counts, np.exp(design.offset))
    for place, name in enumerate(models):
        _line(ax, evidence, name, occasions, place)
    ax.set_yscale("log")
    theme.log_ticks(ax, "y")
    ax.set_xlim(-0.35, design.captures[np.flatnonzero(design.counts)[-1]] + 0.35)
    _whole_ticks(ax)
    ax.set_xlabel("times caught (0: never caught, estimated)")
    infinite = occasions in (None, math.inf) and not hasattr(evidence, "lists")
    ax.set_ylabel("people times the factorial of times caught" if infinite else "people per possible history")
    ax.grid(axis="y")
    ax.legend(loc="best", title=f"never caught, by model; bars: {numerals.percent(0.95)} of chance",
              title_fontsize=theme.SMALLEST_TEXT, alignment="left")
    ax.set_title(f"{evidence.n_observed:,} people by the number of times caught: a straight line if all are "
                 "alike", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, evidence.simulated)
    return ax


@theme.drawing
def first_captures(histories: CaptureHistories, *, models: Sequence[str] = ("M0", "Mt", "Mb"),
                   further: int = 0, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the people caught for the first time on each list: a straight decline if chances stay the same.

    Parameters
    ----------
    histories : CaptureHistories
        Lists in the order of time; strata are added up.
    models : sequence of str
        Models whose prediction to draw; one without an estimate is named in the legend.
    further : int
        Occasions after the last list to predict, for models that can.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> counts = {"police": 60, "ngo": 40, ("police", "ngo"): 12}
    >>> two = CaptureHistories.from_counts(counts, lists=["police", "ngo"])
    >>> first_captures(two, models=["Mt"]).get_title(loc="left")
    '112 people by the list that caught them first, in order of time'
    """
    from smuggling_analysis.methods.multiple_systems.closed.capture_counts import predicted_first_captures

    found = predicted_first_captures(histories, models=models, further=further)
    ax = theme.axes(ax, 3.2)
    t = histories.n_lists
    _points(ax, np.arange(1, t + 1), found.frame["observed"].to_numpy()[:t], np.ones(t))
    for place, name in enumerate(models):
        if name in found.refused:
            ax.plot([], [], " ", label=f"{name}: no estimate")
            continue
        predicted = found.frame[name]
        ax.plot(predicted.index, predicted.where(predicted > 0), label=name, **_style(place))
    ax.set_yscale("log")
    theme.log_ticks(ax, "y")
    labels = [theme.shortened(name, 16) for name in histories.lists] + [f"+{i + 1}" for i in range(further)]
    tight = sum(map(len, labels)) > _ROOM
    ax.set_xticks(range(1, t + further + 1), labels, rotation=30 if tight else 0,
                  ha="right" if tight else "center")
    ax.set_ylabel("people caught for the first time")
    ax.grid(axis="y")
    ax.legend(loc="best")
    ax.set_title(f"{histories.n_observed:,} people by the list that caught them first, in order of time",
                 loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, histories.simulated)
    return ax


def _points(ax: Axes, places: Floats, counts: Floats, histories: Floats) -> None:
    """Observed counts per history, with the range that chance alone gives (Poisson, square-root scale)."""
    held = counts > 0
    counts, places, histories = counts[held], places[held], histories[held]
    low = np.maximum(np.sqrt(counts) - _Z / 2, 0.35 * np.sqrt(counts)) ** 2
    high = (np.sqrt(counts) + _Z / 2) ** 2
    ax.errorbar(places, counts / histories, yerr=[(counts - low) / histories, (high - counts) / histories],
                fmt="o", color=theme.INK, markersize=5, elinewidth=1.0, capsize=2.5, zorder=5)


def _line(ax: Axes, evidence: CaptureHistories | RepeatCounts, name: str, occasions: float | None,
          place: int) -> None:
    from smuggling_analysis.estimate import NoEstimate
    from smuggling_analysis.methods.multiple_systems.closed.design_fits import fit_design
    from smuggling_analysis.methods.multiple_systems.closed.fit_by_name import ALIKE, parse_name, read_model

    model, form, theta = parse_name(name)
    if model not in ALIKE or form == "normal":
        raise ValueError("heterogeneity draws models that do not tell lists apart (M0, Mh with a form other "
                         f"than normal), got {name!r}")
    try:
        fit = fit_design(read_model(evidence, model, form, theta, occasions=occasions).design)
    except NoEstimate:
        ax.plot([], [], " ", label=f"{name}: no estimate")
        return
    # No further than people were caught: beyond, the lines would stretch the axis to nothing.
    last = int(np.flatnonzero(fit.design.counts)[-1]) + 1
    per_history = np.r_[fit.unseen, fit.means[:last] / np.exp(fit.design.offset[:last])]
    per_history[per_history <= 0] = np.nan
    ax.plot(np.arange(last + 1), per_history, **_style(place),
            label=f"{name}: {numerals.number(fit.unseen, digits=3)}")
    ax.plot([0], [fit.unseen], "D", color=_LINES[place % len(_LINES)], markersize=5, markeredgecolor="white",
            zorder=6)


def _style(place: int) -> dict[str, Any]:
    return {"color": _LINES[place % len(_LINES)], "linestyle": _DASHES[place % len(_DASHES)]}


def _whole_ticks(ax: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
