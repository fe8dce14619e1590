"""The mean of all log-linear models' estimates, each weighted by how well its model explains the overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.averaged_models import AveragedModels
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import people_drawn_anew, populations_drawn
from smuggling_analysis.methods.multiple_systems.log_linear.every_fit import fit_every
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import CRITERIA, Floats, fit_terms, fitted_means
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import (
    can_visit_all,
    hierarchical_models,
    resolve_order,
)
from smuggling_analysis.methods.multiple_systems.log_linear.intervals import (
    Interval,
    bootstrap_interval,
    check_interval,
)
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import require_any
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, Models, term_table
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import fit_cautions, table_cautions
from smuggling_analysis.methods.multiple_systems.log_linear.repeated_fits import near_best
from smuggling_analysis.methods.multiple_systems.log_linear.selection import none_fitted
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_factor
from smuggling_analysis.methods.multiple_systems.search.model_search import REACHES, search_table

NEGLIGIBLE = 60.0
"""Points above the best criterion at which a model's weight is below a ten-trillionth of the best's."""
INTERVALS = ("unconditional", "bootstrap", "bca")
# A replicate averages over all models up to this many; over more, only over the best of the original table.
_MOST_PER_REPLICATE, _BEST_PER_REPLICATE = 1024, 500
_DOMINATES, _DISAGREE, _WIDE_SPREAD = 0.95, 0.5, 1.5
_SMALL_WEIGHT, _MUCH_HIGHER, _SOME = 0.05, 1.1, 0.05


@dataclass(frozen=True, eq=False)
class Averager:
    """The rule of averaging, to be applied again to any other table of the same lists.

    Parameters
    ----------
    models : tuple of Model, or Models
        The models averaged.
    criterion : {"bic", "aic"}
        What the weights are made of.
    reach : float
        How far above the best a model may lie, in points of the criterion.
    """

    models: tuple[Model, ...] | Models
    criterion: str
    reach: float

    def sizes(self, tables: Floats) -> tuple[Floats, list[str]]:
        """Return each table's average, NaN where no model has an estimate, and its leading model ("")."""
        found = near_best(tables, self.models, self.criterion, self.reach)
        return found.averaged, [self.models[place].notation if place >= 0 else "" for place in found.best]


