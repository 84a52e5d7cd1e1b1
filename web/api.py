"""The HTTP API: upload, poll, list, decide, download; the same rights as the screens.

Authorization: `Bearer yihu_...`, a token made under "my account" with scopes;
a signed-in browser works too, with its CSRF token.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from catalog import desk, overview
from catalog.access import Viewer
from catalog.desk import Filter
from catalog.documents import STATES
from catalog.finding import find_documents
from web.api_answers import DocumentOut, HitOut, Uploaded
from web.api_parts import ERRORS, PREFIX, After, Id, line_of, lines_of
from web.guard import Refused, SignedIn, front_of, needs
from web.lines import document_lines
from web.page import download
from web.rooms.documents import original_of, picture
from web.rooms.inbox import take
from web.rooms.opening import listed, opened_document, refused, searched
from web.rooms.searching import wanted_of
from worker.front import SCREEN

router = APIRouter(prefix=PREFIX, tags=["yihu"])
MAY_LIST = Annotated[Viewer, needs("document.list")]
MAY_DROP = Annotated[Viewer, needs("document.drop")]
MAY_OPEN = Annotated[Viewer, needs("document.page")]
MAY_COPY = Annotated[Viewer, needs("document.original")]
MAY_REVIEW = Annotated[Viewer, needs("review.see")]


class Me(BaseModel):
    """Who the token belongs to."""

    name: str
    roles: list[str]
    areas: list[str]
    scopes: list[str] | None


@router.get("/me", responses=ERRORS)
def me(viewer: SignedIn) -> Me:
    """Who I am to Yihu, and what this token may do."""
    return Me(
        name=viewer.name,
        roles=list(viewer.roles),
        areas=[str(area) for area in viewer.areas],
        scopes=None if viewer.scopes is None else sorted(viewer.scopes),
    )


@router.post("/documents", responses=ERRORS, status_code=201)
def upload(
    request: Request,
    viewer: MAY_DROP,
    files: Annotated[list[UploadFile], File(description="Scans; or photos with together=1")],
    together: Annotated[bool, Form()] = False,
) -> Uploaded:
    """Bring files; each becomes a document, or with `together` all photos become one."""
    return Uploaded(documents=take(front_of(request), viewer, files, together=together))


@router.get("/documents", responses=ERRORS)
def documents(
    request: Request,
    viewer: MAY_LIST,
    state: Annotated[str, Query(max_length=16)] = "",
    before: After = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[DocumentOut]:
    """What arrived, newest first; go on with `before` the last id."""
    listed(request, viewer, "documents")
    with front_of(request).database.read() as session:
        found = overview.arrived(
            session, viewer, state=state if state in STATES else "", before=before, limit=limit
        )
        return lines_of(session, viewer, found)


@router.get("/documents/{document_id}", responses=ERRORS)
def document(request: Request, viewer: MAY_LIST, document_id: Id) -> DocumentOut:
    """One document: where it is, since when, why, and what it is."""
    found, _ = opened_document(request, viewer, document_id, "document.list")
    return line_of(request, viewer, found)


@router.get(
    "/documents/{document_id}/pages/{number}.jpg", responses=ERRORS, response_class=Response
)
def page_picture(request: Request, viewer: MAY_OPEN, document_id: Id, number: Id) -> Response:
    """A page as a picture, with covered numbers blacked out."""
    return picture(request, viewer, document_id, number, SCREEN)


@router.get("/documents/{document_id}/original", responses=ERRORS, response_class=Response)
def original(request: Request, viewer: MAY_COPY, document_id: Id) -> Response:
    """The document's own pages of the original."""
    found, sight = opened_document(request, viewer, document_id, "document.original")
    if not sight.page:
        refused(request, viewer, f"document:{document_id}", "document.original")
        raise Refused
    data, name = original_of(request, viewer, found, sight)
    return download(data, "application/octet-stream", name)


@router.get("/review", responses=ERRORS)
def review(
    request: Request,
    viewer: MAY_REVIEW,
    reason: Annotated[str, Query(max_length=40)] = "",
    building: Annotated[str, Query(max_length=20)] = "",
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[DocumentOut]:
    """What waits for a person, oldest first."""
    listed(request, viewer, "review")
    with front_of(request).database.read() as session:
        wanted = Filter(reason=reason, building=building)
        found = desk.queue(session, viewer, wanted, after=after, limit=limit)
        return lines_of(session, viewer, found)


@router.get("/search", responses=ERRORS)
def search(
    request: Request,
    viewer: MAY_OPEN,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    state: Annotated[str, Query(max_length=16)] = "",
    type: Annotated[str, Query(max_length=64)] = "",  # noqa: A002
    building: Annotated[str, Query(max_length=20)] = "",
    since: Annotated[str, Query(max_length=10, description="Received from, 2024-05-06")] = "",
    until: Annotated[str, Query(max_length=10, description="Received to, that day too")] = "",
    before: After = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[HitOut]:
    """Documents by their words, newest first, numbers covered; go on with `before` the last id."""
    front = front_of(request)
    wanted = wanted_of(front, state=state, type=type, building=building, since=since, until=until)
    with front.database.read() as session:
        found = find_documents(session, viewer, q, wanted=wanted, before=before, limit=limit)
        lines = document_lines(session, viewer, [one.document for one in found])
    searched(request, viewer, "documents", q, len(found))
    return [
        HitOut.model_validate(line.as_dict() | {"snippet": one.snippet})
        for line, one in zip(lines, found, strict=True)
    ]


@router.get("/openapi.json", include_in_schema=False)
def openapi() -> Response:
    """The description of this API."""
    from web import api_approvals, api_checks, api_decisions, api_households, api_office

    others = (api_decisions, api_households, api_office, api_approvals, api_checks)
    routes = [*router.routes, *(route for part in others for route in part.router.routes)]
    found = get_openapi(
        title="Yihu 一户一档",
        version="1",
        routes=routes,
        description=__doc__ or "",
    )
    schemes = found.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["token"] = {"type": "http", "scheme": "bearer"}
    found["security"] = [{"token": []}]
    return JSONResponse(found)
