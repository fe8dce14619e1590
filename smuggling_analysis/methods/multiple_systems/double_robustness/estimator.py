"""Doubly robust estimates from two or more lists of people whose covariates are known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.cells import as_text
from smuggling_analysis.evidence.listed_people import ListedPeople
from smuggling_analysis.methods.multiple_systems.double_robustness.list_pairs import ESTIMATORS, Asked, PairFits
from smuggling_analysis.methods.multiple_systems.double_robustness.nuisance import MODELS, Cells, Nuisance
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits

INTERVALS = ("log-normal", "wald")
OTHERS = "others, fewer than 10 each"
_FEWEST = 10
_MOST_GROUPS = 100
_FEW = 100
_FEW_ON_BOTH = 20
_CARRIES = 0.05
_FAR_APART = 1.5


def doubly_robust(people: ListedPeople, *, lists: Sequence[str] | None = None,
                  covariates: Sequence[str] | None = None, by: str | None = None,
                  estimator: str = "doubly robust", nuisance: str | Nuisance = "multinomial",
                  folds: int | ArrayLike = 5, least: float = 0.005, interval: str = "log-normal",
                  confidence_level: float = 0.95, rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from lists that are independent given what is known of each person.

    Two things are learnt from the people observed: who is on the first list and who on the second. The estimate
    is right if either is learnt well, and its error is the product of the two errors, so flexible models can be
    used (Das, Kennedy and Jewell 2021). Each person's chances are learnt from the people of other folds.

    Parameters
    ----------
    people : ListedPeople
        On two lists or more.
    lists : sequence of str, optional
        The pair of lists taken to be independent given the covariates; people on other lists count as observed.
        Without it every pair is taken in turn and the estimates are averaged.
    covariates : sequence of str, optional
        What being on the lists may depend on; by default all that `people` has.
    by : str, optional
        A covariate for whose values the estimate is also given, in `diagnostics["groups"]`; the groups sum to
        the whole.
    estimator : str
        "doubly robust", "plug-in" (the learnt chances alone, without correction; no robustness), or "targeted"
        (targeted maximum likelihood: chances moved until the correction vanishes).
    nuisance : str or callable
        "multinomial" logistic, "logistic" (one regression a cell, against the others), "none" (no covariates:
        the Lincoln-Petersen estimate), or a function `f(x, cell, new)` of your own: `x` and `new` are (people,
        columns) arrays of covariates with an intercept, `cell` is 0 for both lists, 1 for the first alone, 2 for
        the second alone, 3 for neither; it returns the chances of cells 0, 1 and 2 for `new`, (people, 3).
        Where each list's chance is logistic in the covariates, the multinomial model is the right one.
    folds : int or (people,) array-like
        How many folds, drawn by `rng` (1: all learn from all), or each person's fold.
    least : float
        The least chance of being on both lists that is allowed; it bounds what one person can stand for.
    interval : str
        "log-normal" (on the people not seen) or "wald" (symmetric, from the number observed upwards).
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Seed or source of randomness for the folds.

    Returns
    -------
    Estimate
        In persons, with the standard error from the influence function. `diagnostics` holds sums alone, of
        no single person.

    Raises
    ------
    ValueError
        If a list, covariate or option is unknown, or `folds` does not fit the people.
    NoEstimate
        If nobody is on both lists of any pair, or a fold leaves nobody to learn from.

    References
    ----------
    Das, M., Kennedy, E. H. and Jewell, N. P. (2021). Doubly robust capture-recapture methods for estimating
    population size. arXiv:2104.14091. doi:10.48550/arXiv.2104.14091

    van der Laan, M. J. and Rubin, D. (2006). Targeted maximum likelihood learning. The International Journal of
    Biostatistics 2(1).

    Examples
    --------
    >>> from smuggling_analysis.simulate import listed_people
    >>> people = listed_people(5000, {"police": -1.0, "ngo": -1.2}, {"police": 1.0, "ngo": 1.0}, rng=1)
    >>> found = doubly_robust(people, rng=1)
    >>> found.lower < 5000 < found.upper, found.method
    (True, 'doubly_robust, doubly robust, multinomial')
    """
    asked = Asked(people, _known(people, lists, covariates, by), estimator, nuisance, least)
    _check(asked, interval, confidence_level)
    pairs = [tuple(lists)] if lists is not None else list(combinations(sorted(people.lists), 2))
    numbers = _folds(people, 1 if asked.without_covariates else folds, np.random.default_rng(rng))
    fits = PairFits(asked, pairs, numbers)
    whole = Sized.of(fits, asked.estimator)
    lower, upper = whole.limits(interval, confidence_level)
    told = _diagnostics(asked, fits, whole)
    if by is not None:
        told["groups"] = _groups(fits, asked, by, interval, confidence_level)
    return Estimate(
        value=whole.value, lower=lower, upper=upper, unit="persons", confidence_level=confidence_level,
        method=f"doubly_robust, {asked.estimator}, {asked.model}", observed=whole.observed, se=whole.se,
        interval=_DESCRIBED[interval], diagnostics=told, cautions=tuple(_cautions(asked, fits, whole)),
        fingerprint=people.fingerprint, simulated=people.simulated)


