"""One period of a robust design: the lists kept in it, and a closed-population model of who is on which."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.closed.heterogeneity import FORMS, Floats

MODELS = ("none", "M0", "Mt", "Mh", "Mth")
# A normal form is an integral and no column: only a closed population has it.
HETEROGENEITIES = ("chao", "poisson", "darroch", "gamma")
MOST_HISTORIES = 1 << 14
# Beyond these the capture probability is 0 or 1 to eight digits: the parameter itself has no maximum.
LOWEST, HIGHEST = -25.0, 18.0


@dataclass(frozen=True, eq=False)
class Block:
    """The ways to be seen in one period, and the columns of the model that tell their chances.

    Parameters
    ----------
    label : str
        The model's name: "Mth Poisson1.5".
    columns : (states, parameters) array
        A state is a way to be seen: a history over the period's lists, or a number of captures.
    weight : (states,) array
        How many histories the state stands for; with no model, the share of those seen who were in it.
    names : tuple of str
    lower, upper : (parameters,) arrays
        Bounds: a parameter of Chao's lower bound is never negative, and none is allowed to run to infinity.
    saturated : int
        Parameters that `weight` stands for.
    located : bool
        Whether the model tells the share of people present who were seen.
    """

    label: str
    columns: Floats
    weight: Floats
    names: tuple[str, ...]
    lower: Floats
    upper: Floats
    saturated: int = 0
    located: bool = True

    @property
    def states(self) -> int:
        """How many ways to be seen there are."""
        return len(self.weight)

    def odds(self, theta: NDArray) -> NDArray:
        """Return the odds of being seen, for one present, real or complex as the parameters are."""
        return (self.weight * np.exp(self.columns @ theta)).sum()

    def moments(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Return the log odds of being seen, and the columns' mean and covariance over those seen."""
        chance = self.weight * np.exp(self.columns @ theta)
        odds = chance.sum()
        chance = chance / odds
        mean = chance @ self.columns
        centred = self.columns - mean
        return float(np.log(odds)), mean, centred.T @ (chance[:, None] * centred)

    def with_emigration(self) -> Block:
        """Return the block with one more parameter: the share seen is not what the lists tell."""
        return replace(self, columns=np.hstack([self.columns, np.ones((self.states, 1))]),
                       names=(*self.names, "emigration"), lower=np.append(self.lower, LOWEST),
                       upper=np.append(self.upper, HIGHEST))


def block(model: str, lists: int, counts: Floats, *, by_captures: bool, heterogeneity: str, theta: float,
          outer: bool) -> Block:
    """Make one period's block.

    Parameters
    ----------
    model : {"none", "M0", "Mt", "Mh", "Mth"}
    lists : int
        Lists in the period.
    counts : (states,) array
        People seen in each state.
    by_captures : bool
        Whether a state is a number of captures.
    heterogeneity : {"chao", "poisson", "darroch", "gamma"}
    theta : float
        The parameter of "poisson" and "gamma".
    outer : bool
        Whether it is the first or the last period, where no model means nothing is known of the share seen.
    """
    if model == "none":
        share = counts / counts.sum()
        columns = np.ones((len(counts), 0 if outer else 1))
        kept = () if outer else ("beta",)
        return Block("none", columns, share, kept, *_bounds(kept), len(counts) - 1, located=False)
    on = states_of(lists, by_captures)
    number = on.sum(axis=1) if not by_captures else on[:, 0]
    by_list = model in ("Mt", "Mth") and lists > 1
    columns = on.astype(float) if by_list else number[:, None].astype(float)
    names: tuple[str, ...] = ("beta",)
    if by_list:
        names = tuple(f"beta{place}" for place in range(1, lists + 1))
    label = model
    if model in ("Mh", "Mth"):
        form = FORMS[heterogeneity]
        made = form.columns(number.astype(float), lists, theta)
        extra = tuple(f"eta{step}" for step in range(3, lists + 1)) if form.constrained else ("tau",)
        columns, names = np.hstack([columns, made]), (*names, *extra)
        label += f" {heterogeneity.capitalize()}" + ("" if form.default_theta is None else f"{theta:g}")
    weight = np.ones(len(on))
    if by_captures:
        weight = np.array([math.comb(lists, int(seen)) for seen in number], dtype=float)
    lower, upper = _bounds(names)
    scale = np.maximum(np.abs(columns).max(axis=0), 1.0)
    for place, name in enumerate(names):
        if not name.startswith("beta"):
            lower[place] = 0.0 if name.startswith("eta") else -60.0 / scale[place]
            upper[place] = 60.0 / scale[place]
    return Block(label, columns, weight, names, lower, upper)


def states_of(lists: int, by_captures: bool) -> NDArray[np.int64]:
    """Return the ways to be seen: numbers of captures, (lists, 1), or histories, (2**lists - 1, lists)."""
    if by_captures:
        return np.arange(1, lists + 1)[:, None]
    return np.arange(1, 1 << lists)[:, None] >> np.arange(lists) & 1


def _bounds(names: tuple[str, ...]) -> tuple[Floats, Floats]:
    return np.full(len(names), LOWEST), np.full(len(names), HIGHEST)
