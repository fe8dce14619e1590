"""Registers of populations of known size: who was seen how often, when the truth is ours to set."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from smuggling_analysis.evidence.repeat_counts import RepeatCounts


def register(sizes: Mapping[str, int], rates: Mapping[str, float], *, covariate: str = "group",
             heterogeneity: float = 0.0, deterred: float = 0.0,
             rng: int | np.random.Generator | None = None) -> RepeatCounts:
    """Simulate one register of a population made of groups.

    Each person is seen a Poisson number of times. The register keeps those seen at least once.

    Parameters
    ----------
    sizes : mapping
        People in each group, `{"women": 2000, "men": 5000}`: the truth to be estimated is their sum.
    rates : mapping
        How often a person of each group is seen on average.
    covariate : str
        The covariate's name.
    heterogeneity : float
        Squared coefficient of variation of the rates within a group (gamma-distributed); 0 means all equal.
    deterred : float
        Share of people who, once seen, leave or hide and are never seen again: one-inflation.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    RepeatCounts
        Marked as simulated.

    Raises
    ------
    ValueError
        If the groups of sizes and rates differ, or an option is out of range.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> register({"women": 2000, "men": 5000}, {"women": 0.2, "men": 0.5}, rng=1).simulated
    True
    """
    if sizes.keys() != rates.keys():
        raise ValueError(f"sizes are of {', '.join(sizes)}, rates of {', '.join(rates)}: "
                         "name the same groups in both")
    if wrong := [group for group, size in sizes.items()
                 if size < 0 or size != int(size) or not 0 <= rates[group] < math.inf]:
        raise ValueError(f"sizes are whole numbers of people and rates numbers of 0 or more; not so: "
                         f"{', '.join(wrong)}")
    if heterogeneity < 0 or not 0 <= deterred <= 1:
        raise ValueError(f"heterogeneity is 0 or more and deterred a share, got {heterogeneity}, {deterred}")
    rng = np.random.default_rng(rng)
    seen = {group: _times_seen(size, rates[group], heterogeneity, deterred, rng)
            for group, size in sizes.items()}
    rows = [(group, times, people) for group, counts in seen.items()
            for times, people in enumerate(counts.tolist()) if times and people]
    table = pd.DataFrame(rows, columns=[covariate, "times_caught", "n_persons"])
    return RepeatCounts.from_table(table, covariates=[covariate], simulated=True)


def _times_seen(size: int, rate: float, heterogeneity: float, deterred: float,
                rng: np.random.Generator) -> np.ndarray:
    """Return how many people were seen 0, 1, 2, ... times."""
    own = rng.gamma(1 / heterogeneity, rate * heterogeneity, size) if heterogeneity else np.full(size, rate)
    times = rng.poisson(own)
    hides = rng.random(size) < deterred
    return np.bincount(np.where(hides, np.minimum(times, 1), times))