@dataclass(frozen=True)
class Sized:
    """A population's size: as it came out, not below the people observed, and its standard error."""

    raw: float
    observed: int
    se: float

    @classmethod
    def of(cls, fits: PairFits, estimator: str, *, pair: str | None = None,
           among: NDArray[np.bool_] | None = None) -> Sized:
        """Sum what people stand for: over all people, or those `among` them."""
        stands_for, influence = fits.per_person(estimator, pair)
        weights = fits.weights * len(stands_for)
        if among is None:
            observed, raw, deviation = len(stands_for), float(weights @ stands_for), fits.deviation(influence)
        else:
            observed, raw = int(among.sum()), float(weights[among] @ stands_for[among])
            deviation = float(influence[among].std(ddof=1))
        value = max(raw, float(observed))
        return cls(raw, observed, math.sqrt(observed * deviation**2 + value * (value / observed - 1)))

    @property
    def value(self) -> float:
        """The size, not below the people observed."""
        return max(self.raw, float(self.observed))

    def limits(self, interval: str, confidence_level: float) -> tuple[float, float]:
        """Return the interval's limits, never below the people observed."""
        if interval == "log-normal":
            return log_normal_limits(self.value, self.se, self.observed, confidence_level)
        half = NormalDist().inv_cdf(0.5 + confidence_level / 2) * self.se
        return max(self.value - half, float(self.observed)), self.value + half


def _known(people: ListedPeople, lists: Sequence[str] | None, covariates: Sequence[str] | None,
           by: str | None) -> tuple[str, ...]:
    if people.n_observed < 2:
        raise NoEstimate("there is one person only", "the records of all people on the lists")
    if people.n_lists < 2:
        raise ValueError(f"doubly_robust needs two lists or more, got one ({people.lists[0]})")
    if lists is not None and (len(set(lists)) != 2 or len(lists) != 2 or not set(lists) <= set(people.lists)):
        raise ValueError(f"lists names two of {', '.join(people.lists)}, got {', '.join(map(str, lists))}")
    names = tuple(people.covariates if covariates is None else covariates)
    for name in (*names, *([by] if by else [])):
        people.values_of(name)
    return names


def _check(asked: Asked, interval: str, confidence_level: float) -> None:
    if not callable(asked.nuisance) and asked.nuisance not in MODELS:
        raise ValueError(f"nuisance is one of {', '.join(MODELS)} or a function, not {asked.nuisance!r}")
    if asked.estimator not in ESTIMATORS:
        raise ValueError(f"estimator is one of {', '.join(ESTIMATORS)}, not {asked.estimator!r}")
    if interval not in INTERVALS:
        raise ValueError(f"interval is one of {', '.join(INTERVALS)}, not {interval!r}")
    if not 0 < asked.least < 1 or not 0 < confidence_level < 1:
        raise ValueError(f"least and confidence_level are shares between 0 and 1, got {asked.least} and "
                         f"{confidence_level}")


