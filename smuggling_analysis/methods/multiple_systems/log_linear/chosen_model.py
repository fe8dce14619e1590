"""The log-linear estimate of a population from several lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.covariates.models import covariate_model
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import people_drawn_anew, populations_drawn
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fitted_means
from smuggling_analysis.methods.multiple_systems.log_linear.intervals import (
    BOOTSTRAPS,
    Interval,
    bootstrap_interval,
    check_interval,
)
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import existence
from smuggling_analysis.methods.multiple_systems.log_linear.model_averaging import model_average
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import (
    divergence_caution,
    fit_cautions,
    lone_model_caution,
    spread,
    table_cautions,
)
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile
from smuggling_analysis.methods.multiple_systems.log_linear.selection import Choice, Chooser, chooser
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import THRESHOLD


@dataclass(frozen=True, eq=False)
class Asked:
    """Everything an interval may need: the table, the model, and what the caller wants."""

    histories: CaptureHistories
    cells: Floats
    choice: Choice
    rule: Chooser
    interval: str
    confidence_level: float
    resampling: str
    replicates: int
    n_jobs: int
    rng: np.random.Generator


@takes_linked_versions
def loglinear(histories: CaptureHistories, *, covariates: Sequence[str] = (),
              model: str | Iterable[str | Sequence[str]] | Model | None = None,
              selection: str | None = "bic", max_order: int | None = None, interval: str | None = None,
              resampling: str = "non-parametric", replicates: int = 1000, threshold: float = THRESHOLD,
              n_jobs: int = 1, confidence_level: float = 0.95,
              rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from several lists by a Poisson log-linear model.

    The model is fitted to the counts of every history that can be observed; its intercept is the logarithm of
    the expected number of people on no list.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more; strata are added together, but for those of `covariates`.
    covariates : sequence of str
        Variables that make strata: lists x covariates are one table and one model, as `covariate_model` fits
        it, and the estimate is the strata's sum. Options are then read as `covariate_model` reads them; the
        interval is log-normal unless told otherwise. Use `covariate_model` itself to see the strata.
    model : str, or generators, optional
        The model: "[12,3]", lists numbered from 1 in the order of `histories.lists` ("[1.12,3]" with more
        than nine lists), or groups of names such as `[("police", "ngo"), "court"]`. Every list's own term is
        always in. A model given is fitted as it is and `selection` is not used.
    selection : {"bic", "aic", "stepwise", "average", None}
        How the model is chosen when none is given. "bic" and "aic" visit every hierarchical model of any
        order up to five lists and of two-list terms with six, and search among more as `search_models` does, up
        to twelve lists: `diagnostics` and a caution say where the search is not certain. "stepwise" adds
        two-list terms one by one, for any number of lists. "average" chooses none: it is `model_average` with
        BIC weights. None takes the lists as independent.
    max_order : int, optional
        The most lists in one term of the models visited: by default all but one up to five lists, two for more.
    interval : {"profile", "log-normal", "wald", "bootstrap", "bca"}
        Multinomial profile likelihood, unless told otherwise; symmetric on the logarithm of the unseen;
        symmetric; percentiles of a bootstrap that repeats the selection; the same, bias-corrected and
        accelerated. The intervals of an average are those of `model_average`.
    resampling : {"non-parametric", "parametric"}
        How bootstrap tables are drawn.
    replicates : int
        Bootstrap replicates, 2 or more.
    threshold : float
        The p-value below which a two-list term enters stepwise.
    n_jobs : int
        Workers of the bootstrap; the result does not depend on it.
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Randomness of the bootstrap.

    Returns
    -------
    Estimate
        In persons. `diagnostics` holds the model, deviance, AIC, BIC, the number of models visited and their
        spread, and of a bootstrap the replicates that failed and the models they chose. A bootstrap gives
        draws: the replicates, or for "bca" those moved to where their equal-tailed limits are the interval's.

    Raises
    ------
    ValueError
        If an option is unknown, a list is not among the lists, or there are too many models to visit.
    NoEstimate
        If there is one list only, or the model has no maximum likelihood estimate on this table, or more than
        one, or fewer than half of the bootstrap replicates have an estimate.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the model of independent
    lists misses the truth under every dependence. Models chosen by BIC, AIC or steps hold it under
    dependence between pairs of lists, fall short of their level where overlaps are sparse unless the
    interval repeats the choice, and miss it where people differ in how easily they are met.

    References
    ----------
    Fienberg, S. E. (1972). The multiple recapture census for closed populations and incomplete 2^k
    contingency tables. Biometrika 59(3), 591-603. doi:10.1093/biomet/59.3.591

    Cormack, R. M. (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics
    48(2), 567-576.

    Chan, L., Silverman, B. W. and Vincent, K. (2021). Multiple systems estimation for sparse capture data.
    Journal of the American Statistical Association 116(535), 1297-1306. doi:10.1080/01621459.2019.1708748

    Silverman, B. W., Chan, L. and Vincent, K. (2024). Bootstrapping multiple systems estimates to account for
    model selection. Statistics and Computing 34, 44. doi:10.1007/s11222-023-10346-9

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> loglinear(histories, model="[12,3]")
    Estimate(356.6 persons, 95% interval 260 to 529.5; loglinear [12,3])
    """
    if histories.n_lists < 2:
        raise NoEstimate(f"there is one list ({histories.lists[0]}), and one list cannot tell whom it misses",
                         "a second list of the same population whose records can be linked")
    if covariates:
        return covariate_model(histories, covariates=covariates, model=model, selection=selection,
                               max_order=max_order, interval=interval or "log-normal", resampling=resampling,
                               replicates=replicates, n_jobs=n_jobs, confidence_level=confidence_level,
                               rng=rng).total
    if model is None and selection == "average":
        return model_average(histories, max_order=max_order, interval=interval or "unconditional",
                             resampling=resampling, replicates=replicates, n_jobs=n_jobs,
                             confidence_level=confidence_level, rng=rng)
    interval = interval or "profile"
    check_interval(interval, tuple(_INTERVALS), resampling, replicates, confidence_level)
    rule = chooser(histories.lists, model, selection, max_order, threshold)
    cells = histories.dense().astype(float)
    choice = rule.choose(cells)
    if not choice.fits.estimable[0]:
        existence(histories, choice.model).require()
        raise NoEstimate(f"the fit of the model {choice.model.notation} did not converge on this table, "
                         "whose counts differ too much in size", "a model with fewer terms")
    repeated = rule.narrowed(choice) if interval in BOOTSTRAPS else rule
    asked = Asked(histories, cells, choice, repeated, interval, confidence_level, resampling, replicates, n_jobs,
                  np.random.default_rng(rng))
    found = _INTERVALS[interval](asked)
    if rule.chooses and interval not in BOOTSTRAPS:
        found = replace(found, cautions=(*found.cautions, _CONDITIONAL))
    return _estimate(asked, found, rule)


