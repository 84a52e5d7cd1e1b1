"""A person's decisions: each writes a fact and sends the document on the same journey.

Nothing here ticks; the `file` stage does (design 1). A document that is filed
already is un-ticked with the reason in the same transaction that changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy.orm import Session

from catalog import documents, households, ledger, samples, ticks
from catalog.database import Database
from catalog.models import Document, Sample
from worker.messages import Messages
from yihu.clock import now
from yihu.errors import NotFound, Usage
from yihu.reasons import words
from yihu.template import Template
from yihu.urgency import Urgency

OPEN = ("review", "filed")
TRASH = ("discarded", "rescan", "blank_document")
REPLACED = "replaced"
PUT_ASIDE = (*TRASH, REPLACED)
"""Why a document that nothing is wrong with stands in no file: `restore` brings it back."""


class Parts(Protocol):
    """What the verbs need of the process they run in."""

    @property
    def database(self) -> Database: ...
    @property
    def template(self) -> Template: ...
    @property
    def messages(self) -> Messages: ...


class Decisions:
    """The verbs of the review desk, for one person (`actor`).

    `leave` is called in the transaction of each decision before anything changes:
    it uses up an approval, or raises and nothing happens.
    """

    def __init__(
        self, services: Parts, actor: str, leave: Callable[[Session], object] | None = None
    ) -> None:
        self._services = services
        self._actor = actor
        self._leave = leave

    def accept(self, document_id: int) -> None:
        """File a document as suggested; Usage when there is no whole suggestion."""
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("review",))
            self._decide(session, document, document.household_id, document.type)
        self._services.messages.advance(document_id, "file")

    def assign(
        self,
        document_id: int,
        household_id: int | None,
        type_code: str | None,
        reason: str = "",
        *,
        only: str = "",
    ) -> None:
        """File a document under this household and type; what is not given stays as suggested.

        `reason` says why a filed one moves; `only` is the one state it must still be in.
        """
        with self._services.database.write() as session:
            document = self._open(session, document_id, OPEN, only)
            self._decide(
                session,
                document,
                household_id if household_id is not None else document.household_id,
                type_code or document.type,
                reason,
            )
        self._services.messages.advance(document_id, "file")

    def discard(
        self, document_id: int, reason: str = "", why: str = "discarded", *, only: str = ""
    ) -> None:
        """Put a document into the trash; its original stays, `restore` brings it back.

        `why` is one of `TRASH`: "rescan" asks for a new scan, "blank_document"
        says there is nothing on it; `only` is the one state it must still be in.
        """
        if why not in TRASH:
            raise Usage(f"why {why}: one of {', '.join(TRASH)}")
        with self._services.database.write() as session:
            document = self._open(session, document_id, (*OPEN, "rejected", "failed"), only)
            self._to_trash(session, document, why, standing(document), reason)

    def _to_trash(
        self,
        session: Session,
        document: Document,
        why: str,
        before: dict[str, Any],
        reason: str = "",
    ) -> None:
        if document.state == "filed":
            ticks.untick(session, document.id, reason or why, self._actor)
        move(document, "rejected", "", [why])
        self._event(session, document, "discarded", {"why": why, "before": before}, reason)

    def restore(self, document_id: int) -> None:
        """Take what was discarded or replaced back into review."""
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("rejected",))
            if not set(document.reasons) & set(PUT_ASIDE):
                raise Usage(f"document {document_id} is not in the trash")
            move(document, "review", "", ["reclassified"])
            self._event(session, document, "restored", {})

    def take_out(self, document_id: int, reason: str) -> None:
        """Take a filed document out of its household's file, back into review, with a reason."""
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("filed",))
            before = standing(document)
            ticks.untick(session, document.id, reason, self._actor)
            move(document, "review", "", ["reclassified"])
            self._event(session, document, "taken_out", {"before": before}, reason)

    def retry(self, document_id: int) -> None:
        """Walk a failed, rejected or reviewed document again from where that makes sense."""
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("failed", "rejected", "review"))
            stage = {"failed": document.resume_stage or "keep", "rejected": "inspect"}.get(
                document.state, "understand"
            )
            if document.sha256 is None or (stage == "understand" and not document.judgement):
                raise Usage(f"document {document_id} has nothing that could be tried again")
            state = "received" if stage in ("keep", "inspect") else "reading"
            move(document, state, stage, [])
            self._event(session, document, "retried", {"detail": stage})
        self._services.messages.advance(document_id, stage)

    def answer_sample(
        self, sample_id: int, household_id: int | None, type_code: str | None
    ) -> bool:
        """Answer a blind sample; an answer that differs un-ticks the document and asks again.

        Gives whether the answer agrees with the machine's. Both None says that a
        person cannot tell either, so it should not have been filed.
        """
        if type_code is not None and type_code not in self._services.template.by_code:
            raise Usage(f"no document type {type_code}")
        if (household_id is None) != (type_code is None):
            raise Usage("an answer needs --household and --type, or --unclear")
        with self._services.database.write() as session:
            sample = samples.answer(session, sample_id, household_id, type_code, self._actor)
            if not sample.agrees:
                self._take_back(session, sample)
            return bool(sample.agrees)

    def _take_back(self, session: Session, sample: Sample) -> None:
        """Out of the household's file and into review, unless it changed since it was drawn."""
        found = documents.by_id(session, [sample.document_id])
        as_drawn = found and (found[0].household_id, found[0].type) == (
            sample.household_id,
            sample.type,
        )
        if not as_drawn or found[0].state != "filed" or found[0].stage:
            return
        ticks.untick(session, found[0].id, "sample_differs", self._actor)
        move(found[0], "review", "", ["sample_differs"])
        self._event(session, found[0], "sample_differs", {"sample": sample.id})

    def _open(
        self, session: Session, document_id: int, states: tuple[str, ...], only: str = ""
    ) -> Document:
        found = documents.by_id(session, [document_id])
        if not found:
            raise NotFound(f"no document {document_id}")
        document = found[0]
        states = tuple(state for state in states if only in ("", state))
        if document.state not in states or document.stage:
            raise Usage(f"document {document_id} is {document.state}, not {' or '.join(states)}")
        if self._leave is not None:
            self._leave(session)
        return document

    def _decide(
        self,
        session: Session,
        document: Document,
        household_id: int | None,
        code: str | None,
        reason: str = "",
    ) -> None:
        household = households.get(session, household_id) if household_id is not None else None
        if household is None or household.closed_at is not None:
            raise Usage(f"document {document.id} needs a household: --household ROOM")
        kind = self._services.template.by_code.get(code or "")
        if kind is None:
            raise Usage(f"document {document.id} needs a document type: --type CODE")
        if kind.category in ("admin", "unknown"):
            raise Usage(f"{kind.code} is an office paper and never stands in a household's file")
        before = standing(document)
        if document.state == "filed":
            ticks.untick(session, document.id, reason or "reclassified", self._actor)
        document.household_id, document.type = household.id, kind.code
        document.category = kind.category
        document.decided_by, document.decided_at = self._actor, now()
        move(document, "reading", "file", [])
        ledger.append(
            session,
            "decided",
            f"document:{document.id}",
            {"before": before, "household": household.id, "type": kind.code},
            actor=self._actor,
        )

    def _event(
        self,
        session: Session,
        document: Document,
        action: str,
        data: dict[str, Any],
        reason: str = "",
    ) -> None:
        """Append what was done; a reason in a person's words is kept as its digest only."""
        told = data | ({"reason": ledger.digest(reason)} if reason else {})
        ledger.append(session, action, f"document:{document.id}", told, actor=self._actor)


def standing(document: Document) -> dict[str, Any]:
    """How a document stands before a decision, so that it can be taken back."""
    return {
        "state": document.state,
        "reasons": list(document.reasons),
        "household": document.household_id,
        "type": document.type,
        "pages": [document.first_page, document.last_page],
    }


def move(document: Document, state: str, stage: str, reasons: list[str]) -> None:
    """Put a document at a stage, or to rest where there is none."""
    moment = now()
    document.state, document.stage, document.since = state, stage, moment
    document.reasons, document.message = reasons, words(reasons)
    document.attempts, document.lease_until = 0, None
    document.urgency = Urgency.NOW
    document.due_at = moment if stage else None
    document.settled_at = None if stage else moment
