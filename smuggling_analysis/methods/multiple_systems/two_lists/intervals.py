"""The intervals of the two-list estimators: log-normal, logit, Wald, profile likelihood and bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_factor

Formula = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""An estimator: (tables,) arrays of the people on the first list, the second and both -> populations."""

_LARGEST_EXPONENT = 600.0
_MOST_DRAWN = 2.0**62
# Further than any interval reaches, on the logarithm of the unseen.
_NEVER = 40.0
# Where a list lies inside the other these rest on a standard error of zero.
_REST_ON_THE_ERROR = ("log-normal", "wald", "bootstrap")


@dataclass(frozen=True)
class TwoListCounts:
    """What two lists tell: how many people are on each, and on both.

    Parameters
    ----------
    names : (str, str)
        The lists' names.
    first, second : int
        People on each list.
    both : int
        People on both.
    """

    names: tuple[str, str]
    first: int
    second: int
    both: int

    @property
    def observed(self) -> int:
        """People on at least one list."""
        return self.first + self.second - self.both

    @property
    def only_first(self) -> int:
        """People on the first list alone."""
        return self.first - self.both

    @property
    def only_second(self) -> int:
        """People on the second list alone."""
        return self.second - self.both

    @property
    def identical(self) -> bool:
        """Whether both lists hold the same people."""
        return not self.only_first and not self.only_second

    @property
    def nested(self) -> bool:
        """Whether everyone on one list is also on the other."""
        return not self.only_first or not self.only_second


@dataclass(frozen=True, eq=False)
class Asked:
    """Everything an interval may need: the counts, the estimate, and what the caller wants."""

    counts: TwoListCounts
    method: str
    formula: Formula
    unseen: float
    variance: float
    confidence_level: float
    replicates: int
    rng: np.random.Generator
    fingerprint: str

    @property
    def value(self) -> float:
        """The estimated population."""
        return self.counts.observed + self.unseen

    @property
    def z(self) -> float:
        """The normal quantile of the confidence level."""
        return NormalDist().inv_cdf(0.5 + self.confidence_level / 2)


@dataclass(frozen=True, eq=False)
class Interval:
    """Two limits, how they were made, and what there is to say of them."""

    lower: float
    upper: float
    described: str
    draws: Draws | None = None
    diagnostics: dict[str, Any] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()


def interval_of(asked: Asked, kind: str) -> Interval:
    """Return the interval asked for, or the exact one where a list inside the other leaves that one no use.

    Where everyone on one list is also on the other the formula's standard error is zero, and an interval made
    from it is a single point. Given the lists' sizes the number on both is hypergeometric, and the exact
    limit it sets (Chapman 1951) holds in any sample.

    Parameters
    ----------
    asked : Asked
        The counts and the estimate.
    kind : str
        One of `INTERVALS`.
    """
    counts = asked.counts
    if counts.identical and kind == "logit":
        said = "the lists hold the same people, so the logit interval would reach without bound"
    elif counts.nested and kind in _REST_ON_THE_ERROR:
        said = f"everyone on one list is also on the other, so the {kind} interval would be a single point"
    else:
        return INTERVALS[kind](asked)
    return replace(_exact(asked), cautions=(f"{said}: the exact hypergeometric one is given instead",))


def _exact(asked: Asked) -> Interval:
    """The largest population in which a list this size would still lie inside the other often enough."""
    from scipy.optimize import brentq
    from scipy.special import betaln

    counts = asked.counts
    inner, outer = min(counts.first, counts.second), max(counts.first, counts.second)
    least = math.log((1 - asked.confidence_level) / 2)

    def chance(log_unseen: float) -> float:
        # All of the inner list fall among the outer: C(outer, inner) / C(N, inner), as a logarithm.
        unseen = math.exp(log_unseen)
        return float(betaln(outer + unseen - inner + 1, inner) - betaln(outer - inner + 1, inner)) - least

    furthest = math.log(outer + 1.0) + _NEVER
    upper = math.exp(brentq(chance, -_NEVER, furthest, xtol=1e-12)) if chance(furthest) < 0 else math.inf
    return Interval(float(counts.observed), counts.observed + upper, "exact hypergeometric")


