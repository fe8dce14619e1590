"""A family fitted to counts: designs from formulas, merged patterns, the maximum and its covariance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.covariance import COVARIANCES
from smuggling_analysis.methods.single_register.design import Design, design_of, known_design, log_time_at_risk
from smuggling_analysis.methods.single_register.families.family import Array, Family
from smuggling_analysis.methods.single_register.families.truncated import STAY
from smuggling_analysis.methods.single_register.fits import Fits, maximise
from smuggling_analysis.methods.single_register.likelihood import Likelihood
from smuggling_analysis.methods.single_register.patterns import merged, summed
from smuggling_analysis.methods.single_register.refusals import refuse_no_maximum


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is fitted: a family, a formula for each of its predictors, the time at risk.

    Parameters
    ----------
    family : Family
        The distribution.
    formulas : mapping
        Right-hand sides by predictor, `{"rate": "gender + age"}`; those left out have no covariates.
    exposure : str, optional
        The covariate that says how long people could be seen.
    ends_when_seen : bool
        Whether that time ends by being seen.
    """

    family: Family
    formulas: Mapping[str, str | None]
    exposure: str | None = None
    ends_when_seen: bool = False

    @classmethod
    def of(cls, family: Family, formulas: Mapping[str, str | None], *, links: Mapping[str, str] | None = None,
           exposure: str | None = None, ends_when_seen: bool = False) -> Model:
        """Return the model of a family with these links, of people who stay or who may leave when they are seen.

        Raises
        ------
        ValueError
            If the time at risk is not told, or the family has nothing to say of such people.
        """
        if not ends_when_seen:
            return cls(family=family.with_links(links), formulas=formulas, exposure=exposure)
        if exposure is None:
            raise ValueError("ends_when_seen needs exposure, the covariate that says how long people could be seen")
        if family.departing is None:
            raise ValueError(f"{family.title} says nothing of people who leave when they are seen: those seen once by "
                             'rule are accounted for by their time at risk; use family="poisson", "geometric" or '
                             '"negative-binomial"')
        return cls(family=family.departing.with_links(links), formulas=formulas, exposure=exposure,
                   ends_when_seen=True)

    def __post_init__(self) -> None:
        for name, formula in self.formulas.items():
            if formula is not None and name not in self.family.predictors:
                raise ValueError(f"{self.family.title} has no {name}: it has "
                                 f"{' and '.join(self.family.predictors)}")
        if self.exposure is not None:
            link = self.family.links[0]
            if link.share or abs(link.predictor(math.e) - link.predictor(1.0) - 1.0) > 1e-9:
                raise ValueError(f"time at risk multiplies the rate, which needs its link to be a logarithm, "
                                 f"not {link.name}")

    def described(self, designs: Mapping[str, Design]) -> str:
        """Return the family and its formulas in words: "zero-truncated Poisson (gender + age)"."""
        first, *_ = self.family.predictors
        parts = [str(self.formulas[name]) if name == first else f"{name}: {self.formulas[name]}"
                 for name, design in designs.items() if design.covariates and name in self.formulas]
        parts += [f"time at risk: {self.exposure}"] if self.exposure else []
        return f"{self.family.title} ({'; '.join(parts)})" if parts else self.family.title


@dataclass(frozen=True, eq=False)
class Fitting:
    """A family fitted to counts.

    Parameters
    ----------
    counts : RepeatCounts
        The evidence.
    model : Model
        What was fitted.
    designs : mapping of str to Design
        The design matrix of each predictor over the evidence's patterns.
    kind : (patterns,) array of int
        The row of `likelihood` that each of the evidence's patterns belongs to: patterns that no formula
        tells apart are one.
    likelihood : Likelihood
        What was maximised, over merged patterns, in the designs' bases.
    fits : Fits
        Where: a batch of one.
    covariance : (coefficients, coefficients) array
        Covariance of the bases' coefficients, of the kind asked for.
    """

    counts: RepeatCounts
    model: Model
    designs: Mapping[str, Design]
    kind: NDArray[np.int64]
    likelihood: Likelihood
    fits: Fits
    covariance: Array

    @property
    def at(self) -> Array:
        """The bases' coefficients at the maximum: (coefficients,)."""
        return np.asarray(self.fits.coefficients[0])

    @property
    def log_likelihood(self) -> float:
        """The log-likelihood at the maximum."""
        return float(self.fits.log_likelihood[0])

    @property
    def predictors(self) -> Array:
        """The fitted linear predictors: (predictors, merged patterns, 1)."""
        return self.likelihood.predictors(self.at)

    def expected(self, times: Array) -> Array:
        """Return how many of the people in the likelihood are expected to be seen so often: (columns,)."""
        people = self.likelihood.weights[0].sum(axis=1)
        chances = np.exp(self.model.family.log_likelihood_values(times, self.predictors))
        return np.asarray(people @ np.broadcast_to(chances, (len(people), len(times))))

    @cached_property
    def triangle(self) -> Array:
        """Turns the named coefficients into the bases': (coefficients, coefficients)."""
        whole = np.zeros((self.likelihood.size, self.likelihood.size))
        first = 0
        for design in self.designs.values():
            last = first + len(design.names)
            whole[first:last, first:last] = design.triangle
            first = last
        return whole

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names; those of other predictors than the first after their predictor's."""
        first, *_ = self.designs
        return tuple(name if predictor == first else f"{predictor}: {name}"
                     for predictor, design in self.designs.items() for name in design.names)

    @property
    def coefficients(self) -> dict[str, float]:
        """The coefficients by name."""
        return dict(zip(self.names, np.linalg.solve(self.triangle, self.at).tolist(), strict=True))

    @property
    def coefficient_se(self) -> dict[str, float]:
        """The coefficients' standard errors by name."""
        inverse = np.linalg.inv(self.triangle)
        variances = np.einsum("ij,jk,ik->i", inverse, self.covariance, inverse)
        return dict(zip(self.names, np.sqrt(np.maximum(variances, 0.0)).tolist(), strict=True))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns left out because the others determine them."""
        return tuple(dict.fromkeys(name for design in self.designs.values() for name in design.left_out))

    @property
    def covariates(self) -> tuple[str, ...]:
        """The covariates that any formula uses, in the evidence's order."""
        used = {name for design in self.designs.values() for name in design.covariates}
        return tuple(name for name in self.counts.covariates if name in used)


