"""The size of a population, or of a part of it, from what each person stands for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.cells import as_text
from smuggling_analysis.methods.multiple_systems.double_robustness.list_pairs import PairFits
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits

INTERVALS = ("log-normal", "wald")
OTHERS = "others together"
_FEWEST = 10
_MOST_GROUPS = 100
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Sized:
    """A population's size as the formula gives it, which may lie below the people observed, and its standard error."""

    raw: float
    observed: int
    se: float

    @classmethod
    def of(cls, fits: PairFits, estimator: str, *, pair: str | None = None,
           among: NDArray[np.bool_] | None = None) -> Sized:
        """Sum what people stand for: over all people, or those `among` them."""
        stands_for, influence = fits.per_person(estimator, pair)
        weights = fits.weights * len(stands_for)
        if among is None:
            observed, raw, deviation = len(stands_for), float(weights @ stands_for), fits.deviation(influence)
        else:
            observed, raw = int(among.sum()), float(weights[among] @ stands_for[among])
            deviation = float(influence[among].std(ddof=1))
        value = max(raw, float(observed))
        return cls(raw, observed, math.sqrt(observed * deviation**2 + value * (value / observed - 1)))

    @property
    def value(self) -> float:
        """The size, not below the people observed."""
        return max(self.raw, float(self.observed))

    @property
    def possible(self) -> bool:
        """Whether the formula gives the people observed or more."""
        return self.raw >= self.observed * (1 - _ROUNDING)

    def refuse_impossible(self) -> None:
        """Refuse a size below the people observed: to show those instead would look like certainty.

        Raises
        ------
        NoEstimate
            If there is one.
        """
        if not self.possible:
            raise NoEstimate(f"the formula gives {self.raw:,.0f}, fewer than the {self.observed:,} observed: the "
                             "lists overlap too little, or the model of them is wrong",
                             "more people on both lists, fewer covariates or folds, or another model of the lists")

    def limits(self, interval: str, confidence_level: float) -> tuple[float, float]:
        """Return the interval's limits, never below the people observed."""
        if interval == "log-normal":
            return log_normal_limits(self.value, self.se, self.observed, confidence_level)
        half = NormalDist().inv_cdf(0.5 + confidence_level / 2) * self.se
        return max(self.value - half, float(self.observed)), self.value + half


def group_sizes(fits: PairFits, estimator: str, values: NDArray[np.generic], name: str, interval: str,
                confidence_level: float) -> dict[str, dict[str, float | None]]:
    """Return the size of every group of people that share a value: its value, limits, standard error and people.

    Parameters
    ----------
    fits : PairFits
        The whole's.
    estimator, interval, confidence_level
        As the whole was asked for.
    values : (people,) array
        What makes the groups.
    name : str
        What it is called, for messages.

    Returns
    -------
    dict
        The value, limits and standard error are None where the formula gives fewer than the people observed.
    """
    labels, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    if len(labels) > _MOST_GROUPS:
        raise ValueError(f"the covariate {name} has {len(labels):,} values: groups are of a covariate with "
                         f"{_MOST_GROUPS} or fewer")
    small = _put_together(sizes)
    named = {OTHERS if small[number] else as_text(label): np.isin(place, np.flatnonzero(small)) if small[number]
             else place == number for number, label in enumerate(labels.tolist())}
    return {label: _told(Sized.of(fits, estimator, among=among), interval, confidence_level)
            for label, among in named.items()}


def _put_together(sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which groups go by one name: the small ones, and the next larger while they are few even so."""
    small = sizes < _FEWEST
    for number in np.argsort(sizes, kind="stable"):
        if small.any() and sizes[small].sum() < _FEWEST:
            small[number] = True
    return small


def _told(size: Sized, interval: str, confidence_level: float) -> dict[str, float | None]:
    if not size.possible:
        return {"value": None, "lower": None, "upper": None, "se": None, "observed": size.observed}
    lower, upper = size.limits(interval, confidence_level)
    return {"value": size.value, "lower": lower, "upper": upper, "se": size.se, "observed": size.observed}
