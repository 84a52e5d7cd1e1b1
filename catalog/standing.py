"""How the work and the archive stand, for whoever runs the system: counts and ages, no contents.

Nothing here asks who is looking, because nothing tells of a household or a
document. What changes by the minute (`work`) costs as much as what is under
way, never as much as the archive: it reads ranges of indexes. How large the
archive is (`archive`) takes a walk along an index, so callers keep it for a
while.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from catalog import chores, documents, originals, verifications
from catalog.models import Document, Page, Reading, Verification
from yihu.clock import now
from yihu.urgency import Urgency

WAITING = ("received", "reading", "review", "failed")
"""States in which a document waits for somebody."""
SETTLED = tuple(state for state in documents.STATES if state not in WAITING)
LATELY = timedelta(minutes=15)
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Work:
    """What is under way or waits.

    `oldest` tells per state since when the longest waiting document is in it,
    `due` per urgency since when something could be worked on that nobody holds,
    `holders` how many worker processes hold something, `pages` how many pages
    were read in the last quarter of an hour, `failures` the first reasons of
    what failed or was rejected in the last 24 hours.
    """

    states: dict[str, int]
    oldest: dict[str, datetime]
    due: dict[Urgency, datetime]
    holders: int
    chores: int
    pages: int
    failures: dict[str, int]
    bad_originals: int
    oldest_look: datetime | None
    verified: Verification | None


@dataclass(frozen=True, slots=True)
class Archive:
    """How much has come to rest: documents by state, originals, and the database's bytes."""

    states: dict[str, int]
    originals: int
    database_bytes: int


def work(session: Session) -> Work:
    """How the work stands now."""
    moment = now()
    rows = session.execute(
        select(Document.state, func.count(), func.min(Document.since))
        .where(Document.state.in_(WAITING))
        .group_by(Document.state)
    ).all()
    counts = {state: number for state, number, _ in rows}
    return Work(
        states={state: counts.get(state, 0) for state in WAITING},
        oldest={state: since for state, _, since in rows},
        due=_due(session, moment),
        holders=len({name.rpartition(":")[0] for name in documents.holders(session)}),
        chores=chores.count_waiting(session),
        pages=_pages_since(session, moment - LATELY),
        failures=_failures_since(session, moment - DAY),
        bad_originals=originals.bad(session),
        oldest_look=originals.oldest_look(session),
        verified=verifications.last(session),
    )


def archive(session: Session) -> Archive:
    """How large the archive is."""
    counts = documents.counts(session)
    states = {state: counts[state] for state in SETTLED}
    return Archive(states, originals.count(session), _database_bytes(session))


def _database_bytes(session: Session) -> int:
    """What the database takes on its disk, without its log of changes."""
    if session.connection().dialect.name == "postgresql":
        query = "SELECT pg_database_size(current_database())"
    else:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return int(session.execute(text(query)).scalar_one())


def _due(session: Session, moment: datetime) -> dict[Urgency, datetime]:
    """Since when the longest due document or page of each urgency could be worked on."""
    free = or_(Document.lease_until.is_(None), Document.lease_until < moment)
    rows = session.execute(
        select(Document.urgency, func.min(Document.due_at))
        .where(Document.stage > "", Document.due_at <= moment, free)
        .group_by(Document.urgency)
    )
    found = {Urgency(urgency): due for urgency, due in rows if due is not None}
    for urgency in Urgency:
        due = session.scalar(
            select(Page.due_at)
            .where(
                Page.state == "waiting",
                Page.urgency == urgency,
                Page.due_at <= moment,
                or_(Page.lease_until.is_(None), Page.lease_until < moment),
            )
            .order_by(Page.due_at)
            .limit(1)
        )
        if due is not None:
            found[urgency] = min(due, found.get(urgency, due))
    return found


def _pages_since(session: Session, moment: datetime) -> int:
    query = select(func.count()).select_from(Reading).where(Reading.at >= moment)
    return session.scalar(query) or 0


def _failures_since(session: Session, moment: datetime) -> dict[str, int]:
    query = select(Document.reasons).where(
        Document.state.in_(("failed", "rejected")), Document.since >= moment
    )
    found = Counter(reasons[0] if reasons else "none" for reasons in session.scalars(query))
    return dict(found.most_common())
