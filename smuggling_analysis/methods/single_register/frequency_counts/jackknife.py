"""The jackknife: from the number seen to the number there is, by taking occasions away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import (
    Array,
    Frequencies,
    refuse_without_repeats,
)
from smuggling_analysis.methods.single_register.frequency_counts.outcome import below_chao, estimate_of
from smuggling_analysis.methods.single_register.intervals import check_options

LARGEST_ORDER = 10
SIGNIFICANCE = 0.05


def jackknife(counts: RepeatCounts, *, order: int | None = None, max_order: int = 5, interpolated: bool = False,
              occasions: int | None = None, interval: str = "normal", confidence_level: float = 0.95) -> Estimate:
    """Estimate a population by the jackknife of Burnham and Overton.

    What was seen on fewer occasions says how the number seen grows with the occasions, and a polynomial of some
    order carries it on. The lowest order is taken from which the next does not differ at 5 %.

    On populations of known size (`smuggling_analysis.published_validation`) its interval is far too narrow: too low
    where people differ much, else too high, by a quarter where everybody is alike, by more where some can be seen only
    once.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ...; covariate patterns are added together.
    order : int, optional
        The jackknife's order; without it the sequential test chooses.
    max_order : int
        The largest order the test may choose, 1 to 10.
    interpolated : bool
        Whether to move from the order chosen towards the one before, to where the test's p-value would be 5 %,
        as Burnham and Overton (1979) advise.
    occasions : int, optional
        On how many occasions each person could be seen at most once; infinite unless given.
    interval : {"normal", "log-normal"}
        Symmetric, as in the literature, or log-normal in the number missed. Both are in
        `diagnostics["intervals"]`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Persons. `diagnostics` holds every order's estimate, standard error and the p-value of the next order
        against it. The standard error takes the order as given.

    Raises
    ------
    NoEstimate
        If everybody was seen once, nobody was, or the estimate lies below the number observed.
    ValueError
        If an option is out of range, or somebody was seen more often than there were occasions.

    References
    ----------
    Burnham, K. P. & Overton, W. S. (1978). Estimation of the size of a closed population when capture
    probabilities vary among animals. Biometrika 65, 625-633.

    Burnham, K. P. & Overton, W. S. (1979). Robust estimation of population size when capture probabilities vary
    among animals. Ecology 60, 927-936.

    Examples
    --------
    Cottontail rabbits by how often each was trapped (Chao 1987):

    >>> rabbits = RepeatCounts.from_frequencies({1: 43, 2: 16, 3: 8, 4: 6, 6: 2, 7: 1})
    >>> found = jackknife(rabbits)
    >>> round(found.value), found.diagnostics["order"]
    (146, 2)
    """
    check_options(interval, confidence_level)
    _check(counts, order, max_order, interpolated, occasions)
    frequencies = Frequencies.of(counts, None)
    refuse_without_repeats(counts, frequencies)
    # One order more than can be chosen, to which the largest is compared.
    steps = _Steps.of(frequencies, max(max_order, order or 1) + 1, occasions)
    chosen = order or steps.chosen(max_order)
    weights = steps.interpolated(chosen) if interpolated else steps.weights[chosen]
    value, se = steps.size(weights)
    tested = order is None
    return estimate_of(
        counts, value, se, method=f"jackknife, {'interpolated from ' if interpolated else ''}order {chosen}",
        interval=interval, confidence_level=confidence_level,
        diagnostics={"order": chosen, "chosen_by_test": tested, "interpolated": interpolated, **steps.described()},
        cautions=[*_cautions(steps, chosen, tested), *below_chao(counts, value)])


@dataclass(frozen=True, eq=False)
class _Steps:
    """The jackknives of every order: (orders + 1, columns) weights of each person, order 0 counting those seen."""

    frequencies: Frequencies
    weights: Array

    @classmethod
    def of(cls, frequencies: Frequencies, orders: int, occasions: int | None) -> _Steps:
        columns = frequencies.times.astype(int)
        weights = [[1.0] * len(columns)]
        weights += [[weight(int(times), order, occasions) for times in columns] for order in range(1, orders + 1)]
        return cls(frequencies, np.array(weights))

    def size(self, weights: Array) -> tuple[float, float]:
        """Return the estimate with these weights, and its standard error."""
        people = self.frequencies.people
        value = float(weights @ people) + self.frequencies.often
        variance = float((weights * (weights - 1)) @ people)
        return value, math.sqrt(max(variance, 0.0))

    def p_value(self, order: int) -> float:
        """Return the p-value of the next order against this: both expect the same, given the number seen."""
        differ = self.weights[order + 1] - self.weights[order]
        people, observed = self.frequencies.people, self.frequencies.observed
        change = float(differ @ people)
        variance = (float(differ**2 @ people) - change**2 / observed) * observed / max(observed - 1, 1)
        if variance <= 0:
            return 0.0 if change else 1.0
        return math.erfc(abs(change) / math.sqrt(2 * variance))

    def chosen(self, most: int) -> int:
        """Return the lowest order from which the next does not differ, at most `most`."""
        return next((order for order in range(1, most) if self.p_value(order) > SIGNIFICANCE), most)

    def interpolated(self, order: int) -> Array:
        """Return the weights between this order and the one before, where the p-value would be 5 %."""
        if order == 1:
            return self.weights[order]
        before, here = self.p_value(order - 1), self.p_value(order)
        share = min(max((SIGNIFICANCE - before) / (here - before), 0.0), 1.0) if here > before else 1.0
        return share * self.weights[order] + (1 - share) * self.weights[order - 1]

    def described(self) -> dict[str, Any]:
        """Return every order's estimate, standard error and p-value."""
        orders = range(1, len(self.weights) - 1)
        sizes = {order: self.size(self.weights[order]) for order in orders}
        return {"estimates": {order: value for order, (value, _) in sizes.items()},
                "standard_errors": {order: se for order, (_, se) in sizes.items()},
                "p_values": {order: self.p_value(order) for order in orders}}


