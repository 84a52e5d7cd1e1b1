"""Records: what the catalogue says of an original and of a household, as sealed JSON values.

They lie beside the originals, so that a lost database can be made anew
(`catalog.rebuilding`). A record holds what cannot be computed again: arrivals,
documents with their decisions, ticks, paper, waivers, people, the readings of
the pages, and the hashes of the ledger's events. It holds personal data and
needs the originals' protection. The seal shows damage, not a forger.

Which records are out of date follows from the ledger and from what came to
rest since (`changed`, `rested`); no decision has to say so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, func, or_, select
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.models import (
    Arrival,
    Base,
    Document,
    Estate,
    Event,
    FileNumber,
    Holding,
    Household,
    Moment,
    Original,
    Page,
    Person,
    Reading,
    Room,
    Waiver,
    table_of,
)
from catalog.models.approvals import EVENTS as APPROVALS
from yihu.clock import iso, now
from yihu.errors import YihuError

KIND = "record"  # of the chore that writes them
FORMAT = 1
HOUSEHOLDS = "households"
_LOOKS = ("looked", "refused", "unmasked", "downloaded", "rebuilt", *APPROVALS)
_WORKING = {"worker", "lease_until", "due_at", "attempts", "last_error", "urgency"}


class DamagedRecord(YihuError):
    """A record is not what it was when it was written."""


@dataclass
class Touched:
    """Whose records are out of date, and how far the ledger was walked."""

    upto: ledger.Anchor
    originals: set[str] = field(default_factory=set)
    households: set[int] = field(default_factory=set)


def name_of(sha256: str) -> str:
    """The name of an original's record."""
    return f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}.json"


def seal(body: dict[str, Any]) -> bytes:
    """The record as bytes, with the seal over all the rest."""
    return json.dumps(body | {"seal": ledger.digest(body)}, ensure_ascii=False).encode()


