"""Import a register as a difference to what is known, in bulk, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, raiseload

from catalog import ledger, projection
from catalog.models import Estate, FileNumber, Household, Person, RegisterState, Room, table_of
from catalog.register.address import shelf_order
from catalog.register.difference import Being, Difference, Known, beings, difference
from catalog.register.file_numbers import estate_code, file_number
from catalog.register.report import ImportReport, Note
from catalog.register.rows import Wanted, parse
from catalog.register.table import TableRow
from yihu.clock import now
from yihu.household import RoomKey
from yihu.template import Template

_CHUNK = 500
_T = TypeVar("_T")
_OWNER, _FORMER = "owner", "former"


@dataclass(slots=True)
class _Plan:
    """What will be written once every row was looked at."""

    actor: str
    moment: datetime
    opened: list[tuple[Wanted, int | None, int]] = field(default_factory=list)
    closed: list[Known] = field(default_factory=list)
    changed: list[tuple[Known, Wanted, Difference]] = field(default_factory=list)


def import_register(
    session: Session,
    rows: Iterable[TableRow],
    *,
    estate: str = "",
    actor: str = "",
    dry_run: bool = False,
    template: Template | None = None,
) -> ImportReport:
    """Take a register as a difference; importing it again changes nothing.

    New rooms are added, present ones changed where the row says otherwise; an
    owner nobody knew closes the generation and opens the next (P2-4.4.1). Rooms
    the file does not name stay. An empty cell says nothing, except in the VIP
    column. `estate` names the estate of rows that carry none. `dry_run` gives
    the same report and writes nothing.
    """
    report = ImportReport(dry_run=dry_run, version=_version(session))
    wanted = _wanted(rows, report, estate)
    plan = _Plan(actor or ledger.MACHINE, now())
    numbers = _Numbers(session)
    known = _known(session, {row.key.estate for row in wanted})
    for row in wanted:
        _decide(row, known.get(row.key), numbers, plan, report)
    report.notes.sort(key=lambda note: note.line)
    if not dry_run and (plan.opened or plan.changed):
        _write(session, plan, numbers, template)
        report.version = _grow(session, report, plan.actor)
    return report


def _wanted(rows: Iterable[TableRow], report: ImportReport, estate: str) -> list[Wanted]:
    """The rows that make sense, each room once; the others are refused in the report."""
    found: dict[RoomKey, Wanted] = {}
    file_numbers: dict[str, int] = {}
    for row in rows:
        wanted, notes = parse(row, estate=estate)
        report.notes += notes
        if wanted is None:
            continue
        first = found.get(wanted.key)
        if first is not None:
            report.notes.append(_refused(wanted, "duplicate_room", f"{first.line}"))
        elif wanted.file_no and wanted.file_no in file_numbers:
            line = file_numbers[wanted.file_no]
            report.notes.append(_refused(wanted, "duplicate_file_no", f"{line}"))
        else:
            found[wanted.key] = wanted
            file_numbers[wanted.file_no] = wanted.line
    return list(found.values())


def _refused(wanted: Wanted, reason: str, detail: str) -> Note:
    where = f"第 {detail} 行 line {detail}" if detail else ""
    return Note("refused", wanted.line, str(wanted.key), (), reason, where)


def _decide(
    wanted: Wanted, known: Known | None, numbers: _Numbers, plan: _Plan, report: ImportReport
) -> None:
    def note(result: str, fields: tuple[str, ...] = (), reason: str = "") -> None:
        report.notes.append(Note(result, wanted.line, str(wanted.key), fields, reason))

    holder = numbers.holder(wanted.file_no)
    mine = known is not None and holder == known.household_id
    if holder is not None and not mine:
        note("refused", ("file_no",), "file_no_taken")
        return
    if known is None:
        plan.opened.append((wanted, None, 1))
        note("added")
        return
    found = difference(known, wanted)
    for doubt in found.doubts:
        note("warning", ("owner",), doubt)
    if "generation" in found.fields:
        if mine:
            note("warning", ("file_no",), "former_file_no")
        plan.closed.append(known)
        plan.opened.append((wanted, known.room_id, known.generation + 1))
    elif found.fields:
        plan.changed.append((known, wanted, found))
    note("changed" if found.fields else "unchanged", found.fields)


class _Numbers:
    """All file numbers ever given and the codes of the estates."""

    def __init__(self, session: Session) -> None:
        given = session.execute(select(FileNumber.file_no, FileNumber.household_id))
        self.given = {number: holder for number, holder in given}  # noqa: C416
        codes = session.execute(select(Estate.name, Estate.code))
        self.codes = {name: code for name, code in codes}  # noqa: C416
        self.new_codes: list[str] = []

    def holder(self, file_no: str) -> int | None:
        """Who has, or ever had, this number."""
        return self.given.get(file_no) if file_no else None

    def give(self, wanted: Wanted, generation: int) -> str:
        """The row's own number if it is free, else the proposed one."""
        number = wanted.file_no
        if not number or number in self.given:
            code = self._code(wanted.key.estate)
            number = file_number(code, wanted.key, generation, self.given)
        self.given[number] = 0
        return number

    def _code(self, estate: str) -> str:
        if estate not in self.codes:
            self.codes[estate] = estate_code(estate, set(self.codes.values()))
            self.new_codes.append(estate)
        return self.codes[estate]


