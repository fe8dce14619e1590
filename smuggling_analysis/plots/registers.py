"""One register: does the model fit the numbers of times seen, whom does it fit badly, how do the ratios run?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    from smuggling_analysis.methods.single_register.fitting import Fitting
    from smuggling_analysis.methods.single_register.frequencies import FrequencyFit

_LINES = (theme.RED, theme.BLUE, theme.FILLS[4], theme.INK, theme.SKY)
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
_Z = 1.96
_NAMED = 4
_FAR = 3.0
_ROOM = 0.06


@theme.drawing
def rootogram(result: Fitting | FrequencyFit, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Hang the numbers of people seen once, twice, ... from those expected: a bar that misses the ground is a misfit.

    Heights are square roots, so that rare numbers of times are seen beside common ones: chance alone moves a bar's foot
    by about half a unit whatever its height, and beyond the dotted lines (one unit) it is rarely the reason.

    Parameters
    ----------
    result : Fitting or FrequencyFit
        As from `single_register.fit_register` or `frequency_fit`.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    References
    ----------
    Kleiber, C. & Zeileis, A. (2016). Visualizing count data regressions using rootograms. The American Statistician 70,
    296-303.

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register import fit_register
    >>> ax = rootogram(fit_register(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})))
    >>> ax.get_title(loc="left")
    'zero-truncated Poisson: fewer seen twice than expected, more seen 4 times'
    """
    from smuggling_analysis.methods.single_register.frequencies import FrequencyFit, frequency_fit

    found = result if isinstance(result, FrequencyFit) else frequency_fit(result)
    ax = theme.axes(ax, 3.2)
    times = found.frame["times_caught"].to_numpy()
    top, drop = (np.sqrt(found.frame[name].to_numpy(float)) for name in ("expected", "observed"))
    foot = top - drop
    colours = [theme.RED if abs(one) > 1 else theme.SKY for one in foot]
    ax.bar(times, drop, bottom=foot, width=0.75, color=colours, edgecolor="white", linewidth=0.5)
    ax.plot(times, top, "o-", color=theme.INK, markersize=3.5, linewidth=1.2, label="expected", zorder=4)
    ax.axhline(0.0, color=theme.INK, linewidth=0.8)
    for edge in (-1.0, 1.0):
        ax.axhline(edge, color=theme.GREY, linewidth=0.8, linestyle=":")
    _people_on_a_root_scale(ax, float(max(top.max(), drop.max())), float(foot.min()))
    _whole_ticks(ax)
    ax.set_xlabel("times seen")
    ax.set_ylabel("people (square-root scale)")
    ax.legend(loc="upper right")
    ax.set_title(_misfit(found, foot), loc="left", wrap=True)
    theme.source_line(ax, source)
    theme.watermark(ax, found.simulated)
    return ax


def _misfit(found: FrequencyFit, foot: Any) -> str:
    from smuggling_analysis.methods.single_register.goodness import in_words

    worst = {sign: int(np.argmax(sign * foot)) for sign in (1, -1)}
    said = [f"{word} seen {in_words(int(found.frame['times_caught'].iloc[worst[sign]]))}"
            for sign, word in ((1, "fewer"), (-1, "more")) if sign * foot[worst[sign]] > 1]
    if not said:
        return f"{found.title}: people were seen about as often as expected"
    return f"{found.title}: " + ", ".join([f"{said[0]} than expected", *said[1:]])


def _people_on_a_root_scale(ax: Axes, top: float, bottom: float) -> None:
    """Label square roots with the numbers of people they are roots of."""
    from matplotlib.ticker import MaxNLocator

    heights = MaxNLocator(6).tick_values(0.0, top)
    rounded = [float(f"{height**2:.1g}") for height in heights if 0 <= height <= 1.05 * top]
    ax.set_yticks([math.sqrt(people) for people in dict.fromkeys(rounded)],
                  [f"{people:,.0f}" for people in dict.fromkeys(rounded)])
    ax.set_ylim(min(1.15 * bottom, -1.5), 1.05 * top)


@theme.drawing
def ratio_plot(counts: RepeatCounts, *, models: Iterable[str] = ("aic",), source: str = "",
               ax: Axes | None = None) -> Axes:
    """Draw the ratios of neighbouring frequencies against times seen, and the lines carried back to those never seen.

    Of a Poisson distribution the ratios (x + 1) f(x + 1) / f(x) are level, of people who differ they rise.

    Parameters
    ----------
    counts : RepeatCounts
        Covariates are summed over.
    models : iterable of str
        Lines to draw, rows of `RATIO_MODELS`, or "aic" for the one of the smallest AIC.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> ratio_plot(counts, models=["poisson", "log"]).get_ylabel()
    'ratio (x + 1) f(x + 1) / f(x)'
    """
    from smuggling_analysis.estimate import NoEstimate
    from smuggling_analysis.methods.single_register.ratios import ratio_regression

    ax = theme.axes(ax, 3.2)
    for place, name in enumerate(models):
        style: dict[str, Any] = {"color": _LINES[place % len(_LINES)], "linestyle": _DASHES[place % len(_DASHES)]}
        try:
            estimate = ratio_regression(counts, model=name)
        except NoEstimate:
            ax.plot([], [], " ", label=f"{name}: no estimate")
            continue
        told = estimate.diagnostics
        x = np.array(list(told["fitted_ratios"]), dtype=float)
        line = (x + 1) * np.array(list(told["fitted_ratios"].values()))
        said = numerals.with_interval(estimate.value, estimate.lower, estimate.upper, digits=numerals.DIGITS)
        ax.plot(x, line, label=f"{told['model']}: {said}", **style)
        ax.plot(x[:1], line[:1], "D", color=style["color"], markersize=5, markeredgecolor="white", zorder=6)
    _observed_ratios(ax, counts)
    ax.set_yscale("log")
    theme.log_ticks(ax, "y")
    _whole_ticks(ax)
    ax.set_xlim(-0.35, float(counts.times.max()) - 0.65)
    ax.set_xlabel("times seen, x (0: never seen, estimated)")
    ax.set_ylabel("ratio (x + 1) f(x + 1) / f(x)")
    ax.grid(axis="y")
    ax.legend(loc="best", title=f"persons, by model; bars: {numerals.percent(0.95)} of chance",
              title_fontsize=theme.SMALLEST_TEXT, alignment="left")
    ax.set_title("level ratios: everybody alike; rising ones: people differ", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, counts.simulated)
    return ax


