"""A method with its options, asked again and again of other tables of the same people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import resolve_order
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members
from smuggling_analysis.methods.registry import Method
from smuggling_analysis.problems import BadInput

# Methods that visit models up to an order that depends, unless told, on the number of lists.
_VISITING = ("loglinear", "model_average")
_DATA = "lists of the same people, with more of them on several lists"


@dataclass(frozen=True, eq=False)
class Asked:
    """A method of METHODS and its options.

    Parameters
    ----------
    row : Method
        The method.
    options : mapping
        Its options; where chance plays a part, with a seed, so that only the tables differ.
    """

    row: Method
    options: Mapping[str, Any]

    @classmethod
    def of(cls, method: str, options: Mapping[str, Any], rng: int | np.random.Generator | None = 0) -> Asked:
        """Look the method up; where chance plays a part, it is seeded by `rng` if the options have none.

        Raises
        ------
        ValueError
            If there is no such method, or it does not take capture histories.
        """
        from smuggling_analysis.methods import METHODS

        fitting = [name for name, row in METHODS.items() if row.evidence == "CaptureHistories"]
        if method not in fitting:
            raise ValueError(f"method is one that takes capture histories ({', '.join(fitting)}), got {method!r}")
        row, told = METHODS[method], dict(options)
        if "rng" in row.options:
            told["rng"] = _seed(told.get("rng", rng))
        return cls(row, told)

    def __call__(self, histories: CaptureHistories) -> Estimate:
        """Estimate from a table.

        Raises
        ------
        NoEstimate
            If the method refuses.
        """
        if lacking := self.row.lacks(histories):
            raise NoEstimate(f"{self.row.title} cannot be used: it {lacking}", _DATA)
        found = self.row(histories, **self.options)
        if not isinstance(found, Estimate):
            raise ValueError(f"{self.row.name} gives no single estimate, so nothing can be held against it")
        return found

    def original(self, histories: CaptureHistories, made: Estimate | None) -> Estimate:
        """Return the estimate from the whole table, made before or now.

        Raises
        ------
        ValueError
            If the estimate made before is of another table, method or confidence level, or there are several linked
            versions of the table.
        NoEstimate
            If the method refuses.
        """
        if not isinstance(histories, CaptureHistories):
            raise ValueError(f"sensitivity is asked of one table of capture histories, got {type(histories).__name__}: "
                             "of linked versions, take one of `versions` at a time")
        if made is None:
            return self(histories)
        if made.fingerprint != histories.fingerprint:
            raise ValueError("the original estimate is of another table: leave it out, and it is made anew")
        self._require_own(made)
        return made

    def _require_own(self, made: Estimate) -> None:
        """Refuse an estimate that another method made, as far as its name tells, or one with another level."""
        from smuggling_analysis.methods import METHODS

        named = made.method.split(" ")[0].rstrip(",")
        if named in METHODS and named != self.row.name:
            raise ValueError(f"the original estimate was made by {named}, and the method is {self.row.name}")
        level = self.options.get("confidence_level", 0.95)
        if level != made.confidence_level:
            raise ValueError(f"the original estimate has a confidence level of {made.confidence_level:g}, and the "
                             f"options have {level:g}")

    def attempt(self, histories: CaptureHistories | None) -> Estimate | NoEstimate:
        """Estimate from a table that may be too little for the method; None stands for a table of nobody."""
        if histories is None:
            return NoEstimate("nobody is on any of these lists", _DATA)
        try:
            return self(histories)
        except NoEstimate as refusal:
            return refusal

    def held_to(self, histories: CaptureHistories) -> Asked:
        """Return the method for tables of fewer lists: it visits terms of no more lists than on the whole table.

        With fewer lists a choice among models would, unless told otherwise, look at larger terms, and the lists'
        part could not be told from that of the larger terms.
        """
        options = self.options
        if self.row.name not in _VISITING or options.get("max_order") is not None:
            return self
        if options.get("model") is not None or options.get("selection", "bic") not in ("bic", "aic", "average"):
            return self
        try:
            order = resolve_order(histories.n_lists, None)
        except ValueError:
            return self
        return replace(self, options={**options, "max_order": order})

    def regrouped(self, lists: Sequence[str], groups: Sequence[Sequence[str]]) -> Asked:
        """Return the method for other lists: a model that was given is carried over, list by list.

        Parameters
        ----------
        lists : sequence of str
            The lists as they were.
        groups : sequence of sequence of str
            Of which of them each of the new lists is made; those in none are left out.
        """
        if self.options.get("model") is None or "selection" not in self.row.options:
            return self
        covariates = tuple(self.options.get("covariates", ()))
        known, kept = (*lists, *covariates), [*groups, *((name,) for name in covariates)]
        model = Model.parse(self.options["model"], known)
        return replace(self, options={**self.options, "model": _carried(model, known, kept)})


def _carried(model: Model, lists: Sequence[str], groups: Sequence[Sequence[str]]) -> Model:
    place = {list(lists).index(name): new for new, group in enumerate(groups) for name in group}
    terms = [{place[old] for old in members(generator) if old in place} for generator in model.generators]
    return Model(len(groups), tuple(sum(1 << new for new in term) for term in terms if term))


def _seed(rng: int | np.random.Generator | None) -> int:
    if isinstance(rng, (int, np.integer)):
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**63))


def people_on(histories: CaptureHistories, lists: Sequence[str], *,
              among: str | None = None) -> CaptureHistories | None:
    """Return the table of these lists, None where nobody is on them.

    Parameters
    ----------
    histories : CaptureHistories
    lists : sequence of str
        The lists to keep.
    among : str, optional
        Count only people who are on this list, too.
    """
    own = np.ones(len(histories.patterns), dtype=bool)
    if among is not None:
        own = histories.patterns[:, histories.lists.index(among)]
    try:
        return replace(histories, patterns=histories.patterns[own], counts=histories.counts[:, own]).select(lists)
    except BadInput:
        return None
