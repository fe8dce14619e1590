"""Maximum likelihood from suppressed counts by EM (Dempster, Laird and Rubin 1977).

The E-step puts in each suppressed count's place what the fitted means expect of it, given its range and the
totals; the M-step fits the log-linear model to the table thus completed. Each step raises the likelihood of
what was published. Louis' identity (1982) gives the information: what the completed table would tell, less
the variation of the suppressed counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits, Floats, fit, fitted_means
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import existence
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table
from smuggling_analysis.methods.multiple_systems.suppressed.completions import Completions, Expectation

MOST_STEPS = 2_000
# The expected counts move by less than this share of a person in a step at the end, or less than this share
# of ten thousand people where there are more: double precision allows no better.
SETTLED, _ROUNDING = 1e-10, 1e-14
# Below this share of the complete information the suppressed counts leave a parameter to chance.
LEAST_INFORMATION = 1e-6
_MORE = ("the suppressed counts themselves, narrower ranges, totals published whole, or a model with fewer "
         "terms")


@dataclass(frozen=True, eq=False)
class SuppressedTable:
    """A table of ranges as the fitting takes it.

    Parameters
    ----------
    low, high : (2**lists,) arrays of int
        Both ends of every history's range; cell 0, on no list, is 0.
    completions : Completions
        The ways to complete the suppressed cells.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    completions: Completions

    @classmethod
    def of(cls, censored: CensoredHistories, *, sums: bool = False) -> SuppressedTable:
        """Take published ranges; with `sums` the completions also keep the sum of the suppressed counts."""
        low, high = censored.dense()
        cells = np.flatnonzero(high > low)
        place = np.full(low.size, -1)
        place[cells] = np.arange(cells.size)
        bits = 1 << np.arange(censored.n_lists)
        rules, left = [], []
        for name, total in censored.totals:
            counted = censored.patterns[censored.of_total(name)] @ bits
            rule = np.zeros(cells.size, dtype=np.int64)
            rule[place[counted[place[counted] >= 0]]] = 1
            if rule.any():
                rules.append(rule)
                left.append(total - int(low[counted[place[counted] < 0]].sum()))
        if sums:
            rules.append(np.ones(cells.size, dtype=np.int64))
            left.append(-1)
        made = Completions(low[cells], high[cells],
                           np.array(rules, dtype=np.int64).reshape(len(rules), cells.size),
                           np.array(left, dtype=np.int64))
        return cls(low, high, made)

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """The suppressed cells."""
        return np.flatnonzero(self.high > self.low)

    def completed(self, counts: Floats | NDArray[np.int64]) -> Floats:
        """Return the table with these counts in the suppressed cells: (2**lists,) array."""
        table = self.low.astype(float)
        table[self.cells] = counts
        return table

    def expect(self, means: Floats, last: Floats | None = None) -> Expectation:
        """Expect the suppressed counts under the fitted means of all cells."""
        return self.completions.expect(means[self.cells], last)

    def log_likelihood(self, means: Floats, expected: Expectation | None = None) -> float:
        """Return the log-likelihood of what was published, constants included."""
        from smuggling_analysis.kernels.suppressed import log_chance_of_count

        found = (self.expect(means) if expected is None else expected).log_chance
        return found + math.fsum(log_chance_of_count(float(self.low[cell]), float(means[cell]))
                                 for cell in self._published)

    @cached_property
    def _published(self) -> list[int]:
        return [cell for cell in range(1, self.low.size) if self.low[cell] == self.high[cell]]

    @cached_property
    def settled(self) -> float:
        """The move of an expected count below which EM has come to rest."""
        return max(SETTLED, _ROUNDING * float(self.high.sum()))

    def leap(self, first: Floats, second: Floats, third: Floats) -> Floats:
        """Extrapolate three steps of EM along their direction (Varadhan and Roland 2008)."""
        step, bend = second - first, third - 2.0 * second + first
        length, turn = float(np.linalg.norm(step)), float(np.linalg.norm(bend))
        far = max(length / turn, 1.0) if turn > 0.0 else 1.0
        return np.clip(first + 2.0 * far * step + far**2 * bend, self.completions.low, self.completions.high)

    def start(self) -> Floats:
        """Return the middles of the ranges, moved to meet the totals: the first guess of the counts."""
        middle: Floats = (self.completions.low + self.completions.high) / 2 + 0.25
        return self.completions.expect(middle).counts


