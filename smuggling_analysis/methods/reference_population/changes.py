"""From one period to the next: how many times as many, with the errors that the two share."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd

from smuggling_analysis.methods.reference_population.populations import HiddenPopulations


def changes(found: HiddenPopulations, *, bias_corrected: bool = True, confidence_level: float = 0.95) -> pd.DataFrame:
    """Compare the hidden population of each group with that of the one before it.

    The groups' numbers come from one fit, whose errors they share: what makes all of them too large by the same factor
    is no change. The interval is that of the logarithm of their ratio, by the delta method.

    Parameters
    ----------
    found : HiddenPopulations
        By one covariate, in whose order the groups are compared: `hidden_population_by(fitted, ["year"])`.
    bias_corrected : bool
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        `<by>, observed, value, lower, upper, times, times_lower, times_upper, p_value, refusal`: `times` is the number
        over the one before it, and `p_value` the chance of so large a ratio or difference from 1 if nothing changed.
        Not a number for the first.

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import hidden_population_by
    >>> from smuggling_analysis.simulate import reference_counts
    >>> two = hidden_population_by(reference_counts(periods=2, rng=1), ["period"], alpha="period")
    >>> found = changes(two)
    >>> bool(found["times_lower"].iloc[1] < 1 < found["times_upper"].iloc[1])
    True
    """
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    values = found.sums.values(bias_corrected=bias_corrected)
    relative = found.sums.covariance_of(bias_corrected=bias_corrected) / np.outer(values, values)
    reach = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    rows = [dict.fromkeys(("times", "times_lower", "times_upper", "p_value"), math.nan)]
    for place in range(1, len(values)):
        both = [place - 1, place]
        variance = relative[np.ix_(both, both)]
        se = math.sqrt(max(float(variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]), 0.0))
        moved = math.log(values[place] / values[place - 1])
        rows.append({"times": math.exp(moved), "times_lower": math.exp(moved - reach * se),
                     "times_upper": math.exp(moved + reach * se),
                     "p_value": math.erfc(abs(moved) / se / math.sqrt(2)) if se else math.nan})
    frame = found.frame()
    return pd.concat([frame[[*found.by, "observed", "value", "lower", "upper"]], pd.DataFrame(rows, index=frame.index),
                      frame[["refusal"]]], axis=1)
