"""The prior of latent classes: how many of them, how large, and who of them is on which list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories

_MOST_CLASSES = 100
_MOST_LISTS = 20
_MOST_UNSEEN = 1e15


@dataclass(frozen=True)
class ClassPrior:
    """A stick-breaking prior with a last class, and uniform chances to be on each list.

    Parameters
    ----------
    classes : int
        The most classes there may be.
    shape, rate : float
        Of the Gamma prior of the concentration: the smaller the concentration, the fewer classes hold people.
    """

    classes: int = 10
    shape: float = 0.25
    rate: float = 0.25

    def __post_init__(self) -> None:
        if not 1 <= self.classes <= _MOST_CLASSES:
            raise ValueError(f"classes is a whole number from 1 to {_MOST_CLASSES}, got {self.classes}")
        for name in ("shape", "rate"):
            if not 1e-3 <= getattr(self, name) <= 1e3:
                raise ValueError(f"{name} of the concentration's prior lies from 0.001 to 1,000, "
                                 f"got {getattr(self, name)}")

    def __str__(self) -> str:
        return f"{self.classes} classes, concentration Gamma({self.shape:g}, {self.rate:g})"

    def log_density(self, concentration: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log prior density of each concentration, up to a constant of its own."""
        return (self.shape - 1) * np.log(concentration) - self.rate * concentration

    def weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw the classes' weights: (classes,) array that adds up to 1."""
        concentration = max(rng.gamma(self.shape) / self.rate, 1e-300)
        left = -rng.exponential(size=self.classes - 1) / concentration
        before = np.concatenate([[0.0], np.cumsum(left)])
        return np.exp(before) * np.append(-np.expm1(left), 1.0)


def latent_class_population(people: int, n_lists: int, *, classes: int = 10, shape: float = 0.25,
                            rate: float = 0.25,
                            rng: int | np.random.Generator | None = None) -> tuple[CaptureHistories, int]:
    """Draw latent classes from their prior, `people` seen on lists from them, and the population they are seen of.

    With the prior 1/N the number of people seen says nothing of the classes, so that classes from the prior,
    people seen from the classes, and the people unseen from both make a draw from the joint distribution given
    `people`. The rank of the population among draws from its posterior is uniform if the sampler is right:
    simulation-based calibration (Talts et al. 2018).

    Parameters
    ----------
    people : int
        How many are on at least one list.
    n_lists : int
        How many lists.
    classes, shape, rate
        The prior, as in `latent_class`.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    CaptureHistories
        The people seen; simulated.
    int
        The population.

    References
    ----------
    Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian inference
    algorithms with simulation-based calibration. arXiv:1804.06788.

    Examples
    --------
    >>> histories, population = latent_class_population(200, 4, rng=1)
    >>> histories.n_observed, population >= 200, histories.simulated
    (200, True, True)
    """
    if people < 1 or not 1 <= n_lists <= _MOST_LISTS:
        raise ValueError(f"a population needs people seen and from 1 to {_MOST_LISTS} lists, got {people} and "
                         f"{n_lists}")
    rng = np.random.default_rng(rng)
    weights = ClassPrior(classes, shape, rate).weights(rng)
    on = (np.arange(1 << n_lists)[:, None] >> np.arange(n_lists) & 1).astype(bool)
    chances = rng.random((classes, n_lists))
    cells = np.where(on[:, None, :], chances, 1 - chances).prod(axis=2) @ weights
    seen = cells[1:].sum()
    counts = rng.multinomial(people, cells[1:] / seen)
    histories = CaptureHistories(tuple(f"list {place + 1}" for place in range(n_lists)), on[1:], counts[None, :],
                                 simulated=True)
    return histories, people + int(draw_unseen(people, np.array([seen]), rng)[0])


def draw_unseen(people: int, seen: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the people on no list, given each chance of being seen in `seen`, (draws,), under the prior 1/N."""
    expected = rng.standard_gamma(people, seen.size) * (1 - seen) / seen
    # Beyond so many the spread of the count itself is nothing beside that of what is expected.
    return np.where(expected < _MOST_UNSEEN, rng.poisson(np.minimum(expected, _MOST_UNSEEN)), np.round(expected))
