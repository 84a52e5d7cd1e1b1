"""Opening one document or household for a viewer, with the event of the look or of the refusal."""

from __future__ import annotations

from fastapi import Request

from catalog.access import (
    Sight,
    Viewer,
    document_with_sight,
    household_with_sight,
    log_look,
    log_refusal,
    looked_lately,
)
from catalog.models import Document, Household, Room
from web.guard import front_of
from yihu.errors import NotFound


def opened_document(
    request: Request, viewer: Viewer, document_id: int, action: str
) -> tuple[Document, Sight]:
    """The document, when the viewer may do this with it; else `NotFound`, and an event."""
    with front_of(request).database.read() as session:
        try:
            return document_with_sight(session, viewer, document_id, action)
        except NotFound:
            session.rollback()
    refused(request, viewer, f"document:{document_id}", action)
    raise NotFound(f"没有这份文件 / there is no document {document_id}")


def opened_household(
    request: Request, viewer: Viewer, household_id: int, action: str
) -> tuple[Household, Room, Sight]:
    """The household, when the viewer may do this with it; else `NotFound`, and an event."""
    with front_of(request).database.read() as session:
        try:
            return household_with_sight(session, viewer, household_id, action)
        except NotFound:
            session.rollback()
    refused(request, viewer, f"household:{household_id}", action)
    raise NotFound(f"没有这户 / there is no household {household_id}")


def refused(request: Request, viewer: Viewer, subject: str, action: str) -> None:
    """Note a try that was refused."""
    with front_of(request).database.write() as session:
        log_refusal(session, viewer, subject[:100], action)


def looked(request: Request, viewer: Viewer, subject: str, kind: str, sight: Sight) -> None:
    """Note a look, once for ten minutes of looking at the same."""
    mark = f"{kind}+" if sight.unmasked else kind
    front = front_of(request)
    with front.database.read() as session:
        if looked_lately(session, viewer, subject, mark):
            return
    with front.database.write() as session:
        log_look(session, viewer, subject, mark, sight)