_CONDITIONAL = ("the interval takes the chosen model as if it had been known beforehand and is too narrow: "
                "interval='bca' repeats the choice")


def _estimate(asked: Asked, found: Interval, rule: Chooser) -> Estimate:
    histories, choice = asked.histories, asked.choice
    fits = choice.fits
    cautions = [*table_cautions(histories), *fit_cautions(histories, choice.model, fits), *found.cautions]
    if choice.found is not None:
        search = choice.found.search
        cautions += [*search.cautions,
                     *divergence_caution(choice.found.fits, search.criterion, search.reach)]
    elif choice.table is not None:
        cautions += [*lone_model_caution(choice.table), *divergence_caution(choice.table)]
    chosen = f", chosen by {_SPOKEN[rule.selection]}" if rule.selection else ""
    return Estimate(
        value=float(fits.value[0]), lower=found.lower, upper=found.upper, unit="persons",
        method=f"loglinear {choice.model.notation}{chosen}", confidence_level=asked.confidence_level,
        observed=histories.n_observed, se=float(fits.se[0]), interval=found.described, draws=found.draws,
        diagnostics={**_diagnostics(asked, rule), **found.diagnostics}, cautions=tuple(cautions),
        fingerprint=histories.fingerprint, unbounded=math.isinf(found.upper), simulated=histories.simulated)


_SPOKEN = {"bic": "BIC", "aic": "AIC", "stepwise": "forward steps"}


