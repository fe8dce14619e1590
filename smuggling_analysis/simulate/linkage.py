"""Errors in the links between lists, made person by person: links of one person missed, strangers linked."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories

_MOST_TRIES = 1000

Masks = NDArray[np.int64]


def badly_linked(histories: CaptureHistories, *, missed: float = 0.0, false: float = 0.0,
                 rng: int | np.random.Generator | None = None) -> CaptureHistories:
    """Link the records of known people with errors, and count who then seems to be on which lists.

    First each pair of records of one person is linked but for a chance to be missed; records that hang together are
    one observed person. Then, for each pair of lists, so many links are added between observed people on the one and on
    the other that the given share of that pair's links is false; only people on no common list can be joined.

    Parameters
    ----------
    histories : CaptureHistories
        The people as they are; strata are added together.
    missed : float
        The chance that the link between two records of one person is missed.
    false : float
        The share of links, of which an observed person on j lists has j - 1, that join different people.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    CaptureHistories
        As they would be observed, marked as simulated. Every list keeps its size.

    Raises
    ------
    ValueError
        If a rate is not a share: `missed` from 0 to 1, `false` from 0 to below 1.

    Examples
    --------
    >>> people = CaptureHistories.from_counts({("police", "ngo"): 1000}, lists=["police", "ngo"])
    >>> observed = badly_linked(people, missed=0.1, rng=1)
    >>> observed.overlaps().loc["police", "police"], 850 < observed.overlaps().loc["police", "ngo"] < 950
    (np.int64(1000), np.True_)
    """
    if not 0 <= missed <= 1 or not 0 <= false < 1:
        raise ValueError(f"missed is a share from 0 to 1 and false one below 1, got {missed} and {false}")
    rng = np.random.default_rng(rng)
    cells = histories.dense()
    pieces = np.concatenate([_pieces(history, int(people), missed, rng)
                             for history, people in enumerate(cells) if people])
    joined = _joined(pieces, histories.n_lists, false, rng)
    counts = np.bincount(joined, minlength=cells.size)[1:]
    on = (np.arange(1, cells.size)[:, None] >> np.arange(histories.n_lists) & 1).astype(bool)
    return CaptureHistories(histories.lists, on, counts[None, :], simulated=True)


def _pieces(history: int, people: int, missed: float, rng: np.random.Generator) -> Masks:
    """Return the observed people that so many people with one history fall into, as masks of lists."""
    lists = [place for place in range(history.bit_length()) if history >> place & 1]
    pairs = list(combinations(lists, 2))
    made = rng.random((people, len(pairs))) >= missed
    kinds, counts = np.unique(made, axis=0, return_counts=True) if pairs else (np.empty((1, 0), bool), [people])
    found = [np.tile(_components(lists, [pair for pair, kept in zip(pairs, kind, strict=True) if kept]), int(count))
             for kind, count in zip(kinds, counts, strict=True)]
    return np.concatenate(found)


def _components(lists: list[int], links: list[tuple[int, int]]) -> Masks:
    part = {place: 1 << place for place in lists}
    for one, other in links:
        together = part[one] | part[other]
        for place in lists:
            if together >> place & 1:
                part[place] = together
    return np.array(sorted(set(part.values())), dtype=np.int64)


def _joined(pieces: Masks, n_lists: int, false: float, rng: np.random.Generator) -> Masks:
    """Return the observed people after links between strangers were added."""
    pieces = rng.permutation(pieces)
    sizes = np.array([int(piece).bit_count() for piece in pieces])
    wanted: list[tuple[int, int]] = []
    for one, other in combinations(range(n_lists), 2):
        both = (pieces >> one & pieces >> other & 1) > 0
        # A tree on j lists has j - 1 of its j (j - 1) / 2 possible links.
        links = float((2.0 / sizes[both]).sum())
        wanted += [(one, other)] * int(rng.poisson(links * false / (1.0 - false)))
    for place in rng.permutation(len(wanted)).tolist():
        _join(pieces, wanted[place], rng)
    return pieces[pieces > 0]


def _join(pieces: Masks, lists: tuple[int, int], rng: np.random.Generator) -> None:
    """Join an observed person on one list with one on another, in place; what is joined to another becomes 0."""
    one, other = lists
    for _ in range(_MOST_TRIES):
        first, second = rng.integers(pieces.size, size=2)
        if pieces[first] >> one & pieces[second] >> other & 1 and not pieces[first] & pieces[second]:
            pieces[first] |= pieces[second]
            pieces[second] = 0
            return
