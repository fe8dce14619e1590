"""Every country left out in turn: exact refits, all at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.reference_population.fitting import refit
from smuggling_analysis.methods.reference_population.newton import FLAT, MAXIMUM
from smuggling_analysis.methods.reference_population.objective import Array
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit

_AT_ONCE = 1 << 17
ALONE = "coefficients of its own: without it the others' model says nothing of it"


@dataclass(frozen=True, eq=False)
class CountriesLeftOut:
    """What becomes of the hidden population of a model when a country is left out of its fit.

    Parameters
    ----------
    total : float
        The sum of hidden populations, every country in the fit.
    frame : DataFrame
        One row for each country, the most influential first: `country, share, value, change, others, others_change,
        refusal`. `share` is its part of the total; `value` the total over all rows with the model of the others, and
        `change` how that differs from the total; `others` is the sum over the other countries' rows, and
        `others_change` how that differs from their sum before. What cannot be said is not a number, with the reason.
    simulated : bool
    """

    total: float
    frame: pd.DataFrame
    simulated: bool

    @property
    def most(self) -> str:
        """The country whose absence changes the others' sum most."""
        return str(self.frame["country"].iloc[0])

    @property
    def sentence(self) -> str:
        """What to print."""
        row = self.frame.iloc[0]
        moved = "more" if row["others_change"] > 0 else "fewer"
        return (f"Without {row['country']} the model has {numerals.percent(abs(float(row['others_change'])))} {moved} "
                f"people of the other countries hidden, the largest change of {len(self.frame):,}")


def leave_one_country_out(fitted: ReferenceFit) -> CountriesLeftOut:
    """Refit without each country in turn, all rows of it at once.

    Raises
    ------
    NoEstimate
        If there are fewer than three countries.

    Examples
    --------
    >>> from smuggling_analysis.methods.reference_population import fit
    >>> from smuggling_analysis.simulate import reference_counts
    >>> found = leave_one_country_out(fit(reference_counts(countries=30, rng=1)))
    >>> len(found.frame)
    30
    """
    countries, own = np.unique(np.array(fitted.counts.countries), return_inverse=True)
    if len(countries) < 3:
        raise NoEstimate(f"there are {len(countries)} countries: none can be left out", "more countries")
    data = fitted.data
    alpha, known = [], []
    size = max(1, _AT_ONCE // len(own))
    for first in range(0, len(countries), size):
        out = np.arange(first, min(first + size, len(countries)))[:, np.newaxis] == own
        found = refit(data, data.objective.having(weights=(~out[:, data.order]).astype(float)), fitted.at)
        columns = data.objective.alpha.shape[1]
        alpha.append((found.at[:, :columns] @ data.objective.alpha.T)[:, data.objective.pattern])
        known.append(np.isin(found.verdicts, (MAXIMUM, FLAT)))
    hidden = np.exp(data.restored(np.concatenate(alpha)) * np.log(fitted.counts.reference.astype(float)))
    rows = [_row(fitted, str(country), own == place, hidden[place], bool(np.concatenate(known)[place]))
            for place, country in enumerate(countries)]
    frame = pd.DataFrame(rows)
    order = frame["others_change"].abs().fillna(-1.0).sort_values(ascending=False, kind="stable").index
    return CountriesLeftOut(float(fitted.hidden.sum()), frame.loc[order].reset_index(drop=True),
                            fitted.counts.simulated)


def _row(fitted: ReferenceFit, country: str, out: NDArray[np.bool_], hidden: Array, known: bool) -> dict[str, object]:
    before, total = fitted.hidden, float(fitted.hidden.sum())
    alone = _alone(fitted, out)
    refusal = "" if known and not alone else ALONE if known else "no maximum without it"
    others = float(hidden[~out].sum()) if known else math.nan
    value = math.nan if refusal else float(hidden.sum())
    return {"country": country, "share": float(before[out].sum()) / total, "value": value,
            "change": value / total - 1.0, "others": others,
            "others_change": others / float(before[~out].sum()) - 1.0, "refusal": refusal}


def _alone(fitted: ReferenceFit, out: NDArray[np.bool_]) -> bool:
    """Say whether coefficients are of this country alone: columns that are 0 in every other row."""
    both = np.concatenate([fitted.data.alpha.matrix, fitted.data.beta.matrix], axis=1)
    return bool((~both[~out].any(axis=0)).any())