def _known(session: Session, estates: set[str]) -> dict[RoomKey, Known]:
    """The open households of these estates with their people."""
    found: dict[int, Known] = {}
    keys: dict[RoomKey, Known] = {}
    rows = session.execute(
        select(Household, Room.estate, Room.zone, Room.building, Room.unit, Room.room)
        .join(Room, Household.room_id == Room.id)
        .where(Room.estate.in_(sorted(estates)), Household.closed_at.is_(None))
        .options(raiseload("*"))
        .execution_options(yield_per=1000)
    )
    for household, *address in rows:
        known = Known(
            household_id=household.id,
            room_id=household.room_id,
            generation=household.generation,
            file_no=household.file_no,
            owner=household.owner,
            occupancy=household.occupancy,
            vip=household.vip,
            owners=[],
            former=[],
        )
        found[known.household_id] = keys[RoomKey(*address)] = known
    persons = session.execute(
        select(Person.household_id, Person.role, Person.name, Person.phone, Person.id_no)
        .where(Person.role.in_((_OWNER, _FORMER)))
        .order_by(Person.household_id, Person.position, Person.id)
    )
    for household_id, role, name, phone, id_no in persons:
        owner = found.get(household_id)
        if owner is None:
            continue
        if role == _OWNER:
            owner.owners.append(Being(name, phone, id_no))
        else:
            owner.former.append(name)
    return keys


# --- writing ----------------------------------------------------------------------------------


def _write(session: Session, plan: _Plan, numbers: _Numbers, template: Template | None) -> None:
    """Households first, then their events, then the roll-ups: the order in which ticks lock."""
    entries: list[ledger.Entry] = []
    touched = [known.household_id for known in plan.closed]
    for closing in _chunks(plan.closed):
        ids = [known.household_id for known in closing]
        session.execute(
            update(Household).where(Household.id.in_(ids)).values(closed_at=plan.moment)
        )
        entries += [_entry(plan, "closed", k.household_id, {"room": k.room_id}) for k in closing]
    for changing in _chunks(plan.changed):
        _change(session, plan, changing)
        for known, _, found in changing:
            touched.append(known.household_id)
            fields = {"fields": list(found.fields)}
            entries.append(_entry(plan, "changed", known.household_id, fields))
    for opening in _chunks(plan.opened):
        opened = _open(session, plan, opening, numbers)
        touched += opened
        for household_id, (_, _, generation) in zip(opened, opening, strict=True):
            entries.append(_entry(plan, "opened", household_id, {"generation": generation}))
    ledger.append_many(session, entries)
    projection.refresh(session, touched, template)


def _entry(plan: _Plan, action: str, household_id: int, data: dict[str, Any]) -> ledger.Entry:
    return ledger.Entry(action, f"household:{household_id}", data, plan.actor)


