"""The flow over a border by repeated trials: attempts, entries, persons and how attempts ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials import cautions
from smuggling_analysis.methods.repeated_trials.counted import NEEDED_OF_DETERRENCE, Counted
from smuggling_analysis.methods.repeated_trials.posterior import Posterior, Priors
from smuggling_analysis.methods.repeated_trials.quantities import QUANTITIES, Quantity
from smuggling_analysis.methods.repeated_trials.shares import StatedShare, stated
from smuggling_analysis.methods.repeated_trials.unstated import (
    ALL_RECOGNISED,
    NOBODY_TURNED_BACK,
    NOT_ASKED,
    RETRIES_COUNTED,
    UNKNOWN_GIVING_UP,
    UNSTATED,
)

DRAWS = 10_000
_PLACES_NAMED = 3
_FEW_IMPOSSIBLE = 0.05
Share = StatedShare | Estimate | float


@dataclass(frozen=True, eq=False, kw_only=True)
class Flow:
    """What the model of repeated trials says of a border, all drawn together.

    Parameters
    ----------
    apprehension : Estimate
        Share of attempts that end in an apprehension.
    interdiction : Estimate
        Share of attempts that are apprehended or turned back.
    attempts, entries, persons : Estimate
        In units of their own: one person makes several attempts, and one entry at most.
    counted : Counted
        The sums it rests on.
    priors : Priors
        What was stated of the shares nobody counted.
    """

    apprehension: Estimate
    interdiction: Estimate
    attempts: Estimate
    entries: Estimate
    persons: Estimate
    counted: Counted
    priors: Priors

    @property
    def simulated(self) -> bool:
        """Whether the border is simulated."""
        return self.entries.simulated

    def frame(self) -> pd.DataFrame:
        """Return how attempts ended: `outcome, value, lower, upper, counted`.

        Apprehended and turned back are counted; entries are split into those seen and the others.
        """
        seen = self.counted.got_away or 0
        seen_to_end = {"apprehended": self.counted.apprehended, "turned back": self.counted.turned_back,
                       "got away, seen": self.counted.got_away}
        rows = [(name, float(number), float(number), float(number), True)
                for name, number in seen_to_end.items() if number is not None]
        value, lower, upper = (max(0.0, limit - seen) for limit in (self.entries.value, self.entries.lower,
                                                                     self.entries.upper))
        rows.append(("entered unseen" if self.counted.got_away is not None else "entered", value, lower, upper, False))
        return pd.DataFrame(rows, columns=["outcome", "value", "lower", "upper", "counted"])


def flow(encounters: Encounters, *, deterrence: Share | None = None, recognition: Share = ALL_RECOGNISED,
         giving_up: Share | None = None, by_place: bool = False, confidence_level: float = 0.95, draws: int = DRAWS,
         rng: int | np.random.Generator | None = None) -> Flow:
    r"""Estimate the flow over a border from how often people returned were apprehended again.

    Somebody returned tries again unless deterred, and is then apprehended with the same chance as before. With `R`
    recognised repeats among `n` trials (those returned; everybody apprehended where returns are not recorded), `A`
    apprehensions, deterrence `d` and recognition `c`,

    .. math:: q = \frac{R}{n\,c\,(1-d)}, \qquad \text{entries} = A\,\frac{1-q}{q} - g B, \qquad
              \text{persons} = \frac{A - R/c}{q}, \qquad \text{attempts} = \frac{A}{q} + (1-g) B,

    where of `B` people turned back the share `g` gives up; the chance of an apprehension at an attempt is `A` over
    attempts. Without turning back this is the model of Espenshade: with nobody deterred the chance is the share of
    repeats, and entries are apprehensions over its odds. The numbers are those of one period in which people finish
    what they began: somebody who enters, goes home and comes again counts as another person.

    Known got-aways are a part of the entries: draws with fewer entries are left out, and with them the shares that
    imply so few. Where nearly all entries are seen the interval therefore begins at the number seen.

    Parameters
    ----------
    encounters : Encounters
        Its rows are added up, or, with `by_place`, the periods of each place.
    deterrence : StatedShare, Estimate or float, optional
        Of those returned, the share that does not try again. No count of encounters says it. Not needed where
        `retried` is known.
    recognition : StatedShare, Estimate or float
        Of those apprehended again, the share that is recognised.
    giving_up : StatedShare, Estimate or float, optional
        Of those turned back, the share that does not try again; by default anything from none to all.
    by_place : bool
        Whether each place is estimated by itself and the places are added up, all with the same shares: where some
        are easier to cross than others, places together hide those who cross where it is easy.
    confidence_level : float
    draws : int
        Number of draws, of which those that contradict the counts are left out.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Flow
        Where every share is a number, the values are the closed forms (unless they are fewer than was seen); otherwise
        medians of the draws. Intervals are
        equal-tailed. Each estimate's `diagnostics` hold `width_shares` (how much narrower its interval would be, as a
        share of it, if each prior, or the counts, were known), `by_priors_alone` (the interval were the counts free
        of chance), every prior with its reason, and which of them nobody stated.

    Raises
    ------
    NoEstimate
        If deterrence is not stated, repeats are not recorded or there is none, or the counts contradict the shares:
        more apprehended again than tried again, or fewer entries than were seen.
    ValueError
        If an option makes no sense.

    References
    ----------
    Espenshade, T. J. (1995). Using INS border apprehension data to measure the flow of undocumented migrants crossing
    the U.S.-Mexico frontier. International Migration Review 29.

    Massey, D. S. and Singer, A. (1995). New estimates of undocumented Mexican migration and the probability of
    apprehension. Demography 32(2).

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [1000], "repeats": [140]})
    >>> found = flow(Encounters.from_table(table), deterrence=0.6, rng=1)
    >>> round(found.apprehension.value, 12), round(found.entries.value, 6), found.entries.unit
    (0.35, 1857.142857, 'entries')
    """
    posterior = posterior_of(encounters, deterrence=deterrence, recognition=recognition, giving_up=giving_up,
                             by_place=by_place, draws=draws, rng=rng)
    told = tuple(cautions.of_model(encounters, posterior))
    made = {name: estimate_of(encounters, posterior, quantity, told, confidence_level)
            for name, quantity in QUANTITIES.items()}
    return Flow(**made, counted=posterior.counted, priors=posterior.priors)


def one_of(encounters: Encounters, name: str, *, confidence_level: float = 0.95, **options: Any) -> Estimate:
    """Estimate one number of the flow, as `flow` would with the same options and seed."""
    posterior = posterior_of(encounters, **options)
    told = tuple(cautions.of_model(encounters, posterior))
    return estimate_of(encounters, posterior, QUANTITIES[name], told, confidence_level)


def posterior_of(encounters: Encounters, *, deterrence: Share | None = None, recognition: Share = ALL_RECOGNISED,
                 giving_up: Share | None = None, by_place: bool = False, draws: int = DRAWS,
                 rng: int | np.random.Generator | None = None, returned_only: bool = False) -> Posterior:
    """Return the draws of a flow, refusing shares that contradict the counts.

    With `returned_only` the model is of those returned alone: people turned back or seen to get away, who may be
    anybody, are left out of it.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`.
    """
    if isinstance(draws, bool) or int(draws) != draws or not 100 <= draws <= 10_000_000:
        raise ValueError(f"draws is a whole number from 100 to 10,000,000, got {draws}")
    deterred = stated(deterrence, "deterrence")
    if deterred is None and encounters.retried is None:
        raise NoEstimate("it is not stated which share of those returned does not try again, and no count of "
                         "encounters says it", NEEDED_OF_DETERRENCE)
    counted = Counted.of(encounters, retried=deterred is None)
    if returned_only:
        counted = replace(counted, turned_back=None, got_away=None)
    parts = tuple(Counted.at(place, own, retried=deterred is None)
                  for place, own in encounters.by_place()) if by_place else (counted,)
    recognised, quitting = stated(recognition, "recognition"), stated(giving_up, "giving_up")
    if not counted.turned_back:
        quitting = NOBODY_TURNED_BACK
    priors = Priors(deterred or RETRIES_COUNTED, recognised or ALL_RECOGNISED, quitting or UNKNOWN_GIVING_UP)
    posterior = Posterior(parts, counted, priors, int(draws), int(np.random.default_rng(rng).integers(2**63)))
    posterior.require_possible()
    if posterior.impossible > _FEW_IMPOSSIBLE:
        # As many possible draws as were asked for, or nearly.
        posterior = replace(posterior, size=math.ceil(draws / (1.0 - posterior.impossible)))
        posterior.require_possible()
    return posterior


def estimate_of(encounters: Encounters, posterior: Posterior, quantity: Quantity, told: tuple[str, ...],
                confidence_level: float) -> Estimate:
    """Make one estimate of the posterior; all of one posterior are drawn jointly."""
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    widths = posterior.width_shares(quantity, confidence_level)
    named = digest("repeated trials", encounters.fingerprint, len(posterior.parts), posterior.seed, posterior.size,
                   *(getattr(posterior.priors, name).name for name in ("deterrence", "recognition", "giving_up")))
    return Estimate.from_draws(
        posterior.values(quantity), joint=named, unit=quantity.unit, value=posterior.value(quantity),
        method=_named(posterior), confidence_level=confidence_level,
        population=quantity.population, observed=quantity.observed(posterior.counted),
        **where_and_when(encounters), fingerprint=encounters.fingerprint, simulated=encounters.simulated,
        cautions=(*cautions.of_quantity(posterior, quantity, widths, confidence_level), *told),
        diagnostics=_diagnostics(posterior, quantity, widths, confidence_level))


def _named(posterior: Posterior) -> str:
    by_place = ", place by place" * (len(posterior.parts) > 1)
    known = "retries counted" if posterior.counted.basis == "retried" else (
        f"deterrence {posterior.priors.deterrence.said}")
    return f"repeated trials{by_place}, {known}"


def _diagnostics(posterior: Posterior, quantity: Quantity, widths: Mapping[str, float],
                 confidence_level: float) -> dict[str, Any]:
    priors = {name: prior for name in ("deterrence", "recognition", "giving_up")
              if (prior := getattr(posterior.priors, name)) not in NOT_ASKED}
    alone = posterior.by_priors_alone(quantity, confidence_level)
    return {"width_shares": widths, "impossible": posterior.impossible,
            **({} if alone is None else {"by_priors_alone": alone}),
            "priors": {name: prior.said for name, prior in priors.items()},
            "reasons": {name: prior.reason for name, prior in priors.items()},
            "unstated": tuple(name for name, prior in priors.items() if prior in UNSTATED),
            "share_again": posterior.counted.share_again, "trials": posterior.counted.trials,
            "basis": posterior.counted.basis, "parts": len(posterior.parts),
            "mean": float(posterior.values(quantity).mean())}


def where_and_when(encounters: Encounters) -> dict[str, str]:
    """Return place and period in words for an estimate."""
    places, periods = dict.fromkeys(encounters.places), [str(own) for own in sorted(set(encounters.periods))]
    place = ", ".join(places) if len(places) <= _PLACES_NAMED else f"{len(places)} places"
    return {"place": place, "period": periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"}