@takes_linked_versions
def model_average(histories: CaptureHistories, *, criterion: str = "bic", max_order: int | None = None,
                  reach: float = NEGLIGIBLE, interval: str = "unconditional",
                  resampling: str = "non-parametric", replicates: int = 1000, n_jobs: int = 1,
                  confidence_level: float = 0.95, rng: int | np.random.Generator | None = None) -> Estimate:
    """Average the estimates of every hierarchical log-linear model that has one.

    The value is the weighted mean of the models' populations, as Buckland, Burnham and Augustin (1997) and
    Hook and Regal (1997) take it. It is pulled upwards by the few models that say far more than the others;
    `diagnostics` holds the weighted median and the mean on the logarithmic scale beside it, and a caution
    names a model of little weight that makes much of the mean.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more; strata are added together. With more models than can be visited (six lists with terms
        of three, seven lists) the average is of those that a search finds within 10 points of BIC of the best,
        4 of AIC.
    criterion : {"bic", "aic"}
        A model's weight is proportional to exp(-criterion / 2).
    max_order : int, optional
        The most lists in one term: by default all but one up to five lists, two for six.
    reach : float
        How far above the best a model may lie and still count, in points of the criterion. The default leaves
        out only what cannot matter; 6 keeps the models with a twentieth of the best one's weight or more.
    interval : {"unconditional", "bootstrap", "bca"}
        Log-normal on the unseen, from a standard error that holds the variance within the models and between
        them; percentiles of a bootstrap that repeats fits, weights and mean; the same, bias-corrected and
        accelerated.
    resampling : {"non-parametric", "parametric"}
        Whether the bootstrap draws the people observed anew, or populations from the fitted models, each
        drawn as often as it weighs.
    replicates : int
        Bootstrap replicates, 2 or more.
    n_jobs : int
        Workers of the bootstrap; the result does not depend on it.
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Randomness of the bootstrap.

    Returns
    -------
    Estimate
        In persons, with the unconditional standard error. `diagnostics` holds the weights and values of the
        leading models, the effective number of models, the share of the variance that is between them, and
        between which populations 90 % of the weight lies. A bootstrap gives draws.

    Raises
    ------
    ValueError
        If an option is unknown or there are too many models to visit.
    NoEstimate
        If there are fewer than three lists, no model has an estimate, or fewer than half of the replicates have one.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    under dependence between pairs of lists, also where overlaps are sparse, and misses it where people
    differ much in how easily they are met.

    References
    ----------
    Buckland, S. T., Burnham, K. P. and Augustin, N. H. (1997). Model selection: an integral part of
    inference. Biometrics 53(2), 603-618. doi:10.2307/2533961

    Hook, E. B. and Regal, R. R. (1997). Validity of methods for model selection, weighting for model
    uncertainty, and small sample adjustment in capture-recapture estimation. American Journal of Epidemiology
    145(12), 1138-1144.

    Stanley, T. R. and Burnham, K. P. (1998). Information-theoretic model selection and model averaging for
    closed-population capture-recapture studies. Biometrical Journal 40(4), 475-494.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 5, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> average = model_average(histories)
    >>> average
    Estimate(349.4 persons, 95% interval 273.6 to 475.3; model average of 8 log-linear models by BIC)
    >>> {model: round(weight, 2) for model, weight in list(average.diagnostics["weights"].items())[:2]}
    {'[1,2,3]': 0.79, '[13,2]': 0.07}
    """
    _check(histories, criterion, reach)
    check_interval(interval, INTERVALS, resampling, replicates, confidence_level)
    average = _averaged(histories, criterion, resolve_order(histories.n_lists, max_order), reach)
    fits = average.fits
    if interval == "unconditional":
        found = _unconditional(average, confidence_level)
    else:
        found = _bootstrap(average, histories, interval, resampling, replicates, confidence_level, n_jobs,
                           np.random.default_rng(rng))
    cautions = (*table_cautions(histories), *_cautions(average, confidence_level, histories), *found.cautions)
    return Estimate(
        value=fits.observed + average.mean, lower=found.lower, upper=found.upper, unit="persons",
        method=f"model average of {average.order.size:,} log-linear models by {criterion.upper()}",
        confidence_level=confidence_level, observed=histories.n_observed, se=average.se,
        interval=found.described, draws=found.draws,
        diagnostics={**average.told(), "selection": "average", **found.diagnostics}, cautions=cautions,
        fingerprint=histories.fingerprint, simulated=histories.simulated)


def _check(histories: CaptureHistories, criterion: str, reach: float) -> None:
    if histories.n_lists < 2:
        raise NoEstimate(f"there is one list ({histories.lists[0]}), and one list cannot tell whom it misses",
                         "a second list of the same population whose records can be linked")
    if histories.n_lists == 2:
        raise NoEstimate("with two lists there is one model and nothing to average",
                         "a third list of the same population; or use chapman")
    if criterion not in CRITERIA:
        raise ValueError(f"criterion is one of {', '.join(CRITERIA)}, got {criterion!r}")
    if not reach > 0:
        raise ValueError(f"reach is a number of points of the criterion above 0, got {reach}")


def _averaged(histories: CaptureHistories, criterion: str, order: int, reach: float) -> AveragedModels:
    cells = histories.dense().astype(float)
    require_any(cells, histories.n_lists)
    if can_visit_all(histories.n_lists, order):
        models = hierarchical_models(histories.n_lists, order)
        fits = fit_every(cells, histories.n_lists, order)
        kept = np.argsort(np.where(fits.estimable, getattr(fits, criterion), np.inf), kind="stable")
        best = models if len(models) <= _MOST_PER_REPLICATE else tuple(
            models[place] for place in np.sort(kept[:_BEST_PER_REPLICATE]))
        average = AveragedModels(models, fits, criterion, reach, len(models), int(fits.estimable.sum()), best)
    else:
        found = search_table(cells, histories.n_lists, order, criterion)
        reach = min(reach, REACHES[criterion])
        said = (f"there are too many models to visit: the average is of those within {reach:g} points of the best",
                *found.search.cautions)
        average = AveragedModels(
            found.models(), found.fits, criterion, reach, found.search.visited, found.search.with_estimate,
            found.neighbourhood(_BEST_PER_REPLICATE) if len(found.fits) else (), said)
    if not average.fits.estimable.any():
        raise none_fitted(average.visited)
    return average


