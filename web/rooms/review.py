"""The review desk: one document at a time, and the verbs a person gives there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from catalog import desk
from catalog.access import Sight, Viewer
from catalog.desk import Filter
from web.desk_view import desk_view, type_choices
from web.guard import front_of, needs
from web.page import page, problem_of, shown, to, to_problem, wants_json
from web.rooms.opening import free_document, looked, opened_document, refused
from worker.cutting import nothing_before
from worker.rooms import UnknownRoom, find_household
from worker.undoing import Desk
from yihu.errors import NotFound, Usage, YihuError

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("review.see")]
MAY_DECIDE = Annotated[Viewer, needs("review.decide")]
Text = Annotated[str, Form(max_length=300)]
Short = Annotated[str, Form(max_length=80)]
_LARGEST = 2**31 - 1
UNDO_WITHIN = timedelta(minutes=10)
"""For whoever may not move filed documents: an own slip, taken back at once."""


def filter_of(
    reason: str = "",
    building: str = "",
    older_days: str = "",
    batch: str = "",
    type: str = "",  # noqa: A002
) -> Filter:
    """The filter in an address."""
    return Filter(reason[:40], building[:20], _number(older_days), _number(batch), type[:64])


def _number(text: str) -> int:
    return min(int(text), 10**9) if text.isascii() and text.isdigit() else 0


def wanted_filter(request: Request) -> Filter:
    """The filter in this request's address."""
    given = {
        name: request.query_params.get(name, "")
        for name in ("reason", "building", "older_days", "batch", "type")
    }
    return filter_of(**given)


@router.get("/review/desk")
def first(request: Request, viewer: MAY_SEE) -> Response:
    """The first document that is free."""
    wanted = wanted_filter(request)
    with front_of(request).database.read() as session:
        number = desk.next_free(session, viewer, wanted)
    query = wanted.as_query()
    return to(f"/review/desk/{number}", **query) if number else to("/review", **query)


@router.get("/review/types")
def types(request: Request, viewer: MAY_SEE) -> Response:  # noqa: ARG001 - needed to ask
    """Every document type with names, synonyms and initials, for the page's own search."""
    answer = JSONResponse(type_choices(front_of(request).template, shown(request)))
    answer.headers["cache-control"] = "private, max-age=600"
    return answer


@router.get("/review/desk/{document_id}")
def on_desk(
    request: Request,
    viewer: MAY_SEE,
    document_id: int,
    done: int = 0,
    problem: str = "",
    part: int = 0,
    peek: int = 0,
    at: int = 0,
    lit: str = "",
) -> Response:
    """One document on the desk; `part` gives the inside alone, `peek` without taking it."""
    front, wanted = front_of(request), wanted_filter(request)
    document, sight = opened_document(request, viewer, document_id, "review.see")
    if document.state != "review" and not part:
        return to(f"/documents/{document_id}")
    held_by = ""
    if not peek and sight.may("review.decide"):
        with front.database.write() as session:
            held_by = desk.hold(session, viewer, document_id)
    if sight.page:
        looked(request, viewer, f"document:{document_id}", "page", sight)
    with front.database.read() as session:
        known = desk_view(session, front, viewer, document, sight, shown(request))
        known["left"] = desk.count(session, viewer, wanted)
        known["next_id"] = desk.next_free(
            session, viewer, wanted, after=document_id, skip=[document_id]
        )
    return page(
        request,
        "desk_part.html" if part else "desk.html",
        viewer,
        document=document,
        sight=sight,
        held_by=held_by,
        decides=sight.may("review.decide"),
        filter_query=urlencode(wanted.as_query()),
        done=done,
        lit=lit,
        problem=problem_of(request, problem),
        at=at if document.first_page <= at <= document.last_page else document.first_page,
        **known,
    )


@router.post("/review/desk/{document_id}/hold")
def hold(request: Request, viewer: MAY_DECIDE, document_id: int) -> Response:
    """Keep a document on this desk; tells who has it otherwise."""
    opened_document(request, viewer, document_id, "review.decide")
    with front_of(request).database.write() as session:
        held_by = desk.hold(session, viewer, document_id)
    return JSONResponse({"held_by": held_by}, 409 if held_by else 200)


# --- decisions ----------------------------------------------------------------------------------


@router.post("/review/desk/{document_id}/accept")
def accept(request: Request, viewer: MAY_DECIDE, document_id: int) -> Response:
    """File as suggested."""
    return _decided(request, viewer, document_id, lambda it: it.accept(document_id))


@router.post("/review/desk/{document_id}/assign")
def assign(
    request: Request,
    viewer: MAY_DECIDE,
    document_id: int,
    household: Text = "",
    household_id: Short = "",
    type: Text = "",  # noqa: A002
) -> Response:
    """File under the household and type given, in any written form."""

    def decide(it: Desk) -> None:
        it.assign(
            document_id,
            household_given(request, viewer, household, household_id),
            type_given(request, type),
            only="review",
        )

    return _decided(request, viewer, document_id, decide)


@router.post("/review/desk/{document_id}/discard")
def discard(
    request: Request,
    viewer: MAY_DECIDE,
    document_id: int,
    reason: Text = "",
    why: Short = "discarded",
) -> Response:
    """To the trash, or back to be scanned again."""
    return _decided(
        request,
        viewer,
        document_id,
        lambda it: it.discard(document_id, reason, why, only="review"),
    )


