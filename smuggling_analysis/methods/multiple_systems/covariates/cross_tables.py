"""Lists x covariates in one table, as the kernels take it, people with unrecorded covariates as groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.history_rows import NOT_RECORDED
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members

Integers = NDArray[np.int64]
MOST_CELLS = 1 << 16


@dataclass(frozen=True, eq=False)
class CrossTable:
    """A table of lists x covariates.

    Cell `c` is history `c % 2**lists` in stratum `c // 2**lists`; the strata are all combinations of the
    covariates' levels, the first covariate's level varying fastest.

    Parameters
    ----------
    lists, covariates : tuple of str
    levels : tuple of tuple of str
        Each covariate's levels, the most frequent first: it is the reference.
    cells : (2**lists * strata,) array
        People whose covariates were all recorded.
    recorded : (2**lists * strata,) array of bool
        Where people's covariates can have been recorded in full.
    count : (groups,) array
        People of whom a covariate was not recorded, by history and by what was recorded.
    start, cell : (groups + 1,) and (members,) arrays of int
        The cells that group `g` may be in are `cell[start[g]:start[g + 1]]`.
    pattern : (groups,) array of int
        The same for groups of one history of whom the same covariates were recorded.
    """

    lists: tuple[str, ...]
    covariates: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    cells: Floats
    recorded: NDArray[np.bool_]
    count: Floats
    start: Integers
    cell: Integers
    pattern: Integers

    @property
    def variables(self) -> tuple[str, ...]:
        """Lists, then covariates: the order in which models number them."""
        return (*self.lists, *self.covariates)

    @property
    def n_histories(self) -> int:
        """Number of capture histories, that on no list included."""
        return 1 << len(self.lists)

    @cached_property
    def sizes(self) -> Integers:
        """Number of levels of every variable."""
        return np.array([2] * len(self.lists) + [len(levels) for levels in self.levels], dtype=np.int64)

    @cached_property
    def strides(self) -> Integers:
        """What one level of every variable adds to a cell's number."""
        return np.concatenate([[1], np.cumprod(self.sizes)[:-1]]).astype(np.int64)

    @cached_property
    def strata(self) -> tuple[tuple[str, ...], ...]:
        """The strata's labels, in the order of the cells."""
        return tuple(label[::-1] for label in product(*self.levels[::-1]))

    @property
    def observed(self) -> float:
        """People on at least one list."""
        return float(self.cells.sum() + self.count.sum())

    @cached_property
    def possible(self) -> Floats:
        """The most people who can be in each cell: (cells,) array."""
        most = self.cells.copy()
        np.add.at(most, self.cell, np.repeat(self.count, np.diff(self.start)))
        return most

    def digits(self, numbers: Integers) -> Integers:
        """Return the level of every variable in cells or terms: (numbers, variables) array."""
        return np.asarray(numbers[:, None] // self.strides % self.sizes)

    def terms(self, model: Model) -> Integers:
        """Return a model's parameters, each as the cell where only its own variables are off level 0."""
        return _terms(tuple(self.sizes.tolist()), model)

    def emptied(self, sets: Sequence[int], most: Floats | None = None, least: float = 0.0) -> NDArray[np.bool_]:
        """Return the cells in a part of each set's margin that nobody can be in: (sets, cells) array.

        A part is made by all the set's lists and one level of each of its covariates.

        Parameters
        ----------
        sets : sequence of int
            Sets of variables, as numbers whose bits are variables.
        most : (cells,) array, optional
            The most people in each cell; by default `possible`.
        least : float
            A part of this many people or fewer is empty.
        """
        shape = tuple(self.sizes[::-1])
        whole = (self.possible if most is None else most).reshape(shape)
        empty = np.zeros((len(sets), self.cells.size), dtype=bool)
        last = len(shape) - 1
        for row, term in enumerate(sets):
            within = set(members(term))
            others = tuple(last - place for place in range(len(shape)) if place not in within)
            none = whole.sum(axis=others, keepdims=True) <= least
            for place in within:
                if place < len(self.lists):
                    along = [2 if axis == last - place else 1 for axis in range(len(shape))]
                    none = none & np.array([False, True]).reshape(along)
            empty[row] = np.broadcast_to(none, shape).ravel()
        return empty

    def with_counts(self, cells: Floats, count: Floats) -> CrossTable:
        """Return the same table with other counts."""
        return replace(self, cells=cells, count=count)


@lru_cache(maxsize=1 << 16)
def _terms(sizes: tuple[int, ...], model: Model) -> Integers:
    strides = [int(np.prod(sizes[:place], dtype=np.int64)) for place in range(len(sizes))]
    found = []
    for term in model.terms:
        steps = [[level * strides[place] for level in range(1, sizes[place])] for place in members(term)]
        found += [sum(chosen) for chosen in product(*steps)]
    terms = np.array(found, dtype=np.int64)
    terms.flags.writeable = False
    return terms


def cross_table(histories: CaptureHistories) -> CrossTable:
    """Lay out lists x the variables that make the strata.

    Raises
    ------
    ValueError
        If the table has too many cells.
    NoEstimate
        If a covariate was recorded for nobody.
    """
    levels = tuple(_levels(histories, place) for place in range(len(histories.stratified_by)))
    strata = int(np.prod([len(own) for own in levels], dtype=np.int64))
    if strata << histories.n_lists > MOST_CELLS:
        raise ValueError(f"{histories.n_lists} lists and {strata:,} strata make {strata << histories.n_lists:,} "
                         f"cells, the most is {MOST_CELLS:,}: merge lists or levels, or leave a covariate out")
    numbers = histories.patterns @ (1 << np.arange(histories.n_lists))
    cells = np.zeros(strata << histories.n_lists)
    grouped: dict[tuple[int, tuple[int, ...]], int] = {}
    recordings: dict[int, set[tuple[bool, ...]]] = defaultdict(set)
    for label, counts in zip(histories.strata, histories.counts, strict=True):
        if not counts.any():
            continue
        known = tuple(value != NOT_RECORDED or name not in histories.partly_recorded
                      for name, value in zip(histories.stratified_by, label, strict=True))
        place = tuple(own.index(value) if here else -1
                      for own, value, here in zip(levels, label, known, strict=True))
        for history, people in zip(numbers.tolist(), counts.tolist(), strict=True):
            if people:
                recordings[history].add(known)
                grouped[history, place] = people
    return _laid_out(histories, levels, cells, grouped, recordings)


def _levels(histories: CaptureHistories, place: int) -> tuple[str, ...]:
    name = histories.stratified_by[place]
    people: dict[str, int] = defaultdict(int)
    for label, counts in zip(histories.strata, histories.counts, strict=True):
        if label[place] != NOT_RECORDED or name not in histories.partly_recorded:
            people[label[place]] += int(counts.sum())
    seen = [level for level, number in people.items() if number]
    if not seen:
        raise NoEstimate(f"{name} was recorded for nobody", f"{name} of at least some people, or a model without it")
    return tuple(sorted(seen, key=lambda level: (-people[level], level)))


def _laid_out(histories: CaptureHistories, levels: tuple[tuple[str, ...], ...], cells: Floats,
              grouped: dict[tuple[int, tuple[int, ...]], int],
              recordings: dict[int, set[tuple[bool, ...]]]) -> CrossTable:
    n_histories = 1 << histories.n_lists
    strides = np.concatenate([[1], np.cumprod([len(own) for own in levels])]).astype(int)[: len(levels)]
    recorded = np.ones(cells.size, dtype=bool)
    count, start, members_of, pattern = [], [0], [], []
    for history in sorted(recordings):
        patterns = sorted(recordings[history])
        if not all(all(known) for known in patterns):
            recorded[history::n_histories] = any(all(known) for known in patterns)
        for number, known in enumerate(patterns):
            ways = [range(len(own)) if here else (-1,) for own, here in zip(levels, known, strict=True)]
            for place in product(*ways):
                people = grouped.get((history, place), 0)
                free = [range(len(own)) if at < 0 else (at,) for own, at in zip(levels, place, strict=True)]
                inside = [history + n_histories * int(np.dot(strides, at)) if levels else history
                          for at in product(*free)]
                if all(known):
                    cells[inside[0]] = people
                else:
                    count.append(people)
                    members_of += inside
                    start.append(len(members_of))
                    pattern.append(history + n_histories * number)
    return CrossTable(histories.lists, histories.stratified_by, levels, cells, recorded,
                      np.array(count, dtype=float), np.array(start, dtype=np.int64),
                      np.array(members_of, dtype=np.int64), np.array(pattern, dtype=np.int64))
