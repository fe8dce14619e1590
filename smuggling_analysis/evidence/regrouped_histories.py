"""Other tables of the same people: fewer or merged lists, other strata, other counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Regrouping:
    """What `CaptureHistories` can be made into; its fields are described there."""

    lists: tuple[str, ...]
    patterns: NDArray[np.bool_]
    counts: NDArray[np.int64]
    stratified_by: tuple[str, ...]
    strata: tuple[tuple[str, ...], ...]
    partly_recorded: tuple[str, ...]
    stratum: tuple[tuple[str, str], ...]

    def by_stratum(self) -> Iterator[tuple[tuple[str, ...], Self]]:
        """Yield each stratum's label and its histories; strata nobody is in are passed over.

        The histories know which stratum they are, so that two strata with the same counts are not one evidence.
        People whose value was not recorded come as a stratum of their own.
        """
        for label, counts in zip(self.strata, self.counts, strict=True):
            if counts.sum():
                named = (*self.stratum, *zip(self.stratified_by, label, strict=True))
                yield label, self._with_strata((), ((),), counts[None, :], named)

    def pooled(self) -> Self:
        """Return the same people without strata."""
        return self.restratified(())

    def restratified(self, variables: Sequence[str]) -> Self:
        """Keep these of the variables that make the strata, in this order, and add the others' strata together.

        Examples
        --------
        >>> import pandas as pd
        >>> from smuggling_analysis import CaptureHistories
        >>> people = pd.DataFrame({"police": [1, 1, 1], "sex": ["f", "f", "m"], "age": ["old", "young", "old"]})
        >>> histories = CaptureHistories.from_records(people, lists=["police"], strata=["age", "sex"])
        >>> histories.restratified(["sex"]).counts.tolist()
        [[2], [1]]
        """
        if (unknown := [name for name in variables if name not in self.stratified_by]) or (
                len(set(variables)) < len(variables)):
            told = f"not among them: {', '.join(unknown)}" if unknown else "one was named twice"
            raise ValueError(f"the strata are made by {', '.join(self.stratified_by) or 'nothing'}; {told}")
        places = [self.stratified_by.index(name) for name in variables]
        labels = [tuple(label[place] for place in places) for label in self.strata]
        names = tuple(sorted(set(labels)))
        counts = np.zeros((len(names), self.counts.shape[1]), dtype=np.int64)
        np.add.at(counts, [names.index(label) for label in labels], self.counts)
        return self._with_strata(tuple(variables), names, counts, self.stratum)

    def _with_strata(self, variables: tuple[str, ...], strata: tuple[tuple[str, ...], ...],
                     counts: NDArray[np.int64], stratum: tuple[tuple[str, str], ...]) -> Self:
        partly = tuple(name for name in self.partly_recorded if name in variables)
        return self._changed(counts=counts, stratified_by=variables, strata=strata, partly_recorded=partly,
                       stratum=stratum)

    def select(self, lists: Sequence[str]) -> Self:
        """Keep these lists, in this order. People on none of them are no longer observed."""
        self._require(lists)
        columns = [self.lists.index(name) for name in lists]
        return self._regrouped(tuple(lists), self.patterns[:, columns])

    def drop(self, *lists: str) -> Self:
        """Leave these lists out. People on no other list are no longer observed."""
        self._require(lists)
        return self.select([name for name in self.lists if name not in lists])

    def merge(self, lists: Sequence[str], name: str) -> Self:
        """Make one list of several, in the first one's place: a person is on it who is on any of them."""
        self._require(lists)
        columns = [self.lists.index(old) for old in lists]
        first = min(columns)
        kept = [column for column in range(len(self.lists)) if column not in columns or column == first]
        patterns = self.patterns.copy()
        patterns[:, first] = self.patterns[:, columns].any(axis=1)
        names = tuple(name if column == first else self.lists[column] for column in kept)
        return self._regrouped(names, patterns[:, kept])

    def with_counts(self, counts: ArrayLike) -> Self:
        """Return the same histories with other counts, (strata, histories): for simulation and bootstrap."""
        return self._changed(counts=np.asarray(counts))

    def _require(self, lists: Sequence[str]) -> None:
        if not lists or (unknown := [name for name in lists if name not in self.lists]):
            named = f"not among them: {', '.join(unknown)}" if lists else "none was named"
            raise ValueError(f"the lists are {', '.join(self.lists)}; {named}")

    def _regrouped(self, lists: tuple[str, ...], patterns: NDArray[np.bool_]) -> Self:
        seen = patterns.any(axis=1)
        return self._changed(lists=lists, patterns=patterns[seen], counts=self.counts[:, seen])

    def _changed(self, **fields: Any) -> Self:
        return cast(Self, replace(cast(Any, self), **fields))


def canonical(patterns: NDArray[np.bool_],
               counts: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Merge equal histories, leave out those nobody has, and sort: evidence has one form."""
    distinct, inverse = np.unique(patterns, axis=0, return_inverse=True)
    merged = np.zeros((len(counts), len(distinct)), dtype=np.int64)
    np.add.at(merged.T, inverse.ravel(), counts.T)
    kept = merged.any(axis=0)
    return distinct[kept][::-1].copy(), merged[:, kept][:, ::-1].copy()

