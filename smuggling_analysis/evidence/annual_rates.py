"""Annual rates: one number per key and year, such as exchange rates or a price index."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.checks import (
    numbers_of,
    repeats_of,
    require_columns,
    texts_of,
    years_of,
)
from smuggling_analysis.problems import raise_any

SMALLEST_RATE = 1e-9


@dataclass(frozen=True)
class AnnualRates:
    """One positive number per key and year: local currency per USD, or a consumer price index.

    Parameters
    ----------
    rates : tuple of (str, int, float)
        Key ("THB"), year and value, sorted; each key and year once.
    what : str
        What the numbers are: "local currency per USD, average of the year".
    simulated : bool
        Whether they are invented.

    Examples
    --------
    >>> rates = AnnualRates((("THB", 2022, 35.06), ("THB", 2023, 34.8)), "baht per USD")
    >>> rates.of("THB", 2022)
    35.06
    """

    rates: tuple[tuple[str, int, float], ...]
    what: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        rates = tuple(sorted((str(key), int(year), float(value)) for key, year, value in self.rates))
        if not rates:
            raise ValueError("annual rates need one key and year at least")
        if len({(key, year) for key, year, _ in rates}) < len(rates):
            raise ValueError("a key and year is given twice: keep one rate of each")
        if wrong := [rate for rate in rates if not 0 < rate[2] < math.inf or not rate[0]]:
            raise ValueError(f"a rate is a positive number with a key, got {wrong[0]}")
        object.__setattr__(self, "rates", rates)

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, key: str = "key", year: str = "year", value: str = "value",
                   what: str = "", origin: str = "", simulated: bool = False) -> AnnualRates:
        """Take a table with one row per key and year.

        Parameters
        ----------
        table : DataFrame
            One row per key and year.
        key, year, value : str
            The columns: a word (a currency's code), a year, a number above 0.
        what, simulated
            As in `AnnualRates`.
        origin : str
            The file the frame was read from, for messages.

        Raises
        ------
        BadInput
            Naming row and column: a missing column, no number, a rate of 0 or less, a year given twice.

        Examples
        --------
        >>> table = pd.DataFrame({"key": ["MYR"], "year": [2015], "value": [3.91]})
        >>> AnnualRates.from_table(table).years("MYR")
        (2015,)
        """
        require_columns(table, [key, year, value], origin)
        keys, problems = texts_of(table, key, origin)
        years, wrong_years = years_of(table, year, origin)
        values, wrong_values = numbers_of(table, value, origin, least=SMALLEST_RATE)
        pairs = list(zip(keys, years.tolist(), strict=True))
        problems += wrong_years + wrong_values
        raise_any([*problems, *repeats_of(table, pairs, problems, f"{key} and {year}",
                                          "remove one of the two rows", origin)])
        return cls(
            tuple((*pair, number) for pair, number in zip(pairs, values.tolist(), strict=True)),
            what,
            simulated,
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, sorted."""
        return tuple(sorted({key for key, _, _ in self.rates}))

    def years(self, key: str) -> tuple[int, ...]:
        """Return the years there is a rate for."""
        return tuple(year for own, year, _ in self.rates if own == key)

    def has(self, key: str, year: int) -> bool:
        """Say whether there is a rate for that key and year."""
        return (key, year) in self._values

    def of(self, key: str, year: int) -> float:
        """Return the rate of a key in a year.

        Raises
        ------
        KeyError
            Saying which years, or which keys, there are.
        """
        if not self.has(key, year):
            raise KeyError(self.lacking(key, year))
        return self._values[key, year]

    def lacking(self, key: str, year: int) -> str:
        """Say in words that there is no rate for that key and year, and what there is instead."""
        if years := self.years(key):
            return (
                f"there is no {self.what or 'rate'} of {key} in {year}; the years there are {_spans(years)}"
            )
        return f"there is no {self.what or 'rate'} of {key}; the keys there are {', '.join(self.keys)}"

    def select(self, *keys: str) -> AnnualRates:
        """Keep these keys."""
        if unknown := [key for key in keys if key not in self.keys]:
            raise ValueError(f"the keys are {', '.join(self.keys)}; not among them: {', '.join(unknown)}")
        return AnnualRates(tuple(rate for rate in self.rates if rate[0] in keys), self.what, self.simulated)

    def frame(self) -> pd.DataFrame:
        """Return one row per key and year."""
        return pd.DataFrame(self.rates, columns=["key", "year", "value"])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every rate, and of whether they are simulated."""
        return digest("AnnualRates", self.rates, self.what, self.simulated)

    @cached_property
    def _values(self) -> dict[tuple[str, int], float]:
        return {(key, year): value for key, year, value in self.rates}

    def __repr__(self) -> str:
        return f"AnnualRates({len(self.rates)} rates of {', '.join(self.keys)})"


def _spans(years: Iterable[int]) -> str:
    """Write years shortly: "2013 to 2015, 2019"."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans)
