"""Opening one document or household for a viewer, with the event of the look or of the refusal."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta

from fastapi import Request

from catalog import desk, ledger
from catalog.access import (
    Sight,
    Viewer,
    document_with_sight,
    household_with_sight,
    log_look,
    log_refusal,
    looked_lately,
)
from catalog.access.sight import LOOK_MINUTES
from catalog.models import Document, Household, Room
from web.guard import front_of
from yihu.clock import now
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


def free_document(
    request: Request, viewer: Viewer, document_id: int, action: str
) -> tuple[Document, Sight]:
    """As `opened_document`, and `Usage` where somebody else has it on the desk."""
    found = opened_document(request, viewer, document_id, action)
    with front_of(request).database.read() as session:
        desk.must_be_free(session, viewer, document_id)
    return found


def opened_household(
    request: Request, viewer: Viewer, household_id: int, action: str, tick: str = ""
) -> tuple[Household, Room, Sight]:
    """The household, when the viewer may do this with it; else `NotFound`, and an event.

    `tick` is the type whose paper tick it is about.
    """
    with front_of(request).database.read() as session:
        try:
            return household_with_sight(session, viewer, household_id, action, tick)
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
    mark = f"{kind}+" if sight.unmasked or sight.relied_on else kind
    front = front_of(request)
    with front.database.read() as session:
        if looked_lately(session, viewer, subject, mark):
            return
    with front.database.write() as session:
        log_look(session, viewer, subject, mark, sight)


def listed(request: Request, viewer: Viewer, what: str) -> None:
    """Note that a list was read, once for ten minutes of reading it."""
    looked(request, viewer, f"account:{viewer.name}", f"list:{what}", Sight(viewer, None))


def searched(request: Request, viewer: Viewer, what: str, query: str, found: int) -> None:
    """Note a search, each query once in ten minutes.

    The event holds a keyed digest of the query: a phone number has so few forms
    that a bare one would be found again by trying them all.
    """
    key: bytes = request.app.state.key
    digest = hmac.new(key, query.strip().encode(), hashlib.sha256).hexdigest()
    subject, told = f"account:{viewer.name}", {"what": what, "query": digest, "found": found}
    front, young = front_of(request), now() - timedelta(minutes=LOOK_MINUTES)
    with front.database.read() as session:
        last = ledger.events_of(session, subject, limit=20)
    if any(
        e.action == "searched"
        and e.actor == viewer.actor
        and e.at > young
        and {"what": what, "query": digest}.items() <= json.loads(e.data).items()
        for e in last
    ):
        return
    with front.database.write() as session:
        ledger.append(session, "searched", subject, told, viewer.actor)
