"""Files that are no CSV table, or a torn one. Held to: the message a clerk must get (issue: bad input)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.problems import BadInput
from smuggling_analysis.sources.reading import LARGEST_FILE, read_bytes, read_csv

SAVE = "save it again as 'CSV UTF-8 (comma delimited)'"


def refusal(data: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        read_csv(data, "data/raw/police/table.csv")
    return str(refused.value)


REFUSED = {
    "windows-1252": (
        "place,count\nKrak\xf3w,3\n".encode("cp1252"),
        'row 2, column "place": the byte 0xF3 is not UTF-8; in Windows-1252 (Latin-1) the cell reads '
        f"'Kraków'; open the file in that encoding and {SAVE}",
    ),
    "windows-1252 header": (
        "län,count\nA,3\n".encode("cp1252"),
        "row 1: the byte 0xE4 is not UTF-8; in Windows-1252 (Latin-1) the cell reads 'län'; "
        f"open the file in that encoding and {SAVE}",
    ),
    "utf-16 with its mark": (
        "place,count\nOslo,3\n".encode("utf-16"),
        f"the file is in UTF-16, not in UTF-8; open it and {SAVE}",
    ),
    "utf-16 without it": (
        "place,count\nOslo,3\n".encode("utf-16-be"),
        f"the file is in UTF-16, not in UTF-8; open it and {SAVE}",
    ),
    "utf-32": ("place,count\n".encode("utf-32"), f"the file is in UTF-32, not in UTF-8; open it and {SAVE}"),
    "xlsx": (
        b"PK\x03\x04\x14\x00\x06\x00",
        f"the file is a spreadsheet (xlsx, ods) or a zip archive, not a CSV table; open it and {SAVE}",
    ),
    "xls": (
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        f"the file is an old Excel workbook (xls), not a CSV table; open it and {SAVE}",
    ),
    "web page": (b"\n<!DOCTYPE html><html>", f"the file is a web page, not a CSV table; open it and {SAVE}"),
    "semicolons": (
        b"police;ngo;count\n1;0;60\n",
        f"row 1: the columns are separated by semicolons, not by commas; {SAVE}",
    ),
    "tabs": (b"police\tngo\n1\t0\n", f"row 1: the columns are separated by tabs, not by commas; {SAVE}"),
    "header only": (
        b"police,ngo,count\r\n",
        "the file has a header but no row of data; send the file with its rows",
    ),
    "nothing but commas": (b",,\n,,\n", "the file is empty; send it again"),
    "short row": (
        b"a,b,count\n1,0,4\n1,2\n",
        "row 3: the row has 2 cells, the header 3; add the missing cells",
    ),
    "long row": (
        b"a,b\n1,2,3\n",
        "row 2: the row has 3 cells, the header 2; remove the extra cells, or put quotation "
        "marks around a cell that holds a comma",
    ),
    "repeated column": (
        b"a,b,a\n1,2,3\n",
        "row 1: columns 1 and 3 are both named 'a'; give every column its own name",
    ),
    "column without a name": (b"a,,c\n1,2,3\n", "row 1: column 2 has no name; name it, or remove the column"),
    "zero byte": (
        b"a,b\n1,\x002\n",
        "row 2, column \"b\": found '\\x002', with the control character 0x00; remove the character",
    ),
    "escape sequence": (
        b"a,b\n1,\x1b[31mred\n",
        "row 2, column \"b\": found '\\x1b[31mred', with the control character 0x1B; remove the character",
    ),
    "open quotation mark": (
        b'a,b\n1,2\n"3,4\n5,6\n',
        "row 3: a quotation mark is opened and never closed; close it, or double it within a cell",
    ),
    "text after a quotation mark": (
        b'a,b\n"1"2,3\n',
        "row 2: text follows a closing quotation mark; double the quotation marks within a cell",
    ),
    "cell of 40,000 letters": (
        b"a,b\n1," + b"x" * 40_000 + b"\n",
        "a cell of 40,000 characters; the most allowed is 32,767; shorten it",
    ),
    "cell of 200,000 letters": (
        b"a,b\n1," + b"x" * 200_000 + b"\n",
        "row 2: a cell has more than the 32,767 characters "
        "allowed; look for a quotation mark that is never closed",
    ),
    "5,000 columns": (
        b"a," * 5_000 + b"b\n",
        "row 1: the file has more than 1,048,576 rows or 1,000 columns; count the records first",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_table_is_refused_with_its_remedy(case: str) -> None:
    data, message = REFUSED[case]
    said = refusal(data)
    assert said.startswith("data/raw/police/table.csv")
    assert message in said
    assert len(said) < 400


def test_every_problem_of_a_file_is_said_at_once() -> None:
    said = refusal("a,b,a\n1,2\nKrak\xf3w,2,3\n1,2,3,4\n".encode("cp1252"))
    assert said.splitlines()[0] == "4 problems:"
    for part in (
        "columns 1 and 3 are both named 'a'",
        "row 2: the row has 2 cells",
        'row 3, column "a": the byte 0xF3',
        "row 4: the row has 4 cells",
    ):
        assert part in said


def test_hostile_names_of_columns_are_not_repeated_in_messages() -> None:
    name = b"\x1b]0;title\x07" + b"y" * 500
    said = refusal(name + b",b\n1\x00,2\n")
    assert "\x1b" not in said
    assert "y" * 61 not in said
    assert 'row 2, column "number 1"' in said


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfpolice,count\r\n1,60\r\n0,40\r\n",
        b"police,count\r1,60\r0,40\r",
        b"police,count\n1,60\n0,40",
        b' police , count \n 1 , 60\n"0","40"\n',
        b"police,count\n1,60\n0,40\n,\n\n",
    ],
    ids=[
        "BOM and Windows line ends",
        "old Mac line ends",
        "no last line end",
        "spaces and quotes",
        "empty rows",
    ],
)
def test_harmless_differences_are_accepted(data: bytes) -> None:
    table = read_csv(data)
    assert table.columns.tolist() == ["police", "count"]
    assert table.to_numpy().tolist() == [["1", "60"], ["0", "40"]]
    assert table.index.tolist() == [2, 3]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    table = read_csv(b'a,b\n"two\nlines",1\n\n3,\n')
    assert table.index.tolist() == [2, 4]
    assert table["b"].tolist() == ["1", None]


def test_words_that_look_missing_stay_words() -> None:
    assert read_csv(b"code,n\nNA,nan\n").loc[2].tolist() == ["NA", "nan"]


def test_two_gigabytes_are_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as stream:
        stream.truncate(2 * 2**30)
    with pytest.raises(BadInput) as refused:
        read_bytes(path, "data/raw/police/big.csv")
    assert str(refused.value) == (
        "data/raw/police/big.csv: the file has 2,147,483,648 bytes, the most allowed is "
        "67,108,864; count the records first, or split the file"
    )
    assert LARGEST_FILE == 67_108_864


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"\xef\xbb\xbf\r\n"):
        (tmp_path / "empty.csv").write_bytes(content)
        with pytest.raises(BadInput, match=r"^empty.csv: the file is empty; send it again$"):
            read_bytes(tmp_path / "empty.csv", "empty.csv")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path):
        with pytest.raises(BadInput, match="this is not an ordinary file; put the table there as a CSV file"):
            read_bytes(path, "pipe.csv")


@given(st.binary(max_size=200) | st.text(alphabet='a1,"\n\r;\x00 \ufeff', max_size=60).map(str.encode))
def test_any_bytes_are_a_table_of_text_or_a_refusal(data: bytes) -> None:
    table = None
    with suppress(BadInput):
        table = read_csv(data, "file.csv")
    if table is not None:
        assert table.shape[0] == len(table.index.unique()) > 0
        assert all(cell is None or (cell == cell.strip() and cell) for cell in table.to_numpy().ravel())
