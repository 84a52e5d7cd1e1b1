"""Households: by building, one file with its catalogue and two ticks, people, paper."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import approvals, ledger, overview, ticks
from catalog import households as repository
from catalog.access import Sight, Viewer, household_sight, id_shown, phone_shown, subject_text
from catalog.brought import Brought
from catalog.catalogue import household_catalogue
from catalog.models import Document, Holding, Household, Person, Room
from catalog.stated import kept, stated
from web.desk_view import NEVER_FILED, types_by_category
from web.guard import front_of, needs
from web.lines import document_lines
from web.page import Shown, page, problem_of, shown, to, to_problem, wants_json
from web.rooms.facts import facts_of
from web.rooms.inbox import take
from web.rooms.opening import listed, looked, opened_household
from web.rooms.review import type_given
from worker.front import Front
from yihu.clock import now
from yihu.errors import NotFound, Usage
from yihu.household import ABSENT

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("catalogue.see")]
MAY_NAME = Annotated[Viewer, needs("household.name")]
MAY_DROP = Annotated[Viewer, needs("document.drop")]
MAY_CONFIRM = Annotated[Viewer, needs("paper.confirm")]
MAY_WITHDRAW = Annotated[Viewer, needs("paper.withdraw")]
Text = Annotated[str, Form(max_length=300)]
Short = Annotated[str, Form(max_length=80)]
HISTORY = 60


@router.get("/households")
def buildings(
    request: Request, viewer: MAY_SEE, estate: str = "", zone: str = ABSENT, building: str = ""
) -> Response:
    """The buildings within reach; with one chosen, its households in shelf order."""
    if building:
        listed(request, viewer, "households")
    with front_of(request).database.read() as session:
        places = overview.buildings(session, viewer)
        rows = (
            overview.households(session, viewer, (estate or ABSENT, zone, building), limit=1000)
            if building
            else []
        )
    return page(
        request,
        "households.html",
        viewer,
        places=places,
        rows=rows,
        estate=estate,
        zone=zone,
        building=building,
        several=len({place["estate"] for place in places}) > 1,
    )


@router.get("/households/find")
def find(request: Request, viewer: MAY_NAME, q: str = "") -> Response:
    """Households that fit what was typed; for the page's own script."""
    found = front_of(request).finder.find(q[:60], viewer)
    listed(request, viewer, "find")  # one event for a while of typing, not one for each key
    return JSONResponse([suggestion.as_dict() for suggestion in found])


@router.get("/households/{household_id}")
def household(
    request: Request,
    viewer: MAY_SEE,
    household_id: int,
    problem: str = "",
    done: str = "",
    add: str = "",
) -> Response:
    """One household's file: missing first, two ticks a line, documents, people, history.

    `add` is the type that the form for bringing papers begins with.
    """
    front, show = front_of(request), shown(request)
    row, room, sight = opened_household(request, viewer, household_id, "catalogue.see")
    looked(request, viewer, f"household:{household_id}", "catalogue", sight)
    with front.database.read() as session:
        known = _file(session, front, viewer, row, sight, show)
        known["generations"] = _generations(session, room, sight)
        known["people"] = _people(session, row, sight)
        known |= _offers(session, row, sight, known)
        known |= facts_of(session, row, sight)
        known["history"] = _history(session, household_id, show)
    return page(
        request,
        "household.html",
        viewer,
        household=row,
        room=room,
        sight=sight,
        problem=problem_of(request, problem),
        done=done[:40],
        add=add if add in front.template.by_code else "",
        categories=types_by_category(front.template),
        moment=now(),
        **known,
    )


def _file(
    session: Session, front: Front, viewer: Viewer, row: Household, sight: Sight, show: Shown
) -> dict[str, Any]:
    catalogue = household_catalogue(session, row.id, front.template, all_types=False)
    papers: dict[str, list[Holding]] = {}
    held = session.scalars(
        select(Holding).where(Holding.household_id == row.id, Holding.withdrawn_at.is_(None))
    )
    for holding in held:
        if holding.medium == "paper":
            papers.setdefault(holding.type, []).append(holding)
    ids = [number for item in catalogue.items for number in item.documents]
    documents = session.scalars(
        select(Document).where(Document.id.in_(ids)).options(_with_arrival())
    ).all()
    lines = {line.id: line for line in document_lines(session, viewer, documents, pictures=True)}
    waiting = overview.arrived(session, viewer, state="review", household=row.id, limit=20)
    groups: dict[str, list[Any]] = {}
    for item in catalogue.items:
        groups.setdefault(item.category, []).append(item)
    for items in groups.values():
        items.sort(
            key=lambda item: (not (item.required and item.state == "missing"), not item.required)
        )
    return {
        "catalogue": catalogue,
        "groups": groups,
        "lines": lines,
        "papers": papers,
        "expected": len(ticks.expected_paper(session, row.id)),
        "waiting": document_lines(session, viewer, waiting) if viewer.may("review.see") else [],
        "may_confirm": sight.may("paper.confirm") and row.closed_at is None,
        "may_withdraw": sight.outright("paper.withdraw") and row.closed_at is None,
        "may_bring": sight.may("document.drop") and row.closed_at is None,
        "pages_open": sight.may("document.page"),
        "type_names": {item.type: show.type(item.type) for item in catalogue.items},
    }


def _with_arrival() -> Any:
    from sqlalchemy.orm import joinedload

    return joinedload(Document.arrival)


