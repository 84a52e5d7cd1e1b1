"""Decisions by program: every verb of the review desk, with the rights and the code of the desk."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from catalog.access import Sight, Viewer
from catalog.models import Document
from catalog.stated import stated
from web.api_answers import DocumentOut
from web.api_parts import ERRORS, PREFIX, Id, line_of
from web.guard import front_of, needs
from web.rooms.documents import refiling, replaced
from web.rooms.opening import free_document, opened_document
from web.rooms.review import household_given, joined, type_given, undo_decision
from worker.undoing import Desk
from yihu.errors import Usage

router = APIRouter(prefix=PREFIX, tags=["yihu"])
MAY_DECIDE = Annotated[Viewer, needs("review.decide")]

Act = Literal[
    "accept", "assign", "discard", "rescan", "split", "merge", "blank",
    "take-out", "replace", "restore", "retry", "undo",
]  # fmt: skip


class Decision(BaseModel):
    """What to do with a document; household and type as a person writes them.

    What is filed already is moved, replaced, discarded or taken out only with
    the right to that, and a reason.
    """

    model_config = ConfigDict(extra="forbid")
    act: Act = Field(
        description="`merge` joins it to the document before it in the same scan; `blank` marks a "
        "page as a blank side or takes that back; `take-out` puts what is filed back into review."
    )
    household: str = Field("", max_length=200, description="Room in any written form.")
    household_id: int | None = Field(None, ge=1, le=2**53)
    type: str = Field("", max_length=100, description="Type code, name or synonym.")
    page: int | None = Field(
        None, ge=1, le=2**31 - 1, description="split: where the new one begins; blank: which page."
    )
    by: int | None = Field(
        None, ge=1, le=2**53, description="replace: the filed document that takes its place."
    )
    reason: str = Field("", max_length=300)


@router.post("/documents/{document_id}/decision", responses=ERRORS)
def decide(
    request: Request, viewer: MAY_DECIDE, document_id: Id, decision: Decision
) -> DocumentOut:
    """Decide on a document, as a person at the desk would; gives how it stands now."""
    found, sight = free_document(request, viewer, document_id, "review.decide")
    match decision.act:
        case "assign" | "discard" | "rescan":
            _place(request, viewer, found, decision)
        case "split" | "merge" | "blank":
            _cut(request, viewer, document_id, decision)
        case "take-out" | "replace":
            _withdraw(request, viewer, document_id, decision)
        case _:
            _plain(request, viewer, document_id, sight, decision.act)
    found, _ = opened_document(request, viewer, document_id, "review.decide")
    return line_of(request, viewer, found)


def _place(request: Request, viewer: Viewer, found: Document, decision: Decision) -> None:
    """Where it goes: to a household and type, to the trash, or back to be scanned again."""
    if decision.act == "assign":
        number = str(decision.household_id or "")
        household = household_given(request, viewer, decision.household, number)
        kind = type_given(request, decision.type)
        it = _may_move(request, viewer, found, decision.reason)
        it.assign(found.id, household, kind, decision.reason, only=found.state)
        return
    why = "rescan" if decision.act == "rescan" else "discarded"
    it = _may_move(request, viewer, found, decision.reason)
    it.discard(found.id, decision.reason, why, only=found.state)


def _may_move(request: Request, viewer: Viewer, found: Document, reason: str) -> Desk:
    """What is filed already moves only with the right to move it, and a reason."""
    if found.state != "filed":
        return front_of(request).desk(viewer)
    _, sight = opened_document(request, viewer, found.id, "document.refile")
    stated(reason)
    return refiling(request, viewer, found.id, sight)


def _cut(request: Request, viewer: Viewer, document_id: int, decision: Decision) -> None:
    """Which pages belong to it."""
    it = front_of(request).desk(viewer)
    if decision.act == "merge":
        joined(request, viewer, it, document_id)
        return
    if decision.page is None:
        raise Usage("请填写页码 page / say which page")
    if decision.act == "split":
        it.split(document_id, [decision.page])
    else:
        it.mark_blank(document_id, decision.page)


def _withdraw(request: Request, viewer: Viewer, document_id: int, decision: Decision) -> None:
    """Out of the household's file, with a reason."""
    if decision.act == "replace":
        if decision.by is None:
            raise Usage("请填写替换它的文件 by / say which document takes its place: by")
        replaced(request, viewer, document_id, decision.by, decision.reason)
        return
    _, sight = opened_document(request, viewer, document_id, "document.refile")
    reason = stated(decision.reason)
    refiling(request, viewer, document_id, sight).take_out(document_id, reason)


def _plain(request: Request, viewer: Viewer, document_id: int, sight: Sight, act: str) -> None:
    """The verbs that need nothing said besides."""
    it = front_of(request).desk(viewer)
    if act == "accept":
        it.accept(document_id)
    elif act == "restore":
        it.restore(document_id)
    elif act == "retry":
        it.retry(document_id)
    else:
        undo_decision(request, viewer, document_id, sight)
