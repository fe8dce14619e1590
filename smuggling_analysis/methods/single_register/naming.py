"""Which covariate levels a set of patterns amounts to, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.repeat_counts import RepeatCounts

_SHOWN = 3


def levels_within(counts: RepeatCounts, covariates: Sequence[str], chosen: NDArray[np.bool_]) -> list[str]:
    """Name the levels of these covariates that lie wholly among the chosen patterns, with their counts.

    Where no level does, the combinations of levels are named instead, and "everybody" where all are chosen.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"captures": [1, 1, 2], "nation": ["Surinam", "Surinam", "Turkey"]})
    >>> counts = RepeatCounts.from_records(people, covariates=["nation"])
    >>> levels_within(counts, ["nation"], np.array([True, False]))
    ['nation = Surinam (2 seen once)']
    """
    if chosen.all() or not covariates:
        return [f"everybody ({frequencies_in_words(counts, chosen)})"]
    found = []
    for covariate in covariates:
        for level, rows in levels(counts, covariate):
            if chosen[rows].all():
                found.append(f"{covariate} = {level} ({frequencies_in_words(counts, rows)})")
    return found or _combinations(counts, covariates, chosen)


def levels(counts: RepeatCounts, covariate: str) -> list[tuple[object, NDArray[np.bool_]]]:
    """Return each level of a covariate with its patterns: (patterns,) array of bool."""
    import pandas as pd

    own, found = pd.factorize(counts.pattern_frame()[covariate], sort=True)
    return [(level, own == number) for number, level in enumerate(found.tolist())]


def _combinations(counts: RepeatCounts, covariates: Sequence[str], chosen: NDArray[np.bool_]) -> list[str]:
    columns = [counts.covariates.index(name) for name in covariates]
    labels = [tuple(pattern[column] for column in columns) for pattern in counts.patterns]
    found = []
    for label in sorted({label for label, keep in zip(labels, chosen, strict=True) if keep}):
        rows = np.array([own == label for own in labels])
        words = " and ".join(f"{name} = {level}" for name, level in zip(covariates, label, strict=True))
        found.append(f"{words} ({frequencies_in_words(counts, rows & chosen)})")
    return found


def frequencies_in_words(counts: RepeatCounts, rows: NDArray[np.bool_]) -> str:
    """Say how many people of these patterns were seen once, twice, three times or more.

    Examples
    --------
    >>> frequencies_in_words(RepeatCounts.from_frequencies({1: 63, 2: 1}), np.array([True]))
    '63 seen once, 1 seen twice'
    """
    persons = counts.persons[rows].sum(axis=0)
    numbers = {"once": persons[counts.times == 1].sum(), "twice": persons[counts.times == 2].sum(),
               "more often": persons[counts.times > 2].sum()}
    return ", ".join(f"{number:,} seen {times}" for times, number in numbers.items() if number)


def in_words(names: Sequence[str]) -> str:
    """Join names, the first few of them."""
    shown = "; ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