def _offers(
    session: Session, row: Household, sight: Sight, known: dict[str, Any]
) -> dict[str, Any]:
    """What can be asked for here: numbers, former owners' files, withdrawing one paper tick."""
    here = subject_text("household", row.id)
    numbers = [("household.vip_phone", here)] if row.vip else []
    if any(person["id_no"] for person in known["people"]):
        numbers.append(("household.id_no", here))
    ticked = [
        ("paper.withdraw", subject_text("tick", row.id, code))
        for code in known["papers"]
        if row.closed_at is None
    ]
    before = [
        ("household.former", subject_text("household", one.id))
        for one in repository.generations(session, row.room_id)
        if one.closed_at is not None
    ]
    found = approvals.offers(session, sight, [*numbers, *ticked, *before])
    withdrawing = {pair[1].partition("/")[2]: found[pair] for pair in ticked if pair in found}
    return {
        "number_offers": [found[pair] for pair in numbers if pair in found],
        "withdrawing": withdrawing,
        "former_offers": [found[pair] for pair in before if pair in found],
    }


def _people(session: Session, row: Household, sight: Sight) -> list[dict[str, str]]:
    def shown_person(person: Person) -> dict[str, str]:
        return {
            "role": person.role,
            "name": person.name,
            "phone": phone_shown(person.phone, clear=sight.phones),
            "id_no": id_shown(person.id_no, clear=sight.id_nos),
        }

    roles = {repository.OWNER}  # the card names the owner; the others are more than the card
    if sight.may("household.phone"):
        roles.add(repository.TENANT)
    if sight.viewer.reach("household.former").holds(sight.place):
        roles.add(repository.FORMER)
    return [shown_person(p) for p in repository.people(session, row.id) if p.role in roles]


def _generations(session: Session, room: Room, sight: Sight) -> list[Household]:
    """The generations of the room; closed ones only for whoever may see former owners."""
    return [
        one
        for one in repository.generations(session, room.id)
        if one.closed_at is None or household_sight(sight.viewer, one, room).may("household.former")
    ]


def _history(session: Session, household_id: int, show: Shown) -> list[dict[str, str]]:
    found = []
    for event in ledger.events_of(session, f"household:{household_id}", limit=HISTORY):
        if event.action in ("looked", "refused"):
            continue
        data = json.loads(event.data)
        found.append(
            {
                "at": show.moment(event.at),
                "actor": show.actor(event.actor),
                "action": event.action,
                "type": show.type(data.get("type")) if data.get("type") else "",
                "medium": str(data.get("medium", "")),
            }
        )
    return found


@router.post("/households/{household_id}/documents")
def bring(
    request: Request,
    viewer: MAY_DROP,
    household_id: int,
    files: Annotated[list[UploadFile], File()],
    type: Short = "",  # noqa: A002
    together: Short = "",
) -> Response:
    """Bring papers of this household; they are read and checked like all others."""
    try:
        ids = brought(request, viewer, household_id, files, type, together=bool(together))
    except Usage as error:
        return _problem(request, household_id, str(error))
    if wants_json(request):
        return JSONResponse({"documents": ids})
    return to(f"/households/{household_id}", done="brought")


def brought(
    request: Request,
    viewer: Viewer,
    household_id: int,
    files: list[UploadFile],
    kind: str,
    *,
    together: bool,
) -> list[int]:
    """Take files for a household the viewer may see; gives their documents."""
    household, _, _ = opened_household(request, viewer, household_id, "catalogue.see")
    opened_household(request, viewer, household_id, "document.drop")
    if household.closed_at is not None:
        raise Usage("原业主档案只读 / the file of a former owner is read only")
    code = type_given(request, kind) or ""
    if code.partition(".")[0] in NEVER_FILED:
        raise Usage(f"{code} 不归入业户档案 / {code} never stands in a household's file")
    said = Brought(household_id, code)
    return take(front_of(request), viewer, files, together=together, said=said)


@router.post("/households/{household_id}/paper/confirm")
def confirm(
    request: Request,
    viewer: MAY_CONFIRM,
    household_id: int,
    type: Short = "",  # noqa: A002
    location: Short = "",
) -> Response:
    """I saw the paper: of one type, or everything expected; and where it lies."""
    opened_household(request, viewer, household_id, "paper.confirm")
    try:
        confirmed(request, viewer, household_id, type, location)
    except (Usage, NotFound) as error:
        return _problem(request, household_id, str(error))
    return to(f"/households/{household_id}", done="paper")


def confirmed(
    request: Request, viewer: Viewer, household_id: int, kind: str, location: str
) -> None:
    """Tick the paper that this person saw, in a household they may do that with."""
    opened_household(request, viewer, household_id, "paper.confirm")
    with front_of(request).database.write() as session:
        ticks.confirm_paper(
            session,
            household_id=household_id,
            type=kind or None,
            location=kept(location, 64),
            actor=viewer.actor,
        )


@router.post("/households/{household_id}/paper/withdraw")
def withdraw(
    request: Request,
    viewer: MAY_WITHDRAW,
    household_id: int,
    type: Short,  # noqa: A002
    reason: Text = "",
) -> Response:
    """The paper is not there after all, with a reason."""
    opened_household(request, viewer, household_id, "paper.withdraw", type)
    try:
        withdrawn(request, viewer, household_id, type, reason)
    except (Usage, NotFound) as error:
        return _problem(request, household_id, str(error))
    return to(f"/households/{household_id}", done="withdrawn")


def withdrawn(request: Request, viewer: Viewer, household_id: int, kind: str, reason: str) -> None:
    """Take a paper tick back with a reason; an approval is used up in the same transaction."""
    _, _, sight = opened_household(request, viewer, household_id, "paper.withdraw", kind)
    why = stated(reason)
    with front_of(request).database.write() as session:
        approvals.use(session, sight, "paper.withdraw", f"household:{household_id}")
        ticks.withdraw_paper(
            session, household_id=household_id, type=kind, reason=why, actor=viewer.actor
        )


def _problem(request: Request, household_id: int, message: str) -> Response:
    return to_problem(request, f"/households/{household_id}", message)
