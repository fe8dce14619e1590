"""The profile likelihood of the population's size where counts are suppressed.

For a size N every completion of the table leaves N less its people on no list; the likelihood of N adds up
the multinomial chances of all completions, at the model fitted to them by EM. With no count suppressed it is
the multinomial profile likelihood of Cormack (1992).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fitted_means, stirling_remainder
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table
from smuggling_analysis.methods.multiple_systems.suppressed.em import SuppressedTable

_FURTHEST = math.log(1e9)
_FIRST_STEP = 1e-3
# The two likelihoods' tops differ by a person or so: one so far off is a trick of rounding.
_ASTRAY = math.log(1e3)
# A millionth of a person stands for nobody: at nobody itself some parameters may run off.
_NOBODY = math.log(1e-6)
_BEYOND_REACH = -1e100
# Counts below this are zero: their ratio to a mean may be no number.
_NEXT_TO_NOTHING = 1e-300
_MOST_STEPS = 500


@dataclass(eq=False)
class SuppressedProfile:
    """The profile log-likelihood of the population's size under one model.

    Parameters
    ----------
    table : SuppressedTable
        The ranges, made with `sums=True`.
    model : Model
        The log-linear model.
    least : int
        The least number of people on any list: sizes are measured from there.
    """

    table: SuppressedTable
    model: Model
    least: int
    _guess: Floats | None = field(default=None, repr=False)
    _known: dict[float, float] = field(default_factory=dict, repr=False)

    @cached_property
    def observed(self) -> Floats:
        """People on any list in each final state of the completions."""
        published = int(self.table.low[self.table.low == self.table.high].sum())
        return published + self.table.completions.graph[5][:, -1].astype(float)

    @cached_property
    def _terms(self) -> np.ndarray:
        return term_table([self.model])

    def __call__(self, log_rest: float) -> float:
        """Return the log-likelihood of a size that exceeds the least observed by exp(`log_rest`)."""
        if log_rest not in self._known:
            self._known[log_rest] = self._climb(log_rest)
        return self._known[log_rest]

    def _climb(self, log_rest: float) -> float:
        from smuggling_analysis.kernels.loglinear import fit_models

        size = self.least + math.exp(log_rest)
        unseen = np.maximum(size - self.observed, 0.0)
        possible = size - self.observed >= 0.0
        counts = self.table.start() if self._guess is None else self._guess
        path: list[Floats] = []
        for _ in range(_MOST_STEPS):
            completed = self.table.completed(counts)
            completed[0] = max(size - completed.sum(), math.exp(_NOBODY))
            theta, _, deviance, _ = fit_models(completed, self._terms, True)
            if math.isnan(deviance[0]):
                return _BEYOND_REACH
            means = fitted_means(theta[0], self._terms[0], completed.size)
            chances = _log_chances(unseen, float(means[0]))
            highest = chances[possible].max()
            expected = self.table.expect(means, np.where(possible, np.exp(chances - highest), 0.0))
            if not math.isfinite(expected.log_chance):
                return _BEYOND_REACH
            moved = np.abs(expected.counts - counts).max(initial=0.0)
            path, counts = [*path, counts], expected.counts
            if moved < self.table.settled:
                break
            if len(path) == 2:
                counts, path = self.table.leap(path[0], path[1], counts), []
        self._guess = counts
        height = self.table.log_likelihood(means, expected) + highest + stirling_remainder(size)
        return height if math.isfinite(height) else _BEYOND_REACH

    def interval(self, rest: float, confidence_level: float) -> tuple[float, float] | None:
        """Return the sizes at which the likelihood has fallen too far; the upper may be infinite.

        None says that rounding hides where that is, as it may with billions of people of whom few are unseen.

        Parameters
        ----------
        rest : float
            A first estimate of the population, less the least observed.
        confidence_level : float
            The level, between 0 and 1.
        """
        from scipy.optimize import brentq, minimize_scalar

        start = math.log(max(rest, 0.01))
        here = self(start)
        around = (self._outwards(start, -1.0, here), self._outwards(start, 1.0, here))
        top = minimize_scalar(lambda x: -self(x), bounds=around, method="bounded", options={"xatol": 1e-11})
        z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
        best, level = float(top.x), -float(top.fun) - 0.5 * z**2
        below, above = self._outwards(best, -1.0, level), self._outwards(best, 1.0, level)
        if here <= _BEYOND_REACH or not self(best) >= level or best - start > _ASTRAY:
            return None
        # At its lower end the size is the least observed, above it may have no end.
        lower, upper = -math.inf, math.inf
        if self(below) < level:
            lower = brentq(lambda x: self(x) - level, below, best, xtol=1e-12)
        if self(above) < level:
            upper = brentq(lambda x: self(x) - level, best, above, xtol=1e-12)
        return self.least + math.exp(lower), self.least + math.exp(upper) if upper < math.inf else math.inf

    def _outwards(self, start: float, direction: float, level: float) -> float:
        """Go outwards in doubling steps until the likelihood is below the level, or to the end."""
        step = _FIRST_STEP
        while True:
            reached = min(max(start + direction * step, _NOBODY), start + _FURTHEST)
            if self(reached) < level or reached in (_NOBODY, start + _FURTHEST):
                return reached
            step *= 2.0


def _log_chances(counts: Floats, mean: float) -> Floats:
    """Return the Poisson log-chances of counts that need not be whole."""
    return np.array([-_distance(count, mean) - stirling_remainder(count) for count in counts.tolist()])


def _distance(count: float, mean: float) -> float:
    if count <= _NEXT_TO_NOTHING:
        return mean
    if mean < 1e-6 * count:
        return mean - count + count * math.log(count / mean) if mean > 0.0 else math.inf
    gap = (mean - count) / count
    return count * (gap - math.log1p(gap))
