"""Registers of populations of known size: who was seen how often, when the truth is ours to set."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.evidence.repeat_counts import RepeatCounts

Group = str | tuple[str, ...]
Shares = float | Mapping[Any, float]
Seen = NDArray[np.int64]

TIME_AT_RISK = "time_at_risk"
"""The covariate that `register_with_departures` records."""


def register(sizes: Mapping[Any, int], rates: Mapping[Any, float], *, covariate: str | Sequence[str] = "group",
             heterogeneity: float = 0.0, deterred: float = 0.0,
             rng: int | np.random.Generator | None = None) -> RepeatCounts:
    """Simulate one register of a population made of groups.

    Each person is seen a Poisson number of times. The register keeps those seen at least once.

    Parameters
    ----------
    sizes : mapping
        People in each group, `{"women": 2000, "men": 5000}`: the truth to be estimated is their sum. With
        several covariates the groups are tuples, `{("women", "young"): 800, ...}`.
    rates : mapping
        How often a person of each group is seen on average.
    covariate : str, or sequence of str
        The covariate's name, or the names of several.
    heterogeneity : float
        Squared coefficient of variation of the rates within a group (gamma-distributed): 0 means all equal,
        1 gives the geometric distribution, others the negative binomial with this dispersion.
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
    names = _checked(sizes, rates, covariate, heterogeneity)
    if not 0 <= deterred <= 1:
        raise ValueError(f"heterogeneity is 0 or more and deterred a share, got {heterogeneity}, {deterred}")
    rng = np.random.default_rng(rng)
    seen = {group: _times_seen(size, rates[group], heterogeneity, deterred, rng)
            for group, size in sizes.items()}
    return _counted(seen, names)


def register_with_ones(sizes: Mapping[Any, int], rates: Mapping[Any, float], *, ones: str, share: Shares,
                       covariate: str | Sequence[str] = "group", heterogeneity: float = 0.0,
                       rng: int | np.random.Generator | None = None) -> RepeatCounts:
    """Simulate one register in which the number of people seen once has a law of its own.

    Parameters
    ----------
    sizes, rates, covariate, heterogeneity, rng
        As in `register`.
    ones : str
        A row of `ONES`. With p(k) the chance of being seen k times otherwise, and w the share:
        "one-inflated" (w of all people are seen exactly once), "truncated one-inflated" (w of those seen are
        seen only once), "hurdle" (the chance of once is w, the rest is spread as p over 0, 2, 3, ...),
        "hurdle truncated" (nobody is seen once by chance; of those seen a share w is then seen exactly once).
    share : float, or mapping of group to float
        The share w.

    Returns
    -------
    RepeatCounts
        Marked as simulated.

    Raises
    ------
    ValueError
        If `ones` is unknown or the share is none.
    BadInput
        If nobody was seen.

    Examples
    --------
    A hundredth of the people is seen exactly once whatever happens, and of the others hardly anybody:

    >>> counts = register_with_ones({"a": 50_000}, {"a": 1e-9}, ones="one-inflated", share=0.01, rng=1)
    >>> counts.frequencies()
    {1: 490}
    """
    names = _checked(sizes, rates, covariate, heterogeneity)
    if ones not in ONES:
        raise ValueError(f"ones is one of {', '.join(ONES)}, got {ones!r}")
    shares = share if isinstance(share, Mapping) else dict.fromkeys(sizes, share)
    if shares.keys() != sizes.keys() or not all(0 <= one <= 1 for one in shares.values()):
        raise ValueError(f"share is a number between 0 and 1, or one for each group, got {share!r}")
    rng = np.random.default_rng(rng)
    seen = {}
    for group, size in sizes.items():
        chances = ONES[ones](_chances(rates[group], heterogeneity), shares[group])
        seen[group] = rng.multinomial(size, chances / chances.sum())
    return _counted(seen, names)


def register_with_departures(sizes: Mapping[Any, int], rates: Mapping[Any, float], *, departs: float,
                             covariate: str | Sequence[str] = "group", heterogeneity: float = 0.0,
                             parts: int = 365, rng: int | np.random.Generator | None = None) -> RepeatCounts:
    """Simulate one register of people who may be expelled whenever they are seen.

    Sightings come at random times of a period of length 1. After each, a person leaves for good with a given
    chance, and the time until then is recorded as `time_at_risk`, rounded up to a part of the period (a day of
    a year); everybody else's is 1. Being seen at all has the chance of a whole period, because nobody
    leaves before.

    Parameters
    ----------
    sizes, rates, covariate, heterogeneity, rng
        As in `register`; the rate is that of a person who stays all the period.
    departs : float
        The chance of leaving after being seen.
    parts : int
        Parts of the period in which the time at risk is recorded.

    Returns
    -------
    RepeatCounts
        Marked as simulated, with the numeric covariate `time_at_risk`.

    Raises
    ------
    ValueError
        If `departs` is no share or `parts` is below 1.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> counts = register_with_departures({"a": 5000}, {"a": 1.0}, departs=1.0, rng=1)
    >>> counts.times.tolist(), counts.covariates
    ([1], ('group', 'time_at_risk'))
    """
    names = _checked(sizes, rates, covariate, heterogeneity)
    if not 0 <= departs <= 1 or parts < 1 or parts != int(parts):
        raise ValueError(f"departs is a share and parts a whole number from 1, got {departs}, {parts}")
    if TIME_AT_RISK in names:
        raise ValueError(f"no covariate can be called {TIME_AT_RISK}: it is recorded under this name")
    rng = np.random.default_rng(rng)
    frames = []
    for group, size in sizes.items():
        times, exposure = _until_departure(_own_rates(size, rates[group], heterogeneity, rng), departs, rng)
        kept = times > 0
        frame = pd.DataFrame({"captures": times[kept], TIME_AT_RISK: np.ceil(exposure[kept] * parts) / parts})
        frames.append(frame.assign(**dict(zip(names, _labels(group), strict=True))))
    people = pd.concat(frames, ignore_index=True)
    return RepeatCounts.from_records(people, covariates=[*names, TIME_AT_RISK], simulated=True)


