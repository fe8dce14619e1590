"""The partial apprehension rate: of those returned who try again, the share apprehended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials import cautions
from smuggling_analysis.methods.repeated_trials.flows import (
    DRAWS,
    Share,
    estimate_of,
    posterior_of,
)
from smuggling_analysis.methods.repeated_trials.quantities import QUANTITIES
from smuggling_analysis.methods.repeated_trials.unstated import ALL_RECOGNISED


def partial_apprehension(encounters: Encounters, *, deterrence: Share | None = None,
                         recognition: Share = ALL_RECOGNISED, confidence_level: float = 0.95, draws: int = DRAWS,
                         rng: int | np.random.Generator | None = None) -> Estimate:
    r"""Estimate the share apprehended of those who were returned and tried again.

    :math:`R / (c\, r)` where `R` repeats were recognised among `r` who are known to have tried again (`retried`), of
    those apprehended the share `c` being recognised. Where it is not known who tried again, `r` is the number returned
    without the share deterred. It is called partial because it is about those people alone: first attempts, and people
    who gave themselves up, are not among them.

    Parameters
    ----------
    encounters : Encounters
        With repeats and `retried`, or `returned`.
    deterrence : StatedShare, Estimate or float, optional
        Of those returned, the share that does not try again; not needed where `retried` is known, and used instead of
        it if stated.
    recognition : StatedShare, Estimate or float
        Of those apprehended again, the share that is recognised.
    confidence_level, draws, rng
        As in `flow`.

    Returns
    -------
    Estimate
        A share of those who tried again.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`; also if neither returns nor new attempts are recorded.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [500], "returned": [400],
    ...                       "retried": [160], "repeats": [80]})
    >>> round(partial_apprehension(Encounters.from_table(table), rng=1).value, 12)
    0.5
    """
    if encounters.returned is None and encounters.retried is None:
        raise NoEstimate("it is not recorded how many were returned, or how many of them tried again",
                         "returns of the same place and period, or a survey of those returned")
    posterior = posterior_of(encounters, deterrence=deterrence, recognition=recognition, giving_up=None, draws=draws,
                             rng=rng, returned_only=True)
    quantity = replace(QUANTITIES["apprehension"], population="people returned who try again, apprehended")
    told: tuple[Any, ...] = ("about those returned who try again: nothing is said of people who try for the first "
                             "time", *cautions.of_model(encounters, posterior))
    found = estimate_of(encounters, posterior, quantity, told, confidence_level)
    return found.described(method=found.method.replace("repeated trials", "partial apprehension"))
