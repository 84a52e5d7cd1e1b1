"""One row of a register as values: address, people, facts, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.register.address import AddressError, plain, room_key
from catalog.register.names import owners_in
from catalog.register.numbers import canonical_id, canonical_phone, id_number_holds, several
from catalog.register.report import Note
from catalog.register.table import TableRow
from yihu.household import RoomKey

OCCUPANCIES: dict[str, str] = {
    word: name
    for name, words in {
        "自住": "自住 自用 已入住 入住 业主自住 常住 居住 OWN OWNER OWNEROCCUPIED",
        "出租": "出租 已出租 租赁 租户 在租 租住 LET RENTED TENANT",
        "商住": "商住 商用 住改商 办公 经营 商业 BUSINESS OFFICE MIXED",
        "空置": "空置 未入住 空房 闲置 空关 未收楼 VACANT EMPTY",
    }.items()
    for word in words.split()
}
_YES = {"是", "Y", "YES", "TRUE", "1", "√", "✓", "✔", "V", "VIP", "重要", "重要业户", "T"}
_NO = {"", "否", "N", "NO", "FALSE", "0", "×", "-", "/", "无", "普通", "F"}
_CUT = re.compile(r"\d(?:\.\d+)?E\+?\d{2}", re.IGNORECASE)
_LONGEST = {"owner": 200, "phone": 120, "id_no": 200, "file_no": 80, "occupancy": 16, "former": 200}
_LONGEST_NAME = 120
Doubt = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says of a household; None or empty means the file does not say."""

    line: int
    key: RoomKey
    written: str
    owner: str
    owners: tuple[str, ...]
    phones: tuple[str, ...]
    id_nos: tuple[str, ...]
    file_no: str
    occupancy: str
    vip: bool | None
    former: tuple[str, ...]


def parse(row: TableRow, *, estate: str) -> tuple[Wanted | None, list[Note]]:
    """The row as values with its warnings; None and the refusal when it makes no sense."""
    cells = {name: text.replace("\0", "") for name, text in row.cells.items()}
    written = " ".join(
        cells[name] for name in ("estate", "zone", "building", "unit", "room") if cells.get(name)
    )

    def refused(reason: str, *fields: str) -> tuple[None, list[Note]]:
        return None, [Note("refused", row.line, written, fields, reason)]

    try:
        key = room_key(cells, estate=estate)
    except AddressError as error:
        return refused(str(error))
    long = [name for name, most in _LONGEST.items() if len(cells.get(name, "")) > most]
    owners, former = owners_in(cells.get("owner", "")), owners_in(cells.get("former", ""))
    if long or any(len(name) > _LONGEST_NAME for name in (*owners, *former)):
        return refused("too_long", *(long or ["owner"]))
    notes: list[Note] = []

    def doubt(reason: str, field: str) -> None:
        notes.append(Note("warning", row.line, str(key), (field,), reason))

    phones = _phones(cells, doubt)
    id_nos = _id_numbers(cells, doubt)
    wanted = Wanted(
        line=row.line,
        key=key,
        written=written,
        owner=cells.get("owner", ""),
        owners=owners,
        phones=phones,
        id_nos=id_nos,
        file_no=re.sub(r"\s+", "", cells.get("file_no", "")),
        occupancy=_occupancy(cells, doubt),
        vip=_vip(cells, doubt),
        former=former,
    )
    return wanted, notes


def _phones(cells: Mapping[str, str], doubt: Doubt) -> tuple[str, ...]:
    found = []
    for part in several(cells.get("phone", "")):
        if _CUT.fullmatch(part):
            doubt("damaged_number", "phone")
            continue
        number, holds = canonical_phone(part)
        if not holds:
            doubt("bad_phone", "phone")
        found.append(number)
    return tuple(dict.fromkeys(found))


def _id_numbers(cells: Mapping[str, str], doubt: Doubt) -> tuple[str, ...]:
    found = []
    for part in several(cells.get("id_no", "")):
        if _CUT.fullmatch(part):
            doubt("damaged_number", "id_no")
            continue
        number = canonical_id(part)[:40]
        if not id_number_holds(number):
            doubt("bad_id", "id_no")
        found.append(number)
    return tuple(dict.fromkeys(found))


def _occupancy(cells: Mapping[str, str], doubt: Doubt) -> str:
    text = cells.get("occupancy", "")
    known = OCCUPANCIES.get(re.sub(r"[\s_-]", "", plain(text)))
    if text and known is None:
        doubt("unknown_occupancy", "occupancy")
    return known or text


def _vip(cells: Mapping[str, str], doubt: Doubt) -> bool | None:
    if "vip" not in cells:
        return None
    text = plain(cells["vip"])
    if text in _YES:
        return True
    if text not in _NO:
        doubt("unknown_vip", "vip")
        return None
    return False
