"""Why a model of reference counts has no estimate, in words: which coefficient, which rows, what would help."""

from __future__ import annotations

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.reference_population.model import Model, Prepared
from smuggling_analysis.methods.reference_population.newton import FLAT, RUNS_OFF, Climb

_SHOWN = 4


def refuse_counts(counts: ReferenceCounts, model: Model) -> None:
    """Refuse evidence that says nothing of this model, before anything is fitted.

    Raises
    ------
    NoEstimate
    """
    rates = counts.auxiliary / counts.reference
    if len(rates) > 1 and np.ptp(rates) <= 1e-12 * rates.max():
        raise NoEstimate("the second source has the same rate n / N in every row, so that nothing tells how detection "
                         "goes with it", "rows of countries or groups that differ in n / N")
    without = int((counts.auxiliary == 0).sum())
    if not model.estimates_gamma and not model.gamma and without:
        raise NoEstimate(f"{without:,} rows have nobody in the second source, and without gamma nobody of them could "
                         "be detected", 'gamma="estimated", a given gamma, or the rows with n above 0 alone')
    if (counts.reference == 1).all():
        raise NoEstimate("one person is registered in every row, so that N to any power is 1",
                         "rows in which the registered differ in number")


def refuse_size(data: Prepared) -> None:
    """Refuse more coefficients than rows can tell.

    Raises
    ------
    NoEstimate
    """
    rows, wanted = len(data.objective.counts), data.objective.size
    if rows <= wanted:
        raise NoEstimate(f"{wanted} coefficients are asked of {rows} rows", "fewer covariates, or more rows")


def refuse_no_maximum(data: Prepared, found: Climb) -> None:
    """Refuse what has no maximum, with the coefficients that run off.

    Raises
    ------
    NoEstimate
    """
    verdict = str(found.verdicts[0])
    if verdict == RUNS_OFF:
        raise NoEstimate(f"the criterion has no finite maximum: it rises for ever with {_running(data, found)}",
                         "a coarser grouping that joins these rows to others, or rows of this kind in which people "
                         "were apprehended")
    what = "the criterion is flat" if verdict == FLAT else "the fit did not converge"
    raise NoEstimate(f"{what}: the counts do not determine {', '.join(data.names)} all at once",
                     "fewer covariates, a given gamma, or rows in which n / N and N differ more")


def _running(data: Prepared, found: Climb) -> str:
    step = np.abs(found.step[0])
    moving = [name for name, moved in zip(data.names, step, strict=True) if moved > 0.1 * step.max()]
    shown = ", ".join(moving[:_SHOWN]) + (" ..." if len(moving) > _SHOWN else "")
    return f"{shown}{_never_apprehended(data)}"


def _never_apprehended(data: Prepared) -> str:
    """Name a level of which nobody was apprehended: the usual reason."""
    seen = data.counts.observed
    for name in data.counts.covariates:
        column = data.counts.column(name)
        for level in dict.fromkeys(column):
            if not seen[np.array([own == level for own in column])].any():
                return f" (nobody with {name} = {level} was apprehended)"
    return ""
