"""How many people there are at given coefficients, in many replicates at once."""

from __future__ import annotations

import numpy as np

from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.likelihood import Likelihood, Which

LARGEST = 1e15
"""Populations beyond are no estimates: the chance of being seen is next to nothing."""


def sizes(likelihood: Likelihood, coefficients: Array, which: Which | None = None) -> Array:
    """Sum what each person seen stands for, in many replicates at once: (points,).

    Parameters
    ----------
    likelihood : Likelihood
        With the people of every replicate.
    coefficients : (points, coefficients) array
        One row of coefficients for each point.
    which : (points,) array of int, optional
        The replicate of each point; the first unless given.
    """
    which = np.zeros(len(coefficients), dtype=np.int64) if which is None else which
    return np.concatenate([by_pattern(likelihood, coefficients[chunk], which[chunk]).sum(axis=-1)
                           for chunk in likelihood.chunks(len(coefficients))])


def by_pattern(likelihood: Likelihood, coefficients: Array, which: Which) -> Array:
    """Return how many people, seen or not, there are of each merged pattern: (points, patterns)."""
    with np.errstate(all="ignore"):
        each = likelihood.family.stands_for(likelihood.times, likelihood.predictors(coefficients)).value
        return over_people(likelihood, each, which)


def slopes(likelihood: Likelihood, coefficients: Array, which: Which) -> Array:
    """Return the derivatives of the population by the coefficients: (points, coefficients)."""
    with np.errstate(all="ignore"):
        each = likelihood.family.stands_for(likelihood.times, likelihood.predictors(coefficients)).gradient
        return likelihood.gradient(list(over_people(likelihood, each, which)))


def over_people(likelihood: Likelihood, each: Array, which: Which) -> Array:
    """Add up over people what each contributes, (..., points, patterns, columns): (..., points, patterns).

    Nobody in a cell without a finite value is no contradiction.
    """
    if each.shape[-1] == 1:
        people = likelihood.people[which]
        return np.where(people > 0, people * each[..., 0], 0.0)
    persons = likelihood.persons[which]
    return np.where(persons > 0, persons * each, 0.0).sum(axis=-1)