def unseal(data: bytes, kind: str) -> dict[str, Any]:
    """The record that `seal` wrote; `DamagedRecord` for anything else."""
    try:
        body: dict[str, Any] = json.loads(data)
        if body.pop("seal") != ledger.digest(body):
            raise DamagedRecord("the record was altered")
        if (body["kind"], body["format"]) != (kind, FORMAT):
            raise DamagedRecord(f"not a record of this kind: {body['kind']} {body['format']}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedRecord(f"the record cannot be read: {error}") from error
    return body


# --- which are out of date ----------------------------------------------------------------------


def changed(session: Session, after: int, limit: int) -> Touched | None:
    """Whose last change lies among the next events after `after`; None when there are none."""
    events = session.execute(
        select(Event.seq, Event.hash, Event.subject_kind, Event.subject_id, Event.action)
        .where(Event.seq > after)
        .order_by(Event.seq)
        .limit(limit)
    ).all()
    if not events:
        return None
    found = Touched(ledger.Anchor(events[-1].seq, events[-1].hash))
    for kind in ("document", "household"):
        ids = {
            event.subject_id
            for event in events
            if event.subject_kind == kind and event.action not in _LOOKS
        }
        last = _last_changes(session, kind, ids)
        due = [int(number) for number in ids if last.get(number, 0) <= found.upto.seq]
        if kind == "document":
            found.originals = at_rest(session, due)
        else:
            found.households = _with_papers(session, due)
    return found


def rested(session: Session, since: datetime, limit: int) -> list[tuple[str, datetime]]:
    """Originals with a document that came to rest in review since; no event tells of that."""
    rows = session.execute(
        select(Document.sha256, Document.since)
        .where(Document.state == "review", Document.stage == "", Document.since > since)
        .order_by(Document.since)
        .limit(limit)
    )
    return [(sha256, moment) for sha256, moment in rows if sha256]


def is_at_rest(session: Session, sha256: str) -> bool:
    """Whether this original is kept, and none of its documents is on its way."""
    ids = session.scalars(select(Document.id).where(Document.sha256 == sha256))
    return bool(at_rest(session, ids.all()))


def at_rest(session: Session, document_ids: Iterable[int]) -> set[str]:
    """The kept originals of these documents, those of which no document is on its way."""
    moving = select(Document.sha256).where(Document.stage > "")
    rows = session.scalars(
        select(Document.sha256)
        .join(Original, Original.sha256 == Document.sha256)
        .where(
            Document.id.in_(list(document_ids)),
            Original.stored_at.is_not(None),
            Document.sha256.not_in(moving.where(Document.sha256.is_not(None))),
        )
    )
    return {sha256 for sha256 in rows if sha256}


def _last_changes(session: Session, kind: str, ids: set[str]) -> dict[str, int]:
    rows = session.execute(
        select(Event.subject_id, func.max(Event.seq))
        .where(Event.subject_kind == kind, Event.subject_id.in_(ids), Event.action.not_in(_LOOKS))
        .group_by(Event.subject_id)
    )
    return {subject: seq for subject, seq in rows}  # noqa: C416


def _with_papers(session: Session, ids: Sequence[int]) -> set[int]:
    """Those households that documents, ticks or waivers speak of; the rest is in the register."""
    spoken = or_(
        *(
            select(table.household_id).where(table.household_id == Household.id).exists()
            for table in (Document, Holding, Waiver)
        )
    )
    return set(session.scalars(select(Household.id).where(Household.id.in_(ids), spoken)))


# --- what a record says -------------------------------------------------------------------------


def original(session: Session, sha256: str) -> tuple[dict[str, Any], set[int]]:
    """What the catalogue says of an original now, and the households it speaks of."""
    kept = session.get_one(Original, sha256, populate_existing=True)
    papers = _all(session, Document, Document.sha256 == sha256)
    holdings = _live(session, "digital", Holding.sha256 == sha256)
    pages = _all(session, Page, Page.sha256 == sha256)
    current = [page["reading_id"] for page in pages if page["reading_id"] is not None]
    households = {row["household_id"] for row in (*papers, *holdings)} - {None}
    body = {
        "kind": "original",
        "sha256": sha256,
        "original": plain(kept),
        "arrivals": _all(session, Arrival, Arrival.id.in_({p["arrival_id"] for p in papers})),
        "documents": papers,
        "holdings": holdings,
        "pages": pages,
        "readings": _all(session, Reading, Reading.id.in_(current)),
        "households": {str(number): household_name(session, number) for number in households},
        "events": {str(p["id"]): _hashes(session, f"document:{p['id']}") for p in papers},
    }
    return body, households


def household(session: Session, household_id: int) -> dict[str, Any]:
    """What the catalogue says of a household now."""
    row = session.get_one(Household, household_id, populate_existing=True)
    room = session.get_one(Room, row.room_id)
    papers = _live(session, "paper", Holding.household_id == household_id)
    estate = session.get(Estate, room.estate)
    mine = Waiver.household_id == household_id
    return {
        "kind": "household",
        "estate": plain(estate) if estate is not None else None,
        "room": plain(room),
        "household": plain(row),
        "people": _all(session, Person, Person.household_id == household_id),
        "file_numbers": _all(session, FileNumber, FileNumber.household_id == household_id),
        "papers": papers,
        "waivers": _all(session, Waiver, mine, Waiver.lifted_at.is_(None)),
        "events": _hashes(session, f"household:{household_id}"),
    }


def household_name(session: Session, household_id: int) -> str:
    """The name of a household's record; the same for as long as the room has this generation."""
    row = session.get_one(Household, household_id)
    room = session.get_one(Room, row.room_id)
    key = [room.estate, room.zone, room.building, room.unit, room.room, row.generation]
    digest = ledger.digest(key)
    return f"{HOUSEHOLDS}/{digest[:2]}/{digest}.json"


def dated(session: Session, body: dict[str, Any]) -> dict[str, Any]:
    """The record with its moment and the ledger's end."""
    written = {"format": FORMAT, "written_at": iso(now()), "anchor": str(ledger.anchor(session))}
    return body | written


def plain(row: Base) -> dict[str, Any]:
    """A row as JSON values, without what only says who works on it."""
    columns = table_of(type(row)).columns
    return {
        column.name: _json(getattr(row, column.name))
        for column in columns
        if column.name not in _WORKING
    }


def values(model: type[Base], said: dict[str, Any]) -> dict[str, Any]:
    """The values of a row as `plain` wrote them; what this model does not know is left out."""
    columns = table_of(model).columns
    try:
        return {
            column.name: _value(column, said[column.name])
            for column in columns
            if column.name in said
        }
    except (ValueError, TypeError) as error:
        raise DamagedRecord(f"the record cannot be read: {error}") from error


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value)
    python = column.type.python_type
    return date.fromisoformat(value) if python is date else value


def _all(session: Session, model: type[Base], *where: Any) -> list[dict[str, Any]]:
    key = table_of(model).primary_key.columns.values()
    return [plain(row) for row in session.scalars(select(model).where(*where).order_by(*key))]


def _live(session: Session, medium: str, *where: Any) -> list[dict[str, Any]]:
    return _all(session, Holding, Holding.medium == medium, Holding.withdrawn_at.is_(None), *where)


def _hashes(session: Session, subject: str) -> list[str]:
    kind, _, number = subject.partition(":")
    query = select(Event.hash).where(Event.subject_kind == kind, Event.subject_id == number)
    return list(session.scalars(query.where(Event.action.not_in(_LOOKS)).order_by(Event.seq)))