def _chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _open(
    session: Session,
    plan: _Plan,
    chunk: Sequence[tuple[Wanted, int | None, int]],
    numbers: _Numbers,
) -> list[int]:
    """Open households, with their rooms where new, their numbers and their people."""
    file_nos = [numbers.give(wanted, generation) for wanted, _, generation in chunk]
    _add_estates(session, numbers)
    new_rooms = iter(_add_rooms(session, [w for w, room_id, _ in chunk if room_id is None]))
    rows = [
        {
            "room_id": next(new_rooms) if room_id is None else room_id,
            "generation": generation,
            "file_no": file_no,
            "owner": wanted.owner,
            "occupancy": wanted.occupancy,
            "vip": bool(wanted.vip),
            "facts": {},
            "responsible": "",
            "opened_at": plan.moment,
        }
        for (wanted, room_id, generation), file_no in zip(chunk, file_nos, strict=True)
    ]
    ids = _insert_for_ids(session, Household, rows)
    given = [
        {"file_no": file_no, "household_id": household_id, "given_at": plan.moment}
        for file_no, household_id in zip(file_nos, ids, strict=True)
    ]
    session.execute(insert(table_of(FileNumber)), given)
    persons: list[dict[str, Any]] = []
    for household_id, (wanted, _, _) in zip(ids, chunk, strict=True):
        persons += _persons(household_id, beings(wanted, wanted.owners), wanted.former)
    if persons:
        session.execute(insert(table_of(Person)), persons)
    return ids


def _add_estates(session: Session, numbers: _Numbers) -> None:
    rows = [
        {"name": name, "code": numbers.codes[name], "tower": False, "recommended": False}
        for name in numbers.new_codes
    ]
    if rows:
        session.execute(insert(Estate), rows)
        numbers.new_codes.clear()


def _add_rooms(session: Session, wanted: Sequence[Wanted]) -> list[int]:
    rows = [
        row.key.as_dict() | {"shelf_order": shelf_order(row.key), "written": row.written}
        for row in wanted
    ]
    return _insert_for_ids(session, Room, rows) if rows else []


def _insert_for_ids(
    session: Session, table: type[Room | Household], rows: list[dict[str, Any]]
) -> list[int]:
    bare = table_of(table)
    statement = insert(bare).returning(bare.c.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def _change(
    session: Session, plan: _Plan, chunk: Sequence[tuple[Known, Wanted, Difference]]
) -> None:
    ids = [known.household_id for known, _, _ in chunk]
    session.execute(
        delete(Person).where(Person.household_id.in_(ids), Person.role.in_((_OWNER, _FORMER)))
    )
    persons: list[dict[str, Any]] = []
    numbers: list[dict[str, Any]] = []
    for known, wanted, found in chunk:
        persons += _persons(known.household_id, found.owners, found.former)
        values: dict[str, Any] = {}
        if "owner" in found.fields:
            values["owner"] = wanted.owner
        if "occupancy" in found.fields:
            values["occupancy"] = wanted.occupancy
        if "vip" in found.fields:
            values["vip"] = wanted.vip
        if "file_no" in found.fields:
            values["file_no"] = wanted.file_no
            numbers.append(
                {
                    "file_no": wanted.file_no,
                    "household_id": known.household_id,
                    "given_at": plan.moment,
                }
            )
        if values:
            session.execute(
                update(Household).where(Household.id == known.household_id).values(**values)
            )
    if persons:
        session.execute(insert(table_of(Person)), persons)
    if numbers:
        session.execute(insert(table_of(FileNumber)), numbers)


def _persons(
    household_id: int, owners: Sequence[Being], former: Sequence[str]
) -> list[dict[str, Any]]:
    rows = [(_OWNER, being) for being in owners]
    rows += [(_FORMER, Being(name)) for name in former]
    return [
        {
            "household_id": household_id,
            "role": role,
            "position": position,
            "name": being.name,
            "phone": being.phone,
            "id_no": being.id_no,
        }
        for position, (role, being) in enumerate(rows)
    ]


def _version(session: Session) -> int:
    return session.scalar(select(RegisterState.version).where(RegisterState.id == 1)) or 0


def _grow(session: Session, report: ImportReport, actor: str) -> int:
    version = session.scalars(
        update(RegisterState)
        .where(RegisterState.id == 1)
        .values(version=RegisterState.version + 1)
        .returning(RegisterState.version)
    ).one()
    ledger.append(session, "imported", f"register:{version}", report.counts(), actor)
    return version