def _unconditional(average: AveragedModels, confidence_level: float) -> Interval:
    observed = average.fits.observed
    described = "log-normal on the unseen, unconditional standard error"
    if average.mean <= 0.0:
        return Interval(observed, observed, described)
    spread = float(log_normal_factor(average.se / average.mean, confidence_level))
    return Interval(observed + average.mean / spread, observed + average.mean * spread, described)


def _bootstrap(average: AveragedModels, histories: CaptureHistories, interval: str, resampling: str,
               replicates: int, confidence_level: float, n_jobs: int, rng: np.random.Generator) -> Interval:
    cells = average.fits.cells
    rule = Averager(average.best, average.criterion, average.reach)
    stream = int(rng.integers(2**63))
    draw = _populations if resampling == "parametric" else _people
    name = digest(histories.fingerprint, "model_average", average.criterion, average.reach, resampling,
                  average.visited, replicates, stream)
    found = bootstrap_interval(
        cells, draw(average, replicates, np.random.default_rng(stream)), rule,
        value=average.fits.observed + average.mean, model=average.leading.notation, kind=interval,
        resampling=resampling, confidence_level=confidence_level, n_jobs=n_jobs, joint=name)
    inside = set(average.best)
    weight = float(sum(average.weight[place] for place in average.order if average.models[place] in inside))
    told = {**found.diagnostics, "models_per_replicate": len(rule.models), "weight_per_replicate": min(weight, 1.0)}
    described = found.described
    if len(rule.models) < average.visited:
        described += f", each averaging the {len(rule.models):,} models best on the table"
    return Interval(found.lower, found.upper, described, found.draws, told, found.cautions)


def _people(average: AveragedModels, replicates: int, rng: np.random.Generator) -> Floats:
    return people_drawn_anew(average.fits.cells, replicates, rng)


def _populations(average: AveragedModels, replicates: int, rng: np.random.Generator) -> Floats:
    """Draw populations from the models, each model as often as it weighs."""
    fits = average.fits
    times = rng.multinomial(replicates, average.weight)
    drawn = [populations_drawn(fitted_means(fits.theta[place], fits.terms[place], fits.cells.size),
                               times[place], rng) for place in np.flatnonzero(times)]
    return np.concatenate(drawn)


def _cautions(average: AveragedModels, confidence_level: float, histories: CaptureHistories) -> Iterator[str]:
    fits, first = average.fits, average.order[0]
    yield from average.cautions
    missing = average.visited - average.with_estimate
    if missing:
        yield (f"{missing:,} of {average.visited:,} models have no estimate on this table and are left out "
               "of the average")
    if average.order.size == 1:
        yield "only one model has an estimate and weight: nothing is averaged"
    elif average.weight[first] >= _DOMINATES:
        yield (f"one model, {average.leading.notation}, holds {_percent(average.weight[first])} of the weight: "
               "the average is nearly its estimate alone")
    yield from _disagreement(average, confidence_level)
    if average.wide >= _SOME:
        yield (f"models with {_percent(average.wide)} of the weight have a standard error larger than the "
               "unseen they estimate: their upper end is open, and the average's nearly so")
    if average.boundary >= _SOME:
        yield (f"models with {_percent(average.boundary)} of the weight lie on the boundary: they take it "
               "that nobody at all can be on some lists together")
    alone = fit_terms(fits.cells, term_table([average.leading]))
    yield from (f"the leading model, {average.leading.notation}: {caution}"
                for caution in fit_cautions(histories, average.leading, alone))


def _disagreement(average: AveragedModels, confidence_level: float) -> Iterator[str]:
    low, high, _ = average.central
    value, apart = average.fits.observed + average.mean, average.excluding_mean(confidence_level)
    if apart >= _DISAGREE:
        yield (f"the average of {value:,.0f} lies between different answers: models with {_percent(apart)} of "
               "the weight leave it out of their own interval")
    if high >= _WIDE_SPREAD * low:
        yield (f"the choice of model decides much: the central 90 % of the weight lies on models from "
               f"{low:,.0f} to {high:,.0f}")
    part = np.where(average.weight < _SMALL_WEIGHT, average.weight * average.unseen, 0.0)
    most = int(part.argmax())
    if part[most] > 0.0 and value > _MUCH_HIGHER * average.without(most):
        yield (f"the model {average.models[most].notation}, with {_percent(average.weight[most])} of the weight, "
               f"makes {_percent(part[most] / average.mean)} of the unseen: without it the average is "
               f"{average.without(most):,.0f}")


def _percent(share: float) -> str:
    if share > 0.99:
        return "over 99 %"
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1g} %"
