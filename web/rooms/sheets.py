"""Separator sheets to print: a small form that answers with a PDF."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from catalog.access import Viewer
from web.guard import front_of, needs
from web.page import download, page, problem_of, shown, to_problem
from worker.front import Front
from worker.rooms import UnknownRoom, find_household
from yihu.clock import now
from yihu.errors import Usage
from yihu.household import RoomKey

router = APIRouter()
MAY_DROP = Annotated[Viewer, needs("document.drop")]
MOST_ROOMS, MOST_PAGES, MOST_COPIES = 100, 999, 99


@router.get("/inbox/sheets")
def form(request: Request, viewer: MAY_DROP, problem: str = "") -> Response:
    """What should stand on the sheets."""
    from worker.sheets import LONGEST_BATCH, missing_font, types_of

    show, template = shown(request), front_of(request).template
    kinds: dict[str, list[str]] = {}
    for kind in types_of(template):
        kinds.setdefault(show.category(kind.category), []).append(kind.code)
    return page(
        request,
        "sheets.html",
        viewer,
        kinds=kinds,
        most_pages=MOST_PAGES,
        most_copies=MOST_COPIES,
        longest=LONGEST_BATCH,
        package=missing_font(),
        problem=problem_of(request, problem),
    )


@router.post("/inbox/sheets")
def sheets(
    request: Request,
    viewer: MAY_DROP,
    rooms: Annotated[str, Form(max_length=4000)] = "",
    type: Annotated[str, Form(max_length=64)] = "",  # noqa: A002
    pages: Annotated[int, Form(ge=0, le=MOST_PAGES)] = 0,
    batch: Annotated[str, Form(max_length=120)] = "",
    copies: Annotated[int, Form(ge=1, le=MOST_COPIES)] = 1,
) -> Response:
    """The sheets as a PDF to save and print."""
    from worker.sheets import sheets_for, sheets_pdf

    front = front_of(request)
    try:
        homes = _homes(front, viewer, rooms)
        types = (type,) if type else ()
        wanted = sheets_for(front.template, homes, types, pages=pages, batch=batch, copies=copies)
    except (Usage, UnknownRoom) as error:
        return to_problem(request, "/inbox/sheets", str(error))
    data = sheets_pdf(wanted, front.template)
    return download(data, "application/pdf", f"分隔页 sheets {now():%Y%m%d-%H%M}.pdf")


def _homes(front: Front, viewer: Viewer, rooms: str) -> list[RoomKey]:
    """The households that the lines name.

    Who knows households prints sheets for those within reach. Who only drops
    scans knows rooms from the papers in hand: theirs are taken as written, and
    what comes near is not told.
    """
    written = [line.strip() for line in rooms.splitlines() if line.strip()]
    if len(written) > MOST_ROOMS:
        raise Usage(f"一次最多 {MOST_ROOMS} 个房号 / at most {MOST_ROOMS} rooms at once")
    register, reach = front.register.current(), viewer.reach("household.name")
    if reach.anything:
        return [find_household(room, register, reach.holds).key for room in written]
    try:
        return [find_household(room, register).key for room in written]
    except UnknownRoom as error:
        raise Usage("有房号不在名册中，请核对 / a room is not in the register") from error