def _one_inflated(chances: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    return (1 - share) * chances + share * _once(chances)


def _truncated_one_inflated(chances: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    mixed = (1 - share) * chances + share * chances[1:].sum() * _once(chances)
    mixed[0] = chances[0]
    return mixed


def _hurdle(chances: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    rest = np.where(_once(chances), 0.0, chances)
    return (1 - share) * rest / rest.sum() + share * _once(chances)


def _hurdle_truncated(chances: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    rest = np.where(_once(chances), 0.0, chances) / ((chances.sum() - chances[1]) or 1.0)
    altered = (1 - share) * rest + share * rest[1:].sum() * _once(chances)
    altered[0] = rest[0]
    return altered


ONES: dict[str, Callable[[NDArray[np.float64], float], NDArray[np.float64]]] = {
    "one-inflated": _one_inflated,
    "truncated one-inflated": _truncated_one_inflated,
    "hurdle": _hurdle,
    "hurdle truncated": _hurdle_truncated,
}
"""Laws of the people seen once: from the chances of 0, 1, 2, ... times and a share to other chances."""


def _once(chances: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.arange(chances.size) == 1


def _chances(rate: float, heterogeneity: float) -> NDArray[np.float64]:
    """Return the chances of being seen 0, 1, 2, ... times, as far as they matter."""
    from scipy import stats

    shape = 1 / heterogeneity if heterogeneity else 0.0
    law = stats.nbinom(shape, shape / (shape + rate)) if shape else stats.poisson(rate)
    return np.asarray(law.pmf(np.arange(max(3, int(law.isf(1e-12)) + 2))))


def _until_departure(rates: NDArray[np.float64], departs: float,
                     rng: np.random.Generator) -> tuple[Seen, NDArray[np.float64]]:
    """Return how often each person was seen before leaving, and for how long each could be seen."""
    would = rng.poisson(rates)
    last = rng.geometric(departs, rates.size) if departs else np.full(rates.size, np.iinfo(np.int64).max)
    leaves = last <= would
    exposure = np.ones(rates.size)
    # The k-th of n times at random is beta-distributed.
    exposure[leaves] = rng.beta(last[leaves], would[leaves] - last[leaves] + 1)
    return np.where(leaves, last, would), exposure


def _checked(sizes: Mapping[Any, int], rates: Mapping[Any, float], covariate: str | Sequence[str],
             heterogeneity: float) -> tuple[str, ...]:
    """Return the covariates' names, or say what is wrong with the groups."""
    if sizes.keys() != rates.keys():
        raise ValueError(f"sizes are of {', '.join(map(str, sizes))}, rates of {', '.join(map(str, rates))}: "
                         "name the same groups in both")
    if wrong := [str(group) for group, size in sizes.items()
                 if size < 0 or size != int(size) or not 0 <= rates[group] < math.inf]:
        raise ValueError(f"sizes are whole numbers of people and rates numbers of 0 or more; not so: "
                         f"{', '.join(wrong)}")
    if not 0 <= heterogeneity < math.inf:
        raise ValueError(f"heterogeneity is 0 or more, got {heterogeneity}")
    names = (covariate,) if isinstance(covariate, str) else tuple(covariate)
    if wrong := [str(group) for group in sizes if len(_labels(group)) != len(names)]:
        raise ValueError(f"a group has one label for each covariate ({', '.join(names)}); not so: "
                         f"{', '.join(wrong)}")
    return names


def _labels(group: Group) -> tuple[str, ...]:
    return group if isinstance(group, tuple) else (group,)


def _counted(seen: Mapping[Any, Seen], names: tuple[str, ...]) -> RepeatCounts:
    """Count the people of each group, (times,) from 0 upwards, who were seen at all."""
    rows = [(*_labels(group), times, people) for group, counts in seen.items()
            for times, people in enumerate(counts.tolist()) if times and people]
    table = pd.DataFrame(rows, columns=[*names, "times_caught", "n_persons"])
    return RepeatCounts.from_table(table, covariates=names, simulated=True)


def _own_rates(size: int, rate: float, heterogeneity: float,
               rng: np.random.Generator) -> NDArray[np.float64]:
    if not heterogeneity:
        return np.full(size, rate, dtype=float)
    return rng.gamma(1 / heterogeneity, rate * heterogeneity, size)


def _times_seen(size: int, rate: float, heterogeneity: float, deterred: float,
                rng: np.random.Generator) -> Seen:
    """Return how many people were seen 0, 1, 2, ... times."""
    times = rng.poisson(_own_rates(size, rate, heterogeneity, rng))
    hides = rng.random(size) < deterred
    return np.bincount(np.where(hides, np.minimum(times, 1), times))
