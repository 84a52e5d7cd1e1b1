"""What of one document, or one household, this person may see: asked everywhere, decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog import ledger
from catalog.access.grants import Grant, subject_text
from catalog.access.masking import Covers
from catalog.access.viewer import Viewer
from catalog.households import key_of
from catalog.models import Document, Event, Household, Room, Unmasking
from catalog.stated import stated
from yihu.clock import now
from yihu.errors import NotFound
from yihu.household import RoomKey

UNMASK_MINUTES = 15
_MOST_JOINS = 50
_NOWHERE = RoomKey("", "", "", "", "")
LOOK_MINUTES = 10
"""Looks of one person at one document within so long are one event."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person may see of one thing at one place."""

    viewer: Viewer
    place: RoomKey | None
    own: bool = False
    vip: bool = False
    former: bool = False
    unmasked: bool = False
    """A reason was given for this very document, and its time is not over."""
    subjects: frozenset[str] = frozenset()
    """What approvals for this thing are for: itself, and the household it stands under."""
    repeats: bool = False
    """A duplicate, or a part joined to another document: its content shows there, never here."""

    def may(self, action: str) -> bool:
        """Whether this person may do this with this thing."""
        if self.former and not self._holds("household.former"):
            return False
        return self._holds(action)

    def _holds(self, action: str) -> bool:
        return self.outright(action) or bool(self.approvals(action))

    def outright(self, action: str) -> bool:
        """Whether the table itself gives the right here, without an approval."""
        return self.viewer.reach(action).holds(self.place, own=self.own)

    def approvals(self, action: str) -> tuple[Grant, ...]:
        """The approvals of this action that hold for this very thing."""
        found = self.viewer.granted(action)
        if not found or not self.viewer.within(self.place):
            return ()
        return tuple(grant for grant in found if grant.subject in self.subjects)

    def on(self, subject: str) -> Sight:
        """The same sight of one part of the thing, as one of a household's paper ticks."""
        return replace(self, subjects=self.subjects | {subject})

    def can_ask(self, action: str) -> bool:
        """Whether approval would give this person something here they do not have."""
        approving = self.viewer.rights.actions[action].approving
        if approving is None or not self.viewer.asks(action) or not self.viewer.within(self.place):
            return False
        if self.repeats or self._holds(action):
            return False
        return not approving.base or self.may(approving.base)

    @property
    def page(self) -> bool:
        """Page images and text, now."""
        if self.repeats:
            return False
        reach = self.viewer.reach("document.page")
        return self.may("document.page") and (self.unmasked or not reach.with_reason)

    @property
    def asks_reason(self) -> bool:
        """Pages are to be had after a reason is given."""
        return self.may("document.page") and not self.page and not self.repeats

    @property
    def phones(self) -> bool:
        """Phone numbers in clear. An important household's only with that right (P2-4.5.1.2b)."""
        if self.vip and not self.may("household.vip_phone"):
            return False
        return self.may("household.phone") or self._uncovered

    @property
    def id_nos(self) -> bool:
        """ID numbers in clear."""
        return self.may("household.id_no") or self._uncovered

    @property
    def _uncovered(self) -> bool:
        return self.unmasked and self.may("document.unmask")

    @property
    def covers(self) -> Covers:
        """What is covered for this person."""
        return Covers(phones=not self.phones, id_nos=not self.id_nos)

    @property
    def hands_out(self) -> bool:
        """Whether the bytes may be given out: nothing is covered, or this very copy was approved.

        The approval of a copy (P2-4.5.1.5d) is for the paper as it is, numbers and
        all; an important household's mobile needs the right of its own even then.
        """
        if self.covers.none:
            return True
        copied = bool(self.approvals("document.original"))
        return copied and (not self.vip or self.may("household.vip_phone"))

    @property
    def can_uncover(self) -> bool:
        """Whether giving a reason would show more."""
        if self.repeats or self.unmasked:
            return False
        return self.may("document.unmask") and not self.covers.none

    @property
    def relied_on(self) -> list[int]:
        """The approvals that open something of this thing, for the event of a look."""
        return sorted(
            grant.id
            for action in {grant.action for grant in self.viewer.grants}
            for grant in self.approvals(action)
        )

    @property
    def original_known(self) -> bool:
        """Whether the document that a duplicate repeats may be named; who dropped it is not enough.

        Else dropping a file would tell whether the house has it.
        """
        return replace(self, own=False).may("document.list")


def document_sights(
    session: Session, viewer: Viewer, documents: Sequence[Document]
) -> dict[int, Sight]:
    """The sight of each document by its id; the documents come with their arrival.

    A duplicate, and a part joined to another, stands where the document it
    points to stands, and shows no content of its own.
    """
    roots = _roots(session, documents)
    ids = {root.household_id for root in roots.values() if root and root.household_id is not None}
    homes = {
        household.id: (household, room)
        for household, room in session.execute(
            select(Household, Room)
            .join(Room, Room.id == Household.room_id)
            .where(Household.id.in_(ids))
        )
    }
    open_now = unmasked_now(session, viewer, [d.id for d in documents])
    found = {}
    for document in documents:
        root = roots[document.id]
        household, room = homes.get((root and root.household_id) or 0, (None, None))
        place = key_of(room) if room is not None else None
        found[document.id] = Sight(
            viewer,
            place if root else _NOWHERE,
            own=document.arrival.dropped_by == viewer.actor,
            vip=household.vip if household else root is None,
            former=household.closed_at is not None if household else root is None,
            unmasked=document.id in open_now,
            subjects=_subjects(document),
            repeats=document.state == "duplicate",
        )
    return found


