"""What the best estimate of one register rests on: the pieces of a register panel's sensitivity."""

from __future__ import annotations

from functools import partial
from typing import Any

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.panel.fitted import guarded
from smuggling_analysis.methods.panel.variants import Variant
from smuggling_analysis.methods.single_register.fitting import Fitting

MOST_CELLS = 400
"""Up to so many cells each is left out in turn; beyond, a cell holds hardly more than one person."""
MOST_LEVELS = 30
"""Up to so many levels a covariate has strata, and each of its levels is left out in turn."""


def pieces_of(fitting: Fitting, variant: Variant, *, replicates: int, rng: int) -> dict[str, Any]:
    """Make every piece; whatever stops one becomes a refusal in words.

    Parameters
    ----------
    fitting : Fitting
        The best distribution's.
    variant : Variant
        The variant it is.
    replicates : int
        Replicates of its bootstrap.
    rng : int
        Seed.

    Returns
    -------
    dict
        `influence`, `levels`, `strata`, `replicates`, as `RegisterPanel` holds them.
    """
    from smuggling_analysis.methods.single_register import truncated_count
    from smuggling_analysis.methods.single_register.influence import leave_one_cell_out, leave_one_level_out
    from smuggling_analysis.methods.single_register.strata import by_stratum

    # Of people who leave when they are seen no register can be drawn: nobody knows when they would have left.
    resampling = "non-parametric" if fitting.model.ends_when_seen else "parametric"
    by = coarse_covariates(fitting)
    strata = {name: guarded(f"The strata by {name}", partial(by_stratum, fitting, name)) for name in by}
    return {
        "influence": guarded("Leaving one cell out", lambda: leave_one_cell_out(fitting))
        if cells_of(fitting) <= MOST_CELLS else NoEstimate(
            f"the register has {cells_of(fitting):,} cells, hardly any with more than one person",
            "fewer covariates, or coarser ones"),
        "levels": guarded("Leaving one level out", lambda: leave_one_level_out(fitting, by)) if by else None,
        "strata": {name: made for name, made in strata.items() if not isinstance(made, NoEstimate)},
        "replicates": guarded("The bootstrap", lambda: truncated_count(
            fitting.counts, **{**variant.options, "interval": "bootstrap", "resampling": resampling,
                               "replicates": replicates, "rng": rng})),
    }


def cells_of(fitting: Fitting) -> int:
    """Return how many cells of the register, as far as the formulas tell them apart, hold anybody."""
    return int((fitting.likelihood.persons[0] > 0).sum())


def coarse_covariates(fitting: Fitting) -> tuple[str, ...]:
    """Return the covariates of the formulas, the time at risk apart, that have few levels."""
    found = []
    for name in fitting.covariates:
        column = fitting.counts.covariates.index(name)
        if name != fitting.model.exposure and len({row[column] for row in fitting.counts.patterns}) <= MOST_LEVELS:
            found.append(name)
    return tuple(found)
