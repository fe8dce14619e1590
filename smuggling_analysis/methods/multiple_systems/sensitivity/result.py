"""What becomes of an estimate under other assumptions, and where its conclusion turns."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.estimate import Estimate


@dataclass(frozen=True)
class Conclusion:
    """What an estimate says: that the number lies between two limits.

    Parameters
    ----------
    low, high : float
        The limits; infinite where there is none.
    told : str
        What an estimate beyond them does, in words that follow "the estimate".
    kept : str
        What an estimate between them does.

    Examples
    --------
    >>> found = Estimate(value=300.0, lower=200.0, upper=500.0, unit="persons", method="demo")
    >>> Conclusion.of(found).turned(520.0), Conclusion.of(found, against=400.0).turned(390.0)
    (True, False)
    """

    low: float
    high: float
    told: str
    kept: str

    @classmethod
    def of(cls, original: Estimate, against: float | None = None) -> Conclusion:
        """Return the conclusion of an estimate: its interval, or the side of a number on which it lies.

        Raises
        ------
        ValueError
            If the number to hold against is not positive and finite.
        """
        if against is None:
            return cls(original.lower, original.upper, "leaves the interval of the original",
                       "stays within the interval of the original")
        if not 0 < against < math.inf:
            raise ValueError(f"against is a number of people to hold the estimate against, got {against}")
        words = (f"crosses {numerals.number(against)}", f"does not cross {numerals.number(against)}")
        if original.value < against:
            return cls(-math.inf, float(against), *words)
        return cls(float(against), math.inf, *words)

    def turned(self, value: float) -> bool:
        """Say whether another estimate overturns the conclusion."""
        return value < self.low or value > self.high


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Sensitivity(ABC):
    """What becomes of an estimate when something that was taken for granted is otherwise.

    Parameters
    ----------
    original : Estimate
        The estimate as the method gives it.
    frame : DataFrame
        One row for each way it might be otherwise, with columns `value, lower, upper` in persons (NaN where the
        method refuses) and `refusal`, the reason in words (empty where there is none).
    what : str
        What was varied, as a table names it: "dependence of police and ngo".
    conclusion : Conclusion
        What the original says.
    """

    original: Estimate
    frame: pd.DataFrame
    what: str
    conclusion: Conclusion

    @property
    def simulated(self) -> bool:
        """Whether simulated data lies beneath."""
        return self.original.simulated

    @property
    def lowest(self) -> float:
        """The least estimate, the original among them."""
        return min(self.original.value, *self._values, math.inf)

    @property
    def highest(self) -> float:
        """The largest estimate, the original among them."""
        return max(self.original.value, *self._values, -math.inf)

    @property
    def span(self) -> tuple[float, float]:
        """The least and the largest estimate that stand for the whole where there is room for two numbers."""
        return self.lowest, self.highest

    @property
    def turned(self) -> bool:
        """Whether one of the estimates overturns the conclusion."""
        return any(self.conclusion.turned(value) for value in self._values)

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What to print."""

    @property
    def _values(self) -> list[float]:
        return [float(value) for value in self.frame["value"].dropna()]

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.sentence})"
