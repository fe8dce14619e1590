"""Draws of what repeated trials imply: of the shares nobody counted, and of the chance in what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.methods.repeated_trials.counted import Counted
from smuggling_analysis.methods.repeated_trials.trials import Shares, Solution, added

Floats = NDArray[np.float64]

# Beyond this the Poisson generator has no room, and its scatter would be less than a part in ten million.
_LARGEST_MEAN = 1e15


@dataclass(frozen=True)
class Drawn:
    """Draws of the model.

    Parameters
    ----------
    possible : (draws,) array of bool
        Whether the shares drawn agree with the counts: a chance of at most 1, a first apprehension, and no fewer
        entries than were seen.
    solution : Solution
        The draws, of which only the possible ones mean anything.
    """

    possible: NDArray[np.bool_]
    solution: Solution


def draw_all(parts: Sequence[Counted], shares: Shares, seed: int) -> Drawn:
    """Draw several places, all with the same draws of the shares, and add them up; one place as `draw` does."""
    if len(parts) == 1:
        return draw(parts[0], shares, seed)
    drawn = [draw(part, shares, [seed, place]) for place, part in enumerate(parts)]
    possible = np.logical_and.reduce([one.possible for one in drawn])
    return Drawn(possible, added(parts, [one.solution for one in drawn]))


def draw(counted: Counted, shares: Shares, seed: int | list[int]) -> Drawn:
    """Draw what happened, given the counts and draws of the shares.

    The share of trials that ended in a recognised repeat has a Jeffreys prior. Given it, what was not seen is drawn as
    the model has it: repeats not recognised, people who entered without ever being apprehended (negative binomial),
    people who entered after a return and people who gave up (binomial). With the shares exact, the intervals are those
    of the counts alone.

    Parameters
    ----------
    counted : Counted
    shares : Shares
        (draws,) arrays.
    seed : int, or list of int
        Of the chance in the counts.
    """
    size = np.shape(shares.deterrence)
    with_repeats, missing, unseen, later, gone, turning = np.random.default_rng(seed).spawn(6)
    turned, trials = counted.turned_back or 0, counted.trials
    again = with_repeats.beta(counted.repeats + 0.5, trials - counted.repeats + 0.5, size)
    trying = 1.0 - shares.deterrence
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = again / (shares.recognition * trying)
    possible = np.isfinite(chance) & (chance > 0.0) & (chance <= 1.0)
    chance = np.where(possible, chance, 1.0)
    missed = missing.binomial(trials - counted.repeats,
                              _given_not(trying * chance * (1.0 - shares.recognition),
                                         trying * chance * shares.recognition))
    first = counted.apprehended - counted.repeats - missed
    possible &= first > 0
    never = failures_before(np.maximum(first, 1).astype(float), chance, unseen)
    after = later.binomial(trials - counted.repeats - missed, _given_not(trying * (1.0 - chance), trying * chance))
    quit_after_turning = gone.binomial(turned, np.broadcast_to(shares.giving_up, size))
    entries = never + after - quit_after_turning
    possible &= entries >= (counted.got_away or 0)
    attempts = counted.apprehended + turned + entries
    apprehension = _per_attempt(counted, chance, shares, turning)
    return Drawn(possible, Solution(chance, apprehension, attempts, entries, first + never))


def _given_not(event: Floats, other: Floats) -> Floats:
    """Return the chance of an event among those to whom another did not happen."""
    left = np.maximum(1.0 - other, np.finfo(float).tiny)
    return np.clip(event / left, 0.0, 1.0)


def failures_before(successes: Floats, chance: Floats, rng: np.random.Generator) -> Floats:
    """Draw how often it failed before so many successes: negative binomial, as a Poisson mixture; (draws,) arrays."""
    means = rng.gamma(successes, (1.0 - chance) / chance)
    return np.where(means < _LARGEST_MEAN, rng.poisson(np.minimum(means, _LARGEST_MEAN)), means)


def _per_attempt(counted: Counted, chance: Floats, shares: Shares, rng: np.random.Generator) -> Floats:
    """Return the chance of an apprehension at one attempt: some of those who set out were turned back first."""
    if not counted.turned_back:
        return chance
    turned = rng.beta(counted.turned_back + 0.5, counted.apprehended + 0.5, chance.shape)
    odds = turned / (1.0 - turned)
    return chance / (1.0 + chance * odds * (1.0 - shares.giving_up))
