"""What is noted about a household: changed with a reason, taken back, the catalogue at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from catalog import facts
from catalog.access import Sight, Viewer
from catalog.facts import Noted
from catalog.models import Household
from web.guard import front_of, needs
from web.page import to, to_problem
from web.rooms.opening import opened_household
from yihu.errors import NotFound, Usage

router = APIRouter()
MAY_NOTE = Annotated[Viewer, needs("household.facts")]
Text = Annotated[str, Form(max_length=300)]
Short = Annotated[str, Form(max_length=16)]
Count = Annotated[int, Form(ge=0, le=facts.MOST)]


def facts_of(session: Session, household: Household, sight: Sight) -> dict[str, Any]:
    """What the household's page shows of its facts: as they stand, the changes, what may be done.

    Reasons and evidence are people's own words and may name somebody: only who may
    note facts reads them.
    """
    may = sight.may("household.facts")
    open_now = household.closed_at is None
    return {
        "noted": facts.of(household),
        "fact_changes": facts.history(session, household.id) if may else [],
        "may_note": may and open_now,
        "undoable_fact": facts.undoable(session, household) if may and open_now else None,
        "occupancies": facts.OCCUPANCIES,
        "most_facts": facts.MOST,
    }


@router.post("/households/{household_id}/facts")
def note(
    request: Request,
    viewer: MAY_NOTE,
    household_id: int,
    occupancy: Short = "",
    agent: Short = "",
    renovations: Count = 0,
    renovations_done: Count = 0,
    vehicles: Count = 0,
    leases: Count = 0,
    why: Text = "",
    evidence: Text = "",
    seen: Text = "",
) -> Response:
    """Note what the form says, whole; refused when somebody changed it since the page was shown."""
    opened_household(request, viewer, household_id, "household.facts")
    wanted = Noted(
        occupancy.strip(), agent == "yes", renovations, renovations_done, vehicles, leases
    )
    front = front_of(request)
    try:
        with front.database.write() as session:
            facts.change(
                session, household_id, wanted, why=why, evidence=evidence,
                actor=viewer.actor, seen=seen, template=front.template,
            )  # fmt: skip
    except (Usage, NotFound) as error:
        return to_problem(request, f"/households/{household_id}", str(error))
    return to(f"/households/{household_id}", done="facts")


@router.post("/households/{household_id}/facts/undo")
def undo(request: Request, viewer: MAY_NOTE, household_id: int, why: Text = "") -> Response:
    """Take the newest change back, with a reason."""
    opened_household(request, viewer, household_id, "household.facts")
    front = front_of(request)
    try:
        with front.database.write() as session:
            facts.undo(session, household_id, why=why, actor=viewer.actor, template=front.template)
    except (Usage, NotFound) as error:
        return to_problem(request, f"/households/{household_id}", str(error))
    return to(f"/households/{household_id}", done="facts")