def _diagnostics(asked: Asked, rule: Chooser) -> dict[str, Any]:
    choice, lists = asked.choice, asked.histories.lists
    fits = choice.fits
    told: dict[str, Any] = {
        "model": choice.model.notation, "model_in_words": choice.model.named(lists),
        "selection": rule.selection or "given", "deviance": float(fits.deviance[0]), "df": int(fits.df[0]),
        "aic": float(fits.aic[0]), "bic": float(fits.bic[0]), "unseen": float(fits.unseen[0]),
        "empty_overlaps": [" and ".join(pair) for pair in asked.histories.empty_overlaps()]}
    if choice.found is not None:
        search = choice.found.search
        lowest, highest, near = spread(choice.found.fits, search.criterion, search.reach)
        told |= {"models_visited": search.visited, "models_with_estimate": search.with_estimate,
                 "models_near_best": near, "least_near_best": lowest, "largest_near_best": highest,
                 "search_certified": search.certified, "branches_closed": search.closed,
                 "no_unvisited_model_below": search.floor}
    elif choice.table is not None:
        lowest, highest, near = spread(choice.table)
        told |= {"models_visited": len(choice.table),
                 "models_with_estimate": int(choice.table.estimable.sum()), "models_near_best": near,
                 "least_near_best": lowest, "largest_near_best": highest}
    if rule.selection == "stepwise":
        told["entered"] = [" x ".join(lists[place] for place in members(term)) for term in choice.entered]
    return told


def _wald(asked: Asked) -> Interval:
    fits = asked.choice.fits
    half = _z(asked.confidence_level) * float(fits.se[0])
    return Interval(float(fits.value[0]) - half, float(fits.value[0]) + half, "Wald")


def _log_normal(asked: Asked) -> Interval:
    fits = asked.choice.fits
    spread_by = math.exp(min(_z(asked.confidence_level) * float(fits.error[0, 0]), 700.0))
    unseen = float(fits.unseen[0])
    return Interval(fits.observed + unseen / spread_by, fits.observed + unseen * spread_by,
                    "log-normal on the unseen")


def _profile(asked: Asked) -> Interval:
    profile = Profile(asked.cells, asked.choice.model)
    found = profile.interval(float(asked.choice.fits.unseen[0]), asked.confidence_level)
    cautions = () if math.isfinite(found.upper) else ("the likelihood sets no upper limit to the population",)
    return Interval(found.lower, found.upper, "multinomial profile likelihood",
                    diagnostics={"multinomial_value": found.value}, cautions=cautions)


def _bootstrap(asked: Asked) -> Interval:
    # The stream's own number goes into the draws' name: draws of one seed are one joint distribution.
    stream = int(asked.rng.integers(2**63))
    rng, fits = np.random.default_rng(stream), asked.choice.fits
    if asked.resampling == "parametric":
        means = fitted_means(fits.theta[0], fits.terms[0], asked.cells.size)
        tables = populations_drawn(means, asked.replicates, rng)
    else:
        tables = people_drawn_anew(asked.cells, asked.replicates, rng)
    name = digest(asked.histories.fingerprint, "loglinear", asked.rule.selection, asked.choice.model.notation,
                  asked.rule.max_order, asked.rule.threshold, asked.resampling, asked.replicates, stream)
    found = bootstrap_interval(
        asked.cells, tables, asked.rule, value=float(fits.value[0]),
        model=asked.choice.model.notation, kind=asked.interval, resampling=asked.resampling,
        confidence_level=asked.confidence_level, n_jobs=asked.n_jobs, joint=name)
    told, described = dict(found.diagnostics), found.described
    if asked.rule.candidates:
        told["models_per_replicate"] = len(asked.rule.candidates)
    if asked.choice.found is not None or (
            asked.choice.table is not None and len(asked.rule.candidates) < len(asked.choice.table)):
        described += f", each choosing among the {len(asked.rule.candidates):,} models best on the table"
    return replace(found, described=described, diagnostics=told)


def _z(confidence_level: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_level / 2)


_INTERVALS: dict[str, Callable[[Asked], Interval]] = {
    "profile": _profile, "log-normal": _log_normal, "wald": _wald, "bootstrap": _bootstrap, "bca": _bootstrap}
