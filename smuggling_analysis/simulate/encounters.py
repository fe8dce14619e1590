"""A border of known flow: people who attempt to enter until they do, or give up, and what the guard counts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.evidence.encounters import Encounters

_MOST_ROUNDS = 100_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Border:
    """What was counted at a border, and what there was to count.

    Parameters
    ----------
    encounters : Encounters
        What the guard counted, marked as simulated.
    persons : int
        People who attempted to enter.
    attempts : int
        Their attempts, however they ended.
    entries : int
        Attempts that succeeded, seen or not.
    deterred : int
        People who gave up after a return, or were not returned.
    gave_up : int
        People who gave up after being turned back.
    apprehended_persons : int
        People apprehended once or more.
    apprehension : float
        The chance that an attempt ended in an apprehension, over all attempts.
    """

    encounters: Encounters
    persons: int
    attempts: int
    entries: int
    deterred: int
    gave_up: int
    apprehended_persons: int
    apprehension: float


def border(sizes: Mapping[str, int], apprehension: Mapping[str, float], *, turned_back: float = 0.0,
           deterrence: float = 0.0, giving_up: float = 0.0, returned: float = 1.0, recognition: float = 1.0,
           detection: float = 0.5, followed_up: bool = False, place: str = "simulated border", period: str = "2000",
           rng: int | np.random.Generator | None = None) -> Border:
    """Simulate a border over one period.

    Each attempt ends in an apprehension, in turning back, or in an entry. Those apprehended and returned try again
    unless deterred, those turned back unless they give up. The groups differ in how easily they are apprehended, which
    the guard does not see.

    Parameters
    ----------
    sizes : mapping
        People of each group who attempt to enter: the truth to be estimated is their sum.
    apprehension : mapping
        The chance that an attempt of a person of the group ends in an apprehension.
    turned_back : float
        The chance that an attempt ends in turning back.
    deterrence, giving_up : float
        Of those returned, and of those turned back, the share that does not try again.
    returned : float
        Of those apprehended, the share that is returned; the others cannot try again.
    recognition : float
        Of those apprehended again, the share that is recognised; the others count as first apprehensions.
    detection : float
        Of the entries, the share that is seen: known got-aways.
    followed_up : bool
        Whether it becomes known who of those returned tried again.
    place, period : str
        Where and when the guard counted.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Border

    Raises
    ------
    ValueError
        If the groups differ, a share is none, or people would try for ever.
    BadInput
        If nothing was seen.

    Examples
    --------
    >>> made = border({"all": 100_000}, {"all": 0.35}, deterrence=0.4, rng=1)
    >>> made.persons == made.entries + made.deterred, made.encounters.simulated
    (True, True)
    """
    shares = {"turned_back": turned_back, "deterrence": deterrence, "giving_up": giving_up, "returned": returned,
              "recognition": recognition, "detection": detection}
    _check(sizes, apprehension, shares)
    rng = np.random.default_rng(rng)
    total = np.zeros(_COUNTED, dtype=np.int64)
    for group, size in sizes.items():
        total += _followed(int(size), apprehension[group], shares, rng)
    apprehended, turned, entries, quits, put_back, retried, repeats, persons_once, persons_again = total.tolist()
    recognised = int(rng.binomial(repeats, recognition))
    table = pd.DataFrame({
        "place": [place], "period": [period], "apprehended": [apprehended], "repeats": [recognised],
        "returned": [put_back], "turned_back": [turned], "got_away": [int(rng.binomial(entries, detection))]})
    if followed_up:
        table["retried"] = retried
    if recognition == 1.0:
        table["recidivists"] = persons_again
    people = int(sum(sizes.values()))
    attempts = apprehended + turned + entries
    return Border(encounters=Encounters.from_table(table, simulated=True), persons=people, attempts=attempts,
                  entries=entries, deterred=people - entries - quits, gave_up=quits, apprehended_persons=persons_once,
                  apprehension=apprehended / attempts if attempts else 0.0)


_COUNTED = 9


def _followed(size: int, chance: float, shares: Mapping[str, float], rng: np.random.Generator) -> NDArray[np.int64]:
    """Follow one group to the end.

    Returns
    -------
    (9,) array: apprehended, turned back, entered, gave up after turning back, returned, tried again after a return,
    repeat apprehensions, persons apprehended once or more, persons apprehended twice or more.
    """
    ends = [chance, shares["turned_back"], max(0.0, 1.0 - chance - shares["turned_back"])]
    trying = np.array([size, 0, 0], dtype=np.int64)
    total = np.zeros(_COUNTED, dtype=np.int64)
    for _ in range(_MOST_ROUNDS):
        if not trying.any():
            return total
        outcome = np.array([rng.multinomial(number, ends) for number in trying])
        caught, turned, entered = outcome.T
        put_back = rng.binomial(caught, shares["returned"])
        again = rng.binomial(put_back, 1.0 - shares["deterrence"])
        quits = rng.binomial(turned, shares["giving_up"])
        total += np.array([caught.sum(), turned.sum(), entered.sum(), quits.sum(), put_back.sum(), again.sum(),
                           caught[1:].sum(), caught[0], caught[1]])
        trying = turned - quits + np.array([0, again[0], again[1] + again[2]])
    raise ValueError("people would try for ever: let more of them enter, be deterred or give up")


def _check(sizes: Mapping[str, int], apprehension: Mapping[str, float], shares: Mapping[str, float]) -> None:
    if not sizes or sizes.keys() != apprehension.keys():
        raise ValueError(f"sizes are of {', '.join(sizes) or 'nobody'}, chances of {', '.join(apprehension)}: name the "
                         "same groups in both")
    if wrong := [name for name, share in shares.items() if not 0 <= share <= 1]:
        raise ValueError(f"{', '.join(wrong)}: a share lies between 0 and 1")
    for group, size in sizes.items():
        if size < 0 or size != int(size):
            raise ValueError(f"sizes are whole numbers of people, not so: {group}")
        if not 0 <= apprehension[group] <= 1 - shares["turned_back"]:
            raise ValueError(f"{group}: apprehended and turned back are shares of the attempts, together 1 at most")
