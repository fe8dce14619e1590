"""The sample coverage approach: how much of each list the others had found already."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from smuggling_analysis.draws import Draws, digest, equal_tailed
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.kernels.sample_coverage import Floats, coverage_estimates
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits
from smuggling_analysis.methods.multiple_systems.two_lists.estimators import chapman

ESTIMATORS = ("independent", "high", "one-step")
INTERVALS = ("log-normal", "bootstrap")
# This package's marks. The literature turns to the one-step estimate where coverage is low and the standard error
# relatively large; it is from here on that we call the one enough and the other steady.
ENOUGH_COVERAGE = 0.55
STEADY = 1 / 3
# Replicates without an estimate are those with most people unseen: leaving out more than this would flatter the rest.
MOST_FAILED = 0.05
_ROUNDING = 1e-9
_LARGEST = 1e15
_OVERLAP = "lists that share more people, or a further list that overlaps the others"


@takes_linked_versions
def sample_coverage(histories: CaptureHistories, *, estimator: str | None = None, replicates: int = 1000,
                    interval: str = "log-normal", confidence_level: float = 0.95,
                    rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population by the sample coverage of three or more lists (Chao and Tsay 1998).

    The sample coverage is the share of a list's people that the other lists found too, averaged over lists and
    weighted by how easily people are found. Dependence between two lists, whether one leads to the other or
    some people are easier to find, is measured by their coefficient of covariation (CCV): the excess of the
    people on both over what independence would give. No model is chosen.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more; strata are added together.
    estimator : str, optional
        "high", for high sample coverage; "one-step", for low sample coverage, a lower bound where the lists
        depend positively and an upper bound where negatively; "independent", as if there were no dependence.
        Without it "high" where the coverage is 55 % or more and the standard error less than a third of the
        estimate, else "one-step". The advice to turn to the one-step estimate where the coverage is low or the
        standard error relatively large is the literature's; where low and large begin is this package's rule.
    replicates : int
        Bootstrap replicates: populations of the estimated size, drawn with the observed shares of histories.
    interval : str
        "log-normal" (Chao 1987, on the people not seen, with the bootstrap standard error) or "bootstrap"
        (percentiles of the replicates).
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Estimate
        In persons. `diagnostics` holds the sample coverage, the three estimates, the CCV of every pair of
        lists, and the Petersen and Chapman estimates of every pair. Draws where the interval is "bootstrap".

    Raises
    ------
    ValueError
        If there are fewer than three lists or an option is unknown.
    NoEstimate
        If a list holds nobody, no two lists share anyone, the estimate lies below the number observed, more than
        5 % of the bootstrap replicates have no estimate, or the estimator asked for is too unsteady to be used.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    where lists are nearly independent; under strong dependence, or where people differ much, the estimate
    is too low and the interval misses it.

    References
    ----------
    Chao, A. and Tsay, P. K. (1998). A sample coverage approach to multiple-system estimation with application
    to census undercount. Journal of the American Statistical Association 93, 283-293.

    Chao, A., Tsay, P. K., Lin, S. H., Shau, W. Y. and Chao, D. Y. (2001). The applications of capture-recapture
    models to epidemiological data. Statistics in Medicine 20(20), 3123-3157. doi:10.1002/sim.996

    Examples
    --------
    Hepatitis A in a college in Taiwan, 1995, by serum tests, hospitals and epidemiologists.

    >>> cases = CaptureHistories.from_counts(
    ...     {"serum": 69, "hospital": 55, "survey": 63, ("serum", "hospital"): 21, ("serum", "survey"): 17,
    ...      ("hospital", "survey"): 18, ("serum", "hospital", "survey"): 28},
    ...     lists=["serum", "hospital", "survey"])
    >>> found = sample_coverage(cases, rng=1)
    >>> round(found.value), found.method, round(found.diagnostics["sample_coverage"], 3)
    (508, 'sample_coverage, one-step', 0.513)
    """
    _check(histories, estimator, interval, replicates, confidence_level)
    # In the order of their names, so that the replicates do not depend on the order they came in.
    given, histories = histories, histories.select(sorted(histories.lists))
    table = _Table(histories)
    run = _Run(replicates, np.random.default_rng(rng))
    chosen = run.recommended(table) if estimator is None else run.asked(table, estimator)
    lower, upper, draws = _limits(chosen, table.observed, interval, confidence_level,
                                  digest(given.fingerprint, "sample_coverage", chosen.name, run.stream))
    return Estimate(
        value=chosen.value, lower=lower, upper=upper, unit="persons", confidence_level=confidence_level,
        method=f"sample_coverage, {chosen.name}", observed=table.observed, se=chosen.se, draws=draws,
        interval=f"{_DESCRIBED[interval]}, {replicates:,} bootstrap replicates",
        diagnostics=_diagnostics(histories, table, chosen, replicates, run.why),
        cautions=tuple(_cautions(given, table, chosen, replicates)), fingerprint=given.fingerprint,
        simulated=given.simulated)


