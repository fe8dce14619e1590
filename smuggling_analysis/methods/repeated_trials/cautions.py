"""What a reader must know beside a number from repeated trials."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from smuggling_analysis import numerals
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials.counted import Counted
from smuggling_analysis.methods.repeated_trials.posterior import COUNTS, Posterior
from smuggling_analysis.methods.repeated_trials.quantities import Quantity
from smuggling_analysis.methods.repeated_trials.unstated import ALL_RECOGNISED, NOT_ASKED, UNKNOWN_GIVING_UP

DOMINANT = 0.5
"""A prior that makes more of the interval's width than this is told of; whether it decides the number the gate says."""

FEW_REPEATS = 10
_MANY_IMPOSSIBLE = 0.05
_RARE = 0.001
_LEAST_EXPECTED = 5.0
_STANDARD_ERRORS = 3.3
_SPOKEN = {"deterrence": "the share deterred", "recognition": "the share recognised when apprehended again",
           "giving_up": "the share of those turned back that gives up"}


def of_quantity(posterior: Posterior, quantity: Quantity, widths: Mapping[str, float],
                confidence_level: float) -> Iterator[str]:
    """Yield what is to be said of one number: which prior makes most of its interval, and what its ends would give."""
    for name, share in widths.items():
        if name != COUNTS and share > DOMINANT:
            ends = posterior.at_ends(quantity, name, confidence_level)
            told = " and ".join(
                f"{numerals.quantity(value, quantity.unit, digits=3)} with {numerals.percent(end)}"
                for end, value in ends)
            said = getattr(posterior.priors, name).said
            yield (f"the prior makes most of the interval: without {_SPOKEN[name]} ({said}) in doubt it would be "
                   f"{numerals.percent(share)} narrower; the number is {told}")


def of_model(encounters: Encounters, posterior: Posterior) -> Iterator[str]:
    """Yield what is to be said of every number from these counts and priors."""
    counted = posterior.counted
    yield from _taken_as_known(posterior)
    if posterior.impossible > _MANY_IMPOSSIBLE:
        yield (f"{numerals.percent(posterior.impossible)} of the draws of the stated shares contradict the counts and "
               "are left out")
    if counted.repeats < FEW_REPEATS:
        yield f"rests on {counted.repeats} repeat apprehension{'s' * (counted.repeats != 1)}"
    if counted.basis == "apprehended":
        yield "how many were returned is not recorded: everybody apprehended is taken to have been free to try again"
    if len(posterior.parts) == 1 and (chance := _unlike_rows(encounters, counted)) is not None:
        yield (f"the share apprehended again differs between the rows (chance of such a difference {chance:.1g}): "
               "estimate places one by one (by_place) or periods")
    if (again := unlike_persons(encounters)) is not None:
        why = ("some are easier to apprehend or give up less easily than others, and then more people passed unseen "
               "than the model says") if again[1] > again[0] else "every further apprehension deters more"
        yield (f"of persons apprehended once {numerals.percent(again[0])} were apprehended again, of those apprehended "
               f"more often {numerals.percent(again[1])}, which is beyond chance: {why}")


def _taken_as_known(posterior: Posterior) -> Iterator[str]:
    """Say which shares are taken to be one number, and that nobody stated how many of those turned back give up."""
    for name, spoken in _SPOKEN.items():
        prior = getattr(posterior.priors, name)
        if prior.known and prior not in (ALL_RECOGNISED, *NOT_ASKED):
            yield f"{spoken} is taken to be {prior.said}: the interval leaves out that nobody counted it"
    if posterior.priors.giving_up == UNKNOWN_GIVING_UP:
        yield f"{_SPOKEN['giving_up']} is not stated: anything from none to all is taken to be as plausible"


def _unlike_rows(encounters: Encounters, counted: Counted) -> float | None:
    """Return the chance of rows as different as these if all had one share apprehended again, where it is small."""
    trials, repeats = getattr(encounters, counted.basis), encounters.repeats
    assert repeats is not None
    trials, repeats = trials[trials > 0].astype(float), repeats[trials > 0].astype(float)
    share = repeats.sum() / trials.sum()
    expected = trials * share
    if trials.size < 2 or min(expected.min(), (trials - expected).min()) < _LEAST_EXPECTED:
        return None
    from scipy.special import chdtrc

    statistic = float(((repeats - expected) ** 2 / (expected * (1 - share))).sum())
    chance = float(chdtrc(trials.size - 1, statistic))
    return chance if chance < _RARE else None


def unlike_persons(encounters: Encounters) -> tuple[float, float] | None:
    """Return the shares apprehended again after once and after more often, where they differ beyond chance.

    With one chance for everybody, persons apprehended once and persons apprehended more often are apprehended again
    equally often: two binomial samples of one share.
    """
    again, repeats = encounters.total("recidivists"), encounters.total("repeats")
    first = encounters.total("first_time")
    if again is None or repeats is None or first is None or not 0 < again <= first or not repeats:
        return None
    shares = (again / first, (repeats - again) / repeats)
    whole = repeats / (first + repeats)
    spread = math.sqrt(max(whole * (1 - whole) * (1 / first + 1 / repeats), np.finfo(float).tiny))
    return shares if abs(shares[1] - shares[0]) > _STANDARD_ERRORS * spread else None
