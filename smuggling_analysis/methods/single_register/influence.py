"""Who decides the estimate: the model fitted again without one person, a handful, or all people of a level."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.families.family import Array
from smuggling_analysis.methods.single_register.fits import FLAT, MAXIMUM, NOT_CONVERGED, RUNS_OFF, maximise
from smuggling_analysis.methods.single_register.fitting import Fitting, fit_model
from smuggling_analysis.methods.single_register.naming import levels
from smuggling_analysis.methods.single_register.population import population_of, sizes

_CELLS = 1 << 23
"""Cells of counts held at once while many are left out in turn."""
HANDFUL = 5
_WHY = {MAXIMUM: "", RUNS_OFF: "the likelihood has no finite maximum", FLAT: "the likelihood is flat",
        NOT_CONVERGED: "the fit does not converge"}


@dataclass(frozen=True, eq=False)
class Influence:
    """What an estimate becomes when people are left out.

    Parameters
    ----------
    frame : DataFrame
        One row for each leaving out: who (the covariates and `times_caught`, or `covariate` and `level`),
        `n_persons` left out, `value` (the population without them; not a number where that has no estimate),
        `move` (with them less without), `factor` (the estimate, of the same people, with them over without or the
        other way round, whichever exceeds 1) and `refusal`.
    size : float
        The population estimated from all.
    what : str
        What was left out each time: "one person", "all people of a cell", "all people of a level".
    simulated : bool
        Whether the people are simulated.
    """

    frame: pd.DataFrame
    size: float
    what: str
    simulated: bool = False

    @property
    def factor(self) -> float:
        """The largest factor by which leaving out moves the estimate; 1 where nothing could be left out.

        Leavings-out without an estimate have no factor: they are the rows `refused`.
        """
        known = self.frame["factor"].dropna()
        return float(known.max()) if len(known) else 1.0

    @property
    def refused(self) -> pd.DataFrame:
        """The rows without which there is no estimate."""
        return self.frame[self.frame["refusal"] != ""]

    @property
    def most_moving(self) -> dict[str, object]:
        """The row that moves the estimate most; empty where no row has an estimate."""
        factors = self.frame["factor"].to_numpy(dtype=float)
        return {} if np.isnan(factors).all() else dict(self.frame.iloc[int(np.nanargmax(factors))])

    def of_at_least(self, people: int) -> Influence:
        """Return the leavings-out of at least so many people: what may be published of records of persons."""
        return replace(self, frame=self.frame[self.frame["n_persons"] >= people].reset_index(drop=True))


def leave_one_out(fitting: Fitting) -> Influence:
    """Fit the model again without one person of each cell: how far does the estimate move?

    People of the same covariate pattern seen as often are alike, so each cell is left short of one person once. All
    fits start at that of everybody and are carried to their own maximum.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`.

    Returns
    -------
    Influence
        `move` is the change in N with the person less without, as singleRcapture's `dfpopsize` has it after one step.

    Examples
    --------
    >>> from smuggling_analysis.methods.single_register.any_fit import fit_register
    >>> all_of_them = fit_register(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}))
    >>> found = leave_one_out(all_of_them)
    >>> round(found.factor, 4), int(found.most_moving["times_caught"])
    (1.0126, 6)
    """
    return _without(fitting, *_cells(fitting), np.inf, one=True)


def leave_one_cell_out(fitting: Fitting, *, handful: int = HANDFUL) -> Influence:
    """Fit the model again without all people of each cell that holds but a handful of them.

    A cell is a covariate pattern, as far as the formulas tell patterns apart, and a number of times seen. A number
    that moves with a handful of people moves with how they were recorded.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`.
    handful : int
        The most people that a cell left out may hold.

    Returns
    -------
    Influence

    Examples
    --------
    >>> from smuggling_analysis.methods.single_register.any_fit import fit_register
    >>> all_of_them = fit_register(RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}))
    >>> leave_one_cell_out(all_of_them).frame[["times_caught", "n_persons", "value"]].round().to_numpy().tolist()
    [[5.0, 1.0, 7150.0], [6.0, 1.0, 7169.0]]
    """
    return _without(fitting, *_cells(fitting), handful, one=False)


def leave_one_level_out(fitting: Fitting, by: str | Sequence[str] | None = None) -> Influence:
    """Fit the model again without all people of each level of its covariates: do they decide what is said of others?

    `move` is the change in the whole population; `factor` compares what is estimated of the *other* people with and
    without them, so that a large level counts only for what it does to the rest.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`.
    by : str or sequence of str, optional
        Covariates of the register, each with its levels; those in the formulas unless given.

    Returns
    -------
    Influence

    Raises
    ------
    ValueError
        If a covariate is unknown.

    Examples
    --------
    >>> from smuggling_analysis.methods.single_register.any_fit import fit_register
    >>> table = pd.DataFrame({"sex": ["f", "f", "m", "m"], "times_caught": [1, 2, 1, 2],
    ...                       "n_persons": [300, 60, 500, 50]})
    >>> all_of_them = fit_register(RepeatCounts.from_table(table, covariates=["sex"]))
    >>> leave_one_level_out(all_of_them, "sex").frame[["level", "value", "factor"]].round(2).to_numpy().tolist()
    [['f', 3397.09, 1.28], ['m', 1326.39, 1.31]]
    """
    counts = fitting.counts
    names = fitting.covariates if by is None else (by,) if isinstance(by, str) else tuple(by)
    if unknown := [name for name in names if name not in counts.covariates]:
        raise ValueError(f"the covariates of this register are {', '.join(counts.covariates) or 'none'}, "
                         f"got {', '.join(unknown)}")
    own, size = _by_pattern(fitting), population_of(fitting).size
    rows = []
    for name in names:
        for level, chosen in levels(counts, name):
            value, refusal = _refitted(fitting, chosen)
            rows.append((name, level, int(counts.persons[chosen].sum()), value, size - value,
                         _ratio(float(own[~chosen].sum()), value), refusal))
    frame = pd.DataFrame(rows, columns=["covariate", "level", "n_persons", "value", "move", "factor", "refusal"])
    return Influence(frame, size, "all people of a level", counts.simulated)


def _cells(fitting: Fitting) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the merged pattern and the column of every cell with people in it."""
    kinds, columns = np.nonzero(fitting.likelihood.persons[0])
    return kinds, columns


def _without(fitting: Fitting, kinds: NDArray[np.int64], columns: NDArray[np.int64], most: float, *,
             one: bool) -> Influence:
    people = fitting.likelihood.persons[0][kinds, columns]
    chosen = people <= most
    kinds, columns, people = kinds[chosen], columns[chosen], people[chosen]
    out = np.ones(len(people)) if one else people
    size = population_of(fitting).size
    together = max(1, _CELLS // fitting.likelihood.persons[0].size)
    found = [_refits(fitting, kinds[some], columns[some], out[some]) for some in _slices(len(out), together)]
    value = np.concatenate([values for values, _ in found]) if found else np.empty(0)
    verdicts = [verdict for _, each in found for verdict in each]
    first = np.array([int(np.flatnonzero(fitting.kind == kind)[0]) for kind in range(fitting.kind.max() + 1)])
    frame = pd.DataFrame([fitting.counts.patterns[first[kind]] for kind in kinds],
                         columns=list(fitting.counts.covariates), index=range(len(kinds)))[_telling(fitting)]
    frame["times_caught"] = fitting.counts.times[columns]
    frame["n_persons"] = out.astype(int)
    frame["value"], frame["move"] = value, size - value
    frame["factor"] = [_ratio(size, one) for one in value]
    frame["refusal"] = [_WHY[verdict] for verdict in verdicts]
    return Influence(frame, size, "one person" if one else "all people of a cell", fitting.counts.simulated)


def _telling(fitting: Fitting) -> list[str]:
    """Return the covariates that tell patterns apart: those of the formulas, and the time at risk."""
    return [name for name in fitting.counts.covariates if name in (*fitting.covariates, fitting.model.exposure)]


def _slices(count: int, together: int) -> Iterator[slice]:
    for first in range(0, count, together):
        yield slice(first, first + together)


def _refits(fitting: Fitting, kinds: NDArray[np.int64], columns: NDArray[np.int64],
            out: Array) -> tuple[Array, list[str]]:
    """Fit again with so many people fewer in each cell, all at once: the sizes, (cells,), and the verdicts."""
    likelihood = fitting.likelihood
    persons = np.repeat(likelihood.persons, len(out), axis=0)
    persons[np.arange(len(out)), kinds, columns] -= out
    without = likelihood.with_persons(persons)
    fits = maximise(without, fitting.at)
    with np.errstate(all="ignore"):
        found = sizes(without, fits.coefficients, np.arange(len(out)))
    return np.where(fits.converged, found, np.nan), [str(verdict) for verdict in fits.verdicts]


def _by_pattern(fitting: Fitting) -> Array:
    """Return how many people, seen or not, each of the evidence's patterns stands for: (patterns,)."""
    counts = fitting.counts
    likelihood = fitting.likelihood
    with np.errstate(all="ignore"):
        each = likelihood.family.stands_for(likelihood.times, fitting.predictors).value
        each = np.broadcast_to(each, likelihood.persons[0].shape)[fitting.kind]
        return np.asarray(np.where(counts.persons > 0, counts.persons * each, 0.0).sum(axis=-1))


def _refitted(fitting: Fitting, chosen: NDArray[np.bool_]) -> tuple[float, str]:
    """Fit the model again to everybody else: the population and why there is none."""
    counts = fitting.counts
    if chosen.all():
        return math.nan, "nobody is left"
    patterns = tuple(pattern for pattern, out in zip(counts.patterns, chosen, strict=True) if not out)
    others = RepeatCounts(counts.covariates, patterns, counts.times, counts.persons[~chosen], counts.simulated)
    try:
        return population_of(fit_model(others, fitting.model)).size, ""
    except NoEstimate as refusal:
        return math.nan, refusal.reason


def _ratio(one: float, other: float) -> float:
    return max(one / other, other / one) if math.isfinite(one) and math.isfinite(other) else math.nan
