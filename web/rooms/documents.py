"""One document: its pages, its text, where it stands, and uncovering with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog import approvals, ledger, readings, ticks
from catalog.access import Sight, Viewer, mask, subject_text, unmask
from catalog.models import Document, Holding, Original
from catalog.stated import stated
from web.desk_view import desk_view, history, rect, undoable
from web.found_places import best_page, found_places, marks
from web.guard import Refused, front_of, needs
from web.lines import DocumentLine, document_lines
from web.page import download, inner_path, page, problem_of, shown, to, to_problem, wants_json
from web.rooms.opening import free_document, looked, opened_document, refused
from web.rooms.review import household_given, type_given, wanted_filter
from worker.front import SCREEN, SIDES, cover, coverable, covered_boxes
from worker.turning import turn_of, turned
from worker.undoing import Desk
from yihu.errors import NotFound, Usage
from yihu.page import Box, PageText

router = APIRouter()
MAY_OPEN = Annotated[Viewer, needs("document.page")]
MAY_UNMASK = Annotated[Viewer, needs("document.unmask")]
MAY_COPY = Annotated[Viewer, needs("document.original")]
MAY_DECIDE = Annotated[Viewer, needs("review.decide")]
MAY_REFILE = Annotated[Viewer, needs("document.refile")]
Text = Annotated[str, Form(max_length=300)]
Short = Annotated[str, Form(max_length=80)]
HISTORY = 40
MOST_OTHERS = 50


@router.get("/documents/{document_id}")
def document_page(
    request: Request,
    viewer: MAY_OPEN,
    document_id: int,
    q: str = "",
    at: int = 0,
    lit: str = "",
    problem: str = "",
) -> Response:
    """A document as it lies in the file: pages, what it is, its history.

    Who comes from a search (`q`) sees the page that holds the words.
    """
    front, show, q = front_of(request), shown(request), q.strip()[:100]
    document, sight = opened_document(request, viewer, document_id, "document.page")
    if sight.page:
        looked(request, viewer, f"document:{document_id}", "page", sight)
    with front.database.read() as session:
        known = desk_view(session, front, viewer, document, sight, show)
        (line,) = document_lines(session, viewer, [document])
        holding = ticks.live_holding(session, document_id)
        events = list(ledger.events_of(session, f"document:{document_id}", limit=HISTORY))
        undo = undoable(session, viewer, document_id)
        offered = _offers(session, document, sight)
        newer = _others(session, viewer, holding) if sight.may("document.refile") else []
        texts = _texts(session, document) if q and sight.page else ()
        found = found_places(texts, q, sight.covers)
    return page(
        request,
        "document.html",
        viewer,
        document=document,
        line=line,
        sight=sight,
        holding=holding,
        history=history(events, show),
        may_undo=undo and sight.may("review.decide"),
        offers=offered,
        newer=newer,
        marks=_upright(document, texts, marks(found)),
        lit=lit,
        q=q,
        filter_query=urlencode({"q": q}) if q else "",
        problem=problem_of(request, problem),
        at=at
        if document.first_page <= at <= document.last_page
        else best_page(found) or document.first_page,
        **known,
    )


def _offers(session: Session, document: Document, sight: Sight) -> list[approvals.Offer]:
    """What can be asked for here: a copy, and moving what is filed."""
    subject, wanted = subject_text("document", document.id), []
    if document.sha256 and sight.page:
        wanted.append(("document.original", subject))
    if document.state == "filed":
        wanted.append(("document.refile", subject))
    return list(approvals.offers(session, sight, wanted).values())


def _others(session: Session, viewer: Viewer, holding: Holding | None) -> list[DocumentLine]:
    """What else is filed for the same item, newest first: what could take this one's place."""
    if holding is None:
        return []
    filed = session.scalars(
        select(Document)
        .join(Holding, Holding.document_id == Document.id)
        .where(
            Holding.household_id == holding.household_id,
            Holding.type == holding.type,
            Holding.medium == holding.medium,
            Holding.withdrawn_at.is_(None),
            Document.id != holding.document_id,
        )
        .options(joinedload(Document.arrival))
        .order_by(Document.id.desc())
        .limit(MOST_OTHERS)
    ).all()
    return [line for line in document_lines(session, viewer, filed) if line.can_open]


def _texts(session: Session, document: Document) -> tuple[PageText, ...]:
    if document.sha256 is None:
        return ()
    return readings.texts(session, document.sha256, document.first_page, document.last_page)


