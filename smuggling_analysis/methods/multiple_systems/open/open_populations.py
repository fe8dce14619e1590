"""A population that people join and leave, from one register kept over several periods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.open.checks import passers_by, trap_rivals
from smuggling_analysis.methods.multiple_systems.open.fitting import Cells, maximise
from smuggling_analysis.methods.multiple_systems.open.models import assemble
from smuggling_analysis.methods.multiple_systems.open.outcome import outcome
from smuggling_analysis.methods.multiple_systems.open.period_blocks import block
from smuggling_analysis.methods.multiple_systems.open.period_lists import collapsed, one_list_each
from smuggling_analysis.methods.multiple_systems.open.results import OpenPopulation

CAPTURES = ("by period", "equal")
FEWEST_PERIODS = 3


@takes_linked_versions
def open_population(histories: CaptureHistories, *, periods: Sequence[str] | None = None, capture: str = "by period",
                    excluded: str | Iterable[Sequence[str]] | None = None,
                    confidence_level: float = 0.95) -> Estimate:
    """Estimate how many were ever in a population that people join and leave (Jolly-Seber).

    The lists are periods: the same register in consecutive years. What share was seen in the first and the
    last period cannot be told, so the total is of people present between them or seen in one of them; with
    `capture="equal"` it is of everybody. `open_population_fit`, with the same options, gives abundance,
    survival and arrivals by period beside this total.

    Parameters
    ----------
    histories, periods, capture, excluded, confidence_level
        As in `open_population_fit`.

    Returns
    -------
    Estimate
        In persons, with log-normal limits on the unseen. `diagnostics` holds the numbers by period.

    Raises
    ------
    ValueError, NoEstimate
        As `open_population_fit`.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval falls short of
    its level even where nobody comes or goes, and misses the truth where people differ in how easily they
    are met.

    Examples
    --------
    >>> from smuggling_analysis.simulate import open_lists
    >>> register = open_lists([800, 200, 200, 200], [0.7] * 3,
    ...                       {"2019": 0.5, "2020": 0.4, "2021": 0.5, "2022": 0.5}, rng=1)
    >>> open_population(register.histories).unit
    'persons'
    """
    return open_population_fit(histories, periods=periods, capture=capture, excluded=excluded,
                               confidence_level=confidence_level).total


def open_population_fit(histories: CaptureHistories, *, periods: Sequence[str] | None = None,
                        capture: str = "by period", excluded: str | Iterable[Sequence[str]] | None = None,
                        confidence_level: float = 0.95) -> OpenPopulation:
    """Estimate abundance, survival and arrivals by period in a population that people join and leave.

    The Jolly-Seber model as a Poisson log-linear model of the histories (Cormack 1989): everybody present in a
    period has the same chance to be seen and to stay. Survival is staying: leaving the country, the route or
    this life look alike.

    Parameters
    ----------
    histories : CaptureHistories
        Three lists or more, one per period, named by them ("2019", "2020-Q1"). Strata are added together.
    periods : sequence of str, optional
        The lists in time order, where their names are not periods.
    capture : {"by period", "equal"}
        Whether the share seen differs between periods, so that first and last periods cannot be told, or is
        the same in all, which tells everything at the price of an assumption.
    excluded : "seen once", or histories, optional
        Histories left out of the fit, as tuples of periods; "seen once" leaves out people seen in one period
        only, among whom there may be many who only pass by.
    confidence_level : float
        Level of all intervals.

    Returns
    -------
    OpenPopulation

    Raises
    ------
    ValueError
        If an option is unknown, a period named in `excluded` is not among the lists, or the lists' order in
        time is not known.
    NoEstimate
        If there are fewer than three periods, nobody was seen in one, or too few were seen twice.

    Notes
    -----
    Where the counts would have fewer than nobody arrive or more than everybody stay, the parameter is held at
    the bound, with a caution. Abundance, arrivals and total have standard errors by linearisation; those of
    abundance and total are given the population there was.

    References
    ----------
    Jolly, G. M. (1965). Explicit estimates from capture-recapture data with both death and immigration -
    stochastic model. Biometrika 52(1/2), 225-247.

    Seber, G. A. F. (1965). A note on the multiple-recapture census. Biometrika 52(1/2), 249-259.

    Cormack, R. M. (1989). Log-linear models for capture-recapture. Biometrics 45(2), 395-413.

    Rivest, L.-P. and Daigle, G. (2004). Loglinear models for the robust design in mark-recapture experiments.
    Biometrics 60, 100-107.

    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal of
    Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> from smuggling_analysis.simulate import open_lists
    >>> years = {"2019": 0.5, "2020": 0.4, "2021": 0.5, "2022": 0.5}
    >>> register = open_lists([800, 200, 200, 200], [0.7, 0.7, 0.7], years, rng=1)
    >>> found = open_population_fit(register.histories)
    >>> bool(abs(found.survival.estimate["2019 to 2020"] - 0.7) < 0.1), found.abundance.estimate["2019"]
    (True, <NA>)
    """
    if capture not in CAPTURES:
        raise ValueError(f"capture is one of {', '.join(map(repr, CAPTURES))}, got {capture!r}")
    in_time = one_list_each(histories, periods)
    if histories.n_lists < FEWEST_PERIODS:
        raise NoEstimate(f"{histories.n_lists} periods cannot tell people who leave from people who are missed",
                         "the same register over three periods or more")
    equal = capture == "equal"
    states = in_time.states(histories, by_captures=False)
    in_time.require_people(states, histories.totals)
    left_out = in_time.excluded(excluded)
    out = (states[:, None, :] == left_out).all(axis=2).any(axis=1)
    kept = collapsed(states[~out], histories.totals[~out])
    if not len(kept.counts):
        raise NoEstimate("nobody is left once the excluded histories are", "people seen in two periods or more")
    absent = Cells(left_out, np.zeros(len(left_out)))
    blocks = [block("M0" if equal else "none", 1, np.array([1.0]), by_captures=False, heterogeneity="",
                    theta=0.0, outer=place in (0, histories.n_lists - 1)) for place in range(histories.n_lists)]
    fit = maximise(assemble(blocks, equal=equal), kept, absent)
    rivals = trap_rivals(fit, in_time.labels, equal)
    if excluded is None:
        rivals += passers_by(fit, equal)
    return outcome(histories, in_time, fit, rivals, method="open_population",
                   left_out=None if excluded is None else int(histories.totals[out].sum()),
                   confidence_level=confidence_level)
