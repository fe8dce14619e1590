"""The hierarchical models of a table of lists x covariates, laid out as the chains take them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable, Integers

Floats = NDArray[np.float64]
MOST_INTERACTIONS = 62


@dataclass(frozen=True, eq=False)
class ModelSpace:
    """Every hierarchical model that holds each list and covariate and interactions up to an order.

    An interaction of all the lists is in no model: no table can show it.

    Parameters
    ----------
    table : CrossTable
    max_order : int
        The most lists and covariates in one interaction.
    """

    table: CrossTable
    max_order: int

    def __post_init__(self) -> None:
        if len(self.interactions) > MOST_INTERACTIONS:
            raise ValueError(f"{len(self.table.variables)} lists and covariates have {len(self.interactions)} "
                             f"interactions of up to {self.max_order}, and the chains hold {MOST_INTERACTIONS}: merge "
                             "lists, leave a covariate out, or set a lower max_order")

    @cached_property
    def interactions(self) -> tuple[int, ...]:
        """The interactions as numbers whose bits are variables, smaller ones first."""
        every_list = (1 << len(self.table.lists)) - 1
        places = range(len(self.table.variables))
        sets = (sum(1 << place for place in chosen) for size in range(2, self.max_order + 1)
                for chosen in combinations(places, size))
        return tuple(chosen for chosen in sets if chosen & every_list != every_list)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The interactions in words: "police x ngo"."""
        return tuple(" x ".join(self.table.variables[place] for place in _places(chosen))
                     for chosen in self.interactions)

    @cached_property
    def needs(self) -> Integers:
        """The interactions that each needs beside it, as bits: (interactions,) array."""
        return np.array([sum(1 << place for place, other in enumerate(self.interactions)
                             if other != chosen and other & chosen == other) for chosen in self.interactions],
                        dtype=np.int64)

    @cached_property
    def terms(self) -> tuple[Integers, Integers, Integers, Floats, Floats]:
        """The parameters, as `kernels.loglinear_posterior` takes them."""
        sets = [(-1, ()), *((-1, (place,)) for place in range(len(self.table.variables))),
                *((place, _places(chosen)) for place, chosen in enumerate(self.interactions))]
        held = [(owner, cell) for owner, places in sets for cell in self._cells(places)]
        owners = np.array([owner for owner, _ in held], dtype=np.int64)
        cells = np.array([cell for _, cell in held], dtype=np.int64)
        levels = self.table.digits(cells)
        shares = np.where(levels > 0, 1.0 / self.table.sizes, 1.0).prod(axis=1)
        constants = np.array([sum(self._log_change((place,)) for place in range(len(self.table.variables))),
                              *(self._log_change(_places(chosen)) for chosen in self.interactions)])
        return cells, owners, self._joined(levels), shares, constants

    @cached_property
    def coefficients(self) -> tuple[str, ...]:
        """The parameters in words: "police x sex=male", the intercept first."""
        cells = self.terms[0]
        return tuple(" x ".join(self._factor(place, level) for place, level in enumerate(levels) if level)
                     or "intercept" for levels in self.table.digits(cells).tolist())

    def named(self, mask: int) -> str:
        """Return a model in words: its largest interactions, and the lists and covariates in none of them."""
        inside = [chosen for place, chosen in enumerate(self.interactions) if mask >> place & 1]
        largest = [chosen for chosen in inside
                   if not any(other != chosen and other & chosen == chosen for other in inside)]
        alone = [1 << place for place in range(len(self.table.variables))
                 if not any(chosen >> place & 1 for chosen in inside)]
        ordered = sorted(largest, key=lambda chosen: (-chosen.bit_count(), _places(chosen))) + alone
        return ", ".join(" x ".join(self.table.variables[place] for place in _places(chosen)) for chosen in ordered)

    def _cells(self, places: Sequence[int]) -> Iterator[int]:
        strides, sizes = self.table.strides, self.table.sizes
        for levels in product(*(range(1, int(sizes[place])) for place in places)):
            yield int(sum(level * strides[place] for level, place in zip(levels, places, strict=True)))

    def _joined(self, levels: Integers) -> Integers:
        both = (levels[:, None, :] > 0) & (levels[None, :, :] > 0)
        apart = (both & (levels[:, None, :] != levels[None, :, :])).any(axis=2)
        cells = np.maximum(levels[:, None, :], levels[None, :, :]) @ self.table.strides
        return np.where(apart, -1, cells).astype(np.int64)

    def _log_change(self, places: Sequence[int]) -> float:
        """Log determinant of orthonormal contrasts by 0/1 columns: of one variable of L levels, -L / 2 log L."""
        sizes = self.table.sizes.tolist()
        return sum(-0.5 * sizes[place] * math.log(sizes[place])
                   * math.prod(sizes[other] - 1 for other in places if other != place) for place in places)

    def _factor(self, place: int, level: int) -> str:
        covariate = place - len(self.table.lists)
        if covariate < 0:
            return self.table.lists[place]
        return f"{self.table.covariates[covariate]}={self.table.levels[covariate][level]}"


def _places(chosen: int) -> tuple[int, ...]:
    return tuple(place for place in range(chosen.bit_length()) if chosen >> place & 1)
