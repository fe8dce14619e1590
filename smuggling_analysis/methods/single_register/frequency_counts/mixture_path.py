"""The most likely mixture for every number of people, and where along this path the estimates lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln

from smuggling_analysis.methods.single_register.frequency_counts.frequencies import Frequencies
from smuggling_analysis.methods.single_register.frequency_counts.poisson_mixtures import Mixture, fit_mixture

_PLACES = 31
# The path ends where the price moves the log-likelihood by no more than this for each person missed to one seen.
_END = 1e-6
_RUNNING = 1.02
_DEAREST = 1e12


@dataclass(frozen=True, eq=False)
class Place:
    """One place of the path.

    Parameters
    ----------
    price : float
        Of a person never seen, from 1 (nobody was missed) towards 0 (what those seen tell by themselves).
    mixture : Mixture
        The most likely mixture for `size` people.
    size : float
        People, without those seen more often than the cutoff.
    log_likelihood : float
        Of the number seen and how often, of so many people.
    """

    price: float
    mixture: Mixture
    size: float
    log_likelihood: float

    @property
    def odds(self) -> float:
        """People never seen for each one seen, by the mixture."""
        return self.mixture.odds

    @property
    def slope(self) -> float:
        """The slope, by the odds, of the log-likelihood of those seen, given that they were."""
        return self.size * self.price / (1 + self.odds)


class Path:
    """The most likely mixtures from a census to those of endlessly many people.

    With the price c of a person never seen, and odds of not being seen, the mixture of `fit_mixture` is the most
    likely for n (1 + odds) / (1 + c odds) people, of whom n were seen. The size falls as the price rises.

    Parameters
    ----------
    frequencies : Frequencies
        The evidence.
    near : Path, optional
        That of similar frequencies, whose mixtures are places to start from.
    """

    def __init__(self, frequencies: Frequencies, near: Path | None = None):
        self.frequencies = frequencies
        self.prices = np.geomspace(1.0, _END / max(frequencies.rare, 100.0), _PLACES).tolist()
        self._near: dict[float, Place] = {} if near is None else near._visited
        self._visited: dict[float, Place] = {}

    def at(self, price: float) -> Place:
        """Return the place of a price."""
        if price not in self._visited:
            known = self._visited or self._near
            start = known[min(known, key=lambda other: abs(math.log(other / price)))].mixture if known else None
            mixture = fit_mixture(self.frequencies, price, start)
            people = self.frequencies.rare
            size = people * (1 + mixture.odds) / (1 + price * mixture.odds)
            likelihood = mixture.log_likelihood(self.frequencies) + _of_number(people, size, mixture.odds)
            self._visited[price] = Place(price, mixture, size, likelihood)
        return self._visited[price]

    def everywhere(self) -> list[Place]:
        """Return places from a census to the end of the path."""
        return [self.at(price) for price in self.prices]

    @property
    def end(self) -> Place:
        """The end of the path: those seen, given that they were."""
        return self.at(self.prices[-1])

    @property
    def runs_off(self) -> bool:
        """Whether those seen by themselves are most likely with endlessly many people never seen."""
        return self.end.size > _RUNNING * self.at(self.prices[-2]).size

    def crossing(self, measure: Callable[[Place], float], first: int = 0, last: int = _PLACES - 1) -> Place:
        """Return where a measure, positive at one place of `everywhere` and negative at a later one, changes sign."""
        while last - first > 1:
            middle = (first + last) // 2
            first, last = (middle, last) if measure(self.at(self.prices[middle])) > 0 else (first, middle)
        return self._between(measure, self.prices[last], self.prices[first])

    def dearer(self, measure: Callable[[Place], float]) -> Place:
        """Return where a measure, negative at a census, changes sign at a higher price: next to nobody is missed."""
        price = 1.0
        while measure(self.at(10 * price)) < 0 and price < _DEAREST:
            price *= 10
        return self._between(measure, price, 10 * price) if price < _DEAREST else self.at(price)

    def _between(self, measure: Callable[[Place], float], below: float, above: float) -> Place:
        ends = {math.log(below): below, math.log(above): above}

        def place(log_price: float) -> Place:
            return self.at(ends.get(log_price) or math.exp(log_price))

        return place(brentq(lambda log: measure(place(log)), *ends, xtol=1e-11))


def full_maximum(path: Path) -> Place | None:
    """Return the most likely place of the full likelihood (Norris and Pollock 1998); None if that is the end.

    For given odds n people seen are most likely of N = n (1 + odds) - 1/2, up to terms of order 1 / n.
    """
    places = path.everywhere()
    best = max(range(_PLACES), key=lambda row: places[row].log_likelihood)
    if best == _PLACES - 1:
        return None

    def measure(place: Place) -> float:
        return place.size * place.price * place.odds - 0.5

    first, last = max(best - 1, 0), best + 1
    rises = measure(places[first]) > 0 > measure(places[last])
    return path.crossing(measure, first, last) if rises else places[best]


def penalised_maximum(path: Path, centre: float) -> Place | None:
    """Return where the penalty (odds - centre)^2 / (2 centre) meets the likelihood; None if that is at the centre.

    Where those seen by themselves give lower odds than the centre, people with a rate next to zero can be added at
    no loss: the penalised likelihood is highest at the centre itself.
    """
    def measure(place: Place) -> float:
        return place.slope - (place.odds - centre) / centre

    if measure(path.end) >= 0:
        return None
    return path.crossing(measure) if measure(path.at(1.0)) > 0 else path.dearer(measure)


def lower_limit(path: Path, confidence_level: float) -> float:
    """Return the number of people below which the likelihood ratio test, against chi-square with 1 df, rejects.

    No upper limit exists: people with a rate next to zero can be added at no loss of likelihood (Mao and Lindsay
    2007). The reference is the highest likelihood along the path, its end included.
    """
    places = path.everywhere()
    top = max(range(_PLACES), key=lambda row: places[row].log_likelihood)
    highest = full_maximum(path) or places[top]
    fall = NormalDist().inv_cdf(0.5 + confidence_level / 2) ** 2 / 2
    if highest.log_likelihood - places[top].log_likelihood >= fall:
        return highest.size

    def measure(place: Place) -> float:
        return highest.log_likelihood - place.log_likelihood - fall

    return path.crossing(measure, 0, top).size if measure(places[0]) > 0 else places[0].size


def _of_number(seen: float, size: float, odds: float) -> float:
    """Return the log-chance of seeing so many of so many people."""
    missed = size - seen
    if missed <= 0:
        return -seen * math.log1p(odds)
    chosen = -math.log(size + 1) - float(betaln(seen + 1, missed + 1))
    return chosen - missed * math.log1p(1 / odds) - seen * math.log1p(odds)
