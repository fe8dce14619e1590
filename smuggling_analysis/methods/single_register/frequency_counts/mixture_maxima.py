"""Where along the path of mixtures each likelihood is highest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.frequency_counts.mixture_path import (
    Path,
    full_maximum,
    penalised_maximum,
)
from smuggling_analysis.methods.single_register.frequency_counts.poisson_mixtures import Mixture, fit_mixture

LARGEST = 1e15


@dataclass(frozen=True, eq=False)
class Found:
    """A most likely number of people, without those seen more often than the cutoff.

    Parameters
    ----------
    size : float
        People.
    mixture : Mixture
        The mixture that says so; at the penalty's centre that of those seen by themselves.
    at_centre : bool
        Whether the number lies at the penalty's centre, Chao's lower bound.
    """

    size: float
    mixture: Mixture
    at_centre: bool = False


def _full(path: Path) -> Found | None:
    place = full_maximum(path)
    return None if place is None else Found(place.size, place.mixture)


def _conditional(path: Path) -> Found | None:
    if path.runs_off:
        return None
    mixture = fit_mixture(path.frequencies, 0.0, path.end.mixture)
    return Found(path.frequencies.rare * (1 + mixture.odds), mixture)


def _penalised(path: Path) -> Found | None:
    people = path.frequencies
    if not people.seen(2):
        raise NoEstimate("nobody was seen exactly twice: the penalty is centred at Chao's lower bound, which needs "
                         "them", "people seen twice, or likelihood='full'")
    centre = people.seen(1) ** 2 / (2 * people.seen(2) * people.rare)
    place = penalised_maximum(path, centre)
    if place is None:
        return Found(people.rare * (1 + centre), path.end.mixture, at_centre=True)
    return Found(people.rare * (1 + place.odds), place.mixture)


LIKELIHOODS: dict[str, Callable[[Path], Found | None]] = {
    "penalised": _penalised, "full": _full, "conditional": _conditional}
"""Where along the path each likelihood is highest; None where that is for endlessly many people."""