@dataclass(frozen=True, eq=False)
class _Replicated:
    """One estimator: its name, value, and the replicates that have an estimate."""

    name: str
    value: float
    sizes: Floats

    @property
    def se(self) -> float:
        return float(self.sizes.std(ddof=1))

    @property
    def steady(self) -> bool:
        return self.se < STEADY * self.value


class _Table:
    """The histories that occur, and the estimates from them."""

    def __init__(self, histories: CaptureHistories):
        self.lists = histories.lists
        self.patterns = histories.patterns
        self.counts = histories.totals.astype(float)
        self.observed = histories.n_observed
        shared = histories.overlaps().to_numpy()
        if empty := [name for place, name in enumerate(self.lists) if shared[place, place] == 0]:
            raise NoEstimate(f"the list {empty[0]} holds nobody", f"people on the list {empty[0]}, or leave it out")
        made = coverage_estimates(self.patterns, self.counts[None, :])[0]
        if math.isnan(made[0]):
            raise NoEstimate("nobody is on two lists, so their sample coverage is zero", _OVERLAP)
        self.coverage = float(made[0])
        self.values = dict(zip(ESTIMATORS, made[1:].tolist(), strict=True))
        self.sizes, self.shared = np.diag(shared).astype(float), shared.astype(float)

    def covariation(self, value: float) -> dict[str, float]:
        """Return the CCV of every pair of lists in a population of `value`."""
        return {f"{self.lists[one]} and {self.lists[other]}":
                float(value * self.shared[one, other] / (self.sizes[one] * self.sizes[other]) - 1)
                for one, other in combinations(range(len(self.lists)), 2)}


class _Run:
    """One call's bootstrap, and why its estimator was taken."""

    def __init__(self, replicates: int, rng: np.random.Generator):
        self.replicates, self.stream = replicates, int(rng.integers(2**63))
        self.why = "asked for"

    def recommended(self, table: _Table) -> _Replicated:
        """Return the estimator for high coverage where it is steady, else the one-step estimator."""
        if table.coverage < ENOUGH_COVERAGE:
            self.why = "the sample coverage is below 55 %"
        elif not table.values["high"] >= table.observed * (1 - _ROUNDING):
            self.why = "the estimator for high coverage has no answer"
        else:
            high = self.replicated(table, "high")
            if high is not None and high.steady:
                self.why = "the sample coverage is 55 % or more"
                return high
            self.why = "the standard error of the estimator for high coverage is a third of it or more"
        return self.asked(table, "one-step")

    def asked(self, table: _Table, name: str) -> _Replicated:
        """Return the estimator by its name, or refuse it."""
        value = table.values[name]
        if math.isnan(value) or value > _LARGEST:
            raise NoEstimate(f"the lists share so few people, given how they depend, that the {name} estimate has no "
                             "answer of any use", _OVERLAP)
        if value < table.observed * (1 - _ROUNDING):
            raise NoEstimate(f"the {name} estimate of {value:,.0f} lies below the {table.observed:,} observed: "
                             "the lists avoid one another more than this method can carry", _OVERLAP)
        made = self.replicated(table, name)
        if made is None:
            raise NoEstimate(f"more than {100 * MOST_FAILED:g} % of the bootstrap replicates have no {name} estimate: "
                             "the lists share too few people for an interval", _OVERLAP)
        if made.se > made.value or (table.coverage < ENOUGH_COVERAGE and name == "high" and not made.steady):
            raise NoEstimate(
                f"the {name} estimate of {value:,.0f} has a bootstrap standard error of {made.se:,.0f} at a "
                f"sample coverage of {100 * table.coverage:.0f} %: it says nothing of the population",
                f"{_OVERLAP}; or take estimator='one-step', a bound")
        return made

    def replicated(self, table: _Table, name: str) -> _Replicated | None:
        """Draw populations of the estimated size and estimate each; None where too many have no estimate."""
        value = max(table.values[name], float(table.observed))
        people = max(round(value), table.observed)
        shares = np.append(table.counts, people - table.observed) / people
        rng = np.random.default_rng([self.stream, ESTIMATORS.index(name)])
        drawn = rng.multinomial(people, shares / shares.sum(), size=self.replicates)[:, :-1].astype(float)
        sizes = coverage_estimates(table.patterns, drawn)[:, 1 + ESTIMATORS.index(name)]
        sizes = sizes[np.isfinite(sizes)]
        enough = sizes.size >= max(2, (1 - MOST_FAILED) * self.replicates)
        return _Replicated(name, value, sizes) if enough else None


