"""The verbs of approvals for programs: list, ask, decide; the same rights as the room."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from catalog import approvals
from catalog.access import Viewer
from web.api_answers import RequestsOut, StateOut
from web.api_parts import ERRORS, PREFIX
from web.guard import front_of, needs
from web.rooms.approvals import asked, declined, granted, withdrawn
from web.rooms.opening import listed

router = APIRouter(prefix=f"{PREFIX}/approvals", tags=["yihu"])
MAY_SEE = Annotated[Viewer, needs("approval.see")]
MAY_ASK = Annotated[Viewer, needs("approval.ask")]
MAY_DECIDE = Annotated[Viewer, needs("approval.decide")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class Wanted(BaseModel):
    """What is asked for: actions of the table of rights, with one subject."""

    model_config = ConfigDict(extra="forbid")
    actions: list[str] = Field(min_length=1, max_length=4)
    subject: str = Field(max_length=100, description='"document:5", "household:3", "tick:3/TYPE"')
    reason: str = Field(min_length=2, max_length=500)


class Asked(BaseModel):
    """The numbers of the requests."""

    approvals: list[int]


class Verdict(BaseModel):
    """Grant, for so many days (0: the longest time), or decline, with a reason."""

    model_config = ConfigDict(extra="forbid")
    act: str = Field(pattern="^(grant|decline)$")
    days: int = Field(0, ge=0, le=366)
    reason: str = Field("", max_length=300)


@router.get("", responses=ERRORS)
def open_requests(request: Request, viewer: MAY_SEE) -> RequestsOut:
    """What waits for my decision (`waiting`), and what I asked for (`mine`)."""
    listed(request, viewer, "approvals")
    with front_of(request).database.read() as session:
        return RequestsOut.model_validate(
            {
                "waiting": [line.as_dict() for line in approvals.waiting(session, viewer)],
                "mine": [line.as_dict() for line in approvals.mine(session, viewer)],
            }
        )


@router.post("", responses=ERRORS, status_code=201)
def ask(request: Request, viewer: MAY_ASK, wanted: Wanted) -> Asked:
    """Ask for approval; asking again for the same gives the same number."""
    made = asked(request, viewer, wanted.subject, wanted.actions, wanted.reason)
    return Asked(approvals=made)


@router.post("/{number}/decision", responses=ERRORS)
def decide(request: Request, viewer: MAY_DECIDE, number: Number, verdict: Verdict) -> StateOut:
    """Decide on a request, as its approver."""
    if verdict.act == "grant":
        granted(request, viewer, number, verdict.days)
        return StateOut(state="granted")
    declined(request, viewer, number, verdict.reason)
    return StateOut(state="declined")


@router.post("/{number}/withdraw", responses=ERRORS)
def withdraw(request: Request, viewer: MAY_ASK, number: Number) -> StateOut:
    """Take an own request back."""
    withdrawn(request, viewer, number)
    return StateOut(state="withdrawn")
