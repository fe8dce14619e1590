"""Zero-truncated, and zero-one-truncated: those never seen are missing, or those seen once are odd besides.

Where too many were seen just once (expelled, deterred or misspelt), they stay out of the likelihood and are
counted as they are; everybody seen twice or more stands for (1 - p1) / (1 - p0 - p1) people (Böhning & van der
Heijden 2019, Annals of Applied Statistics 13, 1198-1211, doi:10.1214/18-AOAS1232).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smuggling_analysis.methods.single_register.families.distribution import Distribution
from smuggling_analysis.methods.single_register.families.family import Family, Parameters
from smuggling_analysis.methods.single_register.families.horvitz_thompson import weighed
from smuggling_analysis.methods.single_register.families.links import LINKS
from smuggling_analysis.methods.single_register.jets import Array, Jet, exp, value_of, where

STAY = "stay"
"""The predictor of `Family.departing` that is known."""


def zero_truncated(distribution: Distribution) -> Family:
    """Return the family of `distribution` among those seen at least once."""
    whole = weighed(
        title=f"zero-truncated {distribution.title}", predictors=distribution.parameters,
        law=lambda times, parameters: distribution.chances(parameters).given_ever(times),
        ever=lambda parameters: distribution.chances(parameters).ever,
        population=lambda times, parameters: distribution.chances(parameters).of(times),
        guesses=lambda times, persons: distribution.guesses(times, persons, 1),
    )
    return replace(whole, departing=_departing(distribution, whole))


def _departing(distribution: Distribution, whole: Family) -> Family:
    """Return the family of people who may leave for good whenever they are seen.

    Nobody leaves unseen, so that the chance of being seen at all is that of the whole period. Sightings of somebody
    with rate r in a period of which the share s has passed when he leaves have density r^y exp(-r s); averaged over the
    rates that the distribution stands for, and divided by the chance of being seen at all, this is its law over the
    whole period times what `spared` adds. Whether people leave when they are seen may depend on anything but the rate.
    """
    def law(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, stay = parameters
        return whole.law(times, plain) + distribution.spared(times, stay.log, plain)

    return replace(
        whole, title=f"{whole.title}, leaving when seen", predictors=(*whole.predictors, STAY),
        links=(*whole.links, LINKS["log"]), law=law, claims_all=False,
        standing=lambda times, parameters: whole.standing(times, parameters[:-1]),
        variance=lambda times, parameters: whole.variance(times, parameters[:-1]),
        population=lambda times, parameters: whole.population(times, parameters[:-1]),
        guesses=lambda times, persons: tuple((*guess, 1.0) for guess in whole.guesses(times, persons)))


def zero_one_truncated(distribution: Distribution) -> Family:
    """Return the family of `distribution` among those seen at least twice; those seen once are only counted.

    The variance counts (1 - p) {(1 - p1) / p}^2 for everybody seen at least twice, p their chance to be so.
    """
    def law(times: Array, parameters: Parameters) -> Jet | Array:
        return distribution.chances(parameters).given_again(times)

    def standing(times: Array, parameters: Parameters) -> Jet | Array:
        chances = distribution.chances(parameters)
        return where(times >= 2, exp(chances.not_once - chances.again), 1.0)

    def variance(times: Array, parameters: Parameters) -> Array:
        chances = distribution.chances(parameters)
        not_once, again = value_of(chances.not_once), value_of(chances.again)
        return np.where(times >= 2, -np.expm1(again) * np.exp(2 * (not_once - again)), 0.0)

    return Family(
        title=f"zero-one-truncated {distribution.title}", predictors=distribution.parameters,
        links=tuple(LINKS["log"] for _ in distribution.parameters), used=lambda times: times >= 2,
        law=law, standing=standing, variance=variance,
        population=lambda times, parameters: distribution.chances(parameters).of(times),
        claims_all=False, guesses=lambda times, persons: distribution.guesses(times, persons, 2),
    )
