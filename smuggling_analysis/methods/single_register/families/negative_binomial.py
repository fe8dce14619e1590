"""The negative binomial distribution with mean `rate` and variance rate (1 + dispersion rate).

p(y) = G(y + r) / {G(r) y!} (1 - q)^r q^y with r = 1 / dispersion, q = dispersion rate / (1 + dispersion rate) and
G the gamma function. Without dispersion it is the Poisson distribution, at dispersion 1 the geometric one, and
without bounds on the dispersion, given seen, Fisher's logarithmic series.

Everything is written so that no digits are lost at either end. People come in groups: the number of groups is
Poisson with rate g = r log(1 + dispersion rate), their sizes follow the logarithmic series with share q. So nobody
comes with probability exp(-g), and exactly one, given at least one, with that of one group given at least one,
times q / -log(1 - q), that of one in a group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln

from smuggling_analysis.methods.single_register.families.distribution import Chances, Distribution
from smuggling_analysis.methods.single_register.families.links import Positive
from smuggling_analysis.methods.single_register.families.poisson import log_growth
from smuggling_analysis.methods.single_register.families.rising import log_rising
from smuggling_analysis.methods.single_register.families.surplus import surplus
from smuggling_analysis.methods.single_register.jets import Array, Jet, Number, exp, softplus

_SMALL = 0.1
"""Below this share the logarithmic series is summed, from 20 terms: the next would be 1e-22."""
_TERMS = 1.0 / np.arange(2.0, 22.0)


def _chances(parameters: Sequence[Positive]) -> Chances:
    log_rate, log_dispersion = (parameter.log for parameter in parameters)
    log_product = log_rate + log_dispersion
    once_more = log_rate - softplus(log_product)
    group = log_group(log_product)
    log_groups = group + once_more

    def above(times: Array, least: int) -> Jet | Array:
        return (once_more * (times - least) + log_rising(times, least, log_dispersion)
                - (gammaln(times + 1) - gammaln(least + 1)))

    return Chances(-exp(log_groups), -(group + log_growth(log_groups)), above)


def log_group(log_product: Number) -> Number:
    """Return log{-log(1 - q) / q} at log{q / (1 - q)}: less it, the log-chance that a group is of one."""
    plain = log_product.value if isinstance(log_product, Jet) else log_product
    log_odds = np.logaddexp(0.0, plain)
    share, rest = np.exp(plain - log_odds), np.exp(-log_odds)
    beyond = _beyond_one(share, log_odds)
    value = np.log1p(share * beyond)
    if not isinstance(log_product, Jet):
        return value
    part = 1.0 / (1.0 + share * beyond)
    return log_product.through(value, share * (1.0 - beyond * part),
                               rest * (part + share) - part * part)


def _beyond_one(share: Array, log_odds: Array) -> Array:
    """Return {-log(1 - q) - q} / q^2: 1/2 + q/3 + q^2/4 + ..."""
    if share.max(initial=0.0) < _SMALL:
        return _series(share)
    closed = (log_odds - share) / np.maximum(share, _SMALL) ** 2
    return closed if share.min() >= _SMALL else np.where(share < _SMALL, _series(np.minimum(share, _SMALL)), closed)


def _series(share: Array) -> Array:
    total = np.full_like(share, _TERMS[-1])
    for term in _TERMS[-2::-1]:
        total = total * share + term
    return total


def _spared(times: Array, log_share: Jet | Array, parameters: Sequence[Positive]) -> Jet | Array:
    log_rate, log_dispersion = (parameter.log for parameter in parameters)
    log_product = log_rate + log_dispersion
    less = softplus(log_product) - softplus(log_product + log_share)
    return less * times + less * exp(-log_dispersion)


def _guesses(times: Array, persons: Array, least: int) -> tuple[tuple[float, ...], ...]:
    """Guess with little, middling and much dispersion, each with the rate that fits those next to `least`."""
    beyond = surplus(times, persons, least)
    return tuple((max(beyond * (least + 1) / (1 + dispersion * least), 1e-6), dispersion)
                 for dispersion in (1.0, 0.1, 10.0))


NEGATIVE_BINOMIAL = Distribution(title="negative binomial", parameters=("rate", "dispersion"), chances=_chances,
                                 spared=_spared, guesses=_guesses)
