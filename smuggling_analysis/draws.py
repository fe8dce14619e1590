"""Draws from distributions, and the fingerprints that name them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

IMPLIED_DRAWS = 10_000
"""How many draws an interval implies where a method gave none."""


def digest(*parts: object) -> str:
    """Return the SHA-256 of the parts' texts, in hexadecimal: the fingerprint of what they describe."""
    state = hashlib.sha256()
    for part in parts:
        text = repr(part).encode()
        state.update(len(text).to_bytes(8, "big") + text)
    return state.hexdigest()


def equal_tailed(values: NDArray[np.float64], confidence_level: float) -> tuple[float, float]:
    """Return the limits that leave the same share of `values`, (draws,), beyond either end."""
    tail = (1 - confidence_level) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail])
    return float(lower), float(upper)


@cache
def normal_scores() -> NDArray[np.float64]:
    """Return the standard normal's quantiles at evenly spaced probabilities: (IMPLIED_DRAWS,) array, ascending.

    A Latin hypercube sample of one variable: draws made from them have its quantiles, free of chance.
    """
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((place + 0.5) / IMPLIED_DRAWS) for place in range(IMPLIED_DRAWS)])
    scores.flags.writeable = False
    return scores


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws from the distribution of an estimate.

    Draws that come from one joint distribution (one bootstrap, one posterior) share a name in `joint` and
    stay aligned, draw by draw. The order of a joint's draws depends on its name alone, so that two methods
    run with the same seed are not mistaken for correlated ones.

    Parameters
    ----------
    values : (draws,) array
        The draws, finite, read-only.
    joint : frozenset of str
        The names of the joint distributions they were drawn from.
    """

    values: NDArray[np.float64]
    joint: frozenset[str]

    @classmethod
    def of(cls, values: ArrayLike, joint: str) -> Draws:
        """Take draws in the order that belongs to their joint distribution.

        Parameters
        ----------
        values : (draws,) array-like
            Draws; row `i` of every quantity of one joint belongs together.
        joint : str
            The joint distribution's name, for example the evidence's fingerprint and the method.
        """
        array = np.array(values, dtype=float).ravel()
        if array.size < 2 or not np.isfinite(array).all():
            wrong = int((~np.isfinite(array)).sum())
            raise ValueError(f"draws must be two or more finite numbers, got {array.size} of which {wrong} are "
                             "not finite: drop or count the failed replicates")
        # The number of draws is part of the name: rows of different lengths cannot belong together.
        name = digest(joint, array.size)
        array = array[_order(name, array.size)]
        array.flags.writeable = False
        return cls(array, frozenset({name}))

    def as_taken(self) -> NDArray[np.float64]:
        """Return the draws of one joint distribution in the order in which they were given to `of`.

        Examples
        --------
        >>> Draws.of([3.0, 1.0, 2.0], "demonstration").as_taken()
        array([3., 1., 2.])
        """
        if len(self.joint) != 1:
            raise ValueError(f"these draws come of {len(self.joint)} joint distributions, each with its own order")
        taken = np.empty_like(self.values)
        taken[_order(next(iter(self.joint)), self.values.size)] = self.values
        return taken


def _order(name: str, size: int) -> NDArray[np.int64]:
    return np.random.default_rng(int(name[:16], 16)).permutation(size)