def _upright(
    document: Document, texts: Sequence[PageText], found: Mapping[int, Sequence[Box]]
) -> dict[int, list[Box]]:
    """Boxes on pages as they are shown, a page that was turned by hand with them."""
    turns = {text.number: turn_of(document, text.number, text.rotation) for text in texts}
    return {
        number: [rect(turned(box, turns[number])) for box in boxes]
        for number, boxes in found.items()
    }


@router.get("/documents/{document_id}/pages/{number}.jpg")
def picture(
    request: Request, viewer: MAY_OPEN, document_id: int, number: int, side: int = SCREEN
) -> Response:
    """A page as a picture; what this viewer may not read is blacked out in the picture itself."""
    document, sight = opened_document(request, viewer, document_id, "document.page")
    if not document.first_page <= number <= document.last_page or document.sha256 is None:
        raise NotFound(f"no page {number}")
    _must_see(request, viewer, sight, document_id)
    front = front_of(request)
    if side not in SIDES:
        raise NotFound(f"no picture of {side} pixels")
    with front.database.read() as session:
        read = readings.texts(session, document.sha256, number, number)
    if not sight.covers.none and not coverable(read[0] if read else None):
        refused(request, viewer, f"document:{document_id}", "document.page")
        raise Refused("未识别的页面须说明原因后查看 / a page nobody read is shown after a reason")
    if side == SIDES[0]:
        looked(request, viewer, f"document:{document_id}", "thumbnail", sight)
    else:
        looked(request, viewer, f"document:{document_id}", "page", sight)
    rotation = read[0].rotation if read else 0
    turn = turn_of(document, number, rotation)
    boxes = covered_boxes(read[0], sight.covers) if read else []
    boxes, rotation = [turned(box, turn) for box in boxes], (rotation + turn) % 360
    shown_as = ledger.digest([document.sha256, number, side, rotation, boxes])
    # Kept by the browser, but never shown again without asking whether this person still may.
    headers = {"cache-control": "private, no-cache", "etag": f'"{shown_as}"', "vary": "Cookie"}
    if shown_as in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    drawn = front.picture(document.sha256, number, side, rotation)
    return Response(cover(drawn, boxes), media_type="image/jpeg", headers=headers)


@router.post("/documents/{document_id}/turn")
def turn(
    request: Request,
    viewer: MAY_DECIDE,
    document_id: int,
    page: Annotated[int, Form()],
    by: Annotated[int, Form()] = 90,
    back: Text = "",
) -> Response:
    """Turn a page for everybody who looks at it from now on; turning on takes it back."""
    target = inner_path(back, f"/documents/{document_id}")
    try:
        free_document(request, viewer, document_id, "review.decide")
        front_of(request).desk(viewer).turn_page(document_id, page, by)
    except Usage as error:
        if wants_json(request):
            return JSONResponse({"message": shown(request).words.both(str(error))}, 409)
        return to_problem(request, target, str(error))
    if wants_json(request):
        return JSONResponse({"stay": True})
    return to(target, at=page, **wanted_filter(request).as_query())


@router.get("/documents/{document_id}/text")
def text(request: Request, viewer: MAY_OPEN, document_id: int) -> Response:
    """What was read, line by line, as this viewer may read it."""
    document, sight = opened_document(request, viewer, document_id, "document.page")
    _must_see(request, viewer, sight, document_id)
    looked(request, viewer, f"document:{document_id}", "text", sight)
    with front_of(request).database.read() as session:
        pages = [
            (text.number, [mask(line.text, sight.covers) for line in text.lines])
            for text in _texts(session, document)
        ]
    return page(request, "text.html", viewer, document=document, text_pages=pages)


def _must_see(request: Request, viewer: Viewer, sight: Sight, document_id: int) -> None:
    if not sight.page:
        refused(request, viewer, f"document:{document_id}", "document.page")
        raise Refused("须先说明原因 / give a reason first")


@router.post("/documents/{document_id}/unmask")
def uncover(
    request: Request, viewer: MAY_UNMASK, document_id: int, reason: Text = "", back: Text = ""
) -> Response:
    """Uncover numbers (or open the pages) of this document for a while; the reason is kept."""
    opened_document(request, viewer, document_id, "document.unmask")
    target = inner_path(back, f"/documents/{document_id}")
    try:
        with front_of(request).database.write() as session:
            unmask(session, viewer, document_id, reason)
    except Usage as error:
        return _problem(request, document_id, str(error).replace("; ", " / "))
    return to(target)


