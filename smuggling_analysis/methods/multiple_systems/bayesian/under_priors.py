"""An estimate under several priors, and when the prior decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

DECIDING_FACTOR = 2.0
"""If the population changes by more than this between priors nobody could choose between, the prior decides and not the
data: this package's mark, for every Bayesian method, every table of priors and the gate."""


@dataclass(frozen=True, eq=False, repr=False)
class UnderPriors:
    """N under several priors: a row for each.

    Parameters
    ----------
    frame : DataFrame
        With columns `prior, median, mean, lower, upper, reason` in persons: NaN where there is no estimate, and
        `reason` says why.
    observed : int
        People observed.
    confidence_level : float
        The intervals' probability.
    fingerprint : str
        Fingerprint of the histories.
    simulated : bool
        Whether the people are simulated.
    """

    frame: pd.DataFrame
    observed: int
    confidence_level: float
    fingerprint: str
    simulated: bool = False

    @property
    def ratio(self) -> float:
        """The highest median over the lowest; 1 where there is only one, NaN where there is none."""
        return float(self.frame["median"].max() / self.frame["median"].min())

    @property
    def decided(self) -> bool:
        """Whether the prior decides: the medians lie more than two-fold apart."""
        return self.ratio > DECIDING_FACTOR

    @property
    def verdict(self) -> str:
        """What the table says, in one or two sentences."""
        told = self.frame.dropna(subset="median").sort_values("median", kind="stable").to_dict("records")
        refused = len(self.frame) - len(told)
        left_out = f" Under {refused} of {len(self.frame)} priors there is no estimate." if refused else ""
        if not told:
            return left_out.strip()
        low, high = told[0], told[-1]
        return (f"The prior decides{'' if self.decided else ' little'}: the median runs from {low['median']:,.0f} "
                f"({self._named(low)}) to {high['median']:,.0f} ({self._named(high)}){self._aside()}.{left_out}")

    def _named(self, row: Mapping[Any, Any]) -> str:
        """Name a row's prior."""
        return str(row["prior"])

    def _aside(self) -> str:
        """Return what else the verdict says of the table."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.frame)} priors; {self.verdict})"
