"""When an open-population model gives no estimate, and what a reader must know of one it gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.open.capture_paths import Floats
from smuggling_analysis.methods.multiple_systems.open.checks import (
    EMIGRATION,
    EMIGRATIONS,
    PASSERS_BY,
    TRAP,
    TRAPS,
    Rival,
)
from smuggling_analysis.methods.multiple_systems.open.fitting import OpenFit
from smuggling_analysis.methods.multiple_systems.open.parameters import Demography
from smuggling_analysis.methods.multiple_systems.open.period_lists import PeriodLists

# Fewer than this share of those present were seen, or missed: the likelihood has no maximum short of none.
_NONE = 1e-7
_UNLIKELY = 0.01
# The deviance follows its law where the histories have this many people on average.
_PEOPLE_PER_HISTORY = 5.0


def require_estimate(fit: OpenFit, found: Demography, labels: Sequence[str]) -> None:
    """Refuse where the fit is no maximum, or the total cannot be told from it."""
    if not fit.converged or not np.isfinite(found.value).all():
        raise NoEstimate("the open-population model did not converge on these histories",
                         "more people seen in two periods or more, or fewer and longer periods")
    if not found.told[-1]:
        raise NoEstimate("these histories cannot tell how many people were never seen",
                         "more lists in a period, fewer histories left out, or a model with fewer parameters")
    known = found.value[found.capture] < _NONE
    known &= [block.columns.shape[1] > 0 for block in fit.model.blocks]
    if known.any():
        raise NoEstimate(f"nobody, or hardly anybody, seen at other times was seen again in "
                         f"{', '.join(np.array(labels)[known])}, so the share seen there cannot be told from "
                         "none", "more people seen twice, or longer periods")


def cautions(fit: OpenFit, found: Demography, periods: PeriodLists, rivals: Sequence[Rival],
             left_out: int | None) -> Iterator[str]:
    """Say what a reader must know: `left_out` is the people out of the fit, None where nothing is."""
    labels = periods.labels
    yield from _ends(fit, labels)
    yield from _held(fit, found, periods)
    untold = found.told[found.abundance] == 0
    outer = [not fit.model.blocks[0].located, *[False] * (len(labels) - 2), not fit.model.blocks[-1].located]
    if (untold & ~np.array(outer)).any():
        yield (f"the histories cannot tell how many were present in "
               f"{', '.join(np.array(labels)[untold & ~np.array(outer)])}")
    if left_out is not None:
        yield (f"{left_out:,} people whose histories were left out of the fit are in the total as seen; those "
               "of them who were never seen are not")
    yield from _tests(fit, rivals)
    if found.se[-1] > found.value[-1] / 2:
        yield "the counts hardly limit the total: its standard error is more than half of it"


def _ends(fit: OpenFit, labels: Sequence[str]) -> Iterator[str]:
    first, last = fit.model.blocks[0].located, fit.model.blocks[-1].located
    if not first and not last:
        yield (f"what share was seen in {labels[0]} and in {labels[-1]} cannot be told: the total is of people "
               f"present {_span(labels[1:-1])} or seen in {labels[0]} or {labels[-1]}")
    elif not first or not last:
        one, present = (labels[0], labels[1:]) if not first else (labels[-1], labels[:-1])
        yield (f"what share was seen in {one} cannot be told: the total is of people present {_span(present)} "
               f"or seen in {one}")


def _span(labels: Sequence[str]) -> str:
    return f"in {labels[0]}" if len(labels) == 1 else f"from {labels[0]} to {labels[-1]}"


def _held(fit: OpenFit, found: Demography, periods: PeriodLists) -> Iterator[str]:
    labels, count = periods.labels, len(periods.labels)
    zero = fit.at_zero
    for place in np.flatnonzero(zero[1:count]):
        yield (f"between {labels[place]} and {labels[place + 1]} the counts would have fewer than nobody "
               "arrive: arrivals there are held at none")
    for place in np.flatnonzero(zero[count:2 * count - 1]):
        yield (f"between {labels[count - 2 - place]} and {labels[count - 1 - place]} the counts would have "
               "more than everybody stay: staying there is held at everybody")
    seen_all = (1 - found.value[found.capture] < _NONE) & found.told[found.capture]
    if seen_all.any():
        yield (f"everybody present in {', '.join(np.array(labels)[seen_all])} was seen there so far as the "
               "counts tell; the standard errors take that as certain")
    for block, columns, lists in zip(fit.model.blocks, fit.model.places, periods.lists, strict=True):
        for name, column in zip(block.names, columns, strict=True):
            number = name.removeprefix("beta")
            if number.isdigit() and not fit.free[column] and fit.theta[column] == fit.model.lower[column]:
                yield f"nobody is on the list {lists[int(number) - 1]}"


def _tests(fit: OpenFit, rivals: Sequence[Rival]) -> Iterator[str]:
    from scipy.special import chdtrc

    told = {rival.name: rival.test(fit)[2] for rival in rivals}
    for names, sentence in ((_TRAP_TESTS, _TRAPPED), (_PASSING_TESTS, _PASSING), (_EMIGRATION_TESTS, _AWAY)):
        p_values = [told[name] for name in names if told.get(name, 1.0) < _UNLIKELY]
        if p_values:
            yield sentence.format(p_value=min(p_values))
    counts: Floats = fit.cells.counts
    histories = fit.df + int((~fit.at_zero).sum())
    if fit.df > 0 and counts.sum() >= _PEOPLE_PER_HISTORY * histories:
        p_value = float(chdtrc(fit.df, fit.deviance))
        if p_value < _UNLIKELY:
            yield (f"the model does not fit the histories (deviance {fit.deviance:,.1f} on {fit.df} degrees of "
                   f"freedom, p = {p_value:.1g}): the standard errors are too small, the numbers may be biased")


_TRAP_TESTS, _PASSING_TESTS, _EMIGRATION_TESTS = (TRAP, TRAPS), (PASSERS_BY,), (EMIGRATION, EMIGRATIONS)
_TRAPPED = ("whether people were seen in a period depends on whether they were seen in the one before "
            "(p = {p_value:.1g}): abundance and arrivals take it that it does not")
_PASSING = ("people seen in one period only do not fit the others' pattern (p = {p_value:.1g}): some may have "
            "been passing by; excluded='seen once' fits those who stayed")
_AWAY = ("the share missed in a period is not what its own lists tell (p = {p_value:.1g}): people may have been "
         "away for a time, or the period's model may be wrong")
