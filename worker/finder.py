"""Households by what a person types: room in any written form, owner, pinyin, phone tail, file no.

The index stands beside the register of the moment and is made when somebody
first types.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.access import Reach, Viewer, phone_shown
from classifier import RegisterIndex, parse_address
from worker.register_cache import RegisterCache
from yihu.household import HouseholdRecord, RoomKey

_TAIL, _WHOLE = 4, 7
_LETTERS = re.compile(r"[a-z]{2,8}")
_DIGITS = re.compile(r"[0-9]{4,12}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A household that fits what was typed, as this viewer may know it."""

    id: int
    room: str
    estate: str
    owner: str
    phone: str
    file_no: str

    def as_dict(self) -> dict[str, str | int]:
        """For the screens and the API."""
        return {
            "id": self.id,
            "room": self.room,
            "estate": self.estate,
            "owner": self.owner,
            "phone": self.phone,
            "file_no": self.file_no,
        }


@dataclass(frozen=True, slots=True)
class _Entry:
    record: HouseholdRecord
    room: str
    bare: str
    owners: str
    initials: tuple[str, ...]
    phones: tuple[str, ...]


class Finder:
    """Finds households of one register; safe to call from several threads."""

    def __init__(self, register: RegisterCache) -> None:
        self._register = register
        self._lock = threading.Lock()
        self._of: RegisterIndex | None = None
        self._entries: list[_Entry] = []
        self._by_building: dict[str, list[_Entry]] = {}

    def find(self, typed: str, viewer: Viewer, limit: int = 8) -> list[Suggestion]:
        """The households that fit best, only those within the viewer's reach."""
        text = typed.strip()
        if not text:
            return []
        register = self._register.current()
        reach = viewer.reach("household.name")
        found: dict[int, HouseholdRecord] = {}
        for record in self._candidates(text, register, viewer):
            if record.id not in found and reach.holds(record.key):
                found[record.id] = record
                if len(found) >= limit:
                    break
        return [suggestion(record, viewer) for record in found.values()]

    def _candidates(
        self, text: str, register: RegisterIndex, viewer: Viewer
    ) -> Iterator[HouseholdRecord]:
        yield from self._by_room(text, register)
        yield from register.by_file_no(text)
        yield from register.by_owner(text)
        plain = text.casefold().replace(" ", "")
        entries = self._near(viewer.reach("household.name"), register)
        for entry in entries:
            if entry.room.startswith(plain) or entry.bare.startswith(plain):
                yield entry.record
        if _LETTERS.fullmatch(plain):
            for exact in (True, False):
                yield from _with_initials(entries, plain, exact=exact)
        if len(text) >= 1 and not plain.isascii():
            yield from (entry.record for entry in entries if text in entry.owners)
        if _DIGITS.fullmatch(plain):
            yield from _with_phone(entries, plain, viewer)

    def _by_room(self, text: str, register: RegisterIndex) -> Iterable[HouseholdRecord]:
        for reading in parse_address(text, register, field=True):
            yield from reading.households

    def _near(self, reach: Reach, register: RegisterIndex) -> list[_Entry]:
        """Where alone it is worth looking, in order: in the buildings of a reach, else in all."""
        everything, by_building = self._index(register)
        names = {area.building for area in reach.areas}
        if reach.everywhere or "" in names:
            return everything
        found = [entry for name in names for entry in by_building.get(name, ())]
        return sorted(found, key=_place) if len(names) > 1 else found

    def _index(self, register: RegisterIndex) -> tuple[list[_Entry], dict[str, list[_Entry]]]:
        with self._lock:
            if self._of is not register:
                self._entries = sorted(map(_entry, register.find()), key=_place)
                self._by_building = {}
                for entry in self._entries:
                    self._by_building.setdefault(entry.record.key.building, []).append(entry)
                self._of = register
            return self._entries, self._by_building


def _place(entry: _Entry) -> RoomKey:
    return entry.record.key


def _entry(record: HouseholdRecord) -> _Entry:
    room = str(record.key).casefold()
    names = (*record.owners, *record.tenants)
    phones = tuple(map(_bare, record.phones))
    return _Entry(record, room, room.replace("-", ""), "、".join(names), _initials(names), phones)


def _initials(names: Iterable[str]) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    return tuple(
        "".join(part[:1] for part in lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold()
        for name in names
    )


def _with_initials(
    entries: list[_Entry], letters: str, *, exact: bool
) -> Iterator[HouseholdRecord]:
    for entry in entries:
        for initials in entry.initials:
            if initials == letters if exact else initials.startswith(letters):
                yield entry.record


def _with_phone(entries: list[_Entry], digits: str, viewer: Viewer) -> Iterator[HouseholdRecord]:
    """By the tail, or the whole, of a number the viewer may see; four digits tell nothing new."""
    for entry in entries:
        if any(phone.endswith(digits) for phone in entry.phones) and may_see_phone(
            viewer, entry.record
        ):
            yield entry.record


def _bare(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit())


def may_see_phone(viewer: Viewer, record: HouseholdRecord) -> bool:
    """Whether the viewer may see the phone numbers of a household."""
    action = "household.vip_phone" if record.vip else "household.phone"
    return viewer.reach(action).holds(record.key)


def suggestion(record: HouseholdRecord, viewer: Viewer) -> Suggestion:
    """A household as a line of suggestions."""
    clear = may_see_phone(viewer, record)
    return Suggestion(
        record.id,
        str(record.key),
        record.key.estate,
        "、".join(record.owners),
        phone_shown("、".join(record.phones[:1]), clear=clear),
        record.file_no,
    )
