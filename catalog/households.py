"""Households as the matcher, the journey and the screens ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Household, Person, RegisterState, Room
from catalog.register.numbers import id_number_holds
from yihu.errors import NotFound
from yihu.household import HouseholdRecord, RoomKey

OWNER, FORMER, TENANT = "owner", "former", "tenant"
_CHUNK = 2000


def get(session: Session, household_id: int) -> Household | None:
    """The household of this id, of any generation."""
    return session.get(Household, household_id)


def key_of(room: Room) -> RoomKey:
    """The address of a room as the value that travels."""
    return RoomKey(room.estate, room.zone, room.building, room.unit, room.room)


def address(session: Session, household_id: int) -> RoomKey:
    """Where a household lives; `NotFound` for an unknown id."""
    room = session.scalar(
        select(Room)
        .join(Household, Household.room_id == Room.id)
        .where(Household.id == household_id)
    )
    if room is None:
        raise NotFound(f"household {household_id}")
    return key_of(room)


def open_at(session: Session, key: RoomKey) -> Household | None:
    """The open household of exactly this room."""
    return session.scalar(
        select(Household)
        .join(Room, Household.room_id == Room.id)
        .where(
            Room.estate == key.estate,
            Room.zone == key.zone,
            Room.building == key.building,
            Room.unit == key.unit,
            Room.room == key.room,
            Household.closed_at.is_(None),
        )
    )


def by_file_no(session: Session, file_no: str) -> Household | None:
    """The household with this file number, open or closed."""
    return session.scalar(select(Household).where(Household.file_no == file_no))


def generations(session: Session, room_id: int) -> Sequence[Household]:
    """All generations of a room, newest first."""
    return session.scalars(
        select(Household).where(Household.room_id == room_id).order_by(Household.generation.desc())
    ).all()


def people(session: Session, household_id: int, role: str | None = None) -> Sequence[Person]:
    """The people of a household in the register's order, of one role or of all."""
    query = select(Person).where(Person.household_id == household_id)
    if role is not None:
        query = query.where(Person.role == role)
    return session.scalars(query.order_by(Person.role, Person.position, Person.id)).all()


def register_version(session: Session) -> int:
    """A number that grows with every change of the register."""
    return session.scalar(select(RegisterState.version).where(RegisterState.id == 1)) or 0


def records(session: Session) -> Iterator[HouseholdRecord]:
    """Every open household with all that can corroborate a match, read in chunks by key.

    Former owners are those the register names and the owners of the room's
    closed generations. ID numbers that fail their check digit are left out.
    """
    last = 0
    while True:
        rows = session.execute(
            select(
                Household.id,
                Household.room_id,
                Household.generation,
                Household.file_no,
                Household.occupancy,
                Household.vip,
                Room.estate,
                Room.zone,
                Room.building,
                Room.unit,
                Room.room,
            )
            .join(Room, Household.room_id == Room.id)
            .where(Household.closed_at.is_(None), Household.id > last)
            .order_by(Household.id)
            .limit(_CHUNK)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        persons = _people_between(session, rows[0].id, last)
        later = [row.room_id for row in rows if row.generation > 1]
        closed = _closed_owners(session, later) if later else {}
        for row in rows:
            yield _record(row, persons.get(row.id, ()), closed.get(row.room_id, ()))


def _people_between(session: Session, first: int, last: int) -> dict[int, list[Any]]:
    rows = session.execute(
        select(Person.household_id, Person.role, Person.name, Person.phone, Person.id_no)
        .where(Person.household_id.between(first, last))
        .order_by(Person.household_id, Person.position, Person.id)
    )
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row.household_id)}


def _closed_owners(session: Session, room_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for start in range(0, len(room_ids), 500):
        rows = session.execute(
            select(Household.room_id, Person.name)
            .join(Person, Person.household_id == Household.id)
            .where(
                Household.room_id.in_(room_ids[start : start + 500]),
                Household.closed_at.is_not(None),
                Person.role == OWNER,
            )
            .order_by(Household.room_id, Household.generation.desc(), Person.position)
        )
        for room_id, name in rows:
            found.setdefault(room_id, []).append(name)
    return found


def _record(row: Any, persons: Sequence[Any], closed: Sequence[str]) -> HouseholdRecord:
    def names(role: str) -> tuple[str, ...]:
        return tuple(p.name for p in persons if p.role == role and p.name)

    present = [p for p in persons if p.role != FORMER]
    return HouseholdRecord(
        id=row.id,
        key=RoomKey(row.estate, row.zone, row.building, row.unit, row.room),
        generation=row.generation,
        file_no=row.file_no,
        owners=names(OWNER),
        phones=tuple(n for p in present for n in p.phone.split("、") if n),
        id_nos=tuple(p.id_no for p in present if p.id_no and id_number_holds(p.id_no)),
        occupancy=row.occupancy,
        vip=row.vip,
        former_owners=tuple(dict.fromkeys([*names(FORMER), *closed])),
        tenants=names(TENANT),
    )
