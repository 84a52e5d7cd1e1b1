"""Arrivals, documents and pages: recording, claiming, moving on.

The claims here are single conditional updates that also count the attempt and
set the lease, so two workers never hold one document (measured 3.1), and a
document that kills its worker is given up after a bounded number of attempts
(measured 2.3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from catalog import tallies
from catalog.models import Arrival, Chore, Document, Original, Page
from yihu.clock import now
from yihu.urgency import Urgency

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
    urgency: Urgency = Urgency.NOW


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
        urgency=dropped.urgency,
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


def claim(
    session: Session,
    document_id: int,
    worker: str,
    lease_seconds: float,
    stages: Collection[str] = (),
    *,
    within: bool = False,
) -> Document | None:
    """Take a document with work to do that nobody holds; None when there is nothing to do.

    Only at one of `stages` when `within`, else only at none of them.
    """
    moment = now()
    taken = session.execute(
        update(Document)
        .where(
            Document.id == document_id,
            Document.stage > "",
            Document.stage.in_(stages) if within else Document.stage.not_in(stages),
            or_(Document.lease_until.is_(None), Document.lease_until < moment),
            Document.due_at <= moment,
        )
        .values(
            worker=worker,
            attempts=Document.attempts + 1,
            lease_until=moment + timedelta(seconds=lease_seconds),
        )
        .returning(Document.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return load(session, document_id) if taken is not None else None


_WITH_ARRIVAL = (  # built once: a document asks for them at every step
    select(Document)
    .where(Document.id == bindparam("document_id"))
    .options(joinedload(Document.arrival))
    .execution_options(populate_existing=True)
)
_HELD = _WITH_ARRIVAL.where(
    Document.worker == bindparam("holder"),
    Document.stage == bindparam("at"),
    Document.lease_until.is_not(None),
).with_for_update(of=Document)


def load(session: Session, document_id: int) -> Document:
    """The document with its arrival."""
    return session.scalars(_WITH_ARRIVAL, {"document_id": document_id}).one()


def hold(session: Session, document_id: int, worker: str, stage: str) -> Document | None:
    """The document if this worker still holds it at this stage: the compare of compare-and-set."""
    return session.scalar(_HELD, {"document_id": document_id, "holder": worker, "at": stage})


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


def due(
    session: Session,
    limit: int,
    urgency: Urgency | None = None,
    stages: Collection[str] = (),
    *,
    within: bool = False,
) -> list[tuple[int, str]]:
    """Documents that should be moving but that nobody holds, and their stages; longest due first.

    Only those at one of `stages` when `within`, else only those at none of them.
    """
    moment = now()
    chosen = Document.stage.in_(stages) if within else Document.stage.not_in(stages)
    query = select(Document.id, Document.stage).where(
        chosen,
        Document.stage > "",  # a range of the index, unlike !=
        Document.due_at <= moment,
        or_(Document.lease_until.is_(None), Document.lease_until < moment),
    )
    if urgency is not None:
        query = query.where(Document.urgency == urgency)
    rows = session.execute(query.order_by(Document.due_at).limit(limit))
    return [(row.id, row.stage) for row in rows]


def release(session: Session, worker_prefix: str, *, counted: bool = False) -> int:
    """Hand back everything that workers of this name hold; gives how much that was.

    `counted` True leaves the attempt counted: the worker died with it.
    """
    moment = now()
    count = 0
    for table in (Document, Page, Chore):
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
    """Names of the workers that hold a document, a page or a chore now."""
    names: set[str] = set()
    kinds = (
        (Document, Document.stage > ""),
        (Page, Page.state == "waiting"),
        (Chore, Chore.state == "waiting"),
    )
    for table, moving in kinds:
        held = select(table.worker).where(moving, table.lease_until.is_not(None))
        names.update(session.scalars(held.distinct()))
    return names


def renew(session: Session, workers: Sequence[str], lease_seconds: float) -> None:
    """Keep what these workers hold, because they are known to be at it."""
    until = now() + timedelta(seconds=lease_seconds)
    for table in (Document, Page, Chore):
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
        urgency=document.urgency,
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


def of_pages(session: Session, sha256: str, numbers: set[int]) -> list[Document]:
    """The documents of an original that hold any of these pages."""
    query = (
        select(Document)
        .where(Document.sha256 == sha256, Document.state != "duplicate")
        .options(joinedload(Document.arrival))
        .order_by(Document.id)
    )
    return [
        document
        for document in session.scalars(query)
        if any(document.first_page <= number <= document.last_page for number in numbers)
    ]


def counts(session: Session) -> dict[str, int]:
    """How many documents are in each state."""
    found = tallies.numbers(session, tallies.STATE)
    found["duplicate"] = found.get("duplicate", 0) + found.get(tallies.MERGED, 0)
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
