"""Sources side by side: figures of the same thing that do not agree, found and laid out, never reconciled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from smuggling_analysis.evidence.journeys import Journey, Journeys
from smuggling_analysis.evidence.period import Period, spoken
from smuggling_analysis.indicator import Indicator

AGREE = 0.005
_DATED = re.compile(r".*?\((?:19|20)\d\d\)")


@dataclass(frozen=True)
class Account:
    """What one source, or several that cover the period between them, says.

    Parameters
    ----------
    parts : tuple of Indicator
        One figure for the whole period, or one for each part of it.
    """

    parts: tuple[Indicator, ...]

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return sum(part.value or 0.0 for part in self.parts)

    @property
    def source(self) -> str:
        """The sources in short, each once."""
        return " and ".join(dict.fromkeys(_short(part.source) for part in self.parts))

    @property
    def sum(self) -> str:
        """The figure, or the sum as written: "348 + 569 = 917"."""
        numbers = " + ".join(f"{part.value:,.0f}" for part in self.parts)
        return numbers if len(self.parts) == 1 else f"{numbers} = {self.total:,.0f}"


@dataclass(frozen=True)
class Contradiction:
    """Accounts of the same thing that differ.

    Parameters
    ----------
    what, place, unit : str
        What is counted, where, and in which unit.
    period : Period
        The period all accounts cover.
    accounts : tuple of Account
        Two or more, with different totals.
    """

    what: str
    place: str
    unit: str
    period: Period
    accounts: tuple[Account, ...]

    @property
    def factor(self) -> float:
        """The largest account over the smallest."""
        totals = [account.total for account in self.accounts]
        return max(totals) / min(totals) if min(totals) > 0 else float("inf")

    @property
    def bars(self) -> dict[str, list[tuple[str, float]]]:
        """The accounts as `plots.contradictions` draws them."""
        bars: dict[str, list[tuple[str, float]]] = {}
        for account in self.accounts:
            name = account.source if account.source not in bars else _told_apart(account, bars)
            bars[name] = [(spoken(part.period), part.value or 0.0) for part in account.parts]
        return bars


def contradictions(indicators: Iterable[Indicator]) -> tuple[Contradiction, ...]:
    """Find figures of one thing, in one place and period, that do not agree.

    Two figures of the same period are compared, and a figure of a period with the sum of figures that
    cover it part by part without gap or overlap.

    Parameters
    ----------
    indicators : iterable of Indicator
        Shares and figures without a value are passed over.

    Returns
    -------
    tuple of Contradiction
        Those whose totals differ by more than half a percent, in the order of the source.

    Examples
    --------
    >>> rows = [Indicator(value=n, unit="persons", what="dead", place="Sea", period=p, source=s,
    ...                   kind="recorded")
    ...         for n, p, s in [(573, "2022-2023", "Dashboard"), (348, "2022", "Briefing"),
    ...                         (569, "2023", "Briefing")]]
    >>> [account.sum for account in contradictions(rows)[0].accounts]
    ['573', '348 + 569 = 917']
    """
    groups: dict[tuple[str, str, str], list[tuple[Period, Indicator]]] = {}
    for row in indicators:
        if row.value is not None and row.unit != "share":
            key = (row.what, row.place, row.unit)
            groups.setdefault(key, []).append((Period.parse(row.period), row))
    found = []
    for (what, place, unit), rows in groups.items():
        for period in dict.fromkeys(own for own, _ in rows):
            accounts = _accounts(period, rows)
            if len(accounts) > 1:
                found.append(Contradiction(what, place, unit, period, tuple(accounts)))
    return tuple(found)


def implied_by_share(flows: Journeys, published: Iterable[Indicator], *, entries: str = "entered_irregularly",
                     share: str = "share_ferried_by_smugglers") -> tuple[Contradiction, ...]:
    """Set published numbers of smuggled people beside those that a published share of entries implies.

    Parameters
    ----------
    flows : Journeys
        With counts of `entries` by corridor, and a `share` of those who use smugglers.
    published : iterable of Indicator
        Published numbers; those whose place is the corridor ("Cambodia to Thailand") are taken.
    entries, share : str
        The flows' names of both.

    Returns
    -------
    tuple of Contradiction
        One per corridor; empty where the flows lack either figure. A share of another corridor is never
        taken, that of a group of countries ("CLM to THA") is.
    """
    if not {entries, share} <= set(flows.indicators):
        return ()
    found = []
    for row in flows.select(indicator=entries):
        corridor = f"{_country(row.origin)} to {_country(row.destination)}"
        others = [one for one in published if one.place == corridor and one.value is not None]
        part = _share_for(row, flows, share)
        if row.value is None or part is None or part.value is None or not others:
            continue
        words = f"{part.value:.0%} of {row.value:,.0f} irregular entries of {row.period}".replace("%", " %")
        implied = Indicator(value=part.value * row.value, unit=others[0].unit, what="smuggled, as implied",
                            place=corridor, period=str(row.period), kind="published estimate",
                            qualifier=words,
                            source=f"{words}; share: {part.source}; entries: {row.source}")
        found.append(Contradiction("people smuggled in a year", corridor, others[0].unit, row.period,
                                   tuple(Account((one,)) for one in (*others, implied))))
    return tuple(found)


def _share_for(row: Journey, flows: Journeys, share: str) -> Journey | None:
    bound = [one for one in flows.select(indicator=share) if one.destination == row.destination]
    own = [one for one in bound if one.origin == row.origin]
    of_a_group = [one for one in bound if _country(one.origin) == one.origin]
    return next(iter(own or of_a_group), None)


def contradictions_frame(found: Sequence[Contradiction]) -> pd.DataFrame:
    """Lay contradictions out, one row per account.

    Returns
    -------
    DataFrame
        `what, place, period, figure, total, unit, source`.
    """
    rows = [{"what": one.what.replace("_", " "), "place": one.place, "period": str(one.period),
             "figure": account.sum, "total": account.total, "unit": one.unit,
             "source": "; ".join(dict.fromkeys(part.source for part in account.parts))}
            for one in found for account in one.accounts]
    return pd.DataFrame(rows, columns=["what", "place", "period", "figure", "total", "unit", "source"])


def _accounts(period: Period, rows: list[tuple[Period, Indicator]]) -> list[Account]:
    whole = [Account((row,)) for own, row in rows if own == period]
    tiling = _tiling(period, [(own, row) for own, row in rows if own != period and own.within(period)])
    accounts: list[Account] = []
    for account in [*whole, *([Account(tuple(tiling))] if tiling else [])]:
        if all(abs(account.total - other.total) > AGREE * max(account.total, other.total)
               for other in accounts):
            accounts.append(account)
    return accounts


def _tiling(period: Period, rows: list[tuple[Period, Indicator]]) -> list[Indicator]:
    """Cover a period by the rows' periods without gap or overlap; empty if that cannot be done."""
    for own, row in rows:
        if own.start != period.start:
            continue
        if own.end == period.end:
            return [row]
        rest = Period(own.end + timedelta(days=1), period.end)
        if further := _tiling(rest, rows):
            return [row, *further]
    return []


def _told_apart(account: Account, bars: dict[str, list[tuple[str, float]]]) -> str:
    words = account.parts[0].qualifier or f"account {len(bars) + 1}"
    return f"{account.source} ({words})"


def _country(code: str) -> str:
    import pycountry

    found = pycountry.countries.get(alpha_3=code)
    return str(found.name) if found else code


def _short(source: str) -> str:
    """Name a source by author and year where it is written so, else by all before its first semicolon."""
    first = source.split(";")[0].split(", on ")[0].strip()
    dated = _DATED.match(first)
    return dated[0] if dated else first
