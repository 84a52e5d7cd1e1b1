"""The HTTP API: upload, poll, list, decide, download; the same rights as the screens.

Authorization: `Bearer yihu_...`, a token made under "my account" with scopes;
a signed-in browser works too, with its CSRF token.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from catalog import desk, overview
from catalog.access import Viewer
from catalog.catalogue import household_catalogue
from catalog.desk import Filter
from catalog.documents import STATES
from catalog.finding import find_documents
from catalog.models import Document
from catalog.stated import stated
from web.api_parts import ERRORS, PREFIX, After, Id
from web.guard import Refused, SignedIn, front_of, needs
from web.lines import document_lines
from web.page import download
from web.rooms.documents import original_of, picture, refiling
from web.rooms.inbox import take
from web.rooms.opening import (
    free_document,
    listed,
    looked,
    opened_document,
    opened_household,
    refused,
    searched,
)
from web.rooms.review import household_given, type_given, undo_decision
from worker.front import SCREEN
from worker.undoing import Desk

router = APIRouter(prefix=PREFIX, tags=["yihu"])
MAY_LIST = Annotated[Viewer, needs("document.list")]
MAY_DROP = Annotated[Viewer, needs("document.drop")]
MAY_OPEN = Annotated[Viewer, needs("document.page")]
MAY_COPY = Annotated[Viewer, needs("document.original")]
MAY_DECIDE = Annotated[Viewer, needs("review.decide")]
MAY_REVIEW = Annotated[Viewer, needs("review.see")]
MAY_CATALOGUE = Annotated[Viewer, needs("catalogue.see")]
MAY_NAME = Annotated[Viewer, needs("household.name")]
MAY_AUDIT = Annotated[Viewer, needs("audit.see")]


class Uploaded(BaseModel):
    """The documents that were recorded."""

    documents: list[int]


class Decision(BaseModel):
    """What to do with a document; household and type as a person writes them."""

    model_config = ConfigDict(extra="forbid")
    act: str = Field(pattern="^(accept|assign|discard|restore|retry|undo)$")
    household: str = Field("", max_length=200, description="Room in any written form.")
    household_id: int | None = Field(None, ge=1, le=2**53)
    type: str = Field("", max_length=100, description="Type code, name or synonym.")
    reason: str = Field("", max_length=300)


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
) -> list[dict[str, Any]]:
    """What arrived, newest first; go on with `before` the last id."""
    listed(request, viewer, "documents")
    with front_of(request).database.read() as session:
        found = overview.arrived(
            session, viewer, state=state if state in STATES else "", before=before, limit=limit
        )
        return [line.as_dict() for line in document_lines(session, viewer, found)]


@router.get("/documents/{document_id}", responses=ERRORS)
def document(request: Request, viewer: MAY_LIST, document_id: Id) -> dict[str, Any]:
    """One document: where it is, since when, why, and what it is."""
    found, _ = opened_document(request, viewer, document_id, "document.list")
    return _line(request, viewer, found)


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
) -> list[dict[str, Any]]:
    """What waits for a person, oldest first."""
    listed(request, viewer, "review")
    with front_of(request).database.read() as session:
        wanted = Filter(reason=reason, building=building)
        found = desk.queue(session, viewer, wanted, after=after, limit=limit)
        return [line.as_dict() for line in document_lines(session, viewer, found)]


@router.post("/documents/{document_id}/decision", responses=ERRORS)
def decide(
    request: Request, viewer: MAY_DECIDE, document_id: Id, decision: Decision
) -> dict[str, Any]:
    """Decide on a document, as a person at the desk would; gives how it stands now."""
    front = front_of(request)
    found, sight = free_document(request, viewer, document_id, "review.decide")
    it = front.desk(viewer)
    match decision.act:
        case "assign":
            number = str(decision.household_id or "")
            household = household_given(request, viewer, decision.household, number)
            kind = type_given(request, decision.type)
            it = _may_move(request, viewer, found, decision.reason) or it
            it.assign(document_id, household, kind, decision.reason, only=found.state)
        case "discard":
            it = _may_move(request, viewer, found, decision.reason) or it
            it.discard(document_id, decision.reason, only=found.state)
        case "undo":
            undo_decision(request, viewer, document_id, sight)
        case "accept":
            it.accept(document_id)
        case "restore":
            it.restore(document_id)
        case _:
            it.retry(document_id)
    found, _ = opened_document(request, viewer, document_id, "review.decide")
    return _line(request, viewer, found)


def _may_move(request: Request, viewer: Viewer, found: Document, reason: str) -> Desk | None:
    """What is filed already moves only with the right to move it, and a reason."""
    if found.state != "filed":
        return None
    _, sight = opened_document(request, viewer, found.id, "document.refile")
    stated(reason)
    return refiling(request, viewer, found.id, sight)


def _line(request: Request, viewer: Viewer, found: Document) -> dict[str, Any]:
    with front_of(request).database.read() as session:
        return document_lines(session, viewer, [found])[0].as_dict()


@router.get("/households", responses=ERRORS)
def households(
    request: Request, viewer: MAY_NAME, q: Annotated[str, Query(min_length=1, max_length=60)]
) -> list[dict[str, Any]]:
    """Households by room in any form, owner, pinyin initials, phone tail or file number."""
    found = front_of(request).finder.find(q, viewer, 20)
    searched(request, viewer, "households", q, len(found))
    return [one.as_dict() for one in found]


@router.get("/households/{household_id}", responses=ERRORS)
def household(request: Request, viewer: MAY_CATALOGUE, household_id: Id) -> dict[str, Any]:
    """One household's catalogue with its two ticks a line."""
    front = front_of(request)
    _, _, sight = opened_household(request, viewer, household_id, "catalogue.see")
    looked(request, viewer, f"household:{household_id}", "catalogue", sight)
    with front.database.read() as session:
        return household_catalogue(session, household_id, front.template).as_dict()


@router.get("/search", responses=ERRORS)
def search(
    request: Request, viewer: MAY_OPEN, q: Annotated[str, Query(min_length=1, max_length=100)]
) -> list[dict[str, Any]]:
    """Documents by their words, with snippets, numbers covered."""
    with front_of(request).database.read() as session:
        found = find_documents(session, viewer, q)
        lines = document_lines(session, viewer, [one.document for one in found])
    searched(request, viewer, "documents", q, len(found))
    return [
        line.as_dict() | {"snippet": one.snippet} for line, one in zip(lines, found, strict=True)
    ]


@router.get("/gaps", responses=ERRORS)
def gaps(
    request: Request,
    viewer: MAY_AUDIT,
    category: Annotated[str, Query(max_length=32)] = "",
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> list[dict[str, Any]]:
    """Required items that are missing, in the register's order."""
    listed(request, viewer, "gaps")
    with front_of(request).database.read() as session:
        return [
            {
                "household_id": row.household_id,
                "household": row.key.as_dict(),
                "file_no": row.file_no,
                "owner": row.owner,
                "category": row.category,
                "type": row.type,
                "state": row.state,
            }
            for row in overview.gaps(session, viewer, category=category, limit=limit)
        ]


@router.get("/openapi.json", include_in_schema=False)
def openapi() -> Response:
    """The description of this API."""
    from web import api_approvals, api_checks, api_office

    others = (api_office, api_approvals, api_checks)
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