@router.get("/documents/{document_id}/original")
def original(request: Request, viewer: MAY_COPY, document_id: int) -> Response:
    """The document's own pages of the original, to save; never opened in the browser."""
    document, sight = opened_document(request, viewer, document_id, "document.original")
    _must_see(request, viewer, sight, document_id)
    data, name = original_of(request, viewer, document, sight)
    return download(data, "application/octet-stream", name)


def original_of(
    request: Request, viewer: Viewer, document: Document, sight: Sight
) -> tuple[bytes, str]:
    """The bytes and the name a person saves them under; the event holds their hash."""
    from worker.exporting import cut_pages, extension, is_part, safe_name

    front = front_of(request)
    if document.sha256 is None:
        raise NotFound(f"document {document.id} has no original")
    with front.database.read() as session:
        kept = session.get(Original, document.sha256)
    if kept is None or kept.stored_at is None:
        raise NotFound(f"document {document.id} has no original")
    part = is_part(document, kept)
    if not sight.hands_out:  # the bytes cannot be covered
        refused(request, viewer, f"document:{document.id}", "document.original")
        raise Refused(
            "原件含有被遮盖的号码，须先说明原因 / it holds covered numbers: give a reason first"
        )
    with front.store.local_path(document.sha256) as path:
        if part:
            data = front.sandbox.run(
                cut_pages, path, kept.format, document.first_page, document.last_page
            )
        else:
            data = path.read_bytes()
    subject = f"document:{document.id}"
    with front.database.write() as session:
        told: dict[str, object] = {"sha256": hashlib.sha256(data).hexdigest()}
        if used := approvals.use(session, sight, "document.original", subject):
            told["approval"] = used
        ledger.append(session, "downloaded", subject, told, viewer.actor)
    kind = front.template.by_code.get(document.type or "")
    place = str(sight.place) if sight.place else ""
    stem = " ".join(bit for bit in (place, kind.name if kind else "", str(document.id)) if bit)
    return data, safe_name(f"{stem}.{extension(document, kept).lstrip('.')}")


@router.post("/documents/{document_id}/refile")
def refile(
    request: Request,
    viewer: MAY_REFILE,
    document_id: int,
    household: Text = "",
    household_id: Short = "",
    type: Text = "",  # noqa: A002
    reason: Text = "",
) -> Response:
    """Move a filed document to another household or type, with a reason."""
    _, sight = opened_document(request, viewer, document_id, "document.refile")
    try:
        reason = stated(reason)
        refiling(request, viewer, document_id, sight).assign(
            document_id,
            household_given(request, viewer, household, household_id),
            type_given(request, type),
            reason,
            only="filed",
        )
    except (Usage, NotFound) as error:
        return _problem(request, document_id, str(error))
    return to(f"/documents/{document_id}")


@router.post("/documents/{document_id}/replace")
def replace(
    request: Request,
    viewer: MAY_REFILE,
    document_id: int,
    by: Annotated[int, Form()],
    reason: Text = "",
) -> Response:
    """Let another filed document take this one's place for the same item, with a reason."""
    opened_document(request, viewer, document_id, "document.refile")
    try:
        replaced(request, viewer, document_id, by, reason)
    except Usage as error:
        return _problem(request, document_id, str(error))
    return to(f"/documents/{by}")


def replaced(request: Request, viewer: Viewer, document_id: int, by: int, reason: str) -> None:
    """Replace a document, where this person may move the one and see the other."""
    _, sight = opened_document(request, viewer, document_id, "document.refile")
    opened_document(request, viewer, by, "document.page")
    refiling(request, viewer, document_id, sight).replace(document_id, by, stated(reason))


@router.post("/documents/{document_id}/take-out")
def take_out(request: Request, viewer: MAY_REFILE, document_id: int, reason: Text = "") -> Response:
    """Take a filed document out of the file, back into review, with a reason."""
    _, sight = opened_document(request, viewer, document_id, "document.refile")
    try:
        reason = stated(reason)
        refiling(request, viewer, document_id, sight).take_out(document_id, reason)
    except Usage as error:
        return _problem(request, document_id, str(error))
    return to(f"/review/desk/{document_id}")


def refiling(request: Request, viewer: Viewer, document_id: int, sight: Sight) -> Desk:
    """The desk's verbs for what is filed: an approval is used up in the verb's transaction."""
    subject = f"document:{document_id}"
    return front_of(request).desk(
        viewer, lambda session: approvals.use(session, sight, "document.refile", subject)
    )


def _problem(request: Request, document_id: int, message: str) -> Response:
    return to_problem(request, f"/documents/{document_id}", message)
