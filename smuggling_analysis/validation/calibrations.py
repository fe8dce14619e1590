"""Simulation-based calibration: whether a Bayesian posterior is right on average over its own prior.

A population is drawn from the prior and its lists from the population; the true size then takes every rank among
draws from the posterior equally often. Where it does not, the sampler, the likelihood or the prior is not the one
that was meant. A refusal hangs on the lists alone, not on the truth behind them, so the ranks of the others stay even.

References
----------
Cook, S. R., Gelman, A. and Rubin, D. B. (2006). Validation of software for Bayesian models using posterior
quantiles. Journal of Computational and Graphical Statistics 15(3), 675-692.

Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian inference algorithms
with simulation-based calibration. arXiv:1804.06788.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.progress import followed

Truth = tuple[int, CaptureHistories]
LEAST_P = 0.001
"""Ranks less uniform than this are not put down to chance: a study looks at a handful of methods."""
MOST_REFUSED = 0.5
"""With more refusals than this too little of the prior was looked at."""


class CalibrationFailed(Exception):
    """A method ended in an error on a population of its own prior: which, and what repeats it."""


@dataclass(frozen=True, kw_only=True)
class CalibratedMethod:
    """A Bayesian method with the prior that its populations are drawn from.

    Parameters
    ----------
    method : str
        The method's name in METHODS.
    prior : str
        The prior, in words.
    draw : callable
        `draw(rng)` gives the true size and the lists of one population of the prior.
    posterior : callable
        `posterior(histories, draws, rng)` gives so many draws of the size, (draws,), as independent as can be.
    """

    method: str
    prior: str
    draw: Callable[[np.random.Generator], Truth]
    posterior: Callable[[CaptureHistories, int, np.random.Generator], NDArray[np.float64]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Calibration:
    """The ranks of true sizes among draws from the posterior.

    Parameters
    ----------
    method, prior : str
    ranks : (studies,) array of int
        Each between 0 and `draws`: how many draws lay below the truth, ties settled by chance.
    draws : int
        Draws per posterior.
    refused : int
        Populations for which the method gave no estimate.
    bins : int
        Bins of the histogram and of the test; they divide `draws` + 1.

    Examples
    --------
    >>> even = Calibration(method="m", prior="p", ranks=np.repeat(np.arange(20), 10), draws=19, refused=0, bins=20)
    >>> even.p_value, even.verdict
    (1.0, 'uniform')
    """

    method: str
    prior: str
    ranks: NDArray[np.int64]
    draws: int
    refused: int = 0
    bins: int = 20

    def __post_init__(self) -> None:
        if (self.draws + 1) % self.bins:
            raise ValueError(f"{self.bins} bins do not divide the {self.draws + 1} ranks of {self.draws} draws")

    @property
    def counts(self) -> NDArray[np.int64]:
        """Ranks in each bin: (bins,)."""
        width = (self.draws + 1) // self.bins
        return np.bincount(self.ranks // width, minlength=self.bins)

    @property
    def statistic(self) -> float:
        """Pearson's chi-square of the counts against evenness, on bins - 1 degrees of freedom."""
        expected = len(self.ranks) / self.bins
        return float(((self.counts - expected) ** 2).sum() / expected) if len(self.ranks) else float("nan")

    @property
    def p_value(self) -> float:
        """The chance of counts as uneven as these where the posterior is right."""
        from scipy.special import chdtrc

        return float(chdtrc(self.bins - 1, self.statistic))

    @property
    def verdict(self) -> str:
        """Say "uniform", "not uniform", or "too many refused" to tell."""
        if self.refused > MOST_REFUSED * (self.refused + len(self.ranks)):
            return "too many refused"
        return "uniform" if self.p_value >= LEAST_P else "not uniform"


def calibration(method: str | CalibratedMethod, *, studies: int = 200, draws: int = 99, bins: int = 20,
                rng: int | np.random.Generator | None = None, n_jobs: int = 2) -> Calibration:
    """Hold a Bayesian method to its own prior by simulation.

    Parameters
    ----------
    method : str or CalibratedMethod
        A name in `CALIBRATED`, or a method with a prior of your own.
    studies : int
        Populations drawn from the prior.
    draws : int
        Draws from each posterior; `bins` divides `draws` + 1.
    bins : int
        Bins of the ranks; five ranks or more should be expected in each.
    rng : int, Generator or None
        Seed or source of randomness.
    n_jobs : int
        Processes; the ranks are the same for any.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        If the method is unknown, or the bins do not divide the ranks.
    CalibrationFailed
        If the method ended in an error, naming the population; the same seed meets it again.
    """
    from joblib import Parallel, delayed

    asked = _named(method)
    if (draws + 1) % bins:
        raise ValueError(f"{bins} bins do not divide the {draws + 1} ranks of {draws} draws")
    streams = np.random.default_rng(rng).spawn(studies)
    work = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_rank)(asked, draws, place, stream) for place, stream in enumerate(streams))
    ranks = list(followed(work, studies, f"calibrating {asked.method}: populations"))
    given = np.array([rank for rank in ranks if rank is not None], dtype=np.int64)
    return Calibration(method=asked.method, prior=asked.prior, ranks=given, draws=draws, bins=bins,
                       refused=studies - len(given))


def calibration_frame(calibrations: Iterable[Calibration]) -> pd.DataFrame:
    """Return one row per method: `method, prior, studies, refused, draws, bins, ranks, chi_square, p_value, verdict`.

    `ranks` holds how many ranks fell into each bin, from the lowest, with a space between.
    """
    columns = ["method", "prior", "studies", "refused", "draws", "bins", "ranks", "chi_square", "p_value", "verdict"]
    rows = [{"method": one.method, "prior": one.prior, "studies": one.refused + len(one.ranks), "refused": one.refused,
             "draws": one.draws, "bins": one.bins, "ranks": " ".join(map(str, one.counts)),
             "chi_square": one.statistic, "p_value": one.p_value, "verdict": one.verdict} for one in calibrations]
    return pd.DataFrame(rows, columns=columns)


def thinned(values: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    """Take so many draws out of chains, (chains, draws), as far apart as can be: (draws,)."""
    every: Any = values.ravel()
    return every[np.linspace(0, every.size - 1, draws).round().astype(np.int64)]


def _named(method: str | CalibratedMethod) -> CalibratedMethod:
    from smuggling_analysis.validation.priors import CALIBRATED

    if isinstance(method, CalibratedMethod):
        return method
    if method not in CALIBRATED:
        raise ValueError(f"there is no Bayesian method {method} to calibrate; there are {', '.join(CALIBRATED)}")
    return CALIBRATED[method]


def _rank(asked: CalibratedMethod, draws: int, place: int, rng: np.random.Generator) -> int | None:
    """Return the truth's rank among the draws, ties settled by chance; None where there is no estimate."""
    size, histories = asked.draw(rng)
    try:
        found = np.asarray(asked.posterior(histories, draws, rng), dtype=float)
    except NoEstimate:
        return None
    except Exception as fault:
        raise CalibrationFailed(f"{asked.method} failed on population {place} of its prior "
                                f"({type(fault).__name__}: {fault}): the same seed repeats it") from fault
    below, ties = int((found < size).sum()), int((found == size).sum())
    return below + int(rng.integers(ties + 1))
