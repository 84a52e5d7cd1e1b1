"""Using an approval up, in the transaction of what it was given for."""

from __future__ import annotations

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.access import Sight
from catalog.access.grants import live_grants
from catalog.models import Approval
from yihu.clock import now
from yihu.errors import Usage


def use(session: Session, sight: Sight, action: str, subject: str) -> int | None:
    """Take one use of an approval; None where the right needs none. Gives the approval's number.

    It stands or falls with the caller's transaction: what fails uses nothing up,
    and of two at once only one goes through. `subject` is what the event is under.
    Raises `Usage` when the approval is over.
    """
    if sight.outright(action):
        return None
    live = {grant.id for grant in live_grants(session, sight.viewer.account_id)}
    for grant in sight.approvals(action):
        if grant.id not in live:
            continue
        if grant.uses_left is None:
            return grant.id
        if _taken(session, grant.id):
            told = {"approval": grant.id, "of": action}
            ledger.append(session, "approval_used", subject, told, sight.viewer.actor)
            return grant.id
    raise Usage("批准已用完或已失效 / the approval is used up or over")


def _taken(session: Session, number: int) -> bool:
    last = Approval.uses_left <= 1
    taken = session.scalar(
        update(Approval)
        .where(
            Approval.id == number,
            Approval.state == "granted",
            Approval.until > now(),
            Approval.uses_left >= 1,
        )
        .values(
            uses_left=Approval.uses_left - 1,
            state=case((last, "used"), else_=Approval.state),
            closed_at=case((last, now()), else_=Approval.closed_at),
        )
        .returning(Approval.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None
