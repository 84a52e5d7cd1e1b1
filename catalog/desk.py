"""The review desk's queue: what waits, filtered, in order; and who has which document on the desk.

A hold is soft: it lapses after `HOLD_SECONDS` unless the browser renews it,
and a decision is checked against the row itself in any case.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from catalog import tallies
from catalog.access import Viewer, documents_for, households_for, sees_all
from catalog.models import Account, DeskHold, Document, Household, Room
from catalog.tallies import IN_REVIEW
from yihu.clock import now
from yihu.errors import Usage

HOLD_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the queue is wanted; "" or 0 leaves it open. `batch` is an arrival's id."""

    reason: str = ""
    building: str = ""
    older_days: int = 0
    batch: int = 0
    type: str = ""

    def as_query(self) -> dict[str, str]:
        """The filter as parts of an address."""
        parts = {
            "reason": self.reason,
            "building": self.building,
            "older_days": str(self.older_days or ""),
            "batch": str(self.batch or ""),
            "type": self.type,
        }
        return {name: value for name, value in parts.items() if value}


def queue(
    session: Session, viewer: Viewer, wanted: Filter, *, after: int = 0, limit: int = 50
) -> Sequence[Document]:
    """What waits for review, oldest first, of what this viewer may see."""
    return session.scalars(
        select(Document)
        .where(_waiting(viewer, wanted), Document.id > after)
        .options(joinedload(Document.arrival))
        .order_by(Document.id)
        .limit(limit)
    ).all()


def count(session: Session, viewer: Viewer, wanted: Filter | None = None) -> int:
    """How much waits."""
    kept = _kept(viewer, wanted or Filter())
    if kept is not None:
        return tallies.number(session, *kept)
    query = select(func.count()).select_from(Document).where(_waiting(viewer, wanted or Filter()))
    return session.scalar(query) or 0


def next_free(
    session: Session, viewer: Viewer, wanted: Filter, *, after: int = 0, skip: Sequence[int] = ()
) -> int | None:
    """The next document nobody else has on the desk; begins again at the front after the last."""
    held = select(DeskHold.document_id).where(
        DeskHold.until > now(), DeskHold.account_id != viewer.account_id
    )
    free = and_(_waiting(viewer, wanted), Document.id.not_in(held), Document.id.not_in(skip))
    for start in dict.fromkeys((after, 0)):
        found = session.scalar(
            select(Document.id).where(free, Document.id > start).order_by(Document.id).limit(1)
        )
        if found is not None:
            return found
    return None


def _kept(viewer: Viewer, wanted: Filter) -> tuple[str, str] | None:
    """Kind and key of the number that is kept of this, if one is."""
    if not sees_all(viewer, "review.see"):
        return None
    if not (only := wanted.as_query()):
        return tallies.REVIEW, ""
    ((name, value), *more) = only.items()
    kept = not more and name in (tallies.REASON, tallies.TYPE, tallies.BUILDING)
    return (name, value) if kept else None


def _within(viewer: Viewer) -> ColumnElement[bool]:
    """What waits within reach: for somebody with areas found from the households there.

    The whole condition stands inside then, so that no database is led to begin
    with all that waits.
    """
    reach = viewer.reach("review.see")
    if sees_all(viewer, "review.see") or reach.own or not reach.areas:
        return and_(IN_REVIEW, documents_for(viewer, "review.see"))
    there = (
        select(Household.id)
        .join(Room, Room.id == Household.room_id)
        .where(households_for(viewer, "review.see"))
    )
    theirs = select(Document.id).where(IN_REVIEW, Document.household_id.in_(there))
    nobodys = select(Document.id).where(IN_REVIEW, Document.household_id.is_(None))
    return Document.id.in_(union_all(theirs.correlate(None), nobodys.correlate(None)))


def _waiting(viewer: Viewer, wanted: Filter) -> ColumnElement[bool]:
    conditions: list[Any] = [_within(viewer)]
    if wanted.reason:
        conditions.append(cast(Document.reasons, String).contains(f'"{wanted.reason}"'))
    if wanted.building:
        within = (
            select(Household.id)
            .join(Room, Room.id == Household.room_id)
            .where(Room.building == wanted.building)
        )
        conditions.append(Document.household_id.in_(within))
    if wanted.older_days:
        conditions.append(Document.received_at < now() - timedelta(days=wanted.older_days))
    if wanted.batch:
        conditions.append(Document.arrival_id == wanted.batch)
    if wanted.type:
        conditions.append(Document.type == wanted.type)
    return and_(*conditions)