def _check(histories: CaptureHistories, estimator: str | None, interval: str, replicates: int,
           confidence_level: float) -> None:
    if histories.n_lists < 3:
        raise ValueError(f"sample_coverage needs 3 lists or more, got {histories.n_lists} "
                         f"({', '.join(histories.lists)}): use chapman for two")
    if estimator is not None and estimator not in ESTIMATORS:
        raise ValueError(f"estimator is one of {', '.join(ESTIMATORS)}, or None for the one recommended, not "
                         f"{estimator!r}")
    if interval not in INTERVALS:
        raise ValueError(f"interval is one of {', '.join(INTERVALS)}, not {interval!r}")
    if replicates < 2:
        raise ValueError(f"replicates must be 2 or more, got {replicates}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def _limits(chosen: _Replicated, observed: int, interval: str, confidence_level: float,
            joint: str) -> tuple[float, float, Draws | None]:
    if interval == "log-normal":
        return *log_normal_limits(chosen.value, chosen.se, observed, confidence_level), None
    # A replicate may fall below the people observed; the population cannot.
    draws = Draws.of(np.maximum(chosen.sizes, observed), joint)
    return *equal_tailed(draws.values, confidence_level), draws


_DESCRIBED = {"log-normal": "log-normal on the unseen", "bootstrap": "percentile"}


def _diagnostics(histories: CaptureHistories, table: _Table, chosen: _Replicated, replicates: int,
                 why: str) -> dict[str, Any]:
    values = {name: None if math.isnan(value) else value for name, value in table.values.items()}
    return {"sample_coverage": table.coverage, "estimator": chosen.name, "why": why, "estimates": values,
            "ccv": table.covariation(chosen.value), "pairs": list(_pairs(histories)),
            "replicates": replicates, "failed_replicates": replicates - chosen.sizes.size}


def _pairs(histories: CaptureHistories) -> Iterator[dict[str, Any]]:
    for one, other in combinations(histories.lists, 2):
        made = chapman(histories.select([one, other]))
        both = made.diagnostics["on_both"]
        petersen = made.diagnostics["on_first"] * made.diagnostics["on_second"] / both if both else None
        yield {"lists": f"{one} and {other}", "petersen": petersen, "chapman": made.value, "se": made.se,
               "lower": made.lower, "upper": made.upper}


def _cautions(histories: CaptureHistories, table: _Table, chosen: _Replicated,
              replicates: int) -> Iterator[str]:
    yield from table_cautions(histories)
    share = f"the sample coverage is {100 * table.coverage:.0f} %"
    if chosen.name == "high" and table.coverage < ENOUGH_COVERAGE:
        yield f"{share}: below 55 %, this package's mark, the estimator for high coverage is not taken by itself"
    if not chosen.steady:
        yield "the standard error is a third of the estimate or more, this package's mark of an unsteady estimate"
    if chosen.name == "one-step":
        signs = np.sign(list(table.covariation(chosen.value).values()))
        bound = ("a lower bound, because the lists depend positively" if (signs >= 0).all() else
                 "an upper bound, because the lists depend negatively" if (signs <= 0).all() else
                 "near the population only if the dependence is weak: some lists lead to one another, others avoid "
                 "one another")
        yield f"{share}, and the one-step estimate is {bound}"
    if chosen.name == "independent":
        yield "the lists are taken to be independent: where they lead to one another the estimate is too low"
    if chosen.value <= table.observed * (1 + _ROUNDING):
        yield "the formula sees nobody missing; that does not mean certainty"
    if failed := replicates - chosen.sizes.size:
        yield f"{failed:,} of {replicates:,} bootstrap replicates had no estimate and are left out"