def _log_normal(asked: Asked) -> Interval:
    seen, unseen = asked.counts.observed, asked.unseen
    spread = float(log_normal_factor(math.sqrt(asked.variance) / unseen, asked.confidence_level))
    return Interval(seen + unseen / spread, seen + unseen * spread, "log-normal on the unseen")


def _logit(asked: Asked) -> Interval:
    counts = asked.counts
    only_first, only_second, both = counts.only_first + 0.5, counts.only_second + 0.5, counts.both + 0.5
    unseen = only_first * only_second / both
    deviation = math.sqrt(1 / both + 1 / only_first + 1 / only_second + both / (only_first * only_second))
    described = "transformed logit"
    if (exponent := asked.z * deviation) > _LARGEST_EXPONENT:
        said = ("the interval has no upper limit: almost everyone on one list is on the other, where this "
                "interval does not work; use interval='profile'")
        return Interval(float(counts.observed), math.inf, described, cautions=(said,))
    spread = math.exp(exponent)
    lower = counts.observed - 0.5 + unseen / spread
    return Interval(max(lower, float(counts.observed)), counts.observed - 0.5 + unseen * spread, described)


def _wald(asked: Asked) -> Interval:
    half = asked.z * math.sqrt(asked.variance)
    return Interval(asked.value - half, asked.value + half, "Wald")


def _profile(asked: Asked) -> Interval:
    from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
    from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile

    counts = asked.counts
    cells = np.array([0.0, counts.only_first, counts.only_second, counts.both])
    found = Profile(cells, Model(2, (1, 2))).interval(asked.unseen, asked.confidence_level)
    said = () if math.isfinite(found.upper) else ("the likelihood sets no upper limit to the population",)
    if counts.nested:
        said = (*said, "where a list lies inside the other the profile likelihood's interval is too short: "
                       "use interval='log-normal'")
    return Interval(found.lower, found.upper, "multinomial profile likelihood", cautions=said,
                    diagnostics={"multinomial_value": found.value})


def _bootstrap(asked: Asked) -> Interval:
    """Draw populations of the estimated size and estimate each anew: a parametric percentile bootstrap."""
    if asked.value > _MOST_DRAWN:
        raise NoEstimate(f"a population of {asked.value:.3g} is too large to be drawn",
                         "interval='log-normal'")
    counts, stream = asked.counts, int(asked.rng.integers(2**63))
    # The shorter list goes first, so that the draws do not depend on the order of the lists.
    shares = sorted((counts.first / asked.value, counts.second / asked.value))
    chances = np.array([shares[0] * (1 - shares[1]), (1 - shares[0]) * shares[1], shares[0] * shares[1]])
    drawn = np.random.default_rng(stream).multinomial(
        round(asked.value), [*chances, max(0.0, 1 - chances.sum())], size=asked.replicates).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = asked.formula(drawn[:, 0] + drawn[:, 2], drawn[:, 1] + drawn[:, 2], drawn[:, 2])
    kept = sizes[np.isfinite(sizes)]
    if kept.size < max(2, asked.replicates / 2):
        raise NoEstimate(f"only {kept.size} of {asked.replicates} bootstrap replicates have anybody on both "
                         "lists", "lists that share more people")
    failed = asked.replicates - kept.size
    tail = (1 - asked.confidence_level) / 2
    lower, upper = np.quantile(kept, [tail, 1 - tail], method="median_unbiased")
    name = digest(asked.fingerprint, asked.method, "bootstrap", asked.replicates, stream)
    said = (f"{failed:,} of {asked.replicates:,} bootstrap replicates had nobody on both lists and are left "
            "out: the interval reaches too little upwards",) if failed else ()
    return Interval(
        float(lower), float(upper), f"percentile parametric bootstrap, {asked.replicates:,} replicates",
        Draws.of(kept, name), {"replicates": asked.replicates, "failed_replicates": failed}, said)


INTERVALS: dict[str, Callable[[Asked], Interval]] = {
    "log-normal": _log_normal, "logit": _logit, "wald": _wald, "profile": _profile, "bootstrap": _bootstrap}
