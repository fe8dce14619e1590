"""People in every stratum and in any sum of strata, with their covariance by the delta method.

Estimated are the people on no list and, where a covariate was not recorded, how those people spread over its
levels. Both vary with the fitted parameters, and around their own expectation: the unseen as Poisson counts,
the unrecorded as multinomial ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable, Integers
from smuggling_analysis.methods.multiple_systems.covariates.table_fits import TableFits
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats


@dataclass(frozen=True, eq=False)
class StrataTotals:
    """Estimated people in every stratum.

    Parameters
    ----------
    sizes : (strata,) array
        Recorded, completed and unseen people.
    unseen : (strata,) array
    covariance : (strata, strata) array
    parameters : (terms, terms) array
        Covariance of the finite parameters, in the order of the fit's terms.
    lost : float
        Share of the information on the logarithm of the unseen that the unrecorded covariates cost.
    """

    sizes: Floats
    unseen: Floats
    covariance: Floats
    parameters: Floats
    lost: float

    def se(self, chosen: Floats) -> float:
        """Return the standard error of a sum of strata; `chosen` is 1 for those in it: (strata,) array."""
        return math.sqrt(max(float(chosen @ self.covariance @ chosen), 0.0))


def strata_totals(fits: TableFits) -> StrataTotals:
    """Return the strata's people under the one model that was fitted.

    Raises
    ------
    NoEstimate
        If the information is singular.
    """
    table, means = fits.table, fits.means
    finite = np.isfinite(fits.theta[0]) & (fits.terms[0] >= 0)
    design = design_matrix(table, fits.terms[0][finite])
    unseen_rows = np.arange(0, table.cells.size, table.n_histories)
    unseen = means[unseen_rows]
    seen = means.copy()
    seen[unseen_rows] = 0.0
    complete = design.T @ (seen[:, None] * design)
    information = complete.copy()
    slopes = unseen[:, None] * design[unseen_rows]
    sizes = table.cells.reshape(-1, table.n_histories).sum(axis=1) + unseen
    covariance = np.diag(unseen)
    for group in np.flatnonzero(table.count):
        inside = table.cell[table.start[group] : table.start[group + 1]]
        inside = inside[means[inside] > 0.0]
        shares, strata = means[inside] / means[inside].sum(), inside // table.n_histories
        people, rows = table.count[group], design[inside]
        apart = rows - shares @ rows
        information -= people * (apart.T @ (shares[:, None] * apart))
        slopes[strata] += people * shares[:, None] * apart
        sizes[strata] += people * shares
        covariance[np.ix_(strata, strata)] += people * (np.diag(shares) - np.outer(shares, shares))
    parameters = _inverse(information)
    total = unseen @ design[unseen_rows]
    with_all, with_some = float(total @ _inverse(complete) @ total), float(total @ parameters @ total)
    covariance = covariance + slopes @ parameters @ slopes.T
    if not (np.isfinite(covariance).all() and (np.diag(parameters) > 0.0).all()):
        raise NoEstimate(f"the likelihood of the model {fits.models[0].notation} is flat: hardly any number of people "
                         "fits the counts worse than another", "lists that share more people, or a simpler model")
    lost = 0.0 if not table.count.any() or with_some <= 0.0 else max(0.0, 1.0 - with_all / with_some)
    return StrataTotals(sizes, unseen, covariance, parameters, lost)


def design_matrix(table: CrossTable, terms: Integers) -> Floats:
    """Return which cells contain which terms, as 0 and 1: (cells, terms) array."""
    cells = table.digits(np.arange(table.cells.size))
    wanted = table.digits(terms)
    design = np.ones((table.cells.size, len(terms)))
    for variable in range(len(table.sizes)):
        own = wanted[:, variable]
        design *= (own == 0) | (cells[:, variable, None] == own)
    return design


def _inverse(information: Floats) -> Floats:
    """Invert after scaling to a unit diagonal: counts of a billion beside counts of one upset nothing."""
    with np.errstate(all="ignore"):
        scale = 1.0 / np.sqrt(np.diag(information))
        scaled = information * np.outer(scale, scale)
    if not np.isfinite(scaled).all() or np.linalg.eigvalsh(scaled)[0] <= 0.0:
        return np.full_like(information, np.nan)
    return np.asarray(scale[:, None] * np.linalg.inv(scaled) * scale)
