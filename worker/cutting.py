"""Split and merge: where one document of a scan ends and the next begins, said by a person."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import documents, readings
from catalog.models import Document
from worker.decisions import OPEN, Decisions, move, standing
from worker.turning import QUARTERS, keep_turns, turn_of, turns_of
from yihu.errors import Usage


class Cutting(Decisions):
    """The verbs about pages, beside those about type and household."""

    def split(self, document_id: int, starts: Sequence[int]) -> list[int]:
        """Begin new documents at these pages; all of them are understood anew. Gives their ids.

        Raises `Usage` for a page outside the document, or its first.
        """
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("review",))
            cuts = sorted(set(starts))
            if not cuts or cuts[0] <= document.first_page or cuts[-1] > document.last_page:
                raise Usage(f"document {document_id} cannot be split before page {cuts or '-'}")
            before, ends = standing(document), [*(c - 1 for c in cuts[1:]), document.last_page]
            turns = turns_of(document)
            document.last_page = cuts[0] - 1
            parts = [
                self._part(session, document, first, last)
                for first, last in zip(cuts, ends, strict=True)
            ]
            for part in parts:
                keep_turns(part, turns)
            self._anew(document, len(parts) + 1)
            data = {"before": before, "parts": [part.id for part in parts]}
            self._event(session, document, "split", data)
            moving = [document.id, *(part.id for part in parts)]
        for number in moving:
            self._services.messages.advance(number, "understand")
        return moving[1:]

    def _part(self, session: Session, document: Document, first: int, last: int) -> Document:
        joined = session.scalar(
            select(Document).where(
                Document.sha256 == document.sha256,
                Document.first_page == first,
                Document.last_page == last,
                Document.duplicate_of == document.id,
            )
        )
        if joined is not None:  # it was a document of its own before somebody joined it
            joined.duplicate_of = None
            self._anew(joined, 2)
            session.flush()
            return joined
        part = documents.add_sibling(session, document, first, last)
        self._anew(part, 2)
        return part

    def _anew(self, document: Document, of: int) -> None:
        turns = turns_of(document)
        document.split = {"why": "person", "reasons": [], "blank_pages": [], "sheet": "", "of": of}
        keep_turns(document, turns)
        document.decided_by, document.decided_at = "", None
        move(document, "reading", "understand", [])

    def before(self, document_id: int) -> int:
        """The document before this one in the same scan, to which it could be joined.

        Both must wait in review. Raises `Usage` when there is none. Whoever asks
        for a person must see whether the person may decide on that one too.
        """
        with self._services.database.read() as session:
            return _before(session, self._open(session, document_id, ("review",))).id

    def merge(self, document_id: int, to: int | None = None) -> int:
        """Join a document to the one before it in the same scan; gives the id of the whole.

        `to` is the one `before` gave; raises `Usage` when another stands there
        now, or none.
        """
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("review",))
            whole = _before(session, document)
            if to not in (None, whole.id):
                raise nothing_before()
            before, its = standing(whole), standing(document)
            keep_turns(whole, turns_of(whole) | turns_of(document))
            whole.last_page = document.last_page
            document.duplicate_of = whole.id
            move(document, "duplicate", "", ["merged"])
            self._anew(whole, 1)
            self._event(session, document, "joined", {"to": whole.id, "before": its})
            self._event(session, whole, "merged", {"before": before, "absorbed": document.id})
            number = whole.id
        self._services.messages.advance(number, "understand")
        return number

    def mark_blank(self, document_id: int, page: int) -> bool:
        """Mark a page as a blank side, or take the mark back; gives whether it is one now.

        A document with blank pages only goes to the trash; undo takes the last mark back too.
        """
        with self._services.database.write() as session:
            document = self._open(session, document_id, ("review",))
            if not document.first_page <= page <= document.last_page:
                raise Usage(f"document {document_id} has no page {page}")
            note = dict(document.split or {})
            marked = note.get("blank_pages", ())
            before = standing(document) | {"blank_pages": list(marked)}
            blank = set(marked)
            blank.symmetric_difference_update({page})
            note["blank_pages"] = sorted(blank)
            document.split = note
            self._event(session, document, "page_blank", {"page": page, "is": page in blank})
            pages = range(document.first_page, document.last_page + 1)
            if all(number in blank for number in pages):
                self._to_trash(session, document, "blank_document", before)
        return page in blank

    def turn_page(self, document_id: int, page: int, by: int) -> int:
        """Show a page turned clockwise by `by` degrees more, to everybody, from now on.

        Gives by how much it is shown turned from the way up it was read; turning it
        on until that is 0 takes it all back. What stands where is not touched.
        """
        with self._services.database.write() as session:
            document = self._open(session, document_id, OPEN)
            if not document.first_page <= page <= document.last_page or by not in QUARTERS:
                raise Usage(f"document {document_id} has no page {page} to turn by {by}")
            read = readings.texts(session, document.sha256 or "", page, page)
            rotation = read[0].rotation if read else 0
            turn = (turn_of(document, page, rotation) + by) % 360
            turns = {key: value for key, value in turns_of(document).items() if key != str(page)}
            keep_turns(document, turns | ({str(page): (rotation + turn) % 360} if turn else {}))
            self._event(session, document, "page_turned", {"page": page, "turn": turn})
        return turn


def nothing_before() -> Usage:
    """What is said where there is no document to join to, or none this person may change."""
    return Usage("前面没有待复核的同批页面 / no document before it in this scan waits for review")


def _before(session: Session, document: Document) -> Document:
    found = session.scalar(
        select(Document).where(
            Document.arrival_id == document.arrival_id,
            Document.last_page == document.first_page - 1,
            Document.state == "review",
            Document.stage == "",
        )
    )
    if found is None:
        raise nothing_before()
    return found
