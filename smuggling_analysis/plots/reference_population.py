"""A reference population: gamma's likelihood, fitted counts, totals over the years, influence, and the four methods."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.methods.reference_population.comparison import MethodComparison
    from smuggling_analysis.methods.reference_population.left_out import CountriesLeftOut
    from smuggling_analysis.methods.reference_population.populations import HiddenPopulations
    from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit

_DASHED = (0, (4, 2))
_LARGEST_DROP = 12.0
_NAMED = 5
_COUNTRIES = 15
# Red is the apprehended people's.
_COLOURS = (theme.BLUE, "#B07C00", "#3B3B3B", "#8A4FA0", theme.SKY, "#5B8C5A")
_MARKS = ("o", "s", "^", "D", "v", "P")


@theme.drawing
def gamma_profile(fitted: ReferenceFit, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw what the likelihood loses at other gammas, and the number of hidden people there.

    Parameters
    ----------
    fitted : ReferenceFit
        With gamma estimated.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If gamma was given.

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import fit
    >>> from smuggling_analysis.simulate import reference_counts
    >>> gamma_profile(fit(reference_counts(rng=1))).get_xlabel()
    'gamma: the rate of those whom the second source does not have'
    """
    profile = fitted.gamma_profile
    ax = theme.axes(ax, 3.2)
    shown = profile.frame[profile.frame["drop"] <= _LARGEST_DROP]
    ax.axvspan(profile.lower, profile.upper, color=theme.PALE, alpha=0.5, linewidth=0)
    ax.plot(shown["gamma"], -shown["drop"], color=theme.BLUE)
    ax.axhline(-profile.limit, color=theme.GREY, linewidth=0.9, linestyle=_DASHED)
    ax.plot([fitted.gamma], [0.0], "o", color=theme.BLUE, markersize=6)
    ax.set_xscale("log")
    theme.log_ticks(ax, "x")
    logs = np.log(profile.frame["gamma"])
    for gamma, ha in ((profile.lower, "left"), (profile.upper, "right")):
        total = float(np.interp(math.log(gamma), logs, profile.frame["total"]))
        ax.annotate(f"{numerals.number(total, digits=3)}\nhidden", (gamma, 0.02), ha=ha, va="bottom",
                    xycoords=("data", "axes fraction"), xytext=(4 if ha == "left" else -4, 0),
                    textcoords="offset points", fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined())
    ax.set_xlabel("gamma: the rate of those whom the second source does not have")
    ax.set_ylabel("twice the log-likelihood, below its top")
    ax.set_title(f"{numerals.number(profile.least, digits=3)} to {numerals.number(profile.most, digits=3)} people "
                 "hidden over the gammas that fit as well", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, fitted.counts.simulated)
    return ax


