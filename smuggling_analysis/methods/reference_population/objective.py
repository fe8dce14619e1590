"""What is maximised, for one data set or many at once: heights, scores and information of every replicate.

A replicate differs from the data in its rows' weights (a bootstrap, a country left out), in the gamma it is held at (a
profile) or in an offset (a dependence). Information is summed over patterns of covariates first, so that the
cost of many replicates is that of the rows, not of rows times coefficients squared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.reference_population.criteria import Criterion, RowCurve
from smuggling_analysis.methods.reference_population.links import DetectionLink

Array = NDArray[np.float64]
Which = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Every row's place in the model at some coefficients: (replicates, rows) arrays.

    Parameters
    ----------
    logs : array
        Logarithm of the expected count.
    by_beta, by_gamma : arrays
        Derivatives of `logs` in beta and in the logarithm of gamma.
    beta_twice, mixed, gamma_twice : arrays
        Second derivatives.
    weights : array
        The rows' weights.
    curve : RowCurve
        The criterion.
    """

    logs: Array
    by_beta: Array
    by_gamma: Array
    beta_twice: Array
    mixed: Array
    gamma_twice: Array
    weights: Array
    curve: RowCurve

    @property
    def height(self) -> Array:
        """The criterion of each replicate; minus infinity where it is no number."""
        with np.errstate(all="ignore"):
            return np.nan_to_num((self.weights * self.curve.height).sum(axis=1), nan=-np.inf, posinf=-np.inf)


