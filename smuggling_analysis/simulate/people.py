"""Lists of people of a population of known size, person by person, who differ in what is known of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from smuggling_analysis.evidence.listed_people import ListedPeople
from smuggling_analysis.problems import BadInput, Problem


def listed_people(size: int, level: Mapping[str, float], slope: Mapping[str, float], *, bend: float = 0.0,
                  covariate: str = "age", group: str = "sex",
                  rng: int | np.random.Generator | None = None) -> ListedPeople:
    """Simulate lists that depend on one another only through a continuous covariate and a group.

    Each person has a standard normal covariate and is one of two groups, "f" and "m", by even chance. The log-odds
    of being on a list are its level, plus its slope times the covariate, plus a half for "m", plus `bend` times
    the covariate's square less one. Given both, the lists take no notice of one another.

    Parameters
    ----------
    size : int
        People in the population: the truth to be estimated.
    level, slope : mapping
        Each list's name and the log-odds of a middling person; and its change with the covariate.
    bend : float
        How far from a straight line the log-odds are; models with straight lines are then wrong.
    covariate, group : str
        The covariates' names.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    ListedPeople
        The people on at least one list, marked as simulated.

    Raises
    ------
    ValueError
        If the lists of level and slope differ, or a number is out of range.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> listed_people(5000, {"police": -1.0, "ngo": -1.2}, {"police": 1.0, "ngo": 1.0}, rng=1).covariates
    ('age', 'sex')
    """
    if set(level) != set(slope):
        raise ValueError(f"levels are of {', '.join(level)}, slopes of {', '.join(slope)}: name the same lists in both")
    if not (0 <= size < math.inf and size == int(size)):
        raise ValueError(f"size is a whole number of people, 0 or more, got {size}")
    if not all(math.isfinite(number) for number in (*level.values(), *slope.values(), bend)):
        raise ValueError("levels, slopes and the bend are finite numbers")
    rng = np.random.default_rng(rng)
    known = rng.standard_normal(int(size))
    men = rng.random(int(size)) < 0.5
    odds = np.column_stack([level[name] + slope[name] * known + 0.5 * men + bend * (known**2 - 1) for name in level])
    on = rng.random(odds.shape) < 1 / (1 + np.exp(-odds))
    seen = on.any(axis=1)
    if not seen.any():
        raise BadInput([Problem("nobody was seen", "simulate a larger population or higher levels")])
    return ListedPeople(tuple(level), on[seen], (covariate, group),
                        (known[seen], np.where(men, "m", "f")[seen]), simulated=True)
