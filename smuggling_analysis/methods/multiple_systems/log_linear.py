"""The log-linear estimate of a population from several lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bootstrap import (
    RESAMPLINGS,
    Replicates,
    acceleration,
    bca_draws,
    bca_limits,
    percentile_limits,
    replicate,
)
from smuggling_analysis.methods.multiple_systems.fitting import Floats
from smuggling_analysis.methods.multiple_systems.marginal_cone import existence
from smuggling_analysis.methods.multiple_systems.models import Model, members
from smuggling_analysis.methods.multiple_systems.overlap_cautions import (
    divergence_caution,
    fit_cautions,
    spread,
    table_cautions,
)
from smuggling_analysis.methods.multiple_systems.profile_likelihood import Profile
from smuggling_analysis.methods.multiple_systems.selection import Choice, Chooser, chooser
from smuggling_analysis.methods.multiple_systems.stepwise import THRESHOLD


@dataclass(frozen=True, eq=False)
class Asked:
    """Everything an interval may need: the table, the model, and what the caller wants."""

    histories: CaptureHistories
    cells: Floats
    choice: Choice
    rule: Chooser
    confidence_level: float
    resampling: str
    replicates: int
    n_jobs: int
    rng: np.random.Generator


@dataclass(frozen=True, eq=False)
class Interval:
    """An interval, how it was made, and what there is to say of it."""

    lower: float
    upper: float
    described: str
    draws: Draws | None = None
    diagnostics: dict[str, Any] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()


def loglinear(histories: CaptureHistories, *,
              model: str | Iterable[str | Sequence[str]] | Model | None = None,
              selection: str | None = "bic", max_order: int | None = None, interval: str = "profile",
              resampling: str = "non-parametric", replicates: int = 1000, threshold: float = THRESHOLD,
              n_jobs: int = 1, confidence_level: float = 0.95,
              rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from several lists by a Poisson log-linear model.

    The model is fitted to the counts of every history that can be observed; its intercept is the logarithm of
    the expected number of people on no list.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more; strata are added together.
    model : str, or generators, optional
        The model: "[12,3]", lists numbered from 1 in the order of `histories.lists` ("[1.12,3]" with more
        than nine lists), or groups of names such as `[("police", "ngo"), "court"]`. Every list's own term is
        always in. A model given is fitted as it is and `selection` is not used.
    selection : {"bic", "aic", "stepwise", None}
        How the model is chosen when none is given. "bic" and "aic" visit every hierarchical model: of any
        order up to five lists, of two-list terms with six. "stepwise" adds two-list terms one by one, for any
        number of lists. None takes the lists as independent.
    max_order : int, optional
        The most lists in one term of the models visited.
    interval : {"profile", "log-normal", "wald", "bootstrap", "bca"}
        Multinomial profile likelihood; symmetric on the logarithm of the unseen; symmetric; percentiles of a
        bootstrap that repeats the selection; the same, bias-corrected and accelerated.
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
    _check_options(interval, resampling, replicates, confidence_level)
    rule = chooser(histories.lists, model, selection, max_order, threshold)
    cells = histories.dense().astype(float)
    choice = rule.choose(cells)
    if not choice.fits.estimable[0]:
        existence(histories, choice.model).require()
        raise NoEstimate(f"the fit of the model {choice.model.notation} did not converge on this table, "
                         "whose counts differ too much in size", "a model with fewer terms")
    asked = Asked(histories, cells, choice, rule.narrowed(choice), confidence_level, resampling, replicates,
                  n_jobs, np.random.default_rng(rng))
    found = _INTERVALS[interval](asked)
    if rule.chooses and interval not in _REPEAT_SELECTION:
        found = replace(found, cautions=(*found.cautions, _CONDITIONAL))
    return _estimate(asked, found, rule)


_CONDITIONAL = ("the interval takes the chosen model as if it had been known beforehand and is too narrow: "
                "interval='bca' repeats the choice")


def _check_options(interval: str, resampling: str, replicates: int, confidence_level: float) -> None:
    if interval not in _INTERVALS:
        raise ValueError(f"interval is one of {', '.join(_INTERVALS)}, got {interval!r}")
    if resampling not in RESAMPLINGS:
        raise ValueError(f"resampling is one of {', '.join(RESAMPLINGS)}, got {resampling!r}")
    if not isinstance(replicates, (int, np.integer)) or replicates < 2:
        raise ValueError(f"a bootstrap needs 2 replicates or more, better 1,000; got {replicates}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def _estimate(asked: Asked, found: Interval, rule: Chooser) -> Estimate:
    histories, choice = asked.histories, asked.choice
    fits = choice.fits
    cautions = [*table_cautions(histories), *fit_cautions(histories, choice.model, fits), *found.cautions]
    if choice.table is not None:
        cautions += divergence_caution(choice.table)
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
    if choice.table is not None:
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
    found = replicate(asked.cells, asked.choice, asked.rule, replicates=asked.replicates,
                      resampling=asked.resampling, n_jobs=asked.n_jobs, rng=np.random.default_rng(stream))
    lower, upper = percentile_limits(found.sizes, asked.confidence_level)
    told: dict[str, Any] = {
        "replicates": asked.replicates, "failed_replicates": found.failed, "resampling": asked.resampling,
        "bootstrap_sd": float(found.sizes.std(ddof=1)),
        "same_model_share": found.models[asked.choice.model.notation] / asked.replicates,
        "models_chosen": dict(found.models.most_common(10))}
    if asked.rule.candidates:
        told["models_per_replicate"] = len(asked.rule.candidates)
    name = digest(asked.histories.fingerprint, "loglinear", asked.rule.selection, asked.choice.model.notation,
                  asked.rule.max_order, asked.rule.threshold, asked.resampling, asked.replicates, stream)
    return Interval(lower, upper, _how(asked, "percentile"), Draws.of(found.sizes, name), told,
                    tuple(_bootstrap_cautions(asked, found)))


def _bootstrap_cautions(asked: Asked, found: Replicates) -> Iterator[str]:
    if found.failed:
        yield (f"{found.failed:,} of {asked.replicates:,} bootstrap replicates had no estimate and are left "
               "out")
    if found.failed > _MANY_FAILED * asked.replicates:
        yield ("where a replicate has no estimate the population mostly has no upper limit: the interval leaves "
               "those out and reaches too little upwards")
    # Rounded, because (1 - 0.9) / 2 is a hair below 0.05.
    enough = math.ceil(round(2 * _FEWEST_BEYOND / (1 - asked.confidence_level), 6))
    if found.sizes.size < enough:
        yield (f"{found.sizes.size:,} bootstrap replicates are too few for an interval of "
               f"{100 * asked.confidence_level:g} %: take {enough:,} or more")


def _bca(asked: Asked) -> Interval:
    drawn = _bootstrap(asked)
    assert drawn.draws is not None
    pull = acceleration(asked.cells, asked.rule)
    lower, upper, bias = bca_limits(drawn.draws.values, float(asked.choice.fits.value[0]), pull,
                                    asked.confidence_level)
    draws = replace(drawn.draws, values=bca_draws(drawn.draws.values, bias, pull))
    draws.values.flags.writeable = False
    return replace(drawn, lower=lower, upper=upper, described=_how(asked, "BCa"), draws=draws,
                   diagnostics={**drawn.diagnostics, "acceleration": pull, "bias_correction": bias})


def _how(asked: Asked, kind: str) -> str:
    told = f"{kind} {asked.resampling} bootstrap, {asked.replicates:,} replicates"
    if asked.choice.table is not None and len(asked.rule.candidates) < len(asked.choice.table):
        told += f", each choosing among the {len(asked.rule.candidates):,} models best on the table"
    return told


def _z(confidence_level: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_level / 2)


_INTERVALS: dict[str, Callable[[Asked], Interval]] = {
    "profile": _profile, "log-normal": _log_normal, "wald": _wald, "bootstrap": _bootstrap, "bca": _bca}
_REPEAT_SELECTION = ("bootstrap", "bca")
# Beyond this share of replicates without an estimate the interval understates the upper end.
_MANY_FAILED = 0.05
# The fewest replicates beyond either limit that fix its place.
_FEWEST_BEYOND = 5
