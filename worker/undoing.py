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
from worker.turning import keep_turns, turns_of
from yihu.clock import now
from yihu.errors import NotFound, Usage

UNDOABLE = ("decided", "discarded", "taken_out", "replaced", "split", "merged")
_SINCE = (*UNDOABLE, "undone", "restored", "joined")


class Desk(Replacing):
    """Every verb of the review desk."""

    def undo(self, document_id: int, within: timedelta | None = None) -> None:
        """Take back this person's last decision on a document; it waits for review again.

        A document that was joined to another is taken out of that one again, from
        wherever the person asks. Raises `Usage` when the last decision was somebody
        else's, was undone already, is older than `within`, or when a person decided
        on the parts it made since.
        """
        with self._services.database.write() as session:
            if not documents.by_id(session, [document_id]):
                raise NotFound(f"no document {document_id}")
            event = self._last(session, document_id)
            (document,) = documents.by_id(session, [int(event.subject_id)])
            if within is not None and event.at < now() - within:
                raise Usage("已过撤销时限 / it is too late to undo this")
            data: dict[str, Any] = json.loads(event.data)
            if document.stage not in ("", "file", "understand"):
                raise Usage("正在处理中，请稍后再试 / it is being worked on; try again in a moment")
            self._reverse(session, document, event.action, data)
            self._event(session, document, "undone", {"of": event.seq})
            number, stage = document.id, document.stage
        if stage:
            self._services.messages.advance(number, stage)

    def would_change(self, document_id: int) -> list[int]:
        """The other documents an undo would change: they must be free as well."""
        with self._services.database.read() as session:
            event = self._last(session, document_id)
        data = json.loads(event.data)
        changed = {int(event.subject_id), *data.get("parts", ()), data.get("absorbed", document_id)}
        return sorted(changed - {document_id})

    def _last(self, session: Session, document_id: int) -> Event:
        found = last_decision(session, self._actor, document_id)
        if found is None:
            raise Usage("没有可撤销的本人操作 / there is no decision of yours to undo")
        return found

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
        if "blank_pages" in before:
            document.split = (document.split or {}) | {"blank_pages": before["blank_pages"]}
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
            if part.decided_by.startswith("person:") or not (
                part.state in ("review", "filed") or part.stage in ("understand", "file")
            ):
                raise Usage("拆出的部分已处理 / a part that was split off was decided since")
            if ticks.live_holding(session, part.id) is not None:  # the machine was sure of it
                ticks.untick(session, part.id, "undone", self._actor)
            keep_turns(document, turns_of(document) | turns_of(part))
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
        keep_turns(part, turns_of(document))
        move(part, "review", "", ["split_unsure"])
        self._event(session, part, "undone", {"from": document.id})


def last_decision(session: Session, actor: str, document_id: int) -> Event | None:
    """The event an undo of this document takes back; None unless it is this person's own.

    That of a document joined to another is the joining, which stands at the whole.
    """
    event = ledger.newest_of(session, f"document:{document_id}", _SINCE)
    if event is not None and event.action == "joined":
        whole = json.loads(event.data)["to"]
        event = ledger.newest_of(session, f"document:{whole}", _SINCE)
        if event is not None and json.loads(event.data).get("absorbed") != document_id:
            return None
    own = event is not None and event.action in UNDOABLE and event.actor == actor
    return event if own else None
