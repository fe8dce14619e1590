"""A frame as an HTML table that reads well on paper, on a screen and on a phone."""

from __future__ import annotations

import html as markup
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from smuggling_analysis import numerals
from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.period import spoken

YEARS = ("year", "years", "period", "base_year", "assessment_year", "position", "number")
# Columns of names, which are cut where they run on; citations, reasons and notes never are.
NAMES = ("place", "title", "quantity", "what", "producer", "route", "service", "unit", "list", "point", "origin",
         "destination", "corridor", "payer", "judgement", "key", "observer")
LONGEST_NAME = 200
WATERMARK = "Simulated data: for demonstration only."


def html(frame: pd.DataFrame, *, caption: str = "", note: str | Sequence[str] = (), source: str = "",
         digits: int | None = None, interval: tuple[str, str, str] | None = None, hide: Sequence[str] = (),
         labels: Mapping[str, str] | None = None, plain: Sequence[str] = YEARS, percent: Sequence[str] = (),
         right: Sequence[str] = (), numbered: str = "", cut: Mapping[str, int] | None = None,
         simulated: bool = False) -> str:
    """Write a frame as an HTML table with everything in it escaped.

    Numbers stand to the right with thousands separators; years do not get separators; missing values are a
    dash. The style travels with the table and nothing is loaded from another address.

    Parameters
    ----------
    frame : DataFrame
        One row per row shown; the index is not shown.
    caption : str
        Stands above the table.
    note : str or sequence of str
        Stands below it, one line each.
    source : str
        The source line, below the notes.
    digits : int, optional
        Significant digits of numbers that are not whole; by default as in `numerals.number`.
    interval : (value, lower, upper), optional
        Three columns to show as one: "12,690 (7,186 to 18,194)". Where a column named `unit` says
        "share" they are shown as percentages.
    hide : sequence of str
        Columns to leave out.
    labels : mapping, optional
        Column headings; by default the column's name with its underscores turned to spaces.
    plain : sequence of str
        Columns of years and other numbers that take no separators.
    percent : sequence of str
        Columns of shares, shown as percentages.
    right : sequence of str
        Columns of text to align right.
    numbered : str
        A column of long texts, such as sources: the column shows numbers, the texts stand below the table.
    cut : mapping of str to int, optional
        Columns whose texts are cut to so many letters: checksums.
    simulated : bool
        Whether to watermark the table.

    Returns
    -------
    str
        A `<div>` with a style and a table.

    Examples
    --------
    >>> page = html(pd.DataFrame({"route": ["<b>sea</b>"], "fee": [1200]}), caption="Fees")
    >>> "&lt;b&gt;sea" in page, "1,200" in page, "<b>sea" in page
    (True, True, False)
    """
    import great_tables

    shown, numeric = _texts(frame, digits, interval, plain, percent, hide)
    for name, length in (cut or {}).items():
        shown[name] = [text[:length] for text in shown[name]]
    below = _numbered(shown, numbered)
    headings = {name: _heading(name, labels) for name in shown.columns}
    identity = "t" + digest(caption, shown.to_dict("split"), headings)[:10]
    table = great_tables.GT(shown, id=identity)
    # Formatted cells pass through great_tables as they are, in every version: so each one is escaped here.
    table = table.fmt(_escape, columns=list(shown.columns))
    titles: dict[str, Any] = {name: great_tables.html(_escape(text)) for name, text in headings.items()}
    table = table.cols_label(titles)
    ends = [name for name in shown.columns if name in numeric or name in right]
    table = table.cols_align("right", columns=ends) if ends else table
    starts = [name for name in shown.columns if name not in ends]
    table = table.cols_align("left", columns=starts) if starts else table
    if caption:
        table = table.tab_header(title=great_tables.html(_escape(caption)))
    for line in [*_below(note, "", simulated), *below, *_below((), source, False)]:
        table = table.tab_source_note(great_tables.html(_escape(line)))
    return str(table.tab_options(**_LOOK).as_raw_html())


_LOOK: dict[str, Any] = {
    "table_width": "100%", "table_font_size": "0.875em", "table_border_top_style": "none",
    "table_border_bottom_style": "none", "heading_align": "left", "heading_title_font_size": "1em",
    "heading_title_font_weight": "bold", "heading_border_bottom_color": "#333333",
    "column_labels_font_weight": "bold", "column_labels_border_top_color": "#333333",
    "column_labels_border_bottom_color": "#333333", "column_labels_border_bottom_width": "1px",
    "table_body_border_bottom_color": "#333333", "table_body_border_bottom_width": "1px",
    "table_body_hlines_color": "#e6e6e6", "data_row_padding": "4px", "column_labels_padding": "4px",
    "source_notes_font_size": "0.85em", "source_notes_padding": "2px",
}


def _texts(frame: pd.DataFrame, digits: int | None, interval: tuple[str, str, str] | None,
           plain: Sequence[str], percent: Sequence[str],
           hide: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    columns: dict[str, list[str]] = {}
    numeric: list[str] = []
    merged = interval or ("", "", "")
    for name in map(str, frame.columns):
        if name in hide or name in merged[1:]:
            continue
        column = frame[name]
        if name == merged[0]:
            columns[name] = _intervals(frame, merged, digits)
            numeric.append(name)
        else:
            columns[name] = [_cell(value, name, digits, plain, percent) for value in column]
            if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
                numeric.append(name)
    return pd.DataFrame(columns, dtype=object), numeric


def _intervals(frame: pd.DataFrame, names: tuple[str, str, str], digits: int | None) -> list[str]:
    units = frame["unit"] if "unit" in frame.columns else [""] * len(frame)
    return [numerals.with_interval(*map(_float, row), digits=digits, unit=str(unit))
            for row, unit in zip(frame[list(names)].itertuples(index=False), units, strict=True)]


def _cell(value: Any, name: str, digits: int | None, plain: Sequence[str], percent: Sequence[str]) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)) or value is pd.NA:
        return numerals.ABSENT
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)) and not hasattr(value, "dtype"):
        return _words(str(value), name)
    if name in percent:
        return numerals.percent(float(value))
    if name in plain:
        return f"{float(value):g}"
    return numerals.number(float(value), digits=None if float(value).is_integer() else digits)


def _words(text: str, name: str) -> str:
    if name == "period":
        return spoken(text)
    return shorten_name(text) if name in NAMES else text


def shorten_name(text: str) -> str:
    """Cut a name at `LONGEST_NAME` letters, with an ellipsis; the CSV file keeps the whole of it."""
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def _numbered(shown: pd.DataFrame, column: str) -> list[str]:
    """Put numbers in the place of a column's texts; return the texts with their numbers."""
    if not column or column not in shown.columns:
        return []
    texts = [text for text in dict.fromkeys(shown[column]) if text not in ("", numerals.ABSENT)]
    places = {text: f"[{place}]" for place, text in enumerate(texts, start=1)}
    shown[column] = [places.get(text, text) for text in shown[column]]
    return [f"{place} {text}" for text, place in places.items()]


def _heading(name: str, labels: Mapping[str, str] | None) -> str:
    text = (labels or {}).get(name, name.replace("_", " "))
    return shorten_name(text[:1].upper() + text[1:])


def _below(note: str | Sequence[str], source: str, simulated: bool) -> list[str]:
    notes = [note] if isinstance(note, str) else list(note)
    lines = [WATERMARK] if simulated else []
    return [*lines, *(line for line in notes if line), *([f"Source: {source}"] if source else [])]


def _escape(value: object) -> str:
    text = "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in str(value))
    return markup.escape(text, quote=True)


def _float(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
