"""Hierarchical log-linear models and their notation.

A term is a set of lists, written as a number whose bit `i` stands for list `i` (numbered from 0 here, from 1
in notation). A hierarchical model holds every term within its terms, so its largest terms, the generators,
name it: `[12,3]` holds the lists 1, 2 and 3 and the dependence between 1 and 2.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

_NOTATION = re.compile(r"\[\s*[0-9.]+(\s*,\s*[0-9.]+)*\s*\]")
_MOST_UNDOTTED = 9


@dataclass(frozen=True)
class Model:
    """A hierarchical log-linear model of capture histories; it always holds every list's own term.

    Parameters
    ----------
    n_lists : int
        Number of lists.
    generators : tuple of int
        The largest terms, as numbers whose bits are lists.

    Examples
    --------
    >>> Model.parse("[12,3]", ["police", "ngo", "court"])
    Model('[12,3]')
    >>> Model.parse([("police", "court")], ["police", "ngo", "court"]).notation
    '[13,2]'
    """

    n_lists: int
    generators: tuple[int, ...]

    def __post_init__(self) -> None:
        given = {*self.generators, *(1 << place for place in range(self.n_lists))}
        if not all(0 < term < 1 << self.n_lists for term in given):
            raise ValueError(f"a term of a model on {self.n_lists} lists is a number from 1 to "
                             f"{2**self.n_lists - 1}")
        largest = [term for term in given
                   if not any(term != other and term & other == term for other in given)]
        object.__setattr__(self, "generators", tuple(sorted(largest, key=_reading_order)))

    @classmethod
    def parse(cls, model: str | Iterable[str | Sequence[str]] | Model, lists: Sequence[str]) -> Model:
        """Read a model.

        Parameters
        ----------
        model : str, or iterable of list names and groups of list names, or Model
            Notation such as "[12,3]", lists numbered from 1 in the order of `lists`; with more than nine
            lists numbers are separated by dots, "[1.12,3]". Or generators such as `[("police", "ngo"),
            "court"]`.
        lists : sequence of str
            The lists' names.

        Raises
        ------
        ValueError
            If the notation cannot be read or a list is unknown.
        """
        if isinstance(model, Model):
            if model.n_lists != len(lists):
                raise ValueError(f"{model.notation} is a model on {model.n_lists} lists, there are "
                                 f"{len(lists)}")
            return model
        if not isinstance(model, Iterable) or isinstance(model, (bytes, bytearray)):
            raise ValueError(f"a model is notation such as \"[12,3]\" or groups of list names, got {model!r}")
        if isinstance(model, str):
            terms = [_term_of_numbers(part, model, lists) for part in _parts(model, lists)]
        else:
            terms = [_term_of_names((part,) if isinstance(part, str) else part, lists) for part in model]
        return cls(len(lists), tuple(terms))

    @cached_property
    def terms(self) -> tuple[int, ...]:
        """All terms, the intercept (0) first, smaller terms before larger ones."""
        found = {0}
        for generator in self.generators:
            part = generator
            while part:
                found.add(part)
                part = (part - 1) & generator
        return tuple(sorted(found, key=lambda term: (term.bit_count(), term)))

    @property
    def order(self) -> int:
        """The number of lists in the largest term."""
        return max(term.bit_count() for term in self.generators)

    @property
    def notation(self) -> str:
        """The model as text: generators from large to small, each with its lists' numbers."""
        dot = "." if self.n_lists > _MOST_UNDOTTED else ""
        written = [dot.join(str(place + 1) for place in members(term)) for term in self.generators]
        return f"[{','.join(written)}]"

    def named(self, lists: Sequence[str]) -> str:
        """Return the model in words: "police x ngo, court".

        Examples
        --------
        >>> Model.parse("[12,3]", ["police", "ngo", "court"]).named(["police", "ngo", "court"])
        'police x ngo, court'
        """
        return ", ".join(" x ".join(lists[place] for place in members(term)) for term in self.generators)

    def __repr__(self) -> str:
        return f"Model('{self.notation}')"


