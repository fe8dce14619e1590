"""What validation came to: coverage by method and population, and the ranks of calibrated posteriors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOMINAL = 0.95
_ROW, _MARGIN, _LETTER = 0.29, 0.8, 0.058
# The colour of a share of intervals that hold the truth: as it says, a little less, seldom, hardly ever.
_SHADES = ((0.90, "#DCEBF5", theme.INK), (0.75, "#F6E3B4", theme.INK), (0.50, "#E8A96B", theme.INK),
           (-0.01, "#A63C00", "white"))


@theme.drawing
def validation_coverage(table: pd.DataFrame, *, evidence: str | None = None, source: str = "",
                        ax: Axes | None = None) -> Axes:
    """Draw how often each method's interval held the truth on each kind of population.

    Each cell is the coverage in percent, darker the further it falls short; a dash says that it was seldom
    answered, an empty cell that the method does not take such a table. A method that takes more of the evidence into
    account (covariates, time at risk) stands in a column of its own beside the same population.

    Parameters
    ----------
    table : DataFrame
        `label, scenario, structure, shape, coverage, answered`, and where they are known `evidence` and `given`: the
        frame of a ValidationTable, or the coverage of a published study.
    evidence : str, optional
        The type of evidence whose methods are drawn; not needed where the table holds one.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the table holds several kinds of evidence and none is named, or none of the kind named.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["Chapman"], "scenario": ["independence, 2 lists"], "coverage": [0.95],
    ...                       "structure": ["independence"], "shape": ["2 lists of 1,000"], "answered": [200]})
    >>> [text.get_text() for text in validation_coverage(table).texts][0]
    '95'
    """
    cells = _cells(table, evidence)
    labels, columns = list(dict.fromkeys(cells["called"])), _columns(cells)
    named = cells.drop_duplicates("scenario").set_index("scenario").loc[[scenario for scenario, _ in columns]]
    kinds = list(named["structure"])
    ticks = [", ".join(part for part in (kind, shape, given) if part)
             for kind, shape, (_, given) in zip(kinds, named["shape"], columns, strict=True)]
    ax = theme.axes(ax, _MARGIN + _LETTER * max(map(len, ticks)) + _ROW * len(labels))
    for row in cells.to_dict("records"):
        _cell(ax, columns.index((row["scenario"], row["given"])), labels.index(row["called"]), row)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks(range(len(labels)), [theme.wrapped(label, 44) for label in labels])
    ax.set_xticks(range(len(columns)), ticks, rotation=90)
    ax.tick_params(length=0)
    ax.tick_params(axis="y", labelsize=theme.SMALLEST_TEXT)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    for place in (place for place in range(1, len(kinds)) if kinds[place] != kinds[place - 1]):
        ax.axvline(place - 0.5, color=theme.GREY, linewidth=0.7)
    ax.set_title(f"Intervals that held the truth, in % (they say {_NOMINAL:.0%})", loc="left")
    theme.source_line(ax, source)
    return ax


@theme.drawing
def calibration_ranks(rows: pd.DataFrame, *, source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the ranks of true sizes among posterior draws, one row of bars a method; even bars are right.

    Parameters
    ----------
    rows : DataFrame
        `method, ranks, p_value`: `ranks` holds the number in each bin, with a space between.
    source : str
        Source line.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no row.

    Examples
    --------
    >>> rows = pd.DataFrame({"method": ["a"], "ranks": ["5 6 4 5"], "p_value": [0.9]})
    >>> calibration_ranks(rows).get_xlabel()
    'rank of the true size among draws from the posterior, lowest to highest'
    """
    if rows.empty:
        raise ValueError("no method was calibrated, so there is nothing to draw")
    ax = theme.axes(ax, 0.9 + 0.85 * len(rows))
    for place, row in enumerate(rows.to_dict("records")):
        counts = np.array(str(row["ranks"]).split(), dtype=float)
        _histogram(ax, counts, base=float(len(rows) - 1 - place), words=f"p = {row['p_value']:.2g}")
    ax.set_yticks([len(rows) - 1 - place + 0.35 for place in range(len(rows))],
                  [str(name).replace("_", " ") for name in rows["method"]])
    ax.tick_params(length=0)
    ax.set_xticks([])
    ax.set_xlim(0, 1.12)
    ax.set_ylim(-0.05, len(rows))
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("rank of the true size among draws from the posterior, lowest to highest")
    theme.source_line(ax, source)
    return ax


def _cell(ax: Axes, across: int, down: int, row: dict[Any, Any]) -> None:
    from matplotlib.patches import Rectangle

    share = row["coverage"]
    few = row["answered"] < 20 or pd.isna(share)
    _, fill, ink = (0, "white", theme.GREY) if few else next(shade for shade in _SHADES if share >= shade[0])
    ax.add_patch(Rectangle((across - 0.47, down - 0.46), 0.94, 0.92, facecolor=fill, edgecolor=theme.PALE,
                           linewidth=0.4))
    ax.text(across, down, "–" if few else f"{100 * share:.0f}", ha="center", va="center", color=ink,
            fontsize=theme.SMALLEST_TEXT)


def _cells(table: pd.DataFrame, evidence: str | None) -> pd.DataFrame:
    """Return the rows of one kind of evidence, with what each method is `called` whatever it takes into account."""
    kinds = list(dict.fromkeys(table["evidence"])) if "evidence" in table else []
    if evidence is None and len(kinds) > 1:
        raise ValueError(f"the table holds methods of {', '.join(kinds)}: name one as evidence")
    if evidence is not None and evidence not in kinds:
        raise ValueError(f"the table holds no methods of {evidence}; it holds those of {', '.join(kinds)}")
    kept = table if evidence is None else table[table["evidence"] == evidence]
    given = kept["given"].fillna("") if "given" in kept else pd.Series("", index=kept.index)
    called = [label.removesuffix(f", {words}") if words else label
              for label, words in zip(kept["label"], given, strict=True)]
    return kept.assign(given=given, called=called)


def _columns(cells: pd.DataFrame) -> list[tuple[str, str]]:
    """Return each scenario, alone and with what is taken into account, those of one kind together."""
    kinds = dict(zip(cells["scenario"], cells["structure"], strict=True))
    order, scenarios = list(dict.fromkeys(kinds.values())), list(kinds)
    pairs = dict.fromkeys(zip(cells["scenario"], cells["given"], strict=True))
    return sorted(pairs, key=lambda pair: (order.index(kinds[pair[0]]), scenarios.index(pair[0]), pair[1]))


def _histogram(ax: Axes, counts: np.ndarray[Any, Any], *, base: float, words: str) -> None:
    """Draw bars on their own base, with the band that 19 in 20 even histograms' bars stay within."""
    from scipy.special import bdtr

    bins, total = len(counts), int(counts.sum())
    reach = np.arange(total + 1)
    below = bdtr(reach, total, 1 / bins)
    low, high = reach[np.searchsorted(below, [0.025, 0.975])]
    top = max(counts.max(initial=0), high, 1)
    edges = np.arange(bins) / bins
    ax.fill_between([0, 1], base + 0.8 * low / top, base + 0.8 * high / top, color=theme.PALE, alpha=0.6, linewidth=0)
    ax.bar(edges, 0.8 * counts / top, width=1 / bins, bottom=base, align="edge", color=theme.BLUE,
           edgecolor="white", linewidth=0.5)
    ax.annotate(words, (1.01, base + 0.35), va="center", fontsize=theme.SMALLEST_TEXT)
