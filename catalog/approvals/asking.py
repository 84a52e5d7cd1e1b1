"""Asking for approval, and taking an own request back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog import ledger, ticks
from catalog.access import Approving, Viewer
from catalog.approvals.subjects import Subject, Thing, things
from catalog.models import Approval
from catalog.stated import stated
from yihu.clock import now
from yihu.errors import NotFound, Usage

OPEN_DAYS = 14
"""A request nobody decided on lapses; it can be asked anew."""
MOST_OPEN = 20
"""Of one person: more is not asking but filling other people's lists."""


def ask(session: Session, viewer: Viewer, action: str, subject: Subject, reason: str) -> int:
    """Ask for approval; gives the number of the request, the same where it is asked already.

    Where the action has no base in the table, any number is taken alike, whether
    there is such a thing or not: asking must not tell. Raises `NotFound` for what
    this person cannot ask, `Usage` without a reason or with too many open.
    """
    approving = viewer.rights.actions[action].approving if action in viewer.rights.actions else None
    if approving is None or subject.kind not in approving.subjects or not viewer.asks(action):
        raise NotFound("这一项不能申请 / this cannot be asked for")
    thing = things(session, viewer, [subject]).get(subject)
    _must_need(session, action, subject, approving, thing)
    why = stated(reason)
    _lapse(session, viewer)
    if (present := _present(session, viewer, action, subject)) is not None:
        return present
    mine = select(func.count()).where(
        Approval.account_id == viewer.account_id, Approval.state == "open"
    )
    if (session.scalar(mine) or 0) >= MOST_OPEN:
        raise Usage(f"待审批的申请最多 {MOST_OPEN} 份 / at most {MOST_OPEN} requests may be open")
    return _add(session, viewer, action, subject, why, thing)


def _must_need(
    session: Session,
    action: str,
    subject: Subject,
    approving: Approving,
    thing: Thing | None,
) -> None:
    if thing is not None and thing.sight.may(action):
        raise Usage("您已可以这样做，无需申请 / you may do this already")
    if not approving.base:
        return
    if thing is None or not thing.sight.can_ask(action):
        raise NotFound("没有这样的对象 / there is no such subject")
    if subject.kind == "tick" and not ticks.live_papers(session, subject.number, subject.type):
        raise NotFound("没有这样的纸质勾 / there is no such paper tick")


def _lapse(session: Session, viewer: Viewer) -> None:
    """Close own requests whose time is over, so that they can be asked anew."""
    session.execute(
        update(Approval)
        .where(
            Approval.account_id == viewer.account_id,
            Approval.state == "open",
            Approval.until <= now(),
        )
        .values(state="expired", closed_at=Approval.until)
        .execution_options(synchronize_session=False)
    )


def _present(session: Session, viewer: Viewer, action: str, subject: Subject) -> int | None:
    return session.scalar(
        select(Approval.id).where(
            Approval.account_id == viewer.account_id,
            Approval.action == action,
            Approval.subject_kind == subject.kind,
            Approval.subject_id == subject.number,
            Approval.subject_type == subject.type,
            Approval.state == "open",
        )
    )


def _add(
    session: Session,
    viewer: Viewer,
    action: str,
    subject: Subject,
    reason: str,
    thing: Thing | None,
) -> int:
    row = Approval(
        account_id=viewer.account_id,
        action=action,
        subject_kind=subject.kind,
        subject_id=subject.number,
        subject_type=subject.type,
        household_id=thing.household_id if thing is not None else None,
        reason=reason,
        state="open",
        asked_at=now(),
        until=now() + timedelta(days=OPEN_DAYS),
        answer="",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # asked twice at the same moment: the other one counts
        present = _present(session, viewer, action, subject)
        if present is None:
            raise
        return present
    told = {"approval": row.id, "of": action, "why": ledger.digest(reason)}
    if subject.type:
        told["type"] = subject.type
    ledger.append(session, "approval_asked", subject.in_ledger, told, viewer.actor)
    return row.id


def withdraw(session: Session, viewer: Viewer, number: int) -> None:
    """Take back an own request, or give up what was granted; `NotFound` for anybody else's."""
    row = session.get(Approval, number)
    if row is None or row.account_id != viewer.account_id:
        raise NotFound("没有这份申请 / there is no such request")
    closed = session.scalar(
        update(Approval)
        .where(Approval.id == number, Approval.state.in_(("open", "granted")))
        .values(state="withdrawn", closed_at=now())
        .returning(Approval.id)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise Usage("这份申请已了结 / this request is closed already")
    told = {"approval": number, "of": row.action}
    ledger.append(session, "approval_withdrawn", Subject.of(row).in_ledger, told, viewer.actor)
