"""What a study comes to: bias, error, coverage with its Monte Carlo band, width, refusals by method and scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.validation.fits import ANSWERED, FAILED, REFUSED, Fit
from smuggling_analysis.validation.method_variants import Candidate
from smuggling_analysis.validation.scenario import Scenario

NOMINAL = 0.95
FEWEST = 20
"""With fewer answers nothing is said of coverage."""
MARGIN = 0.05
"""An interval fails where even the upper end of the band lies this far below what it says of itself."""
VERDICTS = ("as it says", "less than it says", "fails", "more than it says", "too few answers")


@dataclass(frozen=True, eq=False)
class ValidationTable:
    """Every method beside the truth.

    Attributes
    ----------
    frame : DataFrame
        One row per method and scenario: `method, key, label, given, scenario, structure, evidence, shape, lists,
        size, overlap`, with lists and overlap missing where there are none, and `given` what of the evidence the
        method takes into account beside others of its name; how many populations were `drawn` and
        `answered`, and the shares `refused` and `cautioned` (of the answers); `bias` (mean of N-hat / N - 1),
        `bias_se` (its Monte Carlo standard error), `median_error` and `rmse`, all relative; `coverage` of the
        95 % interval with `coverage_low` and `coverage_high`, its 95 % Monte Carlo band; `width` (median of
        (upper - lower) / N); `seconds` (median processor time); `verdict` on coverage, one of VERDICTS.
    fits : DataFrame
        One row per fit: `scenario, candidate, replicate, outcome, value, lower, upper, cautions, seconds, words`.
    replicates, seed : int
        What was asked.

    Examples
    --------
    >>> from smuggling_analysis.validation import validate
    >>> table = validate(["chapman"], ["independence"], replicates=20, rng=1, n_jobs=1)
    >>> table.frame[["key", "lists", "drawn", "refused"]].values.tolist()
    [['chapman', 2, 20, 0.0]]
    """

    frame: pd.DataFrame
    fits: pd.DataFrame
    replicates: int
    seed: int

    @classmethod
    def of(cls, fits: Iterable[Fit], scenarios: Mapping[str, Scenario], chosen: Mapping[str, Candidate], *,
           replicates: int, seed: int) -> ValidationTable:
        """Sum fits up, in the order of the candidates and scenarios."""
        every = pd.DataFrame([asdict(fit) for fit in fits])
        groups = dict(iter(every.groupby(["candidate", "scenario"], sort=False)))
        rows = [{**_described(candidate, scenario), **summary(groups[candidate.key, scenario.name], scenario.size)}
                for candidate in chosen.values() for scenario in scenarios.values()
                if (candidate.key, scenario.name) in groups]
        order = [(row["key"], row["scenario"]) for row in rows]
        frame = pd.DataFrame(rows).astype({"lists": "Int64"})
        return cls(frame, pd.concat([groups[pair] for pair in order], ignore_index=True), replicates, seed)


def _described(candidate: Candidate, scenario: Scenario) -> dict[str, Any]:
    return {"method": candidate.method, "key": candidate.key, "label": candidate.label, "given": candidate.given,
            "scenario": scenario.name, "structure": scenario.structure, "evidence": scenario.evidence,
            "shape": scenario.shape, "lists": scenario.n_lists, "size": scenario.size,
            "overlap": round(scenario.overlap_share, 6)}


def summary(fits: pd.DataFrame, size: int) -> dict[str, Any]:
    """Sum up the fits of one method on one scenario whose truth is `size`."""
    drawn = int((fits["outcome"] != FAILED).sum())
    answers = fits[fits["outcome"] == ANSWERED]
    error = answers["value"].to_numpy() / size - 1
    many = len(answers)
    hits = int(((answers["lower"] <= size) & (size <= answers["upper"])).sum())
    low, high = monte_carlo_band(hits, many)
    bias_se = float(error.std(ddof=1) / math.sqrt(many)) if many > 1 else math.nan
    return {"drawn": drawn, "answered": many,
            "refused": float((fits["outcome"] == REFUSED).sum() / max(drawn, 1)),
            "cautioned": float((answers["cautions"] > 0).mean()) if many else math.nan,
            "bias": float(error.mean()) if many else math.nan, "bias_se": bias_se,
            "median_error": float(np.median(error)) if many else math.nan,
            "rmse": float(np.sqrt(np.mean(error**2))) if many else math.nan,
            "coverage": hits / many if many else math.nan, "coverage_low": low, "coverage_high": high,
            "width": float(np.median(answers["upper"] - answers["lower"]) / size) if many else math.nan,
            "seconds": float(fits["seconds"].median()), "verdict": verdict(hits, many)}


def monte_carlo_band(hits: int, tried: int, confidence_level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share of which `hits` of `tried` were seen (Clopper and Pearson 1934).

    Examples
    --------
    >>> [round(end, 3) for end in monte_carlo_band(190, 200)]
    [0.91, 0.976]
    """
    from scipy.special import betaincinv

    if not tried:
        return math.nan, math.nan
    tail = (1 - confidence_level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, tried - hits + 1, tail))
    high = 1.0 if hits == tried else float(betaincinv(hits + 1, tried - hits, 1 - tail))
    return low, high


def verdict(hits: int, tried: int) -> str:
    """Say of an interval that covered `hits` of `tried` truths whether it does what it says.

    Examples
    --------
    >>> verdict(190, 200), verdict(180, 200), verdict(120, 200), verdict(3, 5)
    ('as it says', 'less than it says', 'fails', 'too few answers')
    """
    if tried < FEWEST:
        return VERDICTS[4]
    low, high = monte_carlo_band(hits, tried)
    if high < NOMINAL - MARGIN:
        return VERDICTS[2]
    if high < NOMINAL:
        return VERDICTS[1]
    return VERDICTS[3] if low > NOMINAL else VERDICTS[0]
