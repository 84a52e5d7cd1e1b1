"""Requests as lists show them: to whoever decides, to whoever asked, and on the page itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.access import Covers, Sight, Viewer, documents_for, mask
from catalog.approvals.deciding import asker_of, may_decide, reason_shown
from catalog.approvals.subjects import Subject, Thing, things
from catalog.models import Account, Approval, Document
from yihu.clock import iso, now
from yihu.household import RoomKey

MOST_WAITING, MOST_SHOWN, MOST_OPENED = 2000, 50, 50


@dataclass(frozen=True, slots=True)
class Line:
    """A request as one viewer may read it; what they may not know of its subject is None or ""."""

    id: int
    action: str
    subject: Subject
    state: str
    reason: str
    asked_at: datetime
    until: datetime
    by: str
    roles: tuple[str, ...]
    decided_by: str
    decided_at: datetime | None
    answer: str
    uses_left: int | None
    place: RoomKey | None = None
    owner: str = ""
    type: str = ""
    vip: bool = False
    former: bool = False
    opens: tuple[tuple[int, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The line of the API and of `yihu approval list`."""
        return {
            "approval": self.id,
            "action": self.action,
            "subject": str(self.subject),
            "state": self.state,
            "reason": self.reason,
            "asked_by": self.by,
            "roles": list(self.roles),
            "asked_at": iso(self.asked_at),
            "until": iso(self.until),
            "uses_left": self.uses_left,
            "decided_by": self.decided_by or None,
            "answer": self.answer or None,
            "household": self.place.as_dict() if self.place else None,
            "owner": self.owner or None,
            "type": self.type or None,
            "opens": [number for number, _ in self.opens],
        }


def waiting(session: Session, viewer: Viewer) -> list[Line]:
    """The open requests that are this person's to decide, oldest first."""
    if not viewer.may("approval.decide"):
        return []
    actions = [
        code
        for code, action in viewer.rights.actions.items()
        if action.approving is not None and viewer.reach(code).anything
    ]
    rows = session.scalars(
        select(Approval)
        .where(
            Approval.state == "open",
            Approval.until > now(),
            Approval.action.in_(actions),
            Approval.account_id != viewer.account_id,
        )
        .order_by(Approval.id)
        .limit(MOST_WAITING)
    ).all()
    if not rows:
        return []
    known = things(session, viewer, {Subject.of(row) for row in rows})
    askers = {number: asker_of(session, number) for number in {row.account_id for row in rows}}
    found = []
    for row in rows:
        asker, thing = askers[row.account_id], known.get(Subject.of(row))
        if asker and thing and may_decide(viewer, row, asker, thing):
            found.append(_line(row, row.state, asker, "", thing, reason_shown(row, thing)))
    return found


