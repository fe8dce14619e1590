"""One-inflated counts: some people are seen once and never again, whatever their rate.

The order matters for the size of the population. Inflated first: a share w of the population is seen exactly
once (they leave, or are expelled), the others follow the distribution, and (1 - w) p0 are never seen. Truncated
first: the share w is one of those seen, and each person seen stands for 1 / (1 - p0). The likelihoods have the
same maximum, the populations differ.

References
----------
Godwin, R. T. & Böhning, D. (2017). Estimation of the population size by using the one-inflated positive Poisson
model. Journal of the Royal Statistical Society C 66, 425-448. doi:10.1111/rssc.12192

Böhning, D. & van der Heijden, P. G. M. (2019). The identity of the zero-truncated, one-inflated likelihood and
the zero-one-truncated likelihood for general count densities with an application to drink-driving in Britain.
Annals of Applied Statistics 13, 1198-1211. doi:10.1214/18-AOAS1232
"""

from __future__ import annotations

from smuggling_analysis.methods.single_register.families.distribution import Distribution
from smuggling_analysis.methods.single_register.families.family import Family, Guesses, Parameters
from smuggling_analysis.methods.single_register.families.horvitz_thompson import weighed
from smuggling_analysis.methods.single_register.jets import Array, Jet, log_sum_exp, where


def one_inflated(distribution: Distribution) -> Family:
    """Return the family of `distribution`, inflated at one in the population, then cut down to those seen."""
    def ever(parameters: Parameters) -> Jet | Array:
        *plain, inflation = parameters
        return log_sum_exp(inflation.log, inflation.log_rest + distribution.chances(plain).ever)

    def population(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, inflation = parameters
        others = inflation.log_rest + distribution.chances(plain).of(times)
        return where(times == 1, log_sum_exp(inflation.log, others), others)

    def law(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, inflation = parameters
        chances = distribution.chances(plain)
        others = inflation.log_rest + chances.ever
        once = log_sum_exp(inflation.log, others + chances.once)
        seen = log_sum_exp(inflation.log, others)
        return where(times == 1, once - seen, chances.given_ever(times) + (others - seen))

    return weighed(
        title=f"one-inflated {distribution.title}, zero-truncated",
        predictors=(*distribution.parameters, "inflation"), law=law, ever=ever, population=population,
        guesses=_guesses(distribution),
    )


def one_inflated_truncated(distribution: Distribution) -> Family:
    """Return the family of `distribution`, cut down to those seen, then inflated at one."""
    def law(times: Array, parameters: Parameters) -> Jet | Array:
        *plain, inflation = parameters
        chances = distribution.chances(plain)
        once = log_sum_exp(inflation.log, inflation.log_rest + chances.once)
        return where(times == 1, once, chances.given_ever(times) + inflation.log_rest)

    def ever(parameters: Parameters) -> Jet | Array:
        return distribution.chances(parameters[:-1]).ever

    def population(times: Array, parameters: Parameters) -> Jet | Array:
        chances = distribution.chances(parameters[:-1])
        return where(times == 0, chances.never, law(times, parameters) + chances.ever)

    return weighed(
        title=f"zero-truncated {distribution.title}, one-inflated",
        predictors=(*distribution.parameters, "inflation"), law=law, ever=ever, population=population,
        guesses=_guesses(distribution),
    )


def _guesses(distribution: Distribution) -> Guesses:
    """Guess much inflation, with the rate of those seen twice or more, and little, with the rate of all."""
    def guesses(times: Array, persons: Array) -> tuple[tuple[float, ...], ...]:
        much = ((*plain, 0.5) for plain in distribution.guesses(times, persons, 2))
        little = ((*plain, 0.05) for plain in distribution.guesses(times, persons, 1))
        return (*much, *little)

    return guesses
