"""Search: households by room, owner, phone, file number; documents by their words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog.access import Viewer
from catalog.finding import find_documents
from web.guard import front_of, needs
from web.lines import document_lines
from web.page import chosen, page
from web.rooms.opening import searched

router = APIRouter()
MAY_NAME = Annotated[Viewer, needs("household.name")]
STATES = ("filed", "review")


@router.get("/search")
def search(
    request: Request,
    viewer: MAY_NAME,
    q: str = "",
    type: str = "",  # noqa: A002
    state: str = "",
) -> Response:
    """What is found, only of what this viewer may see."""
    front, query = front_of(request), q.strip()[:100]
    households = front.finder.find(query, viewer, 12) if query else []
    hits = []
    if query:
        with front.database.read() as session:
            found = find_documents(
                session,
                viewer,
                query,
                type_code=type if type in front.template.by_code else "",
                state=chosen(STATES, state),
            )
            lines = document_lines(session, viewer, [one.document for one in found])
            hits = [
                {"line": line, "snippet": one.snippet}
                for line, one in zip(lines, found, strict=True)
            ]
        searched(request, viewer, "all", query, len(hits) + len(households))
    return page(
        request,
        "search.html",
        viewer,
        q=query,
        households=households,
        hits=hits,
        state=chosen(STATES, state),
        reads=viewer.may("document.page") and not viewer.reach("document.page").with_reason,
    )
