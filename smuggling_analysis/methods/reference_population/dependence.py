"""If detection is not as the second source has it: bounds, and where the conclusion turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity
from smuggling_analysis.methods.reference_population.fitting import refit
from smuggling_analysis.methods.reference_population.newton import MAXIMUM
from smuggling_analysis.methods.reference_population.objective import Array
from smuggling_analysis.methods.reference_population.populations import hidden_population
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit

STRENGTHS = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0)
_TOLERANCE = 1e-10
Factor = Callable[[ReferenceFit, NDArray[np.bool_], Array], Array]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DependenceBand(Sensitivity):
    """A hidden population as a function of how far detection is from what the second source says of it.

    Parameters
    ----------
    kind : str
        A row of `KINDS`.
    frame : DataFrame
        One row for each strength, from the weakest detection to the strongest: `dependence, value, lower, upper,
        refusal`. With detection anywhere between a strength and one over it, in every row on its own, the number lies
        between the values of the two.
    tipping_point : float or None
        The strength nearest to 1 at which the conclusion turns; None if it does not in the range.
    """

    kind: str
    tipping_point: float | None

    @property
    def sentence(self) -> str:
        """What to print."""
        answered = self.frame.dropna(subset=["value"])
        said = numerals.number(self.original.value, digits=3)
        ends = numerals.span(float(answered["value"].min()), float(answered["value"].max()), digits=3)
        turning = (f"it {self.conclusion.kept} in that range" if self.tipping_point is None else
                   f"it {self.conclusion.told} where the {self.what} reaches {self.tipping_point:.3g}")
        return f"With the {self.what} at {self._ends} the estimate of {said} becomes {ends}; {turning}"

    @property
    def _ends(self) -> str:
        return f"{self.frame['dependence'].min():.3g} to {self.frame['dependence'].max():.3g}"


def dependence_band(fitted: ReferenceFit, *, kind: str = "relative rate", strengths: Iterable[float] = STRENGTHS,
                    against: float | None = None, **options: Any) -> DependenceBand:
    r"""Show what a hidden population becomes if people are detected more, or less, than the second source implies.

    The model takes for granted that the two sources find people of a country independently, given n / N. Otherwise
    E(m) is :math:`N^\alpha \rho\,\kappa`, and no count says what :math:`\kappa` is.

    Parameters
    ----------
    fitted : ReferenceFit
    kind : {"relative rate", "odds ratio", "refitted"}
        The true chance of being apprehended over the model's; the same of their odds, which never makes the hidden
        fewer than the apprehended expected; or a relative rate with every coefficient fitted anew.
    strengths : iterable of float
        1 or more; each is taken together with one over it.
    against : float, optional
        A number to hold the estimate against; by default its interval.
    **options
        As of `hidden_population`.

    Returns
    -------
    DependenceBand
        `frame`, `tipping_point`, and a sentence. Its limits are those of the original, moved with the value.

    Raises
    ------
    ValueError
        If the kind or a strength makes no sense.
    NoEstimate
        If there is no original.

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import fit
    >>> from smuggling_analysis.simulate import reference_counts
    >>> fitted = fit(reference_counts(rng=1))
    >>> band = dependence_band(fitted, strengths=[1, 2])
    >>> (band.frame["value"] / band.original.value).round(6).tolist()
    [2.0, 1.0, 0.5]
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, got {kind!r}")
    along = _along(strengths)
    original = hidden_population(fitted, **options)
    where = options.get("where")
    members = np.ones(len(fitted.logs), dtype=bool) if not where else fitted.counts.where(**where)
    factors = KINDS[kind](fitted, members, along)
    frame = pd.DataFrame([_row(original, strength, factor) for strength, factor in zip(along, factors, strict=True)])
    conclusion = Conclusion.of(original, against)
    return DependenceBand(
        original=original, frame=frame, what="relative rate of detection" if kind != "odds ratio" else
        "odds ratio of detection", conclusion=conclusion, kind=kind,
        tipping_point=_tipping(original, conclusion, along, lambda strength: original.value * float(
            KINDS[kind](fitted, members, np.array([strength]))[0])))


def _along(strengths: Iterable[float]) -> Array:
    found = sorted({float(strength) for strength in strengths})
    if not found or not all(1.0 <= strength < math.inf for strength in found):
        raise ValueError(f"strengths are numbers from 1, got {found}")
    return np.array(sorted({1.0, *found, *(1.0 / strength for strength in found)}))


def _rates(fitted: ReferenceFit, members: NDArray[np.bool_], along: Array) -> Array:
    return 1.0 / along


def _odds(fitted: ReferenceFit, members: NDArray[np.bool_], along: Array) -> Array:
    chance = np.minimum(fitted.detection[members], 1.0)
    hidden = fitted.hidden[members]
    share = float((hidden * chance).sum() / hidden.sum())
    return share + (1.0 - share) / along


def _refitted(fitted: ReferenceFit, members: NDArray[np.bool_], along: Array) -> Array:
    objective = fitted.data.objective.having(offset=np.log(along))
    found = refit(fitted.data, objective, fitted.at)
    alpha = (found.at[:, :objective.alpha.shape[1]] @ objective.alpha.T)[:, objective.pattern]
    with np.errstate(over="ignore"):
        hidden = fitted.data.restored(np.exp(alpha * objective.log_reference))[:, members].sum(axis=1)
    return np.where(found.verdicts == MAXIMUM, hidden / fitted.hidden[members].sum(), np.nan)


KINDS: dict[str, Factor] = {"relative rate": _rates, "odds ratio": _odds, "refitted": _refitted}
"""What the estimate is multiplied with at each strength, by kind of dependence."""


def _row(original: Estimate, strength: float, factor: float) -> dict[str, object]:
    value = original.value * factor
    refusal = ""
    if not math.isfinite(value):
        value, refusal = math.nan, "no maximum at this strength"
    elif value < (original.observed or 0.0):
        value, refusal = math.nan, "fewer people than were apprehended"
    moved = value / original.value
    return {"dependence": strength, "value": value, "lower": original.lower * moved, "upper": original.upper * moved,
            "refusal": refusal}


def _tipping(original: Estimate, conclusion: Conclusion, along: Array, value: Callable[[float], float]
             ) -> float | None:
    """Return the strength nearest to 1 at which the conclusion turns: the number falls as detection rises."""
    found = []
    for end in (along[0], along[-1]):
        if end == 1.0 or not conclusion.turned(value(end)):
            continue
        kept, turned = 0.0, math.log(end)
        while abs(turned - kept) > _TOLERANCE:
            between = (kept + turned) / 2
            if conclusion.turned(value(math.exp(between))):
                turned = between
            else:
                kept = between
        found.append(math.exp(turned))
    return min(found, key=lambda strength: abs(math.log(strength))) if found else None