def _observed_ratios(ax: Axes, counts: RepeatCounts) -> None:
    people = counts.frequencies()
    x = np.array([times for times in people if times + 1 in people])
    low, high = (np.array([people[times + step] for times in x], dtype=float) for step in (0, 1))
    ratio, reach = (x + 1) * high / low, np.exp(_Z * np.sqrt(1 / low + 1 / high))
    ax.errorbar(x, ratio, yerr=[ratio - ratio / reach, ratio * reach - ratio], fmt="o", color=theme.INK, markersize=5,
                elinewidth=1.0, capsize=2.5, zorder=5)


@theme.drawing
def register_residuals(fitting: Fitting, *, least: int = 1, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw Pearson residuals against the times that a fit expects; each disc is the people of a pattern seen so often.

    The discs' areas are numbers of people; those farthest off are named.

    Parameters
    ----------
    fitting : Fitting
        As from `single_register.fit_register`.
    least : int
        Fewest people of a disc that is named.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register import fit_register
    >>> ax = register_residuals(fit_register(RepeatCounts.from_frequencies({1: 80, 2: 12, 3: 3, 6: 1})))
    >>> ax.get_ylabel()
    'Pearson residual'
    """
    from smuggling_analysis.methods.single_register.cell_residuals import residuals

    ax = theme.axes(ax, 3.4)
    covariates = list(fitting.covariates)
    keys = [*covariates, "times_caught"]
    frame = residuals(fitting).dropna(subset=["pearson"])
    shown = frame.groupby(keys, as_index=False).agg({"n_persons": "sum", "expected": "first", "pearson": "first"})
    for edge in (0.0, 2.0, -2.0):
        ax.axhline(edge, color=theme.GREY, linewidth=0.8, linestyle="-" if edge == 0 else ":")
    times = shown["times_caught"].clip(upper=4)
    for number, colour in zip((1, 2, 3, 4), (theme.FILLS[2], theme.FILLS[1], theme.FILLS[0], theme.RED), strict=True):
        some = shown[times == number]
        if len(some):
            label = {1: "once", 2: "twice", 3: "3 times", 4: "more often"}[number]
            ax.scatter(some["expected"], some["pearson"], s=6 + 300 * some["n_persons"] / shown["n_persons"].max(),
                       color=colour, edgecolor="white", linewidth=0.5, alpha=0.85, label=label, zorder=3)
    ax.set_ylim(min(-2.6, 1.1 * shown["pearson"].min()), max(2.6, 1.3 * shown["pearson"].max()))
    _named(ax, shown[shown["n_persons"] >= least], covariates)
    beyond = int(shown.loc[shown["pearson"].abs() > 2, "n_persons"].sum())
    people = int(shown["n_persons"].sum())
    ax.set_title(f"{beyond:,} of {people:,} people are more than 2 standard deviations off", loc="left")
    ax.set_xlabel("times expected of those seen")
    ax.set_ylabel("Pearson residual")
    legend = ax.legend(loc="upper right", ncols=4, title="seen", title_fontsize=theme.SMALLEST_TEXT, alignment="left")
    for handle in legend.legend_handles:
        handle.set_sizes([30])  # type: ignore[union-attr]
    theme.source_line(ax, source)
    theme.watermark(ax, fitting.counts.simulated)
    return ax


def _named(ax: Axes, shown: pd.DataFrame, covariates: list[str]) -> None:
    """Name the people farthest off, those whose names would lie on each other's left out."""
    from smuggling_analysis.methods.single_register.goodness import in_words

    height = np.ptp(ax.get_ylim())
    heights: list[float] = []
    for row in shown[shown["pearson"] > _FAR].nlargest(3 * _NAMED, "pearson").to_dict("records"):
        if len(heights) == _NAMED or any(abs(row["pearson"] - one) < _ROOM * height for one in heights):
            continue
        heights.append(row["pearson"])
        seen = f"{row['n_persons']:,} seen {in_words(int(row['times_caught']))}"
        words = theme.shortened(", ".join([*(theme.written(row[name]) for name in covariates), seen]), 50)
        right = row["expected"] > np.mean(ax.get_xlim())
        ax.annotate(words, (row["expected"], row["pearson"]), xytext=(-6 if right else 6, 0), va="center",
                    ha="right" if right else "left", textcoords="offset points", fontsize=theme.SMALLEST_TEXT,
                    path_effects=theme.outlined(), zorder=6)


def _whole_ticks(ax: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
