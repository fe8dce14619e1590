"""Families in which everybody seen stands for one over the chance of having been seen.

Horvitz and Thompson's weights: N is the sum of 1 / p over those seen, p the chance of being seen at least once,
and its binomial variance is estimated by the sum of (1 - p) / p^2 (van der Heijden et al. 2003, Statistical
Modelling 3, 305-322, doi:10.1191/1471082X03st057oa).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Family, Guesses, Parameters
from smuggling_analysis.methods.single_register.families.links import LINKS
from smuggling_analysis.methods.single_register.jets import Array, Jet, exp, value_of

_USUAL = {"inflation": "logit", "hurdle": "logit"}
"""Usual links; every other parameter has the logarithm."""


def once_or_more(times: Array) -> NDArray[np.bool_]:
    """Tell who was seen."""
    return times >= 1


def weighed(*, title: str, predictors: tuple[str, ...], law: Callable[[Array, Parameters], Jet | Array],
            ever: Callable[[Parameters], Jet | Array], population: Callable[[Array, Parameters], Jet | Array],
            guesses: Guesses) -> Family:
    """Return the family of a law of those seen, with `ever` the log-chance of being seen at all."""
    def standing(times: Array, parameters: Parameters) -> Jet | Array:
        return exp(-ever(parameters))

    def variance(times: Array, parameters: Parameters) -> Jet | Array:
        log_chance = value_of(ever(parameters))
        return -np.expm1(log_chance) * np.exp(-2 * log_chance)

    links = tuple(LINKS[_USUAL.get(name, "log")] for name in predictors)
    return Family(title=title, predictors=predictors, links=links, used=once_or_more, law=law,
                  standing=standing, variance=variance, population=population, claims_all=True, guesses=guesses)
