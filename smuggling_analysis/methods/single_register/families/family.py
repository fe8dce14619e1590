"""What the engine knows of a family of count models: a record of functions, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.links import LINKS, Link
from smuggling_analysis.methods.single_register.jets import Array, Jet, full_of, value_of, variables

Parameters = Sequence[Any]
"""The parameters of the patterns, `Positive` or `Share` in the order of the predictors: (..., patterns, 1)."""

Guesses = Callable[[Array, Array], tuple[tuple[float, ...], ...]]
"""Likely parameters, from `times` and `persons`, both (columns,): as many tuples whatever the counts."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A model of how often people were seen, and what it says of those never seen.

    The functions take `times`, (columns,), and the linear predictors, (predictors, [replicates,] patterns, 1),
    and are elementwise in the cells that the two span, ([replicates,] patterns, columns). None of them sees
    covariates, coefficients or weights. Results broadcast to the cells.

    Parameters
    ----------
    title : str
        What a report calls it: "zero-truncated Poisson".
    predictors : tuple of str
        The parameters that may depend on covariates: "rate", "dispersion", "inflation", "hurdle".
    links : tuple of Link
        How each follows from its linear predictor.
    used : function of times
        Which numbers of times seen enter the likelihood: (columns,) of bool.
    law : function of times and parameters
        Log-probability of so many times, given that they enter the likelihood.
    standing : function of times and parameters
        How many people, seen or not, a person seen so often stands for.
    variance : function of times and parameters
        A seen person's share in the variance that comes from who happened to be seen: values only.
    population : function of times and parameters
        Log-probability of so many times, zero among them, in the population: values only.
    claims_all : bool
        Whether the model claims something of everybody seen, so that fitted frequencies mean something.
    guesses : function of times and persons
        Likely parameters, from how many people, (columns,), were seen so often: several tuples.
    departing : Family, optional
        The same of people who may leave for good whenever they are seen; its last predictor, "stay", is no unknown but
        the logarithm of the share of the period after which each left. None where nothing is known of it.
    """

    title: str
    predictors: tuple[str, ...]
    links: tuple[Link, ...]
    used: Callable[[Array], NDArray[np.bool_]]
    law: Callable[[Array, Parameters], Jet | Array]
    standing: Callable[[Array, Parameters], Jet | Array]
    variance: Callable[[Array, Parameters], Jet | Array]
    population: Callable[[Array, Parameters], Jet | Array]
    claims_all: bool
    guesses: Guesses
    departing: Family | None = None

    def log_likelihood(self, times: Array, predictors: Array) -> Jet:
        """Return the log-probability of so many times, given that they enter the likelihood."""
        return full_of(self.law(times, self._parameters(variables(predictors))), len(predictors))

    def log_likelihood_values(self, times: Array, predictors: Array) -> Array:
        """Return the same without derivatives, several times faster."""
        return value_of(self.law(times, self._parameters(predictors)))

    def stands_for(self, times: Array, predictors: Array) -> Jet:
        """Return how many people, seen or not, a person seen so often stands for."""
        return full_of(self.standing(times, self._parameters(variables(predictors))), len(predictors))

    def sampling_variance(self, times: Array, predictors: Array) -> Array:
        """Return a seen person's share in the variance that comes from who happened to be seen."""
        return value_of(self.variance(times, self._parameters(predictors)))

    def population_probability(self, times: Array, predictors: Array) -> Array:
        """Return the probability of so many times, zero among them, for a person of the population."""
        return np.exp(value_of(self.population(times, self._parameters(predictors))))

    def starts(self, times: Array, persons: Array) -> Array:
        """Return several starting values of the predictors, (starts, predictors), the plainest first.

        Parameters
        ----------
        times : (columns,) array
            Numbers of times seen.
        persons : (columns,) array
            People seen so often.
        """
        return np.array([[link.predictor(value) for link, value in zip(self.links, guess, strict=True)]
                         for guess in self.guesses(times, persons)])

    def with_links(self, links: Mapping[str, str] | None) -> Family:
        """Return the family with other links, by predictor: `{"inflation": "cloglog"}`.

        Raises
        ------
        ValueError
            If there is no such predictor, no such link, or the link does not fit the parameter.
        """
        if not links:
            return self
        if unknown := [name for name in links if name not in self.predictors]:
            raise ValueError(f"{self.title} has no predictor {', '.join(map(repr, unknown))}: it has "
                             f"{', '.join(self.predictors)}")
        chosen = (_link(name, links.get(name), link)
                  for name, link in zip(self.predictors, self.links, strict=True))
        return replace(self, links=tuple(chosen))

    def _parameters(self, predictors: Sequence[Jet] | Array) -> Parameters:
        return [link.parameter(predictor) for link, predictor in zip(self.links, predictors, strict=True)]


def _link(predictor: str, name: str | None, usual: Link) -> Link:
    if name is None:
        return usual
    fitting = [known for known, link in LINKS.items() if link.share == usual.share]
    if name not in fitting:
        raise ValueError(f"no link {name!r} for the {predictor}: choose one of {', '.join(fitting)}")
    return LINKS[name]