@dataclass(frozen=True, eq=False, kw_only=True)
class Objective:
    """The criterion as a function of the coefficients, for every replicate.

    Coefficients are those of alpha, of beta, the logarithm of gamma where it is estimated, and that of the dispersion
    theta where there is one.

    Parameters
    ----------
    counts, log_reference, rates : (rows,) arrays
        People apprehended, log N, and n / N; rows of a pattern stand together.
    alpha, beta : (patterns, coefficients) arrays
        The design matrices.
    first : (patterns,) array of int
        The first row of each pattern.
    criterion : Criterion
    link : DetectionLink
    log_gamma : (replicates,) or (1,) array, optional
        The gamma that each replicate is held at; None where it is estimated.
    weights : (replicates, rows) or (1, rows) array
    offset : (replicates,) or (1,) array
        Added to the logarithm of every expected count.
    """

    counts: Array
    log_reference: Array
    rates: Array
    alpha: Array
    beta: Array
    first: NDArray[np.int64]
    criterion: Criterion
    link: DetectionLink
    log_gamma: Array | None
    weights: Array
    offset: Array

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return self.mean_size + int(self.criterion.dispersed)

    @property
    def mean_size(self) -> int:
        """Number of coefficients of the expected count."""
        return self.alpha.shape[1] + self.beta.shape[1] + int(self.log_gamma is None)

    @property
    def gamma_place(self) -> int | None:
        """The place of the logarithm of gamma among the coefficients."""
        return None if self.log_gamma is not None else self.mean_size - 1

    @property
    def pattern(self) -> NDArray[np.int64]:
        """The pattern of each row: (rows,)."""
        return np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, len(self.counts))))

    def having(self, *, weights: Array | None = None, log_gamma: Array | None = None,
               offset: Array | None = None) -> Objective:
        """Return the objective of other replicates: with other weights, held at other gammas, with an offset."""
        return replace(self, weights=self.weights if weights is None else weights,
                       log_gamma=self.log_gamma if log_gamma is None else log_gamma,
                       offset=self.offset if offset is None else offset)

    def under(self, criterion: Criterion) -> Objective:
        """Return the objective of another criterion."""
        return replace(self, criterion=criterion)

    def rows(self, at: Array, which: Which) -> Rows:
        """Place every row: `at` is (points, coefficients), `which` the replicate of each point."""
        parts = self._parts(at, which)
        alpha, beta, gamma, log_theta = parts
        rate = gamma + self.rates
        with np.errstate(all="ignore"):
            log_rate = np.log(rate)
            share = gamma / rate
            log_chance, once, twice = self.link.log_chance(beta * log_rate)
            logs = alpha * self.log_reference + log_chance + _of(self.offset, which)[:, np.newaxis]
            moved = beta * share
            return Rows(
                logs, once * log_rate, once * moved, twice * log_rate**2, twice * log_rate * moved + once * share,
                twice * moved**2 + once * moved * (1.0 - share), _of(self.weights, which),
                self.criterion.curve(self.counts, logs, log_theta))

    def _parts(self, at: Array, which: Which) -> tuple[Array, Array, Array, Array]:
        pattern, own = self.pattern, self.alpha.shape[1]
        alpha = (at[:, :own] @ self.alpha.T)[:, pattern]
        beta = (at[:, own:own + self.beta.shape[1]] @ self.beta.T)[:, pattern]
        log_gamma = at[:, self.mean_size - 1] if self.log_gamma is None else _of(self.log_gamma, which)
        log_theta = at[:, self.mean_size:] if self.criterion.dispersed else np.zeros((len(at), 1))
        return alpha, beta, np.exp(log_gamma)[:, np.newaxis], log_theta

    def score(self, rows: Rows) -> Array:
        """Return the gradient: (points, coefficients)."""
        slope = rows.weights * rows.curve.slope
        parts = [self._over(slope * self.log_reference) @ self.alpha, self._over(slope * rows.by_beta) @ self.beta]
        if self.log_gamma is None:
            parts.append((slope * rows.by_gamma).sum(axis=1, keepdims=True))
        if rows.curve.log_theta is not None:
            parts.append((rows.weights * rows.curve.log_theta[0]).sum(axis=1, keepdims=True))
        return np.concatenate(parts, axis=1)

    def information(self, rows: Rows, *, expected: bool) -> Array:
        """Return minus the second derivatives, or their mean over the counts: (points, coefficients, coefficients).

        The mean is positive in every direction, which makes it the safe one to climb by.
        """
        weight = rows.weights * (rows.curve.expected if expected else rows.curve.bend)
        slope = np.zeros_like(weight) if expected else rows.weights * rows.curve.slope
        log_n, own = self.log_reference, self.alpha.shape[1]
        made = np.zeros((len(weight), self.size, self.size))
        beta = slice(own, own + self.beta.shape[1])
        made[:, :own, :own] = self._products(weight * log_n**2, self.alpha, self.alpha)
        made[:, :own, beta] = self._products(weight * log_n * rows.by_beta, self.alpha, self.beta)
        made[:, beta, beta] = self._products(weight * rows.by_beta**2 - slope * rows.beta_twice, self.beta, self.beta)
        if self.log_gamma is None:
            place = self.mean_size - 1
            made[:, :own, place] = self._over(weight * log_n * rows.by_gamma) @ self.alpha
            made[:, beta, place] = self._over(weight * rows.by_beta * rows.by_gamma - slope * rows.mixed) @ self.beta
            made[:, place, place] = (weight * rows.by_gamma**2 - slope * rows.gamma_twice).sum(axis=1)
        if rows.curve.log_theta is not None:
            self._with_theta(made, rows, expected=expected)
        upper = np.triu(np.ones((self.size, self.size)), 1)
        return made * (upper + np.eye(self.size)) + np.swapaxes(made * upper, 1, 2)

    def _with_theta(self, made: Array, rows: Rows, *, expected: bool) -> None:
        assert rows.curve.log_theta is not None
        _, crossed, bend = rows.curve.log_theta
        own = rows.weights * bend
        if expected:
            # The mixed derivative has mean 0; the own one is taken without its sign, to climb by.
            made[:, -1, -1] = np.abs(own.sum(axis=1)) + 1e-8
            return
        crossed = rows.weights * crossed
        made[:, :self.mean_size, -1] = np.concatenate([
            self._over(crossed * self.log_reference) @ self.alpha, self._over(crossed * rows.by_beta) @ self.beta,
            *([(crossed * rows.by_gamma).sum(axis=1, keepdims=True)] if self.log_gamma is None else [])], axis=1)
        made[:, -1, -1] = own.sum(axis=1)

    def moves(self, rows: Rows, step: Array) -> tuple[Array, Array]:
        """Return how far a step moves the logarithms of expected counts by alpha and beta, and all it moves.

        Both are (points,), the farthest of all rows, to first order; gamma's part and the logarithm of theta are only
        in the second.
        """
        pattern, own = self.pattern, self.alpha.shape[1]
        counted = rows.weights > 0
        moved = (step[:, :own] @ self.alpha.T)[:, pattern] * self.log_reference
        moved = moved + (step[:, own:own + self.beta.shape[1]] @ self.beta.T)[:, pattern] * rows.by_beta
        mean = np.where(counted, np.abs(moved), 0.0).max(axis=1)
        if self.log_gamma is None:
            moved = moved + step[:, self.mean_size - 1:self.mean_size] * rows.by_gamma
        every = np.where(counted, np.abs(moved), 0.0).max(axis=1)
        theta = np.abs(step[:, self.mean_size:]).max(axis=1, initial=0.0)
        return np.nan_to_num(mean, nan=np.inf), np.nan_to_num(np.maximum(every, theta), nan=np.inf)

    def jacobian(self, rows: Rows) -> Array:
        """Return the derivatives of the logarithms in the coefficients of the mean, at one point: (rows, ...)."""
        parts = [self.alpha[self.pattern] * self.log_reference[:, np.newaxis],
                 self.beta[self.pattern] * rows.by_beta[0][:, np.newaxis]]
        if self.log_gamma is None:
            parts.append(rows.by_gamma[0][:, np.newaxis])
        return np.concatenate(parts, axis=1)

    def _over(self, each: Array) -> Array:
        """Sum over the rows of each pattern: (points, patterns)."""
        return np.add.reduceat(each, self.first, axis=1)

    def _products(self, each: Array, left: Array, right: Array) -> Array:
        outer = (left[:, :, np.newaxis] * right[:, np.newaxis, :]).reshape(len(left), -1)
        return (self._over(each) @ outer).reshape(len(each), left.shape[1], right.shape[1])


def _of(values: Array, which: Which) -> Array:
    """Return each point's own values, where there is one for all or one for every replicate."""
    return values[which] if len(values) > 1 else np.broadcast_to(values, (len(which), *values.shape[1:]))
