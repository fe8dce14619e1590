"""From chances to the inverse capture probability: plug-in, doubly robust and targeted.

With q1, q2 and q12 a person's chances of being on the first list, the second and both, among the people on any
list, two lists that are independent given the covariates have `q1 q2 / q12` people of the person's kind in the
population for each one on a list. The influence of a person is that number, corrected by where the person was
in fact seen (Das, Kennedy and Jewell 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smuggling_analysis.methods.multiple_systems.double_robustness.nuisance import Cells, Floats

_MOST_ROUNDS = 200
_SETTLED = 1e-11
_MOST_HALVINGS = 30
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Influences:
    """What each person stands for in the population.

    Parameters
    ----------
    plug_in : (people,) array
        People in the population for each one observed, as the chances alone tell.
    robust : (people,) array
        The same, corrected by where the person was seen: its mean is the doubly robust estimate.
    settled : bool
        Whether targeting reached its equation; True where there was none.
    """

    plug_in: Floats
    robust: Floats
    settled: bool = True


def influences(chances: Floats, cells: Cells) -> Influences:
    """Return each person's influence.

    Parameters
    ----------
    chances : (people, 3) array
        Of being on both lists, the first alone, the second alone.
    cells : (people,) array
        Where the person was seen: 0 both, 1 the first alone, 2 the second alone, 3 neither.
    """
    parts, plug_in = _parts(chances)
    return Influences(plug_in, parts[np.arange(len(cells)), cells])


def targeted(chances: Floats, cells: Cells, weights: Floats, least: float) -> Influences:
    """Move the chances, along the one direction that matters, until plug-in and doubly robust agree.

    Targeted maximum likelihood (van der Laan and Rubin 2006): each person's chances are tilted by an
    exponential of their influence, the same tilt for all, until the weighted mean of the correction is zero. Each
    round climbs the likelihood.

    Parameters
    ----------
    chances, cells
        As in `influences`.
    weights : (people,) array
        Each person's weight, summing to 1.
    least : float
        The least chance of being on both that is allowed.
    """
    rows = np.arange(len(cells))
    # A chance of zero could not be moved; and where there are two lists alone nobody is on neither.
    neither = np.maximum(1 - chances.sum(axis=1), 0.0) if (cells == 3).any() else np.zeros(len(cells))
    full = np.column_stack([np.maximum(chances, _TINY), neither])
    full /= full.sum(axis=1, keepdims=True)
    parts, plug_in = _parts(full[:, :3])
    gap = float(weights @ (parts[rows, cells] - plug_in))
    for _ in range(_MOST_ROUNDS):
        if abs(gap) < _SETTLED * float(weights @ plug_in):
            return Influences(plug_in, parts[rows, cells])
        # Nobody's odds move by more than a factor e^4 in one round; and only a step uphill is taken, or one that
        # narrows the gap where the likelihood is level to rounding.
        limit = 4 / np.abs(parts).max()
        spread = float(weights @ ((full * parts**2).sum(axis=1) - plug_in**2))
        tilt = float(np.clip(gap / spread, -limit, limit)) if spread > 0 else 0.0
        for _ in range(_MOST_HALVINGS):
            moved = full * np.exp(tilt * parts)
            moved[:, 0] = np.maximum(moved[:, 0] / moved.sum(axis=1), least) * moved.sum(axis=1)
            moved /= moved.sum(axis=1, keepdims=True)
            new_parts, new_plug_in = _parts(moved[:, :3])
            new_gap = float(weights @ (new_parts[rows, cells] - new_plug_in))
            gain = float(weights @ np.log(moved[rows, cells] / full[rows, cells]))
            if gain > 0 or abs(new_gap) < abs(gap):
                break
            tilt /= 2
        else:
            break
        full, parts, plug_in, gap = moved, new_parts, new_plug_in, new_gap
    return Influences(plug_in, parts[rows, cells], settled=False)


def _parts(chances: Floats) -> tuple[Floats, Floats]:
    """Return the influence of a person seen in each of the four cells, (people, 4), and its expectation."""
    both = chances[:, 0]
    first, second = both + chances[:, 1], both + chances[:, 2]
    plug_in = first * second / both
    on_first, on_second = second / both, first / both
    return np.column_stack([on_first + on_second - plug_in / both, on_first, on_second, 0 * both]), plug_in
