"""Registers come as .csv in any encoding or as .xlsx, with their columns in any order."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from catalog.register.table import TableRow, read_rows
from yihu.errors import Usage

TEXT = "楼栋,单元,房号,业主姓名\n3栋,2单元,501室,张伟\n"


def _write(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    (row,) = read_rows(_write(tmp_path / "名册.csv", TEXT, encoding))
    assert row == TableRow(
        2, {"building": "3栋", "unit": "2单元", "room": "501室", "owner": "张伟"}
    )


@pytest.mark.parametrize("mark", [",", ";", "\t", "，"])
def test_the_separator_is_found(tmp_path: Path, mark: str) -> None:
    (row,) = read_rows(_write(tmp_path / "r.csv", TEXT.replace(",", mark), "utf-8"))
    assert row.cells["owner"] == "张伟"


def test_the_contract_header_and_a_quoted_cell_with_commas(tmp_path: Path) -> None:
    text = (
        "estate,zone,building,unit,room,owner,phone,id_no,file_no,occupancy,vip,former\r\n"
        '阳光花园,,3,2,501,"张伟,李娜",13800138000,,,自住,是,王五\r\n'
    )
    (row,) = read_rows(_write(tmp_path / "r.csv", text, "utf-8"))
    assert row.cells["owner"] == "张伟,李娜"
    assert row.cells["former"] == "王五"
    assert len(row.cells) == 12


def test_the_header_is_found_below_a_title_and_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = (
        "阳光花园业户名册,,,\n,,,\n电话,房 号,业主（必填）,楼号\n138,501,张伟,3\n\n139,502,李娜,3\n"
    )
    rows = list(read_rows(_write(tmp_path / "r.csv", text, "utf-8")))
    assert [row.line for row in rows] == [4, 6]
    assert rows[1].cells == {"phone": "139", "room": "502", "owner": "李娜", "building": "3"}


def test_an_xlsx_is_read_with_its_own_kinds_of_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["说明", "本表由客服组编制"])
    sheet = book.create_sheet("名册")
    sheet.append(["栋", "单元", "房号", "业主", "手机"])
    sheet.append([3, 2, 501.0, "张伟", 13800138000])
    sheet.append([3, None, datetime(2026, 3, 2), "李娜", None])  # noqa: DTZ001 - as Excel has it
    sheet.append([None, None, None, None, None])
    path = tmp_path / "r.xlsx"
    book.save(path)
    rows = list(read_rows(path))
    assert [row.line for row in rows] == [2, 3]
    assert rows[0].cells["room"] == "501"
    assert rows[0].cells["phone"] == "13800138000"
    assert rows[1].cells["room"] == "2026-03-02 00:00:00"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.csv", "姓名,电话\n张伟,138\n".encode()),
        ("r.csv", b"\xff\xfe\xfd\x81\x20"),
        ("r.csv", b""),
        ("r.xlsx", b"PK not a zip"),
        ("r.xls", b"\xd0\xcf\x11\xe0"),
    ],
)
def test_what_is_no_register_is_refused_with_a_word(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Usage):
        list(read_rows(path))
