"""Counts and design matrices of the closed-population models that are log-linear.

Where a model does not tell occasions apart, all histories with the same number of captures have the same
mean, and their counts are added up: thirty occasions then cost thirty cells, not a thousand million.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems.closed.heterogeneity import Form
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import saturated_loglikelihood
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

Floats = NDArray[np.float64]
MOST_LISTS_APART = 14


@dataclass(frozen=True, eq=False)
class Design:
    """Counted cells, their design, and that of the cell nobody could count.

    Parameters
    ----------
    counts : (cells,) array
        People in each cell.
    offset : (cells,) array
        Logarithm of the number of histories a cell stands for (or minus log k! without end of occasions).
    captures : (cells,) array
        Number of captures in each cell.
    columns : (cells, parameters) array
        The design matrix, the intercept first.
    unseen : (parameters,) array
        The row of the cell of people never caught; its offset is 0.
    names : tuple of str
        The parameters' names.
    constrained : int
        How many of the last columns have parameters that may not be negative.
    observed : float
        Everyone caught, also those caught more often than the cells go.
    histories : int
        Histories that the cells stand for.
    within : float
        Deviance of the histories from their cells' means, which no parameter changes.
    saturated : float
        Poisson log-likelihood of the histories' counts as their own means.
    """

    counts: Floats
    offset: Floats
    captures: Floats
    columns: Floats
    unseen: Floats
    names: tuple[str, ...]
    constrained: int
    observed: float
    histories: int
    within: float
    saturated: float


def apart(histories: CaptureHistories, model: Model, form: Form | None, theta: float) -> Design:
    """Return the design of a model that tells the lists apart: one cell per history.

    Parameters
    ----------
    histories : CaptureHistories
        Strata are added up.
    model : Model
        The log-linear part; every list's own term alone is Mt.
    form : Form, optional
        Heterogeneity on top.
    theta : float
        Its theta.

    Raises
    ------
    ValueError
        If there are too many lists to write down every history.
    """
    t = histories.n_lists
    if t > MOST_LISTS_APART:
        raise ValueError(f"{t} lists have {2**t:,} histories: merge lists down to {MOST_LISTS_APART}, or "
                         "take a model that does not tell them apart (M0, Mh, Mb, Mbh)")
    every = np.arange(1 << t)
    captures = np.array([int(cell).bit_count() for cell in every], dtype=float)
    terms = np.array(model.terms)
    inside = ((every[:, None] & terms) == terms).astype(float)
    extra = form.columns(captures, t, theta) if form is not None else np.empty((every.size, 0))
    columns = np.hstack([inside, extra])
    counts = histories.dense().astype(float)[1:]
    names = ("intercept", *(_named(term) for term in model.terms[1:]),
             *_extra_names(form, extra.shape[1]))
    return Design(counts, np.zeros(every.size - 1), captures[1:], columns[1:], columns[0], names,
                  extra.shape[1] if form is not None and form.constrained else 0, float(counts.sum()),
                  every.size - 1, 0.0, saturated_loglikelihood(counts))


def alike(evidence: CaptureHistories | RepeatCounts, form: Form | None, theta: float, *,
          occasions: float | None = None, up_to: int | None = None) -> Design:
    """Return the design of M0 or Mh: one cell per number of captures.

    Parameters
    ----------
    evidence : CaptureHistories or RepeatCounts
        Whole histories, or how many people were caught once, twice, ...
    form : Form, optional
        Heterogeneity; without it M0.
    theta : float
        Its theta.
    occasions : float, optional
        Of `RepeatCounts`: how many occasions there were, infinite (also the default) where people can be
        caught at any time.
    up_to : int, optional
        The most captures that enter the fit; people caught more often are added as they are.

    Raises
    ------
    ValueError
        If `occasions` or `up_to` do not go with the evidence.
    """
    t = occasions_of(evidence, occasions)
    if isinstance(evidence, CaptureHistories):
        frequency = np.zeros(evidence.n_lists + 1)
        np.add.at(frequency, evidence.patterns.sum(axis=1), evidence.totals)
    else:
        frequency = np.zeros((max(evidence.frequencies()) if t == math.inf else int(t)) + 1)
        for times, persons in evidence.frequencies().items():
            frequency[times] = persons
    last = _last(up_to, frequency.size - 1, t)
    totals = evidence.totals if isinstance(evidence, CaptureHistories) and last == t else None
    return _by_captures(frequency, t, last, form, theta, totals)


def occasions_of(evidence: CaptureHistories | RepeatCounts, occasions: float | None) -> float:
    """Return on how many occasions people could be caught.

    Raises
    ------
    ValueError
        If `occasions` does not go with the evidence.
    """
    if isinstance(evidence, CaptureHistories):
        if occasions is not None and occasions != evidence.n_lists:
            raise ValueError(f"the histories have {evidence.n_lists} lists, so occasions is "
                             f"{evidence.n_lists} (or left out), got {occasions}")
        return evidence.n_lists
    most = max(evidence.frequencies())
    if occasions is None or occasions == math.inf:
        return math.inf
    if not occasions >= max(most, 2) or occasions != int(occasions):
        raise ValueError(f"occasions is a whole number, {max(most, 2)} or more since somebody was caught "
                         f"{most} times, or math.inf, got {occasions}")
    return occasions


def _by_captures(frequency: Floats, t: float, last: int, form: Form | None, theta: float,
                 totals: NDArray[np.int64] | None) -> Design:
    captures = np.arange(last + 1, dtype=float)
    offset = np.array([-math.lgamma(k + 1) if t == math.inf
                       else math.lgamma(t + 1) - math.lgamma(k + 1) - math.lgamma(t - k + 1)
                       for k in range(last + 1)])
    extra = form.columns(captures, last, theta) if form is not None else np.empty((last + 1, 0))
    columns = np.hstack([np.ones((last + 1, 1)), captures[:, None], extra])
    counts = frequency[1:last + 1].astype(float)
    histories, within, saturated = last, 0.0, saturated_loglikelihood(counts)
    if totals is not None:
        held = counts > 0
        histories, saturated = (1 << int(t)) - 1, saturated_loglikelihood(totals.astype(float))
        within = 2.0 * float((totals * np.log(totals)).sum()
                             - (counts[held] * (np.log(counts[held]) - offset[1:][held])).sum())
    return Design(counts, offset[1:], captures[1:], columns[1:], columns[0],
                  ("intercept", "beta", *_extra_names(form, extra.shape[1])),
                  extra.shape[1] if form is not None and form.constrained else 0, float(frequency.sum()),
                  histories, within, saturated)


def _last(up_to: int | None, most: int, t: float) -> int:
    if up_to is None:
        return most
    if not 1 <= up_to <= max(most, 1) and not (t == math.inf and up_to >= 1):
        raise ValueError(f"up_to is a number of captures from 1 to {most}, got {up_to}")
    return min(int(up_to), most)


def _named(term: int) -> str:
    return "beta" + ".".join(str(place + 1) for place in range(term.bit_length()) if term >> place & 1)


def _extra_names(form: Form | None, number: int) -> tuple[str, ...]:
    if form is None:
        return ()
    return tuple(f"eta{place + 3}" for place in range(number)) if form.constrained else ("tau",)[:number]
