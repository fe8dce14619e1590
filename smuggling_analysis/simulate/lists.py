"""Several lists of a population of known size: independent, dependent, or of people who differ.

A table is drawn history by history from the chances of each, never person by person, so a population of a
million costs no more than one of a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.simulate.history_chances import (
    dependent_chances,
    heterogeneous_chances,
    independent_chances,
    latent_class_chances,
)


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
    return independent_chances(chances).draw(size, rng=rng)


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
    return dependent_chances(chances, odds_ratios).draw(size, rng=rng)


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
    return heterogeneous_chances(chances, spread).draw(size, rng=rng)


def latent_class_lists(size: int, chances: Mapping[str, Sequence[float]], shares: Sequence[float], *,
                       rng: int | np.random.Generator | None = None) -> CaptureHistories:
    """Simulate lists of people of several kinds, of which each list meets some more easily than others.

    Among people of one kind the lists take no notice of one another.

    Parameters
    ----------
    size : int
        People in the population.
    chances : mapping
        Each list's name and its chance for each kind of people.
    shares : (kinds,) sequence of float
        The share of the population that is of each kind; they sum to 1.
    rng : int, Generator or None
        Seed or source of randomness.

    Raises
    ------
    ValueError
        If a chance is not between 0 and 1, the shares do not sum to 1, or their numbers do not match.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> chances = {"police": [0.05, 0.4], "ngo": [0.1, 0.3], "court": [0.02, 0.3]}
    >>> latent_class_lists(5000, chances, [0.8, 0.2], rng=1).n_lists
    3
    """
    return latent_class_chances(chances, shares).draw(size, rng=rng)
