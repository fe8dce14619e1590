"""Every method of a panel beside the others: what it says, what the gate made of it, what others published."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smuggling_analysis import numerals
from smuggling_analysis.methods.reliability import RULES
from smuggling_analysis.plots import theme
from smuggling_analysis.plots.comparison import observed_line, published_name, spans_widely

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Told apart by colour-blind readers (after Okabe and Ito); red is the observed number's.
_FAMILIES = ("#0072B2", "#B07C00", "#00785A", "#A8467F", "#2E86C1", "#5B4FA0", "#7A5C00", "#3B3B3B")
_ROW, _HEADING, _WORDS = 0.36, 0.30, 34
_BEYOND = 10.0
"""Limits more than so many times beyond every estimate do not set the axis: they run off it."""
_TICKS = 3
_TITLES = {rule.name: rule.title if rule.name == "r-hat" else f"{rule.title[:1].lower()}{rule.title[1:]}"
           for rule in RULES}


@dataclass(frozen=True)
class _Row:
    """One row: a family's heading, a method, or a published value."""

    label: str
    colour: str
    kind: str  # "family", "own", "refused", "silent" or "published"
    numbers: tuple[float | None, float | None, float | None] = (None, None, None)
    said: str = ""

    @property
    def height(self) -> float:
        """Its height in inches."""
        return _HEADING if self.kind == "family" else _ROW + 0.13 * self.said.count("\n")


@theme.drawing
def panel_forest(panel: Any, *, only: Iterable[str] | None = None, log: bool | None = None, source: str = "",
                 ax: Axes | None = None) -> Axes:
    """Draw every method of a panel with its interval and the gate's verdict, and published values below them.

    Methods stand by family, each family in its colour. A number that the gate refused is drawn in grey, hollow
    and dashed, with the rules that refused it at the side; a method that gave no number is named with the reason.

    Parameters
    ----------
    panel : Panel
        From `panel`.
    only : iterable of str, optional
        Keys of the methods to draw, for panels of more methods than a page holds. By default all.
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
    >>> import smuggling_analysis as sa
    >>> two = sa.CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> panel_forest(sa.panel(two, rng=1, sensitivity=False)).get_xlabel()
    'persons'
    """
    keys = None if only is None else set(only)
    rows = list(_rows(panel, keys))
    ax = theme.axes(ax, 0.9 + sum(row.height for row in rows))
    spots = _spots(rows)
    finite = _within_reach(rows)
    observed = panel.observed
    top = _scale(ax, [*finite, observed] if observed else finite or [1.0], log)
    for spot, row in zip(spots, rows, strict=True):
        _mark(ax, spot, row, top)
        ax.annotate(row.said, (1.01, spot), xycoords=("axes fraction", "data"), va="center", ha="left",
                    fontsize=theme.SMALLEST_TEXT, color=theme.INK if row.kind in ("own", "published") else theme.GREY)
    ax.set_yticks(spots, [theme.wrapped(row.label, 36) for row in rows])
    for text, row in zip(ax.get_yticklabels(), rows, strict=True):
        text.set_color(row.colour if row.kind in ("family", "own") else theme.GREY)
        text.set_fontweight("bold" if row.kind == "family" else "normal")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(min(spots) - rows[-1].height, max(spots) + rows[0].height)
    ax.grid(axis="x")
    if observed:
        observed_line(ax, observed)
    ax.set_xlabel(next((one.given.unit for one in panel.fitted if one.given is not None), "persons"))
    theme.source_line(ax, source)
    theme.watermark(ax, panel.evidence.simulated)
    return ax


def _rows(panel: Any, only: set[str] | None) -> Iterator[_Row]:
    families: dict[str, list[Any]] = {}
    for one in panel.fitted:
        families.setdefault(one.variant.family, []).append(one)
    for place, (family, each) in enumerate(families.items()):
        members = [one for one in each if only is None or one.key in only]
        if not members:
            continue
        colour = _FAMILIES[place % len(_FAMILIES)]
        yield _Row(f"{family[:1].upper()}{family[1:]}", colour, "family")
        yield from (_row_of(one, colour) for one in members)
    if panel.published:
        yield _Row("Published by others", theme.INK, "family")
    for one in panel.published:
        numbers = (one.value, one.low, one.high)
        yield _Row(published_name(one), theme.GREY, "published", numbers, numerals.with_interval(*numbers))


def _row_of(one: Any, colour: str) -> _Row:
    if one.given is None:
        words = theme.wrapped(f"no estimate: {one.result.reason}", _WORDS, 3 * _WORDS)
        return _Row(one.label, theme.GREY, "silent", said=words)
    numbers = (one.given.value, one.given.lower, one.given.upper)
    told = numerals.with_interval(*numbers, digits=numerals.DIGITS)
    if one.passed:
        aside = f"\n{theme.wrapped(one.variant.aside, _WORDS)}" if one.variant.aside else ""
        best = "\nthe headline" if one.headline else ""
        return _Row(one.label, colour, "own", numbers, f"{told}{aside}{best}")
    rules = "; ".join(_TITLES.get(finding.rule, finding.rule) for finding in one.judgement.findings
                      if finding.consequence == "refused")
    return _Row(one.label, theme.GREY, "refused", numbers, f"{told}\n{theme.wrapped(f'refused: {rules}', _WORDS)}")


def _spots(rows: list[_Row]) -> list[float]:
    """Return where each row stands, in inches below the first."""
    spots, above = [], 0.0
    for row in rows:
        spots.append(-(above + 0.5 * row.height))
        above += row.height
    return spots


def _scale(ax: Axes, finite: list[float], log: bool | None) -> float:
    """Set the axis and return its upper end: an interval far wider than every estimate does not set it."""
    logarithmic = spans_widely(finite) if log is None else log
    top = max(finite) * (1.6 if logarithmic else 1.08)
    if logarithmic:
        ax.set_xscale("log")
        ax.set_xlim(min(finite) / 1.3, top)
        theme.log_ticks(ax, most=_TICKS)
    else:
        ax.set_xlim(0, top)
        theme.thousands(ax)
    return top


def _within_reach(rows: Iterable[_Row]) -> list[float]:
    """Return the numbers that set the axis: every estimate, and limits that are not ten times beyond them all."""
    numbers = [row.numbers for row in rows]
    values = [value for value, _, _ in numbers if value is not None and math.isfinite(value)]
    limits = [limit for _, low, high in numbers for limit in (low, high) if limit is not None and math.isfinite(limit)]
    if not values:
        return limits
    least, most = min(values) / _BEYOND, max(values) * _BEYOND
    return [*values, *(min(max(limit, least), most) for limit in limits if limit > 0)]


def _mark(ax: Axes, spot: float, row: _Row, edge: float) -> None:
    value, low, high = row.numbers
    left = value if low is None else low
    right = value if high is None else min(high, edge)
    sure = row.kind == "own"
    if left is not None and right is not None and right > left:
        ax.plot([left, right], [spot, spot], color=row.colour, linewidth=2.4 if sure else 1.2, solid_capstyle="butt",
                linestyle="-" if sure else (0, (3, 1.5)))
    if high is not None and high > edge:
        ax.plot([edge], [spot], marker=">", color=row.colour, markersize=6, linestyle="none", clip_on=False)
    if value is not None:
        shape = {"own": "o", "refused": "X", "published": "D"}[row.kind]
        ax.plot([value], [spot], marker=shape, color=row.colour, markersize=6 if sure else 5.5, linestyle="none",
                markerfacecolor=row.colour if sure else "white", zorder=3)
