"""The geometric distribution with mean `rate`: p(y) = rate^y / (1 + rate)^(y + 1).

A Poisson distribution whose rate differs from person to person as an exponential variable does.
"""

from __future__ import annotations

from collections.abc import Sequence

from smuggling_analysis.methods.single_register.families.distribution import Chances, Distribution
from smuggling_analysis.methods.single_register.families.links import Positive
from smuggling_analysis.methods.single_register.families.surplus import surplus
from smuggling_analysis.methods.single_register.jets import Array, Jet, softplus


def _chances(parameters: Sequence[Positive]) -> Chances:
    log_rate = parameters[0].log
    never = -softplus(log_rate)
    once_more = log_rate + never

    def above(times: Array, least: int) -> Jet | Array:
        return once_more * (times - least)

    return Chances(never, never, above)  # what comes after the first time is again geometric


def _spared(times: Array, log_share: Jet | Array, parameters: Sequence[Positive]) -> Jet | Array:
    log_rate = parameters[0].log
    return (softplus(log_rate) - softplus(log_rate + log_share)) * (times + 1.0)


def _guesses(times: Array, persons: Array, least: int) -> tuple[tuple[float, ...], ...]:
    return ((surplus(times, persons, least),),)


GEOMETRIC = Distribution(title="geometric", parameters=("rate",), chances=_chances, spared=_spared,
                         guesses=_guesses)
