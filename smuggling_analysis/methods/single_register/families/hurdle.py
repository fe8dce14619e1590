"""Hurdle at one: a share h is seen exactly once, and nobody else is; the others follow the distribution.

Hurdle first: of the population a share h is seen exactly once, the others follow the distribution without its
ones, and (1 - h) p0 / (1 - p1) are never seen. Truncated first: h is the share of those seen who were seen once,
and each person seen stands for (1 - p1) / (1 - p0 - p1). Unlike one-inflation, there may be fewer ones than the
distribution has.

References
----------
Chlebicki, P. & Beręsewicz, M. (2025). singleRcapture: an R package for single-source capture-recapture models.
Journal of Statistical Software (vignette of the package, sections on hurdle models).

Böhning, D. & van der Heijden, P. G. M. (2019). The identity of the zero-truncated, one-inflated likelihood and
the zero-one-truncated likelihood for general count densities with an application to drink-driving in Britain.
Annals of Applied Statistics 13, 1198-1211. doi:10.1214/18-AOAS1232
"""

from __future__ import annotations

from smuggling_analysis.methods.single_register.families.distribution import Distribution
from smuggling_analysis.methods.single_register.families.family import Family, Guesses, Parameters
from smuggling_analysis.methods.single_register.families.horvitz_thompson import weighed
from smuggling_analysis.methods.single_register.jets import Array, Jet, log_sum_exp, where


def hurdle(distribution: Distribution) -> Family:
    """Return the family of `distribution` with a hurdle in the population, then cut down to those seen."""
    def ever(parameters: Parameters) -> Jet | Array:
        *plain, jump = parameters
        chances = distribution.chances(plain)
        return log_sum_exp(jump.log, jump.log_rest + (chances.again - chances.not_once))

    def population(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, jump = parameters
        chances = distribution.chances(plain)
        return where(times == 1, jump.log, chances.of(times) + (jump.log_rest - chances.not_once))

    def law(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, jump = parameters
        chances = distribution.chances(plain)
        others = jump.log_rest + (chances.again - chances.not_once)
        seen = log_sum_exp(jump.log, others)
        return where(times == 1, jump.log - seen, chances.given_again(times) + (others - seen))

    return weighed(
        title=f"hurdle {distribution.title}, zero-truncated", predictors=(*distribution.parameters, "hurdle"),
        law=law, ever=ever, population=population, guesses=_guesses(distribution),
    )


def hurdle_truncated(distribution: Distribution) -> Family:
    """Return the family of `distribution`, cut down to those seen, then with a hurdle."""
    def law(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, jump = parameters
        chances = distribution.chances(plain)
        return where(times == 1, jump.log, chances.given_again(times) + jump.log_rest)

    def ever(parameters: Parameters) -> Jet | Array:
        chances = distribution.chances(parameters[:-1])
        return chances.again - chances.not_once

    def population(times: Array, parameters: Parameters) -> Jet | Array:
        chances = distribution.chances(parameters[:-1])
        return where(times == 0, chances.never - chances.not_once, law(times, parameters) + ever(parameters))

    return weighed(
        title=f"zero-truncated {distribution.title}, hurdle", predictors=(*distribution.parameters, "hurdle"),
        law=law, ever=ever, population=population, guesses=_guesses(distribution),
    )


def _guesses(distribution: Distribution) -> Guesses:
    """Guess the rate from those seen twice or more, the hurdle from the share of those seen once."""
    def guesses(times: Array, persons: Array) -> tuple[tuple[float, ...], ...]:
        people = float(persons.sum())
        share = (float(persons[times == 1].sum()) + 0.5) / (people + 1.0)
        return tuple((*plain, share) for plain in distribution.guesses(times, persons, 2))

    return guesses
