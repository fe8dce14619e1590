"""One fee quote: what somebody was asked, or paid, to be taken along a route."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """How a quote became US dollars of another year.

    Parameters
    ----------
    low, high : float, optional
        The quote as made.
    currency : str
        The currency it was made in.
    rate : float
        That currency per USD in the quote's year.
    inflation : float
        US prices of the base year over those of the quote's year.
    """

    low: float | None
    high: float | None
    currency: str
    rate: float
    inflation: float


@dataclass(frozen=True, kw_only=True)
class FeeQuote:
    """One quoted fee.

    Parameters
    ----------
    route_from, route_to : str
        Where the route begins and ends.
    service : str
        What was bought: "overland", "sea, pay on arrival".
    year : int
        When it was quoted.
    low, high : float, optional
        The range, equal for a single figure; `high` alone for "up to", `low` alone for "at least".
    currency : str
        The ISO 4217 code.
    payer : str
        Who paid, or who received: "migrant", "kin", "driver receives".
    source : str
        The original publication.
    price_year : int, optional
        The year whose prices the amount is in; by default the year of the quote.
    kind, corridor : str
        "fee", "ransom" ...; the group of routes it belongs to, as in "within South-East Asia".
    conversion : Conversion, optional
        How the amount became real US dollars; None for a quote as made.

    Examples
    --------
    >>> FeeQuote(route_from="Myanmar", route_to="Malaysia", service="sea", year=2022, high=60000,
    ...          currency="THB", payer="migrant", source="Bernama 2022").route
    'Myanmar to Malaysia'
    """

    route_from: str
    route_to: str
    service: str
    year: int
    currency: str
    payer: str
    source: str
    low: float | None = None
    high: float | None = None
    price_year: int | None = None
    kind: str = ""
    corridor: str = ""
    conversion: Conversion | None = None

    def __post_init__(self) -> None:
        if empty := [
            name for name in ("route_from", "route_to", "currency", "source") if not getattr(self, name)
        ]:
            raise ValueError(f"a fee quote needs {', '.join(empty)}")
        if self.low is None and self.high is None:
            raise ValueError(f"{self.route}: a fee quote needs a lower or an upper figure")
        for amount in (self.low, self.high):
            if amount is not None and not 0 < amount < math.inf:
                raise ValueError(f"{self.route}: a fee is a positive number, got {amount}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.route}: the lower figure {self.low} lies above the upper {self.high}")
        if self.price_year is None:
            object.__setattr__(self, "price_year", self.year)

    @property
    def route(self) -> str:
        """Where from and where to."""
        return f"{self.route_from} to {self.route_to}"

    @property
    def middle(self) -> float | None:
        """The middle of the range; None where only one end of it is known."""
        return None if self.low is None or self.high is None else (self.low + self.high) / 2