@dataclass(frozen=True, eq=False)
class SuppressedFit:
    """A log-linear model fitted to a table of ranges.

    Parameters
    ----------
    table : SuppressedTable
        The table.
    model : Model
        The model.
    fits : Fits
        Its fit to the table with the suppressed counts expected.
    means : (2**lists,) array
        Fitted counts, cell 0 (the unseen) included.
    climb : tuple of float
        The log-likelihood after each step of EM.
    converged : bool
        Whether the expected counts came to rest.
    """

    table: SuppressedTable
    model: Model
    fits: Fits
    means: Floats
    climb: tuple[float, ...]
    converged: bool

    @property
    def log_likelihood(self) -> float:
        """The log-likelihood of what was published."""
        return self.climb[-1]

    @property
    def unseen(self) -> float:
        """Estimated people on no list."""
        return float(self.fits.unseen[0])

    @property
    def expected(self) -> float:
        """Expected people on any list, given what was published."""
        return self.fits.observed

    @property
    def value(self) -> float:
        """Estimated population."""
        return self.expected + self.unseen

    def beyond(self, least: float) -> float:
        """Return how many more people there are than `least`, not by the difference of two large numbers."""
        low = self.table.low.astype(float)
        known = float((self.fits.cells - low)[1:].sum()) - (least - float(low.sum()))
        return max(known, 0.0) + self.unseen

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the suppressed counts given what was published: (suppressed, suppressed) array."""
        return self.table.completions.covariance(self.means[self.table.cells])

    @cached_property
    def design(self) -> Floats:
        """The columns of the finite terms: (2**lists, terms) array."""
        every = np.arange(self.means.size)
        terms = self.fits.terms[0][np.isfinite(self.fits.theta[0])]
        return ((every[:, None] & terms) == terms).astype(float)

    @cached_property
    def complete_information(self) -> Floats:
        """The information had no count been suppressed: (terms, terms) array."""
        seen = self.design[1:] * (self.means[1:] > 0)[:, None]
        return np.asarray(seen.T @ (self.means[1:, None] * seen))

    @cached_property
    def information(self) -> Floats:
        """The information in what was published, by Louis' identity: (terms, terms) array."""
        suppressed = self.design[self.table.cells]
        return self.complete_information - suppressed.T @ self.covariance @ suppressed

    @cached_property
    def least_information(self) -> float:
        """The least share of the complete information that any direction keeps; 0 if it cannot be told."""
        scale = 1.0 / np.sqrt(np.diag(self.complete_information))
        try:
            root = np.linalg.cholesky(self.complete_information * scale[:, None] * scale)
        except np.linalg.LinAlgError:
            return 0.0
        lost = np.linalg.solve(root, self.information * scale[:, None] * scale)
        return float(np.linalg.eigvalsh(np.linalg.solve(root, lost.T))[0])

    def spread_of_size(self, *, complete: bool = False) -> float:
        """Return the variance of the population's size, but for the Poisson variation of the unseen.

        Parameters
        ----------
        complete : bool
            Had the expected counts been published instead.
        """
        slope = np.zeros(self.design.shape[1])
        slope[0] = self.unseen
        if complete:
            return _squared(slope, self.complete_information)
        slope = slope + self.covariance.sum(axis=0) @ self.design[self.table.cells]
        return max(_squared(slope, self.information) + max(float(self.covariance.sum()), 0.0), 0.0)

    @cached_property
    def root(self) -> Floats:
        """A square root of the parameters' covariance: (terms, terms) array."""
        scale = 1.0 / np.sqrt(np.diag(self.information))
        inverse = np.linalg.inv(np.linalg.cholesky(self.information * scale[:, None] * scale))
        return np.asarray(scale[:, None] * inverse.T)

    def se(self, *, complete: bool = False) -> float:
        """Standard error of the population: the fit's, the suppressed counts' and the unseen's variation."""
        return math.sqrt(self.unseen + self.spread_of_size(complete=complete))


def fit_suppressed(censored: CensoredHistories, model: Model, table: SuppressedTable) -> SuppressedFit:
    """Fit one model by EM.

    Raises
    ------
    NoEstimate
        If the model has no estimate on any completion, the suppressed counts leave it undetermined, or it all but
        rules out the published totals.
    """
    if not censored.totals and not _has_top(table, model):
        existence(censored.complete_at("high"), model).require()
        raise _undetermined(model)
    guess, converged = table.start(), False
    climb: list[float] = []
    path: list[Floats] = []
    plain: Floats | None = None
    for _ in range(MOST_STEPS):
        fits = fit(table.completed(guess), [model])
        if not fits.estimable[0]:
            existence(censored.complete_at("high"), model).require()
            raise _undetermined(model)
        means = fitted_means(fits.theta[0], fits.terms[0], table.low.size)
        expected = table.expect(means)
        height = table.log_likelihood(means, expected)
        if not math.isfinite(height):
            raise NoEstimate(f"under the model {model.notation} the published totals are so unlikely that nothing can "
                             "be computed: the model contradicts the counts",
                             "a model with more terms, or the totals checked against the counts")
        if plain is not None and height < climb[-1]:
            # The leap went too far: on from where the plain steps stood.
            guess, plain = plain, None
            continue
        climb.append(height)
        if np.abs(expected.counts - guess).max(initial=0.0) < table.settled:
            converged = True
            break
        path, guess, plain = [*path, guess], expected.counts, None
        if len(path) == 2:
            plain, guess, path = guess, table.leap(path[0], path[1], guess), []
    found = SuppressedFit(table, model, fits, means, tuple(climb), converged)
    if not (converged or _flat(climb)) or found.least_information < LEAST_INFORMATION:
        raise _undetermined(model)
    return found


def _squared(slope: Floats, information: Floats) -> float:
    """Return the variance of a quantity that moves with the parameters by `slope`."""
    scale = 1.0 / np.sqrt(np.diag(information))
    return float(np.sum(np.linalg.solve(np.linalg.cholesky(information * scale[:, None] * scale),
                                        scale * slope) ** 2))


def _has_top(table: SuppressedTable, model: Model) -> bool:
    """Say whether direct maximisation finds a top: EM would creep for ever where there is none."""
    from smuggling_analysis.kernels.suppressed import fit_ranges

    return bool(np.isfinite(fit_ranges(table.low, table.high, term_table([model]))[0][0]))


def _flat(climb: list[float]) -> bool:
    return len(climb) > 1 and climb[-1] - climb[-2] < 1e-12 * (1 + abs(climb[-1]))


def _undetermined(model: Model) -> NoEstimate:
    return NoEstimate(f"the suppressed counts leave the model {model.notation} undetermined: a term of it rests on "
                      "counts that may be nobody or a few", _MORE)
