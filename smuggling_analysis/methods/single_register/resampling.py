"""How the registers of a bootstrap are drawn: from the people seen, or from the population that was fitted.

Non-parametric: as many people as were seen are drawn anew from them; who happened to be seen at all is taken for
granted, so the interval is too narrow. Semi-parametric: first how many were seen is drawn, of the estimated
population (Norris & Pollock 1996), then that many people from those seen (Böhning & Friedl 2021). Parametric: a
population of the estimated size is drawn, its covariates in proportion to the estimated numbers of each pattern
(Zwane & van der Heijden 2003), and every person is seen as often as the fitted distribution says; those never
seen are lost.

References
----------
Norris, J. L. & Pollock, K. H. (1996). Including model uncertainty in estimating variances in multiple capture
studies. Environmental and Ecological Statistics 3, 235-244.

Zwane, E. & van der Heijden, P. (2003). Implementing the parametric bootstrap in capture-recapture models with
continuous covariates. Statistics & Probability Letters 65, 121-125.

Böhning, D. & Friedl, H. (2021). Population size estimation based upon zero-truncated, one-inflated and sparse
count data. Statistical Methods & Applications 30, 1197-1217. doi:10.1007/s10260-021-00556-8
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.refusals import refuse_unreached
from smuggling_analysis.methods.single_register.sizes import by_pattern

_MOST_TIMES = 20_000
_BEYOND = 1e-6
"""People expected beyond the last number of times that is drawn: next to nobody in any number of replicates."""


@dataclass(frozen=True, eq=False)
class Scheme:
    """What every replicate is drawn from.

    Parameters
    ----------
    people : (replicates,) array of int
        How many are drawn.
    times : (columns,) array
        Numbers of times seen.
    chances : (merged patterns, columns) array
        The chance of each cell; what they leave of 1 is the chance of not being seen.
    """

    people: NDArray[np.int64]
    times: Array
    chances: Array

    def drawn(self, replicates: slice, rng: np.random.Generator) -> Array:
        """Draw people seen, (replicates, merged patterns, columns); the next call goes on in the stream."""
        held = np.flatnonzero(self.chances)
        within = self.chances.ravel()[held]
        every = np.append(within, max(0.0, 1.0 - within.sum()))
        people = self.people[replicates]
        drawn = np.zeros((len(people), self.chances.size))
        drawn[:, held] = rng.multinomial(people, every / every.sum())[:, :-1]
        return drawn.reshape(len(people), *self.chances.shape)


def non_parametric(fitting: Fitting, replicates: int, rng: np.random.Generator) -> Scheme:
    """Draw as many people as were seen, from those seen."""
    persons = fitting.likelihood.persons[0]
    people = np.full(replicates, fitting.counts.n_observed)
    return Scheme(people, fitting.likelihood.times, persons / persons.sum())


def semi_parametric(fitting: Fitting, replicates: int, rng: np.random.Generator) -> Scheme:
    """Draw how many of the estimated population were seen, and that many from those seen."""
    observed = fitting.counts.n_observed
    whole = _whole_numbers(float(_by_pattern(fitting).sum()), replicates, rng)
    return Scheme(rng.binomial(whole, np.minimum(observed / whole, 1.0)), fitting.likelihood.times,
                  fitting.likelihood.persons[0] / observed)


def parametric(fitting: Fitting, replicates: int, rng: np.random.Generator) -> Scheme:
    """Draw a population of the estimated size, and how often each of its members is seen.

    Everybody follows the fitted distribution. Families that leave those seen so often out of the likelihood
    (Chao, Zelterman, zero-one-truncated) are drawn as if it held for them, too.

    Raises
    ------
    NoEstimate
        If the likelihood says nothing of some people, or expects some to be seen more than 20,000 times.
    """
    everybody = np.ones((len(fitting.designs), len(fitting.kind)), dtype=bool)
    refuse_unreached(fitting.counts, fitting.designs, everybody)
    people = _by_pattern(fitting)
    times, chances = _fitted_law(fitting, people)
    shares = people / people.sum()
    return Scheme(_whole_numbers(float(people.sum()), replicates, rng), times, shares[:, np.newaxis] * chances)


RESAMPLINGS: dict[str, Callable[[Fitting, int, np.random.Generator], Scheme]] = {
    "parametric": parametric,
    "semi-parametric": semi_parametric,
    "non-parametric": non_parametric,
}


def _by_pattern(fitting: Fitting) -> Array:
    return by_pattern(fitting.likelihood, fitting.fits.coefficients, np.zeros(1, dtype=np.int64))[0]


def _whole_numbers(size: float, replicates: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw numbers of people whose mean is `size`: the whole part, and one more as often as its rest says."""
    whole = int(size)
    return whole + (rng.random(replicates) < size - whole).astype(np.int64)


def _fitted_law(fitting: Fitting, people: Array) -> tuple[Array, Array]:
    """Return numbers of times from 1 upwards, (columns,), and their chances, (merged patterns, columns)."""
    family, width = fitting.model.family, 16
    while width <= _MOST_TIMES:
        times = np.arange(float(width))
        chances = np.broadcast_to(family.population_probability(times, fitting.predictors), (len(people), width))
        beyond = float(people @ (1.0 - chances.sum(axis=1)))
        if beyond < max(_BEYOND, 1e-13 * float(people.sum())):
            return times[1:], chances[:, 1:]
        width *= 2
    raise NoEstimate(f"some people are expected to be seen more than {_MOST_TIMES:,} times, too many to draw",
                     'resampling="semi-parametric", or an interval without a bootstrap')
