"""Approvals that hold now: one person, one action, one subject, for a time.

What holds is asked of the database for every call, and once more in the
transaction that uses one up. The role and the building are not asked here but
where a right is (`Viewer.granted`, `Sight.may`), so an approval can never be
wider than they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from catalog.models import Approval, Document
from yihu.clock import now


@dataclass(frozen=True, slots=True)
class Grant:
    """An approval somebody may rely on; `uses_left` None: as often as wanted."""

    id: int
    action: str
    subject: str
    until: datetime
    uses_left: int | None = None


def subject_text(kind: str, number: int, type_code: str = "") -> str:
    """A subject as one text: "document:5", "household:3", "tick:3/reno.permit"."""
    return f"{kind}:{number}/{type_code}" if type_code else f"{kind}:{number}"


def stands_as_asked() -> ColumnElement[bool]:
    """Whether a document is where it was when the approval was asked for.

    Needs `Approval` and, joined outward by its number, `Document` in the query.
    """
    there = and_(
        Document.id.is_not(None),
        Document.state != "duplicate",
        Document.household_id.is_not_distinct_from(Approval.household_id),
    )
    return or_(Approval.subject_kind != "document", there)


def live_grants(session: Session, account_id: int) -> tuple[Grant, ...]:
    """The account's approvals that hold at this moment."""
    rows = session.scalars(
        select(Approval)
        .outerjoin(
            Document,
            and_(Approval.subject_kind == "document", Document.id == Approval.subject_id),
        )
        .where(
            Approval.account_id == account_id,
            Approval.state == "granted",
            Approval.until > now(),
            stands_as_asked(),
        )
        .order_by(Approval.id)
    )
    return tuple(
        Grant(
            row.id,
            row.action,
            subject_text(row.subject_kind, row.subject_id, row.subject_type),
            row.until,
            row.uses_left,
        )
        for row in rows
    )


def end_approvals(session: Session, account_id: int, keep: Iterable[str] = ()) -> list[int]:
    """End the account's requests and approvals for good, but those of the actions to keep.

    Gives the ids of what ended.
    """
    rows = session.scalars(
        select(Approval).where(
            Approval.account_id == account_id,
            Approval.state.in_(("open", "granted")),
            Approval.action.not_in(tuple(keep)),
        )
    ).all()
    ended = [row.id for row in rows]
    session.execute(
        update(Approval)
        .where(Approval.id.in_(ended), Approval.state.in_(("open", "granted")))
        .values(state="ended", closed_at=now())
        .execution_options(synchronize_session="fetch")
    )
    return ended
