"""Which pairs of lists stay: those whose term the posterior tells from nought."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.chains import ess_bulk, rhat
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.models import PairModels
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.posterior import Floats, chains_of

_CHANCE = 3.0


@dataclass(frozen=True, eq=False)
class Selection:
    """The pairs, how far each lies from nought, and which stay.

    Parameters
    ----------
    statistics : mapping of int to float
        Each pair's |posterior mean| / posterior standard deviation, in the model of all pairs.
    errors : mapping of int to float
        Monte Carlo standard errors of the statistics.
    retained : tuple of int
        The pairs whose statistic reaches the threshold.
    rhat, ess : float
        The largest R-hat and the smallest bulk effective sample size of any pair's term.
    """

    statistics: Mapping[int, float]
    errors: Mapping[int, float]
    retained: tuple[int, ...]
    rhat: float
    ess: float

    def by_chance(self, threshold: float) -> list[int]:
        """Return the pairs of which another run's chance might have decided otherwise."""
        return [pair for pair, value in self.statistics.items()
                if abs(value - threshold) < _CHANCE * self.errors[pair]]


def selection(models: PairModels, *, threshold: float, draws: int, burn_in: int,
              streams: Sequence[np.random.Generator], n_jobs: int) -> Selection:
    """Draw from the posterior of the model of all pairs, and keep the pairs that reach the threshold."""
    drawn, _ = chains_of(models.at_mode(models.pairs), draws=draws, burn_in=burn_in, streams=streams, n_jobs=n_jobs)
    of_pairs = drawn[:, :, drawn.shape[2] - len(models.pairs):]
    places = range(len(models.pairs))
    told = [_statistic(of_pairs[:, :, place]) for place in places]
    statistics = {pair: value for pair, (value, _) in zip(models.pairs, told, strict=True)}
    return Selection(statistics, {pair: error for pair, (_, error) in zip(models.pairs, told, strict=True)},
                     tuple(pair for pair, value in statistics.items() if value >= threshold),
                     max((rhat(of_pairs[:, :, place]) for place in places), default=1.0),
                     min((ess_bulk(of_pairs[:, :, place]) for place in places), default=math.inf))


def _statistic(draws: Floats) -> tuple[float, float]:
    """Return |mean| / sd of draws, (chains, draws), and its Monte Carlo standard error (of nearly normal draws)."""
    value = abs(float(draws.mean() / draws.std()))
    worth = min(ess_bulk(draws), float(draws.size))
    return value, math.sqrt((1.0 + 0.5 * value**2) / worth)
