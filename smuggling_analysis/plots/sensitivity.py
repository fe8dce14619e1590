"""How far an estimate rests on what cannot be tested: bands, variants, and where the conclusion turns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from smuggling_analysis.estimate import Estimate
    from smuggling_analysis.methods.multiple_systems.sensitivity.dependence import DependenceBand
    from smuggling_analysis.methods.multiple_systems.sensitivity.highest_interaction import AssumedAway
    from smuggling_analysis.methods.multiple_systems.sensitivity.lists_added import Trajectory
    from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion

_WIDE = 6.0
_MOST_TICKS = 9
_DASHED, _DOTTED = (0, (4, 2)), (0, (1, 1))


@theme.drawing
def dependence(result: DependenceBand | AssumedAway, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw an estimate against the odds ratio of a dependence that cannot be tested, and where its conclusion turns.

    The band is the interval at each odds ratio; the grey ground is the original's interval, or begins at the number it
    is held against. A bar below marks the odds ratios that the counts agree with, where they say anything of them.

    Parameters
    ----------
    result : DependenceBand or AssumedAway
        As from `dependence_band` or `assumed_away`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> from smuggling_analysis.methods.multiple_systems import dependence_band
    >>> two = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> dependence(dependence_band(two)).get_ylabel()
    'estimated persons'
    """
    lines = _lines(result)
    (name, first), others = lines[0], lines[1:]
    ax = theme.axes(ax, 3.3)
    ends = (float(first["odds_ratio"].min()), float(first["odds_ratio"].max()))
    every = [*first["value"], *first["lower"], *first["upper"]]
    every += [number for _, one in others for number in one["value"]]
    _ground(ax, result.original, result.conclusion, every)
    for other, one in others:
        ax.plot(one["odds_ratio"], one["value"], color=theme.GREY, linewidth=1.2, linestyle=_DASHED)
        last = one.dropna(subset=["value"])
        if len(last):
            ax.annotate(other, (last["odds_ratio"].iloc[-1], last["value"].iloc[-1]), xytext=(-4, 2), ha="right",
                        textcoords="offset points", va="bottom", color=theme.GREY, fontsize=theme.SMALLEST_TEXT,
                        path_effects=theme.outlined())
    ax.fill_between(first["odds_ratio"], first["lower"], first["upper"], color=theme.SKY, alpha=0.35, linewidth=0)
    ax.plot(first["odds_ratio"], first["value"], color=theme.BLUE)
    ax.plot([1.0], [result.original.value], "o", color=theme.BLUE, markersize=6, zorder=4)
    ax.set_xscale("log")
    # Room at the sides, so that the outermost odds ratios do not stand on the persons' ticks.
    room = (ends[1] / ends[0]) ** 0.04
    ax.set_xlim(ends[0] / room, ends[1] * room)
    persons_axis(ax, [*every, result.original.observed], "y")
    _odds_ratio_ticks(ax, ends)
    _tips(ax, result)
    observed_line(ax, result.original.observed, horizontal=True)
    _allowed(ax, result, name)
    ax.set_xlabel(f"odds ratio: {theme.shortened(name, 80)}")
    ax.set_ylabel("estimated persons")
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax


def _lines(result: DependenceBand | AssumedAway) -> list[tuple[str, pd.DataFrame]]:
    """Return the lines to draw, the main one first."""
    if "lists" not in result.frame:
        return [("interaction of all lists at once", result.frame)]
    names = list(dict.fromkeys(result.frame["lists"]))
    return [(f"{one}, residual" if len(names) == 1 or place == 0 else one,
             result.frame[result.frame["lists"] == one]) for place, one in enumerate(names)]


def _ground(ax: Axes, original: Estimate, conclusion: Conclusion, drawn: Sequence[float]) -> None:
    """Shade where the conclusion holds, and draw the original."""
    finite = [number for number in drawn if math.isfinite(number)]
    low = conclusion.low if math.isfinite(conclusion.low) else min(finite) / 10
    high = conclusion.high if math.isfinite(conclusion.high) else max(finite) * 10
    ax.axhspan(low, high, color=theme.PALE, alpha=0.4, linewidth=0, zorder=0)
    ax.axhline(original.value, color=theme.GREY, linewidth=0.8, zorder=1)


def _tips(ax: Axes, result: DependenceBand | AssumedAway) -> None:
    from smuggling_analysis.methods.multiple_systems.sensitivity.odds_ratios import spoken

    own = result.tips[result.lists] if isinstance(result.tips, Mapping) else result.tips
    for tip, side in ((own.below, "right"), (own.above, "left")):
        if tip is not None:
            ax.axvline(tip, color=theme.RED, linewidth=1.0, linestyle=_DASHED)
            ax.annotate(f"turns at {spoken(tip)}", (tip, 1.0), xycoords=("data", "axes fraction"), ha=side, va="top",
                        xytext=(-3 if side == "right" else 3, -3), textcoords="offset points", color=theme.RED,
                        fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined(), zorder=6)
    ax.set_title(f"the estimate {result.conclusion.kept}" if own.nearest is None else
                 f"red: where the estimate {result.conclusion.told}", loc="left")


