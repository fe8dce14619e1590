"""Does the fitted distribution give the numbers of people seen once, twice, ... ?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SMALLEST_EXPECTED = 5.0


@dataclass(frozen=True)
class Cell:
    """People seen so often: how many were, and how many the distribution expects."""

    times: str
    seen: float
    expected: float

    @property
    def share(self) -> float:
        """The cell's share in Pearson's statistic."""
        return (self.seen - self.expected) ** 2 / self.expected


@dataclass(frozen=True)
class Fitted:
    """Observed against fitted frequencies.

    Parameters
    ----------
    expected : dict
        `{1: people expected once, 2: ...}`.
    cells : tuple of Cell
        The numbers of times seen, those where fewer than 5 people are expected put together.
    """

    expected: dict[int, float]
    cells: tuple[Cell, ...]

    @property
    def chi_square(self) -> float:
        """Pearson's statistic."""
        return sum(cell.share for cell in self.cells)

    @property
    def p_value(self) -> float | None:
        """Upper bound of the p-value, from cells - 1 degrees of freedom; None with fewer than two cells.

        The coefficients are fitted to persons, not to these cells, so the statistic lies between chi-square
        with cells - 1 - coefficients and with cells - 1 degrees of freedom (Chernoff & Lehmann 1954, Annals
        of Mathematical Statistics 25, 579-586): a fit that the latter rejects is poor beyond doubt.
        """
        from scipy.special import chdtrc

        return float(chdtrc(len(self.cells) - 1, self.chi_square)) if len(self.cells) > 1 else None

    @property
    def poor(self) -> bool:
        """Whether the fit is rejected at 5 %, even by the test that forgives most."""
        return self.p_value is not None and self.p_value < 0.05

    @property
    def worst(self) -> Cell:
        """The cell that fits worst."""
        return max(self.cells, key=lambda cell: cell.share)


def marginal_fit(times: NDArray[np.float64], seen: NDArray[np.float64],
                 expected: NDArray[np.float64]) -> Fitted:
    """Compare observed with fitted frequencies.

    Parameters
    ----------
    times : (columns,) array
        Numbers of times seen: 1, 2, ... to the largest that occurs.
    seen, expected : (columns,) arrays
        People seen so often, and expected.

    Examples
    --------
    >>> fitted = marginal_fit(np.arange(1.0, 4), np.array([80.0, 15, 5]), np.array([78.0, 18, 4]))
    >>> [cell.times for cell in fitted.cells], round(fitted.chi_square, 3)
    (['once', 'twice', '3 times'], 0.801)
    """
    rare = expected < _SMALLEST_EXPECTED
    if rare.all():
        return Fitted(_by_times(times, expected), _neighbours(times, seen, expected))
    cells = [Cell(in_words(int(number)), float(people), float(mean))
             for number, people, mean in zip(times[~rare], seen[~rare], expected[~rare], strict=True)]
    if rare.any():
        first, last = int(times[rare][0]), int(times[rare][-1])
        unbroken = last - first + 1 == rare.sum()
        together = _span_in_words(first, last) if unbroken else "any other number of times"
        cells.append(Cell(together, float(seen[rare].sum()), float(expected[rare].sum())))
    return Fitted(_by_times(times, expected), tuple(cells))


def _by_times(times: NDArray[np.float64], expected: NDArray[np.float64]) -> dict[int, float]:
    return {int(k): float(mean) for k, mean in zip(times, expected, strict=True)}


def _neighbours(times: NDArray[np.float64], seen: NDArray[np.float64],
                expected: NDArray[np.float64]) -> tuple[Cell, ...]:
    """Join neighbouring numbers of times until 5 people are expected in each cell, from once upwards."""
    before = np.cumsum(expected) - expected
    most = max(1, int(expected.sum() // _SMALLEST_EXPECTED))
    cell = np.minimum((before // _SMALLEST_EXPECTED).astype(int), most - 1)
    return tuple(Cell(_span_in_words(int(times[cell == one][0]), int(times[cell == one][-1])),
                      float(seen[cell == one].sum()), float(expected[cell == one].sum()))
                 for one in np.unique(cell))


def _span_in_words(first: int, last: int) -> str:
    return in_words(first) if first == last else f"{first} to {last} times"


def in_words(times: int) -> str:
    """Say how often: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(times, f"{times} times")