def _subjects(document: Document) -> frozenset[str]:
    """What approvals may be for; a duplicate has none: its content shows at what it repeats."""
    if document.state == "duplicate":
        return frozenset()
    found = {subject_text("document", document.id)}
    if document.household_id is not None:
        found.add(subject_text("household", document.household_id))
    return frozenset(found)


def _roots(session: Session, documents: Sequence[Document]) -> dict[int, Document | None]:
    """The document whose place counts for each: itself, or what it was found to repeat or joined.

    None where that cannot be found: then the strictest holds.
    """
    roots: dict[int, Document | None] = {d.id: d for d in documents}
    for _ in range(_MOST_JOINS):
        pending = {n: d for n, d in roots.items() if d is not None and d.state == "duplicate"}
        if not pending:
            return roots
        wanted = {d.duplicate_of for d in pending.values() if d.duplicate_of is not None}
        rows = session.scalars(select(Document).where(Document.id.in_(wanted)))
        known = {row.id: row for row in rows}
        roots |= {n: known.get(d.duplicate_of or 0) for n, d in pending.items()}
    return {n: d if d and d.state != "duplicate" else None for n, d in roots.items()}


def document_with_sight(
    session: Session, viewer: Viewer, document_id: int, action: str
) -> tuple[Document, Sight]:
    """A document and what may be seen of it; `NotFound` alike for none and for not theirs."""
    document = session.scalar(
        select(Document).where(Document.id == document_id).options(joinedload(Document.arrival))
    )
    if document is None:
        raise NotFound(f"no document {document_id}")
    sight = document_sights(session, viewer, [document])[document.id]
    if not sight.may(action):
        raise NotFound(f"no document {document_id}")
    return document, sight


def household_with_sight(
    session: Session, viewer: Viewer, household_id: int, action: str, tick: str = ""
) -> tuple[Household, Room, Sight]:
    """A household, its room and what may be seen; `NotFound` alike for none and for not theirs.

    `tick` is the type whose paper tick it is about.
    """
    row = session.execute(
        select(Household, Room)
        .join(Room, Room.id == Household.room_id)
        .where(Household.id == household_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no household {household_id}")
    household, room = row
    sight = household_sight(viewer, household, room)
    if tick:
        sight = sight.on(subject_text("tick", household_id, tick))
    if not sight.may(action):
        raise NotFound(f"no household {household_id}")
    return household, room, sight


def household_sight(viewer: Viewer, household: Household, room: Room) -> Sight:
    """What a viewer may see of a household."""
    return Sight(
        viewer,
        key_of(room),
        vip=household.vip,
        former=household.closed_at is not None,
        subjects=frozenset({subject_text("household", household.id)}),
    )


def unmasked_now(session: Session, viewer: Viewer, ids: Sequence[int]) -> set[int]:
    """Those of the documents that are open to the viewer just now."""
    if not ids:
        return set()
    return set(
        session.scalars(
            select(Unmasking.document_id).where(
                Unmasking.account_id == viewer.account_id,
                Unmasking.document_id.in_(ids),
                Unmasking.until > now(),
            )
        )
    )


def unmask(session: Session, viewer: Viewer, document_id: int, reason: str) -> datetime:
    """Open one document to the viewer for a while; the reason is kept, the event names its digest.

    Raises `Usage` without a reason and `NotFound` where the viewer may not.
    """
    document, _ = document_with_sight(session, viewer, document_id, "document.unmask")
    why = stated(reason)
    until = now() + timedelta(minutes=UNMASK_MINUTES)
    session.add(
        Unmasking(
            account_id=viewer.account_id,
            document_id=document.id,
            reason=why,
            at=now(),
            until=until,
        )
    )
    data = {"why": ledger.digest(why), "minutes": UNMASK_MINUTES}
    ledger.append(session, "unmasked", f"document:{document.id}", data, viewer.actor)
    return until


# --- what is logged (domain 5.5) ----------------------------------------------------------------


def looked_lately(session: Session, viewer: Viewer, subject: str, kind: str) -> bool:
    """Whether an event tells of this look already."""
    sort, _, number = subject.partition(":")
    last = session.scalars(
        select(Event)
        .where(Event.subject_kind == sort, Event.subject_id == number, Event.action == "looked")
        .order_by(Event.seq.desc())
        .limit(20)
    )
    young = now() - timedelta(minutes=LOOK_MINUTES)
    mark = f'"what":"{kind}"'
    return any(e.actor == viewer.actor and e.at > young and mark in e.data for e in last)


def log_look(session: Session, viewer: Viewer, subject: str, kind: str, sight: Sight) -> None:
    """Append the event of a look: who, in what capacity, at what, with what in clear."""
    data = {
        "what": kind,
        "as": sorted(viewer.roles),
        "clear": [name for name in ("phones", "id_nos") if getattr(sight, name)],
        "with_reason": sight.unmasked,
    } | ({"approvals": sight.relied_on} if sight.relied_on else {})
    ledger.append(session, "looked", subject, data, viewer.actor)


def log_refusal(session: Session, viewer: Viewer, subject: str, action: str) -> None:
    """Append the event of a try that was refused."""
    data = {"action": action, "as": sorted(viewer.roles)}
    ledger.append(session, "refused", subject, data, viewer.actor or "nobody")
