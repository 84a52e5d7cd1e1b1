"""Arrivals, documents and pages: recording, claiming, moving on.

The claims here are single conditional updates that also count the attempt and
set the lease, so two workers never hold one document (measured 3.1), and a
document that kills its worker is given up after a bounded number of attempts
(measured 2.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from catalog.models import Arrival, Document, Original, Page, Reading
from yihu.clock import now
from yihu.page import PageText

PageKey = tuple[str, int]  # the original's hash and the page's number
STATES = ("received", "reading", "review", "filed", "duplicate", "rejected", "failed")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file taken from the inbox: what `record` needs to know of it.

    `path` is its displayable path below the inbox, `place` where the bytes lie
    now (below the home), `token` the unique name of the claim.
    """

    token: str
    path: str
    place: str
    sha256: str | None
    size: int
    by: str = ""


def record(session: Session, dropped: Dropped) -> Document:
    """Record a claim and start its document; the same claim twice gives the same document.

    The unique hash decides who is first: later bytes of the same hash become a
    `duplicate` that points to the first document.
    """
    known = _of_token(session, dropped.token)
    if known is not None:
        return known
    moment = now()
    arrival = _arrival(dropped, moment)
    session.add(arrival)
    session.flush()
    document = Document(
        arrival_id=arrival.id,
        sha256=dropped.sha256,
        state="received",
        stage="keep",
        since=moment,
        received_at=moment,
        due_at=moment,
        reasons=[],
    )
    if dropped.sha256 is None or not _first_of_its_bytes(session, dropped):
        first = _first_document(session, dropped.sha256)
        document.state, document.reasons = "duplicate", ["same_bytes"]
        document.duplicate_of = first.id if first else None
        document.stage, document.due_at, document.settled_at = "put_away", moment, None
    session.add(document)
    session.flush()
    return document


def _first_of_its_bytes(session: Session, dropped: Dropped) -> bool:
    dialect = session.get_bind().dialect.name
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {"sha256": dropped.sha256, "size": dropped.size, "format": "", "version_id": ""}
    statement = make(Original).values(**values, verify_result="").on_conflict_do_nothing()
    return session.execute(statement.returning(Original.sha256)).scalar() is not None


def _first_document(session: Session, sha256: str | None) -> Document | None:
    return session.scalar(
        select(Document)
        .where(Document.sha256 == sha256, Document.state != "duplicate")
        .order_by(Document.id)
        .limit(1)
    )


def record_refused(session: Session, dropped: Dropped, reason: str, message: str) -> Document:
    """Record something that cannot be taken (a link, a pipe, no right); once per claim.

    What was claimed goes back to the inbox with a note next; what was never
    moved (`place` "") is settled at once.
    """
    known = _of_token(session, dropped.token)
    if known is not None:
        return known
    moment = now()
    arrival = _arrival(dropped, moment)
    session.add(arrival)
    session.flush()
    document = Document(
        arrival_id=arrival.id,
        state="rejected",
        stage="give_back" if dropped.place else "",
        since=moment,
        received_at=moment,
        due_at=moment if dropped.place else None,
        settled_at=None if dropped.place else moment,
        reasons=[reason],
        message=message,
    )
    session.add(document)
    session.flush()
    return document


def _of_token(session: Session, token: str) -> Document | None:
    return session.scalar(
        select(Document)
        .join(Arrival, Document.arrival_id == Arrival.id)
        .where(Arrival.token == token)
        .order_by(Document.id)
        .limit(1)
    )


def _arrival(dropped: Dropped, moment: datetime) -> Arrival:
    return Arrival(
        token=dropped.token,
        path=dropped.path,
        sha256=dropped.sha256,
        size=dropped.size,
        received_at=moment,
        place=dropped.place,
        dropped_by=dropped.by,
    )


def claim(session: Session, document_id: int, worker: str, lease_seconds: float) -> Document | None:
    """Take a document with work to do that nobody holds; None when there is nothing to do."""
    moment = now()
    taken = session.execute(
        update(Document)
        .where(
            Document.id == document_id,
            Document.stage != "",
            or_(Document.lease_until.is_(None), Document.lease_until < moment),
            Document.due_at <= moment,
        )
        .values(
            worker=worker,
            attempts=Document.attempts + 1,
            lease_until=moment + timedelta(seconds=lease_seconds),
        )
        .returning(Document.id)
    ).scalar()
    return load(session, document_id) if taken is not None else None


