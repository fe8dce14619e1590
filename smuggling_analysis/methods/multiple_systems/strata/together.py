"""Strata estimated together: each has its own log-linear parameters and borrows from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from smuggling_analysis.draws import Draws, digest, equal_tailed
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions
from smuggling_analysis.methods.multiple_systems.log_linear.selection import chooser
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import THRESHOLD
from smuggling_analysis.methods.multiple_systems.strata.partial_pooling import StrataTable
from smuggling_analysis.methods.multiple_systems.strata.pooled_strata import Pooled, links_of, pool, told_of
from smuggling_analysis.methods.multiple_systems.strata.result import (
    Stratified,
    nobody_in,
    observed_in,
    whole_of,
)
from smuggling_analysis.methods.multiple_systems.strata.total import Label, spoken, sum_of

_MUCH_BORROWED = 0.5


def estimate_together(strata: CaptureHistories, pooling: str, pooling_sd: float | tuple[float, float] | None,
                      order: Sequence[str] | None, draws: int, confidence_level: float, rng: np.random.Generator,
                      options: Mapping[str, Any]) -> Stratified:
    """Estimate all strata in one model, each with its own parameters; see `stratified_estimates`."""
    from smuggling_analysis.methods.multiple_systems.log_linear.chosen_model import loglinear

    if unknown := set(options) - {"model", "selection", "max_order", "threshold"}:
        raise ValueError(f"with pooling the options are model, selection, max_order and threshold, not "
                         f"{', '.join(sorted(unknown))}")
    if strata.n_lists < 2:
        raise NoEstimate(f"there is one list ({strata.lists[0]}), and one list cannot tell whom it misses",
                         "a second list of the same population whose records can be linked")
    rule = chooser(strata.lists, options.get("model"), options.get("selection", "bic"),
                   options.get("max_order"), options.get("threshold", THRESHOLD))
    choice = rule.choose(strata.pooled().dense().astype(float))
    together = loglinear(strata.pooled(), model=choice.model, confidence_level=confidence_level)
    parts = dict(strata.by_stratum())
    labels = list(parts)
    table = _table(parts, choice.model, links_of(labels, strata.stratified_by, pooling, order))
    stream = int(rng.integers(2**63))
    found = pool(table, pooling_sd, draws, np.random.default_rng(stream))
    joint = digest(strata.fingerprint, "stratified", pooling, pooling_sd, choice.model.notation, stream)
    told = {"model": choice.model.notation, "selection": rule.selection or "given", **told_of(found, pooling)}
    results: dict[Label, Estimate | NoEstimate] = {label: nobody_in(label) for label in strata.strata}
    for place, label in enumerate(labels):
        results[label] = _one(parts[label], place, found, told, joint, confidence_level)
    method = f"loglinear {choice.model.notation}, partially pooled"
    total = sum_of(results, observed_in(strata), strata, method, confidence_level, joint=True,
                   told={**told, "added_together": together.value,
                         "borrowed": dict(zip(map(spoken, labels), found.fit.borrowed.tolist(),
                                              strict=True))})
    total = total.described(cautions=(*total.cautions, *_pooling_cautions(found, rule.selection)))
    return whole_of(strata, results, total, together)


def _table(parts: Mapping[Label, CaptureHistories], model: Model, links: Floats) -> StrataTable:
    cells = np.array([part.dense() for part in parts.values()], dtype=float)
    start = fit(cells.sum(axis=0), [model]).theta[0, :len(model.terms)]
    return StrataTable(cells, model, start, links)


def _one(part: CaptureHistories, place: int, found: Pooled, told: Mapping[str, Any], joint: str,
         confidence_level: float) -> Estimate:
    unseen = float(found.fit.unseen[place])
    error = float(found.fit.covariance[place, 0, place, 0])
    borrowed = float(found.fit.borrowed[place])
    values = found.draws[:, place]
    lower, upper = equal_tailed(values, confidence_level)
    cautions = table_cautions(part)
    if borrowed > _MUCH_BORROWED:
        cautions.append(f"{100 * borrowed:.0f} % of what tells how the lists reach this stratum is borrowed from "
                        "the others")
    return Estimate(
        value=part.n_observed + unseen, lower=lower, upper=upper, unit="persons",
        method=f"loglinear {told['model']}, partially pooled", confidence_level=confidence_level,
        observed=part.n_observed, se=float(np.sqrt(unseen + unseen**2 * error)),
        interval="equal-tailed, from draws that vary the pooling" if not found.given else
        "equal-tailed, from draws at the pooling given", draws=Draws.of(values, joint),
        diagnostics={**told, "borrowed": borrowed, "unseen": unseen,
                     "effective_parameters": float(found.fit.effective[place])},
        cautions=tuple(cautions), fingerprint=part.fingerprint, simulated=part.simulated)


def _pooling_cautions(found: Pooled, selection: str | None) -> list[str]:
    said = []
    if not found.given and max(found.fit.sds) == 0.0:
        said.append("the strata differ by no more than chance would have it, so that all share the same chances to "
                    "be on each list; the intervals allow for more")
    if selection is not None:
        said.append("the model was chosen on the strata added together, and the intervals take it as known "
                    "beforehand")
    return said
