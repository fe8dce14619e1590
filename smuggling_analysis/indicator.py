"""Indicators: numbers somebody recorded or published, as they stand.

An indicator measures its observer (detections, deportations, recorded deaths) or repeats what a
publication says. It is never an `Estimate` of ours, and the two are never mixed in one column.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["recorded", "published estimate", "survey share"]


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """A recorded or published number with its source.

    Parameters
    ----------
    value : float, optional
        The number; None where only a range was published.
    low, high : float, optional
        The published range or interval.
    unit : str
        "persons", "deaths", "detections", "USD", "share" ...
    what : str
        What was counted, in the source's sense.
    place, period : str
        Where and when.
    source : str
        The original publication.
    kind : {"recorded", "published estimate", "survey share"}
        Who made the number, and how.
    qualifier : str
        "at least", "approximately", "up to": what the source said beside the number.
    method : str
        How a published estimate was made, as its source says.
    simulated : bool
        Whether it rests on simulated data.

    Examples
    --------
    >>> Indicator(value=569, unit="persons", what="dead or missing at sea", place="Andaman Sea",
    ...           period="2023", source="UNHCR 2024", kind="recorded").value
    569.0
    """

    unit: str
    what: str
    place: str
    period: str
    source: str
    kind: Kind
    value: float | None = None
    low: float | None = None
    high: float | None = None
    qualifier: str = ""
    method: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None:
                number = float(number)
                if not math.isfinite(number):
                    raise ValueError(f"{self.what}: {name} is {number}; leave it out where none was published")
                object.__setattr__(self, name, number)
        if self.value is None and self.low is None and self.high is None:
            raise ValueError(f"{self.what}: an indicator needs a value, a lower or an upper figure")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.what}: the lower figure {self.low} lies above the upper {self.high}")
        if not self.source:
            raise ValueError(f"{self.what}: an indicator needs its source")

    def to_dict(self) -> dict[str, Any]:
        """Return every field, ready for JSON."""
        return asdict(self)