def load(session: Session, document_id: int) -> Document:
    """The document with its arrival."""
    return session.scalars(
        select(Document)
        .where(Document.id == document_id)
        .options(joinedload(Document.arrival))
        .execution_options(populate_existing=True)
    ).one()


def hold(session: Session, document_id: int, worker: str, stage: str) -> Document | None:
    """The document if this worker still holds it at this stage: the compare of compare-and-set."""
    return session.scalar(
        select(Document)
        .where(
            Document.id == document_id,
            Document.worker == worker,
            Document.stage == stage,
            Document.lease_until.is_not(None),
        )
        .options(joinedload(Document.arrival))
        .with_for_update(of=Document)
        .execution_options(populate_existing=True)
    )


def put_off(document: Document, seconds: float, *, counted: bool, error: str) -> None:
    """Let go of a held document and make it due again after `seconds`.

    `counted` False gives the attempt back: waiting for a store or a database is
    no fault of the document.
    """
    document.lease_until = None
    document.due_at = now() + timedelta(seconds=seconds)
    document.last_error = error
    if not counted:
        document.attempts = max(0, document.attempts - 1)


def due(session: Session, limit: int) -> list[int]:
    """Documents that should be moving but that nobody holds, longest due first."""
    moment = now()
    return list(
        session.scalars(
            select(Document.id)
            .where(
                Document.stage > "",  # a range of the index, unlike !=
                Document.due_at <= moment,
                or_(Document.lease_until.is_(None), Document.lease_until < moment),
            )
            .order_by(Document.due_at)
            .limit(limit)
        )
    )


def release(session: Session, worker_prefix: str, *, counted: bool = False) -> int:
    """Hand back everything that workers of this name hold; gives how much that was.

    `counted` True leaves the attempt counted: the worker died with it.
    """
    moment = now()
    count = 0
    for table in (Document, Page):
        values: dict[str, Any] = {"lease_until": None, "due_at": moment}
        if not counted:
            values["attempts"] = table.attempts - 1
        result = session.execute(
            update(table)
            .where(
                table.worker.startswith(worker_prefix, autoescape=True),
                table.lease_until.is_not(None),
            )
            .values(**values)
            .returning(table.worker)
        )
        count += len(result.all())
    return count


def holders(session: Session) -> set[str]:
    """Names of the workers that hold a document or a page now."""
    names: set[str] = set()
    for table, moving in ((Document, Document.stage > ""), (Page, Page.state == "waiting")):
        held = select(table.worker).where(moving, table.lease_until.is_not(None))
        names.update(session.scalars(held.distinct()))
    return names


def renew(session: Session, workers: Sequence[str], lease_seconds: float) -> None:
    """Keep what these workers hold, because they are known to be at it."""
    until = now() + timedelta(seconds=lease_seconds)
    for table in (Document, Page):
        session.execute(
            update(table)
            .where(table.worker.in_(workers), table.lease_until.is_not(None))
            .values(lease_until=until)
        )


def fresh_siblings(session: Session, document: Document) -> list[int]:
    """The documents split off this one's file that wait to be understood."""
    return list(
        session.scalars(
            select(Document.id)
            .where(
                Document.arrival_id == document.arrival_id,
                Document.id != document.id,
                Document.stage == "understand",
            )
            .order_by(Document.first_page)
        )
    )


def add_sibling(session: Session, document: Document, first: int, last: int) -> Document:
    """A further document of the same file: another range of its pages; once per range."""
    known = session.scalar(
        select(Document).where(
            Document.sha256 == document.sha256,
            Document.first_page == first,
            Document.state != "duplicate",
        )
    )
    if known is not None:
        return known
    moment = now()
    sibling = Document(
        arrival_id=document.arrival_id,
        sha256=document.sha256,
        first_page=first,
        last_page=last,
        state="reading",
        stage="understand",
        since=moment,
        received_at=document.received_at,
        due_at=moment,
        reasons=[],
    )
    session.add(sibling)
    session.flush()
    return sibling


def before(session: Session, document: Document, limit: int) -> list[Document]:
    """The documents just before this one in the same file, nearest first."""
    return list(
        session.scalars(
            select(Document)
            .where(
                Document.arrival_id == document.arrival_id,
                Document.first_page < document.first_page,
            )
            .order_by(Document.first_page.desc())
            .limit(limit)
        )
    )


# --- pages ------------------------------------------------------------------------------------