def fit_model(counts: RepeatCounts, model: Model, *, covariance: str = "observed") -> Fitting:
    """Fit a model by maximum likelihood, or refuse.

    Parameters
    ----------
    counts : RepeatCounts
        The evidence.
    model : Model
        Family, formulas, time at risk.
    covariance : str
        A row of `COVARIANCES`.

    Raises
    ------
    NoEstimate
        If the likelihood has no finite maximum, is flat or no maximum is found, with the covariate level or
        the parameter named.
    ValueError
        If a formula cannot be read.
    """
    if model.ends_when_seen and covariance == "expected":
        raise ValueError('the expected information is that of everybody seen all the time: use covariance="observed" '
                         'or "sandwich" where people leave when they are seen')
    designs, kind, likelihood = likelihood_of(counts, model)
    fits = maximise(likelihood)
    if not fits.converged[0]:
        refuse_no_maximum(counts, model.family, designs, kind, likelihood, fits)
    at = fits.coefficients[0]
    found = fits.covariance[0] if covariance == "observed" else COVARIANCES[covariance](likelihood, at)
    if not np.isfinite(found).all():
        raise NoEstimate(f"the {covariance} information has no inverse: the counts do not determine all "
                         "coefficients", "fewer covariates, or more people seen more than once")
    return Fitting(counts, model, designs, kind, likelihood, fits, found)


def likelihood_of(counts: RepeatCounts, model: Model) -> tuple[dict[str, Design], NDArray[np.int64], Likelihood]:
    """Make the likelihood of a model: designs by predictor, the kind of each pattern, and the likelihood.

    Raises
    ------
    NoEstimate
        If nobody enters the likelihood.
    ValueError
        If a formula cannot be read.
    """
    family, times, persons = model.family, counts.times.astype(float), counts.persons.astype(float)
    used = persons[:, family.used(times)].sum(axis=1) > 0
    if not used.any():
        raise NoEstimate(f"nobody was seen as often as {family.title} asks for",
                         "people seen more often, or a family that uses all counts")
    by_formula: dict[str, Design] = {}
    designs = {}
    for name in family.predictors:
        if name == STAY:
            designs[name] = known_design(counts, model.exposure)
            continue
        text = model.formulas.get(name)
        key = text if text is not None else "1"
        if not isinstance(key, str) or key not in by_formula:
            by_formula[key] = design_of(counts, text, used)
        designs[name] = by_formula[key]
    offset = _offset(counts, model)
    # Whoever the likelihood does not reach must not be joined to those it does.
    parts = [np.column_stack([design.matrix, design.reached]) for design in designs.values()]
    first, kind = merged(parts if offset is None else [*parts, offset.T])
    likelihood = Likelihood(family, [design.basis[first] for design in designs.values()], times,
                            summed(kind, len(first), persons), None if offset is None else offset[:, first])
    return designs, kind, likelihood


def _offset(counts: RepeatCounts, model: Model) -> Array | None:
    """Return what the time at risk adds to the predictors: (predictors, patterns)."""
    if model.exposure is None:
        return None
    log_time = log_time_at_risk(counts, model.exposure)
    offset = np.zeros((len(model.family.predictors), len(log_time)))
    # Whoever leaves when seen could have been seen all the time until then, and nobody leaves unseen.
    offset[0] = log_time.max() if model.ends_when_seen else log_time
    if model.ends_when_seen:
        offset[-1] = log_time - log_time.max()
    return offset
