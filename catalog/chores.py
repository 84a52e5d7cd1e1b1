"""Background work: asking for it, claiming it, and what came of it.

Claimed like a document, by one conditional update that counts the attempt and
sets the lease; a chore that takes its worker down is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from catalog.models import Chore
from yihu.clock import now


def ask(
    session: Session,
    kind: str,
    subject: str,
    sha256: str,
    *,
    detail: dict[str, Any] | None = None,
    by: str = "",
    moment: datetime | None = None,
) -> int:
    """Ask for a chore; one that waits already is asked for anew with this detail. Gives its id."""
    moment = moment or now()
    waiting = session.scalar(
        select(Chore)
        .where(Chore.kind == kind, Chore.subject == subject, Chore.state == "waiting")
        .with_for_update()
    )
    if waiting is None:
        waiting = Chore(kind=kind, subject=subject, sha256=sha256, due_at=moment)
        session.add(waiting)
    waiting.detail, waiting.asked_by, waiting.asked_at = detail or {}, by, moment
    session.flush()
    return waiting.id


def claim(session: Session, chore_id: int, worker: str, lease_seconds: float) -> Chore | None:
    """Take a waiting chore that nobody holds; None when it is not ours."""
    moment = now()
    taken = session.execute(
        update(Chore)
        .where(
            Chore.id == chore_id,
            Chore.state == "waiting",
            Chore.due_at <= moment,
            or_(Chore.lease_until.is_(None), Chore.lease_until < moment),
        )
        .values(
            worker=worker,
            attempts=Chore.attempts + 1,
            lease_until=moment + timedelta(seconds=lease_seconds),
        )
        .returning(Chore.id)
    ).scalar()
    return session.get(Chore, chore_id, populate_existing=True) if taken is not None else None


def hold(session: Session, chore_id: int, worker: str) -> Chore | None:
    """The chore if this worker still holds it."""
    return session.scalar(
        select(Chore)
        .where(
            Chore.id == chore_id,
            Chore.worker == worker,
            Chore.state == "waiting",
            Chore.lease_until.is_not(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def finish(chore: Chore, outcome: dict[str, Any], error: str = "") -> None:
    """Write down what came of a held chore; an `error` makes it failed."""
    chore.state = "failed" if error else "done"
    chore.outcome, chore.last_error, chore.done_at = outcome, error, now()
    chore.due_at = chore.lease_until = None


def put_off(chore: Chore, seconds: float, error: str, *, counted: bool) -> None:
    """Let go of a held chore and make it due again after `seconds`."""
    chore.lease_until, chore.last_error = None, error
    chore.due_at = now() + timedelta(seconds=seconds)
    if not counted:
        chore.attempts = max(0, chore.attempts - 1)


def due(session: Session, limit: int) -> list[int]:
    """Chores that should be done but that nobody holds, longest due first."""
    moment = now()
    query = (
        select(Chore.id)
        .where(
            Chore.state == "waiting",
            Chore.due_at <= moment,
            or_(Chore.lease_until.is_(None), Chore.lease_until < moment),
        )
        .order_by(Chore.due_at, Chore.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def is_waiting(session: Session, kind: str, subject: str) -> bool:
    """Whether such a chore waits or is being done."""
    where = (Chore.kind == kind, Chore.subject == subject, Chore.state == "waiting")
    return session.scalar(select(Chore.id).where(*where)) is not None


def last_done(session: Session, kind: str) -> Chore | None:
    """The newest chore of a kind that was done."""
    done = select(Chore).where(Chore.kind == kind, Chore.state == "done")
    return session.scalar(done.order_by(Chore.id.desc()).limit(1))


def forget_done(session: Session, kind: str) -> None:
    """Remove what was done of a kind of which only the newest means anything."""
    session.execute(delete(Chore).where(Chore.kind == kind, Chore.state == "done"))


def waiting(session: Session, ids: Sequence[int]) -> int:
    """How many of these are not done yet."""
    return sum(
        session.scalar(
            select(func.count())
            .select_from(Chore)
            .where(Chore.id.in_(ids[start : start + 500]), Chore.state == "waiting")
        )
        or 0
        for start in range(0, len(ids), 500)
    )


def count_waiting(session: Session) -> int:
    """How many chores wait, of all."""
    query = select(func.count()).select_from(Chore).where(Chore.state == "waiting")
    return session.scalar(query) or 0


def waiting_for(session: Session, kind: str, sha256: str) -> int:
    """How many chores of a kind wait for an original."""
    query = select(func.count()).select_from(Chore)
    where = (Chore.sha256 == sha256, Chore.kind == kind, Chore.state == "waiting")
    return session.scalar(query.where(*where)) or 0


def asked_of(session: Session, kind: str, sha256: str, limit: int = 50) -> Sequence[Chore]:
    """What was asked for about an original, newest first."""
    query = select(Chore).where(Chore.kind == kind, Chore.sha256 == sha256)
    return session.scalars(query.order_by(Chore.id.desc()).limit(limit)).all()


def asked_together(session: Session, chore: Chore) -> list[Chore]:
    """The chores of the same kind and original that were asked for at the same moment."""
    query = select(Chore).where(
        Chore.sha256 == chore.sha256, Chore.kind == chore.kind, Chore.asked_at == chore.asked_at
    )
    return list(session.scalars(query.order_by(Chore.id)))


def by_id(session: Session, ids: Sequence[int]) -> list[Chore]:
    """These chores, in order."""
    found: list[Chore] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        found += session.scalars(select(Chore).where(Chore.id.in_(part)).order_by(Chore.id))
    return found
