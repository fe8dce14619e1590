"""The chance of every capture history: a population of lists before anybody has been drawn.

Lists that take no notice of one another, that make others likelier or less likely, and lists of people who differ,
smoothly or by kind; and all of these at a chosen share of people on two or more lists.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.problems import BadInput, Problem

_NODES = 80
_MOST_ROUNDS = 10_000
_FURTHEST = 12.0
_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class HistoryChances:
    """The chance of every history of some lists.

    Parameters
    ----------
    lists : tuple of str
        The lists' names.
    probability : (2**lists,) array
        Cell `c` is the chance to be on exactly the lists whose bit is set in `c` (bit 0 is the first list);
        cell 0 that of being on none. They sum to 1.

    Examples
    --------
    >>> chances = independent_chances({"police": 0.5, "ngo": 0.2})
    >>> chances.expected(1000).tolist()
    [400.0, 400.0, 100.0, 100.0]
    >>> round(chances.overlap_share, 3)
    0.167
    """

    lists: tuple[str, ...]
    probability: NDArray[np.float64]

    def __post_init__(self) -> None:
        given = np.asarray(self.probability, dtype=float)
        if given.shape != (1 << len(self.lists),) or not (given >= 0).all() or not math.fsum(given) > 0:
            raise ValueError(f"{len(self.lists)} lists have {1 << len(self.lists)} histories, each with a chance of 0 "
                             f"or more, got an array of shape {given.shape}")
        probability = given / math.fsum(given)
        probability.flags.writeable = False
        object.__setattr__(self, "probability", probability)

    @property
    def overlap_share(self) -> float:
        """The share of the people on any list who are on two or more."""
        on = _on(len(self.lists)).sum(axis=1)
        return float(self.probability[on >= 2].sum() / self.probability[1:].sum())

    def expected(self, size: int) -> NDArray[np.float64]:
        """Return the number of people expected to have each history, (2**lists,), those on no list first."""
        return size * self.probability

    def draw(self, size: int, *, rng: int | np.random.Generator | None = None) -> CaptureHistories:
        """Draw a population of this size, history by history.

        Raises
        ------
        ValueError
            If the size is not a whole number, 0 or more.
        BadInput
            If nobody was seen.
        """
        if size < 0 or size != int(size):
            raise ValueError(f"size is a whole number of people, 0 or more, got {size}")
        counts = np.random.default_rng(rng).multinomial(size, self.probability)
        if not counts[1:].any():
            raise BadInput([Problem("nobody was seen", "simulate a larger population or larger chances")])
        return CaptureHistories(self.lists, _on(len(self.lists))[1:], counts[None, 1:], simulated=True)


def independent_chances(chances: Mapping[str, float]) -> HistoryChances:
    """Return the chances of lists that take no notice of one another; see `independent_lists`."""
    on, shares = _on(len(chances)), _shares(chances)
    return HistoryChances(tuple(chances), np.where(on, shares, 1 - shares).prod(axis=1))


def dependent_chances(chances: Mapping[str, float],
                      odds_ratios: Mapping[tuple[str, ...], float]) -> HistoryChances:
    """Return the chances of lists of which some make others likelier or less likely; see `dependent_lists`."""
    on, shares = _on(len(chances)), _shares(chances)
    names = list(chances)
    weight = np.ones(len(on))
    for group, ratio in odds_ratios.items():
        if not set(group) <= set(names) or not ratio > 0:
            raise ValueError(f"the odds ratio of {' and '.join(group)} is {ratio}: name lists among "
                             f"{', '.join(names)} and give a number above 0")
        weight = weight * np.where(on[:, [names.index(name) for name in group]].all(axis=1), ratio, 1.0)
    return HistoryChances(tuple(names), _with_shares(weight / weight.sum(), on, shares))


def heterogeneous_chances(chances: Mapping[str, float], spread: float) -> HistoryChances:
    """Return the chances of lists of people who differ in how easily they are found; see `heterogeneous_lists`."""
    if spread < 0:
        raise ValueError(f"spread is a standard deviation, 0 or more, got {spread}")
    on, shares = _on(len(chances)), _shares(chances)
    ease, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    chance = 1 / (1 + np.exp(-(np.log(shares / (1 - shares)) + spread * ease[:, None])))
    return HistoryChances(tuple(chances), weights / weights.sum() @ _within(on, chance))


def latent_class_chances(chances: Mapping[str, Sequence[float]], shares: Sequence[float]) -> HistoryChances:
    """Return the chances of lists of people of several kinds; see `latent_class_lists`."""
    kinds = np.asarray(shares, dtype=float)
    if kinds.ndim != 1 or not (kinds >= 0).all() or not math.isclose(kinds.sum(), 1, abs_tol=1e-9):
        raise ValueError(f"the kinds' shares are 0 or more and sum to 1, got {list(shares)}")
    if any(np.shape(each) != kinds.shape for each in chances.values()):
        raise ValueError(f"each list needs a chance for each of the {len(kinds)} kinds of people, got {dict(chances)}")
    chance = _shares(chances).T
    return HistoryChances(tuple(chances), kinds @ _within(_on(len(chances)), chance))


def chances_at_overlap(model: Callable[[Mapping[str, Any]], HistoryChances], chances: Mapping[str, ArrayLike],
                       share: float) -> HistoryChances:
    """Make lists longer or shorter, all by one factor on the odds, until so many people are on two or more of them.

    Parameters
    ----------
    model : callable
        Makes the chances of histories from each list's: `independent_chances`, or another with its other
        arguments given, as `functools.partial(dependent_chances, odds_ratios={...})`.
    chances : mapping
        Each list's name and its chance, or its chance for each kind of people; how long the lists are
        beside one another.
    share : float
        The share of the people on any list who are to be on two or more.

    Raises
    ------
    ValueError
        If lists that depend on one another so never have that share.

    Examples
    --------
    >>> chances = chances_at_overlap(independent_chances, {"a": 0.2, "b": 0.1, "c": 0.1}, 0.3)
    >>> round(chances.overlap_share, 9)
    0.3
    """
    def at(shift: float) -> HistoryChances:
        return model({name: _shifted(chance, shift) for name, chance in chances.items()})

    low, high = -_FURTHEST, _FURTHEST
    if not at(low).overlap_share < share < at(high).overlap_share:
        raise ValueError(f"no length of these lists puts {share:.3g} of the people seen on two or more of them")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).overlap_share < share else (low, middle)
        if high - low < 1e-11:
            break
    return at((low + high) / 2)


def _on(n_lists: int) -> NDArray[np.bool_]:
    return (np.arange(1 << n_lists)[:, None] >> np.arange(n_lists) & 1).astype(bool)


def _shares(chances: Mapping[str, Any]) -> NDArray[np.float64]:
    shares = np.array([np.asarray(chance, dtype=float) for chance in chances.values()])
    if not ((shares > 0) & (shares < 1)).all():
        raise ValueError(f"each list's chance lies between 0 and 1, got {dict(chances)}")
    return shares


def _shifted(chance: ArrayLike, shift: float) -> Any:
    given = np.asarray(chance, dtype=float)
    moved = 1 / (1 + (1 - given) / given * math.exp(-shift))
    return moved if moved.ndim else float(moved)


def _within(on: NDArray[np.bool_], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chance of every history for each kind of people, (kinds, histories), from (kinds, lists)."""
    return np.where(on[None], chance[:, None], 1 - chance[:, None]).prod(axis=2)


def _with_shares(probability: NDArray[np.float64], on: NDArray[np.bool_],
                 shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rescale the histories until each list has its share; the odds ratios between lists stay as they are."""
    for _ in range(_MOST_ROUNDS):
        furthest = 0.0
        for place, share in enumerate(shares):
            now = probability[on[:, place]].sum()
            furthest = max(furthest, abs(now - share))
            probability = probability * np.where(on[:, place], share / now, (1 - share) / (1 - now))
        if furthest < 1e-13:
            break
    return probability
