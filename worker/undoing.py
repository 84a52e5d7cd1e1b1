"""Undo: a person takes back their own last decision on a document, as an event of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalog import documents, ledger, ticks
from catalog.models import Document, Event
from worker.decisions import move
from worker.replacing import Replacing
from yihu.clock import now
from yihu.errors import NotFound, Usage

UNDOABLE = ("decided", "discarded", "taken_out", "replaced", "split", "merged")
_SINCE = (*UNDOABLE, "undone", "restored", "joined")


class Desk(Replacing):
    """Every verb of the review desk."""

    def undo(self, document_id: int, within: timedelta | None = None) -> None:
        """Take back this person's last decision on a document; it waits for review again.

        Raises `Usage` when the last decision was somebody else's, was undone
        already, is older than `within`, or when the parts it made were decided
        since.
        """
        with self._services.database.write() as session:
            found = documents.by_id(session, [document_id])
            if not found:
                raise NotFound(f"no document {document_id}")
            (document,) = found
            event = self._last(session, document_id)
            if within is not None and event.at < now() - within:
                raise Usage("已过撤销时限 / it is too late to undo this")
            data: dict[str, Any] = json.loads(event.data)
            if document.stage not in ("", "file", "understand"):
                raise Usage(f"document {document_id} is being worked on; try again in a moment")
            self._reverse(session, document, event.action, data)
            self._event(session, document, "undone", {"of": event.seq})
            stage = document.stage
        if stage:
            self._services.messages.advance(document_id, stage)

    def would_rejoin(self, document_id: int) -> list[int]:
        """The parts an undo would take back into this document: they must be free as well."""
        with self._services.database.read() as session:
            event = self._last(session, document_id)
            return list(json.loads(event.data)["parts"]) if event.action == "split" else []

    def _last(self, session: Session, document_id: int) -> Event:
        for event in ledger.events_of(session, f"document:{document_id}", limit=50):
            if event.action in _SINCE:
                if event.action in UNDOABLE and event.actor == self._actor:
                    return event
                break
        raise Usage("没有可撤销的本人操作 / there is no decision of yours to undo")

    def _reverse(
        self, session: Session, document: Document, action: str, data: dict[str, Any]
    ) -> None:
        before = data["before"]
        if action == "split":
            self._rejoin(session, document, data["parts"])
        if action == "merged":
            self._release(session, document, data["absorbed"])
        if ticks.live_holding(session, document.id) is not None:
            ticks.untick(session, document.id, "undone", self._actor)
        document.first_page, document.last_page = before["pages"]
        document.household_id, document.type = before["household"], before["type"]
        document.category = document.type.partition(".")[0] if document.type else None
        document.decided_by, document.decided_at = "", None
        if before["state"] == "filed":  # it stood in a file: back there, on the same journey
            document.decided_by = self._actor
            move(document, "reading", "file", [])
        else:
            move(document, before["state"], "", before["reasons"])

    def _rejoin(self, session: Session, document: Document, parts: list[int]) -> None:
        for part in documents.by_id(session, parts):
            if part.state != "review" and part.stage != "understand":
                raise Usage("拆出的部分已处理 / a part that was split off was decided since")
            part.duplicate_of = document.id
            move(part, "duplicate", "", ["merged"])
        session.flush()

    def _release(self, session: Session, document: Document, absorbed: int) -> None:
        (part,) = documents.by_id(session, [absorbed])
        if part.state != "duplicate" or part.duplicate_of != document.id:
            raise Usage("并入的部分已变化 / the part that was joined has changed since")
        document.last_page = part.first_page - 1
        session.flush()
        part.duplicate_of = None
        move(part, "review", "", ["split_unsure"])
