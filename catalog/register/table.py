"""Rows of a .csv or .xlsx register, with columns known by their Chinese or English names."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from yihu.errors import Usage

_HEADER_NAMES: dict[str, tuple[str, ...]] = {
    "estate": ("estate 小区 小区名称 楼盘 楼盘名称 项目 项目名称 社区",),
    "zone": ("zone phase 分区 期 期数 区 区域 组团 分期 苑 苑区 片区",),
    "building": (
        "building block 楼栋 楼号 栋 栋号 幢 幢号 座 座号 楼 楼座 楼幢 楼宇",
        "楼栋号 栋数",
    ),
    "unit": ("unit entrance 单元 单元号 门 梯 门洞",),
    "room": ("room roomno 房号 室 室号 房间号 房间 房屋 房屋号 户号 门牌号 门牌 房屋编号",),
    "owner": (
        "owner owners name 业主 业主姓名 业主名称 产权人 产权人姓名 户主 姓名 业户 业户姓名",
        "权利人 买受人 所有权人",
    ),
    "phone": (
        "phone mobile tel telephone 电话 电话号码 手机 手机号 手机号码 联系电话 联系方式",
        "联系手机 业主电话 移动电话",
    ),
    "id_no": ("idno id idcard 身份证 身份证号 身份证号码 证件号 证件号码 证件编号 业主身份证号",),
    "file_no": ("fileno file 档案编号 档号 档案号 编号 卷号 卷宗号 业户档案编号",),
    "occupancy": (
        "occupancy status 入住状态 使用状态 房屋状态 居住状态 占用状态 房屋使用状态",
        "入住情况 使用情况",
    ),
    "vip": ("vip 重要业户 vip业户 重要客户 vip客户 是否vip 是否重要业户 重点业户",),
    "former": (
        "former formerowner formerowners 原业主 原业主姓名 前业主 前业主姓名 旧业主",
        "上任业主 原产权人",
    ),
}
FIELDS = tuple(_HEADER_NAMES)
HEADERS: dict[str, str] = {
    name: field for field, lines in _HEADER_NAMES.items() for line in lines for name in line.split()
}
_LOOK_FOR_HEADER = 15
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",;\t，"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its line in the file (1 is the first) and its cells by field name.

    A column the file does not have is not among the cells; an empty cell is "".
    """

    line: int
    cells: Mapping[str, str]


def read_rows(path: Path) -> Iterator[TableRow]:
    """The rows below the header line; wholly empty rows are passed over.

    The encoding (UTF-8, UTF-16 with mark, GB18030), the separator and the
    header line are found by looking. Raises `Usage` when the file cannot be
    read as a table or has no columns for building and room.
    """
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        return _rows(path, _sheet(path))
    if kind in (".csv", ".txt", ".tsv"):
        return _rows(path, _lines(path))
    raise Usage(f"{path.name}: 请另存为 .xlsx 或 .csv; save it as .xlsx or .csv")


def _rows(path: Path, table: Iterable[tuple[int, Sequence[str]]]) -> Iterator[TableRow]:
    columns: dict[int, str] | None = None
    seen = 0
    for line, cells in table:
        if columns is None:
            seen += any(cells)
            columns = _header(cells)
            if columns is None and seen >= _LOOK_FOR_HEADER:
                break
            continue
        if not any(cells):
            continue
        found = {
            name: cells[index].strip() if index < len(cells) else ""
            for index, name in columns.items()
        }
        if any(found.values()):
            yield TableRow(line, found)
    if columns is None:
        raise Usage(
            f"{path.name}: 没有找到楼栋和房号两列的表头; no header line with building and room"
        )


def _header(cells: Sequence[str]) -> dict[int, str] | None:
    columns: dict[int, str] = {}
    for index, cell in enumerate(cells):
        name = HEADERS.get(_header_key(cell))
        if name is None or name in columns.values():
            continue
        columns[index] = name
    return columns if {"building", "room"} <= set(columns.values()) else None


def _header_key(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).casefold()
    text = re.sub(r"\(.*?\)", "", text)
    return re.sub(r"[\s_\-*:：./]", "", text)


# --- .csv -------------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decode(path)
    delimiter = _delimiter(text)
    if delimiter == "，":
        text, delimiter = text.replace("，", ","), ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise Usage(f"{path.name}: {reader.line_num}: {error}") from error


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Usage(f"{path.name}: 编码不是 UTF-8 或 GB18030; neither UTF-8 nor GB18030")


def _delimiter(text: str) -> str:
    """The separator that gives the header line the most known columns."""
    lines = [line for line in text.splitlines()[:_LOOK_FOR_HEADER] if line.strip()]

    def known(mark: str) -> int:
        return max(
            (sum(_header_key(c.strip('"')) in HEADERS for c in line.split(mark)) for line in lines),
            default=0,
        )

    return max(_DELIMITERS, key=known)


# --- .xlsx ------------------------------------------------------------------------------------


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The first sheet with a usable header, else the first one."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
            raise Usage(f"{path.name}: 不是可读的 .xlsx; not a readable .xlsx: {error}") from error
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            for sheet in sheets:
                sheet.reset_dimensions()
            chosen = next((sheet for sheet in sheets if _has_header(sheet)), None)
            for sheet in [chosen] if chosen is not None else sheets[:1]:
                for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                    yield line, [_text(value) for value in row]
        finally:
            book.close()


def _has_header(sheet: Any) -> bool:
    rows = sheet.iter_rows(values_only=True, max_row=_LOOK_FOR_HEADER)
    return any(_header([_text(value) for value in row]) is not None for row in rows)


def _text(value: object) -> str:
    """A cell as text; a date stays recognisable as one, whole floats lose their point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
