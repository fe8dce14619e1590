"""Log-linear models of several strata at once, each with its own parameters, shrunk towards the others.

Every stratum has its own intercept, free, and its own chances to be on each list and dependences between
lists, which vary between strata with a standard deviation: the pooling sd. Between strata that are alike in
all but name they scatter about a mean; along an ordered stratum such as the year they walk from one to the
next. With a pooling sd of 0 they are common to all strata, with a very large one each stratum stands alone.

The likelihood of the pooling sd integrates all other parameters out by Laplace's approximation (Breslow and
Clayton 1993), those that are not shrunk with a flat prior, as in restricted maximum likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

_MOST_STEPS, _MOST_HALVINGS, _SETTLED = 200, 40, 1e-9
# More parameters than this would take minutes.
MOST_PARAMETERS = 1_500
_NULL = 1e-9
# The pooling sds tried. On the scale of log-odds 4 is far more than lists of one kind ever vary.
GRID = np.geomspace(0.02, 4.0, 11)
NOTHING = 1e-3


@dataclass(frozen=True, eq=False)
class PooledFit:
    """All strata fitted with given pooling sds.

    Parameters
    ----------
    sds : tuple of float
        Pooling sds of the lists' terms and of the dependences.
    theta : (strata, terms) array
        Parameters, the logarithm of the unseen first.
    covariance : (strata, terms, strata, terms) array
        Of `theta`, given the sds.
    log_marginal : float
        The sds' log-likelihood, all else integrated out.
    effective : (strata,) array
        Parameters' worth of information that each stratum takes from its own counts.
    """

    sds: tuple[float, float]
    theta: Floats
    covariance: Floats
    log_marginal: float
    effective: Floats

    @property
    def unseen(self) -> Floats:
        """Estimated people on no list: (strata,) array."""
        return np.asarray(np.exp(np.minimum(self.theta[:, 0], 700.0)))

    @property
    def borrowed(self) -> Floats:
        """The share of each stratum's shrunk parameters that comes from the other strata: (strata,) array."""
        shrunk = self.theta.shape[1] - 1
        return np.clip((self.theta.shape[1] - self.effective) / max(shrunk, 1), 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class StrataTable:
    """Several strata's tables under one log-linear model.

    Parameters
    ----------
    cells : (strata, 2**lists) array
        The strata's tables; every stratum has people.
    model : Model
        The model whose terms every stratum has.
    start : (terms,) array
        Its parameters on the tables added together; a term nobody shows, minus infinity there, is left out.
    links : (strata, strata) array
        How strongly two strata are held together, symmetric, 0 where they are not.
    """

    cells: Floats
    model: Model
    start: Floats
    links: Floats

    @cached_property
    def terms(self) -> NDArray[np.int64]:
        """The terms that somebody shows, the intercept (0) first."""
        return np.array(self.model.terms, dtype=np.int64)[np.isfinite(self.start)]

    @cached_property
    def counted(self) -> NDArray[np.int64]:
        """The histories that can be observed and that the model lets anybody have."""
        every = np.arange(1, self.cells.shape[1])
        empty = np.array(self.model.terms)[np.isneginf(self.start)]
        return every[~((every[:, None] & empty) == empty).any(axis=1)] if empty.size else every

    @cached_property
    def design(self) -> Floats:
        """(counted histories, terms) array of 0 and 1."""
        return ((self.counted[:, None] & self.terms) == self.terms).astype(float)

    @cached_property
    def counts(self) -> Floats:
        """(strata, counted histories) array."""
        return self.cells[:, self.counted]

    @cached_property
    def kinds(self) -> NDArray[np.int64]:
        """What each term is: 0 the intercept, 1 a list, 2 a dependence."""
        return np.array([min(int(term).bit_count(), 2) for term in self.terms])

    @cached_property
    def contrasts(self) -> tuple[Floats, Floats]:
        """What strata linked together share, and how they may differ with a pooling sd of 1: two arrays."""
        laplacian = np.diag(self.links.sum(axis=1)) - self.links
        values, vectors = np.linalg.eigh(laplacian)
        free = values < _NULL * max(values[-1], 1.0)
        return vectors[:, free], vectors[:, ~free] / np.sqrt(values[~free])

    def fit(self, sds: tuple[float, float], near: Floats | None = None) -> PooledFit:
        """Fit all strata with given pooling sds of the lists' terms and of the dependences.

        Parameters
        ----------
        sds : (float, float)
            Not negative.
        near : (strata, terms) array, optional
            Parameters to start from.

        Raises
        ------
        NoEstimate
            If the fit does not settle.
        """
        bases, penalty = self._bases(sds)
        theta = self._first_guess() if near is None else near
        inner = self._inner(theta, bases)
        height, settled = -math.inf, False
        for _ in range(_MOST_STEPS):
            theta = np.einsum("tsa,ta->st", bases, inner)
            means = np.exp(np.minimum(theta @ self.design.T, 700.0))
            slope = np.einsum("tsa,st->ta", bases, (self.counts - means) @ self.design) - penalty * inner
            curve = np.einsum("sc,ct,cu->stu", means, self.design, self.design, optimize=True)
            step = _solved(self._curvature(bases, curve, penalty), slope.ravel())
            if step is None:
                break
            height = self._height(inner, bases, penalty)
            moved = step.reshape(inner.shape)
            share = 1.0
            for _ in range(_MOST_HALVINGS):
                if self._height(inner + share * moved, bases, penalty) >= height - 1e-9 * (1 + abs(height)):
                    break
                share *= 0.5
            inner = inner + share * moved
            change = np.abs(np.einsum("tsa,ta->st", bases, share * moved) @ self.design.T)
            if change.max() < _SETTLED:
                settled = True
                break
        if not settled:
            raise NoEstimate("the strata fitted together did not settle on an estimate",
                             "fewer strata, a model with fewer terms, or lists that share more people")
        return self._finished(inner, bases, penalty, sds)

    def _bases(self, sds: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return each term's columns over the strata, (terms, strata, strata), and what each one costs."""
        strata = len(self.cells)
        shared, differ = self.contrasts
        bases = np.empty((self.terms.size, strata, strata))
        penalty = np.zeros((self.terms.size, strata))
        for term, kind in enumerate(self.kinds):
            bases[term] = np.eye(strata) if kind == 0 else np.hstack([shared, sds[kind - 1] * differ])
            penalty[term, shared.shape[1]:] = float(kind > 0)
        return bases, penalty

    def _first_guess(self) -> Floats:
        size = self.cells.sum(axis=1)
        theta = np.tile(self.start[np.isfinite(self.start)], (len(self.cells), 1))
        theta[:, 0] += np.log(size / size.sum())
        return theta

    def _inner(self, theta: Floats, bases: Floats) -> Floats:
        """Return the coordinates of parameters, as nearly as the bases allow: (terms, strata) array."""
        return np.array([np.linalg.lstsq(basis, column, rcond=None)[0]
                         for basis, column in zip(bases, theta.T, strict=True)])

    def _height(self, inner: Floats, bases: Floats, penalty: Floats) -> float:
        from scipy.special import gammaln

        eta = np.einsum("tsa,ta->st", bases, inner) @ self.design.T
        if eta.max() > 700.0:
            return -math.inf
        fit = (self.counts * eta - np.exp(eta) - gammaln(self.counts + 1.0)).sum()
        return float(fit - 0.5 * (penalty * inner**2).sum())

    def _curvature(self, bases: Floats, curve: Floats, penalty: Floats) -> Floats:
        weighed = np.einsum("tsa,stu->tuas", bases, curve)
        full = np.einsum("tuas,usb->taub", weighed, bases, optimize=True)
        size = penalty.size
        return np.asarray(full.reshape(size, size) + np.diag(penalty.ravel()))

    def _finished(self, inner: Floats, bases: Floats, penalty: Floats, sds: tuple[float, float]) -> PooledFit:
        theta = np.einsum("tsa,ta->st", bases, inner)
        means = np.exp(theta @ self.design.T)
        curve = np.einsum("sc,ct,cu->stu", means, self.design, self.design, optimize=True)
        full = self._curvature(bases, curve, penalty)
        scale = 1.0 / np.sqrt(np.diag(full))
        try:
            root = np.linalg.cholesky(full * scale[:, None] * scale)
        except np.linalg.LinAlgError:
            raise NoEstimate("the strata fitted together leave a parameter undetermined",
                             "lists that share more people, or a model with fewer terms") from None
        inverse = np.linalg.inv(root)
        inner_covariance = (inverse.T @ inverse * scale[:, None] * scale).reshape(*inner.shape, *inner.shape)
        covariance = np.einsum("tsa,taub,uvb->stvu", bases, inner_covariance, bases, optimize=True)
        marginal = (self._height(inner, bases, penalty) - float(np.log(np.diag(root)).sum())
                    + float(np.log(scale).sum()))
        effective = np.einsum("stsu,sut->s", covariance, curve)
        return PooledFit(sds, theta, covariance, marginal, effective)


def _solved(matrix: Floats, vector: Floats) -> Floats | None:
    """Solve a positive definite system after scaling its diagonal to 1; None if it is none."""
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    diagonal = np.diag(matrix)
    if not (np.isfinite(matrix).all() and (diagonal > 0).all()):
        return None
    scale = 1.0 / np.sqrt(diagonal)
    try:
        factor = cho_factor(matrix * scale[:, None] * scale, lower=True)
    except LinAlgError:
        return None
    return np.asarray(scale * cho_solve(factor, scale * vector))
