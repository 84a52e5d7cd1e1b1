"""Granting and declining: by whoever the table names for it, never by the asker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.access import Viewer, mask
from catalog.accounts import people
from catalog.approvals.subjects import Subject, Thing, things
from catalog.models import Account, Approval
from catalog.stated import stated
from yihu.clock import iso, now
from yihu.errors import NotFound, Usage

LONGEST_ANSWER = 300


def may_decide(viewer: Viewer, row: Approval, asker: Viewer | None, thing: Thing | None) -> bool:
    """Whether this person decides on a request: asked for lists, counts and decisions alike.

    `asker` None is an account that is disabled, `thing` None something that is not
    there. The decider needs a role the table names for one of the asker's, the
    right itself, outright, at that very place, and must not be the asker.
    """
    if asker is None or thing is None or row.account_id == viewer.account_id:
        return False
    if not viewer.may("approval.decide") or thing.household_id != row.household_id:
        return False
    if not viewer.rights.deciders(asker.roles, row.action) & set(viewer.roles):
        return False
    if row.action == "household.former" and not thing.sight.former:
        return False
    theirs = replace(thing.sight, viewer=asker, own=False, unmasked=False)
    return (thing.sight.may(row.action) and thing.sight.outright(row.action)) and theirs.can_ask(
        row.action
    )


def asker_of(session: Session, account_id: int) -> Viewer | None:
    """The asker as somebody who asks; None once the account is disabled."""
    account = session.get(Account, account_id)
    if account is None or account.disabled_at is not None:
        return None
    return people.viewer_of(session, account)


def grant(session: Session, viewer: Viewer, number: int, days: int, *, how: str = "") -> None:
    """Approve a request for so many days from now. `how` tells of a command (who ran it).

    Raises `NotFound` for what is not this person's to decide, `Usage` where it is
    decided already.
    """
    row = _decidable(session, viewer, number)
    uses = viewer.rights.actions[row.action].approving
    left = uses.uses if uses is not None and uses.uses else None
    until = now() + timedelta(days=days)
    _decide(session, viewer, row, state="granted", until=until, uses_left=left)
    told = {"until": iso(until), "uses": left or 0, "as": sorted(viewer.roles)}
    _event(session, viewer, row, "approval_granted", told, how)


def decline(session: Session, viewer: Viewer, number: int, reason: str, *, how: str = "") -> None:
    """Refuse a request, with a reason for the asker."""
    row = _decidable(session, viewer, number)
    answer = stated(reason, LONGEST_ANSWER)
    _decide(session, viewer, row, state="declined", answer=answer, closed_at=now())
    told = {"why": ledger.digest(answer), "as": sorted(viewer.roles)}
    _event(session, viewer, row, "approval_declined", told, how)


def _decidable(session: Session, viewer: Viewer, number: int) -> Approval:
    row = session.scalar(select(Approval).where(Approval.id == number))
    if row is None:
        raise NotFound("没有这份申请 / there is no such request")
    subject = Subject.of(row)
    thing = things(session, viewer, [subject]).get(subject)
    if row.state != "open" or row.until <= now():
        if row.account_id == viewer.account_id or row.decided_by == viewer.account_id:
            raise Usage("这份申请已了结 / this request is closed already")
        _tell_if_seen(session, viewer, row, thing)
        raise NotFound("没有这份申请 / there is no such request")
    if not may_decide(viewer, row, asker_of(session, row.account_id), thing):
        raise NotFound("没有这份申请 / there is no such request")
    return row


def _tell_if_seen(session: Session, viewer: Viewer, row: Approval, thing: Thing | None) -> None:
    """Raise `Usage` naming who was faster, to somebody who might have decided it themselves."""
    asker = asker_of(session, row.account_id)
    if asker is None or thing is None or not thing.sight.outright(row.action):
        return
    if not viewer.rights.deciders(asker.roles, row.action) & set(viewer.roles):
        return
    by = session.get(Account, row.decided_by) if row.decided_by is not None else None
    if by is not None and thing.sight.may(row.action):
        raise Usage(f"已由 {by.name} 处理 / {by.name} has decided on it already")


def _decide(session: Session, viewer: Viewer, row: Approval, **values: Any) -> None:
    """Close the request, unless somebody was faster: one decision counts."""
    taken = session.scalar(
        update(Approval)
        .where(Approval.id == row.id, Approval.state == "open", Approval.until > now())
        .values(decided_by=viewer.account_id, decided_at=now(), **values)
        .returning(Approval.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise Usage("别人刚处理了这份申请 / somebody else has just decided on it")


def _event(
    session: Session, viewer: Viewer, row: Approval, name: str, told: dict[str, Any], how: str
) -> None:
    asker = session.get_one(Account, row.account_id)
    data = {"approval": row.id, "of": row.action, "for": asker.name} | told
    if row.subject_type:
        data["type"] = row.subject_type
    if how:
        data["command_by"] = how
    ledger.append(session, name, Subject.of(row).in_ledger, data, viewer.actor)


def reason_shown(row: Approval, thing: Thing) -> str:
    """The asker's reason as the decider may read it: it may quote a number."""
    return mask(row.reason, thing.sight.covers)
