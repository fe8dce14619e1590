"""The table whose posterior is drawn: which lists and strata it holds, and whether a posterior exists at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.model_space import ModelSpace
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable, cross_table

MOST_CELLS = 4096
_COUNTED, _UNSEEN, _CENSORED = 0, 1, 2
_SHARED = "lists that share people"


@dataclass(frozen=True, eq=False)
class EvidenceTable:
    """Lists x covariates, with the cells nobody counted and those of which only the most is known.

    Parameters
    ----------
    table : CrossTable
    space : ModelSpace
    over_covering : tuple of str
        Lists that also hold people outside the population.
    """

    table: CrossTable
    space: ModelSpace
    over_covering: tuple[str, ...]

    @classmethod
    def of(cls, histories: CaptureHistories, *, max_order: int, covariates: Sequence[str],
           over_covering: Sequence[str]) -> EvidenceTable:
        """Lay out the table; lists that hold nobody are left out, the others stand in the order of their names.

        Raises
        ------
        ValueError
            If an option makes no sense or the table is too large.
        NoEstimate
            If there is no proper posterior, or nothing in the table bears on the people not seen.
        """
        _check(histories, max_order, covariates, over_covering)
        used = _used(histories, covariates)
        table = cross_table(used)
        if table.cells.size > MOST_CELLS:
            raise ValueError(f"{len(table.lists)} lists and {len(table.strata):,} strata make {table.cells.size:,} "
                             f"cells, and the chains hold {MOST_CELLS:,}: merge lists or levels, or leave a covariate "
                             "out")
        made = cls(table, ModelSpace(table, min(max_order, len(table.variables))),
                   tuple(name for name in table.lists if name in over_covering))
        made._require_overlap()
        return made

    @cached_property
    def kinds(self) -> NDArray[np.int64]:
        """What is known of each cell: its count, nothing, or the most it can be."""
        outside = sum(1 << self.table.lists.index(name) for name in self.over_covering)
        history = np.arange(self.table.cells.size) % self.table.n_histories
        kinds = np.where(history & ~outside == 0, _CENSORED, _COUNTED)
        return np.where(history == 0, _UNSEEN, kinds).astype(np.int64)

    @cached_property
    def certain(self) -> NDArray[np.float64]:
        """People who were seen and belong to the population for certain: (strata,) array."""
        counted = np.where(self.kinds == _COUNTED, self.table.cells, 0.0)
        return np.asarray(counted.reshape(-1, self.table.n_histories).sum(axis=1))

    @property
    def doubtful(self) -> float:
        """People seen only on lists that also hold others."""
        return float(self.table.cells[self.kinds == _CENSORED].sum())

    def _require_overlap(self) -> None:
        history = np.arange(self.table.cells.size) % self.table.n_histories
        several = np.array([int(cell).bit_count() > 1 for cell in history]) & (self.kinds == _COUNTED)
        if self.certain.sum() == 0:
            raise NoEstimate("everybody was seen on over-covering lists alone, so perhaps nobody belongs to the "
                             "population, and the posterior is improper", "a list of people who do")
        if self.table.cells[several].sum() == 0:
            raise NoEstimate("nobody is on two lists, so nothing but the prior says how many are on none", _SHARED)


def _check(histories: CaptureHistories, max_order: int, covariates: Sequence[str],
           over_covering: Sequence[str]) -> None:
    if not isinstance(max_order, (int, np.integer)) or max_order < 1:
        raise ValueError(f"max_order is the most lists and covariates in one interaction, 1 or more, got {max_order!r}")
    if isinstance(covariates, str) or isinstance(over_covering, str):
        raise ValueError("covariates and over_covering are groups of names: write (\"sex\",), not \"sex\"")
    if unknown := [name for name in covariates if name not in histories.stratified_by]:
        raise ValueError(f"the covariates are {', '.join(histories.stratified_by) or 'none'}; not among them: "
                         f"{', '.join(unknown)}")
    if unknown := [name for name in over_covering if name not in histories.lists]:
        raise ValueError(f"over_covering: the lists are {', '.join(histories.lists)}; not among them: "
                         f"{', '.join(unknown)}")
    if set(histories.lists) <= set(over_covering):
        raise ValueError("at least one list must hold nobody but the population: every list is in over_covering")


def _used(histories: CaptureHistories, covariates: Sequence[str]) -> CaptureHistories:
    sizes = np.diag(histories.overlaps().to_numpy())
    filled = sorted(name for name, size in zip(histories.lists, sizes, strict=True) if size)
    if len(filled) < 2:
        raise NoEstimate(f"it takes two lists that hold people, and there is one: {filled[0]}", _SHARED)
    chosen = histories.select(filled).restratified(sorted(covariates))
    if chosen.partly_recorded:
        raise NoEstimate(f"{' and '.join(chosen.partly_recorded)} was not recorded for everybody, and this method "
                         "completes nobody", "covariates recorded for everybody; or use loglinear with covariates")
    return chosen
