"""The filing policy: what judges, the load it causes, and the tolerated rate people choose."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import documents, policies
from catalog.access import Viewer
from catalog.models import Account, Document
from web.guard import front_of, needs
from web.page import page, problem_of, to, to_problem
from worker import learning
from yihu.errors import NotFound, Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("policy.see")]
MAY_CHANGE = Annotated[Viewer, needs("policy.change")]
Text = Annotated[str, Form(max_length=300)]
Short = Annotated[str, Form(max_length=20)]
ROOM = "/settings/policy"
ALWAYS = ("untitled", "unsupported", "contradiction", "office", "blank", "media", "strangers")
"""What no rate switches off (`classifier.policy`), by the key of its words."""


@router.get("/settings/policy")
def policy(
    request: Request, viewer: MAY_SEE, rate: str = "", problem: str = "", done: str = ""
) -> Response:
    """What is in force and costs; with `rate` (per cent) what that one would cost, unsaved."""
    front = front_of(request)
    problem, tried = problem_of(request, problem), None
    judged = learning.seen(front)
    in_force = learning.policy_view(front, documents=judged)
    if rate:
        try:
            tried = learning.policy_view(front, share_of(rate), judged)
        except Usage as error:
            problem = problem or str(error)
    with front.database.read() as session:
        known = _counts(session)
        known["versions"] = policies.history(session)
    return page(
        request,
        "policy.html",
        viewer,
        judging=front.mind.current(),
        settings=front.settings,
        view=in_force,
        tried=tried,
        given=rate[:20],
        documents=len(judged),
        version=known["versions"][0].version if known["versions"] else policies.BY_SETTINGS,
        may_change=viewer.may("policy.change"),
        most=learning.MOST_TOLERATED,
        always=ALWAYS,
        problem=problem,
        done=done == "saved",
        **known,
    )


def _counts(session: Session) -> dict[str, Any]:
    by_person = session.scalar(
        select(func.count())
        .select_from(Document)
        .where(Document.state == "filed", Document.decided_by.startswith("person:"))
    )
    return {
        "counts": documents.counts(session),
        "by_person": by_person or 0,
        "accounts": session.scalar(select(func.count()).select_from(Account)) or 0,
    }


def share_of(percent: str) -> float:
    """The share a field in per cent stands for; `Usage` unless it is a rate one may choose."""
    text = percent.strip().rstrip("%％").strip()
    try:
        share = round(float(text) / 100, 9)
    except ValueError as error:
        raise Usage("请填写百分数，如 0.1 / give a percentage, e.g. 0.1") from error
    learning.must_be_tolerable(share)
    return share


@router.post("/settings/policy")
def change(
    request: Request, viewer: MAY_CHANGE, rate: Short, version: int = Form(), why: Text = ""
) -> Response:
    """Put a tolerated rate in force, with a reason; refused when somebody was quicker."""
    try:
        learning.set_rate(front_of(request), share_of(rate), why, viewer.actor, version)
    except Usage as error:
        return to_problem(request, ROOM, str(error), rate=rate)
    return to(ROOM, done="saved")


@router.post("/settings/policy/back")
def back(
    request: Request,
    viewer: MAY_CHANGE,
    to_version: int = Form(),
    version: int = Form(),
    why: Text = "",
) -> Response:
    """Put the rate of an earlier version in force again; 0 is the one of the settings."""
    front = front_of(request)
    try:
        with front.database.read() as session:
            rate = policies.rate_of(session, to_version)
        learning.set_rate(front, rate, why, viewer.actor, version)
    except (Usage, NotFound) as error:
        return to_problem(request, ROOM, str(error))
    return to(ROOM, done="saved")
