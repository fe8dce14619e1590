"""How many people were seen once, twice, ..., and how many a fit expects: chi-square and likelihood-ratio tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.cautions import MOST_TIMES
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.moments import refuse_ending_times
from smuggling_analysis.methods.single_register.population import population_of

_SMALLEST_EXPECTED = 5.0


@dataclass(frozen=True)
class GoodnessTest:
    """A test of the fit.

    Parameters
    ----------
    name : str
        "chi-square" or "likelihood ratio".
    small : str
        What became of small cells: "group", "drop", "keep".
    statistic : float
        Its value.
    cells : int
        Numbers of times seen compared.
    df : int
        Degrees of freedom.
    p_value : float or None
        The chance of so large a value, if the model holds; None without degrees of freedom.
    null : str
        What is tested.
    """

    name: str
    small: str
    statistic: float
    cells: int
    df: int
    p_value: float | None
    null: str = "people were seen as often as the model says"


@dataclass(frozen=True, eq=False)
class FrequencyFit:
    """Observed and expected numbers of people seen once, twice, ...

    Parameters
    ----------
    frame : DataFrame
        `times_caught`, `observed` and `expected`: every number of times, up to the largest that occurs, that the family
        speaks of.
    missed : float
        People estimated never to have been seen.
    parameters : int
        Coefficients fitted.
    title : str
        The model in words.
    simulated : bool
        Whether the people are simulated.
    """

    frame: pd.DataFrame
    missed: float
    parameters: int
    title: str
    simulated: bool = False

    def test(self, name: str = "chi-square", *, small: str = "group", df: int | None = None) -> GoodnessTest:
        """Test the fit.

        Parameters
        ----------
        name : {"chi-square", "likelihood ratio"}
            Pearson's statistic, or twice the sum of observed times log(observed / expected).
        small : {"group", "drop", "keep"}
            Cells where fewer than 5 people are expected are put together, left out, or kept as they are.
        df : int, optional
            Degrees of freedom; cells - 1 unless given. The coefficients are fitted to persons, not to these cells, so
            that the statistic lies between chi-square with cells - 1 - parameters and with cells - 1 degrees of
            freedom (Chernoff & Lehmann 1954, Annals of Mathematical Statistics 25, 579-586): what the latter
            rejects fits poorly beyond doubt.

        Raises
        ------
        ValueError
            If the name or the treatment is unknown.
        """
        from scipy.special import chdtrc

        if name not in _STATISTICS:
            raise ValueError(f"a test is one of {', '.join(_STATISTICS)}, got {name!r}")
        if small not in _TREATMENTS:
            raise ValueError(f"small cells are treated by one of {', '.join(_TREATMENTS)}, got {small!r}")
        observed, expected = _TREATMENTS[small](self.frame["observed"].to_numpy(float),
                                                self.frame["expected"].to_numpy(float))
        statistic = float(_STATISTICS[name](observed, expected))
        free = len(observed) - 1 if df is None else df
        return GoodnessTest(name, small, statistic, len(observed), free,
                            float(chdtrc(free, statistic)) if free > 0 else None)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Both tests under every treatment of small cells, with the most and the fewest degrees of freedom.

        The p-value lies between `p_value_least`, from cells - 1 - parameters degrees of freedom (not a number where
        none are left), and `p_value_most`, from cells - 1.
        """
        rows = []
        for name in _STATISTICS:
            for small in _TREATMENTS:
                most = self.test(name, small=small)
                least = self.test(name, small=small, df=max(most.df - self.parameters, 0))
                rows.append((name, small, most.cells, most.statistic, least.df, most.df, least.p_value, most.p_value))
        columns = ["test", "small", "cells", "statistic", "df_least", "df_most", "p_value_least", "p_value_most"]
        return pd.DataFrame(rows, columns=columns).astype({"p_value_least": float, "p_value_most": float})


def frequency_fit(fitting: Fitting) -> FrequencyFit:
    """Compare the numbers of people seen once, twice, ... with those that a fit expects.

    Expected numbers are summed over covariate patterns. Families that leave some counts out of the likelihood
    (Chao, zero-one-truncated) are compared on those they use.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`.

    Returns
    -------
    FrequencyFit

    Raises
    ------
    NoEstimate
        If somebody was seen so often that the comparison means nothing, or the time at risk ends when people are seen
        (`ends_when_seen`).

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register.any_fit import fit_register
    >>> found = frequency_fit(fit_register(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})))
    >>> found.frame.round(1).to_numpy().tolist()[:3]
    [[1.0, 1645.0, 1604.8], [2.0, 183.0, 247.6], [3.0, 37.0, 25.5]]
    >>> test = found.test("likelihood ratio")
    >>> round(test.statistic, 2), test.df
    (57.4, 3)
    """
    refuse_ending_times(fitting.model)
    likelihood, family, counts = fitting.likelihood, fitting.model.family, fitting.counts
    if counts.times.max() > MOST_TIMES:
        raise NoEstimate(f"somebody was seen {counts.times.max():,} times: the fit to the numbers of times is not "
                         "looked at", "a check that the column counts sightings")
    times = np.arange(1.0, counts.times.max() + 1)
    times = times[family.used(times)]
    frequencies = counts.frequencies()
    frame = pd.DataFrame({"times_caught": times.astype(int), "expected": fitting.expected(times),
                          "observed": [frequencies.get(int(number), 0) for number in times]})
    return FrequencyFit(frame[["times_caught", "observed", "expected"]],
                        population_of(fitting).size - counts.n_observed, likelihood.size,
                        fitting.model.described(fitting.designs), counts.simulated)


def _grouped(observed: Array, expected: Array) -> tuple[Array, Array]:
    rare = expected < _SMALLEST_EXPECTED
    if not rare.any():
        return observed, expected
    return (np.append(observed[~rare], observed[rare].sum()), np.append(expected[~rare], expected[rare].sum()))


def _dropped(observed: Array, expected: Array) -> tuple[Array, Array]:
    rare = expected < _SMALLEST_EXPECTED
    return observed[~rare], expected[~rare]


_TREATMENTS: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "group": _grouped,
    "drop": _dropped,
    "keep": lambda observed, expected: (observed, expected),
}


def _likelihood_ratio(observed: Array, expected: Array) -> float:
    seen = observed > 0
    return float(2.0 * (observed[seen] * np.log(observed[seen] / expected[seen])).sum())


_STATISTICS: dict[str, Callable[[Array, Array], float]] = {
    "chi-square": lambda observed, expected: float(((observed - expected) ** 2 / expected).sum()),
    "likelihood ratio": _likelihood_ratio,
}
