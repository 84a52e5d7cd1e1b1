"""Variants generated from canonical keys: whatever the writing, the same room or an open level."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.address import parse
from classifier.register_index import RegisterIndex
from yihu.household import HouseholdRecord, RoomKey

_ESTATE = "阳光花园"
_KEYS = [
    RoomKey(_ESTATE, "-", str(building), str(unit), f"{floor}{door:02d}")
    for building in (1, 3, 12, 21)
    for unit in (1, 2, 3)
    for floor in (1, 5, 11)
    for door in (1, 2)
]
_REGISTER = RegisterIndex(HouseholdRecord(n, key) for n, key in enumerate(_KEYS, 1))
_DIGITS = "零一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"


def _chinese(number: str) -> str:
    return "".join(_DIGITS[int(char)] for char in number)


def _spoken(number: str) -> str:
    value = int(number)
    tens, ones = divmod(value, 10)
    if value > 99 or tens == 0:
        return _chinese(number)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@st.composite
def _written(draw: st.DrawFn) -> tuple[RoomKey, str]:
    key = draw(st.sampled_from(_KEYS))
    style = draw(st.sampled_from(["worded", "dashed", "hash", "mixed"]))
    pad = draw(st.booleans())
    building = key.building.zfill(2) if pad else key.building
    unit = key.unit.zfill(2) if pad else key.unit
    room = key.room.zfill(4) if pad else key.room
    if style == "worded":
        numerals = draw(st.sampled_from(["plain", "spoken", "formal"]))
        if numerals == "spoken":
            building, unit, room = _spoken(key.building), _spoken(key.unit), _chinese(key.room)
        elif numerals == "formal" and len(key.building) == 1:
            building, unit, room = (
                "".join(_FORMAL[int(char)] for char in level)
                for level in (key.building, key.unit, key.room)
            )
        gap = draw(st.sampled_from(["", " ", "\u3000", "_"]))
        house = draw(st.sampled_from(["栋", "幢", "座", "号楼", "#楼", "棟"]))
        stairs = draw(st.sampled_from(["单元", "單元", "梯", "门"]))
        end = draw(st.sampled_from(["", "室", "房", "号", "户"]))
        text = f"{building}{gap}{house}{gap}{unit}{gap}{stairs}{gap}{room}{end}"
    elif style == "dashed":
        dash = draw(st.sampled_from(["-", "－", "—", "–", "~", "/", "～"]))
        text = dash.join((building, unit, room))
    elif style == "hash":
        text = f"{building}#{unit}-{room}"
    else:
        text = f"{building}-{unit}单元-{room}"
    before = draw(st.sampled_from(["", _ESTATE, f"某市某区阳光路88号{_ESTATE}", f"{_ESTATE}小区"]))
    text = before + text
    return key, _wide(text) if draw(st.booleans()) else text


@settings(max_examples=200, deadline=None)
@given(_written())
def test_every_way_of_writing_a_room_names_that_room(case: tuple[RoomKey, str]) -> None:
    key, text = case
    readings = parse(text, _REGISTER, field=True)
    assert [r.household.key for r in readings if r.household] == [key]


@settings(max_examples=100, deadline=None)
@given(_written(), st.sampled_from(["翠湖名苑", "滨江壹号", "锦绣家园", "碧桂园", "阳光新城"]))
def test_another_estate_in_front_never_names_a_room_of_ours(
    case: tuple[RoomKey, str], other: str
) -> None:
    _, text = case
    text = text.split(_ESTATE)[-1].removeprefix("小区")
    if _wide(_ESTATE) in text or text != case[1]:
        return
    readings = parse(other + text, _REGISTER, field=True)
    assert all(reading.household is None for reading in readings)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789-#.栋单元室楼座期区ABO一二十 ：:阳光花园", max_size=24))
def test_whatever_is_read_is_in_the_register_or_open(text: str) -> None:
    for reading in parse(text, _REGISTER):
        for household in reading.households:
            assert _REGISTER.get(household.key) == household
        if reading.status == "known":
            assert len(reading.households) == 1
            start, end = reading.span
            assert 0 <= start <= end <= len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_parsed(text: str) -> None:
    parse(text, _REGISTER)
    parse(text, _REGISTER, field=True)
