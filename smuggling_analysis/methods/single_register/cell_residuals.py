"""How far each count lies from what the fit expects, and how much it weighs in the fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.methods.single_register.families.family import Array, Family
from smuggling_analysis.methods.single_register.fits import maximise
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.likelihood import Likelihood
from smuggling_analysis.methods.single_register.moments import Moments, moments_of


@dataclass(frozen=True, eq=False)
class Weights:
    """What one person of each cell weighs in a fit.

    Parameters
    ----------
    leverage : (cells,) array
        Trace of the person's part of the hat matrix: summed over people it is the number of coefficients.
    cooks_distance : (cells,) array
        Cook's distance: how far the coefficients move without the person, one step, in units of their covariance.
    dfbeta : (cells, coefficients) array
        That move, coefficient by coefficient: with the person less without.
    """

    leverage: Array
    cooks_distance: Array
    dfbeta: Array


def residuals(fitting: Fitting) -> pd.DataFrame:
    """Set the number of times seen beside what the fit expects: one row per covariate pattern and times seen.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`.

    Returns
    -------
    DataFrame
        The covariates, `times_caught`, `n_persons`, and for one such person:

        `expected`, `response`: times expected of those seen, and what the person was seen beyond; `expected_of_all`,
        `response_of_all`: the same of the population, those never seen among them.

        `pearson`: response by its standard deviation; `standardised`: by the square root of 1 - leverage besides
        (families with one predictor, else not a number).

        `working`: the score by the information, in units of the linear predictor: of a family with several
        predictors one column each, `working: inflation`.

        `deviance`: signed root of twice the log-likelihood that the count falls short of the best that the family
        can say of it.

        `leverage`, `cooks_distance` and `dfbeta: <coefficient>`: what the person weighs (`Weights`), by the expected
        information.

        All are not a number where the count does not enter the likelihood.

    Raises
    ------
    NoEstimate
        If some people are expected to be seen so often that the sums over times do not end.

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd edition, chapters 2 and 12. Chapman & Hall.

    Cook, R. D. (1977). Detection of influential observation in linear regression. Technometrics 19, 15-18.

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register.any_fit import fit_register
    >>> seen = residuals(fit_register(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})))
    >>> seen[["times_caught", "response", "pearson"]].round(2).head(3).to_numpy().tolist()
    [[1.0, -0.16, -0.39], [2.0, 0.84, 2.03], [3.0, 1.84, 4.46]]
    """
    pattern, column = np.nonzero(fitting.counts.persons)
    kind, times = fitting.kind[pattern], fitting.counts.times[column].astype(float)
    used = fitting.model.family.used(times)
    moments = moments_of(fitting.likelihood, fitting.at)
    score, shortfall = _of_cells(fitting, kind, times)
    weights = weights_of(fitting, moments, kind, score)
    response = times - moments.mean[kind]
    pearson = response / np.sqrt(moments.variance[kind])
    single = len(fitting.designs) == 1
    with np.errstate(invalid="ignore", divide="ignore"):
        working = np.linalg.solve(moments.information[kind], score[:, :, np.newaxis])[:, :, 0]
    columns = {
        "expected": moments.mean[kind], "response": response,
        "expected_of_all": moments.of_all[kind], "response_of_all": times - moments.of_all[kind],
        "pearson": pearson,
        "standardised": pearson / np.sqrt(1.0 - weights.leverage) if single else np.full(len(times), np.nan),
        **{"working" if single else f"working: {name}": working[:, place]
           for place, name in enumerate(fitting.designs)},
        "deviance": np.sign(response) * np.sqrt(2.0 * shortfall),
        "leverage": weights.leverage, "cooks_distance": weights.cooks_distance,
        **{f"dfbeta: {name}": weights.dfbeta[:, place] for place, name in enumerate(fitting.names)},
    }
    frame = pd.DataFrame([fitting.counts.patterns[row] for row in pattern], columns=list(fitting.counts.covariates),
                         index=range(len(pattern)))
    frame["times_caught"] = fitting.counts.times[column]
    frame["n_persons"] = fitting.counts.persons[pattern, column]
    return frame.assign(**{name: np.where(used, values, np.nan) for name, values in columns.items()})


def deviance_of(fitting: Fitting) -> float:
    """Return the deviance: twice the log-likelihood that the fit falls short of the best the family can say.

    The best gives every number of times seen parameters of its own.
    """
    pattern, column = np.nonzero(fitting.counts.persons)
    times = fitting.counts.times[column].astype(float)
    used = fitting.model.family.used(times)
    _, shortfall = _of_cells(fitting, fitting.kind[pattern], times)
    return float(2.0 * (fitting.counts.persons[pattern, column] * shortfall)[used].sum())


def _of_cells(fitting: Fitting, kind: NDArray[np.int64], times: Array) -> tuple[Array, Array]:
    """Return the score by the predictors, (cells, predictors), and the log-likelihood short of the best, (cells,)."""
    family = fitting.model.family
    distinct, place = np.unique(times, return_inverse=True)
    with np.errstate(all="ignore"):
        jet = family.log_likelihood(distinct, fitting.predictors)
        shape = (fitting.predictors.shape[1], len(distinct))
        score = np.broadcast_to(jet.gradient, (len(fitting.designs), *shape))[:, kind, place].T
        reached = np.broadcast_to(jet.value, shape)[kind, place]
        short = np.maximum(highest_of(family, distinct)[place] - reached, 0.0)
    return score, short


def highest_of(family: Family, times: Array) -> Array:
    """Return the highest log-likelihood that a family can give to each number of times, (times,); -inf if unused."""
    used = family.used(times)
    highest = np.full(len(times), -np.inf)
    if used.any():
        # A likelihood that rises for ever has its height at the end of the climb: it is level there.
        each = Likelihood(family, [np.ones((1, 1)) for _ in family.predictors], times[used],
                          np.eye(int(used.sum()))[:, np.newaxis, :])
        highest[used] = maximise(each).log_likelihood
    return highest


def weights_of(fitting: Fitting, moments: Moments, kind: NDArray[np.int64], score: Array) -> Weights:
    """Weigh one person of each cell.

    Parameters
    ----------
    fitting : Fitting
        The fit.
    moments : Moments
        Of its patterns.
    kind : (cells,) array of int
        The merged pattern of each cell.
    score : (cells, predictors) array
        Derivatives of the person's log-likelihood by the predictors.
    """
    likelihood = fitting.likelihood
    people = likelihood.weights[0].sum(axis=-1)
    lower = [[(people * moments.information[:, row, column])[np.newaxis] for column in range(row + 1)]
             for row in range(len(likelihood.designs))]
    spread = np.linalg.inv(likelihood.products(lower)[0])
    rows = _rows_of(likelihood)  # (patterns, predictors, coefficients)
    within = np.einsum("paj,jk,pbk->pab", rows, spread, rows)
    hat = moments.information @ within
    rest = np.linalg.inv(np.eye(len(likelihood.designs)) - hat)
    pull = np.einsum("cab,cb->ca", rest[kind], score)
    moves = np.einsum("caj,ca->cj", rows[kind], pull) @ spread
    distance = np.einsum("ca,cab,cb->c", pull, within[kind], pull) / likelihood.size
    return Weights(np.trace(hat, axis1=1, axis2=2)[kind], distance,
                   np.linalg.solve(fitting.triangle, moves.T).T)


def _rows_of(likelihood: Likelihood) -> Array:
    """Return each pattern's row of every predictor's design, zero elsewhere: (patterns, predictors, coefficients)."""
    rows = np.zeros((len(likelihood.designs[0]), len(likelihood.designs), likelihood.size))
    first = 0
    for place, (design, last) in enumerate(zip(likelihood.designs, likelihood.ends, strict=True)):
        rows[:, place, first:last] = design
        first = last
    return rows
