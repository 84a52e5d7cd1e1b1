"""Counts that cost the same in every archive: read, folded, and counted anew.

The triggers of revision 0009 keep them in the transaction of each change.
`drift` counts everything and names what does not agree; `recount` repairs it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.models import Document, Household, Original, Room, Tally, table_of

STATE, ORIGINAL, REVIEW = "state", "original", "review"
REASON, TYPE, BUILDING = "reason", "type", "building"
MERGED = "merged"
"""The key of what a person joined to another document; its state is "duplicate"."""
IN_REVIEW = text("document.state = 'review' AND document.stage = ''")
"""As the index has it; with values bound to it the database would not take that index."""
_WHOLE = 0  # the slot that holds what was folded


def numbers(session: Session, kind: str) -> dict[str, int]:
    """The numbers of a kind by key, without those that are 0."""
    total = cast(func.sum(Tally.number), Integer)
    rows = session.execute(
        select(Tally.key, total).where(Tally.kind == kind).group_by(Tally.key).having(total != 0)
    )
    return {key: number for key, number in rows}  # noqa: C416 - rows, not pairs


def number(session: Session, kind: str, key: str = "") -> int:
    """One of the numbers."""
    query = select(cast(func.sum(Tally.number), Integer))
    return session.scalar(query.where(Tally.kind == kind, Tally.key == key)) or 0


def fold(session: Session) -> None:
    """Add up what the connections of PostgreSQL noted one by one; the numbers stay the same."""
    if session.get_bind().dialect.name == "sqlite":
        return  # there everything is one slot
    rows = table_of(Tally)
    key = tuple_(rows.c.kind, rows.c.key, rows.c.slot)
    free = select(rows.c.kind, rows.c.key, rows.c.slot).where(rows.c.slot != _WHOLE)
    free = free.with_for_update(skip_locked=True)
    gone = session.execute(
        delete(rows).where(key.in_(free)).returning(rows.c.kind, rows.c.key, rows.c.number)
    )
    sums: Counter[tuple[str, str]] = Counter()
    for kind, name, addend in gone:
        sums[kind, name] += addend
    put = postgresql.insert(rows)
    put = put.on_conflict_do_update(
        index_elements=["kind", "key", "slot"],
        set_={"number": rows.c.number + put.excluded.number},
    )
    if sums:
        session.execute(
            put,
            [
                {"kind": kind, "key": name, "slot": _WHOLE, "number": total}
                for (kind, name), total in sorted(sums.items())
            ],
        )


def recount(session: Session) -> None:
    """Count everything anew; whoever wants to write documents waits meanwhile."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE document, original IN SHARE MODE"))
    session.execute(delete(Tally))
    rows = [
        {"kind": kind, "key": key, "slot": _WHOLE, "number": number}
        for kind, counts in counted(session).items()
        for key, number in counts.items()
    ]
    if rows:
        session.execute(insert(table_of(Tally)), rows)


def drift(session: Session) -> Iterator[str]:
    """Every number that is not what counting gives, as "kind:key"."""
    for kind, right in counted(session).items():
        kept = numbers(session, kind)
        for key in sorted(right.keys() | kept.keys()):
            if kept.get(key, 0) != right.get(key, 0):
                yield f"{kind}:{key}"


def counted(session: Session) -> Mapping[str, dict[str, int]]:
    """The numbers as the tables have them; costs a walk over all documents."""
    merged = select(func.count()).where(Document.state == "duplicate", joined_to_another())
    states = dict(_grouped(session, Document.state))
    if apart := session.scalar(merged):
        states[MERGED] = apart
        states["duplicate"] -= apart
    reasons: dict[str, int] = {}
    for codes in session.scalars(select(Document.reasons).where(IN_REVIEW)):
        for code in codes:
            reasons[code] = reasons.get(code, 0) + 1
    buildings = session.execute(
        select(Room.building, func.count())
        .join(Household, Household.room_id == Room.id)
        .join(Document, Document.household_id == Household.id)
        .where(IN_REVIEW)
        .group_by(Room.building)
    )
    types = _grouped(session, Document.type, IN_REVIEW, Document.type.is_not(None))
    whole = {
        ORIGINAL: session.scalar(select(func.count()).select_from(Original)) or 0,
        REVIEW: session.scalar(select(func.count()).select_from(Document).where(IN_REVIEW)) or 0,
    }
    return {
        STATE: {state: count for state, count in states.items() if count},
        REASON: reasons,
        TYPE: dict(types),
        BUILDING: {name: count for name, count in buildings},  # noqa: C416 - rows, not pairs
        **{kind: {"": count} if count else {} for kind, count in whole.items()},
    }


def joined_to_another() -> ColumnElement[bool]:
    """Those a person joined to another document: their pages show there."""
    return cast(Document.reasons, String).contains(f'"{MERGED}"')


def _grouped(
    session: Session, column: InstrumentedAttribute[Any], *conditions: Any
) -> list[tuple[str, int]]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))
    return [(key, count) for key, count in rows]
