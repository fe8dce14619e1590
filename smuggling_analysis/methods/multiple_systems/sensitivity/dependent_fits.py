"""One method's estimate under a given odds ratio between lists, in the way that suits the method."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import MOST_DENSE_LISTS, CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.sensitivity.adjusted_tables import unseen_without
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked
from smuggling_analysis.methods.multiple_systems.sensitivity.offset_fits import OffsetModel

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Dependent:
    """A method asked what it would give if lists depended on one another by given odds ratios.

    Parameters
    ----------
    asked : Asked
        The method.
    histories : CaptureHistories
        What was counted.
    original : Estimate
        What the method gives without any.
    """

    asked: Asked
    histories: CaptureHistories
    original: Estimate

    @cached_property
    def model(self) -> Model | None:
        """The one log-linear model that the method fitted to the whole table; None for other methods."""
        options = self.asked.options
        if self.asked.row.name != "loglinear" or options.get("covariates"):
            return None
        notation = self.original.diagnostics.get("model")
        averaged = options.get("model") is None and options.get("selection", "bic") == "average"
        if averaged or notation is None or self.histories.n_lists > MOST_DENSE_LISTS:
            return None
        return Model.parse(notation, self.histories.lists)

    @cached_property
    def _held(self) -> Asked:
        """The method with the model it chose for the whole table, where it is a log-linear one with covariates."""
        options, notation = self.asked.options, self.original.diagnostics.get("model")
        if self.asked.row.name != "loglinear" or not options.get("covariates") or not isinstance(notation, str):
            return self.asked
        return replace(self.asked, options={**options, "model": notation})

    @cached_property
    def _cells(self) -> Floats:
        return self.histories.dense().astype(float)

    def holds(self, pair: tuple[str, str]) -> bool:
        """Say whether the log-linear model estimates the dependence of a pair itself."""
        return self.model is not None and self._term(pair) in self.model.terms

    def value(self, pairs: Pairs, odds_ratio: float) -> float:
        """Return the estimate alone.

        Raises
        ------
        NoEstimate
            If there is none.
        """
        if odds_ratio == 1.0:
            return self.original.value
        if self.model is not None:
            return self.histories.n_observed + self._offset_model(pairs).fit(odds_ratio).unseen
        return self.estimate(pairs, odds_ratio)[0]

    def estimate(self, pairs: Pairs, odds_ratio: float) -> tuple[float, float, float, float]:
        """Return the estimate, its limits, and the deviance of a log-linear model (NaN for other methods).

        Raises
        ------
        NoEstimate
            If there is none.
        """
        observed, original = self.histories.n_observed, self.original
        if self.model is not None:
            offset = self._offset_model(pairs)
            found = offset.fit(odds_ratio)
            if odds_ratio == 1.0:
                return original.value, original.lower, original.upper, found.deviance
            limits = offset.limits(odds_ratio, found, original, self.asked.options.get("interval") or "profile")
            return observed + found.unseen, *limits, found.deviance
        if odds_ratio == 1.0:
            return original.value, original.lower, original.upper, math.nan
        exponent = _exponent(self.histories.patterns, self._places(pairs))
        unseen = unseen_without(self._held, self.histories, exponent, odds_ratio, original)
        return observed + unseen.value, observed + unseen.lower, observed + unseen.upper, math.nan

    def exactly(self, pairs: Pairs) -> Callable[[float], float] | None:
        """Return the estimate as a function of the odds ratio, where it costs little to compute."""
        if self.model is None and self.histories.n_lists > 2:
            return None
        return lambda odds_ratio: self.value(pairs, odds_ratio)

    def allowed(self, pair: tuple[str, str]) -> tuple[float, float]:
        """Return the odds ratios of a pair that the counts agree with, if the model lacks nothing else.

        They are the limits of the pair's own term where it is added to the log-linear model; NaN where the pair is in
        the model already, where the model would have no estimate with it, and for other methods.
        """
        term = self._term(pair)
        nothing = (math.nan, math.nan)
        if self.model is None or term in self.model.terms or self.histories.n_lists == 2:
            return nothing
        larger = Model(self.model.n_lists, (*self.model.generators, term))
        fits = fit(self._cells, [larger])
        place = larger.terms.index(term)
        if not fits.estimable[0] or not np.isfinite(fits.theta[0, place]):
            return nothing
        half = NormalDist().inv_cdf(0.5 + self.original.confidence_level / 2) * float(fits.error[0, place])
        middle = float(fits.theta[0, place])
        if not abs(middle) + half < 600.0:
            return nothing
        return math.exp(middle - half), math.exp(middle + half)

    def _offset_model(self, pairs: Pairs) -> OffsetModel:
        assert self.model is not None
        every = np.arange(self._cells.size)
        on = (every[:, None] >> np.arange(self.histories.n_lists) & 1).astype(bool)
        return OffsetModel(self._cells, self.model, _exponent(on, self._places(pairs)))

    def _places(self, pairs: Pairs) -> list[tuple[int, int]]:
        lists = self.histories.lists
        return [(lists.index(one), lists.index(other)) for one, other in pairs]

    def _term(self, pair: tuple[str, str]) -> int:
        return sum(1 << self.histories.lists.index(name) for name in pair)


def _exponent(on: NDArray[np.bool_], pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Return how many of the pairs each history is on both lists of: (histories,) array."""
    found = np.zeros(len(on), dtype=np.int64)
    for one, other in pairs:
        found += on[:, one] & on[:, other]
    return found
