"""Reading a document again, and what its earlier readings said."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from catalog import chores, ledger, readings
from catalog.access import Sight, Viewer, mask
from catalog.models import Document
from ingest.engines import NAMES
from web.guard import Refused, front_of, needs
from web.page import page, problem_of, to, to_problem
from web.rooms.opening import looked, opened_document, refused
from yihu.clock import iso
from yihu.errors import Usage

router = APIRouter()
MAY_OPEN = Annotated[Viewer, needs("document.page")]
MAY_REREAD = Annotated[Viewer, needs("document.reread")]
Short = Annotated[str, Form(max_length=20)]


def readings_of(
    request: Request, viewer: Viewer, document_id: int
) -> tuple[Document, Sight, list[dict[str, Any]]]:
    """A document and every reading of its pages, numbers covered for this viewer."""
    document, sight = opened_document(request, viewer, document_id, "document.page")
    if not sight.page:
        refused(request, viewer, f"document:{document_id}", "document.page")
        raise Refused("须先说明原因 / give a reason first")
    looked(request, viewer, f"document:{document_id}", "text", sight)
    with front_of(request).database.read() as session:
        found = readings.history(
            session, document.sha256 or "", document.first_page, document.last_page
        )
    return document, sight, [_told(one, sight) for one in reversed(found)]


def _told(one: readings.Told, sight: Sight) -> dict[str, Any]:
    return {
        "page": one.page,
        "reading": one.reading,
        "engine": one.engine,
        "version": one.version,
        "at": one.at,
        "seconds": round(one.seconds, 2),
        "current": one.current,
        "sureness": round(one.text.sureness, 4),
        "lines": [mask(line.text, sight.covers) for line in one.text.lines],
    }


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A reading for the API."""
    return row | {"at": iso(row["at"])}


@router.get("/documents/{document_id}/readings")
def earlier(
    request: Request, viewer: MAY_OPEN, document_id: int, problem: str = "", done: str = ""
) -> Response:
    """Every reading of a document, which one counts, and what was asked for."""
    document, sight, found = readings_of(request, viewer, document_id)
    with front_of(request).database.read() as session:
        asked = _asked(session, document)
    by_page: dict[int, list[dict[str, Any]]] = {}
    for one in sorted(found, key=lambda row: row["page"]):
        by_page.setdefault(one["page"], []).append(one)
    return page(
        request,
        "readings.html",
        viewer,
        document=document,
        by_page=by_page,
        asked=asked,
        engines=NAMES,
        may_reread=sight.may("document.reread"),
        problem=problem_of(request, problem),
        done=done == "asked",
    )


def _asked(session: Session, document: Document) -> list[dict[str, Any]]:
    if document.sha256 is None:
        return []
    return [
        {
            "page": int(one.subject.rpartition(":")[2]),
            "at": one.asked_at,
            "by": one.asked_by,
            "state": one.state,
            "verdict": (one.outcome or {}).get("verdict", ""),
            "error": one.last_error,
        }
        for one in chores.asked_of(session, "reread", document.sha256)
        if document.first_page <= int(one.subject.rpartition(":")[2]) <= document.last_page
    ]


@router.post("/documents/{document_id}/reread")
def reread(
    request: Request,
    viewer: MAY_REREAD,
    document_id: int,
    engine: Short = "",
    careful: Short = "",
) -> Response:
    """Ask for a document to be read again, behind everything else."""
    path = f"/documents/{document_id}/readings"
    try:
        ask(request, viewer, document_id, engine, careful == "yes")
    except Usage as error:
        return to_problem(request, path, str(error))
    return to(path, done="asked")


def ask(request: Request, viewer: Viewer, document_id: int, engine: str, careful: bool) -> int:
    """Ask for every page to be read again; gives how many, `Usage` where none can be."""
    from worker import rereading  # brings the reader along: not before it is needed

    document, _ = opened_document(request, viewer, document_id, "document.reread")
    if engine and engine not in NAMES:
        raise Usage(f"没有这个识别引擎 / no such reader: {engine[:20]}")
    with front_of(request).database.write() as session:
        asked = rereading.ask(session, [document], engine=engine, careful=careful, by=viewer.actor)
        if not asked:
            raise Usage("这份文件现在不能重新识别 / this document cannot be read again now")
        told = {"engine": engine, "careful": careful, "pages": len(asked)}
        ledger.append(session, "reread_asked", f"document:{document_id}", told, viewer.actor)
    return len(asked)
