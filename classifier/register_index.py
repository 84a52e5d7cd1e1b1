"""The household register in memory: every lookup the matcher needs is one dictionary access.

Built once from the open households; it never changes, a new import builds a
new one. A hundred thousand households take a second or two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from classifier.names import name_key, people_in
from classifier.numbers import canonical_file_no, phone_digits
from yihu.household import ABSENT, HouseholdRecord, RoomKey

_Index = dict[str, list[HouseholdRecord]]
_SHORTEST_LOCAL = 7


class RegisterIndex:
    """The `Register` protocol over records held in memory."""

    def __init__(self, records: Iterable[HouseholdRecord]) -> None:
        self._by_key: dict[RoomKey, HouseholdRecord] = {}
        self._by_id: dict[int, HouseholdRecord] = {}
        self._by_building: _Index = defaultdict(list)
        self._by_room: _Index = defaultdict(list)
        self._by_both: dict[tuple[str, str], list[HouseholdRecord]] = defaultdict(list)
        self._units: dict[str, set[str]] = defaultdict(set)
        self._owners: _Index = defaultdict(list)
        self._phones: _Index = defaultdict(list)
        self._ids: _Index = defaultdict(list)
        self._files: _Index = defaultdict(list)
        self._estates: set[str] = set()
        self._zones: set[str] = set()
        for record in records:
            self._add(record)

    def _add(self, record: HouseholdRecord) -> None:
        key = record.key
        self._by_key[key] = record
        self._by_id[record.id] = record
        self._by_building[key.building].append(record)
        self._by_room[key.room].append(record)
        self._by_both[key.building, key.room].append(record)
        self._units[key.building].add(key.unit)
        self._estates.add(key.estate)
        if key.zone != ABSENT:
            self._zones.add(key.zone)
        for name in {name_key(one) for owner in record.owners for one in people_in(owner)}:
            self._owners[name].append(record)
        for digits in {part for phone in record.phones for part in _spellings(phone)}:
            self._phones[digits].append(record)
        for number in {number.upper() for number in record.id_nos if number}:
            self._ids[number].append(record)
        if record.file_no:
            self._files[canonical_file_no(record.file_no)].append(record)

    def __len__(self) -> int:
        return len(self._by_key)

    def estates(self) -> Collection[str]:
        """Names of the estates."""
        return self._estates

    def zones(self) -> Collection[str]:
        """Canonical zone names in use, without "-"."""
        return self._zones

    def buildings(self) -> Collection[str]:
        """Canonical building names in use."""
        return self._by_building.keys()

    def units(self, building: str) -> Collection[str]:
        """Units of a building over all zones; "-" stands for "has no units"."""
        return self._units.get(building, set())

    def find(
        self,
        *,
        building: str | None = None,
        unit: str | None = None,
        room: str | None = None,
        zone: str | None = None,
        estate: str | None = None,
    ) -> Sequence[HouseholdRecord]:
        """Households that agree on every level given; None leaves a level open."""
        return [
            record
            for record in self._narrowest(building, room)
            if (unit is None or record.key.unit == unit)
            and (zone is None or record.key.zone == zone)
            and (estate is None or record.key.estate == estate)
        ]

    def _narrowest(self, building: str | None, room: str | None) -> Iterable[HouseholdRecord]:
        if building is not None and room is not None:
            return self._by_both.get((building, room), ())
        if building is not None:
            return self._by_building.get(building, ())
        if room is not None:
            return self._by_room.get(room, ())
        return self._by_key.values()

    def get(self, key: RoomKey) -> HouseholdRecord | None:
        """The household of exactly this room."""
        return self._by_key.get(key)

    def by_id(self, household_id: int) -> HouseholdRecord | None:
        """The open household of this id."""
        return self._by_id.get(household_id)

    def by_owner(self, name: str) -> Sequence[HouseholdRecord]:
        """Households with a present owner of this name, in any spelling."""
        return self._owners.get(name_key(name), [])

    def by_phone(self, digits: str) -> Sequence[HouseholdRecord]:
        """Households with this phone number; a landline also without its area code."""
        return self._phones.get(digits, [])

    def by_id_no(self, number: str) -> Sequence[HouseholdRecord]:
        """Households with an owner of this ID number or credit code."""
        return self._ids.get(number.upper(), [])

    def by_file_no(self, number: str) -> Sequence[HouseholdRecord]:
        """The household with this file number, whatever its dots and dashes look like."""
        return self._files.get(canonical_file_no(number), [])


def _spellings(phone: str) -> tuple[str, ...]:
    digits = phone_digits(phone)
    if not digits:
        return ()
    if not digits.startswith("0"):
        return (digits,)
    area = (
        3
        if digits[:3] in {"010", "020", "021", "022", "023", "024", "025", "027", "028", "029"}
        else 4
    )
    local = digits[area:]
    return (digits, local) if len(local) >= _SHORTEST_LOCAL else (digits,)