def _allowed(ax: Axes, result: DependenceBand | AssumedAway, name: str) -> None:
    pairs = getattr(result, "pairs", None)
    if pairs is None:
        return
    own = pairs[pairs["lists"] == name.removesuffix(", residual")].dropna(subset=["allowed_lower", "allowed_upper"])
    if len(own):
        low, high = own["allowed_lower"].iloc[0], own["allowed_upper"].iloc[0]
        ax.plot([low, high], [0.02, 0.02], transform=ax.get_xaxis_transform(), color=theme.INK, linewidth=4,
                solid_capstyle="butt", zorder=5)
        end = high < math.sqrt(math.prod(ax.get_xlim())) * 3
        ax.annotate("the counts agree", (high if end else low, 0.02), xycoords=("data", "axes fraction"),
                    xytext=(4 if end else -4, 0), textcoords="offset points", ha="left" if end else "right",
                    va="center", fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined(), zorder=6)


def _odds_ratio_ticks(ax: Axes, ends: tuple[float, float]) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    from smuggling_analysis.methods.multiple_systems.sensitivity.odds_ratios import spoken

    tens = range(math.floor(math.log10(ends[0])) - 1, math.ceil(math.log10(ends[1])) + 2)
    above = sorted({step * 10.0**ten for ten in tens if ten >= 0 for step in (1, 2, 5)})
    ticks = [tick for tick in sorted({*above, *(1 / tick for tick in above)})
             if ends[0] * 0.999 <= tick <= ends[1] * 1.001]
    if len(ticks) > _MOST_TICKS:
        ticks = [tick for tick in ticks if abs(math.log10(tick) - round(math.log10(tick))) < 1e-9]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FixedFormatter([spoken(tick) for tick in ticks]))


def persons_axis(ax: Axes, numbers: Iterable[float | None], axis: str) -> None:
    """Scale an axis of persons to these numbers: logarithmic where they are far apart."""
    finite = [number for number in numbers if number and math.isfinite(number)]
    low, high = min(finite), max(finite)
    if low > 0 and high / low > _WIDE:
        getattr(ax, f"set_{axis}scale")("log")
        getattr(ax, f"set_{axis}lim")(low / 1.25, high * 1.25)
        theme.log_ticks(ax, axis)
    else:
        room = 0.08 * (high - low) or 0.02 * high
        getattr(ax, f"set_{axis}lim")(max(0.0, low - room), high + room)
        theme.thousands(ax, axis)


def observed_line(ax: Axes, observed: float | None, *, horizontal: bool) -> None:
    """Mark how many people were seen: a line no estimate lies below."""
    if observed:
        (ax.axhline if horizontal else ax.axvline)(observed, color=theme.RED, linewidth=1.0, linestyle=_DOTTED)
        place, coordinates = (((0.0, observed), ("axes fraction", "data")) if horizontal else
                              ((observed, 1.0), ("data", "axes fraction")))
        ax.annotate(f"{observed:,.0f} observed", place, xycoords=coordinates, xytext=(3, 2), ha="left", va="bottom",
                    textcoords="offset points", color=theme.RED, fontsize=theme.SMALLEST_TEXT,
                    path_effects=theme.outlined())


@theme.drawing
def trajectory(result: Trajectory, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw an estimate with its interval as lists are added; thin bars span all choices of as many lists.

    Parameters
    ----------
    result : Trajectory
        As from `trajectory`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    frame, original = result.frame, result.original
    ax = theme.axes(ax, 3.1)
    drawn = frame[["value", "lower", "upper", "lowest", "highest"]].to_numpy(float).ravel()
    _ground(ax, original, result.conclusion, list(drawn))
    places = np.arange(len(frame))
    spans = frame["lowest"].notna().to_numpy()
    if spans.any():
        ax.vlines(places[spans] + 0.12, frame["lowest"][spans], frame["highest"][spans], color=theme.GREY,
                  linewidth=1.0)
        ax.plot([], [], color=theme.GREY, linewidth=1.0, label="all choices of as many lists, least to largest")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12))
    known = frame["value"].notna().to_numpy()
    turned = np.array([result.conclusion.turned(value) for value in frame["value"]])
    ax.plot(places[known], frame["value"][known], color=theme.PALE, linewidth=1.4, zorder=2)
    for place, row in enumerate(frame.to_dict("records")):
        if math.isnan(row["value"]):
            ax.annotate("refused", (place, 0.5), xycoords=("data", "axes fraction"), ha="center", rotation=90,
                        color=theme.GREY, fontsize=theme.SMALLEST_TEXT)
            continue
        colour = theme.RED if turned[place] else theme.BLUE
        top = row["upper"] if math.isfinite(row["upper"]) else 10 * row["value"]
        ax.plot([place, place], [row["lower"], top], color=colour, linewidth=2.4, solid_capstyle="butt", zorder=3)
        ax.plot([place], [row["value"]], "o", color=colour, markersize=6, zorder=4)
    ax.plot(places, frame["observed"], color=theme.RED, linewidth=1.0, linestyle=_DOTTED)
    ax.annotate("observed", (places[-1], frame["observed"].iloc[-1]), xytext=(0, 3), textcoords="offset points",
                ha="right", va="bottom", color=theme.RED, fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined())
    persons_axis(ax, [*drawn, *frame["observed"]], "y")
    names = [theme.wrapped(f"{'' if place == 0 else '+ '}{name}", 16, 40) for place, name in enumerate(frame["added"])]
    ax.set_xticks(places, names)
    ax.set_xlim(-0.5, len(frame) - 0.5)
    ax.set_ylabel("estimated persons")
    if turned.any():
        ax.set_title(f"red: the estimate {result.conclusion.told}", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, result.simulated)
    return ax
