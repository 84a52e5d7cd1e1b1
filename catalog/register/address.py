"""Address cells of a register in the spelling of `RoomKey` (domain 3.1).

Half width, simplified, upper case, no leading zeros, no level words: "03 栋"
is 3, "2单元" is 2, "0501室" is 501, "2期" is 二期, an unused level is "-". The
cells are labelled by their column, so unlike the classifier's parser nothing
here guesses which level a number belongs to.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from yihu.household import ABSENT, RoomKey

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣﹘～〜─━"), "-")
_NUMERALS = {c: str(n) for n, group in enumerate(
    ("〇零○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for c in group}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_SCORES = {"廿": 20, "卅": 30}
_NUMERAL = re.compile(f"[{''.join([*_NUMERALS, *_TENS, *_SCORES])}]+")
_HAN_DIGITS = "〇一二三四五六七八九"
_ROMAN = {chr(0x2160 + n): str(n + 1) for n in range(12)} | {
    chr(0x2170 + n): str(n + 1) for n in range(12)
}
_NONE = {"", "-", "--", "/", "\\", "无", "NONE", "N/A", "NULL"}
_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DATE = re.compile(
    r"(?:19|20)\d{2}[-/年.]\d{1,2}(?:[-/月.]\d{1,2})?日?(?:.*:.*)?"
    r"|\d{1,2}月\d{1,2}日?|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}:\d{2}(?::\d{2})?"
    rf"|\d{{1,2}}-(?:{_MONTHS})(?:-\d{{2,4}})?|(?:{_MONTHS})-\d{{2,4}}"
)
_UNCLEAR = re.compile(r"\d+(?:\.\d+)?E\+?\d+|\d+\.\d+|#[A-Z/0!?]+|TRUE|FALSE")
_VILLA = re.compile(r"(?:别墅(\d+[A-Z]?)号?|(\d+[A-Z]?)号?(?:栋|幢)?别墅)")
LONGEST = 20
LONGEST_ESTATE = 60


class AddressError(ValueError):
    """A cell is not a level of an address; the text is a reason code of `report`."""


def room_key(cells: dict[str, str], *, estate: str = "") -> RoomKey:
    """The canonical address of a row.

    `estate` stands in for an empty cell. Raises `AddressError` with
    "missing_building", "missing_room", "date_cell", "unclear_cell" or
    "too_long".
    """
    building = _building(cells.get("building", ""))
    unit = _unit(cells.get("unit", ""))
    room = _room(cells.get("room", ""), building, unit)
    if building == ABSENT:
        raise AddressError("missing_building")
    if room == ABSENT and not building.startswith("别墅"):
        raise AddressError("missing_room")
    key = RoomKey(
        _estate(cells.get("estate", "") or estate),
        _zone(cells.get("zone", "")),
        building,
        unit,
        room,
    )
    if len(key.estate) > LONGEST_ESTATE or any(
        len(part) > LONGEST for part in (key.zone, key.building, key.unit, key.room)
    ):
        raise AddressError("too_long")
    return key


def shelf_order(key: RoomKey) -> str:
    """A text that sorts as the shelf does: numbers by value, 2 before 10 (P2-4.2.1a)."""
    parts = (key.estate, key.zone, key.building, key.unit, key.room)
    return "\x1f".join(re.sub(r"\d+", lambda m: m[0].zfill(6)[-9:], part) for part in parts)[:160]


def arabic(text: str) -> str | None:
    """The digits of a Chinese numeral, digit by digit or positional; None when it is none."""
    if not _NUMERAL.fullmatch(text):
        return None
    if not any(c in _TENS or c in _SCORES for c in text):
        return str(int("".join(_NUMERALS[c] for c in text)))
    total = pending = 0
    for char in text:
        if char in _SCORES:
            total += _SCORES[char]
        elif char in _TENS:
            total, pending = total + (pending or 1) * _TENS[char], 0
        else:
            pending = int(_NUMERALS[char])
    return str(total + pending)


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Half width, simplified, upper case, one kind of dash, no blanks or underscores."""
    for roman, digits in _ROMAN.items():
        text = text.replace(roman, digits)
    text = unicodedata.normalize("NFKC", text.translate(_DASHES))
    text = re.sub(r"[\s_\u200b\ufeff]", "", text).upper()
    if text.isascii():
        return text
    # What stood between a letter and its mark may be gone now: composed once more.
    return unicodedata.normalize("NFKC", str(_converter().convert(text)))


def _level(text: str) -> str:
    """A cell without blanks; refuses what a spreadsheet made of it on its own."""
    found = plain(text)
    found = re.sub(r"(?<=\d)\.0+$", "", found)
    if _DATE.fullmatch(found):
        raise AddressError("date_cell")
    if _UNCLEAR.fullmatch(found) or any(ord(c) < 32 for c in found):
        raise AddressError("unclear_cell")
    return ABSENT if found in _NONE else found.removeprefix("第")


def _short(text: str) -> str:
    """Numerals as digits, no leading zeros."""
    text = arabic(text) or text
    return re.sub(r"(?<!\d)0+(?=\d)", "", text) or ABSENT


@lru_cache(maxsize=1024)
def _estate(text: str) -> str:
    found = plain(text)
    return ABSENT if found in _NONE else found


@lru_cache(maxsize=1024)
def _zone(text: str) -> str:
    found = _level(text)
    if found == ABSENT:
        return found
    match = re.fullmatch(r"(?:第)?(\d+|[" + "".join([*_NUMERALS, *_TENS]) + r"]+)期?", found)
    return f"{_in_han(int(arabic(match[1]) or match[1]))}期" if match else found


def _in_han(number: int) -> str:
    tens, ones = divmod(number, 10)
    if number > 99 or number < 1:
        return str(number)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_HAN_DIGITS[tens]}十"
    return head + (_HAN_DIGITS[ones] if ones or not tens else "")


@lru_cache(maxsize=4096)
def _building(text: str) -> str:
    found = _level(text)
    villa = _VILLA.fullmatch(found)
    if villa:
        return f"别墅{_short(villa[1] or villa[2])}"
    if re.fullmatch(r"\d+-\d+", found):
        raise AddressError("date_cell")
    found = re.sub(r"(?<=[0-9A-Z〇-龥])(?:号楼|#楼|号栋|栋|幢|座|楼|#|号)$", "", found)
    return _short(found)


@lru_cache(maxsize=4096)
def _unit(text: str) -> str:
    found = _level(text)
    return _short(re.sub(r"(?<=[0-9A-Z〇-龥])(?:单元|门|梯|座)$", "", found))


@lru_cache(maxsize=65536)
def _room(text: str, building: str, unit: str) -> str:
    found = _level(text)
    if found == ABSENT:
        return found
    found = re.sub(r"(?<=[0-9A-Z〇-龥])(?:号房|室|房|户|号)$", "", found)
    head, dash, tail = found.rpartition("-")
    if dash and head:
        parts = [_short(part) for part in head.split("-")]
        repeats = parts in ([part for part in (building, unit) if part != ABSENT], [unit])
        if tail.isdigit() and (len(tail) < 3 or not repeats) and head.replace("-", "").isdigit():
            raise AddressError("date_cell")
        found = tail if repeats else found
    shop = re.fullmatch(r"(\d+[A-Z]?)(?:号)?(?:商铺|铺)", found)
    if shop:
        return f"商铺{_short(shop[1])}"
    split = re.fullmatch(r"(\d+)(?:层|楼|F)([A-Z])", found)
    if split:
        found = "".join(split.groups())
    return re.sub(r"(?<!\d)0+(?=\d)", "", arabic(found) or found)
