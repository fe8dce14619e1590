"""The fitted model of reference counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.evidence.reference_counts import COUNTRY, ReferenceCounts
from smuggling_analysis.methods.reference_population.gamma_profile import GammaProfile, profile_gamma
from smuggling_analysis.methods.reference_population.model import Model, Prepared
from smuggling_analysis.methods.reference_population.objective import Array


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ReferenceFit:
    """A fitted model of reference counts. Make one with `fit`.

    Parameters
    ----------
    data : Prepared
        Evidence, model and design.
    at : (coefficients,) array
        All coefficients, in the order of `names`.
    held : (coefficients,) array of bool
        Coefficients that lie on a bound: gamma that runs to 0, theta that grows without end.
    covariance, model_covariance : (coefficients, coefficients) arrays
        As asked for, and as the model has it (the inverse of the expected information); 0 where held.
    covariance_kind : str
        What was asked for.
    log_likelihood, deviance : float
        At the maximum; least squares have the normal log-likelihood and the sum of squares of what they fit.
    logs, alpha, beta, detection : (rows,) arrays
        Logarithm of the expected count, alpha and beta of each row, and the chance of being apprehended.
    """

    data: Prepared
    at: Array
    held: NDArray[np.bool_]
    covariance: Array
    model_covariance: Array
    covariance_kind: str
    log_likelihood: float
    deviance: float
    logs: Array
    alpha: Array
    beta: Array
    detection: Array

    @property
    def counts(self) -> ReferenceCounts:
        """The evidence."""
        return self.data.counts

    @property
    def model(self) -> Model:
        """What was fitted."""
        return self.data.model

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names: "alpha: year[T.2020]", "beta: Intercept", "log gamma", "log theta"."""
        return self.data.names

    @property
    def coefficients(self) -> Mapping[str, float]:
        """The coefficients, by name."""
        return dict(zip(self.names, self.at.tolist(), strict=True))

    @property
    def coefficient_se(self) -> Mapping[str, float]:
        """Their standard errors, by name."""
        return dict(zip(self.names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    @property
    def gamma(self) -> float:
        """The share detected where the second source has nobody: estimated or given; 0 where there is none."""
        place = self.data.objective.gamma_place
        return float(self.model.gamma or 0.0) if place is None else float(np.exp(self.at[place]))

    @property
    def theta(self) -> float | None:
        """The dispersion; None where there is none."""
        return float(np.exp(self.at[-1])) if self.data.objective.criterion.dispersed else None

    @property
    def parameters(self) -> int:
        """How many parameters AIC and BIC count: coefficients, gamma, theta, the variance of least squares."""
        return len(self.at) + int(self.data.objective.criterion.least_squares)

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion; n is the number of rows."""
        return float(np.log(len(self.logs))) * self.parameters - 2.0 * self.log_likelihood

    @property
    def fitted(self) -> Array:
        """Expected counts: (rows,)."""
        return np.exp(self.logs)

    @property
    def residuals(self) -> Array:
        """Counts less expected counts: (rows,)."""
        return self.counts.observed - self.fitted

    @property
    def hidden(self) -> Array:
        """N to the power of alpha, the hidden population of each row: (rows,)."""
        return np.exp(self.alpha * np.log(self.counts.reference.astype(float)))

    @property
    def dispersion(self) -> float:
        """Pearson's chi-square over its degrees of freedom: 1 where counts vary as the model has them."""
        spread = self.fitted * (1.0 + (self.fitted / self.theta if self.theta else 0.0))
        with np.errstate(all="ignore"):
            each = np.where(self.fitted > 0, self.residuals**2 / spread, 0.0)
        return float(each.sum() / max(len(self.logs) - len(self.at), 1))

    @cached_property
    def gamma_profile(self) -> GammaProfile:
        """The likelihood over gamma, and what the total would be: see `GammaProfile`.

        Raises
        ------
        ValueError
            If gamma was given.
        """
        return profile_gamma(self.data, self.at, dispersion=self.dispersion)

    def frame(self) -> pd.DataFrame:
        """Return a row for each of the evidence's.

        Columns are `country, <covariates>, observed, auxiliary, reference, fitted, residual, alpha, beta, detection,
        hidden`.
        """
        table = self.counts.table()
        return table.assign(fitted=self.fitted, residual=self.residuals, alpha=self.alpha, beta=self.beta,
                            detection=self.detection, hidden=self.hidden)

    def __repr__(self) -> str:
        return (f"ReferenceFit({self.model.described}; {len(self.logs):,} rows of "
                f"{len(set(self.counts.labels(COUNTRY))):,} countries, log-likelihood {self.log_likelihood:,.1f})")
