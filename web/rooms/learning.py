"""Learning: the versions of the text model, how good each is, and the way back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from catalog import labels, minds
from catalog.access import Viewer
from catalog.stated import stated
from web.guard import front_of, needs
from web.page import page, problem_of, to, to_problem
from worker import discards
from yihu.clock import iso
from yihu.errors import NotFound, Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("policy.see")]
MAY_USE = Annotated[Viewer, needs("model.use")]
Text = Annotated[str, Form(max_length=300)]
ROOM = "/settings/learning"


def versions(session: Session) -> list[dict[str, Any]]:
    """Every version, newest first, the shipped one last."""
    used = minds.state(session).model
    shipped: dict[str, Any] = {
        "version": minds.SHIPPED,
        "made_at": None,
        "labels": 0,
        "better": None,
        "figures": {},
        "by": "",
    }
    made: list[dict[str, Any]] = [
        {
            "version": row.version, "made_at": row.made_at, "labels": row.labels,
            "better": row.better, "figures": row.figures, "by": row.made_by,
        }
        for row in reversed(minds.models(session))
    ]  # fmt: skip
    return [row | {"in_use": row["version"] == used} for row in [*made, shipped]]


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A version for the API."""
    return row | {"made_at": iso(row["made_at"]) if row["made_at"] else None}


@router.get("/settings/learning")
def models(request: Request, viewer: MAY_SEE, problem: str = "", done: str = "") -> Response:
    """The versions with their figures on held-back reviews, and which one judges."""
    front = front_of(request)
    with front.database.read() as session:
        rows, decided = versions(session), labels.count(session)
        discarded = discards.count(session, front.template)
    return page(
        request,
        "learning.html",
        viewer,
        rows=rows,
        decided=decided,
        discarded=discarded,
        after=front.settings.learn_after,
        may_use=viewer.may("model.use"),
        problem=problem_of(request, problem),
        done=done == "used",
    )


@router.post("/settings/learning/use")
def use(request: Request, viewer: MAY_USE, version: int = Form(ge=0), why: Text = "") -> Response:
    """Let a version judge from now on, with a reason; 0 is the shipped one."""
    try:
        put_in_use(request, viewer, version, why)
    except (Usage, NotFound) as error:
        return to_problem(request, ROOM, str(error))
    return to(ROOM, done="used")


def put_in_use(request: Request, viewer: Viewer, version: int, why: str) -> None:
    """Let a version judge; `Usage` without a reason, `NotFound` for an unknown version."""
    front = front_of(request)
    with front.database.write() as session:
        minds.use(session, version, viewer.actor, "by hand", stated(why))
    front.mind.forget()