@theme.drawing
def fitted_counts(fitted: ReferenceFit, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw counts against those expected, both on logarithmic axes; counts of 0 stand below, at a half.

    Parameters
    ----------
    fitted : ReferenceFit
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import fit
    >>> from smuggling_analysis.simulate import reference_counts
    >>> fitted_counts(fit(reference_counts(rng=1))).get_ylabel()
    'people apprehended'
    """
    ax = theme.axes(ax, 4.2)
    observed, expected = fitted.counts.observed, np.maximum(fitted.fitted, 1e-3)
    seen = observed > 0
    shown = np.maximum(observed, 0.5)
    low, high = 0.35, 1.6 * float(max(observed.max(), expected.max()))
    ax.plot([low, high], [low, high], color=theme.GREY, linewidth=0.9, linestyle=_DASHED)
    ax.scatter(expected[seen], shown[seen], s=11, color=theme.BLUE, alpha=0.55, linewidth=0)
    ax.scatter(expected[~seen], shown[~seen], s=11, facecolor="none", edgecolor=theme.GREY, alpha=0.5, linewidth=0.6)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(max(float(expected.min()) / 1.5, 1e-3), high)
    ax.set_ylim(low, high)
    theme.log_ticks(ax, "x")
    theme.log_ticks(ax, "y")
    spread = fitted.residuals**2 / np.maximum(fitted.fitted, 1.0)
    for place in np.argsort(-spread)[:_NAMED]:
        words = _named((fitted.counts.countries[place], *fitted.counts.values[place]))
        above = shown[place] > expected[place]
        ax.annotate(theme.shortened(words, 24), (expected[place], shown[place]), xytext=(-5 if above else 5, 0),
                    va="center", ha="right" if above else "left", textcoords="offset points",
                    fontsize=theme.SMALLEST_TEXT, path_effects=theme.outlined())
    ax.set_xlabel("people expected to be apprehended")
    ax.set_ylabel("people apprehended")
    ax.set_title(f"{int((~seen).sum()):,} of {len(seen):,} rows with nobody apprehended (rings);\ncounts vary "
                 f"{numerals.number(fitted.dispersion, digits=2)} times as much as the model has them", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, fitted.counts.simulated)
    return ax


@theme.drawing
def hidden_populations(found: HiddenPopulations, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the hidden population of each group with its interval, on a logarithmic axis, and those apprehended.

    The first covariate of the groups is across, the others are told apart by marks: years first.

    Parameters
    ----------
    found : HiddenPopulations
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import hidden_population_by
    >>> from smuggling_analysis.simulate import reference_counts
    >>> hidden_populations(hidden_population_by(reference_counts(periods=2, rng=1), ["period"])).get_ylabel()
    'people hidden'
    """
    ax = theme.axes(ax, 3.6)
    across = list(dict.fromkeys(label[0] for label in found.labels))
    kinds = list(dict.fromkeys(label[1:] for label in found.labels))
    frame = found.frame()
    for kind, colour, mark in zip(kinds, _COLOURS * len(kinds), _MARKS * len(kinds), strict=False):
        moved = 0.0 if len(kinds) == 1 else 0.5 * (kinds.index(kind) / (len(kinds) - 1) - 0.5)
        rows = [place for place, label in enumerate(found.labels) if label[1:] == kind]
        known = frame.iloc[rows].dropna(subset=["value"])
        spots = [across.index(found.labels[place][0]) + moved for place in known.index]
        name = _named(kind) or None
        ax.errorbar(spots, known["value"], yerr=[known["value"] - known["lower"], known["upper"] - known["value"]],
                    fmt=mark, color=colour, markersize=5, linewidth=1.2, label=name)
        every = [across.index(found.labels[place][0]) + moved for place in rows]
        ax.plot(every, np.maximum(frame["observed"].iloc[rows], 0.5), "_", color=theme.RED, markersize=9)
    ax.set_yscale("log")
    theme.log_ticks(ax, "y")
    ax.set_xticks(range(len(across)), [theme.shortened(_named((one,)), 16) for one in across])
    ax.set_xlim(-0.6, len(across) - 0.4)
    ax.set_xlabel(found.by[0])
    ax.set_ylabel("people hidden")
    ax.set_title("hidden population and interval; red: apprehended", loc="left")
    if len(kinds) > 1:
        ax.legend(title=", ".join(found.by[1:]), ncols=min(3, len(kinds)), loc="upper center",
                  bbox_to_anchor=(0.5, -0.18))
    theme.source_line(ax, source)
    theme.watermark(ax, found.fitted.counts.simulated)
    return ax


@theme.drawing
def countries_left_out(found: CountriesLeftOut, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw how the number of people of all other countries changes when one is left out of the fit.

    Parameters
    ----------
    found : CountriesLeftOut
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import fit, leave_one_country_out
    >>> from smuggling_analysis.simulate import reference_counts
    >>> countries_left_out(leave_one_country_out(fit(reference_counts(countries=30, rng=1)))).get_xlabel()
    'change of the number of people of the other countries'
    """
    from matplotlib.ticker import PercentFormatter

    rows = found.frame.dropna(subset=["others_change"]).head(_COUNTRIES)
    ax = theme.axes(ax, 1.2 + 0.24 * len(rows))
    spots = np.arange(len(rows))[::-1]
    ax.axvline(0.0, color=theme.GREY, linewidth=0.8)
    ax.hlines(spots, 0.0, rows["others_change"], color=theme.BLUE, linewidth=1.4)
    ax.plot(rows["others_change"], spots, "o", color=theme.BLUE, markersize=5)
    for spot, (_, row) in zip(spots, rows.iterrows(), strict=True):
        ax.annotate(f"{numerals.percent(float(row['share']))} of the number", (1.01, spot), va="center",
                    xycoords=("axes fraction", "data"), fontsize=theme.SMALLEST_TEXT, color=theme.GREY)
    ax.set_yticks(spots, [theme.shortened(str(name), 28) for name in rows["country"]])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    ax.set_xlabel("change of the number of people of the other countries")
    ax.set_title(theme.wrapped(found.sentence, 90), loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, found.simulated)
    return ax


@theme.drawing
def method_forest(found: MethodComparison, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw what each method makes of one model and one set of counts, on a logarithmic axis.

    A method whose number lies below those apprehended is refused, and stands as a cross.

    Parameters
    ----------
    found : MethodComparison
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import compare_methods
    >>> from smuggling_analysis.simulate import reference_counts
    >>> method_forest(compare_methods(reference_counts(rng=1))).get_xlabel()
    'people hidden'
    """
    rows = found.frame
    ax = theme.axes(ax, 1.3 + 0.36 * len(rows))
    spots = np.arange(len(rows))[::-1]
    for spot, (_, row) in zip(spots, rows.iterrows(), strict=True):
        if math.isfinite(row["value"]):
            ax.plot([row["lower"], row["upper"]], [spot, spot], color=theme.BLUE, linewidth=1.6)
            ax.plot([row["value"]], [spot], "o", color=theme.BLUE, markersize=6)
            words = numerals.with_interval(row["value"], row["lower"], row["upper"], digits=2)
        else:
            if math.isfinite(row["plain"]):
                ax.plot([row["plain"]], [spot], "x", color=theme.RED, markersize=7)
            words = "refused" if math.isnan(row["plain"]) else f"refused: {numerals.number(row['plain'], digits=2)}"
        ax.annotate(words, (1.01, spot), xycoords=("axes fraction", "data"), va="center", fontsize=theme.SMALLEST_TEXT)
    ax.axvline(found.observed, color=theme.RED, linewidth=1.0, linestyle=(0, (1, 1)))
    ax.annotate(f"{found.observed:,} apprehended", (found.observed, 1.0), xycoords=("data", "axes fraction"), va="top",
                xytext=(3, 0), textcoords="offset points", color=theme.RED, fontsize=theme.SMALLEST_TEXT,
                path_effects=theme.outlined())
    ax.set_xscale("log")
    theme.log_ticks(ax, "x")
    ax.set_yticks(spots, rows["title"])
    ax.set_ylim(-0.6, len(rows) - 0.1)
    ax.set_xlabel("people hidden")
    ax.set_title(theme.wrapped(found.sentence, 62), loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, found.simulated)
    return ax


def _named(values: tuple[str | float, ...]) -> str:
    return " ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in values)
