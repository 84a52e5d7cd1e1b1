"""Finding a household from a room in any written form, for commands and screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from classifier import Hints, RegisterIndex, match_household, parse_address
from ingest.upload_names import safe_relative
from yihu.errors import NotFound
from yihu.household import ABSENT, HouseholdRecord, RoomKey


class UnknownRoom(NotFound):
    """No household, or more than one, fits what was written.

    `candidates` are rooms that come near, best first, as written in short form.
    """

    def __init__(self, written: str, candidates: tuple[str, ...]) -> None:
        near = "、".join(candidates) if candidates else "—"
        super().__init__(
            f"找不到唯一的业户 {written}；相近的有 {near} / "
            f"no single household fits {written}; near: {near}"
        )
        self.candidates = candidates


def find_household(
    written: str, register: RegisterIndex, within: Callable[[RoomKey], bool] = lambda _: True
) -> HouseholdRecord:
    """The one household that `written` names; raises `UnknownRoom` with candidates otherwise.

    One that is not `within` reach is answered exactly like one that is not there.
    """
    readings = parse_address(written, register, field=True)
    found = {
        record.id: record
        for reading in readings
        for record in reading.households
        if within(record.key)
    }
    sure = all(not reading.repaired and reading.status == "known" for reading in readings)
    if sure and len(found) == 1:
        return next(iter(found.values()))
    near = found.values() or [one for one in _near(written, register) if within(one.key)]
    raise UnknownRoom(written, _shown(near))


def folder_of(record: HouseholdRecord, register: RegisterIndex) -> str:
    """The household's address as one folder's name that is read as a hint to it and no other.

    Short where that is enough, else with the estate; "" where no writing is.
    """
    key = record.key
    levels = ((key.zone, "区"), (key.building, "栋"), (key.unit, "单元"), (key.room, "室"))
    spelled = "".join(f"{value}{word}" for value, word in levels if value != ABSENT)
    estate = key.estate if key.estate != ABSENT else ""
    for written in (str(key), f"{estate}{spelled}", f"{estate}{key}"):
        name = safe_relative(written.replace("/", "_"))
        best = match_household((), Hints(path=f"{name}/_"), register).best
        if best is not None and best.household.id == record.id:
            return name
    return ""


def _shown(records: Iterable[HouseholdRecord]) -> tuple[str, ...]:
    return tuple(str(key) for key in sorted(record.key for record in records)[:8])


def _near(written: str, register: RegisterIndex) -> list[HouseholdRecord]:
    digits = "".join(c if c.isalnum() else " " for c in written).split()
    if not digits:
        return []
    return list(register.find(room=digits[-1].upper()))
