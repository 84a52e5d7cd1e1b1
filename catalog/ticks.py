"""Tick, un-tick and waive: a fact with evidence, its event and the roll-ups in one transaction.

A digital tick needs a stored original of the very hash; a paper tick says who
saw the paper and where it lies (P1-4.3d). A scan never ticks paper: it only
creates the expectation of it, which is derived, not stored. A tick goes away
only by an event with a reason. Reasons and evidence stand in the rows; the
ledger holds their digests, so it shows tampering without personal values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from catalog import ledger, projection
from catalog.audit import audit_ticks, seal_of
from catalog.models import Document, Holding, Household, Original, Waiver
from catalog.projection import DIGITAL, PAPER
from catalog.rules import rules_of
from yihu.clock import now
from yihu.errors import Invariant, NotFound, Usage
from yihu.template import Required, Template

__all__ = [
    "audit_ticks",
    "confirm_paper",
    "expected_paper",
    "expire_waivers",
    "lift_waiver",
    "live_holding",
    "live_papers",
    "retick",
    "tick_digital",
    "untick",
    "waive",
    "withdraw_paper",
]


def tick_digital(
    session: Session,
    *,
    household_id: int,
    type: str,  # noqa: A002 - the domain's word
    document_id: int,
    sha256: str,
    evidence: Mapping[str, Any],
    actor: str,
    copies: int = 1,
    template: Template | None = None,
    told: Sequence[ledger.Entry] = (),
) -> Holding:
    """Tick a type with a stored document; the same tick again gives the same holding.

    `copies` says how many required copies the document covers; `told` are events
    that follow the tick's own in the ledger, under the same lock. Raises
    `Invariant` when no original of this hash was stored and verified, when the
    document is not of it, when the document ticks something else already, or
    when the household is closed.
    """
    household = _household(session, household_id)
    _known_type(type, template)
    present = live_holding(session, document_id)
    if present is not None:
        if (present.household_id, present.type) == (household_id, type):
            if told:
                ledger.append_many(session, told)
            return present
        raise Invariant(f"document {document_id} ticks {present.type} already")
    _stored_original(session, document_id, sha256)
    holding = Holding(
        household_id=household.id,
        category=type.partition(".")[0],
        type=type,
        medium=DIGITAL,
        document_id=document_id,
        sha256=sha256,
        copies=copies,
        evidence=dict(evidence),
        actor=actor,
    )
    return _tick(session, holding, template, told)


def untick(
    session: Session, document_id: int, reason: str, actor: str, template: Template | None = None
) -> Holding:
    """Take back the digital tick of a document; the paper, if confirmed, stays where it lies.

    Raises `NotFound` when the document ticks nothing, `Usage` without a reason.
    """
    holding = live_holding(session, document_id)
    if holding is None:
        raise NotFound(f"document {document_id} ticks nothing")
    return _untick(session, holding, reason, actor, template)


def retick(
    session: Session,
    *,
    document_id: int,
    household_id: int,
    type: str,  # noqa: A002
    evidence: Mapping[str, Any],
    reason: str,
    actor: str,
    copies: int = 1,
    template: Template | None = None,
) -> Holding:
    """Move a document's tick to another type or household: un-tick with reason, then tick.

    Its confirmed paper goes along within the household; to another household it
    does not, because it still lies in the old folder: its tick is taken back
    and the new household expects it.
    """
    old = untick(session, document_id, reason, actor, template)
    paper = live_holding(session, document_id, PAPER)
    if paper is not None:
        _untick(session, paper, reason, actor, template)
    assert old.sha256 is not None
    new = tick_digital(
        session,
        household_id=household_id,
        type=type,
        document_id=document_id,
        sha256=old.sha256,
        evidence=evidence,
        actor=actor,
        copies=copies,
        template=template,
    )
    if paper is not None and paper.household_id == household_id:
        _tick(session, _paper(new, paper.location, actor), template)
    return new


def expected_paper(
    session: Session,
    household_id: int,
    type: str | None = None,  # noqa: A002
) -> Sequence[Holding]:
    """The digital holdings whose paper nobody has confirmed yet: what to look for in the folder."""
    paper = aliased(Holding)
    confirmed = (
        select(paper.id)
        .where(
            paper.document_id == Holding.document_id,
            paper.medium == PAPER,
            paper.withdrawn_at.is_(None),
        )
        .exists()
    )
    query = select(Holding).where(
        Holding.household_id == household_id,
        Holding.withdrawn_at.is_(None),
        Holding.medium == DIGITAL,
        ~confirmed,
    )
    if type is not None:
        query = query.where(Holding.type == type)
    return session.scalars(query.order_by(Holding.type, Holding.id)).all()


def confirm_paper(
    session: Session,
    *,
    household_id: int,
    type: str | None = None,  # noqa: A002
    location: str = "",
    actor: str,
    document_id: int | None = None,
    copies: int = 1,
    template: Template | None = None,
) -> list[Holding]:
    """Confirm that paper lies in the folder; gives the paper ticks of what was confirmed.

    Without `type`, everything expected is confirmed. With `type`, the expected
    papers of it; when no scan expects any, a paper without a digital copy is
    recorded, once. What was confirmed before only changes its place, if one is
    given. `document_id` narrows to one document's paper.
    """
    household = _household(session, household_id)
    if type is not None:
        _known_type(type, template)
    expected = [
        scan
        for scan in expected_paper(session, household_id, type)
        if document_id is None or scan.document_id == document_id
    ]
    confirmed = [_tick(session, _paper(scan, location, actor), template) for scan in expected]
    if type is None or confirmed:
        return confirmed
    known = [
        paper
        for paper in live_papers(session, household_id, type)
        if document_id is None or paper.document_id == document_id
    ]
    if known:
        return [_moved(session, paper, location, actor) for paper in known]
    if document_id is not None:
        raise NotFound(f"document {document_id} does not tick {type} of household {household_id}")
    alone = Holding(
        household_id=household.id,
        category=type.partition(".")[0],
        type=type,
        medium=PAPER,
        copies=copies,
        evidence={"seen_by": actor},
        location=location,
        actor=actor,
    )
    return [_tick(session, alone, template)]


def withdraw_paper(
    session: Session,
    *,
    household_id: int,
    type: str,  # noqa: A002
    reason: str,
    actor: str,
    document_id: int | None = None,
    template: Template | None = None,
) -> list[Holding]:
    """Take back the paper ticks of a type, or of one document's paper, with a reason.

    Raises `NotFound` when no such paper was confirmed, `Usage` without a reason.
    """
    _reasoned(reason)
    papers = [
        paper
        for paper in live_papers(session, household_id, type)
        if document_id is None or paper.document_id == document_id
    ]
    if not papers:
        raise NotFound(f"no paper of {type} is confirmed for household {household_id}")
    return [_untick(session, paper, reason, actor, template) for paper in papers]


def waive(
    session: Session,
    *,
    household_id: int,
    type: str,  # noqa: A002
    reason: str,
    actor: str,
    until: date | None = None,
    template: Template | None = None,
) -> Waiver:
    """Say that a household need not have a type: who, why, until when; an open waiver is kept.

    Raises `Usage` without a reason.
    """
    _household(session, household_id)
    _known_type(type, template)
    present = _open_waiver(session, household_id, type)
    if present is not None:
        return present
    _reasoned(reason)
    event = ledger.append(
        session,
        "waived",
        f"household:{household_id}",
        {"type": type, "until": until.isoformat() if until else None, "why": ledger.digest(reason)},
        actor,
    )
    waiver = Waiver(
        household_id=household_id,
        type=type,
        reason=reason,
        actor=actor,
        since=event.at,
        until=until,
        seq=event.seq,
        lifted_by="",
    )
    session.add(waiver)
    projection.refresh(session, [household_id], template)
    return waiver


def lift_waiver(
    session: Session,
    *,
    household_id: int,
    type: str,  # noqa: A002
    actor: str,
    template: Template | None = None,
) -> None:
    """End a waiver; the line is missing again unless the papers came. `NotFound` without one."""
    waiver = _open_waiver(session, household_id, type)
    if waiver is None:
        raise NotFound(f"{type} is not waived for household {household_id}")
    _lift(session, waiver, actor, template)


def expire_waivers(session: Session, today: date, template: Template | None = None) -> int:
    """End every waiver whose last day lies before `today`; run daily. Gives how many."""
    due = session.scalars(
        select(Waiver).where(Waiver.until < today, Waiver.lifted_at.is_(None)).limit(1000)
    ).all()
    for waiver in due:
        _lift(session, waiver, ledger.MACHINE, template)
    return len(due)


def live_holding(session: Session, document_id: int, medium: str = DIGITAL) -> Holding | None:
    """The standing tick of a document in one medium."""
    return session.scalar(
        select(Holding).where(
            Holding.document_id == document_id,
            Holding.medium == medium,
            Holding.withdrawn_at.is_(None),
        )
    )


def live_papers(session: Session, household_id: int, type: str) -> Sequence[Holding]:  # noqa: A002
    """The standing paper ticks of a type."""
    return session.scalars(
        select(Holding)
        .where(
            Holding.household_id == household_id,
            Holding.type == type,
            Holding.medium == PAPER,
            Holding.withdrawn_at.is_(None),
        )
        .order_by(Holding.id)
    ).all()


# --- one tick ---------------------------------------------------------------------------------


def _tick(
    session: Session,
    holding: Holding,
    template: Template | None,
    told: Sequence[ledger.Entry] = (),
) -> Holding:
    holding.since = now()
    data = {
        "medium": holding.medium,
        "type": holding.type,
        "document": holding.document_id,
        "sha256": holding.sha256,
        "location": holding.location or "",
        "seal": seal_of(holding),
    }
    subject = f"household:{holding.household_id}"
    ticked = ledger.Entry("ticked", subject, data, holding.actor)
    holding.tick_seq = ledger.append_many(session, [ticked, *told]) - len(told)
    session.add(holding)
    projection.refresh(session, [holding.household_id], template)
    return holding


def _untick(
    session: Session, holding: Holding, reason: str, actor: str, template: Template | None
) -> Holding:
    _reasoned(reason)
    data = {
        "medium": holding.medium,
        "type": holding.type,
        "document": holding.document_id,
        "tick": holding.tick_seq,
        "why": ledger.digest(reason),
    }
    event = ledger.append(session, "unticked", f"household:{holding.household_id}", data, actor)
    holding.withdrawn_at, holding.withdrawn_by = event.at, actor
    holding.reason, holding.untick_seq = reason, event.seq
    projection.refresh(session, [holding.household_id], template)
    return holding


def _paper(scan: Holding, location: str, actor: str) -> Holding:
    return Holding(
        household_id=scan.household_id,
        category=scan.category,
        type=scan.type,
        medium=PAPER,
        document_id=scan.document_id,
        copies=scan.copies,
        evidence={"seen_by": actor},
        location=location,
        actor=actor,
    )


def _moved(session: Session, paper: Holding, location: str, actor: str) -> Holding:
    if location and location != paper.location:
        event = ledger.append(
            session,
            "moved",
            f"household:{paper.household_id}",
            {"tick": paper.tick_seq, "location": location},
            actor,
        )
        paper.location, paper.move_seq = location, event.seq
        session.flush()
    return paper


def _lift(session: Session, waiver: Waiver, actor: str, template: Template | None) -> None:
    event = ledger.append(
        session,
        "waiver_lifted",
        f"household:{waiver.household_id}",
        {"type": waiver.type, "waived": waiver.seq},
        actor,
    )
    waiver.lifted_at, waiver.lifted_by, waiver.lifted_seq = event.at, actor, event.seq
    projection.refresh(session, [waiver.household_id], template)


def _open_waiver(session: Session, household_id: int, type: str) -> Waiver | None:  # noqa: A002
    return session.scalar(
        select(Waiver).where(
            Waiver.household_id == household_id,
            Waiver.type == type,
            Waiver.lifted_at.is_(None),
        )
    )


def _household(session: Session, household_id: int) -> Household:
    household = session.get(Household, household_id)
    if household is None:
        raise NotFound(f"household {household_id}")
    if household.closed_at is not None:
        raise Invariant(f"household {household_id} is closed; its file is read-only (P2-4.4.1)")
    return household


def _known_type(code: str, template: Template | None) -> None:
    kind = rules_of(template).template.by_code.get(code)
    if kind is None:
        raise Usage(f"no such document type: {code}")
    if kind.required is Required.NEVER:
        raise Usage(f"{code} is an office paper and never stands in a household's file")


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Usage("请填写原因; a reason is needed")


def _stored_original(session: Session, document_id: int, sha256: str) -> None:
    document = session.get(Document, document_id)
    if document is None or document.sha256 != sha256:
        raise Invariant(f"document {document_id} is not of the original {sha256[:12]}")
    original = session.get(Original, sha256)
    if original is None or original.stored_at is None:
        raise Invariant(f"no original {sha256[:12]} is stored; nothing to tick with")
