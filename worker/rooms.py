"""Finding a household from a room in any written form, for commands and screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from classifier import RegisterIndex, parse_address
from yihu.errors import NotFound
from yihu.household import HouseholdRecord, RoomKey


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


def _shown(records: Iterable[HouseholdRecord]) -> tuple[str, ...]:
    return tuple(str(key) for key in sorted(record.key for record in records)[:8])


def _near(written: str, register: RegisterIndex) -> list[HouseholdRecord]:
    digits = "".join(c if c.isalnum() else " " for c in written).split()
    if not digits:
        return []
    return list(register.find(room=digits[-1].upper()))
