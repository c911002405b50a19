"""Sheets as people send them: encodings of Excel, its separators, sheets with nothing in them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from openpyxl.styles import PatternFill  # type: ignore[import-untyped]

from registry_app.exceptions import RegistryFileError
from registry_app.resources.sheet_files import read_sheet_file

HEADER = ["name", "customer"]
ROW = ["gimhae-1", "동화엔텍"]


def csv_text(delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in (HEADER, ROW)) + "\r\n"


def workbook(make: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    make(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "remarks"),
    [
        (csv_text().encode(), []),
        (csv_text().encode("utf-8-sig"), []),
        (csv_text(";").encode("utf-8-sig"), []),
        (csv_text().encode("cp949"), ["sheet_cp949"]),
        (csv_text(";").encode("cp949"), ["sheet_cp949"]),
        (csv_text("\t").encode("cp949"), ["sheet_cp949"]),
        (csv_text("\t").encode("utf-16"), []),
        (csv_text("\t").encode("utf-16-be").join((b"\xfe\xff", b"")), []),
        (b"sep=;\r\n" + csv_text(";").encode("cp949"), ["sheet_cp949"]),
        (csv_text().replace("\r\n", "\r").encode("cp949"), ["sheet_cp949"]),
        (("\r\n,\r\n" + csv_text()).encode(), []),
    ],
)
def test_a_csv_file_is_read_however_excel_wrote_it(data: bytes, remarks: list[str]) -> None:
    sheet = read_sheet_file(data)
    assert [list(cells) for _number, cells in sheet.rows] == [HEADER, ROW]
    assert [item.code for item in sheet.remarks] == remarks


def test_a_separator_within_quotes_separates_nothing() -> None:
    sheet = read_sheet_file(b'name,notes\r\na,"x;y;z"\r\n')
    assert sheet.rows[1][1] == ["a", "x;y;z"]
    sheet = read_sheet_file(b'name;notes\r\na;"x, y, z, w"\r\n')
    assert sheet.rows[1][1] == ["a", "x, y, z, w"]


def test_the_first_sheet_with_rows_is_read_and_others_are_named() -> None:
    def make(book: Any) -> None:
        book.active.title = "표지"
        for title in ("현장", "참고"):
            sheet = book.create_sheet(title)
            sheet.append(HEADER)
            sheet.append([title, "동화엔텍"])

    sheet = read_sheet_file(workbook(make))
    assert sheet.rows[1][1][0] == "현장"
    (remark,) = sheet.remarks
    assert remark.values == {"sheet": "현장", "others": "참고"}


def test_a_hidden_sheet_gives_way_to_one_that_is_shown() -> None:
    def make(book: Any) -> None:
        book.active.append(["목록", "값"])
        book.active.sheet_state = "hidden"
        sheet = book.create_sheet("현장")
        sheet.append(HEADER)
        sheet.append(ROW)
        book.active = 1

    assert list(read_sheet_file(workbook(make)).rows[0][1]) == HEADER


def test_coloured_cells_far_away_are_no_rows() -> None:
    def make(book: Any) -> None:
        book.active.append(HEADER)
        book.active.append(ROW)
        for far in ("A1048570", "XFD3"):
            book.active[far].fill = PatternFill("solid", fgColor="FFFF00")

    data = workbook(make)
    assert [number for number, _cells in read_sheet_file(data).rows] == [1, 2]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel 97-2003"),
        (b"\xff\xfe\x00", "neither UTF-8 nor CP949"),
        (b"name,customer\na,\xff\xff\n", "neither UTF-8 nor CP949"),
        (b"name,notes\na," + b"x" * 200_000 + b"\n", "cell is too long"),
        (b"PK\x03\x04broken", "workbook cannot be read"),
        (b"\n\n", "no rows"),
        (workbook(lambda book: None), "no rows"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(data: bytes, says: str) -> None:
    with pytest.raises(RegistryFileError) as refused:
        read_sheet_file(data)
    (problem,) = refused.value.problems
    assert says in str(problem.message)
    for word in ("Error", "codec", "openpyxl", "limit ("):
        assert word not in str(problem.message)


def test_an_unread_line_is_named() -> None:
    with pytest.raises(RegistryFileError) as refused:
        read_sheet_file(b"name,customer\na,b\nc,\xff\xff\n")
    assert refused.value.problems[0].line == 3
