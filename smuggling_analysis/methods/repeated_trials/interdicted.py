"""Interdiction rates from what was seen: apprehended and turned back, among all attempts seen, or among all."""

from __future__ import annotations

from typing import Any

import numpy as np

from smuggling_analysis.draws import digest, equal_tailed
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials.cautions import DOMINANT, FEW_REPEATS
from smuggling_analysis.methods.repeated_trials.drawing import failures_before
from smuggling_analysis.methods.repeated_trials.flows import DRAWS, Share, where_and_when
from smuggling_analysis.methods.repeated_trials.shares import StatedShare, stated
from smuggling_analysis.numerals import percent

_SEEN = "apprehensions, people turned back and known got-aways of the same place and period"
_POPULATION = "attempts to enter that are apprehended or turned back"


def interdiction_effectiveness(encounters: Encounters, *, confidence_level: float = 0.95, draws: int = DRAWS,
                               rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate the share apprehended or turned back of all attempts that were seen.

    (apprehended + turned back) / (apprehended + turned back + known got-aways), as border guards report it. Entries
    nobody saw are in neither number, so that it is the most the interdiction rate can be.

    Parameters
    ----------
    encounters : Encounters
        With known got-aways; where turning back is not recorded, apprehensions alone are above the line.
    confidence_level : float
    draws : int
        Number of draws.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Estimate
        A share of the attempts seen; draws and interval have a Jeffreys prior.

    Raises
    ------
    NoEstimate
        If got-aways are not recorded.
    ValueError
        If an option makes no sense.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [408_000],
    ...                       "turned_back": [86_000], "got_away": [106_000]})
    >>> round(interdiction_effectiveness(Encounters.from_table(table), rng=1).value, 4)
    0.8233
    """
    stopped, got_away, told = _seen(encounters)
    generator, seed = _seeded(draws, rng)
    values = generator.beta(stopped + 0.5, got_away + 0.5, draws)
    return Estimate.from_draws(
        values, joint=digest("interdiction effectiveness", encounters.fingerprint, seed, draws), unit="share",
        value=stopped / (stopped + got_away), method="interdiction effectiveness, attempts seen",
        population=_POPULATION, confidence_level=confidence_level, **_of(encounters),
        cautions=("entries that nobody saw are left out, so that the share is the most it can be", *told),
        diagnostics={"stopped": stopped, "got_away": got_away})


def interdiction_rate(encounters: Encounters, *, detection: Share | None = None, confidence_level: float = 0.95,
                      draws: int = DRAWS, rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate the share apprehended or turned back of all attempts, where only a share of entries was seen.

    (apprehended + turned back) / (apprehended + turned back + known got-aways / detection).

    Parameters
    ----------
    encounters : Encounters
        With known got-aways.
    detection : StatedShare, Estimate or float, optional
        Of all entries, the share that was seen. Nothing that was seen says it: it must be stated.
    confidence_level, draws, rng
        As in `interdiction_effectiveness`.

    Returns
    -------
    Estimate
        A share of attempts: the closed form where detection is a number, else the median of the draws. `diagnostics`
        hold `width_shares` as in `flow`.

    Raises
    ------
    NoEstimate
        If got-aways are not recorded, or detection is not stated.
    ValueError
        If an option makes no sense, or nothing may have been seen.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [300], "turned_back": [100],
    ...                       "got_away": [100]})
    >>> interdiction_rate(Encounters.from_table(table), detection=0.5, rng=1).value
    0.6666...
    """
    seen = stated(detection, "detection")
    stopped, got_away, told = _seen(encounters)
    if seen is None:
        raise NoEstimate("it is not stated which share of the entries was seen, and nothing that was seen says it",
                         "a survey of people who entered, sensors tested with known crossings, or a stated share")
    if not stopped:
        raise NoEstimate("nobody was apprehended or turned back", _SEEN)
    generator, seed = _seeded(draws, rng)
    shares = seen.quantile(generator.random(draws))
    if shares.min() <= 0.0:
        raise ValueError(f"detection is {seen.said}: if nothing may have been seen, there may be any number of entries")
    values = _rates(stopped, got_away, shares, seed)
    middle = float(np.median(shares))
    value = stopped / (stopped + got_away / middle) if seen.known else float(np.median(values))
    widths = _width_shares(stopped, got_away, shares, seed, confidence_level)
    return Estimate.from_draws(
        values, joint=digest("interdiction rate", encounters.fingerprint, seed, draws, seen.name), unit="share",
        value=value, method=f"interdiction rate, detection {seen.said}", population=_POPULATION,
        confidence_level=confidence_level, **_of(encounters),
        cautions=(*_of_detection(seen, widths, stopped, got_away, shares, confidence_level), *told),
        diagnostics={"stopped": stopped, "got_away": got_away, "width_shares": widths,
                     "priors": {"detection": seen.said}, "reasons": {"detection": seen.reason}})


