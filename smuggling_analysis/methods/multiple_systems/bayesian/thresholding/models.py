"""Which terms a table lets a thresholded model hold, and the prior of each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.posterior import Floats, Posterior, posterior
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import MORE_OVERLAP, require_any
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, members

LEAST_LISTS, MOST_LISTS = 3, 10
_OWN_SD = 100.0


@dataclass(frozen=True, eq=False)
class PairModels:
    """The models of one table: every list's own term, and any of the pairs of lists.

    Parameters
    ----------
    lists : tuple of str
        The lists that hold anybody, by name.
    cells : (2**lists,) array
    prior_sd : float
        Standard deviation of the normal prior of each pair's term; infinite for flat priors of all terms.
    pairs : tuple of int
        The pairs' terms that are estimated, as ascending numbers whose bits are lists.
    excluded : tuple of int
        With flat priors, pairs that nobody is on together: their parameter is minus infinity.
    """

    lists: tuple[str, ...]
    cells: Floats
    prior_sd: float
    pairs: tuple[int, ...]
    excluded: tuple[int, ...]

    @classmethod
    def of(cls, histories: CaptureHistories, prior_sd: float) -> PairModels:
        """Take the lists that hold anybody, by name: the order in which they were given decides nothing.

        Raises
        ------
        NoEstimate
            If there are fewer than three such lists or more than ten, or independent lists have no estimate.
        """
        sizes = histories.overlaps().to_numpy().diagonal()
        held = sorted(name for name, size in zip(histories.lists, sizes, strict=True) if size)
        if not LEAST_LISTS <= len(held) <= MOST_LISTS:
            raise NoEstimate(f"{len(held)} of the lists hold anybody, and thresholding takes {LEAST_LISTS} to "
                             f"{MOST_LISTS}: with two, nothing tells dependence from the people nobody saw",
                             "a third list of the same population" if len(held) < LEAST_LISTS else
                             f"lists merged or selected down to {MOST_LISTS}")
        cells = histories.select(held).dense().astype(float)
        require_any(cells, len(held))
        every = np.arange(cells.size)
        pairs = sorted(1 << one | 1 << other for one, other in combinations(range(len(held)), 2))
        empty = [pair for pair in pairs if math.isinf(prior_sd) and not cells[(every & pair) == pair].any()]
        return cls(tuple(held), cells, prior_sd, tuple(pair for pair in pairs if pair not in empty), tuple(empty))

    def at_mode(self, pairs: Iterable[int], prior_sd: float | None = None) -> Posterior:
        """Return the posterior of the model with these pairs, at its mode.

        Raises
        ------
        NoEstimate
            If double precision does not reach the mode.
        """
        own = [0, *(1 << place for place in range(len(self.lists)))]
        terms = np.array([*own, *sorted(pairs)], dtype=np.int64)
        sd = np.where(np.arange(terms.size) < len(own), _OWN_SD, prior_sd or self.prior_sd)
        precision = np.zeros(terms.size) if math.isinf(self.prior_sd) else sd**-2.0
        every = np.arange(self.cells.size)
        counted = every > 0
        for pair in self.excluded:
            counted &= (every & pair) != pair
        found = posterior(self.cells, terms, precision, counted)
        if found is None:
            raise NoEstimate("the posterior's mode cannot be reached: the counts differ too much in size",
                             "fewer lists, or lists of more similar sizes")
        return found

    def require_likelihood(self, pairs: Iterable[int]) -> None:
        """Refuse a model whose likelihood alone has no one maximum: there the prior would decide.

        Raises
        ------
        NoEstimate
        """
        model = Model(len(self.lists), (*pairs, *self.excluded))
        fits = fit(self.cells, [model])
        if not fits.estimable[0]:
            why = "does not exist" if not fits.exists[0] else "is not the only one"
            raise NoEstimate(f"the prior would decide: for the model {model.named(self.lists)} the maximum of the "
                             f"likelihood {why}, so that the counts do not say how many people were not seen",
                             MORE_OVERLAP)

    def named(self, pair: int) -> str:
        """Return the two lists of a pair in words."""
        return " x ".join(self.lists[place] for place in members(pair))
