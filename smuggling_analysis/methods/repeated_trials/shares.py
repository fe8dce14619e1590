"""Shares that nobody counted: stated as a distribution, with the reason for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StatedShare:
    """A share between 0 and 1 that no count decides: what is believed of it, and why.

    Make one with `fixed`, `uniform`, `beta` or `of_estimate`.

    Parameters
    ----------
    kind : {"fixed", "uniform", "beta", "estimate"}
        The distribution.
    numbers : tuple of float
        Its parameters: the value; the ends; the two shape parameters; the sorted draws.
    reason : str
        Why this, and whose judgement it is.
    said : str
        The distribution in words.

    Examples
    --------
    >>> StatedShare.uniform(0.55, 0.75, reason="range of surveys and records, DHS (2017)").said
    'uniform from 55 % to 75 %'
    """

    kind: str
    numbers: tuple[float, ...] = field(repr=False)
    reason: str
    said: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(f"a share that is {self.said} needs its reason: who says so, and why")

    @classmethod
    def fixed(cls, value: float, *, reason: str) -> StatedShare:
        """State one number, as if it were known.

        Examples
        --------
        >>> StatedShare.fixed(0.4, reason="for comparison").quantile(np.array([0.1, 0.9]))
        array([0.4, 0.4])
        """
        number = _share(value, "the share")
        return cls("fixed", (number,), reason, f"exactly {numerals.percent(number)}")

    @classmethod
    def uniform(cls, low: float, high: float, *, reason: str) -> StatedShare:
        """State two ends between which nothing is more plausible than anything else."""
        low, high = _share(low, "the lower end"), _share(high, "the upper end")
        if not low < high:
            raise ValueError(f"the lower end lies below the upper, got {low:g} and {high:g}")
        return cls("uniform", (low, high), reason,
                   f"uniform from {numerals.percent(low)} to {numerals.percent(high)}")

    @classmethod
    def beta(cls, yes: float, no: float, *, reason: str) -> StatedShare:
        """State a beta distribution: as if `yes` had been seen to do so and `no` had not.

        Examples
        --------
        >>> StatedShare.beta(60, 40, reason="100 people asked after their return").median
        0.6006...
        """
        if not (0 < yes < math.inf and 0 < no < math.inf):
            raise ValueError(f"a beta distribution has two numbers above 0, got {yes} and {no}")
        return cls("beta", (float(yes), float(no)), reason, f"beta with {yes:g} and {no:g}")

    @classmethod
    def of_estimate(cls, estimate: Estimate, *, reason: str = "") -> StatedShare:
        """Take an estimated or judged share, with its draws: a survey's answer, or `expert_range`."""
        if estimate.unit != "share":
            raise ValueError(f"a share is needed, got an estimate in {estimate.unit}")
        drawn = estimate.with_draws().draws
        assert drawn is not None
        numbers = np.sort(drawn.values)
        if numbers[0] < 0 or numbers[-1] > 1:
            raise ValueError(f"{estimate.method}: a share lies between 0 and 1, its draws reach from {numbers[0]:.3g} "
                             f"to {numbers[-1]:.3g}")
        told = reason or str(estimate.diagnostics.get("reason", "")) or f"estimated: {estimate.method}"
        span = numerals.span(estimate.lower, estimate.upper, unit="share")
        return cls("estimate", tuple(numbers.tolist()), told, f"as estimated, {span}")

    @property
    def known(self) -> bool:
        """Whether one number was stated."""
        return self.kind == "fixed"

    @property
    def median(self) -> float:
        """The middle of the distribution."""
        return float(self.quantile(np.array([0.5]))[0])

    def quantile(self, probabilities: Floats) -> Floats:
        """Return the shares that so much of the distribution lies below: (draws,) array."""
        if self.kind == "fixed":
            return np.full(probabilities.shape, self.numbers[0])
        if self.kind == "uniform":
            low, high = self.numbers
            return low + (high - low) * probabilities
        if self.kind == "beta":
            from scipy.special import betaincinv

            return np.asarray(betaincinv(*self.numbers, probabilities), dtype=float)
        return np.quantile(np.array(self.numbers), probabilities)

    @property
    def name(self) -> str:
        """Fingerprint of the distribution."""
        return digest("stated share", self.kind, self.numbers)


def stated(given: StatedShare | Estimate | float | None, what: str) -> StatedShare | None:
    """Read an option that is a share: a number, an estimated share, a stated one, or nothing.

    Raises
    ------
    ValueError
        If it is none of these, or no share.

    Examples
    --------
    >>> stated(0.4, "deterrence").known
    True
    """
    if given is None or isinstance(given, StatedShare):
        return given
    if isinstance(given, Estimate):
        return StatedShare.of_estimate(given)
    if isinstance(given, bool) or not isinstance(given, (int, float, np.integer, np.floating)):
        raise ValueError(f"{what} is a share: a number, an estimated share or a StatedShare, got {given!r}")
    return StatedShare.fixed(_share(given, what), reason="given as a number")


def _share(value: Any, what: str) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{what} lies between 0 and 1, got {number:g}")
    return number
