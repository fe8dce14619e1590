"""How a person's records fall apart, and how often: the blocks of a random partition, drawn for many people at once.

A history is a number whose bits are lists. Both errors of linkage split a set of records into blocks. Which block
holds the first record is drawn for all people of one history together, then the same is asked of what is left.

Missed links: each pair of records is linked but for a chance to be missed; blocks are what hangs together. False
links: an observed person on j lists is held together by j - 1 links, any tree as likely as another; blocks are what is
left where the false ones are cut. A uniform tree has blocks B with weight proportional to the product of
j f |B|^(|B| - 1) (1 - f)^(|B| - 1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Blocks = tuple[int, ...]
FirstBlock = Callable[[int], tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Of a set of records: the blocks that may hold its first record, the whole set last, and their chances."""


def fallen(history: int, people: int, first_block: FirstBlock, rng: np.random.Generator) -> Counter[Blocks]:
    """Return how many of so many people with one history fall into which blocks."""
    if not history:
        return Counter({(): people})
    blocks, chances = first_block(history)
    return _sorted_out(history, blocks, rng.multinomial(people, chances), first_block, rng)


def split(history: int, people: int, first_block: FirstBlock, rng: np.random.Generator) -> Counter[Blocks]:
    """Return the same of people known to have fallen into two blocks or more."""
    blocks, chances = first_block(history)
    apart = chances[:-1] / chances[:-1].sum()
    return _sorted_out(history, blocks[:-1], rng.multinomial(people, apart), first_block, rng)


def _sorted_out(history: int, blocks: NDArray[np.int64], numbers: NDArray[np.int64], first_block: FirstBlock,
                rng: np.random.Generator) -> Counter[Blocks]:
    found: Counter[Blocks] = Counter()
    for block, number in zip(blocks.tolist(), numbers.tolist(), strict=True):
        if number:
            for rest, many in fallen(history ^ block, number, first_block, rng).items():
                found[(block, *rest)] += many
    return found


def with_links_missed(missed: float) -> FirstBlock:
    """Return the first blocks of people whose links, each between two records, are missed with this chance.

    Examples
    --------
    >>> blocks, chances = with_links_missed(0.1)(0b11)
    >>> blocks.tolist(), chances.tolist()
    ([1, 3], [0.1, 0.9])
    """
    @cache
    def connected(size: int) -> float:
        return 1.0 - sum(comb(size - 1, part - 1) * connected(part) * missed ** (part * (size - part))
                         for part in range(1, size))

    @cache
    def first_block(history: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        blocks, size = _with_first(history), history.bit_count()
        return blocks, _chances([connected(part) * missed ** (part * (size - part)) for part in _sizes(blocks)])

    return first_block


def with_false_links_cut(false: float, whole: int) -> FirstBlock:
    """Return the first blocks of observed people on `whole` lists, or of what is left of them, their false links cut.

    Examples
    --------
    >>> blocks, chances = with_false_links_cut(0.1, 3)(0b111)
    >>> blocks.tolist(), chances.round(9).tolist()
    ([1, 3, 5, 7], [0.07, 0.06, 0.06, 0.81])
    """
    def weight(size: int) -> float:
        return whole * false * size ** (size - 1) * (1.0 - false) ** (size - 1)

    @cache
    def total(size: int) -> float:
        if not size:
            return 1.0
        return sum(comb(size - 1, part - 1) * weight(part) * total(size - part) for part in range(1, size + 1))

    @cache
    def first_block(history: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        blocks, size = _with_first(history), history.bit_count()
        return blocks, _chances([weight(part) * total(size - part) for part in _sizes(blocks)])

    return first_block


def _with_first(history: int) -> NDArray[np.int64]:
    """Return the subsets of a set that hold its first element, ascending: the whole set is the last."""
    first = history & -history
    rest, part, found = history ^ first, 0, []
    while True:
        found.append(part | first)
        if part == rest:
            return np.array(found, dtype=np.int64)
        part = (part - rest) & rest


def _sizes(blocks: NDArray[np.int64]) -> list[int]:
    return [int(block).bit_count() for block in blocks]


def _chances(weights: list[float]) -> NDArray[np.float64]:
    made = np.array(weights)
    return made / made.sum()
