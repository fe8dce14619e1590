"""How far the prior decides: the posterior of N against the prior count of each history and the prior on N."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.averaging import MOST_UNINFORMED
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.exact_average import bayesian_graphical_posterior
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.weights import Prior
from smuggling_analysis.methods.multiple_systems.bayesian.under_priors import UnderPriors
from smuggling_analysis.progress import followed


@dataclass(frozen=True, eq=False, repr=False)
class PriorTable(UnderPriors):
    """N against the prior: a row for each prior count and each prior on N.

    As `UnderPriors`. `frame` has the columns `delta`, `uninformed`, the share of the posterior in graphs of which the
    prior alone decides N, and `model`, the most probable graph, too; `mean` is NaN where the tail is too long for one.
    """

    @property
    def decided(self) -> bool:
        """Whether the prior decides: the medians lie far apart, or under every prior nobody informs N."""
        return super().decided or bool((self.frame["uninformed"].dropna() > MOST_UNINFORMED).all())

    def _named(self, row: Mapping[Any, Any]) -> str:
        return f"delta {row['delta']:g}, prior {row['prior']}"

    def _aside(self) -> str:
        most = float(self.frame["uninformed"].max())
        return (f"; up to {100 * most:.0f} % of the posterior lies with graphs that nobody informs about the hidden"
                if most > MOST_UNINFORMED else "")


def prior_table(histories: CaptureHistories, *, deltas: Sequence[float] | None = None,
                priors: Sequence[str] | Mapping[str, Prior] = ("inverse", "uniform"), least_hidden: int = 0,
                most_hidden: int | None = None, confidence_level: float = 0.95) -> PriorTable:
    """Tabulate the posterior of N against the prior count of each history and the prior on N.

    Parameters
    ----------
    histories : CaptureHistories
        Three to seven lists; strata are added together.
    deltas : sequence of float, optional
        Prior counts; by default the powers of two from 2**-lists to 1.
    priors : sequence of str, or mapping of str to prior
        Priors on N by name, or under names of their own.
    least_hidden, most_hidden
        As in `bayesian_graphical_posterior`.
    confidence_level : float
        The intervals' probability.

    Returns
    -------
    PriorTable
        With `.frame`, `.ratio`, `.decided` and `.verdict`.

    Raises
    ------
    ValueError
        If there are fewer than three or more than seven lists, or no prior.
    NoEstimate
        If there is a posterior under none of the priors.

    Examples
    --------
    >>> children = CaptureHistories.from_counts(
    ...     {"clinic": 60, "death": 49, ("clinic", "death"): 4, "birth": 247, ("clinic", "birth"): 112,
    ...      ("death", "birth"): 142, ("clinic", "death", "birth"): 12}, lists=["clinic", "death", "birth"])
    >>> table = prior_table(children, deltas=[0.125, 0.5, 1])
    >>> table.frame[["prior", "delta", "median", "lower", "upper"]].head(3)
         prior  delta  median  lower  upper
    0  inverse  0.125   731.0  694.0  787.0
    1  inverse  0.500   732.0  686.0  798.0
    2  inverse  1.000   732.0  681.0  800.0
    >>> table.decided
    False
    """
    deltas = [2.0**-power for power in range(histories.n_lists, -1, -1)] if deltas is None else list(deltas)
    named = dict(priors) if isinstance(priors, Mapping) else {name: name for name in priors}
    if not deltas or not named:
        raise ValueError("prior_table needs one prior count and one prior on N, or more")
    asked = [(name, delta) for name in named for delta in deltas]
    options: dict[str, Any] = {"least_hidden": least_hidden, "most_hidden": most_hidden}
    rows = [_row(histories, name, named[name], float(delta), confidence_level, options)
            for name, delta in followed(asked, len(asked), "priors tried")]
    frame = pd.DataFrame(rows)
    if frame["median"].isna().all():
        raise NoEstimate(f"under none of {len(rows)} priors is there a posterior: {rows[0]['reason']}",
                         "people found on several lists, or most_hidden, a limit that is known")
    return PriorTable(frame, histories.n_observed, confidence_level, histories.fingerprint, histories.simulated)


def _row(histories: CaptureHistories, name: str, prior: Prior, delta: float, confidence_level: float,
         options: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"prior": name, "delta": delta, "median": math.nan, "mean": math.nan, "lower": math.nan,
                           "upper": math.nan, "uninformed": math.nan, "model": "", "reason": ""}
    try:
        posterior = bayesian_graphical_posterior(histories, delta=delta, prior=prior, **options)
    except NoEstimate as refusal:
        return row | {"reason": refusal.reason}
    lower, upper = posterior.interval(confidence_level)
    return row | {"median": float(posterior.quantile(0.5)), "lower": float(lower), "upper": float(upper),
                  "mean": math.nan if posterior.mean is None else posterior.mean, "uninformed": posterior.uninformed,
                  "model": posterior.leading(1)["model"][0]}