def mine(session: Session, viewer: Viewer) -> list[Line]:
    """This person's own requests, newest first, with what an approved household opens."""
    rows = session.scalars(
        select(Approval)
        .where(Approval.account_id == viewer.account_id)
        .order_by(Approval.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    return _told(session, viewer, rows, {viewer.account_id: viewer})


def decided(session: Session, viewer: Viewer) -> list[Line]:
    """What this person decided lately, newest first."""
    rows = session.scalars(
        select(Approval)
        .where(Approval.decided_by == viewer.account_id)
        .order_by(Approval.decided_at.desc(), Approval.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    accounts = {row.account_id for row in rows}
    return _told(session, viewer, rows, {n: asker_of(session, n) for n in accounts})


def _told(
    session: Session, viewer: Viewer, rows: Sequence[Approval], askers: dict[int, Viewer | None]
) -> list[Line]:
    known = things(session, viewer, {Subject.of(row) for row in rows})
    accounts = {row.decided_by for row in rows} | {row.account_id for row in rows}
    rows_of = session.execute(select(Account.id, Account.name).where(Account.id.in_(accounts)))
    names = {number: name for number, name in rows_of}  # noqa: C416
    found = []
    for row in rows:
        thing, asker = known.get(Subject.of(row)), askers.get(row.account_id)
        covers = thing.sight.covers if thing else Covers()
        reason = row.reason if row.account_id == viewer.account_id else mask(row.reason, covers)
        live = None if asker is None else {grant.id for grant in asker.grants}
        line = _line(
            row,
            _state(row, live),
            asker,
            names.get(row.account_id, ""),
            thing if thing and _known(thing, row) else None,
            reason,
            decided_by=names.get(row.decided_by or 0, ""),
            answer=mask(row.answer, covers),
            opens=_opens(session, viewer, row),
        )
        found.append(line)
    return found


def _known(thing: Thing, row: Approval) -> bool:
    """Whether the viewer may know what and whose it is; having asked for it is not enough."""
    if thing.household_id != row.household_id:
        return False
    seen = "document.list" if thing.document is not None else "household.name"
    return thing.sight.may(seen) or thing.sight.may("document.page")


def _state(row: Approval, live: set[int] | None) -> str:
    """The state at this moment: time, and where the subject stands, change it by themselves."""
    if row.state in ("open", "granted") and row.until <= now():
        return "expired"
    if row.state == "granted" and (live is None or row.id not in live):
        return "ended"
    return row.state


def _line(
    row: Approval,
    state: str,
    asker: Viewer | None,
    name: str,
    thing: Thing | None,
    reason: str,
    *,
    decided_by: str = "",
    answer: str = "",
    opens: tuple[tuple[int, str], ...] = (),
) -> Line:
    named = thing is not None and thing.sight.may("household.name")
    type_code = (thing.document.type or "") if thing and thing.document else row.subject_type
    return Line(
        id=row.id,
        action=row.action,
        subject=Subject.of(row),
        state=state,
        reason=reason,
        asked_at=row.asked_at,
        until=row.until,
        by=(asker.display or asker.name) if asker else name,
        roles=asker.roles if asker else (),
        decided_by=decided_by,
        decided_at=row.decided_at,
        answer=answer,
        uses_left=row.uses_left,
        place=thing.sight.place if thing and named else None,
        owner=thing.household.owner if thing and thing.household and named else "",
        type=type_code,
        vip=bool(thing and thing.household and thing.sight.vip),
        former=bool(thing and thing.sight.former),
        opens=opens,
    )


def _opens(session: Session, viewer: Viewer, row: Approval) -> tuple[tuple[int, str], ...]:
    """The documents an approved household opens to its asker, who may have no list to find them."""
    theirs = row.account_id == viewer.account_id and row.subject_kind == "household"
    if not theirs or row.id not in {grant.id for grant in viewer.grants}:
        return ()
    rows = session.execute(
        select(Document.id, Document.type)
        .where(
            Document.household_id == row.subject_id,
            Document.state.in_(("filed", "review")),
            documents_for(viewer, "document.page"),
        )
        .order_by(Document.id)
        .limit(MOST_OPENED)
    )
    return tuple((number, code or "") for number, code in rows)


# --- on the page where something was refused ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be asked on a page, or how the asking stands: "ask", "open" or "granted"."""

    action: str
    subject: str
    state: str
    until: datetime | None = None
    once: bool = False


def offers(
    session: Session, sight: Sight, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Offer]:
    """For each action and subject: what can be asked of it, or what was; nothing where neither."""
    viewer, found = sight.viewer, {}
    asked = {
        (row.action, str(Subject.of(row))): row.until
        for row in session.scalars(
            select(Approval).where(
                Approval.account_id == viewer.account_id,
                Approval.state == "open",
                Approval.until > now(),
            )
        )
    }
    for action, subject in wanted:
        this = sight.on(subject)
        if this.outright(action):
            continue
        if (action, subject) in asked:
            found[action, subject] = Offer(action, subject, "open", asked[action, subject])
        elif held := [one for one in this.approvals(action) if one.subject == subject]:
            once = held[0].uses_left is not None
            found[action, subject] = Offer(action, subject, "granted", held[0].until, once)
        elif viewer.may("approval.ask") and this.can_ask(action):
            found[action, subject] = Offer(action, subject, "ask")
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """What the navigation shows: whether the room is there, and how many wait for a decision."""

    room: bool
    waiting: int


def standing(session: Session, viewer: Viewer) -> Standing:
    """Whether this person has anything to do with approvals, and what waits for them."""
    if not viewer.may("approval.see"):
        return Standing(room=False, waiting=0)
    if viewer.may("approval.decide"):
        return Standing(room=True, waiting=len(waiting(session, viewer)))
    own = select(Approval.id).where(Approval.account_id == viewer.account_id).limit(1)
    return Standing(room=session.scalar(own) is not None, waiting=0)
