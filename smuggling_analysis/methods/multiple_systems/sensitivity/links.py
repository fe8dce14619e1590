"""Errors in the links between lists: the estimate corrected for rates that are known, and over rates that are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.bootstrap import people_drawn_anew, percentile_limits
from smuggling_analysis.methods.multiple_systems.log_linear.intervals import bootstrap_cautions
from smuggling_analysis.methods.multiple_systems.sensitivity.error_rates import (
    ErrorSensitivity,
    error_row,
    rates_in,
    tip,
    tipping_frame,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.expected_tables import Answering, answering
from smuggling_analysis.methods.multiple_systems.sensitivity.link_rates import (
    DOUBTFUL,
    MOST_FALSE,
    MOST_MISSED,
    CorrectedTable,
    LinkRates,
    Missed,
    link_rates,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion
from smuggling_analysis.numerals import number, percent

MISSED, FALSE = (0.0, 0.02, 0.05, 0.1, 0.2), (0.0, 0.01, 0.02, 0.05, 0.1)
CORRECTION_INTERVALS = ("conditional", "bootstrap")
_FEWEST_REPLICATES = 0.5


def link_errors(histories: CaptureHistories, *, missed: Missed = 0.0, false: float = 0.0,
                method: str = "loglinear", correction_interval: str = "conditional", replicates: int = 200,
                rng: int | np.random.Generator | None = None, original: Estimate | None = None,
                **options: Any) -> Estimate:
    """Estimate the population with the links between lists corrected for known rates of error.

    A missed link splits a person into two, so that too few people seem to be on several lists and the estimate is too
    high; a false link joins two people, and the estimate is too low. The expected table without these errors follows
    from the table as it was linked: false links are undone first, then missed ones, without negative counts
    (`corrected_counts`). With two lists the people on both become n12 (1 - false) / (1 - missed), the lists' sizes
    stay, and Lincoln-Petersen becomes n1 n2 (1 - missed) / (n12 (1 - false)). Where Ding and Fienberg (1994) speak of
    a chance b that a record of the second list without a partner on the first is linked to a stranger, false links
    are b (n2 - n11) of all n12, n11 being the people truly on both: both corrections then agree. With more lists a
    false link is taken to sit anywhere among a person's links; the bias that leaves is of second order in the rates.

    Parameters
    ----------
    histories : CaptureHistories
        Two to ten lists, as they were linked.
    missed : float, or mapping from pairs of lists to float
        The chance that two records of one person are not linked (one minus recall), from 0 to 0.95; records that hang
        together through a third list are together all the same. Pairs not named miss none.
    false : float
        The share of links that join different people (one minus precision), from 0 to 0.95.
    method : str
        A method of METHODS that takes capture histories, applied to the corrected table.
    correction_interval : {"conditional", "bootstrap"}
        The method's own limits for the corrected table, as if it had been counted; or percentiles over tables drawn
        anew from the one observed, each corrected and estimated with the model chosen anew. The rates are taken as
        known in both.
    replicates : int
        Bootstrap replicates.
    rng : int, Generator or None
        Randomness of the bootstrap, and of the method where chance plays a part in it.
    original : Estimate, optional
        The method's answer to the table as it was counted, where it is at hand: it is not asked again.
    **options
        Options of the method.

    Returns
    -------
    Estimate
        `observed` is the corrected number of people on the lists. `diagnostics` holds the rates, the estimate without
        correction as `uncorrected`, and how far the corrected table fits the counts.

    Raises
    ------
    ValueError
        If a rate or an option makes no sense, or there are too many lists.
    NoEstimate
        If the method refuses either table, or the rates contradict the counts.

    References
    ----------
    Ding, Y. and Fienberg, S. E. (1994). Dual system estimation of census undercount in the presence of matching error.
    Survey Methodology 20(2), 149-158.

    Di Consiglio, L. and Tuoto, T. (2015). Coverage evaluation on probabilistically linked data. Journal of Official
    Statistics 31(3), 415-429.

    Di Consiglio, L. and Tuoto, T. (2018). Population size estimation and linkage errors: the multiple lists case.
    Journal of Official Statistics 34(4), 889-908.

    de Wolf, P.-P., van der Laan, J. and Zult, D. (2019). Connecting correction methods for linkage error in
    capture-recapture. Journal of Official Statistics 35(3), 577-597.

    Zult, D., de Wolf, P.-P., Bakker, B. F. M. and van der Heijden, P. G. M. (2021). A general framework for
    multiple-recapture estimation that incorporates linkage error correction. Journal of Official Statistics 37(3),
    699-718.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 62, "ngo": 42, ("police", "ngo"): 10}, lists=["police", "ngo"])
    >>> link_errors(histories, missed=0.2, method="lincoln_petersen").value
    299.52
    >>> round(72 * 52 / 10 * (1 - 0.2), 2)
    299.52
    """
    rates = link_rates(histories, missed, false)
    if correction_interval not in CORRECTION_INTERVALS:
        raise ValueError(f"correction_interval is one of {', '.join(CORRECTION_INTERVALS)}, got "
                         f"{correction_interval!r}")
    if not isinstance(replicates, (int, np.integer)) or replicates < 2:
        raise ValueError(f"a bootstrap needs 2 replicates or more, better 1,000; got {replicates}")
    asked = answering(histories, method, options, original, rng)
    corrected = CorrectedTable.of(histories.dense().astype(float), rates)
    answer = asked.after(rates.undone)
    if isinstance(answer, NoEstimate):
        raise answer
    told = {**answer.diagnostics, "missed_links": missed if isinstance(missed, float) else rates.largest_missed,
            "false_links": false, "uncorrected": asked.original.value, "corrected_observed": corrected.people,
            "correction_deviance": corrected.deviance, "histories_held_at_nobody": corrected.negative}
    answer = replace(answer, diagnostics=told, identity="",
                     cautions=(*answer.cautions, *_cautions(asked, corrected, rates)))
    if not rates.any:
        return answer
    if correction_interval == "conditional":
        return replace(answer, cautions=(*answer.cautions, _CONDITIONAL))
    return _bootstrapped(asked, answer, rates, int(replicates), np.random.default_rng(rng))


def corrected_counts(histories: CaptureHistories, *, missed: Missed = 0.0, false: float = 0.0) -> pd.DataFrame:
    """Return the table of histories as it would be, in expectation, without errors in the links.

    Parameters
    ----------
    histories, missed, false
        As in `link_errors`.

    Returns
    -------
    DataFrame
        One row per history that somebody has before or after: a column for each list, `count` as linked and
        `corrected`, which need not be whole.

    Raises
    ------
    ValueError, NoEstimate
        As in `link_errors`.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 62, "ngo": 42, ("police", "ngo"): 10}, lists=["police", "ngo"])
    >>> corrected_counts(histories, missed=0.2)
       police    ngo  count  corrected
    0    True   True     10       12.5
    1    True  False     62       59.5
    2   False   True     42       39.5
    """
    cells = histories.dense()
    found = link_rates(histories, missed, false).undone(cells.astype(float))
    every = np.arange(cells.size)
    on = (every[:, None] >> np.arange(histories.n_lists) & 1).astype(bool)
    table = pd.DataFrame(on, columns=list(histories.lists)).assign(count=cells, corrected=found)
    shown = (cells > 0) | (found > 1e-6)
    order = np.lexsort(tuple(~on[:, place] for place in reversed(range(histories.n_lists))))
    return table.iloc[[row for row in order if shown[row]]].reset_index(drop=True)


def linkage_sensitivity(histories: CaptureHistories, *, missed: float | Sequence[float] = MISSED,
                        false: float | Sequence[float] = FALSE, method: str = "loglinear",
                        against: float | None = None, original: Estimate | None = None,
                        **options: Any) -> ErrorSensitivity:
    """Estimate the population over rates of missed and false links, and find where the conclusion turns.

    Parameters
    ----------
    histories : CaptureHistories
        Two to ten lists, as they were linked.
    missed, false : float or sequence of float
        Rates as in `link_errors`, every pair of lists alike; 0 is always among them.
    method : str
        A method of METHODS that takes capture histories; it is asked once for each pair of rates.
    against : float, optional
        A size: the conclusion is then that the population lies on the original estimate's side of it; by default that
        it lies in the original's interval.
    original : Estimate, optional
        The method's answer to the table as it was counted, where it is at hand: it is not asked again.
    **options
        Options of the method; where chance plays a part and no `rng` is among them, its seed is 0.

    Returns
    -------
    ErrorSensitivity
        Rows for "missed links", for "false links" and for "both", with the rates in `missed` and `false`. `swing` has
        the row of a tornado plot for each: what not knowing the rate comes to. Limits are the method's own for the
        corrected table.

    Raises
    ------
    ValueError
        If a rate, method or option makes no sense, or there are too many lists.
    NoEstimate
        If the method refuses the table as it was linked. Rates that contradict the counts are rows with the reason.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 62, "ngo": 42, ("police", "ngo"): 10}, lists=["police", "ngo"])
    >>> found = linkage_sensitivity(histories, missed=[0.1, 0.2], false=[0.1], method="lincoln_petersen")
    >>> found.frame.loc[found.frame["of"] == "missed links", ["missed", "value"]].round(2).values.tolist()
    [[0.0, 374.4], [0.1, 336.96], [0.2, 299.52]]
    """
    missing = tuple(sorted({0.0, *rates_in(missed, "missed", MOST_MISSED)}))
    wrong = tuple(sorted({0.0, *rates_in(false, "false", MOST_FALSE)}))
    link_rates(histories, 0.0, 0.0)
    asked = answering(histories, method, options, original)
    conclusion = Conclusion.of(asked.original, against)
    answers = {(one, other): asked.after(link_rates(histories, one, other).undone)
               for one in missing for other in wrong}
    rows, tips = [], []
    for of, path in {"missed links": [(one, 0.0) for one in missing],
                     "false links": [(0.0, other) for other in wrong],
                     "both": [(one, other) for one, other in answers if one and other]}.items():
        rows += [error_row(of, max(pair) if of != "both" else math.nan, answers[pair], asked.original, conclusion,
                           missed=pair[0], false=pair[1]) for pair in path]
    for of, along in (("missed links", [(one, answers[one, 0.0]) for one in missing]),
                      ("false links", [(other, answers[0.0, other]) for other in wrong])):
        at = _Along(asked, of)
        tips.append(tip(of, along, asked.original, conclusion, at if asked.exact else None))
    return ErrorSensitivity(original=asked.original, frame=pd.DataFrame(rows), what="errors in the links between lists",
                            conclusion=conclusion, tipping=tipping_frame(tips))


_CONDITIONAL = ("the interval takes the corrected table as if it had been counted and is too narrow: "
                "correction_interval='bootstrap' repeats the correction")


@dataclass(frozen=True, eq=False)
class _Along:
    """Answers along one kind of error, the other absent."""

    asked: Answering
    of: str

    def __call__(self, rate: float) -> Estimate | NoEstimate:
        missed, false = (rate, 0.0) if self.of == "missed links" else (0.0, rate)
        return self.asked.after(link_rates(self.asked.histories, missed, false).undone)


def _cautions(asked: Answering, corrected: CorrectedTable, rates: LinkRates) -> list[str]:
    if not rates.any:
        return []
    told = [f"links are corrected as if up to {percent(rates.largest_missed)} of true ones were missed and "
            f"{percent(rates.false)} of those made were false; without correction the estimate is "
            f"{number(asked.original.value)}"]
    if not asked.exact:
        told.append("the corrected counts were rounded to whole people")
    if corrected.chance < DOUBTFUL:
        told.append("the rates hardly agree with the counts: some histories would have fewer people than none")
    return told


def _bootstrapped(asked: Answering, answer: Estimate, rates: LinkRates, replicates: int,
                  rng: np.random.Generator) -> Estimate:
    stream = int(rng.integers(2**63))
    parts = asked.parts
    tables = people_drawn_anew(parts.ravel(), replicates, np.random.default_rng(stream))
    sizes = asked.sizes(rates.undone_each(tables.reshape(replicates, *parts.shape)))
    found = sizes[np.isfinite(sizes)]
    if found.size < max(2, _FEWEST_REPLICATES * replicates):
        raise NoEstimate(f"only {found.size:,} of {replicates:,} bootstrap replicates have an estimate",
                         "more people on several lists, or correction_interval='conditional'")
    level = answer.confidence_level
    lower, upper = percentile_limits(found, level)
    name = digest(asked.histories.fingerprint, "link_errors", asked.asked.row.name, rates.missed, rates.false,
                  replicates, stream)
    told = {**answer.diagnostics, "replicates": replicates, "failed_replicates": replicates - int(found.size)}
    return replace(answer, lower=lower, upper=upper, se=float(found.std(ddof=1)), draws=Draws.of(found, name),
                   unbounded=False, identity="", diagnostics=told,
                   interval=f"percentile bootstrap of the correction, {replicates:,} replicates",
                   cautions=(*answer.cautions, *bootstrap_cautions(found.size, replicates - found.size, level)))
