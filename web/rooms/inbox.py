"""The inbox: what arrived, where it is since when, why it stopped, and bringing more."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from catalog import documents as repository
from catalog import overview
from catalog.access import Viewer
from catalog.brought import Brought
from web.guard import front_of, needs
from web.lines import document_lines
from web.page import chosen, page, to, wants_json
from web.rooms.opening import free_document
from worker.front import Front
from yihu.clock import now
from yihu.errors import Rejected, Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("document.list")]
MAY_DROP = Annotated[Viewer, needs("document.drop")]
MAY_DECIDE = Annotated[Viewer, needs("review.decide")]
MOST_FILES = 200
_CHUNK = 1024 * 1024


@router.get("/inbox")
def inbox(
    request: Request,
    viewer: MAY_SEE,
    state: str = "",
    by: str = "",
    batch: int = 0,
    before: int = 0,
    done: str = "",
) -> Response:
    """What arrived, newest first."""
    known = _rows(front_of(request), viewer, state, by, batch, before)
    return page(request, "inbox.html", viewer, **known, done=done[:40])


@router.get("/inbox/rows")
def rows(
    request: Request,
    viewer: MAY_SEE,
    state: str = "",
    by: str = "",
    batch: int = 0,
    before: int = 0,
) -> Response:
    """The list alone, for the page's own script."""
    known = _rows(front_of(request), viewer, state, by, batch, before)
    return page(request, "inbox_rows.html", viewer, **known)


def _rows(
    front: Front, viewer: Viewer, state: str, by: str, batch: int, before: int
) -> dict[str, Any]:
    state = chosen(repository.STATES, state)
    with front.database.read() as session:
        found = overview.arrived(
            session, viewer, state=state, by=by, batch=batch, before=before, limit=61
        )
        return {
            "lines": document_lines(session, viewer, found[:60]),
            "counts": overview.states(session, viewer),
            "people": _people(front, viewer, session),
            "state": state,
            "by": by,
            "batch": batch,
            "more": found[59].id if len(found) > 60 else 0,
            "states": repository.STATES,
            "moving": any(d.stage for d in found),
        }


_KNOWN: dict[tuple[int, int], tuple[float, list[str]]] = {}
_KEEP_SECONDS = 60.0


def _people(front: Front, viewer: Viewer, session: Session) -> list[str]:
    """Who dropped something; asked anew once a minute, because the list is followed live."""
    key, moment = (id(front), viewer.account_id), time.monotonic()
    kept = _KNOWN.get(key)
    if kept is None or moment > kept[0]:
        kept = _KNOWN[key] = (moment + _KEEP_SECONDS, overview.droppers(session, viewer))
    return kept[1]


@router.post("/inbox/upload")
def upload(
    request: Request,
    viewer: MAY_DROP,
    files: Annotated[list[UploadFile], File()],
    together: Annotated[str, Form(max_length=8)] = "",
    name: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Take files in; with `together`, the photos become the pages of one document."""
    ids = take(front_of(request), viewer, files, together=bool(together), name=name)
    if wants_json(request):
        return JSONResponse({"documents": ids})
    return to("/inbox", done=len(ids))


def take(
    front: Front,
    viewer: Viewer,
    files: list[UploadFile],
    *,
    together: bool = False,
    name: str = "",
    said: Brought | None = None,
) -> list[int]:
    """Bring uploaded files; each one is recorded, a bad one as rejected with its reason.

    `said` is the household, and perhaps the type, the person brings them for.
    """
    given = [file for file in files if file.filename]
    if not given:
        raise Usage("请选择文件 / choose a file")
    if len(given) > MOST_FILES:
        raise Usage(f"一次最多 {MOST_FILES} 个文件 / at most {MOST_FILES} files at once")
    folder = front.upload_folder()
    try:
        saved = [
            (_saved(front, file, folder / str(n)), file.filename or "")
            for n, file in enumerate(given)
        ]
        if together and len(saved) > 1:
            target = folder / "bound.pdf"
            try:
                front.bind([path for path, _ in saved], target)
            except Rejected as error:
                raise Usage(
                    "只有照片能合成一份文件 / only photos can be bound into one document"
                ) from error
            stem = name.strip() or _name_of_shots(front)
            saved = [(target, f"{stem}.pdf")]
        return front.bring(saved, viewer, said)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name_of_shots(front: Front) -> str:
    """The moment in the estate's zone, written so that no digits of it look like a number."""
    return (
        now().astimezone(ZoneInfo(front.settings.timezone)).strftime("photo %Y-%m-%d at %H.%M.%S")
    )


def _saved(front: Front, file: UploadFile, path: Path) -> Path:
    most, size = front.settings.max_file_bytes, 0
    with path.open("wb") as target:
        while chunk := file.file.read(_CHUNK):
            size += len(chunk)
            target.write(chunk)
            if size > most:
                break  # one byte too many is enough to be told "too large" with its reason
    return path


@router.post("/inbox/{document_id}/retry")
def retry(request: Request, viewer: MAY_DECIDE, document_id: int) -> Response:
    """Try a failed or rejected document again."""
    free_document(request, viewer, document_id, "review.decide")
    front_of(request).desk(viewer).retry(document_id)
    return _back(request)


@router.post("/inbox/{document_id}/restore")
def restore(request: Request, viewer: MAY_DECIDE, document_id: int) -> Response:
    """Take a document out of the trash."""
    free_document(request, viewer, document_id, "review.decide")
    front_of(request).desk(viewer).restore(document_id)
    return _back(request)


def _back(request: Request) -> Response:
    return JSONResponse({"ok": True}) if wants_json(request) else to("/inbox")
