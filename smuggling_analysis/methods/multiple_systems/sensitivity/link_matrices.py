"""What missed and false links do to a table of histories, in expectation: two matrices, and their undoing.

Missed links: the records of one person are linked pair by pair, each pair's link missed with its chance, and records
that hang together, if only through a third list, are taken for one person. Of a person with history h the expected
number of observed people with exactly the lists s within h is the chance that the records of s hang together and none
of them is linked to the rest.

False links: an observed person on j lists is held together by j - 1 links, a tree of which any shape is as likely as
another, and each link is false with the given chance. Without its false links the tree falls into people.

Both keep every record: the lists' sizes do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_LISTS = 10
_MOST_STEPS, _NEWTON_STEPS = 5000, 20
# Steps that move no count by more than this share of all people end the climb.
_SETTLED = 1e-11
# A share of all people that is nobody; shares of a list to which its size is sought and must be kept.
_NOBODY, _SOUGHT, _KEPT = 1e-10, 1e-13, 1e-6


@dataclass(frozen=True, eq=False)
class Undone:
    """Tables without missed links.

    Parameters
    ----------
    tables : (tables, 2**lists) array
        The people, in expectation.
    deviance : (tables,) array
        Of the pieces expected of them: 0 where they agree with those seen.
    negative : (tables,) array of int
        For how many histories the equations alone would give a negative count.
    settled : (tables,) array of bool
        Whether the maximum was reached.
    """

    tables: Floats
    deviance: Floats
    negative: NDArray[np.int64]
    settled: NDArray[np.bool_]


@lru_cache(maxsize=64)
def pieces_of_people(rates: tuple[tuple[float, ...], ...]) -> Floats:
    """Return the expected number of observed people with each history, of one person with each.

    Parameters
    ----------
    rates : (lists, lists) tuple of tuples
        The chance that the link between a person's records on two lists is missed; symmetric.

    Returns
    -------
    (2**lists, 2**lists) array
        Row: the history observed; column: the person's own. Row and column 0 are empty but for a one where they meet.

    Examples
    --------
    >>> pieces_of_people(((0.0, 0.1), (0.1, 0.0)))[1:, 3]
    array([0.1, 0.1, 0.9])
    """
    missed = np.array(rates)
    cells = 1 << len(missed)
    cut = _cuts(missed)
    together = np.ones(cells)
    for history in range(1, cells):
        first = history & -history
        part, apart = (history - 1) & history, 0.0
        while part:
            if part & first:
                apart += together[part] * cut[part, history ^ part]
            part = (part - 1) & history
        together[history] = 1.0 - apart
    every = np.arange(cells)
    within = (every[:, None] & every) == every[:, None]
    pieces = np.where(within, together[:, None] * cut[every[:, None], every & ~every[:, None]], 0.0)
    pieces[0, 1:] = 0.0
    return pieces


@lru_cache(maxsize=64)
def people_in_links(n_lists: int, false: float) -> Floats:
    """Return the expected number of people with each history in one observed person with each.

    Parameters
    ----------
    n_lists : int
    false : float
        The share of links that are false.

    Returns
    -------
    (2**lists, 2**lists) array
        Row: the history of the people; column: the observed one. Row and column 0 are empty but for a one where
        they meet.

    Examples
    --------
    >>> people_in_links(2, 0.1)[1:, 3]
    array([0.1, 0.1, 0.9])
    """
    by_size = np.zeros((n_lists + 1, n_lists + 1))
    for size in range(1, n_lists + 1):
        for whole in range(size, n_lists + 1):
            by_size[size, whole] = _falls_out(size, whole, false)
    every = np.arange(1 << n_lists)
    sizes = np.array([cell.bit_count() for cell in range(1 << n_lists)])
    within = (every[:, None] & every) == every[:, None]
    found = np.where(within, by_size[sizes[:, None], sizes], 0.0)
    found[0, 0] = 1.0
    return found


def without_missed_links(tables: Floats, pieces: Floats) -> Undone:
    """Return the tables whose people would, in expectation, have been observed as these pieces.

    Where the linear equations have a solution without negative counts it is that; else the maximum of the Poisson
    likelihood without negative counts that keeps the lists' sizes, found by EM.

    Parameters
    ----------
    tables : (tables, 2**lists) array
        Counts or expected counts of pieces.
    pieces : (2**lists, 2**lists) array
        As from `pieces_of_people`.

    Examples
    --------
    >>> found = without_missed_links(np.array([[0.0, 62.0, 42.0, 10.0]]), pieces_of_people(((0.0, 0.2), (0.2, 0.0))))
    >>> found.tables.round(9).tolist(), float(found.deviance[0])
    ([[0.0, 59.5, 39.5, 12.5]], 0.0)
    """
    found = np.linalg.solve(pieces, tables.T).T
    scale = np.maximum(tables.sum(axis=1, keepdims=True), 1.0)
    negative = (found < -1e-12 * scale).sum(axis=1)
    found, deviance, settled = np.maximum(found, 0.0), np.zeros(len(tables)), np.ones(len(tables), dtype=bool)
    if (bound := negative > 0).any():
        found[bound], deviance[bound], settled[bound] = _climbed(tables[bound], pieces, found[bound])
    return Undone(found, deviance, negative, settled)


def _cuts(missed: Floats) -> Floats:
    """Return the chance that no record of one set of lists is linked to one of another: (sets, sets) array."""
    cells = 1 << len(missed)
    to = np.ones((len(missed), cells))
    for place in range(len(missed)):
        for other in range(len(missed)):
            bit = 1 << other
            to[place, (np.arange(cells) & bit) > 0] *= missed[place, other]
    cut = np.ones((cells, cells))
    for place in range(len(missed)):
        held = (np.arange(cells) >> place & 1).astype(bool)
        cut[held] *= to[place]
    return cut


def _falls_out(size: int, whole: int, false: float) -> float:
    """Return the chance that given `size` of a uniform tree's nodes are one piece once false links are cut.

    Of the whole**(whole - 2) trees, size**(size - 2) shapes within, times the trees of the rest and one node standing
    for the piece, by how many links that node has.
    """
    inside = size ** max(size - 2, 0) * (1.0 - false) ** (size - 1)
    rest = whole - size
    if not rest:
        return inside / whole ** max(whole - 2, 0)
    around = sum(comb(rest - 1, links - 1) * rest ** (rest - links) * size**links * false**links
                 for links in range(1, rest + 1))
    return float(inside * around / whole ** (whole - 2))


def _climbed(tables: Floats, pieces: Floats, start: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the maxima of the Poisson likelihoods without negative counts, by EM, their deviances, and which settled.

    Errors in links lose no record, so that each list's size is held: with multipliers, one for each list, that Newton's
    method finds within every step.
    """
    whole, on = pieces.sum(axis=0), _lists_of(tables.shape[1])
    people = np.maximum(tables.sum(axis=1, keepdims=True), 1.0)
    sizes, multipliers = tables @ on, np.zeros((len(tables), on.shape[1]))
    # Nobody is on a list of nobody.
    possible = (sizes <= 0) @ on.T == 0
    possible[:, 0] = False
    found = np.where(possible, np.maximum(start, 1e-3 * people / tables.shape[1]), 0.0)
    climbing = np.arange(len(tables))
    for _ in range(_MOST_STEPS):
        now, crowd = found[climbing], people[climbing]
        counted = now * (_ratio(tables[climbing], now @ pieces.T) @ pieces)
        # A history that is all but nobody's would stop Newton's steps short.
        counted[counted < _NOBODY * crowd] = 0.0
        found[climbing], multipliers[climbing] = _held(multipliers[climbing], counted, whole, sizes[climbing], on)
        climbing = climbing[(np.abs(found[climbing] - now) >= _SETTLED * crowd).any(axis=1)]
        if not climbing.size:
            break
    expected = found @ pieces.T
    surprise = np.log(np.where((tables > 0) & (expected > 0), _ratio(tables, expected), 1.0))
    deviance = np.maximum(2.0 * (tables * surprise - tables + expected).sum(axis=1), 0.0)
    kept = (np.abs(found @ on - sizes) <= _KEPT * sizes).all(axis=1)
    return found, deviance, kept & ~np.isin(np.arange(len(tables)), climbing)


