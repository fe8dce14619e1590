"""The draws of a border's flow under stated priors, and which part of an interval each of them makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import equal_tailed
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.repeated_trials.counted import Counted
from smuggling_analysis.methods.repeated_trials.drawing import Drawn, draw_all
from smuggling_analysis.methods.repeated_trials.quantities import Quantity
from smuggling_analysis.methods.repeated_trials.shares import StatedShare
from smuggling_analysis.methods.repeated_trials.trials import Shares, Solution, added, solve
from smuggling_analysis.numerals import percent

MOST_IMPOSSIBLE = 0.9
"""There is no estimate where more of the draws than this contradict the counts: then the shares do, not chance."""

COUNTS = "counts"
_FEWEST = 20
_ROUNDING = 1e-9
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Priors:
    """What is stated of the three shares that nobody counted; see `trials.Shares`."""

    deterrence: StatedShare
    recognition: StatedShare
    giving_up: StatedShare

    def unknown(self) -> dict[str, StatedShare]:
        """Return those that are not one number, by name."""
        return {own.name: prior for own in fields(self) if not (prior := getattr(self, own.name)).known}

    def drawn(self, size: int, seed: int) -> Shares:
        """Draw all three, each from its own stream."""
        streams = np.random.default_rng(seed).spawn(3)
        return Shares(*(getattr(self, own.name).quantile(stream.random(size))
                        for own, stream in zip(fields(self), streams, strict=True)))


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of a flow, given its counts and priors.

    Parameters
    ----------
    parts : tuple of Counted
        What is estimated by itself and added up: all places together, or each of them.
    counted : Counted
        The sums over all of them.
    priors : Priors
        The shares are the same in all parts.
    size : int
        Number of draws, impossible ones included.
    seed : int
    """

    parts: tuple[Counted, ...]
    counted: Counted
    priors: Priors
    size: int
    seed: int

    @cached_property
    def shares(self) -> Shares:
        """Draws of the priors: (size,) arrays."""
        return self.priors.drawn(self.size, self.seed)

    @cached_property
    def drawn(self) -> Drawn:
        """The draws of the model."""
        return draw_all(self.parts, self.shares, self.seed)

    @property
    def impossible(self) -> float:
        """Share of the draws that contradict the counts, and are left out."""
        return 1.0 - float(self.drawn.possible.mean())

    def require_possible(self) -> None:
        """Refuse shares that contradict the counts.

        Raises
        ------
        NoEstimate
            If shares stated as numbers give a chance above 1, or nearly all of the draws contradict the counts.
        """
        if not self.priors.unknown():
            self._require_chance(self._stated)
        if self.impossible > MOST_IMPOSSIBLE or self.drawn.possible.sum() < 2:
            self._require_chance(self._stated)
            found = self._solved(self._stated)
            if found.entries < self._least:
                least = "0" if not self.counted.got_away else f"the {self.counted.got_away:,} that were seen"
                raise NoEstimate(f"the model implies {found.entries:,.0f} entries, fewer than {least}", _OTHER_SHARES)
            raise NoEstimate(f"{percent(self.impossible)} of the draws contradict the counts: "
                             f"{self._most_deterred()}", _OTHER_SHARES)

    def _require_chance(self, shares: Shares) -> None:
        if shares.recognition <= 0.0 or shares.deterrence >= 1.0:
            raise NoEstimate("if nobody tries again, or nobody is recognised, repeat apprehensions cannot be, and "
                             f"there are {self.counted.repeats:,}", _OTHER_SHARES)
        found = self._solved(shares)
        if found.chance > 1.0 + _ROUNDING:
            raise NoEstimate(f"the chance of an apprehension would be {found.chance:.3g}, above 1: "
                             f"{self._most_deterred(shares.recognition)}", _OTHER_SHARES)

    def _solved(self, shares: Shares) -> Solution:
        return added(self.parts, [solve(part, shares) for part in self.parts])

    @property
    def _stated(self) -> Shares:
        return Shares(*(getattr(self.priors, own.name).median for own in fields(self.priors)))

    @property
    def _least(self) -> float:
        """The fewest entries there can have been."""
        return float(self.counted.got_away or 0)

    def _most_deterred(self, recognition: float = 1.0) -> str:
        counted = max(self.parts, key=lambda part: part.share_again)
        return (f"{percent(counted.share_again)} of the {counted.trials:,} {counted.basis} were apprehended again, so "
                f"that no more than {percent(max(0.0, 1.0 - counted.share_again / recognition))} can have been "
                "deterred")

    @cached_property
    def medians(self) -> Shares:
        """The middle of each share among the possible draws."""
        return Shares(*(_middle(getattr(self.shares, own.name), self.drawn.possible) for own in fields(self.shares)))

    def values(self, quantity: Quantity) -> Floats:
        """Return the possible draws of a quantity: (possible,) array."""
        return np.asarray(quantity.of(_some(self.drawn), self.counted), dtype=float)

    def value(self, quantity: Quantity) -> float:
        """Return the closed form where every share was stated as a number and it is possible, else the median."""
        if not self.priors.unknown():
            found = self._solved(self._stated)
            if found.entries >= self._least:
                return float(quantity.of(found, self.counted))
        return float(np.median(self.values(quantity)))

    @cached_property
    def _held(self) -> Mapping[str, tuple[Shares, Drawn]]:
        """Draws with one prior held at its middle, the same chance otherwise, by the prior's name."""
        found = {}
        for name in self.priors.unknown():
            held = replace(self.shares, **{name: np.full(self.size, getattr(self.medians, name))})
            found[name] = (held, draw_all(self.parts, held, self.seed))
        return found

    def width_shares(self, quantity: Quantity, confidence_level: float) -> dict[str, float]:
        """Say how much narrower the interval would be, as a share of it, if each prior were known, or the counts.

        The shares need not add up to 1: widths do not add.
        """
        width = _width(self.values(quantity), confidence_level)
        if width <= 0.0:
            return {}
        narrower = {name: _width(np.asarray(quantity.of(_some(drawn), self.counted), dtype=float), confidence_level)
                    for name, (_, drawn) in self._held.items() if drawn.possible.sum() > 1}
        exact = self._solved(self.shares)
        kept = self.drawn.possible & np.isfinite(exact.attempts)
        known = quantity.of(_subset(exact, kept), self.counted)
        narrower[COUNTS] = _width(np.asarray(known, dtype=float), confidence_level)
        return {name: min(1.0, max(0.0, 1.0 - other / width)) for name, other in narrower.items()}

    def by_priors_alone(self, quantity: Quantity, confidence_level: float) -> tuple[float, float] | None:
        """Return the interval that the priors alone would give, were the counts free of chance.

        None where every share is one number.
        """
        if not self.priors.unknown():
            return None
        exact = self._solved(self.shares)
        sound = np.isfinite(exact.attempts) & (exact.chance <= 1.0) & (exact.entries >= self._least)
        kept = self.drawn.possible & sound
        if kept.sum() < _FEWEST:
            return None
        return equal_tailed(np.asarray(quantity.of(_subset(exact, kept), self.counted), dtype=float), confidence_level)

    def at_ends(self, quantity: Quantity, prior: str, confidence_level: float) -> list[tuple[float, float]]:
        """Return the ends of a prior among the possible draws, and the closed form at each, others in the middle."""
        ends = equal_tailed(getattr(self.shares, prior)[self.drawn.possible], confidence_level)
        found = []
        for end in ends:
            solution = self._solved(replace(self.medians, **{prior: end}))
            found.append((end, float(quantity.of(solution, self.counted))))
        return found


_OTHER_SHARES = "shares that agree with the counts, or counts of the people these shares are about"


def _middle(values: Floats, possible: NDArray[np.bool_]) -> float:
    return float(np.median(values[possible] if possible.any() else values))


def _some(drawn: Drawn) -> Solution:
    return _subset(drawn.solution, drawn.possible)


def _subset(solution: Solution, kept: NDArray[np.bool_]) -> Solution:
    found: dict[str, Any] = {own.name: np.broadcast_to(getattr(solution, own.name), kept.shape)[kept]
                             for own in fields(solution)}
    return Solution(**found)


def _width(values: Floats, confidence_level: float) -> float:
    if values.size < 2:
        return 0.0
    lower, upper = equal_tailed(values, confidence_level)
    return upper - lower
