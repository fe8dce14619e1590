"""What the chains say of models, interactions and strata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.chains import Chains
from smuggling_analysis.draws import equal_tailed
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.evidence_table import EvidenceTable
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.sampling import Sampled

_MOST_SHOWN = 10
_BATCHES = 80


@dataclass(frozen=True, eq=False, kw_only=True)
class LogLinearChains(Chains):
    """Draws of the population by chains that move between hierarchical log-linear models.

    Parameters
    ----------
    visited : (chains, draws) array of int
        The model of each draw, as its row in `models`.
    models : DataFrame
        Columns `model`, `probability`, `mcse`, the most probable first.
    interactions : DataFrame
        Columns `interaction`, `probability`, `mcse`.
    coefficients : DataFrame
        Columns `coefficient`, `probability`, `mean`, `sd`: logarithms of the expected counts' ratios, over the draws
        whose model holds them; that of two lists in no larger interaction is the logarithm of their odds ratio.
    strata : mapping of tuple of str to (chains, draws) array
        The people of every stratum, by its label.
    """

    visited: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    models: pd.DataFrame = field(default_factory=pd.DataFrame)
    interactions: pd.DataFrame = field(default_factory=pd.DataFrame)
    coefficients: pd.DataFrame = field(default_factory=pd.DataFrame)
    strata: Mapping[tuple[str, ...], NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for values in (self.visited, *self.strata.values()):
            values.flags.writeable = False
        object.__setattr__(self, "strata", MappingProxyType(dict(self.strata)))

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "strata": dict(self.strata)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "strata": MappingProxyType(state["strata"])})


def chains_of(evidence: EvidenceTable, sampled: Sampled, *, method: str, burn_in: int, joint: str) -> LogLinearChains:
    """Put what was drawn into words and tables."""
    masks, visited = np.unique(sampled.masks, return_inverse=True)
    visited = visited.reshape(sampled.masks.shape)
    order = np.argsort(-np.bincount(visited.ravel()), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    visited = place[visited]
    others = {"interactions in the model": np.array([int(mask).bit_count() for mask in masks[order].tolist()],
                                                    dtype=float)[visited]}
    if evidence.doubtful:
        others["of the population, on over-covering lists alone"] = sampled.belong
    return LogLinearChains(
        values=sampled.totals, method=method, burn_in=burn_in, others=others, joint=joint, visited=visited,
        models=_models(evidence, masks[order], visited), interactions=_interactions(evidence, sampled),
        coefficients=_coefficients(evidence, sampled),
        strata={label: np.ascontiguousarray(sampled.people[..., row])
                for row, label in enumerate(evidence.table.strata)} if evidence.table.covariates else {})


def told(chains: LogLinearChains, confidence_level: float) -> dict[str, Any]:
    """Return what an estimate's diagnostics hold of models, interactions and strata."""
    shown = {"models_visited": len(chains.models), "models": chains.models.head(_MOST_SHOWN).to_dict("records"),
             "interactions": chains.interactions.to_dict("records")}
    if chains.strata:
        shown["strata"] = {", ".join(label): _person_summary(values, confidence_level)
                           for label, values in sorted(chains.strata.items())}
    return shown


def _person_summary(values: NDArray[np.float64], confidence_level: float) -> dict[str, float]:
    lower, upper = equal_tailed(values.ravel(), confidence_level)
    return {"value": float(np.median(values)), "lower": lower, "upper": upper, "sd": float(values.std(ddof=1))}


def _models(evidence: EvidenceTable, masks: NDArray[np.int64], visited: NDArray[np.int64]) -> pd.DataFrame:
    shares, errors = _shares(visited, len(masks))
    return pd.DataFrame({"model": [evidence.space.named(int(mask)) for mask in masks], "probability": shares,
                         "mcse": errors})


def _interactions(evidence: EvidenceTable, sampled: Sampled) -> pd.DataFrame:
    found = [_shares(sampled.masks >> place & 1, 2) for place in range(len(evidence.space.names))]
    return pd.DataFrame({"interaction": list(evidence.space.names), "probability": [shares[1] for shares, _ in found],
                         "mcse": [errors[1] for _, errors in found]})


def _shares(labels: NDArray[np.int64], number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each label's share of the draws and its Monte Carlo standard error, by means of batches."""
    batches = max(2, _BATCHES // len(labels))
    size = labels.shape[1] // batches
    parts = labels[:, : batches * size].reshape(-1, size)
    per_batch = np.stack([np.bincount(part, minlength=number) for part in parts]) / size
    shares = np.bincount(labels.ravel(), minlength=number) / labels.size
    return shares, per_batch.std(axis=0, ddof=1) / np.sqrt(len(parts))


def _coefficients(evidence: EvidenceTable, sampled: Sampled) -> pd.DataFrame:
    number, total, squares = sampled.sums.sum(axis=0).T
    held = np.flatnonzero(number)
    mean = total[held] / number[held]
    sd = np.sqrt(np.maximum(squares[held] / number[held] - mean**2, 0.0))
    return pd.DataFrame({"coefficient": [evidence.space.coefficients[place] for place in held.tolist()],
                         "probability": number[held] / sampled.masks.size, "mean": mean, "sd": sd})
