"""N against the prior of latent classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import ClassPrior
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.estimator import estimate_of
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import latent_class_chains
from smuggling_analysis.methods.multiple_systems.bayesian.under_priors import UnderPriors

CONCENTRATIONS = ((0.25, 0.25), (0.05, 0.05), (1.0, 1.0), (5.0, 1.0))
CLASSES = (2, 5, 10, 20)
_COLUMNS = ("prior", "classes", "shape", "rate", "median", "mean", "lower", "upper", "rhat", "ess", "reason")


@dataclass(frozen=True, eq=False, repr=False)
class ClassPriorTable(UnderPriors):
    """N against the prior of latent classes: a row for each, the one used first.

    As `UnderPriors`. `frame` has the columns `classes, shape, rate, rhat, ess`, too.
    """


def latent_class_prior_table(histories: CaptureHistories, *,
                             concentrations: Iterable[tuple[float, float]] = CONCENTRATIONS,
                             classes: Iterable[int] = CLASSES, chains: int = 4, draws: int = 1500,
                             burn_in: int = 1000, confidence_level: float = 0.95, n_jobs: int = 2,
                             rng: int | np.random.Generator | None = None) -> ClassPriorTable:
    """Show how much the prior of latent classes decides: N against the concentration's prior and the most classes.

    Parameters
    ----------
    histories : CaptureHistories
        From 3 to 20 lists.
    concentrations : iterable of (float, float)
        Shape and rate of the Gamma priors, the first of them the usual one; each with 10 classes.
    classes : iterable of int
        The most classes, each with the first of `concentrations`.
    chains, draws, burn_in, confidence_level, n_jobs, rng
        As in `latent_class`.

    Returns
    -------
    ClassPriorTable
        Rows in the order asked for, none twice. Chains that did not mix are a row with its reason.

    Raises
    ------
    NoEstimate
        If the lists allow no latent classes at all, as in `latent_class`.

    Examples
    --------
    >>> cases = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 50, "c": 40, ("a", "b"): 20, ("a", "c"): 15, ("b", "c"): 12, ("a", "b", "c"): 6},
    ...     lists=["a", "b", "c"])
    >>> table = latent_class_prior_table(cases, concentrations=[(0.25, 0.25)], classes=[1, 10], draws=500, rng=1)
    >>> list(table.frame["prior"])
    ['10 classes, concentration Gamma(0.25, 0.25)', '1 classes, concentration Gamma(0.25, 0.25)']
    """
    pairs = list(concentrations)
    if not pairs:
        raise ValueError("give one prior of the concentration or more, as pairs of shape and rate")
    priors = dict.fromkeys([*(ClassPrior(10, *pair) for pair in pairs),
                            *(ClassPrior(most, *pairs[0]) for most in classes)])
    sources = np.random.default_rng(rng).spawn(len(priors))
    rows = []
    for prior, source in zip(priors, sources, strict=True):
        drawn = latent_class_chains(histories, classes=prior.classes, shape=prior.shape, rate=prior.rate,
                                    chains=chains, draws=draws, burn_in=burn_in, n_jobs=n_jobs, rng=source)
        try:
            found = dict(_numbers(estimate_of(drawn, histories, prior, confidence_level)))
        except NoEstimate as refusal:
            found = {"reason": refusal.reason}
        rows.append({"prior": str(prior), "classes": prior.classes, "shape": prior.shape, "rate": prior.rate,
                     "rhat": drawn.rhat, "ess": min(drawn.ess_bulk, drawn.ess_tail), "reason": "", **found})
    return ClassPriorTable(pd.DataFrame(rows, columns=list(_COLUMNS)), histories.n_observed, confidence_level,
                           histories.fingerprint, histories.simulated)


def _numbers(found: Estimate) -> Iterator[tuple[str, Any]]:
    yield from (("median", found.value), ("lower", found.lower), ("upper", found.upper))
    yield "mean", found.diagnostics["mean"]
