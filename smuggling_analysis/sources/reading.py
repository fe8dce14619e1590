"""Reading a CSV file that may be anything: too large, another format, another encoding, torn.

Nothing is guessed and nothing is repaired, but a byte order mark, Windows line ends, empty lines and spaces
around a cell are accepted. What is refused is refused with the row, the column and the remedy.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from smuggling_analysis.problems import BadInput, Problem, raise_any, shorten

LARGEST_FILE = 64 * 2**20
MOST_ROWS = 2**20
MOST_COLUMNS = 1_000
LARGEST_CELL = 32_767
_SAVE = "save it again as 'CSV UTF-8 (comma delimited)'"

# How other formats begin.
_FORMATS = (
    (b"PK\x03\x04", "a spreadsheet (xlsx, ods) or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls)"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)
_WIDE = ((b"\xff\xfe\x00\x00", "UTF-32"), (b"\x00\x00\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"),
         (b"\xfe\xff", "UTF-16"))
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_bytes(path: Path, file: str, largest: int = LARGEST_FILE) -> bytes:
    """Return a file's bytes, refusing by size before reading anything.

    Parameters
    ----------
    path : Path
        Where the file is.
    file : str
        Its name in messages: relative to the project.
    largest : int
        The most bytes allowed.

    Raises
    ------
    BadInput
        If it is no ordinary file, cannot be opened, is empty or too large.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise BadInput(
                [Problem("this is not an ordinary file", "put the table there as a CSV file", file)]
            )
        if about.st_size > largest:
            raise BadInput([Problem(f"the file has {about.st_size:,} bytes, the most allowed is {largest:,}",
                                    "count the records first, or split the file", file)])
        with path.open("rb") as stream:
            # The file may have grown since it was measured.
            data = stream.read(largest + 1)
    except OSError as error:
        raise BadInput([Problem(f"the file cannot be read: {os.strerror(error.errno or 0)}",
                                "check its permissions", file)]) from None
    if len(data) > largest:
        raise BadInput(
            [Problem(f"the file has more than the {largest:,} bytes allowed", "split the file", file)]
        )
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise BadInput([Problem("the file is empty", "send it again", file)])
    return data


def read_csv(data: bytes, file: str = "") -> pd.DataFrame:
    """Read a UTF-8, comma-separated table with a header row, every cell as text.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name in messages: relative to the project.

    Returns
    -------
    DataFrame of object
        Text, or None where a cell is empty. The index holds the row numbers of the file, the header being
        row 1, as a spreadsheet shows them; rows without any text are left out.

    Raises
    ------
    BadInput
        With every problem found: another format, encoding or separator, control characters, a column without
        a name or with another's, rows too short or too long, no row of data.

    Examples
    --------
    >>> read_csv(b"\\xef\\xbb\\xbfpolice,count\\r\\n1,60\\r\\n").loc[2].tolist()
    ['1', '60']
    """
    _refuse_formats(data, file)
    text = data.decode("utf-8-sig", errors="surrogateescape")
    rows = [(number, row) for number, row in _rows(text, file) if any(row)]
    if not rows:
        raise BadInput([Problem("the file is empty", "send it again", file)])
    (top, header), body = rows[0], rows[1:]
    _refuse_separators(header, file, top)
    problems = _faults_of_header(header, file, top)
    for number, row in rows:
        problems += _faults_of_cells(number, row, header if number > top else [], file)
        if len(row) < len(header):
            problems.append(Problem(f"the row has {len(row)} cells, the header {len(header)}",
                                    "add the missing cells", file, number))
        elif len(row) > len(header):
            problems.append(Problem(f"the row has {len(row)} cells, the header {len(header)}",
                                    "remove the extra cells, or put quotation marks around a cell that holds "
                                    "a comma", file, number))
    if not body and not problems:
        problems.append(
            Problem("the file has a header but no row of data", "send the file with its rows", file)
        )
    raise_any(problems)
    return pd.DataFrame([[cell or None for cell in row] for _, row in body], columns=header, dtype=object,
                        index=[number for number, _ in body])


