"""Hidden populations added up: the value, its bias, its covariance with other sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.reference_population.objective import Array
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of hidden populations over groups of rows.

    Parameters
    ----------
    plain : (groups,) array
        The sums at the coefficients estimated.
    corrected : (groups,) array
        The same without the bias that the exponents' uncertainty brings: N to the power of an uncertain alpha is on
        average more than N to the power of its mean.
    covariance : (groups, groups) array
        Covariance of `plain`, by the delta method.
    """

    plain: Array
    corrected: Array
    covariance: Array

    def values(self, *, bias_corrected: bool) -> Array:
        """Return the sums asked for: (groups,)."""
        return self.corrected if bias_corrected else self.plain

    def covariance_of(self, *, bias_corrected: bool) -> Array:
        """Return the covariance of the sums asked for: (groups, groups)."""
        if not bias_corrected:
            return self.covariance
        factor = self.corrected / self.plain
        return self.covariance * np.outer(factor, factor)


def sums_of(fitted: ReferenceFit, members: NDArray[np.bool_]) -> Sums:
    r"""Add up the hidden populations of groups of rows.

    The bias correction is :math:`\sum N^{\alpha} \exp\{-\tfrac12 (\log N)^2 x^\top V x\}` with the model's covariance
    `V`, exact where alpha is estimated with a normal error (Beręsewicz and Pawlukiewicz 2020).

    Parameters
    ----------
    fitted : ReferenceFit
    members : (groups, rows) array of bool
        Which rows are in each group.
    """
    design = fitted.data.alpha.matrix
    own = design.shape[1]
    log_n = np.log(fitted.counts.reference.astype(float))
    hidden = fitted.hidden
    variance = np.einsum("ij,jk,ik->i", design, fitted.model_covariance[:own, :own], design)
    inside = members.astype(float)
    gradient = (inside * (hidden * log_n)) @ design
    return Sums(inside @ hidden, inside @ (hidden * np.exp(-0.5 * log_n**2 * variance)),
                gradient @ fitted.covariance[:own, :own] @ gradient.T)


def members_by(fitted: ReferenceFit, by: tuple[str, ...]
               ) -> tuple[list[tuple[str | float, ...]], NDArray[np.bool_]]:
    """Return the values of these covariates that occur, sorted, and the rows of each: (groups, rows)."""
    own = fitted.counts.labels(*by)
    labels = sorted(set(own))
    places = {label: place for place, label in enumerate(labels)}
    of = np.array([places[label] for label in own])
    return labels, np.arange(len(labels))[:, np.newaxis] == of
