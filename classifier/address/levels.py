"""What the parts of a chain mean: which is the building, the unit, the room.

One chain may have several meanings (3-501: building and room; 7-501-502: a
building without units and two rooms); the register decides among them. The
rules are those the cases of domain 3.5 fix: 楼 after a unit is a floor, 座
under 栋 is a unit, 号 is a building only before a room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from classifier.address.chain import Chain, Part
from classifier.address.numerals import is_numeral, to_number
from classifier.address.profile import Profile
from yihu.household import ABSENT

ROOMLIKE = re.compile(r"\d{3,4}|\d{1,2}[A-Z]|[A-Z]?\d{3,4}[A-Z]?|商铺\w+")
_GLUED = re.compile(r"([A-Z]{1,2}|[A-Z]\d)([0-9]{3,4}[A-Z]?|\d{1,2}[A-Z])")
_FLOOR_ROOM = re.compile(r"(\d{1,2})F(\d{1,2}|[A-Z])")
_TYPED = re.compile(r"([\u4e00-\u9fff]+?)([0-9A-Za-z〇零一二三四五六七八九十廿卅]+)")


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels found, as written and canonical; None means not written.

    `rooms` has several entries for joined rooms (501-502); `floor` is kept to
    see whether it contradicts the room; `doubt` says why a person should look.
    """

    building: str | None = None
    unit: str | None = None
    rooms: tuple[str, ...] = ()
    floor: str | None = None
    doubt: str = ""

    @property
    def complete(self) -> bool:
        """True when building and room are written."""
        return self.building is not None and bool(self.rooms)


def canonical(value: str) -> str:
    """A number or letter in canonical spelling: Arabic, upper case, no leading zeros."""
    if is_numeral(value) and not value.isascii():
        return to_number(value) or value
    value = value.upper()
    if letters := re.fullmatch(r"0+([A-Z]{1,2})", value):
        return letters[1]  # 05-0A-0102 pads the unit like the numbers beside it
    match = re.fullmatch(r"0*(\d.*)", value)
    return match[1] if match else value


def canonical_building(value: str) -> str:
    """As `canonical`; the number of a lettered building loses its zeros too (A01 is A1)."""
    return re.sub(r"^([A-Z]+)0+(?=\d)", r"\1", canonical(value))


def meanings(chain: Chain, profile: Profile) -> Iterator[Levels]:
    """Every meaning the chain can have, the most likely first."""
    if len(chain.parts) == 1 and not chain.parts[0].kind:
        yield from _glued(chain.parts[0], profile)
        return
    first = _read(chain.parts)
    if first is None:
        return
    yield from _variants(first, chain, profile)


def _glued(part: Part, profile: Profile) -> Iterator[Levels]:
    value = canonical(part.value)
    for match in (_GLUED.fullmatch(value), re.fullmatch(r"([A-Z]\d)(\d{3,4})", value)):
        if match and match[1] in profile.buildings:
            yield Levels(building=match[1], rooms=(canonical(match[2]),))
    if ROOMLIKE.fullmatch(value) and value[0].isdigit():
        yield Levels(rooms=(value,))


def _variants(levels: Levels, chain: Chain, profile: Profile) -> Iterator[Levels]:
    building, unit = levels.building, levels.unit
    two_rooms = (
        not chain.worded
        and building is not None
        and unit is not None
        and len(levels.rooms) == 1
        and ROOMLIKE.fullmatch(unit)
        and not profile.has_units(building)
    )
    if two_rooms and unit is not None:
        levels = replace(levels, unit=None, rooms=(unit, *levels.rooms))
    yield levels


def _read(parts: tuple[Part, ...]) -> Levels | None:
    reader = _Reader()
    for index, part in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else None
        if not reader.take(part, following):
            return None
    return reader.result(worded=any(part.kind for part in parts))


