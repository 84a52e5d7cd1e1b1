"""Household file numbers: the proposed form, unique and never given twice (domain 3.4).

`YG-YH·03-2-0501-01`: estate, building, unit, room, generation. A zone stands
before the building (`YG-YH·东区·03-2-0501-01`), because rooms of two zones may
share all the rest. An absent level is 0.
"""

from __future__ import annotations

import re
from collections.abc import Container

from yihu.household import ABSENT, RoomKey

_SUFFIX = re.compile(r"(?:花园|小区|家园|新村|公寓|大厦|广场|山庄|花苑|雅苑|苑)$")
_NO_ESTATE = "XQ"
_LETTERS = 4


def estate_code(estate: str, taken: Container[str]) -> str:
    """The start of an estate's file numbers: pinyin initials of its own name, made unique."""
    from pypinyin import Style, lazy_pinyin

    core = _SUFFIX.sub("", estate) or estate
    initials = "".join(part[:1] for part in lazy_pinyin(core, style=Style.FIRST_LETTER) if part)
    code = re.sub(r"[^A-Z0-9]", "", initials.upper())[:_LETTERS] or _NO_ESTATE
    return _unique(code, taken, "")


def file_number(code: str, key: RoomKey, generation: int, taken: Container[str]) -> str:
    """The number proposed for a generation of a room; `taken` are all ever given."""
    zone = "" if key.zone == ABSENT else f"{key.zone}·"
    building = _padded(key.building, 2)
    unit, room = _padded(key.unit, 1), _padded(key.room, 4)
    return _unique(f"{code}-YH·{zone}{building}-{unit}-{room}-{generation:02}", taken, "·")


def _padded(part: str, width: int) -> str:
    if part == ABSENT:
        return "0"
    return part.zfill(width) if part.isdigit() else part


def _unique(number: str, taken: Container[str], mark: str) -> str:
    tried, attempt = number, 2
    while tried in taken:
        tried, attempt = f"{number}{mark}{attempt}", attempt + 1
    return tried
