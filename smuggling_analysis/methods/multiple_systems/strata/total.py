"""The sum of strata's estimates, and whether it agrees with the strata added together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from smuggling_analysis.draws import IMPLIED_DRAWS, Draws, digest, equal_tailed
from smuggling_analysis.estimate import OWN_CAUTIONS, Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

Label = tuple[str, ...]
Results = Mapping[Label, Estimate | NoEstimate]
_MOST_NAMED = 6


def spoken(label: Label) -> str:
    """Return a stratum's name in words: "f, 2015"."""
    return ", ".join(label)


def sum_of(results: Results, observed: Mapping[Label, int], histories: CaptureHistories, method: str,
           confidence_level: float, *, joint: bool, told: Mapping[str, object] | None = None) -> Estimate:
    """Add the strata's estimates up; a stratum without one enters with the people observed alone.

    Parameters
    ----------
    results : mapping of label to Estimate or NoEstimate
        The strata's answers.
    observed : mapping of label to int
        People observed in each.
    histories : CaptureHistories
        The strata together.
    method : str
        What the strata were estimated by.
    confidence_level : float
        The sum's level.
    joint : bool
        Whether the strata's draws belong together, row by row; otherwise strata are taken as independent.
    told : mapping, optional
        Diagnostics to add.

    Raises
    ------
    NoEstimate
        If no stratum has an estimate.
    """
    found = {label: result for label, result in results.items() if isinstance(result, Estimate)}
    refused = {label: result for label, result in results.items() if isinstance(result, NoEstimate)}
    if not found:
        first = next(iter(refused.values()))
        raise NoEstimate(f"no stratum has an estimate; the first ({spoken(next(iter(refused)))}): "
                         f"{first.reason}",
                         first.needed)
    known = sum(observed[label] for label in refused)
    value = sum(result.value for result in found.values()) + known
    lower, upper, drawn, how = _interval(found, known, confidence_level, joint)
    ses = [result.se for result in found.values()]
    se = (float(drawn.values.std(ddof=1)) if joint and drawn is not None else
          math.sqrt(sum(each**2 for each in ses if each is not None)) if None not in ses else None)
    names = histories.stratified_by
    return Estimate(
        value=value, lower=lower, upper=upper, unit="persons", confidence_level=confidence_level, se=se,
        method=f"sum over {len(found)} strata ({', '.join(names)}) of {method}",
        observed=histories.n_observed,
        interval=how, draws=drawn, cautions=tuple(_cautions(found, refused, observed)),
        diagnostics={"strata": {spoken(label): result.value for label, result in found.items()},
                     "refused_strata": {spoken(label): result.reason for label, result in refused.items()},
                     **(told or {})},
        fingerprint=histories.fingerprint, unbounded=math.isinf(upper), simulated=histories.simulated)


def disagreement(total: Estimate, pooled: Estimate | NoEstimate) -> list[str]:
    """Say so if the strata's sum and the strata added together differ beyond their intervals."""
    if isinstance(pooled, NoEstimate):
        return [f"the strata added together have no estimate to compare with: {pooled.reason}"]
    if pooled.lower <= total.value <= pooled.upper or total.lower <= pooled.value <= total.upper:
        return []
    return [f"the strata's sum ({total.value:,.0f}) and the estimate from the strata added together "
            f"({pooled.value:,.0f}) lie outside each other's interval: the lists reach the strata "
            "differently, "
            "and the sum is the safer of the two"]


def _interval(found: Mapping[Label, Estimate], known: int, confidence_level: float,
              joint: bool) -> tuple[float, float, Draws | None, str]:
    parts = list(found.values())
    if joint:
        own = [part.draws for part in parts if part.draws is not None]
        assert len(own) == len(parts)
        values = known + np.sum([draws.values for draws in own], axis=0)
        values.flags.writeable = False
        lower, upper = equal_tailed(values, confidence_level)
        return lower, upper, Draws(values, own[0].joint), "equal-tailed, from the strata's joint draws"
    if any(math.isinf(part.upper) for part in parts):
        # Squared distances to the limits add up as variances do where strata are independent.
        value = known + sum(part.value for part in parts)
        below = math.sqrt(sum(max(part.value - part.lower, 0.0) ** 2 for part in parts))
        return value - below, math.inf, None, "lower limits combined by squared distances; no upper limit"
    values = known + np.sum([_spread_out(label, part) for label, part in found.items()], axis=0)
    lower, upper = equal_tailed(values, confidence_level)
    name = digest("sum of strata", *(part.identity for part in parts), known)
    return lower, upper, Draws.of(values, name), "equal-tailed, from the strata's draws as independent"


def _spread_out(label: Label, part: Estimate) -> Floats:
    """Return the stratum's quantiles in an order of its own: (draws,) array.

    Two strata with equal counts have equal draws, which would add up as if they were one: each is put in the
    order that its label names.
    """
    drawn = part.with_draws().draws
    assert drawn is not None
    order = np.random.default_rng(int(digest("stratum", label)[:16], 16)).permutation(IMPLIED_DRAWS)
    return np.asarray(np.quantile(drawn.values, (order + 0.5) / IMPLIED_DRAWS))


def _cautions(found: Mapping[Label, Estimate], refused: Mapping[Label, NoEstimate],
              observed: Mapping[Label, int]) -> list[str]:
    said = []
    if refused:
        known = sum(observed[label] for label in refused)
        said.append(f"the sum leaves out {len(refused)} of {len(found) + len(refused)} strata that have no "
                    f"estimate ({_named(list(refused))}) but for the {known:,} people observed in them: it "
                    "is too "
                    "low")
    repeated: dict[str, list[Label]] = {}
    for label, result in found.items():
        for caution in result.cautions:
            if caution not in OWN_CAUTIONS:
                repeated.setdefault(caution, []).append(label)
    return said + [caution if len(labels) == len(found) else f"{_named(labels)}: {caution}"
                   for caution, labels in repeated.items()]


def _named(labels: Sequence[Label]) -> str:
    more = len(labels) - _MOST_NAMED
    return "; ".join(map(spoken, labels[:_MOST_NAMED])) + (f"; and {more} more" if more > 0 else "")