def add_pages(session: Session, sha256: str, count: int) -> list[int]:
    """Make the pages of an original known; gives the numbers still to be read."""
    there = set(session.scalars(select(Page.number).where(Page.sha256 == sha256)))
    missing = [n for n in range(1, count + 1) if n not in there]
    if missing:
        moment = now()
        rows = [
            {
                "sha256": sha256,
                "number": n,
                "state": "waiting",
                "attempts": 0,
                "due_at": moment,
                "worker": "",
                "last_error": "",
            }
            for n in missing
        ]
        session.execute(insert(Page), rows)
    return waiting_pages(session, sha256)


def waiting_pages(session: Session, sha256: str) -> list[int]:
    """Numbers of the pages of an original that were not read yet."""
    return list(
        session.scalars(
            select(Page.number)
            .where(Page.sha256 == sha256, Page.state == "waiting")
            .order_by(Page.number)
        )
    )


def claim_page(
    session: Session, sha256: str, number: int, worker: str, lease_seconds: float
) -> int | None:
    """Take a waiting page that nobody holds; gives the attempt's number, None when not ours."""
    moment = now()
    return session.execute(
        update(Page)
        .where(
            Page.sha256 == sha256,
            Page.number == number,
            Page.state == "waiting",
            Page.due_at <= moment,
            or_(Page.lease_until.is_(None), Page.lease_until < moment),
        )
        .values(
            worker=worker,
            attempts=Page.attempts + 1,
            lease_until=moment + timedelta(seconds=lease_seconds),
        )
        .returning(Page.attempts)
    ).scalar()


def page_read(session: Session, sha256: str, page: PageText, worker: str, seconds: float) -> None:
    """Keep a reading of a page and make it the current one; nothing when it was taken over."""
    held = _held_page(session, (sha256, page.number), worker)
    if held is None:
        return
    reading = Reading(
        sha256=sha256,
        number=page.number,
        engine=page.engine,
        version=page.version,
        at=now(),
        seconds=seconds,
        packed=page.pack(),
    )
    session.add(reading)
    session.flush()
    held.state, held.reading_id, held.last_error = "read", reading.id, ""
    held.lease_until = held.due_at = None


def page_given_up(session: Session, page: PageKey, worker: str, error: str) -> None:
    """Mark a held page as one that no reader could take; a person will see why."""
    held = _held_page(session, page, worker)
    if held is not None:
        held.state, held.last_error = "unread", error
        held.lease_until = held.due_at = None


def other_pages(session: Session, page: PageKey, error: str) -> tuple[int, int]:
    """Of the other pages of an original: how many failed for this reason, how many were read."""
    query = select(
        func.count().filter(Page.last_error == error), func.count().filter(Page.state == "read")
    ).where(Page.sha256 == page[0], Page.number != page[1])
    failed, read = session.execute(query).one()
    return failed, read


def page_put_off(
    session: Session, page: PageKey, worker: str, seconds: float, *, counted: bool, error: str
) -> None:
    """Let go of a held page and make it due again after `seconds`; its document shows why."""
    held = _held_page(session, page, worker)
    if held is None:
        return
    held.lease_until, held.last_error = None, error
    held.due_at = now() + timedelta(seconds=seconds)
    if not counted:
        held.attempts = max(0, held.attempts - 1)
    session.execute(
        update(Document)
        .where(Document.sha256 == page[0], Document.stage == "read")
        .values(last_error=error)
    )


def _held_page(session: Session, page: PageKey, worker: str) -> Page | None:
    """The page if this worker still holds it: the compare of compare-and-set."""
    return session.scalar(
        select(Page)
        .where(
            Page.sha256 == page[0],
            Page.number == page[1],
            Page.worker == worker,
            Page.state == "waiting",
            Page.lease_until.is_not(None),
        )
        .with_for_update()
    )


def pages_complete(session: Session, sha256: str) -> Document | None:
    """The document waiting for these pages, when the last of them is done; moves it on.

    The document row is locked before counting, so of two workers that finish
    the last two pages exactly one sends it on.
    """
    document = session.scalar(
        select(Document)
        .where(Document.sha256 == sha256, Document.stage == "read", Document.due_at.is_(None))
        .with_for_update()
    )
    if document is None or waiting_pages(session, sha256):
        return None
    document.stage, document.due_at, document.attempts = "split", now(), 0
    return document


def due_pages(session: Session, limit: int) -> list[tuple[str, int]]:
    """Pages that should be read but that nobody holds: (sha256, number)."""
    moment = now()
    rows = session.execute(
        select(Page.sha256, Page.number)
        .where(
            Page.state == "waiting",
            Page.due_at <= moment,
            or_(Page.lease_until.is_(None), Page.lease_until < moment),
        )
        .order_by(Page.due_at, Page.number)
        .limit(limit)
    )
    return [(sha256, number) for sha256, number in rows]


