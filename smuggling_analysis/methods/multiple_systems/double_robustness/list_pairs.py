"""What each person stands for, from every pair of lists that is taken to be independent given covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.listed_people import ListedPeople
from smuggling_analysis.methods.multiple_systems.double_robustness.influence import Influences, influences, targeted
from smuggling_analysis.methods.multiple_systems.double_robustness.nuisance import (
    Cells,
    Floats,
    Nuisance,
    cross_fitted,
    design,
)

ESTIMATORS = ("doubly robust", "plug-in", "targeted")


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked for: the people, what the lists may depend on, and how that is learnt."""

    people: ListedPeople
    covariates: tuple[str, ...]
    estimator: str
    nuisance: str | Nuisance
    least: float

    @property
    def without_covariates(self) -> bool:
        """Whether nothing known of people is used."""
        return self.nuisance == "none" or (not self.covariates and not callable(self.nuisance))

    @property
    def used(self) -> tuple[str, ...]:
        """The covariates that are used."""
        return () if self.without_covariates else self.covariates

    @property
    def model(self) -> str:
        """The model's name."""
        if callable(self.nuisance):
            return str(getattr(self.nuisance, "__name__", type(self.nuisance).__name__))
        return "none" if self.without_covariates else self.nuisance


class PairFits:
    """Every pair's influences, their average, and what the fits say of themselves.

    Parameters
    ----------
    asked : Asked
        What was asked for.
    pairs : sequence of (str, str)
        The pairs of lists. A pair that nobody is on together is left out and named in `without`.
    folds : (people,) array
        Each person's fold, from 0. Each fold has the same say, so a person's weight is one over the number of
        folds and their fold's people.

    Raises
    ------
    NoEstimate
        If nobody is on both lists of any pair.
    """

    def __init__(self, asked: Asked, pairs: Sequence[tuple[str, ...]], folds: Cells):
        sizes = np.bincount(folds)
        self.folds, self.n_folds = folds, len(sizes)
        self.weights = 1 / (len(sizes) * sizes[folds])
        self.pairs: dict[str, dict[str, Influences]] = {}
        self.on_both: dict[str, int] = {}
        self.without: list[str] = []
        self.raised, self.settled, self.on_target = 0.0, True, True
        x = design(asked.people, asked.used)
        for pair in pairs:
            cells = _cells(asked.people, pair)
            if (cells == 0).any():
                self._add(asked, " and ".join(pair), cells, x)
            else:
                self.without.append(" and ".join(pair))
        if not self.pairs:
            raise NoEstimate(f"nobody is on both {'; '.join(self.without)}",
                             "records of both lists that can be linked, kept for long enough that some people "
                             "are on both")

    def _add(self, asked: Asked, name: str, cells: Cells, x: Floats) -> None:
        # Where everyone on one list is on the other no model is needed to say that nobody is missing.
        plain = asked.without_covariates or np.bincount(cells, minlength=3)[:3].min() == 0
        fitted = (cross_fitted(x, cells, np.zeros_like(cells), "none", 0.0) if plain else
                  cross_fitted(x, cells, self.folds, asked.nuisance, asked.least))
        found = influences(fitted.cells, cells)
        self.pairs[name] = {"doubly robust": found, "plug-in": found}
        if asked.estimator == "targeted":
            moved = targeted(fitted.cells, cells, self.weights, 0.0 if plain else asked.least)
            self.pairs[name]["targeted"] = moved
            self.on_target = self.on_target and moved.settled
        self.on_both[name] = int((cells == 0).sum())
        self.raised = max(self.raised, fitted.raised)
        self.settled = self.settled and fitted.settled

    @property
    def estimators(self) -> tuple[str, ...]:
        """The estimators at hand: targeting is done only where it is asked for."""
        return tuple(next(iter(self.pairs.values())))

    def per_person(self, estimator: str, pair: str | None = None) -> tuple[Floats, Floats]:
        """Return what each person stands for, and their influence, averaged over the pairs: (people,) arrays."""
        chosen = [made[estimator] for name, made in self.pairs.items() if pair in (None, name)]
        robust = np.mean([made.robust for made in chosen], axis=0)
        return (np.mean([made.plug_in for made in chosen], axis=0) if estimator == "plug-in" else robust), robust

    @property
    def effective_share(self) -> float:
        """How evenly people stand for others: 1 where all for as many, one over the people where one for all.

        Kish's effective share of the sample, of the plug-in numbers.
        """
        stands_for = self.weights * self.per_person("plug-in")[0]
        return float(stands_for.sum() ** 2 / (len(stands_for) * (stands_for @ stands_for)))

    def deviation(self, influence: Floats) -> float:
        """Return the influence's standard deviation: the root of its mean variance within folds."""
        return math.sqrt(float(np.mean([influence[self.folds == fold].var(ddof=1)
                                        for fold in range(self.n_folds)])))


def _cells(people: ListedPeople, pair: Sequence[str]) -> Cells:
    on = people.on[:, [people.lists.index(name) for name in pair]]
    return np.where(on.all(axis=1), 0, np.where(on[:, 0], 1, np.where(on[:, 1], 2, 3))).astype(np.int64)