def _folds(people: ListedPeople, folds: int | ArrayLike, rng: np.random.Generator) -> Cells:
    given = np.asarray(folds)
    if given.ndim:
        sizes = np.unique(given, return_counts=True)[1]
        if given.shape != (people.n_observed,) or len(sizes) < 2 or sizes.min() < 2:
            raise ValueError(f"folds must number the {people.n_observed:,} people, one number each, in two folds or "
                             "more of two people or more")
        return np.unique(given, return_inverse=True)[1].astype(np.int64)
    number = int(given)
    if number < 1:
        raise ValueError(f"folds must be between 2 and half the {people.n_observed:,} people, got {number}")
    if number > max(1, people.n_observed // 2):
        raise NoEstimate(f"{people.n_observed:,} people cannot be split into {number} folds of two or more",
                         f"{2 * number} people or more, or fewer folds")
    drawn = np.empty(people.n_observed, dtype=np.int64)
    drawn[people.order] = rng.permutation(np.arange(people.n_observed) % number)
    return drawn


def _diagnostics(asked: Asked, fits: PairFits, whole: Sized) -> dict[str, Any]:
    estimates = {name: Sized.of(fits, name) for name in fits.estimators}
    pairs = {pair: Sized.of(fits, asked.estimator, pair=pair) for pair in fits.pairs}
    return {"capture_share": whole.observed / whole.raw,
            "influence_sd": fits.deviation(fits.per_person(asked.estimator)[1]),
            "estimates": {name: size.raw for name, size in estimates.items()},
            "pairs": {pair: {"on_both": fits.on_both[pair], "value": size.raw, "se": size.se}
                      for pair, size in pairs.items()},
            "covariates": list(asked.used), "nuisance": asked.model, "folds": fits.n_folds,
            "raised_share": fits.raised}


def _groups(fits: PairFits, asked: Asked, by: str, interval: str,
            confidence_level: float) -> dict[str, dict[str, float]]:
    labels, place, sizes = np.unique(asked.people.values_of(by), return_inverse=True, return_counts=True)
    if len(labels) > _MOST_GROUPS:
        raise ValueError(f"the covariate {by} has {len(labels):,} values: groups are of a covariate with "
                         f"{_MOST_GROUPS} or fewer")
    names = [as_text(label) if size >= _FEWEST else OTHERS
             for label, size in zip(labels.tolist(), sizes.tolist(), strict=True)]
    groups: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(names):
        among = np.isin(place, [number for number, own in enumerate(names) if own == name])
        if among.sum() >= 2:
            size = Sized.of(fits, asked.estimator, among=among)
            lower, upper = size.limits(interval, confidence_level)
            groups[name] = {"value": size.value, "lower": lower, "upper": upper, "se": size.se,
                            "observed": size.observed}
    return groups


def _cautions(asked: Asked, fits: PairFits, whole: Sized) -> Iterator[str]:
    given = f"given {', '.join(asked.used)}" if asked.used else "without regard to what is known of people"
    yield (f"the lists are taken to be independent {given}: what else leads people from one list to another, or "
           "makes them easy to find, makes the estimate too low")
    if whole.raw < whole.observed:
        yield (f"the formula gives {whole.raw:,.0f}, fewer than the {whole.observed:,} observed, who are shown "
               "instead: the lists overlap too little, or the model of them is wrong")
    elif whole.raw <= whole.observed * (1 + 1e-9):
        yield "the formula sees nobody missing; its standard error of zero does not mean certainty"
    if whole.observed < _FEW:
        yield f"only {whole.observed} people: the models of the lists rest on few"
    if few := [pair for pair, number in fits.on_both.items() if number < _FEW_ON_BOTH]:
        yield f"fewer than {_FEW_ON_BOTH} people are on both {'; '.join(few)}: one record more or less matters"
    if fits.without:
        yield f"nobody is on both {'; '.join(fits.without)}: left out of the average"
    if fits.raised > 0:
        yield (f"the chance of being on both lists was raised to {asked.least:g} for "
               f"{100 * fits.raised:.2g} % of people: such people hardly overlap, and what they stand for rests on "
               "that limit")
    if not fits.settled:
        yield ("a model of the lists did not reach its maximum: some of what is known of people tells their lists "
               "exactly")
    if not fits.on_target:
        yield "targeting did not reach its equation: the people hardly overlap; take the doubly robust estimate"
    stands_for = fits.weights * fits.per_person("doubly robust")[0]
    if np.abs(stands_for).max() > _CARRIES * abs(stands_for.sum()):
        yield f"one person stands for more than {100 * _CARRIES:g} % of the estimate"
    values = [Sized.of(fits, asked.estimator, pair=pair).value for pair in fits.pairs]
    if max(values) > _FAR_APART * min(values):
        yield (f"the pairs of lists disagree, from {min(values):,.0f} to {max(values):,.0f}: the lists are not all "
               "independent given what is known of people")
    if asked.estimator == "plug-in":
        yield "the plug-in estimate has no correction; its standard error is that of the doubly robust one"


_DESCRIBED = {"log-normal": "log-normal on the unseen, influence function",
              "wald": "Wald, influence function"}
