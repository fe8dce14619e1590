"""Journeys: who went, came back or was stopped between which places, where and when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations

import pandas as pd

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.checks import (
    figures_of,
    periods_of,
    repeats_of,
    require_columns,
    texts_of,
)
from smuggling_analysis.evidence.period import Period
from smuggling_analysis.problems import Problem, raise_any

COLUMNS = ("origin", "destination", "point", "period", "indicator", "value", "low", "high", "unit", "source")
_OPTIONAL_TEXTS = ("point", "qualifier")


@dataclass(frozen=True, kw_only=True)
class Journey:
    """One recorded flow between an origin and a destination.

    Parameters
    ----------
    origin, destination : str
        ISO 3166-1 alpha-3 codes, or the code of an aggregate the source declares ("CLM").
    point : str
        The crossing or place of record; empty where it is the whole border.
    period : Period
        When.
    indicator : str
        What was counted: "deported", "entered_irregularly".
    value, low, high : float, optional
        The figure, or the range that was published.
    unit : str
        "persons", "persons per year", "share".
    source : str
        The original publication.
    qualifier : str
        "almost", "at least": what the source said beside the figure.
    """

    origin: str
    destination: str
    period: Period
    indicator: str
    unit: str
    source: str
    point: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    qualifier: str = ""

    def __post_init__(self) -> None:
        needed = ("origin", "destination", "indicator", "unit", "source")
        if empty := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"a journey needs {', '.join(empty)}")
        figures = [number for number in (self.value, self.low, self.high) if number is not None]
        if not figures or not all(0 <= number < math.inf for number in figures):
            raise ValueError(f"{self.corridor}: a flow needs a figure of 0 or more, got {figures or 'none'}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.corridor}: the lower figure {self.low} lies above the upper {self.high}")

    @property
    def corridor(self) -> str:
        """Origin and destination: "KHM to THA"."""
        return f"{self.origin} to {self.destination}"


@dataclass(frozen=True)
class Journeys:
    """Recorded flows, one row per origin, destination, crossing, period, indicator and source.

    Sources that contradict each other stand side by side; nothing is added up unless asked for.

    Parameters
    ----------
    rows : tuple of Journey
        The flows, in the order of the source.
    simulated : bool
        Whether the flows are simulated.

    Examples
    --------
    >>> table = pd.DataFrame({"origin": ["THA"] * 2, "destination": ["KHM"] * 2, "point": ["Poipet"] * 2,
    ...                       "period": ["2015-01", "2015-02"], "indicator": ["returned_total"] * 2,
    ...                       "value": [4325, 4175], "low": [None] * 2, "high": [None] * 2,
    ...                       "unit": ["persons"] * 2, "source": ["Mekong Migration Network"] * 2})
    >>> Journeys.from_table(table).by_corridor("returned_total").loc[0, "value"]
    np.float64(8500.0)
    """

    rows: tuple[Journey, ...]
    simulated: bool = False

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("journeys need one row at least")

    @classmethod
    def from_table(cls, table: pd.DataFrame, *, origin: str = "", simulated: bool = False) -> Journeys:
        """Take a table with one row per flow.

        Parameters
        ----------
        table : DataFrame
            Columns origin, destination, point, period, indicator, value, low, high, unit, source and, where
            the source said something beside the figure, qualifier. Point may be empty, and two of value, low
            and high.
        origin : str
            The file the frame was read from, for messages.
        simulated : bool
            Whether the flows are simulated.

        Raises
        ------
        BadInput
            Naming row and column: a missing column or text, a negative figure, a lower figure above the
            upper, a period of another form, a flow given twice by one source.
        """
        require_columns(table, COLUMNS, origin)
        problems: list[Problem] = []
        columns: dict[str, Sequence] = {}
        for name in ("origin", "destination", "point", "indicator", "unit", "source", "qualifier"):
            if name in table.columns:
                columns[name], wrong = texts_of(table, name, origin, optional=name in _OPTIONAL_TEXTS)
                problems += wrong
        columns["period"], wrong = periods_of(table, "period", origin)
        problems += wrong
        figures, wrong = figures_of(table, ("value", "low", "high"), origin, least=0)
        columns |= figures
        problems += wrong
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        keys = [tuple(row[name] for name in (*COLUMNS[:5], "source")) for row in rows]
        problems += repeats_of(table, keys, problems, "flow, period and source", "remove one of the two rows",
                               origin)
        raise_any(problems)
        return cls(tuple(Journey(**row) for row in rows), simulated)

    def select(
        self,
        *,
        origin: str | Sequence[str] | None = None,
        destination: str | Sequence[str] | None = None,
        point: str | Sequence[str] | None = None,
        indicator: str | Sequence[str] | None = None,
        period: str | Period | None = None,
        source: str | Sequence[str] | None = None,
    ) -> Journeys:
        """Keep the flows with these values; a period keeps the flows that lie within it.

        Raises
        ------
        ValueError
            If nothing is left, saying what there is.
        """
        kept = self.rows
        for name, wanted in {
            "origin": origin,
            "destination": destination,
            "point": point,
            "indicator": indicator,
            "source": source,
        }.items():
            if wanted is not None:
                values = {wanted} if isinstance(wanted, str) else set(wanted)
                found = dict.fromkeys(getattr(row, name) or "(empty)" for row in kept)
                kept = tuple(row for row in kept if getattr(row, name) in values)
                if not kept:
                    raise ValueError(f"no flow has the {name} {' or '.join(sorted(values))}; "
                                     f"there are {', '.join(found)}")
        if period is not None:
            around = Period.parse(period) if isinstance(period, str) else period
            found = dict.fromkeys(str(row.period) for row in kept)
            kept = tuple(row for row in kept if row.period.within(around))
            if not kept:
                raise ValueError(f"no flow lies within {around}; the periods are {', '.join(found)}")
        return Journeys(kept, self.simulated)

    @property
    def indicators(self) -> tuple[str, ...]:
        """What was counted, in the order in which it first occurs."""
        return tuple(dict.fromkeys(row.indicator for row in self.rows))

    def by_corridor(self, indicator: str) -> pd.DataFrame:
        """Add up one indicator by origin and destination.

        Parameters
        ----------
        indicator : str
            What to add up.

        Returns
        -------
        DataFrame
            One row per corridor: origin, destination, value, unit, flows (the number added up).

        Raises
        ------
        ValueError
            If adding would count people twice or mix what cannot be added: periods that overlap, several
            units, a share, a range without a figure. The message says what to select.
        """
        chosen = self.select(indicator=indicator)
        corridors: dict[tuple[str, str], list[Journey]] = {}
        for row in chosen.rows:
            corridors.setdefault((row.origin, row.destination), []).append(row)
        for flows in corridors.values():
            _refuse_sum(flows)
        return pd.DataFrame([{"origin": start, "destination": end, "unit": flows[0].unit, "flows": len(flows),
                              "value": math.fsum(row.value for row in flows if row.value is not None)}
                             for (start, end), flows in corridors.items()],
                            columns=["origin", "destination", "value", "unit", "flows"])

    def frame(self) -> pd.DataFrame:
        """Return one row per flow."""
        rows = [asdict(row) | {"period": str(row.period)} for row in self.rows]
        frame = pd.DataFrame(rows, columns=[*COLUMNS, "qualifier"])
        return frame.astype(dict.fromkeys(("value", "low", "high"), float))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every flow, whatever their order, and of whether they are simulated."""
        return digest("Journeys", sorted(repr(row) for row in self.rows), self.simulated)

    def __iter__(self) -> Iterator[Journey]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        corridors = len({row.corridor for row in self.rows})
        return f"Journeys({len(self.rows)} flows in {corridors} corridors: {', '.join(self.indicators)})"


def _refuse_sum(flows: Sequence[Journey]) -> None:
    corridor = f"{flows[0].indicator}, {flows[0].corridor}"
    if len(units := dict.fromkeys(row.unit for row in flows)) > 1:
        raise ValueError(f"{corridor}: {' and '.join(units)} cannot be added; select one unit's rows")
    if len(flows) > 1 and flows[0].unit.startswith("share"):
        raise ValueError(f"{corridor}: shares cannot be added; select one row")
    if any(row.value is None for row in flows):
        raise ValueError(f"{corridor}: a row holds a range without a figure, which cannot be added; "
                         "select the rows with a figure")
    for one, other in combinations(flows, 2):
        # An empty point is the whole border, which holds every crossing.
        if one.period.overlaps(other.period) and (
            one.point == other.point or not one.point or not other.point
        ):
            raise ValueError(
                f"{corridor}: {one.period} and {other.period} overlap at {one.point or 'the whole border'}"
                ", so people would be counted twice; select a period, a point or a source"
            )
