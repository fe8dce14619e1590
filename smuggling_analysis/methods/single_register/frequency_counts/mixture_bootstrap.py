"""Populations of an estimated size drawn again, and the most likely mixture of each."""

from __future__ import annotations

import numpy as np

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import Array, Frequencies
from smuggling_analysis.methods.single_register.frequency_counts.mixture_maxima import LARGEST, LIKELIHOODS
from smuggling_analysis.methods.single_register.frequency_counts.mixture_path import Path

# Replicates without an estimate are those with most people unseen: leaving out more than this would flatter the rest.
MOST_FAILED = 0.05


def bootstrap(counts: RepeatCounts, path: Path, size: float, likelihood: str, replicates: int,
              rng: np.random.Generator) -> Draws:
    """Draw populations of the estimated size, with the observed shares of times seen, and estimate each.

    Raises
    ------
    NoEstimate
        If more than 5 % of the replicates have no estimate.
    """
    frequencies = path.frequencies
    stream = int(rng.integers(2**63))
    people = max(round(size), round(frequencies.rare)) + frequencies.often
    shares = np.append(frequencies.people, [frequencies.often, people - frequencies.observed]) / people
    drawn = np.random.default_rng(stream).multinomial(people, shares / shares.sum(), size=replicates)[:, :-1]
    sizes = [_replicate(frequencies, row, path, likelihood) for row in drawn.astype(float)]
    made = np.array([each for each in sizes if each is not None])
    if made.size < max(2, (1 - MOST_FAILED) * replicates):
        raise NoEstimate(
            f"{replicates - made.size} of {replicates} bootstrap replicates have no {likelihood} estimate: the counts "
            "are too few for such an interval", "interval='likelihood ratio', or more people seen again")
    return Draws.of(np.maximum(made, counts.n_observed),
                    digest(counts.fingerprint, "mixture_likelihood", likelihood, stream))


def _replicate(frequencies: Frequencies, row: Array, path: Path, likelihood: str) -> float | None:
    rare, often = row[:-1], row[-1]
    kept = rare > 0
    drawn = Frequencies(frequencies.times[kept], rare[kept], int(often))
    if not drawn.seen(1) or drawn.times.max() == 1:
        return None
    try:
        found = LIKELIHOODS[likelihood](Path(drawn, near=path))
    except NoEstimate:
        return None
    return None if found is None or not found.size < LARGEST else found.size + float(often)