def _seen(encounters: Encounters) -> tuple[int, int, list[str]]:
    got_away, turned = encounters.total("got_away"), encounters.total("turned_back")
    if got_away is None:
        raise NoEstimate("entries that were seen and not prevented are not recorded", _SEEN)
    stopped = (encounters.total("apprehended") or 0) + (turned or 0)
    if not stopped + got_away:
        raise NoEstimate("no attempt was seen", _SEEN)
    told = [] if turned is not None else ["people turned back are not recorded"]
    if got_away < FEW_REPEATS:
        told.append(f"rests on {got_away} known got-away{'s' * (got_away != 1)}")
    return stopped, got_away, told


def _seeded(draws: int, rng: int | np.random.Generator | None) -> tuple[np.random.Generator, int]:
    if isinstance(draws, bool) or int(draws) != draws or not 100 <= draws <= 10_000_000:
        raise ValueError(f"draws is a whole number from 100 to 10,000,000, got {draws}")
    seed = int(np.random.default_rng(rng).integers(2**63))
    return np.random.default_rng(seed), seed


def _of(encounters: Encounters) -> dict[str, Any]:
    return {**where_and_when(encounters), "fingerprint": encounters.fingerprint, "simulated": encounters.simulated}


def _rates(stopped: int, got_away: int, shares: np.ndarray, seed: int) -> np.ndarray:
    """Draw the rate: entries not seen are negative binomial, given those seen."""
    generator = np.random.default_rng([seed, 1])
    entries = got_away + failures_before(np.full(shares.shape, got_away + 0.5), shares, generator)
    return np.asarray(stopped / (stopped + entries), dtype=float)


def _width_shares(stopped: int, got_away: int, shares: np.ndarray, seed: int, level: float) -> dict[str, float]:
    held = _rates(stopped, got_away, np.full(shares.shape, float(np.median(shares))), seed)
    exact = stopped / (stopped + got_away / shares)
    whole, *others = (upper - lower for lower, upper in (
        equal_tailed(values, level) for values in (_rates(stopped, got_away, shares, seed), held, exact)))
    if whole <= 0.0:
        return {}
    return {name: min(1.0, max(0.0, 1.0 - other / whole))
            for name, other in zip(("detection", "counts"), others, strict=True)}


def _of_detection(seen: StatedShare, widths: dict[str, float], stopped: int, got_away: int, shares: np.ndarray,
                  level: float) -> list[str]:
    if seen.known:
        return [f"the share of entries seen is taken to be {seen.said}: the interval leaves out that nobody counted it"]
    if widths.get("detection", 0.0) <= DOMINANT:
        return []
    told = " and ".join(f"{percent(stopped / (stopped + got_away / end))} with {percent(end)}"
                        for end in equal_tailed(shares, level))
    return [f"the prior makes most of the interval: without the share of entries seen ({seen.said}) in doubt it would "
            f"be {percent(widths['detection'])} narrower; the rate is {told}"]
