"""What should have moved long ago while nothing did, and what else the tables show forgotten.

Being due for long is no sign by itself: of a mass of files most wait for hours
in their turn. Work is overdue when, besides, nothing as urgent or more urgent
was worked on since; then it is nobody's turn that it waits for. Residual risk:
one row that is passed over for ever shows only once the others pause.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from catalog.models import Arrival, Chore, Document, Original, Page, Reading
from yihu.clock import now
from yihu.urgency import Urgency

_CHUNK = 500
_SPARE = int(Urgency.SLOW) + 1  # chores come behind whatever was dropped
_ON_ITS_WAY = tuple(f"{folder}/%" for folder in ("claimed", "spool", "inbox/.yihu-taking"))
_MOVED_STATES = ("reading", "review", "filed", "duplicate", "rejected", "failed")


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something that is due and that nobody takes: "document:7", since when, how urgent."""

    subject: str
    since: datetime | None
    urgency: int
    what: str


def overdue(session: Session, before: datetime, *, chores: bool = True) -> Iterator[Overdue]:
    """Documents, pages and (on request) chores due before a moment while nothing moved since it."""
    moving = _moving(session, before)
    kinds = [
        _documents(session, before),
        _pages(session, before),
        _waiting_in_vain(session, before),
    ]
    if chores:
        kinds.append(_chores(session, before))
    for kind in kinds:
        yield from (each for each in kind if moving is None or moving > each.urgency)


def _moving(session: Session, since: datetime) -> int | None:
    """The most urgent kind of work that is in hand, or of which something was done since."""
    moment = now()
    found: list[int | None] = [
        session.scalar(
            select(func.min(Document.urgency)).where(
                Document.stage > "", Document.lease_until > moment
            )
        ),
        session.scalar(
            select(func.min(Document.urgency)).where(
                Document.state.in_(_MOVED_STATES), Document.since >= since
            )
        ),
        session.scalar(
            select(func.min(Page.urgency)).where(Page.state == "waiting", Page.lease_until > moment)
        ),
        session.scalar(
            select(func.min(Page.urgency))
            .join(Reading, (Reading.sha256 == Page.sha256) & (Reading.number == Page.number))
            .where(Reading.at >= since)
        ),
    ]
    chore = select(Chore.id).where(or_(Chore.lease_until > moment, Chore.done_at >= since))
    if session.scalar(chore.limit(1)) is not None:
        found.append(int(Urgency.LATER))  # it may hold the lane of slow ones
    return min((urgency for urgency in found if urgency is not None), default=None)


def _free(table: Any, before: datetime) -> ColumnElement[bool]:
    """Due before a moment, or never, and in nobody's hands."""
    held = or_(table.lease_until.is_(None), table.lease_until < before)
    condition: ColumnElement[bool] = or_(table.due_at.is_(None), table.due_at < before) & held
    return condition


def _documents(session: Session, before: datetime) -> Iterator[Overdue]:
    rows = session.execute(
        select(Document.id, Document.urgency, Document.due_at, Document.stage)
        .where(
            Document.stage > "",
            _free(Document, before),
            or_(Document.stage != "read", Document.due_at.is_not(None)),
        )
        .order_by(Document.id)
    )
    for number, urgency, due_at, stage in rows:
        yield Overdue(f"document:{number}", due_at, urgency, stage)


def _pages(session: Session, before: datetime) -> Iterator[Overdue]:
    rows = session.execute(
        select(Page.sha256, func.min(Page.urgency), func.min(Page.due_at), func.count())
        .where(Page.state == "waiting", _free(Page, before))
        .group_by(Page.sha256)
        .order_by(Page.sha256)
    )
    for sha256, urgency, due_at, count in rows:
        yield Overdue(sha256, due_at, urgency, f"{count} 页 pages")


def _waiting_in_vain(session: Session, before: datetime) -> Iterator[Overdue]:
    """Documents that wait for pages, of which none waits."""
    waiting = (
        select(Page.number).where(Page.sha256 == Document.sha256, Page.state == "waiting").exists()
    )
    rows = session.execute(
        select(Document.id, Document.urgency, Document.since)
        .where(
            Document.stage == "read",
            Document.due_at.is_(None),
            Document.since < before,
            ~waiting,
        )
        .order_by(Document.id)
    )
    for number, urgency, since in rows:
        yield Overdue(f"document:{number}", since, urgency, "read")


def _chores(session: Session, before: datetime) -> Iterator[Overdue]:
    rows = session.execute(
        select(Chore.id, Chore.due_at, Chore.kind)
        .where(Chore.state == "waiting", _free(Chore, before))
        .order_by(Chore.id)
    )
    for number, due_at, kind in rows:
        yield Overdue(f"chore:{number}", due_at, _SPARE, kind)


def anything_taken(session: Session, since: datetime) -> bool:
    """Whether a file was taken since."""
    newest = select(Arrival.received_at).order_by(Arrival.id.desc()).limit(1)
    moment = session.scalar(newest)
    return moment is not None and moment >= since


def settled_claims(session: Session, tokens: Collection[str], before: datetime) -> set[str]:
    """Those of the claims all of whose documents came to rest before a moment.

    Not those of a failed document, whose file waits where it is to be tried again.
    """
    busy = (
        select(Document.id)
        .where(
            Document.arrival_id == Arrival.id,
            or_(
                Document.stage != "",
                Document.state == "failed",
                Document.since >= before,
                Document.settled_at >= before,
            ),
        )
        .exists()
    )
    wanted = sorted(tokens)
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found.update(session.scalars(select(Arrival.token).where(Arrival.token.in_(part), ~busy)))
    return found


def only_copies(
    session: Session, stages: Collection[str], ids: Sequence[int] | None = None
) -> list[tuple[int, str]]:
    """Documents that need the file they were taken as, and the place recorded for it.

    Either no original of theirs was stored, or they are at one of `stages`;
    only those of `ids`, where given.
    """
    query = (
        select(Document.id, Arrival.place)
        .join(Arrival, Arrival.id == Document.arrival_id)
        .outerjoin(Original, Original.sha256 == Document.sha256)
        .where(
            or_(*(Arrival.place.like(pattern) for pattern in _ON_ITS_WAY)),
            or_(Original.stored_at.is_(None), Document.stage.in_(stages)),
        )
        .order_by(Document.id)
    )
    if ids is not None:
        query = query.where(Document.id.in_(ids))
    return [(number, place) for number, place in session.execute(query)]