@dataclass(frozen=True, eq=False)
class Models(Sequence[Model]):
    """Many models as one table of their terms; each is made when asked for.

    Parameters
    ----------
    n_lists : int
        Number of lists.
    terms : (models, most terms) array of int
        As from `term_table`.

    Examples
    --------
    >>> Models(2, np.array([[0, 1, 2, -1], [0, 1, 2, 3]]))[1]
    Model('[12]')
    """

    n_lists: int
    terms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.terms)

    @overload
    def __getitem__(self, place: int) -> Model: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Model, ...]: ...

    def __getitem__(self, place: int | slice) -> Model | tuple[Model, ...]:
        if isinstance(place, slice):
            return tuple(self._model(row) for row in range(*place.indices(len(self))))
        if not -len(self) <= place < len(self):
            raise IndexError(f"there are {len(self):,} models, and none in place {place}")
        return self._model(operator.index(place))

    def _model(self, row: int) -> Model:
        row %= len(self)
        if row not in self._made:
            self._made[row] = Model(self.n_lists, self._generators[row])
        return self._made[row]

    @cached_property
    def _made(self) -> dict[int, Model]:
        return {}

    @cached_property
    def _generators(self) -> list[tuple[int, ...]]:
        """Return the terms within no other term of their model."""
        row, place = np.nonzero(self.terms >= 0)
        held = np.zeros((len(self), 1 << self.n_lists), dtype=np.float32)
        held[row, self.terms[row, place]] = 1.0
        every = np.arange(1 << self.n_lists)
        larger = ((every[:, None] & every) == every) & (every[:, None] != every)
        largest = (held > 0.0) & (held @ larger.astype(np.float32) == 0.0)
        return [tuple(np.flatnonzero(model).tolist()) for model in largest]


def members(term: int) -> list[int]:
    """Return the places of the lists in a term, from 0.

    Examples
    --------
    >>> members(0b101)
    [0, 2]
    """
    return [place for place in range(term.bit_length()) if term >> place & 1]


def term_table(models: Sequence[Model]) -> NDArray[np.int64]:
    """Return the models' terms as the kernels take them.

    Returns
    -------
    (models, most terms) array of int
        The intercept (0) first, unused places -1.

    Examples
    --------
    >>> term_table([Model(2, (1, 2)), Model(2, (3,))])
    array([[ 0,  1,  2, -1],
           [ 0,  1,  2,  3]])
    """
    if isinstance(models, Models):
        return models.terms
    table = np.full((len(models), max(len(model.terms) for model in models)), -1, dtype=np.int64)
    for row, model in enumerate(models):
        table[row, : len(model.terms)] = model.terms
    return table


def _reading_order(term: int) -> tuple[int, list[int]]:
    return -term.bit_count(), members(term)


def _parts(model: str, lists: Sequence[str]) -> list[str]:
    if not _NOTATION.fullmatch(model.strip()):
        raise ValueError(f"cannot read the model {model!r}: write it as \"[12,3]\", lists numbered from 1 to "
                         f"{len(lists)} ({', '.join(lists)}), or as groups of names such as [({lists[0]!r}, "
                         f"{lists[-1]!r})]")
    return [part.strip() for part in model.strip()[1:-1].split(",")]


def _term_of_numbers(part: str, model: str, lists: Sequence[str]) -> int:
    numbers = part.split(".") if "." in part or len(lists) > _MOST_UNDOTTED else list(part)
    term = 0
    for text in numbers:
        if not text or not 1 <= int(text) <= len(lists):
            raise ValueError(f"the model {model!r} names list {text or '(none)'}; the lists are numbered 1 "
                             f"to {len(lists)}: {', '.join(lists)}")
        term |= 1 << (int(text) - 1)
    return term


def _term_of_names(names: Sequence[str], lists: Sequence[str]) -> int:
    if not isinstance(names, Iterable):
        raise ValueError(f"a group of lists is names such as ({', '.join(map(repr, lists[:2]))}), got {names!r}")
    unknown = [name for name in names if name not in lists]
    if unknown or not names:
        raise ValueError(f"the model names {', '.join(map(repr, unknown)) or 'an empty group'}; the lists "
                         f"are {', '.join(lists)}")
    term = 0
    for name in names:
        term |= 1 << list(lists).index(name)
    return term
