"""What a weighted mean over models holds: how far it is one model's answer, and how far they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits, Floats
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, Models
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_factor

# The models whose weights are told by name.
_LEADING = 10
_CENTRAL = 0.9


@dataclass(frozen=True, eq=False)
class AveragedModels:
    """The models of one table and their weights.

    Parameters
    ----------
    models : sequence of Model
        Every model visited, or those that a search found.
    fits : Fits
        Their fits.
    criterion : {"bic", "aic"}
        What the weights are made of.
    reach : float
        Models further above the best than this, in points of the criterion, have no weight.
    visited, with_estimate : int
        How many models were visited, and how many of them have an estimate.
    best : tuple of Model, or Models
        The models that a replicate averages.
    cautions : tuple of str
        What a reader must know of how the models were found.
    """

    models: Sequence[Model]
    fits: Fits
    criterion: str
    reach: float
    visited: int
    with_estimate: int
    best: tuple[Model, ...] | Models
    cautions: tuple[str, ...] = ()

    @cached_property
    def score(self) -> Floats:
        """The criterion, infinite where there is no estimate or the model is out of reach: (models,) array."""
        score = np.where(self.fits.estimable, getattr(self.fits, self.criterion), np.inf)
        return np.where(score <= score.min() + self.reach, score, np.inf)

    @cached_property
    def weight(self) -> Floats:
        """Weights, adding up to 1: (models,) array."""
        weight = np.exp(-0.5 * (self.score - self.score.min()))
        return np.asarray(weight / weight.sum())

    @cached_property
    def order(self) -> Any:
        """Places of the models that have weight, most first."""
        held = np.flatnonzero(np.isfinite(self.score))
        first = self.fits.best(self.criterion)
        return held[np.lexsort((held, self.score[held].round(9), held != first))]

    @property
    def leading(self) -> Model:
        """The model of most weight."""
        return self.models[self.order[0]]

    @cached_property
    def unseen(self) -> Floats:
        """Estimated people on no list, 0 for a model without weight: (models,) array."""
        return np.where(np.isfinite(self.score), self.fits.unseen, 0.0)

    @cached_property
    def errors(self) -> Floats:
        """Standard errors of the population, 0 for a model without weight: (models,) array."""
        own = np.hypot(np.sqrt(self.unseen), self.unseen * self.fits.error[:, 0])
        return np.where(np.isfinite(self.score), own, 0.0)

    @cached_property
    def mean(self) -> float:
        """The weighted mean of the people on no list."""
        return float(self.weight @ self.unseen)

    @cached_property
    def se(self) -> float:
        """The unconditional standard error (Buckland, Burnham and Augustin 1997)."""
        return float(self.weight @ np.hypot(self.errors, self.unseen - self.mean))

    @cached_property
    def share_between(self) -> float:
        """The part of the variance that is disagreement between the models: 0 to 1."""
        scale = max(float(self.errors.max()), float(np.abs(self.unseen - self.mean).max()))
        if scale == 0.0:
            return 0.0
        within = float(self.weight @ (self.errors / scale) ** 2)
        between = float(self.weight @ ((self.unseen - self.mean) / scale) ** 2)
        return between / (within + between) if within + between else 0.0

    @property
    def effective(self) -> float:
        """How many equally weighted models would be as concentrated: 1 over the sum of squared weights."""
        return float(1.0 / (self.weight**2).sum())

    @cached_property
    def central(self) -> tuple[float, float, float]:
        """Populations between which the central 90 % of the weight lies, and the weighted median."""
        order = np.argsort(self.unseen[self.order], kind="stable")
        sizes, weight = self.unseen[self.order][order], np.cumsum(self.weight[self.order][order])
        tails = ((1 - _CENTRAL) / 2, (1 + _CENTRAL) / 2, 0.5)
        places = [min(int(np.searchsorted(weight, tail)), sizes.size - 1) for tail in tails]
        low, high, middle = (float(self.fits.observed + sizes[place]) for place in places)
        return low, high, middle

    @property
    def boundary(self) -> float:
        """The weight of models that take it that nobody at all can be on some lists together."""
        return float(self.weight[np.isneginf(self.fits.theta).any(axis=1)].sum())

    @property
    def wide(self) -> float:
        """The weight of models whose standard error is larger than the people they estimate on no list."""
        return float(self.weight[self.errors > np.maximum(self.unseen, 1.0)].sum())

    def excluding_mean(self, confidence_level: float) -> float:
        """Return the weight of models whose own interval, log-normal on the unseen, leaves out the mean."""
        with np.errstate(divide="ignore", invalid="ignore"):
            away = np.abs(np.log(self.unseen) - np.log(self.mean))
            half = np.log(log_normal_factor(self.errors / self.unseen, confidence_level))
        return float(self.weight[(self.weight > 0.0) & (away > half)].sum())

    def without(self, place: int) -> float:
        """Return the population if one model were left out."""
        weight = self.weight.copy()
        weight[place] = 0.0
        return float(self.fits.observed + weight @ self.unseen / weight.sum())

    def told(self) -> dict[str, Any]:
        """Return what a reader may want to know of the average, for the estimate's diagnostics."""
        low, high, middle = self.central
        first = self.order[:_LEADING]
        with np.errstate(divide="ignore"):
            logs = np.log(self.unseen[self.order])
        return {
            "criterion": self.criterion, "model": self.leading.notation, "models_visited": self.visited,
            "models_with_estimate": self.with_estimate, "models_averaged": int(self.order.size),
            "effective_models": self.effective, "largest_weight": float(self.weight[first[0]]),
            "weights": {self.models[place].notation: float(self.weight[place]) for place in first},
            "values": {self.models[place].notation: float(self.fits.value[place]) for place in first},
            "unseen": self.mean, "share_between_models": self.share_between,
            "least_of_central_90_percent": low, "largest_of_central_90_percent": high,
            "weighted_median": middle,
            "mean_on_log_scale": float(self.fits.observed + np.exp(self.weight[self.order] @ logs)),
            "boundary_weight": self.boundary, "wide_weight": self.wide}
