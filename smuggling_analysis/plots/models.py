"""What every model makes of the same lists: estimates against merit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MANY = 3000
_REACH = 10.0
_SMALLEST, _NAMED, _LARGEST = 8.0, 45.0, 240.0
_CLOSE = 0.045


@theme.drawing
def model_space(models: Any, *, selected: Mapping[str, str] | None = None, within: float = 20.0,
                source: str = "", ax: Axes | None = None) -> Axes:
    """Draw every model's estimate against its BIC, sized by weight: how far models of near-equal merit disagree.

    Models within 10 points of the best, which the counts cannot tell from it with any force (Raftery 1995),
    stand on a shaded ground between the least and the largest of their estimates.

    Parameters
    ----------
    models : result of `loglinear_models`
        `frame` with `model, value, bic, exists, identified`.
    selected : mapping of str to str, optional
        Models to name beside the best: what to call each, and its notation.
    within : float
        How far above the best BIC to look.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a selected model is not in the table or has no estimate, or none has one.
    """
    frame = models.frame
    usable = frame[frame["exists"] & frame["identified"] & frame["value"].notna()]
    if usable.empty:
        raise ValueError("no model of the table has an estimate, so there is nothing to draw")
    above = (usable["bic"] - usable["bic"].min()).rename("above")
    usable = usable.assign(above=above, area=_SMALLEST + _LARGEST * np.exp(-0.5 * above))
    named = {"best": usable["model"][above.idxmin()], **(selected or {})}
    marked = _marked(usable, named)
    near = usable[usable["above"] <= max(within, float(marked["above"].max()))]
    edge = max(within, 1.04 * float(marked["above"].max()))
    ax = theme.axes(ax, 3.6)
    _scale(ax, near["value"])
    _spread(ax, near[near["above"] <= _REACH], edge)
    unnamed = near[~near["model"].isin(named.values())]
    ax.scatter(unnamed["above"], unnamed["value"], s=unnamed["area"], color=theme.BLUE, linewidths=0.4,
               edgecolors="white", alpha=0.6, rasterized=len(near) > _MANY, zorder=3)
    _names(ax, marked, edge)
    ax.set_xlim(-0.04 * edge, edge)
    ax.set_xlabel("BIC above the best model's; a point's area grows with the model's weight")
    ax.set_ylabel("estimated persons")
    ax.grid(axis="y")
    ax.set_title(f"{len(near):,} of {len(frame):,} models, those within {edge:.3g} of the best", loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, getattr(models, "simulated", False))
    return ax


def _marked(usable: pd.DataFrame, named: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per model named, under all the names it goes by."""
    if missing := [notation for notation in named.values() if notation not in set(usable["model"])]:
        raise ValueError(f"the table holds no estimate of {', '.join(missing)}: name models as it does, in notation")
    calls: dict[str, list[str]] = {}
    for call, notation in named.items():
        calls.setdefault(notation, []).append(call)
    rows = usable[usable["model"].isin(calls)]
    return rows.assign(call=[", ".join(calls[notation]) for notation in rows["model"]])


def _scale(ax: Axes, values: pd.Series) -> None:
    low, high = float(values.min()), float(values.max())
    logarithmic = low > 0 and high / low > 5
    ax.set_yscale("log" if logarithmic else "linear")
    if logarithmic:
        ax.set_ylim(low / 1.2, high * 1.2)
        theme.log_ticks(ax, "y")
    else:
        room = 0.09 * (high - low) or 0.02 * high
        ax.set_ylim(low - room, high + room)
        theme.thousands(ax, "y")


def _spread(ax: Axes, near: pd.DataFrame, edge: float) -> None:
    """Shade the models within reach, from the least of their estimates to the largest, and say both."""
    low, high = float(near["value"].min()), float(near["value"].max())
    reach = min(_REACH, edge)
    ax.axvspan(-edge, reach, color=theme.PALE, alpha=0.35, linewidth=0, zorder=0)
    if high > low:
        ax.fill_between([-edge, reach], low, high, color=theme.SKY, alpha=0.18, linewidth=0, zorder=1)
        for value, place in ((high, 2), (low, -2)):
            ax.plot([-edge, reach], [value, value], color=theme.GREY, linewidth=0.8, zorder=2)
            ax.annotate(numerals.number(value, digits=3), (reach, value), xytext=(3, place), va="center",
                        textcoords="offset points", fontsize=theme.SMALLEST_TEXT, color=theme.GREY, ha="left",
                        path_effects=theme.outlined())
    many = f"{len(near):,} models" if len(near) > 1 else "1 model"
    ax.annotate(f"within {reach:g} of the best: {many}", (reach, 1.0), xycoords=("data", "axes fraction"),
                xytext=(-4, -3), textcoords="offset points", ha="right", va="top", fontsize=theme.SMALLEST_TEXT,
                color=theme.GREY)


def _names(ax: Axes, marked: pd.DataFrame, edge: float) -> None:
    """Mark the models named; where two stand close, the second name goes to the other side."""
    taken: list[tuple[float, float]] = []
    for row in marked.sort_values("above").to_dict("records"):
        ax.scatter([row["above"]], [row["value"]], s=max(row["area"], _NAMED), color=theme.RED, linewidths=0.6,
                   edgecolors="white", zorder=5)
        apart = 4 + 0.5 * max(row["area"], _NAMED) ** 0.5
        across, up = ax.transAxes.inverted().transform(ax.transData.transform((row["above"], row["value"])))
        close = any(abs(up - other) < 2 * _CLOSE and abs(across - beside) < 0.5 for beside, other in taken)
        taken.append((across, up))
        left = row["above"] > 0.6 * edge
        below = close or up > 0.85
        words = f"{row['call']}: {numerals.number(float(row['value']), digits=3)} {row['model']}"
        ax.annotate(theme.shortened(words, 60), (row["above"], row["value"]),
                    xytext=(-apart if left else apart, -4 if below else 4), textcoords="offset points",
                    ha="right" if left else "left", va="top" if below else "bottom", color=theme.RED,
                    fontsize=theme.SMALLEST_TEXT, zorder=6, path_effects=theme.outlined())
