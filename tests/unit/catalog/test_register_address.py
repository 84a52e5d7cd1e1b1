"""Register cells come to the spelling of RoomKey, and what a spreadsheet broke is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.register.address import AddressError, arabic, room_key, shelf_order
from catalog.register.file_numbers import estate_code, file_number
from yihu.household import RoomKey


@pytest.mark.parametrize(
    ("building", "unit", "room", "expected"),
    [
        ("3栋", "2单元", "501室", ("3", "2", "501")),
        ("3幢", "2", "0501", ("3", "2", "501")),
        ("03", "02", "0501", ("3", "2", "501")),
        ("３", "２", "５０１", ("3", "2", "501")),
        ("3 栋", "2 单元", "501 室", ("3", "2", "501")),
        ("3号楼", "二单元", "五〇一", ("3", "2", "501")),
        ("三号楼", "二单元", "五零一", ("3", "2", "501")),
        ("叁栋", "贰单元", "501", ("3", "2", "501")),
        ("第3栋", "第2单元", "501", ("3", "2", "501")),
        ("3#", "2梯", "501", ("3", "2", "501")),
        ("3#楼", "2门", "501房", ("3", "2", "501")),
        ("3棟", "2單元", "501", ("3", "2", "501")),
        ("3.0", "2.0", "501.0", ("3", "2", "501")),
        ("5", "B座", "1203", ("5", "B", "1203")),
        ("a座", "", "12c", ("A", "-", "12C")),
        ("A座", "", "12层C室", ("A", "-", "12C")),
        ("十二号楼", "1", "301", ("12", "1", "301")),
        ("廿一栋", "", "1203", ("21", "-", "1203")),
        ("7", "无", "501", ("7", "-", "501")),
        ("7", "-", "501", ("7", "-", "501")),
        ("3", "", "商铺102", ("3", "-", "商铺102")),
        ("3", "", "102铺", ("3", "-", "商铺102")),
        ("翠竹阁", "", "12C", ("翠竹阁", "-", "12C")),
        ("别墅12", "", "", ("别墅12", "-", "-")),
        ("12号别墅", "", "", ("别墅12", "-", "-")),
        ("14号", "", "1102", ("14", "-", "1102")),
        ("3", "2", "3-2-501", ("3", "2", "501")),
        ("3", "2", "2-501", ("3", "2", "501")),
        ("T1", "", "601", ("T1", "-", "601")),
    ],
)
def test_cells_come_to_one_spelling(
    building: str, unit: str, room: str, expected: tuple[str, str, str]
) -> None:
    key = room_key({"building": building, "unit": unit, "room": room})
    assert (key.building, key.unit, key.room) == expected


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("2期", "二期"),
        ("Ⅱ期", "二期"),
        ("二期", "二期"),
        ("第二期", "二期"),
        ("2", "二期"),
        ("12期", "十二期"),
        ("东区", "东区"),
        ("c区", "C区"),
        ("", "-"),
        ("无", "-"),
    ],
)
def test_zones_are_named_in_chinese(written: str, zone: str) -> None:
    assert room_key({"zone": written, "building": "3", "room": "1"}).zone == zone


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"building": "", "room": "501"}, "missing_building"),
        ({"building": "3", "room": ""}, "missing_room"),
        ({"building": "3", "room": "/"}, "missing_room"),
        ({"building": "3", "room": "3-2"}, "date_cell"),
        ({"building": "3", "room": "3月2日"}, "date_cell"),
        ({"building": "3", "room": "2-Mar"}, "date_cell"),
        ({"building": "3", "room": "Mar-02"}, "date_cell"),
        ({"building": "3", "room": "2026-03-02 00:00:00"}, "date_cell"),
        ({"building": "3", "room": "2026/3/2"}, "date_cell"),
        ({"building": "3-2", "room": "501"}, "date_cell"),
        ({"building": "2026-03-02", "room": "501"}, "date_cell"),
        ({"building": "3", "room": "501.5"}, "unclear_cell"),
        ({"building": "3", "room": "#REF!"}, "unclear_cell"),
        ({"building": "3", "room": "1.2E+11"}, "unclear_cell"),
        ({"building": "3", "room": "5" * 21}, "too_long"),
        ({"building": "3", "room": "501", "estate": "园" * 61}, "too_long"),
    ],
)
def test_cells_that_are_no_address_are_refused(cells: dict[str, str], reason: str) -> None:
    with pytest.raises(AddressError, match=reason):
        room_key(cells)


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_any_cells_give_a_key_or_a_reason_and_the_key_is_stable(
    zone: str, building: str, unit: str, room: str
) -> None:
    try:
        key = room_key({"zone": zone, "building": building, "unit": unit, "room": room})
    except AddressError:
        return
    assert all(key.as_dict().values())
    assert room_key(key.as_dict()) == key


@given(st.integers(0, 199))
def test_a_positional_numeral_means_its_number(number: int) -> None:
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    text += f"{digits[tens]}十" if tens else ("零" if hundreds and ones else "")
    text += digits[ones] if ones or not text else ""
    assert arabic(text) == str(number)


def test_the_shelf_stands_by_number_not_by_letter() -> None:
    keys = [RoomKey(building=b, unit="1", room=r) for b in ("10", "2") for r in ("1203", "301")]
    order = sorted(keys, key=shelf_order)
    assert [(k.building, k.room) for k in order] == [
        ("2", "301"), ("2", "1203"), ("10", "301"), ("10", "1203"),
    ]  # fmt: skip


def test_a_file_number_is_built_from_the_address_and_never_given_twice() -> None:
    assert estate_code("阳光花园", ()) == "YG"
    assert estate_code("月光花园", {"YG"}) == "YG2"
    assert estate_code("-", ()) == "XQ"
    key = RoomKey("阳光花园", "-", "3", "2", "501")
    assert file_number("YG", key, 1, ()) == "YG-YH·03-2-0501-01"
    assert file_number("YG", key, 2, ()) == "YG-YH·03-2-0501-02"
    assert file_number("YG", key, 1, {"YG-YH·03-2-0501-01"}) == "YG-YH·03-2-0501-01·2"
    east = RoomKey("阳光花园", "东区", "3", "2", "501")
    assert file_number("YG", east, 1, ()) == "YG-YH·东区·03-2-0501-01"
    tower = RoomKey("阳光花园", "-", "A", "-", "12C")
    assert file_number("YG", tower, 1, ()) == "YG-YH·A-0-12C-01"