def choices(session: Session, viewer: Viewer) -> dict[str, list[tuple[str, int]]]:
    """What the queue can be filtered by, with counts: reasons, buildings, types.

    For whoever sees all of it these are kept numbers. Else the cost grows with
    what waits within reach: each is grouped before anything is looked up for it.
    """
    if sees_all(viewer, "review.see"):
        return _kept_choices(session)
    base = _waiting(viewer, Filter())
    reasons: dict[str, int] = {}
    written = cast(Document.reasons, String)
    for codes, number in session.execute(
        select(written, func.count()).where(base).group_by(written)
    ):
        for code in json.loads(codes):
            reasons[code] = reasons.get(code, 0) + number
    theirs = (
        select(Document.household_id, func.count().label("number"))
        .where(base, Document.household_id.is_not(None))
        .group_by(Document.household_id)
        .subquery()
    )
    buildings = session.execute(
        select(Room.building, cast(func.sum(theirs.c.number), Integer))
        .select_from(theirs)
        .join(Household, Household.id == theirs.c.household_id)
        .join(Room, Room.id == Household.room_id)
        .group_by(Room.building)
        .order_by(Room.building)
    )
    types = session.execute(
        select(Document.type, func.count())
        .where(base, Document.type.is_not(None))
        .group_by(Document.type)
        .order_by(func.count().desc())
    )
    return {
        "reasons": sorted(reasons.items(), key=lambda item: -item[1]),
        "buildings": [(name, number) for name, number in buildings],
        "types": [(code or "", number) for code, number in types],
    }


def _kept_choices(session: Session) -> dict[str, list[tuple[str, int]]]:
    def most(kind: str) -> list[tuple[str, int]]:
        return sorted(tallies.numbers(session, kind).items(), key=lambda item: (-item[1], item[0]))

    return {
        "reasons": most(tallies.REASON),
        "buildings": sorted(tallies.numbers(session, tallies.BUILDING).items()),
        "types": most(tallies.TYPE),
    }


# --- holds --------------------------------------------------------------------------------------


def hold(session: Session, viewer: Viewer, document_id: int) -> str:
    """Put a document on this viewer's desk; gives "" or the name of who has it already."""
    present = session.get(DeskHold, document_id, with_for_update=True)
    until = now() + timedelta(seconds=HOLD_SECONDS)
    if present is None:
        session.add(DeskHold(document_id=document_id, account_id=viewer.account_id, until=until))
        return ""
    if present.account_id != viewer.account_id and present.until > now():
        account = session.get(Account, present.account_id)
        return (account.display or account.name) if account else "?"
    present.account_id, present.until = viewer.account_id, until
    return ""


def must_be_free(session: Session, viewer: Viewer, document_id: int) -> None:
    """Raise `Usage` when somebody else has the document on the desk."""
    present = session.get(DeskHold, document_id)
    if present and present.account_id != viewer.account_id and present.until > now():
        account = session.get(Account, present.account_id)
        name = (account.display or account.name) if account else "?"
        raise Usage(f"{name} 正在处理这份文件 / {name} has this document on the desk")


def release(session: Session, viewer: Viewer, document_id: int | None = None) -> None:
    """Take a document, or all of them, off this viewer's desk."""
    query = delete(DeskHold).where(
        or_(DeskHold.account_id == viewer.account_id, DeskHold.until < now())
    )
    if document_id is not None:
        query = query.where(DeskHold.document_id == document_id)
    session.execute(query)


def holders(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Who has which of these documents on the desk: account and name."""
    rows = session.execute(
        select(DeskHold.document_id, Account.id, Account.display, Account.name)
        .join(Account, Account.id == DeskHold.account_id)
        .where(DeskHold.document_id.in_(ids), DeskHold.until > now())
    )
    return {number: (account, display or name) for number, account, display, name in rows}
