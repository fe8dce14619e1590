"""A population that people join and leave, from several lists in each period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.closed.heterogeneity import FORMS, form_and_theta
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.open.capture_paths import Integers
from smuggling_analysis.methods.multiple_systems.open.checks import emigration_rivals
from smuggling_analysis.methods.multiple_systems.open.fitting import Cells, maximise
from smuggling_analysis.methods.multiple_systems.open.models import assemble
from smuggling_analysis.methods.multiple_systems.open.outcome import outcome
from smuggling_analysis.methods.multiple_systems.open.period_blocks import (
    HETEROGENEITIES,
    MODELS,
    MOST_HISTORIES,
    Block,
    block,
)
from smuggling_analysis.methods.multiple_systems.open.period_lists import PeriodLists, collapsed, grouped
from smuggling_analysis.methods.multiple_systems.open.results import OpenPopulation

RESPONSES = ("histories", "captures")
Periods = Mapping[str, Sequence[str]] | Sequence[int] | None


@takes_linked_versions
def robust_design(histories: CaptureHistories, *, periods: Periods = None,
                  models: str | Mapping[str, str] | Sequence[str] = "Mt",
                  heterogeneity: str | Mapping[str, str] = "chao",
                  theta: float | Mapping[str, float] | None = None, response: str = "histories",
                  confidence_level: float = 0.95) -> Estimate:
    """Estimate everybody who was ever in a population from several lists in each of several periods.

    `robust_design_fit`, with the same options, gives abundance, survival and arrivals by period beside this
    total.

    Parameters
    ----------
    histories, periods, models, heterogeneity, theta, response, confidence_level
        As in `robust_design_fit`.

    Returns
    -------
    Estimate
        In persons, with log-normal limits on the unseen. `diagnostics` holds the numbers by period.

    Raises
    ------
    ValueError, NoEstimate
        As `robust_design_fit`.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval misses the truth
    where lists depend on one another or people differ in how easily they are met.

    Examples
    --------
    >>> from smuggling_analysis.simulate import open_lists
    >>> lists = {"2019": {"police": 0.4, "ngo": 0.3}, "2020": {"police": 0.3, "ngo": 0.3}}
    >>> register = open_lists([800, 300], [0.6], lists, rng=1)
    >>> register.histories.lists
    ('police 2019', 'ngo 2019', 'police 2020', 'ngo 2020')
    >>> robust_design(register.histories).unit
    'persons'
    """
    return robust_design_fit(histories, periods=periods, models=models, heterogeneity=heterogeneity,
                             theta=theta, response=response, confidence_level=confidence_level).total


def robust_design_fit(histories: CaptureHistories, *, periods: Periods = None,
                      models: str | Mapping[str, str] | Sequence[str] = "Mt",
                      heterogeneity: str | Mapping[str, str] = "chao",
                      theta: float | Mapping[str, float] | None = None, response: str = "histories",
                      confidence_level: float = 0.95) -> OpenPopulation:
    """Estimate abundance, survival and arrivals by period from several lists in each period.

    Within a period the population is taken as closed and the lists tell the share that was seen; between
    periods people come and stay as in `open_population_fit` (Pollock's robust design as a log-linear model).
    Numbers of the first and the last period can then be told too.

    Parameters
    ----------
    histories : CaptureHistories
        Lists in any number: only histories that occur are held. Strata are added together.
    periods : mapping of str to lists, or numbers of lists, optional
        `{"2019": ["police 2019", "ngo 2019"], ...}` in time order, or how many of the lists in their order
        belong to each period. By default the period each list's name begins or ends with.
    models : str, mapping by period, or sequence
        The model within a period: "M0" (all lists alike), "Mt" (lists differ), "Mh" (people differ), "Mth"
        (both), or "none" (only whether a person was seen). A period of one list has "none".
    heterogeneity : {"chao", "poisson", "darroch", "gamma"}, or mapping by period
        How people differ in "Mh" and "Mth"; Chao's is a lower bound.
    theta : float, or mapping by period, optional
        The parameter of "poisson" (by default 2) and "gamma" (3.5).
    response : {"histories", "captures"}
        Whether a person's history within a period is who saw them, or on how many lists they were; the latter
        for "none", "M0" and "Mh" with many lists in a period.
    confidence_level : float
        Level of all intervals.

    Returns
    -------
    OpenPopulation
        Its `fit` tests for temporary emigration where three periods or more allow it.

    Raises
    ------
    ValueError
        If an option is unknown, or the periods do not hold every list once.
    NoEstimate
        If there is one period only, nobody was seen in one, or too few were seen twice.

    References
    ----------
    Rivest, L.-P. and Daigle, G. (2004). Loglinear models for the robust design in mark-recapture experiments.
    Biometrics 60, 100-107.

    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal of
    Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> from smuggling_analysis.simulate import open_lists
    >>> lists = {year: {"police": 0.4, "ngo": 0.3, "court": 0.2} for year in ("2019", "2020", "2021")}
    >>> register = open_lists([800, 300, 300], [0.6, 0.6], lists, rng=1)
    >>> found = robust_design_fit(register.histories, models="Mt")
    >>> bool(abs(found.abundance.estimate["2019"] - 800) < 200)
    True
    """
    by_period = grouped(histories, periods)
    if response not in RESPONSES:
        raise ValueError(f"response is one of {', '.join(RESPONSES)}, got {response!r}")
    if len(by_period.labels) < 2:
        raise NoEstimate("there is one period only, and nobody can be seen to come or leave",
                         "the same lists over two periods or more; for one period, closed_population")
    by_captures = response == "captures"
    states = by_period.states(histories, by_captures)
    by_period.require_people(states, histories.totals)
    blocks = _blocks(by_period, states, histories.totals, models, heterogeneity, theta, by_captures)
    if len(blocks) == 2 and not (blocks[0].located and blocks[1].located):
        raise NoEstimate("two periods of which one has no model cannot tell people who leave from people missed",
                         "two lists or more in each period, or more periods")
    cells = collapsed(states, histories.totals)
    nothing = Cells(np.zeros((0, len(blocks)), dtype=np.int64), np.zeros(0))
    fit = maximise(assemble(blocks), cells, nothing)
    rivals = emigration_rivals(fit, by_period.labels)
    return outcome(histories, by_period, fit, rivals, method="robust_design",
                   confidence_level=confidence_level, also=_unlinked(histories, by_period, blocks))


def _unlinked(histories: CaptureHistories, periods: PeriodLists, blocks: Sequence[Block]) -> list[str]:
    """Say where the lists of a period share nobody: its own lists then tell nothing of how many they miss."""
    captures = periods.states(histories, by_captures=True)
    twice = histories.totals @ (captures > 1)
    return [f"nobody is on two lists in {label}: the number there rests on who was seen in other periods"
            for label, number, block in zip(periods.labels, twice, blocks, strict=True)
            if block.located and number == 0]


def _blocks(periods: PeriodLists, states: Integers, totals: Integers,
            models: str | Mapping[str, str] | Sequence[str], heterogeneity: str | Mapping[str, str],
            theta: float | Mapping[str, float] | None, by_captures: bool) -> list[Block]:
    if not isinstance(models, (str, Mapping)):
        if len(models) != len(periods.labels):
            raise ValueError(f"{len(models)} models are given for {len(periods.labels)} periods")
        models = dict(zip(periods.labels, models, strict=True))
    made = []
    for place, (label, lists) in enumerate(zip(periods.labels, periods.lists, strict=True)):
        model = _chosen(models, label, "models")
        kind = _chosen(heterogeneity, label, "heterogeneity")
        _check(model, kind, label, by_captures)
        asked = _chosen(theta, label, "theta") if FORMS[kind].default_theta is not None else None
        _, number = form_and_theta(kind, asked)
        model = "none" if len(lists) == 1 else model
        if not by_captures and 1 << len(lists) > MOST_HISTORIES:
            raise ValueError(f"{len(lists)} lists in {label} have {2**len(lists):,} histories: "
                             "response='captures' counts on how many of them people were")
        size = len(lists) if by_captures else (1 << len(lists)) - 1
        counts = np.bincount(states[:, place], weights=totals, minlength=size + 1)[1:].astype(float)
        made.append(block(model, len(lists), counts, by_captures=by_captures, heterogeneity=kind,
                          theta=number, outer=place in (0, len(periods.labels) - 1)))
    return made


def _chosen(given, label: str, option: str):  # type: ignore[no-untyped-def]
    if not isinstance(given, Mapping):
        return given
    if label not in given:
        raise ValueError(f"{option} says nothing of the period {label}")
    return given[label]


def _check(model: str, kind: str, label: str, by_captures: bool) -> None:
    if model not in MODELS:
        raise ValueError(f"the model of {label} is one of {', '.join(MODELS)}, got {model!r}")
    if by_captures and model in ("Mt", "Mth"):
        raise ValueError(f"the model {model} of {label} tells the lists apart, which response='captures' does "
                         "not: use 'histories', or M0 or Mh")
    if kind not in HETEROGENEITIES:
        raise ValueError(f"the heterogeneity of {label} is one of {', '.join(HETEROGENEITIES)}, got {kind!r}")