def _held(multipliers: Floats, counted: Floats, whole: Floats, sizes: Floats, on: Floats) -> tuple[Floats, Floats]:
    """Return the people who keep the lists' sizes, (tables, cells), and the multipliers that hold them, by Newton."""
    for _ in range(_NEWTON_STEPS):
        held = _ratio(counted, whole + multipliers @ on.T)
        if (np.abs(held @ on - sizes) <= _SOUGHT * sizes).all():
            break
        multipliers = _nearer(multipliers, counted, whole, sizes, on)
    return _ratio(counted, whole + multipliers @ on.T), multipliers


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _nearer(multipliers: Floats, counted: Floats, whole: Floats, sizes: Floats, on: Floats) -> Floats:
    """Return multipliers, (tables, lists), with which the lists are nearer to their sizes: one step of Newton's."""
    n_lists = on.shape[1]
    divisor = whole + multipliers @ on.T
    held = _ratio(counted, divisor)
    gap = held @ on - sizes
    pairs = (on[:, :, None] * on[:, None, :]).reshape(-1, n_lists**2)
    slope = (_ratio(held, divisor) @ pairs).reshape(-1, n_lists, n_lists)
    places = np.arange(n_lists)
    # A list of nobody has no slope and needs no multiplier.
    slope[:, places, places] += 1e-9 * slope[:, places, places].max(axis=1, keepdims=True) + 1e-300
    step = np.linalg.solve(slope, gap[:, :, None])[:, :, 0]
    # No divisor may reach zero: a step goes four fifths of the way there at most.
    share = np.max(_ratio(-(step @ on.T), 0.8 * divisor), axis=1, initial=1.0, where=counted > 0)
    return np.asarray(multipliers + step / share[:, None])


def _lists_of(cells: int) -> Floats:
    """Return which lists each history is on: (cells, lists) array of 0 and 1."""
    return (np.arange(cells)[:, None] >> np.arange(cells.bit_length() - 1) & 1).astype(float)
