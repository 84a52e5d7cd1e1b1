"""The review queue: what waits, like documents accepted together, and that taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from catalog import desk
from catalog.access import Viewer
from catalog.desk import Filter
from catalog.models import Document
from classifier import LIKE_DISCARDED
from web.desk_view import undoable
from web.guard import front_of, needs
from web.lines import DocumentLine, document_lines
from web.page import Shown, page, problem_of, shown, to, to_problem
from web.rooms.opening import free_document, listed
from web.rooms.review import undo_decision, wanted_filter
from yihu.errors import NotFound, Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("review.see")]
MAY_DECIDE = Annotated[Viewer, needs("review.decide")]
Numbers = Annotated[list[int] | None, Form()]
MOST_AT_ONCE = 200
_SHOWN = 50
_COUNTS = re.compile(r"[0-9]{1,3}/[0-9]{1,3}")


@router.get("/review")
def queue(
    request: Request,
    viewer: MAY_SEE,
    after: int = 0,
    done: str = "",
    taken: str = "",
    back: str = "",
    like: str = "",
    problem: str = "",
) -> Response:
    """What waits, with the best suggestion and the reasons; filters and bulk acceptance.

    `like` ticks what waits for just these reasons; `taken` are the documents that
    were accepted together just now, `back` says how many of them were taken back.
    """
    wanted, decides = wanted_filter(request), viewer.may("review.decide")
    listed(request, viewer, "review")
    with front_of(request).database.read() as session:
        found = desk.queue(session, viewer, wanted, after=after, limit=_SHOWN + 1)
        lines = document_lines(session, viewer, found[:_SHOWN])
        held = desk.holders(session, [line.id for line in lines])
        known: dict[str, Any] = {
            "lines": lines,
            "count": desk.count(session, viewer, wanted),
            "total": desk.count(session, viewer),
            "choices": desk.choices(session, viewer),
            "held": held,
            "more": found[_SHOWN - 1].id if len(found) > _SHOWN else 0,
            "undo": to_take_back(session, viewer, done, taken) if decides and done else [],
        }
    free = [
        line for line in lines if held.get(line.id, (viewer.account_id,))[0] == viewer.account_id
    ]
    return page(
        request,
        "review.html",
        viewer,
        wanted=wanted,
        filter_query=urlencode(wanted.as_query()),
        decides=decides,
        done=done[:60],
        back=back if _COUNTS.fullmatch(back) else "",
        likes={line.id: urlencode(_alike(line, wanted)) for line in lines if _whole(line)},
        ticked={line.id for line in free if _is_like(line, wanted, like)},
        problem=problem_of(request, problem),
        **known,
    )


@router.post("/review/bulk")
def bulk(request: Request, viewer: MAY_DECIDE, document: Numbers = None) -> Response:
    """Accept like documents as suggested; what cannot be is left and told.

    They must all be suggested as one type: who looks at one thing overlooks what
    is of another kind.
    """
    query = wanted_filter(request).as_query()
    numbers = list(dict.fromkeys(document or []))[:MOST_AT_ONCE]
    free = _free(request, viewer, numbers)
    if len(kinds := {one.type for one in free}) > 1:
        return to_problem(request, "/review", _unlike(shown(request), kinds), **query)
    accepted = []
    for one in free:
        try:
            front_of(request).desk(viewer).accept(one.id)
            accepted.append(one.id)
        except (Usage, NotFound):
            continue
    taken = "-".join(str(number) for number in accepted)
    return to("/review", done=f"{len(accepted)}/{len(numbers)}", taken=taken, **query)


def _free(request: Request, viewer: Viewer, numbers: Sequence[int]) -> list[Document]:
    """Those of the documents that are this person's to decide and on nobody else's desk."""
    found = []
    for number in numbers:
        try:
            found.append(free_document(request, viewer, number, "review.decide")[0])
        except (Usage, NotFound):
            continue
    return found


def _unlike(show: Shown, kinds: set[str | None]) -> str:
    names = sorted(show.type(kind) or show.words("review.no_type") for kind in kinds)
    return show.words("review.bulk_unlike", types="、".join(names[:4]))


@router.post("/review/undo")
def undo(request: Request, viewer: MAY_DECIDE, document: Numbers = None) -> Response:
    """Take back what was accepted together; what has changed since is left and told."""
    numbers = list(dict.fromkeys(document or []))[:MOST_AT_ONCE]
    back = 0
    for number in numbers:
        try:
            _, sight = free_document(request, viewer, number, "review.decide")
            undo_decision(request, viewer, number, sight)
            back += 1
        except (Usage, NotFound):
            continue
    query = wanted_filter(request).as_query()
    return to("/review", back=f"{back}/{len(numbers)}", **query)


def to_take_back(session: Session, viewer: Viewer, done: str, taken: str) -> list[int]:
    """What was decided just now and is this person's own to undo: one document, or several."""
    written = (taken.split("-") if taken else [done])[:MOST_AT_ONCE]
    numbers = [
        int(text) for text in written if text.isascii() and text.isdigit() and len(text) < 17
    ]
    return [number for number in numbers if undoable(session, viewer, number)]


def _whole(line: DocumentLine) -> bool:
    """Whether the suggestion is to file, and names a household and a type."""
    whole = line.type is not None and line.household is not None
    return whole and LIKE_DISCARDED not in line.reasons


def _alike(line: DocumentLine, wanted: Filter) -> dict[str, str]:
    """The address of the queue with all documents of this one's type and reasons, ticked."""
    reason = wanted.reason if wanted.reason in line.reasons else next(iter(line.reasons), "")
    query = wanted.as_query() | {"type": line.type or "", "reason": reason}
    return query | {"like": _reasons(line)}


def _is_like(line: DocumentLine, wanted: Filter, like: str) -> bool:
    return _whole(line) and line.type == wanted.type and bool(like) and _reasons(line) == like


def _reasons(line: DocumentLine) -> str:
    return ".".join(sorted(line.reasons))
