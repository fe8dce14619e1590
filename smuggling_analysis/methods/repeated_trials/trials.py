"""The model of repeated trials in closed form: what the counts and the stated shares imply.

Somebody sets out. An attempt ends in an apprehension, in turning back, or in an entry. Those returned try again unless
they are deterred; those turned back try again unless they give up. `chance` is the chance that somebody who sets out is
apprehended before he enters or gives up; without turning back it is the chance of an apprehension at an attempt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from smuggling_analysis.methods.repeated_trials.counted import Counted


@dataclass(frozen=True)
class Shares:
    """The shares nobody counted, as numbers or (draws,) arrays.

    Parameters
    ----------
    deterrence : float or array
        Of those returned, the share that does not try again.
    recognition : float or array
        Of those apprehended again, the share that is recognised.
    giving_up : float or array
        Of those turned back, the share that does not try again.
    """

    deterrence: Any
    recognition: Any
    giving_up: Any


@dataclass(frozen=True)
class Solution:
    """What the model implies, as numbers or (draws,) arrays.

    Parameters
    ----------
    chance : float or array
        That somebody who sets out is apprehended before he enters or gives up.
    apprehension : float or array
        That an attempt ends in an apprehension.
    attempts, entries, persons : float or array
        Attempts, entries not prevented, and persons who attempted.
    """

    chance: Any
    apprehension: Any
    attempts: Any
    entries: Any
    persons: Any


def added(parts: Sequence[Counted], solutions: Sequence[Solution]) -> Solution:
    """Add up what the model implies of several places; the chance returned is the highest of theirs."""
    if len(solutions) == 1:
        return solutions[0]
    attempts, entries, persons = (sum(getattr(one, name) for one in solutions)
                                  for name in ("attempts", "entries", "persons"))
    # Every place's attempts as its chance at one attempt has them: their scatter in draws is that of the chances.
    tried = sum(part.apprehended / one.apprehension for part, one in zip(parts, solutions, strict=True))
    chance = np.max(np.array([one.chance for one in solutions], dtype=float), axis=0)
    return Solution(chance, sum(part.apprehended for part in parts) / tried, attempts, entries, persons)


def solve(counted: Counted, shares: Shares) -> Solution:
    r"""Return what the counts imply if the shares are these.

    With `R` recognised repeats among `n` trials, `A` apprehensions, `B` turned back, deterrence `d`, recognition `c`
    and `g` giving up: :math:`q = R / \{n c (1 - d)\}`, attempts :math:`A / q + B (1 - g)`, entries
    :math:`A (1 - q) / q - g B`, persons :math:`(A - R / c) / q`. A chance above 1 is returned as it is, for the caller
    to refuse.

    Examples
    --------
    With nobody deterred the apprehension probability is the share of repeats (Massey and Singer 1995), and entries are
    apprehensions divided by the odds of an apprehension (Espenshade 1995):

    >>> found = solve(Counted(1000, 350, 1000, "apprehended", None, None), Shares(0.0, 1.0, 0.0))
    >>> round(found.apprehension, 12), round(found.entries, 6), round(found.persons, 6)
    (0.35, 1857.142857, 1857.142857)
    """
    turned = float(counted.turned_back or 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        trying = counted.trials * np.asarray(shares.recognition, dtype=float) * (1.0 - np.asarray(shares.deterrence))
        chance = counted.repeats / trying
        tries = counted.apprehended / chance
        attempts = tries + turned * (1.0 - np.asarray(shares.giving_up))
        entries = attempts - counted.apprehended - turned
        persons = (counted.apprehended - counted.repeats / np.asarray(shares.recognition, dtype=float)) / chance
    found = (chance, counted.apprehended / attempts, attempts, entries, persons)
    return Solution(*(value if np.ndim(value) else float(value) for value in found))
