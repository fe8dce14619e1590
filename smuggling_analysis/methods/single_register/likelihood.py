"""The likelihood of coefficients over covariate patterns, for any family and for many replicates at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.column_products import ColumnProducts
from smuggling_analysis.methods.single_register.families.family import Array, Family
from smuggling_analysis.methods.single_register.jets import Jet

Which = NDArray[np.int64]

_CELLS = 1 << 15
"""Cells looked at together: as many as a processor keeps close at hand."""
_SPARED = 1 << 12
"""Empty cells that are worth a likelihood of their own to be spared."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The log-likelihood at one or several points, with its exact derivatives.

    Parameters
    ----------
    height : (points,) array
        The log-likelihood; minus infinity where it or a derivative is no finite number.
    score : (points, coefficients) array
        Its derivatives.
    information : (points, coefficients, coefficients) array
        Its second derivatives with the sign changed.
    """

    height: Array
    score: Array
    information: Array

    def at(self, which: NDArray[np.bool_] | Which) -> Curve:
        """Return the points chosen."""
        return Curve(self.height[which], self.score[which], self.information[which])


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood of coefficients, given the counts of one or many replicates.

    Parameters
    ----------
    family : Family
        The distribution.
    designs : sequence of (patterns, coefficients) arrays
        One design matrix for each predictor of the family; their coefficients follow one another.
    times : (columns,) array
        Numbers of times seen.
    persons : ([replicates,] patterns, columns) array
        People of each pattern seen that often.
    offset : (predictors, patterns) array, optional
        Added to the predictors: the logarithm of the time at risk to the first.
    """

    family: Family
    designs: Sequence[Array]
    times: Array
    persons: Array
    offset: Array | None = None

    def __post_init__(self) -> None:
        persons = np.asarray(self.persons, dtype=float)
        object.__setattr__(self, "persons", persons if persons.ndim == 3 else persons[np.newaxis])

    def with_persons(self, persons: Array) -> Likelihood:
        """Return the likelihood of other counts, ([replicates,] patterns, columns), under the same designs."""
        return replace(self, persons=persons)

    @property
    def replicates(self) -> int:
        """How many tables of counts there are."""
        return len(self.persons)

    @cached_property
    def ends(self) -> list[int]:
        """Where each predictor's coefficients end."""
        return np.cumsum([design.shape[1] for design in self.designs]).tolist()

    @property
    def size(self) -> int:
        """How many coefficients there are."""
        return self.ends[-1]

    @cached_property
    def columns(self) -> NDArray[np.bool_]:
        """The numbers of times seen that enter the likelihood: (columns,)."""
        return self.family.used(self.times) & (self.persons.sum(axis=(0, 1)) > 0)

    @cached_property
    def people(self) -> Array:
        """People of each pattern, however often seen: (replicates, patterns)."""
        return self.persons.sum(axis=-1)

    @cached_property
    def weights(self) -> Array:
        """People who enter the likelihood: (replicates, patterns, used columns)."""
        return np.ascontiguousarray(self.persons[:, :, self.columns])

    @cached_property
    def _totals(self) -> Array:
        return self.weights.sum(axis=-1)

    def predictors(self, coefficients: Array) -> Array:
        """Return the linear predictors of one or several points: (predictors, [points,] patterns, 1)."""
        moved = self.moves(coefficients)
        if self.offset is not None:
            moved += self.offset if moved.ndim == 2 else self.offset[:, np.newaxis]
        return moved[..., np.newaxis]

    def moves(self, coefficients: Array) -> Array:
        """Return how far the predictors lie from zero, offset apart: (predictors, [points,] patterns)."""
        return np.array([coefficients[..., first:last] @ design.T for design, first, last in self._spans])

    @cached_property
    def _spans(self) -> list[tuple[Array, int, int]]:
        return list(zip(self.designs, [0, *self.ends], self.ends, strict=False))

    def __call__(self, coefficients: Array, which: Which | None = None) -> Curve:
        """Return the log-likelihood and its derivatives.

        Parameters
        ----------
        coefficients : (points, coefficients) array
            Where.
        which : (points,) array of int, optional
            The replicate of each point; the first unless given.
        """
        which = np.zeros(len(coefficients), dtype=np.int64) if which is None else which
        if len(self.parts) > 1:
            curves = [part(coefficients, which) for part in self.parts]
            return Curve(np.sum([curve.height for curve in curves], axis=0),
                         np.sum([curve.score for curve in curves], axis=0),
                         np.sum([curve.information for curve in curves], axis=0))
        chunks = [self._curve(coefficients[chunk], which[chunk]) for chunk in self.chunks(len(coefficients))]
        if len(chunks) == 1:
            return chunks[0]
        return Curve(np.concatenate([chunk.height for chunk in chunks]),
                     np.concatenate([chunk.score for chunk in chunks]),
                     np.concatenate([chunk.information for chunk in chunks]))

    @cached_property
    def parts(self) -> list[Likelihood]:
        """The likelihoods that this one is the sum of: of patterns all seen equally often, and of the others.

        With a covariate of many values hardly a pattern has more than one person: most of its cells are empty,
        and no time is spent on them.
        """
        occupied = self.persons.sum(axis=0)[:, self.columns] > 0
        alone = np.where(occupied.sum(axis=1) == 1, occupied.argmax(axis=1), -1)
        groups = [np.flatnonzero(alone == column) for column in range(occupied.shape[1])]
        large = [rows for rows in groups if len(rows) * (occupied.shape[1] - 1) > _SPARED]
        if not large:
            return [self]
        rest = np.ones(len(occupied), dtype=bool)
        rest[np.concatenate(large)] = False
        return [self._of(rows) for rows in (*large, np.flatnonzero(rest & occupied.any(axis=1))) if rows.size]

    def _of(self, rows: Which) -> Likelihood:
        return replace(self, designs=[design[rows] for design in self.designs], persons=self.persons[:, rows],
                       offset=None if self.offset is None else self.offset[:, rows])

    def chunks(self, points: int) -> Iterator[slice]:
        """Yield the points in groups small enough to be looked at together."""
        together = max(1, _CELLS // max(1, len(self.designs[0]) * int(self.columns.sum())))
        for first in range(0, points, together) if points else (0,):
            yield slice(first, first + together)

    def _curve(self, coefficients: Array, which: Which) -> Curve:
        people = self._people(which)
        with np.errstate(all="ignore"):
            jet = self.family.log_likelihood(self.times[self.columns], self.predictors(coefficients))
            curve, good = self._added_up(jet, people, len(which), careful=False)
            if not good.all():
                curve, good = self._added_up(jet, people, len(which), careful=True)
        return Curve(np.where(good, curve.height, -np.inf), curve.score, curve.information)

    def _added_up(self, jet: Jet, people: tuple[Array, Array], points: int, *,
                  careful: bool) -> tuple[Curve, NDArray[np.bool_]]:
        """Return the points' heights and derivatives, and whether all are finite."""
        def summed(cells: Array) -> Array:
            return self._summed(cells, people, points, careful)

        count = range(len(self.designs))
        height = summed(jet.value).sum(axis=-1)
        score = self.gradient([summed(jet.gradient[row]) for row in count])
        information = -self.products([[summed(jet.hessian[row, column]) for column in range(row + 1)]
                                      for row in count])
        good = np.isfinite(height) & np.isfinite(score).all(axis=-1) & np.isfinite(information).all(axis=(-2, -1))
        return Curve(height, score, information), np.asarray(good)

    def over_times(self, cells: Array, which: Which) -> Array:
        """Sum what each person contributes, ([points,] patterns, columns), over times: (points, patterns)."""
        return self._summed(np.asarray(cells), self._people(which), len(which), careful=True)

    def _people(self, which: Which) -> tuple[Array, Array]:
        """Return the people of the points, (1 or points, patterns, columns), and their totals."""
        if self.replicates == 1:
            return self.weights, self._totals
        return self.weights[which], self._totals[which]

    def _summed(self, cells: Array, people: tuple[Array, Array], points: int, careful: bool) -> Array:
        weights, totals = people
        # Nobody in a cell of probability zero is no contradiction: with care such cells are left out.
        if cells.ndim == 0 or cells.shape[-1] == 1 != weights.shape[-1]:
            summed = totals * (cells[..., 0] if cells.ndim else cells)
            summed = np.where(totals > 0, summed, 0.0) if careful else summed
        elif careful:
            summed = np.where(weights > 0, cells * weights, 0.0).sum(axis=-1)
        else:
            summed = np.einsum("rpc,rpc->rp", weights, cells if cells.ndim == 3 else cells[np.newaxis])
        return summed if len(summed) == points else np.broadcast_to(summed, (points, totals.shape[1]))

    def gradient(self, by_predictor: Sequence[Array]) -> Array:
        """Turn derivatives by the predictors, each (points, patterns), into (points, coefficients)."""
        return np.concatenate([part @ design for design, part in zip(self.designs, by_predictor, strict=True)],
                              axis=-1)

    def products(self, lower: Sequence[Sequence[Array]]) -> Array:
        """Turn second derivatives by the predictors into those by the coefficients.

        Parameters
        ----------
        lower : lists of (points, patterns) arrays
            The lower triangle: row by row, up to the diagonal.

        Returns
        -------
        (points, coefficients, coefficients) array
        """
        return self._column_products.weighed(lower)

    @cached_property
    def _column_products(self) -> ColumnProducts:
        return ColumnProducts(self.designs)

    def nearest(self, values: Array) -> Array:
        """Return the coefficients whose predictors lie nearest to `values`, (points, predictors)."""
        parts = []
        for place, design in enumerate(self.designs):
            wanted = np.broadcast_to(values[:, place, np.newaxis], (len(values), len(design)))
            if self.offset is not None:
                wanted = wanted - self.offset[place]
            parts.append(np.linalg.lstsq(design, wanted.T, rcond=None)[0].T)
        return np.concatenate(parts, axis=-1)

