"""Approvals: what waits for this person's decision, and what they asked for themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from catalog import approvals
from catalog.access import Viewer
from web.askable import blindly
from web.guard import front_of, needs
from web.page import inner_path, page, problem_of, to, to_problem
from web.rooms.opening import listed, refused
from yihu.errors import NotFound, Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("approval.see")]
MAY_ASK = Annotated[Viewer, needs("approval.ask")]
MAY_DECIDE = Annotated[Viewer, needs("approval.decide")]
Text = Annotated[str, Form(max_length=500)]
Short = Annotated[str, Form(max_length=100)]
DONE = ("asked", "granted", "declined", "withdrawn")


@router.get("/approvals")
def room(request: Request, viewer: MAY_SEE, done: str = "", problem: str = "") -> Response:
    """Open requests to decide on, own ones with their state, and what was decided lately."""
    if viewer.may("approval.decide"):
        listed(request, viewer, "approvals")
    front = front_of(request)
    with front.database.read() as session:
        waiting = approvals.waiting(session, viewer)
        mine = approvals.mine(session, viewer)
        decided = approvals.decided(session, viewer) if viewer.may("approval.decide") else []
    return page(
        request,
        "approvals.html",
        viewer,
        waiting=waiting,
        mine=mine,
        decided=decided,
        decides=viewer.may("approval.decide"),
        actions=viewer.rights.actions,
        by_number=blindly(viewer, "document"),
        days=front.settings.approval_days,
        done=done if done in DONE else "",
        problem=problem_of(request, problem),
    )


@router.post("/approvals")
def ask(
    request: Request,
    viewer: MAY_ASK,
    subject: Short = "",
    kind: Short = "",
    number: Short = "",
    action: Annotated[list[str] | None, Form()] = None,
    reason: Text = "",
    back: Text = "",
) -> Response:
    """Ask for one or several rights with one subject (or a kind and a number), for one reason."""
    target = inner_path(back, "/approvals").partition("?")[0]
    try:
        asked(request, viewer, subject or f"{kind}:{number.strip()}", action or [], reason)
    except Usage as error:
        room_of = target if target.startswith(("/documents/", "/households/")) else "/approvals"
        return to_problem(request, room_of, str(error))
    return to(target, **({"done": "asked"} if target == "/approvals" else {}))


def asked(
    request: Request, viewer: Viewer, subject: str, actions: list[str], reason: str
) -> list[int]:
    """The requests that were made, or stood already: all of them or none."""
    if not actions:
        raise Usage("请选择要申请的事项 / choose what to ask for")
    named = approvals.Subject.parse(subject)
    try:
        with front_of(request).database.write() as session:
            return [
                approvals.ask(session, viewer, action, named, reason)
                for action in dict.fromkeys(actions)
            ]
    except NotFound:
        refused(request, viewer, named.in_ledger, "approval.ask")
        raise


@router.post("/approvals/{number}/grant")
def grant(
    request: Request, viewer: MAY_DECIDE, number: int, days: Annotated[int, Form()] = 0
) -> Response:
    """Approve, for the days given or as long as the office allows."""
    try:
        granted(request, viewer, number, days)
    except Usage as error:
        return to_problem(request, "/approvals", str(error))
    return to("/approvals", done="granted")


def granted(request: Request, viewer: Viewer, number: int, days: int) -> None:
    """Approve within the longest time the office allows; 0 days is that time."""
    front = front_of(request)
    most = front.settings.approval_days
    if not 0 <= days <= most:
        raise Usage(f"有效期 1–{most} 天 / 1 to {most} days")
    try:
        with front.database.write() as session:
            approvals.grant(session, viewer, number, days or most)
    except NotFound:
        refused(request, viewer, f"approval:{number}", "approval.decide")
        raise


@router.post("/approvals/{number}/decline")
def decline(request: Request, viewer: MAY_DECIDE, number: int, reason: Text = "") -> Response:
    """Decline, with a reason for the asker."""
    try:
        declined(request, viewer, number, reason)
    except Usage as error:
        return to_problem(request, "/approvals", str(error))
    return to("/approvals", done="declined")


def declined(request: Request, viewer: Viewer, number: int, reason: str) -> None:
    """Decline; a try at what is not this person's to decide is noted."""
    try:
        with front_of(request).database.write() as session:
            approvals.decline(session, viewer, number, reason)
    except NotFound:
        refused(request, viewer, f"approval:{number}", "approval.decide")
        raise


@router.post("/approvals/{number}/withdraw")
def withdraw(request: Request, viewer: MAY_ASK, number: int) -> Response:
    """Take an own request back, or give up what was granted."""
    try:
        withdrawn(request, viewer, number)
    except Usage as error:
        return to_problem(request, "/approvals", str(error))
    return to("/approvals", done="withdrawn")


def withdrawn(request: Request, viewer: Viewer, number: int) -> None:
    """Take back; a try at somebody else's request is noted."""
    try:
        with front_of(request).database.write() as session:
            approvals.withdraw(session, viewer, number)
    except NotFound:
        refused(request, viewer, f"approval:{number}", "approval.ask")
        raise
