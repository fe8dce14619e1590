"""A register, or several lists, over periods in which people come and leave, of a population of known size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.problems import BadInput, Problem


@dataclass(frozen=True, eq=False)
class OpenRegister:
    """What was seen of a population that people join and leave, and what there was to see.

    Parameters
    ----------
    histories : CaptureHistories
        The lists in time order, marked as simulated.
    periods : tuple of str
    present : (periods,) array of int
        People in the population in each period.
    arrived : (periods - 1,) array of int
        People who came between two periods.
    stayed : (periods - 1,) array of float
        The share of those present who were still there in the next period.
    total : int
        Everybody who was ever there.
    between : int
        Those of them who were there between the first and the last period, or seen in one of these.
    """

    histories: CaptureHistories
    periods: tuple[str, ...]
    present: NDArray[np.int64]
    arrived: NDArray[np.int64]
    stayed: NDArray[np.float64]
    total: int
    between: int


def open_lists(arrivals: Sequence[int], staying: Sequence[float],
               chances: Mapping[str, float | Mapping[str, float]], *, spread: float = 0.0,
               lasting: bool = True, trap_odds_ratio: float = 1.0, passing_by: float = 0.0,
               rng: int | np.random.Generator | None = None) -> OpenRegister:
    """Simulate lists over periods in which people come and leave.

    Parameters
    ----------
    arrivals : (periods,) sequence of int
        People there in the first period, then those who come before each next one.
    staying : (periods - 1,) sequence of float
        The chance to stay from one period to the next.
    chances : mapping
        For each period in time order the chance that a person present is seen, or a mapping of list to
        chance; lists of one name in several periods are named "police 2019", "police 2020".
    spread : float
        Standard deviation of people's ease of being found, on the log-odds scale.
    lasting : bool
        Whether a person as easily found as another stays so from period to period.
    trap_odds_ratio : float
        The factor on the odds of being seen for those seen in the period before.
    passing_by : float
        The share of those who come that never stay to another period.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    OpenRegister

    Raises
    ------
    ValueError
        If numbers do not match in length or lie outside their range.
    BadInput
        If nobody was seen.

    Examples
    --------
    >>> register = open_lists([1000, 300, 300], [0.8, 0.5], {"2019": 0.3, "2020": 0.4, "2021": 0.4}, rng=1)
    >>> register.total, register.histories.lists
    (1600, ('2019', '2020', '2021'))
    """
    _check(arrivals, staying, chances, passing_by)
    rng = np.random.default_rng(rng)
    present = _present(arrivals, staying, passing_by, rng)
    ease = spread * rng.standard_normal(len(present))
    columns: dict[str, NDArray[np.bool_]] = {}
    before = np.zeros(len(present), dtype=bool)
    for place, (period, chance) in enumerate(chances.items()):
        if place and not lasting:
            ease = spread * rng.standard_normal(len(present))
        lists = chance if isinstance(chance, Mapping) else {"": chance}
        now = np.zeros(len(present), dtype=bool)
        for name, share in lists.items():
            odds = share / (1 - share) * np.exp(ease) * np.where(before, trap_odds_ratio, 1.0)
            seen = present[:, place] & (rng.random(len(present)) < odds / (1 + odds))
            columns[f"{name} {period}".strip()] = seen
            now |= seen
        before = now
    seen_people = pd.DataFrame(columns)
    ever = seen_people.any(axis=1).to_numpy()
    seen_people = seen_people[ever]
    if seen_people.empty:
        raise BadInput([Problem("nobody was seen", "simulate a larger population or larger chances")])
    histories = CaptureHistories.from_records(seen_people, lists=list(columns), simulated=True)
    both = (present[:, :-1] & present[:, 1:]).sum(axis=0)
    there = present.sum(axis=0)
    return OpenRegister(histories, tuple(chances), there, np.array(arrivals[1:], dtype=np.int64),
                        both / np.maximum(there[:-1], 1), int(sum(arrivals)),
                        int((ever | present[:, 1:-1].any(axis=1)).sum()))


def _check(arrivals: Sequence[int], staying: Sequence[float],
           chances: Mapping[str, float | Mapping[str, float]], passing_by: float) -> None:
    if len(arrivals) != len(chances) or len(staying) != len(chances) - 1:
        raise ValueError(f"{len(chances)} periods need as many arrivals (got {len(arrivals)}) and one fewer "
                         f"chances to stay (got {len(staying)})")
    if any(number < 0 or number != int(number) for number in arrivals):
        raise ValueError(f"arrivals are whole numbers of people, 0 or more, got {list(arrivals)}")
    flat: list[float] = []
    for chance in chances.values():
        flat += chance.values() if isinstance(chance, Mapping) else [chance]
    shares = (*staying, passing_by)
    if not all(0 < chance < 1 for chance in flat) or not all(0 <= share <= 1 for share in shares):
        raise ValueError("chances to be seen lie between 0 and 1, chances to stay from 0 to 1; got "
                         f"{flat}, {list(staying)} and {passing_by} passing by")


def _present(arrivals: Sequence[int], staying: Sequence[float], passing_by: float,
             rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw who is there when: (people, periods) array."""
    came = np.repeat(np.arange(len(arrivals)), arrivals)
    passes = rng.random(len(came)) < passing_by
    present = np.zeros((len(came), len(arrivals)), dtype=bool)
    for period in range(len(arrivals)):
        present[:, period] = came == period
        if period:
            stays = rng.random(len(came)) < staying[period - 1]
            present[:, period] |= present[:, period - 1] & stays & ~passes
    return present