@router.post("/review/desk/{document_id}/split")
def split(
    request: Request, viewer: MAY_DECIDE, document_id: int, page: Annotated[int, Form()]
) -> Response:
    """Begin a new document at a page."""
    return _decided(request, viewer, document_id, lambda it: it.split(document_id, [page]))


@router.post("/review/desk/{document_id}/merge")
def merge(request: Request, viewer: MAY_DECIDE, document_id: int) -> Response:
    """Join to the document before it in the same scan, where that one may be changed too."""

    return _decided(
        request, viewer, document_id, lambda it: joined(request, viewer, it, document_id)
    )


def joined(request: Request, viewer: Viewer, it: Desk, document_id: int) -> None:
    """Join a document to the one before it; where that is not theirs, there is none."""
    whole = it.before(document_id)
    try:
        free_document(request, viewer, whole, "review.decide")
    except NotFound:
        raise nothing_before() from None
    it.merge(document_id, whole)


@router.post("/review/desk/{document_id}/blank")
def blank(
    request: Request, viewer: MAY_DECIDE, document_id: int, page: Annotated[int, Form()]
) -> Response:
    """Mark a page as a blank side, or take that back; where nothing else is left it is decided."""
    try:
        free_document(request, viewer, document_id, "review.decide")
        front_of(request).desk(viewer).mark_blank(document_id, page)
    except Usage as error:
        return _problem(request, document_id, error)
    document, _ = opened_document(request, viewer, document_id, "review.decide")
    if document.state != "review":
        return _next(request, viewer, document_id)
    query = wanted_filter(request).as_query()
    if wants_json(request):
        return JSONResponse({"stay": True})
    return to(f"/review/desk/{document_id}", at=page, **query)


@router.post("/review/desk/{document_id}/undo")
def undo(request: Request, viewer: MAY_DECIDE, document_id: int) -> Response:
    """Take back one's own last decision on a document and see it again."""
    try:
        _, sight = free_document(request, viewer, document_id, "review.decide")
        undo_decision(request, viewer, document_id, sight)
    except Usage as error:
        return _problem(request, document_id, error)
    query = wanted_filter(request).as_query()
    if wants_json(request):
        return JSONResponse({"next": document_id})
    return to(f"/review/desk/{document_id}", **query)


def undo_decision(request: Request, viewer: Viewer, document_id: int, sight: Sight) -> None:
    """Undo, where the others it changes are this person's to decide too and on no other desk."""
    it = front_of(request).desk(viewer)
    for other in it.would_change(document_id):
        free_document(request, viewer, other, "review.decide")
    it.undo(document_id, None if sight.outright("document.refile") else UNDO_WITHIN)


def _decided(
    request: Request, viewer: Viewer, document_id: int, decide: Callable[[Desk], object]
) -> Response:
    """Let the verb be done and go on to the next document."""
    front = front_of(request)
    try:
        document, _ = free_document(request, viewer, document_id, "review.decide")
        if document.state != "review":
            raise Usage("这份文件已处理 / this document is decided already")
        decide(front.desk(viewer))
    except (Usage, UnknownRoom) as error:
        return _problem(request, document_id, error)
    return _next(request, viewer, document_id)


def _next(request: Request, viewer: Viewer, document_id: int) -> Response:
    """Off this desk with what is decided, and the next one on it."""
    wanted = wanted_filter(request)
    with front_of(request).database.write() as session:
        desk.release(session, viewer, document_id)
        following = desk.next_free(session, viewer, wanted, after=document_id, skip=[document_id])
        left = desk.count(session, viewer, wanted)
    if wants_json(request):
        return JSONResponse({"next": following, "left": left, "done": document_id})
    query = wanted.as_query()
    if following is None:
        return to("/review", done=document_id, **query)
    return to(f"/review/desk/{following}", done=document_id, **query)


def _problem(request: Request, document_id: int, error: YihuError) -> Response:
    if wants_json(request):
        return JSONResponse({"message": shown(request).words.both(str(error))}, 409)
    query = wanted_filter(request).as_query()
    return to_problem(request, f"/review/desk/{document_id}", str(error), **query)


def household_given(request: Request, viewer: Viewer, text: str, number: str) -> int | None:
    """The household a form names: by id from a suggestion, else as written; only within reach."""
    front = front_of(request)
    reach = viewer.reach("review.decide")
    if number.isascii() and number.isdigit():
        with front.database.read() as session:
            from catalog import households

            try:
                place = households.address(session, min(int(number[:19]), _LARGEST))
            except NotFound:
                place = None
        if place is None or not reach.holds(place):
            refused(request, viewer, f"household:{number[:19]}", "review.decide")
            raise NotFound(f"没有这户 / there is no household {number}")
        return int(number)
    if not text.strip():
        return None
    try:
        return find_household(text, front.register.current(), reach.holds).id
    except UnknownRoom:
        with suppress(UnknownRoom):  # it is there, but not for this person
            beyond = find_household(text, front.register.current())
            refused(request, viewer, f"household:{beyond.id}", "review.decide")
        raise


def type_given(request: Request, text: str) -> str | None:
    """The type a form names, by code, name or synonym."""
    written = text.strip()
    if not written:
        return None
    template = front_of(request).template
    if written in template.by_code:
        return written
    for kind in template.types:
        if (
            written.casefold() in (kind.name.casefold(), kind.name_en.casefold())
            or written in kind.titles
        ):
            return kind.code
    raise Usage(f"没有这种文件类型：{written} / no such document type: {written}")
