"""Ratio regression: the line of f2 / f1, f3 / f2, ... carried back to f1 / f0 says how many were never seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.carried_back import STARTS, standard_error, unseen
from smuggling_analysis.methods.single_register.cautions import MOST_TIMES, cautions_on
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.intervals import INTERVALS
from smuggling_analysis.methods.single_register.ratio_models import RATIO_MODELS, RatioFits, RatioModel, fit_ratios

_FEWEST = 0.9
"""Share of bootstrap replicates that must have an estimate."""
_NEAR = 2.0
"""AIC points within which models fit alike."""
_APART = 1.5
"""The factor between what models say above which a reader must know."""


def ratio_regression(counts: RepeatCounts, *, model: str = "aic", start: str | None = None, neighbours: bool = True,
                     interval: str = "log-normal", confidence_level: float = 0.95, draws: int = 1000,
                     rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from the ratios of neighbouring frequencies.

    If f(x) people were seen x times, (x + 1) f(x + 1) / f(x) is constant for a Poisson distribution and rises where
    people differ. A line is fitted to its logarithms, x = 1, 2, ..., and carried on to x = 0, where the ratio is
    f1 / f0: the shape of how people differ is read off the counts instead of being assumed.

    On populations of known size (`smuggling_analysis.published_validation`) it is near the truth where rates are
    exponentially distributed, though its interval holds it in two studies of three only; elsewhere it can be twice too
    high where all are alike, and far off on either side where some can be seen only once.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ...; covariates are summed over.
    model : str
        A row of `RATIO_MODELS`: "poisson" (constant), "geometric" (rising as x + 1), "log" (a line in log(x + 1), which
        has both), "linear" (a line in x); each also with "..., ones apart", where too many were seen just once. "aic"
        chooses the one of the smallest AIC.
    start : {"once", "twice", "all"}, optional
        From whom the line is carried back: f0 = f1 / r0 with r0 the fitted ratio, or f2 / (r0 r1), or the number
        for which everybody fits. Those seen once, or twice where ones are apart, unless given.
    neighbours : bool
        Whether the weights heed the covariance of neighbouring ratios; without it each ratio has the weight of its own
        variance.
    interval : {"log-normal", "normal", "bootstrap"}
        From the delta method, or percentiles of a bootstrap that repeats the choice of the model. The first two are in
        `diagnostics["intervals"]`.
    confidence_level : float
        Between 0 and 1.
    draws : int
        Bootstrap replicates.
    rng : int, Generator or None
        Of the bootstrap.

    Returns
    -------
    Estimate
        Persons. `diagnostics` holds the model, its coefficients and their standard errors, the observed and fitted
        ratios f(x + 1) / f(x), the chi-square of the line, the AIC of every model, what those say that fit about as
        well (`near`) and the estimates from every start.

    Raises
    ------
    NoEstimate
        If nobody was seen once or nobody twice, the ratios do not determine the model, or the bootstrap mostly fails.
    ValueError
        If an option is unknown.

    References
    ----------
    Rocchetti, I., Bunge, J. & Böhning, D. (2011). Population size estimation based upon ratios of recapture
    probabilities. Annals of Applied Statistics 5, 1512-1533. arXiv:1107.5423

    Böhning, D. & Friedl, H. (2021). Population size estimation based upon zero-truncated, one-inflated and sparse count
    data. Statistical Methods & Applications. doi:10.1007/s10260-021-00556-8

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> estimate = ratio_regression(counts, model="geometric")
    >>> round(estimate.value), round(estimate.lower), round(estimate.upper)
    (12939, 11384, 14749)
    """
    _check_options(model, start, interval, confidence_level)
    frequencies = _frequencies(counts)
    chosen, table = _chosen(model, frequencies, neighbours)
    start = start or ("twice" if chosen.ones_apart else "once")
    if chosen.ones_apart and start == "once":
        raise ValueError("where ones are apart the line cannot start from them: start is 'twice' or 'all'")
    fits = fit_ratios(chosen, frequencies, neighbours=neighbours)
    missed = float(unseen(chosen, fits, frequencies, start)[0])
    if not np.isfinite(missed):
        raise NoEstimate(f"{int(fits.ratios[0])} ratios of neighbouring frequencies do not determine the model "
                         f"{chosen.name!r}", "people seen more often, or a model with fewer coefficients")
    seen = counts.n_observed
    value, se = seen + missed, standard_error(chosen, fits, frequencies, start, missed)
    limits = {name: limits_of(value, se, seen, confidence_level) for name, limits_of in INTERVALS.items()}
    diagnostics: dict[str, Any] = {**_diagnostics(chosen, fits, frequencies, neighbours), "aic": table, "start": start,
                   "near": _near(table, frequencies, neighbours), "intervals": limits}
    words = interval
    if interval == "bootstrap":
        tail = (1 - confidence_level) / 2
        replicates = _replicates(model, frequencies, missed, start, neighbours, draws, rng)
        limits["bootstrap"] = tuple(np.quantile(replicates, [tail, 1 - tail]).tolist())
        diagnostics["replicates_without_estimate"] = draws - len(replicates)
        words = f"percentile bootstrap of {draws:,} replicates"
    lower, upper = limits[interval]
    return Estimate(value=value, lower=lower, upper=upper, unit="persons", confidence_level=confidence_level,
                    method=f"ratio regression ({chosen.name}; from those seen {_WORDS[start]})", observed=seen, se=se,
                    interval=words, diagnostics=diagnostics, fingerprint=counts.fingerprint, simulated=counts.simulated,
                    cautions=tuple(_cautions(counts, chosen, diagnostics, value, se)))