class _Reader:
    """Takes the parts one by one and gives each its level."""

    def __init__(self) -> None:
        self.building: str | None = None
        self.unit: str | None = None
        self.floor: str | None = None
        self.rooms: list[str] = []
        self.pending: list[str] = []
        self.doubt = ""

    def take(self, part: Part, following: Part | None) -> bool:
        value = canonical(part.value)
        kind = part.kind
        if kind == "Z":
            kind = "B" if self.building is None and not self.pending else "U"
        elif kind == "F":
            kind = self._floor_or_building(following)
        elif kind == "H":
            kind = self._house_number(following)
        return self._put(kind, value, part)

    def _floor_or_building(self, following: Part | None) -> str:
        before_unit = following is not None and following.kind == "U"
        return "B" if self.building is None and before_unit else "F"

    def _house_number(self, following: Part | None) -> str:
        if self.building is None and not self.pending:
            return "B" if following is not None else "skip"
        if self.unit is None and not self.rooms and following is not None and self.building:
            return "U"
        return "R"

    def _put(self, kind: str, value: str, part: Part) -> bool:
        if kind in {"B", "N", "T"}:
            return self._put_building(kind, value, part)
        if kind == "U":
            return self._put_unit(value)
        if kind == "F":
            self._settle_pending(before="floor")
            self.floor = value
        elif kind in {"R", "S"}:
            self._settle_pending(before="room")
            self.rooms.append(_shop(value) if kind == "S" else value)
        elif kind == "skip":
            return False
        else:
            self.pending.append(value)
        return True

    def _put_building(self, kind: str, value: str, part: Part) -> bool:
        if self.building is not None or self.pending or self.rooms:
            return False
        if kind == "T":
            match = _TYPED.fullmatch(part.value)
            value = match[1] + canonical(match[2]) if match else value
        self.building = part.value if kind == "N" else canonical_building(value)
        return True

    def _put_unit(self, value: str) -> bool:
        if self.unit is not None or self.rooms:
            return False
        if self.pending:
            if self.building is not None or len(self.pending) > 1:
                return False
            self.building = canonical_building(self.pending.pop())
        self.unit = value
        return True

    def _settle_pending(self, before: str) -> None:
        """Values without a word take the free levels in order: building, unit."""
        values, self.pending = self.pending, []
        if before == "room" and self.rooms:
            self.rooms += values
            return
        if values and self.building is None:
            self.building = canonical_building(values.pop(0))
        if values and self.unit is None:
            self.unit = values.pop(0)
        if values and before == "room" and self.floor is None:
            self.floor = values.pop(0)
        if values:
            self.doubt = "parts"

    def result(self, *, worded: bool) -> Levels | None:
        if self.rooms:
            self.rooms += self.pending
        elif self.pending and not self._end_values(worded=worded):
            return None
        self._join_floor()
        if any(not room for room in self.rooms):
            return None
        return Levels(self.building, self.unit, tuple(self.rooms), self.floor, self.doubt)

    def _end_values(self, *, worded: bool) -> bool:
        values = self.pending
        count = 1
        while count < len(values) and _alike(values[-count - 1], values[-1]):
            count += 1
        heads, rooms = values[:-count], values[-count:]
        if not worded and count == len(values) and count > 1:
            heads, rooms = values[:1], values[1:]
        self.pending = heads
        if len(heads) > 3 or (not worded and len(heads) > 2 and not _is_floor(heads[-1], rooms[0])):
            return False
        if not worded and not ROOMLIKE.fullmatch(rooms[0]):
            return False
        self._settle_pending(before="room")
        self.rooms = rooms
        return not self.doubt

    def _join_floor(self) -> None:
        """12层C室 is 12C, 12层03 is 1203; a floor that contradicts the room is a doubt."""
        if len(self.rooms) == 1 and (match := _FLOOR_ROOM.fullmatch(self.rooms[0])):
            self.floor, self.rooms = match[1], [match[2]]
        if self.floor is None or not self.rooms:
            return
        joined = []
        for room in self.rooms:
            if re.fullmatch(r"[A-Z]", room):
                joined.append(self.floor + room)
            elif re.fullmatch(r"\d{1,2}", room):
                joined.append(f"{self.floor}{int(room):02d}")
            else:
                joined.append(room)
                if room.isdigit() and not _is_floor(self.floor, room):
                    self.doubt = "floor"
        self.rooms = joined


def _alike(one: str, last: str) -> bool:
    """Two rooms joined by a dash have the same shape: 501-502, 12A-12B."""
    return (
        len(one) == len(last)
        and bool(ROOMLIKE.fullmatch(one))
        and bool(ROOMLIKE.fullmatch(last))
        and one[-1].isdigit() == last[-1].isdigit()
    )


def _is_floor(floor: str, room: str) -> bool:
    digits = re.match(r"\d+", room)
    if not digits:
        return True
    number = digits[0]
    return floor == (number[:-2] if len(number) > 2 else number)


def _shop(value: str) -> str:
    return f"商铺{value}"


_WITH_UNIT = (
    (2, 2, 4),
    (2, 1, 4),
    (1, 2, 4),
    (1, 1, 4),
    (2, 2, 3),
    (2, 1, 3),
    (1, 2, 3),
    (1, 1, 3),
)
_WITHOUT_UNIT = ((2, 4), (2, 3), (1, 4), (1, 3))


def compact_codes(digits: str) -> Iterator[Levels]:
    """The meanings of a code without separators, such as 03020501 (2+2+4), as R36 allows."""
    for one, two, three in _WITH_UNIT:
        if one + two + three == len(digits):
            building, unit, room = digits[:one], digits[one : one + two], digits[one + two :]
            yield Levels(canonical(building), canonical(unit), (canonical(room),))
    for one, three in _WITHOUT_UNIT:
        if one + three == len(digits):
            yield Levels(canonical(digits[:one]), None, (canonical(digits[one:]),))


__all__ = ["ABSENT", "ROOMLIKE", "Levels", "canonical", "compact_codes", "meanings"]
