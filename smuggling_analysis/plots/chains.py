"""Markov chains: where each went, and whether they tell of the same distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from smuggling_analysis.chains import Chains

_COLOURS = (theme.BLUE, "#E69F00", theme.RED, theme.SKY, theme.INK, theme.GREY)
_MOST_POINTS = 1500
_MOST_CHAINS_NAMED = 8
_BINS = 20


@theme.drawing
def trace(chains: Chains, *, quantity: str = "", source: str = "", simulated: bool = False,
          ax: Axes | None = None) -> Axes:
    """Draw each chain's way: chains that agree lie on one another and wander nowhere.

    Parameters
    ----------
    chains : Chains
    quantity : str
        One of `chains.others`; without it what the chains are of.
    source : str
        Source line.
    simulated : bool
        Whether to say across the figure that its data is simulated.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the chains hold no such quantity.
    """
    values, name = _values(chains, quantity)
    number, draws = values.shape
    every = -(-draws // _MOST_POINTS)
    ax = theme.axes(ax, 2.8)
    for place, chain in enumerate(values):
        ax.plot(np.arange(0, draws, every) + 1, chain[::every], color=_COLOURS[place % len(_COLOURS)], linewidth=0.5,
                alpha=0.75, label=f"chain {place + 1}", rasterized=True)
    _scale(ax, values)
    ax.set_xlim(0, draws + 1)
    theme.thousands(ax, "x")
    ax.set_xlabel("draw" if every == 1 else f"draw (one in {every} is shown)")
    ax.set_ylabel(name)
    ax.set_title(_told(values), loc="left")
    if 1 < number <= _MOST_CHAINS_NAMED:
        legend = ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.2)
        for line in legend.get_lines():
            line.set(linewidth=2.0, alpha=1.0)
    theme.source_line(ax, source)
    theme.watermark(ax, simulated)
    return ax


@theme.drawing
def ranks(chains: Chains, *, quantity: str = "", source: str = "", simulated: bool = False,
          ax: Axes | None = None) -> Axes:
    """Draw how each chain's draws rank among all: even where the chains are of one distribution.

    The shaded band holds 95 % of the bars if they are. Draws that hang together are worth fewer: each chain counts
    for its own effective sample size, which knows nothing of the others (Vehtari et al. 2021).

    Parameters
    ----------
    chains : Chains
        Two chains or more.
    quantity, source, simulated, ax
        As in `trace`.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is one chain only, or the chains hold no such quantity.

    References
    ----------
    Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Buerkner, P.-C. (2021). Rank-normalization, folding, and
    localization: an improved R-hat for assessing convergence of MCMC. Bayesian Analysis 16(2), 667-718.
    """
    values, name = _values(chains, quantity)
    number = values.shape[0]
    if number < 2:
        raise ValueError("ranks compare chains, and there is one only")
    shares = _rank_shares(values)
    ax = theme.axes(ax, 0.9 + 0.5 * number)
    half = _band(values)
    tallest = max(float(shares.max()), 1 + half)
    edges = np.linspace(0, 1, _BINS + 1)
    for place, share in enumerate(shares):
        foot = (number - 1 - place) * 1.15 * tallest
        ax.fill_between([0, 1], foot + max(1 - half, 0.0), foot + 1 + half, color=theme.PALE, linewidth=0, zorder=1)
        ax.bar(edges[:-1], share, width=1 / _BINS, bottom=foot, align="edge", edgecolor="white", linewidth=0.5,
               color=_COLOURS[place % len(_COLOURS)], alpha=0.85, zorder=2)
        ax.plot([0, 1], [foot + 1, foot + 1], color=theme.INK, linewidth=0.8, zorder=3)
    ax.set_yticks([(number - 1 - place) * 1.15 * tallest + 1 for place in range(number)],
                  [f"chain {place + 1}" for place in range(number)])
    ax.set_xlim(0, 1)
    ax.set_ylim(0, number * 1.15 * tallest)
    ax.set_xticks([0, 0.5, 1], ["smallest", "median", "largest"])
    ax.set_xlabel(f"rank of {name} among the draws of all chains; line and band: where they agree")
    ax.set_title(_told(values), loc="left")
    theme.source_line(ax, source)
    theme.watermark(ax, simulated)
    return ax


def _values(chains: Chains, quantity: str) -> tuple[NDArray[np.float64], str]:
    if not quantity:
        return chains.values, chains.quantity
    if quantity not in chains.others:
        raise ValueError(f"the chains hold no {quantity!r}, but {', '.join(chains.others) or 'nothing else'}")
    return chains.others[quantity], quantity


def _scale(ax: Axes, values: NDArray[np.float64]) -> None:
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low > 5:
        ax.set_yscale("log")
        ax.set_ylim(low / 1.1, high * 1.1)
        theme.log_ticks(ax, "y")
    else:
        theme.thousands(ax, "y")


def _rank_shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each chain's share of the draws in each bin of ranks, over what it would be in agreement: (chains, bins).

    Equal draws share their mean rank.
    """
    from scipy.stats import rankdata

    bins = np.minimum((rankdata(values).reshape(values.shape) - 0.5) / values.size * _BINS, _BINS - 1).astype(int)
    found = np.stack([np.bincount(row, minlength=_BINS) for row in bins]) / values.shape[1]
    whole = np.bincount(bins.ravel(), minlength=_BINS) / values.size
    return np.divide(found, whole, out=np.ones_like(found), where=whole > 0)


def _band(values: NDArray[np.float64]) -> float:
    """Half the height that 95 % of the bars keep within, each chain worth what it says of itself, in the middle."""
    from smuggling_analysis.chains import ess_bulk

    number = values.shape[0]
    each = max(float(np.median([ess_bulk(chain[None, :]) for chain in values])), _BINS)
    # A chain is a part of the draws it is compared with.
    return float(1.96 * np.sqrt((_BINS - 1) / each * (1 - 1 / number)))


def _told(values: NDArray[np.float64]) -> str:
    from smuggling_analysis.chains import ess_bulk, rhat

    found = rhat(values)
    shown = f"{found:.3f}" if np.isfinite(found) else "infinite"
    number, draws = values.shape
    return f"{number} chain{'s' * (number > 1)} of {draws:,} draws: R-hat {shown}, worth {ess_bulk(values):,.0f} draws"
