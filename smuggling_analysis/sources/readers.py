"""The table of readers: what a file of each kind is told by its source.toml, and the evidence made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import pandas as pd

from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.evidence.checks import numbers_of, require_columns
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.evidence.event_series import EventSeries
from smuggling_analysis.evidence.fee_quotes import FeeQuotes
from smuggling_analysis.evidence.indicators import KINDS, read_indicators
from smuggling_analysis.evidence.journeys import Journeys
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.problems import Problem, raise_any, shorten
from smuggling_analysis.sources.source import Source, SourceFile

Options = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One kind of file.

    Parameters
    ----------
    name : str
        What source.toml calls it.
    evidence : str
        The evidence made of it.
    make : callable
        `make(table, options, source, file)`: the evidence. The table has the reader's own column names.
    contract : str
        The contract that names its columns; empty where `columns` does.
    columns : mapping of str to str
        The reader's columns and what a file calls them unless source.toml says otherwise.
    lists : tuple of str
        Options that name several columns of the file.
    parts : tuple of str
        Options that name some of the columns that another option names.
    words : mapping of str to bool
        Options that no column holds, and whether they are needed.
    values : mapping of str to (str, callable)
        Options that are neither columns nor words: what is allowed, said to a clerk, and a test of it.
    renamed : mapping of str to str
        The evidence's names of columns where they differ from the reader's.
    """

    name: str
    evidence: str
    make: Callable[[pd.DataFrame, Options, Source, str], Any]
    contract: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    words: Mapping[str, bool] = field(default_factory=dict)
    values: Mapping[str, tuple[str, Callable[[Any], bool]]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def needs(self) -> dict[str, bool]:
        """Return the reader's columns, and whether each is needed."""
        if self.contract:
            from smuggling_analysis.sources.contracts import columns_of

            return columns_of(self.contract)
        return dict.fromkeys(self.columns, True)


def arrange(native: pd.DataFrame, reader: Reader, row: SourceFile,
            file: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give a file's columns the reader's names, as the options say.

    Returns
    -------
    The table with the reader's columns, and the file's name of each.

    Raises
    ------
    BadInput
        If an option is unknown, missing or of the wrong kind, or names a column the file lacks.
    """
    needs = reader.needs()
    _check_options(row, reader, needs, file)
    named = {name: str(row.options[name]) for name in needs if name in row.options}
    for name, needed in needs.items():
        if name not in named and (needed or name in native.columns):
            named[name] = reader.columns.get(name, name)
    several = [str(name) for option in reader.lists for name in row.options.get(option, ())]
    require_columns(native, list(dict.fromkeys([*named.values(), *several])), file)
    table = pd.DataFrame(
        {own: native[theirs] for own, theirs in named.items()}, index=native.index, dtype=object
    )
    for name in several:
        if name in named:
            raise_any([Problem(f"the column {shorten(name)} is named twice in the options", "name it once",
                               file)])
        table[name] = native[name]
        named[name] = name
    return table, named | {theirs: named[own] for theirs, own in reader.renamed.items() if own in named}


def _check_options(row: SourceFile, reader: Reader, needs: Mapping[str, bool], file: str) -> None:
    several = (*reader.lists, *reader.parts)
    allowed = [*needs, *several, *reader.words, *reader.values]
    problems = []
    for name, value in row.options.items():
        if name not in allowed:
            near = get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            problems.append(Problem(f"the reader {reader.name} has no option {shorten(name)}",
                                    f"{hint}the options are {', '.join(allowed)}", file))
        elif name in several and not (
            isinstance(value, list) and all(isinstance(own, str) for own in value)
        ):
            problems.append(Problem(f"the option {name} is {shorten(value)}, allowed is a list of columns",
                                    'write it as in ["police", "ngo"]', file))
        elif name in reader.values:
            said, is_sound = reader.values[name]
            if not is_sound(value):
                fact = f"the option {name} is {shorten(value)}, allowed is {said}"
                problems.append(Problem(fact, "correct it", file))
        elif name not in several and not isinstance(value, str):
            problems.append(
                Problem(f"the option {name} is {shorten(value)}, allowed is a text", "correct it", file)
            )
    missing = [name for name, needed in reader.words.items() if needed and name not in row.options]
    problems += [Problem(f"the option {name} is missing in source.toml", "add it", file) for name in missing]
    raise_any(problems)


def _capture_histories(table: pd.DataFrame, options: Options, source: Source, file: str) -> CaptureHistories:
    return CaptureHistories.from_table(table, lists=options.get("lists"), strata=options.get("strata", ()),
                                       partly_recorded=options.get("partly_recorded", ()), origin=file,
                                       simulated=source.simulated)


def _censored_histories(table: pd.DataFrame, options: Options, source: Source, file: str) -> CensoredHistories:
    marker = {sign: (low, high) for sign, (low, high) in options.get("marker", {}).items()}
    low, high = options.get("left_out", (0, 0))
    return CensoredHistories.from_table(table, lists=options.get("lists"), may_be_zero=options.get("may_be_zero"),
                                        marker=marker, left_out=(low, high), totals=options.get("totals"), origin=file,
                                        simulated=source.simulated)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_whole, value))


def _repeat_counts(table: pd.DataFrame, options: Options, source: Source, file: str) -> RepeatCounts:
    problems: list[Problem] = []
    numbers: Sequence[str] = options.get("numbers", ())
    for name in numbers:
        table[name], wrong = numbers_of(table, name, file)
        problems += wrong
    raise_any(problems)
    return RepeatCounts.from_table(
        table,
        times="times",
        persons="persons",
        origin=file,
        simulated=source.simulated,
        covariates=[*options.get("covariates", ()), *numbers],
    )


def _repeat_records(table: pd.DataFrame, options: Options, source: Source, file: str) -> RepeatCounts:
    problems: list[Problem] = []
    numbers: Sequence[str] = options.get("numbers", ())
    # A statistical package may write whole numbers as 1.0.
    for name in ("times", *numbers):
        table[name], wrong = numbers_of(table, name, file)
        problems += wrong
    raise_any(problems)
    return RepeatCounts.from_records(table, count="times", covariates=[*options.get("covariates", ()), *numbers],
                                     origin=file, simulated=source.simulated)


def _reference_counts(table: pd.DataFrame, options: Options, source: Source, file: str) -> ReferenceCounts:
    marks: Mapping[str, Sequence[str]] = options.get("marks", {})
    for name, countries in marks.items():
        table[name] = table["country"].isin(countries).astype(float)
    return ReferenceCounts.from_table(table, covariates=[*options.get("covariates", ()), *marks], origin=file,
                                      simulated=source.simulated)


def _are_marks(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(several, list) and several and all(isinstance(one, str) for one in several)
        for several in value.values())


def _event_series(table: pd.DataFrame, options: Options, source: Source, file: str) -> EventSeries:
    optional = {name: name for name in ("incidents", "quality", "complete") if name in table.columns}
    return EventSeries.from_table(table, **optional, unit=options.get("unit", source.unit_of_count),
                                  what=options["what"], definition=options.get("definition", ""), origin=file,
                                  simulated=source.simulated)


def _indicators(table: pd.DataFrame, options: Options, source: Source, file: str) -> tuple[Any, ...]:
    if options["kind"] not in KINDS:
        raise_any([Problem(f"the option kind is {shorten(options['kind'])}, allowed are {', '.join(KINDS)}",
                           "name who made the figures", file)])
    return read_indicators(
        table, kind=options["kind"], source=source.citation, origin=file, simulated=source.simulated
    )


def _journeys(table: pd.DataFrame, options: Options, source: Source, file: str) -> Journeys:
    return Journeys.from_table(table, origin=file, simulated=source.simulated)


def _fee_quotes(table: pd.DataFrame, options: Options, source: Source, file: str) -> FeeQuotes:
    table = table.rename(columns={"origin": "route_from", "destination": "route_to"})
    return FeeQuotes.from_table(table, origin=file, simulated=source.simulated)


def _annual_rates(table: pd.DataFrame, options: Options, source: Source, file: str) -> AnnualRates:
    return AnnualRates.from_table(
        table, what=options.get("what", ""), origin=file, simulated=source.simulated
    )


def _encounters(table: pd.DataFrame, options: Options, source: Source, file: str) -> Encounters:
    return Encounters.from_table(table, origin=file, simulated=source.simulated)


READERS: Mapping[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader(
            name="capture_histories",
            evidence="CaptureHistories",
            make=_capture_histories,
            columns={"count": "count"},
            lists=("lists", "strata"),
            parts=("partly_recorded",),
        ),
        Reader(
            name="censored_histories",
            evidence="CensoredHistories",
            make=_censored_histories,
            columns={"count": "count"},
            lists=("lists",),
            values={
                "may_be_zero": ("true or false", _is_truth),
                "marker": ('signs and the range each stands for, as in { "*" = [1, 4] }',
                           lambda value: isinstance(value, dict) and all(map(_is_range, value.values()))),
                "left_out": ("the range of histories without a row, as in [0, 4]", _is_range),
                "totals": ("numbers by list, as in { police = 362, everybody = 457 }",
                           lambda value: isinstance(value, dict) and all(map(_is_whole, value.values()))),
            },
        ),
        Reader(
            name="repeat_counts",
            evidence="RepeatCounts",
            make=_repeat_counts,
            columns={"times": "times", "persons": "persons"},
            lists=("covariates", "numbers"),
        ),
        Reader(
            name="repeat_records",
            evidence="RepeatCounts",
            make=_repeat_records,
            columns={"times": "times"},
            lists=("covariates", "numbers"),
        ),
        Reader(
            name="reference_counts",
            evidence="ReferenceCounts",
            make=_reference_counts,
            columns={name: name for name in ("observed", "auxiliary", "reference", "country")},
            lists=("covariates",),
            values={"marks": ('names and the countries that each marks, as in { ukr = ["UKR"] }', _are_marks)},
        ),
        Reader(
            name="event_series",
            evidence="EventSeries",
            make=_event_series,
            contract="EventSeries",
            words={"what": True, "unit": False, "definition": False},
        ),
        Reader(
            name="indicators",
            evidence="Indicator",
            make=_indicators,
            contract="Indicators",
            words={"kind": True},
        ),
        Reader(name="journeys", evidence="Journeys", make=_journeys, contract="Journeys"),
        Reader(
            name="fee_quotes",
            evidence="FeeQuotes",
            make=_fee_quotes,
            contract="FeeQuotes",
            renamed={"route_from": "origin", "route_to": "destination"},
        ),
        Reader(
            name="annual_rates",
            evidence="AnnualRates",
            make=_annual_rates,
            contract="AnnualRates",
            words={"what": False},
        ),
        Reader(name="encounters", evidence="Encounters", make=_encounters, contract="Encounters"),
    )
}