def _refuse_formats(data: bytes, file: str) -> None:
    start = data[:64].lstrip().lower() if data[:64].lstrip().startswith(b"<") else data[:64]
    for mark, name in _FORMATS:
        if start.startswith(mark):
            raise BadInput([Problem(f"the file is {name}, not a CSV table", f"open it and {_SAVE}", file)])
    wide = next((name for mark, name in _WIDE if data.startswith(mark)), "")
    # Latin text in UTF-16 without its mark has a zero in nearly every second byte.
    if not wide and _halves(data[:4096]):
        wide = "UTF-16"
    if wide:
        raise BadInput([Problem(f"the file is in {wide}, not in UTF-8", f"open it and {_SAVE}", file)])


def _halves(start: bytes) -> bool:
    half = len(start) // 2
    return half > 0 and max(start[::2].count(0), start[1::2].count(0)) > 0.4 * half


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield row numbers and cells without the spaces around them, strict about quotation marks and sizes."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fact, remedy = f"the row cannot be read: {error}", "correct the row"
            if "unexpected end" in str(error):
                fact, remedy = (
                    "a quotation mark is opened and never closed",
                    "close it, or double it within a cell",
                )
            elif "expected after" in str(error):
                fact, remedy = (
                    "text follows a closing quotation mark",
                    "double the quotation marks within a cell",
                )
            elif "field larger" in str(error):
                fact = f"a cell has more than the {LARGEST_CELL:,} characters allowed"
                remedy = "look for a quotation mark that is never closed"
            raise BadInput([Problem(fact, remedy, file, number)]) from None
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise BadInput([Problem(f"the file has more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns",
                                    "count the records first", file, number)])
        yield number, [cell.strip() for cell in row]


def _refuse_separators(header: list[str], file: str, top: int) -> None:
    if len(header) > 1:
        return
    for separator, name in _SEPARATORS.items():
        if separator in header[0]:
            raise BadInput([Problem(f"the columns are separated by {name}, not by commas", _SAVE, file, top)])


def _faults_of_header(header: list[str], file: str, top: int) -> list[Problem]:
    problems = []
    first: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        if not name:
            problems.append(
                Problem(f"column {place} has no name", "name it, or remove the column", file, top)
            )
        elif name in first:
            problems.append(Problem(f"columns {first[name]} and {place} are both named {shorten(name)}",
                                    "give every column its own name", file, top))
        first.setdefault(name, place)
    return problems


def _faults_of_cells(number: int, row: list[str], header: list[str], file: str) -> Iterator[Problem]:
    for place, cell in enumerate(row):
        if cell.isascii() and cell.isprintable() and len(cell) <= LARGEST_CELL:
            continue
        column = _column(header, place)
        if len(cell) > LARGEST_CELL:
            yield Problem(f"found {shorten(cell)}, a cell of {len(cell):,} characters; the most allowed is "
                          f"{LARGEST_CELL:,}", "shorten it", file, number, column)
        elif wrong := _NOT_UTF8.search(cell):
            yield Problem(
                f"the byte 0x{ord(wrong[0]) - 0xDC00:02X} is not UTF-8; in Windows-1252 (Latin-1) the cell "
                f"reads {shorten(_in_windows(cell))}",
                f"open the file in that encoding and {_SAVE}",
                file,
                number,
                column,
            )
        elif wrong := _CONTROL.search(cell):
            yield Problem(f"found {shorten(cell)}, with the control character 0x{ord(wrong[0]):02X}",
                          "remove the character", file, number, column)


def _column(header: list[str], place: int) -> str:
    """Name a cell's column; a name that is itself at fault is not repeated."""
    name = header[place] if place < len(header) else ""
    return name if name.isprintable() and len(name) <= 60 else f"number {place + 1}"


def _in_windows(cell: str) -> str:
    return cell.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
