"""Plausible linkages around one that was made, drawn from known rates of missed and false links."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.linked_versions import LinkedVersions
from smuggling_analysis.methods.multiple_systems.linked.pieces import (
    Blocks,
    fallen,
    split,
    with_false_links_cut,
    with_links_missed,
)

Counts = NDArray[np.int64]

MOST_LISTS, MOST_MISSED = 10, 0.95


def linked_versions(histories: CaptureHistories, *, missed: float = 0.05, false: float = 0.01, versions: int = 20,
                    rng: int | np.random.Generator | None = None) -> LinkedVersions[CaptureHistories]:
    """Draw linkages that may be the true one, given the one that was made and its rates of error.

    In each version links are first undone that may be false: an observed person on j lists is held together by j - 1
    links, and each is false with its chance. Then people are joined who may be one: of those seen whole, the rate says
    how many others must have fallen apart, and into which pieces; so many people with just these histories are joined,
    as far as there are any. Every list keeps its size. The rates are taken as known; where they are not, join versions
    made with several.

    Parameters
    ----------
    histories : CaptureHistories
        Two to ten lists, as they were linked; people are joined within their stratum.
    missed : float
        The chance that the link between two records of one person was missed, from 0 to 0.95. Records that hang
        together through a third are together all the same.
    false : float
        The share of links that join different people, from 0 to below 1.
    versions : int
        How many to draw, 2 or more.
    rng : int, Generator or None
        Randomness of the versions.

    Returns
    -------
    LinkedVersions
        Equally weighted; any method of lists takes it in place of `histories`.

    Raises
    ------
    ValueError
        If a rate or the number of versions makes no sense.
    NoEstimate
        If there is one list, or there are more than ten.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley, New York.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {("police",): 600, ("ngo",): 400, ("police", "ngo"): 120}, lists=["police", "ngo"])
    >>> drawn = linked_versions(histories, missed=0.1, false=0.02, rng=1)
    >>> shared = [version.overlaps().loc["police", "ngo"] for version in drawn.versions]
    >>> bool(118 < np.mean(shared) < 144)  # 120 (1 - 0.02) / (1 - 0.1) = 130.7
    True
    """
    if not 0 <= missed <= MOST_MISSED or not 0 <= false < 1:
        raise ValueError(f"missed is a share from 0 to {MOST_MISSED} and false one below 1, got {missed} and {false}")
    if not isinstance(versions, (int, np.integer)) or versions < 2:
        raise ValueError(f"it takes two versions or more to see what the links decide, got {versions}")
    if not 2 <= histories.n_lists <= MOST_LISTS:
        raise NoEstimate(f"links are between 2 to {MOST_LISTS} lists here, and there are {histories.n_lists}",
                         "lists selected or merged" if histories.n_lists > 1 else "a second list")
    return LinkedVersions.of([_version(histories, missed, false, own)
                              for own in np.random.default_rng(rng).spawn(versions)])


def _version(histories: CaptureHistories, missed: float, false: float, rng: np.random.Generator) -> CaptureHistories:
    cells = 1 << histories.n_lists
    places = histories.patterns @ (1 << np.arange(histories.n_lists))
    counts = np.zeros((len(histories.strata), cells), dtype=np.int64)
    counts[:, places] = histories.counts
    for row in counts:
        _undo_false_links(row, false, rng)
        _add_missed_links(row, missed, rng)
    on = (np.arange(1, cells)[:, None] >> np.arange(histories.n_lists) & 1).astype(bool)
    return replace(histories, patterns=on, counts=counts[:, 1:])


def _undo_false_links(counts: Counts, false: float, rng: np.random.Generator) -> None:
    """Let observed people fall apart where their links may be false, in place: (2**lists,) array."""
    observed = counts.copy()
    for history in np.flatnonzero(observed).tolist():
        if false and history & (history - 1):
            law = with_false_links_cut(false, history.bit_count())
            people = int(observed[history])
            counts[history] -= people
            _put(counts, fallen(history, people, law, rng))


def _add_missed_links(counts: Counts, missed: float, rng: np.random.Generator) -> None:
    """Join people who may be one, in place: (2**lists,) array.

    If people of one history are seen whole with chance p, then beside those seen whole a negative binomial number
    with that chance is not. Larger histories go first, so that their pieces are not counted as people of their own.
    """
    if not missed:
        return
    law = with_links_missed(missed)
    held = sorted((history for history in np.flatnonzero(counts).tolist() if history & (history - 1)),
                  key=lambda history: (-history.bit_count(), history))
    for history in held:
        whole = float(law(history)[1][-1])
        if not counts[history] or whole >= 1.0:
            continue
        apart = int(rng.negative_binomial(int(counts[history]), whole))
        for blocks, people in sorted(split(history, apart, law, rng).items()):
            joined = min(people, *(int(counts[block]) for block in blocks))
            counts[list(blocks)] -= joined
            counts[history] += joined


def _put(counts: Counts, found: Counter[Blocks]) -> None:
    for blocks, people in found.items():
        counts[list(blocks)] += people