def stuck_reading(session: Session, limit: int) -> list[str]:
    """Originals whose pages are all done while their document still waits for them."""
    open_page = (
        select(Page.number).where(Page.sha256 == Document.sha256, Page.state == "waiting").exists()
    )
    rows = session.scalars(
        select(Document.sha256)
        .where(
            Document.stage == "read",
            Document.due_at.is_(None),
            Document.lease_until.is_(None),
            ~open_page,
        )
        .limit(limit)
    )
    return [sha256 for sha256 in rows if sha256]


def page_states(session: Session, sha256: str) -> dict[int, Page]:
    """Every page of an original by number."""
    return {p.number: p for p in session.scalars(select(Page).where(Page.sha256 == sha256))}


def texts(session: Session, sha256: str, first: int, last: int) -> tuple[PageText, ...]:
    """The current readings of a range of pages, in order; unread pages are left out."""
    rows = session.scalars(
        select(Reading)
        .join(Page, and_(Page.sha256 == Reading.sha256, Page.reading_id == Reading.id))
        .where(Page.sha256 == sha256, Page.number.between(first, last))
        .order_by(Page.number)
    )
    return tuple(PageText.unpack(row.packed) for row in rows)


def whole_text(session: Session, sha256: str) -> str:
    """The text of every read page of an original."""
    return "\n".join(page.text for page in texts(session, sha256, 1, 2**31 - 1))


def pages_read(session: Session) -> int:
    """How many pages were read so far."""
    query = select(func.count()).select_from(Page).where(Page.state == "read")
    return session.scalar(query) or 0


# --- lists ------------------------------------------------------------------------------------


def of_arrivals(session: Session, tokens: Iterable[str]) -> Sequence[Document]:
    """The documents of these claims, in order."""
    wanted = list(tokens)
    found: list[Document] = []
    for start in range(0, len(wanted), 500):
        found += session.scalars(
            select(Document)
            .join(Arrival, Document.arrival_id == Arrival.id)
            .where(Arrival.token.in_(wanted[start : start + 500]))
            .options(joinedload(Document.arrival))
            .order_by(Document.id)
        )
    return found


def by_id(session: Session, ids: Sequence[int]) -> list[Document]:
    """These documents with their arrivals, in the order asked for; unknown ids are left out."""
    rows = session.scalars(
        select(Document).where(Document.id.in_(ids)).options(joinedload(Document.arrival))
    )
    found = {document.id: document for document in rows}
    return [found[number] for number in ids if number in found]


def known_tokens(session: Session, tokens: Sequence[str]) -> set[str]:
    """Those of the claims that are recorded."""
    known: set[str] = set()
    for start in range(0, len(tokens), 500):
        part = tokens[start : start + 500]
        known.update(session.scalars(select(Arrival.token).where(Arrival.token.in_(part))))
    return known


def listed(
    session: Session, *, state: str | None = None, since: datetime | None = None, after: int = 0
) -> Iterable[Document]:
    """Documents in order of arrival, read in chunks by key; `since` is about the last change."""
    last = after
    while True:
        query = select(Document).where(Document.id > last)
        if state:
            query = query.where(Document.state == state)
        if since:
            query = query.where(Document.since >= since)
        chunk = session.scalars(
            query.options(joinedload(Document.arrival)).order_by(Document.id).limit(500)
        ).all()
        yield from chunk
        if len(chunk) < 500:
            return
        last = chunk[-1].id


def counts(session: Session) -> dict[str, int]:
    """How many documents are in each state."""
    rows = session.execute(select(Document.state, func.count()).group_by(Document.state))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def moving(session: Session) -> int:
    """How many documents have something left to do."""
    query = select(func.count()).select_from(Document).where(Document.stage > "")
    return session.scalar(query) or 0


def settled_files(session: Session) -> int:
    """How many files, as dropped, have nothing left to do."""
    moving = select(Document.id).where(Document.arrival_id == Arrival.id, Document.stage != "")
    query = select(func.count()).select_from(Arrival).where(~moving.exists())
    return session.scalar(query) or 0


def unsettled(session: Session, tokens: Sequence[str]) -> int:
    """How many documents of these claims are still on their way."""
    total = 0
    for start in range(0, len(tokens), 500):
        total += (
            session.scalar(
                select(func.count())
                .select_from(Document)
                .join(Arrival, Document.arrival_id == Arrival.id)
                .where(
                    Arrival.token.in_(tokens[start : start + 500]),
                    Document.stage != "",
                )
            )
            or 0
        )
    return total
