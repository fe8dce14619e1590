"""Numbers side by side: every method beside published values, rates with intervals, sources that disagree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 0.34
_WIDE = 30.0


@theme.drawing
def forest(results: Mapping[str, Estimate], *, published: Iterable[Indicator] = (),
           observed: float | None = None, log: bool | None = None, source: str = "",
           ax: Axes | None = None) -> Axes:
    """Draw every method's estimate with its interval, and published values below them.

    Parameters
    ----------
    results : mapping of str to Estimate
        What to call each method, and its estimate; drawn from the top in this order.
    published : iterable of Indicator
        Published values, with the range they were published with.
    observed : float, optional
        How many people were seen: a line no estimate lies below.
    log : bool, optional
        Logarithmic axis; by default where the numbers span more than a factor of 30.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> two = {name: Estimate(value=n, lower=n / 2, upper=2 * n, unit="persons", method=name)
    ...        for name, n in [("chao", 9274), ("zelterman", 9425)]}
    >>> forest(two, observed=1880).get_xlabel()
    'persons'
    """
    others = list(published)
    rows = [*((name, one.value, one.lower, one.upper, True) for name, one in results.items()),
            *((published_name(one), one.value, one.low, one.high, False) for one in others)]
    ax = theme.axes(ax, 0.9 + _ROW * len(rows) + 0.15 * bool(others))
    spots = [-place - 0.5 * bool(others and not own) for place, (_, _, _, _, own) in enumerate(rows)]
    finite = [number for row in rows for number in row[1:4] if number is not None and math.isfinite(number)]
    log = spans_widely([*finite, observed]) if log is None else log
    top = max(finite) * (1.6 if log else 1.12)
    for spot, (_, value, low, high, own) in zip(spots, rows, strict=True):
        _point(ax, spot, value, low, high, own=own, edge=top)
    _names(ax, spots, [theme.wrapped(row[0], 38) for row in rows])
    ends = [numerals.with_interval(*row[1:4], digits=numerals.DIGITS if row[4] else None) for row in rows]
    _right_labels(ax, spots, ends)
    if log:
        ax.set_xscale("log")
        ax.set_xlim(min([*finite, *([observed] if observed else [])]) / 1.3, top)
        theme.log_ticks(ax)
    else:
        ax.set_xlim(0, top)
        theme.thousands(ax)
    if observed:
        observed_line(ax, observed)
    units = [*(one.unit for one in results.values()), *(one.unit for one in others)]
    ax.set_xlabel(theme.shortened(units[0], 100) if units else "")
    if others and results:
        ax.axhline(spots[len(results) - 1] - 0.75, color=theme.PALE, linewidth=0.8)
    theme.source_line(ax, source)
    theme.watermark(ax, any([one.simulated for one in results.values()] + [one.simulated for one in others]))
    return ax


@theme.drawing
def rates(results: Mapping[str, Estimate], *, notes: Mapping[str, str] | None = None, source: str = "",
          ax: Axes | None = None) -> Axes:
    """Draw rates with their intervals, one row each, their numbers beside them.

    A rate whose own cautions say that its interval is too narrow is drawn in grey, dashed.

    Parameters
    ----------
    results : mapping of str to Estimate
        What to call each rate (a year), and the rate, all in one unit.
    notes : mapping, optional
        A short note per row, in grey beneath its name: "boats not recorded".
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> rate = Estimate(value=126.4, lower=80, upper=190, unit="deaths per 1,000 departures", method="sea")
    >>> rates({"2023": rate}).get_xlabel()
    'deaths per 1,000 departures'
    """
    rows = list(results.items())
    ax = theme.axes(ax, 1.0 + 0.42 * len(rows))
    spots = [-float(place) for place in range(len(rows))]
    top = 1.08 * max(one.upper for one in results.values() if math.isfinite(one.upper))
    narrow = [any("too narrow" in caution for caution in one.cautions) for _, one in rows]
    for spot, (_, one), grey in zip(spots, rows, narrow, strict=True):
        _point(ax, spot, one.value, one.lower, one.upper, own=not grey, edge=top)
    names = [theme.wrapped(name, 60) for name, _ in rows]
    under = [(notes or {}).get(name, "") for name, _ in rows]
    _names(ax, spots, [f"{name}\n{note}" if note else name for name, note in zip(names, under, strict=True)])
    _right_labels(ax, spots, [numerals.with_interval(one.value, one.lower, one.upper, digits=numerals.DIGITS)
                              for _, one in rows])
    ax.set_xlim(0, top)
    theme.thousands(ax)
    ax.set_xlabel(theme.shortened(rows[0][1].unit, 100) + ("; grey: the interval is too narrow" if any(narrow) else ""))
    theme.source_line(ax, source)
    theme.watermark(ax, any(one.simulated for one in results.values()))
    return ax


@theme.drawing
def contradictions(groups: Mapping[str, Sequence[tuple[str, float]]], *, unit: str, source: str = "",
                   ax: Axes | None = None) -> Axes:
    """Draw what different sources say of the same thing, each as a bar built of its parts.

    Parameters
    ----------
    groups : mapping of str to sequence of (str, float)
        Each source's name, and the parts it gives: one, or several that add up.
    unit : str
        What is counted.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = contradictions({"Dashboard": [("2022-23", 573)], "Briefings": [("2022", 348), ("2023", 569)]},
    ...                     unit="dead or missing")
    >>> [text.get_text() for text in ax.texts][-2:]
    ['573', '917']
    """
    ax = theme.axes(ax, 0.9 + 0.5 * len(groups))
    totals = {name: sum(number for _, number in parts) for name, parts in groups.items()}
    for spot, (_, parts) in enumerate(groups.items()):
        left = 0.0
        for place, (label, number) in enumerate(parts):
            ax.barh(-spot, number, left=left, height=0.62, color=theme.FILLS[place + 1], edgecolor="white")
            # A part too narrow for its words goes without them: the total stands at the bar's end.
            if number > 0.16 * max(totals.values()) and len(parts) > 1:
                words = f"{theme.shortened(label, 30)}: {numerals.number(number)}"
                ax.text(left + number / 2, -spot, words, ha="center", va="center",
                        color="white" if place == 0 else theme.INK, fontsize=theme.SMALLEST_TEXT)
            left += number
    for spot, total in enumerate(totals.values()):
        ax.annotate(numerals.number(total), (total, -spot), xytext=(4, 0), textcoords="offset points",
                    va="center", ha="left", fontweight="bold", family=theme.FAMILIES[0])
    _names(ax, [-float(spot) for spot in range(len(groups))], [theme.wrapped(name, 34) for name in groups])
    ax.set_xlim(0, 1.15 * max(totals.values()))
    theme.thousands(ax)
    ax.set_xlabel(theme.shortened(unit, 100))
    theme.source_line(ax, source)
    return ax


def _point(ax: Axes, spot: float, value: float | None, low: float | None, high: float | None, *,
           own: bool, edge: float) -> None:
    colour = theme.BLUE if own else theme.GREY
    left = value if low is None else low
    right = value if high is None else min(high, edge)
    if left is not None and right is not None and right > left:
        ax.plot([left, right], [spot, spot], color=colour, linewidth=2.4 if own else 1.4,
                solid_capstyle="butt", linestyle="-" if own else (0, (3, 1)))
    for end, mark in ((left, "|"), (right, ">" if high is not None and high > edge else "|")):
        if end is not None and (low is not None or high is not None):
            ax.plot([end], [spot], marker=mark, color=colour, markersize=6, linestyle="none")
    if value is not None:
        ax.plot([value], [spot], marker="o" if own else "D", color=colour, markersize=6 if own else 5,
                markerfacecolor=colour if own else "white", linestyle="none", zorder=3)


def _names(ax: Axes, spots: Sequence[float], names: Sequence[str]) -> None:
    ax.set_yticks(list(spots), list(names))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(min(spots) - 0.7, max(spots) + 0.7)
    ax.grid(axis="x")


def _right_labels(ax: Axes, spots: Sequence[float], texts: Sequence[str]) -> None:
    for spot, text in zip(spots, texts, strict=True):
        ax.annotate(text, (1.01, spot), xycoords=("axes fraction", "data"), va="center", ha="left",
                    fontsize=theme.SMALLEST_TEXT)


def observed_line(ax: Axes, observed: float) -> None:
    """Draw the number of people seen, which no estimate lies below."""
    ax.axvline(observed, color=theme.RED, linewidth=1.0, linestyle=(0, (1, 1)))
    ax.annotate(f"{numerals.number(observed)} observed", (observed, 1.0), xycoords=("data", "axes fraction"),
                xytext=(3, 1), textcoords="offset points", ha="left", va="bottom", color=theme.RED,
                fontsize=theme.SMALLEST_TEXT)


def spans_widely(numbers: Sequence[float | None]) -> bool:
    """Say whether numbers need a logarithmic axis."""
    known = [number for number in numbers if number]
    return bool(known) and min(known) > 0 and max(known) / min(known) > _WIDE


def published_name(one: Any) -> str:
    """Name a published value by its first author and year."""
    authors, dated, rest = one.source.split(";")[0].partition(" (")
    first = authors.split(",")[0].strip()
    others = " and others" if " and " in authors or authors.count(",") > 1 else ""
    year = f" ({rest[:4]})" if dated and rest[:4].isdigit() else ""
    return f"published: {first}{others}{year}"
