"""Several lists of a population of known size: independent, dependent, or of people who differ.

A table is drawn history by history from the chances of each, never person by person, so a population of a
million costs no more than one of a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.problems import BadInput, Problem

_NODES = 80
_MOST_ROUNDS = 10_000


def independent_lists(size: int, chances: Mapping[str, float], *,
                      rng: int | np.random.Generator | None = None) -> CaptureHistories:
    """Simulate lists that take no notice of one another.

    Parameters
    ----------
    size : int
        People in the population: the truth to be estimated.
    chances : mapping
        Each list's name and the share of the population on it.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    CaptureHistories
        Marked as simulated.

    Raises
    ------
    ValueError
        If a chance is not between 0 and 1.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> histories = independent_lists(5000, {"police": 0.2, "ngo": 0.1, "court": 0.05}, rng=1)
    >>> histories.lists, histories.simulated
    (('police', 'ngo', 'court'), True)
    """
    on, shares = _histories(chances)
    return _drawn(size, tuple(chances), on, np.where(on, shares, 1 - shares).prod(axis=1), rng)


def dependent_lists(size: int, chances: Mapping[str, float], odds_ratios: Mapping[tuple[str, ...], float], *,
                    rng: int | np.random.Generator | None = None) -> CaptureHistories:
    """Simulate lists of which some make others likelier or less likely.

    The population follows a log-linear model with the given terms; each list still holds its share of the
    population.

    Parameters
    ----------
    size : int
        People in the population.
    chances : mapping
        Each list's name and the share of the population on it.
    odds_ratios : mapping
        For groups of lists, the factor of their term in the log-linear model: for a pair, the odds ratio of
        being on both given the other lists; above 1 one list leads to the other.
    rng : int, Generator or None
        Seed or source of randomness.

    Raises
    ------
    ValueError
        If a chance is not between 0 and 1, an odds ratio not positive, or a list unknown.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> histories = dependent_lists(5000, {"police": 0.2, "ngo": 0.2}, {("police", "ngo"): 5.0}, rng=1)
    >>> int(histories.overlaps().loc["police", "ngo"]) > 5000 * 0.2 * 0.2
    True
    """
    on, shares = _histories(chances)
    names = list(chances)
    weight = np.ones(len(on))
    for group, ratio in odds_ratios.items():
        if not set(group) <= set(names) or not ratio > 0:
            raise ValueError(f"the odds ratio of {' and '.join(group)} is {ratio}: name lists among "
                             f"{', '.join(names)} and give a number above 0")
        weight = weight * np.where(on[:, [names.index(name) for name in group]].all(axis=1), ratio, 1.0)
    return _drawn(size, tuple(names), on, _with_shares(weight / weight.sum(), on, shares), rng)


def heterogeneous_lists(size: int, chances: Mapping[str, float], *, spread: float,
                        rng: int | np.random.Generator | None = None) -> CaptureHistories:
    """Simulate lists of people who differ in how easily they are found.

    Parameters
    ----------
    size : int
        People in the population.
    chances : mapping
        Each list's name and the chance that a middling person is on it.
    spread : float
        Standard deviation of people's ease of being found, on the log-odds scale; the same for all lists. 0
        means all are alike, 1 that one person in six has odds 2.7 times the middling ones or more.
    rng : int, Generator or None
        Seed or source of randomness.

    Raises
    ------
    ValueError
        If a chance is not between 0 and 1 or the spread is negative.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> histories = heterogeneous_lists(5000, {"police": 0.2, "ngo": 0.1, "court": 0.1}, spread=1.0, rng=1)
    >>> histories.n_lists
    3
    """
    if spread < 0:
        raise ValueError(f"spread is a standard deviation, 0 or more, got {spread}")
    on, shares = _histories(chances)
    ease, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    chance = 1 / (1 + np.exp(-(np.log(shares / (1 - shares)) + spread * ease[:, None])))
    per_node = np.where(on[None], chance[:, None], 1 - chance[:, None]).prod(axis=2)
    return _drawn(size, tuple(chances), on, (weights / weights.sum()) @ per_node, rng)


def _histories(chances: Mapping[str, float]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    shares = np.array(list(chances.values()), dtype=float)
    if not ((shares > 0) & (shares < 1)).all():
        raise ValueError(f"each list's chance lies between 0 and 1, got {dict(chances)}")
    on = np.arange(1 << len(shares))[:, None] >> np.arange(len(shares)) & 1
    return on.astype(bool), shares


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


def _drawn(size: int, lists: Sequence[str], on: NDArray[np.bool_], probability: NDArray[np.float64],
           rng: int | np.random.Generator | None) -> CaptureHistories:
    if size < 0 or size != int(size):
        raise ValueError(f"size is a whole number of people, 0 or more, got {size}")
    counts = np.random.default_rng(rng).multinomial(size, probability / math.fsum(probability))
    if not counts[1:].any():
        raise BadInput([Problem("nobody was seen", "simulate a larger population or larger chances")])
    return CaptureHistories(tuple(lists), on[1:], counts[None, 1:], simulated=True)
