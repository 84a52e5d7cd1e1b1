"""Search: households by room, owner, phone, file number; documents by their words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog import overview
from catalog.access import Viewer
from catalog.finding import Wanted, find_documents
from web.desk_view import types_by_category
from web.guard import front_of, needs
from web.lines import document_lines
from web.page import chosen, page
from web.rooms.opening import searched
from worker.front import Front

router = APIRouter()
MAY_NAME = Annotated[Viewer, needs("household.name")]
STATES = ("filed", "review")
MOST_HOUSEHOLDS, A_PAGE = 12, 50
FILTERS = ("state", "type", "building", "since", "until")


@router.get("/search")
def search(request: Request, viewer: MAY_NAME, q: str = "", before: int = 0) -> Response:
    """What is found, only of what this viewer may see; `before` goes on behind a document."""
    front, query, before = front_of(request), q.strip()[:100], max(0, before)
    given = {name: request.query_params.get(name, "")[:64] for name in FILTERS}
    wanted = wanted_of(front, **given)
    first = bool(query) and not before
    households = front.finder.find(query, viewer, MOST_HOUSEHOLDS) if first else []
    hits, more = _documents(front, viewer, query, wanted, before) if query else ([], 0)
    if query:
        searched(request, viewer, "all", query, len(hits) + len(households))
    with front.database.read() as session:
        places = overview.buildings(session, viewer, "household.name")
    return page(
        request,
        "search.html",
        viewer,
        q=query,
        households=households,
        hits=hits,
        given=_shown(wanted, given),
        buildings=list(dict.fromkeys(place["building"] for place in places)),
        categories=types_by_category(front.template),
        before=before,
        more=urlencode({"q": query, **_kept(_shown(wanted, given)), "before": more})
        if more
        else "",
        reads=viewer.may("document.page") and not viewer.reach("document.page").with_reason,
    )


def _documents(
    front: Front, viewer: Viewer, query: str, wanted: Wanted, before: int
) -> tuple[list[dict[str, Any]], int]:
    """One page of hits, and the document behind which the next begins; 0 for none.

    How many there are in all is not counted: it would take looking through each.
    """
    with front.database.read() as session:
        found = find_documents(
            session, viewer, query, wanted=wanted, before=before, limit=A_PAGE + 1
        )
        shown = found[:A_PAGE]
        lines = document_lines(session, viewer, [one.document for one in shown])
    hits = [{"line": line, "snippet": one.snippet} for line, one in zip(lines, shown, strict=True)]
    return hits, shown[-1].document.id if len(found) > A_PAGE else 0


def wanted_of(
    front: Front,
    *,
    state: str = "",
    type: str = "",  # noqa: A002
    building: str = "",
    since: str = "",
    until: str = "",
) -> Wanted:
    """The filter as given; what is no state, type or day is left open. Days are the estate's."""
    zone = ZoneInfo(front.settings.timezone)
    last = _day(until, zone)
    return Wanted(
        state=chosen(STATES, state),
        type=type if type in front.template.by_code else "",
        building=building.strip()[:20].replace("\0", ""),
        since=_day(since, zone),
        until=last + timedelta(days=1) if last else None,
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None


def _shown(wanted: Wanted, given: dict[str, str]) -> dict[str, str]:
    """The filter as the form shows it: only what holds."""
    return {
        "state": wanted.state,
        "type": wanted.type,
        "building": wanted.building,
        "since": given["since"] if wanted.since else "",
        "until": given["until"] if wanted.until else "",
    }


def _kept(shown: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in shown.items() if value}
