"""What the cuts need to know of a count distribution: three logarithms, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from smuggling_analysis.methods.single_register.families.links import Positive
from smuggling_analysis.methods.single_register.jets import Array, Jet, log1mexp, log_sum_exp


@dataclass(frozen=True, eq=False)
class Chances:
    """A count distribution at given parameters; logarithms, for jets or arrays, (..., patterns, 1).

    Parameters
    ----------
    never : jet or array
        Log-probability of zero.
    once : jet or array
        Log-probability of one, given at least one.
    above : function of times and a least number m
        Log of the probability of so many times over that of m, (..., patterns, columns); m is 0, 1 or 2.
    """

    never: Jet | Array
    once: Jet | Array
    above: Callable[[Array, int], Jet | Array]

    @cached_property
    def ever(self) -> Jet | Array:
        """Log-probability of at least one."""
        return log1mexp(-self.never)

    @cached_property
    def again(self) -> Jet | Array:
        """Log-probability of at least two."""
        return self.ever + log1mexp(-self.once)

    @cached_property
    def not_once(self) -> Jet | Array:
        """Log-probability of anything but one."""
        return log_sum_exp(self.never, self.again)

    def given_ever(self, times: Array) -> Jet | Array:
        """Return the log-probability of so many times, given at least once."""
        return self.above(times, 1) + self.once

    def given_again(self, times: Array) -> Jet | Array:
        """Return the log-probability of so many times, given at least twice."""
        return self.above(times, 1) + (self.once - log1mexp(-self.once))

    def of(self, times: Array) -> Jet | Array:
        """Return the log-probability of so many times, zero among them."""
        return self.above(times, 0) + self.never


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A distribution of counts 0, 1, 2, ...: one file and one row of `DISTRIBUTIONS`.

    Parameters
    ----------
    title : str
        "Poisson".
    parameters : tuple of str
        Names of its parameters, "rate" first; all above zero.
    chances : function of the parameters
        The distribution at given parameters.
    spared : function of times, the logarithm of a share s, and the parameters
        Logarithm of how much likelier so many times are where, of the whole period in which people could be seen, only
        the share s has passed, apart from a factor without parameters: who leaves is spared the rest.
    guesses : function of times, persons and a least number m
        Likely parameters, from how many people, (columns,), were seen so often, m times or more:
        several tuples, from plain to strange.
    """

    title: str
    parameters: tuple[str, ...]
    chances: Callable[[Sequence[Positive]], Chances]
    spared: Callable[[Array, Jet | Array, Sequence[Positive]], Jet | Array]
    guesses: Callable[[Array, Array, int], tuple[tuple[float, ...], ...]]