def weight(times: int, order: int, occasions: int | None) -> float:
    """Return for how many people one stands who was seen so often, in the jackknife of an order.

    Without a number of occasions it is 1 + (-1)^(times + 1) (order choose times). With t of them the jackknife is
    the order-th difference of (t - j)^order times the number seen had j occasions been taken away.

    Examples
    --------
    >>> weight(1, 2, None), weight(2, 2, None), weight(1, 1, 18)
    (3.0, 0.0, 1.9444444444444444)
    """
    if times > order:
        return 1.0
    if occasions is None:
        return 1.0 + (-1) ** (times + 1) * math.comb(order, times)
    total = Fraction(0)
    for away in range(order + 1):
        lost = Fraction(math.comb(occasions - times, away - times), math.comb(occasions, away)) if away >= times else 0
        total += (-1) ** away * math.comb(order, away) * (occasions - away) ** order * (1 - lost)
    return float(total / math.factorial(order))


def _check(counts: RepeatCounts, order: int | None, max_order: int, interpolated: bool, occasions: int | None) -> None:
    for name, given in (("order", order), ("max_order", max_order)):
        if given is not None and (given != int(given) or not 1 <= given <= LARGEST_ORDER):
            raise ValueError(f"{name} is a whole number from 1 to {LARGEST_ORDER}, got {given}")
    if interpolated and order is not None:
        raise ValueError("interpolated goes with the order that the test chooses: leave order out")
    if occasions is not None and (occasions != int(occasions) or occasions < max(max_order, order or 1) + 1):
        raise ValueError(f"occasions is a whole number above the largest order, {max(max_order, order or 1)}, "
                         f"got {occasions}")
    if occasions is not None and counts.times.max() > occasions:
        raise ValueError(f"somebody was seen {counts.times.max():,} times on {occasions:,} occasions")


def _cautions(steps: _Steps, chosen: int, tested: bool) -> Iterator[str]:
    if not tested:
        return
    if steps.p_value(chosen) <= SIGNIFICANCE:
        yield (f"the next order still differs from order {chosen}, the largest allowed: the estimate still moves with "
               "the order, and is no estimate of the whole population")
    yield f"order {chosen} was chosen by a test, of which the standard error takes no account"