_WORDS = {"once": "once", "twice": "twice", "all": "at all"}


def _check_options(model: str, start: str | None, interval: str, confidence_level: float) -> None:
    if model != "aic" and model not in RATIO_MODELS:
        raise ValueError(f"model is 'aic' or one of {', '.join(map(repr, RATIO_MODELS))}, got {model!r}")
    if start is not None and start not in STARTS:
        raise ValueError(f"start is one of {', '.join(STARTS)}, got {start!r}")
    if interval not in (*INTERVALS, "bootstrap"):
        raise ValueError(f"interval is one of {', '.join(INTERVALS)}, bootstrap, got {interval!r}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def _frequencies(counts: RepeatCounts) -> Array:
    """Return the people seen once, twice, ...: (1, columns)."""
    last = int(counts.times.max())
    if last > MOST_TIMES:
        raise NoEstimate(f"somebody was seen {last:,} times", "a check that the column counts sightings")
    for times, word in ((1, "once"), (2, "twice")):
        if not counts.seen(times).sum():
            raise NoEstimate(f"nobody was seen exactly {word}: the ratios begin with f2 / f1",
                             "people seen once and twice, or a method that uses all counts")
    frequencies = np.zeros((1, last))
    frequencies[0, counts.times - 1] = counts.persons.sum(axis=0)
    return frequencies


def _chosen(model: str, frequencies: Array, neighbours: bool) -> tuple[RatioModel, dict[str, float]]:
    """Return the model asked for, or that of the smallest AIC, with the AIC of all that the ratios leave room for.

    The log-ratios' variances are known, so AIC is the chi-square of the line plus twice its coefficients.
    """
    table = {}
    for name, one in RATIO_MODELS.items():
        fits = fit_ratios(one, frequencies, neighbours=neighbours)
        free = int(fits.ratios[0]) - len(one.coefficients)
        if np.isfinite(fits.beta).all() and (free > 0 or name == "poisson"):
            table[name] = float(fits.chi_square[0]) + 2.0 * len(one.coefficients)
    return RATIO_MODELS[min(table, key=table.__getitem__) if model == "aic" else model], table


def _replicates(model: str, frequencies: Array, missed: float, start: str, neighbours: bool, draws: int,
                rng: int | np.random.Generator | None) -> Array:
    """Draw whole populations, choose and fit anew: the sizes of those replicates that have one."""
    rng = np.random.default_rng(rng)
    people = np.append(missed, frequencies[0])
    drawn = rng.multinomial(round(people.sum()), people / people.sum(), size=draws)[:, 1:].astype(float)
    names = list(RATIO_MODELS) if model == "aic" else [model]
    aic, sizes = [], []
    for one in map(RATIO_MODELS.__getitem__, names):
        fits = fit_ratios(one, drawn, neighbours=neighbours)
        room = (fits.ratios > len(one.coefficients)) | (one.name == "poisson") | (model != "aic")
        aic.append(np.where(room & np.isfinite(fits.chi_square), fits.chi_square + 2 * len(one.coefficients), np.inf))
        begin = "twice" if one.ones_apart and start == "once" else start
        sizes.append(drawn.sum(axis=1) + unseen(one, fits, drawn, begin))
    best = np.argmin(aic, axis=0)
    found = np.array(sizes)[best, np.arange(draws)]
    found = found[np.isfinite(found) & np.isfinite(np.min(aic, axis=0))]
    if len(found) < _FEWEST * draws:
        raise NoEstimate(f"{draws - len(found):,} of {draws:,} bootstrap replicates have no estimate",
                         "more people seen more than once, or interval='log-normal'")
    return np.asarray(found)


def _diagnostics(model: RatioModel, fits: RatioFits, frequencies: Array, neighbours: bool) -> dict[str, object]:
    from scipy.special import chdtrc

    f = frequencies[0]
    free = int(fits.ratios[0]) - len(model.coefficients)
    fitted = np.exp(model.log_ratios(np.arange(float(len(f))), fits.beta)[0])
    seen = frequencies.sum()
    starts = [start for start in STARTS if not (model.ones_apart and start == "once")]
    return {
        "model": model.name,
        "coefficients": dict(zip(model.coefficients, fits.beta[0].tolist(), strict=True)),
        "coefficient_se": dict(zip(model.coefficients, np.sqrt(np.diag(fits.covariance[0])).tolist(), strict=True)),
        "ratios": {k: float(f[k] / f[k - 1]) for k in range(1, len(f)) if f[k - 1] > 0 < f[k]},
        "fitted_ratios": dict(enumerate(fitted.tolist())),
        "chi_square": float(fits.chi_square[0]), "df": free,
        # Neighbours left out of the weights are still correlated: the sum of squares is then no chi-square.
        "chi_square_p_value": float(chdtrc(free, fits.chi_square[0])) if free > 0 and neighbours else None,
        "estimates": {start: float(seen + unseen(model, fits, frequencies, start)[0]) for start in starts},
    }


def _near(table: dict[str, float], frequencies: Array, neighbours: bool) -> dict[str, float]:
    """Return what every model says that fits about as well as the best, from its usual start."""
    said = {}
    for name in (name for name, aic in table.items() if aic <= min(table.values()) + _NEAR):
        model = RATIO_MODELS[name]
        fits = fit_ratios(model, frequencies, neighbours=neighbours)
        missed = unseen(model, fits, frequencies, "twice" if model.ones_apart else "once")[0]
        said[name] = float(frequencies.sum() + missed)
    return said


def _cautions(counts: RepeatCounts, model: RatioModel, told: dict[str, Any], size: float, se: float) -> Iterator[str]:
    yield from cautions_on(counts, (), (), size, None, least=2 if model.ones_apart else 1)
    if se > size:
        yield f"the ratios hardly determine it: the standard error ({se:,.0f}) exceeds the estimate itself"
    slope = told["coefficients"].get("log(x + 1)", 0.0)
    if slope > 1:
        yield (f"the ratios rise faster than any distribution allows (log-slope {slope:.2f}; a geometric one has 1): "
               "the line cannot hold for all numbers of times")
    if told["chi_square_p_value"] is not None and told["chi_square_p_value"] < 0.05:
        yield f"the ratios do not lie on the line: chi-square {told['chi_square']:,.1f} with df {told['df']}"
    near = told["near"]
    if near and max(near.values()) > _APART * min(near.values()):
        low, high = min(near, key=near.__getitem__), max(near, key=near.__getitem__)
        yield (f"lines that fit about as well say from {near[low]:,.0f} ({low}) to {near[high]:,.0f} ({high}): "
               "the ratios do not tell them apart")
    if model.ones_apart:
        yield "those seen once are set apart: right only if something keeps people from being seen again"
